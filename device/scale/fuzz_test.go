package scale

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"kassa/kiosk/weight"
)

// judge checks what holds for every reading made of foreign bytes: a weight is
// written in the frame with just these digits.
func judge(t *testing.T, r Reading, frame []byte) {
	t.Helper()
	weighed := r.State == Stable || r.State == Zero
	switch {
	case r.State == 0 || r.State > Fault:
		t.Errorf("%q: state %d", frame, r.State)
	case (r.State == Fault) != (r.Err != nil):
		t.Errorf("%q: %v with error %v", frame, r.State, r.Err)
	case !weighed && r.Shown != (weight.Shown{}):
		t.Errorf("%q: %v with a weight", frame, r.State)
	case weighed && (r.Shown.Digits < 0 || r.Shown.Unit != weight.Kilogram || r.Shown.Zero() != (r.State == Zero)):
		t.Errorf("%q: %v %+v", frame, r.State, r.Shown)
	case r.State == Stable:
		digits := strings.Map(func(c rune) rune {
			if c >= '0' && c <= '9' {
				return c
			}
			return -1
		}, string(frame))
		if want := fmt.Sprint(r.Shown.Digits); !strings.Contains(digits, strings.TrimRight(want, "0")) {
			t.Errorf("%q came to %s", frame, r.Shown)
		}
	}
}

// fuzzProtocol feeds whatever comes through a protocol's framer and parser.
func fuzzProtocol(f *testing.F, protocol string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Config{}.params(driverOf(t, protocol))
		if err != nil {
			t.Fatal(err)
		}
		d := driverOf(t, protocol).new(p)
		for _, body := range framesOf(protocol, b) {
			sent := bytes.Clone(body)
			judge(t, d.(interface{ meaning([]byte) Reading }).meaning(body), sent)
			if !bytes.Equal(body, sent) {
				t.Errorf("%q was changed", sent)
			}
		}
	})
}

func FuzzNCI(f *testing.F) {
	fuzzProtocol(f, "nci", "\n01.250KG\r\nS00\r\x03", "\nS10\r\x03\n01.250KG\r\n20\r\x03", "\n^^^^^^KG\r\n0pt0\r\x03", "\n?\r\x03")
}

func FuzzSMA(f *testing.F) {
	fuzzProtocol(f, "sma", "\n 1G       1.250kg \r", "\nO1G  ----------kg \r", "\n?\r\n!\r", "\n 1N  M    1250.g  \r")
}

func FuzzSICS(f *testing.F) {
	fuzzProtocol(f, "sics", "S S      1.250 kg\r\n", "SS  0.360 Kg\r\nSI+\r\n", "ES\r\nS I\r\n", "S   183.96 g\r\nS D  1.2 kg\r\n")
}

func FuzzCAS(f *testing.F) {
	fuzzProtocol(f, "cas", "\x01\x02S 01.250kgg\x03\x04", "\x01\x02SFFFFFFFkg\x19\x03\x04", "\x01\x01\x02U 01.250kga\x03\x04")
}

func FuzzASCII(f *testing.F) {
	fuzzProtocol(f, "ascii", "ST,GS,+0001.25kg\r\n", "ST,GS,1\x8d,   1.250 kg\r\n", "OL,+9999999E+19\r\nUS,NT,+0.50kg\r\n", "ST,+0001.250 kg\r\n")
}

func FuzzDialog06(f *testing.F) {
	fuzzProtocol(f, "dialog06", "\x0202\x1b3\x1b01250\x1b000001\x1b000001\x03", "\x06\x15\x0209\x1b20\x03", "\x0211\x1b247\x03")
}

// FuzzChallenge: the rest of what a dialogue 06 scale may say.
func FuzzChallenge(f *testing.F) {
	f.Add("11\x1b247", "20")
	f.Fuzz(func(t *testing.T, record, code string) {
		if z, ok := parseChallenge([]byte(record)); ok && !strings.EqualFold(record, fmt.Sprintf("11\x1b2%02X", z)) {
			t.Errorf("%q is challenge %02X", record, z)
		}
		judge(t, (&dialog06{p: params{unit: weight.Kilogram}}).status(code), []byte(code))
	})
}
