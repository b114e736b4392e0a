package barcode

import (
	"bytes"
	"slices"
	"testing"
	"unicode/utf8"
)

// holds says what is true of every answer, whatever was scanned.
func holds(t *testing.T, in []byte, m Meaning) {
	t.Helper()
	if !utf8.ValidString(m.Input) || utf8.Valid(in) && m.Input != string(in) {
		t.Fatalf("%q: input %q", in, m.Input)
	}
	if !utf8.Valid(in) && m.Kind != Invalid {
		t.Fatalf("%q: not UTF-8, but %s", in, m.Kind)
	}
	switch m.Kind {
	case Article:
		if m.GTIN == "" && m.PLU == "" {
			t.Fatalf("%q: an article without a number", in)
		}
	case Coupon:
		if m.Coupon == "" {
			t.Fatalf("%q: a coupon without a number", in)
		}
	case Member, Staff, Ticket, Voucher:
		if m.Number == "" {
			t.Fatalf("%q: %s without a number", in, m.Kind)
		}
	case Unknown, Invalid:
		if m.Error == "" {
			t.Fatalf("%q: %s without a reason", in, m.Kind)
		}
	default:
		t.Fatalf("%q: kind %q", in, m.Kind)
	}
	if m.GTIN != "" && (len(m.GTIN) != 14 || m.Kind != Invalid && !ValidGTIN(m.GTIN)) {
		t.Fatalf("%q: GTIN %q", in, m.GTIN)
	}
	if m.PriceMinor < 0 || m.NetWeightG < 0 || m.Count < 0 || m.UnitPriceMinor < 0 || m.CouponMinor < 0 {
		t.Fatalf("%q: less than nothing: %+v", in, m)
	}
	checkJSON(t, m)
	if m.Kind != Invalid && len(m.Elements) > 0 {
		holdsPrinted(t, m)
	}
}

