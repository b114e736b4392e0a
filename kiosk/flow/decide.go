package flow

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// Changed reports whether a step changed anything but the clock: what it did
// belongs into the journal.
func Changed(before, after State) bool {
	before.Now, after.Now = Instant{}, Instant{}
	before.last, after.last = lastRead{}, lastRead{}
	return !reflect.DeepEqual(before, after)
}

// Decided says what a step decided that matters later.
func Decided(r *Rules, before, after State) Facts {
	var f Facts
	if lane := laneFacts(after); !lane.same(laneFacts(before)) {
		lane.Prices = r.Prices
		f.Lane = &lane
	}
	if s := after.Last; s != nil {
		saleFacts(&f, r, find(before, s.Number), s)
		if f.Txn == nil && f.ofSale() { // without a header it would be filed under the open sale
			txn := txnFacts(r, s)
			f.Txn, f.Taxes = &txn, taxFacts(s)
		}
	}
	if s := after.Sale; s != nil {
		var open Facts
		saleFacts(&open, r, find(before, s.Number), s)
		f.add(open)
	}
	return f
}

// add adds what was decided of another sale of the same step.
func (f *Facts) add(o Facts) {
	if o.Txn != nil {
		f.Txn, f.Taxes = o.Txn, o.Taxes
	}
	f.Lines = append(f.Lines, o.Lines...)
	f.Tenders = append(f.Tenders, o.Tenders...)
	f.Interventions = append(f.Interventions, o.Interventions...)
	f.Contacts = append(f.Contacts, o.Contacts...)
}

// ofSale reports whether something was decided of a sale.
func (f Facts) ofSale() bool {
	f.Lane = nil
	return !f.Empty()
}

// find returns the sale with a number, or an empty one.
func find(s State, number int64) *Sale {
	for _, have := range []*Sale{s.Sale, s.Last} {
		if have != nil && have.Number == number {
			return have
		}
	}
	return &Sale{}
}

func laneFacts(s State) LaneFacts {
	f := LaneFacts{
		Run: s.Run, Commands: s.Commands,
		Mode: s.Mode, LastNumber: s.Number, By: s.ModeBy, InHours: s.InHours, Load: s.Scale, Staff: s.Staff, Rev: s.Rev,
		LastRefund: s.Refunds,
	}
	if s.Sale != nil {
		f.Sale = s.Sale.Number
	}
	for d, state := range s.Devices {
		if state.Up {
			f.Up = append(f.Up, d)
		}
	}
	slices.Sort(f.Up)
	return f
}

// saleFacts adds what changed of one sale.
func saleFacts(f *Facts, r *Rules, before, after *Sale) {
	txn := txnFacts(r, after)
	if txn != txnFacts(r, before) {
		f.Txn = &txn
	}
	f.Lines = append(f.Lines, changed(lineFacts(before), lineFacts(after))...)
	if taxes := taxFacts(after); f.Txn != nil || !slices.Equal(taxes, taxFacts(before)) {
		f.Txn, f.Taxes = &txn, taxes
	}
	f.Tenders = append(f.Tenders, changed(tenderFacts(before), tenderFacts(after))...)
	f.Interventions = append(f.Interventions, changed(needFacts(before), needFacts(after))...)
	f.Contacts = append(f.Contacts, changed(callFacts(before), callFacts(after))...)
}

// changed returns the rows of after that are new or differ; rows are only ever
// added at the end.
func changed[T any](before, after []T) []T {
	var out []T
	for i, row := range after {
		if i >= len(before) || !reflect.DeepEqual(before[i], row) {
			out = append(out, row)
		}
	}
	return out
}

