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
	items  int
	trips  int
	alarms int // on honest trips
	called int // honest trips with an alarm
	causes map[cause]int
	caught map[attack]float64 // share
}

// per100 is false alarms per 100 honest articles.
func (p point) per100() float64 { return 100 * float64(p.alarms) / float64(p.items) }

// perTrip is the share of honest trips with a false alarm.
func (p point) perTrip() float64 { return float64(p.called) / float64(p.trips) }

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

// newSet makes the trips: the world goes through the training and the honest
// trips; each kind of attack happens in the shop as it is then.
func newSet(p params, seed uint64, n sizes) *set {
	w := newWorld(p, seed)
	s := &set{params: p, seed: seed, world: w, cat: slices.Clone(w.arts), attacks: map[attack][]*trip{}}
	for range n.train {
		s.train = append(s.train, w.shop(""))
	}
	for range n.honest {
		s.honest = append(s.honest, w.shop(""))
	}
	for i, a := range attacks() {
		c, many := w.clone(seed*100+uint64(i)), n.attacks
		if a.share() == 0 {
			many = n.controls
		}
		for range many {
			s.attacks[a] = append(s.attacks[a], c.shop(a))
		}
	}
	return s
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

// try measures one threshold.
func try(l lane, x float64, s *set) point {
	l = l.at(x)
	p := point{x: x, causes: map[cause]int{}, caught: map[attack]float64{}}
	for _, t := range s.honest {
		alarms := l.walk(t)
		p.items += t.items
		p.trips++
		p.alarms += len(alarms)
		if len(alarms) > 0 {
			p.called++
		}
		for _, at := range alarms {
			p.causes[t.near(at-grace)]++
		}
	}
	for a, trips := range s.attacks {
		if len(trips) == 0 {
			continue
		}
		l, n := l.at(x), 0
		for _, t := range trips {
			if detected(t, l.walk(t)) {
				n++
			}
		}
		p.caught[a] = float64(n) / float64(len(trips))
	}
	return p
}

// sweep measures all thresholds of c on s, on up to workers cores.
func sweep(c contestant, s *set, workers int) []point {
	l := c.trained(s)
	points := make([]point, len(c.thresholds))
	next := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				points[i] = try(l, c.thresholds[i], s)
			}
		})
	}
	for i := range c.thresholds {
		next <- i
	}
	close(next)
	wg.Wait()
	return points
}

// alarmsAt is the false alarms per 100 articles at a detection of the mix: on
// the line, in the logarithm of alarms, between the points about it, and where
// several do, the least. NaN where none gets there.
func alarmsAt(points []point, detection float64, of func(point) float64) float64 {
	best := math.NaN()
	take := func(x float64) {
		if !(x >= best) {
			best = x
		}
	}
	for i, p := range points {
		if p.mix() >= detection {
			take(of(p))
		}
		if i == 0 {
			continue
		}
		a, b := points[i-1], p
		if a.mix() > b.mix() {
			a, b = b, a
		}
		if a.mix() < detection && b.mix() >= detection {
			f := (detection - a.mix()) / (b.mix() - a.mix())
			least := 0.3 * of(point{items: a.items, trips: a.trips, alarms: 1, called: 1})
			x, y := max(of(a), least), max(of(b), least)
			take(math.Exp(math.Log(x) + f*(math.Log(y)-math.Log(x))))
		}
	}
	return best
}
