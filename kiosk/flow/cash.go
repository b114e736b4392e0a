package flow

import "kassa/kiosk/money"

// This file is about cash. A machine takes it and gives change; to the flow it is
// a terminal whose answer also says what went in and out. What is left to be paid
// is rounded to the smallest coin while cash pays it, and not before or after.

// payByCash takes all that is due in coins and notes.
func (l *lane) payByCash() {
	s := l.Sale
	l.roundCash(true)
	if s.due() <= 0 { // less than half of the smallest coin
		l.paidUp()
		return
	}
	l.begins(Tender{Kind: TenderCash, Amount: s.due()})
}

// roundCash rounds what is left of the total to coins, or takes that back. A refund
// is never rounded: what coins cannot give goes back otherwise.
func (l *lane) roundCash(on bool) {
	s := l.Sale
	if s.Refund != nil || s.Basket.Cash == on {
		return
	}
	if b, err := s.Basket.SetCashBut(l.rules.Basket, on, s.paid()); err == nil {
		s.Basket = b
	}
}

// coinsFor reports whether what a tender paid can go back the way it came, if that
// was cash: the machine answers, and has coins that small.
func (l *lane) coinsFor(t Tender, amount money.Amount) bool {
	if t.Kind != TenderCash || l.rules.Training {
		return true
	}
	step := l.rules.Basket.CashStep
	return l.up(DeviceCash) && (step <= 1 || amount%step == 0)
}

// change is what the cash machine gave out of what was put in.
func (s *Sale) change() money.Amount {
	var sum money.Amount
	for _, t := range s.Tenders {
		if t.Kind == TenderCash && t.Way == WayPay && t.Result == string(ChargeApproved) {
			sum += t.Change
		}
	}
	return sum
}
