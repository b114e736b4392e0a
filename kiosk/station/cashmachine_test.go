package station_test

import (
	"testing"
	"time"

	"kassa/device/cash"
	"kassa/device/sim"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/store/journal"
)

// recycler puts a cash machine beside the lane.
func (b *bench) recycler(o sim.CashOptions) *sim.Cash {
	b.t.Helper()
	far, err := sim.NewCash("127.0.0.1:0", o)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = far.Close() })
	b.cash, err = cash.NewRecycler(cash.Config{
		URL: "http://" + far.Addr(), User: "u", Password: "p", Poll: 2 * time.Millisecond, Patience: 200 * time.Millisecond,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return far
}

// toCash brings a sale of 2.48 to where the machine waits for money.
func (b *bench) toCash(far *sim.Cash) {
	b.t.Helper()
	b.scan("4006381333931")
	b.scan("4000000000013")
	b.until("two lines", func(v flow.View) bool { return v.Sale != nil && v.Sale.Total == 248 })
	b.touch(flow.ActPay, "")
	b.touch(flow.ActTender, "cash")
	b.waitsForCash(far)
}

func (b *bench) waitsForCash(far *sim.Cash) {
	b.t.Helper()
	if !far.Wait(10 * time.Second) {
		b.t.Fatal("the machine asks for no money")
	}
}

func (b *bench) insert(far *sim.Cash, minor int64) {
	b.t.Helper()
	if !far.Insert(minor) {
		b.t.Fatal("the slot is shut")
	}
}

func (b *bench) leave() {
	b.t.Helper()
	if v, ok := b.station.View(); !ok || v.Screen != flow.ScreenReceipt {
		b.screen(flow.ScreenReceipt)
	}
	b.touch(flow.ActReceipt, "none")
	b.touch(flow.ActStart, "")
	b.screen(flow.ScreenStart)
}

// Cash with change; stopped half way, all of it comes back, and what is left is
// paid by card; a refund goes back through the machine. Books and journal agree.
func TestCash(t *testing.T) {
	b := newBench(t)
	far := b.recycler(sim.CashOptions{})
	b.start()
	b.toCash(far)
	b.insert(far, 200)
	b.until("what was put in", func(v flow.View) bool { return v.Screen == flow.ScreenPaying && v.Live.Inserted == 200 })
	b.insert(far, 200)
	v := b.screen(flow.ScreenReceipt)
	if v.Leave.Change != 152 || v.Leave.Paid != 248 {
		t.Errorf("the page says %+v", v.Leave)
	}
	b.leave()

	b.toCash(far)
	b.insert(far, 100)
	b.touch(flow.ActBack, "")
	b.until("the choice again", func(v flow.View) bool { return v.Screen == flow.ScreenTender && v.Pay.Due == 248 })
	b.touch(flow.ActTender, "card")
	b.tap()
	b.leave()

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
	b.end()
	if kept := far.State().Kept; kept != 248-129 {
		t.Errorf("the machine kept %d", kept)
	}
	b.transactions([]money.Amount{248, 248, -129}, []flow.SaleState{flow.SalePaid, flow.SalePaid, flow.SaleRefund})
	if n := len(b.terminal.Charges()); n != 1 {
		t.Errorf("%d charges, want the second sale's", n)
	}
}

// Wherever the lane goes dark, the machine keeps a sale's money once or not at all,
// and the journal says the same.
func TestCashInTheDark(t *testing.T) {
	for _, moment := range []string{"nothing is in", "half is in", "all is in", "the line breaks, all is in", "it stands still"} {
		t.Run(moment, func(t *testing.T) {
			b := newBench(t)
			far := b.recycler(sim.CashOptions{})
			b.start()
			b.toCash(far)
			if moment != "nothing is in" {
				b.insert(far, 100)
			}
			if moment == "it stands still" {
				far.Jam(true)
				b.screen(flow.ScreenUnsure)
			}
			switch moment {
			case "the line breaks, all is in":
				if err := far.Unplug(); err != nil {
					t.Fatal(err)
				}
				b.insert(far, 200)
				b.screen(flow.ScreenUnsure)
				if err := far.Plug(); err != nil {
					t.Fatal(err)
				}
			default:
				b.end()
				if moment == "all is in" {
					b.insert(far, 200)
				}
				b.start()
			}
			paid := moment == "all is in" || moment == "the line breaks, all is in"
			if moment == "it stands still" {
				b.screen(flow.ScreenUnsure)
				far.Jam(false) // somebody has seen to it
			}
			if !paid {
				b.until("nothing was paid", func(v flow.View) bool {
					return v.Screen == flow.ScreenTender && v.Pay.Due == 248 && v.Pay.Paid == 0
				})
				if kept := far.State().Kept; kept != 0 {
					t.Errorf("the machine kept %d", kept)
				}
				b.touch(flow.ActTender, "cash")
				b.waitsForCash(far)
				b.insert(far, 300)
			}
			b.leave()
			b.end()
			if kept := far.State().Kept; kept != 248 {
				t.Errorf("the machine kept %d", kept)
			}
			b.transactions([]money.Amount{248}, []flow.SaleState{flow.SalePaid})
		})
	}
}

// What the journal says of cash: the operation, what went in, what came out.
func TestCashFacts(t *testing.T) {
	b := newBench(t)
	far := b.recycler(sim.CashOptions{Loose: true})
	b.start()
	b.toCash(far)
	b.insert(far, 500)
	b.leave()
	b.end()
	r, err := journal.OpenReader(t.Context(), b.cfg.Data)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	txn, err := r.Transaction(t.Context(), 1)
	if err != nil || len(txn.Tenders) != 1 {
		t.Fatalf("transaction = %+v, %v", txn, err)
	}
	if p := txn.Tenders[0]; p.Kind != flow.TenderCash || p.Amount != 248 || p.Result != "approved" || p.Receipt != far.State().All[0].ID {
		t.Errorf("tender = %+v", p)
	}
	if key := far.State().All[0].Key; key != "0421-1-000001/1" {
		t.Errorf("the machine's books have it as %q", key)
	}
}
