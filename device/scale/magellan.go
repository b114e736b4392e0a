package scale

import (
	"bytes"
	"errors"

	"kassa/device/link"
	"kassa/kiosk/weight"
)

// Frames of a scanner-scale on one cable, each from S to CR (Datalogic
// KA-01089). The scanner's labels come between those of the scale.
const (
	magellanAsk    = "S14\r" // the state now, not the next settled weight
	magellanAnswer = "S14"

	maxMagellan = 24 // longer than any frame of the scale
)

// magellan asks a scanner-scale, on its own port or on a line that the
// scanner's driver shares.
type magellan struct{ params }

func newMagellan(p params) dialect { return &magellan{p} }

func (*magellan) manner() manner { return answers }

func (m *magellan) ask(conn link.Conn) (Reading, error) {
	if _, err := conn.Write([]byte(magellanAsk)); err != nil {
		return Reading{}, err
	}
	f := magellanFramer{mask: m.mask}
	body, err := receive(conn, f.next)
	if err != nil {
		return blame(err)
	}
	return m.reading(body), nil
}

// A magellanFramer finds the answers to S14; what other frames hold it skips.
type magellanFramer struct {
	body []byte
	mask byte
	long bool // the frame in hand is longer than any of the scale's
}

// next takes one byte and returns what stood between S14 and CR when the byte
// ends an answer. It is valid until the next call.
func (f *magellanFramer) next(c byte) (body []byte, ok bool) {
	c &= f.mask
	switch {
	case c == '\r' || c == '\n': // some adapters turn the CR into LF
		body, long := f.body, f.long
		f.body, f.long = f.body[:0], false
		if long {
			return nil, false
		}
		return magellanBody(body)
	case len(f.body) == maxMagellan:
		f.long = true
	default:
		f.body = append(f.body, c)
	}
	return nil, false
}

// magellanBody returns what follows S14. An answer that broke off may stand
// before the one that came; a label, which may hold any text, may not.
func magellanBody(frame []byte) (body []byte, ok bool) {
	at := bytes.LastIndex(frame, []byte(magellanAnswer))
	if at < 0 || frame[0] != 'S' || frame[1] == '0' {
		return nil, false
	}
	return frame[at+len(magellanAnswer):], true
}

var errNotReady = errors.New("scale is not ready")

// reading takes an answer apart: a figure for the state, with 4 the weight,
// whose number of digits tells the unit: four of 0.01 lb or five of 1 g.
func (m *magellan) reading(body []byte) Reading {
	if len(body) == 0 {
		return garbled(body, "no state")
	}
	state, digits := body[0], body[1:]
	if state != '4' {
		if len(digits) > 0 {
			return garbled(body, "a weight with a state that has none")
		}
		s, ok := map[byte]State{'0': Fault, '1': Motion, '2': Over, '3': Zero, '5': Under}[state]
		if !ok {
			return garbled(body, "unknown state")
		}
		return m.says(s, errNotReady)
	}
	w := weight.Shown{Decimals: kilogramDecimals, Unit: m.unit}
	want := 5
	if m.unit == weight.Pound {
		w.Decimals, want = poundDecimals, 4
	}
	if len(digits) != want {
		return garbled(body, "not as many digits as the unit has")
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return garbled(body, "no weight")
		}
		w.Digits = 10*w.Digits + int64(c-'0')
	}
	return m.weighed(w, false)
}
