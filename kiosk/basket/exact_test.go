package basket

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kassa/kiosk/money"
)

// The tests here hold what the search finds against every set of applications
// there is, made piece by piece without any thought.

// A choice is one application: a rule and the pieces it takes.
type choice struct {
	rule   int
	set    []int
	saving money.Amount
}

// A picked set of choices, by what decides: ids as they come when sorted.
type picked struct {
	saving money.Amount
	ids    []string
}

func (p picked) compare(o picked) int {
	return cmp.Or(cmp.Compare(p.saving, o.saving), cmp.Compare(len(o.ids), len(p.ids)), slices.Compare(o.ids, p.ids))
}

// worthy is the oracle of the pieces that cost something: no rule sees others.
func worthy(r *Rules, b Basket) *oracle {
	o := newOracle(r, b)
	o.pieces = slices.DeleteFunc(o.pieces, func(p piece) bool { return p.price == 0 })
	return o
}

// choices lists every application of the rules that takes part.
func (o *oracle) choices(takesPart func(Promotion) bool) []choice {
	var all []choice
	for k, rule := range o.rules {
		if !takesPart(rule) || rule.Kind == Whole || !o.enough(rule) {
			continue
		}
		size := 1
		if rule.bundle() {
			size = int(rule.Buy)
		}
		for i := range o.pieces {
			o.sets(rule, i, size, nil, func(set []int) {
				if saving := o.saving(rule, set); saving > 0 {
					all = append(all, choice{k, set, saving})
				}
			})
		}
	}
	return all
}

// enough reports whether there are as many pieces as a rule for single ones
// wants.
func (o *oracle) enough(rule Promotion) bool {
	var n int64
	for i := range o.pieces {
		if o.fits(rule, i) {
			n++
		}
	}
	return rule.bundle() || n >= rule.Buy
}

// every tries every set of choices.
func (o *oracle) every(all []choice) picked {
	var best, now picked
	var try func(k int)
	try = func(k int) {
		if k == len(all) {
			sorted := picked{now.saving, slices.Sorted(slices.Values(now.ids))}
			if sorted.compare(best) > 0 {
				best = sorted
			}
			return
		}
		try(k + 1)
		c := all[k]
		rule := o.rules[c.rule]
		taken := slices.ContainsFunc(c.set, func(at int) bool { return o.pieces[at].used })
		if taken || rule.Limit > 0 && o.uses[rule.ID] >= rule.Limit {
			return
		}
		o.mark(c, true)
		o.uses[rule.ID]++
		now = picked{now.saving + c.saving, append(now.ids, rule.ID)}
		try(k + 1)
		now = picked{now.saving - c.saving, now.ids[:len(now.ids)-1]}
		o.uses[rule.ID]--
		o.mark(c, false)
	}
	try(0)
	return best
}

func (o *oracle) mark(c choice, used bool) {
	for _, at := range c.set {
		o.pieces[at].used = used
	}
}

// found is what the search makes of the rules that do not stack.
func found(t *rapid.T, r *Rules, b Basket) (all picked, exact bool) {
	p := promoter{lines: b.Lines}
	p.gather(b, r)
	p.thresholds()
	c := contest{rules: p.rules, lots: p.lots}
	left := make([]int64, len(p.lots))
	for i := range p.lots {
		left[i] = p.lots[i].n
		if err := c.enter(i, p.lines, func(rule *Promotion) bool { return !rule.Stack }); err != nil {
			t.Fatal(err)
		}
	}
	exact = true
	for _, s := range c.components() {
		parts, sure := s.solve()
		exact = exact && sure
		for _, part := range parts {
			rule := p.rules[s.offers[part.offer].rule]
			saving := bundleSaving(rule, s.pricesOf(part))
			if !rule.bundle() {
				saving = s.offers[part.offer].cuts[part.lots[0]]
			}
			all.saving += saving * money.Amount(part.times)
			for range part.times {
				all.ids = append(all.ids, rule.ID)
			}
			for _, k := range part.lots {
				left[s.at[k]] -= part.times
			}
		}
	}
	for i, single := range c.singles {
		for range left[i] {
			if single.amount > 0 {
				all.saving += single.amount
				all.ids = append(all.ids, p.rules[single.rule].ID)
			}
		}
	}
	slices.Sort(all.ids)
	return all, exact
}

// drawContest draws rules of every kind for pieces of their own lines: with so
// few prices that pieces are alike and ties happen, or each at its own.
func drawContest(t *rapid.T) (*Rules, Basket) {
	r := Rules{Tax: vat(false)}
	for i := range rapid.IntRange(1, 5).Draw(t, "rules") {
		p := drawPromotion(t, i)
		if !p.bundle() {
			p.Buy = rapid.Int64Range(0, 3).Draw(t, "least")
		}
		r.Promotions = append(r.Promotions, p)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "whole rules") {
		w := Promotion{ID: fmt.Sprintf("w%d", i), Kind: Whole, Stack: rapid.Bool().Draw(t, "stack")}
		if w.Amount = money.Amount(rapid.IntRange(0, 50).Draw(t, "off")); w.Amount == 0 {
			w.PercentPPM = 150_000
		}
		if rapid.Bool().Draw(t, "of a group") {
			w.Items = []string{"group:g"}
		}
		w.Least = money.Amount(rapid.IntRange(0, 300).Draw(t, "from"))
		r.Promotions = append(r.Promotions, w)
	}
	rules, err := NewRules(r)
	if err != nil {
		t.Fatal(err)
	}
	var b Basket
	few := rapid.Bool().Draw(t, "few prices")
	for range rapid.IntRange(1, 9).Draw(t, "pieces") {
		l := drawLine(t)
		l.Qty, l.Article.Deposit, l.Article.Tax = 1, 0, ""
		if !few && !l.Article.Per.ByWeight() {
			l.Article.Price = money.Amount(rapid.IntRange(1, 160).Draw(t, "price"))
		}
		if b, _, err = b.Add(rules, l); err != nil {
			t.Fatal(err)
		}
	}
	return rules, b
}

// mostChoices keeps the oracle quick.
const mostChoices = 18

// Whatever competes, the set found is the best of all sets: what it saves, how
// many applications it has, and whose.
func TestExactIsBestOfAll(t *testing.T) {
	tried := 0
	rapid.Check(t, func(t *rapid.T) {
		r, b := drawContest(t)
		o := worthy(r, b)
		all := o.choices(func(p Promotion) bool { return !p.Stack })
		if len(all) > mostChoices {
			return // too many for the oracle
		}
		if len(all) > 1 {
			tried++
		}
		got, exact := found(t, r, b)
		if want := o.every(all); !exact || got.compare(want) != 0 {
			t.Fatalf("found %v (exact %v), the best of all is %v, of %d choices", got, exact, want, len(all))
		}
		stacks(t, r, b, got.saving)
	})
	if tried < 20 {
		t.Errorf("only %d of the baskets had a choice", tried)
	}
}

// stacks checks what follows on the first round: each stacking rule takes the
// best of what the ones before left, and the rules for the whole likewise.
func stacks(t *rapid.T, r *Rules, b Basket, first money.Amount) {
	off := func(rule string) (sum money.Amount) {
		for _, l := range b.Lines {
			for _, d := range l.Discounts {
				if d.Rule == rule {
					sum -= d.Amount
				}
			}
		}
		return sum
	}
	o := worthy(r, b)
	take := func(rule string) {
		for i := range o.pieces {
			for _, d := range o.pieces[i].line.Discounts {
				if d.Rule == rule {
					o.pieces[i].price += d.Amount
				}
			}
		}
	}
	var stacked []Promotion
	for _, p := range r.Promotions {
		switch {
		case p.Kind == Whole:
		case p.Stack:
			stacked = append(stacked, p)
		default:
			first -= off(p.ID)
			take(p.ID)
		}
	}
	if first != 0 {
		t.Fatalf("the lines' discounts differ by %d from what the search found", first)
	}
	rank := map[Kind]int{Percent: 1, Off: 2}
	slices.SortStableFunc(stacked, func(x, y Promotion) int { return cmp.Compare(rank[x.Kind], rank[y.Kind]) })
	for _, p := range stacked {
		all := o.choices(func(other Promotion) bool { return other.ID == p.ID })
		if len(all) > mostChoices {
			return
		}
		if want := o.every(all); off(p.ID) != want.saving {
			t.Fatalf("stacking rule %s takes %d off, the best is %d", p.ID, off(p.ID), want.saving)
		}
		take(p.ID)
	}
}

// A dozen applications over three dozen pieces, each at its own price, under
// rules of every kind that overlap, are searched exactly.
func TestDozenOfEveryKindIsExact(t *testing.T) {
	groups := []string{"g0", "g1", "g2", "g3"}
	kinds := []Promotion{
		{Kind: Mix, Buy: 3, Pay: 2},
		{Kind: Mix, Buy: 3, Price: 400},
		{Kind: Mix, Buy: 2, PercentPPM: 200_000},
		{Kind: Mix, Buy: 4, Amount: 170},
		{Kind: Percent, PercentPPM: 120_000},
		{Kind: Off, Amount: 40, Limit: 3},
		{Kind: AtPrice, Price: 130, Limit: 2},
		{Kind: Mix, Buy: 3, Amount: 900},
		{Kind: Mix, Buy: 2, Amount: 250},
	}
	for n := 2; n <= len(kinds); n++ {
		var promotions []Promotion
		for i, p := range kinds[max(0, n-6):n] { // with all of them there would be many more than a dozen
			p.ID = fmt.Sprint(i)
			p.Items = []string{"group:" + groups[i%4], "group:" + groups[(i+1)%4]}
			promotions = append(promotions, p)
		}
		r := mustRules(t, Rules{Promotions: promotions})
		var b Basket
		for i := range 36 {
			b, _ = mustAdd(t, r, b, grouped(each(fmt.Sprintf("%014d", i), money.Amount(100+7*i), 1), groups[i%4]))
		}
		if b.Greedy {
			t.Errorf("with %d rules the greedy way was taken", n)
		}
	}
}

// At most a dozen possible applications are searched to the end, however long
// that takes.
func TestFew(t *testing.T) {
	r := mustRules(t, Rules{Promotions: []Promotion{
		{ID: "1", Kind: Mix, Items: []string{"group:g"}, Buy: 2, Pay: 1, Limit: 2},
		{ID: "2", Kind: Mix, Items: []string{"group:g"}, Buy: 3, Amount: 100},
	}})
	for n, want := range map[int]bool{3: true, 4: true, 5: false} { // 3 + 1, 6 + 4, 10 + 10
		var b Basket
		for i := range n {
			b, _ = mustAdd(t, r, b, grouped(each(fmt.Sprintf("%014d", i), money.Amount(100+i), 1), "g"))
		}
		p := promoter{lines: b.Lines}
		p.gather(b, r)
		c := contest{rules: p.rules, lots: p.lots}
		for i := range p.lots {
			if err := c.enter(i, p.lines, func(*Promotion) bool { return true }); err != nil {
				t.Fatal(err)
			}
		}
		if got := c.components()[0].few(surelyExact); got != want {
			t.Errorf("%d pieces: few is %v", n, got)
		}
	}
}
