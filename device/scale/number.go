package scale

import (
	"bytes"
	"errors"
	"fmt"

	"kassa/kiosk/weight"
)

// ErrUnit is in Reading.Err where the scale shows another unit than the
// configuration says, or one that cannot be sold by.
var ErrUnit = errors.New("scale shows another unit")

// A number is a decimal as scales write it, taken apart.
type number struct {
	negative bool
	digits   int64 // without the point
	decimals int   // -1: no point was sent
}

// parseNumber reads leading spaces, a sign, one to seven digits and at most one
// point between them. Nothing may stand behind.
func parseNumber(field []byte) (number, bool) {
	n := number{decimals: -1}
	field = bytes.TrimLeft(field, " ")
	if len(field) > 0 && (field[0] == '+' || field[0] == '-') {
		n.negative = field[0] == '-'
		field = bytes.TrimLeft(field[1:], " ")
	}
	count := 0
	for i, c := range field {
		switch {
		case c >= '0' && c <= '9':
			n.digits = n.digits*10 + int64(c-'0')
			count++
		case c == '.' && n.decimals < 0 && i > 0 && i < len(field)-1:
			n.decimals = len(field) - 1 - i
		default:
			return number{}, false
		}
		if count > 8 {
			return number{}, false
		}
	}
	return n, count > 0 && n.decimals <= 4
}

// unitShift reads a unit in any case: kg and g count as kilograms (g moved the
// point by three), lb as pounds.
func unitShift(text []byte) (u weight.Unit, shift int, ok bool) {
	switch string(bytes.ToLower(bytes.TrimSpace(text))) {
	case "kg":
		return weight.Kilogram, 0, true
	case "g":
		return weight.Kilogram, 3, true
	case "lb", "lbs":
		return weight.Pound, 0, true
	default:
		return 0, 0, false
	}
}

// settled judges a number that came as settled with its unit. An empty unit
// means the configured one.
func (p params) settled(n number, unit []byte, net bool) Reading {
	u, shift := p.unit, 0
	if len(unit) > 0 {
		var ok bool
		if u, shift, ok = unitShift(unit); !ok || u != p.unit {
			return Reading{State: Fault, Err: fmt.Errorf("%w: %q, want %s", ErrUnit, unit, p.unit)}
		}
	}
	switch {
	case n.decimals < 0 && shift == 0:
		n.decimals = p.decimals
	case n.decimals < 0:
		n.decimals = shift
	default:
		n.decimals += shift
	}
	switch {
	case n.decimals > 4:
		return Reading{State: Fault, Err: fmt.Errorf("%w: %d decimals", ErrDivision, n.decimals)}
	case n.negative && n.digits != 0:
		return Reading{State: Under}
	}
	return p.weighed(weight.Shown{Digits: n.digits, Decimals: uint8(n.decimals), Unit: u}, net)
}
