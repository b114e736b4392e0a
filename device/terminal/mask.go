package terminal

import (
	"strings"

	"kassa/device/terminal/pan"
)

// PCI DSS 3.4: at most the first six and last four digits may be shown, and
// a full number must never be stored. These types keep the last four only.

const (
	maskRune   = '*'
	tailDigits = 4
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
		if number[i] >= '0' && number[i] <= '9' {
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

// Scrub returns s with the card numbers in it masked, as package pan finds
// them, and control characters but tab and newline replaced by spaces.
func Scrub(s string) Text {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7F {
			return ' '
		}
		return r
	}, s)
	return Text{pan.Hide(s)}
}

// ScrubLines masks card numbers that go on from the end of one line to the
// beginning of the next, which no line shows by itself. It changes lines in place.
func ScrubLines(lines []Line) {
	var all strings.Builder
	for _, l := range lines {
		all.WriteString(l.Text.s + "\n")
	}
	rest := pan.Hide(all.String()) // as long as before
	for i := range lines {
		n := len(lines[i].Text.s)
		lines[i].Text.s = rest[:n]
		rest = rest[n+1:]
	}
}

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
