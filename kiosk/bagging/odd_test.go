package bagging

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// A new packaging is reckoned with from the first piece that shows it, as far as
// that piece was likely to be one, and is forgotten when nothing bears it out.
func TestComes(t *testing.T) {
	for _, tc := range []struct {
		name        string
		odds, k, n  float64
		least, most float64
	}{
		{"once, as likely as not", 1, 1, 1, 0.3, 0.6},
		{"once, hardly", 0.01, 1, 1, 0.001, 0.02},
		{"twice", 30, 2, 2, 0.85, 1},
		{"all of many", 1000, 100, 100, 0.99, 1},
		{"once, then ten as before", 1, 1, 11, 1e-5, 0.01},
		{"once, then a hundred", 1, 1, 101, 0, 1e-5},
		{"every other", 1e12, 10, 20, 0.4, 0.6},
	} {
		if _, p := comes(tc.odds, tc.k, tc.n); !(p >= tc.least && p <= tc.most) {
			t.Errorf("%s: %g, want %g to %g", tc.name, p, tc.least, tc.most)
		}
	}
}

// A lighter packaging whose weight fits a dearer article is not believed without
// staff, but reckoned with: what was sold before is hardly expected any more, and
// pieces differ as they did.
func TestLighterIsReckonedWith(t *testing.T) {
	w := prior(300, 4)
	dear := func(float64) bool { return true }
	teach := func(k int, grams, p float64) {
		w = w.learn(sight{grams: grams, noise: 2, sure: 1, p: p, trip: fmt.Sprint(k), listed: prior(300, 4), dear: dear})
	}
	for k := range 40 {
		teach(k, 299+float64(k%3), 0)
	}
	sd := w.SDG()
	for k := range 30 {
		teach(100+k, 261+float64(k%3), 0.1)
	}
	if math.Abs(w.MeanG-300) > 1 || w.Run != 30 {
		t.Errorf("mean %.1f g after 30 lighter pieces without staff, in a row %d, want 300 g and 30", w.MeanG, w.Run)
	}
	if w.Next == nil || math.Abs(w.Next.MeanG-262) > 0.5 || w.nextShare() < 0.95 {
		t.Fatalf("next is %+v, want 262 g and nearly sure", w.Next)
	}
	if next := w.Next.weight(); math.Abs(next.SDG()-sd) > 0.8 {
		t.Errorf("its pieces differ by %.1f g, those before by %.1f g, want about the same", next.SDG(), sd)
	}
	if got, ok := w.candidate(2); ok {
		t.Errorf("beside it %+v is reckoned with, want none", got)
	}
	teach(200, 300, 0)
	if w.Run != 0 {
		t.Errorf("%d in a row after a piece as before, want none", w.Run)
	}
	if out := w.Share(); out.Next != nil {
		t.Errorf("another lane hears of %+v, want nothing that staff have not seen", out.Next)
	}
	w = w.learn(sight{grams: 262, noise: 2, sure: 1, p: 1, trip: "staff", staff: true, listed: prior(300, 4), dear: dear})
	if math.Abs(w.MeanG-262) > 0.5 || w.Next != nil || w.Second == nil || math.Abs(w.Second.MeanG-300) > 1 || w.Changed != 1 {
		t.Errorf("after staff saw one: %.1f g, next %+v, second %+v, changed %d; want 262 g, none, 300 g and once", w.MeanG, w.Next, w.Second, w.Changed)
	}
}

// What waits for staff gives way to what pieces weigh since, and to the old weight
// where that is sold on.
func TestNextGivesWay(t *testing.T) {
	w := prior(300, 4)
	dear := func(float64) bool { return true }
	teach := func(k int, grams float64) {
		w = w.learn(sight{grams: grams, noise: 2, sure: 1, p: 0.3, trip: fmt.Sprint(k), listed: prior(300, 4), dear: dear})
	}
	for k := range 40 {
		teach(k, 299+float64(k%3))
	}
	for k := range 12 {
		teach(100+k, 261+float64(k%3))
	}
	if w.Next == nil || math.Abs(w.Next.MeanG-262) > 0.5 {
		t.Fatalf("next is %+v, want 262 g", w.Next)
	}
	sure := w.nextShare()
	for k := range 60 {
		teach(200+k, 299+float64(k%3))
	}
	if got := w.nextShare(); got > sure/4 {
		t.Errorf("after 60 pieces as before the next has it with %.2f, %.2f before them, want much less", got, sure)
	}
	for k := range 6 {
		teach(300+k, 230+float64(k%3))
	}
	if w.Next == nil || math.Abs(w.Next.MeanG-231) > 0.5 || math.Abs(w.MeanG-300) > 1 {
		t.Errorf("next is %+v beside %.1f g, want 231 g beside 300", w.Next, w.MeanG)
	}
	w = w.learn(sight{grams: 231, noise: 2, sure: 1, p: 0.3, trip: "last", listed: prior(300, 4), dear: func(float64) bool { return false }})
	if math.Abs(w.MeanG-231) > 0.5 || w.Next != nil {
		t.Errorf("%.1f g, next %+v when no dearer article weighs that any more, want 231 g believed", w.MeanG, w.Next)
	}
}

