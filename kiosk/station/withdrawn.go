package station

import (
	"context"

	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
)

// looked is how far the lines of a basket have been held against the catalogue's
// sale stops and recalls. What is scanned later was looked at as it was scanned.
type looked struct {
	sale    int64  // on the screen
	ticket  string // the parked basket it took up
	version int64  // of the catalogue
}

// lookAgain says which lines of the basket on the screen may no longer be sold,
// when there is reason to look: a newer catalogue, a basket that was parked or
// that a stopped lane left. anyway looks without one. It reports whether the
// basket is another now: where money moves already it stays as it is.
func (s *Station) lookAgain(ctx context.Context, anyway bool) (changed bool, err error) {
	lines := flow.MayBeWithdrawn(s.state)
	if len(lines) == 0 {
		return false, nil
	}
	ctx = context.WithoutCancel(ctx) // as in lookup
	version, err := s.o.Catalogue.Version(ctx)
	if err != nil {
		s.o.Log.ErrorContext(ctx, "catalogue", "err", err)
		return false, nil
	}
	now := looked{s.state.Sale.Number, s.state.Sale.Recalled, version}
	if s.looked == now && !anyway {
		return false, nil
	}
	ev := flow.Withdrawn{At: s.at()}
	for _, n := range lines {
		line, ok := s.state.Sale.Basket.Line(n)
		if !ok {
			continue
		}
		out, recall, known := s.stopped(ctx, line)
		if !known {
			return false, nil // the next look tries again
		}
		if out {
			ev.Lines = append(ev.Lines, flow.Withdrawal{Line: n, Recall: recall})
		}
	}
	s.looked = now
	if len(ev.Lines) == 0 {
		return false, nil
	}
	err = s.handle(ctx, ev, nil)
	return len(flow.MayBeWithdrawn(s.state)) < len(lines), err
}

// stopped reports whether a line's article may not be sold as the catalogue is
// now, and who takes it back; not known: it cannot be read, which the log says.
func (s *Station) stopped(ctx context.Context, line basket.Line) (out bool, recall *flow.Recall, known bool) {
	recall, err := s.recalled(ctx, line.Article.GTIN, line.Lot, line.Serial)
	if err != nil || recall != nil {
		return recall != nil, recall, err == nil
	}
	a, err := s.lookup(ctx, line.Article.GTIN, line.Article.PLU)
	if err != nil {
		s.o.Log.ErrorContext(ctx, "catalogue", "err", err)
		return false, nil, false
	}
	return a != nil && a.Flags.Has(basket.SaleStop), nil, true
}

// asksAgain reports whether the lines of the basket are looked at before a touch
// counts: it sells more of one, or all of them.
func asksAgain(ev flow.Event) bool {
	touch, ok := ev.(flow.Touched)
	return ok && (touch.Act == flow.ActPay || touch.Act == flow.ActTender || touch.Act == flow.ActQuantity)
}
