package bagging

import (
	"math"
	"slices"
	"time"
)

// settled takes the run as the new load and judges the change.
func (c *Check) settled(out []Decision) []Decision {
	c.run.done = true
	x := c.run.mean - c.level
	first := !c.known
	c.known = true
	c.level = c.run.mean
	if math.Abs(x) < c.feel() && !first {
		c.adopt = false
		return out
	}
	c.active, c.missing = c.now, -1
	c.doubted, c.expect = 0, c.level
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
	c.age()
	d := c.status()
	d.Settled = true
	return append(out, c.show(d))
}

// judgeFirst judges the first load ever seen: as a change from an empty scale
// when that fits what is waiting, else as the load to begin with.
func (c *Check) judgeFirst(x float64) bool {
	c.floor = c.level
	if o := c.explain(x); o.best.kind == storyPick && o.best.plain {
		c.floor = 0
		c.judge(x)
		return true
	}
	return false
}

// judgeCalm takes a change while staff are at the lane: what is waiting counts
// as bagged where it fits, and nothing is asked.
func (c *Check) judgeCalm(x float64) {
	if o := c.explain(x); o.best.kind == storyPick && o.best.plain {
		c.accept(o.best, x)
	}
}

// judge explains a change of x grams and settles or asks.
func (c *Check) judge(x float64) {
	o := c.explain(x)
	c.trip.changes++
	p := share(o.unpaid, o.stay)
	if x < 0 {
		c.judgeLoss(x, o)
		return
	}
	sure := o.best.weight > o.hand+o.early+o.unpaid && p < c.set.HintAt
	if sure || (o.best.kind != storyPick && o.best.weight > o.hand+o.early+o.unpaid && p < c.set.CallAt) {
		c.accept(o.best, x)
		c.doubted = p
		return
	}
	q := question{
		since: c.now, grams: x, unpaid: o.unpaid, stay: o.stay, hand: o.hand, scan: o.early, fade: earlySeconds,
	}
	if i := c.oldestDue(true); i >= 0 {
		q.wrong = true
		newest := c.newestWaiting()
		q.line, q.key = c.lines[newest].id, c.lines[newest].key
	}
	if b := o.best; b.kind == storyPick && b.from == fromNone && !b.bag && b.weight > o.hand+o.early {
		q.take, q.takeG = c.use(b.pick, x), b.pick.mean
		q.line, q.key = c.lines[q.take[0].line].id, c.lines[q.take[0].line].key
	}
	c.ask(q)
}

// judgeLoss settles a lighter load, which is never held against anybody.
func (c *Check) judgeLoss(x float64, o opinion) {
	last := len(c.open) - 1
	if o.best.kind == storyAway && last >= 0 && c.open[last].grams+x > -c.feel() {
		// Part of what is asked about went: a hand being lifted, or an article
		// out of several.
		q := &c.open[last]
		q.grams += x
		if q.grams < c.feel() {
			c.close(last, true)
		}
		return
	}
	c.accept(o.best, x)
}

// accept makes the story true.
func (c *Check) accept(s story, x float64) {
	c.expect = c.level - x + s.wantG
	switch s.kind {
	case storyPick:
		c.learn(s, x)
		_, excess, _ := c.openSum(s.from)
		came := x + excess
		if s.bag {
			came = s.pick.mean
		}
		c.use(s.pick, came)
		c.close(s.from, false)
		c.trip.bagged++
		if s.bag {
			c.bagCame()
		}
	case storyBag:
		c.bagCame()
	case storyUndo:
		c.close(s.from, true)
	case storyOut:
		l := &c.lines[s.index]
		l.left, l.removed, l.hinted = l.left+1, true, false
		l.on.take(1, -x)
		l.out.add(1, -x, c.noise())
	case storyAway:
		c.wentAway(-x)
	case storyReturn:
		c.gone = append(c.gone[:s.index], c.gone[s.index+1:]...)
	case storyShift, storyNothing:
	}
}

