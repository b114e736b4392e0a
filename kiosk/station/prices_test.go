package station_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kassa/kiosk/barcode"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/store/catalog"
	"kassa/store/journal"
)

// bring imports files while the lane runs, as `kassa catalog import --delta` does from
// another process: by a catalogue of its own.
func (b *bench) bring(files map[string]string) {
	b.t.Helper()
	stock, err := catalog.Open(b.t.Context(), b.cfg.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = stock.Close() }() // the import has committed or failed
	var names []string
	for name, text := range files {
		path := filepath.Join(b.dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			b.t.Fatal(err)
		}
		names = append(names, path)
	}
	if _, err := stock.Import(b.t.Context(), names, catalog.Options{Delta: true, Location: b.cfg.Location}, nil); err != nil {
		b.t.Fatal(err)
	}
}

// total waits for a total.
func (b *bench) total(want money.Amount) flow.View {
	b.t.Helper()
	return b.until("a total", func(v flow.View) bool { return v.Sale != nil && v.Sale.Total == want })
}

// hint waits for a strip.
func (b *bench) hint(want flow.Hint) flow.View {
	b.t.Helper()
	return b.until(string(want), func(v flow.View) bool { return v.Hint != nil && v.Hint.Kind == want })
}

// payAndLeave pays by card and goes back to the start.
func (b *bench) payAndLeave() {
	b.t.Helper()
	b.touch(flow.ActPay, "")
	b.touch(flow.ActTender, "card")
	b.tap()
	b.screen(flow.ScreenReceipt)
	b.touch(flow.ActReceipt, "none")
	b.screen(flow.ScreenThanks)
	b.touch(flow.ActBack, "")
	b.screen(flow.ScreenStart)
}

// TestPricesChangeInTheMiddle brings a new price and a new rule, a sale stop and
// a recall while a basket is being filled. The basket keeps its prices until it
// is paid; what must not be sold any more stops at once, and leaves the basket.
func TestPricesChangeInTheMiddle(t *testing.T) {
	b := newBench(t)
	b.start()
	b.scan("4006381333931") // pens, 129
	b.total(129)
	b.bring(map[string]string{
		"dearer.csv": "gtin,name,price_minor,tax\n4006381333931,Pens,149,A\n4000000000013,Milk,139,A\n",
		"rules.toml": "[[rule]]\nid = \"pens\"\nname = \"Pens\"\nkind = \"percent\"\npercent_ppm = 500000\nitems = [\"4006381333931\"]\n",
	})
	b.scan("4000000000013") // milk, still 119
	b.total(129 + 119)
	// A second pen joins the line of the first, at its price and without the rule.
	<-time.After(500 * time.Millisecond) // longer than a double read
	b.scan("4006381333931")
	b.total(2*129 + 119)

	b.bring(map[string]string{"stop.csv": "gtin,name,price_minor,tax,flags\n4000000000020,Wine,599,A,sale-stop\n"})
	b.scan("4000000000020")
	b.hint(flow.HintNotHere)
	b.bring(map[string]string{"recall.csv": "gtin,lot,text\n4000000000013,,May hold glass\n"})
	if v := b.hint(flow.HintGone); len(v.Sale.Lines) != 1 || v.Sale.Total != 2*129 || v.Hint.Text != "May hold glass" {
		t.Errorf("%d lines for %d, want the pens for 258: the milk in the bag is recalled", len(v.Sale.Lines), v.Sale.Total)
	}
	b.scan("4000000000013")
	b.hint(flow.HintRecall)
	b.touch(flow.ActFind, "")
	b.screen(flow.ScreenFind)
	if err := b.station.Touch(t.Context(), flow.Touched{Act: flow.ActAdd, Code: "4000000000013"}); err != nil {
		t.Fatal(err)
	}
	if v := b.hint(flow.HintRecall); len(v.Sale.Lines) != 1 || v.Sale.Total != 2*129 {
		t.Errorf("%d lines for %d, want the pens for 258: what is recalled is not sold by a touch either", len(v.Sale.Lines), v.Sale.Total)
	}
	b.payAndLeave()

	// The next shopper pays the new prices, by the new rule, within two seconds.
	deadline := time.Now().Add(5 * time.Second)
	for {
		b.scan("4006381333931")
		v := b.until("the pens", func(v flow.View) bool { return v.Sale != nil && len(v.Sale.Lines) == 1 })
		if v.Sale.Total == 74 { // 149 less half, 74.5 -> 75 off
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("pens still cost %d", v.Sale.Total)
		}
		if err := b.station.Touch(t.Context(), flow.Touched{Act: flow.ActVoidLine, Line: 1}); err != nil {
			t.Fatal(err)
		}
		b.touch(flow.ActVoidSale, "")
		b.screen(flow.ScreenStart)
		<-time.After(500 * time.Millisecond)
	}
	b.end()
}

