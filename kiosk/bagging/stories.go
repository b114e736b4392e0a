package bagging

import (
	"math"
	"slices"
)

// What a story says of a change of the load.
type storyKind uint8

const (
	storyPick       storyKind = iota // waiting pieces came
	storyPickBag                     // with an own bag
	storyPickHand                    // with a hand
	storyPickOff                     // while the hand went
	storyPickReturn                  // with what had been taken out
	storyPickEarly                   // with something whose scan comes later
	storyPickBad                     // with something unpaid
	storySwap                        // something unpaid came in their place
	storyBag                         // an own bag came
	storyBad                         // something unpaid came
	storyEarly                       // something came before its scan
	storyEarlyOff                    // ... while the hand went
	storyBadOff                      // something unpaid came while the hand went
	storyHand                        // a hand came
	storyHandMoves                   // the hand presses harder, or less
	storyThing                       // the shopper's own things
	storyShift                       // the load only moved
	storyUndo                        // a hand, an early or unpaid thing, a voided piece went
	storyReturn                      // what was taken out is back
	storyReturnLess                  // ... the bag without what was unpaid in it
	storyOut                         // one bagged piece was taken out
	storyOutOff                      // ... while the hand went
	storyOutWith                     // ... with something that came with it
	storyPickOut                     // ... as soon as a waiting piece came
	storyAway                        // much was taken away
)

// A story is one way to explain a change of the load on top of one account.
type story struct {
	kind   storyKind
	bad    bool // something unpaid is on the scale by it
	alone  bool // one piece came
	plain  bool // ... and weighs what it should: fit to learn from
	hypo   int
	pick   int     // in Check.picks
	index  int     // of a load, or a line
	w      float64 // share of the account times prior times likelihood
	grams  float64 // of what it adds besides the pick
	frame  float64 // how likely by it the pick rests on the frame,
	repack float64 // ... or has a new packaging
	want   float64 // what the change should have been
}

// tell notes a story of account i.
func (c *Check) tell(i int, s story) {
	h := &c.beam[i]
	s.hypo = i
	s.w *= h.w
	if !(s.w > faintest*c.strongest) {
		return
	}
	c.strongest = max(c.strongest, s.w)
	switch s.kind {
	case storyBad, storySwap, storyPickBad, storyBadOff:
		s.bad = true
	case storyReturnLess:
		s.bad = h.count(isBad)+h.count(isLeft) > 1
	case storyUndo:
		s.bad = h.bad(0) && (h.load[s.index].kind != isBad || h.count(isBad)+h.count(isLeft) > 1)
	case storyOutWith:
		s.bad = h.bad(0) && (h.load[s.pick].kind != isBad || h.count(isBad)+h.count(isLeft) > 1)
	case storyReturn, storyPickReturn:
		s.bad = h.bad(0) || h.load[s.index].was == isBad
	case storyPick, storyPickBag, storyPickHand, storyPickOff, storyPickEarly, storyBag, storyEarly, storyEarlyOff,
		storyHand, storyHandMoves, storyThing, storyShift, storyOut, storyOutOff, storyPickOut, storyAway:
		s.bad = h.bad(0)
	}
	c.stories = append(c.stories, s)
}

// count is how many loads of a kind h has.
func (h *hypo) count(k loadKind) int {
	n := 0
	for _, l := range h.load[:h.loads] {
		if l.kind == k {
			n++
		}
	}
	return n
}

// explain tells all stories of a change of x grams, of every account.
func (c *Check) explain(x float64) {
	c.stories, c.strongest = c.stories[:0], 0
	c.forgetPicks(x)
	for i := range c.beam {
		c.explainPicks(i, x)
		c.explainSwift(i, x)
		c.explainLoads(i, x)
		if x < 0 {
			c.explainLoss(i, x)
		} else {
			c.explainGain(i, x)
		}
	}
}

