package flow

import (
	"slices"

	"kassa/kiosk/basket"
	"kassa/kiosk/money"
)

// A Record is one entry of the journal, as far as the flow is concerned.
type Record struct {
	Event Event
	Facts Facts
}

// Recover returns the state of a lane from what its journal says: the lane as
// it last stood, the records of the sale before, and those of the sale that was
// on the screen (each from its first record on; both may be empty). Nothing is
// done again: effects are dropped, and [Started], which the station sends next,
// asks about what was under way.
//
// What was decided then is taken from the facts, not worked out anew.
func Recover(r *Rules, lane LaneFacts, last, current []Record) State {
	s := State{Commands: lane.Commands, Mode: lane.Mode, ModeBy: lane.By, InHours: lane.InHours, Number: lane.LastNumber, Refunds: lane.LastRefund}
	if before := replaySale(r, s, last); before.Sale != nil {
		s.Last = before.Sale
	} else {
		s.Last = before.Last
	}
	if lane.Sale == 0 {
		return s
	}
	now := replaySale(r, s, current)
	now.Last, now.Commands = s.Last, s.Commands
	now.Mode, now.ModeBy, now.InHours, now.Number, now.Refunds = s.Mode, s.ModeBy, s.InHours, s.Number, s.Refunds
	return now
}

// replaySale steps through the records of one sale, the first of which opened
// it and says how the lane stood then.
func replaySale(r *Rules, s State, records []Record) State {
	if len(records) == 0 {
		return s
	}
	if lane := records[0].Facts.Lane; lane != nil {
		s.Scale, s.Staff, s.InHours, s.Rev = lane.Load, lane.Staff, lane.InHours, lane.Rev
		s.Run = lane.Run // commands name it
		s.Devices = map[Device]DeviceState{}
		for _, d := range lane.Up {
			s.Devices[d] = DeviceState{Up: true}
		}
		s.Number, s.Refunds = lane.Sale-1, lane.LastRefund
	}
	s.Mode, s.DiskLow, s.Last, s.Commands = LaneOpen, false, nil, nil
	if t, ok := records[0].Event.(Touched); ok && t.Refund != nil && records[0].Facts.Lane != nil {
		s.Mode = records[0].Facts.Lane.Mode // money is given back at a closed lane too
	}
	for i, rec := range records {
		s.opening = i == 0
		s = Replay(r, s, rec)
	}
	s.opening = false
	return s
}

// Replay is Step for an entry of the journal: what was decided then stands.
func Replay(r *Rules, s State, rec Record) State {
	s, _ = Step(r, s, rec.Event)
	f := rec.Facts
	if f.Txn == nil {
		return s
	}
	s = s.clone()
	for _, sale := range []*Sale{s.Sale, s.Last} {
		if sale != nil && sale.Number == f.Txn.Number {
			sale.Basket = overlay(sale.Basket, f)
		}
	}
	return s
}

// overlay puts the sums that were decided over those worked out.
func overlay(b basket.Basket, f Facts) basket.Basket {
	lines := append([]basket.Line(nil), b.Lines...)
	for _, lf := range f.Lines {
		if lf.N < 1 || lf.N > len(lines) {
			continue
		}
		l := &lines[lf.N-1]
		if agrees(*l, lf) {
			continue
		}
		l.Amount, l.Unit, l.Discounts = lf.Amount, lf.Unit, nil
		var off money.Amount
		for _, d := range lf.Discounts {
			l.Discounts = append(l.Discounts, basket.Discount{Rule: d.Rule, Name: d.Name, Amount: d.Amount})
			off += d.Amount
		}
		l.Gross = lf.Amount - off
	}
	agreed := b.Total == f.Txn.Total
	b.Lines, b.Total, b.Rounding = lines, f.Txn.Total, f.Txn.Rounding
	if agreed {
		return b
	}
	b.Taxes, b.Savings = nil, 0
	for _, t := range f.Taxes {
		b.Taxes = append(b.Taxes, basket.TaxGroup{Class: t.Tax, RatePPM: t.RatePPM, Net: t.Net, Tax: t.TaxPart, Gross: t.Gross})
	}
	for _, l := range lines {
		for _, d := range l.Discounts {
			if !l.Voided {
				b.Savings -= d.Amount
			}
		}
	}
	return b
}

// agrees reports whether a line was worked out as it was decided then.
func agrees(l basket.Line, f LineFacts) bool {
	return l.Amount == f.Amount && l.Unit == f.Unit && slices.EqualFunc(l.Discounts, f.Discounts,
		func(d basket.Discount, g DiscountFacts) bool { return d.Rule == g.Rule && d.Amount == g.Amount })
}
