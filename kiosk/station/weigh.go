package station

import (
	"context"
	"errors"
	"time"

	"kassa/device/scale"
	"kassa/kiosk/bagging"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// scaleView is what the scales said last. Of the checkout scale the flow hears
// only what has settled; of the bagging scale it hears the check's decisions.
type scaleView struct {
	known bool
	last  flow.Weighed

	bagLoad float64 // grams, settled
	bagged  int64   // how often it has settled higher
}

// Weigh takes a reading of the checkout scale. While it moves, only the page
// hears of it.
func (s *Station) Weigh(ctx context.Context, r scale.Reading) error {
	return s.post(ctx, input{run: func(ctx context.Context) error {
		s.showWeight(r)
		var ev flow.Weighed
		switch r.State {
		case scale.Stable, scale.Zero:
			ev.Shown, ev.Light, ev.Net = r.Shown, r.Light && !r.Shown.Zero(), r.Net
		case scale.Over:
			ev.Heavy = true
		case scale.Under, scale.Fault, scale.Silent:
			ev.Lost = true
		case scale.Motion:
			return nil
		default:
			return nil
		}
		if s.scale.known && ev == s.scale.last {
			return nil
		}
		s.scale.known, s.scale.last = true, ev
		ev.At = s.at()
		if !ev.Shown.Zero() {
			ev.Frame = clean(r.Frame)
		}
		return s.handle(ctx, ev, nil)
	}})
}

// showWeight passes a reading to the page while it weighs.
func (s *Station) showWeight(r scale.Reading) {
	var shown *weight.Shown
	if s.state.Sale != nil && s.state.Sale.Page == flow.PageWeigh && r.Shown.Unit != 0 {
		shown = &r.Shown
	}
	settled := r.State == scale.Stable || r.State == scale.Zero
	same := (shown == nil) == (s.live.Weight == nil) && s.live.Settled == settled
	if same && shown != nil {
		same = *shown == *s.live.Weight
	}
	if same {
		return
	}
	s.live.Weight, s.live.Settled = shown, settled
	s.show()
}

// A ScaleBoard is the checkout scale as far as something can be done to it.
type ScaleBoard interface {
	// SetPrice tells a scale that computes prices the unit price, in minor units
	// for a kilogram or pound, and the tare.
	SetPrice(unit money.Amount, tare weight.Grams) error
	// Zero takes what lies there as nothing, Tare subtracts it.
	Zero(ctx context.Context) error
	Tare(ctx context.Context) error
}

// priceScale tells the scale what is weighed, or that nothing is. A price that it
// cannot show is none: nothing is sold by what a scale says of money.
func (s *Station) priceScale(ctx context.Context, e flow.PriceScale) {
	if s.o.Scale == nil {
		return
	}
	unit, per := e.PerWhole()
	if s.o.ScaleUnit != 0 && per != s.o.ScaleUnit {
		unit = 0
	}
	if err := s.o.Scale.SetPrice(max(unit, 1), e.Tare); err != nil {
		s.o.Log.WarnContext(ctx, "unit price not shown by the scale", "err", err)
	}
}

// setWait is how long the scale may take for a deed of staff.
const setWait = 3 * time.Second

// setScale does what staff ask of the checkout scale, one deed after the other.
func (s *Station) setScale(ctx context.Context) error {
	for {
		var job flow.SetScale
		select {
		case job = <-s.scaleJobs:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		err := s.setOne(ctx, job.Deed)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			s.o.Log.WarnContext(ctx, "scale", "deed", string(job.Deed), "err", err)
		}
		ev := flow.ScaleSet{Deed: job.Deed, By: job.By, Why: whyNotSet(err)}
		err = s.say(ctx, func(at flow.At) flow.Event {
			ev.At = at
			return ev
		})
		if err != nil {
			return err
		}
	}
}

func (s *Station) setOne(ctx context.Context, d flow.StaffDeed) error {
	if s.o.Scale == nil {
		return scale.ErrOwnKey
	}
	ctx, cancel := context.WithTimeout(ctx, setWait)
	defer cancel()
	if d == flow.DeedTare {
		return s.o.Scale.Tare(ctx)
	}
	return s.o.Scale.Zero(ctx)
}

func whyNotSet(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, scale.ErrMoving):
		return flow.ScaleMoving
	case errors.Is(err, scale.ErrRange):
		return flow.ScaleRange
	case errors.Is(err, scale.ErrOwnKey):
		return flow.ScaleOwnKey
	default:
		return flow.ScaleGone
	}
}

// Bag takes a raw reading of the bagging scale.
func (s *Station) Bag(ctx context.Context, r scale.Reading) error {
	switch r.State {
	case scale.Stable, scale.Zero, scale.Motion:
	case scale.Under, scale.Over, scale.Fault, scale.Silent:
		return nil
	default:
		return nil
	}
	if r.State == scale.Motion && r.Shown.Unit == 0 {
		return nil // in motion, and the scale does not say how much
	}
	sample := bagging.Sample{
		T: time.Since(s.start), Grams: float64(r.Shown.Grams()), Stable: r.State != scale.Motion,
	}
	select {
	case s.samples <- sample:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// bagScale tells the check that the bagging scale came or went.
func (s *Station) bagScale(ctx context.Context, up bool) error {
	return s.feed(ctx, bagging.Scale{T: time.Since(s.start), Up: up})
}

// noteLoad counts the settled loads of the bagging area that are higher than the
// one before.
func (s *Station) noteLoad(d bagging.Decision) {
	if !d.Settled {
		return
	}
	if d.SeenG > s.scale.bagLoad {
		s.scale.bagged++
	}
	s.scale.bagLoad = d.SeenG
}

// feed steps the bagging check and hands its decisions to the flow.
func (s *Station) feed(ctx context.Context, in bagging.Input) error {
	s.trace.input(in, time.Since(s.start))
	decisions := s.check.Step(in)
	s.taught(in)
	for _, d := range decisions {
		s.noteLoad(d)
		if err := s.handle(ctx, flow.Bagged{At: s.at(), Decision: d, Question: s.question(d)}, nil); err != nil {
			return err
		}
	}
	return nil
}
