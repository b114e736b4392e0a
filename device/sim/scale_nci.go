package sim

import "fmt"

// An NCIForm is which of the two NCI protocols a scale speaks.
type NCIForm uint8

// The forms of NCI.
const (
	NCIECR     NCIForm = iota // SCP-02: an S before the status, no weight where none may be sold
	NCIGeneral                // SCP-01: no S, and signs in place of a weight
	NCIBaxtran                // SCP-02 with a weight of nought where none may be sold
)

// NCIOptions describes a simulated NCI scale.
type NCIOptions struct {
	ScaleOptions
	Form  NCIForm
	Bytes int // of status; 0 means 2, and a third where the weight is net
}

// NewNCI makes a scale that speaks NCI or Weigh-Tronix.
func NewNCI(path string, clock *Clock, o NCIOptions) (*Scale, error) {
	return newScale(path, clock, o.ScaleOptions, &nciVoice{o: o})
}

type nciVoice struct {
	o   NCIOptions
	cmd []byte
}

// hear collects a command up to CR. Without CR there is no answer.
func (v *nciVoice) hear(c byte, s scaleState) (answer []byte, asked bool) {
	c &= 0x7f
	if c != '\r' {
		if len(v.cmd) < 8 {
			v.cmd = append(v.cmd, c)
		}
		return nil, false
	}
	cmd := string(v.cmd)
	v.cmd = v.cmd[:0]
	switch cmd {
	case "W":
		return []byte(v.weight(s) + v.status(s)), true
	case "S":
		return []byte(v.status(s)), false
	case "Z":
		s.zeroSet()
		return []byte(v.status(s)), false
	case "U":
		return []byte("\nKG\r" + v.status(s)), false
	default:
		return []byte("\n?\r\x03"), false
	}
}

// weight is the part before the status, "" where it is left out.
func (v *nciVoice) weight(s scaleState) string {
	sold := fmt.Sprintf("\n%02d.%03dKG\r", s.net/1000, s.net%1000)
	switch {
	case s.settled():
		return sold
	case v.o.Form == NCIBaxtran:
		return "\n00.000KG\r"
	case v.o.Form == NCIECR:
		return ""
	case s.over:
		return "\n^^^^^^KG\r"
	case s.under():
		return "\n______KG\r"
	default:
		return sold
	}
}

func (v *nciVoice) status(s scaleState) string {
	status := []byte{'0', '0', 'p', '0'}
	if !s.stable {
		status[0] |= 1
	}
	if s.gross == 0 {
		status[0] |= 2
	}
	if s.under() {
		status[1] |= 1
	}
	if s.over {
		status[1] |= 2
	}
	n := 2
	if v.o.Bytes > 2 || s.tared {
		status[1] |= 1 << 6 // another byte follows
		n = 3
	}
	if s.tared {
		status[2] |= 1 << 2
	}
	n = max(n, v.o.Bytes)
	if n < 4 {
		status[2] &^= 1 << 6
	}
	mark := "S"
	if v.o.Form == NCIGeneral {
		mark = ""
	}
	return "\n" + mark + string(status[:n]) + "\r\x03"
}
