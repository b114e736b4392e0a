package scanner

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// A Letter is what scanners of one vendor put before a code to say which
// symbol it stood in, and the AIM symbology identifier (ISO/IEC 15424) that
// says the same.
type Letter struct {
	Vendor string
	Prefix string // one to three characters
	AIM    string // as in "]E0"; "" where the letter leaves it open: it is only taken off
	Digits int    // holds only for so many digits and nothing else; 0: for any data
}

// vendorLetters is the table of code letters; a vendor's own letters are lines
// here. Where vendors' generations disagree the newer stands. A scanner that
// can send AIM identifiers should: they need no table.
//
// Letters of symbols that may or may not be GS1 ones (Data Matrix, QR) name no
// identifier: the data must show what they are.
func vendorLetters() []Letter {
	return []Letter{
		// Zebra and Symbol: one letter for all of UPC and EAN. Eight digits
		// may be UPC-E or EAN-8, which only the digits can tell.
		{"zebra", "A", "]E0", 13},
		{"zebra", "A", "]E0", 12},
		{"zebra", "A", "]E3", 15},
		{"zebra", "A", "]E3", 18},
		{"zebra", "A", "", 0},
		{"zebra", "B", "]A0", 0},
		{"zebra", "C", "]F0", 0},
		{"zebra", "D", "]C0", 0},
		{"zebra", "E", "]G0", 0},
		{"zebra", "F", "]I0", 0},
		{"zebra", "K", "]C1", 0},
		{"zebra", "L", "]E0", 13}, // Bookland
		{"zebra", "M", "]X0", 0},  // Trioptic
		{"zebra", "N", "]X0", 0},  // coupon
		{"zebra", "R", "]e0", 0},
		{"zebra", "X", "]L0", 0},
		{"zebra", "z", "]z0", 0},
		{"zebra", "P00", "", 0},
		{"zebra", "P01", "", 0},
		{"zebra", "P0G", "]d2", 0},
		{"zebra", "P0Q", "]Q3", 0},

		{"honeywell", "c", "]E0", 0},
		{"honeywell", "E", "]E0", 0},
		{"honeywell", "d", "]E0", 0},
		{"honeywell", "D", "]E4", 0},
		{"honeywell", "b", "]A0", 0},
		{"honeywell", "j", "]C0", 0},
		{"honeywell", "I", "]C1", 0},
		{"honeywell", "|", "]C1", 0},
		{"honeywell", "e", "]I0", 0},
		{"honeywell", "y", "]e0", 0},
		{"honeywell", "{", "]e0", 0},
		{"honeywell", "}", "]e0", 0},
		{"honeywell", "a", "]F0", 0},
		{"honeywell", "i", "]G0", 0},
		{"honeywell", "r", "]L0", 0},
		{"honeywell", "z", "]z0", 0},
		{"honeywell", "s", "", 0},
		{"honeywell", "w", "", 0},

		// Datalogic PowerScan and its kin.
		{"datalogic", "C", "]E0", 0},
		{"datalogic", "D", "]E0", 0},
		{"datalogic", "B", "]E0", 0},
		{"datalogic", "A", "]E4", 0},
		{"datalogic", "V", "]A0", 0},
		{"datalogic", "T", "]C0", 0},
		{"datalogic", "k", "]C1", 0},
		{"datalogic", "N", "]I0", 0},
		{"datalogic", "u", "]e0", 0},
		{"datalogic", "t", "]e0", 0},
		{"datalogic", "v", "]e0", 0},

		// Magellan labels, also those of the protocol "magellan".
		{"magellan", "A", "]E0", 0},
		{"magellan", "E", "]E0", 0},
		{"magellan", "F", "]E0", 0},
		{"magellan", "FF", "]E4", 0},
		{"magellan", "B1", "]A0", 0},
		{"magellan", "B2", "]I0", 0},
		{"magellan", "B3", "]C0", 0},
		{"magellan", "#", "]C0", 0},
		{"magellan", "R4", "]e0", 0},
		{"magellan", "%", "]F0", 0},
	}
}

