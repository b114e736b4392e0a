package scanner

import (
	"slices"
	"testing"
)

func TestIdentify(t *testing.T) {
	tests := []struct{ vendor, code, want string }{
		{"", "A4006381333931", "A4006381333931"},
		{"zebra", "A4006381333931", "]E04006381333931"},
		{"zebra", "A036000291452", "]E0036000291452"},
		{"zebra", "A96385074", "96385074"}, // EAN-8 or UPC-E: the digits say
		{"zebra", "A977123456789805", "]E3977123456789805"},
		{"zebra", "K0109506000134352\x1d10A", "]C10109506000134352\x1d10A"},
		{"zebra", "P0G0109506000134352", "]d20109506000134352"},
		{"zebra", "P000109506000134352", "0109506000134352"},
		{"zebra", "]E04006381333931", "]E04006381333931"},
		{"zebra", "A]E04006381333931", "]E04006381333931"}, // both switched on
		{"zebra", "?what", "?what"},
		{"zebra", "A", "A"},
		{"honeywell", "d4006381333931", "]E04006381333931"},
		{"honeywell", "D96385074", "]E496385074"},
		{"honeywell", "dinner", "dinner"}, // no digits, so no EAN-13
		{"honeywell", "jAB", "]C0AB"},
		{"honeywell", "whttps://id.example/01/1", "https://id.example/01/1"},
		{"datalogic", "B4006381333931", "]E04006381333931"},
		{"magellan", "F4006381333931", "]E04006381333931"},
		{"magellan", "FF96385074", "]E496385074"},
		{"magellan", "B3AB", "]C0AB"},
		{"magellan", "R40109506000134352", "]e00109506000134352"},
		{"magellan", "E0425261", "]E004252614"}, // the check digit is given back
		{"magellan", "E425261", "]E004252614"},  // and the number system
	}
	for _, tt := range tests {
		if got := string(identify([]byte(tt.code), Letters(tt.vendor))); got != tt.want {
			t.Errorf("%s: identify(%q) = %q, want %q", tt.vendor, tt.code, got, tt.want)
		}
	}
}

func TestCompleteUPCE(t *testing.T) {
	tests := []struct{ sent, want string }{
		{"0123450", "01234505"}, // 012000003455
		{"0123453", "01234531"}, // 012300000451
		{"0123454", "01234543"}, // 012340000053
		{"0123456", "01234565"}, // 012345000065
		{"123456", "01234565"},
		{"2123456", "2123456"}, // number systems 0 and 1 only
		{"12345", "12345"},
		{"12345a", "12345a"},
		{"01234565", "01234565"},
	}
	for _, tt := range tests {
		if got := string(completeUPCE([]byte(tt.sent))); got != tt.want {
			t.Errorf("completeUPCE(%s) = %s, want %s", tt.sent, got, tt.want)
		}
	}
}

// TestLettersAreSound: a row that can never be reached, or an identifier that
// is none, is a slip of the pen.
func TestLettersAreSound(t *testing.T) {
	for _, vendor := range Vendors() {
		rows := Letters(vendor)
		if len(rows) < 5 {
			t.Errorf("%s has %d letters", vendor, len(rows))
		}
		for i, l := range rows {
			if l.Prefix == "" || len(l.Prefix) > 3 {
				t.Errorf("%s: prefix %q", vendor, l.Prefix)
			}
			if l.AIM != "" && !identified([]byte(l.AIM+"0")) {
				t.Errorf("%s %s: identifier %q", vendor, l.Prefix, l.AIM)
			}
			same := func(o Letter) bool { return o.Prefix == l.Prefix && o.Digits == l.Digits }
			if slices.ContainsFunc(rows[:i], same) {
				t.Errorf("%s %s stands twice", vendor, l.Prefix)
			}
			if i > 0 && len(rows[i-1].Prefix) < len(l.Prefix) {
				t.Errorf("%s: %s comes before the longer %s", vendor, rows[i-1].Prefix, l.Prefix)
			}
		}
	}
	if Letters("acme") != nil {
		t.Error("an unknown vendor has letters")
	}
}

func FuzzIdentify(f *testing.F) {
	f.Add("zebra", []byte("A4006381333931"))
	f.Add("magellan", []byte("E425261"))
	f.Add("honeywell", []byte("]"))
	f.Fuzz(func(t *testing.T, vendor string, code []byte) {
		got := identify(slices.Clone(code), Letters(vendor))
		if len(code) > 0 && len(got) == 0 || len(got) > len(code)+len("]E0")+len("00") {
			t.Errorf("%q became %q", code, got)
		}
		if again := identify(slices.Clone(got), Letters(vendor)); identified(got) && string(again) != string(got) {
			t.Errorf("%q, identified twice: %q", got, again)
		}
	})
}
