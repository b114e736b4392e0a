package barcode

import (
	"strings"
	"testing"
)

const sampleGTIN = "0109506000134352"

// What GS1's own engine says of element strings behind an identifier.
func TestElementStrings(t *testing.T) {
	many := strings.Repeat("99XY\x1d", 64)
	tests := []struct {
		data, class string // class "" is accepted
	}{
		{sampleGTIN, ""},
		{sampleGTIN + "\x1d", ""},
		{sampleGTIN + "\x1d10AB", ""},
		{"10AB\x1d", ""},
		{"10AB\x1d" + sampleGTIN, ""},
		{"17261130" + sampleGTIN, ""},
		{sampleGTIN + "10AB\x1d10AB", ""},
		{sampleGTIN + sampleGTIN, ""},
		{many, ""},
		{"90!\"%&'()*+,-./:;<=>?_z", ""},
		{"4220560" + "10AB"[:0], "length"}, // 422 needs a separator
		{"422056\x1d10AB", ""},
		{"7007261101261102", ""},
		{"7007261101", ""},
		{"70072611012611", "length"},
		{"423056", ""},
		{"423056276", ""},
		{"42305627", "length"},
		{"4330000100-", ""},
		{"4330000100+", "content"},
		{"8003" + "09506000134352" + "SER", ""},
		{"8030QUJD", ""},
		{"8030QUI=", "charset"},
		{"8030=====", "charset"},
		{"8030QUJDQUI=AA", "charset"},
		{"8030QUJD==", ""},
		{"7040" + "1ABC", ""},
		{"7230" + "AB1", ""},
		{"7258" + "1/2", ""},
		{"72582/1", "content"},
		{"7041CT", ""},
		{"7041JAB", "content"},
		{"8007DE91100000000123456789", ""},
		{"8007DE91100000000123456780", "check_digit"},
		{"8013" + "1987654Ad4X4bL5ttr2310c2K", ""},
		{"8013" + "1987654Ad4X4bL5ttr2310c2X", "check_digit"},
		{"8014" + "1987654Ad4X4bL5ttr2310c2K", ""},
		{"43024%20B", ""},
		{"43024%2", "content"},
		{"4307DE", ""},
		{"4307XX", "country"},
		{"4309" + "0279085848" + "3015297971", ""},
		{"4309" + "1800000001" + "3015297971", "content"},
		{"43211", ""},
		{"43212", "content"},
		{"4324" + "261100" + "2359", ""},
		{"4324" + "261100" + "9999", "time"},
		{"4326261100", "date"},
		{"7003" + "2611222359", ""},
		{"7003" + "2611222400", "time"},
		{"7003" + "2501002359", "date"},
		{"7250" + "19000229", "date"},
		{"72520", ""},
		{"72523", "content"},
		{"724110", ""},
		{"724111", "content"},
		{"8001" + "0001" + "00001" + "001" + "9" + "1", ""},
		{"8001" + "0000" + "00001" + "001" + "9" + "1", "content"},
		{"8008" + "261122" + "23", ""},
		{"8008" + "261122" + "235959", ""},
		{"8008" + "261122" + "2360", "time"},
		{"80110", "content"},
		{"8011123", ""},
		{"3932978100", ""},
		{"3932001100", "currency"},
		{"703099912", ""},
		{"4261", "length"},
		{"426999", "country"},
		{"8006" + "09506000134352" + "0302", "content"},

		{"", "syntax"},
		{"\x1d" + sampleGTIN, "unknown_ai"},
		{sampleGTIN + "\x1d\x1d10AB", "unknown_ai"},
		{"10\x1d" + sampleGTIN, "length"},
		{"10", "length"},
		{"0109506000134", "length"},
		{"0109506000134\x1d52", "length"},
		{"0109506000134353", "check_digit"},
		{"010950600013435A", "charset"},
		{"01095060001343\xd9\xa1", "charset"},
		{"10" + strings.Repeat("A", 21), "length"},
		{"10A B", "charset"},
		{"10A^B", "charset"},
		{"10A#B", "charset"},
		{"10AB\x1d10CD", "repeated_ai"},
		{sampleGTIN + "37" + "12", "exclusive_ai"},
		{"3102000001" + "3103000001", "exclusive_ai"},
		{"3106000001", "unknown_ai"},
		{"2", "unknown_ai"},
		{"0", "unknown_ai"},
		{"9", "unknown_ai"},
		{"310", "unknown_ai"},
		{"050000", "unknown_ai"},
		{many + "99XY", "syntax"},
		{"17261301", "date"},
		{"17260230", "date"},
		{"17260200", ""},
		{"17000229", ""},
		{"17010229", "date"},
	}
	for _, tt := range tests {
		var r found
		f := r.scan(tt.data)
		if f == nil {
			f = r.relate(false, 0)
		}
		if class := classOf(f); class != tt.class {
			t.Errorf("%q: %q, want %q (%v)", tt.data, class, tt.class, f)
		}
	}
}

