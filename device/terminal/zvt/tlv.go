package zvt

// TLV tags we read (PA00P015 chapter 9). All others are skipped.
const (
	tagText        = 0x07
	tagAttribute   = 0x09
	tagCommand     = 0x0A
	tagColumns     = 0x12
	tagDisplay     = 0x24
	tagPrint       = 0x25
	tagCommands    = 0x26
	tagReceiptType = 0x1F07
	tagCVM         = 0x1F10
	tagLongTrace   = 0x1F2B
	tagReceiptFlag = 0x1F37
	tagLongTID     = 0x1F44
	tagMessageID   = 0x1F73

	cvmSignature  = 0x01
	flagSignature = 0x02
	merchantCopy  = 0x01
	customerCopy  = 0x02
)

// An object is one TLV object.
type object struct {
	tag   int
	value []byte
}

// parseTLV reads the objects of a container's content. Of damaged content it
// returns what stands before the damage.
func parseTLV(b []byte) []object {
	var objs []object
	for len(b) > 0 {
		tag, rest, ok := tlvTag(b)
		if !ok {
			return objs
		}
		n, rest, ok := berLength(rest)
		if !ok || n > len(rest) {
			return objs
		}
		objs = append(objs, object{tag: tag, value: rest[:n]})
		b = rest[n:]
	}
	return objs
}

// tlvTag reads a tag of one to three bytes.
func tlvTag(b []byte) (tag int, rest []byte, ok bool) {
	tag = int(b[0])
	if b[0]&0x1F != 0x1F {
		return tag, b[1:], true
	}
	for i := 1; i < len(b) && i < 3; i++ {
		tag = tag<<8 | int(b[i])
		if b[i]&0x80 == 0 {
			return tag, b[i+1:], true
		}
	}
	return 0, nil, false
}

// berLength reads a length of one to four bytes, high byte first.
func berLength(b []byte) (n int, rest []byte, ok bool) {
	switch {
	case len(b) < 1:
		return 0, nil, false
	case b[0] < 0x80:
		return int(b[0]), b[1:], true
	case b[0] == 0x81 && len(b) >= 2:
		return int(b[1]), b[2:], true
	case b[0] == 0x82 && len(b) >= 3:
		return int(b[1])<<8 | int(b[2]), b[3:], true
	case b[0] == 0x83 && len(b) >= 4:
		return int(b[1])<<16 | int(b[2])<<8 | int(b[3]), b[4:], true
	}
	return 0, nil, false
}

// appendTLV appends one object. The value must be shorter than 65536 bytes.
func appendTLV(b []byte, tag int, value []byte) []byte {
	if tag > 0xFF {
		b = append(b, byte(tag>>8))
	}
	b = append(b, byte(tag))
	switch n := len(value); {
	case n < 0x80:
		b = append(b, byte(n))
	case n <= 0xFF:
		b = append(b, 0x81, byte(n))
	default:
		b = append(b, 0x82, byte(n>>8), byte(n))
	}
	return append(b, value...)
}

// find returns the value of the first object with the tag, at any depth up to
// four below objs.
func find(objs []object, tag int) ([]byte, bool) { return findIn(objs, tag, 4) }

func findIn(objs []object, tag, depth int) ([]byte, bool) {
	for _, o := range objs {
		if o.tag == tag {
			return o.value, true
		}
		if depth == 0 || !o.constructed() {
			continue
		}
		inner := parseTLV(o.value)
		if v, ok := findIn(inner, tag, depth-1); ok {
			return v, true
		}
	}
	return nil, false
}

// constructed reports whether the object holds objects: bit 6 of its tag's
// first byte.
func (o object) constructed() bool {
	first := o.tag
	for first > 0xFF {
		first >>= 8
	}
	return first&0x20 != 0
}
