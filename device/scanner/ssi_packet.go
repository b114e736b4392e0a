package scanner

import "bytes"

// What stands in SSI packets (Zebra, Simple Serial Interface Programmer's
// Guide 72E-40451): length, opcode, source, status, data, checksum. The length
// counts all but the two bytes of the checksum.
const (
	ssiACK     = 0xd0
	ssiNAK     = 0xd1
	ssiParam   = 0xc6
	ssiEnable  = 0xe9
	ssiDisable = 0xea
	ssiDecode  = 0xf3
	ssiEvent   = 0xf6

	ssiFromScanner = 0x00
	ssiFromHost    = 0x04

	ssiAgain = 1 << 0 // status: this packet was sent before
	ssiMore  = 1 << 1 // status: the next packet goes on with this one

	ssiResend = 1 // cause of a NAK: send that again
	ssiBad    = 2 // cause: did not expect or cannot read it
	ssiDenied = 6

	ssiHead = 4 // bytes before the data
	ssiSum  = 2 // bytes of the checksum
)

// An ssiPacket is one packet, taken apart.
type ssiPacket struct {
	op, source, status byte
	data               []byte
}

// append puts the packet on the wire's form. data is at most 251 bytes.
func (p ssiPacket) append(b []byte) []byte {
	start := len(b)
	b = append(b, byte(ssiHead+len(p.data)), p.op, p.source, p.status)
	b = append(b, p.data...)
	sum := ssiChecksum(b[start:])
	return append(b, byte(sum>>8), byte(sum))
}

// ssiChecksum is what makes the 16-bit sum of all bytes and itself zero.
func ssiChecksum(b []byte) uint16 {
	var sum uint16
	for _, c := range b {
		sum += uint16(c)
	}
	return -sum
}

// An ssiFramer finds packets in a stream of bytes.
type ssiFramer struct {
	buf     []byte
	dropped int  // bytes that were no packet
	broken  bool // since the last reset: the rest is noise until the line is silent
}

// feed takes the next bytes and calls emit with each whole packet. data of the
// packet is valid until emit returns. After a wrong checksum or an impossible
// length nothing more is found until reset, for no byte says where a packet
// begins.
func (f *ssiFramer) feed(b []byte, emit func(ssiPacket)) {
	f.buf = append(f.buf, b...)
	at := 0
	for at < len(f.buf) && !f.broken {
		n := int(f.buf[at])
		if n == 0 { // wakes a sleeping device; may stand before any packet
			at++
			continue
		}
		if n < ssiHead {
			f.broken = true
			break
		}
		if len(f.buf)-at < n+ssiSum {
			break
		}
		packet, sum := f.buf[at:at+n], f.buf[at+n:at+n+ssiSum]
		if want := ssiChecksum(packet); sum[0] != byte(want>>8) || sum[1] != byte(want) {
			f.broken = true
			break
		}
		emit(ssiPacket{op: packet[1], source: packet[2], status: packet[3], data: packet[ssiHead:]})
		at += n + ssiSum
	}
	if f.broken {
		f.dropped += len(f.buf) - at
		f.buf = f.buf[:0]
		return
	}
	f.buf = append(f.buf[:0], f.buf[at:]...)
}

// pending reports whether a packet has begun and not ended, or noise has not.
func (f *ssiFramer) pending() bool { return len(f.buf) > 0 || f.broken }

// reset gives up what is in hand, at a silence.
func (f *ssiFramer) reset() {
	f.dropped += len(f.buf)
	f.buf, f.broken = f.buf[:0], false
}

// An ssiType is a code type of DECODE_DATA with its AIM identifier.
type ssiType struct {
	code byte
	aim  string // "": the data must show what they are
}

