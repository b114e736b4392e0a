package words

import (
	"strconv"
	"strings"
	"time"

	"github.com/bojanz/currency"

	"kassa/kiosk/basket"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// moneyForm prints amounts in one language, always in ASCII digits.
type moneyForm struct {
	code     string
	decimals int
	full     *currency.Formatter // with the symbol
	plain    *currency.Formatter // without, for columns under a common heading
}

func newMoney(tag string, s Settings) moneyForm {
	// The bare language, never a territory: with one the library brings its own
	// digits for some, and the store's choice must be the only one.
	locale := currency.NewLocale(strings.SplitN(tag, "-", 2)[0])
	m := moneyForm{code: s.Currency, decimals: s.Decimals}
	m.full, m.plain = currency.NewFormatter(locale), currency.NewFormatter(locale)
	m.plain.CurrencyDisplay = currency.DisplayNone
	for _, f := range []*currency.Formatter{m.full, m.plain} {
		f.MinDigits, f.MaxDigits = uint8(s.Decimals), uint8(s.Decimals)
		if wholeOnly(s.Currency) {
			f.MinDigits = 0
		}
	}
	return m
}

// wholeOnly reports whether a currency's minor unit exists in lists (ISO 4217)
// and on card terminals, but on no price tag: whole amounts show no decimals.
func wholeOnly(code string) bool { return code == "IDR" }

func (m moneyForm) print(f *currency.Formatter, a money.Amount) string {
	number := Decimal(int64(a), m.decimals)
	amount, err := currency.NewAmount(number, m.code)
	if err != nil {
		return number + " " + m.code // a currency the library does not know
	}
	return bare(f.Format(amount))
}

// Money prints an amount with its currency.
func (w Words) Money(a money.Amount) string { return w.digits(w.money.print(w.money.full, a)) }

// Figure prints an amount without its currency.
func (w Words) Figure(a money.Amount) string { return w.digits(w.money.print(w.money.plain, a)) }

// Weight prints a weight as the scale shows it, with the unit.
func (w Words) Weight(s weight.Shown) string {
	return w.digits(w.point(s.String()) + "\u00a0" + w.T("unit."+s.Unit.String()))
}

// Grams prints whole grams.
func (w Words) Grams(g weight.Grams) string {
	return w.Number(int64(g)) + "\u00a0" + w.T("unit.g")
}

// Per prints what a price by weight is for: "kg", "lb", "100 g".
func (w Words) Per(p basket.Per) string {
	switch p {
	case basket.PerKilogram:
		return w.T("unit.kg")
	case basket.PerPound:
		return w.T("unit.lb")
	case basket.Per100Grams:
		return w.T("unit.100g")
	case basket.Each:
		return ""
	default:
		return ""
	}
}

// Number prints a count.
func (w Words) Number(n int64) string { return w.digits(strconv.FormatInt(n, 10)) }

// Digits prints text made of figures (a time, a code shown to people) in the
// store's digits.
func (w Words) Digits(s string) string { return w.digits(s) }

// Percent prints a rate given in parts per million: 70000 is 7 %.
func (w Words) Percent(ppm int64) string {
	s := strings.TrimRight(strings.TrimRight(Decimal(ppm, 4), "0"), ".")
	return w.digits(w.point(s) + "\u00a0%")
}

// Time prints an hour and minute: 14:05.
func (w Words) Time(t time.Time) string { return w.digits(t.Format("15:04")) }

// Date prints a day, month and year as all four languages write them.
func (w Words) Date(t time.Time) string { return w.digits(t.Format("02/01/2006")) }

// Stamp prints date, time and zone, for receipts: 22/11/2026 14:05 +01:00.
func (w Words) Stamp(t time.Time) string { return w.digits(t.Format("02/01/2006 15:04 -07:00")) }

// point puts the language's decimal mark into a plain number.
func (w Words) point(s string) string {
	if w.tag == "fr" || w.tag == "id" {
		return strings.Replace(s, ".", ",", 1)
	}
	return s
}

// digits is where the store's choice of figures is made, for every text alike:
// Arabic-Indic digits and marks in Arabic, ASCII digits everywhere else.
func (w Words) digits(s string) string {
	if w.tag != "ar" || w.settings.Digits != "arab" {
		return strings.Map(unshield, s)
	}
	runes := []rune(s)
	for i, r := range runes {
		between := i > 0 && i+1 < len(runes) && isDigit(runes[i-1]) && isDigit(runes[i+1])
		switch {
		case r == '.' && between:
			runes[i] = '٫'
		case r == ',' && between:
			runes[i] = '٬'
		case r == '%':
			runes[i] = '٪'
		}
	}
	for i, r := range runes {
		if r >= '0' && r <= '9' {
			runes[i] = '٠' + (r - '0')
		}
		runes[i] = unshield(runes[i])
	}
	return string(runes)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// isBidi reports whether r is an invisible mark of direction. The page isolates
// figures and names with <bdi>; marks inside would only upset it.
func isBidi(r rune) bool {
	switch r {
	case '\u061c', '\u200e', '\u200f', '\u202a', '\u202b', '\u202c', '\u202d', '\u202e',
		'\u2066', '\u2067', '\u2068', '\u2069':
		return true
	default:
		return false
	}
}

// bare takes marks of direction off and turns the narrow space into a common
// one, which every font and printer has.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case isBidi(r):
			return -1
		case r == '\u202f':
			return '\u00a0'
		default:
			return r
		}
	}, s)
}

// Decimal prints n with its last places as decimals: Decimal(-1250, 2) is
// "-12.50". Places must be 0 to 18.
func Decimal(n int64, places int) string {
	sign := ""
	u := uint64(n)
	if n < 0 {
		sign, u = "-", -u
	}
	digits := strconv.FormatUint(u, 10)
	if places <= 0 {
		return sign + digits
	}
	if pad := places + 1 - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	cut := len(digits) - places
	return sign + digits[:cut] + "." + digits[cut:]
}

// Discount names a discount: as its rule does, else, for those that are no
// rule's of the store, in our words.
func (w Words) Discount(d basket.Discount) string {
	if name := w.Name(d.Name, d.Names); name != "" {
		return name
	}
	return w.Either("discount."+w.Name(d.Rule, nil), "discount."+basket.MarkRule)
}
