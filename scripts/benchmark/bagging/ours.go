package main

import (
	"math"
	"strconv"
	"time"

	"kassa/kiosk/bagging"
)

// ours drives the lane's own check with raw samples and marks, as the lane and
// `kassa bagging replay` do. Nothing else here may import kiosk/bagging.
type ours struct {
	params params
	cat    []article
	set    bagging.Settings
	check  *bagging.Check
	trip   *trip
	now    time.Duration
	trips  int
	alarms []float64
	start  time.Duration
	alone  bool            // nobody answers a call
	told   bagging.Weights // of a lane that is told the true weights: what its check reckons with
}

const betweenTrips = 1500 * time.Millisecond

func newOurs(p params, cat []article) *ours {
	o := &ours{params: p, cat: cat, set: bagging.Settings{
		DivisionG: p.division, Hint: seconds(p.wait / 2), CallAfter: seconds(p.wait),
	}}
	o.check = bagging.New(o.set, nil)
	return o
}

func (o *ours) at(x float64) lane {
	c := *o
	c.set.CallAt = x
	k := o.check.Knowledge()
	c.check = bagging.NewFrom(c.set, k)
	if o.told != nil {
		c.told = k.Weights
	}
	return &c
}

// newTold is ours, told before each scan what the article weighs at present and
// how much that varies, as the oracle is.
func newTold(p params, cat []article) *ours {
	o := newOurs(p, cat)
	o.told = bagging.Weights{}
	o.check = bagging.New(o.set, o.told)
	return o
}

// tell gives the check the true weight of what is scanned next.
func (o *ours) tell(key string, p piece) {
	const many, sure = 1e4, 30 // sales, and half the degrees of freedom
	w := o.told[key]
	w.MeanG, w.Kappa, w.Alpha, w.Beta = p.mean, many, sure, sure*max(p.sd*p.sd, 0.25)
	w.Odd, w.Second = nil, nil
	o.told[key] = w
}

// walk runs one trip, with an empty scale before it.
func (o *ours) walk(t *trip) []float64 {
	o.alarms, o.trip = nil, t
	for end := o.now + betweenTrips; o.now < end; o.now += 100 * time.Millisecond {
		o.check.Step(bagging.Sample{T: o.now, Grams: 0})
	}
	o.start = o.now
	o.trips++
	o.hear(o.check.Step(bagging.Start{T: o.now, Trip: strconv.Itoa(o.trips)}))
	marks := t.marks
	for i, g := range t.samples {
		if n := len(o.alarms); n > 0 && t.over(o.alarms[n-1]) && !o.alone {
			marks = nil
			break
		}
		at := o.start + time.Duration(i)*100*time.Millisecond
		for len(marks) > 0 && o.start+seconds(marks[0].t) <= at {
			o.until(o.start + seconds(marks[0].t))
			o.hear(o.check.Step(o.input(marks[0])))
			marks = marks[1:]
		}
		o.until(at)
		o.hear(o.check.Step(bagging.Sample{T: o.now, Grams: float64(g)}))
	}
	for _, m := range marks {
		o.hear(o.check.Step(o.input(m)))
	}
	o.now += 10 * time.Millisecond
	o.hear(o.check.Step(bagging.End{T: o.now}))
	o.check.Learned()
	return o.alarms
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// until lets time pass, with a tick whenever one is wanted.
func (o *ours) until(t time.Duration) {
	for {
		due, ok := o.check.Next()
		if !ok || due > t {
			break
		}
		o.now = max(due, o.now)
		o.hear(o.check.Step(bagging.Tick{T: o.now}))
	}
	o.now = max(t, o.now)
}

func (o *ours) input(m mark) bagging.Input {
	switch m.kind {
	case markOwnBag:
		return bagging.OwnBag{T: o.now}
	case markPay:
		return bagging.Pay{T: o.now}
	default:
		a := &o.cat[m.art]
		if o.told != nil && m.p.known <= 0 {
			o.tell(a.key, m.p)
		}
		in := bagging.Scan{T: o.now, Line: m.line + 1, Key: a.key, Qty: 1, MeanG: a.listed, SDG: a.listedSD, WeightG: m.p.known, Price: int64(100 * a.price)}
		if m.p.known > 0 {
			in.MeanG, in.SDG = 0, 0
		}
		return in
	}
}

// hear notes the calls. A person comes at once, and accepts what lies there or
// puts it right.
func (o *ours) hear(ds []bagging.Decision) {
	for len(ds) > 0 {
		d := ds[0]
		ds = ds[1:]
		if d.Verdict == bagging.Call {
			at := (o.now - o.start).Seconds()
			o.alarms = append(o.alarms, at)
			if !o.alone {
				ds = append(ds, o.check.Step(bagging.Staff{T: o.now, OK: !o.trip.over(at)})...)
			}
		}
	}
}

// believes reports whether the check has learned grams as a weight of the
// article: as the one it expects or as a second packaging.
func (o *ours) believes(key string, grams float64) bool {
	w := o.check.Knowledge().Weights[key]
	near := func(mean float64) bool { return math.Abs(mean-grams) < 0.02*grams }
	return near(w.MeanG) || w.Second != nil && near(w.Second.MeanG)
}

// expects is what the check thinks a piece of the article weighs, grams; 0: it
// never learned one.
func (o *ours) expects(key string) float64 { return o.check.Knowledge().Weights[key].MeanG }
