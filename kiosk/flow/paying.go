package flow

import (
	"fmt"
	"slices"
	"time"
)

// pay begins the end: what waits for a person comes first, then the choice of
// how to pay. The bagging check is asked each time: much may have been put on
// its scale while a person was waited for.
func (l *lane) pay() {
	s := l.Sale
	if s.empty() || s.paying() || s.over() || s.Refund != nil {
		return
	}
	s.Pick, s.Undo = nil, Undo{}
	if l.late() {
		return
	}
	wait := l.askCheck()
	s.WantsPay = true
	switch {
	case s.need(NeedAge) != nil:
		s.Page = PageAge
		l.cue(SoundCalled)
	case s.blocked():
		s.Page = PageCheck
	case s.due() <= 0 && !wait:
		l.paidUp()
	default:
		s.Page, s.WantsPay = PageTender, false
	}
}

// tenders are the ways of paying that work now.
func (l *lane) tenders() []TenderKind { return tenders(l.rules, l.State) }

// choose begins to pay one way, or remembers it while the bagging check has not
// answered. The wish is recorded; nothing has moved yet.
func (l *lane) choose(kind TenderKind) {
	s := l.Sale
	if s.paying() || s.over() || s.blocked() || !slices.Contains(l.tenders(), kind) {
		return
	}
	if s.Hold.Since != 0 {
		s.Hold.Tender = kind
		return
	}
	if kind == TenderTill {
		l.park()
		return
	}
	if l.late() {
		return
	}
	if kind == TenderVoucher {
		l.payByVoucher()
		return
	}
	if kind == TenderCash {
		l.payByCash()
		return
	}
	amount := s.due()
	if s.Part > 0 {
		amount = min(s.Part, amount)
	}
	l.begins(Tender{Kind: kind, Amount: amount})
}

// begins records the wish for a tender under a key of its own, and asks for it.
func (l *lane) begins(t Tender) {
	s := l.Sale
	t.N, t.Result = len(s.Tenders)+1, "asked"
	t.Key = fmt.Sprintf("%s/%d", saleID(l.rules, s.Number), t.N)
	s.Tenders = append(s.Tenders, t)
	s.Payment = Payment{Phase: PhaseAsked, Tender: t.N, Since: l.Now.Mono}
	s.Undo = Undo{}
	switch {
	case t.Kind == TenderVoucher:
		l.do(t.voucherDeed())
	case t.Way == WayReverse:
		s.Payment.Phase = PhaseCharging
		l.do(s.reverse(t))
	default:
		l.do(PrepareCharge{Key: t.Key, Amount: t.sum(), Kind: t.Kind, Refund: t.Way == WayRefund})
	}
	l.cue(SoundPay)
}

// chargePrepared records the evidence; only then may the terminal be asked for
// money.
func (l *lane) chargePrepared(ev ChargePrepared) {
	t := l.current(ev.Key)
	if t == nil || l.Sale.Payment.Phase != PhaseAsked {
		return
	}
	if ev.Why != "" || l.Sale.Payment.Aborting {
		l.unpaid(t, ChargeAborted, ev.Why)
		return
	}
	if l.Sale.blocked() && t.Way == WayPay { // a person was called meanwhile, and no money has moved yet
		l.unpaid(t, ChargeAborted, "")
		l.Sale.Payment.Failed = ""
		l.Sale.Page, l.Sale.WantsPay = PageCheck, true
		return
	}
	l.Sale.Payment.Phase, l.Sale.Payment.Evidence = PhaseCharging, ev.Evidence
	l.Sale.Payment.Since = l.Now.Mono
	l.do(Charge{Key: t.Key, Amount: t.sum(), Evidence: ev.Evidence, Refund: t.Way == WayRefund, Kind: t.Kind})
}

// current returns the tender under way if key is its own.
func (l *lane) current(key string) *Tender {
	if l.Sale == nil {
		return nil
	}
	if t := l.Sale.tender(); t != nil && t.Key == key {
		return t
	}
	return nil
}

// charged takes what the terminal says became of a payment.
func (l *lane) charged(ev Charged) {
	t := l.current(ev.Key)
	if t == nil {
		l.lateCharge(ev)
		return
	}
	if t.Kind == TenderVoucher {
		return // no terminal has a say in it
	}
	t.Receipt, t.Given, t.Change = ev.Receipt, ev.In, ev.Out
	switch {
	case ev.Outcome == ChargeUnknown:
		l.unsure(ev.Why)
	case ev.Outcome != ChargeApproved:
		l.unpaid(t, ev.Outcome, ev.Why)
	case t.Way == WayPay && ev.Amount > 0 && ev.Amount < t.Amount:
		// A part is approved: it is kept, or goes back where the store wants all or nothing.
		t.Asked, t.Amount = t.Amount, ev.Amount
		l.Sale.Taking = !l.rules.Partial
		l.roundCash(false)
		l.approved(t, "terminal")
	case l.Sale.Refund != nil && t.Kind == TenderCash && t.Way == WayRefund && ev.Amount > 0 && ev.Amount < t.sum():
		// The machine ran out of coins: what it gave counts, the rest is still owed.
		t.Asked, t.Amount = t.Amount, -ev.Amount
		l.approved(t, "terminal")
	case ev.Amount != 0 && ev.Amount != t.sum():
		// The terminal took another sum than was asked: a person must look.
		l.Sale.Payment.Phase, l.Sale.State, t.Result = PhaseUnsure, SaleInDoubt, string(SaleInDoubt)
		l.raise(Need{Kind: NeedPayment, Blocks: true, Detail: fmt.Sprintf("asked %d, terminal says %d", t.sum(), ev.Amount)})
	default:
		l.approved(t, "terminal")
	}
}