// explainPicks tells the stories in which waiting pieces came.
func (c *Check) explainPicks(i int, x float64) {
	h := &c.beam[i]
	hand := 0.0
	hi := h.has(isHand)
	if hi >= 0 {
		hand = h.load[hi].grams
	}
	if x+max(hand, 0) <= 0 {
		return
	}
	set := c.picksOf(h)
	bag := c.bagRate(h)
	for j := set.lo; j < set.hi; j++ {
		p := &c.picks[j]
		d := x - p.mean
		if p.top*h.w < faintest*c.strongest {
			continue
		}
		if p.unknown {
			if d > 0 {
				c.tell(i, story{kind: storyPick, pick: j, plain: p.pieces == 1, alone: p.pieces == 1, w: p.prior * c.any(d), want: x})
			}
			continue
		}
		c.explainPick(i, j, x, d, bag*c.rate.with, stirs*stirs*hand*hand/2)
		if hi >= 0 {
			c.tell(i, story{kind: storyPickOff, pick: j, index: hi, w: p.prior * rateWith * p.blurred(d+hand, stirs*stirs*hand*hand), want: p.mean - hand})
		}
		if p.pieces == 1 {
			c.explainOne(i, j, x, d)
		}
	}
}

// explainSwift tells that a piece was taken out as soon as others came.
func (c *Check) explainSwift(i int, x float64) {
	h := &c.beam[i]
	on := h.pieces()
	if h.w < faint*c.beam[0].w || on == 0 {
		return
	}
	set := c.picksOf(h)
	each := rateSwift * c.rate.out / float64(on)
	for k, seen := len(c.lines)-1, 0; k >= 0 && seen < 8; k-- {
		a := &h.at[k]
		if a.on == 0 {
			continue
		}
		seen++
		g, v := a.part(1, c.lines[k].w.variance())
		for j := set.lo; j < set.hi; j++ {
			p := &c.picks[j]
			if p.unknown || p.pieces > 2 || math.Abs(x+g-p.mean) > swiftOff {
				continue
			}
			w := each * float64(a.on) * p.prior * p.blurred(x+g-p.mean, v)
			c.tell(i, story{kind: storyPickOut, pick: j, index: k, w: w, grams: g, want: p.mean - g})
		}
	}
}

// pieces is how many are on the scale.
func (h *hypo) pieces() int64 {
	n := int64(0)
	for i := range h.at {
		n += h.at[i].on
	}
	return n
}

// explainPick tells what goes for any pick: it weighs what it should, or oddly,
// or came in a bag.
func (c *Check) explainPick(i, j int, x, d, bag, stir float64) {
	p := &c.picks[j]
	if x <= 0 {
		return
	}
	plain, odd, frame := p.blurred(d, stir), 0.0, 0.0
	if p.kinds == 2 && p.pieces == 2 {
		if repack := 0.0025 * p.mean * p.mean; d*d < 20*repack {
			odd += 2 * c.rate.repack * normal(d, repack+p.scale)
		}
	}
	if p.kinds == 1 && !p.sold {
		if repack := 0.01 * p.mean * p.mean; d*d < 20*repack {
			odd += c.rate.repack * normal(d, repack+p.scale)
		}
	}
	if p.kinds == 1 {
		if d < 0 && x > frameLeast*p.mean {
			frame = c.rate.onFrame(p.mean, x)
			odd += frame
		}
	}
	if w := p.prior * (plain + odd); w > 0 {
		c.tell(i, story{kind: storyPick, pick: j, plain: plain > odd && p.pieces == 1, alone: p.pieces == 1, w: w, grams: x, frame: frame / (plain + odd), repack: (odd - frame) / (plain + odd), want: p.mean})
	}
	if d > 0 && d < 1500 && p.prior > priorWithBag && p.prior*bag*mostOther*c.beam[i].w > faintest*c.strongest {
		c.tell(i, story{kind: storyPickBag, pick: j, w: p.prior * bag * c.rate.bag(d), grams: d, want: x})
	}
}

// onFrame is the density of x grams felt of a piece that weighs mean, on the frame.
func (r *rates) onFrame(mean, x float64) float64 {
	often := r.frame
	if mean >= frameHeavy {
		often = r.frameHeavy
	}
	return often * r.part[partOf(mean, x)] / mean
}

// partOf is the bin of the part that x is of mean.
func partOf(mean, x float64) int {
	return max(min(int((x/mean-frameLeast)/(1-frameLeast)*frameBins), frameBins-1), 0)
}

