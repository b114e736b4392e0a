package bagging

import (
	"math"
	"slices"
)

// A lesson is a piece that came when only its kind was waiting, and weighed
// oddly: it teaches once the trip says that it was no hand and nothing unpaid.
type lesson struct {
	id    int // of the event
	line  int
	grams float64
	told  bool // taught already; a person may still confirm it
}

const (
	sureLesson = 0.5 // probability at which a weight is learned at once
	maxLessons = 64
	mayCome    = 0.2 // how likely something else that waits must be to come, to spoil a lesson
)

// learn teaches from the stories of a change of x grams. It reports whether a
// person should look at it.
func (c *Check) learn(x float64) bool {
	gs := c.waiting(c.best())
	if x <= 0 || len(gs) == 0 || gs[0].free || gs[0].weighed {
		return false
	}
	for _, g := range gs[1:] {
		if !g.free && g.come >= mayCome {
			return false
		}
	}
	plain, all := 0.0, 0.0
	for i := range c.stories {
		s := &c.stories[i]
		all += s.w
		if s.plain && (s.kind == storyPick) {
			plain += s.w
		}
	}
	line := gs[0].line
	taught := plain >= sureLesson*all
	if taught {
		c.teach(line, x, plain/all, false)
	}
	if gs[0].n == 1 && len(c.lessons) < maxLessons {
		c.lessons = append(c.lessons, lesson{c.events, line, x, taught})
		return !taught && c.asks(&c.lines[line], x)
	}
	return false
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

// remember takes the lessons that the likeliest account bears out.
func (c *Check) remember() {
	h := c.best()
	for _, l := range c.lessons {
		if !l.told && l.borne(h) {
			c.teach(l.line, l.grams, 1, false)
		}
	}
	c.lessons = c.lessons[:0]
}

// borne reports whether account h says the same as the lesson.
func (l lesson) borne(h *hypo) bool {
	return l.line < len(h.at) && h.at[l.line].on == 1 && h.at[l.line].grams == l.grams
}

// accepted teaches from what a person looked at and found right: the change that
// was asked about, as the one kind that waited then, or as the likeliest honest
// account has it. If that tells of no piece alone, it is the last change that
// taught nothing yet, where that account bears it out.
func (c *Check) accepted() {
	h := c.honest()
	pick := -1
	for i, l := range c.lessons {
		if !l.told && l.borne(h) {
			pick = i
		}
	}
	for _, d := range c.doubts {
		if !d.called {
			continue
		}
		if i := slices.IndexFunc(c.lessons, func(l lesson) bool { return l.id == d.id }); i >= 0 {
			pick = i
			break
		}
		if l, ok := c.alone(h, &d); ok {
			c.teach(l.line, l.grams, 1, true)
			return
		}
	}
	if pick >= 0 {
		c.teach(c.lessons[pick].line, c.lessons[pick].grams, 1, true)
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

// teach learns that a piece of line i weighs x grams.
func (c *Check) teach(i int, x, sure float64, staff bool) {
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
	c.measure(&w, x, sure)
	c.stock.add(c.weights[l.key], -1)
	c.weights[l.key] = w.learn(sight{
		grams: x, noise: c.noise(), sure: sure, trip: c.trip.id, staff: staff, listed: c.listed(l),
		dear: func(g float64) bool { return c.dearer(l.key, l.price, w.MeanG, g) },
	})
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
		if k != key && w.Price > price && w.fits(g, c.noise()) {
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
