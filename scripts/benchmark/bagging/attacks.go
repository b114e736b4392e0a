package main

import "math"

// An attack is a way to leave with what nobody paid for. "" is none.
type attack string

const (
	extra     attack = "extra"     // an article bagged without a scan
	swap      attack = "swap"      // a cheap label scanned, a dear article bagged
	swapNear  attack = "swap-near" // ... the best of twenty labels by weight
	double    attack = "double"    // one scanned, two of the same bagged
	hide      attack = "hide"      // something small bagged with a scanned article
	loadedBag attack = "loadedbag" // the own bag comes with an article in it
	offScale  attack = "offscale"  // never touches the scale
	banana    attack = "banana"    // weighed as something cheaper: the weight is right
)

func attacks() []attack {
	return []attack{extra, swap, double, hide, loadedBag, swapNear, offScale, banana}
}

// share is the part of an attack in the mix.
func (a attack) share() float64 {
	switch a {
	case extra:
		return 0.5
	case swap:
		return 0.25
	case double, hide:
		return 0.1
	case loadedBag:
		return 0.05
	default:
		return 0
	}
}

func (s *shopping) attack(a attack) {
	switch a {
	case extra:
		s.put(s.buy().grams, unpaid, -1)
	case swap, swapNear:
		dear := s.take(s.draw(s.dear))
		cheap := s.label(dear.grams, a)
		line := s.scan(cheap)
		s.pace(bagAfter)
		s.put(dear.grams, unpaid, line)
	case double:
		i := s.packagedArticle()
		p, q := s.take(i), s.take(i)
		line := s.scan(p)
		s.pace(bagAfter)
		s.put(p.grams+q.grams, unpaid, line)
	case hide:
		p := s.buy()
		line := s.scan(p)
		s.pace(bagAfter)
		s.put(p.grams+s.between(hideLow, hideHigh), unpaid, line)
	case banana:
		p := s.take(s.draw(s.dear))
		p.known = max(producePrec*math.Round(p.grams/producePrec), producePrec)
		line := s.scan(p)
		s.pace(bagAfter)
		s.put(p.grams, unpaid, line)
	case offScale, loadedBag:
	}
	s.deed = s.t
}

// label is the cheap article whose label is scanned for one of grams.
func (s *shopping) label(grams float64, a attack) piece {
	best := s.take(s.cheap[s.rng.IntN(len(s.cheap))])
	if a == swapNear {
		for range nearLabels - 1 {
			p := s.take(s.cheap[s.rng.IntN(len(s.cheap))])
			if math.Abs(p.mean-grams) < math.Abs(best.mean-grams) {
				best = p
			}
		}
	}
	return best
}

// packagedArticle is a popular article that is not sold by weight.
func (s *shopping) packagedArticle() int {
	for {
		if i := s.draw(s.share); !s.arts[i].priced() {
			return i
		}
	}
}

func (s *shopping) loadedBag() {
	s.say(markOwnBag)
	s.pace(1.2)
	s.bag = s.bagGrams() + s.buy().grams
	s.move(s.bag, unpaid, -1)
	s.deed = s.t
	s.pace(scanAfter)
}
