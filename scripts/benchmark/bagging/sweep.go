package main

import (
	"math"
	"slices"
	"sync"
)

// A lane is a way to decide, on its way through trips, learning from them.
type lane interface {
	// walk goes through one trip and returns the times of its alarms in
	// seconds. After each a person looks and sets it right.
	walk(t *trip) []float64
	// at is a copy that knows the same and decides by threshold x.
	at(x float64) lane
}

// A contestant is a kind of lane and the thresholds it is tried with.
type contestant struct {
	name       string
	train      float64 // threshold while learning
	thresholds []float64
	make       func(s *set) lane
}

// A point is what one threshold does.
type point struct {
	x      float64
	per100 float64            // false alarms per 100 honest articles
	trips  float64            // share of honest trips with a false alarm
	caught map[attack]float64 // share detected
	causes map[cause]int
}

// mix is the share detected of the mix of attacks.
func (p point) mix() float64 {
	sum := 0.0
	for _, a := range attacks() {
		sum += a.share() * p.caught[a]
	}
	return sum
}

// sizes are how many trips of each kind a seed has.
type sizes struct{ train, honest, attacks, controls int }

// A set is the trips of one seed.
type set struct {
	params  params
	seed    uint64
	world   *world // at the end of the honest trips
	cat     []article
	train   []*trip
	honest  []*trip
	attacks map[attack][]*trip
}

// newSet makes the trips: the world goes through the training trips, some of
// them with attacks, and the honest trips; each kind of attack happens in the
// shop as it is then, a few trips at a time, as lanes go through them: what
// changes in the shop meanwhile nobody could have learned.
func newSet(p params, seed uint64, n sizes) *set {
	switch {
	case p.train > 0:
		n.train = p.train
	case p.train < 0:
		n.train = 0
	}
	w := newWorld(p, seed)
	s := &set{params: p, seed: seed, world: w, cat: slices.Clone(w.arts), attacks: map[attack][]*trip{}}
	for range n.train {
		s.train = append(s.train, w.shop(w.anyAttack()))
	}
	for range n.honest {
		s.honest = append(s.honest, w.shop(""))
	}
	for i, a := range attacks() {
		many := n.attacks
		if a.share() == 0 {
			many = n.controls
		}
		var then *world
		for j := range many {
			if j%fewThieves == 0 {
				then = w.clone((seed*100+uint64(i))*1000 + uint64(j))
			}
			s.attacks[a] = append(s.attacks[a], then.shop(a))
		}
	}
	return s
}

// anyAttack is "" or an attack of the mix, as often as they happen.
func (w *world) anyAttack() attack {
	if !w.chance(w.adverse * w.items) {
		return ""
	}
	u := w.rng.Float64()
	for _, a := range attacks() {
		if u -= a.share(); u < 0 {
			return a
		}
	}
	return extra
}

// detectedIn is how long after the deed an alarm counts, in seconds. At pay one
// counts whenever the deed was.
const detectedIn = 15.0

func detected(t *trip, alarms []float64) bool {
	return slices.ContainsFunc(alarms, func(at float64) bool {
		return at >= t.deed && (at <= t.deed+detectedIn || at >= t.pay)
	})
}

// trained is c after the training trips of s.
func (c contestant) trained(s *set) lane {
	l := c.make(s).at(c.train)
	if o, knows := l.(*oracle); knows {
		o.foresee(s.honest)
		return l
	}
	for _, t := range s.train {
		l.walk(t)
	}
	return l
}

// fewThieves is how many trips with an attack a lane sees before it is again the
// one of the honest trips: in a shop one trip in thirty has one, and a lane that
// has just seen hundreds has learned from them what no lane would.
const fewThieves = 10

// try measures one threshold: on the honest trips, and on the attacks with what
// was known after those.
func try(l lane, x float64, s *set) point {
	known := l
	l = known.at(x)
	p := point{x: x, causes: map[cause]int{}, caught: map[attack]float64{}}
	items, called, false := 0, 0, 0
	for _, t := range s.honest {
		alarms := l.walk(t)
		items += t.items
		false += len(alarms)
		if len(alarms) > 0 {
			called++
		}
		for _, at := range alarms {
			p.causes[t.near(at-s.params.wait)]++
		}
	}
	p.per100 = 100 * float64(false) / float64(max(items, 1))
	p.trips = float64(called) / float64(max(len(s.honest), 1))
	for _, a := range attacks() {
		c, n := l, 0
		for i, t := range s.attacks[a] {
			if i%fewThieves == 0 {
				c = l.at(x)
			}
			if detected(t, c.walk(t)) {
				n++
			}
		}
		p.caught[a] = float64(n) / float64(max(len(s.attacks[a]), 1))
	}
	return p
}

// sweep measures all thresholds of c on s.
func sweep(c contestant, s *set) []point {
	l := c.trained(s)
	points := make([]point, 0, len(c.thresholds))
	for _, x := range c.thresholds {
		points = append(points, try(l, x, s))
	}
	return points
}

// level is what points do at a detection of the mix: on the line between the
// two about it, in the logarithm of false alarms; where several are, or one
// does better at fewer, the one with the least. It is false where none gets
// there.
func level(points []point, detection float64) (point, bool) {
	best, ok := point{per100: math.Inf(1)}, false
	for i, p := range points {
		if p.mix() >= detection && p.per100 < best.per100 {
			best, ok = p, true
		}
		if i == 0 {
			continue
		}
		a, b := points[i-1], p
		if a.mix() > b.mix() {
			a, b = b, a
		}
		if a.mix() < detection && b.mix() >= detection {
			if p := between(a, b, (detection-a.mix())/(b.mix()-a.mix())); p.per100 < best.per100 {
				best, ok = p, true
			}
		}
	}
	return best, ok
}

// between is the point a part f of the way from a to b.
func between(a, b point, f float64) point {
	const least = 1e-3 // what nobody saw is not nothing
	mid := func(x, y float64) float64 {
		return math.Exp((1-f)*math.Log(max(x, least)) + f*math.Log(max(y, least)))
	}
	p := point{x: mid(a.x, b.x), per100: mid(a.per100, b.per100), trips: mid(a.trips, b.trips), caught: map[attack]float64{}}
	for _, k := range attacks() {
		p.caught[k] = (1-f)*a.caught[k] + f*b.caught[k]
	}
	return p
}

// parallel does job 0 to n-1 on as many cores as workers says.
func parallel(n, workers int, job func(i int)) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(workers, n) {
		wg.Go(func() {
			for i := range next {
				job(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
