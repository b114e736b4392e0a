package basket

import (
	"cmp"
	"encoding/binary"
	"slices"

	"kassa/kiosk/money"
)

// This file finds the best applications for certain. It goes through the pieces
// from the dearest to the cheapest, leaves each to its single rule or gives it to
// one of the offers that can take it, and keeps of all ways that lead to the same
// half-filled bundles only the best: what comes later cannot tell them apart.
//
// One half-filled bundle an offer is enough, and its size all there is to know,
// because of what the kinds save. Of the same pieces, blocks of the dearest, one
// after the other, save most where the cheapest are free; a percentage of each
// piece, or all of them less a fixed price, is the same however they are blocked.
// (A bundle that costs less than its fixed price saves nothing, so that leaving
// its pieces alone is better: the best set has none, and its saving may be
// reckoned as if it were negative.) Only an amount off, where some bundles cost
// less than the amount and others more, depends on which pieces are together: for
// these every half-filled bundle is kept, with what its pieces cost. But first it
// is tried whether the best set is the same as if such a bundle always saved its
// whole amount, or always all its pieces cost: no set is better than that.

// surelyExact is how many applications may be possible among pieces that are
// bound together for the search to go on to its end, however long it takes.
// Every half-filled bundle is the beginning of one of them and no two are of the
// same, so that there are at most 2^12 states at each piece.
const surelyExact = 12

// searchBudget is how many ways to place a piece the search may try otherwise.
const searchBudget = 100_000

// A filler tells how an offer's bundles fill.
type filler struct {
	rule   *Promotion
	size   int64
	name   int   // position in names
	use    int   // position in limits, -1: none
	blocks bool  // every half-filled bundle is kept, with its sum
	gift   bool  // an amount off that is more than any bundle costs, or is taken for that
	loose  bool  // it is taken for what it can save at most: all of the bundle or all of the amount
	after  int64 // pieces still to come that it could take
}

// A block is a half-filled bundle.
type block struct {
	offer int
	n     int64
	sum   money.Amount // of an offer with blocks: at most its amount
}

func (b block) compare(o block) int {
	return cmp.Or(cmp.Compare(b.offer, o.offer), cmp.Compare(b.n, o.n), cmp.Compare(b.sum, o.sum))
}

// A state is what what is still to come depends on.
type state struct {
	uses []int64 // by limits: applications left
	open []block // ascending
}

// A way is the best that led to a state.
type way struct {
	saving money.Amount // over leaving every piece to its single rule
	apps   int64        // the same
	from   int32        // the way before the piece
	offer  int32        // that took the piece, -1: none
	block  int32        // which half-filled one of the state before, -1: a new one
}

// A sweep is one search through the pieces.
type sweep struct {
	*search
	fillers []filler
	byLot   [][]int // offers that take from a lot
	limits  []int64 // by use
	coming  int64   // pieces after the present one
	work    int
	budget  int // 0: any

	ways   []way    // before and after all pieces so far
	before int      // first of those before the present piece
	first  int      // first of those after it
	keys   []string // of those after it
	ids    []int64  // applications by names, as many for each key
	was    []int64  // the same before the piece
	index  map[string]int32

	now, next state // lent
	buf       []byte
}

// exact returns the best applications; false if that would take more work than
// there may be.
func (s *search) exact(budget int) ([]taking, bool) {
	w := s.newSweep(budget, true)
	found, ok := w.run()
	if !slices.ContainsFunc(w.fillers, func(f filler) bool { return f.loose }) || ok && w.mix(found) {
		return found, ok
	}
	return s.newSweep(budget, false).run()
}

// run goes through the pieces.
func (w *sweep) run() ([]taking, bool) {
	pieces := w.pieces()
	if w.budget > 0 && len(pieces) > w.budget {
		return nil, false
	}
	w.keys = []string{string(w.key(state{uses: w.limits}))}
	w.ways = []way{{offer: -1}}
	w.ids = make([]int64, len(w.names))
	for p, lot := range pieces {
		w.coming = int64(len(pieces) - p - 1)
		for _, o := range w.byLot[lot] {
			w.fillers[o].after--
		}
		if !w.piece(lot) {
			return nil, false
		}
	}
	return w.back(pieces), true
}

