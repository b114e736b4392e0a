package barcode

import (
	"strings"
	"testing"
)

// The worked examples of several countries' own papers.
func TestCountries(t *testing.T) {
	tests := []struct {
		set, in, gtin string
		grams, price  int64
		currency      string
	}{
		{"DE", "2810276146856", "02810270000000", 14685, 0, ""},
		{"DE", "2811111068708", "02811110000006", 6870, 0, ""},
		{"DE", "02811111068708", "02811110000006", 6870, 0, ""},
		{"SE", "2088060112343", "02088060100005", 0, 1234, "SEK"},
		{"SE", "2188060112340", "02188060100002", 0, 12340, "SEK"},
		{"SE", "2388060112344", "02388060100006", 1234, 0, ""},
		{"SE", "2588060112348", "02588060100000", 123400, 0, ""},
		{"NO", "2302148210869", "02302148200006", 1086, 0, ""},
		{"GB", "2011122912346", "02011122000005", 0, 1234, "GBP"},
		{"US", "212345119990", "00212345000007", 0, 1999, "USD"},
		{"US", "]E00212345119990", "00212345000007", 0, 1999, "USD"},
		{"US-5", "212345119990", "00212345000007", 0, 11999, "USD"},
		{"DK", "2712341002251", "02712341000004", 225, 0, ""},
		{"DE", "4191234501992", "04191234500001", 0, 199, "EUR"},
	}
	for _, tt := range tests {
		p, err := Country(tt.set)
		if err != nil {
			t.Fatal(err)
		}
		m := Parse([]byte(tt.in), &Options{Patterns: p})
		if m.Kind != Article || m.GTIN != tt.gtin || m.NetWeightG != tt.grams || int64(m.PriceMinor) != tt.price || m.Currency != tt.currency {
			t.Errorf("%s %s: %s %s %d g %d %s (%s), want %s %d g %d %s", tt.set, tt.in, m.Kind, m.GTIN, m.NetWeightG, m.PriceMinor,
				m.Currency, m.Error, tt.gtin, tt.grams, tt.price, tt.currency)
		}
	}
}

// Each pattern of each ready set reads a code made after it, and refuses it
// with another verifier.
func TestEveryPattern(t *testing.T) {
	sets := Countries()
	if len(sets) < 39 {
		t.Errorf("only %d sets", len(sets))
	}
	for _, set := range sets {
		patterns, err := countryPatterns(set)
		if err != nil {
			t.Fatal(err)
		}
		ready, err := Country(set)
		if err != nil {
			t.Errorf("%s: %v", set, err)
			continue
		}
		for _, p := range patterns {
			for _, digit := range "123456789" {
				checkPattern(t, set, p, &Options{Patterns: ready}, string(digit))
			}
		}
	}
}

func checkPattern(t *testing.T, set string, p Pattern, o *Options, digit string) {
	t.Helper()
	code, zero := writeCode(p.Match, digit), writeCode(p.Match, "0")
	m := Parse([]byte(code), o)
	if set == "GR" && p.Match == "02IIIIIPPPPPC" { // three decimals of a euro are no price
		if m.Kind != Unknown {
			t.Errorf("%s %s: %s is %s", set, p.Match, code, m.Kind)
		}
		return
	}
	if m.Kind != Article || m.Pattern != p.Match || m.GTIN != "0"+zero {
		t.Errorf("%s %s: %s is %s %s by %s (%s)", set, p.Match, code, m.Kind, m.GTIN, m.Pattern, m.Error)
	}
	if again := Parse([]byte(zero), o); again.GTIN != m.GTIN {
		t.Errorf("%s %s: look-up number %s of %s reads as %s", set, p.Match, m.GTIN, code, again.GTIN)
	}
	at := strings.IndexByte(p.Match, 'V')
	if at < 0 {
		return
	}
	wrong := code[:at] + string((code[at]-'0'+1)%10+'0') + code[at+1:12]
	wrong += string(CheckDigit(wrong))
	if m := Parse([]byte(wrong), o); m.Kind != Invalid || !strings.HasPrefix(m.Error, "price_check_digit") {
		t.Errorf("%s %s: %s with a wrong verifier is %s (%s)", set, p.Match, wrong, m.Kind, m.Error)
	}
}

// writeCode makes a code after a pattern, its item 3s and its value of one digit.
func writeCode(match, digit string) string {
	value := strings.Repeat(digit, strings.Count(match, "P")+strings.Count(match, "W")+strings.Count(match, "N")+strings.Count(match, "L"))
	verifier := "0"
	if v := PriceVerifier(value); v != 0 {
		verifier = string(v)
	}
	code := strings.NewReplacer("I", "3", "V", verifier, "X", digit, "P", digit, "W", digit, "N", digit, "L", digit).Replace(match[:12])
	return code + string(CheckDigit(code))
}

