package flow

import (
	"slices"

	"kassa/kiosk/money"
)

// This file is about the ways of paying: which there are, parts of a sale paid
// one after the other, and what was paid going back before the sale is closed.

// A Way is which way a tender's money goes, and how.
type Way string

// The ways of a tender. All but the first give money back: its amount is negative.
const (
	WayPay     Way = ""
	WayReverse Way = "reverse" // the terminal takes a payment of its own back
	WayRefund  Way = "refund"  // the terminal pays out to a card that is presented
	WayCredit  Way = "credit"  // back onto the voucher it came from
	WayIssue   Way = "issue"   // onto a new voucher
)

// A tenderRule says when one kind of tender can be chosen.
type tenderRule struct {
	kind TenderKind
	can  func(*Rules, State) bool
}

// tenderRules is the table of tenders, in the order of the page. Cash alone gives
// change, and its machine does.
func tenderRules() []tenderRule {
	return []tenderRule{
		{TenderVoucher, func(r *Rules, s State) bool { return s.Sale != nil && s.Sale.voucherPays(r) > 0 }},
		{TenderCard, func(r *Rules, s State) bool { return s.up(DeviceTerminal) || r.Training }},
		{TenderCash, func(r *Rules, s State) bool { return s.up(DeviceCash) || r.Training && r.Has(DeviceCash) }},
		{TenderTill, func(_ *Rules, s State) bool { return s.Sale == nil || !s.Sale.parted() }},
	}
}

// tenders are the ways of paying that work now.
func tenders(r *Rules, s State) []TenderKind {
	var kinds []TenderKind
	for _, rule := range tenderRules() {
		if rule.can(r, s) {
			kinds = append(kinds, rule.kind)
		}
	}
	return kinds
}

// sum is what moves, whichever way.
func (t Tender) sum() money.Amount { return max(t.Amount, -t.Amount) }

// parted reports whether a part of a sale is paid, so that nothing can end it but
// the rest, or the part going back.
func (s *Sale) parted() bool {
	return s.Refund == nil && !s.over() && slices.ContainsFunc(s.Tenders, func(t Tender) bool {
		return t.Way == WayPay && t.Result == string(ChargeApproved) && !s.back(t)
	})
}

// back reports whether an approved tender has gone back.
func (s *Sale) back(t Tender) bool {
	return slices.ContainsFunc(s.Tenders, func(u Tender) bool {
		return u.Of == t.N && u.Way != WayPay && u.Result == string(ChargeApproved)
	})
}

// abortable reports whether the payment under way can be given up.
func (s *Sale) abortable() bool {
	t := s.tender()
	if t == nil {
		return !s.paying() // it has not begun
	}
	machine := t.Kind == TenderCard && t.Way != WayReverse || t.Kind == TenderCash && t.Way == WayPay
	return machine && s.Payment.Phase != PhaseUnsure && !s.Payment.Aborting
}

// keepPage keeps the choice of how to pay on the page while a part is paid, or
// while money is given back: there is no basket to go back to.
func (l *lane) keepPage() {
	s := l.Sale
	if s == nil || s.over() || s.Refund == nil && !s.parted() {
		return
	}
	switch s.Page {
	case PageHelp, PageLanguage:
	case PageCheck, PageAge:
		if s.Refund != nil || !s.blocked() {
			s.Page = PageTender
		}
	default:
		s.Page = PageTender
	}
}

// part sets how much of what is due the card pays next.
func (l *lane) part(amount money.Amount) {
	s := l.Sale
	if s.paying() || s.over() || amount <= 0 || amount > s.due() {
		return
	}
	s.Part = amount
	if amount == s.due() {
		s.Part = 0
	}
	l.Staff.Parting = false
	if !s.waits() {
		l.Staff = nil
	}
}

// takeNext takes back the newest part that has been paid, until none is left.
func (l *lane) takeNext() {
	s := l.Sale
	for _, t := range slices.Backward(s.Tenders) {
		if t.Way != WayPay || t.Result != string(ChargeApproved) || s.back(t) {
			continue
		}
		l.begins(s.wayBack(t, t.Amount))
		return
	}
	s.Taking = false
	l.roundCash(false)
	s.Page, s.TouchedAt = PageBasket, l.Now.Mono
	if !l.rules.Partial && slices.ContainsFunc(s.Tenders, func(t Tender) bool { return t.Kind == TenderCard && t.Asked != 0 }) {
		s.Page, s.Payment.Failed = PageTender, "part" // she wanted to pay
	}
}

// wayBack is the tender by which amount of an approved one goes back: a voucher
// gets it back; the terminal takes all of a payment of its own back, and what it
// will not take back it pays out to the card.
func (s *Sale) wayBack(t Tender, amount money.Amount) Tender {
	b := Tender{Kind: t.Kind, Amount: -amount, Of: t.N, Way: WayRefund, Voucher: t.Voucher, Tail: t.Tail}
	refused := slices.ContainsFunc(s.Tenders, func(u Tender) bool { return u.Of == t.N && u.Way == WayReverse && u.Result == string(ChargeDeclined) })
	switch {
	case t.Kind == TenderVoucher:
		b.Way = WayCredit
	case t.Kind == TenderCash: // its machine gives out
	case amount == t.Amount && len(t.Proof) > 0 && !refused:
		b.Way = WayReverse
	}
	return b
}

// reverse is the effect that takes a card payment back.
func (s *Sale) reverse(t Tender) Reverse {
	r := Reverse{Key: t.Key, Amount: t.sum(), Again: t.Result == string(SaleInDoubt)}
	for _, of := range s.sources() {
		if of.N == t.Of {
			r.Paid = of.Proof
		}
	}
	return r
}

// sources are the tenders that money of this sale can go back to.
func (s *Sale) sources() []Tender {
	if s.Refund != nil {
		return s.Refund.Of.Tenders
	}
	return s.Tenders
}

// notBack goes on when money did not go back: from the payment that the terminal
// does not take back any more to paying it out; after that a person chooses.
func (l *lane) notBack(t *Tender, outcome ChargeOutcome) {
	s := l.Sale
	if t.Way == WayReverse && outcome == ChargeDeclined {
		s.Payment.Failed = ""
		l.next()
		return
	}
	s.Taking = false
	if s.Refund == nil {
		l.raise(Need{Kind: NeedPayment, Detail: "not taken back: " + t.Key})
		l.cue(SoundCalled)
	}
}

// viewParts are the parts paid so far.
func (s *Sale) viewParts() []ViewPart {
	var parts []ViewPart
	for _, t := range s.Tenders {
		if t.Result == string(ChargeApproved) {
			parts = append(parts, ViewPart{Kind: t.Kind, Amount: t.Amount, Left: t.Left, Tail: t.Tail})
		}
	}
	return parts
}
