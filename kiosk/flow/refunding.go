package flow

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"kassa/kiosk/basket"
	"kassa/kiosk/money"
)

// This file is about goods brought back: staff find the sale, choose what comes
// back, and the money goes where it came from. A refund is a sale of its own with
// negative amounts, and counts among refunds without a gap.

// An Original is a paid sale that something is given back from, with what has
// been given back already, as the journal says.
type Original struct {
	ID       string               `json:"id"`
	Number   int64                `json:"number"`
	Why      string               `json:"why,omitempty"` // nothing can be given back from it: message id
	Lines    []basket.Line        `json:"lines,omitempty"`
	Returned map[int]int64        `json:"returned,omitempty"` // pieces by line; never changed in place
	Taxes    []basket.TaxGroup    `json:"taxes,omitempty"`
	OnTop    bool                 `json:"on_top,omitempty"` // prices are without tax
	Rounding money.Amount         `json:"rounding,omitempty"`
	Tenders  []Tender             `json:"tenders,omitempty"` // approved and not gone back
	Paid     map[int]money.Amount `json:"paid,omitempty"`    // given back before, by tender
}

// A Refund is what is given back of an original, and why. It is never changed in
// place.
type Refund struct {
	Of     Original      `json:"of"`
	Pieces map[int]int64 `json:"pieces,omitempty"` // that come back, by line of the original
	Failed string        `json:"failed,omitempty"` // message id: why no sale was found
	Reason string        `json:"reason,omitempty"`
	By     string        `json:"by,omitempty"`
}

// RefundReasons are the reasons a refund can have.
func RefundReasons() []string { return []string{"changed-mind", "damaged", "wrong-price", "goodwill"} }

// OriginalOf says what can be given back from a sale, given the refunds of it so
// far. Sales that are not paid, and refunds, give nothing back.
func OriginalOf(r *Rules, s *Sale, refunds []*Sale) *Original {
	o := &Original{ID: saleID(r, s.Number), Number: s.Number}
	if s.State != SalePaid || s.Refund != nil {
		o.Why = "not-paid"
		return o
	}
	o.OnTop, o.Rounding = !r.Basket.Tax.Inclusive, s.Basket.Rounding
	o.Returned, o.Paid = map[int]int64{}, map[int]money.Amount{}
	for _, l := range s.Basket.Lines {
		if !l.Voided && !l.Article.Flags.Has(basket.GiftCard) {
			o.Lines = append(o.Lines, l)
		}
	}
	o.Taxes = s.Basket.Taxes
	for _, t := range s.Tenders {
		if t.Way == WayPay && t.Result == string(ChargeApproved) && !s.back(t) {
			o.Tenders = append(o.Tenders, t)
		}
	}
	for _, f := range refunds {
		if f.Refund == nil || f.Refund.Of.ID != o.ID || f.State == SaleVoided {
			continue
		}
		for n, q := range f.Refund.Pieces {
			o.Returned[n] += q
		}
		for _, t := range f.Tenders {
			if t.Result == string(ChargeApproved) {
				o.Paid[t.Of] += t.sum()
			}
		}
	}
	return o
}

// line returns a line of the original.
func (o Original) line(n int) (basket.Line, bool) {
	for _, l := range o.Lines {
		if l.N == n {
			return l, true
		}
	}
	return basket.Line{}, false
}

// left is how many pieces of a line can still come back.
func (o Original) left(l basket.Line) int64 { return l.Qty - o.Returned[l.N] }

// mayRefund reports whether whoever is at the lane may give money back, and has
// shown the PIN where it needs one.
func (l *lane) mayRefund() bool {
	if l.Staff == nil || l.Staff.Refund == nil {
		return false
	}
	p, ok := l.Staff.permit(DeedRefund)
	return ok && (!p.PIN || l.Staff.PIN)
}

// moneyDeed does what staff touch on the pages for a part and for a refund. It
// reports whether the touch is dealt with.
func (l *lane) moneyDeed(ev Touched) bool {
	verb, reason, _ := strings.Cut(ev.Value, ":")
	n, _ := strconv.ParseInt(ev.Code, 10, 64)
	switch StaffDeed(verb) {
	case DeedPart:
		return l.askPart(ev, n)
	case DeedRefundFind:
		if l.mayRefund() && l.Sale == nil {
			l.Staff.Until = l.Now.Mono + l.rules.Timing.Staff
			l.found(ev.Original)
		}
	case DeedRefundLine:
		if l.mayRefund() && l.Sale == nil {
			l.Staff.Until = l.Now.Mono + l.rules.Timing.Staff
			l.Staff.Refund = l.Staff.Refund.with(ev.Line, n)
		}
	case DeedRefundPay:
		if l.opening || l.mayRefund() && l.Sale == nil {
			l.giveBack(ev.Refund, reason, ev.By)
		}
	default:
		return false
	}
	return true
}

