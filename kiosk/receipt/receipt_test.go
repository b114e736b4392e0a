package receipt_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kassa/device/printer"
	"kassa/kiosk/barcode"
	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/receipt"
	"kassa/kiosk/weight"
	"kassa/kiosk/words"
)

var update = flag.Bool("update", false, "rewrite testdata")

// sale is a paid sale with one of everything: a promotion, a weighed line with
// a tare, a deposit, a voided line, two tax rates.
func sale(t *testing.T) *flow.Sale {
	t.Helper()
	rules, err := basket.NewRules(basket.Rules{
		Tax: basket.Tax{Inclusive: true, Classes: []basket.Class{
			{ID: "A", RatesPPM: []int64{70000}}, {ID: "B", RatesPPM: []int64{190000}},
		}},
		Promotions: []basket.Promotion{{
			ID: "3for2", Name: "Pens 3 for 2", Names: map[string]string{"ar": "ثلاثة أقلام بسعر اثنين"},
			Kind: basket.NForM, Items: []string{"04006381333931"}, Buy: 3, Pay: 2,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var b basket.Basket
	for _, l := range []basket.NewLine{
		{Article: basket.Article{GTIN: "04006381333931", Name: "Pens", Names: map[string]string{"ar": "أقلام"}, Price: 129, Tax: "B"}, Qty: 3},
		{Article: basket.Article{PLU: "4011", Name: "Apples", Names: map[string]string{"ar": "تفاح"}, Price: 299, Per: basket.PerKilogram, Tax: "A", Tare: 5}, Weight: weight.Shown{Digits: 739, Decimals: 3, Unit: weight.Kilogram}},
		{Article: basket.Article{GTIN: "04000000000044", Name: "Cola", Price: 99, Tax: "B", Deposit: 25}},
		{Article: basket.Article{GTIN: "04000000000013", Name: "Milk", Price: 119, Tax: "A"}},
	} {
		if b, _, err = b.Add(rules, l); err != nil {
			t.Fatal(err)
		}
	}
	if b, err = b.Void(rules, 5); err != nil {
		t.Fatal(err)
	}
	at := flow.Instant{Wall: time.Date(2026, 11, 22, 14, 2, 0, 0, time.FixedZone("", 3600)), Clock: flow.ClockSynced}
	return &flow.Sale{
		Number: 123, State: flow.SalePaid, OpenedAt: at, ClosedAt: at, Basket: b,
		Tenders: []flow.Tender{
			{N: 1, Kind: flow.TenderCard, Amount: b.Total, Result: "declined"},
			{N: 2, Kind: flow.TenderCard, Amount: b.Total, Result: "approved", Receipt: flow.ChargeReceipt{
				Terminal: "29001006", Receipt: "0022", Trace: "000022", Card: "************5726", Name: "girocard",
			}},
		},
	}
}

func shop() receipt.Shop {
	return receipt.Shop{
		Name: "Corner Shop", Address: []string{"1 High Street", "10115 Berlin"}, TaxNumber: "DE123456789",
		Store: "0421", Lane: "1", Location: time.FixedZone("", 3600), TaxNames: map[string]string{"A": "7 %", "B": "19 %"},
	}
}

// TestPapers compares papers in all languages with testdata.
func TestPapers(t *testing.T) {
	book, err := words.New(words.Settings{Currency: "EUR", Decimals: 2, Digits: "latn"})
	if err != nil {
		t.Fatal(err)
	}
	s := sale(t)
	for _, lang := range words.Languages() {
		w := book.In(lang)
		for name, blocks := range map[string][]printer.Block{
			"receipt": receipt.Receipt(shop(), w, s, 0), "copy": receipt.Receipt(shop(), w, s, 2), "ticket": receipt.Ticket(shop(), w, s),
		} {
			file := filepath.Join("testdata", name+"-"+lang+".txt")
			got := strings.Join(receipt.Text(blocks, 42), "\n") + "\n"
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s is now\n%s\nwant\n%s", file, got, want)
			}
		}
	}
}

// TestTicketCode reads the ticket's code back.
func TestTicketCode(t *testing.T) {
	code := receipt.TicketCode(shop(), 123)
	m := barcode.Parse([]byte(code), &barcode.Options{})
	if m.Kind != barcode.Ticket || m.Number != "0421-1-000123" {
		t.Errorf("Parse(%q) = %s %q", code, m.Kind, m.Number)
	}
}
