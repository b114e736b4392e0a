package bagging

import (
	"math"
	"time"
)

// A question is weight on the scale that is not explained yet, with the weights
// of the stories that could: prior times likelihood, not normalised.
type question struct {
	since time.Duration
	grams float64 // what came
	vari  float64 // how far off that may be, beyond the scale's noise
	// take is what was waiting and may be in it, takeG what that should weigh.
	take   []taken
	takeG  float64
	unpaid float64
	stay   float64 // honest, and would stay like this
	hand   float64 // honest, and ends within handSeconds or so
	scan   float64 // honest, and ends with a scan (or, after a void, by taking it out)
	fade   float64 // seconds that scan lasts on average
	wrong  bool    // something was waiting when it came
	line   int
	key    string
	hinted bool
	called bool
}

const maxOpen = 6 // questions at a time; the oldest gives way

// excess is the part of the load that no scan stands for.
func (q *question) excess() float64 { return q.grams - q.takeG }

// takes reports whether q may have used up pieces of line i.
func (q *question) takes(i int) bool {
	for _, t := range q.take {
		if t.line == i {
			return true
		}
	}
	return false
}

// becomeVoid turns q into: these pieces were voided and lie on the scale still.
func (q *question) becomeVoid(now time.Duration, id int, key string) {
	*q = question{
		since: now, grams: q.grams, vari: q.vari, line: id, key: key,
		unpaid: rateVoidKept, stay: rateVoidKept / 50, scan: 1, fade: voidSeconds,
	}
}

// p is the probability that q is something unpaid, now.
func (q *question) p(now time.Duration) float64 {
	s := (now - q.since).Seconds()
	honest := q.stay + q.hand*math.Exp(-s/handSeconds) + q.scan*math.Exp(-s/q.fade)
	return share(q.unpaid, honest)
}

// pAtPay is p when no more scans are promised.
func (q *question) pAtPay(now time.Duration) float64 {
	last := *q
	last.scan /= 10
	return last.p(now)
}

// share returns a/(a+b), 0 when both are.
func share(a, b float64) float64 {
	if a <= 0 {
		return 0
	}
	return a / (a + b)
}

// ask opens a question.
func (c *Check) ask(q question) {
	if len(c.open) == maxOpen {
		c.open = append(c.open[:0], c.open[1:]...)
	}
	c.open = append(c.open, q)
}

// close drops question i, or all for fromAll. With undo what it may have used
// up is waiting again.
func (c *Check) close(i int, undo bool) {
	if i == fromNone {
		return
	}
	if undo {
		for j, q := range c.open {
			if i == fromAll || i == j {
				c.unbag(q.take)
			}
		}
	}
	if i == fromAll {
		c.open = c.open[:0]
		return
	}
	c.open = append(c.open[:i], c.open[i+1:]...)
}

// forgetTakes lets go of the lines that questions refer to.
func (c *Check) forgetTakes() {
	for i := range c.open {
		c.open[i].take = nil
	}
}

// doubt is the probability that any open question is something unpaid.
func (c *Check) doubt(atPay bool) float64 {
	clean := 1.0
	for i := range c.open {
		p := c.open[i].p(c.now)
		if atPay {
			p = c.open[i].pAtPay(c.now)
		}
		clean *= 1 - p
	}
	return 1 - clean
}
