package sim

import (
	"fmt"
	"strings"

	"kassa/kiosk/weight"
)

// NewSMA makes a scale that speaks the Scale Manufacturers Association's
// SCP-0499, levels 1 and 2 as far as a lane needs them.
func NewSMA(path string, clock *Clock, o ScaleOptions) (*Scale, error) {
	return newScale(path, clock, o, &smaVoice{})
}

type smaVoice struct {
	cmd    []byte
	inside bool
}

func (v *smaVoice) hear(c byte, s scaleState) (answer []byte, asked bool) {
	switch {
	case c == '\n':
		v.cmd, v.inside = v.cmd[:0], true
		return nil, false
	case !v.inside:
		return nil, false
	case c >= 0x80:
		v.inside = false
		return []byte("\n!\r"), false
	case c != '\r':
		v.cmd = append(v.cmd[:min(len(v.cmd), 8)], c)
		return nil, false
	}
	v.inside = false
	switch string(v.cmd) {
	case "W":
		return []byte(v.frame(s)), true
	case "Z":
		s.zeroSet()
		return []byte(v.frame(s)), false
	default:
		return []byte("\n?\r"), false
	}
}

func (*smaVoice) frame(s scaleState) string {
	status, kind, motion := " ", "G", " "
	value := fmt.Sprintf("%10s", kilograms(s.net))
	switch {
	case s.over:
		status, value = "O", strings.Repeat("-", 10)
	case s.under() && !s.tared:
		status, value = "U", strings.Repeat("-", 10)
	case s.gross == 0 && s.stable:
		status = "Z"
	}
	if s.tared {
		kind = "N"
	}
	if !s.stable {
		motion = "M"
	}
	return "\n" + status + "1" + kind + motion + " " + value + "kg \r"
}

// kilograms writes a weight with three decimals and a sign where it is below
// nought.
func kilograms(g weight.Grams) string {
	sign := ""
	if g < 0 {
		sign, g = "-", -g
	}
	return fmt.Sprintf("%s%d.%03d", sign, g/1000, g%1000)
}
