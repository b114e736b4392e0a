package bagging

import (
	"math"
	"slices"
	"time"
)

// A line is what was scanned. Where its pieces are, each account has its own
// opinion of.
type line struct {
	id      int
	key     string
	qty     int64 // pieces on the basket
	meanG   float64
	sdG     float64 // of the catalogue, or of the sold weight
	price   int64   // of one piece; 0: not known
	weighed bool
	free    bool // may come to the scale and need not
	hinted  bool // the shopper was asked for it
	since   time.Duration
	scan    int     // of the trip's scans, the one that brought its newest piece
	w       Weight  // what one piece weighs
	most    float64 // variance of pieces at most; 0: no limit is known
}

const (
	maxLines  = 500 // a trip's lines that are remembered
	maxGroups = 8   // kinds of waiting articles that are considered
	maxPieces = 24  // pieces of one kind that may come at once
	maxQty    = 9999
)

// sane returns a weight in grams, 0 for what is none.
func sane(g float64) float64 {
	if g > 0 && g <= maxGrams {
		return g
	}
	return 0
}

// weigh looks up what one piece of l weighs: learned, else from the catalogue.
func (c *Check) weigh(l *line) {
	w, ok := c.weights[l.key]
	switch {
	case l.weighed:
		own := math.Max(c.rate.loose*(l.sdG*l.sdG+c.noise())-c.noise(), 0.5)
		l.w = Weight{MeanG: l.meanG, Kappa: 1e6, Alpha: maxAlpha, Beta: maxAlpha * own}
	case ok && w.known():
		l.w = c.classes.anew(w)
	case l.meanG > 0:
		l.w = c.classes.expect(l.meanG, l.sdG)
	default:
		l.w = Weight{}
	}
	l.most = 0
	if !l.weighed {
		l.most = c.classes.most(l.meanG, l.sdG)
	}
}

// scan adds a line, or pieces to one.
func (c *Check) scan(in Scan) {
	c.trip.paying = false
	c.trip.scans++
	if i := c.find(in.Line, ""); in.Line != 0 && i >= 0 && in.WeightG <= 0 && c.lines[i].key == in.Key {
		c.quantity(Quantity{Line: in.Line, Qty: c.lines[i].qty + min(max(in.Qty, 1), maxQty)})
		return
	}
	l := line{
		id: in.Line, key: in.Key, qty: min(max(in.Qty, 1), maxQty), meanG: sane(in.MeanG), sdG: sane(in.SDG),
		price: max(in.Price, 0),
		free:  in.NoBag, since: c.now, scan: c.trip.scans,
	}
	if sold := sane(in.WeightG); sold > 0 {
		// The label rounds, and the bag it is in was taken off as tare.
		l.qty, l.weighed, l.meanG, l.sdG = 1, true, sold, 3+0.005*sold
	}
	c.weigh(&l)
	w := &l.w
	if w.known() && float64(l.qty)*w.MeanG < c.light() {
		l.free = true
	}
	if len(c.lines) == maxLines {
		c.dropLine()
	}
	c.fade()
	c.lines = append(c.lines, l)
	at := holding{left: l.qty}
	if n := float64(l.qty); in.Bagged {
		at = holding{on: l.qty, grams: n * w.MeanG, vari: n * w.variance()}
	}
	for i := range c.beam {
		c.beam[i].at = append(c.beam[i].at, at)
	}
	c.active = c.now
	if !in.Bagged {
		c.answers(len(c.lines) - 1)
	}
}

// dropLine forgets the oldest line, and with it what is doubtful.
func (c *Check) dropLine() {
	c.teachLying()
	c.lines = append(c.lines[:0], c.lines[1:]...)
	c.lessons = c.lessons[:0]
	c.single()
	h := c.best()
	h.at = append(h.at[:0], h.at[1:]...)
	for i := range h.load[:h.loads] {
		h.load[i].line = max(h.load[i].line-1, -1)
	}
}

// quantity changes the pieces of a line.
func (c *Check) quantity(in Quantity) {
	i := c.find(in.Line, "")
	if i < 0 || in.Qty < 0 {
		return
	}
	l := &c.lines[i]
	qty := min(in.Qty, maxQty)
	if qty < l.qty {
		c.takeOff(i, l.qty-qty)
		return
	}
	c.fade()
	for j := range c.beam {
		c.beam[j].at[i].left += qty - l.qty
	}
	l.qty, l.since, l.scan = qty, c.now, c.trip.scans
	c.active = c.now
	c.answers(i)
}

// void takes pieces off a line.
func (c *Check) void(in Void) {
	i := c.find(in.Line, in.Key)
	if i < 0 {
		return
	}
	n := c.lines[i].qty
	if in.Qty > 0 {
		n = min(n, in.Qty)
	}
	c.takeOff(i, n)
}

