package barcode

import (
	"strings"
	"testing"
)

func TestLinkParse(t *testing.T) {
	const gtin = "09506000134369"
	tests := []struct {
		uri, class string
		want       string // as printed in brackets
	}{
		{"https://id.gs1.org/01/" + gtin + "/10/ABC/21/1?17=261231&3103=001234&3922=1234", "", "(01)" + gtin + "(10)ABC(21)1(17)261231(3103)001234(3922)1234"},
		{"https://shop.example.com/de/p/01/" + gtin + "?s=4&lang=de", "", "(01)" + gtin},
		{"HTTPS://EXAMPLE.COM/01/" + gtin, "", "(01)" + gtin},
		{"http://example.com:8080/01/" + gtin, "", "(01)" + gtin},
		{"HTTP://example.com/01/" + gtin + "#x?17=999999", "", "(01)" + gtin},
		{"https://example.com/01/" + gtin + "/21/A%2FB", "", "(01)" + gtin + "(21)A/B"},
		{"https://example.com/01/" + gtin + "/21/A+B", "", "(01)" + gtin + "(21)A+B"},
		{"https://example.com/414/9506000134369/254/x", "", "(414)9506000134369(254)x"},
		{"https://example.com/414/9506000134369/7040/1ABC", "", "(414)9506000134369(7040)1ABC"},
		{"https://example.com/415/9506000134369/8020/x", "", "(415)9506000134369(8020)x"},
		{"https://example.com/8006/095060001343690102/21/X", "", "(8006)095060001343690102(21)X"},
		{"https://example.com/01/" + gtin + "?&&17=261231&", "", "(01)" + gtin + "(17)261231"},
		{"https://example.com/01/" + gtin + "?99=X&x&=1&a1=2", "", "(01)" + gtin + "(99)X"},
		{"https://example.com/00/195060000000000012/01/" + gtin, "", "(01)" + gtin},
		{"https://example.com/01/" + gtin + "/01/09506000134352", "", "(01)09506000134352"},
		{"https://example.com/10/ABC/01/" + gtin, "", "(01)" + gtin},
		{"https://example.com/01/" + gtin + "/235/A", "", "(01)" + gtin + "(235)A"},
		{"https://example.com/8018/195060000000000012/8019/1", "", "(8018)195060000000000012(8019)1"},
		{"https://example.com/00/195060000000000012?02=" + gtin + "&37=2", "", "(00)195060000000000012(02)" + gtin + "(37)2"},

		{"https://example.com/01/9506000134369", "length", ""},
		{"https://example.com/01/" + gtin + "/21/1/10/2", "dl_key_qualifier", ""},
		{"https://example.com/01/" + gtin + "/10/1/235/2", "dl_key_qualifier", ""},
		{"https://example.com/415/9506000134369", "dl_key_qualifier", ""},
		{"https://example.com/00/195060000000000012/10/A", "dl_key_qualifier", ""},
		{"https://example.com/01/" + gtin + "/10/A/10/A", "dl_key_qualifier", ""},
		{"https://example.com/01/" + gtin + "?17=261231&17=261231", "repeated_ai", ""},
		{"https://example.com/01/" + gtin + "?01=" + gtin, "repeated_ai", ""},
		{"https://example.com/01/" + gtin + "?999=X", "unknown_ai", ""},
		{"https://example.com/01/" + gtin + "?23=X", "unknown_ai", ""},
		{"https://example.com/01/" + gtin + "?21=X", "dl_attribute", ""},
		{"https://example.com/01/" + gtin + "?10=X", "dl_attribute", ""},
		{"https://example.com/01/" + gtin + "/21/1?10=X", "dl_attribute", ""},
		{"https://example.com/01/" + gtin + "?17=", "length", ""},
		{"https://example.com/01/" + gtin + "?90=A+B", "charset", ""},
		{"https://example.com/01/" + gtin + "?90=A%00B", "uri", ""},
		{"https://example.com/01/" + gtin + "?90=A%zzB", "uri", ""},
		{"https://example.com/01/" + gtin + "?90=A%4", "uri", ""},
		{"https://example.com/01/" + gtin + "?17=261301", "date", ""},
		{"https://example.com/01/" + gtin + "?37=2", "exclusive_ai", ""},
		{"https://example.com/01/" + gtin + "/", "dl_no_key", ""},
		{"https://example.com/01/" + gtin + "/10/ABC/foo", "dl_no_key", ""},
		{"https://example.com/01/" + gtin + "/17/261231", "dl_no_key", ""},
		{"https://example.com/gtin/" + gtin, "dl_no_key", ""},
		{"https://example.com/ARgpGzhAAeAkd", "dl_no_key", ""}, // compressed form
		{"https://example.com/", "dl_no_key", ""},
		{"https://example.com/01/" + gtin + ";v=1", "length", ""},
		{"https://example.com", "uri", ""},
		{"https:///01/" + gtin, "uri", ""},
		{"https://user:pw@example.com/01/" + gtin, "uri", ""},
		{"https://exa_mple.com/01/" + gtin, "uri", ""},
		{"Https://example.com/01/" + gtin, "uri", ""},
		{"https://example.com/01/" + gtin + " ", "uri", ""},
		{"https://example.com/01/" + gtin + "/10/\u00e4", "uri", ""},
		{"https://example.com/" + strings.Repeat("a", 9000) + "/01/" + gtin, "uri", ""},
	}
	for _, tt := range tests {
		var r found
		f := r.link(tt.uri, &Options{})
		if f == nil {
			f = r.relate(false, 0)
		}
		got := ""
		if f == nil {
			got = Bracketed(r.elements())
		}
		if classOf(f) != tt.class || got != tt.want {
			t.Errorf("%.80s\ngot  %v %s\nwant %s %s", tt.uri, f, got, tt.class, tt.want)
		}
	}
}

