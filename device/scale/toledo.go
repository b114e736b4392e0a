package scale

import (
	"errors"
	"fmt"
	"os"
	"time"

	"kassa/device/link"
	"kassa/kiosk/weight"
)

// Bits of the status byte on which the makes agree (PSC Magellan 8500 service
// manual p. 47, Rice Lake BenchPro p. 30, Baxtran TW/VW section 6). Bit 3 means
// "zero" on some and "outside the zero range" on others, bit 5 is constant on
// some, and bit 6 is 1 on all: none of them is looked at.
const (
	toledoMotion = 1 << 0
	toledoOver   = 1 << 1
	toledoUnder  = 1 << 2
	toledoCentre = 1 << 4 // centre of zero
)

const (
	answerTime = 500 * time.Millisecond // after it the scale counts as silent
	// byteGap is how long a frame may pause; a USB adapter holds bytes back for
	// 16 ms.
	byteGap = 150 * time.Millisecond
	// maxAnswer bounds what is read for one question: a line that chatters
	// must not keep us reading.
	maxAnswer = 64
)

// A toledo speaks Mettler-Toledo 8217 and what calls itself compatible.
type toledo struct {
	p     params
	width int // of the weight field, learned from the first weight; 0: not yet
}

func newToledo(p params) dialect { return &toledo{p: p} }

// ask asks for the weight once. A weight field whose width differs from the
// first one's has lost or gained a byte on the way: the protocol has no check
// sum, and "1.250" with its first digit gone is a good-looking "0.250".
func (d *toledo) ask(conn link.Conn) (Reading, error) {
	if _, err := conn.Write([]byte{'W'}); err != nil {
		return Reading{}, err
	}
	body, err := d.read(conn)
	switch {
	case errors.Is(err, errNoAnswer):
		return Reading{State: Silent, Err: err}, nil
	case errors.Is(err, errBadFrame):
		return Reading{State: Fault, Err: err}, nil
	case err != nil:
		return Reading{}, err
	}
	r := d.meaning(body)
	r.Frame = string(body)
	return r, nil
}

// read returns the body of the frame that answers.
func (d *toledo) read(conn link.Conn) ([]byte, error) {
	var f toledoFramer
	var buf [maxAnswer]byte
	wait := answerTime
	for got := 0; got < maxAnswer; wait = byteGap {
		if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return nil, err
		}
		n, err := conn.Read(buf[:maxAnswer-got])
		for _, c := range buf[:n] {
			if body, ok := f.next(c); ok {
				return body, nil
			}
		}
		got += n
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && got == 0:
			return nil, errNoAnswer
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, fmt.Errorf("%w: %d bytes, no frame", errBadFrame, got)
		case err != nil:
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: %d bytes, no frame", errBadFrame, maxAnswer)
}

// meaning says what a frame's body tells.
func (d *toledo) meaning(body []byte) Reading {
	a, err := parseToledo(body)
	if err != nil {
		return Reading{State: Fault, Err: err}
	}
	if a.status != 0 {
		return d.p.status(a.status)
	}
	if d.width == 0 {
		d.width = a.width
	}
	if a.width != d.width {
		return Reading{State: Fault, Err: fmt.Errorf("%w %q: %d characters, others had %d", errBadFrame, body, a.width, d.width)}
	}
	if a.decimals < 0 {
		a.decimals = d.p.decimals
	}
	return d.p.weighed(weight.Shown{Digits: a.digits, Decimals: uint8(a.decimals), Unit: d.p.unit}, a.net)
}

// status gives the gravest of the bits that are set.
func (p params) status(b byte) Reading {
	switch {
	case b&toledoOver != 0:
		return Reading{State: Over}
	case b&toledoUnder != 0:
		return Reading{State: Under}
	case b&toledoMotion != 0:
		return Reading{State: Motion}
	case b&(toledoCentre|p.zeroBits) != 0:
		return Reading{State: Zero, Shown: weight.Shown{Decimals: uint8(p.decimals), Unit: p.unit}}
	default:
		// Some scales send a weight once and then only status until the load
		// changes. The old weight is not sold again.
		return Reading{State: Fault, Err: fmt.Errorf("%w: status %#02x", ErrNoWeight, b)}
	}
}
