package terminal

import (
	"bytes"
	"strings"
)

// PCI DSS 3.4: at most the first six and last four digits may be shown, and
// a full number must never be stored. These types keep the last four only.

const (
	maskRune   = '*'
	tailDigits = 4
	minPAN     = 13 // ISO/IEC 7812: shortest and
	maxPAN     = 19 // longest card number in use
)

// A Card is a card number with all but its last four digits masked. The zero
// Card is no card. It is comparable.
type Card struct{ s string }

// MaskCard keeps the last four of number, which may hold digits and mask
// characters; all else becomes '*'. A number of fewer than eight characters
// is masked whole, for its last four would be most of it.
func MaskCard(number string) Card {
	n := len(number)
	out := []byte(strings.Repeat(string(maskRune), n))
	if n < 2*tailDigits {
		return Card{string(out)}
	}
	for i := n - tailDigits; i < n; i++ {
		if isDigit(number[i]) {
			out[i] = number[i]
		}
	}
	return Card{string(out)}
}

// String returns the masked number, as "************5726".
func (c Card) String() string { return c.s }

// IsZero reports whether there is no card.
func (c Card) IsZero() bool { return c.s == "" }

// MarshalText returns the masked number.
func (c Card) MarshalText() ([]byte, error) { return []byte(c.s), nil }

// UnmarshalText takes a number and masks it.
func (c *Card) UnmarshalText(b []byte) error {
	*c = MaskCard(string(b))
	return nil
}

// A Text is foreign text in which whatever looks like a card number is
// masked. The zero Text is empty. It is comparable.
type Text struct{ s string }

// Scrub returns s with the card numbers in it masked and control characters
// but tab and newline replaced by spaces. A card number is 13 to 19 digits,
// alone or in groups with single spaces, hyphens or a line's end between, that satisfy the
// Luhn check and do not begin with 0. Number-like text may be masked without
// need; a card number must not stay.
func Scrub(s string) Text {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7F {
			return ' '
		}
		return r
	}, s)
	b := []byte(s)
	maskAll(b)
	return Text{string(b)}
}

// ScrubLines masks card numbers that go on from the end of one line to the
// beginning of the next, which no line shows by itself. It changes lines in place.
func ScrubLines(lines []Line) {
	var all []byte
	for _, l := range lines {
		all = append(append(all, l.Text.s...), lineEnd)
	}
	maskAll(all)
	for i := range lines {
		n := len(lines[i].Text.s)
		lines[i].Text.s = string(all[:n])
		all = all[n+1:]
	}
}

// lineEnd stands between two lines. Scrub leaves none in a text.
const lineEnd = '\x00'

// maskAll masks each card number in b.
func maskAll(b []byte) {
	for i := 0; i < len(b); {
		if !isDigit(b[i]) {
			i++
			continue
		}
		at, end := digitRun(b, i)
		maskRun(b, at)
		i = end
	}
}

// digitRun returns where the digits of the run that begins at i stand in b,
// and where the run ends.
func digitRun(b []byte, i int) (at []int, end int) {
	for i < len(b) {
		if isDigit(b[i]) {
			at = append(at, i)
			i++
			continue
		}
		n := gap(b[i:])
		if n == 0 {
			return at, i
		}
		i += n
	}
	return at, i
}

// gap returns how long the gap within a number is that b begins with: a space, a
// hyphen, or the end of a line with spaces around it. 0: it is none.
func gap(b []byte) int {
	n := len(b) - len(bytes.TrimLeft(b, " -"))
	ended := n < len(b) && (b[n] == lineEnd || b[n] == '\n')
	if ended {
		n++
		n += len(b[n:]) - len(bytes.TrimLeft(b[n:], " -"))
	}
	if n > 1 && !ended || n == len(b) || !isDigit(b[n]) {
		return 0
	}
	return n
}

// maskRun masks each card number among the digits of b that stand at at.
func maskRun(b []byte, at []int) {
	digits := make([]byte, len(at))
	for i, p := range at {
		digits[i] = b[p]
	}
	for from := range digits {
		if digits[from] == '0' || !startsGroup(at, from) {
			continue
		}
		for n := min(maxPAN, len(digits)-from); n >= minPAN; n-- {
			if !endsGroup(at, from+n) || !luhn(digits[from:from+n]) {
				continue
			}
			for _, p := range at[from : from+n-tailDigits] {
				b[p] = maskRune
			}
		}
	}
}

// startsGroup reports whether a number could begin at digit i: anywhere in a
// group of 13 or more digits, else only where a group begins.
func startsGroup(at []int, i int) bool {
	if i == 0 || at[i] != at[i-1]+1 {
		return true
	}
	return groupLen(at, i) >= minPAN
}

// endsGroup is startsGroup for the end of a number.
func endsGroup(at []int, end int) bool {
	if end == len(at) || at[end] != at[end-1]+1 {
		return true
	}
	return groupLen(at, end) >= minPAN
}

// groupLen counts the digits that touch digit i.
func groupLen(at []int, i int) int {
	from, to := i, i+1
	for from > 0 && at[from] == at[from-1]+1 {
		from--
	}
	for to < len(at) && at[to] == at[to-1]+1 {
		to++
	}
	return to - from
}

// luhn reports whether the check digit of d is right (ISO/IEC 7812-1, annex B).
func luhn(d []byte) bool {
	sum := 0
	for i := range d {
		v := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			v *= 2
			if v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// String returns the scrubbed text.
func (t Text) String() string { return t.s }

// IsZero reports whether the text is empty.
func (t Text) IsZero() bool { return t.s == "" }

// MarshalText returns the scrubbed text.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.s), nil }

// UnmarshalText takes text and scrubs it.
func (t *Text) UnmarshalText(b []byte) error {
	*t = Scrub(string(b))
	return nil
}