func TestLinkShortGTIN(t *testing.T) {
	o := &Options{ShortGTIN: true}
	tests := []struct{ uri, gtin string }{
		{"https://example.com/01/9506000134369", "09506000134369"},
		{"https://example.com/01/036000291452", "00036000291452"},
		{"https://example.com/01/96385074", "00000096385074"},
		{"https://example.com/8004/95060001?01=9506000134369", "09506000134369"},
		{"https://example.com/01/9506000134368", ""},
		{"https://example.com/01/950600013436", ""},
		{"https://example.com/01/506000134369", ""},
	}
	for _, tt := range tests {
		if m := Parse([]byte(tt.uri), o); m.GTIN != tt.gtin {
			t.Errorf("%s: %q (%s), want %q", tt.uri, m.GTIN, m.Error, tt.gtin)
		}
	}
}

func TestLinkWrite(t *testing.T) {
	tests := []struct {
		in, stem, want string
	}{
		{"(01)09506000134369", "https://id.gs1.org", "https://id.gs1.org/01/09506000134369"},
		{"(01)09506000134369", "https://shop.example/p/", "https://shop.example/p/01/09506000134369"},
		{"(21)S(17)261130(10)A!B/C(01)09506000134369", "https://id.gs1.org", "https://id.gs1.org/01/09506000134369/10/A%21B%2FC/21/S?17=261130"},
		{"(99)X(01)09506000134369(3103)000100", "https://id.gs1.org", "https://id.gs1.org/01/09506000134369?3103=000100&99=X"},
		{"(01)09506000134369(235)A", "https://id.gs1.org", "https://id.gs1.org/01/09506000134369/235/A"},
		{"(99)X(99)X(253)9506000134352", "https://id.gs1.org", "https://id.gs1.org/253/9506000134352?99=X"},
		{"(02)09506000134369(37)1", "https://id.gs1.org", ""},
		{"(01)09506000134369(21)A(8200)http:", "https://id.gs1.org", ""},
		{"(01)09506000134369", "ftp://id.gs1.org", ""},
		{"(01)09506000134369", "https://id.gs1.org/?a=b", ""},
	}
	for _, tt := range tests {
		var r found
		if f := r.bracketed(tt.in); f != nil {
			t.Fatalf("%s: %v", tt.in, f)
		}
		got, err := Link(r.elements(), tt.stem)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: %s (%v), want %s", tt.in, got, err, tt.want)
		}
	}
	for _, bad := range [][]Element{{{"05", "1"}}, {{"01", "1"}}, {{"10", "A"}, {"10", "B"}}} {
		if got, err := Link(bad, "https://id.gs1.org"); err == nil {
			t.Errorf("%v: %s", bad, got)
		}
	}
}