// askPart opens the page that asks for a part, or takes the part.
func (l *lane) askPart(ev Touched, amount int64) bool {
	if l.Staff == nil || l.Sale == nil || !slices.Contains(l.Sale.deeds(), DeedPart) {
		return true
	}
	if _, may := l.Staff.permit(DeedPart); !may {
		return true
	}
	l.Staff.Until = l.Now.Mono + l.rules.Timing.Staff
	l.Staff.Parting = ev.Code == ""
	if ev.Code != "" {
		l.part(money.Amount(amount))
	}
	return true
}

// found takes the sale whose receipt was read or keyed.
func (l *lane) found(o *Original) {
	l.Staff.Until = l.Now.Mono + l.rules.Timing.Staff
	switch {
	case o == nil:
		l.Staff.Refund = &Refund{Failed: "not-found"}
	case o.Why != "":
		l.Staff.Refund = &Refund{Failed: o.Why}
	default:
		l.Staff.Refund = &Refund{Of: *o, Pieces: map[int]int64{}}
		l.cue(SoundScan)
		return
	}
	l.cue(SoundAgain)
}

// with returns the refund with so many pieces of a line, never more than were
// sold and have not come back.
func (f *Refund) with(n int, pieces int64) *Refund {
	line, ok := f.Of.line(n)
	if !ok || line.Of != 0 || pieces < 0 || pieces > f.Of.left(line) {
		return f
	}
	g := *f
	g.Pieces = maps.Clone(f.Pieces)
	if g.Pieces == nil {
		g.Pieces = map[int]int64{}
	}
	g.Pieces[n] = pieces
	if pieces == 0 {
		delete(g.Pieces, n)
	}
	for _, d := range f.Of.Lines { // a deposit comes back with its bottle
		if d.Of == n && pieces > 0 {
			g.Pieces[d.N] = min(pieces, f.Of.left(d))
		} else if d.Of == n {
			delete(g.Pieces, d.N)
		}
	}
	return &g
}

// returns is the line of the original that line n of a refund gives back from.
func (f *Refund) returns(n int) int {
	if f == nil {
		return 0
	}
	lines := f.lines()
	if n < 1 || n > len(lines) {
		return 0
	}
	return lines[n-1].N
}

// lines are the lines of the original that something comes back of, in order.
func (f *Refund) lines() []basket.Line {
	var out []basket.Line
	for _, l := range f.Of.Lines {
		if f.Pieces[l.N] > 0 {
			out = append(out, l)
		}
	}
	return out
}

// basket is what is given back: the lines with negative amounts, and their share
// of the tax as it was charged.
func (f *Refund) basket() basket.Basket {
	var b basket.Basket
	base, before := map[string]money.Amount{}, map[string]money.Amount{}
	at := map[int]int{}
	for i, l := range f.lines() {
		done, now := f.Of.Returned[l.N], f.Of.Returned[l.N]+f.Pieces[l.N]
		amount := share(l.Amount, done, now, l.Qty)
		gross := share(l.Gross, done, now, l.Qty)
		back := basket.Line{
			N: i + 1, Article: l.Article, Code: l.Code, Qty: -f.Pieces[l.N], Weight: l.Weight, Tare: l.Tare, Unit: l.Unit,
			Labelled: l.Labelled, Tax: l.Tax, Gross: -gross, Amount: -amount, Of: at[l.Of],
		}
		if off := gross - amount; off != 0 {
			back.Discounts = []basket.Discount{{Rule: "refund", Name: "refund", Amount: off}}
			if len(l.Discounts) == 1 {
				back.Discounts[0] = l.Discounts[0]
				back.Discounts[0].Amount = off
			}
		}
		at[l.N] = i + 1
		base[l.Tax] += amount
		b.Lines = append(b.Lines, back)
		b.Total -= amount
	}
	for _, l := range f.Of.Lines {
		before[l.Tax] += share(l.Amount, 0, f.Of.Returned[l.N], l.Qty)
	}
	for _, g := range f.Of.Taxes {
		whole := g.Gross
		if f.Of.OnTop {
			whole = g.Net
		}
		if base[g.Class] == 0 {
			continue
		}
		from, to := int64(before[g.Class]), int64(before[g.Class]+base[g.Class])
		back := basket.TaxGroup{Class: g.Class, RatePPM: g.RatePPM, Tax: -share(g.Tax, from, to, int64(whole))}
		for _, p := range g.Parts {
			back.Parts = append(back.Parts, basket.TaxPart{RatePPM: p.RatePPM, Tax: -share(p.Tax, from, to, int64(whole))})
		}
		if f.Of.OnTop {
			back.Net = -base[g.Class]
			back.Gross = back.Net + back.Tax
			b.Total += back.Tax
		} else {
			back.Gross = -base[g.Class]
			back.Net = back.Gross - back.Tax
		}
		b.Taxes = append(b.Taxes, back)
	}
	return b
}

