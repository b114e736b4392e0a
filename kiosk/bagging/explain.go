package bagging

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// A StoryKind is what may have happened when the load changed.
type StoryKind string

// The kinds of stories. The first are honest; from Extra on something unpaid is
// on the scale.
const (
	Bagged    StoryKind = "bagged"     // scanned articles, as they weigh
	Repacked  StoryKind = "repacked"   // a scanned article that now weighs something else
	OnFrame   StoryKind = "frame"      // a scanned article rests partly beside the scale
	WithBag   StoryKind = "with-bag"   // scanned articles in an own bag
	OwnBagPut StoryKind = "own-bag"    // an own bag
	Hand      StoryKind = "hand"       // a hand or a child, alone or with an article
	Early     StoryKind = "early"      // an article whose scan is still to come
	OwnThing  StoryKind = "own-thing"  // the shopper's own things
	Returned  StoryKind = "returned"   // what had been taken out is back
	TakenOut  StoryKind = "taken-out"  // something went
	Shifted   StoryKind = "shifted"    // the load only moved
	Extra     StoryKind = "extra"      // an article that was not scanned
	Swapped   StoryKind = "swap"       // another article than the one scanned
	Doubled   StoryKind = "double"     // two of an article scanned once
	Hidden    StoryKind = "hidden"     // something small with a scanned article
	LoadedBag StoryKind = "loaded-bag" // an article in the own bag
	VoidKept  StoryKind = "void-kept"  // taken off the basket, and left in the bag
)

// Honest reports whether nothing unpaid is on the scale by stories of this kind.
func (k StoryKind) Honest() bool {
	switch k {
	case Extra, Swapped, Doubled, Hidden, LoadedBag, VoidKept:
		return false
	default:
		return true
	}
}

// A Story is one explanation of a change of the load.
type Story struct {
	Kind StoryKind `json:"kind"`
	// Keys and Lines are the scanned articles it is about, at most three.
	Keys  []string `json:"keys,omitempty"`
	Lines []int    `json:"lines,omitempty"`
	P     float64  `json:"p"` // how likely it is now, beside the other stories
}

// A Point is a moment of the scale's curve.
type Point struct {
	T     time.Duration `json:"t"`
	Grams float64       `json:"g"`
}

// An Explanation is what a person needs who looks at a question: the numbers,
// the likeliest stories and the curve of the last seconds.
type Explanation struct {
	T     time.Duration `json:"t"` // when the load changed
	Trip  string        `json:"trip,omitempty"`
	Event int           `json:"event"` // names the change for Told
	// FromG and ToG are the settled load before and after the change;
	// ExpectedG what it should have become. Grams.
	FromG     float64 `json:"from_g"`
	ToG       float64 `json:"to_g"`
	ExpectedG float64 `json:"expected_g"`
	// Stories are the likeliest, at most maxExplained, best first.
	Stories []Story `json:"stories"`
	Curve   []Point `json:"curve"`
}

const (
	maxExplained = 5
	curveKept    = 120 // points: twelve seconds of a scale that reads ten a second
	curveEvery   = 80 * time.Millisecond
	maxSaid      = 8 // changes of which an account remembers its story
)

// A saying is what an account says of a change.
type saying struct {
	event int32
	kind  uint8 // index in storyNames
	n     uint8
	lines [3]int16
}

// storyNames gives kinds their numbers.
func storyNames() [17]StoryKind {
	return [...]StoryKind{
		Bagged, Repacked, OnFrame, WithBag, OwnBagPut, Hand, Early, OwnThing, Returned, TakenOut, Shifted,
		Extra, Swapped, Doubled, Hidden, LoadedBag, VoidKept,
	}
}

// name is the kind of a story of a change on top of account h.
func (c *Check) name(s *story, h *hypo) StoryKind {
	switch s.kind {
	case storyPick:
		switch {
		case s.frame > 0.5:
			return OnFrame
		case s.repack > 0.5:
			return Repacked
		default:
			return Bagged
		}
	case storyPickBag:
		return WithBag
	case storyBag:
		return OwnBagPut
	case storyPickHand, storyHand, storyHandMoves, storyPickOff:
		return Hand
	case storyPickEarly, storyEarly, storyEarlyOff:
		return Early
	case storyThing:
		return OwnThing
	case storyReturnLess:
		return Returned
	case storyPickReturn, storyReturn:
		if h.load[s.index].was == isBad {
			return Extra
		}
		return Returned
	case storyShift:
		return Shifted
	case storySwap:
		return Swapped
	case storyBadOff:
		return Extra
	case storyBad:
		if h.declared {
			return LoadedBag
		}
		return Extra
	case storyPickBad:
		p := &c.picks[s.pick]
		switch d := math.Abs(s.grams - p.mean); {
		case d*d < 9*p.scale:
			return Doubled
		case s.grams < hiddenMost:
			return Hidden
		default:
			return Extra
		}
	case storyUndo, storyOut, storyOutOff, storyOutWith, storyAway:
		return TakenOut
	case storyPickOut:
		return Bagged
	default:
		return Shifted
	}
}

