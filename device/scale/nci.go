package scale

import (
	"bytes"

	"kassa/device/link"
)

// The bytes of an NCI line, apart from what they mean.
const (
	nciETX = 0x03

	maxNCIBody = 40 // longer than any answer in the manuals
)

// An nciFramer collects what comes up to ETX, without parity bits. There is no
// byte that only begins a frame, so the parser finds the beginning.
type nciFramer struct {
	body []byte
	end  bool // the body before is used up
}

// next takes one byte and returns a body when the byte ends a frame. The body
// is valid until the next call.
func (f *nciFramer) next(c byte) (body []byte, ok bool) {
	c &= 0x7f
	if f.end || len(f.body) == maxNCIBody {
		f.body, f.end = f.body[:0], false
	}
	if c == nciETX {
		f.end = true
		return f.body, true
	}
	f.body = append(f.body, c)
	return nil, false
}

// An nciAnswer is an answer taken apart.
type nciAnswer struct {
	weight []byte // 6 characters, with dashes and the like where there is none; nil: not sent
	unit   []byte
	status []byte // at least 2, all with bits 4 and 5 set
}

// nciWeight is how many characters a weight has (PSC Diva manual p. 42).
const nciWeight = 6

// parseNCI takes apart the last two parts of a body, each LF ... CR: weight and
// unit, if sent, and the status bytes, with an S before them (SCP-02) or
// without (SCP-01). Parts before them are the rest of an answer that broke off.
func parseNCI(body []byte) (nciAnswer, bool) {
	parts := bytes.Split(body, []byte{'\n'})
	if len(parts) < 2 {
		return nciAnswer{}, false
	}
	status, ok := bytes.CutSuffix(parts[len(parts)-1], []byte{'\r'})
	status = bytes.TrimPrefix(status, []byte{'S'})
	if !ok || len(status) < 2 || len(status) > 6 {
		return nciAnswer{}, false
	}
	for _, c := range status {
		if c&0x30 != 0x30 {
			return nciAnswer{}, false
		}
	}
	a := nciAnswer{status: status}
	// Before the first LF there is nothing: parts[0] is never a weight.
	if len(parts) > 2 && bytes.HasSuffix(parts[len(parts)-2], []byte{'\r'}) {
		w := bytes.TrimSuffix(parts[len(parts)-2], []byte{'\r'})
		if len(w) < nciWeight {
			return nciAnswer{}, false
		}
		a.weight, a.unit = w[:nciWeight], w[nciWeight:]
	}
	return a, true
}

// Bits of the status bytes on which the makes agree. Byte 1 and 2 decide; of the
// others, which some send and some do not, only "net" is looked at.
const (
	nciMotion = 1 << 0 // byte 1
	nciZero   = 1 << 1
	nciMemory = 3 << 2 // RAM, EEPROM

	nciUnder    = 1 << 0 // byte 2
	nciOver     = 1 << 1
	nciBroken   = 3 << 2 // ROM, calibration
	nciMore     = 1 << 6 // a third byte follows
	nciNet      = 1 << 2 // byte 3
	nciZeroFail = 1 << 3
)

// An nci speaks NCI and Weigh-Tronix SCP-01 and SCP-02 ("NCI POS").
type nci struct{ p params }

func newNCI(p params) dialect { return &nci{p: p} }

func (*nci) manner() manner { return answers }

// ask asks for the weight once.
func (d *nci) ask(conn link.Conn) (Reading, error) {
	if _, err := conn.Write([]byte("W\r")); err != nil {
		return Reading{}, err
	}
	body, err := receive(conn, (&nciFramer{}).next)
	if err != nil {
		return blame(err)
	}
	r := d.meaning(body)
	r.Frame = string(body)
	return r, nil
}

// meaning says what an answer tells: the gravest of the status bits first, as
// some makes send a weight with them all the same.
func (d *nci) meaning(body []byte) Reading {
	a, ok := parseNCI(body)
	if !ok {
		return garbled(body, "no status")
	}
	one, two, three := a.status[0], a.status[1], byte(0)
	if two&nciMore != 0 && len(a.status) > 2 {
		three = a.status[2]
	}
	switch {
	case one&nciMemory != 0 || two&nciBroken != 0 || three&nciZeroFail != 0:
		return garbled(body, "the scale reports a defect of its own")
	case two&nciOver != 0:
		return Reading{State: Over}
	case two&nciUnder != 0:
		return Reading{State: Under}
	case one&nciMotion != 0:
		return Reading{State: Motion}
	case a.weight == nil && one&nciZero != 0:
		return d.p.nothing()
	case a.weight == nil:
		return Reading{State: Fault, Err: ErrNoWeight}
	}
	n, ok := parseNumber(a.weight)
	if !ok || len(a.unit) == 0 {
		return d.dashes(body, a.weight)
	}
	return d.p.settled(n, a.unit, three&nciNet != 0)
}

// dashes reads what SCP-01 shows in place of a weight.
func (d *nci) dashes(body, field []byte) Reading {
	switch {
	case len(bytes.Trim(field, "^")) == 0:
		return Reading{State: Over}
	case len(bytes.Trim(field, "_")) == 0:
		return Reading{State: Under}
	default:
		return garbled(body, "no weight")
	}
}
