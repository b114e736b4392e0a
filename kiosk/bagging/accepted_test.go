package bagging

import (
	"math"
	"testing"
)

// A person who finds a new packaging right, while another article waited too,
// confirms that weight: not that of what came next.
func TestAcceptedIsWhatWasAsked(t *testing.T) {
	old := Weight{N: 12, MeanG: 122, Kappa: 13, Alpha: 10, Beta: 20, ListedG: 120, ListedSD: 2, Price: 200}
	next := Weight{N: 200, MeanG: 439, Kappa: 40, Alpha: 30, Beta: 220, ListedG: 434, ListedSD: 23, Price: 200}
	k := Knowledge{Weights: Weights{"old": old, "next": next}}
	k.Habits.Bags[bagLater] = Rate{N: 1, Of: 10000} // no bags come in the middle of a trip here
	c := NewFrom(Settings{DivisionG: 5, CallAt: 0.05}, k)
	feed(c, 0, 2*second, 0)
	c.Step(Start{2 * second, "1"})
	c.Step(Scan{T: 2 * second, Line: 1, Key: "first", MeanG: 300, SDG: 5})
	feed(c, 2*second, 4*second, 300)
	c.Step(Scan{T: 4 * second, Line: 2, Key: "old", MeanG: 120, SDG: 2, Price: 200})
	c.Step(Scan{T: 5 * second, Line: 3, Key: "next", MeanG: 434, SDG: 23, Price: 200})
	feed(c, 4*second, 6*second, 300)
	feed(c, 6*second, 8*second, 440)
	called := false
	for _, d := range feed(c, 8*second, 20*second, 880) {
		called = called || d.Verdict == Call
	}
	if !called {
		t.Fatal("nobody was called to 140 g in place of 122 g")
	}
	c.Step(Staff{T: 20 * second, OK: true})
	w := c.Knowledge().Weights["old"]
	if len(w.Odd) != 1 || math.Abs(w.Odd[0].Grams-140) > 3 || !w.Odd[0].Staff {
		t.Errorf("the article's other weights are %+v, want the 140 g that a person found right", w.Odd)
	}
	if w := c.Knowledge().Weights["next"]; len(w.Odd) != 0 || math.Abs(w.MeanG-439) > 1 {
		t.Errorf("the next article weighs %.0f g, odd ones %+v, want 439 g and none", w.MeanG, w.Odd)
	}
}

// Of the weights that a person found right, it is the one that pieces have had
// since: not for good the one that came first.
func TestLaterWeightIsLikelier(t *testing.T) {
	for _, tc := range []struct {
		name string
		odd  []Odd
		want float64
	}{
		{"one", []Odd{{Grams: 438, Trip: "a", Staff: true, N: 12}}, 438},
		{"a later one", []Odd{{Grams: 438, Trip: "a", Staff: true, N: 12}, {Grams: 156, Trip: "b", Staff: true, N: 12}}, 156},
		{"and again", []Odd{{Grams: 438, Trip: "a", Staff: true, N: 12}, {Grams: 156, Trip: "b", Staff: true, N: 12}, {Grams: 157, Trip: "c", Staff: false, N: 12}}, 156.5},
		{"one between", []Odd{{Grams: 156, Trip: "a", Staff: true, N: 12}, {Grams: 438, Trip: "b", Staff: true, N: 12}, {Grams: 157, Trip: "c", Staff: true, N: 12}, {Grams: 155, Trip: "d", Staff: true, N: 12}}, 156},
	} {
		w := Weight{N: 12, MeanG: 122, Kappa: 13, Alpha: 10, Beta: 20, Odd: tc.odd}
		got, ok := w.candidate(6)
		if !ok || math.Abs(got.mean-tc.want) > 0.1 {
			t.Errorf("%s: %.1f g, %v, want %.1f g", tc.name, got.mean, ok, tc.want)
		}
		if !(got.share > 0 && got.share <= 1) {
			t.Errorf("%s: share %v", tc.name, got.share)
		}
	}
}
