package scale

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kassa/device/link"
	"kassa/kiosk/weight"
)

// LoadCell is the protocol of a bare load cell, which has lines instead of a
// port.
const LoadCell = "hx711"

// ErrOwnKey is returned by Zero and Tare of a scale that has keys of its own:
// only they may zero a verified scale.
var ErrOwnKey = errors.New("this scale is zeroed and tared by its own keys")

func newLoadCell(cfg Config) (*Scale, error) {
	bad := func(err error) (*Scale, error) { return nil, fmt.Errorf("scale: %w", err) }
	if cfg.Port != "" {
		return bad(fmt.Errorf("port is %q, but %s hangs on two GPIO lines", cfg.Port, LoadCell))
	}
	if cfg.Division == "" {
		cfg.Division = "0.005"
	}
	if cfg.Max == "" {
		cfg.Max = "15"
	}
	p, err := cfg.params(driver{})
	if err != nil {
		return bad(err)
	}
	if p.unit != weight.Kilogram {
		return bad(fmt.Errorf("unit is %q, want kg", cfg.Unit))
	}
	if err := cfg.Cell.check(); err != nil {
		return bad(err)
	}
	c := newCell(p, cfg.Cell)
	if err := cfg.Cell.calibrated(c.e); err != nil {
		return bad(err)
	}
	return &Scale{cfg: cfg, p: p, cell: c, wishes: make(chan wish)}, nil
}

// A wish is what is asked of the cell by another goroutine.
type wish struct {
	do   func(*cell) error
	done chan<- error // buffered
}

// Zero takes what lies on a load cell as nothing, within 4 % of Max of the
// calibrated zero, and forgets the tare. It waits until the cell is there.
// ErrMoving and ErrRange say why not; other protocols return ErrOwnKey.
func (s *Scale) Zero(ctx context.Context) error { return s.wish(ctx, (*cell).setZero) }

// Tare subtracts what lies on a load cell until it is empty again. It waits and
// fails as Zero does.
func (s *Scale) Tare(ctx context.Context) error { return s.wish(ctx, (*cell).setTare) }

func (s *Scale) wish(ctx context.Context, do func(*cell) error) error {
	if s.cell == nil {
		return ErrOwnKey
	}
	done := make(chan error, 1)
	select {
	case s.wishes <- wish{do, done}:
		return <-done
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// open finds the pins and has the chip give one conversion.
func (c Cell) open(ctx context.Context) (*hx711, error) {
	data, clock, err := c.Pins(c.Data, c.Clock)
	if err != nil {
		return nil, err
	}
	pulses, _ := pulsesOf(c.Gain)
	h := &hx711{clock: clock, data: data, pulses: pulses}
	if err := h.start(); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	for range mostDisturbed {
		if _, err = h.read(ctx); !errors.Is(err, errDisturbed) {
			break
		}
	}
	if err != nil && !errors.Is(err, ErrSaturated) {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// mostDisturbed conversions in a row are made up for by the next one. Behind a
// disturbance four are skipped anyway.
const mostDisturbed = 40

// runCell reads the cell for Run. Zero and tare outlive a chip that goes away.
func (s *Scale) runCell(ctx context.Context, send func(Reading)) error {
	return link.Keep(ctx, s.cfg.Link,
		func(ctx context.Context) (*hx711, error) {
			h, err := s.cfg.Cell.open(ctx)
			if err != nil && ctx.Err() == nil {
				send(Reading{State: Silent, Err: err})
			}
			return h, err
		},
		func(ctx context.Context, h *hx711) error { return s.useCell(ctx, h, send) })
}

// useCell delivers a reading for each conversion until the chip is given up.
func (s *Scale) useCell(ctx context.Context, h *hx711, send func(Reading)) error {
	in := newSieve(s.cfg.Cell.Rate)
	s.cell.reset()
	var last Reading
	for lost := 0; ; {
		select {
		case w := <-s.wishes:
			w.done <- w.do(s.cell)
		default:
		}
		count, err := h.read(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r := Reading{State: Motion, At: time.Now()}
		switch {
		case errors.Is(err, errDisturbed) && lost < mostDisturbed:
			lost++
			continue
		case errors.Is(err, errNoAnswer):
			send(Reading{State: Silent, Err: err})
			return err
		case errors.Is(err, ErrSaturated):
			in = newSieve(s.cfg.Cell.Rate) // what was before says nothing of what comes
			s.cell.reset()
			r.State, r.Err = Fault, err
		case err != nil:
			send(Reading{State: Fault, Err: err})
			return err
		default:
			if v, ok := in.add(int64(count)); ok {
				at := r.At
				r = s.cell.add(at, v)
				r.At, r.Frame = at, fmt.Sprint(count)
			}
		}
		lost = 0
		if s.cfg.Fast || r.State != last.State || r.At.Sub(last.At) >= s.p.every {
			last = r
			send(r)
		}
	}
}

// How long and how quietly a cell must stand still to be calibrated.
const (
	steadySeconds = 2
	steadySpread  = 2000 // counts
)

// SteadyCount reads a cell until it has been still for two seconds, and returns
// the mean count: a point of its calibration. It gives up with ctx.
func SteadyCount(ctx context.Context, c Cell) (count int64, err error) {
	if err := c.check(); err != nil {
		return 0, fmt.Errorf("scale: %w", err)
	}
	h, err := c.open(ctx)
	if err != nil {
		return 0, fmt.Errorf("scale: %w", err)
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	in := newSieve(c.Rate)
	var window []int64
	for {
		raw, err := h.read(ctx)
		switch {
		case errors.Is(err, errDisturbed):
			continue
		case err != nil:
			return 0, fmt.Errorf("scale: %w", err)
		}
		v, ok := in.add(int64(raw))
		if !ok {
			continue
		}
		window = push(window, v, steadySeconds*c.Rate)
		if mean, ok := steady(window, steadySeconds*c.Rate); ok {
			return mean, nil
		}
	}
}

// steady returns the mean of a full window that neither jumps nor drifts: its
// halves agree much better than its ends.
func steady(window []int64, full int) (mean int64, ok bool) {
	if len(window) < full {
		return 0, false
	}
	low, high, first, all := window[0], window[0], int64(0), int64(0)
	for i, v := range window {
		low, high, all = min(low, v), max(high, v), all+v
		if i < full/2 {
			first += v
		}
	}
	drift := (all - 2*first) / int64(full/2)
	spread := high - low
	return divide(all, int64(full)), spread <= steadySpread && 4*max(drift, -drift) <= spread+64
}