// explainOne tells what may have come with, or in place of, a single piece.
func (c *Check) explainOne(i, j int, x, d float64) {
	h, p := &c.beam[i], &c.picks[j]
	if x <= 0 {
		return
	}
	if h.has(isHand) < 0 {
		w := p.prior * handWith * c.rate.hand
		if d < 0 {
			w *= c.rate.lift
		}
		c.tell(i, story{kind: storyPickHand, pick: j, w: w * hand(math.Abs(d)), grams: d, want: x})
	}
	for k, l := range h.load[:h.loads] {
		if l.kind == isGone {
			c.tell(i, story{kind: storyPickReturn, pick: j, index: k, w: p.prior * rateReturn * p.density(d-l.grams), want: p.mean + l.grams})
		}
	}
	c.tell(i, story{kind: storySwap, pick: j, w: p.prior * c.rate.swap * c.instead(x, p.price), grams: x, want: x})
	if d <= 0 {
		return
	}
	any := c.any(d)
	c.tell(i, story{kind: storyPickEarly, pick: j, w: p.prior * rateWith * c.rate.early * any, grams: d, want: x})
	bad := extraWith * c.rate.extra * any
	if v := 4 * p.scale; math.Abs(d-p.mean) < 12*math.Sqrt(v) {
		bad += c.rate.double * student(d-p.mean, v, p.nu)
	}
	if d > hiddenLeast && d < hiddenMost {
		bad += c.rate.hidden / (hiddenMost - hiddenLeast)
	}
	c.tell(i, story{kind: storyPickBad, pick: j, w: p.prior * bad, grams: d, want: x})
}

// explainLoads tells that something which is on the scale by an account went,
// or came back.
func (c *Check) explainLoads(i int, x float64) {
	h := &c.beam[i]
	v := c.noise()
	for k, l := range h.load[:h.loads] {
		switch l.kind {
		case isGone:
			back := rateReturn * (returnLate + (1-returnLate)*math.Exp(-(c.now-l.since).Seconds()/returnSeconds))
			if l.with > 0 && l.line < 0 { // out and back is no likelier than of what is paid
				back *= c.rate.out / float64(h.pieces()+1) / rateUndo
			}
			w := back * normal(x-l.grams, 2*v+l.vari)
			if l.line >= 0 && l.n == 1 { // or another piece of the same
				if one := &c.lines[l.line].w; one.known() {
					w += back / 10 * student(x-one.MeanG, one.variance()+v, 2*one.Alpha)
				}
			}
			c.tell(i, story{kind: storyReturn, index: k, w: w, want: l.grams})
		case isHand:
			stir := stirs * stirs * l.grams * l.grams
			c.tell(i, story{kind: storyUndo, index: k, w: rateUndo * normal(x+l.grams, 2*v+stir), want: -l.grams})
			w := rateStirs * normal(x, 2*(v+stir))
			now := l.grams + x
			if now > 0 {
				w += rateMoves * hand(now)
			}
			c.tell(i, story{kind: storyHandMoves, index: k, w: w, grams: now, want: x})
			c.explainOff(i, k, now)
		case isEarly, isVoid, isBad:
			c.tell(i, story{kind: storyUndo, index: k, w: rateUndo * normal(x+l.grams, 2*v+l.vari), want: -l.grams})
		case isLeft:
			c.explainLess(i, k, x)
		}
	}
}

// explainLess tells that the bag which left is back without load k, which was unpaid
// in it.
func (c *Check) explainLess(i, k int, x float64) {
	h := &c.beam[i]
	left := h.load[k].grams
	for j, l := range h.load[:h.loads] {
		if l.kind == isGone && l.line < 0 && l.with == 0 && l.grams > left {
			w := rateUndo * normal(x-l.grams+left, 2*c.noise()+l.vari+h.load[k].vari)
			c.tell(i, story{kind: storyReturnLess, index: k, pick: j, w: w, want: l.grams - left})
		}
	}
}

// explainOff tells that hand k went while something came that makes up for it but
// for g grams.
func (c *Check) explainOff(i, k int, g float64) {
	if g < c.feel() || c.beam[i].load[k].grams <= 0 {
		return
	}
	any := rateWith * c.any(g)
	c.tell(i, story{kind: storyEarlyOff, index: k, w: any * c.rate.early, grams: g})
	c.tell(i, story{kind: storyBadOff, index: k, w: any * c.rate.extra, grams: g})
}

