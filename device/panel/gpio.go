package panel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"

	"kassa/device/link"
)

// An outPin is an output. It has no way to be read back, on purpose: periph's
// Read and Func turn an output into an input, which lets go of the relay.
type outPin interface {
	Out(l gpio.Level) error
}

// An inPin is an input. What periph 3.8.5 makes of it on Linux:
//   - WaitForEdge(-1) returns at once and 0 waits for ever, so waits are finite;
//   - edges from before In stay queued, and there is no debounce: an edge only
//     says that it is time to Read;
//   - when the chip is gone WaitForEdge returns false at once, for ever, and
//     Read says low; waits that are too short give it away;
//   - WaitForEdge after a failed In listens to descriptor 0.
type inPin interface {
	In(pull gpio.Pull, edge gpio.Edge) error
	Read() gpio.Level
	WaitForEdge(timeout time.Duration) bool
}

// pins are the lines of one panel; nil is what it does not have.
type pins struct {
	green, red, white, drawer outPin
	button, door              inPin
}

// Close does nothing: lines stay with the process. Outputs are let go where
// they are driven.
func (*pins) Close() error { return nil }

const (
	edgeWait       = 250 * time.Millisecond
	buttonDebounce = 30 * time.Millisecond
	doorDebounce   = 50 * time.Millisecond
	halfBlink      = 500 * time.Millisecond // 1 Hz, half of it on
	maxBounces     = 32                     // twice the kernel's queue of edges
)

// errLine says that a line's chip does not answer any more. Periph opens chips
// once in a process's life, so this may need a restart to heal.
var errLine = errors.New("GPIO line is dead")

func checkGPIO(cfg Config) error {
	used := map[string]string{}
	for _, l := range cfg.gpioLines() {
		if l.name == "" {
			continue
		}
		if other, ok := used[l.name]; ok {
			return fmt.Errorf("%s and %s are both on line %q", other, l.key, l.name)
		}
		used[l.name] = l.key
	}
	if len(used) == 0 {
		return errors.New("gpio names no line")
	}
	return nil
}

type gpioLine struct{ key, name string }

func (c Config) gpioLines() []gpioLine {
	return []gpioLine{
		{"lamp_green", c.LampGreen},
		{"lamp_red", c.LampRed},
		{"lamp_white", c.LampWhite},
		{"drawer", c.Drawer},
		{"call_button", c.CallButton},
		{"door", c.Door},
	}
}

func runGPIO(ctx context.Context, p *Panel, deliver func(Input)) error {
	return p.runPins(ctx, deliver, p.cfg.findPins)
}

func (p *Panel) runPins(ctx context.Context, deliver func(Input), find func() (*pins, error)) error {
	in := &inputs{deliver: deliver}
	var r rest
	return link.Keep(ctx, p.cfg.Link,
		func(context.Context) (*pins, error) {
			ps, err := find()
			if err != nil {
				return nil, err
			}
			return ps, ps.arm()
		},
		func(ctx context.Context, ps *pins) error {
			defer in.lost()
			return p.usePins(ctx, ps, in, &r)
		})
}

// findPins looks up the configured lines and no others: asking periph for the
// state of a line can take it away from its user.
func (c Config) findPins() (*pins, error) {
	if err := link.InitGPIO(); err != nil {
		return nil, err
	}
	found := map[string]gpio.PinIO{}
	for _, l := range c.gpioLines() {
		if l.name == "" {
			continue
		}
		pin := gpioreg.ByName(l.name)
		if pin == nil {
			return nil, fmt.Errorf("%s: this board has no GPIO line %q that we may use", l.key, l.name)
		}
		found[l.key] = pin
	}
	ps := &pins{}
	for key, to := range map[string]*outPin{
		"lamp_green": &ps.green, "lamp_red": &ps.red, "lamp_white": &ps.white, "drawer": &ps.drawer,
	} {
		if pin, ok := found[key]; ok {
			*to = pin
		}
	}
	for key, to := range map[string]*inPin{"call_button": &ps.button, "door": &ps.door} {
		if pin, ok := found[key]; ok {
			*to = pin
		}
	}
	return ps, nil
}

func (ps *pins) outs() []outPin {
	var outs []outPin
	for _, o := range []outPin{ps.drawer, ps.green, ps.red, ps.white} {
		if o != nil {
			outs = append(outs, o)
		}
	}
	return outs
}