// takeOff takes n pieces off line i. What is on the scale already should be
// taken out; what is waiting is simply no longer expected.
func (c *Check) takeOff(i int, n int64) {
	c.fade()
	l := &c.lines[i]
	l.qty -= n
	c.active = c.now
	c.events++
	own := l.w.variance()
	var kept []hypo
	for j := range c.beam {
		h := &c.beam[j]
		k := h.forget(i, n)
		if k <= 0 {
			continue
		}
		g, v := h.at[i].part(k, own)
		h.at[i].take(k, g, v)
		if !c.up || g < c.light() {
			continue
		}
		stays := h.clone(nil)
		stays.w *= rateVoidKept
		stays.push(load{kind: isBad, id: c.events, line: -1, n: k, grams: g, vari: v})
		h.push(load{kind: isVoid, id: c.events, line: i, n: k, grams: g, vari: v})
		kept = append(kept, stays)
	}
	if len(kept) == 0 {
		c.tidy()
		return
	}
	c.beam = append(c.beam, kept...)
	c.tidy()
	c.raise(doubt{id: c.events, line: l.id, key: l.key})
}

// forget takes n pieces of line i off what waits, what was taken out and what
// something unpaid stands for, and returns how many of them are on the scale.
func (h *hypo) forget(i int, n int64) int64 {
	a := &h.at[i]
	k := min(n, a.left)
	a.left -= k
	n -= k
	for j := h.loads - 1; j >= 0 && n > 0; j-- {
		l := &h.load[j]
		if l.line != i || (l.kind != isGone && l.kind != isBad && l.kind != isLeft) {
			continue
		}
		k := min(n, l.n)
		n -= k
		if l.kind != isGone { // it lies there still, or left, and nothing is waiting for it
			l.line = -1
		} else {
			h.drop(j)
		}
	}
	return min(n, a.on)
}

// keep marks what stays with the shopper.
func (c *Check) keep(in Keep) {
	h := c.best()
	for i := range c.lines {
		l := &c.lines[i]
		all := in.Line == 0 && in.Key == ""
		if all || (in.Line != 0 && l.id == in.Line) || (in.Line == 0 && l.key == in.Key) {
			l.free = l.free || h.at[i].left > 0 || h.out(i)
		}
	}
	c.active = c.now
}

// out reports whether a piece of line i was taken out.
func (h *hypo) out(i int) bool {
	for _, l := range h.load[:h.loads] {
		if l.kind == isGone && l.line == i {
			return true
		}
	}
	return false
}

// answers tells of every account with something early or unpaid that the pieces
// just scanned are just that.
func (c *Check) answers(line int) {
	c.forgetPicks(0)
	var more []hypo
	found := false
	for i := range c.beam {
		h := &c.beam[i]
		for k := h.loads - 1; k >= 0; k-- {
			l := h.load[k]
			if l.kind == isEarly || l.kind == isBad || l.kind == isLeft {
				found = true
				more = c.answer(more, h, k, line)
			}
		}
	}
	if !found {
		return
	}
	for i := range c.beam {
		if c.beam[i].has(isEarly) >= 0 {
			c.beam[i].w *= notThisScan
		}
	}
	c.beam = append(c.beam, more...)
	for i := range c.doubts {
		c.doubts[i].was = c.doubts[i].p
	}
	c.tidy()
	for i := range c.doubts { // a scan that may answer a doubt gives it time anew
		q := &c.doubts[i]
		if q.p < c.set.CallAt && q.p < q.was/2 {
			q.hinted, q.since = false, c.now
		}
	}
}

// answer adds the accounts in which load k of h is what of line was scanned,
// alone or with others that wait.
func (c *Check) answer(more []hypo, h *hypo, k, line int) []hypo {
	l := h.load[k]
	set := c.picksOf(h)
	mine := -1
	for j, g := range c.waiting(h) {
		if g.line == line || (!g.weighed && g.key == c.lines[line].key) {
			mine = j
		}
	}
	odds := thisScan
	if l.kind != isEarly && !c.hinted(l.id) {
		odds = lateEarly
	}
	any := c.any(l.grams)
	for j := set.lo; j < set.hi && mine >= 0; j++ {
		p := c.picks[j]
		if p.unknown || any <= 0 || (!p.all && !slices.Contains(p.group[:p.kinds], mine)) {
			continue
		}
		d := l.grams - p.mean
		fits := p.density(d)
		if repack := 0.01 * p.mean * p.mean; p.pieces == 1 && d*d < 20*repack {
			fits += c.rate.repack * normal(d, repack+p.scale)
		}
		w := odds * fits / any
		if p.pieces > 1 {
			w *= rateWith
		}
		if w < 1e-3*odds {
			continue
		}
		n := h.clone(nil)
		n.w *= w
		if l.kind == isEarly {
			n.did[secEarly] += float32((c.now - l.since).Seconds())
			n.did[endEarly]++
		}
		n.drop(k)
		c.use(&n, p, l.grams)
		if l.kind != isEarly && l.line >= 0 {
			n.at[l.line].left += l.n
		}
		n.off = l.grams - p.mean
		more = append(more, n)
	}
	return more
}

// find returns the index of a line by number, else of the newest with pieces by
// key, or -1.
func (c *Check) find(id int, key string) int {
	for i := len(c.lines) - 1; i >= 0; i-- {
		l := &c.lines[i]
		if (id != 0 && l.id == id) || (id == 0 && l.key == key && l.qty > 0) {
			return i
		}
	}
	return -1
}
