package station

import (
	"context"
	"time"

	"kassa/device/scale"
	"kassa/kiosk/bagging"
	"kassa/kiosk/flow"
	"kassa/kiosk/weight"
)

// scaleView is what the checkout scale said last; the flow hears only of loads
// that have settled.
type scaleView struct {
	known bool
	last  flow.Weighed
}

// Weigh takes a reading of the checkout scale. While it moves, only the page
// hears of it.
func (s *Station) Weigh(ctx context.Context, r scale.Reading) error {
	return s.post(ctx, input{run: func(ctx context.Context) error {
		s.showWeight(r)
		var ev flow.Weighed
		switch r.State {
		case scale.Stable, scale.Zero:
			ev.Shown = r.Shown
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
		s.scale = scaleView{true, ev}
		ev.At = s.at()
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

// feed steps the bagging check and hands its decisions to the flow.
func (s *Station) feed(ctx context.Context, in bagging.Input) error {
	s.trace.input(in)
	decisions := s.check.Step(in)
	if _, end := in.(bagging.End); end {
		s.keepWeights()
	}
	for _, d := range decisions {
		if err := s.handle(ctx, flow.Bagged{At: s.at(), Decision: d}, nil); err != nil {
			return err
		}
	}
	return nil
}
