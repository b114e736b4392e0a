package bagging

import (
	"math"
	"testing"
	"time"
)

// Two that were scanned before either was bagged teach their weights, whichever
// comes first.
func TestPairTeaches(t *testing.T) {
	for _, first := range []string{"a", "b"} {
		c := New(Settings{DivisionG: 5}, nil)
		grams := map[string]float64{"a": 305, "b": 540}
		feed(c, 0, 2*second, 0)
		c.Step(Start{2 * second, "1"})
		c.Step(Scan{T: 2 * second, Line: 1, Key: "a", MeanG: 300, SDG: 6})
		c.Step(Scan{T: 3 * second, Line: 2, Key: "b", MeanG: 538, SDG: 6})
		feed(c, 3*second, 5*second, 0)
		feed(c, 5*second, 8*second, grams[first])
		feed(c, 8*second, 12*second, grams["a"]+grams["b"])
		c.Step(End{12 * second})
		for key, g := range grams {
			if w := c.Knowledge().Weights[key]; w.N != 1 || math.Abs(w.MeanG-g) > math.Abs(w.ListedG-g)+0.5 {
				t.Errorf("%s first: %s was learned from %d pieces as %.1f g, want one of %.0f g", first, key, w.N, w.MeanG, g)
			}
		}
	}
}

// A person who comes when the hand has gone finds the article right, not the hand.
func TestHandThatWentTeachesNothing(t *testing.T) {
	known := Weights{"a": {N: 40, MeanG: 180, Kappa: 40, Alpha: 30, Beta: 30 * 9, Price: 200, ListedG: 180, ListedSD: 3}}
	c := New(Settings{DivisionG: 5, CallAt: 0.001, HintAt: 0.0005}, known)
	feed(c, 0, 2*second, 0)
	c.Step(Start{2 * second, "1"})
	c.Step(Scan{T: 2 * second, Line: 1, Key: "a", MeanG: 180, SDG: 3, Price: 200})
	feed(c, 2*second, 3*second, 0)
	out := feed(c, 3*second, 4500*time.Millisecond, 355)
	out = append(out, feed(c, 4600*time.Millisecond, 14*second, 180)...)
	called := false
	for _, d := range out {
		called = called || d.Verdict == Call
	}
	if !called {
		t.Fatal("nobody was called to a hand at such a low threshold")
	}
	c.Step(Staff{T: 14 * second, OK: true})
	c.Step(End{15 * second})
	for _, o := range c.Knowledge().Weights["a"].Odd {
		if o.Grams > 300 {
			t.Errorf("%.0f g is remembered as a weight of the article", o.Grams)
		}
	}
}

// A piece at the edge of what the article weighs is no new packaging; one far from
// it may be.
func TestTailIsNoNewPackaging(t *testing.T) {
	known := Weights{"a": {N: 40, MeanG: 500, Kappa: 40, Alpha: 30, Beta: 30 * 9, Price: 200, ListedG: 500, ListedSD: 5}}
	p := func(x float64) float64 {
		c := New(Settings{DivisionG: 5}, known)
		feed(c, 0, 2*second, 0)
		c.Step(Start{2 * second, "1"})
		c.Step(Scan{T: 2 * second, Line: 1, Key: "a", MeanG: 500, SDG: 5, Price: 200})
		feed(c, 2*second, 3*second, 0)
		c.fade()
		c.explain(x)
		return c.heard(0).p
	}
	if edge, far := p(490), p(455); edge > 0.1 || far < 3*edge {
		t.Errorf("a new packaging with %.3f at 490 g, %.3f at 455 g, want hardly and much more", edge, far)
	}
}
