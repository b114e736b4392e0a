package barcode

// allDigits says whether s is nothing but 0 to 9; the empty string is not.
func allDigits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return s != ""
}

// CheckDigit is the last digit of a GTIN, GLN, SSCC or other GS1 number over
// the digits before it: weights 3, 1, 3 ... from the right (General
// Specifications 7.9.1). The answer is a character; it is 0 when payload is
// not digits.
func CheckDigit(payload string) byte {
	sum, weight := 0, 3
	for i := len(payload) - 1; i >= 0; i-- {
		d := payload[i] - '0'
		if d > 9 {
			return 0
		}
		sum += int(d) * weight
		weight = 4 - weight
	}
	return byte('0' + (10-sum%10)%10)
}

// checked says whether the last character of s is its check digit.
func checked(s string) bool {
	n := len(s) - 1
	return n > 0 && CheckDigit(s[:n]) == s[n]
}

// ValidGTIN says whether s is 8, 12, 13 or 14 digits with a right check digit.
func ValidGTIN(s string) bool {
	switch len(s) {
	case 8, 12, 13, 14:
		return checked(s)
	default:
		return false
	}
}

// Normal is a GTIN of 8, 12 or 13 digits padded with zeros to 14, the form in
// which every look-up is made. It fails on anything that is no sound GTIN.
func Normal(gtin string) (string, error) {
	if !ValidGTIN(gtin) {
		return "", &fault{"check_digit", "not a GTIN of 8, 12, 13 or 14 digits"}
	}
	return pad14(gtin), nil
}

func pad14(s string) string { return "00000000000000"[len(s):] + s }

// The four weightings of one digit in a price verifier (General
// Specifications 7.9.2), the digit as index.
const (
	weight2minus = "0246891357"
	weight3      = "0369258147"
	weight5plus  = "0516273849"
	weight5minus = "0594837261"
)

func weigh(table string, digit byte) int { return int(table[digit-'0'] - '0') }

// PriceVerifier is the digit that guards a price or weight of four or five
// digits inside an in-store code (General Specifications 7.9.3, 7.9.4). The
// answer is a character; it is 0 when field is anything else.
func PriceVerifier(field string) byte {
	if !allDigits(field) {
		return 0
	}
	switch len(field) {
	case 4:
		sum := weigh(weight2minus, field[0]) + weigh(weight2minus, field[1]) +
			weigh(weight3, field[2]) + weigh(weight5minus, field[3])
		return byte('0' + 3*sum%10)
	case 5:
		sum := weigh(weight5plus, field[0]) + weigh(weight2minus, field[1]) + weigh(weight5minus, field[2]) +
			weigh(weight5plus, field[3]) + weigh(weight2minus, field[4])
		want := (10 - sum%10) % 10
		for v := range byte(10) {
			if weigh(weight5minus, '0'+v) == want {
				return '0' + v
			}
		}
	}
	return 0
}

// number reads digits, checked before and at most 18 of them.
func number(digits string) int64 {
	n := int64(0)
	for i := range len(digits) {
		n = n*10 + int64(digits[i]-'0')
	}
	return n
}

// pow10 is 10 to the n, n from 0 to 18.
func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// decimal prints v with its last decimals behind a point.
func decimal(digits string, decimals int) string {
	whole := digits[:len(digits)-decimals]
	for len(whole) > 1 && whole[0] == '0' {
		whole = whole[1:]
	}
	if whole == "" {
		whole = "0"
	}
	if decimals == 0 {
		return whole
	}
	return whole + "." + digits[len(digits)-decimals:]
}
