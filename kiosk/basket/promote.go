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
	lots   []lot                     // dearest first
	marks  map[markKey]*Promotion    // a rule for each mark-down
	claims map[*Promotion]*Promotion // a rule at its coupon's value
	whole  []wholeRule               // by id
	greedy bool
}

// promote sets each open line's Discounts and Amount. The lines are b's own.
func (b *Basket) promote(r *Rules) error {
	b.Greedy = false
	p := promoter{lines: b.Lines}
	p.gather(*b, r)
	if len(p.rules) > 0 {
		if err := p.compete(); err != nil {
			return err
		}
	}
	greedy, err := b.whole(p.whole)
	b.Greedy = p.greedy || greedy
	return err
}

// compete lets the rules for pieces compete, and writes what came of it into
// the lines.
func (p *promoter) compete() error {
	p.thresholds()
	if err := p.round(func(rule *Promotion) bool { return !rule.Stack }); err != nil {
		return err
	}
	for _, stacked := range p.stacked() {
		if err := p.round(func(rule *Promotion) bool { return rule == stacked }); err != nil {
			return err
		}
	}
	p.settle()
	return nil
}

// free reports whether rules may lower the line: it is open and priced, and
// neither a deposit nor at a price that stands alone.
func (l Line) free() bool {
	return !l.Voided && l.Of == 0 && l.Set == nil && l.Gross != 0 && (!l.Labelled || len(l.Marks) > 0)
}

// gather finds the rules that hold for each line, and makes lots of the lines.
func (p *promoter) gather(b Basket, r *Rules) {
	member := map[money.Amount]*Promotion{} // a rule for each member price
	p.at, p.marks = map[*Promotion]int{}, map[markKey]*Promotion{}
	perLine := make([][]*Promotion, len(b.Lines))
	whole := map[*Promotion]int{} // 1 + position in p.whole
	for i, l := range b.Lines {
		if !l.free() {
			continue
		}
		for _, at := range r.rulesFor(l.Article) {
			rule := p.claim(b, &r.Promotions[at])
			switch {
			case l.Labelled || !rule.holds(b, l.At):
			case rule.Kind != Whole:
				perLine[i] = append(perLine[i], rule)
			default:
				if whole[rule] == 0 {
					p.whole = append(p.whole, wholeRule{rule: rule})
					whole[rule] = len(p.whole)
				}
				w := &p.whole[whole[rule]-1]
				w.lines = append(w.lines, i)
			}
		}
		if own := l.memberPrice(); b.Member && own > 0 && !l.Labelled {
			if member[own] == nil {
				member[own] = &Promotion{ID: MemberRule, Kind: AtPrice, Price: own}
			}
			perLine[i] = append(perLine[i], member[own])
		}
		p.meet(perLine[i])
		p.meet(p.marksOf(l))
	}
	slices.SortFunc(p.whole, func(x, y wholeRule) int { return cmp.Compare(x.rule.ID, y.rule.ID) })
	p.number()
	for i, rules := range perLine {
		if len(rules) > 0 || len(p.lines[i].Marks) > 0 && p.lines[i].free() {
			p.addLine(i, rules)
		}
	}
	p.merge()
}

// claim returns the rule as it holds with the coupon of the basket.
func (p *promoter) claim(b Basket, rule *Promotion) *Promotion {
	if !rule.Claimed || !b.HasCoupon(rule.Coupon) {
		return rule
	}
	if p.claims[rule] == nil {
		if p.claims == nil {
			p.claims = map[*Promotion]*Promotion{}
		}
		own, _ := rule.claim(b.claim(rule.Coupon)) // one that is worth nothing takes nothing off
		p.claims[rule] = &own
	}
	return p.claims[rule]
}

// meet notes rules that hold for some line.
func (p *promoter) meet(rules []*Promotion) {
	for _, rule := range rules {
		if _, known := p.at[rule]; !known {
			p.at[rule] = 0 // see number
			p.rules = append(p.rules, rule)
		}
	}
}

// number puts the rules into their order.
func (p *promoter) number() {
	slices.SortFunc(p.rules, func(x, y *Promotion) int {
		return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Price, y.Price), cmp.Compare(x.Amount, y.Amount),
			cmp.Compare(x.PercentPPM, y.PercentPPM))
	})
	for i, rule := range p.rules {
		p.at[rule] = i
	}
}

// marksOf returns the rules that the stickers on a line are, one a piece. What
// a sticker says is said of a piece as it is sold: a pack, or all that was
// weighed.
func (p *promoter) marksOf(l Line) []*Promotion {
	price := l.Unit
	if l.ByWeight() {
		price = l.Gross
	}
	var all []*Promotion
	for _, m := range l.Marks {
		rule := Promotion{ID: MarkRule, Kind: Percent, PercentPPM: m.PercentPPM}
		if m.PercentPPM == 0 {
			rule = Promotion{ID: MarkRule, Kind: Off, Amount: max(0, price-m.Price)}
		}
		all = append(all, p.mark(rule))
	}
	return all
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

// mark returns the one rule there is for stickers that say the same.
func (p *promoter) mark(rule Promotion) *Promotion {
	key := markKey{rule.Amount, rule.PercentPPM}
	if p.marks[key] == nil {
		p.marks[key] = &rule
	}
	return p.marks[key]
}

// A markKey tells stickers apart by what they take off.
type markKey struct {
	amount  money.Amount
	percent int64
}

// addLine makes lots of a line: one for each piece with a sticker, and one for
// the others.
func (p *promoter) addLine(i int, rules []*Promotion) {
	l := p.lines[i]
	n, price := l.pieces()
	pack := n / l.Qty
	for _, mark := range p.marksOf(l) {
		piece := lot{art: l.Article.key(), tax: l.Tax, price: price * money.Amount(pack), n: 1, spans: []span{{i, 1}}}
		p.addLot(i, piece, append(slices.Clip(rules), mark), pack == 1)
		n -= pack
	}
	if n > 0 && len(rules) > 0 {
		p.addLot(i, lot{art: l.Article.key(), tax: l.Tax, price: price, n: n, spans: []span{{i, n}}}, rules, true)
	}
}

// addLot adds pieces of line i; bundles take only those that are single pieces.
func (p *promoter) addLot(i int, add lot, rules []*Promotion, single bool) {
	l := p.lines[i]
	for _, rule := range rules {
		if !rule.bundle() || single && !l.ByWeight() {
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
			a, b := &p.lines[x.line], &p.lines[y.line]
			return cmp.Or(cmp.Compare(b.Qty, a.Qty), cmp.Compare(y.n, x.n), compareMarks(a.Marks, b.Marks), cmp.Compare(x.line, y.line))
		})
	}
}

// compareMarks orders lines by the stickers on them, in whatever order those
// were put on.
func compareMarks(x, y []Mark) int {
	if len(x)+len(y) == 0 {
		return 0
	}
	each := func(x, y Mark) int {
		return cmp.Or(cmp.Compare(x.PercentPPM, y.PercentPPM), cmp.Compare(x.Price, y.Price))
	}
	x, y = slices.Clone(x), slices.Clone(y)
	slices.SortFunc(x, each)
	slices.SortFunc(y, each)
	return slices.CompareFunc(x, y, each)
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
