package sim

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"kassa/kiosk/weight"
)

// Dialog06Options describes a simulated price-computing scale.
type Dialog06Options struct {
	ScaleOptions
	MinLoad weight.Grams // below it the scale gives no weight; 0 means the division
	// Once makes the scale give a weight once, and then only after a movement.
	Once bool
	// Pair is what the till must prove to know, eight hexadecimal digits: at
	// first, and after fifty weighings. "" means that the scale does not ask.
	Pair string
}

// NewDialog06 makes a scale that speaks dialogue 06.
func NewDialog06(path string, clock *Clock, o Dialog06Options) (*Scale, error) {
	if o.MinLoad == 0 {
		o.MinLoad = max(1, o.Platform.Division)
	}
	return newScale(path, clock, o.ScaleOptions, &dialogVoice{o: o, due: o.Pair != ""})
}

// weighings until a scale that asks for the pair asks again.
const dialogTrust = 50

type dialogVoice struct {
	o   Dialog06Options
	rec []byte
	in  bool // inside a record
	eot bool // the byte before was EOT

	price, tare int64
	priced      bool
	code        string // why the last NAK
	due         bool   // the pair must be proved
	asked       byte   // the random byte asked with; proof is what comes of it
	verdict     string // record 11 that the next ENQ is answered with
	trust       int
	moved       bool
	given       bool
	last        weight.Grams
}

func (*dialogVoice) hidesNet() bool { return true }

func (v *dialogVoice) hear(c byte, s scaleState) (answer []byte, asked bool) {
	c &= 0x7f
	if !s.stable || s.net != v.last {
		v.moved = true
	}
	eot := v.eot
	v.eot = c == 0x04
	switch {
	case c == 0x02:
		v.rec, v.in = v.rec[:0], true
	case v.in && c == 0x03:
		v.in = false
		return v.record(string(v.rec)), false
	case v.in:
		v.rec = append(v.rec[:min(len(v.rec), 60)], c)
	case c == 0x05 && eot:
		return v.enquiry(s), true
	}
	return nil, false
}

// nak refuses and keeps the reason for record 08.
func (v *dialogVoice) nak(code string) []byte {
	v.code = code
	return []byte{0x15}
}

func dialogRecord(format string, args ...any) []byte {
	return []byte("\x02" + fmt.Sprintf(format, args...) + "\x03")
}

// record answers a record of the till's.
func (v *dialogVoice) record(rec string) []byte {
	f := strings.Split(rec, "\x1b")
	switch {
	case f[0] == "08":
		return dialogRecord("09\x1b%s", v.code)
	case f[0] == "10" && v.due:
		return v.proof(rec)
	case f[0] == "01" && len(f) == 3 && f[2] == "":
		return v.order(f[1], "0000")
	case f[0] == "03" && len(f) == 3:
		return v.order(f[1], f[2])
	default:
		v.priced = false
		return v.nak("10")
	}
}

// order takes a unit price and a tare.
func (v *dialogVoice) order(price, tare string) []byte {
	p, err := strconv.ParseInt(price, 10, 64)
	if err != nil || p == 0 || len(price) < 5 || len(price) > 6 {
		return v.nak("11")
	}
	t, err := strconv.ParseInt(tare, 10, 64)
	if err != nil || len(tare) != 4 {
		return v.nak("12")
	}
	if v.due {
		v.asked += 0x47
		return dialogRecord("11\x1b2%02X", v.asked)
	}
	v.price, v.tare, v.priced = p, t, true
	return []byte{0x06}
}

// proof compares what the till made of the random byte.
func (v *dialogVoice) proof(rec string) []byte {
	n, _ := strconv.ParseUint(v.o.Pair, 16, 32)
	want := fmt.Sprintf("10\x1b%04X%04X",
		bits.RotateLeft16(uint16(n>>16), int(v.asked>>4)), bits.RotateLeft16(uint16(n), -int(v.asked&15)))
	v.verdict = "11\x1b0"
	if rec == want {
		v.verdict = "11\x1b1"
		v.due, v.trust = false, dialogTrust
	}
	return []byte{0x06}
}

// enquiry answers ENQ: with the result, or NAK.
func (v *dialogVoice) enquiry(s scaleState) []byte {
	if v.verdict != "" {
		verdict := v.verdict
		v.verdict = ""
		return dialogRecord("%s", verdict)
	}
	net := int64(s.net) - v.tare
	switch {
	case !v.priced:
		return v.nak("22")
	case s.over:
		return v.nak("32")
	case net < 0 && s.stable:
		return v.nak("31")
	case !s.stable:
		return v.nak("20")
	case net < int64(v.o.MinLoad):
		return v.nak("30")
	case v.o.Once && v.given && !v.moved:
		return v.nak("21")
	}
	v.priced, v.given, v.moved, v.last = false, true, false, s.net
	if v.trust--; v.trust == 0 {
		v.due = true
	}
	total := (net*v.price + 500) / 1000
	return dialogRecord("02\x1b3\x1b%05d\x1b%06d\x1b%06d", net, v.price, total)
}