// arm makes all outputs inactive and then claims the inputs.
func (ps *pins) arm() error {
	if err := ps.release(); err != nil {
		return err
	}
	for key, pin := range map[string]inPin{"call_button": ps.button, "door": ps.door} {
		if pin == nil {
			continue
		}
		if err := pin.In(gpio.PullUp, gpio.BothEdges); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

// release makes all outputs inactive, the drawer first.
func (ps *pins) release() error {
	var errs []error
	for _, o := range ps.outs() {
		err := o.Out(gpio.Low)
		if err != nil {
			err = o.Out(gpio.Low) // a coil left on burns: once more
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("output: %w", err))
		}
	}
	return errors.Join(errs...)
}

// usePins runs until ctx ends or a line fails; then all outputs are inactive
// and nothing of it runs any more.
func (p *Panel) usePins(ctx context.Context, ps *pins, in *inputs, r *rest) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return p.drive(ctx, ps, r) })
	if ps.button != nil {
		g.Go(func() error {
			return watch(ctx, ps.button, buttonDebounce, func(l gpio.Level) { in.button(l == gpio.Low) })
		})
	}
	if ps.door != nil {
		open := gpio.Level(!p.cfg.DoorOpensLow)
		g.Go(func() error {
			return watch(ctx, ps.door, doorDebounce, func(l gpio.Level) { in.doorIs(l == open) })
		})
	}
	return g.Wait()
}

// drive owns the outputs.
func (p *Panel) drive(ctx context.Context, ps *pins, r *rest) (err error) {
	defer func() { err = errors.Join(err, ps.release()) }()
	blink := time.NewTicker(halfBlink)
	defer blink.Stop()
	var shut <-chan time.Time // ends the drawer's pulse
	lit := lamps{ps: ps}
	for bright := true; ; {
		if err := lit.show(p.wanted(), bright); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-blink.C:
			bright = !bright
		case <-p.changed:
		case <-shut:
			shut = nil
			if err := ps.drawer.Out(gpio.Low); err != nil {
				return fmt.Errorf("drawer: %w", err)
			}
		case q := <-p.pulses:
			err := ps.pulse(r)
			q.done <- err
			if err == nil {
				shut = time.After(q.length)
			} else if !errors.Is(err, ErrNoDrawer) && !errors.Is(err, ErrTooSoon) {
				return err
			}
		}
	}
}

// pulse begins to open the drawer.
func (ps *pins) pulse(r *rest) error {
	if ps.drawer == nil {
		return ErrNoDrawer
	}
	if err := r.take(time.Now()); err != nil {
		return err
	}
	if err := ps.drawer.Out(gpio.High); err != nil {
		return fmt.Errorf("drawer: %w", err)
	}
	return nil
}

// lamps remembers the levels it commanded, since they are never read back. All
// were low when it began.
type lamps struct {
	ps    *pins
	level [3]gpio.Level
}

func (s *lamps) show(l Lights, bright bool) error {
	outs := [3]outPin{s.ps.green, s.ps.red, s.ps.white}
	for i, light := range [3]Light{l.Green, l.Red, l.White} {
		level := gpio.Level(light == On || light == Blink && bright)
		if outs[i] == nil || level == s.level[i] {
			continue
		}
		if err := outs[i].Out(level); err != nil {
			return fmt.Errorf("lamp: %w", err)
		}
		s.level[i] = level
	}
	return nil
}

// watch passes on the level of an armed input: at the beginning, and whenever
// it has changed and kept still for the debounce time.
func watch(ctx context.Context, pin inPin, debounce time.Duration, set func(gpio.Level)) error {
	for range maxBounces { // edges from before we looked
		if !pin.WaitForEdge(time.Millisecond) {
			break
		}
	}
	accepted := pin.Read()
	set(accepted)
	for early := 0; ctx.Err() == nil; {
		start := time.Now()
		if !pin.WaitForEdge(edgeWait) && time.Since(start) < edgeWait/4 {
			if early++; early == 4 {
				return errLine
			}
			continue
		}
		early = 0
		if pin.Read() == accepted {
			continue
		}
		if err := settle(pin, debounce); err != nil {
			return err
		}
		if l := pin.Read(); l != accepted {
			accepted = l
			set(l)
		}
	}
	return ctx.Err()
}

// settle waits until there were no edges for the debounce time, or so many that
// the contact will not come to rest and whatever it says must do.
func settle(pin inPin, debounce time.Duration) error {
	for range maxBounces {
		start := time.Now()
		if pin.WaitForEdge(debounce) {
			continue
		}
		if time.Since(start) < debounce/2 {
			return errLine
		}
		return nil
	}
	return nil
}
