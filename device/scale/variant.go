package scale

import (
	"fmt"
	"strconv"
	"strings"
)

// A Variant is how one make speaks a protocol where makes differ. The zero
// Variant is what most do.
type Variant struct {
	// ZeroBits are toledo status bits that mean a settled zero, beside bit 4
	// which does on all makes: 8 for Baxtran TW/VW.
	ZeroBits byte
	// Status is what toledo status letters mean where they are no bit map:
	// "A=motion B=over C=under D=fault" for Datalogic's SASI mode.
	Status string
	// HighResolution asks a toledo8213 for one digit more (H instead of W).
	HighResolution bool
	// Poll is what asks an ascii scale for a line: "Q" on A&D, CR LF is added.
	// "" means that it sends by itself.
	Poll string
	// Pair is the check value and key word of dialog06, eight hexadecimal
	// digits, as they were assigned to this program and scale. "" cannot answer
	// a scale that asks for them.
	Pair string
	// PairEscape puts an ESC between the two in the answer.
	PairEscape bool
	// DoubleEOT begins dialog06 records with two EOT.
	DoubleEOT bool
	// ShortPrice sends dialog06 prices of five digits instead of six.
	ShortPrice bool
	// Repeat lets a dialog06 scale's word "no movement since the last weighing"
	// stand for the weight it gave then. Without it the article must be lifted.
	Repeat bool
}

// variant checks the parts that are text.
func (p *params) variant() error {
	for word := range strings.FieldsSeq(p.Status) {
		letter, name, ok := strings.Cut(word, "=")
		st := stateNamed(name)
		if !ok || len(letter) != 1 || letter[0] < '@' || letter[0] > '~' || st == 0 {
			return fmt.Errorf("status is %q, want letters and states such as \"A=motion B=over\"", p.Status)
		}
		if p.letters == nil {
			p.letters = map[byte]State{}
		}
		p.letters[letter[0]] = st
	}
	if _, err := strconv.ParseUint(p.Pair, 16, 32); p.Pair != "" && (err != nil || len(p.Pair) != 8) {
		return fmt.Errorf("pair is %d characters, want eight hexadecimal digits", len(p.Pair))
	}
	if len(p.Poll) > 8 || strings.ContainsFunc(p.Poll, func(r rune) bool { return r < ' ' || r > '~' }) {
		return fmt.Errorf("poll is %q, want up to eight letters such as Q", p.Poll)
	}
	return nil
}

// stateNamed is the state that a status letter may stand for, 0 for others.
func stateNamed(name string) State {
	for _, s := range []State{Motion, Zero, Under, Over, Fault} {
		if s.String() == name {
			return s
		}
	}
	return 0
}
