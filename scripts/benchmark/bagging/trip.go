package main

import (
	"cmp"
	"math"
	"slices"
)

// A mark is what the lane knows besides the weight.
type mark struct {
	t    float64 // seconds since the trip began
	kind markKind
	line int   // of a scan, from 0
	art  int   // ... its article
	p    piece // ... and what there was to know of it
}

type markKind uint8

const (
	markScan markKind = iota
	markOwnBag
	markPay
)

// A move is what really happens on the platform. Only the scale, the attendant
// and the book-keeping of causes see it.
type move struct {
	t, grams float64
	what     cause
	line     int // -1: none
}

// A cause names a move.
type cause string

const (
	placed   cause = "placed"
	merged   cause = "two at once"
	atFrame  cause = "on the frame"
	tooEarly cause = "before its scan"
	handOn   cause = "hand on"
	handOff  cause = "hand off"
	bagCame  cause = "own bag"
	takenOut cause = "taken out"
	putBack  cause = "put back"
	bagWent  cause = "bag taken away"
	unpaid   cause = "unpaid"
)

// A trip is one shopper from the first touch to three seconds after pay.
type trip struct {
	class   attack
	items   int // honest articles
	marks   []mark
	moves   []move
	deed    float64 // when the attack was done; < 0: none
	pay     float64
	samples []float32 // grams, ten a second from time 0
	steps   []step    // as the settling of the comparison sees them
	fast    []step    // ... with the oracle's shorter wait
}

const (
	sampleSec = 0.1
	afterPay  = 3.0
)

// A shopping is a trip in the making.
type shopping struct {
	*world
	trip
	t    float64
	line int
	in   []onScale
	bag  float64
}

// onScale is an article that lies in the bag, with what of it weighs.
type onScale struct {
	line  int
	grams float64
}

// pace waits about median seconds.
func (s *shopping) pace(median float64) {
	s.t += median * math.Exp(paceSpread*s.rng.NormFloat64())
}

func (s *shopping) scan(p piece) int {
	s.marks = append(s.marks, mark{t: s.t, kind: markScan, line: s.line, art: p.art, p: p})
	s.line++
	return s.line - 1
}

func (s *shopping) say(k markKind) { s.marks = append(s.marks, mark{t: s.t, kind: k}) }

func (s *shopping) move(grams float64, what cause, line int) {
	s.moves = append(s.moves, move{s.t, grams, what, line})
}

func (s *shopping) put(grams float64, what cause, line int) {
	s.move(grams, what, line)
	s.in = append(s.in, onScale{line, grams})
}

// shop makes a trip; class "" is an honest one.
func (w *world) shop(class attack) *trip {
	s := &shopping{world: w, trip: trip{class: class, deed: -1}}
	s.pace(1.5)
	n := 1 + int(w.rng.ExpFloat64()*(w.items-0.5))
	at := w.rng.IntN(n)
	switch {
	case class == loadedBag:
		s.loadedBag()
	case w.chance(w.ownBag):
		s.ownBag()
	}
	for i := range n {
		if i == at && class != "" && class != loadedBag {
			s.attack(class)
			s.pace(scanAfter)
		}
		s.article()
		s.pace(scanAfter)
	}
	s.pace(2)
	s.say(markPay)
	s.pay = s.t
	slices.SortStableFunc(s.marks, func(a, b mark) int { return cmp.Compare(a.t, b.t) })
	slices.SortStableFunc(s.moves, func(a, b move) int { return cmp.Compare(a.t, b.t) })
	s.samples = w.sample(s.moves, s.pay+afterPay)
	t := s.trip
	t.steps = steps(t.samples, w.params, ruleStill)
	t.fast = steps(t.samples, w.params, oracleStill)
	return &t
}

// truth is what an attendant finds who looks at time t: the lines that still
// are to be bagged, the weight of a hand that is on the scale, and what was
// taken out to come back.
type truth struct {
	waiting []int
	soon    []int // on the scale, their scan to come
	hand    float64
	out     float64
	bagSaid bool // the button was pressed, the bag is to come
}

func (t *trip) truth(at float64) truth {
	var tr truth
	on := map[int]bool{}
	said, bags := false, 0
	for _, m := range t.moves {
		if m.t > at {
			break
		}
		switch m.what {
		case handOn, handOff:
			tr.hand += m.grams
		case takenOut, putBack:
			tr.out -= m.grams
		case bagCame:
			bags++
		case placed, merged, atFrame, tooEarly, unpaid, bagWent:
		}
		if m.line >= 0 {
			on[m.line] = true
		}
	}
	scanned := map[int]bool{}
	for _, m := range t.marks {
		if m.t > at {
			break
		}
		switch m.kind {
		case markPay:
		case markOwnBag:
			said = true
		case markScan:
			scanned[m.line] = true
			if !on[m.line] {
				tr.waiting = append(tr.waiting, m.line)
			}
		}
	}
	for line := range on {
		if !scanned[line] {
			tr.soon = append(tr.soon, line)
		}
	}
	slices.Sort(tr.soon)
	if math.Abs(tr.hand) < 0.5 {
		tr.hand = 0
	}
	if math.Abs(tr.out) < 0.5 {
		tr.out = 0
	}
	tr.bagSaid = said && bags == 0
	return tr
}

// since is what of a step the person who came at time at has not seen: the
// moves before that are settled with them.
func (t *trip) since(s step, at float64) step {
	if at < s.from || at > s.t {
		return s
	}
	for _, m := range t.moves {
		if m.t > s.from-sampleSec && m.t <= at {
			s.grams -= m.grams
		}
	}
	return s
}

// over reports whether nothing after an alarm at time at can count any more:
// the person who came has found the attack.
func (t *trip) over(at float64) bool { return t.deed >= 0 && at >= t.deed }

// near names the last thing that happened on the platform before time t.
func (t *trip) near(at float64) cause {
	c := cause("nothing")
	for _, m := range t.moves {
		if m.t > at {
			break
		}
		c = m.what
	}
	return c
}
