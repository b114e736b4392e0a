package basket

import (
	"kassa/kiosk/money"
)

// A contest finds which rules apply to which pieces. A rule for single pieces
// does not depend on the others, so each lot has its best one, and a bundle has
// to save more than the best ones of the pieces it takes.
type contest struct {
	rules   []*Promotion
	lots    []lot
	singles []cut   // by lot: the best rule for one piece; amount 0: none
	offers  []offer // what can be applied to several lots, or only so often
	byKey   map[offerKey]int
}

// An offerKey tells offers apart.
type offerKey struct {
	rule int
	art  string // bundles of one article: which
}

// An offer is a rule and the lots it can take pieces from.
type offer struct {
	rule int
	lots []int          // ascending: dearest first
	cuts []money.Amount // by lots: what a rule for single pieces takes off one
}

// A taking is an offer applied so many times to so many pieces of each lot.
type taking struct {
	offer int // of the search
	times int64
	lots  []int // of the search, one a piece, ascending: for one time
}

// enter says what lot i can get.
func (c *contest) enter(i int, lines []Line, takesPart func(*Promotion) bool) error {
	l := c.lots[i]
	var best cut
	for _, at := range l.rules {
		rule := c.rules[at]
		if !takesPart(rule) {
			continue
		}
		if rule.bundle() {
			c.offer(at, i, 0)
			continue
		}
		amount, err := pieceCut(rule, l, lines)
		switch {
		case err != nil:
			return err
		case rule.Limit > 0:
			c.offer(at, i, amount)
		case amount > best.amount:
			best = cut{at, amount}
		}
	}
	c.singles = append(c.singles, best)
	return nil
}

func (c *contest) offer(rule, i int, amount money.Amount) {
	art := ""
	if kind := c.rules[rule].Kind; kind == NForM || kind == NForPrice {
		art = c.lots[i].art
	}
	key := offerKey{rule, art}
	k, known := c.byKey[key]
	if !known {
		if c.byKey == nil {
			c.byKey = map[offerKey]int{}
		}
		k = len(c.offers)
		c.byKey[key] = k
		c.offers = append(c.offers, offer{rule: rule})
	}
	o := &c.offers[k]
	o.lots = append(o.lots, i)
	o.cuts = append(o.cuts, amount)
}

// pieceCut returns what a rule for single pieces takes off one piece of l.
func pieceCut(rule *Promotion, l lot, lines []Line) (money.Amount, error) {
	if rule.Kind == Percent {
		return l.price.MulDiv(rule.PercentPPM, million, money.HalfUp)
	}
	if rule.Kind == Off {
		return min(rule.Amount, l.price), nil
	}
	price := rule.Price
	if l.weighed > 0 {
		line := lines[l.weighed-1]
		var err error
		if price, err = weighed(rule.Price, line.Article.Per, line.Weight); err != nil {
			return 0, err
		}
	}
	return max(0, l.price-price), nil
}

// settle returns for each lot what is cut off how many of its pieces, and
// whether a part of it was found the greedy way.
func (c *contest) settle() (taken []map[cut]int64, greedy bool, err error) {
	taken = make([]map[cut]int64, len(c.lots))
	left := make([]int64, len(c.lots))
	for i, l := range c.lots {
		taken[i] = map[cut]int64{}
		left[i] = l.n
	}
	for _, s := range c.components() {
		found, exact := s.solve()
		greedy = greedy || !exact
		for _, t := range found {
			if err := c.apply(s, t, taken, left); err != nil {
				return nil, false, err
			}
		}
	}
	for i, single := range c.singles {
		if single.amount > 0 && left[i] > 0 {
			taken[i][single] += left[i]
		}
	}
	return taken, greedy, nil
}

// apply notes what an application takes off each of its pieces.
func (c *contest) apply(s *search, t taking, taken []map[cut]int64, left []int64) error {
	o := s.offers[t.offer]
	var cuts []money.Amount
	if c.rules[o.rule].bundle() {
		var err error
		if cuts, err = bundleCuts(c.rules[o.rule], s.pricesOf(t)); err != nil {
			return err
		}
	} else {
		cuts = append(cuts, o.cuts[t.lots[0]])
	}
	for k, owner := range t.lots {
		i := s.at[owner]
		left[i] -= t.times
		taken[i][cut{o.rule, cuts[k]}] += t.times
	}
	return nil
}

// bundleSaving returns what a bundle takes off its pieces together; prices
// dearest first.
func bundleSaving(p *Promotion, prices []money.Amount) money.Amount {
	var sum money.Amount
	for _, price := range prices[p.Pay:] {
		off := price
		if p.Pay == 0 && p.PercentPPM > 0 {
			off, _ = price.MulDiv(p.PercentPPM, million, money.HalfUp) // at most the price
		}
		sum += off
	}
	switch {
	case p.Pay == 0 && p.Price > 0:
		return max(0, sum-p.Price)
	case p.Pay == 0 && p.Amount > 0:
		return min(sum, p.Amount)
	}
	return sum
}

// bundleCuts shares what a bundle saves over its pieces: whole pieces that are
// free, the percentage of each, or a part in proportion to its price.
func bundleCuts(p *Promotion, prices []money.Amount) ([]money.Amount, error) {
	if p.Pay > 0 {
		cuts := make([]money.Amount, len(prices))
		copy(cuts[p.Pay:], prices[p.Pay:])
		return cuts, nil
	}
	if p.Price == 0 && p.Amount == 0 {
		cuts := make([]money.Amount, len(prices))
		for i, price := range prices {
			var err error
			if cuts[i], err = price.MulDiv(p.PercentPPM, million, money.HalfUp); err != nil {
				return nil, err
			}
		}
		return cuts, nil
	}
	return money.Share(bundleSaving(p, prices), prices)
}
