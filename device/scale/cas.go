package scale

import (
	"fmt"

	"kassa/device/link"
)

// The bytes of CAS's ECR dialogue type 6, apart from what they mean.
const (
	casENQ = 0x05
	casACK = 0x06
	casNAK = 0x15
	casDC1 = 0x11
	casSOH = 0x01
	casSTX = 0x02
	casETX = 0x03
	casEOT = 0x04

	casFrame = 15
)

// A casFramer takes the fifteen bytes from SOH on. The check byte may be ETX or
// EOT, so nothing but the count ends a frame.
type casFramer struct {
	body []byte
	mask byte
}

// next takes one byte and returns the whole frame when the byte ends it.
func (f *casFramer) next(c byte) (frame []byte, ok bool) {
	f.body = append(f.body, c&f.mask)
	for len(f.body) > 0 && !casBegins(f.body) {
		f.body = f.body[1:]
	}
	if len(f.body) < casFrame {
		return nil, false
	}
	frame = f.body
	f.body = nil
	return frame, true
}

// casBegins says that b may be the beginning of a frame, or all of it.
func casBegins(b []byte) bool {
	return b[0] == casSOH && (len(b) < 2 || b[1] == casSTX) &&
		(len(b) < casFrame || b[13] == casETX && b[14] == casEOT)
}

// A casAnswer is a frame taken apart.
type casAnswer struct {
	status, sign byte
	weight, unit []byte
}

// parseCAS takes a frame apart: SOH STX status sign weight(6) unit(2) check ETX
// EOT, where the check byte is the exclusive or of what stands between it and
// STX.
func parseCAS(frame []byte) (casAnswer, bool) {
	if len(frame) != casFrame || !casBegins(frame) {
		return casAnswer{}, false
	}
	sum := byte(0)
	for _, c := range frame[2:12] {
		sum ^= c
	}
	a := casAnswer{status: frame[2], sign: frame[3], weight: frame[4:10], unit: frame[10:12]}
	known := (a.status == 'S' || a.status == 'U') && (a.sign == ' ' || a.sign == '-' || a.sign == 'F')
	return a, known && sum == frame[12]
}

// A cas speaks the ECR dialogue that CAS calls type 6 (PD-II manual p. 23);
// Baxtran TEDC1 and Elicom S200 mode 0 are the same.
type cas struct{ p params }

func newCAS(p params) dialect { return &cas{p: p} }

func (*cas) manner() manner { return steps }

// ask goes through the dialogue once: ENQ, ACK, DC1, frame.
func (d *cas) ask(conn link.Conn) (Reading, error) {
	if _, err := conn.Write([]byte{casENQ}); err != nil {
		return Reading{}, err
	}
	got, err := receive(conn, func(c byte) ([]byte, bool) { return []byte{c & d.p.mask}, true })
	switch {
	case err != nil:
		return blame(err)
	case got[0] == casNAK:
		return Reading{State: Fault, Err: fmt.Errorf("%w: the scale refuses the question", errBadFrame)}, nil
	case got[0] != casACK:
		return garbled(got, "want ACK"), nil
	}
	if _, err := conn.Write([]byte{casDC1}); err != nil {
		return Reading{}, err
	}
	frame, err := receive(conn, (&casFramer{mask: d.p.mask}).next)
	if err != nil {
		return blame(err)
	}
	r := d.meaning(frame)
	r.Frame = string(frame[2:13])
	return r, nil
}

// meaning says what a frame tells.
func (d *cas) meaning(frame []byte) Reading {
	a, ok := parseCAS(frame)
	if !ok {
		return garbled(frame, "wrong check byte or fields")
	}
	switch {
	case a.sign == 'F':
		return Reading{State: Over}
	case a.status == 'U':
		return Reading{State: Motion}
	}
	n, ok := parseNumber(a.weight)
	if !ok || n.negative {
		return garbled(frame, "no weight")
	}
	n.negative = a.sign == '-'
	return d.p.settled(n, a.unit, false)
}
