package receipt

import (
	"encoding/base64"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

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
	return inMoney(t, lang, digits, "EUR", 2)
}

func inMoney(t *testing.T, lang, digits, currency string, decimals int) words.Words {
	t.Helper()
	b, err := words.New(words.Settings{Currency: currency, Decimals: decimals, Digits: digits})
	if err != nil {
		t.Fatal(err)
	}
	return b.In(lang)
}

// full is a receipt with all that can stand on one.
func full() Receipt {
	r := FromSale(shop(), trip(), flow.DocReceipt, 0)
	r.Shop.Currency = "EUR"
	r.Coupons = []string{"9501101020917"}
	r.Rounding, r.Total, r.Change = 2, 610, 90
	r.Lines[0].Set = &basket.Set{Price: 129, By: "a17", Reason: "damaged"}
	r.Tenders = []Tender{
		{Kind: "voucher", Amount: 200, Number: "V-2231-7", HasRest: true},
		{Kind: flow.TenderCard, Amount: 300, Name: "girocard", Lines: []string{
			"      K U N D E N B E L E G", "Terminal-ID     29001006", "Karte  ************5726", "PAN 4012888888881881", "\x1b@Autorisierung\x1dV\x00 erfolgt",
		}},
		{Kind: "cash", Amount: 200},
	}
	r.Deeds = []Deed{{Kind: DeedAge, By: "a17"}, {Kind: DeedVoid, By: "a17", Line: "Whole milk 1 l"}, {Kind: DeedLimit, By: "s2"}}
	r.Link = "https://receipts.example/r/9f3a"
	return r
}

// stacked is a receipt where two taxes come on top of the prices.
func stacked() Receipt {
	r := FromSale(shop(), trip(), flow.DocReceipt, 0)
	r.Shop.TaxOnTop = true
	r.Taxes = []Tax{{
		Class: "Q", RatePPM: 149750, Net: 608, Tax: 91, Gross: 699,
		Parts: []basket.TaxPart{{RatePPM: 50000, Tax: 30}, {RatePPM: 99750, Tax: 61}},
	}}
	r.Total = 699
	r.Tenders[0].Amount = 699
	return r
}

func with(r Receipt, change func(*Receipt)) Receipt {
	change(&r)
	return r
}

func TestBuild(t *testing.T) {
	unsynced := trip()
	unsynced.ClosedAt.Clock = flow.ClockUnsynced
	voided := trip()
	voided.State = flow.SaleVoided
	for i := range voided.Basket.Lines {
		voided.Basket.Lines[i].Voided = true
	}
	voided.Basket.Taxes, voided.Basket.Total, voided.Basket.Savings, voided.Tenders = nil, 0, 0, nil
	saudiShop := Shop{
		Name: "متجر النور", Address: []string{"شارع الملك 1", "الرياض"}, TaxNumber: "310122393500003",
		Store: "0421", Lane: "1", Currency: "SAR", Signer: SignerFor("SA", 2),
	}
	tests := []struct {
		name    string
		r       Receipt
		w       words.Words
		columns int
	}{
		{"en", full(), in(t, "en", "latn"), 48},
		{"en-42", full(), in(t, "en", "latn"), 42},
		{"en-32", full(), in(t, "en", "latn"), 32},
		{"fr-copy", FromSale(shop(), trip(), flow.DocReceipt, 2), in(t, "fr", "latn"), 42},
		{"ar", full(), in(t, "ar", "arab"), 48},
		{"ar-32", full(), in(t, "ar", "latn"), 32},
		{"id-unsynced", FromSale(shop(), unsynced, flow.DocReceipt, 0), in(t, "id", "latn"), 48},
		{"ticket", FromSale(shop(), trip(), flow.DocTicket, 0), in(t, "en", "latn"), 48},
		{"void", FromSale(shop(), voided, flow.DocReceipt, 0), in(t, "en", "latn"), 42},
		{"refund", with(FromSale(shop(), trip(), flow.DocReceipt, 0), func(r *Receipt) { r.Refund, r.Of = true, "0421-1-000119" }), in(t, "fr", "latn"), 42},
		{"training", with(FromSale(shop(), trip(), flow.DocReceipt, 0), func(r *Receipt) { r.Training = true }), in(t, "id", "latn"), 42},
		{"stacked", stacked(), inMoney(t, "fr", "latn", "CAD", 2), 42},
		{"stacked-32", stacked(), inMoney(t, "en", "latn", "USD", 2), 32},
		{"jpy", with(full(), func(r *Receipt) { r.Shop.Currency = "JPY" }), inMoney(t, "en", "latn", "JPY", 0), 42},
		{"kwd", with(full(), func(r *Receipt) { r.Shop.Currency = "KWD" }), inMoney(t, "ar", "arab", "KWD", 3), 42},
		{"idr", with(full(), func(r *Receipt) { r.Total, r.Shop.Currency = 123456700, "IDR" }), inMoney(t, "id", "latn", "IDR", 2), 32},
		{"saudi", with(full(), func(r *Receipt) { r.Shop = saudiShop }), inMoney(t, "ar", "latn", "SAR", 2), 42},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			blocks := Build(tt.r, tt.w)
			got := printer.Plain(blocks, tt.columns)
			for line := range strings.SplitSeq(got, "\n") {
				if n := utf8.RuneCountInString(strings.Map(visible, line)); n > tt.columns {
					t.Errorf("%d letters in %q, want at most %d", n, line, tt.columns)
				}
			}
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

// visible drops marks that take no room.
func visible(r rune) rune {
	if unicode.In(r, unicode.Mn, unicode.Cf) {
		return -1
	}
	return r
}

// Names come from files of strangers: what commands a printer must not reach it,
// in text or as a picture, on any kind of printer.
func TestHostileNames(t *testing.T) {
	fonts, err := printer.LoadFonts()
	if err != nil {
		t.Fatal(err)
	}
	hostile := []string{
		"\x1b@\x1dV\x00cut", "a\nb\rc\td", "\x10\x14\x01\x00\x05drawer", "\x9b31m", "\u202eevil\u2066", "\x00\xff\xfe", strings.Repeat("Ω\x1b", 5000),
		strings.Repeat("x", 100000), "\u0301\u0301\u0301", "\U0001F9C0", "", "\ue0f0\ue0f1",
	}
	for _, bad := range hostile {
		build := func(name string) []printer.Block {
			r := full()
			r.Lines[0].Name, r.Lines[0].Names = name, nil
			r.Lines[2].Discounts = []basket.Discount{{Rule: "x", Name: name, Amount: -1}}
			r.Tenders[1].Name, r.Tenders[1].Lines = name, []string{name}
			r.Shop.Address = []string{name}
			r.Coupons = []string{name}
			r.Deeds[1].Line = name
			return Build(r, in(t, "en", "latn"))
		}
		for _, kind := range []string{"epson-80", "generic-58"} {
			p, err := printer.LookUp(kind)
			if err != nil {
				t.Fatal(err)
			}
			blocks, err := printer.Render(p, build(bad), fonts)
			if err != nil {
				t.Errorf("%.20q: %v", bad, err)
				continue
			}
			for _, b := range blocks {
				text, ok := b.(printer.Text)
				if !ok {
					continue
				}
				one, err := printer.Encode(p, []printer.Block{text})
				if err != nil {
					t.Fatal(err)
				}
				body := strings.NewReplacer("\x1b@\x1c.\x1bt\x13", "", "\x1b@\x1c.\x1bt\x00", "", "\x1d!\x11", "", "\x1d!\x00", "",
					"\x1bE\x01", "", "\x1bE\x00", "", "\x1ba\x01", "", "\x1ba\x00", "", "\n", "").Replace(string(one))
				if i := strings.IndexFunc(body, func(r rune) bool { return r < ' ' && r >= 0 }); i >= 0 {
					t.Errorf("%.20q reaches the printer as %.80q", bad, body)
				}
			}
		}
		if text := printer.Plain(build(bad), 42); strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 }) {
			t.Errorf("%.20q reaches the text file", bad)
		}
	}
}

