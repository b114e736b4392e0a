package bagging

import (
	"cmp"
	"math"
	"slices"
)

// A lesson is a piece that came alone, and weighed oddly: it teaches once the trip
// says that it was no hand and nothing unpaid.
type lesson struct {
	id      int // of the event
	line    int
	grams   float64
	told    bool    // taught already; a person may still confirm it
	p       float64 // that it is another weight of the article's, and a piece weighed that in full,
	staff   float64 // ... and once a person has said that nothing is unpaid
	plain   bool    // it weighs what it should
	fine    float64 // ... and that is its weight by all samples, grams
	several bool    // other kinds waited, and which it was, the accounts must say
	other   bool    // another of the article's weights than the usual explains it
}

const (
	sureLesson = 0.5 // probability at which a weight is learned at once
	maxLessons = 64
	leastBorne = 0.05 // of the accounts that say the same as a lesson: with less it is none
	leastP     = 1e-6 // of a lesson that a person found right: 0 says that it is not known
	mayCome    = 0.2  // how likely something else that waits must be to come, for a lesson to be one of several
)

// learn teaches from the stories of a change of x grams. It reports whether a
// person should look at it.
func (c *Check) learn(x float64) bool {
	gs := c.waiting(c.best())
	if x <= 0 || len(gs) == 0 || gs[0].free || gs[0].weighed {
		return false
	}
	several := slices.ContainsFunc(gs[1:], func(g group) bool { return !g.free && g.come >= mayCome })
	line, n := gs[0].line, gs[0].n
	if several {
		if line = c.likeliestAlone(); line < 0 {
			return false
		}
		n = c.best().at[line].left
	}
	t := c.heard(line)
	taught := t.plain >= sureLesson*t.all
	l := lesson{id: c.events, line: line, grams: x, told: taught, p: t.p, staff: t.staff, other: t.another(), several: several}
	keep := n == 1 && len(c.lessons) < maxLessons
	l.plain = taught && several && keep
	l.told = taught && !l.plain
	if taught {
		c.lying = append(c.lying, lying{line: line, grams: x, level: c.level, sure: t.plain / t.all, p: t.p, other: t.another(), later: l.plain, id: l.id})
	}
	if keep {
		c.lessons = append(c.lessons, l)
		return !several && !taught && c.asks(&c.lines[line], x)
	}
	return false
}

// likeliestAlone is the line of the piece that most likely came alone, by the stories
// of the last change; -1 if none did, or it teaches nothing.
func (c *Check) likeliestAlone() int {
	c.sums = c.sums[:0]
	for range c.lines {
		c.sums = append(c.sums, 0)
	}
	best := -1
	for i := range c.stories {
		s := &c.stories[i]
		if s.kind != storyPick || !s.alone {
			continue
		}
		p := &c.picks[s.pick]
		if p.sold || p.free {
			continue
		}
		c.sums[p.line] += s.w
		if best < 0 || c.sums[p.line] > c.sums[best] {
			best = p.line
		}
	}
	return best
}

// A hearing is what the stories of a change say together of a piece that came alone.
type hearing struct {
	all, plain float64 // what all of them are worth, and those in which it weighs what it should
	other      float64 // ... of these, by another of the article's weights than the usual
	p, staff   float64 // as of a lesson
}

// another reports whether another of the article's weights than the usual explains the
// piece best.
func (h hearing) another() bool { return h.other > h.plain/2 }

// heard adds up the stories of the last change, for a piece of the line.
func (c *Check) heard(line int) hearing {
	var h hearing
	came, full, seen, bad := 0.0, 0.0, 0.0, 0.0
	for i := range c.stories {
		s := &c.stories[i]
		h.all += s.w
		if s.bad {
			bad += s.w
		}
		if s.kind != storyPick || !s.alone || c.picks[s.pick].line != line {
			continue
		}
		came += s.w
		other := c.picks[s.pick].other
		anew := s.repack
		if other {
			anew = 1 - s.frame
		}
		full += s.w * anew
		if s.plain {
			h.plain += s.w
			seen += s.w
			if other {
				h.other += s.w
			}
		} else {
			seen += s.w * anew
		}
	}
	if came > 0 {
		h.p, h.staff = full/(came+bad), math.Max(seen/came, leastP)
	}
	return h
}