// newSweep prepares a search: which offer fills how. A loose one takes amounts
// off for more than they may be, see loose.
func (s *search) newSweep(budget int, loose bool) *sweep {
	w := &sweep{search: s, byLot: make([][]int, len(s.prices)), budget: budget, index: map[string]int32{}}
	uses := map[int]int{}
	for o, offer := range s.offers {
		f := filler{rule: s.rules[offer.rule], size: s.size(offer), use: -1}
		f.name, _ = slices.BinarySearch(s.names, offer.rule)
		for _, i := range offer.lots {
			w.byLot[i] = append(w.byLot[i], o)
			f.after += s.left[i]
		}
		if f.rule.Limit > 0 {
			k, known := uses[offer.rule]
			if !known {
				k = len(w.limits)
				uses[offer.rule] = k
				w.limits = append(w.limits, 0)
			}
			f.use = k
			w.limits[k] = min(f.rule.Limit, w.limits[k]+f.after/f.size) // no more than there are pieces for
		}
		if f.amountOff() {
			s.readAmount(&f, offer.lots, loose)
		}
		w.fillers = append(w.fillers, f)
	}
	return w
}

// readAmount says how bundles with an amount off are reckoned.
func (s *search) readAmount(f *filler, lots []int, loose bool) {
	cheapest := slices.Clone(lots)
	slices.Reverse(cheapest)
	f.gift = s.bundle(lots, f.size) <= f.rule.Amount
	f.blocks = !f.gift && s.bundle(cheapest, f.size) < f.rule.Amount
	if !f.blocks || !loose {
		return
	}
	f.blocks, f.loose = false, true
	var sum, amounts money.Amount // of all pieces, and if each share of a bundle took its share off
	for _, i := range lots {
		n := money.Amount(s.left[i])
		sum, amounts = sum+n*s.prices[i]*money.Amount(f.size), amounts+n*f.rule.Amount
	}
	f.gift = sum <= amounts
}

func (f *filler) amountOff() bool {
	return f.rule.bundle() && f.rule.Pay == 0 && f.rule.Price == 0 && f.rule.PercentPPM == 0
}

// bundle returns what the first pieces of lots cost together.
func (s *search) bundle(lots []int, size int64) (sum money.Amount) {
	for _, i := range lots {
		n := min(size, s.left[i])
		sum += s.prices[i] * money.Amount(n)
		size -= n
	}
	return sum
}

// pieces lists the lots of all pieces, dearest first, but for those that the
// offers of their lot have no room for.
func (w *sweep) pieces() []int {
	var all []int
	for i, n := range w.left {
		var room int64
		for _, o := range w.byLot[i] {
			if f := w.fillers[o]; f.use >= 0 {
				room += f.size * w.limits[f.use]
			} else {
				room += n
			}
		}
		for range min(n, room) {
			all = append(all, i)
		}
		for _, o := range w.byLot[i] {
			w.fillers[o].after -= n - min(n, room)
		}
	}
	return all
}

// piece makes the ways after a piece of those before it. It is false where that
// is too much work.
func (w *sweep) piece(lot int) bool {
	keys, worked := w.keys, w.work
	w.before, w.first = w.first, len(w.ways)
	w.keys = make([]string, 0, len(keys))
	w.was, w.ids = w.ids, w.was[:0]
	clear(w.index)
	for k, key := range keys {
		from := w.ways[w.before+k]
		from.from, from.offer, from.block = int32(w.before+k), -1, -1
		w.read(key)
		w.keep(lot, from, w.now, false)
		if single := w.singles[lot]; single.amount > 0 {
			from.saving -= single.amount
			from.apps--
		}
		for _, o := range w.byLot[lot] {
			from.offer = int32(o)
			w.give(lot, o, from)
		}
		if w.budget > 0 && w.work > w.budget {
			return false
		}
	}
	// Ways grow fewer towards the end only: where a quarter of what this piece took
	// is too much for each to come, the rest would be in vain.
	return w.budget == 0 || int64(w.work-worked)*w.coming/4 <= int64(w.budget-w.work)
}