// lateCharge hears of a payment that has been settled otherwise, perhaps of a sale
// that has ended. An approval of what counts as unpaid is money taken for nothing,
// a refusal of what counts as paid is goods for nothing: a person must know.
func (l *lane) lateCharge(ev Charged) {
	if ev.Outcome == ChargeUnknown {
		return
	}
	for _, s := range []*Sale{l.Sale, l.Last} {
		if s == nil {
			continue
		}
		for _, t := range s.Tenders {
			counts := t.Result == string(ChargeApproved)
			if t.Key == ev.Key && t.Kind != TenderVoucher && counts != (ev.Outcome == ChargeApproved) {
				l.alert(s, fmt.Sprintf("terminal says %s of %s after it was settled as %s", ev.Outcome, t.Key, t.Result))
			}
		}
	}
}

// approved counts the money.
func (l *lane) approved(t *Tender, by string) {
	s := l.Sale
	t.Result = string(ChargeApproved)
	if t.Kind == TenderCard {
		t.Proof = s.Payment.Approval
	}
	s.Payment, s.Part = Payment{}, 0
	s.State = SaleOpen
	if n := s.doubt(); n != nil {
		l.settle(n, by, "approved")
	}
	l.next()
}

// next goes on after a tender: with what is still to be paid, or to go back.
func (l *lane) next() {
	s := l.Sale
	switch {
	case s.Refund != nil:
		l.refundNext()
	case s.Taking:
		l.takeNext()
	case s.due() <= 0:
		l.paidUp()
	default:
		s.Page, s.TouchedAt = PageTender, l.Now.Mono
	}
}

// unpaid goes back to the choice; the shopper may try again or otherwise.
func (l *lane) unpaid(t *Tender, outcome ChargeOutcome, why string) {
	s := l.Sale
	t.Result = string(outcome)
	l.roundCash(false)
	failed := string(outcome)
	if why != "" && outcome == ChargeAborted {
		failed = why
	}
	s.Payment = Payment{Failed: failed}
	s.State = SaleOpen
	s.Page = PageTender
	s.TouchedAt = l.Now.Mono
	if n := s.doubt(); n != nil {
		l.settle(n, "terminal", string(outcome))
	}
	l.cue(SoundLook)
	if t.Way != WayPay {
		l.notBack(t, outcome)
	}
}

// unsure says that nobody knows. The terminal is asked until it can tell; no
// second payment is taken meanwhile.
func (l *lane) unsure(why string) {
	s := l.Sale
	t := s.tender()
	t.Result = string(SaleInDoubt)
	s.State = SaleInDoubt
	if s.Payment.Phase != PhaseUnsure {
		s.Payment.Since = l.Now.Mono
		l.cue(SoundLook)
	}
	s.Payment.Phase, s.Payment.Failed = PhaseUnsure, why
	if t.Way == WayReverse {
		l.do(s.reverse(*t))
		return
	}
	l.do(Resolve{
		Key: t.Key, Amount: t.sum(), Evidence: s.Payment.Evidence, Approval: s.Payment.Approval, Refund: t.Way == WayRefund,
		Kind: t.Kind,
	})
}

// resumePayment asks about the payment that was under way when the last run
// ended. Without evidence on record no byte of it has been sent.
func (l *lane) resumePayment() {
	s := l.Sale
	t := s.tender()
	if t == nil {
		return
	}
	s.Payment.Since = l.Now.Mono
	switch {
	case t.Kind == TenderVoucher:
		l.do(t.voucherDeed()) // done once, however often it is asked for
	case s.Payment.Phase == PhaseAsked:
		l.unpaid(t, ChargeAborted, "")
	default:
		l.unsure("restart")
	}
}

// tickPayment calls a person when the terminal cannot tell for long.
func (l *lane) tickPayment(now time.Duration) {
	s := l.Sale
	if s.Payment.Phase == PhaseUnsure && s.doubt() == nil && now >= s.Payment.Since+l.rules.Timing.Unsure {
		l.callDoubt()
	}
}

// abortCharge asks the terminal to give up. Whether it could is its answer.
func (l *lane) abortCharge() {
	s := l.Sale
	t := s.tender()
	if t == nil || !s.abortable() {
		return
	}
	s.Payment.Aborting = true
	l.do(AbortCharge{Key: t.Key})
}

// settlePayment is a person's word on a payment in doubt, from the terminal's
// own evidence.
func (l *lane) settlePayment(paid bool, by string) {
	s := l.Sale
	t := s.tender()
	if t == nil || s.Payment.Phase != PhaseUnsure {
		return
	}
	if n := s.doubt(); n != nil {
		reason := "not paid"
		if paid {
			reason = "paid"
		}
		l.settle(n, by, reason)
	}
	if paid {
		l.approved(t, by)
	} else {
		l.unpaid(t, ChargeAborted, "staff")
	}
}
