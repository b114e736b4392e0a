package flow

import (
	"fmt"
	"slices"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/basket"
)

// paidUp closes a sale that is paid: the money is counted, the goods are hers.
func (l *lane) paidUp() {
	s := l.Sale
	l.close(SalePaid)
	l.cue(SoundPaid)
	l.issueSold()
	switch {
	case l.rules.Receipt == "never":
		l.thank()
	case l.rules.Receipt == "always" && l.up(DevicePrinter):
		s.Page, s.EndAt = PageReceipt, 0
		l.print(DocReceipt)
	default:
		s.Page, s.EndAt = PageReceipt, l.Now.Mono+l.rules.Timing.Receipt
	}
}

// close ends a sale one way or the other. What is amiss with its money stays open
// for staff.
func (l *lane) close(state SaleState) {
	s := l.Sale
	s.State, s.ClosedAt = state, l.Now
	s.Strip, s.Undo, s.Pick, s.Bag = Strip{}, Undo{}, nil, BagView{}
	s.WantsPay, s.AskedAt, s.Held, s.Hold = false, 0, nil, Hold{}
	for i := range s.Needs {
		if n := &s.Needs[i]; !n.Settled && !n.alert() {
			l.settle(n, "lane", "sale "+string(state))
		}
	}
	if s.call() != nil {
		l.endCall(CallCancelled, "lane", "sale "+string(state))
	}
}

// park keeps an unfinished basket for the till: it is closed here, and its
// ticket says what to ask for there.
func (l *lane) park() {
	s := l.Sale
	if s.paying() || s.over() || s.parted() || s.Refund != nil {
		return
	}
	if s.empty() {
		l.close(SaleAbandoned)
		l.leave()
		return
	}
	l.close(SaleParked)
	s.Page, s.EndAt = PageReceipt, l.Now.Mono+l.rules.Timing.Receipt
	if l.up(DevicePrinter) {
		s.EndAt = 0
		l.print(DocTicket)
	} else {
		s.Paper.QR = true
	}
}

// print starts a print job, unless one is under way.
func (l *lane) print(what Document) {
	s := l.Sale
	if s.Paper.Key != "" {
		return
	}
	l.job(s, what)
}

// job numbers a print job and asks for it. After the original come duplicates,
// and what may have been the original counts as one: no two papers of a sale are
// ever without a mark, whatever tore the first.
func (l *lane) job(s *Sale, what Document) {
	s.Paper.Jobs++
	if s.Paper.Begun {
		s.Paper.Copies++
	}
	s.Paper.Key = fmt.Sprintf("%s/p%d", saleID(l.rules, s.Number), s.Paper.Jobs)
	s.Paper.Failed = false
	l.do(Print{Key: s.Paper.Key, Number: s.Number, What: what, Copy: s.Paper.Copies})
}

// printed goes on when the paper came out, and offers the code when it did not.
func (l *lane) printed(ev Printed) {
	if l.voucherPrinted(ev) {
		return
	}
	for _, s := range []*Sale{l.Sale, l.Last} {
		if s == nil || s.Paper.Key != ev.Key {
			continue
		}
		s.Paper.Key, s.Paper.Failed = "", !ev.OK
		s.Paper.Done = s.Paper.Done || ev.OK
		s.Paper.Begun = s.Paper.Begun || ev.OK || ev.Partly
		if s != l.Sale || s.Page != PageReceipt {
			return
		}
		if ev.OK {
			l.thank()
		} else {
			s.Paper.QR = true
			s.EndAt = l.Now.Mono + l.rules.Timing.Receipt
		}
		return
	}
}

// resumePaper offers the receipt again when the last run ended while it was
// being printed: nobody knows whether it came out, so what is printed now is
// marked as a duplicate.
func (l *lane) resumePaper() {
	s := l.Sale
	if s.Paper.Key == "" {
		return
	}
	s.Paper.Key, s.Paper.Begun = "", true
	s.Page, s.EndAt = PageReceipt, l.Now.Mono+l.rules.Timing.Receipt
}

// receipt takes the shopper's wish.
func (l *lane) receipt(value string) {
	s := l.Sale
	switch value {
	case "print":
		if l.up(DevicePrinter) {
			if s.Page == PageReceipt {
				s.EndAt = 0
			}
			l.print(DocReceipt)
		}
	case "qr":
		s.Paper.QR = true
		s.EndAt = l.Now.Mono + l.rules.Timing.Receipt
	default:
		l.thank()
	}
}

// thank shows the last page.
func (l *lane) thank() {
	s := l.Sale
	s.Page, s.EndAt = PageThanks, l.Now.Mono+l.rules.Timing.Thanks
	if !l.Scale.empty() && !l.Scale.Lost {
		l.cue(SoundTake)
	}
}

// leave ends the visit: the lane is the next shopper's.
func (l *lane) leave() {
	l.endHelp()
	l.do(Check{Input: bagging.End{T: l.Now.Mono}})
	if !l.Scale.empty() {
		l.Scale.Used = true
	}
	l.Last, l.Sale = l.Sale, nil
	l.Modes, l.Lang, l.Choose = Modes{}, "", 0
	if l.Mode == LaneClosing {
		l.Mode = LaneClosed
	}
}

// idles reports whether a sale without a touch should be asked about.
func (s *Sale) idles() bool {
	if s.over() || s.paying() || s.blocked() && s.WantsPay || s.call() != nil || s.Refund != nil {
		return false
	}
	return true
}

// tickIdle asks whether more time is needed, and parks the basket if nobody
// answers. Nothing is voided.
func (l *lane) tickIdle(now time.Duration) {
	s := l.Sale
	if !s.idles() || l.Staff != nil {
		return
	}
	t := l.rules.Timing
	switch {
	case s.empty() && now >= s.TouchedAt+t.Empty:
		l.close(SaleAbandoned)
		l.leave()
	case s.empty():
	case s.AskedAt == 0 && now >= s.TouchedAt+t.Idle:
		s.AskedAt = now
		l.cue(SoundLook)
	case s.AskedAt != 0 && now >= s.AskedAt+t.Grace && s.parted():
		s.AskedAt = 0
		s.Calls = append(s.Calls, Call{N: len(s.Calls) + 1, Reason: "part-paid", State: CallCalled, RaisedAt: l.Now})
		l.raise(Need{Kind: NeedHelp, Detail: fmt.Sprintf("paid %d of %d, and left", s.paid(), s.Basket.Total)})
		l.cue(SoundCalled)
	case s.AskedAt != 0 && now >= s.AskedAt+t.Grace:
		l.park()
	}
}

// voidSale ends a sale without a payment, on record.
func (l *lane) voidSale() {
	s := l.Sale
	if s.over() || s.paying() || s.parted() {
		return
	}
	if s.Refund != nil {
		l.dropRefund()
		return
	}
	for _, line := range slices.Clone(s.Basket.Lines) {
		if !line.Voided && line.Of == 0 {
			l.voidQuietly(line)
		}
	}
	state := SaleVoided
	if len(s.Basket.Lines) == 0 {
		state = SaleAbandoned
	}
	l.close(state)
	l.leave()
}

// voidQuietly takes a line off without the page's undo.
func (l *lane) voidQuietly(line basket.Line) {
	if b, err := l.Sale.Basket.Void(l.rules.Basket, line.N); err == nil {
		l.Sale.Basket = b
	}
}