func txnFacts(r *Rules, s *Sale) TxnFacts {
	f := TxnFacts{
		ID: saleID(r, s.Number), Store: r.Store, Lane: r.Lane, Number: s.Number, State: s.State,
		OpenedAt: s.OpenedAt.Wall, ClosedAt: s.ClosedAt.Wall, Clock: s.OpenedAt.Clock, BusinessDay: s.Day,
		Currency: r.Currency, Language: s.Language, Rounding: s.Basket.Rounding, Total: s.Basket.Total, Rating: s.Rating,
		Coupons: strings.Join(s.Basket.Coupons, " "), Recalled: s.Recalled, Document: s.Document, Training: r.Training,
	}
	if s.Refund != nil {
		f.Of = s.Refund.Of.ID
	}
	switch {
	case s.Basket.Greedy:
		f.Search = "greedy"
	case s.Basket.Savings > 0:
		f.Search = "exact"
	}
	return f
}

func lineFacts(s *Sale) []LineFacts {
	out := make([]LineFacts, 0, len(s.Basket.Lines))
	for _, l := range s.Basket.Lines {
		f := LineFacts{
			N: l.N, GTIN: l.Article.GTIN, PLU: l.Article.PLU, Name: l.Article.Name, Qty: l.Qty, Unit: l.Unit,
			Amount: l.Amount, Discounts: []DiscountFacts{}, Tax: l.Tax, Voided: l.Voided, Code: l.Code, Of: l.Of,
			TareG: int64(l.Tare), Per: l.Article.Per,
		}
		if l.Weight.Unit != 0 {
			f.Frame = s.proof(l.N)
			f.WeightG, f.Weight = int64(l.Weight.Grams()), l.Weight.String()+" "+l.Weight.Unit.String()
		}
		for _, d := range l.Discounts {
			f.Discounts = append(f.Discounts, DiscountFacts{Rule: d.Rule, Name: cmp.Or(d.Name, d.Rule), Amount: d.Amount})
		}
		f.Returns = s.Refund.returns(l.N)
		if l.Set != nil {
			f.Set = &SetFacts{Was: l.Article.Price, Price: l.Set.Price, By: l.Set.By, Reason: l.Set.Reason}
		}
		out = append(out, f)
	}
	return out
}

func taxFacts(s *Sale) []TaxFacts {
	var out []TaxFacts
	for _, g := range s.Basket.Taxes {
		out = append(out, TaxFacts{Tax: g.Class, RatePPM: g.RatePPM, Net: g.Net, TaxPart: g.Tax, Gross: g.Gross})
	}
	return out
}

func tenderFacts(s *Sale) []TenderFacts {
	var out []TenderFacts
	for _, t := range s.Tenders {
		out = append(out, TenderFacts{
			N: t.N, Kind: t.Kind, Amount: t.Amount, Result: t.Result, Terminal: t.Receipt.Terminal,
			Receipt: t.Receipt.Receipt, Trace: t.Receipt.Trace, Card: t.Receipt.Card, Key: t.Key,
			Way: string(t.Way), Of: t.Of, Asked: t.Asked, Voucher: t.Voucher, Left: t.Left, Given: t.Given, Change: t.Change,
		})
	}
	return out
}

func needFacts(s *Sale) []InterventionFacts {
	var out []InterventionFacts
	for _, n := range s.Needs {
		f := InterventionFacts{
			N: n.N, Kind: n.Kind, RaisedAt: n.RaisedAt.Wall, SettledAt: n.At.Wall, By: n.By, Reason: n.Reason,
			Line: n.Line, Detail: n.Detail,
		}
		if n.Settled {
			f.From = cmp.Or(n.From, "lane")
		}
		out = append(out, f)
	}
	return out
}

func callFacts(s *Sale) []ContactFacts {
	var out []ContactFacts
	for _, c := range s.Calls {
		out = append(out, ContactFacts{
			N: c.N, Reason: c.Reason, Channel: cmp.Or(c.From, "lane"), State: c.State, RaisedAt: c.RaisedAt.Wall,
			SeenAt: c.SeenAt.Wall, EndedAt: c.EndedAt.Wall, By: c.By, Outcome: c.Outcome, Language: s.Language,
			Reads: c.Reads, Rating: c.Rating, Solved: c.Solved,
		})
	}
	return out
}