// give lets an offer take the piece: into its half-filled bundle or a new one,
// or, of an offer with blocks, into each.
func (w *sweep) give(lot, o int, from way) {
	f := &w.fillers[o]
	filling := false
	for k, b := range w.now.open {
		if b.offer != o || k > 0 && w.now.open[k-1] == b {
			continue
		}
		filling = true
		from.block = int32(k)
		w.fill(lot, f, from, b)
	}
	if filling && !f.blocks || f.use >= 0 && w.now.uses[f.use] == 0 {
		return
	}
	from.block = -1
	w.fill(lot, f, from, block{offer: o})
}

// fill puts the piece into a bundle.
func (w *sweep) fill(lot int, f *filler, to way, b block) {
	w.next.uses = append(w.next.uses[:0], w.now.uses...)
	w.next.open = append(w.next.open[:0], w.now.open...)
	if to.block >= 0 {
		w.next.open = slices.Delete(w.next.open, int(to.block), int(to.block)+1)
	} else if f.use >= 0 {
		w.next.uses[f.use]--
	}
	to.saving += w.share(f, b, lot)
	b = f.with(b, w.prices[lot])
	if b.n < f.size {
		at, _ := slices.BinarySearchFunc(w.next.open, b, block.compare)
		w.next.open = slices.Insert(w.next.open, at, b)
	} else {
		to.saving += f.whole(b)
		to.apps++
	}
	w.keep(lot, to, w.next, b.n == f.size)
}

// with returns the bundle with one more piece.
func (f *filler) with(b block, price money.Amount) block {
	b.n++
	if f.blocks {
		b.sum = min(f.rule.Amount, b.sum+price)
	}
	return b
}

// share is what a piece adds to the saving of the bundle it goes into.
func (w *sweep) share(f *filler, b block, lot int) money.Amount {
	price := w.prices[lot]
	switch rule := f.rule; {
	case !rule.bundle():
		return w.offers[b.offer].cuts[lot]
	case b.n < rule.Pay, f.amountOff() && !f.gift:
		return 0
	case rule.Pay == 0 && rule.PercentPPM > 0:
		off, _ := price.MulDiv(rule.PercentPPM, million, money.HalfUp) // at most the price
		return off
	default:
		return price
	}
}

// whole is what a bundle saves besides what its pieces add.
func (f *filler) whole(b block) money.Amount {
	switch {
	case !f.rule.bundle() || f.rule.Pay > 0 || f.rule.PercentPPM > 0 || f.gift:
		return 0
	case f.blocks:
		return b.sum
	case f.rule.Price > 0:
		return -f.rule.Price
	default:
		return f.rule.Amount
	}
}

// keep notes a way to a state, if its bundles can still be filled and no way as
// good is known. whole says that the piece made a bundle whole.
func (w *sweep) keep(lot int, to way, next state, whole bool) {
	w.work++
	if !w.fillable(next.open) {
		return
	}
	names := len(w.names)
	key := w.key(next)
	at, known := w.index[string(key)]
	if !known {
		at = int32(len(w.keys))
		w.keys = append(w.keys, string(key))
		w.index[w.keys[at]] = at
		w.ways = append(w.ways, to)
		w.ids = append(w.ids, w.idsBefore(to)...)
		w.count(w.ids[int(at)*names:], lot, to, whole)
		return
	}
	best := &w.ways[w.first+int(at)]
	better := cmp.Or(cmp.Compare(to.saving, best.saving), cmp.Compare(best.apps, to.apps))
	if better < 0 {
		return
	}
	own := w.ids[int(at)*names:][:names]
	ids := slices.Clone(w.idsBefore(to))
	w.count(ids, lot, to, whole)
	if better > 0 || slices.Compare(ids, own) > 0 {
		*best = to
		copy(own, ids)
	}
}

// idsBefore returns the applications, by names, of the way that a way came from.
func (w *sweep) idsBefore(to way) []int64 {
	return w.was[(int(to.from)-w.before)*len(w.names):][:len(w.names)]
}

// count brings applications by names up to date with where a piece went.
func (w *sweep) count(ids []int64, lot int, to way, whole bool) {
	if to.offer < 0 {
		return
	}
	if single := w.singles[lot]; single.amount > 0 {
		at, _ := slices.BinarySearch(w.names, single.rule)
		ids[at]--
	}
	if whole {
		ids[w.fillers[to.offer].name]++
	}
}

