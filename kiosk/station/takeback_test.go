package station_test

import (
	"fmt"
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
)

// toReversal pays 1.29 by card and brings all of it back, up to where the terminal
// is told to take its payment back.
func (b *bench) toReversal(before func()) {
	b.t.Helper()
	b.scan("4006381333931")
	b.touch(flow.ActPay, "")
	b.touch(flow.ActTender, "card")
	b.tap()
	b.leave()
	b.toRefund()
	b.scan("0421-1-000001")
	b.until("the sale is found", func(v flow.View) bool {
		return v.Staff != nil && v.Staff.Refund != nil && len(v.Staff.Refund.Lines) == 1
	})
	b.staff(string(flow.DeedRefundLine), "1", 1)
	b.until("what comes back", func(v flow.View) bool { return v.Staff != nil && v.Staff.Refund != nil && v.Staff.Refund.Total == 129 })
	before()
	b.staff(string(flow.DeedRefundPay)+":damaged", "", 0)
}

// backOnce checks that terminal and journal say that the money went back, and that
// no more went out.
func (b *bench) backOnce() {
	b.t.Helper()
	if c := b.terminal.Charges(); len(c) != 0 {
		b.t.Errorf("the terminal's books: %+v, want the payment taken back and nothing else", c)
	}
	b.transactions([]money.Amount{129, -129}, []flow.SaleState{flow.SalePaid, flow.SaleRefund})
}

// The line breaks while the terminal takes a payment back, and then nobody is
// there: it stays in doubt, over a restart too, until the terminal answers. The
// money goes back once, whether it had done it or not.
func TestReversalInDoubt(t *testing.T) {
	for _, point := range []string{"04 FF", "04 0F", "06 D3"} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", point, restart), func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				b.start()
				b.toReversal(func() {
					if err := b.terminal.CutAfter(point); err != nil {
						t.Fatal(err)
					}
				})
				b.screen(flow.ScreenUnsure)
				if err := b.terminal.Unplug(); err != nil {
					t.Fatal(err)
				}
				if restart {
					b.end()
					b.start()
					b.screen(flow.ScreenUnsure)
				}
				b.stays(flow.ScreenUnsure, 700*time.Millisecond)
				if err := b.terminal.Plug(); err != nil {
					t.Fatal(err)
				}
				b.until("the money is back", func(v flow.View) bool { return v.Leave != nil && v.Leave.Refund })
				b.end()
				b.backOnce()
			})
		}
	}
}

// stays fails when the lane shows another page before d has passed.
func (b *bench) stays(s flow.Screen, d time.Duration) {
	b.t.Helper()
	for end := time.After(d); ; {
		select {
		case v := <-b.views:
			if v.Screen != s {
				b.t.Fatalf("the lane shows %s, not %s", v.Screen, s)
			}
		case <-end:
			return
		}
	}
}
