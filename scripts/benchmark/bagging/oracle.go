package main

import (
	"cmp"
	"math"
	"slices"
)

// An oracle is the limit: a Bayes test over the world's own stories that knows
// what nobody knows: what each article weighs at present and how much that
// varies, how often people do what, how often and in what ways they cheat, the
// scale's noise. It keeps the likeliest beliefs about a trip side by side. What
// it may not know is the trip itself: it sees the samples, the scans, the bag
// button and pay, each when it comes, and after its alarms what a person found, as
// the rules do. It is never asked what a move was or what the very piece weighs.
//
// It is told more than parameters, though: the order in which shoppers here do
// things, that nobody cheats twice in a trip, that what is unpaid comes between
// two articles or in the place of one. A check that must serve shops unlike this
// one cannot be told that, so what is left between the two is partly the price of
// serving any shop.
type oracle struct {
	theta    float64
	lag      float64 // an unpaid thing counts this long after it came, or at pay
	writeOff float64 // ... and this long at most, at pay too; 0: for good
	params   params
	noise    float64 // variance of a step
	any      table   // weights of articles
	dear     table   // ... of dear ones
	loaded   table   // ... of one in a bag

	seen  map[*trip][]memory // of one that must reckon with learned weights: those, by line
	peaks map[*trip]float64  // the greatest doubt of a trip without alarms

	trip    *trip
	now     float64
	peak    float64
	looked  float64 // when a person did
	scans   int
	lines   []mark // by line
	beam    []belief
	stories []story
	alarms  []float64
}

// A belief is one account of a trip.
type belief struct {
	w     float64
	wait  []int // lines that are to be bagged
	since float64
	on    []weighedOn
	away  float64 // taken out, to come back; 0: nothing
	awayV float64
	hand  float64 // on the scale; 0: none
	debt  float64 // bagged, its scan to come; 0: none
	owed  float64 // since when
	said  bool    // the bag button, its bag to come
	bag   bool    // an own bag came
	bad   bool    // something unpaid came
	deed  float64 // ... when
}

// weighedOn is an article on the scale, as it was weighed.
type weighedOn struct {
	line        int
	grams, vari float64
}

const (
	keepSort  = 24 // beliefs kept of each sort
	lookSec   = 0.5
	unlikely  = 1e-9 // share below which a belief is dropped
	impatient = 1e-4 // chance of what the world never does: steps seen wrongly
)

func newOracle(s *set) *oracle {
	any := s.world.pieces(s.world.share)
	return &oracle{
		lag: s.params.wait, writeOff: detectedIn, params: s.params, noise: (stepVariance(s.params, oracleStill) + stepVariance(s.params, 20)) / 2,
		peaks: map[*trip]float64{}, any: any, dear: s.world.pieces(s.world.dear), loaded: any.plusBag(),
	}
}

func (o *oracle) at(x float64) lane {
	c := *o
	c.theta, c.beam, c.stories, c.lines = x, nil, nil, nil
	return &c
}

// foresee notes the greatest doubt of each trip, so that those that no threshold
// would stop need not be gone through again.
func (o *oracle) foresee(trips []*trip) {
	o.theta = 2
	for _, t := range trips {
		o.walk(t)
		o.peaks[t] = o.peak
	}
}

func (o *oracle) walk(t *trip) []float64 {
	if peak, ok := o.peaks[t]; ok && peak < o.theta {
		return nil
	}
	o.trip, o.now, o.scans, o.alarms, o.lines = t, 0, 0, nil, o.lines[:0]
	o.peak, o.looked = 0, -1
	o.beam = append(o.beam[:0], belief{w: 1, deed: -1})
	marks, steps := t.marks, t.fast
	for len(marks) > 0 || len(steps) > 0 {
		if n := len(o.alarms); n > 0 && t.over(o.alarms[n-1]) {
			return o.alarms
		}
		if len(steps) == 0 || len(marks) > 0 && marks[0].t <= steps[0].t {
			m := marks[0]
			marks = marks[1:]
			o.until(m.t)
			switch m.kind {
			case markScan:
				o.scan(m, len(steps) > 0 && steps[0].from+sampleSec < m.t)
			case markOwnBag:
				for i := range o.beam {
					o.beam[i].said = true
				}
			case markPay:
			}
			continue
		}
		o.until(steps[0].t)
		if s := t.since(steps[0], o.looked); math.Abs(s.grams) > feel(o.params) {
			o.step(s)
		}
		steps = steps[1:]
	}
	o.until(t.pay + lastLook)
	o.judge(true)
	return o.alarms
}

// until lets time pass, and looks at what is doubted every half second.
func (o *oracle) until(t float64) {
	for o.now+lookSec < t && o.doubts() {
		o.age(o.now + lookSec)
		o.judge(false)
	}
	o.age(max(t, o.now))
	o.judge(false)
}

func (o *oracle) doubts() bool {
	return slices.ContainsFunc(o.beam, func(b belief) bool { return b.bad })
}

// survives is how likely what comes after about median seconds has not come yet.
func survives(dt, median, sigma float64) float64 {
	return max(logNormalAbove(dt, median, sigma), impatient)
}

// unbagged is how likely a scanned article is not bagged yet, and how likely
// that is without the ones that never are.
func (o *oracle) unbagged(dt float64) (all, yet float64) {
	yet = survives(dt, bagAfter*1.3, 0.6)
	return o.params.held + (1-o.params.held)*yet, yet
}