func classOf(f *fault) string {
	if f == nil {
		return ""
	}
	return f.class
}

func TestBracketed(t *testing.T) {
	tests := []struct {
		in, class string
		want      []Element
	}{
		{"(01)09506000134352(10)AB-12", "", []Element{{"01", "09506000134352"}, {"10", "AB-12"}}},
		{`(10)A\(B`, "", []Element{{"10", "A(B"}}},
		{`(10)A)B`, "", []Element{{"10", "A)B"}}},
		{`(10)\(01)`, "", []Element{{"10", "(01)"}}},
		{`(10)A(B`, "syntax", nil},
		{`(10)A(D)`, "unknown_ai", nil},
		{`(10)A(05)1`, "unknown_ai", nil},
		{`(10)A\B`, "charset", nil},
		{`(10)`, "length", nil},
		{`()`, "unknown_ai", nil},
		{`(1)`, "unknown_ai", nil},
		{`(12345)`, "unknown_ai", nil},
		{`(01`, "syntax", nil},
	}
	for _, tt := range tests {
		var r found
		f := r.bracketed(tt.in)
		if classOf(f) != tt.class {
			t.Errorf("%q: %v, want %q", tt.in, f, tt.class)
			continue
		}
		if tt.class == "" && !equalElements(r.elements(), tt.want) {
			t.Errorf("%q: %v, want %v", tt.in, r.elements(), tt.want)
		}
	}
}

func equalElements(a, b []Element) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// What elements ask of one another: always, and with Strict.
func TestRelations(t *testing.T) {
	const gtin = "(01)09506000134352"
	tests := []struct{ in, always, strict string }{
		{gtin, "", ""},
		{gtin + "(10)A", "", ""},
		{"(10)A", "", "missing_ai"},
		{"(02)09506000134352", "", "missing_ai"},
		{"(00)195060000000000012(02)09506000134352(37)2", "", ""},
		{"(02)09506000134352(37)2", "", "missing_ai"},
		{gtin + "(02)09506000134352", "exclusive_ai", "exclusive_ai"},
		{gtin + "(250)X", "", "missing_ai"},
		{gtin + "(250)X(21)Y", "", ""},
		{gtin + "(21)Y(235)Z", "exclusive_ai", "exclusive_ai"},
		{gtin + "(3922)100", "", "missing_ai"},
		{gtin + "(3922)100(3103)000100", "", ""},
		{gtin + "(3922)100(3932)978100", "exclusive_ai", "exclusive_ai"},
		{gtin + "(3952)000100(8005)000100", "exclusive_ai", "exclusive_ai"},
		{gtin + "(422)056(426)056", "exclusive_ai", "exclusive_ai"},
		{"(255)9501101020917(17)261130", "", ""},
		{"(255)9501101020917(3941)0125", "", ""},
		{"(255)9501101020917(3941)0125(8111)0001", "exclusive_ai", "exclusive_ai"},
		{"(255)9501101020917" + gtin, "exclusive_ai", "exclusive_ai"},
		{"(415)9501101020917(8020)REF", "", ""},
		{"(415)9501101020917", "", "missing_ai"},
		{"(8020)REF", "", "missing_ai"},
		{"(255)9501101020917(8030)ABC", "", "missing_ai"},
		{"(255)95011010209171(8030)ABC", "", ""},
		{"(8003)09506000134352(8030)ABC", "", "missing_ai"},
		{"(253)9506000134352(8030)ABC", "", "missing_ai"},
	}
	for _, tt := range tests {
		for _, strict := range []bool{false, true} {
			want := tt.always
			if strict {
				want = tt.strict
			}
			m := Parse([]byte(tt.in), &Options{Strict: strict})
			class, _, _ := strings.Cut(m.Error, ":")
			if m.Kind != Invalid {
				class = ""
			}
			if class != want {
				t.Errorf("%s, strict %v: %q, want %q", tt.in, strict, m.Error, want)
			}
		}
	}
}

// The linear code of a composite counts among the elements.
func TestCompositeStrict(t *testing.T) {
	o := &Options{Strict: true}
	if m := Parse([]byte("]E04006381333931|]e010AB"), o); m.Kind != Article || m.Lot != "AB" {
		t.Errorf("lot over an EAN-13: %+v", m)
	}
	if m := Parse([]byte("]E04006381333931|]e037"+"12"), o); m.Kind != Invalid {
		t.Errorf("a count of contents over an EAN-13: %+v", m)
	}
	if m := Parse([]byte("]E04006381333931|]e021A"), nil); m.Serial != "A" || len(m.Elements) != 1 {
		t.Errorf("serial over an EAN-13: %+v", m)
	}
}
