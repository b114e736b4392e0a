package station

import (
	"context"
	"errors"
	"time"

	"kassa/kiosk/flow"
	"kassa/store/journal"
)

// How often the lane looks after its surroundings.
const (
	diskEvery      = 10 * time.Second
	catalogueEvery = time.Second
)

// watchDisk says when the disk falls below its reserve, and when it is back.
func (s *Station) watchDisk(ctx context.Context) error {
	low := false
	return every(ctx, diskEvery, func() error {
		free, want, err := journal.Reserve(s.o.Dir)
		if err != nil {
			s.o.Log.ErrorContext(ctx, "disk", "err", err)
			return nil
		}
		if s.o.Reserve > 0 {
			want = s.o.Reserve
		}
		if low == (free < want) {
			return nil
		}
		low = !low
		s.o.Log.WarnContext(ctx, "disk reserve", "low", low, "free_bytes", free, "want_bytes", want)
		return s.say(ctx, func(at flow.At) flow.Event { return flow.DiskChecked{At: at, Low: low} })
	})
}

// watchCatalogue takes a new price list between two baskets.
func (s *Station) watchCatalogue(ctx context.Context) error {
	return every(ctx, catalogueEvery, func() error {
		version, err := s.o.Catalogue.Version(ctx)
		if err != nil {
			s.o.Log.ErrorContext(ctx, "catalogue", "err", err)
			return nil
		}
		return s.post(ctx, input{run: func(ctx context.Context) error {
			s.takePrices(ctx, version)
			if _, err := s.lookAgain(ctx, false); err != nil {
				return err
			}
			if s.state.Sale == nil {
				s.takeImport(ctx)
				s.keepWeights()
			}
			return nil
		}})
	})
}

// Prices says which version of the catalogue the lane sells by.
type Prices struct {
	Selling int64 // the rules are from this one
	Newest  int64 // the newest one known; larger while a basket is being filled, or where it could not be taken
}

// Prices returns what the lane sells by; both are 0 before the first look.
func (s *Station) Prices() Prices {
	if p := s.prices.Load(); p != nil {
		return *p
	}
	return Prices{}
}

// takePrices makes the rules anew unless a basket is being filled.
func (s *Station) takePrices(ctx context.Context, version int64) {
	now := Prices{s.priced, version}
	if was := s.prices.Load(); was != nil {
		now.Selling = was.Selling
	}
	if s.state.Sale == nil && version != s.priced {
		if err := s.price(ctx, 0); err != nil {
			s.o.Log.ErrorContext(ctx, "new prices", "err", err)
			s.priced = version // the old ones stand; do not try again each second
		} else {
			s.o.Log.InfoContext(ctx, "new prices", "version", s.priced)
			now = Prices{s.priced, max(s.priced, version)}
		}
	}
	s.prices.Store(&now)
}

// takeWaiting takes what was imported during the sale that ended by this event,
// so that the next basket does not begin by old rules.
func (s *Station) takeWaiting(ctx context.Context, before, after flow.State) {
	if before.Sale != nil && after.Sale == nil {
		s.takePrices(ctx, max(s.priced, s.Prices().Newest))
	}
}

// every calls do at once and then again and again until ctx ends or do fails.
func every(ctx context.Context, d time.Duration, do func() error) error {
	t := time.NewTicker(d)
	defer t.Stop()
	for {
		if err := do(); err != nil {
			return err
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// holdPrices keeps the catalogue as it is from a basket's beginning to its end.
func (s *Station) holdPrices(ctx context.Context, before, after flow.State) {
	var err error
	switch {
	case after.Sale != nil && (before.Sale == nil || before.Sale.Number != after.Sale.Number):
		err = errors.Join(s.o.Catalogue.Release(), s.o.Catalogue.Hold(ctx))
	case after.Sale == nil && before.Sale != nil:
		err = s.o.Catalogue.Release()
	}
	if err != nil {
		s.o.Log.ErrorContext(ctx, "catalogue", "err", err)
	}
}
