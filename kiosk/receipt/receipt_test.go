package receipt

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
	"kassa/kiosk/weight"
	"kassa/kiosk/words"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func shop() Shop {
	return Shop{Name: "Corner Shop", Address: []string{"Long Street 1", "10115 Berlin"}, TaxNumber: "DE123456789", Store: "0421", Lane: "1"}
}

// trip is a sale with a bit of everything.
func trip() *flow.Sale {
	milk := basket.Article{Name: "Whole milk 1 l", Names: map[string]string{"ar": "حليب 1 لتر", "fr": "Lait entier 1 l"}}
	bananas := basket.Article{Name: "Bananas", Names: map[string]string{"ar": "موز", "fr": "Bananes"}, Per: basket.PerKilogram}
	cola := basket.Article{Name: "Cola 1.5 l"}
	at := flow.Instant{Wall: time.Date(2026, 11, 22, 14, 5, 9, 0, time.FixedZone("", 3600)), Clock: flow.ClockSynced}
	return &flow.Sale{
		Number: 123, State: flow.SalePaid, OpenedAt: at, ClosedAt: at,
		Basket: basket.Basket{
			Lines: []basket.Line{
				{N: 1, Article: milk, Qty: 1, Unit: 129, Tax: "A", Gross: 129, Amount: 129},
				{N: 2, Article: bananas, Qty: 1, Weight: weight.Shown{Digits: 734, Decimals: 3, Unit: weight.Kilogram}, Tare: 5, Unit: 199, Tax: "A", Gross: 146, Amount: 146},
				{N: 3, Article: cola, Qty: 3, Unit: 129, Tax: "B", Gross: 387, Amount: 258, Discounts: []basket.Discount{{Rule: "3for2", Name: "3 for 2", Amount: -129}}},
				{N: 4, Article: basket.Article{Name: "Bottle"}, Qty: 3, Unit: 25, Tax: "B", Gross: 75, Amount: 75, Of: 3},
				{N: 5, Article: milk, Qty: 1, Unit: 129, Tax: "A", Gross: 129, Voided: true},
			},
			Taxes: []basket.TaxGroup{
				{Class: "A", RatePPM: 70000, Net: 257, Tax: 18, Gross: 275},
				{Class: "B", RatePPM: 190000, Net: 280, Tax: 53, Gross: 333},
			},
			Total: 608, Savings: 129,
		},
		Tenders: []flow.Tender{
			{N: 1, Kind: flow.TenderCard, Amount: 608, Result: "declined"},
			{N: 2, Kind: flow.TenderCard, Amount: 608, Result: "approved", Receipt: flow.ChargeReceipt{
				Terminal: "29001006", Receipt: "0022", Trace: "000022", Card: "************5726", Name: "girocard",
			}},
		},
	}
}

func in(t *testing.T, lang, digits string) words.Words {
	t.Helper()
	b, err := words.New(words.Settings{Currency: "EUR", Decimals: 2, Digits: digits})
	if err != nil {
		t.Fatal(err)
	}
	return b.In(lang)
}

func TestBuild(t *testing.T) {
	unsynced := trip()
	unsynced.ClosedAt.Clock = flow.ClockUnsynced
	tests := []struct {
		name string
		r    Receipt
		w    words.Words
	}{
		{"en", FromSale(shop(), trip(), flow.DocReceipt, 0), in(t, "en", "latn")},
		{"fr-copy", FromSale(shop(), trip(), flow.DocReceipt, 2), in(t, "fr", "latn")},
		{"ar", FromSale(shop(), trip(), flow.DocReceipt, 0), in(t, "ar", "arab")},
		{"id-unsynced", FromSale(shop(), unsynced, flow.DocReceipt, 0), in(t, "id", "latn")},
		{"ticket", FromSale(shop(), trip(), flow.DocTicket, 0), in(t, "en", "latn")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Text(Build(tt.r, tt.w))
			file := filepath.Join("testdata", tt.name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("document is\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestDocumentsEndAsPaperDoes(t *testing.T) {
	blocks := Build(FromSale(shop(), trip(), flow.DocReceipt, 0), in(t, "en", "latn"))
	if _, ok := blocks[len(blocks)-1].(printer.Cut); !ok {
		t.Errorf("the last block is %T, want Cut", blocks[len(blocks)-1])
	}
	if qr, ok := blocks[len(blocks)-2].(printer.QR); !ok || qr.Data != "0421-1-000123" {
		t.Errorf("before it stands %v, want the sale's QR code", blocks[len(blocks)-2])
	}
	blocks = Build(FromSale(shop(), trip(), flow.DocTicket, 0), in(t, "ar", "arab"))
	bar, ok := blocks[len(blocks)-2].(printer.Barcode)
	if want := barcode.TicketCode("0421-1-000123"); !ok || bar.Data != want {
		t.Errorf("the ticket has %v, want the barcode %s", blocks[len(blocks)-2], want)
	}
	for _, b := range blocks {
		if text, ok := b.(printer.Text); ok && !text.RTL {
			t.Errorf("%q is not marked as right to left", text.Left)
		}
	}
}

func TestCodeKeepsHeadAndTotal(t *testing.T) {
	r := FromSale(shop(), trip(), flow.DocReceipt, 0)
	for range 200 {
		r.Lines = append(r.Lines, r.Lines[0])
	}
	code := Code(Build(r, in(t, "en", "latn")))
	if len(code) > maxCode {
		t.Errorf("code has %d bytes, want at most %d", len(code), maxCode)
	}
	for _, want := range []string{"Corner Shop", "Whole milk", "...\n", "Total  €6.08", "Tax 19"} {
		if !strings.Contains(code, want) {
			t.Errorf("code lacks %q:\n%s", want, code)
		}
	}
	if short := Code(Build(FromSale(shop(), trip(), flow.DocReceipt, 0), in(t, "en", "latn"))); strings.Contains(short, "...") {
		t.Error("a short receipt was cut")
	}
}
