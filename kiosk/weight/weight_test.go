package weight

import (
	"math"
	"testing"
)

func TestParseShown(t *testing.T) {
	good := map[string]Shown{
		"1.250":   {1250, 3, Kilogram},
		"0":       {0, 0, Kilogram},
		"0012.34": {1234, 2, Kilogram},
		"9999999": {9999999, 0, Kilogram},
		"1.":      {1, 0, Kilogram},
	}
	for s, want := range good {
		if got, err := ParseShown(s, Kilogram); err != nil || got != want {
			t.Errorf("ParseShown(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", ".", ".5", "-1", "+1", "1.25000", "12345678", "1,5", "1 ", "0x1", "1e3", "١"} {
		if got, err := ParseShown(s, Kilogram); err == nil {
			t.Errorf("ParseShown(%q) = %v, want an error", s, got)
		}
	}
}

func TestShownPrintsAsParsed(t *testing.T) {
	for _, s := range []string{"1.250", "0.005", "12.34", "0", "150", "0.0001"} {
		if got, err := ParseShown(s, Pound); err != nil || got.String() != s {
			t.Errorf("ParseShown(%q) prints %q, %v", s, got, err)
		}
	}
}

func TestGrams(t *testing.T) {
	tests := []struct {
		shown Shown
		want  Grams
	}{
		{Shown{1250, 3, Kilogram}, 1250},
		{Shown{12345, 4, Kilogram}, 1235}, // 1234.5 g
		{Shown{1, 0, Pound}, 454},         // 453.59237 g
		{Shown{1, 2, Pound}, 5},           // 4.5359237 g
		{Shown{2205, 3, Pound}, 1000},     // 1000.17 g
		{Shown{9999999, 0, Kilogram}, 9999999000},
	}
	for _, tt := range tests {
		if got := tt.shown.Grams(); got != tt.want {
			t.Errorf("%v %v = %d g, want %d", tt.shown, tt.shown.Unit, got, tt.want)
		}
	}
}

func TestTared(t *testing.T) {
	tests := []struct {
		shown Shown
		tare  Grams
		want  int64
	}{
		{Shown{1250, 3, Kilogram}, 0, 1250},
		{Shown{1250, 3, Kilogram}, -5, 1250},
		{Shown{1250, 3, Kilogram}, 5, 1245},
		{Shown{125, 2, Kilogram}, 5, 124}, // half a digit counts
		{Shown{125, 2, Kilogram}, 4, 125},
		{Shown{100, 2, Pound}, 5, 99}, // 5 g are 1.10 digits of 0.01 lb
		{Shown{1250, 3, Kilogram}, 1250, 0},
		{Shown{1250, 3, Kilogram}, 1251, 0},
		{Shown{1250, 3, Kilogram}, math.MaxInt64, 0},
		{Shown{1, 0, Kilogram}, 501, 0},
		{Shown{0, 3, Kilogram}, 5, 0},
	}
	for _, tt := range tests {
		if got := tt.shown.Tared(tt.tare); got.Digits != tt.want || got.Decimals != tt.shown.Decimals || got.Unit != tt.shown.Unit {
			t.Errorf("%v %v less %d g = %v, want %d digits", tt.shown, tt.shown.Unit, tt.tare, got, tt.want)
		}
	}
}

func FuzzParseShown(f *testing.F) {
	for _, s := range []string{"1.250", "0.005", "", ".", "99999.99", "-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w, err := ParseShown(s, Kilogram)
		if err != nil {
			return
		}
		again, err := ParseShown(w.String(), Kilogram)
		if err != nil || again != w {
			t.Fatalf("%q parses to %v, which parses to %v, %v", s, w, again, err)
		}
	})
}
