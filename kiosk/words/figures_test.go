package words

import (
	"testing"
	"time"

	"kassa/kiosk/basket"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

func in(t *testing.T, lang string, s Settings) Words {
	t.Helper()
	b, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return b.In(lang)
}

func TestMoney(t *testing.T) {
	euro, rupiah := Settings{Currency: "EUR", Decimals: 2}, Settings{Currency: "IDR", Decimals: 0}
	dinar, pound := Settings{Currency: "KWD", Decimals: 3, Digits: "arab"}, Settings{Currency: "EGP", Decimals: 2, Digits: "latn"}
	tests := []struct {
		lang     string
		settings Settings
		amount   money.Amount
		want     string
	}{
		{"en", euro, 1234567, "€12,345.67"},
		{"en", euro, -129, "-€1.29"},
		{"fr", euro, 1234567, "12\u00a0345,67\u00a0€"},
		{"ar", euro, 258, "2.58\u00a0€"},
		{"id", rupiah, 12500, "Rp\u00a012.500"},
		{"en", rupiah, 0, "IDR\u00a00"},
		{"id", Settings{Currency: "IDR", Decimals: 2}, 1250000, "Rp\u00a012.500"},
		{"en", Settings{Currency: "IDR", Decimals: 2}, -1250000, "-IDR\u00a012,500"},
		{"id", Settings{Currency: "IDR", Decimals: 2}, 1250025, "Rp\u00a012.500,25"},
		{"ar", dinar, 1234567, "١٬٢٣٤٫٥٦٧\u00a0د.ك."},
		{"fr", dinar, 5, "0,005\u00a0KWD"},
		{"ar", pound, 1234567, "12,345.67\u00a0ج.م."},
		{"ar-XB", euro, 258, "2.58\u00a0€"},
		{"en", Settings{Currency: "QQQ", Decimals: 2}, 258, "2.58 QQQ"},
		{"en", euro, -1 << 63, "-€92,233,720,368,547,758.08"},
	}
	for _, tt := range tests {
		if got := in(t, tt.lang, tt.settings).Money(tt.amount); got != tt.want {
			t.Errorf("%s %s: Money(%d) = %q, want %q", tt.lang, tt.settings.Currency, tt.amount, got, tt.want)
		}
	}
}

func TestFiguresAreOfOneSystem(t *testing.T) {
	at := time.Date(2026, 11, 22, 14, 5, 0, 0, time.FixedZone("", 3600))
	w := in(t, "ar", Settings{Currency: "EUR", Decimals: 2, Digits: "arab"})
	shown := weight.Shown{Digits: 734, Decimals: 3, Unit: weight.Kilogram}
	for _, tt := range []struct{ got, want string }{
		{w.Weight(shown), "٠٫٧٣٤\u00a0كغ"},
		{w.Percent(70000), "٧\u00a0٪"},
		{w.Percent(55000), "٥٫٥\u00a0٪"},
		{w.Date(at), "٢٢/١١/٢٠٢٦"},
		{w.Time(at), "١٤:٠٥"},
		{w.Stamp(at), "٢٢/١١/٢٠٢٦ ١٤:٠٥ +٠١:٠٠"},
		{w.N("basket.count", 3), "٣ أصناف"},
		{w.T("hint.not-here.what", "Name", Code("Cola 1.5 l")), "لا نستطيع بيع Cola 1.5 l هنا."},
		{w.T("find.page", "Page", 2, "Pages", 10), "صفحة ٢ من ١٠"},
		{w.Per(basket.Per100Grams), "١٠٠ غ"},
		{w.Number(-12), "-١٢"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
	// Nobody but a reader of Arabic gets Arabic digits.
	if got := in(t, "en", Settings{Currency: "EUR", Decimals: 2, Digits: "arab"}).Weight(shown); got != "0.734\u00a0kg" {
		t.Errorf("English weight = %q, want ASCII digits", got)
	}
}

func TestArabicPlurals(t *testing.T) {
	w := in(t, "ar", Settings{Currency: "EUR", Decimals: 2})
	for n, want := range map[int64]string{
		0: "لا أصناف (0)", 1: "صنف واحد (1)", 2: "صنفان (2)", 3: "3 أصناف", 10: "10 أصناف", 11: "11 صنفًا",
		99: "99 صنفًا", 100: "100 صنف", 102: "102 صنف", 103: "103 أصناف",
	} {
		if got := w.N("basket.count", n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestNamesLoseControlCharacters(t *testing.T) {
	w := in(t, "fr", Settings{Currency: "EUR", Decimals: 2})
	if got := w.Name("a\x1b[31m\u202eb\n", nil); got != "a[31mb" {
		t.Errorf("Name = %q", got)
	}
	if got := w.Name("Milk", map[string]string{"fr": "Lait"}); got != "Lait" {
		t.Errorf("Name = %q, want the language's own", got)
	}
}

func TestPseudoLocalesAreLonger(t *testing.T) {
	b, err := New(Settings{Currency: "EUR", Decimals: 2})
	if err != nil {
		t.Fatal(err)
	}
	en := b.In("en").T("start.how")
	for _, tag := range []string{Pseudo, PseudoRTL} {
		got := b.In(tag).T("start.how")
		if len([]rune(got)) < len([]rune(en))*13/10 {
			t.Errorf("%s: %q is not much longer than %q", tag, got, en)
		}
	}
	if got := b.In(PseudoRTL).N("basket.count", 3); got == "" || b.In(PseudoRTL).Dir() != "rtl" {
		t.Errorf("%s: %q", PseudoRTL, got)
	}
	if got := b.In("xx").T("basket.total"); got != "Total" {
		t.Errorf("a strange language says %q, want English", got)
	}
}

// Discounts that are no rule's of the store have a name in every language.
func TestDiscount(t *testing.T) {
	euro := Settings{Currency: "EUR", Decimals: 2}
	for _, tt := range []struct {
		lang string
		d    basket.Discount
		want string
	}{
		{"fr", basket.Discount{Rule: "x", Name: "3 for 2", Names: map[string]string{"fr": "3 pour 2"}}, "3 pour 2"},
		{"fr", basket.Discount{Rule: basket.MemberRule}, "Prix membre"},
		{"en", basket.Discount{Rule: basket.MarkRule}, "Reduced"},
		{"id", basket.Discount{Rule: basket.SetRule}, "Harga disesuaikan"},
		{"en", basket.Discount{Rule: "no-such-rule"}, "Reduced"},
	} {
		if got := in(t, tt.lang, euro).Discount(tt.d); got != tt.want {
			t.Errorf("%s: %s is %q, want %q", tt.lang, tt.d.Rule, got, tt.want)
		}
	}
}
