package sim

import (
	"fmt"
	"strings"
)

// A SICSForm is how a make sets the columns of an MT-SICS answer.
type SICSForm uint8

// The forms of MT-SICS.
const (
	SICSMettler SICSForm = iota // "S S      1.250 kg"
	SICSElicom                  // "SS     1.250 Kg"
	SICSAND                     // "S       1.250 kg", "SD ...", "SI+"
)

// SICSOptions describes a simulated MT-SICS scale.
type SICSOptions struct {
	ScaleOptions
	Form SICSForm
}

// NewSICS makes a scale that speaks MT-SICS, as far as a lane needs it: SI, Z,
// @ and I4.
func NewSICS(path string, clock *Clock, o SICSOptions) (*Scale, error) {
	return newScale(path, clock, o.ScaleOptions, &sicsVoice{form: o.Form})
}

type sicsVoice struct {
	form SICSForm
	cmd  []byte
}

func (*sicsVoice) hidesNet() bool { return true }

func (v *sicsVoice) hear(c byte, s scaleState) (answer []byte, asked bool) {
	if c != '\n' {
		v.cmd = append(v.cmd[:min(len(v.cmd), 16)], c)
		return nil, false
	}
	cmd := strings.TrimSuffix(string(v.cmd), "\r")
	v.cmd = v.cmd[:0]
	switch cmd {
	case "SI":
		return []byte(v.weight(s) + "\r\n"), true
	case "Z":
		if !s.stable {
			return []byte("Z I\r\n"), false
		}
		s.zeroSet()
		return []byte("Z A\r\n"), false
	case "@", "I4":
		return []byte("I4 A \"1234567\"\r\n"), false
	default:
		return []byte("ES\r\n"), false
	}
}

func (v *sicsVoice) weight(s scaleState) string {
	value := fmt.Sprintf("%10s", kilograms(s.net))
	status := "S"
	if !s.stable {
		status = "D"
	}
	switch {
	case s.over && v.form == SICSAND:
		return "SI+"
	case s.over:
		return "S +"
	case s.under() && v.form == SICSAND:
		return "SI-"
	case s.under() && !s.tared:
		return "S -"
	case v.form == SICSElicom:
		return "S" + status + value + " Kg"
	case v.form == SICSAND && s.stable:
		return "S  " + value + " kg"
	case v.form == SICSAND:
		return "SD " + value + " kg"
	default:
		return "S " + status + " " + value + " kg"
	}
}