// giveBack opens the refund and begins to pay it out.
func (l *lane) giveBack(f *Refund, reason, by string) {
	if f == nil || len(f.lines()) == 0 || !slices.Contains(RefundReasons(), reason) {
		return
	}
	g := *f
	g.Reason, g.By, g.Failed = reason, by, ""
	l.Staff = nil
	l.ensureSale()
	s := l.Sale
	s.Refund, s.Basket, s.Strip = &g, g.basket(), Strip{}
	s.Page = PageTender
	l.raise(Need{Kind: NeedRefund, Detail: g.Of.ID})
	l.refundNext()
}

// refundNext pays out what is still owed: to cards, then to vouchers, never more
// than each has paid. When all is out the refund is closed.
func (l *lane) refundNext() {
	s := l.Sale
	owed := -s.due()
	if owed <= 0 {
		l.refundDone()
		return
	}
	s.Page = PageTender
	for _, t := range cardsFirst(s.Refund.Of.Tenders) {
		free := t.Amount - s.Refund.Of.Paid[t.N] - s.paidBack(t.N)
		if free <= 0 || t.Kind == TenderCard && !l.up(DeviceTerminal) && !l.rules.Training || !l.coinsFor(t, min(free, owed)) {
			continue
		}
		b := s.wayBack(t, min(free, owed))
		if s.Refund.Of.Paid[t.N] > 0 && b.Way == WayReverse {
			b.Way = WayRefund
		}
		l.begins(b)
		return
	}
	l.cue(SoundCalled) // staff choose: nothing takes it back now
}

// cardsFirst puts the tenders of cards before the others.
func cardsFirst(all []Tender) []Tender {
	return slices.SortedStableFunc(slices.Values(all), func(a, b Tender) int {
		rank := map[bool]int{true: 0, false: 1}
		return rank[a.Kind == TenderCard] - rank[b.Kind == TenderCard]
	})
}

// paidBack is what this refund has given back of a tender.
func (s *Sale) paidBack(n int) money.Amount {
	var sum money.Amount
	for _, t := range s.Tenders {
		if t.Of == n && t.Result == string(ChargeApproved) {
			sum += t.sum()
		}
	}
	return sum
}

// payOut tries again where the money came from, or puts all that is owed on a new
// voucher.
func (l *lane) payOut(voucher bool) {
	s := l.Sale
	if s.Refund == nil || s.paying() || s.over() {
		return
	}
	if voucher {
		l.begins(Tender{Kind: TenderVoucher, Amount: s.due(), Way: WayIssue})
		l.Staff = nil
		return
	}
	l.refundNext()
	l.Staff = nil
}

// refundDone closes a refund: it gets its number, and its paper.
func (l *lane) refundDone() {
	s := l.Sale
	if n := s.need(NeedRefund); n != nil {
		l.settle(n, s.Refund.By, s.Refund.Reason)
	}
	l.Refunds++
	s.Document = l.Refunds
	l.close(SaleRefund)
	l.cue(SoundPaid)
	s.Page, s.EndAt = PageReceipt, l.Now.Mono+l.rules.Timing.Receipt
	if l.up(DevicePrinter) {
		s.EndAt = 0
		l.print(DocReceipt)
	}
}

// dropRefund ends a refund of which nothing has been paid out.
func (l *lane) dropRefund() {
	s := l.Sale
	if s.paid() != 0 {
		return
	}
	b := basket.Basket{Lines: slices.Clone(s.Basket.Lines)}
	for i := range b.Lines {
		b.Lines[i].Voided = true
	}
	s.Basket = b
	l.close(SaleVoided)
	l.leave()
}

// refundDeeds are what staff could do about a refund that is not paid out yet.
func (s *Sale) refundDeeds() []StaffDeed {
	ds := []StaffDeed{DeedRefundAgain, DeedRefundVoucher}
	if s.paid() == 0 {
		ds = append(ds, DeedVoidSale)
	}
	return ds
}

// ViewRefund is a refund being put together.
type ViewRefund struct {
	ID      string // of the sale, "" until it is found
	Failed  string // message id
	Lines   []ViewReturn
	Total   money.Amount // that would be given back
	Reasons []string
}

// ViewReturn is a line of the sale that something may come back of.
type ViewReturn struct {
	Line   int
	Name   string
	Names  map[string]string
	Left   int64 // that can come back
	Pieces int64 // that do
	Amount money.Amount
}

// view is what staff see of it; nil for none.
func (f *Refund) view() *ViewRefund {
	if f == nil {
		return nil
	}
	v := &ViewRefund{ID: f.Of.ID, Failed: f.Failed, Reasons: RefundReasons(), Total: -f.basket().Total}
	for _, l := range f.Of.Lines {
		if l.Of == 0 && f.Of.left(l) > 0 {
			v.Lines = append(v.Lines, ViewReturn{
				Line: l.N, Name: l.Article.Name, Names: l.Article.Names, Left: f.Of.left(l), Pieces: f.Pieces[l.N], Amount: l.Amount,
			})
		}
	}
	return v
}