// TestRestartKeepsPrices stops the lane in the middle of a basket, brings new
// prices and rules, and starts it again: what the basket was quoted stands until
// it is paid, also for more of the same.
func TestRestartKeepsPrices(t *testing.T) {
	b := newBench(t)
	rule := func(ppm string) map[string]string {
		return map[string]string{"rules.toml": "[[rule]]\nid = \"off\"\nname = \"Off\"\nkind = \"percent\"\npercent_ppm = " + ppm +
			"\nitems = [\"4006381333931\", \"4000000000013\"]\n"}
	}
	b.bring(map[string]string{"cake.csv": "gtin,name,price_minor,tax\n4000000000037,Cake,899,A\n"})
	b.bring(rule("100000"))
	b.start()
	b.scan("4006381333931") // pens, 129 less 12.9 -> 13
	b.total(116)
	b.end()
	b.bring(rule("500000"))
	b.bring(map[string]string{"dearer.csv": "gtin,name,price_minor,tax\n4006381333931,Pens,149,A\n4000000000013,Milk,139,A\n"})
	b.start()
	b.total(116)
	b.scan("4006381333931") // 258 less 26
	b.total(232)
	b.scan("4000000000013") // not quoted before: 139 less 14, by the rule that the basket began with
	b.total(232 + 125)
	b.bring(map[string]string{"again.csv": "gtin,name,price_minor,tax\n4000000000037,Cake,999,A\n"})
	b.scan("4000000000037") // from the start on the catalogue is held again
	b.total(232 + 125 + 899)
	b.payAndLeave()
	b.scan("4006381333931") // 149 less 75, half up
	b.total(74)
	b.scan("4000000000037")
	b.total(74 + 999)
	b.end()
}

// TestCouponsAndStickers scans what lowers prices, with the store's own patterns
// and by the rules of GS1, and looks into the journal.
func TestCouponsAndStickers(t *testing.T) {
	b := newBench(t)
	patterns, err := barcode.ParsePatterns(`
currency = "EUR"
[[pattern]]
match = "28IIIIIIIINNC"
kind = "markdown"
[[pattern]]
match = "29IIIIIPPPPPC"
decimals = 2
key = "item"
kind = "markdown"
[[prefix]]
match = "CPN"
kind = "coupon"
`)
	if err != nil {
		t.Fatal(err)
	}
	b.codes.Patterns = patterns
	b.bring(map[string]string{
		"more.csv": "gtin,plu,name,price_minor,tax\n4000000000037,12345,Cake,899,A\n",
		"rules.toml": `
[[rule]]
id = "basket"
name = "Five off"
name_fr = "Cinq de moins"
kind = "basket"
amount_minor = 50
least_minor = 1000
coupon = "CPN77"
[[rule]]
id = "gs1"
name = "Pens coupon"
kind = "amount"
amount_minor = 9
items = ["4006381333931"]
coupon = "9501101020917"
[[rule]]
id = "us"
name = "Milk coupon"
kind = "amount"
amount_minor = 19
items = ["4000000000013"]
coupon = "0614141-654321"
[[rule]]
id = "worth"
name = "Wine coupon"
kind = "amount"
amount_minor = 200
items = ["4000000000020"]
coupon = "9501101020924"
coupon_value = true
`,
	})
	b.start()
	ean := func(digits string) string { return digits + string(barcode.CheckDigit(digits)) }
	b.scan("CPN99") // nobody's
	b.hint(flow.HintCoupon)
	b.scan("]C1255950110102091712345")
	b.hint(flow.HintCouponHere)
	b.scan("4006381333931")
	b.total(120)
	b.scan("]C181101061414165432132501101203361231") // to the end of 2036
	b.scan("4000000000013")
	b.total(120 + 100)
	b.scan(ean("280000000030")) // thirty per cent off the milk: 35.7 -> 36, more than the coupon's 19
	b.total(120 + 83)
	b.scan(ean("291234500499")) // the cake for 4.99
	b.total(120 + 83 + 499)
	b.scan("CPN77") // 129 + 119 + 899 are enough
	v := b.total(120 + 83 + 499 - 50)
	if v.Sale.Savings != 9+36+400+50 {
		t.Errorf("savings are %d", v.Sale.Savings)
	}
	b.scan("]C1255950110102092412345\x1d39020") // it says that it is worth nothing
	b.hint(flow.HintCoupon)
	b.scan("]C1255950110102092412346\x1d3902150") // 1.50
	b.hint(flow.HintCouponHere)
	b.scan("4000000000020")
	b.total(120 + 83 + 499 - 50 + 599 - 150)
	if err := b.station.Touch(t.Context(), flow.Touched{Act: flow.ActVoidLine, Line: 4}); err != nil {
		t.Fatal(err)
	}
	b.total(120 + 83 + 499 - 50)
	b.payAndLeave()
	last := txnFacts(t, b.journal)
	b.end()
	if last.Search != "exact" || last.Coupons != "0614141-654321 9501101020917 9501101020924 CPN77" || last.Total != 652 {
		t.Errorf("the journal says %+v", last)
	}
}

