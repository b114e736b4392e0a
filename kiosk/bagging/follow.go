package bagging

import (
	"cmp"
	"math"
	"slices"
)

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
		c.makeUndo(&h, s.index)
	case storyReturn:
		c.makeReturn(&h, s.index, x, id)
	case storyReturnLess:
		h.drop(max(s.index, s.pick))
		h.drop(min(s.index, s.pick))
	case storyOut:
		c.takeOut(&h, s, came)
	case storyOutOff:
		h.drop(s.pick)
		c.takeOut(&h, s, came)
	case storyOutWith:
		l := h.load[s.pick]
		h.drop(s.pick)
		came.was, came.with = l.kind, l.grams
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
	case storyBag, storyBad, storySwap, storyEarly, storyEarlyOff, storyBadOff, storyHand, storyHandMoves, storyThing, storyShift, storyUndo, storyReturn, storyReturnLess, storyOut, storyOutOff, storyOutWith, storyAway:
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
	case storyOut, storyOutOff, storyOutWith, storyPickOut:
		h.did[didOut]++
	case storyAway:
		if c.level <= c.floor+c.feel() {
			h.did[didAway]++
		} else {
			h.did[didSome]++
		}
	case storyPickOff, storyUndo, storyBadOff:
		if l := h.load[s.index]; l.kind == isHand {
			h.did[secHand] += float32(max(c.run.moved-l.since, 0).Seconds()) // until it began to go
			h.did[endHand]++
		}
	case storyPick, storyPickReturn, storyPickBad, storySwap, storyBad, storyHandMoves, storyThing, storyShift, storyReturn, storyReturnLess:
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
		c.makeReturn(h, s.index, g, came.id)
		c.use(h, p, x-g)
		return
	default:
		c.use(h, p, x)
		return
	}
	c.use(h, p, x-came.grams)
	h.push(came)
}

// makeUndo takes load i off the scale. What nobody has paid for, or scanned yet, may
// come back as that, unless it is so light that a restless scale shows as much.
func (c *Check) makeUndo(h *hypo, i int) {
	l := h.load[i]
	h.drop(i)
	if l.kind == isBad && l.line >= 0 { // what was swapped is waiting again
		h.at[l.line].left += l.n
	}
	if (l.kind == isBad || l.kind == isEarly) && l.grams > c.worthwhile() {
		h.push(load{kind: isGone, id: l.id, line: -1, n: 1, grams: l.grams, vari: l.vari, since: c.now, was: l.kind, with: l.grams})
	}
}

// makeReturn puts what was taken out back on the scale, where it weighs x grams.
func (c *Check) makeReturn(h *hypo, i int, x float64, id int) {
	l := h.load[i]
	h.drop(i)
	if l.line >= 0 {
		a := &h.at[l.line]
		a.on, a.grams, a.vari = a.on+l.n, a.grams+x-l.with, a.vari+c.noise()
	}
	if l.with > 0 {
		h.push(load{kind: l.was, id: id, line: -1, n: 1, grams: l.with, vari: c.noise(), since: c.now})
	}
}

// makeAway takes weight off that may be anything. On an empty scale nothing is in
// doubt but what left it among paid pieces.
func (c *Check) makeAway(h *hypo, x float64, id int) {
	if c.level <= c.floor+c.feel() {
		h.leave()
	}
	h.push(load{kind: isGone, id: id, line: -1, n: 1, grams: -x, vari: c.noise()})
}

// leave takes all off the scale. What is unpaid among paid pieces is so in a bag that
// left, too.
func (h *hypo) leave() {
	h.strip(isHand, isEarly, isVoid)
	if h.pieces() == 0 {
		h.strip(isBad)
	}
	for i := range h.load[:h.loads] {
		if h.load[i].kind == isBad {
			h.load[i].kind = isLeft
		}
	}
}
