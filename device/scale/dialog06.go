package scale

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"
	"strconv"

	"kassa/device/link"
	"kassa/kiosk/weight"
)

// The bytes of a dialogue 06, apart from what they mean.
const (
	dialogSTX = 0x02
	dialogETX = 0x03
	dialogEOT = 0x04
	dialogENQ = 0x05
	dialogACK = 0x06
	dialogNAK = 0x15
	dialogESC = 0x1b

	maxDialogBody = 40 // longer than any record of the scale's
)

// A dialogFramer finds ACK, NAK and records (STX, body, ETX), without parity
// bits. It passes EOT over and begins anew at each STX.
type dialogFramer struct {
	body   []byte
	inside bool
}

// next takes one byte and returns ACK, NAK or the body of a record. It is valid
// until the next call.
func (f *dialogFramer) next(c byte) (body []byte, ok bool) {
	c &= 0x7f
	switch {
	case c == dialogSTX:
		f.body, f.inside = f.body[:0], true
	case !f.inside:
		return []byte{c}, c == dialogACK || c == dialogNAK
	case c == dialogETX:
		f.inside = false
		return f.body, true
	case len(f.body) == maxDialogBody:
		f.inside = false
	default:
		f.body = append(f.body, c)
	}
	return nil, false
}

// A dialogResult is record 02, taken apart.
type dialogResult struct {
	kind                 byte // 0 lb-oz, 1 lb in 0.01, 2 lb in 0.005, 3 kg in grams
	weight, price, total int64
}

// parseDialogResult takes apart "02" ESC kind ESC weight(5) ESC price(5 or 6)
// ESC total(6).
func parseDialogResult(body []byte) (r dialogResult, ok bool) {
	f := bytes.Split(body, []byte{dialogESC})
	if len(f) != 5 || string(f[0]) != "02" || len(f[1]) != 1 ||
		len(f[2]) != 5 || len(f[3]) != 5 && len(f[3]) != 6 || len(f[4]) != 6 {
		return r, false
	}
	r.kind = f[1][0]
	for i, to := range []*int64{&r.weight, &r.price, &r.total} {
		n, err := strconv.ParseUint(string(f[2+i]), 10, 32)
		if err != nil {
			return r, false
		}
		*to = int64(n)
	}
	return r, r.kind >= '0' && r.kind <= '3'
}

// A dialog06 speaks the price dialogue of European checkout scales: it sends the
// unit price, the scale weighs and multiplies, and both must come to the same.
type dialog06 struct {
	p      params
	asked  bool    // the scale has a price and was not done: ask for the result only
	sent   int64   // that price and tare, packed
	last   Reading // for Variant.Repeat: the weight that no movement followed
	checks int     // answers to a challenge since the last weight
}

func newDialog06(p params) dialect { return &dialog06{p: p} }

// manner: ACK, record 02 and record 09 stand in each other's way, so a late one
// is seen to be wrong.
func (*dialog06) manner() manner { return steps }

// maxChecks is how often in a row the check value is sent. A scale that refuses
// it would go on asking.
const maxChecks = 2

var errCheck = errors.New("scale wants a check value")

// ask goes through the dialogue once.
func (d *dialog06) ask(conn link.Conn) (Reading, error) {
	r, err := d.dialogue(conn)
	if err != nil || r.State == Silent || r.State == Fault && !errors.Is(r.Err, ErrNoWeight) {
		d.asked = false // begin with the price again
		d.last = Reading{}
	}
	return r, err
}

func (d *dialog06) dialogue(conn link.Conn) (Reading, error) {
	if now := d.p.price.Load(); !d.asked || now != d.sent {
		d.asked, d.sent = false, now
		body, err := d.record(conn, d.priceRecord(now))
		switch {
		case err != nil:
			return blame(err)
		case body[0] == dialogNAK:
			return d.why(conn)
		case body[0] != dialogACK:
			return d.challenge(conn, body)
		}
		d.asked = true
	}
	body, err := d.say(conn, []byte{dialogEOT, dialogENQ})
	switch {
	case err != nil:
		return blame(err)
	case body[0] == dialogNAK:
		return d.why(conn)
	case bytes.HasPrefix(body, []byte("11")):
		return d.challenge(conn, body)
	}
	d.asked = false
	r := d.meaning(body)
	r.Frame = string(body)
	if r.State == Stable {
		d.checks = 0
	}
	d.last = r
	return r, nil
}

// priceRecord is record 01, or 03 where a tare goes with the price.
func (d *dialog06) priceRecord(packed int64) string {
	price, tare := unpackPrice(packed)
	digits := 6
	if d.p.ShortPrice {
		digits = 5
	}
	if tare == 0 {
		return fmt.Sprintf("01\x1b%0*d\x1b", digits, price)
	}
	return fmt.Sprintf("03\x1b%0*d\x1b%04d", digits, price, tare)
}

// record sends a record and returns ACK, NAK or a record.
func (d *dialog06) record(conn link.Conn, body string) ([]byte, error) {
	frame := []byte{dialogEOT}
	if d.p.DoubleEOT {
		frame = append(frame, dialogEOT)
	}
	frame = append(frame, dialogSTX)
	frame = append(frame, body...)
	return d.say(conn, append(frame, dialogETX))
}

