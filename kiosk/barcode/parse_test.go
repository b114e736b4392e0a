package barcode

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// germany is a lane in Germany on one day.
func germany(t testing.TB) *Options {
	t.Helper()
	de, err := Country("DE")
	if err != nil {
		t.Fatal(err)
	}
	return &Options{Today: Date{2026, 11, 22}, Patterns: de, Currency: "EUR"}
}

func TestParseKinds(t *testing.T) {
	o := germany(t)
	tests := []struct {
		in, symbology, gtin string
		kind                Kind
	}{
		// Digits by their number.
		{"4006381333931", "ean-13", "04006381333931", Article},
		{"4006381333932", "ean-13", "", Invalid},
		{"96385074", "ean-8", "00000096385074", Article},
		{"96385075", "ean-8", "", Invalid},
		{"20123451", "ean-8", "00000020123451", Article},
		{"036000291452", "upc-a", "00036000291452", Article},
		{"0036000291452", "ean-13", "00036000291452", Article},
		{"09506000134369", "itf-14", "09506000134369", Article},
		{"19506000134366", "itf-14", "19506000134366", Article},
		{"19506000134367", "itf-14", "", Invalid},
		{"0109506000134352", "gs1", "09506000134352", Article},
		{"00195060000000000012", "gs1", "", Unknown},
		{"4011", "", "", Unknown},
		{"1234567", "", "", Unknown},
		{"400638133393112", "", "", Unknown},
		{"٤٠٠٦٣٨١٣٣٣٩٣١", "", "", Unknown},
		// Symbology identifiers.
		{"]E04006381333931", "ean-13", "04006381333931", Article},
		{"]E0036000291452", "upc-a", "00036000291452", Article},
		{"]E004252614", "upc-e", "00042100005264", Article},
		{"]E0400638133393", "upc-a", "", Invalid},
		{"]E0", "ean-13", "", Invalid},
		{"]E0400638133393x", "ean-13", "", Invalid},
		{"]E496385074", "ean-8", "00000096385074", Article},
		{"]E404252614", "ean-8", "", Invalid},
		{"]E3400638133393112", "ean-13", "04006381333931", Article},
		{"]E3400638133393112345", "ean-13", "04006381333931", Article},
		{"]E34006381333931", "ean-13", "", Invalid},
		{"]E112", "ean-2", "", Unknown},
		{"]E212345", "ean-5", "", Unknown},
		{"]E1123", "ean-2", "", Invalid},
		{"]I109506000134369", "itf-14", "09506000134369", Article},
		{"]I009506000134360", "itf", "", Invalid},
		{"]I1123456", "itf", "", Unknown},
		{"]C04006381333931", "code-128", "", Unknown},
		{"]A0HELLO", "code-39", "", Unknown},
		{"]e00109506000134352", "gs1-databar", "09506000134352", Article},
		{"]E02112345678900|]e099COMPOSITE\x1d98XYZ", "ean-13", "02112345678900", Unknown},
		{"]E04006381333931|]e0", "ean-13", "04006381333931", Invalid},
		{"]d4\\0000260109506000134352", "datamatrix", "", Unknown},
		{"]d5\\0000260109506000134352", "gs1-datamatrix", "09506000134352", Article},
		{"]y0123", "", "", Unknown},
		{"]", "", "", Unknown},
		{"]E", "", "", Unknown},
		{"]\u00e90", "", "", Unknown},
		// Element strings and links.
		{"]d20109506000134352\x1d10AB-12", "gs1-datamatrix", "09506000134352", Article},
		{"\x1d0109506000134352", "gs1", "09506000134352", Article},
		{"0109506000134352\x1d10AB-12", "gs1", "09506000134352", Article},
		{"(01)09506000134352(10)AB-12", "", "09506000134352", Article},
		{"(hello)", "", "", Invalid},
		{"https://id.gs1.org/01/09506000134352/10/AB-12", "gs1-digital-link", "09506000134352", Article},
		{"]Q1https://id.gs1.org/01/09506000134352", "qr", "09506000134352", Article},
		{"https://example.com/menu", "gs1-digital-link", "", Invalid},
		{"HtTpS://example.com/01/09506000134352", "gs1-digital-link", "", Invalid},
		{"]Q1hTTp://", "qr", "", Invalid},
		{"http:/x", "", "", Unknown},
		{"ftp://x/01/09506000134352", "", "", Unknown},
		{"(00)195060000000000012", "", "", Unknown},
		{"(8018)195060000000000012", "", "", Member},
		{"(255)9501101020917", "", "", Coupon},
		{"(8110)106141416543213500110000310123196000", "", "", Coupon},
		{"(02)09506000134352(37)12", "", "", Unknown},
		{"(8006)095060001343520102", "", "09506000134352", Article},
		// Numbers with a meaning of their own.
		{"2810276146856", "ean-13", "02810270000000", Article},
		{"2810275146857", "ean-13", "02810275146857", Invalid},
		{"2010276146850", "ean-13", "02010276146850", Unknown},
		{"0412345678903", "ean-13", "00412345678903", Article},
		{"9828508010106", "ean-13", "09828508010106", Coupon},
		{"9912345678909", "ean-13", "09912345678909", Coupon},
		{"512345678900", "upc-a", "00512345678900", Coupon},
		{"9801234567892", "ean-13", "09801234567892", Voucher},
		{"9780306406157", "ean-13", "09780306406157", Article},
		{"9771234567003", "ean-13", "09771234567003", Article},
		// What is not ours.
		{"", "", "", Unknown},
		{" ", "", "", Unknown},
		{" 4006381333931", "", "", Unknown},
		{"hello", "", "", Unknown},
		{"a\xffb", "", "", Invalid},
		{"]d20109506000134352\xff", "", "", Invalid},
	}
	for _, tt := range tests {
		m := Parse([]byte(tt.in), o)
		if m.Kind != tt.kind || m.Symbology != tt.symbology || m.GTIN != tt.gtin {
			t.Errorf("Parse(%q) = %s %q %q (%s), want %s %q %q", tt.in, m.Kind, m.Symbology, m.GTIN, m.Error,
				tt.kind, tt.symbology, tt.gtin)
		}
		if (m.Error == "") != (m.Kind != Invalid && m.Kind != Unknown) {
			t.Errorf("Parse(%q) is %s with error %q", tt.in, m.Kind, m.Error)
		}
	}
}

