package barcode

import "testing"

func TestParseKinds(t *testing.T) {
	de, err := Country("DE")
	if err != nil {
		t.Fatal(err)
	}
	o := &Options{Today: Date{2026, 11, 22}, Patterns: de, Currency: "EUR"}
	tests := []struct {
		in, symbology, gtin string
		kind                Kind
	}{
		{"4006381333931", "ean-13", "04006381333931", Article},
		{"4006381333932", "ean-13", "", Invalid},
		{"96385074", "ean-8", "00000096385074", Article},
		{"036000291452", "upc-a", "00036000291452", Article},
		{"09506000134369", "itf-14", "09506000134369", Article},
		{"]E0036000291452", "upc-a", "00036000291452", Article},
		{"]E004252614", "upc-e", "00042100005264", Article},
		{"]E00036000291452", "ean-13", "00036000291452", Article},
		{"]d20109506000134352\x1d10AB-12", "gs1-datamatrix", "09506000134352", Article},
		{"https://id.gs1.org/01/09506000134352/10/AB-12", "gs1-digital-link", "09506000134352", Article},
		{"https://example.com/menu", "gs1-digital-link", "", Invalid},
		{"2810276146856", "ean-13", "02810270000000", Article},
		{"2010276146850", "ean-13", "02010276146850", Unknown},
		{"9828508010106", "ean-13", "09828508010106", Coupon},
		{"KS-STAFF-17-" + string(checkCharacter("17")), "", "", Staff},
		{"KS-STAFF-17-" + string(checkCharacter("18")), "", "", Invalid},
		{"(00)195060000000000012", "", "", Unknown},
		{"", "", "", Unknown},
		{"hello", "", "", Unknown},
		{"a\xffb", "", "", Invalid},
	}
	for _, tt := range tests {
		m := Parse([]byte(tt.in), o)
		if m.Kind != tt.kind || m.Symbology != tt.symbology || m.GTIN != tt.gtin {
			t.Errorf("Parse(%q) = %s %q %q (%s), want %s %q %q", tt.in, m.Kind, m.Symbology, m.GTIN, m.Error,
				tt.kind, tt.symbology, tt.gtin)
		}
	}
}
