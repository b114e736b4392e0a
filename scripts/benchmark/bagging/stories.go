package main

import (
	"cmp"
	"math"
	"slices"
)

// A deedKind is what happened on the platform between two settled loads.
type deedKind uint8

const (
	doNothing deedKind = iota
	doPlace            // some of what waits
	doFrame            // one of it, partly on the frame
	doEarly            // something whose scan comes later
	doBag
	doOut
	doBack
	doAway  // all of it
	doSwift // what waits comes, and something is taken out at once
	doBad   // unpaid alone
	doSwap  // unpaid in place of what waits
	doWith  // unpaid together with what waits
	doWrong // nothing the world knows of
)

// A handDo is what a hand did meanwhile.
type handDo uint8

const (
	handStays handDo = iota
	handComes
	handGoes
)

// A tale is one thing that may have happened, with its prior, and the density
// of the change that it brings.
type tale struct {
	kind  deedKind
	prior float64
	set   int // bits: which of those that wait
	index int // of belief.on
	mean  float64
	vari  float64
	wide  func(x float64) float64 // instead of mean and vari
	held  bool                    // what waited is never bagged
}

// like is the density of a change of x grams, which a hand blurs by more.
func (t *tale) like(x, more float64) float64 {
	if t.wide != nil {
		return t.wide(x)
	}
	return normal(x-t.mean, t.vari+more)
}

// A story is a tale on top of a belief, with a hand or without.
type story struct {
	w      float64
	belief int
	tale   tale
	hand   handDo
	grams  float64 // of the hand that comes
}

const (
	meanwhile = 0.2 // chance that a hand comes while something else happens, of all that come
	goesToo   = 0.35
	swiftly   = 0.15 // chance that what follows a placing comes before the load has settled
	handStirs = 0.3  // chance that a hand stirs enough to be seen
	alone     = 0.5  // chance that a hand comes in this state of a cycle, of all that come
)

// step explains a change of the load on top of every belief.
func (o *oracle) step(s step) {
	o.stories = o.stories[:0]
	best := 0.0
	for i := range o.beam {
		for _, t := range o.tales(&o.beam[i], s) {
			o.tell(i, t, s, &best)
		}
	}
	o.stories = slices.DeleteFunc(o.stories, func(s story) bool { return s.w < unlikely*best })
	slices.SortFunc(o.stories, func(a, b story) int { return cmp.Compare(b.w, a.w) })
	var kept [2]int
	next := make([]belief, 0, 4*keepSort)
	for i := range o.stories {
		b := o.after(&o.stories[i], s)
		sort := 0
		if b.bad {
			sort = 1
		}
		if kept[sort] < 2*keepSort {
			kept[sort]++
			next = append(next, b)
		}
	}
	if len(next) == 0 {
		return
	}
	o.beam = next
	o.tidy()
}

// tell notes a tale with what a hand may have done meanwhile.
func (o *oracle) tell(i int, t tale, s step, best *float64) {
	b, p := &o.beam[i], o.params
	add := func(w float64, h handDo, grams float64) {
		if w *= b.w * t.prior; w > 0 {
			o.stories = append(o.stories, story{w, i, t, h, grams})
			*best = max(*best, w)
		}
	}
	if b.hand != 0 {
		blur := o.noise + handWobble*handWobble*b.hand*b.hand
		goes := goesToo
		if t.kind == doNothing { // a hand is never quite still
			goes = 1
			add(handStirs*normal(s.grams, o.noise+2*handWobble*handWobble*b.hand*b.hand), handStays, 0)
		} else {
			add((1-goesToo)*t.like(s.grams, blur/2), handStays, 0)
		}
		add(goes*t.like(s.grams+b.hand, blur), handGoes, 0)
		return
	}
	if t.kind != doNothing {
		add(t.like(s.grams, 0), handStays, 0)
	}
	if t.wide != nil {
		return
	}
	comes := meanwhile
	if t.kind == doNothing {
		comes = alone
	}
	d := s.grams - t.mean
	add(p.lean*comes*o.handLike(d, s), handComes, d)
}

