package bagging

import (
	"fmt"
	"testing"
	"time"
)

// walkIn is a trip in which what is on the scale after each second is loads[i], and
// the article of 500 g is scanned before the last of them.
func walkIn(c *Check, at *time.Duration, loads ...float64) Decision {
	step := func(in Input) []Decision { return c.Step(in) }
	step(Sample{T: *at, Grams: 0})
	step(Start{T: *at, Trip: fmt.Sprint(*at)})
	var last Decision
	for i, g := range loads {
		if i == len(loads)-1 {
			step(Scan{T: *at, Line: 1, Key: "500", MeanG: 500, SDG: 5})
		}
		for range 20 {
			*at += 100 * time.Millisecond
			for _, d := range step(Sample{T: *at, Grams: g}) {
				last = d
			}
		}
	}
	for _, d := range step(Pay{T: *at, Now: true}) {
		last = d
	}
	step(End{T: *at})
	for range 20 {
		*at += 100 * time.Millisecond
		step(Sample{T: *at, Grams: 0})
	}
	return last
}

// What comes before the first scan is not an own bag only because most of what
// comes then is one: most trips begin with nothing.
func TestBeforeFirstScan(t *testing.T) {
	c := New(Settings{DivisionG: 5}, nil)
	at := time.Duration(0)
	for i := range 900 { // of which 150 with a bag
		bag := 0.0
		if i%6 == 0 {
			bag = float64(25 + 5*(i%7))
		}
		walkIn(c, &at, bag, bag+500)
	}
	if got := c.rate.bags[bagBefore]; got < 0.1 || got > 0.25 {
		t.Errorf("a trip begins with an own bag with probability %.2f, want about 1 in 6", got)
	}
	for _, bag := range []float64{25, 40, 55} {
		if d := walkIn(c, &at, bag, bag+500); d.PUnpaid > 0.01 {
			t.Errorf("an own bag of %.0f g is something unpaid with probability %.3f", bag, d.PUnpaid)
		}
	}
	for _, heavy := range []float64{250, 350} { // nobody's bag weighed that
		if got, most := c.rate.bag(heavy), ownBag(heavy, heavyBag)/3; got > most {
			t.Errorf("density of an own bag of %.0f g is %.2g, want at most %.2g", heavy, got, most)
		}
	}
}

// Of a class in which spreads are known to lie within limits, no tail is feared
// that none of its articles has.
func TestClassSpread(t *testing.T) {
	ws := Weights{}
	for i := range 60 {
		part := 0.1 + 0.4*float64(i)/59 // of the tolerable error
		sd := part * tolerable(500)
		ws[fmt.Sprint(i)] = Weight{N: 60, MeanG: 510, ListedG: 510, ListedSD: 8, Kappa: 40, Alpha: 30, Beta: 30 * sd * sd}
	}
	all := ws.classes()
	w := all.expect(510, 8)
	if w.Alpha < 3 {
		t.Errorf("alpha %.2f: one piece in fifty would be told apart only at six times the spread", w.Alpha)
	}
	if got, want := w.Beta/(w.Alpha-1), 0.1033*tolerable(500)*tolerable(500); got < 0.75*want || got > 1.35*want {
		t.Errorf("variance %.1f, want about %.1f", got, want)
	}
}
