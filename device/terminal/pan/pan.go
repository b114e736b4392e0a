// Package pan hides card numbers in text that others wrote: terminals, their
// receipts, what somebody typed. It does not read cards and judges no payment.
//
// Its one rule: a card number must not stay, though number-like text may be
// masked without need (PCI DSS 3.4: at most the last four digits are kept).
package pan

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

const (
	mask      = '*'
	tail      = 4  // digits that may be read
	shortest  = 13 // ISO/IEC 7812: digits of the shortest
	longest   = 19 // and longest card number in use
	widestGap = 3  // signs between two groups of one line
)

// shapes are the groups in which card numbers are printed and typed.
var shapes = []string{"\x04\x04\x04\x04", "\x04\x06\x05", "\x04\x06\x04", "\x04\x04\x04\x04\x03"} //nolint:gochecknoglobals // never changes

// A digit is one of a run of digits with nothing but gaps between.
type digit struct {
	at    int // in the text
	value byte
	first bool // of its group
	loose bool // a wide or odd gap stands before it
	long  bool // its group alone could hold a card number
}

// Hide returns text with all but the last four digits of each card number
// replaced by '*'; nothing else changes, not even the length in bytes. A card
// number is 13 to 19 digits that satisfy the Luhn check and do not begin with 0:
// without a gap, in groups of any length with a space, a hyphen or a line's end
// between, or in the groups of a card with up to three spaces, dashes or dots of
// any kind between. Hiding twice is hiding once.
func Hide(text string) string {
	b := []byte(text)
	for again := true; again; { // a number may begin with the tail of another
		again = false
		for i := 0; i < len(b); i++ {
			if isDigit(b[i]) {
				var all []digit
				all, i = run(b, i)
				again = hide(b, all) || again
			}
		}
	}
	return string(b)
}

// run returns the run of digits that begins at b[i], and where it ends.
func run(b []byte, i int) (all []digit, end int) {
	first, loose, group := true, false, 0
	for {
		all = append(all, digit{at: i, value: b[i] - '0', first: first, loose: loose})
		if first {
			group = len(all) - 1
		}
		if len(all)-group == shortest {
			for j := range all[group:] {
				all[group+j].long = true
			}
		}
		all[len(all)-1].long = all[group].long
		i++
		first, loose = false, false
		if i < len(b) && !isDigit(b[i]) {
			n, odd := gap(b[i:])
			first, loose, i = true, odd, i+n
		}
		if i == len(b) || !isDigit(b[i]) {
			return all, i
		}
	}
}

// gap returns how long the gap is that b begins with, 0 if no digit follows it,
// and whether only the shapes of a card may have such a gap.
func gap(b []byte) (n int, loose bool) {
	signs, ended := 0, false
	for n < len(b) && !isDigit(b[n]) {
		r, size := utf8.DecodeRune(b[n:])
		switch {
		case r == '\n' && !ended:
			ended = true
		case r == '.' || r == '\t' || r == utf8.RuneError || unicode.In(r, unicode.Zs, unicode.Pd):
			signs++
		default:
			return 0, false
		}
		n += size
	}
	if n == len(b) || signs > widestGap && !ended {
		return 0, false
	}
	return n, !ended && (signs > 1 || b[0] != ' ' && b[0] != '-')
}

// hide masks each card number of a run in b, and reports whether there was one.
func hide(b []byte, all []digit) (hid bool) {
	for from, d := range all {
		if d.value == 0 || !d.first && !d.long {
			continue
		}
		for n := min(longest, len(all)-from); n >= shortest; n-- {
			if !ends(all, from+n) || !luhn(all[from:from+n]) || !shapely(all[from:from+n]) {
				continue
			}
			for _, d := range all[from : from+n-tail] {
				b[d.at] = mask
			}
			hid = true
			break // a shorter one hides no more
		}
	}
	return hid
}

// ends reports whether a number could end before digit i: anywhere in a group of
// 13 or more, else only where a group ends.
func ends(all []digit, i int) bool { return i == len(all) || all[i].first || all[i].long }

// shapely reports whether the groups of a number may have the gaps they have.
func shapely(number []digit) bool {
	var shape []byte
	loose := false
	for i, d := range number {
		if i == 0 || d.first {
			shape = append(shape, 0)
			loose = loose || i > 0 && d.loose
		}
		shape[len(shape)-1]++
	}
	return !loose || slices.Contains(shapes, string(shape))
}

// luhn reports whether the check digit is right (ISO/IEC 7812-1, annex B).
func luhn(number []digit) bool {
	sum := 0
	for i := range number {
		v := int(number[len(number)-1-i].value)
		if i%2 == 1 {
			v *= 2
			v -= v / 10 * 9
		}
		sum += v
	}
	return sum%10 == 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
