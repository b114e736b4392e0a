// Package panel moves what a lane has besides its screen: the lane light, the
// call button, the cash drawer and a door. It hangs on GPIO lines of the board
// or on a USB I/O board that speaks lines. What a light or a press means is not
// its business.
//
// Its one rule: an output is what was last asked for, and is inactive when
// nobody asks. Lights are a state and are set anew after every interruption; an
// opening of the drawer is a deed, done at once or not at all, never later.
package panel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"kassa/device/link"
)

// An Input is something a person did at the panel. Only this package can add
// one.
//
//sumtype:decl
type Input interface{ isInput() }

// A Button is the call button going down or up. A button that is held while
// the panel is lost comes up.
type Button struct {
	Down bool
	At   time.Time
}

// A Door is the door opening or closing. Its state is also delivered once when
// the panel comes up.
type Door struct {
	Open bool
	At   time.Time
}

func (Button) isInput() {}
func (Door) isInput()   {}

// A Light is what one lamp does.
type Light uint8

// The lights. Blink is once a second, half of it on.
const (
	Off Light = iota
	On
	Blink
)

// String returns the light as it stands on the wire.
func (l Light) String() string {
	switch l {
	case Off:
		return "off"
	case On:
		return "on"
	case Blink:
		return "blink"
	default:
		return "?"
	}
}

// Lights is the whole lane light. The zero Lights is dark.
type Lights struct{ Green, Red, White Light }

// Limits of a drawer pulse. Printers drive at most 510 ms; a solenoid that is
// held longer burns.
const (
	ShortestPulse = 10 * time.Millisecond
	LongestPulse  = 500 * time.Millisecond
	// PulseRest is the least time from one pulse to the next.
	PulseRest = time.Second
)

// Errors that OpenDrawer can return and a caller may test for.
var (
	ErrDown     = errors.New("panel is not there")
	ErrNoDrawer = errors.New("panel has no drawer")
	ErrTooSoon  = errors.New("drawer was opened a moment ago")
)

// Config says what the panel is.
type Config struct {
	Protocol string // one of Protocols

	// For "lines".
	Port string // as link.ParsePort reads it
	Line string // as link.ParseLine reads it; "" means 9600 8N1

	// For "gpio": names of lines as periph knows them, "" for what is not there.
	// Lamps and drawer must be wired to be inactive when low. The button closes
	// to ground when pressed; the door's contact is closed to ground while the
	// door is, so that a broken wire reads as open, unless DoorOpensLow.
	LampGreen, LampRed, LampWhite string
	CallButton, Drawer, Door      string
	DoorOpensLow                  bool

	Link link.Options // its Report hears when the panel comes and goes
	Log  *slog.Logger // may be nil
}

// A Panel keeps one panel open.
type Panel struct {
	cfg Config
	run func(ctx context.Context, p *Panel, deliver func(Input)) error

	mu      sync.Mutex
	lights  Lights
	changed chan struct{} // holds one: lights may differ from what is shown

	pulses chan pulse // unbuffered: nobody takes one while the panel is down
}

// A pulse asks whoever drives the panel to open the drawer.
type pulse struct {
	length time.Duration
	done   chan<- error // buffered
}

// A driver is what can be named in a configuration.
type driver struct {
	name  string
	check func(Config) error
	run   func(ctx context.Context, p *Panel, deliver func(Input)) error
}

// drivers is the table of protocols; a new one adds its line here.
func drivers() []driver {
	return []driver{
		{"lines", checkLines, runLines},
		{"gpio", checkGPIO, runGPIO},
	}
}

// Protocols returns the names that Config.Protocol may have.
func Protocols() []string {
	var names []string
	for _, d := range drivers() {
		names = append(names, d.name)
	}
	return names
}

// New checks cfg and returns a dark Panel, without opening anything.
func New(cfg Config) (*Panel, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	for _, d := range drivers() {
		if d.name != cfg.Protocol {
			continue
		}
		if err := d.check(cfg); err != nil {
			return nil, fmt.Errorf("panel: %w", err)
		}
		return &Panel{cfg: cfg, run: d.run, changed: make(chan struct{}, 1), pulses: make(chan pulse)}, nil
	}
	return nil, fmt.Errorf("panel: protocol is %q, want one of: %s", cfg.Protocol, strings.Join(Protocols(), ", "))
}

// Run drives the panel and delivers its inputs until ctx ends, and then returns
// its cause. It opens the panel as often as it takes. deliver is called by one
// goroutine at a time, should not block for long and must return when ctx ends.
func (p *Panel) Run(ctx context.Context, deliver func(Input)) error {
	return p.run(ctx, p, deliver)
}

// Show sets the lane light. It never waits: while the panel is down the newest
// state is kept for when it is back.
func (p *Panel) Show(l Lights) {
	p.mu.Lock()
	p.lights = l
	p.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default: // a change is announced already, and the newest state is what counts
	}
}

// wanted returns the lane light that was last asked for.
func (p *Panel) wanted() Lights {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lights
}

// handOver is how long a pulse waits for the panel to take it.
const handOver = 500 * time.Millisecond

// OpenDrawer opens the cash drawer with a pulse of the given length,
// ShortestPulse to LongestPulse. It returns when the pulse has begun, or why it
// did not: ErrDown, ErrNoDrawer, ErrTooSoon, or an error of the connection,
// after which the drawer may or may not have opened.
func (p *Panel) OpenDrawer(ctx context.Context, length time.Duration) error {
	if length < ShortestPulse || length > LongestPulse {
		return fmt.Errorf("open drawer: pulse is %v, want %v to %v", length, ShortestPulse, LongestPulse)
	}
	done := make(chan error, 1)
	timer := time.NewTimer(handOver)
	defer timer.Stop()
	select {
	case p.pulses <- pulse{length, done}:
	case <-timer.C:
		return fmt.Errorf("open drawer: %w", ErrDown)
	case <-ctx.Done():
		return fmt.Errorf("open drawer: %w", context.Cause(ctx))
	}
	select {
	case err := <-done: // always comes: a write and a pin have their own limits
		if err != nil {
			return fmt.Errorf("open drawer: %w", err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("open drawer: %w", context.Cause(ctx))
	}
}

// rest allows one pulse in PulseRest.
type rest struct{ last time.Time }

func (r *rest) take(now time.Time) error {
	if !r.last.IsZero() && now.Sub(r.last) < PulseRest {
		return ErrTooSoon
	}
	r.last = now
	return nil
}

// inputs passes on changes only, one at a time.
type inputs struct {
	mu      sync.Mutex
	deliver func(Input)
	down    bool
	door    bool
	known   bool // the door's state was delivered since the panel came up
}

func (in *inputs) button(down bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if down != in.down {
		in.down = down
		in.deliver(Button{down, time.Now()})
	}
}

func (in *inputs) doorIs(open bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if open != in.door || !in.known {
		in.door, in.known = open, true
		in.deliver(Door{open, time.Now()})
	}
}

// lost says that the panel is gone: nobody holds its button any more.
func (in *inputs) lost() {
	in.button(false)
	in.mu.Lock()
	defer in.mu.Unlock()
	in.known = false
}
