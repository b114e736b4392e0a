package main

import "math"

// article is what an honest shopper does with the next article, mishaps
// included. A pair counts as two.
func (s *shopping) article() {
	begin := s.t
	s.items++
	p := s.buy()
	switch u := s.rng.Float64(); {
	case u < s.pair:
		s.items++
		s.twoScanned(p, s.buy())
	case u < s.pair+s.early:
		s.put(p.grams, tooEarly, s.line)
		s.pace(earlyAfter)
		s.scan(p)
	case u < s.pair+s.early+s.held:
		s.scan(p)
		s.pace(bagAfter)
	case u < s.pair+s.early+s.held+s.frame:
		line := s.scan(p)
		s.pace(bagAfter)
		s.put(p.grams*s.between(frameLow, frameHigh), atFrame, line)
	default:
		line := s.scan(p)
		s.pace(bagAfter)
		s.put(p.grams, placed, line)
	}
	if s.chance(s.lean) {
		s.leans(begin)
	}
	if len(s.in) > 0 && s.chance(s.pickUp) {
		s.pace(1)
		back := s.in[s.rng.IntN(len(s.in))]
		s.move(-back.grams, takenOut, -1)
		s.pace(returnAfter)
		s.move(back.grams, putBack, -1)
	}
	if len(s.in) >= awayFrom && s.chance(s.away) {
		s.pace(1)
		s.move(-s.onScale(), bagWent, -1)
		s.in, s.bag = s.in[:0], 0
	}
}

func (s *shopping) onScale() float64 {
	g := s.bag
	for _, x := range s.in {
		g += x.grams
	}
	return g
}

// twoScanned scans both before bagging either, in any order.
func (s *shopping) twoScanned(p, q piece) {
	i := s.scan(p)
	s.pace(pairAfter)
	j := s.scan(q)
	s.pace(bagAfter)
	if s.chance(0.5) {
		p, q, i, j = q, p, j, i
	}
	what := placed
	if s.chance(s.together) {
		what = merged
	}
	s.put(p.grams, what, i)
	if what == merged {
		s.t += s.between(0, 0.15)
	} else {
		s.pace(pairAfter)
	}
	s.put(q.grams, what, j)
}

// leans lets a hand rest on the scale at some time since begin; it holds up
// nothing else.
func (s *shopping) leans(begin float64) {
	g := math.Exp(math.Log(handMedian) + handSigma*s.rng.NormFloat64())
	if s.chance(s.leanLift) {
		g = -min(g, s.onScale())
	}
	now := s.t
	s.t = s.between(begin, now)
	s.move(g, handOn, -1)
	s.t += s.rng.ExpFloat64() * s.leanSec
	s.move(-g, handOff, -1)
	s.t = now
}

func (s *shopping) ownBag() {
	if s.chance(s.bagSaid) {
		s.say(markOwnBag)
		s.pace(1.2)
	}
	s.bag = s.bagGrams()
	s.move(s.bag, bagCame, -1)
	s.pace(scanAfter)
}

func (s *shopping) bagGrams() float64 {
	return math.Exp(math.Log(bagMedian) + bagSigma*s.rng.NormFloat64())
}
