package zvt

// Bytes of a serial line (PA00P016 chapter 2).
const (
	stx = 0x02
	etx = 0x03
	ack = 0x06
	dle = 0x10
	nak = 0x15
)

// crcPoly is x^16+x^15+x^10+x^3, low bit first: the CRC known as KERMIT. The
// specification's name for it, XMODEM, is that of another one.
const crcPoly = 0x8408

// crc goes on with a CRC, which begins at 0.
func crc(sum uint16, b ...byte) uint16 {
	for _, c := range b {
		sum ^= uint16(c)
		for range 8 {
			low := sum & 1
			sum >>= 1
			if low != 0 {
				sum ^= crcPoly
			}
		}
	}
	return sum
}

// encodeFrame packs a message for a serial line: each 10 in it is sent twice,
// the length's own included; the CRC stands bare and covers the message and
// the ETX.
func encodeFrame(msg []byte) []byte {
	out := make([]byte, 0, len(msg)+8)
	out = append(out, dle, stx)
	for _, c := range msg {
		if c == dle {
			out = append(out, dle)
		}
		out = append(out, c)
	}
	sum := crc(crc(0, msg...), etx)
	return append(out, dle, etx, byte(sum), byte(sum>>8))
}

// A mark is what a byte of a serial line completes.
type mark int

const (
	markNone  mark = iota
	markACK        // between frames
	markNAK        // between frames
	markFrame      // a whole frame whose CRC is right
	markBad        // a whole frame that cannot be used
)

// maxFrame bounds a message: three bytes, two of an extended length, the data.
const maxFrame = 5 + maxAPDU

// A deframer takes a serial line apart, byte by byte. It starts at any byte
// and finds the next frame after any damage: a frame's beginning, DLE STX,
// cannot stand within a frame.
type deframer struct {
	at  place
	msg []byte
	sum byte // first byte of the CRC
	bad bool
}

// A place is where in a frame the next byte stands.
type place int

const (
	outside place = iota
	afterDLE
	inside
	insideDLE // the byte after a DLE within a frame
	firstCRC
	secondCRC
)

// open reports whether a frame has begun and not ended.
func (d *deframer) open() bool { return d.at >= inside }

func (d *deframer) reset() { d.at = outside }

// take takes the next byte. With markFrame, message returns the message until
// the next byte is taken.
func (d *deframer) take(c byte) mark {
	switch d.at {
	case outside, afterDLE:
		return d.between(c)
	case inside:
		if c == dle {
			d.at = insideDLE
			return markNone
		}
		d.add(c)
	case insideDLE:
		switch c {
		case dle:
			d.add(c)
			d.at = inside
		case etx:
			d.at = firstCRC
		case stx: // the rest of the frame before was lost
			d.begin()
		default:
			d.bad, d.at = true, inside
		}
	case firstCRC:
		d.sum, d.at = c, secondCRC
	case secondCRC:
		d.at = outside
		if d.bad || crc(crc(0, d.msg...), etx) != uint16(d.sum)|uint16(c)<<8 {
			return markBad
		}
		return markFrame
	}
	return markNone
}

func (d *deframer) between(c byte) mark {
	was := d.at
	d.at = outside
	switch {
	case c == dle:
		d.at = afterDLE
	case was == afterDLE && c == stx:
		d.begin()
	case c == ack:
		return markACK
	case c == nak:
		return markNAK
	}
	return markNone
}

func (d *deframer) begin() { d.at, d.msg, d.bad = inside, d.msg[:0], false }

func (d *deframer) add(c byte) {
	if len(d.msg) >= maxFrame {
		d.bad = true
		return
	}
	d.msg = append(d.msg, c)
}

func (d *deframer) message() []byte { return d.msg }
