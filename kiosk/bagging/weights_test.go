package bagging

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"testing"
)

// seen is a sight of what fits no dearer article.
func seen(grams float64, trip string) sight {
	return sight{grams: grams, noise: 6, sure: 1, trip: trip, dear: func(float64) bool { return false }}
}

func TestLearnFollowsHonestWeights(t *testing.T) {
	w := prior(500, 10)
	for i := range 60 {
		w = w.learn(seen(506+float64(i%5)-2, fmt.Sprint(i)))
	}
	if math.Abs(w.MeanG-506) > 1.5 {
		t.Errorf("mean = %.1f, want about 506", w.MeanG)
	}
	if w.SDG() > 6 {
		t.Errorf("sd = %.1f, want it narrower than the catalogue's 10", w.SDG())
	}
	if w.N != 60 || w.Kappa > maxKappa || w.Alpha > maxAlpha {
		t.Errorf("n %d, kappa %.0f, alpha %.1f, want 60 and the caps kept", w.N, w.Kappa, w.Alpha)
	}
}

func TestOddWeightsMoveNothingAlone(t *testing.T) {
	for _, tc := range []struct {
		name  string
		odd   []Odd
		moved bool
	}{
		{"once", []Odd{{Grams: 650, Trip: "a"}}, false},
		{"four times by one shopper", []Odd{{Grams: 650, Trip: "a"}, {Grams: 650, Trip: "a"}, {Grams: 650, Trip: "a"}, {Grams: 650, Trip: "a"}}, false},
		{"by three shoppers", []Odd{{Grams: 650, Trip: "a"}, {Grams: 651, Trip: "b"}, {Grams: 649, Trip: "c"}}, false},
		{"by four who disagree", []Odd{{Grams: 650, Trip: "a"}, {Grams: 700, Trip: "b"}, {Grams: 800, Trip: "c"}, {Grams: 580, Trip: "d"}}, false},
		{"by four who agree", []Odd{{Grams: 650, Trip: "a"}, {Grams: 651, Trip: "b"}, {Grams: 649, Trip: "c"}, {Grams: 650, Trip: "d"}}, true},
		{"by four who agree, others between", []Odd{{Grams: 650, Trip: "a"}, {Grams: 90, Trip: "x"}, {Grams: 651, Trip: "b"}, {Grams: 400, Trip: "y"}, {Grams: 649, Trip: "c"}, {Grams: 650, Trip: "d"}}, true},
	} {
		w := prior(500, 5)
		for range 20 {
			w = w.learn(seen(500, "before"))
		}
		before := w.MeanG
		for _, o := range tc.odd {
			w = w.learn(seen(o.Grams, o.Trip))
		}
		if moved := w.MeanG != before; moved != tc.moved {
			t.Errorf("%s: mean %.1f became %.1f, want moved = %v", tc.name, before, w.MeanG, tc.moved)
		}
		if tc.moved && math.Abs(w.MeanG-650) > 2 {
			t.Errorf("%s: mean %.1f, want about 650", tc.name, w.MeanG)
		}
	}
}

func TestUnknownArticleIsLearnedFromFourShoppers(t *testing.T) {
	var w Weight
	for i, g := range []float64{201, 198, 203, 200} {
		if w.known() {
			t.Fatalf("known after %d shoppers, want %d", i, oddAgree)
		}
		w = w.learn(seen(g, fmt.Sprint(i)))
	}
	if !w.known() || math.Abs(w.MeanG-200.5) > 1 {
		t.Errorf("learned %+v, want a mean of about 200.5", w)
	}
}

func TestWeightsAsJSON(t *testing.T) {
	want := Weights{"04006381333931": prior(500, 5).learn(seen(503, "1")).learn(seen(700, "2"))}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Weights
	if err := json.Unmarshal(b, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Unmarshal(%s) = %+v, %v, want %+v", b, got, err, want)
	}
}

// TestOneVotePerTrip: forty loaves by one shopper teach as much as one.
func TestOneVotePerTrip(t *testing.T) {
	once := prior(500, 10).learn(seen(506, "a"))
	often := prior(500, 10)
	for range 40 {
		often = often.learn(seen(506, "a"))
	}
	if !reflect.DeepEqual(once, often) {
		t.Errorf("one trip taught %+v with forty pieces and %+v with one", often, once)
	}
}

// TestNewPackaging: the old weight stays as a second one while both are sold,
// and the one that sells is the first.
func TestNewPackaging(t *testing.T) {
	w := prior(500, 5)
	trip := 0
	sell := func(n int, g float64) {
		for range n {
			trip++
			w = w.learn(seen(g, fmt.Sprint(trip)))
		}
	}
	sell(30, 500)
	sell(oddAgree, 620)
	if math.Abs(w.MeanG-620) > 2 || w.Second == nil || math.Abs(w.Second.MeanG-500) > 2 {
		t.Fatalf("learned %+v, want 620 g and 500 g as the second", w)
	}
	sell(3, 500)
	if !w.Second.weight().fits(500, 6) || math.Abs(w.MeanG-620) > 2 {
		t.Errorf("after old stock: %+v, want both weights kept", w)
	}
	sell(60, 500)
	if math.Abs(w.MeanG-500) > 2 || w.Second == nil || math.Abs(w.Second.MeanG-620) > 2 {
		t.Errorf("after the old is back for good: %+v, want 500 g first", w)
	}
}
