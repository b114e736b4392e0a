package flow

import (
	"fmt"
	"slices"
	"strings"

	"kassa/kiosk/basket"
	"kassa/kiosk/money"
)

// This file is about vouchers and gift cards: paying with one, selling one, and
// one given instead of money. Who has the number has the money, so the number
// stays in the ledger; here it is a handle.

const codeVoucher = "voucher"

// A Voucher is what the ledger says of one.
type Voucher struct {
	Handle  string       `json:"handle"`
	Tail    string       `json:"tail,omitempty"` // last characters of the number
	Balance money.Amount `json:"balance,omitempty"`
	Expires string       `json:"expires,omitempty"` // YYYY-MM-DD: the last day; "" never
	Why     string       `json:"why,omitempty"`     // it cannot pay: unknown, expired, blocked
}

// An Issued is a voucher that this sale made.
type Issued struct {
	Key     string
	Amount  money.Amount
	Done    bool   // the ledger has it
	Tail    string // of its number
	Expires string
	Printed bool
	Job     string // print job under way, "" none
	Jobs    int
}

// good reports whether a voucher pays anything on a day.
func (v Voucher) good(today string) bool {
	return v.Why == "" && v.Balance > 0 && (v.Expires == "" || v.Expires >= today)
}

// voucher returns the one that pays next, nil if none does.
func (s *Sale) voucher() *Voucher {
	for i := range s.Vouchers {
		if s.Vouchers[i].Balance > 0 {
			return &s.Vouchers[i]
		}
	}
	return nil
}

// voucherPays is how much the next voucher pays of what is due.
func (s *Sale) voucherPays(r *Rules) money.Amount {
	v := s.voucher()
	if v == nil || s.Refund != nil {
		return 0
	}
	pays := min(v.Balance, s.due())
	if r.VoucherMax > 0 {
		left := r.VoucherMax
		for _, t := range s.Tenders {
			if t.Kind == TenderVoucher && t.Result == string(ChargeApproved) {
				left -= t.Amount // what went back counts the other way
			}
		}
		pays = min(pays, left)
	}
	return max(pays, 0)
}

// scannedMoney takes the codes that are about money and no article: a voucher, a
// parked basket's ticket, a receipt that something is given back from. It reports
// whether the scan is dealt with.
func (l *lane) scannedMoney(ev Scanned) bool {
	switch {
	case l.Staff != nil && l.Staff.Refund != nil && l.Sale == nil:
		l.found(ev.Original)
	case ev.Code.Kind == codeTicket:
		l.ticket(ev.Parked, ev.NoTicket)
	case l.Sale != nil && l.Sale.Refund != nil:
		l.cue(SoundAgain)
	case ev.Code.Kind == codeVoucher:
		l.ensureSale()
		l.alive()
		l.noteVoucher(ev.Voucher)
	case l.Sale != nil && l.Sale.parted():
		l.alive()
		l.hint(Strip{Kind: HintPaidPart, Until: l.Now.Mono + l.rules.Timing.Hint})
		l.cue(SoundAgain)
	default:
		return false
	}
	return true
}

// noteVoucher keeps a voucher for the end; where the choice of how to pay is on
// the page, it pays at once.
func (l *lane) noteVoucher(v *Voucher) {
	s := l.Sale
	until := l.Now.Mono + l.rules.Timing.Hint
	if v == nil || !v.good(l.Now.Wall.Format("2006-01-02")) {
		l.hint(Strip{Kind: HintNoVoucher, Until: until})
		if s.Page == PageTender {
			s.Payment.Failed = string(HintNoVoucher)
		}
		l.cue(SoundAgain)
		return
	}
	known := slices.ContainsFunc(s.Vouchers, func(have Voucher) bool { return have.Handle == v.Handle })
	if !known {
		s.Vouchers = append(s.Vouchers, *v)
	}
	l.hint(Strip{Kind: HintVoucher, Until: until})
	l.cue(SoundScan)
	if s.Page == PageTender {
		l.choose(TenderVoucher)
	}
}

// payByVoucher takes what the next voucher has, or what is due.
func (l *lane) payByVoucher() {
	s := l.Sale
	v := s.voucher()
	l.begins(Tender{Kind: TenderVoucher, Amount: s.voucherPays(l.rules), Voucher: v.Handle, Tail: v.Tail})
}

// voucherDeed asks the ledger for what a tender wants.
func (t Tender) voucherDeed() Effect {
	if t.Way == WayIssue {
		return Issue{Key: t.Key, Amount: t.sum()}
	}
	return Redeem{Key: t.Key, Voucher: t.Voucher, Amount: t.sum(), Back: t.Way == WayCredit}
}