func TestParsePatterns(t *testing.T) {
	p, err := ParsePatterns(`
country = "DE"
currency = "CHF"

[[pattern]]
match = "22IIIIIPPPPPC"   # in place of the ready one
decimals = 2

[[pattern]]
match = "02IIIIIVPPPPC"
decimals = 2
verify = "off"
key = "item"

[[pattern]]
match = "21IIIIIWWWWWC"
decimals = 2
unit = "lb"

[[pattern]]
match = "20IIIIIIIIIIC"

[[pattern]]
match = "27XIIIILLLLLC"
decimals = 3

[[pattern]]
match = "24IIIIIPPPPPC"   # slips of the bottle machine
decimals = 2
kind = "voucher"

[[pattern]]
match = "99IIIIIVPPPPC"
decimals = 2
kind = "coupon"

[[prefix]]
match = "2999"
kind = "member"
length = 13

[[prefix]]
match = "29990"
kind = "staff"
number = "rest"

[[prefix]]
match = "77"
kind = "ticket"
check = "none"

[[prefix]]
match = "8811"
kind = "voucher"

[[prefix]]
match = "LOYAL-"
kind = "member"

[[prefix]]
match = "CPN"
kind = "coupon"
`)
	if err != nil {
		t.Fatal(err)
	}
	o := &Options{Patterns: p}
	tests := []struct {
		in   string
		want Meaning
	}{
		{writeCode("22IIIIIPPPPPC", "1"), Meaning{Kind: Article, PriceMinor: 11111, Currency: "CHF"}},
		{"0212345019993", Meaning{Kind: Article, PriceMinor: 1999, Currency: "CHF", PLU: "12345"}},
		{writeCode("21IIIIIWWWWWC", "1"), Meaning{Kind: Article, NetWeightG: 50399}},
		{writeCode("20IIIIIIIIIIC", "1"), Meaning{Kind: Article}},
		{writeCode("27XIIIILLLLLC", "1"), Meaning{Kind: Article, Value: "11.111"}},
		{writeCode("28IIIIVWWWWWC", "1"), Meaning{Kind: Article, NetWeightG: 11111}},
		{"2412345012507", Meaning{Kind: Voucher, Number: "2412345012507", CouponMinor: 1250, Currency: "CHF"}},
		{writeCode("99IIIIIVPPPPC", "1"), Meaning{Kind: Coupon, Coupon: writeCode("99IIIIIVPPPPC", "1"), CouponMinor: 1111, Currency: "CHF"}},
		{"2999123456789", Meaning{Kind: Member, Number: "2999123456789"}},
		{"2999012345675", Meaning{Kind: Staff, Number: "12345675"}},
		{"2999123456780", Meaning{Kind: Invalid}},
		{"7700000000000", Meaning{Kind: Ticket, Number: "7700000000000"}},
		{"77000000000001", Meaning{Kind: Ticket, Number: "77000000000001"}},
		{"]C07700000000000", Meaning{Kind: Ticket, Number: "7700000000000"}},
		{"]C02999123456787", Meaning{Kind: Unknown}},
		{"88110000000011", Meaning{Kind: Voucher, Number: "88110000000011"}},
		{"77", Meaning{Kind: Ticket, Number: "77"}},
		{"LOYAL-17", Meaning{Kind: Member, Number: "LOYAL-17"}},
		{"]C0LOYAL-17", Meaning{Kind: Member, Number: "LOYAL-17"}},
		{"]Q1CPN5", Meaning{Kind: Coupon, Coupon: "CPN5"}},
		{"loyal-17", Meaning{Kind: Unknown}},
		{"(01)09506000134352(3922)100", Meaning{Kind: Article, PriceMinor: 100, Currency: "CHF"}},
	}
	for _, tt := range tests {
		m := Parse([]byte(tt.in), o)
		got := Meaning{
			Kind: m.Kind, PriceMinor: m.PriceMinor, Currency: m.Currency, NetWeightG: m.NetWeightG, Number: m.Number,
			PLU: m.PLU, Coupon: m.Coupon, CouponMinor: m.CouponMinor,
		}
		if m.Measure == "length" {
			got.Value = m.Value
		}
		if got.Kind != tt.want.Kind || got.PriceMinor != tt.want.PriceMinor || got.Currency != tt.want.Currency ||
			got.NetWeightG != tt.want.NetWeightG || got.Number != tt.want.Number || got.PLU != tt.want.PLU ||
			got.Coupon != tt.want.Coupon || got.CouponMinor != tt.want.CouponMinor || got.Value != tt.want.Value {
			t.Errorf("%s:\ngot  %+v (%s)\nwant %+v", tt.in, got, m.Error, tt.want)
		}
	}
}

