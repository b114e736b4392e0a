package bagging

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// settled takes the run as the new load and judges the change.
func (c *Check) settled(out []Decision) []Decision {
	c.run.done = true
	c.teachLying()
	x := c.run.mean - c.level
	first := !c.known
	c.known = true
	c.level = c.run.mean
	c.before, c.behind = max(c.stood, 1), c.run.n
	if math.Abs(x) < c.feel() && !first {
		c.adopt = false
		return out
	}
	c.active, c.missing = c.now, -1
	switch {
	case c.adopt || !c.trip.on:
		c.adopt = false
	case c.now < c.calm:
		c.judgeCalm(x)
	case first:
		if !c.judgeFirst(x) {
			return out
		}
	default:
		c.judge(x)
	}
	c.floor = min(c.floor, c.level)
	c.before, c.behind = runMemory, fewSamples
	c.age()
	d := c.status()
	d.Settled = true
	return append(out, c.show(d))
}

// judgeFirst judges the first load ever seen: as a change from an empty scale
// when that fits what is waiting, else as the load to begin with.
func (c *Check) judgeFirst(x float64) bool {
	c.floor = c.level
	if s, ok := c.likeliest(x); ok && s.kind == storyPick {
		c.floor = 0
		c.judge(x)
		return true
	}
	return false
}

// judgeCalm takes a change while staff are at the lane by its likeliest honest
// story, and nothing is asked.
func (c *Check) judgeCalm(x float64) {
	c.single()
	c.explain(x)
	c.stories = slices.DeleteFunc(c.stories, func(s story) bool { return s.bad })
	c.follow(x, 0)
	c.single()
}

// likeliest returns the best story of a change of x grams.
func (c *Check) likeliest(x float64) (story, bool) {
	c.explain(x)
	if len(c.stories) == 0 {
		return story{}, false
	}
	return slices.MaxFunc(c.stories, func(a, b story) int { return cmp.Compare(a.w, b.w) }), true
}

// judge explains a change of x grams by every account, and doubts where some
// end with something unpaid.
func (c *Check) judge(x float64) {
	c.fade()
	c.events++
	c.trip.changes++
	if when := c.bagTime(c.best()); x > 0 && when != bagBefore {
		c.trip.mayBag[when]++
	}
	d := doubt{id: c.events, from: c.level - x, to: c.level}
	if i := c.newestWaiting(); i >= 0 && x > 0 {
		d.wrong, d.line, d.key = true, c.lines[i].id, c.lines[i].key
	}
	c.unlearn(x)
	c.explain(x)
	d.ask = c.learn(x)
	c.follow(x, c.events)
	if x > 0 {
		c.raise(d)
	}
}

// age lets doubts grow old: they hint, call, or are written off.
func (c *Check) age() {
	if c.moving() {
		return
	}
	if len(c.beam) > 1 && c.now-c.faded >= fading {
		c.fade()
	}
	for i := len(c.doubts) - 1; i >= 0; i-- {
		if i >= len(c.doubts) {
			continue
		}
		q := &c.doubts[i]
		old, p := c.now-q.since, q.p
		if c.trip.paying && p >= c.set.HintAt && !q.hinted {
			p = min(p, c.unpaidAtPay(q.id))
		}
		if old >= c.callAfter(q) {
			q.top = max(q.top, p)
		}
		if old >= c.set.Hint && (p >= c.set.HintAt || q.ask) {
			q.hinted = true
			if q.miss == 0 {
				c.trip.misses++
				q.miss = c.trip.misses
			}
		}
		if old >= c.set.WriteOff && p < c.set.CallAt && !q.called {
			c.lift(i)
		}
	}
	if at, due := c.missingAt(); due && at <= c.now {
		c.missing = c.oldestDue(false)
		h := c.best()
		for i := range c.lines {
			c.lines[i].hinted = c.lines[i].hinted || h.at[i].left > 0 || h.out(i)
		}
	}
}

