package zvt

import (
	"errors"
	"fmt"
	"strings"

	"kassa/kiosk/money"
)

// Bitmaps that we read or write (PA00P015 chapter 7).
const (
	bmpService  = 0x03
	bmpAmount   = 0x04
	bmpTLV      = 0x06
	bmpTrace    = 0x0B
	bmpTime     = 0x0C
	bmpDate     = 0x0D
	bmpPayType  = 0x19
	bmpPAN      = 0x22
	bmpResult   = 0x27
	bmpTID      = 0x29
	bmpMerchant = 0x2A
	bmpOrigin   = 0x37
	bmpAuthCode = 0x3B
	bmpText     = 0x3C
	bmpCurrency = 0x49
	bmpTotals   = 0x60
	bmpReceipt  = 0x87
	bmpTurnover = 0x88
	bmpCardType = 0x8A
	bmpCardName = 0x8B
)

// Errors of the bitmap parser.
var (
	errUnknownBMP = errors.New("unknown bitmap")
	errBMPShort   = errors.New("bitmap cut short")
)

// A bitmap is one field of a message: an id and its value.
type bitmap struct {
	id    byte
	value []byte
}

// Lengths of bitmaps that are not fixed.
const (
	lenLL  = -2 // LLVAR
	lenLLL = -3 // LLLVAR
	lenBER = -6 // TLV container
)

// bmpLength returns the length of the value of bitmap id.
func bmpLength(id byte) (n int, ok bool) {
	switch id {
	case 0x01, 0x02, 0x03, 0x05, 0x19, 0x27, 0x72, 0x73, 0x74, 0x75, 0x8A, 0x8C, 0xA0,
		0xD0, 0xD2, 0xD3, 0xE0, 0xE9, 0xEA, 0xF0, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD:
		return 1, true
	case 0x0D, 0x0E, 0x17, 0x3A, 0x49, 0x87:
		return 2, true
	case 0x0B, 0x0C, 0x37, 0x3D, 0x88, 0xAA:
		return 3, true
	case 0x29, 0x70, 0x71:
		return 4, true
	case 0xBA:
		return 5, true
	case 0x04:
		return 6, true
	case 0x3B, 0xEB:
		return 8, true
	case 0x2A:
		return 15, true
	case 0x22, 0x23, 0x2D, 0x4C, 0x8B, 0xA7, 0xD1,
		0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8,
		0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8:
		return lenLL, true
	case 0x24, 0x2E, 0x3C, 0x60, 0x9A, 0xAF:
		return lenLLL, true
	case bmpTLV:
		return lenBER, true
	}
	return 0, false
}

// parseBitmaps reads the bitmaps of b. With an error it also returns what
// stands before the fault: nothing after an unknown bitmap can be read, for
// its length is not known.
func parseBitmaps(b []byte) ([]bitmap, error) {
	var maps []bitmap
	for len(b) > 0 {
		id := b[0]
		n, known := bmpLength(id)
		if !known {
			return maps, fmt.Errorf("%w %02X", errUnknownBMP, id)
		}
		rest, ok := b[1:], true
		switch n {
		case lenLL, lenLLL:
			n, rest, ok = varLength(rest, -n)
		case lenBER:
			n, rest, ok = berLength(rest)
		}
		if !ok || n > len(rest) {
			return maps, fmt.Errorf("%w: %02X", errBMPShort, id)
		}
		maps = append(maps, bitmap{id: id, value: rest[:n]})
		b = rest[n:]
	}
	return maps, nil
}

// varLength reads an LLVAR or LLLVAR length: one decimal digit a byte, as Fx.
func varLength(b []byte, digits int) (n int, rest []byte, ok bool) {
	if len(b) < digits {
		return 0, nil, false
	}
	for _, c := range b[:digits] {
		if c&0xF0 != 0xF0 || c&0x0F > 9 {
			return 0, nil, false
		}
		n = n*10 + int(c&0x0F)
	}
	return n, b[digits:], true
}

// bcdInt reads packed decimal digits.
func bcdInt(b []byte) (int64, bool) {
	var v int64
	for _, c := range b {
		if c>>4 > 9 || c&0x0F > 9 {
			return 0, false
		}
		v = v*100 + int64(c>>4)*10 + int64(c&0x0F)
	}
	return v, true
}

// bcdString reads packed decimal digits as they stand, leading zeros kept.
// Nibbles that are no digit become '*' (E, masked), nothing (F, padding) or
// end the string (D, separator).
func bcdString(b []byte) string {
	var sb strings.Builder
	for _, c := range b {
		for _, n := range [2]byte{c >> 4, c & 0x0F} {
			switch {
			case n <= 9:
				sb.WriteByte('0' + n)
			case n == 0x0E:
				sb.WriteByte('*')
			case n == 0x0D:
				return sb.String()
			}
		}
	}
	return sb.String()
}

// bcd packs v into n bytes. v must not be negative and must fit.
func bcd(v int64, n int) []byte {
	b := make([]byte, n)
	for i := n - 1; i >= 0; i-- {
		b[i] = byte(v/10%10)<<4 | byte(v%10)
		v /= 100
	}
	return b
}

// maxAmount is the largest amount that six bytes can say.
const maxAmount money.Amount = 999_999_999_999

// amountBytes returns the bitmap of an amount.
func amountBytes(a money.Amount) ([]byte, error) {
	if a <= 0 || a > maxAmount {
		return nil, fmt.Errorf("amount %d is not within 1 to %d", a, maxAmount)
	}
	return append([]byte{bmpAmount}, bcd(int64(a), 6)...), nil
}

// packDigits packs a string of digits; n is the number of bytes.
func packDigits(s string, n int) ([]byte, error) {
	if len(s) != 2*n {
		return nil, fmt.Errorf("%d digits, want %d", len(s), 2*n)
	}
	b := make([]byte, n)
	for i := range b {
		hi, lo := s[2*i]-'0', s[2*i+1]-'0'
		if hi > 9 || lo > 9 {
			return nil, errors.New("not all digits")
		}
		b[i] = hi<<4 | lo
	}
	return b, nil
}
