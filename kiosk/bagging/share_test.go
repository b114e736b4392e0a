package bagging

import (
	"fmt"
	"reflect"
	"testing"
)

// taught returns a weight learned from n sales of pieces around grams.
func taught(lane string, n int, grams float64) Weight {
	w := prior(grams, 5)
	for i := range n {
		w = w.learn(sight{grams: grams + float64(i%5) - 2, noise: 0.5, sure: 1, trip: fmt.Sprint(lane, "-", i), listed: prior(grams, 5)})
	}
	return w
}

// next is one honest sale of a piece, of no article that is dearer.
func next(w Weight, trip string, grams float64) Weight {
	return w.learn(sight{grams: grams, noise: 0.5, sure: 1, trip: trip, listed: prior(500, 5), dear: func(float64) bool { return false }})
}

func TestMergeWeight(t *testing.T) {
	much, more, little, other := taught("1", 30, 500), taught("2", 40, 501), taught("3", 2, 500), taught("4", 30, 620)
	odd := much
	odd.Odd = []Odd{{Grams: 540, Trip: "1-99", Staff: true}}
	wide := more
	wide.Beta *= 400
	for name, c := range map[string]struct {
		mine, theirs Weight
		mean         float64
		votes        int
	}{
		"nothing here":                    {Weight{}, much, much.MeanG, 0},
		"nothing there":                   {much, Weight{}, much.MeanG, 0},
		"more pieces there":               {much, more, more.MeanG, 0},
		"fewer there":                     {more, much, more.MeanG, 0},
		"little here, something else":     {little, other, other.MeanG, 0},
		"much here, something else":       {much, other, much.MeanG, 3},
		"much here, few of something":     {much, taught("5", 3, 620), much.MeanG, 0},
		"a spread nobody saw":             {much, wide, much.MeanG, 0},
		"an odd weight there":             {more, odd, more.MeanG, 1},
		"an odd weight here, more pieces": {odd, more, more.MeanG, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c.mine.Calls, c.theirs.Calls = 3, 8
			got := MergeWeight(c.mine, c.theirs)
			if got.MeanG != c.mean || len(got.Odd) != c.votes || got.Calls != 3 {
				t.Errorf("%.1f g, votes %v, calls %d; want %.1f g, %d votes, its own 3 calls", got.MeanG, got.Odd, got.Calls, c.mean, c.votes)
			}
			if again := MergeWeight(got, c.theirs); !reflect.DeepEqual(again, got) {
				t.Errorf("heard twice:\n%+v, want\n%+v", again, got)
			}
		})
	}
}

// TestNewPackagingFromElsewhere: what another lane believes is believed here when
// one shopper's piece agrees, and not before; a new packaging never goes back.
func TestNewPackagingFromElsewhere(t *testing.T) {
	here, there := taught("1", 30, 500), taught("2", 30, 500)
	for i := range oddAgree {
		there = next(there, fmt.Sprint("2-9", i), 620)
	}
	if there.MeanG < 610 {
		t.Fatalf("the other lane has not learned: %.0f g", there.MeanG)
	}
	here = MergeWeight(here, there)
	if here.MeanG > 510 {
		t.Fatalf("taken over without a sale: %.0f g", here.MeanG)
	}
	if back := MergeWeight(there, taught("3", 90, 500)); back.MeanG < 610 {
		t.Errorf("a new packaging is forgotten for what others still sell: %.0f g", back.MeanG)
	}
	here = next(here, "1-100", 621)
	if here.MeanG < 610 || here.Second == nil {
		t.Errorf("%.0f g after a sale that agrees, want about 620, and the old packaging too", here.MeanG)
	}
}

// TestLedAstray: a lane that says whatever it likes does not have others believe
// it, neither by the number of its pieces nor by a second packaging.
func TestLedAstray(t *testing.T) {
	mine := taught("1", 30, 500)
	evil := taught("9", 30, 500)
	evil.N = 1 << 29
	evil.Second = &Mode{N: 900, MeanG: 1500, Kappa: 40, Alpha: 30, Beta: 3000}
	got := MergeWeight(mine, evil)
	if got.knows(evil.Second.weight()) {
		t.Errorf("another lane's second weight is known without a sale here: %+v", got)
	}
	// A dearer article weighs as much: staff must have looked.
	got = got.learn(sight{grams: 1500, noise: 0.5, sure: 1, trip: "1-77", listed: prior(500, 5), dear: func(float64) bool { return true }})
	if got.knows(evil.Second.weight()) {
		t.Errorf("believed with a dearer article of that weight, and nobody of staff looked: %+v", got)
	}

	liar := taught("8", 30, 900)
	liar.N = 1 << 29
	heard := Gather([]Weight{liar, taught("1", 12, 500), taught("2", 11, 501)})
	if len(heard) != 2 || heard[0].MeanG > 510 {
		t.Errorf("what two lanes know does not come first: %+v", heard)
	}
	if len(Gather(nil)) != 0 || len(Gather([]Weight{taught("1", 5, 300)})) != 1 {
		t.Error("of none nothing, of one its own")
	}
}

func TestCheckWeight(t *testing.T) {
	good := taught("1", 12, 500)
	if err := good.Check("4011"); err != nil {
		t.Error(err)
	}
	if err := (Weight{Odd: []Odd{{Grams: 500, Trip: "1-1", Staff: false}}}).Check("4011"); err != nil {
		t.Errorf("votes for an article that nobody knows: %v", err)
	}
	for name, spoil := range map[string]func(*Weight){
		"mean":     func(w *Weight) { w.MeanG = -3 },
		"huge":     func(w *Weight) { w.MeanG = 1e300 },
		"count":    func(w *Weight) { w.N = -1 },
		"second":   func(w *Weight) { w.Second = &Mode{} },
		"odd":      func(w *Weight) { w.Odd = []Odd{{Grams: -1, Trip: "x", Staff: false}} },
		"many odd": func(w *Weight) { w.Odd = make([]Odd, 99) },
	} {
		w := good
		spoil(&w)
		if w.Check("4011") == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if good.Check("") == nil {
		t.Error("no key: no error")
	}
}
