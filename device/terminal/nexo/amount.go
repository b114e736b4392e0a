package nexo

import (
	"encoding/json"
	"fmt"
	"strings"

	"kassa/kiosk/money"
)

// amountDigits is the most digits that an amount may have. It is one below the
// shortest card number, so that no amount can be one.
const amountDigits = 12

const maxAmount money.Amount = 999_999_999_999

// major writes an amount in major units, as the messages have it, exactly.
func major(a money.Amount, exponent int) (json.Number, error) {
	if a <= 0 || a > maxAmount {
		return "", fmt.Errorf("amount %d is not from 1 to %d minor units", a, maxAmount)
	}
	s := fmt.Sprintf("%0*d", exponent+1, int64(a))
	if exponent == 0 {
		return json.Number(s), nil
	}
	return json.Number(s[:len(s)-exponent] + "." + s[len(s)-exponent:]), nil
}

// A decimal is a number of a message, not negative: digits, of which the last
// behind are decimal places (or, when behind is negative, followed by so many
// zeros). The zero decimal is no number.
type decimal struct {
	digits string
	behind int
}

// decimalReach bounds the exponent of a number, so that none is written out
// endlessly.
const decimalReach = 20

// UnmarshalJSON takes a JSON number, or one in quotes. What is no amount
// becomes the zero decimal.
func (d *decimal) UnmarshalJSON(b []byte) error {
	*d = parseDecimal(strings.Trim(string(b), `"`))
	return nil
}

func parseDecimal(s string) decimal {
	if len(s) > 40 {
		return decimal{}
	}
	mantissa, exp, _ := strings.Cut(strings.ToLower(s), "e")
	power := 0
	if exp != "" {
		if _, err := fmt.Sscanf(exp, "%d", &power); err != nil || power > decimalReach || power < -decimalReach {
			return decimal{}
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return decimal{}
	}
	behind := len(fraction) - power
	trimmed := strings.TrimRight(digits, "0")
	behind -= len(digits) - len(trimmed)
	trimmed = strings.TrimLeft(trimmed, "0")
	if len(trimmed) > amountDigits {
		return decimal{}
	}
	if trimmed == "" {
		return decimal{"0", 0}
	}
	return decimal{trimmed, behind}
}

// minor returns the number in minor units; ok is false if there is none, or it
// is no whole number of them.
func (d decimal) minor(exponent int) (a money.Amount, ok bool) {
	zeros := exponent - d.behind
	if d.digits == "" || zeros < 0 || len(d.digits)+zeros > amountDigits {
		return 0, d.digits == "0"
	}
	for _, c := range d.digits + strings.Repeat("0", zeros) {
		a = a*10 + money.Amount(c-'0')
	}
	return a, true
}