// txnFacts returns what the journal says last of the newest sale.
func txnFacts(t *testing.T, j *journal.Journal) flow.TxnFacts {
	t.Helper()
	var last flow.TxnFacts
	for rec, err := range j.Since(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		var f flow.Facts
		if len(rec.Facts) > 0 {
			if err := json.Unmarshal(rec.Facts, &f); err != nil {
				t.Fatal(err)
			}
		}
		if f.Txn != nil {
			last = *f.Txn
		}
	}
	return last
}

// TestBestSellers pays for apples and pens and finds them first in the grid of
// the next run.
func TestBestSellers(t *testing.T) {
	b := newBench(t)
	b.bring(map[string]string{"more.csv": "gtin,plu,name,price_minor,tax\n,4012,Yams,899,A\n4000000000044,,Aspic,99,A\n"})
	b.start()
	b.scan("4006381333931")
	if err := b.station.Touch(t.Context(), flow.Touched{Act: flow.ActAdd, Code: "4012"}); err != nil {
		t.Fatal(err)
	}
	b.total(129 + 899)
	b.payAndLeave()
	b.end()
	b.start()
	found, err := b.stock.Produce(t.Context(), 3)
	if err != nil || len(found) != 3 || found[0].Name != "Yams" || found[2].Name != "Pens" {
		t.Errorf("the grid is %+v, %v", found, err)
	}
	b.end()
}

// TestRestrictions sells what [[restriction]] lets through.
func TestRestrictions(t *testing.T) {
	b := newBench(t)
	b.cfg.Restrictions = []config.Restriction{
		{Items: []string{"4006381333931"}, MaxQty: 1, Staff: true}, {Items: []string{"4000000000013", "4011"}, Never: true},
	}
	b.start()
	b.scan("4006381333931")
	b.total(129)
	b.scan("4000000000013")
	b.hint(flow.HintNotHere)
	b.scan("4006381333931")
	b.hint(flow.HintLimit)
	if err := b.station.Touch(t.Context(), flow.Touched{Act: flow.ActAdd, Code: "4011"}); err != nil {
		t.Fatal(err)
	}
	b.hint(flow.HintNotHere)
	b.payAndLeave()
	b.end()
}

// TestStopReachesTheBasket stops the sale of what lies in a basket at each moment
// at which more of it could be sold: it is looked at again before the touch counts,
// when a parked basket comes back, and when a lane starts in the middle of one.
func TestStopReachesTheBasket(t *testing.T) {
	stop := map[string]string{"stop.csv": "gtin,name,price_minor,tax,flags\n4000000000013,Milk,119,A,sale-stop\n"}
	recall := map[string]string{"recall.csv": "gtin,lot,text\n4000000000013,,May hold glass\n"}
	gone := func(t *testing.T, b *bench) {
		t.Helper()
		v := b.until("129 in the basket", func(v flow.View) bool {
			return v.Screen == flow.ScreenBasket && v.Sale != nil && v.Sale.Total == 129
		})
		if len(v.Sale.Lines) != 1 || v.Sale.Lines[0].Name != "Pens" {
			t.Errorf("%+v", v.Sale.Lines)
		}
	}
	for name, files := range map[string]map[string]string{"stop": stop, "recall": recall} {
		for when, do := range map[string]func(t *testing.T, b *bench){
			"pay": func(t *testing.T, b *bench) {
				b.bring(files)
				b.touch(flow.ActPay, "")
				gone(t, b)
			},
			"tender": func(t *testing.T, b *bench) {
				b.touch(flow.ActPay, "")
				b.screen(flow.ScreenTender)
				b.bring(files)
				_ = b.station.Touch(t.Context(), flow.Touched{Act: flow.ActTender, Value: "card"}) // it may not fit any more
				gone(t, b)
			},
			"quantity": func(t *testing.T, b *bench) {
				b.bring(files)
				_ = b.station.Touch(t.Context(), flow.Touched{Act: flow.ActQuantity, Line: 2, Value: "2"})
				gone(t, b)
			},
			"restart": func(t *testing.T, b *bench) {
				b.end()
				b.bring(files)
				b.start()
				gone(t, b)
			},
			"ticket": func(t *testing.T, b *bench) {
				b.touch(flow.ActPay, "")
				b.touch(flow.ActTender, "till")
				v := b.until("a ticket", func(v flow.View) bool { return v.Leave != nil && v.Leave.Ticket != "" })
				b.screen(flow.ScreenThanks)
				b.touch(flow.ActBack, "")
				b.screen(flow.ScreenStart)
				b.bring(files)
				b.scan(v.Leave.Ticket)
				gone(t, b)
			},
		} {
			t.Run(name+" "+when, func(t *testing.T) {
				b := newBench(t)
				b.start()
				b.scan("4006381333931")
				b.total(129)
				b.scan("4000000000013")
				b.total(129 + 119)
				do(t, b)
				b.end()
			})
		}
	}
}
