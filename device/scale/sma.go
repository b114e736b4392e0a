package scale

import (
	"bytes"

	"kassa/device/link"
)

// An smaFramer finds frames (LF, body, CR) and begins anew at each LF.
type smaFramer struct {
	body   []byte
	mask   byte
	inside bool
}

// maxSMABody is longer than any body that means a weight.
const maxSMABody = 24

// next takes one byte and returns a body when the byte ends a frame. The body
// is valid until the next call.
func (f *smaFramer) next(c byte) (body []byte, ok bool) {
	c &= f.mask
	switch {
	case c == '\n':
		f.body, f.inside = f.body[:0], true
	case !f.inside:
	case c == '\r':
		f.inside = false
		return f.body, true
	case len(f.body) == maxSMABody:
		f.inside = false
	default:
		f.body = append(f.body, c)
	}
	return nil, false
}

// An smaAnswer is the body of a frame, taken apart.
type smaAnswer struct {
	status, kind, motion byte
	weight, unit         []byte
}

// parseSMA takes apart status, range, gross or net, motion, a reserved
// character, ten characters of weight and three of unit. The length is fixed, so
// a lost byte shows.
func parseSMA(body []byte) (smaAnswer, bool) {
	const length = 5 + 10 + 3
	if len(body) != length || bytes.ContainsFunc(body, func(r rune) bool { return r < ' ' || r > '~' }) {
		return smaAnswer{}, false
	}
	a := smaAnswer{status: body[0], kind: body[2], motion: body[3], weight: body[5:15], unit: body[15:]}
	known := bytes.IndexByte([]byte(" ZOUEIT"), a.status) >= 0 &&
		bytes.IndexByte([]byte("GNTgn"), a.kind) >= 0 && (a.motion == 'M' || a.motion == ' ')
	return a, known
}

// An sma speaks the standard of the Scale Manufacturers Association, SCP-0499.
type sma struct{ p params }

func newSMA(p params) dialect { return &sma{p: p} }

func (*sma) manner() manner { return answers }

// ask asks for the weight once.
func (d *sma) ask(conn link.Conn) (Reading, error) {
	if _, err := conn.Write([]byte("\nW\r")); err != nil {
		return Reading{}, err
	}
	body, err := receive(conn, (&smaFramer{mask: d.p.mask}).next)
	if err != nil {
		return blame(err)
	}
	r := d.meaning(body)
	r.Frame = string(body)
	return r, nil
}

// meaning says what a frame's body tells.
func (d *sma) meaning(body []byte) Reading {
	switch string(body) {
	case "?":
		return garbled(body, "the scale does not know the question")
	case "!":
		return garbled(body, "the scale heard a line error")
	}
	a, ok := parseSMA(body)
	if !ok {
		return garbled(body, "no such frame")
	}
	switch {
	case a.status == 'O':
		return Reading{State: Over}
	case a.status == 'U':
		return Reading{State: Under}
	case a.status == 'E' || a.status == 'I' || a.status == 'T':
		return garbled(body, "the scale reports that it could not zero or tare")
	case a.kind == 'T':
		return garbled(body, "a tare, no weight")
	case a.motion == 'M':
		return Reading{State: Motion}
	}
	n, ok := parseNumber(a.weight)
	if !ok {
		return garbled(body, "no weight")
	}
	return d.p.settled(n, a.unit, a.kind == 'N' || a.kind == 'n')
}