func TestParseValues(t *testing.T) {
	o := germany(t)
	tests := []struct {
		in   string
		want Meaning // Input, Kind and Elements are left out
	}{
		{
			"]d201095060001343521726113010AB-12\x1d21SN/7",
			Meaning{AIM: "]d2", Symbology: "gs1-datamatrix", GTIN: "09506000134352", Expires: "2026-11-30", Lot: "AB-12", Serial: "SN/7"},
		},
		{
			"]d20109506000134352310300123415261200",
			Meaning{AIM: "]d2", Symbology: "gs1-datamatrix", GTIN: "09506000134352", NetWeightG: 1234, BestBefore: "2026-12-31"},
		},
		{"(01)09506000134352(3922)1234", Meaning{GTIN: "09506000134352", PriceMinor: 1234, Currency: "EUR"}},
		{"(01)09506000134352(3932)8401234", Meaning{GTIN: "09506000134352", PriceMinor: 1234, Currency: "USD"}},
		{"(01)09506000134352(3930)3921234", Meaning{GTIN: "09506000134352", PriceMinor: 1234, Currency: "JPY"}},
		{"(01)09506000134352(3921)1234", Meaning{GTIN: "09506000134352", PriceMinor: 12340, Currency: "EUR"}},
		{"(01)09506000134352(3923)1234", Meaning{GTIN: "09506000134352"}},
		{"(01)09506000134352(3952)001234", Meaning{GTIN: "09506000134352", UnitPriceMinor: 1234}},
		{"(01)09506000134352(30)6", Meaning{GTIN: "09506000134352", Count: 6}},
		{"(01)09506000134352(3202)000250", Meaning{GTIN: "09506000134352", NetWeightG: 1134}},
		{"(01)09506000134352(3560)000001", Meaning{GTIN: "09506000134352", NetWeightG: 31}},
		{"(01)09506000134352(3105)123456", Meaning{GTIN: "09506000134352", NetWeightG: 1235}},
		{"(01)09506000134352(16)261124", Meaning{GTIN: "09506000134352", SellBy: "2026-11-24"}},
		{"(01)09506000134352(7003)2611231330", Meaning{GTIN: "09506000134352", Expires: "2026-11-23", ExpiresTime: "13:30"}},
		{"(01)09506000134352(17)261122(7003)2611231330", Meaning{GTIN: "09506000134352", Expires: "2026-11-22"}},
		{"(01)09506000134352(235)TPX1", Meaning{GTIN: "09506000134352", Serial: "TPX1"}},
		{"(255)9501101020917(3902)100", Meaning{Coupon: "9501101020917", CouponMinor: 100}},
		{"(255)9501101020917(3941)0125", Meaning{Coupon: "9501101020917", PercentPPM: 125_000}},
		{"(255)9501101020917(3940)0101", Meaning{Coupon: "9501101020917"}}, // more than all
		{"(8110)1061414165432122511012095000", Meaning{Coupon: "1061414165432122511012095000", PercentPPM: 250_000}},
		{
			"(8110)1061414165432132501101203270131",
			Meaning{Coupon: "1061414165432132501101203270131", CouponMinor: 250, Expires: "2027-01-31"},
		},
		{
			"(8110)106141416543213500110000310123196000", // off the whole sale
			Meaning{Coupon: "106141416543213500110000310123196000", Expires: "2010-12-31", CouponMinor: 500},
		},
		{"(8018)195060000000000012", Meaning{Number: "195060000000000012"}},
		{
			"]E3978030640615712345",
			Meaning{AIM: "]E3", Symbology: "ean-13", GTIN: "09780306406157", AddOn: "12345"},
		},
		{
			"2810276146856",
			Meaning{Symbology: "ean-13", GTIN: "02810270000000", NetWeightG: 14685, Pattern: "28IIIIVWWWWWC", Measure: "weight"},
		},
		{
			"(01)02810276146856(3103)000500",
			Meaning{GTIN: "02810270000000", NetWeightG: 500, Pattern: "28IIIIVWWWWWC", Measure: "weight"},
		},
		{
			"2211114002394",
			Meaning{
				Symbology: "ean-13", GTIN: "02211110000004", PriceMinor: 239, Currency: "EUR",
				Pattern: "22IIIIVPPPPPC", Measure: "price",
			},
		},
		{
			"2511119000129",
			Meaning{Symbology: "ean-13", GTIN: "02511110000005", Count: 12, Pattern: "25IIIIVNNNNNC", Measure: "count", Value: "12"},
		},
		{
			"9813765030011",
			Meaning{Symbology: "ean-13", GTIN: "09813765030011", Coupon: "9813765030011", CouponMinor: 10, Currency: "EUR"},
		},
		{
			"9828508010106",
			Meaning{Symbology: "ean-13", GTIN: "09828508010106", Coupon: "9828508010106", CouponMinor: 10, Currency: "EUR"},
		},
		{
			"]E04006381333931|]e015261130\x1d10X",
			Meaning{AIM: "]E0", Symbology: "ean-13", GTIN: "04006381333931", BestBefore: "2026-11-30", Lot: "X"},
		},
	}
	for _, tt := range tests {
		got := Parse([]byte(tt.in), o)
		if got.Error != "" || got.Input != tt.in {
			t.Errorf("Parse(%q): %s %q %q", tt.in, got.Kind, got.Error, got.Input)
		}
		got.Input, got.Kind, got.Elements = "", "", nil
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("Parse(%q)\ngot  %+v\nwant %+v", tt.in, got, tt.want)
		}
	}
}

