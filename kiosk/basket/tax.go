package basket

import (
	"slices"

	"kassa/kiosk/money"
)

const million = 1_000_000

// tax sets the groups, and each line's share of them. The lines are b's own.
func (b *Basket) tax(t Tax) error {
	b.Taxes = nil
	members := map[string][]*Line{}
	var ids []string
	for i := range b.Lines {
		l := &b.Lines[i]
		if l.Voided {
			continue
		}
		if members[l.Tax] == nil {
			ids = append(ids, l.Tax)
		}
		members[l.Tax] = append(members[l.Tax], l)
	}
	slices.SortFunc(ids, func(x, y string) int { return t.position(x) - t.position(y) })
	for _, id := range ids {
		class, ok := t.class(id)
		if !ok {
			return ErrTaxClass
		}
		group, err := t.group(class, members[id])
		if err != nil {
			return err
		}
		b.Taxes = append(b.Taxes, group)
	}
	return nil
}

func (t Tax) position(id string) int {
	return slices.IndexFunc(t.Classes, func(c Class) bool { return c.ID == id })
}

// group taxes the lines of one class.
func (t Tax) group(c Class, lines []*Line) (TaxGroup, error) {
	parts := make([]money.Amount, len(c.RatesPPM))
	amounts := make([]money.Amount, len(lines))
	g := TaxGroup{Class: c.ID}
	var sum money.Amount
	for _, rate := range c.RatesPPM {
		g.RatePPM += rate
	}
	for i, l := range lines {
		amounts[i] = l.Amount
		sum += l.Amount
		if t.PerReceipt {
			continue
		}
		own, err := t.of(c, l.Amount)
		if err != nil {
			return g, err
		}
		for k, tax := range own {
			parts[k] += tax
			l.TaxAmount += tax
		}
	}
	if t.PerReceipt {
		if err := t.perReceipt(c, sum, amounts, parts, lines); err != nil {
			return g, err
		}
	}
	for k, tax := range parts {
		g.Tax += tax
		if len(parts) > 1 {
			g.Parts = append(g.Parts, TaxPart{c.RatesPPM[k], tax})
		}
	}
	g.Net, g.Gross = sum, sum+g.Tax
	if t.Inclusive {
		g.Net, g.Gross = sum-g.Tax, sum
	}
	return g, nil
}

// perReceipt taxes the sum and shares the tax over the lines.
func (t Tax) perReceipt(c Class, sum money.Amount, amounts, parts []money.Amount, lines []*Line) error {
	whole, err := t.of(c, sum)
	if err != nil {
		return err
	}
	copy(parts, whole)
	tax, err := money.Sum(whole...)
	if err != nil {
		return err
	}
	shares, err := money.Share(tax, amounts)
	if err != nil {
		return err
	}
	for i, l := range lines {
		l.TaxAmount = shares[i]
	}
	return nil
}

// of returns the tax of each rate on an amount, rounded half up. Added taxes
// are rounded each by itself; a tax that is in the price is rounded as one, and
// shared over its rates.
func (t Tax) of(c Class, amount money.Amount) ([]money.Amount, error) {
	taxes := make([]money.Amount, len(c.RatesPPM))
	if !t.Inclusive {
		for i, rate := range c.RatesPPM {
			var err error
			if taxes[i], err = amount.MulDiv(rate, million, money.HalfUp); err != nil {
				return nil, err
			}
		}
		return taxes, nil
	}
	var all int64
	weights := make([]money.Amount, len(c.RatesPPM))
	for i, rate := range c.RatesPPM {
		all += rate
		weights[i] = money.Amount(rate)
	}
	if all == 0 {
		return taxes, nil
	}
	tax, err := amount.MulDiv(all, million+all, money.HalfUp)
	if err != nil {
		return nil, err
	}
	return money.Share(tax, weights)
}