func TestStorePatterns(t *testing.T) {
	both, err := StorePatterns("SE", "[[pattern]]\nmatch = \"23IIIIIWWWWWC\"\ndecimals = 3\n")
	if err != nil {
		t.Fatal(err)
	}
	m := Parse([]byte(writeCode("23IIIIIWWWWWC", "1")), &Options{Patterns: both})
	if m.Pattern != "23IIIIIWWWWWC" || m.NetWeightG != 11111 {
		t.Errorf("the store's own pattern: %+v", m)
	}
	if m := Parse([]byte("2088060112343"), &Options{Patterns: both}); m.PriceMinor != 1234 || m.Currency != "SEK" {
		t.Errorf("the country's: %+v", m)
	}
	if p, err := StorePatterns("", ""); err != nil || p == nil {
		t.Errorf("nothing: %v, %v", p, err)
	}
	if _, err := StorePatterns("QQ", ""); err == nil {
		t.Error("a country without patterns")
	}
	if _, err := Country("QQ"); err == nil {
		t.Error("a country without patterns")
	}
}

func TestPatternMistakes(t *testing.T) {
	for name, text := range map[string]string{
		"short":           "[[pattern]]\nmatch = \"28IIIIVWWWWC\"",
		"no check digit":  "[[pattern]]\nmatch = \"28IIIIVWWWWWW\"",
		"two checks":      "[[pattern]]\nmatch = \"28IIIICWWWWWC\"",
		"no item":         "[[pattern]]\nmatch = \"28XXXXVWWWWWC\"",
		"begins free":     "[[pattern]]\nmatch = \"I8IIIIVWWWWWC\"",
		"two values":      "[[pattern]]\nmatch = \"28IIIIIWWPPPC\"",
		"torn value":      "[[pattern]]\nmatch = \"28IIIWWIWWWWC\"",
		"two verifiers":   "[[pattern]]\nmatch = \"28IIVIVWWWWWC\"",
		"lone verifier":   "[[pattern]]\nmatch = \"28IIIIVIIIIIC\"",
		"long verified":   "[[pattern]]\nmatch = \"28IIIVWWWWWWC\"",
		"letter":          "[[pattern]]\nmatch = \"28IIIIQWWWWWC\"",
		"decimals":        "[[pattern]]\nmatch = \"28IIIIVWWWWWC\"\ndecimals = 5",
		"minus":           "[[pattern]]\nmatch = \"28IIIIVWWWWWC\"\ndecimals = -1",
		"unit":            "[[pattern]]\nmatch = \"28IIIIVWWWWWC\"\nunit = \"stone\"",
		"verify":          "[[pattern]]\nmatch = \"28IIIIVWWWWWC\"\nverify = \"maybe\"",
		"key":             "[[pattern]]\nmatch = \"28IIIIVWWWWWC\"\nkey = \"x\"",
		"pattern kind":    "[[pattern]]\nmatch = \"28IIIIVPPPPPC\"\nkind = \"staff\"",
		"currency":        "[[pattern]]\nmatch = \"28IIIIVPPPPPC\"\ncurrency = \"XYZ\"",
		"top currency":    "currency = \"XYZ\"",
		"twice":           "[[pattern]]\nmatch = \"28IIIIIWWWWWC\"\n[[pattern]]\nmatch = \"28IIIIIPPPPPC\"",
		"empty prefix":    "[[prefix]]\nkind = \"member\"",
		"kind":            "[[prefix]]\nmatch = \"1\"\nkind = \"article\"",
		"prefix length":   "[[prefix]]\nmatch = \"123\"\nkind = \"member\"\nlength = 2",
		"prefix check":    "[[prefix]]\nmatch = \"123\"\nkind = \"member\"\ncheck = \"luhn\"",
		"prefix number":   "[[prefix]]\nmatch = \"123\"\nkind = \"member\"\nnumber = \"half\"",
		"unknown key":     "[[prefix]]\nmatch = \"123\"\nkind = \"member\"\ncolour = \"red\"",
		"unknown country": "country = \"QQ\"",
		"not toml":        "[[prefix",
	} {
		if _, err := ParsePatterns(text); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