// A lying is a piece that came alone and weighs what it should. It is taught once
// something else moves: until then every sample makes its weight surer.
type lying struct {
	line         int
	grams, level float64 // what it brought, and the load then
	sure, p      float64
	other        bool // as of a lesson
	later        bool // ... which teaches it, once the trip says which piece it was
	id           int
}

// teachLying teaches what lay still until now.
func (c *Check) teachLying() {
	for _, l := range c.lying {
		if l.later {
			for i := range c.lessons {
				if c.lessons[i].id == l.id {
					c.lessons[i].fine = l.grams + c.level - l.level
				}
			}
			continue
		}
		c.teach(l.line, l.grams+c.level-l.level, sight{sure: l.sure, p: l.p, other: l.other})
	}
	c.lying = c.lying[:0]
}

// asks reports whether x grams are what enough people had for a piece of l, and
// only a person is wanted to believe it: it is asked once.
func (c *Check) asks(l *line, x float64) bool {
	if !l.w.known() || len(l.w.Odd) < oddAgree {
		return false
	}
	a := l.w.agreed(x, c.noise())
	return a.trips == oddAgree && !a.staff && !l.w.fits(x, c.noise()) && c.dearer(l.key, l.price, l.w.MeanG, a.mean)
}

// unlearn drops the lessons of which a change of x grams has taken away what was too
// much, a hand that came with the piece or a second one: what is left is one of the
// article's weights.
func (c *Check) unlearn(x float64) {
	if x >= 0 {
		return
	}
	noise := 2*c.noise() + stirs*stirs*x*x
	c.lessons = slices.DeleteFunc(c.lessons, func(l lesson) bool {
		if l.told || l.line >= len(c.lines) {
			return false
		}
		w, left := &c.lines[l.line].w, l.grams+x
		if left < c.feel() || !w.known() {
			return false
		}
		odd, ok := w.candidate(noise)
		return w.fits(left, noise) || w.Second != nil && w.Second.weight().fits(left, noise) ||
			w.waitsAs(left, noise) || ok && odd.weight(*w).fits(left, noise)
	})
}

// remember takes the lessons that the likeliest account bears out. What that explains in
// another way, by a hand or a bag that came with the piece, is a lesson too, as far as other
// accounts say so: what comes with each piece is no bag.
func (c *Check) remember() {
	h := c.best()
	for _, l := range c.lessons {
		if l.told {
			continue
		}
		if !l.borne(h) && !c.turns(&l, h) {
			if p := c.bear(l); p >= leastBorne && !l.plain && !l.several && !c.called(l.id) {
				c.teach(l.line, l.grams, sight{sure: 1, p: l.p * p, other: l.other})
			}
			continue
		}
		sure := 1.0
		if l.several {
			sure = c.bear(l)
			l.p *= sure
		}
		if l.plain {
			c.teach(l.line, cmp.Or(l.fine, l.grams), sight{sure: sure, p: l.p, other: l.other})
			continue
		}
		if c.called(l.id) { // and nobody said that it was right
			l.p = 0
		}
		c.teach(l.line, l.grams, sight{sure: 1, p: l.p, other: l.other})
	}
	c.lessons = c.lessons[:0]
}

// turns makes a lesson about the piece that account h says it was of, once it has
// seen the others that waited, where that weighs what it should.
func (c *Check) turns(l *lesson, h *hypo) bool {
	for i := range c.lines {
		o := &c.lines[i]
		if at := h.at[i]; at.on == 1 && at.grams == l.grams && !o.weighed && !o.free && o.w.fits(l.grams, c.noise()) {
			l.line, l.plain, l.several, l.other = i, true, true, false
			return true
		}
	}
	return false
}

// called reports whether a person was called about the event.
func (c *Check) called(id int) bool {
	return slices.ContainsFunc(c.doubts, func(d doubt) bool { return d.id == id && d.called })
}

// borne reports whether account h says the same as the lesson.
func (l lesson) borne(h *hypo) bool {
	return l.line < len(h.at) && h.at[l.line].on == 1 && h.at[l.line].grams == l.grams
}

