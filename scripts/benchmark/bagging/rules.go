package main

import (
	"maps"
	"math"
	"slices"
)

// A rule is a tolerance about the learned weight, the way shops have it, with
// what makes it as good as such a rule can be: subsets of what waits, a time of
// grace, pending changes added up, reversals forgotten.
type rule struct {
	tolerance func(x, mean, vari float64) float64 // grams, for threshold x
	bagGrams  float64                             // any step up to this is a bag; 0: only after the button
	classic   bool                                // removals and what is missing alarm too

	x      float64
	params params
	cat    []article
	known  map[int]memory

	trip    *trip
	waiting []waits
	pending []pending
	gone    float64
	said    bool // the bag button
	alarms  []float64
	looked  float64 // when a person did
}

// waits is a scanned line that is to be bagged.
type waits struct {
	line, art  int
	t          float64
	mean, vari float64
	sold       bool // by weight: teaches nothing
}

// pending is a change that nothing explains yet.
type pending struct{ t, grams float64 }

const (
	missingSec  = 12.0  // classic: ... before what is missing does
	lastLook    = 1.5   // seconds after pay that a rule waits for the load to settle
	bagAllowed  = 120.0 // grams of a bag, after the button or by allowance
	subsetOf    = 8     // newest waiting lines that are combined
	subsetLarge = 3
)

func fixedTolerance(x, _, _ float64) float64 { return x }

func percentTolerance(x, mean, _ float64) float64 { return max(x, 0.05*mean) }

func sigmaTolerance(x, _, vari float64) float64 { return x * math.Sqrt(vari) }

func (r *rule) at(x float64) lane {
	c := *r
	c.x, c.known, c.waiting, c.pending = x, maps.Clone(r.known), nil, nil
	return &c
}

func (r *rule) stepVar() float64 { return stepVariance(r.params, ruleStill) }

func (r *rule) walk(t *trip) []float64 {
	r.trip, r.waiting, r.pending, r.gone, r.said, r.alarms, r.looked = t, r.waiting[:0], r.pending[:0], 0, false, nil, -1
	marks, steps := t.marks, t.steps
	for len(marks) > 0 || len(steps) > 0 {
		if len(steps) == 0 || len(marks) > 0 && marks[0].t <= steps[0].t {
			r.due(marks[0].t)
			r.mark(marks[0])
			marks = marks[1:]
			continue
		}
		r.due(steps[0].t)
		if s := t.since(steps[0], r.looked); math.Abs(s.grams) > feel(r.params) {
			r.step(s)
		}
		steps = steps[1:]
	}
	r.due(t.pay + afterPay)
	return r.alarms
}

// due raises the alarms that are due before time t.
func (r *rule) due(t float64) {
	end := r.trip.pay + lastLook
	for len(r.pending) > 0 {
		p := r.pending[0]
		at := min(p.t+r.params.wait, max(end, p.t))
		if at > t {
			break
		}
		r.alarm(at)
	}
	for r.classic && len(r.waiting) > 0 && min(r.waiting[0].t+missingSec, end) <= t {
		r.alarm(min(r.waiting[0].t+missingSec, end))
	}
}

// alarm calls a person, who sets it right: the rule then knows what waits.
func (r *rule) alarm(at float64) {
	r.alarms, r.looked = append(r.alarms, at), at
	tr := r.trip.truth(at)
	if len(r.waiting) == 1 && len(r.pending) == 1 && r.trip.near(at) == placed && !slices.Contains(tr.waiting, r.waiting[0].line) {
		r.teach(r.waiting[0], r.pending[0].grams, true)
	}
	late := map[int]float64{}
	for _, w := range r.waiting {
		late[w.line] = w.t
	}
	r.waiting = slices.DeleteFunc(r.waiting, func(w waits) bool { return !slices.Contains(tr.waiting, w.line) })
	for _, m := range r.trip.marks {
		if _, is := late[m.line]; m.kind == markScan && !is && slices.Contains(tr.waiting, m.line) {
			r.waiting = append(r.waiting, r.waits(m))
		}
	}
	if r.classic {
		r.waiting = r.waiting[:0] // the person has seen to those too
	}
	r.pending = r.pending[:0]
	r.gone, r.said = tr.out+max(-tr.hand, 0), tr.bagSaid
}

func (r *rule) mark(m mark) {
	switch m.kind {
	case markScan:
		r.waiting = append(r.waiting, r.waits(m))
		r.settlePending()
	case markOwnBag:
		r.said = true
	case markPay:
	}
}

