package bagging

import (
	"math"
	"slices"
	"time"
)

// A Check watches one bagging area. One goroutine owns it. Make one with New.
type Check struct {
	set     Settings
	weights Weights
	changed []string // keys learned since Learned was last asked

	now      time.Duration
	up       bool // the scale answers
	division float64
	run      run
	level    float64 // the settled load, in grams
	known    bool    // level is one
	adopt    bool    // the next settled load is taken as it is
	calm     time.Duration
	floor    float64 // the load when the trip began, or less
	jitter   jitter
	before   int // samples behind the load before the last change,
	behind   int // ... and behind that after it
	stood    int // ... and behind the load that is leaving

	trip    trip
	lines   []line
	beam    []hypo // the likeliest first; never empty
	doubts  []doubt
	lessons []lesson
	lying   []lying
	habits  Habits
	rate    rates
	stock   stock
	classes classes
	ended   int // trips
	health  Health
	drawn   []Point
	names   [17]StoryKind
	events  int           // numbers what doubts are about
	pUnpaid float64       // how likely something unpaid is on the scale
	faded   time.Duration // until when the accounts have aged
	active  time.Duration
	missing int // index of the line the shopper is asked for, or -1
	shown   Decision
	toPay   toPay

	// Scratch.
	next      []hypo
	stories   []story
	peaks     [2*maxAlpha + 1]float64 // of Student's t, by degrees of freedom
	sought    float64                 // what the picks are to explain, grams
	reach     float64                 // of the hands that may have gone meanwhile
	strongest float64                 // of the stories
	groups    []group
	picks     []pick
	sets      []pickSet
	seen      map[uint64]int
	stale     []float64
	sums      []float64
}

// trip is what is remembered of a trip besides its lines.
type trip struct {
	id      string
	on      bool
	paying  bool
	changes int // settled changes
	scans   int
	misses  int           // doubts that the shopper was told of
	mayBag  [bagTimes]int // ... by when an own bag may come
}

const (
	staffCalm = 5 * time.Second        // after staff, what moves is theirs
	payCall   = 2 * time.Second        // CallAfter once the shopper wants to pay
	missCall  = 6 * time.Second        // ... for the second doubt of a trip that the shopper is told of
	look      = 500 * time.Millisecond // how often a doubt is looked at again
	fading    = 200 * time.Millisecond // how often the accounts age
)

// New returns a check that starts from known weights (nil: none), of which it
// takes over the map. The scale counts as up.
func New(set Settings, known Weights) *Check {
	if known == nil {
		known = Weights{}
	}
	c := &Check{set: set.filled(), weights: known, up: true, missing: -1, beam: []hypo{{w: 1}}, seen: map[uint64]int{}}
	c.division = c.set.DivisionG
	if c.division <= 0 {
		c.division = 5
	}
	c.shown.Verdict = OK
	c.jitter = jitter{division: c.division}
	c.before, c.behind = runMemory, fewSamples
	c.names = storyNames()
	c.rate = c.habits.rates()
	c.stock, c.classes = newStock(known), known.classes()
	c.stock.weighPrices()
	return c
}

// filled returns s with defaults for what is not set or makes no sense.
func (s Settings) filled() Settings {
	if !(s.CallAt > 0 && s.CallAt <= 1) {
		s.CallAt = 0.1
	}
	if !(s.HintAt > 0 && s.HintAt <= 1) {
		s.HintAt = s.CallAt / 4
	}
	s.HintAt = min(s.HintAt, s.CallAt) // a call is a hint first
	if !(s.DivisionG > 0 && s.DivisionG <= 1000) {
		s.DivisionG = 0
	}
	for _, d := range []struct {
		v *time.Duration
		d time.Duration
	}{
		{&s.Settle, 300 * time.Millisecond},
		{&s.Hint, 3 * time.Second},
		{&s.CallAfter, 6 * time.Second},
		{&s.WriteOff, 20 * time.Second},
	} {
		if *d.v <= 0 {
			*d.v = d.d
		}
	}
	return s
}

// Step tells the check of one input and returns what it decided since, mostly
// nothing. Times that run backwards count as the latest known.
func (c *Check) Step(in Input) []Decision {
	out := c.pass(in.at(), nil)
	switch in := in.(type) {
	case Sample:
		c.regain()
		c.sample(in)
		if !c.run.done && c.run.n > 0 {
			c.active = max(c.active, c.now)
		}
		out = c.pass(c.now, out)
	case Scale:
		c.scale(in.Up)
	case Start:
		out = c.answerPay(out, true)
		c.start(in.Trip)
	case End:
		out = c.answerPay(out, true)
		c.end()
	case Scan:
		c.scan(in)
	case Quantity:
		c.quantity(in)
	case Void:
		c.void(in)
		d := c.status()
		d.Voided = true
		return append(out, c.show(d))
	case Keep:
		c.keep(in)
	case OwnBag:
		for i := range c.beam {
			c.beam[i].declared = true
		}
	case Staff:
		out = c.answerPay(out, true)
		c.staff(in.OK)
	case Told:
		out = c.answerPay(out, true)
		c.hear(in)
	case Pay:
		c.toPay = toPay{asked: true, at: c.now}
		return c.answerPay(out, in.Now)
	case Tick:
	}
	return c.news(out)
}

