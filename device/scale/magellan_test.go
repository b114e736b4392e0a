package scale

import (
	"errors"
	"slices"
	"testing"

	"kassa/kiosk/weight"
)

func TestMagellanAnswers(t *testing.T) {
	tests := []struct {
		unit, wire string
		want       State
		digits     int64
	}{
		{"kg", "S14401250\r", Stable, 1250}, // as the manual prints it
		{"kg", "S14401250\n", Stable, 1250},
		{"lb", "S1440125\r", Stable, 125},
		{"kg", "S14400000\r", Zero, 0},
		{"kg", "S143\r", Zero, 0},
		{"kg", "S141\r", Motion, 0},
		{"kg", "S142\r", Over, 0},
		{"kg", "S145\r", Under, 0},
		{"kg", "S140\r", Fault, 0},
		{"kg", "S1440125\r", Fault, 0}, // pounds
		{"lb", "S14401250\r", Fault, 0},
		{"kg", "S144012 0\r", Fault, 0},
		{"kg", "S146\r", Fault, 0},
		{"kg", "S14\r", Fault, 0},
		{"kg", "S14301250\r", Fault, 0},
		{"kg", "S14401252\r", Fault, 0},                // no multiple of 5 g
		{"kg", "S08F4006381333931\rS141\r", Motion, 0}, // a label comes between
		{"kg", "S08FS14401250S14401250S14401250\rS141\r", Motion, 0},
		{"kg", "144\rS141\r", Motion, 0},
		{"kg", "S144S14401250\r", Stable, 1250}, // one that broke off before it
		{"kg", "S08FS144S14401250\rS141\r", Motion, 0},
	}
	for _, tt := range tests {
		cfg := Config{Unit: tt.unit, Line: "9600 7O1"}
		if tt.unit == "kg" {
			cfg.Division = "0.005"
		}
		p, err := cfg.params(driver{line: "9600 7O1"})
		if err != nil {
			t.Fatal(err)
		}
		m := &magellan{p}
		f := magellanFramer{mask: p.mask}
		var got []Reading
		for _, c := range []byte(tt.wire) {
			if body, ok := f.next(c | 0x80); ok { // with its parity bit
				got = append(got, m.reading(body))
			}
		}
		if len(got) != 1 || got[0].State != tt.want || got[0].Shown.Digits != tt.digits {
			t.Errorf("%s %q: %+v, want %v with %d", tt.unit, tt.wire, got, tt.want, tt.digits)
		}
	}
	m := &magellan{}
	if r := m.reading([]byte("0")); !errors.Is(r.Err, errNotReady) {
		t.Errorf("S140 means %v", r.Err)
	}
}

// FuzzMagellan: no bytes make a weight that is not on the wire as digits.
func FuzzMagellan(f *testing.F) {
	f.Add([]byte("S08F4006381333931\rS14401250\r"), false)
	f.Add([]byte("S1440125\rS143\rS14\r"), true)
	f.Fuzz(func(t *testing.T, b []byte, pounds bool) {
		p := params{unit: weight.Kilogram, decimals: 3}
		if pounds {
			p = params{unit: weight.Pound, decimals: 2}
		}
		m := &magellan{p}
		fr := magellanFramer{mask: 0xff}
		for _, c := range b {
			body, ok := fr.next(c)
			if !ok {
				continue
			}
			r := m.reading(body)
			digits := slices.ContainsFunc(body, func(c byte) bool { return c >= '1' && c <= '9' })
			if r.State == 0 || r.State == Stable && (!digits || r.Shown.Digits <= 0 || r.Shown.Digits > 99999) {
				t.Errorf("%q reads as %+v", body, r)
			}
		}
	})
}
