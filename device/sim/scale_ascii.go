package sim

import (
	"fmt"
	"strings"
	"time"

	"kassa/kiosk/weight"
)

// An ASCIIForm is how a line of text is laid out.
type ASCIIForm uint8

// The forms of lines, each ended by CR LF.
const (
	ASCIIPlain ASCIIForm = iota // "ST,GS,+001.250kg"
	ASCIINT                     // "ST,GS,", station, lamps, ",   1.250 kg": CAS NT, 22 bytes
	ASCIIAND                    // "ST,+0001.250 kg": A&D
)

// ASCIIOptions describes a simulated scale that sends lines of text.
type ASCIIOptions struct {
	ScaleOptions
	Form ASCIIForm
	// Polled makes it wait for "Q" CR LF; else it sends by itself, sixteen
	// times a second.
	Polled bool
}

// NewASCII makes a scale that sends lines of text.
func NewASCII(path string, clock *Clock, o ASCIIOptions) (*Scale, error) {
	v := &asciiVoice{form: o.Form}
	if o.Polled {
		return newScale(path, clock, o.ScaleOptions, v)
	}
	return newScale(path, clock, o.ScaleOptions, asciiStream{v})
}

type asciiVoice struct {
	form ASCIIForm
	cmd  []byte
}

func (v *asciiVoice) hidesNet() bool { return v.form == ASCIIAND }

func (v *asciiVoice) hear(c byte, s scaleState) (answer []byte, asked bool) {
	if c != '\n' {
		v.cmd = append(v.cmd[:min(len(v.cmd), 8)], c)
		return nil, false
	}
	cmd := string(v.cmd)
	v.cmd = v.cmd[:0]
	if cmd != "Q\r" {
		return nil, false
	}
	return v.line(s), true
}

// An asciiStream sends by itself and does not listen.
type asciiStream struct{ *asciiVoice }

func (asciiStream) hear(byte, scaleState) ([]byte, bool) { return nil, false }
func (asciiStream) every() time.Duration                 { return time.Second / 16 }
func (v asciiStream) call(s scaleState) []byte           { return v.line(s) }

func (v *asciiVoice) line(s scaleState) []byte {
	status, kind := "ST", "GS"
	switch {
	case s.over:
		status = "OL"
	case !s.stable:
		status = "US"
	}
	if s.tared {
		kind = "NT"
	}
	sign, abs := "+", max(s.net, -s.net)
	if s.net < 0 {
		sign = "-"
	}
	switch v.form {
	case ASCIINT:
		const lamps = "\x8d" // one of them is the byte of CR with bit 7 set
		return []byte(status + "," + kind + ",1" + lamps + "," + ntWeight(s.net) + " kg\r\n")
	case ASCIIAND:
		if s.over {
			return []byte("OL,+9999999E+19\r\n")
		}
		return fmt.Appendf(nil, "%s,%s%04d.%03d kg\r\n", status, sign, abs/1000, abs%1000)
	default:
		return fmt.Appendf(nil, "%s,%s,%s%03d.%03dkg\r\n", status, kind, sign, abs/1000, abs%1000)
	}
}

// ntWeight is eight characters with the sign in the first.
func ntWeight(g weight.Grams) string {
	text := kilograms(max(g, -g))
	sign := " "
	if g < 0 {
		sign = "-"
	}
	return sign + strings.Repeat(" ", max(0, 7-len(text))) + text
}
