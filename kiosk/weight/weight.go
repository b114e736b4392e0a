// Package weight holds the two ways a lane speaks of weight, as types that
// cannot be mixed up: grams, for the bagging check, and the weight a trade
// scale shows, for selling. It is a leaf and pure.
//
// Its one rule: a sold weight is kept exactly as the scale showed it (a whole
// number of its smallest decimal, with the unit); it is turned into grams only
// for the bagging check and never back.
package weight

import (
	"fmt"
	"strconv"
	"strings"
)

// Grams is a mass in whole grams. It may be negative where it is a difference.
type Grams int64

// A Unit is what a trade scale counts in.
type Unit uint8

// The units of trade scales. The zero Unit is none.
const (
	Kilogram Unit = iota + 1
	Pound
)

// String returns "kg" or "lb".
func (u Unit) String() string {
	switch u {
	case Kilogram:
		return "kg"
	case Pound:
		return "lb"
	default:
		return "?"
	}
}

// ParseUnit reads "kg" or "lb".
func ParseUnit(s string) (Unit, error) {
	switch s {
	case "kg":
		return Kilogram, nil
	case "lb":
		return Pound, nil
	default:
		return 0, fmt.Errorf("unit is %q, want kg or lb", s)
	}
}

// microPerUnit is the unit in millionths of a gram: 1 lb is 453.59237 g by the
// international agreement of 1959.
func (u Unit) microPerUnit() int64 {
	if u == Pound {
		return 453_592_370
	}
	return 1_000_000_000
}

// Shown is a weight as a scale shows it: Digits of the last decimal place
// shown. 1.250 kg is {1250, 3, Kilogram}.
type Shown struct {
	Digits   int64 `json:"digits"`
	Decimals uint8 `json:"decimals"` // 0 to 4
	Unit     Unit  `json:"unit"`
}

// ParseShown reads a decimal number as scales send it ("1.250", "12.34"; no
// sign, at most seven digits).
func ParseShown(s string, u Unit) (Shown, error) {
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) > 4 || len(whole)+len(frac) > 7 || whole == "" {
		return Shown{}, fmt.Errorf("weight %q: want up to seven digits, four of them decimals", s)
	}
	n, err := strconv.ParseUint(whole+frac, 10, 32)
	if err != nil {
		return Shown{}, fmt.Errorf("weight %q: not a number", s)
	}
	return Shown{int64(n), uint8(len(frac)), u}, nil
}

// Zero reports whether nothing is shown.
func (s Shown) Zero() bool { return s.Digits == 0 }

// Scale returns ten to the power of Decimals: Digits/Scale units are shown.
func (s Shown) Scale() int64 {
	n := int64(1)
	for range s.Decimals {
		n *= 10
	}
	return n
}

// Grams returns the weight rounded half up to whole grams, for the bagging
// check and for files, never for a price.
func (s Shown) Grams() Grams {
	micro := s.Unit.microPerUnit() / s.Scale()
	return Grams((s.Digits*micro + 500_000) / 1_000_000)
}

// String returns the number as the scale shows it, without the unit.
func (s Shown) String() string {
	digits := fmt.Sprintf("%0*d", int(s.Decimals)+1, s.Digits)
	if s.Decimals == 0 {
		return digits
	}
	cut := len(digits) - int(s.Decimals)
	return digits[:cut] + "." + digits[cut:]
}

// Tared returns s less a tare in grams, in the same decimals: what is sold. The
// tare is rounded half up to a digit of s, as a scale would have counted it. A
// tare as heavy as s or heavier leaves nought.
func (s Shown) Tared(tare Grams) Shown {
	if tare <= 0 {
		return s
	}
	micro := s.Unit.microPerUnit() / s.Scale()
	if tare >= s.Grams()+Grams(micro/1_000_000)+1 {
		s.Digits = 0 // also keeps the product below in range
		return s
	}
	digits := (int64(tare)*1_000_000 + micro/2) / micro
	s.Digits = max(0, s.Digits-digits)
	return s
}
