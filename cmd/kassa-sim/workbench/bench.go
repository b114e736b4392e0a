// Package workbench is a lane's far side on one desk: every peripheral as the
// wire sees it, the goods on its plates, the files that tell a lane where all
// of it is, and a page to play with. With a kassa binary it runs the lane too,
// and can cut its power.
//
// bench.go puts the devices together, do.go carries out what people do,
// state.go says what they see, lane.go runs the lane, files.go writes its
// files, server.go serves page and control API, lanepage.go shows the
// shopper's page beside it.
//
// The control API, on the page's own address, takes and gives:
//
//	POST /do      one line of a play script that is done at the devices (scan,
//	              put, take, lean, card, cash, badge, button, paper, unplug, plug,
//	              power cut, power cut hub) as text/plain; 204 done, 409 it
//	              cannot be done now and why, 400 not understood
//	GET /state    a State as JSON
//	GET /paper    what was printed, ?from=N from line N on, as JSON
//	GET /events   server-sent events: each a State, after every change
//	POST /lane    starts a lane that ended by itself; 204
//
// Its one rule: it knows nothing of what the lane thinks. What it tells is what
// someone at the lane would see or hear.
package workbench

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"

	"kassa/device/sim"
	"kassa/kiosk/watch"
	"kassa/kiosk/weight"
)

// Options say what workbench to make.
type Options struct {
	Dir    string // gets kassa.toml, the catalogue and dev/
	Speed  int    // 1 is real time; so many times faster
	Screen string // where the lane serves its page, host:port
	Kassa  string // the lane's binary; "" and the lane is somebody else's
	Seed   uint64 // of weights and noise
	Log    *slog.Logger

	Hub       string // the hub's binary; "" and the lane stands alone
	Call      string // video and voice calls: "on", "relay" through the hub, else none
	HubListen string // where the hub serves its pages, host:port
	Terminal  string // what the card terminal speaks: zvt or nexo; "" is zvt
	// Card, 16 digits, is the number that a zvt terminal sends in the clear in
	// every field with room for it, as none should; "" sends its last four.
	Card string
}

// The smallest steps of the two scales, in grams, and what the larger can bear.
const (
	scaleStep = 5
	bagStep   = 2
	bagMax    = 30_000
)

// A Bench is a running workbench. Its methods may be called by several
// goroutines.
type Bench struct {
	o       Options
	clock   *sim.Clock
	scanner *sim.LineScanner
	scale   *sim.Toledo
	bag     *sim.Toledo
	board   *sim.Board
	card    cardTerminal
	cash    *sim.Cash
	printer *sim.Printer
	lane    *lane

	mu     sync.Mutex
	pieces []piece // all that lies about, oldest first
	rng    *rand.Rand

	hub *storeHub // nil: none

	changed watch.Bell // rung after every change
}

// A piece is something that lies on a plate.
type piece struct {
	code  string
	grams weight.Grams
	rest  int64  // milligrams that grams leaves out, below 0 where it has more
	where string // bag, scale
}

// A cardTerminal is the terminal on the desk, whatever it speaks.
type cardTerminal interface {
	cable
	Addr() string
	Tap() bool
	Decline() bool
	Cancel() bool
	WrongPIN() bool
	CutAfter(message string) error
	State() sim.ZVTState
	Close() error
}

// A cable is what unplug and plug work on.
type cable interface {
	Plug() error
	Unplug() error
	Plugged() bool
}

// New makes the devices and writes the lane's files. Close ends it.
func New(o Options) (*Bench, error) {
	o.Speed = max(1, o.Speed)
	b := &Bench{
		o: o, clock: sim.NewClock(o.Speed),
		rng: rand.New(rand.NewPCG(o.Seed, 0x6b61737361)), //nolint:gosec // weights, no secret
	}
	b.lane = newLane(b)
	if o.Hub != "" {
		var err error
		if b.hub, err = newHub(b); err != nil {
			return nil, err
		}
	}
	if err := b.plugIn(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if err := b.writeFiles(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Bench) plugIn() error {
	dev := filepath.Join(b.o.Dir, "dev")
	if err := os.MkdirAll(dev, 0o750); err != nil {
		return fmt.Errorf("workbench: %w", err)
	}
	path := func(name string) string { return filepath.Join(dev, name) }
	var err error
	if b.scanner, err = sim.NewLineScanner(path("scanner"), sim.LineScannerOptions{}); err != nil {
		return err
	}
	plate := func(step weight.Grams, seed uint64) sim.PlatformOptions {
		return sim.PlatformOptions{Division: step, Seed: b.o.Seed + seed}
	}
	if b.scale, err = sim.NewToledo(path("scale"), b.clock, sim.ToledoOptions{Platform: plate(scaleStep, 1)}); err != nil {
		return err
	}
	if b.bag, err = sim.NewToledo(path("bagging"), b.clock, sim.ToledoOptions{Platform: plate(bagStep, 2), Max: bagMax}); err != nil {
		return err
	}
	if b.board, err = sim.NewBoard(path("panel"), b.changed.Ring); err != nil {
		return err
	}
	if err := b.newTerminal(); err != nil {
		return err
	}
	if err := b.newCash(); err != nil {
		return err
	}
	return b.newPrinter()
}

// Close takes all devices away and ends what runs.
func (b *Bench) Close() error {
	var errs []error
	if b.scanner != nil {
		errs = append(errs, b.scanner.Close())
	}
	if b.scale != nil {
		errs = append(errs, b.scale.Close())
	}
	if b.bag != nil {
		errs = append(errs, b.bag.Close())
	}
	if b.board != nil {
		errs = append(errs, b.board.Close())
	}
	if b.card != nil {
		errs = append(errs, b.card.Close())
	}
	if b.cash != nil {
		errs = append(errs, b.cash.Close())
	}
	if b.printer != nil {
		errs = append(errs, b.printer.Close())
	}
	return errors.Join(errs...)
}

// cable returns the device that a script or the page names.
func (b *Bench) cable(name string) (cable, error) {
	all := map[string]cable{
		"scanner": b.scanner, "scale": b.scale, "bagging": b.bag,
		"terminal": b.card, "cash": b.cash, "printer": b.printer, "panel": b.board,
	}
	if c, ok := all[name]; ok {
		return c, nil
	}
	return nil, fmt.Errorf("%w: there is no %q to plug", ErrUnknown, name)
}