// handLike is the density of a hand that changes the load by d.
func (o *oracle) handLike(d float64, s step) float64 {
	if d > 0 {
		return (1 - o.params.leanLift) * logNormal(d, handMedian, handSigma)
	}
	load := s.total - d
	all := o.params.leanLift * logNormalAbove(load, handMedian, handSigma) * normal(s.total, 2*o.noise)
	return o.params.leanLift*logNormal(-d, handMedian, handSigma) + all
}

// tales are all things that may have happened, by one belief.
func (o *oracle) tales(b *belief, s step) []tale {
	p := o.params
	out := []tale{
		{kind: doNothing, prior: 1, vari: o.noise},
		{kind: doWrong, prior: impatient * 0.1, wide: func(float64) float64 { return 1e-3 }},
	}
	free := 1.0 // how likely the shopper is between two articles
	if len(b.wait) > 0 {
		all, _ := o.unbagged(o.now - b.since)
		free = p.held / all
		out = o.placing(b, out)
	}
	held := len(b.wait) > 0
	if b.away != 0 {
		out = append(out, tale{kind: doBack, prior: 1, mean: b.away, vari: o.noise + b.awayV})
		free *= 0.02
	}
	if b.debt > 0 {
		free *= 0.02
	}
	bags := 0.0
	switch {
	case b.said:
		bags = 1
	case o.scans == 0 && !b.bag:
		bags = p.ownBag * (1 - p.bagSaid) / (1 - p.ownBag*p.bagSaid)
	}
	if bags > 0 {
		out = append(out, tale{kind: doBag, prior: bags, wide: func(x float64) float64 { return logNormal(x, bagMedian, bagSigma) }})
	}
	if b.said && b.deed < 0 {
		loadedTrips := p.adverse * loadedBag.share() * p.items
		out = append(out, tale{kind: doBad, prior: loadedTrips / (p.ownBag*p.bagSaid + loadedTrips), wide: o.loaded.at})
	}
	if !b.said {
		out = append(out, tale{kind: doEarly, prior: free * p.early, wide: o.any.at, held: held})
		if b.deed < 0 {
			out = append(out, tale{kind: doBad, prior: free * p.adverse * extra.share(), wide: o.any.at, held: held})
		}
	}
	if s.grams < 0 {
		out = o.losing(b, s, free, held, out)
	}
	return out
}

// losing are the tales of what leaves.
func (o *oracle) losing(b *belief, s step, free float64, held bool, out []tale) []tale {
	if len(b.on) == 0 {
		return out
	}
	for i, x := range b.on {
		out = append(out, tale{kind: doOut, prior: free * o.params.pickUp / float64(len(b.on)), index: i, mean: -x.grams, vari: x.vari + o.noise, held: held})
	}
	if len(b.on) >= awayFrom-1 {
		v := 2*o.noise + o.params.drift*o.params.drift*s.t
		load := s.total - s.grams - max(b.hand, 0)
		out = append(out, tale{kind: doAway, prior: free * o.params.away, mean: -load, vari: v, held: held})
		if held {
			out = append(out, tale{kind: doAway, prior: swiftly * o.params.away, mean: -load, vari: v, held: true})
		}
	}
	return out
}

// placing are the tales in which something that waits comes, or is made use of.
func (o *oracle) placing(b *belief, out []tale) []tale {
	p := o.params
	n := min(len(b.wait), 4)
	one := 1 - p.pair - p.early - p.held - p.frame
	for set := 1; set < 1<<n; set++ {
		size, mean, vari := 0, 0.0, o.noise
		first := -1
		for i := range n {
			if set&(1<<i) != 0 {
				m, v := o.weight(b.wait[i])
				size, mean, vari = size+1, mean+m, vari+v
				if first < 0 {
					first = i
				}
			}
		}
		prior := one
		switch {
		case n == 2 && size == 2:
			prior = p.together
		case n == 2:
			prior = (1 - p.together) / 2
		case n > 2 && size == n:
			prior = 0.2
		case n > 2:
			prior = 0.1
		}
		out = append(out, tale{kind: doPlace, prior: prior, set: set, mean: mean, vari: vari})
		out = append(out, tale{kind: doPlace, prior: prior * p.repack * float64(size), set: set, mean: mean, vari: vari + repackVar(p, mean)/float64(size*size)})
		if size == 1 {
			out = o.cheating(b, set, b.wait[first], out)
			out = o.swift(b, set, prior, mean, vari, out)
		}
	}
	return out
}