// Vendors returns the names that Config.Letters may have, in order.
func Vendors() []string {
	var names []string
	for _, l := range vendorLetters() {
		if !slices.Contains(names, l.Vendor) {
			names = append(names, l.Vendor)
		}
	}
	slices.Sort(names)
	return names
}

// Letters returns a vendor's letters, the longest prefix first and, among
// equals, the one for so many digits before the one for any data. It returns
// nil for a vendor it does not know.
func Letters(vendor string) []Letter {
	var of []Letter
	for _, l := range vendorLetters() {
		if l.Vendor == vendor {
			of = append(of, l)
		}
	}
	slices.SortStableFunc(of, func(a, b Letter) int {
		if len(a.Prefix) != len(b.Prefix) {
			return len(b.Prefix) - len(a.Prefix)
		}
		return b.Digits - a.Digits
	})
	return of
}

func lettersOf(vendor string) ([]Letter, error) {
	of := Letters(vendor)
	if of == nil && vendor != "" {
		return nil, fmt.Errorf("letters are %q, want one of: %s", vendor, strings.Join(Vendors(), ", "))
	}
	return of, nil
}

// identify puts the identifier in the place of the letters that code begins
// with. A code that has an identifier, or no letter of the table, stays as it
// is.
func identify(code []byte, letters []Letter) []byte {
	if identified(code) {
		return code
	}
	for _, l := range letters {
		data, ok := bytes.CutPrefix(code, []byte(l.Prefix))
		if ok && identified(data) { // both were switched on
			return data
		}
		if !ok || len(data) == 0 || !l.fits(data) {
			continue
		}
		return withAIM(l.AIM, data)
	}
	return code
}

// fits reports whether data can stand in such a symbol: EAN and UPC hold
// digits only.
func (l Letter) fits(data []byte) bool {
	retail := l.Digits != 0 || strings.HasPrefix(l.AIM, "]E")
	return (l.Digits == 0 || len(data) == l.Digits) && (!retail || allDigits(data))
}

// withAIM puts an identifier before data, which it does not change but for a
// UPC-E sent without all of its digits.
func withAIM(aim string, data []byte) []byte {
	if aim == "]E0" {
		data = completeUPCE(data)
	}
	return append([]byte(aim), data...)
}

// identified reports whether code begins with an AIM identifier.
func identified(code []byte) bool {
	return len(code) > 3 && code[0] == ']' && isLetter(code[1]) && (isLetter(code[2]) || isDigit(code[2]))
}

// completeUPCE gives a UPC-E of six digits, or seven with the number system,
// the digits that the scanner left out, as ]E0 tells it by its eight. Other
// data it returns as they are.
func completeUPCE(data []byte) []byte {
	if len(data) != 6 && len(data) != 7 || !allDigits(data) {
		return data
	}
	if len(data) == 6 {
		data = append([]byte{'0'}, data...)
	}
	if data[0] > '1' {
		return data
	}
	// The check digit is that of the UPC-A behind it (GS1 General
	// Specifications, UPC-E): its last digit says where the zeros were.
	d, last := data[1:6], data[6]
	var long string
	switch last {
	case '0', '1', '2':
		long = string(d[:2]) + string(last) + "0000" + string(d[2:])
	case '3':
		long = string(d[:3]) + "00000" + string(d[3:])
	case '4':
		long = string(d[:4]) + "00000" + string(d[4:])
	default:
		long = string(d) + "0000" + string(last)
	}
	sum := 3 * int(data[0]-'0')
	for i := range len(long) {
		weight := 1
		if i%2 == 1 {
			weight = 3
		}
		sum += weight * int(long[i]-'0')
	}
	return append(bytes.Clone(data), byte('0'+(10-sum%10)%10))
}

func allDigits(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return !isDigit(c) })
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }
