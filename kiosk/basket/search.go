package basket

import (
	"cmp"
	"math"
	"slices"

	"kassa/kiosk/money"
)

// A search finds the best applications for lots that are bound together by the
// offers they share.
type search struct {
	rules   []*Promotion
	at      []int          // position of each lot in the contest
	prices  []money.Amount // by lot, dearest first
	singles []cut          // by lot
	offers  []offer        // lots are the search's own; cuts by lot, not by lots
	names   []int          // rules that matter here, ascending: by id
	limited []int          // offers' rules with a limit

	left []int64 // by lot: pieces not decided yet
	uses []int64 // by limited: applications left
	next []int   // by offer: the first of its lots that may have pieces left
}

// A score says how good a set of applications is, against leaving every piece
// to its single rule.
type score struct {
	saving money.Amount
	apps   int64
	ids    []int64 // by names: applications
}

// compare is above 0 if s is better than o.
func (s score) compare(o score) int {
	return cmp.Or(cmp.Compare(s.saving, o.saving), cmp.Compare(o.apps, s.apps), slices.Compare(s.ids, o.ids))
}

// components splits the contest into searches that share no piece and no limit.
func (c *contest) components() []*search {
	parent := make([]int, len(c.offers)) // towards the lowest offer it is bound to
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	bind := func(x, y int) {
		x, y = root(x), root(y)
		parent[max(x, y)] = min(x, y)
	}
	byLot, byRule := map[int]int{}, map[int]int{}
	for i, o := range c.offers {
		if first, ok := byRule[o.rule]; ok && c.rules[o.rule].Limit > 0 {
			bind(first, i)
		}
		byRule[o.rule] = i
		for _, l := range o.lots {
			if first, ok := byLot[l]; ok {
				bind(first, i)
			}
			byLot[l] = i
		}
	}
	groups := make([][]offer, len(c.offers))
	for i, o := range c.offers {
		groups[root(i)] = append(groups[root(i)], o)
	}
	var all []*search
	for _, offers := range groups {
		if len(offers) > 0 {
			all = append(all, c.component(offers))
		}
	}
	return all
}

func (c *contest) component(offers []offer) *search {
	s := &search{rules: c.rules, next: make([]int, len(offers))}
	for _, o := range offers {
		s.at = append(s.at, o.lots...)
		s.names = append(s.names, o.rule)
		if c.rules[o.rule].Limit > 0 {
			s.limited = append(s.limited, o.rule)
		}
	}
	slices.Sort(s.at)
	s.at = slices.Compact(s.at)
	for _, i := range s.at {
		s.prices = append(s.prices, c.lots[i].price)
		s.left = append(s.left, c.lots[i].n)
		s.singles = append(s.singles, c.singles[i])
		if c.singles[i].amount > 0 {
			s.names = append(s.names, c.singles[i].rule)
		}
	}
	for _, o := range offers {
		own := offer{rule: o.rule, cuts: make([]money.Amount, len(s.at))}
		for k, l := range o.lots {
			at, _ := slices.BinarySearch(s.at, l)
			own.lots = append(own.lots, at)
			own.cuts[at] = o.cuts[k]
		}
		s.offers = append(s.offers, own)
	}
	slices.Sort(s.names)
	s.names = slices.Compact(s.names)
	slices.Sort(s.limited)
	s.limited = slices.Compact(s.limited)
	for _, rule := range s.limited {
		s.uses = append(s.uses, c.rules[rule].Limit)
	}
	return s
}

// solve returns the best applications, and whether they are known to be.
func (s *search) solve() (found []taking, exact bool) {
	if s.lone() {
		return s.greedy(), true
	}
	found, exact = s.exact(searchBudget)
	if !exact && s.few(surelyExact) {
		found, exact = s.exact(0)
	}
	if !exact {
		found = s.greedy()
	}
	return found, exact
}

// lone reports whether one bundle has the pieces for itself. Then blocks of the
// dearest pieces are best, one after the other: of n for m each block's
// cheapest are as dear as can be, of a fixed price or percentage each block is.
func (s *search) lone() bool {
	if len(s.offers) != 1 || !s.rules[s.offers[0].rule].bundle() || s.rules[s.offers[0].rule].Amount > 0 {
		return false
	}
	return !slices.ContainsFunc(s.singles, func(c cut) bool { return c.amount > 0 })
}