func (c *Check) bagCame() {
	c.declared = false
	c.trip.bags++
}

// wentAway remembers weight that left; on an empty scale nothing is in doubt.
func (c *Check) wentAway(g float64) {
	if c.level <= c.floor+c.feel() {
		c.open = c.open[:0]
	}
	if len(c.gone) == maxGone {
		c.gone = append(c.gone[:0], c.gone[1:]...)
	}
	c.gone = append(c.gone, g)
}

// use moves the picked pieces from waiting to bagged. They brought x grams: what
// that is off their means is shared out by how much each kind varies.
func (c *Check) use(p pick, x float64) []taken {
	var out []taken
	off := 0.0
	if p.vari > 0 && !p.unknown {
		off = (x - p.mean) / (p.vari + c.noise())
	}
	bag := func(g group, n int64) {
		ts := c.bag(g, n)
		for _, t := range ts {
			k := float64(t.n)
			own := k * g.w.variance()
			grams := k*g.w.MeanG + off*own
			if p.pieces == n && !p.unknown { // alone: all of it
				grams, own = x*k/float64(n), c.noise()
			}
			c.lines[t.line].on.add(t.n, max(grams, 0), min(own, c.noise()+own*(1-own/(p.vari+c.noise()))))
		}
		out = append(out, ts...)
	}
	gs := c.groups
	if p.all {
		for _, g := range gs {
			bag(g, g.n)
		}
		return out
	}
	for i := range p.kinds {
		bag(gs[p.group[i]], p.n[i])
	}
	return out
}

// learn teaches the weight of a piece that came when only its kind was waiting.
func (c *Check) learn(s story, x float64) {
	if len(c.groups) != 1 || s.pick.pieces != 1 || s.bag || c.groups[0].weighed {
		return
	}
	if s.from != fromNone {
		_, excess, _ := c.openSum(s.from)
		x += excess
	}
	c.teach(c.groups[0].line, x)
}

// learnAccepted teaches from a load that staff accepted as it lies.
func (c *Check) learnAccepted() {
	if len(c.open) != 1 {
		return
	}
	q := &c.open[0]
	switch gs := c.waiting(); {
	case len(q.take) == 1 && q.take[0].n == 1 && len(gs) == 0:
		c.teach(q.take[0].line, q.grams)
	case len(q.take) == 0 && len(gs) == 1 && gs[0].n == 1:
		c.teach(gs[0].line, q.grams)
	}
}