// swift are the tales in which set comes, and something is taken out before the
// load has settled.
func (o *oracle) swift(b *belief, set int, prior, mean, vari float64, out []tale) []tale {
	if b.away != 0 {
		return out
	}
	each := prior * swiftly * o.params.pickUp / float64(max(len(b.on), 1))
	for i, x := range b.on {
		out = append(out, tale{kind: doSwift, prior: each, set: set, index: i, mean: mean - x.grams, vari: vari + x.vari})
	}
	return out
}

// cheating are the tales in which line is scanned and something else comes.
func (o *oracle) cheating(b *belief, set, line int, out []tale) []tale {
	p := o.params
	mean, vari := o.weight(line)
	sold := o.lines[line].p.known > 0
	share := 1 / float64(len(b.wait))
	out = append(out, tale{kind: doFrame, prior: p.frame * share, set: set, wide: func(x float64) float64 {
		sd := math.Sqrt(vari/4 + o.noise) // half of what the piece itself varies by, about
		return (normalBelow((x-frameLow*mean)/sd) - normalBelow((x-frameHigh*mean)/sd)) / ((frameHigh - frameLow) * mean)
	}})
	if b.deed >= 0 {
		return out
	}
	if !sold {
		out = append(out, tale{kind: doSwap, prior: share * p.adverse * swap.share(), set: set, wide: o.dear.at})
		out = append(out, tale{kind: doWith, prior: share * p.adverse * double.share(), set: set, mean: 2 * mean, vari: 2*vari + o.noise})
	}
	sd := math.Sqrt(vari + o.noise)
	return append(out, tale{kind: doWith, prior: share * p.adverse * hide.share(), set: set, wide: func(x float64) float64 {
		return (normalBelow((x-mean-hideLow)/sd) - normalBelow((x-mean-hideHigh)/sd)) / (hideHigh - hideLow)
	}})
}

// after is the belief when a story is true.
func (o *oracle) after(st *story, s step) belief {
	b := o.beam[st.belief]
	b.w = st.w
	x := s.grams
	switch st.hand {
	case handComes:
		b.hand = st.grams
		x -= st.grams
	case handGoes:
		x += b.hand
		b.hand = 0
	case handStays:
	}
	t := &st.tale
	if t.held {
		b.wait = nil
	}
	switch t.kind {
	case doPlace:
		o.bag(&b, t.set, x)
	case doFrame, doSwap, doWith:
		o.bag(&b, t.set, x)
		if t.kind != doFrame {
			b.bad, b.deed = true, s.t
		}
	case doSwift:
		gone := b.on[t.index]
		o.bag(&b, t.set, x+gone.grams)
		b.away, b.awayV = gone.grams, gone.vari
	case doEarly:
		b.debt, b.owed = x, s.t
	case doBag:
		b.said, b.bag = false, true
	case doBad:
		b.bag = b.bag || b.said
		b.bad, b.deed, b.said = true, s.t, false
		b.on = with(b.on, weighedOn{-1, x, o.noise})
	case doOut:
		b.away, b.awayV = -x, o.noise
		if st.hand != handStays {
			b.away, b.awayV = b.on[t.index].grams, b.on[t.index].vari
		}
	case doBack:
		b.away = 0
	case doAway:
		b.on = nil // what is unpaid is so in the bag that left, too
	case doNothing:
		if st.hand == handStays {
			b.hand += x
		}
	case doWrong:
	}
	return b
}

// bag takes the set from what waits and lays it on the scale, x grams together.
func (o *oracle) bag(b *belief, set int, x float64) {
	var left []int
	mean, vari := 0.0, 0.0
	for i, line := range b.wait {
		if i < 4 && set&(1<<i) != 0 {
			m, v := o.weight(line)
			mean, vari = mean+m, vari+v
		}
	}
	for i, line := range b.wait {
		if i >= 4 || set&(1<<i) == 0 {
			left = append(left, line)
			continue
		}
		m, v := o.weight(line)
		part := v / max(vari, 1e-9)
		b.on = with(b.on, weighedOn{line, m + part*(x-mean), o.noise + v*(1-part)})
	}
	b.wait, b.since = left, o.now
}