// age lets time speak: what promised to end and did not grows less likely.
func (o *oracle) age(t float64) {
	dt := t - o.now
	if dt <= 0 {
		return
	}
	for i := range o.beam {
		b := &o.beam[i]
		if b.hand != 0 {
			b.w *= math.Exp(-dt / o.params.leanSec)
		}
		if b.debt > 0 {
			b.w *= survives(t-b.owed, earlyAfter, paceSpread) / survives(o.now-b.owed, earlyAfter, paceSpread)
		}
		if len(b.wait) > 0 {
			now, _ := o.unbagged(t - b.since)
			was, _ := o.unbagged(o.now - b.since)
			b.w *= now / was
		}
		if b.bad && o.writeOff > 0 && t-b.deed > o.writeOff {
			b.bad = false
		}
	}
	o.now = t
	o.tidy()
}

// scan adds a line to what waits, or finds what came before its scan.
func (o *oracle) scan(m mark, moving bool) {
	for len(o.lines) <= m.line {
		o.lines = append(o.lines, mark{})
	}
	o.lines[m.line] = m
	o.scans++
	var next []belief
	for _, b := range o.beam {
		next = append(next, o.scanned(b, m, moving)...)
	}
	o.beam = next
	o.tidy()
}

func (o *oracle) scanned(b belief, m mark, moving bool) []belief {
	var out []belief
	if b.debt > 0 {
		mean, vari := o.weight(m.line)
		paid := b
		paid.w *= (normal(b.debt-mean, vari+o.noise) + o.params.repack*normal(b.debt-mean, repackVar(o.params, mean)+vari)) / max(o.any.at(b.debt), 1e-9)
		paid.on = with(b.on, weighedOn{m.line, b.debt, o.noise})
		paid.debt = 0
		out = append(out, paid)
		b.w *= 0.02
	}
	if b.away != 0 {
		b.w *= 0.02
	}
	if len(b.wait) == 0 {
		b.wait, b.since = []int{m.line}, o.now
		return append(out, b)
	}
	all, yet := o.unbagged(o.now - b.since)
	// The one that waited is never bagged.
	held := b
	held.w *= o.params.held / all
	held.wait, held.since = []int{m.line}, o.now
	// It is of a pair, or lies on the scale and was not seen yet.
	also := o.params.pair
	if len(b.wait) > 1 {
		also = 0.01
	}
	if moving {
		also += 1 - o.params.pair
	}
	b.w *= also * yet / all
	b.wait, b.since = with(b.wait, m.line), o.now
	return append(out, held, b)
}

// with is a copy of s with x at its end.
func with[T any](s []T, x T) []T { return append(slices.Clip(s), x) }

// weight is what a line weighs and its variance, as only the world knows.
func (o *oracle) weight(line int) (mean, vari float64) {
	p := o.lines[line].p
	if p.known > 0 {
		return p.known, producePrec * producePrec / 12
	}
	if seen := o.seen[o.trip]; seen != nil {
		return seen[line].mean, seen[line].spread2()
	}
	return p.mean, p.sd * p.sd
}

func repackVar(p params, mean float64) float64 { return p.repackSD * p.repackSD * mean * mean }

// tidy adds up equal beliefs, keeps the best of both sorts and makes the shares
// sum to one.
func (o *oracle) tidy() {
	type key struct {
		wait             [4]int
		n, on            int
		away, hand, debt float64
		deed             float64
		said, bag, bad   bool
	}
	slices.SortStableFunc(o.beam, func(a, b belief) int { return cmp.Compare(b.w, a.w) })
	seen := make(map[key]int, len(o.beam))
	n, sum := 0, 0.0
	var kept [2]int
	for _, b := range o.beam {
		if !(b.w > unlikely*o.beam[0].w) {
			break
		}
		k := key{n: len(b.wait), on: len(b.on), away: b.away, hand: b.hand, debt: b.debt, deed: b.deed, said: b.said, bag: b.bag, bad: b.bad}
		copy(k.wait[:], b.wait)
		if i, ok := seen[k]; ok {
			o.beam[i].w += b.w
			sum += b.w
			continue
		}
		sort := 0
		if b.bad {
			sort = 1
		}
		if kept[sort] == keepSort {
			continue
		}
		kept[sort]++
		seen[k] = n
		o.beam[n] = b
		n++
		sum += b.w
	}
	o.beam = o.beam[:n]
	for i := range o.beam {
		o.beam[i].w /= sum
	}
}

// judge alarms when something unpaid is on the scale with probability theta.
func (o *oracle) judge(last bool) {
	bad, all := 0.0, 0.0
	paid := o.now >= o.trip.pay
	for i := range o.beam {
		b := &o.beam[i]
		w := b.w
		if paid || last {
			w *= o.final(b)
		}
		all += w
		if b.bad && (o.now-b.deed >= o.lag || paid || last) {
			bad += w
		}
	}
	o.peak = max(o.peak, bad/all)
	if bad < o.theta*all || all <= 0 {
		return
	}
	o.alarms = append(o.alarms, o.now)
	o.told()
}

// final is how likely an account is, once nothing more is to come.
func (o *oracle) final(b *belief) float64 {
	w := 1.0
	if len(b.wait) > 0 {
		all, _ := o.unbagged(o.now - b.since)
		w *= o.params.held / all
	}
	if b.debt > 0 || b.away != 0 || b.said {
		w *= impatient
	}
	return w
}

// told takes what a person found as the truth.
func (o *oracle) told() {
	tr := o.trip.truth(o.now)
	o.looked = o.now
	b := o.beam[0]
	o.beam = append(o.beam[:0], belief{w: 1, wait: tr.waiting, since: o.now, on: b.on, away: tr.out, awayV: o.noise, hand: tr.hand, said: tr.bagSaid, bag: b.bag || o.now > 4, deed: -1})
	if len(tr.soon) > 0 {
		for _, m := range o.trip.moves {
			if m.line == tr.soon[0] && m.t <= o.now {
				o.beam[0].debt, o.beam[0].owed = m.grams, m.t
			}
		}
	}
}
