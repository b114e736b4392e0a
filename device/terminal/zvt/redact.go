package zvt

import "fmt"

// A trace of the line is worth much when a terminal misbehaves, and must hold
// no card data. So it shows what is known to hold none, byte for byte, and of
// all else only where it stands and how long it is: its bytes become EE.
const redacted = 0xEE

// redact returns the message as a trace may show it.
func redact(a apdu) []byte {
	b, err := a.encode()
	if err != nil {
		return nil
	}
	head := len(b) - len(a.data)
	if len(a.tlv) > 0 { // of ours, built here
		head, _, _ = apduLength(b)
	}
	out := fill(b)
	copy(out, b[:head])
	data, open := b[head:], out[head:]
	if a.answer() {
		redactBitmaps(data, open)
		return out
	}
	skip := 0
	switch a.code() {
	case cmdRegister: // password, config byte, currency
		skip = 6
		copy(open[min(3, len(open)):], data[min(3, len(data)):min(skip, len(data))])
	case cmdEnquiry, cmdRepeat, cmdReverse, cmdRefund, cmdEndOfDay, cmdTotals, cmdInitialise:
		skip = 3
	case cmdProgress:
		skip = 2
		copy(open, data[:min(skip, len(data))])
	case cmdAbort:
		skip = 1
		copy(open, data[:min(skip, len(data))])
	case cmdPrintLine, cmdDisplay, cmdSetClock:
		skip = len(data)
		copy(open, data[:min(1, len(data))])
	}
	skip = min(skip, len(data))
	redactBitmaps(data[skip:], open[skip:])
	return out
}

// fill returns as many bytes as b has, all of them redacted.
func fill(b []byte) []byte {
	out := make([]byte, len(b))
	for i := range out {
		out[i] = redacted
	}
	return out
}

// openBitmap reports whether a bitmap can hold no card data: its length is
// fixed and too short.
func openBitmap(id byte) bool {
	switch id {
	case 0x01, 0x02, bmpService, bmpAmount, bmpTrace, bmpTime, bmpDate, bmpPayType, bmpResult, bmpTID, bmpOrigin,
		bmpCurrency, bmpReceipt, bmpTurnover, bmpCardType, 0x8C, 0xA0:
		return true
	}
	return false
}

// openTag is openBitmap for the objects of a container; their lengths are
// checked.
func openTag(o object) bool {
	switch o.tag {
	case tagAttribute, tagCommand, tagColumns, tagReceiptType, tagCVM, tagReceiptFlag, tagMessageID, 0x1F12:
		return len(o.value) <= 3
	}
	return false
}

// redactBitmaps opens in out what may be seen of b. What cannot be parsed
// stays closed.
func redactBitmaps(b, out []byte) {
	maps, _ := parseBitmaps(b)
	at := 0
	for _, m := range maps {
		end := at + len(b[at:]) - len(after(b[at:], m))
		head := end - len(m.value) - at
		copy(out[at:at+head], b[at:at+head])
		switch {
		case openBitmap(m.id):
			copy(out[at:end], b[at:end])
		case m.id == bmpTLV:
			redactTLV(m.value, out[at+head:end], 0)
		}
		at = end
	}
}

// after returns what stands behind the first bitmap of b, which is m.
func after(b []byte, m bitmap) []byte {
	rest := b[1:]
	switch n, _ := bmpLength(m.id); n {
	case lenLL, lenLLL:
		_, rest, _ = varLength(rest, -n)
	case lenBER:
		_, rest, _ = berLength(rest)
	}
	return rest[len(m.value):]
}

const maxDepth = 4

func redactTLV(b, out []byte, depth int) {
	at := 0
	for _, o := range parseTLV(b) {
		head := tlvHead(b[at:])
		end := at + head + len(o.value)
		copy(out[at:at+head], b[at:at+head])
		switch {
		case openTag(o):
			copy(out[at:end], b[at:end])
		case o.constructed() && depth < maxDepth:
			redactTLV(o.value, out[at+head:end], depth+1)
		}
		at = end
	}
}

// tlvHead returns how many bytes of tag and length stand before the value of
// the first object of b, which is whole.
func tlvHead(b []byte) int {
	_, rest, _ := tlvTag(b)
	_, rest, _ = berLength(rest)
	return len(b) - len(rest)
}

// A hexTrace is a message for a log, made only if the log wants it.
type hexTrace struct{ a apdu }

// String returns the message in hex, redacted.
func (h hexTrace) String() string { return fmt.Sprintf("% X", redact(h.a)) }

// MarshalText returns the message in hex, redacted.
func (h hexTrace) MarshalText() ([]byte, error) { return []byte(h.String()), nil }