// voucherDone takes the ledger's answer.
func (l *lane) voucherDone(ev VoucherDone) {
	if l.issued(ev) {
		return
	}
	t := l.current(ev.Key)
	if t == nil {
		return // answered before, by the same key
	}
	for i := range l.Sale.Vouchers {
		if v := &l.Sale.Vouchers[i]; v.Handle == ev.Voucher.Handle && v.Handle != "" {
			*v = ev.Voucher
		}
	}
	if ev.Outcome != ChargeApproved {
		l.spent(t.Voucher)
		l.unpaid(t, ChargeDeclined, ev.Why)
		l.Sale.Payment.Failed = string(HintNoVoucher)
		return
	}
	t.Left, t.Tail = ev.Left, ev.Voucher.Tail
	if t.Way == WayPay && ev.Amount > 0 && ev.Amount < t.Amount {
		t.Asked, t.Amount = t.Amount, ev.Amount
	}
	if t.Way == WayIssue {
		l.Sale.Issued = append(l.Sale.Issued, Issued{Key: t.Key, Amount: t.sum(), Done: true, Tail: ev.Voucher.Tail, Expires: ev.Voucher.Expires})
		t.Voucher = ev.Voucher.Handle
		l.printVouchers(l.Sale)
	}
	l.approved(t, "ledger")
}

// spent stops offering a voucher that the ledger did not take.
func (l *lane) spent(handle string) {
	for i := range l.Sale.Vouchers {
		if l.Sale.Vouchers[i].Handle == handle {
			l.Sale.Vouchers[i].Balance = 0
		}
	}
}

// issueSold makes the gift cards that were bought, now that they are paid.
func (l *lane) issueSold() {
	s := l.Sale
	if l.rules.Training {
		return // no money was taken for one
	}
	for _, line := range s.Basket.Lines {
		if line.Voided || line.Of != 0 || !line.Article.Flags.Has(basket.GiftCard) {
			continue
		}
		for piece := range line.Qty {
			is := Issued{Key: fmt.Sprintf("%s/g%d.%d", saleID(l.rules, s.Number), line.N, piece+1), Amount: line.Unit}
			s.Issued = append(s.Issued, is)
			l.do(Issue{Key: is.Key, Amount: is.Amount})
		}
	}
}

// resumeIssues asks again for vouchers that were on their way when the last run
// ended; a key makes one voucher. What was being printed counts as not printed.
func (l *lane) resumeIssues() {
	for _, s := range []*Sale{l.Sale, l.Last} {
		if s == nil {
			continue
		}
		for i := range s.Issued {
			s.Issued[i].Job = ""
			if !s.Issued[i].Done {
				l.do(Issue{Key: s.Issued[i].Key, Amount: s.Issued[i].Amount})
			}
		}
	}
}

// issued takes the answer for a gift card that was sold.
func (l *lane) issued(ev VoucherDone) bool {
	for _, s := range []*Sale{l.Sale, l.Last} {
		if s == nil {
			continue
		}
		i := slices.IndexFunc(s.Issued, func(is Issued) bool { return is.Key == ev.Key && !is.Done })
		if i < 0 {
			continue
		}
		if ev.Outcome != ChargeApproved {
			l.owe(s, ev.Key)
			return true
		}
		is := &s.Issued[i]
		is.Done, is.Tail, is.Expires = true, ev.Voucher.Tail, ev.Voucher.Expires
		l.printVouchers(s)
		return true
	}
	return false
}

// owe says that somebody has paid for a voucher and does not hold it.
func (l *lane) owe(s *Sale, key string) {
	l.alert(s, "voucher not handed out: "+key)
}

// printVouchers prints what is made and not on paper yet.
func (l *lane) printVouchers(s *Sale) {
	for i := range s.Issued {
		is := &s.Issued[i]
		if !is.Done || is.Printed || is.Job != "" {
			continue
		}
		if !l.up(DevicePrinter) {
			l.owe(s, is.Key)
			continue
		}
		is.Jobs++
		is.Job = fmt.Sprintf("%s/p%d", is.Key, is.Jobs)
		l.do(Print{Key: is.Job, Number: s.Number, What: DocVoucher, Copy: is.Jobs - 1, Voucher: is.Key})
	}
}

// voucherPrinted notes a voucher on paper, or that it is still owed.
func (l *lane) voucherPrinted(ev Printed) bool {
	for _, s := range []*Sale{l.Sale, l.Last} {
		if s == nil {
			continue
		}
		i := slices.IndexFunc(s.Issued, func(is Issued) bool { return is.Job != "" && is.Job == ev.Key })
		if i < 0 {
			continue
		}
		s.Issued[i].Job, s.Issued[i].Printed = "", ev.OK
		if !ev.OK {
			l.owe(s, s.Issued[i].Key)
			return true
		}
		l.handedOut(s, s.Issued[i].Key)
		return true
	}
	return false
}

// handedOut settles what was owed.
func (l *lane) handedOut(s *Sale, key string) {
	s.Needs = slices.Clone(s.Needs)
	for i := range s.Needs {
		if n := &s.Needs[i]; !n.Settled && strings.HasSuffix(n.Detail, key) {
			l.settle(n, "lane", "printed")
		}
	}
}

// owes reports whether a voucher of the sale is not on paper.
func (s *Sale) owes() bool {
	return slices.ContainsFunc(s.Issued, func(is Issued) bool { return is.Done && !is.Printed })
}