// few reports whether at most so many applications are possible, each as often
// as there are pieces for it and its rule's limit allows.
func (s *search) few(most int64) bool {
	for at := range s.offers {
		o := s.offers[at]
		rest := make([]int64, len(o.lots)+1) // pieces from each of its lots on
		for k := len(o.lots) - 1; k >= 0; k-- {
			rest[k] = rest[k+1] + s.left[o.lots[k]]
		}
		if most = s.spare(o, 0, s.size(o), rest, most, math.MaxInt64); most < 0 {
			return false
		}
	}
	return true
}

// spare returns what is left of most when the ways to take size pieces of an
// offer from its k-th lot on are counted off, below 0 if there are more; times
// is how often the pieces chosen so far can be taken.
func (s *search) spare(o offer, k int, size int64, rest []int64, most, times int64) int64 {
	if size == 0 {
		if limit := s.rules[o.rule].Limit; limit > 0 {
			times = min(times, limit)
		}
		return most - min(times, most+1)
	}
	if rest[k] < size {
		return most
	}
	have := s.left[o.lots[k]]
	for n := int64(0); n <= min(size, have) && most >= 0; n++ {
		often := times
		if n > 0 {
			often = min(often, have/n)
		}
		most = s.spare(o, k+1, size-n, rest, most, often)
	}
	return most
}

// size returns how many pieces an application takes.
func (s *search) size(o offer) int64 {
	if !s.rules[o.rule].bundle() {
		return 1
	}
	return s.rules[o.rule].Buy
}

func (s *search) usesLeft(rule int) int64 {
	if k, ok := slices.BinarySearch(s.limited, rule); ok {
		return s.uses[k]
	}
	return -1 // any number
}

// use takes the pieces and the limit of one application.
func (s *search) use(t taking) {
	for _, i := range t.lots {
		s.left[i]--
	}
	if k, ok := slices.BinarySearch(s.limited, s.offers[t.offer].rule); ok {
		s.uses[k]--
	}
}

// gain scores one application against what its pieces get by themselves. It is
// false for one that cannot be part of the best set.
func (s *search) gain(t taking) (score, bool) {
	o := s.offers[t.offer]
	g := score{apps: 1, ids: make([]int64, len(s.names))}
	if s.rules[o.rule].bundle() {
		g.saving = bundleSaving(s.rules[o.rule], s.pricesOf(t))
	} else {
		g.saving = o.cuts[t.lots[0]]
	}
	if g.saving == 0 {
		return g, false
	}
	s.count(g.ids, o.rule, 1)
	for _, i := range t.lots {
		if single := s.singles[i]; single.amount > 0 {
			g.saving -= single.amount
			g.apps--
			s.count(g.ids, single.rule, -1)
		}
	}
	return g, g.saving >= 0
}

func (s *search) count(ids []int64, rule int, n int64) {
	at, _ := slices.BinarySearch(s.names, rule)
	ids[at] += n
}

// pricesOf lists the prices of the pieces taken, dearest first.
func (s *search) pricesOf(t taking) []money.Amount {
	prices := make([]money.Amount, len(t.lots))
	for k, i := range t.lots {
		prices[k] = s.prices[i]
	}
	return prices
}

// greedy takes, again and again, the application of each offer's dearest free
// pieces that gains most.
func (s *search) greedy() []taking {
	var found []taking
	none := score{ids: make([]int64, len(s.names))}
	for {
		best, step := none, taking{offer: -1}
		for at := range s.offers {
			t, ok := s.dearest(at)
			if !ok {
				continue
			}
			if gain, ok := s.gain(t); ok && gain.compare(best) > 0 {
				best, step = gain, t
			}
		}
		if step.offer < 0 {
			return found
		}
		// Pieces of one lot are taken as often as there are any.
		for more := true; more; more = s.fits(step) {
			s.use(step)
			step.times++
		}
		found = append(found, step)
	}
}

// dearest returns an application of the dearest free pieces of an offer; its
// times are nought.
func (s *search) dearest(at int) (taking, bool) {
	o := s.offers[at]
	want := s.size(o)
	for s.next[at] < len(o.lots) && s.left[o.lots[s.next[at]]] == 0 {
		s.next[at]++ // pieces do not come back
	}
	t := taking{offer: at}
	for _, i := range o.lots[s.next[at]:] {
		for range min(want, s.left[i]) {
			t.lots = append(t.lots, i)
			want--
		}
		if want == 0 {
			break
		}
	}
	return t, want == 0 && s.usesLeft(o.rule) != 0
}

// fits reports whether an application of one lot can be made once more.
func (s *search) fits(t taking) bool {
	return t.lots[0] == t.lots[len(t.lots)-1] && s.left[t.lots[0]] >= int64(len(t.lots)) &&
		s.usesLeft(s.offers[t.offer].rule) != 0
}