// One shopper has one vote, however many pieces.
func TestRunCountsTrips(t *testing.T) {
	w := prior(300, 4)
	for k := range 20 {
		w = w.learn(sight{grams: 300, noise: 2, sure: 1, trip: fmt.Sprint(k)})
	}
	for range 6 {
		w = w.learn(sight{grams: 262, noise: 2, sure: 1, p: 0.5, trip: "one"})
	}
	if w.Run != 1 || len(w.Odd) != 1 {
		t.Errorf("%d in a row, %d odd weights after one shopper's six, want 1 and 1", w.Run, len(w.Odd))
	}
}

// What is expected of a kind follows what its articles show, and leaves alone what
// an article has shown itself.
func TestExpectedAnew(t *testing.T) {
	ws := Weights{}
	for i := range 30 { // all of them differ by much less than was assumed
		w := prior(500, 26)
		w.ListedG, w.ListedSD = 500, 26
		for k := range 30 {
			w = w.learn(sight{grams: 480 + float64(i) + []float64{-2, 2}[k%2], noise: 1, sure: 1, trip: fmt.Sprint(i, k)})
		}
		ws[fmt.Sprint(i)] = w
	}
	few := prior(500, 26)
	few.ListedG, few.ListedSD = 500, 26
	for k := range 3 {
		few = few.learn(sight{grams: 490 + []float64{-2, 2}[k%2], noise: 1, sure: 1, trip: fmt.Sprint(k)})
	}
	all := ws.classes()
	anew := all.anew(few)
	if anew.SDG() > 0.7*few.SDG() || anew.MeanG != few.MeanG || anew.N != few.N {
		t.Errorf("an article that was sold thrice differs by %.1f g, at first by %.1f g; its kind by 2 g", anew.SDG(), few.SDG())
	}
	again := all.anew(anew)
	if math.Abs(again.SDG()-anew.SDG()) > 1e-9 {
		t.Errorf("expected anew twice: %.3f g, then %.3f g", anew.SDG(), again.SDG())
	}
	if most := math.Sqrt(all.most(500, 26)); most < 2 || most > 6 {
		t.Errorf("pieces of the kind differ by %.1f g at most, want a little more than 2 g", most)
	}
	if err := anew.Check("a"); err != nil {
		t.Error(err)
	}
	old := few // learned before this was noted
	old.Alpha0, old.Beta0 = 0, 0
	if got := all.anew(old); got.Alpha != old.Alpha || got.Beta != old.Beta {
		t.Errorf("what was learned before is now %+v, was %+v", got, old)
	}
}

// What a person was called to and nobody found right explains nothing the next time;
// what a person found right does.
func TestUnansweredExplainsNothing(t *testing.T) {
	for _, answer := range []bool{true, false} {
		known := Weights{
			"a": {N: 40, MeanG: 500, Kappa: 40, Alpha: 30, Beta: 30 * 16, Price: 100, ListedG: 500, ListedSD: 5},
			"d": {N: 40, MeanG: 540, Kappa: 40, Alpha: 30, Beta: 30 * 16, Price: 900},
		}
		c := New(Settings{CallAt: 0.02}, known) // what shoppers' bags do must not decide here
		if !sale(c, 0, "first", 540, answer) {
			t.Fatal("nobody was called to 540 g in place of 500 g")
		}
		_, reckoned := c.weights["a"].candidate(c.noise())
		if reckoned != answer {
			t.Errorf("answered %v: reckoned with %v: %+v", answer, reckoned, c.weights["a"].Odd)
		}
		if again := sale(c, time.Minute, "second", 541, answer); again == answer {
			t.Errorf("answered %v: a person was called again %v", answer, again)
		}
	}
}
