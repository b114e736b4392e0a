package station_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kassa/kiosk/barcode"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/store/journal"
	"kassa/store/voucher"
)

// supervisor may do what moves money.
func supervisor() *flow.Staff {
	s := &flow.Staff{ID: "s02", Role: "supervisor"}
	for _, d := range []flow.StaffDeed{flow.DeedPart, flow.DeedTakeBack, flow.DeedRefund, flow.DeedRefundAgain, flow.DeedRefundVoucher, flow.DeedPaid} {
		s.May = append(s.May, flow.Permit{Deed: d, PIN: d != flow.DeedPart})
	}
	return s
}

const voucherNumber = "KV20261122AB"

// ledger is a ledger with one voucher over 200.
func (b *bench) ledger() *voucher.Ledger {
	b.t.Helper()
	l, err := voucher.Open(b.t.Context(), b.cfg.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = l.Close() })
	if _, err := l.Import(b.t.Context(), strings.NewReader("number,balance_minor\n"+voucherNumber+",200\n")); err != nil {
		b.t.Fatal(err)
	}
	b.vouchers = l
	return l
}

func (b *bench) staff(deed, code string, line int) {
	b.t.Helper()
	err := b.station.Touch(context.Background(), flow.Touched{Act: flow.ActStaff, Value: deed, Code: code, Line: line})
	if err != nil {
		b.t.Fatalf("staff %s: %v", deed, err)
	}
}

// toRefund brings a supervisor to the page that asks for a receipt.
func (b *bench) toRefund() {
	b.t.Helper()
	b.scan(barcode.StaffCode("2"))
	b.screen(flow.ScreenStaff)
	b.staff(string(flow.DeedRefund), "", 0)
	b.until("the PIN's page", func(v flow.View) bool { return v.Staff != nil && v.Staff.NeedPIN != "" })
	b.touch(flow.ActPIN, "264891")
	b.until("the refund's page", func(v flow.View) bool { return v.Staff != nil && v.Staff.Refund != nil })
}

// A sale is paid by voucher and card, over a restart, and a part of it comes back:
// terminal, ledger and journal tell the same.
func TestMixedPaymentAndRefund(t *testing.T) {
	b := newBench(t)
	ledger := b.ledger()
	b.start()
	b.scan("4006381333931")
	b.scan("4000000000013")
	b.scan(barcode.VoucherCode(voucherNumber))
	b.until("the voucher is noted", func(v flow.View) bool { return v.Hint != nil && v.Hint.Kind == flow.HintVoucher })
	b.touch(flow.ActPay, "")
	b.touch(flow.ActTender, "voucher")
	b.until("a part is paid", func(v flow.View) bool { return v.Pay != nil && v.Pay.Due == 48 && v.Pay.Paid == 200 })
	b.end()
	b.start()
	b.until("the part is still paid", func(v flow.View) bool { return v.Screen == flow.ScreenTender && v.Pay.Due == 48 && !v.NoCard })
	b.touch(flow.ActTender, "card")
	b.tap()
	b.screen(flow.ScreenReceipt)
	b.touch(flow.ActReceipt, "none")
	b.touch(flow.ActStart, "")
	b.screen(flow.ScreenStart)

	b.toRefund()
	b.scan("0421-1-000001")
	b.until("the sale is found", func(v flow.View) bool {
		return v.Staff != nil && v.Staff.Refund != nil && len(v.Staff.Refund.Lines) == 2
	})
	b.staff(string(flow.DeedRefundLine), "1", 1)
	b.until("what comes back", func(v flow.View) bool { return v.Staff != nil && v.Staff.Refund != nil && v.Staff.Refund.Total == 129 })
	b.staff(string(flow.DeedRefundPay)+":damaged", "", 0)
	b.until("the money is back", func(v flow.View) bool { return v.Leave != nil && v.Leave.Refund })
	b.until("its paper is out", func(v flow.View) bool { return v.Screen == flow.ScreenThanks })
	b.touch(flow.ActStart, "")
	b.screen(flow.ScreenStart)

	b.toRefund()
	b.staff(string(flow.DeedRefundFind), "1", 0)
	b.until("one line is left", func(v flow.View) bool {
		return v.Staff != nil && v.Staff.Refund != nil && len(v.Staff.Refund.Lines) == 1
	})
	b.staff(string(flow.DeedLeave), "", 0)
	b.end()

	if h, err := ledger.Show(t.Context(), voucherNumber); err != nil || h.Balance != 81 {
		t.Errorf("the voucher has %d, %v, want 81", h.Balance, err)
	}
	b.transactions([]money.Amount{248, -129}, []flow.SaleState{flow.SalePaid, flow.SaleRefund})
	b.nowhere(voucherNumber)
}

// transactions checks what the journal's tables say.
func (b *bench) transactions(totals []money.Amount, states []flow.SaleState) {
	b.t.Helper()
	r, err := journal.OpenReader(b.t.Context(), b.cfg.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	i := 0
	for txn, err := range r.Transactions(b.t.Context(), journal.Filter{}) {
		if err != nil {
			b.t.Fatal(err)
		}
		var paid money.Amount
		for _, p := range txn.Tenders {
			if p.Result == "approved" {
				paid += p.Amount
			}
		}
		if i < len(totals) && (txn.Total != totals[i] || paid != totals[i] || txn.State != states[i]) {
			b.t.Errorf("transaction %d is %s, total %d, tenders %d, want %s %d", txn.Number, txn.State, txn.Total, paid, states[i], totals[i])
		}
		i++
	}
	if i != len(totals) {
		b.t.Errorf("%d transactions, want %d", i, len(totals))
	}
}

// nowhere checks that no file of the lane holds a text.
func (b *bench) nowhere(text string) {
	b.t.Helper()
	files, err := filepath.Glob(filepath.Join(b.cfg.Data, "*"))
	if err != nil || len(files) == 0 {
		b.t.Fatal(files, err)
	}
	for _, f := range files {
		if data, err := os.ReadFile(f); err == nil && bytes.Contains(data, []byte(text)) {
			b.t.Errorf("%s holds %s", f, text)
		}
	}
}

// A ticket brings its basket back once, also when it is read twice at once and
// after a restart.
func TestTicketComesBackOnce(t *testing.T) {
	b := newBench(t)
	b.start()
	b.scan("4006381333931")
	b.until("a line", func(v flow.View) bool { return v.Sale != nil && v.Sale.Total == 129 })
	b.touch(flow.ActPay, "")
	b.touch(flow.ActTender, "till")
	v := b.until("a ticket", func(v flow.View) bool { return v.Leave != nil && v.Leave.Ticket != "" })
	ticket := v.Leave.Ticket
	b.screen(flow.ScreenThanks)
	b.touch(flow.ActStart, "")
	b.screen(flow.ScreenStart)
	b.end()
	b.start()
	b.scan(ticket)
	b.scan(ticket)
	b.until("the basket is back", func(v flow.View) bool { return v.Sale != nil && v.Sale.Total == 129 && v.Sale.Count == 1 })
	b.touch(flow.ActPay, "")
	b.touch(flow.ActTender, "card")
	b.tap()
	b.screen(flow.ScreenReceipt)
	b.touch(flow.ActReceipt, "none")
	b.touch(flow.ActStart, "")
	b.screen(flow.ScreenStart)
	b.scan(ticket)
	b.until("it is not taken up again", func(v flow.View) bool { return v.Hint != nil && v.Hint.Kind == flow.HintTicket })
	b.end()
	if n := len(b.terminal.Charges()); n != 1 {
		t.Errorf("%d charges, want 1", n)
	}
}