// bear is how likely the accounts make it that they say the same as the lesson.
func (c *Check) bear(l lesson) float64 {
	p := 0.0
	for i := range c.beam {
		if h := &c.beam[i]; l.borne(h) && !h.bad(0) {
			p += h.w
		}
	}
	return p
}

// accepted teaches from what a person looked at and found right: the change that
// was asked about, as the one kind that waited then, or as the likeliest honest
// account has it. If that tells of no piece alone, it is the last change that
// taught nothing yet, where that account bears it out.
func (c *Check) accepted() {
	h := c.honest()
	pick := -1
	for i, l := range c.lessons {
		if !l.told && !l.several && l.borne(h) {
			pick = i
		}
	}
	for _, d := range c.doubts {
		if !d.called {
			continue
		}
		if i := slices.IndexFunc(c.lessons, func(l lesson) bool { return l.id == d.id && !l.several }); i >= 0 {
			pick = i
			break
		}
		if l, ok := c.alone(h, &d); ok {
			c.teach(l.line, l.grams, sight{sure: 1, p: 1, staff: true})
			return
		}
	}
	if pick >= 0 {
		l := c.lessons[pick]
		c.teach(l.line, l.grams, sight{sure: 1, p: l.staff, staff: true, other: l.other})
		c.lessons = append(c.lessons[:pick], c.lessons[pick+1:]...)
	}
}

// honest is the likeliest account with nothing unpaid on the scale, else the
// likeliest.
func (c *Check) honest() *hypo {
	for i := range c.beam {
		if !c.beam[i].bad(0) {
			return &c.beam[i]
		}
	}
	return c.best()
}

// alone is what account h makes of the change of doubt d, if by it one piece came,
// alone, and weighed that.
func (c *Check) alone(h *hypo, d *doubt) (lesson, bool) {
	s, ok := h.told(d.id)
	if !ok || s.n != 1 {
		return lesson{}, false
	}
	if kind := c.names[s.kind]; kind != Bagged && kind != Repacked {
		return lesson{}, false
	}
	l := lesson{id: d.id, line: int(s.lines[0]), grams: d.to - d.from}
	if l.line >= len(h.at) || h.at[l.line].on != 1 || math.Abs(h.at[l.line].grams-l.grams) > 0.5 {
		return lesson{}, false
	}
	return l, true
}

// teach learns from a sight of a piece of line i that weighs x grams.
func (c *Check) teach(i int, x float64, s sight) {
	if i >= len(c.lines) {
		return
	}
	l := &c.lines[i]
	if l.key == "" || l.weighed || x < c.feel() {
		return
	}
	w := l.w
	if !w.known() {
		w.Odd = c.weights[l.key].Odd
	}
	if l.price > 0 {
		w.Price = l.price
	}
	if l.meanG > 0 {
		w.ListedG, w.ListedSD = l.meanG, l.sdG
		if l.sdG <= 0 {
			w.ListedSD = 2 + 0.03*l.meanG
		}
	}
	w.Sold = w.sold() + 1
	c.measure(&w, x, s.sure)
	c.stock.add(c.weights[l.key], -1)
	s.grams, s.noise, s.trip, s.listed = x, c.noise(), c.trip.id, c.listed(l)
	s.dear = func(g float64) bool { return c.dearer(l.key, l.price, w.MeanG, g) }
	c.weights[l.key] = w.learn(s)
	c.stock.add(c.weights[l.key], 1)
	c.changed = append(c.changed, l.key)
	for i := range c.lines {
		if o := &c.lines[i]; o.key == l.key {
			c.weigh(o)
		}
	}
}

// dearer reports whether a weight of g grams fits an article dearer than key,
// of which a piece weighed old. Without a price, any heavier weight may.
func (c *Check) dearer(key string, price int64, old, g float64) bool {
	if price <= 0 {
		return g > old
	}
	for k, w := range c.weights {
		if k != key && w.Price > price && (w.fits(g, c.noise()) || w.waitsAs(g, c.noise())) {
			return true
		}
	}
	return false
}

// listed is what the catalogue says of a piece of l.
func (c *Check) listed(l *line) Weight {
	if l.meanG <= 0 {
		return Weight{}
	}
	return prior(l.meanG, l.sdG)
}