// holdsPrinted is the round trip: what was read, printed and read again is the
// same.
func holdsPrinted(t *testing.T, m Meaning) {
	t.Helper()
	o := &Options{}
	for _, text := range []string{"]C1" + ElementString(m.Elements), Bracketed(m.Elements)} {
		if again := Parse([]byte(text), o); !equalElements(again.Elements, m.Elements) {
			t.Fatalf("%q reads as %v, not %v (%s)", text, again.Elements, m.Elements, again.Error)
		}
	}
	link, err := Link(m.Elements, "https://id.gs1.org")
	if err != nil {
		return
	}
	again, want := Parse([]byte(link), o).Elements, slices.Clone(m.Elements)
	sortElements(again)
	sortElements(want)
	if !equalElements(again, slices.Compact(want)) {
		t.Fatalf("%q reads as %v, not %v", link, again, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "4006381333931", "2810276146856", "96385074", "04252614", "036000291452", "]E04006381333931",
		"]E3978030640615712345", "]d201095060001343521726113010AB-12\x1d21SN", "(01)09506000134352(10)AB-12",
		"https://id.gs1.org/01/09506000134352/10/AB?17=261130", "KS-STAFF-17-", "]E04006381333931|]e010X",
		"]d4\\000026hello", "a\xff\xfe", "\x1d\x1d", "9828508010106", "]Q1HTTPS://A.EXAMPLE/8018/195060000000000012",
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	lenient, strict := germany(f), germany(f)
	strict.Strict, strict.ShortGTIN, strict.AddOns = true, true, true
	strict.Letters = map[string]string{"F": "ean-13", "E": "upc-e"}
	strict.Separators = []string{"{GS}"}
	f.Fuzz(func(t *testing.T, in []byte, other bool) {
		o := lenient
		if other {
			o = strict
		}
		before := bytes.Clone(in)
		m := Parse(in, o)
		if !bytes.Equal(before, in) {
			t.Fatal("the input was changed")
		}
		for i := range in {
			in[i] = '#' // nothing of it may live on in the answer
		}
		holds(t, before, m)
	})
}

func FuzzElements(f *testing.F) {
	for _, seed := range []string{
		"0109506000134352", "10AB\x1d0109506000134352", "42305627", "3932978100", "8110106141416543213500110000310123196000",
		"8008261122235959", "7258" + "1/2", "8013" + "1987654Ad4X4bL5ttr2310c2K", "8007DE91100000000123456789",
		"4309" + "02790858483015297971", "8003" + "09506000134352SER", "70402ABC", "(10)A(21)B", `(10)A\(B`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		for _, in := range []string{"]d2" + data, "(" + data, "]E04006381333931|]e0" + data} {
			holds(t, []byte(in), Parse([]byte(in), nil))
		}
	})
}

func FuzzLink(f *testing.F) {
	for _, seed := range []string{
		"id.gs1.org/01/09506000134352/10/AB/21/1?17=261130&3103=001234", "a/414/9506000134369/254/x", "a/415/9506000134369/8020/x",
		"a/01/09506000134352/21/A%2FB#x", "a/01/09506000134352?99=%25%2b+", "a:80//01/x/01/09506000134352;v=1", "u:p@a/00/",
		"a/8006/095060001343520102/22/X", "a/01/9506000134369",
	} {
		f.Add(seed)
	}
	o := &Options{ShortGTIN: true}
	f.Fuzz(func(t *testing.T, rest string) {
		in := []byte("https://" + rest)
		m := Parse(in, o)
		holds(t, in, m)
		if m.Kind != Invalid && len(m.Elements) == 0 {
			t.Fatalf("%q: a link without elements", in)
		}
	})
}

func FuzzCoupon(f *testing.F) {
	for _, seed := range []string{
		"1061414165432132501101203140131", "106141411234562751106501013085093140131", "106141416543213500110000310123196000",
		"001234561234560123456", "01234561234561111012350123456", "012345612345611110123" + "67" + "1234567890123",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		c, err := ParseCoupon8110(data)
		if err == nil && (len(c.Prefix) < 6 || len(c.Offer) != 6 || c.Save < 0 || c.First.Value < 0 || !allDigits(data)) {
			t.Fatalf("%q: %+v", data, c)
		}
		d, err := ParseCoupon8112(data)
		if err == nil && (len(d.Funder) < 6 || len(d.Offer) != 6 || len(d.Serial) < 6) {
			t.Fatalf("%q: %+v", data, d)
		}
	})
}

func FuzzUPCE(f *testing.F) {
	for _, seed := range []string{"04252614", "02345673", "123456", "1234567", "", "0123456x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		upca, err := ExpandUPCE(s)
		if err != nil {
			return
		}
		if len(upca) != 12 || !ValidGTIN(upca) {
			t.Fatalf("%q expands to %q", s, upca)
		}
		again, err := ExpandUPCE(CompressUPCA(upca))
		if err != nil || again != upca {
			t.Fatalf("%q expands to %q, which compresses to %q", s, upca, CompressUPCA(upca))
		}
	})
}

func FuzzPatterns(f *testing.F) {
	f.Add("[[pattern]]\nmatch = \"28IIIIVWWWWWC\"\ndecimals = 3\n", "2810276146856")
	f.Add("[[pattern]]\nmatch = \"2IIIIIIPPPPPC\"\ncurrency = \"JPY\"\nkey = \"item\"\n", "2123456123457")
	f.Add("[[prefix]]\nmatch = \"2\"\nkind = \"member\"\nnumber = \"rest\"\ncheck = \"none\"\n", "2")
	f.Add("country = \"SE\"\ncurrency = \"SEK\"\n", "2088060112343")
	f.Fuzz(func(t *testing.T, text, code string) {
		p, err := ParsePatterns(text)
		if err != nil {
			return
		}
		m := Parse([]byte(code), &Options{Patterns: p})
		if m.Kind == Article && m.Pattern != "" && (len(m.Pattern) != 13 || !ValidGTIN(m.GTIN)) {
			t.Fatalf("%q by %q: %+v", code, text, m)
		}
		checkJSON(t, m)
	})
}
