package basket

import (
	"cmp"
	"maps"
	"slices"

	"kassa/kiosk/money"
)

// A lot is a number of pieces that no rule can tell apart.
type lot struct {
	art     string       // Article.key
	tax     string       // class id
	price   money.Amount // of one piece, as the rules before left it
	n       int64
	weighed int    // 1 + position of its line, if weighed; then n is 1
	rules   []int  // positions in promoter.rules, ascending
	spans   []span // where the pieces stand
	cuts    []cut  // what the rules before took off each piece
}

type span struct {
	line int // position in Basket.Lines
	n    int64
}

type cut struct {
	rule   int
	amount money.Amount
}

// A promoter applies promotions to the lines of a basket.
type promoter struct {
	lines  []Line
	rules  []*Promotion // those that hold for some line, by id
	at     map[*Promotion]int
	lots   []lot // dearest first
	greedy bool
}

// promote sets each open line's Discounts and Amount. The lines are b's own.
func (b *Basket) promote(r *Rules) error {
	b.Greedy = false
	p := promoter{lines: b.Lines}
	p.gather(*b, r)
	if len(p.rules) == 0 {
		return nil
	}
	p.thresholds()
	if err := p.round(func(rule *Promotion) bool { return !rule.Stack }); err != nil {
		return err
	}
	for _, stacked := range p.stacked() {
		if err := p.round(func(rule *Promotion) bool { return rule == stacked }); err != nil {
			return err
		}
	}
	b.Greedy = p.greedy
	p.settle()
	return nil
}

// gather makes lots of the lines that take part: open, priced, neither deposit
// nor labelled.
func (p *promoter) gather(b Basket, r *Rules) {
	member := map[money.Amount]*Promotion{} // a rule for each member price
	p.at = map[*Promotion]int{}
	perLine := make([][]*Promotion, len(b.Lines))
	for i, l := range b.Lines {
		if l.Voided || l.Of != 0 || l.Labelled || l.Gross == 0 {
			continue
		}
		for _, at := range r.rulesFor(l.Article) {
			if r.Promotions[at].holds(b, l.At) {
				perLine[i] = append(perLine[i], &r.Promotions[at])
			}
		}
		if own := l.memberPrice(); b.Member && own > 0 {
			if member[own] == nil {
				member[own] = &Promotion{ID: MemberRule, Kind: AtPrice, Price: own}
			}
			perLine[i] = append(perLine[i], member[own])
		}
		for _, rule := range perLine[i] {
			if _, known := p.at[rule]; !known {
				p.at[rule] = 0 // set below
				p.rules = append(p.rules, rule)
			}
		}
	}
	slices.SortFunc(p.rules, func(x, y *Promotion) int {
		return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Price, y.Price))
	})
	for i, rule := range p.rules {
		p.at[rule] = i
	}
	for i, rules := range perLine {
		if len(rules) > 0 {
			p.addLine(i, rules)
		}
	}
	p.merge()
}

// pieces returns how many pieces the rules see on a line, and the price of one.
// A pack counts as its pieces where its prices can be divided.
func (l Line) pieces() (int64, money.Amount) {
	if l.ByWeight() {
		return 1, l.Gross
	}
	if pack := l.pack(); pack > 1 {
		return l.Qty * pack, l.Unit / money.Amount(pack)
	}
	return l.Qty, l.Unit
}

func (l Line) pack() int64 {
	pack := money.Amount(l.Article.Pack)
	if pack <= 1 || pack > MaxQty || l.Unit%pack != 0 || l.Article.Member%pack != 0 {
		return 1
	}
	return int64(pack)
}

// memberPrice returns the article's price for members, as a rule for single
// pieces wants it; 0 is none.
func (l Line) memberPrice() money.Amount { return l.Article.Member / money.Amount(l.pack()) }

func (p *promoter) addLine(i int, rules []*Promotion) {
	l := p.lines[i]
	n, price := l.pieces()
	add := lot{art: l.Article.key(), tax: l.Tax, price: price, n: n, spans: []span{{i, n}}}
	for _, rule := range rules {
		if !l.ByWeight() || !rule.bundle() {
			add.rules = append(add.rules, p.at[rule])
		}
	}
	slices.Sort(add.rules)
	if l.ByWeight() {
		add.weighed = i + 1
	}
	p.lots = append(p.lots, add)
}

// merge makes one lot of those that no rule can tell apart.
func (p *promoter) merge() {
	p.sortLots()
	merged := p.lots[:0]
	for _, l := range p.lots {
		if last := len(merged) - 1; last >= 0 && l.weighed == 0 && merged[last].compare(l) == 0 {
			merged[last].n += l.n
			merged[last].spans = append(merged[last].spans, l.spans...)
			continue
		}
		merged = append(merged, l)
	}
	p.lots = merged
	p.sortSpans()
}

