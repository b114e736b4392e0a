package scale

import (
	"fmt"

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

// A toledo speaks Mettler-Toledo 8217 and what calls itself compatible.
type toledo struct {
	p        params
	question byte
	width    width // of the weight field
}

func newToledo(p params) dialect { return &toledo{p: p, question: 'W'} }

// ask asks for the weight once. A weight field whose width differs from the
// first one's has lost or gained a byte on the way: the protocol has no check
// sum, and "1.250" with its first digit gone is a good-looking "0.250".
func (d *toledo) ask(conn link.Conn) (Reading, error) {
	if _, err := conn.Write([]byte{d.question}); err != nil {
		return Reading{}, err
	}
	body, err := receive(conn, (&toledoFramer{}).next)
	if err != nil {
		return blame(err)
	}
	r := d.meaning(body)
	r.Frame = string(body)
	return r, nil
}

func (*toledo) manner() manner { return answers }

// meaning says what a frame's body tells.
func (d *toledo) meaning(body []byte) Reading {
	a, err := parseToledo(body)
	if err != nil {
		return Reading{State: Fault, Err: err}
	}
	if a.status != 0 {
		return d.p.status(a.status)
	}
	if err := d.width.fits(body, a.width); err != nil {
		return Reading{State: Fault, Err: err}
	}
	if a.decimals < 0 {
		a.decimals = d.p.decimals
	}
	return d.p.weighed(weight.Shown{Digits: a.digits, Decimals: uint8(a.decimals), Unit: d.p.unit}, a.net)
}

// status gives the gravest of the bits that are set, or what this make's list
// of letters says.
func (p params) status(b byte) Reading {
	if st, ok := p.letters[b]; ok {
		return p.says(st, fmt.Errorf("%w: status %q", ErrNoWeight, b))
	}
	switch {
	case b&toledoOver != 0:
		return Reading{State: Over}
	case b&toledoUnder != 0:
		return Reading{State: Under}
	case b&toledoMotion != 0:
		return Reading{State: Motion}
	case b&(toledoCentre|p.ZeroBits) != 0:
		return p.nothing()
	default:
		// Some scales send a weight once and then only status until the load
		// changes. The old weight is not sold again.
		return Reading{State: Fault, Err: fmt.Errorf("%w: status %#02x", ErrNoWeight, b)}
	}
}