// fillable reports whether bundles can be filled with the pieces to come.
func (w *sweep) fillable(open []block) bool {
	var all, own int64
	for k, b := range open {
		if k == 0 || open[k-1].offer != b.offer {
			own = 0
		}
		f := &w.fillers[b.offer]
		own += f.size - b.n
		all += f.size - b.n
		if own > f.after {
			return false
		}
	}
	return all <= w.coming
}

// key writes a state down; the bytes are lent until the next call.
func (w *sweep) key(s state) []byte {
	w.buf = w.buf[:0]
	for _, n := range s.uses {
		w.buf = binary.AppendUvarint(w.buf, uint64(n))
	}
	for _, b := range s.open {
		w.buf = binary.AppendUvarint(w.buf, uint64(b.offer))
		w.buf = binary.AppendUvarint(w.buf, uint64(b.n))
		if w.fillers[b.offer].blocks {
			w.buf = binary.AppendUvarint(w.buf, uint64(b.sum))
		}
	}
	return w.buf
}

// read sets now to the state that a key is of.
func (w *sweep) read(key string) {
	w.now.uses, w.now.open = w.now.uses[:0], w.now.open[:0]
	rest := append(w.buf[:0], key...)
	next := func() int64 {
		n, size := binary.Uvarint(rest)
		rest = rest[size:]
		return int64(n)
	}
	for range w.limits {
		w.now.uses = append(w.now.uses, next())
	}
	for len(rest) > 0 {
		b := block{offer: int(next())}
		b.n = next()
		if w.fillers[b.offer].blocks {
			b.sum = money.Amount(next())
		}
		w.now.open = append(w.now.open, b)
	}
}

// back walks from the best way at the end to the beginning, and says which
// bundles were filled with what.
func (w *sweep) back(pieces []int) []taking {
	trail := make([]way, len(pieces))
	at := w.best()
	for p := range slices.Backward(pieces) {
		trail[p] = w.ways[at]
		at = trail[p].from
	}
	var open []block
	var lots [][]int // in each of open
	var found []taking
	for p, lot := range pieces {
		o, k := int(trail[p].offer), int(trail[p].block)
		if o < 0 {
			continue
		}
		b, own := block{offer: o}, []int(nil)
		if k >= 0 {
			b, own = open[k], lots[k]
			open, lots = slices.Delete(open, k, k+1), slices.Delete(lots, k, k+1)
		}
		b, own = w.fillers[o].with(b, w.prices[lot]), append(own, lot)
		if b.n == w.fillers[o].size {
			found = append(found, taking{o, 1, own})
			continue
		}
		k, _ = slices.BinarySearchFunc(open, b, block.compare)
		open, lots = slices.Insert(open, k, b), slices.Insert(lots, k, own)
	}
	return found
}

// mix makes the bundles of loose offers as even as it can, the dearest piece left
// going to the cheapest bundle, and reports whether each saves what it was taken
// for.
func (w *sweep) mix(found []taking) bool {
	for o, f := range w.fillers {
		if !f.loose {
			continue
		}
		var own []*taking
		var lots []int
		for k := range found {
			if found[k].offer == o {
				own = append(own, &found[k])
				lots = append(lots, found[k].lots...)
			}
		}
		sums := make([]money.Amount, len(own))
		slices.Sort(lots) // dearest first
		for _, t := range own {
			t.lots = nil
		}
		for _, i := range lots {
			to := -1
			for k, t := range own {
				if int64(len(t.lots)) < f.size && (to < 0 || sums[k] < sums[to]) {
					to = k
				}
			}
			own[to].lots = append(own[to].lots, i)
			sums[to] += w.prices[i]
		}
		for _, sum := range sums {
			if f.gift && sum > f.rule.Amount || !f.gift && sum < f.rule.Amount {
				return false
			}
		}
	}
	return true
}

// best returns the best of the ways at the end, where nothing is half-filled.
func (w *sweep) best() int32 {
	names, best := len(w.names), 0
	for at := range w.keys {
		x, y := w.ways[w.first+at], w.ways[w.first+best]
		better := cmp.Or(cmp.Compare(x.saving, y.saving), cmp.Compare(y.apps, x.apps),
			slices.Compare(w.ids[at*names:][:names], w.ids[best*names:][:names]))
		if better > 0 {
			best = at
		}
	}
	return int32(w.first + best)
}
