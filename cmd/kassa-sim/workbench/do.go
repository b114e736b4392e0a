package workbench

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"kassa/cmd/kassa-sim/assortment"
	"kassa/cmd/kassa-sim/play"
	"kassa/device/sim"
	"kassa/kiosk/weight"
)

// Errors of Do that a caller may act on.
var (
	ErrUnknown = errors.New("not understood")
	ErrNotNow  = errors.New("not now")
)

// press is how long a finger stays on the call button.
const press = 200 * time.Millisecond

// Do carries out one line of a play script at the devices. The error is an
// [ErrUnknown], or an [ErrNotNow] where the world does not allow it: nothing
// there to take, a terminal that waits for no card.
func (b *Bench) Do(line string) error {
	act, err := play.ParseLine(line)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	if _, ok := act.(play.Bench); !ok {
		return fmt.Errorf("%w: %q is not done at the workbench", ErrUnknown, line)
	}
	defer b.changed.Ring()
	w := play.Words(line)
	switch w[0] {
	case "scan", "badge":
		return b.scan(w[1])
	case "put":
		return b.put(w[1], w[2], w[3:])
	case "take":
		return b.take(w[1], w[2])
	case "lean":
		return b.lean(w[1], w[2], w[3])
	case "card":
		return b.useCard(w[1:])
	case "cash":
		return b.useCash(w[1])
	case "button":
		return b.button()
	case "paper":
		return b.setPaper(w[1])
	case "plug", "unplug":
		return b.plug(w[0], w[1])
	case "power":
		if len(w) == 3 {
			return b.hub.powerCut()
		}
		return b.lane.powerCut()
	default: // unreachable: ParseLine knows no other
		return fmt.Errorf("%w: %q", ErrUnknown, line)
	}
}

// scan beams at a code. With its cable out nobody hears it; while the lane is
// starting the scanner shows that it is not ready.
func (b *Bench) scan(code string) error {
	if b.scanner.Plugged() && !b.scanner.Open() {
		return fmt.Errorf("%w: the scanner is not ready: no lane has its port open", ErrNotNow)
	}
	return b.scanner.Scan(play.Raw(code))
}

func (b *Bench) plate(where string) *sim.Toledo {
	if where == "scale" {
		return b.scale
	}
	return b.bag
}

// put lays a piece on a plate: one that lies on the other plate is moved, else
// it comes from the shelf or the shopper's pocket. Scripts may say its weight.
func (b *Bench) put(where, code string, weighs []string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := piece{code: code, where: where}
	moved := -1
	for i, other := range b.pieces {
		if other.code == code && other.where != where && len(weighs) == 0 {
			moved = i
		}
	}
	switch {
	case moved >= 0:
		p.grams, p.rest = b.pieces[moved].grams, b.pieces[moved].rest
		b.plate(b.pieces[moved].where).Take(code)
		b.pieces = slices.Delete(b.pieces, moved, moved+1)
	case len(weighs) > 0:
		mg, err := play.Milligrams(weighs[0])
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		p.grams, p.rest = b.whole(where, mg)
	default:
		a, ok := assortment.Find(code)
		if !ok {
			return fmt.Errorf("%w: %q is not on the shelf: say its weight, as in put bag %s 200g", ErrUnknown, code, code)
		}
		p.grams = b.weigh(a)
	}
	b.pieces = append(b.pieces, p)
	b.plate(where).Put(code, p.grams)
	return nil
}

// whole turns milligrams into the whole grams that a plate counts in, half up,
// with what the pieces that lie there were rounded by: ten pieces of 12.5 g are
// 125 g.
func (b *Bench) whole(where string, mg int64) (grams weight.Grams, rest int64) {
	owed := mg
	for _, p := range b.pieces {
		if p.where == where {
			owed += p.rest
		}
	}
	g := (owed + 500) / 1000
	if owed+500 < 0 && (owed+500)%1000 != 0 {
		g-- // a push from below, rounded alike
	}
	return weight.Grams(g), mg - g*1000
}

// weigh draws the weight of one piece from what such pieces weigh, at most
// three spreads away.
func (b *Bench) weigh(a assortment.Article) weight.Grams {
	off := min(3, max(-3, b.rng.NormFloat64())) * a.SDG
	return weight.Grams(max(1, math.Round(a.WeightG+off)))
}

// take lifts the newest piece of a code, or all.
func (b *Bench) take(where, code string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if code == "all" {
		b.pieces = slices.DeleteFunc(b.pieces, func(p piece) bool { return p.where == where })
		b.plate(where).Clear()
		return nil
	}
	for i, p := range slices.Backward(b.pieces) {
		if p.code == code && p.where == where {
			b.pieces = slices.Delete(b.pieces, i, i+1)
			b.plate(where).Take(code)
			return nil
		}
	}
	return fmt.Errorf("%w: no %s lies there", ErrNotNow, code)
}

func (b *Bench) lean(where, grams, duration string) error {
	mg, err := play.Milligrams(grams)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	d, err := time.ParseDuration(duration)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	b.plate(where).Lean(weight.Grams((mg+500)/1000), d)
	return nil
}

// faultCard makes something go wrong at a message of the terminal.
func (b *Bench) faultCard(w []string) error {
	err := errors.New("this terminal only knows cut after")
	z, ok := b.card.(interface{ Fault(words string) error })
	switch {
	case len(w) > 2 && w[0] == "cut" && w[1] == "after":
		err = b.card.CutAfter(strings.Join(w[2:], " "))
	case ok:
		err = z.Fault(strings.Join(w, " "))
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return nil
}

func (b *Bench) useCard(w []string) error {
	use := map[string]func() bool{
		"tap": b.card.Tap, "decline": b.card.Decline, "cancel": b.card.Cancel, "pin-wrong": b.card.WrongPIN,
	}
	if use[w[0]] == nil {
		return b.faultCard(w)
	}
	if !use[w[0]]() {
		return fmt.Errorf("%w: the terminal does not wait for a card", ErrNotNow)
	}
	return nil
}

// button presses the call button as long as a finger does.
func (b *Bench) button() error {
	if b.board.Plugged() && !b.board.Open() {
		return fmt.Errorf("%w: no lane listens to the call button", ErrNotNow)
	}
	if err := b.board.Button(true); err != nil {
		return fmt.Errorf("%w: %w", ErrNotNow, err)
	}
	time.Sleep(press) // in real time: the lane's debouncing does not run faster
	if err := b.board.Button(false); err != nil {
		return fmt.Errorf("%w: %w", ErrNotNow, err)
	}
	return nil
}

func (b *Bench) plug(verb, name string) error {
	c, err := b.cable(name)
	if err != nil {
		return err
	}
	if verb == "plug" {
		return c.Plug()
	}
	return c.Unplug()
}
