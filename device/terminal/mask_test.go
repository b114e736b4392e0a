package terminal

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestMaskCard(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"4111111111111111", "************1111"},
		{"************5726", "************5726"},
		{"5966666666", "******6666"},
		{"1234", "****"},
		{"1234567", "*******"},
	}
	for _, tt := range tests {
		if got := MaskCard(tt.in).String(); got != tt.want {
			t.Errorf("MaskCard(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestScrub(t *testing.T) {
	tests := []struct{ in, want string }{
		{"BETRAG:  EUR        0,01", "BETRAG:  EUR        0,01"},
		{"Terminal 29001006 Trace 000022", "Terminal 29001006 Trace 000022"},
		{"PAN 4111111111111111 ok", "PAN ************1111 ok"},
		{"4111 1111 1111 1111", "**** **** **** 1111"},
		{"4111-1111-1111-1111", "****-****-****-1111"},
		{"378282246310005", "***********0005"},
		{"00004111111111111111", "0000************1111"},
		{"AID A0000000041010", "AID A0000000041010"},
		{"411111111111", "411111111111"}, // too short for a card number
		{"a\x00b\x1b@\nc", "a b @\nc"},
	}
	for _, tt := range tests {
		if got := Scrub(tt.in).String(); got != tt.want {
			t.Errorf("Scrub(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// A narrow printer breaks a number, and no line shows it by itself.
func TestScrubLines(t *testing.T) {
	tests := []struct{ in, want string }{
		{"PAN 4111 1111 11|11 1111 ok", "PAN **** **** **|** 1111 ok"},
		{"4111111111|111111", "**********|**1111"},
		{"Card 4111|1111|1111|1111", "Card ****|****|****|1111"},
		{"4111111111111|111", "************1|111"},
		{"411111 -| 1111 111111", "****** -| **** **1111"},
		{"Terminal 29001006|Trace 000022", "Terminal 29001006|Trace 000022"},
		{"4111111111||111111", "4111111111||111111"}, // an empty line: two numbers
		{"|", "|"},
	}
	for _, tt := range tests {
		var lines []Line
		for text := range strings.SplitSeq(tt.in, "|") {
			lines = append(lines, Line{Text: Scrub(text)})
		}
		ScrubLines(lines)
		var got []string
		for _, l := range lines {
			got = append(got, l.Text.String())
		}
		if strings.Join(got, "|") != tt.want {
			t.Errorf("ScrubLines(%q) = %q, want %q", tt.in, strings.Join(got, "|"), tt.want)
		}
	}
}

func TestResultCannotHoldACardNumber(t *testing.T) {
	const pan = "4111111111111111"
	foreign := `{"outcome":1,"card":"` + pan + `","text":"` + pan + `","merchant":"` + pan +
		`","customer_lines":[{"text":"card ` + pan + `"}]}`
	var r Result
	if err := json.Unmarshal([]byte(foreign), &r); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(r)
	if err != nil || strings.Contains(string(out), pan) {
		t.Errorf("a result read from %s is written as %s, %v", foreign, out, err)
	}
	if r.Card.String() != "************1111" || r.CustomerLines[0].Text.String() != "card ************1111" {
		t.Errorf("masked too much: %+v", r)
	}
}
