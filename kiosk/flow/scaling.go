package flow

import (
	"slices"

	"kassa/kiosk/basket"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// This file is about the checkout scale itself: what a scale that computes
// prices must be told, and what staff may do to it.

// priceScale tells a scale that computes prices what is weighed on it, or that
// nothing is. It shows the price to the shopper beside the weight.
func (l *lane) priceScale(before *Pick) {
	var now *Pick
	if l.Sale != nil {
		now = l.Sale.Pick
	}
	if before = weighs(before); weighs(now) == nil {
		if before != nil {
			l.do(PriceScale{})
		}
		return
	}
	want := now.priced(l.rules)
	if before == nil || before.priced(l.rules) != want {
		l.do(want)
	}
}

// weighs returns p if its article is to be weighed, else nil.
func weighs(p *Pick) *Pick {
	if p == nil || !p.Article.Per.ByWeight() {
		return nil
	}
	return p
}

func (p *Pick) priced(r *Rules) PriceScale {
	return PriceScale{Unit: p.Article.Price, Per: p.Article.Per, Tare: p.tare(r)}
}

// What became of a deed on the scale: message ids for staff.
const (
	ScaleMoving = "moving" // the load moves
	ScaleRange  = "range"  // more lies there than may be taken for nothing, or tared
	ScaleOwnKey = "own-key"
	ScaleGone   = "gone" // it does not answer
)

// scaleDeeds are what staff could do to the scale.
func (s State) scaleDeeds() []StaffDeed {
	if !s.up(DeviceScale) {
		return nil
	}
	return []StaffDeed{DeedZero, DeedTare}
}

// askScale asks the scale to do what staff touched. Nothing on it is sold before
// it has shown another load.
func (l *lane) askScale(d StaffDeed) {
	l.Staff.Said, l.Staff.SaidOf = "", d
	l.do(SetScale{Key: l.Run + "/" + l.Now.Wall.Format("150405.000"), Deed: d, By: l.Staff.ID})
}

// scaleSet notes what the scale did, on the record of the sale if there is one,
// and tells staff.
func (l *lane) scaleSet(ev ScaleSet) {
	l.Tended = l.Now
	if ev.Why == "" && l.Sale != nil && !l.Sale.over() {
		l.note(NeedDevice, ev.By, string(ev.Deed))
	}
	if l.Staff == nil || l.Staff.ID != ev.By || l.Staff.SaidOf != ev.Deed {
		return
	}
	l.Staff.Until = l.Now.Mono + l.rules.Timing.Staff
	l.Staff.Said = "done"
	if ev.Why != "" {
		l.Staff.Said = ev.Why
	}
}

// A Proof is the scale's own answer behind a sold weight.
type Proof struct {
	Line  int
	Frame string
}

// prove keeps the frame behind the weight of line n.
func (s *Sale) prove(n int, frame string) {
	if frame != "" {
		s.Proofs = append(slices.Clip(s.Proofs), Proof{n, frame})
	}
}

// proof returns the frame behind the weight of line n, "" if there is none.
func (s *Sale) proof(n int) string {
	for _, p := range s.Proofs {
		if p.Line == n {
			return p.Frame
		}
	}
	return ""
}

// PerWhole returns the unit price for a whole kilogram or pound, as a scale
// takes it.
func (e PriceScale) PerWhole() (money.Amount, weight.Unit) {
	switch e.Per {
	case basket.Per100Grams:
		return 10 * e.Unit, weight.Kilogram
	case basket.PerPound:
		return e.Unit, weight.Pound
	case basket.PerKilogram, basket.Each:
	}
	return e.Unit, weight.Kilogram
}
