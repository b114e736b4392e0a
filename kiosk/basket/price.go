package basket

import (
	"slices"

	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// with returns b with these lines, priced anew. lines is copied.
func (b Basket) with(r *Rules, lines []Line) (Basket, error) {
	b.Lines = slices.Clone(lines)
	var sum money.Amount
	for i := range b.Lines {
		l := &b.Lines[i]
		gross, err := grossOf(*l)
		if err != nil {
			return b, err
		}
		l.Gross, l.Amount, l.Discounts, l.TaxAmount = gross, gross, nil, 0
		if err := l.setPrice(); err != nil {
			return b, err
		}
		if !l.Voided {
			sum += gross // each is at most MaxTotal, there are at most MaxLines
		}
	}
	if sum > MaxTotal {
		return b, ErrTooMuch
	}
	if err := b.promote(r); err != nil {
		return b, err
	}
	if err := b.tax(r.Tax); err != nil {
		return b, err
	}
	return b.total(r)
}

// setPrice lowers a line to the price that staff named for it.
func (l *Line) setPrice() error {
	if l.Set == nil || l.Voided {
		return nil
	}
	own := *l
	own.Unit = l.Set.Price
	amount, err := grossOf(own)
	if err == nil && amount < l.Gross {
		l.Discounts, l.Amount = []Discount{{Rule: SetRule, Amount: amount - l.Gross}}, amount
	}
	return err
}

// grossOf returns what a line costs before discounts.
func grossOf(l Line) (money.Amount, error) {
	gross, err := l.Unit.Mul(l.Qty)
	if l.ByWeight() {
		gross, err = weighed(l.Unit, l.Article.Per, l.Weight)
	}
	if err != nil || gross > MaxTotal {
		return 0, ErrTooMuch
	}
	return gross, nil
}

// A pound is 453.59237 g: 45,359,237 hundred-thousandths of a gram.
const poundE5 = 45_359_237

// weighed returns the price of w at unit for a kg, lb or 100 g, rounded once,
// half up. It is the only place that rounds a weighed price. w is net of tare.
func weighed(unit money.Amount, per Per, w weight.Shown) (money.Amount, error) {
	num, den := w.Digits, w.Scale()
	switch {
	case per == PerPound && w.Unit == weight.Kilogram:
		num, den = num*100_000_000, den*poundE5
	case per == PerKilogram && w.Unit == weight.Pound:
		num, den = num*poundE5, den*100_000_000
	case per == Per100Grams && w.Unit == weight.Kilogram:
		num *= 10
	case per == Per100Grams && w.Unit == weight.Pound:
		num, den = num*poundE5, den*10_000_000
	}
	return unit.MulDiv(num, den, money.HalfUp)
}

// total adds up the groups and rounds cash.
func (b Basket) total(r *Rules) (Basket, error) {
	b.Total, b.Rounding, b.Savings = 0, 0, 0
	for _, g := range b.Taxes {
		b.Total += g.Gross // at most 11 x MaxTotal, see maxRatePPM
	}
	for _, l := range b.Lines {
		for _, d := range l.Discounts {
			b.Savings -= d.Amount
		}
	}
	if b.Cash && r.CashStep > 1 {
		coins, err := (b.Total - b.Apart).RoundTo(r.CashStep, r.CashRound)
		if err != nil {
			return b, err
		}
		coins += b.Apart
		b.Rounding = coins - b.Total
		b.Total = coins
	}
	return b, nil
}
