package flow

import (
	"time"

	"kassa/kiosk/bagging"
)

// This file is about the moment before a payment: no tender begins before the
// bagging check has said what it thinks of the load as it lies now.

// Rev is the revision of Step's ways. A journal says by which one it was
// written ([Started]), and is replayed by it: a sale that went on at once then
// does not wait now.
const Rev = 4

const revHold = 2 // the choice of tender waits for the bagging check

// A Hold is the choice of tender while the bagging check's answer to the wish
// to pay is awaited. The page offers the choice all the same: what is touched is
// remembered here and begins with the answer.
type Hold struct {
	Since  time.Duration // the check was asked; 0: nothing is awaited
	Tender TenderKind    // touched meanwhile, "" not yet
}

// askCheck asks the bagging check about the load and reports whether there is an
// answer to wait for.
func (l *lane) askCheck() bool {
	l.do(Check{Input: bagging.Pay{T: l.Now.Mono}})
	if l.rules.Bagging != BagCheck || l.Rev < revHold {
		return false
	}
	l.Sale.Hold = Hold{Since: l.Now.Mono}
	return true
}

// begins reports whether the shopper has done all she can: with the answer the
// payment begins, or nothing is to be paid. The page is that of a payment.
func (s *Sale) begins() bool {
	return s.Hold.Since != 0 && (s.Hold.Tender == TenderCard || s.Hold.Tender == TenderCash || s.Hold.Tender == TenderVoucher || s.due() <= 0)
}

// answers reports whether a decision is what is waited for. What the check said
// of an earlier moment is not.
func (h Hold) answers(d bagging.Decision) bool {
	return d.AtPay && h.Since != 0 && d.T >= h.Since
}

// release ends the wait: what was touched meanwhile begins.
func (l *lane) release() {
	s := l.Sale
	kind := s.Hold.Tender
	s.Hold = Hold{}
	switch {
	case s.blocked() || s.Page != PageTender: // a person comes first
	case s.due() <= 0:
		l.paidUp()
	case kind != "":
		l.choose(kind)
	}
}

// noAnswer stands on record where a payment went on without the bagging check.
const noAnswer = "no answer of the bagging check"

// tickHold goes on without an answer: a check that says nothing holds up nobody.
func (l *lane) tickHold(now time.Duration) {
	s := l.Sale
	if s.Hold.Since == 0 || now < s.Hold.Since+l.rules.Timing.PayCheck {
		return
	}
	l.note(NeedAudit, "lane", noAnswer)
	l.release()
}

// dropHold forgets the wait, and what was touched, when the shopper has left the
// choice of how to pay.
func (l *lane) dropHold() {
	if s := l.Sale; s != nil && s.Page != PageTender {
		s.Hold = Hold{}
	}
}

// resumeHold asks anew after a restart. A touch is not remembered over it: the
// shopper may have left.
func (l *lane) resumeHold() {
	s := l.Sale
	if s.Hold.Since == 0 {
		return
	}
	s.Hold = Hold{}
	l.pay()
}