// What a terminal prints is hidden, however its groups are set.
func TestNoCardNumber(t *testing.T) {
	for _, number := range []string{"4012888888881881", "4012 8888 8888 1881", "4012.8888.8888.1881", "4012  8888  8888  1881", "4012\u00a08888\u00a08888\u00a01881"} {
		r := full()
		r.Tenders[0].Number, r.Tenders[0].Lines = number, []string{"PAN " + number}
		text := Text(Build(r, in(t, "en", "latn")))
		if strings.Contains(text, number) || strings.Contains(text, "4012") || strings.Count(text, "1881") < 2 {
			t.Errorf("%q is on the paper:\n%s", number, text)
		}
		r.Tenders[0].Number, r.Tenders[0].Lines = "401288888888", nil // a reference of 12 digits is none
		if text := Text(Build(r, in(t, "en", "latn"))); !strings.Contains(text, "401288888888") {
			t.Errorf("the reference is not on the paper:\n%s", text)
		}
	}
	for _, b := range Build(full(), in(t, "en", "latn")) {
		if text, ok := b.(printer.Text); ok && strings.Contains(text.Left, "401288888888") {
			t.Errorf("a card number is on the paper: %q", text.Left)
		}
	}
}

// A signer that cannot sign leaves a word on the paper, and the receipt is
// printed.
func TestSigner(t *testing.T) {
	r := full()
	r.Shop.Signer = SignerFor("SA", 2)
	if text := Text(Build(r, in(t, "en", "latn"))); !strings.Contains(text, "Tax code not available") {
		t.Errorf("a German tax number made a Saudi code:\n%s", text)
	}
	r.Shop.TaxNumber = "310122393500003"
	r.At = time.Date(2026, 5, 13, 18, 30, 0, 0, time.FixedZone("", 3*3600))
	code, err := r.Shop.Signer.Stamp(r)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(code)
	if err != nil || !strings.Contains(string(raw), "2026-05-13T15:30:00Z") || !strings.HasSuffix(string(raw), "\x04\x046.10\x05\x040.71") {
		t.Errorf("the code says %q, %v", raw, err)
	}
	if SignerFor("DE", 2) != nil {
		t.Error("Germany has a signer")
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
		if text, ok := b.(printer.Text); ok && !text.RTL && text.Left != "" {
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
	for _, want := range []string{"Corner Shop", "Whole milk", "...\n", "Total  €6.08", "B 19\u00a0%  2.80"} {
		if !strings.Contains(code, want) {
			t.Errorf("code lacks %q:\n%s", want, code)
		}
	}
	if short := Code(Build(FromSale(shop(), trip(), flow.DocReceipt, 0), in(t, "en", "latn"))); strings.Contains(short, "...") {
		t.Error("a short receipt was cut")
	}
}
