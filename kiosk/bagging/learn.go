package bagging

// A lesson is a piece that came when only its kind was waiting, and weighed
// oddly: it teaches once the trip says that it was no hand and nothing unpaid.
type lesson struct {
	id    int // of the event
	line  int
	grams float64
}

const (
	sureLesson = 0.9 // probability at which a weight is learned at once
	maxLessons = 16
)

// learn teaches from the stories of a change of x grams.
func (c *Check) learn(x float64) {
	gs := c.waiting(c.best())
	if x <= 0 || len(gs) == 0 || gs[0].free || gs[0].weighed || (len(gs) > 1 && !gs[1].free) {
		return
	}
	plain, all := 0.0, 0.0
	for i := range c.stories {
		s := &c.stories[i]
		all += s.w
		if s.plain && (s.kind == storyPick) {
			plain += s.w
		}
	}
	switch line := gs[0].line; {
	case plain >= sureLesson*all:
		c.teach(line, x)
	case gs[0].n == 1 && len(c.lessons) < maxLessons:
		c.lessons = append(c.lessons, lesson{c.events, line, x})
	}
}

// remember takes the lessons that the likeliest account bears out.
func (c *Check) remember() {
	h := c.best()
	for _, l := range c.lessons {
		if l.line >= len(h.at) || h.at[l.line].on != 1 || h.at[l.line].grams != l.grams {
			continue
		}
		c.teach(l.line, l.grams)
	}
	c.lessons = c.lessons[:0]
}

// teach learns that a piece of line i weighs x grams.
func (c *Check) teach(i int, x float64) {
	if i >= len(c.lines) {
		return
	}
	l := &c.lines[i]
	if l.key == "" || l.weighed || x < c.feel() {
		return
	}
	w := c.weight(l)
	if !w.known() {
		w.Odd = c.weights[l.key].Odd
	}
	c.weights[l.key] = w.learn(x, c.noise(), c.trip.id)
	c.changed = append(c.changed, l.key)
}