func TestParseOptions(t *testing.T) {
	letters := map[string]string{"F": "ean-13", "FF": "ean-8", "A": "upc-a", "E0": "upc-e", "d2": "gs1-datamatrix", "x": "no such"}
	tests := []struct {
		o         Options
		in, gtin  string
		kind      Kind
		symbology string
	}{
		{Options{Symbology: "upc-e"}, "04252614", "00042100005264", Article, "upc-e"},
		{Options{Symbology: "upc-e"}, "425261", "00042100005264", Article, "upc-e"},
		{Options{Symbology: "upc-e"}, "042100005264", "00042100005264", Article, "upc-e"},
		{Options{Symbology: "upc-e"}, "0425261", "", Invalid, "upc-e"},
		{Options{Symbology: "upc-e"}, "04252615", "00042100005265", Invalid, "upc-e"},
		{Options{Symbology: "upc-e-system"}, "0425261", "00042100005264", Article, "upc-e"},
		{Options{Symbology: "upc-e-check"}, "4252614", "00042100005264", Article, "upc-e"},
		{Options{Symbology: "upc-e"}, "]E496385074", "00000096385074", Article, "ean-8"},
		{Options{Symbology: "gs1-128"}, "0109506000134352", "09506000134352", Article, "gs1-128"},
		{Options{Symbology: "code-128"}, "4006381333931", "", Unknown, "code-128"},
		{Options{Symbology: "plu"}, "4011", "", Article, "plu"},
		{Options{Symbology: "plu"}, "94011", "", Article, "plu"},
		{Options{Symbology: "plu"}, "83999", "", Article, "plu"},
		{Options{Symbology: "plu"}, "2999", "", Unknown, "plu"},
		{Options{Symbology: "plu"}, "14011", "", Unknown, "plu"},
		{Options{AddOns: true}, "978030640615712345", "09780306406157", Article, "ean-13"},
		{Options{AddOns: true}, "977123456700305", "09771234567003", Article, "ean-13"},
		{Options{Letters: letters}, "F4006381333931", "04006381333931", Article, "ean-13"},
		{Options{Letters: letters}, "FF96385074", "00000096385074", Article, "ean-8"},
		{Options{Letters: letters}, "A036000291452", "00036000291452", Article, "upc-a"},
		{Options{Letters: letters}, "E004252614", "00042100005264", Article, "upc-e"},
		{Options{Letters: letters}, "d20109506000134352", "09506000134352", Article, "gs1-datamatrix"},
		{Options{Letters: letters}, "4006381333931", "04006381333931", Article, "ean-13"},
		{Options{Separators: []string{"{GS}", "|", ""}}, "0109506000134352{GS}10A|21B", "09506000134352", Article, "gs1"},
		{Options{Separators: []string{"^]"}}, "]C110AB^]0109506000134352", "09506000134352", Article, "gs1-128"},
		{Options{}, "]C110AB^]0109506000134352", "", Invalid, "gs1-128"},
		{Options{ShortGTIN: true}, "https://a.example/01/96385074", "00000096385074", Article, "gs1-digital-link"},
		{Options{}, "https://a.example/01/96385074", "", Invalid, "gs1-digital-link"},
		{Options{Strict: true}, "(10)AB", "", Invalid, ""},
		{Options{}, "(10)AB", "", Unknown, ""},
	}
	for _, tt := range tests {
		m := Parse([]byte(tt.in), &tt.o)
		if m.Kind != tt.kind || m.GTIN != tt.gtin || m.Symbology != tt.symbology {
			t.Errorf("Parse(%q, %+v) = %s %q %q (%s), want %s %q %q", tt.in, tt.o, m.Kind, m.GTIN, m.Symbology, m.Error,
				tt.kind, tt.gtin, tt.symbology)
		}
	}
	if m := Parse([]byte("4006381333931"), nil); m.Kind != Article {
		t.Errorf("without options: %+v", m)
	}
}