// say sends bytes and returns a copy of what came. It is never empty.
func (d *dialog06) say(conn link.Conn, b []byte) ([]byte, error) {
	if _, err := conn.Write(b); err != nil {
		return nil, err
	}
	body, err := receive(conn, (&dialogFramer{}).next)
	if err == nil && len(body) == 0 {
		err = fmt.Errorf("%w: empty record", errBadFrame)
	}
	return bytes.Clone(body), err
}

// why asks what a NAK meant, with record 08.
func (d *dialog06) why(conn link.Conn) (Reading, error) {
	body, err := d.record(conn, "08")
	if err != nil {
		return blame(err)
	}
	code, ok := bytes.CutPrefix(body, []byte("09\x1b"))
	if !ok {
		return garbled(body, "want record 09"), nil
	}
	r := d.status(string(code))
	r.Frame = string(body)
	return r, nil
}

// status says what the code of record 09 means (Ohaus Aviator 7000 manual
// p. 40).
func (d *dialog06) status(code string) Reading {
	last := d.last
	d.last = Reading{}
	if code == "20" || code == "22" { // moving, not finished: ask for the result again
		return Reading{State: Motion}
	}
	d.asked = false
	switch code {
	case "21": // not moved since the last weighing
		if d.p.Repeat && (last.State == Stable || last.State == Zero) {
			d.last = last
			return last
		}
		return Reading{State: Fault, Err: fmt.Errorf("%w: no movement since the last weighing", ErrNoWeight)}
	case "30": // below the least load
		r := d.p.nothing()
		r.Light = true
		return r
	case "31":
		return Reading{State: Under}
	case "32":
		return Reading{State: Over}
	default:
		return Reading{State: Fault, Err: fmt.Errorf("%w: status %q", errBadFrame, code)}
	}
}

// meaning judges a result: the price must be the one sent, and price and weight
// must come to the total.
func (d *dialog06) meaning(body []byte) Reading {
	res, ok := parseDialogResult(body)
	if !ok {
		return garbled(body, "want record 02")
	}
	if price, _ := unpackPrice(d.sent); res.price != price {
		return garbled(body, fmt.Sprintf("price is %d, sent was %d", res.price, price))
	}
	w := weight.Shown{Digits: res.weight, Decimals: 3, Unit: weight.Kilogram}
	switch res.kind {
	case '0':
		return Reading{State: Fault, Err: fmt.Errorf("%w: pounds and ounces", ErrUnit)}
	case '1':
		w = weight.Shown{Digits: res.weight, Decimals: 2, Unit: weight.Pound}
	case '2':
		w.Unit = weight.Pound
	}
	if w.Unit != d.p.unit {
		return Reading{State: Fault, Err: fmt.Errorf("%w: %s, want %s", ErrUnit, w.Unit, d.p.unit)}
	}
	if want := (w.Digits*res.price + w.Scale()/2) / w.Scale(); res.total != want {
		return garbled(body, fmt.Sprintf("total is %d, price and weight come to %d", res.total, want))
	}
	_, tare := unpackPrice(d.sent)
	return d.p.weighed(w, tare > 0)
}

// challenge answers a scale that wants to know whether this program is an
// approved one. The weighing begins anew afterwards.
func (d *dialog06) challenge(conn link.Conn, body []byte) (Reading, error) {
	d.asked = false
	z, ok := parseChallenge(body)
	if !ok {
		return garbled(body, "want record 11"), nil
	}
	if d.p.Pair == "" {
		return Reading{State: Fault, Err: fmt.Errorf("%w, and none is configured", errCheck)}, nil
	}
	if d.checks++; d.checks > maxChecks {
		return Reading{State: Fault, Err: fmt.Errorf("%w and refuses the configured one", errCheck)}, nil
	}
	got, err := d.record(conn, d.p.checkRecord(z))
	if err != nil {
		return blame(err)
	}
	if got[0] != dialogACK {
		return garbled(got, "want ACK of the check value"), nil
	}
	got, err = d.say(conn, []byte{dialogEOT, dialogENQ})
	switch {
	case err != nil:
		return blame(err)
	case string(got) != "11\x1b1":
		return Reading{State: Fault, Err: fmt.Errorf("%w and refuses the configured one: %q", errCheck, got)}, nil
	}
	return Reading{State: Motion}, nil // no weight yet: it asked in the middle of a weighing
}

// parseChallenge returns the random byte of record 11 with D = 2.
func parseChallenge(body []byte) (z byte, ok bool) {
	hex, ok := bytes.CutPrefix(body, []byte("11\x1b2"))
	if !ok || len(hex) != 2 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(hex), 16, 8)
	return byte(n), err == nil
}

// checkRecord is record 10: the check value turned left by the high digit of z,
// the key word turned right by the low one.
func (p params) checkRecord(z byte) string {
	pair, _ := strconv.ParseUint(p.Pair, 16, 32) // was looked at by variant
	value := bits.RotateLeft16(uint16(pair>>16), int(z>>4))
	key := bits.RotateLeft16(uint16(pair), -int(z&0x0f))
	between := ""
	if p.PairEscape {
		between = "\x1b"
	}
	return fmt.Sprintf("10\x1b%04X%s%04X", value, between, key)
}