// explainGain tells what else makes a load heavier.
func (c *Check) explainGain(i int, x float64) {
	h := &c.beam[i]
	set := c.picksOf(h)
	any := c.any(x)
	c.tell(i, story{kind: storyShift, w: rateShift * normal(x, 2*c.noise())})
	c.tell(i, story{kind: storyBag, w: c.bagRate(h) * c.rate.bag(x), grams: x, want: x})
	c.tell(i, story{kind: storyThing, w: rateThing * thing(x), want: x})
	if h.has(isHand) < 0 {
		c.tell(i, story{kind: storyHand, w: c.rate.hand * hand(x), grams: x, want: x})
	}
	c.tell(i, story{kind: storyEarly, w: c.rate.early * any, grams: x, want: x})
	extra := c.rate.extra * any
	if c.trip.scans == 0 {
		extra *= extraFirst
	}
	if set.due {
		extra *= 1 - (1-extraWaiting)*c.toCome(h)
	}
	if h.declared {
		extra += c.rate.loaded * c.loaded(x)
	}
	c.tell(i, story{kind: storyBad, w: extra, grams: x, want: x})
}

// toCome is how likely something that waits by h is still to come.
func (c *Check) toCome(h *hypo) float64 {
	most := 0.0
	for i := range c.lines {
		if l := &c.lines[i]; h.at[i].left > 0 && !l.free {
			most = math.Max(most, c.come(l))
		}
	}
	return most
}

// explainLoss tells what makes a load lighter.
func (c *Check) explainLoss(i int, x float64) {
	h := &c.beam[i]
	v := c.noise()
	away := c.rate.some / max(c.level-x, 100)
	if c.level <= c.floor+c.feel() {
		away = c.rate.away
	}
	c.tell(i, story{kind: storyAway, w: away, want: x})
	c.tell(i, story{kind: storyShift, w: rateShift * normal(x, 2*v)})
	if h.has(isHand) < 0 {
		lifts := hand(-x)
		if c.level <= c.floor+c.feel() { // all of it: the hand may have been stronger
			lifts = handAbove(-x)
		}
		c.tell(i, story{kind: storyHand, w: c.rate.lift * c.rate.hand * lifts, grams: x, want: x})
	}
	seen, on := 0, h.pieces()
	hi := h.has(isHand)
	for k := len(c.lines) - 1; k >= 0 && seen < 16; k-- {
		a := &h.at[k]
		if a.on == 0 {
			continue
		}
		seen++
		own := &c.lines[k].w
		g, pv := a.part(1, own.variance())
		if g > 0 {
			c.tell(i, story{kind: storyOut, index: k, w: c.rate.out * float64(a.on) / float64(on) * student(x+g, pv+v, 8), grams: -x, want: -g})
			if hi >= 0 { // while the hand went
				w := rateWith * c.rate.out * float64(a.on) / float64(on) * normal(x+g+h.load[hi].grams, pv+2*v)
				c.tell(i, story{kind: storyOutOff, index: k, pick: hi, w: w, grams: g, want: -g - h.load[hi].grams})
			}
			c.explainOutWith(i, k, x, g, pv, c.rate.out*float64(a.on)/float64(on))
		}
	}
}

// bagRate is how likely an own bag is the next thing to come.
func (c *Check) bagRate(h *hypo) float64 {
	t := c.bagTime(h)
	if t == bagLater && h.bags > 0 {
		return rateBagMore * c.rate.bags[bagLater] / rateBagLater
	}
	return c.rate.bags[t]
}

// explainOutWith tells that a piece of line k was taken out, of g grams, with what
// came with it: in one hand, or one bag.
func (c *Check) explainOutWith(i, k int, x, g, vari, out float64) {
	h := &c.beam[i]
	for j, l := range h.load[:h.loads] {
		if l.kind != isBad && l.kind != isEarly || l.line >= 0 {
			continue
		}
		if s, ok := h.told(l.id); ok && slices.Contains(s.lines[:s.n], int16(k)) {
			w := out * student(x+g+l.grams, vari+c.noise()+l.vari, 8)
			c.tell(i, story{kind: storyOutWith, index: k, pick: j, w: w, grams: g + l.grams, want: -g - l.grams})
		}
	}
}