func TestPublications(t *testing.T) {
	if got := ISBN10("09780306406157"); got != "0306406152" {
		t.Errorf("ISBN10 = %q", got)
	}
	if got := ISBN10("09790306406156"); got != "" {
		t.Errorf("ISBN10 of 979 = %q", got)
	}
	if issn, variant := ISSN("09770317847001"); issn != "0317-8471" || variant != "00" {
		t.Errorf("ISSN = %q, %q", issn, variant)
	}
	if issn, _ := ISSN("04006381333931"); issn != "" {
		t.Errorf("ISSN of an article = %q", issn)
	}
	tests := []struct{ gtin, want string }{
		{"04006381333931", "Germany"},
		{"00036000291452", "United States"},
		{"00000096385074", "Global Office - GTIN-8"},
		{"09780306406157", "Bookland (ISBN)"},
		{"01500000000003", ""},
		{"4006381333931", ""},
	}
	for _, tt := range tests {
		if got := Issuer(tt.gtin); got != tt.want {
			t.Errorf("Issuer(%s) = %q, want %q", tt.gtin, got, tt.want)
		}
	}
}

// What strangers print ends as data: unknown or invalid, escaped in the answer,
// and no part of it in the reason.
func TestParseHostile(t *testing.T) {
	o := germany(t)
	for _, in := range []string{
		"\x00", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"'; DROP TABLE article; --", "<script>alert(1)</script>", "\x1b[2J\x1b[31m", "\u202e\u2028\u2029",
		"]d2\x1d\x1d\x1d", "]d2" + strings.Repeat("10A\x1d", 65), "(((((((((", "(01)(01)(01)", `(10)\\\\\(`,
		"https://" + strings.Repeat("/01", 5000), "https://a/01/%00%00", "https://a?b#c/01/09506000134352",
		strings.Repeat("9", 4096), strings.Repeat("]E0", 1000), "\ufeff4006381333931", "$%&/()=?",
		"]Q3" + strings.Repeat("x", 1<<16), strings.Repeat("\x1d", 1<<16), "BEEPER ON\x02\x03\x16M\r",
	} {
		m := Parse([]byte(in), o)
		if m.Kind != Unknown && m.Kind != Invalid {
			t.Errorf("Parse(%.40q) = %s", in, m.Kind)
		}
		if m.Error == "" || len(m.Error) > 120 {
			t.Errorf("Parse(%.40q): error %.150q", in, m.Error)
		}
		checkJSON(t, m)
	}
}