// teach learns that a piece of line i weighs x grams.
func (c *Check) teach(i int, x float64) {
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

// rematch tries whether what is waiting now answers an open question.
func (c *Check) rematch() {
	for len(c.open) > 0 {
		c.listPicks(c.waiting())
		s, ok := c.answerTo()
		if !ok {
			return
		}
		c.accept(s, 0)
		c.expect = c.level
	}
}

// answerTo finds the waiting pieces that answer an open question best, if they
// do so better than its other stories.
func (c *Check) answerTo() (story, bool) {
	var best opinion
	for from := fromAll; from < len(c.open); from++ {
		_, excess, ok := c.openSum(from)
		if !ok || from == fromNone {
			continue
		}
		var o opinion
		c.explainPicks(&o, excess, rateJoin, from)
		others := (rateExtra + rateSwap + rateEarly) * anyArticle(excess)
		if o.best.plain && o.best.weight > others && o.best.weight > best.best.weight {
			best = o
		}
	}
	return best.best, best.best.weight > 0
}

// age lets doubts grow old: they hint, call, or are written off.
func (c *Check) age() {
	if c.moving() {
		return
	}
	for i := len(c.open) - 1; i >= 0; i-- {
		q := &c.open[i]
		old, p := c.now-q.since, q.p(c.now)
		if old >= c.set.Hint && p >= c.set.HintAt {
			q.hinted = true
		}
		if old >= c.set.WriteOff && p < c.set.CallAt && !q.called {
			c.writeOff(i)
		}
	}
	if at, due := c.missingAt(); due && at <= c.now {
		c.missing = c.oldestDue(false)
		for i := range c.lines {
			c.lines[i].hinted = c.lines[i].hinted || c.lines[i].left > 0
		}
	}
}

// writeOff takes the load as it is. A single piece that weighed oddly is
// remembered, and believed when others agree.
func (c *Check) writeOff(i int) {
	q := &c.open[i]
	if len(q.take) == 1 && q.take[0].n == 1 {
		c.teach(q.take[0].line, q.grams)
	}
	c.close(i, false)
}

// callAfter is how long a doubt stands before it calls.
func (c *Check) callAfter() time.Duration {
	if c.trip.paying {
		return min(c.set.CallAfter, payCall)
	}
	return c.set.CallAfter
}

// missingAt returns when the shopper is asked for what is waiting.
func (c *Check) missingAt() (time.Duration, bool) {
	if !c.up || !c.known || c.moving() || !c.trip.on || len(c.open) > 0 || c.missing >= 0 || c.oldestDue(false) < 0 {
		return 0, false
	}
	return c.active + c.set.Hint, true
}

// oldestDue returns the index of the oldest line that should be on the scale
// and is not, or -1. Lines asked for before count only with again.
func (c *Check) oldestDue(again bool) int {
	for i := range c.lines {
		l := &c.lines[i]
		if l.left > 0 && !l.free && (again || !l.hinted) {
			return i
		}
	}
	return -1
}

// newestWaiting returns the index of the newest line with waiting pieces, or -1.
func (c *Check) newestWaiting() int {
	for i, l := range slices.Backward(c.lines) {
		if l.left > 0 && !l.free {
			return i
		}
	}
	return -1
}

// status is what is to be said now. A question that is due to call is marked as
// called here: it is said once.
func (c *Check) status() Decision {
	hinted := -1
	for i := range c.open {
		q := &c.open[i]
		if q.hinted && !q.called && !c.moving() && c.now-q.since >= c.callAfter() && q.p(c.now) >= c.set.CallAt {
			q.called = true
			d := c.about(i)
			d.Verdict = Call
			return d
		}
		if q.hinted {
			hinted = i
		}
	}
	if hinted >= 0 {
		return c.about(hinted)
	}
	d := c.decision()
	switch {
	case !c.up && c.trip.on:
		d.Verdict, d.Kind = Hint, ScaleFault
	case c.missing >= 0 && c.missing < len(c.lines) && c.lines[c.missing].left > 0 && !c.lines[c.missing].free:
		l := &c.lines[c.missing]
		d.Verdict, d.Kind, d.Line, d.Key = Hint, Missing, l.id, l.key
		if l.removed {
			d.Kind = Removed
		}
		d.ExpectedG += c.due()
	}
	return d
}

// about is the hint of question i.
func (c *Check) about(i int) Decision {
	q := &c.open[i]
	d := c.decision()
	d.Verdict, d.Kind, d.Line, d.Key = Hint, Unexpected, q.line, q.key
	if q.wrong {
		d.Kind = Wrong
	}
	return d
}

// decision is the numbers of now, with nothing said.
func (c *Check) decision() Decision {
	d := Decision{T: c.now, Trip: c.trip.id, Verdict: OK, SeenG: c.level, ExpectedG: c.expect}
	if len(c.open) > 0 {
		_, excess, ok := c.openSum(fromAll)
		if !ok {
			_, excess, _ = c.openSum(0)
		}
		d.ExpectedG = c.level - excess
	}
	d.PUnpaid = 1 - (1-c.doubt(false))*(1-c.doubted)
	return d
}

// due is what the waiting articles should weigh together.
func (c *Check) due() float64 {
	g := 0.0
	for i := range c.lines {
		if l := &c.lines[i]; !l.free {
			g += float64(l.left) * c.weight(l).MeanG
		}
	}
	return g
}
