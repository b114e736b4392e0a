package config

import (
	"strings"
	"testing"

	"kassa/kiosk/weight"
)

// cellText is the bagging section of a load cell.
const cellText = `
[bagging]
protocol = "hx711"
data = "GPIO5"
clock = "GPIO6"
zero_count = -84213
span_count = 451234
span_g = 5000
rate_hz = 80
`

func TestLoadCell(t *testing.T) {
	l, err := Parse("k.toml", least+cellText)
	if err != nil {
		t.Fatal(err)
	}
	want := Cell{Data: "GPIO5", Clock: "GPIO6", Rate: 80, ZeroCount: -84213, SpanCount: 451_234, Span: 5000}
	if l.Bagging.Cell != want || l.Bagging.Port.String() != "" || !l.Bagging.Min.Zero() {
		t.Errorf("load cell = %+v", l.Bagging.Scale)
	}
	for _, tt := range []struct{ old, new, want string }{
		{`span_g = 5000`, ``, "bagging.span_g is 0, want grams from: kassa weigh --protocol hx711 --calibrate"},
		{`rate_hz = 80`, `rate_hz = 50`, "bagging.rate_hz is 50"},
		{`rate_hz = 80`, `gain = 100`, "bagging.gain is 100"},
		{`451234`, `-84213`, "bagging.span_count is -84213"},
		{`451234`, `100000000`, "bagging.span_count is 100000000"},
		{`-84213`, `-100000000`, "bagging.zero_count is -100000000"},
		{`rate_hz = 80`, `initial_zero_percent = 50`, "bagging.initial_zero_percent is 50"},
		{`rate_hz = 80`, `port = "/dev/ttyS0"`, "bagging.port is set"},
		{`"GPIO6"`, `"GPIO5"`, "bagging.clock is \"GPIO5\""},
		{`clock = "GPIO6"`, ``, "bagging.clock is missing"},
	} {
		_, err := Parse("k.toml", strings.Replace(least+cellText, tt.old, tt.new, 1))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("with %q: %v, want %q", tt.new, err, tt.want)
		}
	}
}

func TestScaleLimitsAndVariant(t *testing.T) {
	const text = "\n[scale]\nport = \"/dev/ttyS0\"\n"
	tests := []struct {
		more string
		line string
		min  int64
	}{
		{"protocol = \"sics\"", "9600 8N1", 100},
		{"protocol = \"dialog06\"\nmin = \"0\"\n[scale.variant]\npair = \"12AB34CD\"\nrepeat = true", "9600 7O1", 0},
		{"protocol = \"nci\"\nunit = \"lb\"\nline = \"4800 7O1\"", "4800 7O1", 20},
		{"protocol = \"toledo8217\"\nmin = \"0.040\"", "9600 7E1", 40},
	}
	for _, tt := range tests {
		l, err := Parse("k.toml", least+text+tt.more)
		if err != nil {
			t.Errorf("%s: %v", tt.more, err)
			continue
		}
		if l.Scale.Line.String() != tt.line || l.Scale.Min.Digits != tt.min {
			t.Errorf("%s: line %s, min %s", tt.more, l.Scale.Line, l.Scale.Min)
		}
		if want := (Variant{Pair: "12AB34CD", Repeat: true}); l.Scale.Protocol == "dialog06" && l.Scale.Variant != want {
			t.Errorf("variant = %+v", l.Scale.Variant)
		}
		if l.Scale.Unit == weight.Pound && l.Scale.Min.Decimals != 2 {
			t.Errorf("min in pounds = %s", l.Scale.Min)
		}
	}
}