// checkJSON holds the answer against encoding/json.
func checkJSON(t *testing.T, m Meaning) {
	t.Helper()
	line := m.AppendJSON(nil)
	for _, c := range line {
		if c < ' ' || c == 0x7f || c == '<' || c == '>' || c == '&' {
			t.Fatalf("%q stands unescaped in %.200q", c, line)
		}
	}
	var back Meaning
	if err := json.Unmarshal(line, &back); err != nil {
		t.Fatalf("%.200q: %v", line, err)
	}
	if m.Elements == nil {
		m.Elements = []Element{}
	}
	if !reflect.DeepEqual(back, m) {
		t.Fatalf("JSON\ngot  %+v\nwant %+v", back, m)
	}
}

func TestJSONFields(t *testing.T) {
	full := Meaning{
		Input: "\u2028\t\"\\é€😀", AIM: "]d2", Kind: Article, Symbology: "qr", GTIN: "1", Elements: []Element{{"01", "x"}, {"10", "y"}},
		Lot: "l", Serial: "s", Expires: "e", BestBefore: "b", NetWeightG: 1, PriceMinor: -2, Currency: "EUR", Count: 3, Coupon: "c",
		Error: "e", Number: "n", AddOn: "a", PLU: "p", Pattern: "P", Measure: "m", Value: "v", SellBy: "S", ExpiresTime: "t",
		UnitPriceMinor: 4, CouponMinor: 5,
	}
	checkJSON(t, full)
	b, err := json.Marshal(full)
	if err != nil || string(b) == "" {
		t.Errorf("json.Marshal: %s, %v", b, err)
	}
	bare := Meaning{}
	want := `{"input":"","aim":"","kind":"","symbology":"","gtin":"","elements":[],"lot":"","serial":"","expires":"",` +
		`"best_before":"","net_weight_g":0,"price_minor":0,"currency":"","count":0,"coupon":"","error":""}`
	if got := string(bare.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// An EAN-13 costs one allocation, that of its own text and GTIN.
func TestAllocations(t *testing.T) {
	o := germany(t)
	tests := []struct {
		in   string
		most float64
	}{
		{"4006381333931", 1},
		{"]E04006381333931", 2}, // text, GTIN
		{"2810276146856", 2},
		{"]d20109506000134352310300123410AB", 2},  // text, elements
		{"]d201095060001343521726113010AB-12", 3}, // and the date
	}
	for _, tt := range tests {
		code := []byte(tt.in)
		if got := testing.AllocsPerRun(100, func() { sinkMeaning = Parse(code, o) }); got > tt.most {
			t.Errorf("Parse(%q): %v allocations, want at most %v", tt.in, got, tt.most)
		}
	}
}