// compare orders lots by what rules can see of them, dearest first.
func (l lot) compare(o lot) int {
	return cmp.Or(
		cmp.Compare(o.price, l.price),
		cmp.Compare(l.art, o.art),
		cmp.Compare(l.tax, o.tax),
		slices.Compare(l.rules, o.rules),
		cmp.Compare(min(l.weighed, 1), min(o.weighed, 1)),
		slices.CompareFunc(l.cuts, o.cuts, func(x, y cut) int {
			return cmp.Or(cmp.Compare(x.rule, y.rule), cmp.Compare(x.amount, y.amount))
		}),
	)
}

// sortLots puts lots, and the lines in each, into an order that does not depend
// on that of scanning, but for lines that are alike.
func (p *promoter) sortLots() {
	slices.SortStableFunc(p.lots, lot.compare)
	p.sortSpans()
}

func (p *promoter) sortSpans() {
	for _, l := range p.lots {
		slices.SortStableFunc(l.spans, func(x, y span) int {
			return cmp.Or(cmp.Compare(p.lines[y.line].Qty, p.lines[x.line].Qty), cmp.Compare(y.n, x.n), cmp.Compare(x.line, y.line))
		})
	}
}

// thresholds takes out rules for single pieces that want more pieces than there
// are.
func (p *promoter) thresholds() {
	count := make([]int64, len(p.rules))
	for _, l := range p.lots {
		for _, at := range l.rules {
			count[at] += l.n
		}
	}
	for i := range p.lots {
		p.lots[i].rules = slices.DeleteFunc(p.lots[i].rules, func(at int) bool {
			return !p.rules[at].bundle() && count[at] < p.rules[at].Buy
		})
	}
}

// stacked returns the rules that come after the others, in their order.
func (p *promoter) stacked() []*Promotion {
	var all []*Promotion
	for _, rule := range p.rules {
		if rule.Stack {
			all = append(all, rule)
		}
	}
	rank := map[Kind]int{Percent: 1, Off: 2}
	slices.SortStableFunc(all, func(x, y *Promotion) int { return cmp.Compare(rank[x.Kind], rank[y.Kind]) })
	return all
}

// round lets the rules that take part compete for the pieces.
func (p *promoter) round(takesPart func(*Promotion) bool) error {
	c := contest{rules: p.rules, lots: p.lots}
	for i := range p.lots {
		if err := c.enter(i, p.lines, takesPart); err != nil {
			return err
		}
	}
	taken, greedy, err := c.settle()
	if err != nil {
		return err
	}
	p.greedy = p.greedy || greedy
	var next []lot
	for i := range p.lots {
		next = append(next, p.lots[i].split(taken[i])...)
	}
	p.lots = next
	p.sortLots()
	return nil
}

// split divides a lot by what was cut off how many of its pieces.
func (l lot) split(taken map[cut]int64) []lot {
	if len(taken) == 0 {
		return []lot{l}
	}
	order := slices.SortedFunc(maps.Keys(taken), func(x, y cut) int {
		return cmp.Or(cmp.Compare(x.rule, y.rule), cmp.Compare(y.amount, x.amount))
	})
	var all []lot
	for _, c := range order {
		part := l.take(taken[c])
		part.price -= c.amount
		part.cuts = append(slices.Clip(part.cuts), c)
		all = append(all, part)
	}
	if l.n > 0 {
		all = append(all, l)
	}
	return all
}

// take removes n pieces from the front of l and returns them.
func (l *lot) take(n int64) lot {
	part := *l
	part.n, part.spans = n, nil
	l.n -= n
	for n > 0 {
		first := l.spans[0]
		if first.n > n {
			part.spans = append(part.spans, span{first.line, n})
			l.spans = append([]span{{first.line, first.n - n}}, l.spans[1:]...)
			break
		}
		part.spans = append(part.spans, first)
		l.spans = l.spans[1:]
		n -= first.n
	}
	return part
}

// settle writes the cuts into the lines: one Discount for each rule and line.
func (p *promoter) settle() {
	off := make([]map[int]money.Amount, len(p.lines))
	for _, l := range p.lots {
		for _, c := range l.cuts {
			for _, s := range l.spans {
				if off[s.line] == nil {
					off[s.line] = map[int]money.Amount{}
				}
				off[s.line][c.rule] += c.amount * money.Amount(s.n) // at most Gross
			}
		}
	}
	for i, cuts := range off {
		for _, at := range slices.Sorted(maps.Keys(cuts)) {
			if cuts[at] == 0 {
				continue
			}
			rule := p.rules[at]
			l := &p.lines[i]
			l.Discounts = append(l.Discounts, Discount{rule.ID, rule.Name, rule.Names, -cuts[at]})
			l.Amount -= cuts[at]
		}
	}
}