// callAfter is how long a doubt stands before it calls.
func (c *Check) callAfter(q *doubt) time.Duration {
	switch {
	case c.trip.paying:
		return min(c.set.CallAfter, payCall)
	case q.miss > 1: // the shopper had a hint before
		return min(c.set.CallAfter, missCall)
	default:
		return c.set.CallAfter
	}
}

// missingAt returns when the shopper is asked for what is waiting.
func (c *Check) missingAt() (time.Duration, bool) {
	if !c.up || !c.known || c.moving() || !c.trip.on || c.doubting() || c.missing >= 0 || c.oldestDue(false) < 0 {
		return 0, false
	}
	return c.active + c.set.Hint, true
}

// doubting reports whether something is asked about already, or may be.
func (c *Check) doubting() bool { return c.pUnpaid >= c.set.HintAt/2 }

// oldestDue returns the index of the oldest line that should be on the scale
// and is not, or -1. Lines asked for before count only with again.
func (c *Check) oldestDue(again bool) int {
	h := c.best()
	for i := range c.lines {
		l := &c.lines[i]
		if (h.at[i].left > 0 || h.out(i)) && !l.free && (again || !l.hinted) {
			return i
		}
	}
	return -1
}

// newestWaiting returns the index of the newest line with waiting pieces, or -1.
func (c *Check) newestWaiting() int {
	h := c.best()
	for i, l := range slices.Backward(c.lines) {
		if h.at[i].left > 0 && !l.free {
			return i
		}
	}
	return -1
}

// status is what is to be said now. A doubt that is due to call is marked as
// called here: it is said once.
func (c *Check) status() Decision {
	hinted := -1
	for i := range c.doubts {
		q := &c.doubts[i]
		if !q.hinted {
			continue
		}
		if !q.called && !c.moving() && c.now-q.since >= c.callAfter(q) && (q.p >= c.set.CallAt || q.ask) {
			q.called = true
			d := c.about(i)
			d.Verdict = Call
			return d
		}
		hinted = i
	}
	if hinted >= 0 {
		return c.about(hinted)
	}
	d := c.decision()
	switch m := c.missing; {
	case !c.up && c.trip.on:
		d.Verdict, d.Kind = Hint, ScaleFault
	case m >= 0 && m < len(c.lines) && !c.lines[m].free && (c.best().at[m].left > 0 || c.best().out(m)):
		l := &c.lines[m]
		d.Verdict, d.Kind, d.Line, d.Key = Hint, Missing, l.id, l.key
		if c.best().out(m) {
			d.Kind = Removed
		}
		d.ExpectedG += c.due()
	}
	return d
}

// about is the hint of doubt i.
func (c *Check) about(i int) Decision {
	q := &c.doubts[i]
	d := c.decision()
	d.Verdict, d.Kind, d.Line, d.Key = Hint, Unexpected, q.line, q.key
	if q.wrong {
		d.Kind = Wrong
	}
	for j := range c.beam {
		if h := &c.beam[j]; h.bad(q.id) {
			d.ExpectedG = c.level - h.off - h.stray() + c.swapped(h)
			break
		}
	}
	return d
}

// swapped is what should have come in place of what did, by account h.
func (c *Check) swapped(h *hypo) float64 {
	g := 0.0
	for _, l := range h.load[:h.loads] {
		if l.kind == isBad && l.line >= 0 {
			g += float64(l.n) * c.lines[l.line].w.MeanG
		}
	}
	return g
}

// decision is the numbers of now, with nothing said.
func (c *Check) decision() Decision {
	h := c.best()
	return Decision{
		T: c.now, Trip: c.trip.id, Verdict: OK, SeenG: c.level,
		ExpectedG: c.level - h.off - h.stray(), PUnpaid: c.pUnpaid,
	}
}

// due is what the pieces that are not on the scale should weigh together.
func (c *Check) due() float64 {
	g := 0.0
	h := c.best()
	for i := range c.lines {
		if l := &c.lines[i]; !l.free {
			g += float64(h.at[i].left) * l.w.MeanG
		}
	}
	for _, l := range h.load[:h.loads] {
		if l.kind == isGone && l.line >= 0 {
			g += l.grams
		}
	}
	return g
}