// Next returns the time at which a Tick is wanted, if nothing else comes first.
func (c *Check) Next() (time.Duration, bool) {
	at, ok := time.Duration(math.MaxInt64), false
	want := func(t time.Duration) { at, ok = min(at, max(t, c.now+1)), true }
	if t, due := c.settleAt(); due {
		want(t)
	}
	if c.toPay.asked {
		want(c.payAt())
	}
	if t, due := c.missingAt(); due {
		want(t)
	}
	for i := range c.doubts {
		if d := &c.doubts[i]; !d.called {
			want(max(d.since+c.set.Hint, c.now+look))
		}
	}
	return at, ok
}

// Learned returns the weights that changed since it was last asked, for the
// caller to keep.
func (c *Check) Learned() []WeightUpdate {
	if len(c.changed) == 0 {
		return nil
	}
	slices.Sort(c.changed)
	var out []WeightUpdate
	for _, k := range slices.Compact(c.changed) {
		out = append(out, WeightUpdate{k, c.weights[k]})
	}
	c.changed = c.changed[:0]
	return out
}

// pass lets time run to t: a load settles, a doubt grows old.
func (c *Check) pass(t time.Duration, out []Decision) []Decision {
	t = max(t, c.now)
	if at, due := c.settleAt(); due && at <= t {
		c.now = max(c.now, at)
		out = c.settled(out)
	}
	if c.toPay.asked && c.payAt() <= t {
		c.now = max(c.now, c.payAt())
		out = c.answerPay(out, false)
	}
	c.now = t
	c.age()
	return c.news(out)
}

// news adds a decision where the verdict is not the one shown last.
func (c *Check) news(out []Decision) []Decision {
	d := c.status()
	s := &c.shown
	if d.Verdict == s.Verdict && d.Kind == s.Kind && d.Line == s.Line && d.Key == s.Key {
		return out
	}
	return append(out, c.show(d))
}

// show notes d as what was last said. A call is said once; from then on it is a
// hint.
func (c *Check) show(d Decision) Decision {
	c.shown = d
	if d.Verdict == Call {
		c.shown.Verdict = Hint
	}
	return d
}

// scale notes that the scale went or came back.
func (c *Check) scale(up bool) {
	if up {
		c.regain()
		return
	}
	if c.up {
		c.health.Lost++
	}
	c.up = false
	c.run = run{}
	c.missing = -1
	c.single()
}

// regain takes the scale as answering again. Nobody knows what was bagged
// meanwhile, so what waits may come and need not.
func (c *Check) regain() {
	if c.up {
		return
	}
	c.up, c.adopt, c.run = true, true, run{}
	c.active = c.now
	c.freeAll()
}

func (c *Check) freeAll() {
	for i := range c.lines {
		if c.best().at[i].left > 0 {
			c.lines[i].free = true
		}
	}
}

func (c *Check) start(id string) {
	c.clear()
	c.trip = trip{id: id, on: true}
	c.floor = c.level
	c.empty()
	c.active = c.now
}

func (c *Check) end() {
	c.teachLying()
	c.remember()
	c.learnHabits()
	c.rate = c.habits.rates()
	if c.ended++; c.ended%classTrips == 0 {
		c.classes = c.weights.classes()
		c.stock.weighPrices()
	}
	c.jitter = c.health.jitter(c.division)
	c.clear()
	c.trip.on = false
}

func (c *Check) clear() {
	c.lying = c.lying[:0]
	for i := range c.doubts {
		c.close(&c.doubts[i])
	}
	c.lines, c.doubts, c.lessons = c.lines[:0], c.doubts[:0], c.lessons[:0]
	c.beam = c.beam[:1]
	c.beam[0] = hypo{w: 1, at: c.beam[0].at[:0]}
	c.missing, c.calm, c.faded, c.pUnpaid = -1, 0, c.now, 0
}

// staff takes a person's word that all is well, or was put right.
func (c *Check) staff(ok bool) {
	asked := c.asked()
	c.verdict(asked, ok, "")
	before := c.now
	if ok {
		if asked >= 0 {
			before = c.doubts[asked].since
		}
		c.accepted()
		c.trust()
	}
	c.settle(before)
}

// trust puts the likeliest account first by which nothing is unpaid: what it tells besides
// is what the person saw, and what the habits learn.
func (c *Check) trust() {
	for i := range c.beam {
		if !c.beam[i].bad(0) {
			c.beam[0], c.beam[i] = c.beam[i], c.beam[0]
			return
		}
	}
}

// settle takes the load as it is, and what was scanned before that time as on it.
func (c *Check) settle(before time.Duration) {
	c.teachLying()
	c.lessons = c.lessons[:0]
	c.single()
	h := c.best()
	h.strip(isGone)
	h.off = 0
	for i := range c.lines {
		if a, w := &h.at[i], &c.lines[i].w; a.on < c.lines[i].qty && c.lines[i].since <= before {
			n := float64(c.lines[i].qty - a.on)
			a.left, a.on, a.grams, a.vari = 0, c.lines[i].qty, a.grams+n*w.MeanG, a.vari+n*w.variance()
		}
	}
	c.calm = c.now + staffCalm
	c.missing = -1
	c.adopt = c.adopt || !c.run.done
}
