package bagging

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// An article is expected to be like those of its kind.
func TestKindsTeach(t *testing.T) {
	known := Weights{}
	for i := range 30 {
		listed := 400 + 10*float64(i)
		w := prior(listed, 0.05*listed)
		for k := range 40 {
			w = w.learn(sight{grams: 1.02*listed + 3*math.Sin(float64(k)), noise: 6, sure: 1, trip: fmt.Sprint(i, k)})
		}
		w.ListedG, w.ListedSD = listed, 0.05*listed
		known[fmt.Sprint(i)] = w
	}
	all := known.classes()
	got, assumed := all.expect(600, 30), prior(600, 30)
	if math.Abs(got.MeanG-612) > 3 {
		t.Errorf("mean %.1f g, want about 612: the list is 2 %% low", got.MeanG)
	}
	if got.variance() > assumed.variance()/4 || got.SDG() > assumed.SDG()/2 {
		t.Errorf("spread %.1f of %.1f g, want far less than the assumed %.1f of %.1f", got.SDG(), math.Sqrt(got.variance()), assumed.SDG(), math.Sqrt(assumed.variance()))
	}
	if other := all.expect(600, 3); other.MeanG != 600 {
		t.Errorf("mean %.1f g of another kind, want 600", other.MeanG)
	}
}

// The density of what is sold follows what is learned, and forgets what is not.
func TestStock(t *testing.T) {
	w := Weight{N: 500, MeanG: 740, Kappa: 40, Alpha: 30, Beta: 30 * 9}
	s := newStock(Weights{"a": w})
	if at, off := s.sharpen(740, 1e-3), s.sharpen(800, 1e-3); at < 20*off {
		t.Errorf("density %.2g at an article's weight, %.2g beside: want it far greater", at, off)
	}
	s.add(w, -1)
	if got := s.sharpen(740, 1e-3); math.Abs(got-1e-3) > 1e-9 {
		t.Errorf("density %.3g after it is gone, want the smooth 1e-3", got)
	}
	for _, x := range []float64{-5, 0, 1e6, math.Inf(1)} {
		s.sharpen(x, 0) // must not panic
	}
}

// A weight that a person once found right is another packaging the less, the more
// pieces have weighed as before since.
func TestCandidateFades(t *testing.T) {
	w := prior(500, 5)
	teach := func(grams float64, trip string, staff bool) {
		w = w.learn(sight{grams: grams, noise: 6, sure: 1, trip: trip, staff: staff, dear: func(float64) bool { return true }})
	}
	for k := range 20 {
		teach(500+float64(k%5), fmt.Sprint("a", k), false)
	}
	teach(640, "odd", true)
	first, ok := w.candidate(6)
	if !ok || first.share < 0.8 {
		t.Fatalf("candidate %+v, %v after a person found it right, want one", first, ok)
	}
	for k := range 20 {
		teach(500+float64(k%5), fmt.Sprint("b", k), false)
	}
	if later, _ := w.candidate(6); later.share > 0.1 {
		t.Errorf("share %.2f after 20 pieces as before, want less than a tenth", later.share)
	}
}

// sale scans one piece of an article and bags grams; it returns whether a person
// was called.
func sale(c *Check, at time.Duration, trip string, grams float64, answer bool) (called bool) {
	feed(c, at, at+second, 0)
	c.Step(Start{at + second, trip})
	hear := func(ds []Decision) {
		for _, d := range ds {
			if d.Verdict == Call {
				called = true
				if answer {
					c.Step(Staff{T: d.T, OK: true})
				}
			}
		}
	}
	// Something else first, so that the next is not the first thing to come.
	c.Step(Scan{T: at + 2*second, Line: 1, Key: "x", MeanG: 250, SDG: 3, Price: 100})
	hear(feed(c, at+3*second, at+5*second, 250))
	c.Step(Scan{T: at + 5*second, Line: 2, Key: "a", MeanG: 500, SDG: 5, Price: 100})
	hear(feed(c, at+6*second, at+16*second, 250+grams))
	hear(c.Step(Pay{T: at + 17*second, Now: true}))
	c.Step(End{at + 18*second})
	return called
}

// A lighter packaging that weighs what a dearer article does is believed with one
// person's word, whom the check calls by itself, and not without.
func TestLighterPackagingAsksOnce(t *testing.T) {
	for _, answer := range []bool{true, false} {
		known := Weights{
			"a": {N: 40, MeanG: 500, Kappa: 40, Alpha: 30, Beta: 30 * 16, Price: 100, ListedG: 500, ListedSD: 5},
			"d": {N: 40, MeanG: 450, Kappa: 40, Alpha: 30, Beta: 30 * 16, Price: 900},
		}
		c := New(Settings{}, known)
		calls := 0
		for k := range 10 {
			if sale(c, time.Duration(k)*time.Minute, fmt.Sprint("t", k), 450+float64(k%3), answer) {
				calls++
			}
		}
		learned := math.Abs(c.weights["a"].MeanG-450) < 5
		most := 2 // unanswered, it may be asked once more
		if answer {
			most = 1
		}
		if learned != answer || calls < 1 || calls > most {
			t.Errorf("answered %v: learned %v, %d calls (weight %+v), want %v and 1 to %d calls", answer, learned, calls, c.weights["a"], answer, most)
		}
	}
}

// The second doubt of a trip that the shopper is told of does not wait as long as
// the first.
func TestSecondMissCallsSooner(t *testing.T) {
	c := New(Settings{CallAfter: 20 * second}, nil)
	feed(c, 0, second, 0)
	c.Step(Start{second, "1"})
	first := feed(c, 2*second, 12*second, 700)
	first = append(first, feed(c, 12*second+100*time.Millisecond, 14*second, 0)...)
	var calls []time.Duration
	for _, d := range append(first, feed(c, 15*second, 40*second, 820)...) {
		if d.Verdict == Call {
			calls = append(calls, d.T)
		}
	}
	if len(calls) != 1 || calls[0] < 20*second || calls[0] > 23*second {
		t.Errorf("calls at %v, want one about 6 s after the second thing came at 15 s", calls)
	}
}