// say notes in h, made from its parent by s, what it says of the event.
func (c *Check) say(h, parent *hypo, s *story, id int) {
	kind := slices.Index(c.names[:], c.name(s, parent))
	o := saying{event: int32(id), kind: uint8(max(kind, 0))}
	switch s.kind {
	case storyPick, storyPickBag, storyPickHand, storyPickOff, storyPickReturn, storyPickOut, storyPickEarly, storyPickBad, storySwap:
		p := &c.picks[s.pick]
		gs := c.waiting(parent)
		for i := range p.kinds {
			o.lines[i] = int16(gs[p.group[i]].line)
			o.n++
		}
	case storyBag, storyBad, storyEarly, storyEarlyOff, storyBadOff, storyHand, storyHandMoves, storyThing, storyShift, storyUndo, storyReturn, storyReturnLess, storyOut, storyOutOff, storyOutWith, storyAway:
	}
	h.said[h.says%maxSaid] = o
	h.says++
}

// told returns what h says of the event.
func (h *hypo) told(event int) (saying, bool) {
	for _, s := range h.said {
		if s.event == int32(event) {
			return s, true
		}
	}
	return saying{}, false
}

// asked returns the doubt that the shopper or a person is asked about, else the
// likeliest one, or -1.
func (c *Check) asked() int {
	best := -1
	rank := func(d *doubt) float64 {
		switch {
		case d.called:
			return 4 + d.p
		case d.hinted:
			return 2 + d.p
		default:
			return d.p
		}
	}
	for i := range c.doubts {
		if best < 0 || rank(&c.doubts[i]) > rank(&c.doubts[best]) {
			best = i
		}
	}
	return best
}

// Explain returns the stories of the change that is asked about; false when
// nothing is in doubt.
func (c *Check) Explain() (Explanation, bool) {
	i := c.asked()
	if i < 0 {
		return Explanation{}, false
	}
	q := &c.doubts[i]
	e := Explanation{
		T: q.since, Trip: c.trip.id, Event: q.id, FromG: q.from, ToG: q.to, ExpectedG: c.about(i).ExpectedG,
		Stories: c.storiesOf(q.id), Curve: c.curve(),
	}
	return e, true
}

// storiesOf adds up what the accounts say of an event.
func (c *Check) storiesOf(event int) []Story {
	var out []Story
	var keys []saying
	sum := 0.0
	for i := range c.beam {
		h := &c.beam[i]
		s, ok := h.told(event)
		if !ok {
			continue
		}
		if s.kind == uint8(slices.Index(c.names[:], VoidKept)) && !h.bad(event) {
			s.kind = uint8(slices.Index(c.names[:], TakenOut))
		}
		w := h.w
		if c.trip.paying { // nothing more is to come
			w = c.atPay(h)
		}
		sum += w
		if j := slices.Index(keys, s); j >= 0 {
			out[j].P += w
			continue
		}
		st := Story{Kind: c.names[s.kind], P: w}
		for _, l := range s.lines[:s.n] {
			if int(l) < len(c.lines) {
				st.Keys, st.Lines = append(st.Keys, c.lines[l].key), append(st.Lines, c.lines[l].id)
			}
		}
		keys, out = append(keys, s), append(out, st)
	}
	slices.SortStableFunc(out, func(a, b Story) int { return cmp.Compare(b.P, a.P) })
	for i := range out {
		out[i].P = math.Min(out[i].P/math.Max(sum, 1e-12), 1)
	}
	return out[:min(len(out), maxExplained)]
}

// draw keeps a reading for the curve.
func (c *Check) draw(grams float64) {
	if n := len(c.drawn); n > 0 && c.now-c.drawn[n-1].T < curveEvery {
		return
	}
	if len(c.drawn) == curveKept {
		c.drawn = c.drawn[:copy(c.drawn, c.drawn[1:])]
	}
	c.drawn = append(c.drawn, Point{c.now, grams})
}

// curve is a copy of the last seconds.
func (c *Check) curve() []Point { return slices.Clone(c.drawn) }

// hear takes a person's word for what happened. Accounts that say otherwise are
// given up, the weight is learned where it was the article's own, and the
// question is closed.
func (c *Check) hear(in Told) {
	d := -1
	for i := range c.doubts {
		if c.doubts[i].id == in.Event {
			d = i
		}
	}
	c.verdict(d, in.Kind.Honest(), in.Kind)
	teaches := in.Kind == Bagged || in.Kind == Repacked
	for i, l := range c.lessons {
		if l.id != in.Event || l.several && !l.borne(c.honest()) {
			continue
		}
		if teaches {
			c.teach(l.line, l.grams, sight{sure: 1, p: 1, staff: true})
		}
		c.lessons = slices.Delete(c.lessons, i, i+1)
		break
	}
	agree := false
	for i := range c.beam {
		if s, ok := c.beam[i].told(in.Event); ok && c.names[s.kind] == in.Kind {
			agree = true
			c.beam[i].w *= 1e6
		}
	}
	if agree {
		slices.SortStableFunc(c.beam, func(a, b hypo) int { return cmp.Compare(b.w, a.w) })
	}
	c.settle(c.now)
}
