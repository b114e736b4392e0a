package basket

import (
	"cmp"
	"encoding/binary"
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

	left   []int64 // by lot: pieces not decided yet
	uses   []int64 // by limited: applications left
	memo   map[string]result
	buf    []byte // of key
	budget int
}

// A result is the best that can be made of a state, and its first step: an
// application, or none for a piece that is left to its single rule.
type result struct {
	score score
	step  *taking
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

func (s score) plus(o score) score {
	sum := score{s.saving + o.saving, s.apps + o.apps, slices.Clone(s.ids)}
	for i, n := range o.ids {
		sum.ids[i] += n
	}
	return sum
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
	s := &search{rules: c.rules, memo: map[string]result{}, budget: searchBudget}
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
	if s.hopeless() {
		return s.greedy(), false
	}
	left, uses := slices.Clone(s.left), slices.Clone(s.uses)
	s.best()
	s.left, s.uses = left, uses
	if s.budget <= 0 {
		return s.greedy(), false
	}
	for {
		r, ok := s.memo[string(s.key())]
		if !ok {
			return found, true
		}
		if r.step == nil {
			s.left[s.first()]--
			continue
		}
		found = append(found, *r.step)
		s.use(*r.step, 1)
	}
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

// hopeless reports whether the bundles alone exceed the budget, so that a search
// need not begin. It counts ways to choose an offer's pieces from its lots.
func (s *search) hopeless() bool {
	ways := 0
	for _, o := range s.offers {
		n := 1 // (lots + size - 1 over size), factor by factor
		for k := range int(s.size(o)) {
			if n = n * (len(o.lots) + k) / (k + 1); n > s.budget {
				return true
			}
		}
		ways += n
	}
	return ways > s.budget
}

// first returns the dearest lot with pieces left, or -1.
func (s *search) first() int { return slices.IndexFunc(s.left, func(n int64) bool { return n > 0 }) }

// best returns the best result from the present state, and restores it.
func (s *search) best() score {
	i := s.first()
	if i < 0 || s.budget <= 0 {
		return score{ids: make([]int64, len(s.names))}
	}
	state := s.key()
	if r, ok := s.memo[string(state)]; ok { // a look-up copies nothing
		return r.score
	}
	key := string(state)
	s.budget--
	s.left[i]--
	r := result{score: s.best()}
	s.left[i]++
	for at, o := range s.offers {
		if !slices.Contains(o.lots, i) || s.usesLeft(o.rule) == 0 {
			continue
		}
		n := make([]int64, len(s.left))
		n[i] = 1
		s.fill(taking{at, 1, n}, i, s.size(o)-1, func(t taking) {
			gain, ok := s.gain(t)
			if !ok {
				return
			}
			s.use(t, 1)
			rest := s.best()
			s.use(t, -1)
			if rest.saving+gain.saving < r.score.saving {
				return // most are; their ids need not be added up
			}
			if total := rest.plus(gain); total.compare(r.score) > 0 {
				t.n = slices.Clone(t.n)
				r = result{total, &t}
			}
		})
	}
	s.memo[key] = r
	return r.score
}

// fill calls yield for each way to take more pieces from lot i on; t.n is
// lent.
func (s *search) fill(t taking, i int, more int64, yield func(taking)) {
	if more == 0 {
		s.budget--
		yield(t)
		return
	}
	if i == len(s.left) || s.budget <= 0 {
		return
	}
	had := t.n[i]
	room := int64(0)
	if slices.Contains(s.offers[t.offer].lots, i) {
		room = min(more, s.left[i]-had)
	}
	for k := room; k >= 0; k-- {
		t.n[i] = had + k
		s.fill(t, i+1, more-k, yield)
	}
	t.n[i] = had
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

// use takes the pieces and the limit of sign applications, or gives them back.
func (s *search) use(t taking, sign int64) {
	for i, n := range t.n {
		s.left[i] -= sign * n
	}
	if k, ok := slices.BinarySearch(s.limited, s.offers[t.offer].rule); ok {
		s.uses[k] -= sign
	}
}

// gain scores one application against what its pieces get by themselves. It is
// false for one that cannot be part of the best set.
func (s *search) gain(t taking) (score, bool) {
	o := s.offers[t.offer]
	g := score{apps: 1, ids: make([]int64, len(s.names))}
	prices, owners := s.expand(t.n)
	if s.rules[o.rule].bundle() {
		g.saving = bundleSaving(s.rules[o.rule], prices)
	} else {
		g.saving = o.cuts[owners[0]]
	}
	if g.saving == 0 {
		return g, false
	}
	s.count(g.ids, o.rule, 1)
	for _, owner := range owners {
		if single := s.singles[owner]; single.amount > 0 {
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

// expand lists the prices of the pieces taken, dearest first, and their lots.
func (s *search) expand(n []int64) (prices []money.Amount, owners []int) {
	var size int64
	for _, k := range n {
		size += k
	}
	prices, owners = make([]money.Amount, 0, size), make([]int, 0, size)
	for i, k := range n {
		for range k {
			prices = append(prices, s.prices[i])
			owners = append(owners, i)
		}
	}
	return prices, owners
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
			s.use(step, 1)
			step.times++
		}
		found = append(found, step)
	}
}

// dearest returns an application of the dearest free pieces of an offer; its
// times are nought.
func (s *search) dearest(at int) (taking, bool) {
	o := s.offers[at]
	t := taking{at, 0, make([]int64, len(s.left))}
	want := s.size(o)
	for _, i := range o.lots {
		t.n[i] = min(want, s.left[i])
		want -= t.n[i]
	}
	return t, want == 0 && s.usesLeft(o.rule) != 0
}

// fits reports whether an application of one lot can be made once more.
func (s *search) fits(t taking) bool {
	lots := 0
	for i, n := range t.n {
		if n > s.left[i] {
			return false
		}
		if n > 0 {
			lots++
		}
	}
	return lots == 1 && s.usesLeft(s.offers[t.offer].rule) != 0
}

// key prints the state for the memo; the bytes are lent until the next call.
func (s *search) key() []byte {
	b := s.buf[:0]
	for _, n := range s.left {
		b = binary.AppendVarint(b, n)
	}
	for _, n := range s.uses {
		b = binary.AppendVarint(b, n)
	}
	s.buf = b
	return b
}
