package bagging

import (
	"cmp"
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
	storyOut                         // one bagged piece was taken out
	storyOutOff                      // ... while the hand went
	storyPickOut                     // ... as soon as a waiting piece came
	storyAway                        // much was taken away
)

// A story is one way to explain a change of the load on top of one account.
type story struct {
	kind   storyKind
	bad    bool // something unpaid is on the scale by it
	alone  bool // one piece came, and nothing else waits
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
	case storyUndo:
		s.bad = h.bad(0) && (h.load[s.index].kind != isBad || h.count(isBad) > 1)
	case storyPick, storyPickBag, storyPickHand, storyPickOff, storyPickReturn, storyPickEarly, storyBag, storyEarly, storyEarlyOff,
		storyHand, storyHandMoves, storyThing, storyShift, storyReturn, storyOut, storyOutOff, storyPickOut, storyAway:
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
				c.tell(i, story{kind: storyPick, pick: j, plain: p.pieces == 1 && set.groups == 1, alone: p.pieces == 1 && set.groups == 1, w: p.prior * c.any(d), want: x})
			}
			continue
		}
		c.explainPick(i, j, x, d, bag*c.rate.with, set.groups == 1, stirs*stirs*hand*hand/2)
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
func (c *Check) explainPick(i, j int, x, d, bag float64, alone bool, stir float64) {
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
		c.tell(i, story{kind: storyPick, pick: j, plain: alone && plain > odd && p.pieces == 1, alone: alone && p.pieces == 1, w: w, grams: x, frame: frame / (plain + odd), repack: (odd - frame) / (plain + odd), want: p.mean})
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
		w := p.prior * rateWith * c.rate.hand
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
	bad := rateWith * c.rate.extra * any
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

// follow makes the best stories the new accounts.
func (c *Check) follow(x float64, id int) {
	for least := faintest * c.strongest; ; least *= 3 { // what cannot be among the best is not sorted
		c.stories = slices.DeleteFunc(c.stories, func(s story) bool { return s.w < least })
		if len(c.stories) <= maxStories || least > faint*c.strongest {
			break
		}
	}
	slices.SortFunc(c.stories, func(a, b story) int {
		return cmp.Or(cmp.Compare(b.w, a.w), cmp.Compare(a.hypo, b.hypo), cmp.Compare(a.kind, b.kind), cmp.Compare(a.pick, b.pick))
	})
	c.next = c.next[:0]
	var kept [2]int
	for i := range c.stories {
		s := &c.stories[i]
		sort := 0
		if s.bad {
			sort = 1
		}
		if kept[sort] == 2*maxHypos {
			continue
		}
		kept[sort]++
		c.next = append(c.next, c.made(s, x, id))
	}
	if len(c.next) == 0 {
		return
	}
	c.beam, c.next = c.next, c.beam
	c.tidy()
}

// made is the account after the story.
func (c *Check) made(s *story, x float64, id int) hypo {
	var buf []holding
	if n := len(c.next); n < cap(c.next) {
		buf = c.next[:n+1][n].at
	}
	h := c.beam[s.hypo].clone(buf)
	h.w, h.off = s.w, x-s.want
	came := load{id: id, line: -1, n: 1, grams: s.grams, since: c.now}
	c.count(&h, s)
	if id > 0 {
		c.say(&h, &c.beam[s.hypo], s, id)
	}
	switch s.kind {
	case storyPick, storyPickBag, storyPickHand, storyPickEarly, storyPickBad, storySwap, storyPickOff, storyPickReturn:
		c.makePick(&h, s, x, came)
	case storyBag:
		h.bags, h.declared = h.bags+1, false
	case storyEarlyOff, storyBadOff:
		h.drop(s.index)
		came.kind = isEarly
		if s.kind == storyBadOff {
			came.kind = isBad
		}
		h.push(came)
	case storyBad:
		came.kind = isBad
		if h.declared {
			h.bags, h.declared = h.bags+1, false
		}
		h.push(came)
	case storyEarly:
		came.kind = isEarly
		h.push(came)
	case storyHand:
		came.kind = isHand
		h.push(came)
	case storyHandMoves:
		h.load[s.index].grams = s.grams
	case storyUndo:
		if l := h.load[s.index]; l.kind == isBad && l.line >= 0 { // what was swapped is waiting again
			h.at[l.line].left += l.n
		}
		h.drop(s.index)
	case storyReturn:
		c.makeReturn(&h, s.index, x)
	case storyOut:
		c.takeOut(&h, s, came)
	case storyOutOff:
		h.drop(s.pick)
		c.takeOut(&h, s, came)
	case storyPickOut:
		c.use(&h, c.picks[s.pick], x+s.grams)
		c.takeOut(&h, s, came)
	case storyAway:
		c.makeAway(&h, x, id)
	case storyThing, storyShift:
	}
	return h
}

// takeOut takes a piece of the story's line off the scale.
func (c *Check) takeOut(h *hypo, s *story, came load) {
	g, v := h.at[s.index].part(1, c.lines[s.index].w.variance())
	h.at[s.index].take(1, g, v)
	came.kind, came.line, came.vari = isGone, s.index, c.noise()
	h.push(came)
}

// count notes what story s says that happened on top of h.
func (c *Check) count(h *hypo, s *story) {
	switch s.kind {
	case storyPick, storyPickBag, storyPickHand, storyPickOff, storyPickOut, storyPickReturn, storyPickEarly, storyPickBad:
		h.did[didPick]++
		if h.several() {
			h.did[didChoose]++
			if c.picks[s.pick].pieces > 1 {
				h.did[didTogether]++
			}
		}
		h.did[didFrame] += float32(s.frame)
		if p := &c.picks[s.pick]; p.kinds == 1 && s.kind == storyPick {
			if p.mean >= frameHeavy {
				h.did[didHeavyUp]++
				h.did[didHeavyOn] += float32(s.frame)
			}
			h.did[didPart+partOf(p.mean, s.grams)] += float32(s.frame)
		}
		h.did[didRepack] += float32(s.repack)
	case storyBag, storyBad, storySwap, storyEarly, storyEarlyOff, storyBadOff, storyHand, storyHandMoves, storyThing, storyShift, storyUndo, storyReturn, storyOut, storyOutOff, storyAway:
	}
	switch s.kind {
	case storyHand, storyPickHand:
		h.did[didHand]++
		if s.grams < 0 {
			h.did[didLift]++
		}
	case storyEarly, storyPickEarly, storyEarlyOff:
		h.did[didEarly]++
	case storyBag, storyPickBag:
		h.did[didBag+c.bagTime(h)]++
		h.did[didAnyBag]++
		if s.kind == storyPickBag {
			h.did[didBagWith]++
		}
		h.did[didHeavy] += float32(heavyOf(s.grams, c.rate.heavy))
		if i := int(math.Log(max(s.grams, 1)/bagLeast) / bagStep); s.kind == storyBag && s.grams > bagLeast && i < bagBins {
			h.did[didBagAt+i]++
		}
	case storyOut, storyOutOff, storyPickOut:
		h.did[didOut]++
	case storyAway:
		if c.level <= c.floor+c.feel() {
			h.did[didAway]++
		} else {
			h.did[didSome]++
		}
	case storyPickOff, storyUndo, storyBadOff:
		if l := h.load[s.index]; l.kind == isHand {
			h.did[secHand] += float32((c.now - l.since).Seconds())
			h.did[endHand]++
		}
	case storyPick, storyPickReturn, storyPickBad, storySwap, storyBad, storyHandMoves, storyThing, storyShift, storyReturn:
	}
}

// several reports whether more than one piece waits.
func (h *hypo) several() bool {
	n := int64(0)
	for i := range h.at {
		n += h.at[i].left
	}
	return n > 1
}

// makePick bags the pick of a story, and what came with it.
func (c *Check) makePick(h *hypo, s *story, x float64, came load) {
	p := c.picks[s.pick]
	switch s.kind {
	case storySwap:
		came.kind = isBad
		g := c.waiting(h)[p.group[0]]
		came.line = g.line
		for h.at[came.line].left == 0 {
			came.line++
		}
		h.at[came.line].left--
		h.push(came)
		return
	case storyPickHand:
		came.kind = isHand
	case storyPickEarly:
		came.kind = isEarly
	case storyPickBad:
		came.kind = isBad
	case storyPickBag:
		h.bags, h.declared = h.bags+1, false
		c.use(h, p, p.mean)
		return
	case storyPickOff:
		g := h.load[s.index].grams
		h.drop(s.index)
		c.use(h, p, x+g)
		return
	case storyPickReturn:
		g := h.load[s.index].grams
		c.makeReturn(h, s.index, g)
		c.use(h, p, x-g)
		return
	default:
		c.use(h, p, x)
		return
	}
	c.use(h, p, x-came.grams)
	h.push(came)
}

// makeReturn puts what was taken out back on the scale, where it weighs x grams.
func (c *Check) makeReturn(h *hypo, i int, x float64) {
	l := h.load[i]
	h.drop(i)
	if l.line >= 0 {
		a := &h.at[l.line]
		a.on, a.grams, a.vari = a.on+l.n, a.grams+x, a.vari+c.noise()
	}
}

// makeAway takes weight off that may be anything. On an empty scale nothing is
// in doubt.
func (c *Check) makeAway(h *hypo, x float64, id int) {
	if c.level <= c.floor+c.feel() {
		h.strip(isHand, isEarly, isVoid, isBad)
	}
	h.push(load{kind: isGone, id: id, line: -1, n: 1, grams: -x, vari: c.noise()})
}
