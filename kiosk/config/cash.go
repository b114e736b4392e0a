package config

import "kassa/kiosk/money"

// cashSteps are the smallest coins, in minor units, of currencies whose smallest
// coin is more than one minor unit. A country that rounds without its currency
// doing so (some of the euro's) writes cash_step; so does one whose coins changed
// since this was written.
func cashSteps() map[string]money.Amount {
	return map[string]money.Amount{
		"AUD": 5, "CAD": 5, "CHF": 5, "CZK": 100, "DKK": 50, "HUF": 500, "ILS": 10, "MYR": 5, "NOK": 100, "NZD": 10,
		"SEK": 100, "ZAR": 10,
	}
}

// maxCashStep bounds a smallest coin.
const maxCashStep = 1_000_000

// cashStep returns what cash totals are rounded to, 1 for nothing.
func (f *file) cashStep(raw *int64, currency string) money.Amount {
	switch {
	case raw == nil:
		return max(1, cashSteps()[currency])
	case *raw < 1 || *raw > maxCashStep:
		f.bad("tax.cash_step", "is %d, want the smallest coin in minor units, 1 to %d: 5 for five cents, 1 for no rounding", *raw, maxCashStep)
	}
	return money.Amount(*raw)
}