func (r *rule) waits(m mark) waits {
	if m.p.known > 0 {
		return waits{m.line, m.art, m.t, m.p.known, producePrec * producePrec / 12, true}
	}
	k := r.memory(m.art)
	return waits{m.line, m.art, m.t, k.mean, k.spread2(), false}
}

func (r *rule) memory(art int) memory {
	if m, ok := r.known[art]; ok {
		return m
	}
	return fresh(&r.cat[art])
}

func (r *rule) teach(w waits, grams float64, told bool) {
	if w.sold {
		return
	}
	m := r.memory(w.art)
	if told {
		m.told(grams, r.stepVar())
	} else {
		m.saw(grams, r.stepVar())
	}
	r.known[w.art] = m
}

func (r *rule) step(s step) {
	g := s.grams
	if g < 0 {
		r.lighter(s.t, g)
		return
	}
	sum := 0.0
	for _, p := range r.pending {
		sum += p.grams
	}
	switch {
	case r.match(g):
	case len(r.pending) > 0 && r.match(g+sum):
		r.pending = r.pending[:0]
	case r.gone > 0 && math.Abs(g-r.gone) <= r.small():
		r.gone = 0
	case r.gone > 0 && g > r.gone && r.match(g-r.gone):
		r.gone = 0
	case r.said && g <= bagAllowed:
		r.said = false
	case g <= r.bagGrams:
	default:
		r.pending = append(r.pending, pending{s.t, g})
	}
}

// lighter takes a step down: a hand goes, an article leaves.
func (r *rule) lighter(t, g float64) {
	for i, p := range r.pending {
		if math.Abs(p.grams+g) <= r.small() {
			r.pending = slices.Delete(r.pending, i, i+1)
			return
		}
	}
	sum := 0.0
	for _, p := range r.pending {
		sum += p.grams
	}
	switch left := sum + g; {
	case len(r.pending) > 0 && (math.Abs(left) <= r.small() || left > 0 && r.match(left)):
		r.pending = r.pending[:0]
	case left > 0:
		r.pending = append(r.pending[:0], pending{r.pending[0].t, left})
	case r.classic:
		r.pending = append(r.pending, pending{t, g})
	default:
		r.gone -= g
	}
}

// small is how closely two steps must agree to be one and its reversal.
func (r *rule) small() float64 {
	return max(r.tolerance(r.x, 0, 2*r.stepVar()), 2*r.params.division)
}

// settlePending tries what waits on what came before its scan.
func (r *rule) settlePending() {
	sum := 0.0
	for i, p := range r.pending {
		sum += p.grams
		if p.grams > 0 && r.match(p.grams) {
			r.pending = slices.Delete(r.pending, i, i+1)
			return
		}
	}
	if len(r.pending) > 1 && sum > 0 && r.match(sum) {
		r.pending = r.pending[:0]
	}
}

// match takes the waiting lines, up to three of the newest eight, whose weights
// add up to grams best, if any do.
func (r *rule) match(grams float64) bool {
	first := max(len(r.waiting)-subsetOf, 0)
	best, fit := 0, math.Inf(1)
	n := len(r.waiting) - first
	for set := 1; set < 1<<n; set++ {
		size, mean, vari := 0, 0.0, r.stepVar()
		for i := range n {
			if set&(1<<i) != 0 {
				size++
				mean += r.waiting[first+i].mean
				vari += r.waiting[first+i].vari
			}
		}
		if size > subsetLarge {
			continue
		}
		d := math.Abs(grams - mean)
		if z := d/math.Sqrt(vari) + float64(size); d <= r.tolerance(r.x, mean, vari) && z < fit {
			best, fit = set, z
		}
	}
	if best == 0 {
		return false
	}
	if len(r.waiting) == 1 {
		r.teach(r.waiting[0], grams, false)
	}
	i := -1
	r.waiting = slices.DeleteFunc(r.waiting, func(waits) bool {
		i++
		return i >= first && best&(1<<(i-first)) != 0
	})
	return true
}

// stepVariance is the variance of the difference of two settled readings, each
// the mean of n samples: a rounding that the noise does not dither away stays.
func stepVariance(p params, n int) float64 {
	e, s := p.division, p.noise
	stays := e * e / 12 * math.Exp(-4*math.Pi*math.Pi*s*s/(e*e)) // what is left of it on average
	each := (s*s+e*e/12-stays)/float64(n) + stays
	return 2 * each
}