// ssiTypes is the table of code types, as in the programmer's guide. Types 1B
// and 1C name no identifier: older scanners send them for GS1 symbols too.
func ssiTypes() []ssiType {
	return []ssiType{
		{0x01, "]A0"},
		{0x02, "]F0"},
		{0x03, "]C0"},
		{0x04, "]S0"},
		{0x06, "]I0"},
		{0x07, "]G0"},
		{0x08, "]E0"},
		{0x09, "]E0"},
		{0x0a, "]E4"},
		{0x0b, "]E0"},
		{0x0c, "]H0"},
		{0x0e, "]M0"},
		{0x0f, "]C1"},
		{0x10, "]E0"},
		{0x11, "]L0"},
		{0x13, "]A4"},
		{0x15, "]X0"},
		{0x16, "]E0"},
		{0x17, "]X0"},
		{0x18, "]F0"},
		{0x19, "]C4"},
		{0x1a, "]L0"},
		{0x1b, ""},
		{0x1c, ""},
		{0x25, "]U0"},
		{0x2d, "]z0"},
		{0x30, "]e0"},
		{0x31, "]e0"},
		{0x32, "]e0"},
		{0x48, "]E3"},
		{0x4b, "]E3"},
		{0x88, "]E3"},
		{0x8b, "]E3"}, // UPC-A and EAN-13 with an add-on
		{0xb4, "]e0"},
		{0xb7, "]h0"},
		{0xc1, "]d2"},
		{0xc2, "]Q3"},
	}
}

// ssiCode gives the code behind a type and its data. An identifier that the
// scanner was set to send stays, if it is one of that symbol: a code whose
// text only looks like an identifier gets the right one in front.
func ssiCode(code byte, data []byte) []byte {
	for _, t := range ssiTypes() {
		if t.code != code || t.aim == "" {
			continue
		}
		if identified(data) && data[1] == t.aim[1] {
			break
		}
		return withAIM(t.aim, withSystem(t.aim, code, data))
	}
	return bytes.Clone(data)
}

// withSystem gives a UPC-A before an add-on the zero that makes it an EAN-13,
// as ]E3 has it, and a UPC-E of number system 1 its number.
func withSystem(aim string, code byte, data []byte) []byte {
	switch {
	case aim == "]E3" && (len(data) == 14 || len(data) == 17):
		return append([]byte{'0'}, data...)
	case code == 0x10 && len(data) == 6:
		return append([]byte{'1'}, data...)
	default:
		return data
	}
}

// Ways in which a packet of a code is taken.
type ssiTaken uint8

const (
	ssiTook ssiTaken = iota
	ssiRepeat
	ssiLost // a part before it is missing, or it is too long
)

// An ssiJoiner puts codes together from DECODE_DATA packets.
type ssiJoiner struct {
	parts   []byte // data of the packets so far, the first with its code type
	open    bool   // more must follow
	skip    bool   // until the last packet of a code that is given up
	last    []byte // the packet taken last, to know it again
	dropped int
}

// take adds a packet and returns the code when it is complete. fresh says that
// the packet taken last is too old to be sent again. A packet sent again, for
// want of our ACK, is known by its status and by being the same as the last.
func (j *ssiJoiner) take(p ssiPacket, fresh bool) (code []byte, how ssiTaken) {
	mark := append([]byte{p.status &^ ssiAgain}, p.data...)
	if p.status&ssiAgain != 0 && !fresh && bytes.Equal(mark, j.last) {
		return nil, ssiRepeat
	}
	j.last = mark
	data := p.data
	if j.open && len(j.parts) > 0 && len(data) > 0 && data[0] == j.parts[0] {
		data = data[1:] // each packet names the code type anew
	}
	more := p.status&ssiMore != 0
	switch {
	case j.skip || len(j.parts)+len(data) > 1+MaxCode:
		j.dropped += len(j.parts) + len(data)
		j.parts, j.open, j.skip = nil, false, more
		return nil, ssiLost
	case more:
		j.parts, j.open = append(j.parts, data...), true
		return nil, ssiTook
	}
	whole := append(j.parts, data...)
	j.parts, j.open = nil, false
	if len(whole) < 2 { // a code type without data
		return nil, ssiTook
	}
	return ssiCode(whole[0], whole[1:]), ssiTook
}

// forget gives up a code whose next packet did not come.
func (j *ssiJoiner) forget() {
	j.dropped += len(j.parts)
	j.parts, j.open, j.skip = nil, false, false
}
