package barcode

import "testing"

// Mark-down stickers hold the new price of the article they name, or per cent
// off the one they stand on.
func TestMarkdownStickers(t *testing.T) {
	p, err := ParsePatterns(`
currency = "EUR"

[[pattern]]
match = "29IIIIIPPPPPC"
decimals = 2
key = "item"
kind = "markdown"

[[pattern]]
match = "28IIIIIIIINNC"
kind = "markdown"

[[pattern]]
match = "27IIIIIIINNNC"
decimals = 1
kind = "markdown"
`)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		digits  string
		kind    Kind
		price   int64
		percent int64
		plu     string
	}{
		{"290123400199", Markdown, 199, 0, "01234"},
		{"290123400000", Markdown, 0, 0, "01234"}, // printed without its price
		{"280000000030", Markdown, 0, 300_000, ""},
		{"280000000000", Markdown, 0, 0, ""},
		{"270000000125", Markdown, 0, 125_000, ""},
		{"270000000999", Markdown, 0, 999_000, ""},
	}
	for _, tt := range tests {
		code := tt.digits + string(CheckDigit(tt.digits))
		m := Parse([]byte(code), &Options{Patterns: p})
		if m.Kind != tt.kind || int64(m.PriceMinor) != tt.price || m.PercentPPM != tt.percent || m.PLU != tt.plu {
			t.Errorf("%s is %+v, want %+v", code, m, tt)
		}
	}
	for _, bad := range []string{
		"[[pattern]]\nmatch = \"29IIIIIWWWWWC\"\nkind = \"markdown\"",
		"[[pattern]]\nmatch = \"29IIIIIIIIIIC\"\nkind = \"markdown\"",
	} {
		if _, err := ParsePatterns(bad); err == nil {
			t.Errorf("%s: taken", bad)
		}
	}
	three, err := ParsePatterns("[[pattern]]\nmatch = \"28IIIIIIINNNC\"\nkind = \"markdown\"")
	if err != nil {
		t.Fatal(err)
	}
	digits := "280000000101" // 101 per cent
	if m := Parse([]byte(digits+string(CheckDigit(digits))), &Options{Patterns: three}); m.Kind != Unknown || m.PercentPPM != 0 {
		t.Errorf("more than all is %+v, want unknown", m)
	}
}
