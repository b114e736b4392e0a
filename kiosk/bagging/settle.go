package bagging

import (
	"math"
	"time"
)

// A run is a stretch of samples that agree with each other.
type run struct {
	since  time.Duration
	mean   float64
	raw    float64 // the newest sample
	n      int
	steady bool // the scale called all of them stable
	done   bool // taken as the settled load

	last  time.Duration // the newest sample, and how long after the one before it came
	every time.Duration
	moved time.Duration // since when no load has settled
}

const (
	loneSample = time.Second // how long one unsteady sample must stand alone to count
	runMemory  = 20          // samples the mean of a run remembers: it follows drift
	maxGrams   = 100_000     // beyond this it is not a bagging scale's reading
)

// sample adds a reading to the run, or begins a new one where it disagrees.
func (c *Check) sample(in Sample) {
	if math.IsNaN(in.Grams) || math.Abs(in.Grams) > maxGrams {
		return
	}
	c.findDivision(in.Grams)
	c.draw(in.Grams)
	r := &c.run
	every := c.now - r.last
	if r.n == 0 || math.Abs(in.Grams-r.mean) > c.band() {
		moved := r.moved
		if r.n == 0 || r.done {
			moved, c.stood = c.now, r.n
		}
		c.run = run{since: c.now, mean: in.Grams, raw: in.Grams, n: 1, steady: in.Stable, last: c.now, every: every, moved: moved}
		return
	}
	if r.done && every < streaming {
		c.health.jitters(in.Grams - r.raw)
	}
	r.last, r.every, r.raw = c.now, every, in.Grams
	r.n++
	r.mean += (in.Grams - r.mean) / float64(min(r.n, runMemory))
	r.steady = r.steady && in.Stable
	if r.done {
		c.level = r.mean
	}
}

// settleAt returns when the present run counts as settled, were nothing to
// contradict it.
func (c *Check) settleAt() (time.Duration, bool) {
	r := &c.run
	if r.n == 0 || r.done {
		return 0, false
	}
	wait := c.set.Settle
	switch {
	case r.n == 1 && !r.steady:
		wait = max(wait, loneSample)
	case r.n > 1 && r.steady:
		wait /= 2
	}
	return r.since + wait, true
}

// findDivision narrows the scale's division when a reading is between two
// steps, unless the settings name it.
func (c *Check) findDivision(grams float64) {
	if c.set.DivisionG > 0 {
		return
	}
	for _, e := range []float64{5, 2, 1} {
		if e > c.division {
			continue
		}
		if e != c.division {
			c.division, c.jitter = e, c.health.jitter(e)
		}
		if off := math.Abs(grams - e*math.Round(grams/e)); off < 0.05 {
			return
		}
	}
}

// band is how far samples of one settled load may lie from their mean, in grams.
func (c *Check) band() float64 { return max(1.2*c.division, 4) }

// feel is the smallest change of the load that is looked at, in grams.
func (c *Check) feel() float64 { return max(1.5*c.division, 4) }

// light is the weight of a piece that need not be felt, in grams.
func (c *Check) light() float64 { return 3 * c.division }

// worthwhile is the weight in grams from which something that was taken out again is
// remembered.
func (c *Check) worthwhile() float64 { return 2 * c.light() }

// noise is the variance of the difference of two settled readings: that of the
// scale and of its rounding, of each as far as its samples do not average it out.
func (c *Check) noise() float64 { return c.jitter.each(c.before) + c.jitter.each(c.behind) }
