package bagging

import (
	"cmp"
	"slices"
	"time"
)

// A hypo is one account of the trip so far: which pieces wait, which are on the
// scale, and what else is there. A check keeps several side by side.
type hypo struct {
	w        float64 // its share of the probability
	at       []holding
	load     [maxLoads]load
	loads    int
	bags     int // own bags that came
	declared bool
	did      [didAll]float32 // what happened by this account, for the habits
	said     [maxSaid]saying
	says     int
	off      float64 // what the last explained change was off its expected weight, grams
}

// A holding is where the pieces of one line are, by one account.
type holding struct {
	left  int64 // waiting
	on    int64 // on the scale
	grams float64
	vari  float64 // how far off grams may be
}

// A load is something else that an account believes in.
type load struct {
	kind  loadKind
	id    int // of the event that brought it
	line  int // index of the line it is about, or -1
	n     int64
	grams float64
	vari  float64
	since time.Duration
	// Of what was taken out, what it was on the scale, if no paid piece, and what of
	// grams was that.
	was  loadKind
	with float64
}

type loadKind uint8

const (
	isHand  loadKind = iota // a hand or a child, pressing or lifting
	isEarly                 // bagged before its scan
	isVoid                  // voided, and to be taken out
	isGone                  // taken out; not on the scale
	isBad                   // unpaid
	isLeft                  // unpaid, and away with all that was on the scale
)

const (
	maxLoads   = 6
	maxStories = 300  // that are sorted to find the best
	maxHypos   = 20   // of each sort: with something unpaid, and without
	faint      = 1e-3 // ... of the best's, below which an account is not looked at closely
	faintest   = 1e-6 // share below which an account is dropped
)

// clone copies h with lines of its own in buf.
func (h *hypo) clone(buf []holding) hypo {
	c := *h
	c.at = append(buf[:0], h.at...)
	return c
}

// bad reports whether h has something unpaid on the scale; with an id, of that
// event.
func (h *hypo) bad(id int) bool {
	for _, l := range h.load[:h.loads] {
		if (l.kind == isBad || l.kind == isLeft) && (id == 0 || l.id == id) {
			return true
		}
	}
	return false
}

// has returns the index of the first load of a kind, or -1.
func (h *hypo) has(k loadKind) int {
	for i, l := range h.load[:h.loads] {
		if l.kind == k {
			return i
		}
	}
	return -1
}

// push adds a load; the oldest thing taken out makes room, else the oldest.
func (h *hypo) push(l load) {
	if h.loads == maxLoads {
		h.drop(max(h.has(isGone), 0))
	}
	h.load[h.loads] = l
	h.loads++
}

func (h *hypo) drop(i int) {
	copy(h.load[i:h.loads], h.load[i+1:h.loads])
	h.loads--
}

// strip forgets every load of the kinds; a bad one that stood for a line's
// piece gives it back as waiting.
func (h *hypo) strip(kinds ...loadKind) {
	for i := h.loads - 1; i >= 0; i-- {
		if slices.Contains(kinds, h.load[i].kind) {
			h.drop(i)
		}
	}
}

// stray is the weight on the scale that no scan stands for.
func (h *hypo) stray() float64 {
	g := 0.0
	for _, l := range h.load[:h.loads] {
		if l.kind != isGone && l.kind != isLeft {
			g += l.grams
		}
	}
	return g
}

// key tells accounts apart: equal ones are added up.
func (h *hypo) key() uint64 {
	k := h.leftKey()
	mix := func(v uint64) { k = (k ^ v) * 0x100000001b3 }
	for i := range h.at {
		mix(uint64(h.at[i].on))
	}
	for _, l := range h.load[:h.loads] {
		mix(uint64(l.was)<<56 | uint64(l.kind)<<48 | uint64(l.id)<<8 | uint64(l.line+1))
	}
	mix(uint64(h.bags)<<1 | uint64(len(h.at))<<32)
	if h.declared {
		mix(1)
	}
	return k
}

// leftKey tells apart what waits.
func (h *hypo) leftKey() uint64 {
	k := uint64(0xcbf29ce484222325)
	for i := range h.at {
		k = (k ^ uint64(h.at[i].left)) * 0x100000001b3
	}
	return k
}

// best returns the likeliest account. There is always one.
func (c *Check) best() *hypo { return &c.beam[0] }

// single leaves only the likeliest account, and of that only what is sure.
func (c *Check) single() {
	c.beam = c.beam[:1]
	c.beam[0].w = 1
	c.beam[0].strip(isHand, isEarly, isVoid, isBad, isLeft)
	for i := range c.doubts {
		c.close(&c.doubts[i])
	}
	c.doubts, c.pUnpaid = c.doubts[:0], 0
}

// tidy adds up equal accounts, drops the faint ones, keeps the best of both
// sorts and makes the shares sum to one.
func (c *Check) tidy() {
	clear(c.seen)
	n := 0
	for i := range c.beam {
		h := &c.beam[i]
		if !(h.w > 0) {
			continue
		}
		k := h.key()
		if j, ok := c.seen[k]; ok {
			o := &c.beam[j]
			sum := o.w + h.w
			for d := range o.did {
				o.did[d] = float32((o.w*float64(o.did[d]) + h.w*float64(h.did[d])) / sum)
			}
			h.did = o.did
			if h.w > o.w {
				*o, *h = *h, *o
			}
			o.w = sum
			continue
		}
		c.seen[k] = n
		c.beam[n], c.beam[i] = c.beam[i], c.beam[n]
		n++
	}
	if n == 0 { // all given up: the likeliest stays, without what was doubtful
		c.single()
		n = 1
	}
	c.beam = c.beam[:n]
	slices.SortStableFunc(c.beam, func(a, b hypo) int { return cmp.Compare(b.w, a.w) })
	c.keepBest()
}

// keepBest cuts the sorted beam.
func (c *Check) keepBest() {
	var kept [2]int
	n, sum, total := 0, 0.0, 0.0
	for i := range c.beam {
		total += c.beam[i].w
	}
	for i := range c.beam {
		sort := 0
		if c.beam[i].bad(0) {
			sort = 1
		}
		if kept[sort] == maxHypos || c.beam[i].w < faintest*total {
			continue
		}
		kept[sort]++
		sum += c.beam[i].w
		c.beam[n], c.beam[i] = c.beam[i], c.beam[n]
		n++
	}
	c.beam = c.beam[:n]
	c.share(sum)
}

// share makes the shares, which are sum together, sum to one.
func (c *Check) share(sum float64) {
	for i := range c.beam {
		c.beam[i].w /= sum
	}
	c.fresh()
}

// unpaid is the probability that something unpaid is on the scale; with an id,
// that it came with that event.
func (c *Check) unpaid(id int) float64 {
	p := 0.0
	for i := range c.beam {
		if c.beam[i].bad(id) {
			p += c.beam[i].w
		}
	}
	return min(p, 1)
}
