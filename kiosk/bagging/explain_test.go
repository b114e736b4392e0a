package bagging

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"
)

// doubted is a check with one article on the scale and then something odd.
func doubted(odd float64, waiting bool) *Check {
	c := New(Settings{}, nil)
	feed(c, 0, second, 0)
	c.Step(Start{second, "1"})
	c.Step(Scan{T: second, Line: 1, Key: "a", MeanG: 500, SDG: 4})
	feed(c, 2*second, 4*second, 500)
	if waiting {
		c.Step(Scan{T: 5 * second, Line: 2, Key: "b", MeanG: 250, SDG: 3})
	}
	feed(c, 6*second, 20*second, 500+odd)
	return c
}

func TestExplain(t *testing.T) {
	for _, tc := range []struct {
		name    string
		odd     float64
		waiting bool
		want    []StoryKind
	}{
		{"nothing waits", 400, false, []StoryKind{Extra}},
		{"two for one", 500, true, []StoryKind{Doubled}},
		{"another weight", 330, true, []StoryKind{Swapped, WithBag}},
		{"a little more", 285, true, []StoryKind{Hidden, Repacked}},
	} {
		c := doubted(tc.odd, tc.waiting)
		e, ok := c.Explain()
		if !ok {
			t.Errorf("%s: nothing to explain, want %v", tc.name, tc.want)
			continue
		}
		sum, has := 0.0, map[StoryKind]float64{}
		for i, s := range e.Stories {
			sum += s.P
			has[s.Kind] += s.P
			if i > 0 && s.P > e.Stories[i-1].P {
				t.Errorf("%s: stories %+v, want the likeliest first", tc.name, e.Stories)
			}
		}
		if sum <= 0.5 || sum > 1.0001 || len(e.Stories) > maxExplained {
			t.Errorf("%s: %d stories with %.2f of the probability", tc.name, len(e.Stories), sum)
		}
		for _, k := range tc.want {
			if has[k] == 0 {
				t.Errorf("%s: stories %+v, want %s among them", tc.name, e.Stories, k)
			}
		}
		if e.FromG != 500 || math.Abs(e.ToG-500-tc.odd) > 3 || len(e.Curve) == 0 || len(e.Curve) > curveKept {
			t.Errorf("%s: %.0f to %.0f g, %d points", tc.name, e.FromG, e.ToG, len(e.Curve))
		}
		if tc.waiting && e.Stories[0].Keys != nil && e.Stories[0].Keys[0] != "b" {
			t.Errorf("%s: first story %+v, want it about b", tc.name, e.Stories[0])
		}
	}
}

// TestTold: one touch closes the question, teaches a new weight, or says what
// kind of things go unpaid.
func TestTold(t *testing.T) {
	c := doubted(400, true)
	e, _ := c.Explain()
	c.Step(Told{20 * second, e.Event, Repacked})
	if _, open := c.Explain(); open || c.pUnpaid > 0 {
		t.Errorf("after it was told: p %.3f, want the question closed", c.pUnpaid)
	}
	if w, ok := c.weights["b"].candidate(6); !ok || math.Abs(w.mean-400) > 3 {
		t.Errorf("weight of b: %+v, want 400 g confirmed", c.weights["b"])
	}
	if v := c.Knowledge().Habits.Verdicts; v.Wrong != 1 || v.Right != 0 {
		t.Errorf("verdicts %+v, want one wrong", v)
	}

	c = doubted(400, true)
	e, _ = c.Explain()
	before := c.rate.swap
	for range 10 {
		c.habits.Verdicts.Kinds[1]++
	}
	c.Step(Told{20 * second, e.Event, Swapped})
	c.Step(End{21 * second})
	if w := c.weights["b"]; len(w.Odd) > 0 || w.N > 0 {
		t.Errorf("weight of b: %+v, want nothing learned from a swap", w)
	}
	if v := c.Knowledge().Habits.Verdicts; v.Right == 0 || v.Kinds[1] < 10 || c.rate.swap <= before || c.rate.swap > mostShift*rateSwap {
		t.Errorf("verdicts %+v, swaps %g (before %g), want more of them", v, c.rate.swap, before)
	}
	c.Step(Told{22 * second, 999, Extra}) // of a change nobody knows
}

func TestKnowledgeAsJSON(t *testing.T) {
	w := newWorld(3, true)
	l := &lane{c: New(Settings{}, nil)}
	for range 30 {
		l.run(w.rng, w.trip("", false))
	}
	want := l.c.Knowledge()
	if want.Habits.Trips < 20 || want.Health.Trips == 0 {
		t.Fatalf("learned %+v from 30 trips", want.Habits)
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseKnowledge(b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("ParseKnowledge = %+v, %v, want what was marshalled", got, err)
	}
	if c := NewFrom(Settings{}, got); c.rate != l.c.rate {
		t.Errorf("rates %+v, want %+v", c.rate, l.c.rate)
	}
}

func TestParseKnowledge(t *testing.T) {
	for _, tc := range []struct {
		in    string
		keys  int
		wrong bool
	}{
		{`{"04006381333931":{"n":3,"mean_g":500,"kappa":3,"alpha":3,"beta":40}}`, 1, false}, // from before habits
		{`{}`, 0, false},
		{`{"version":2,"weights":{"1":{"n":1}},"habits":{"hand":{"n":-4,"of":1}}}`, 1, false},
		{`{"version":2,"health":{"n":1e300}}`, 0, false},
		{`{"version":99}`, 0, true},
		{`[1]`, 0, true},
		{`{"version":2,"weights":`, 0, true},
	} {
		k, err := ParseKnowledge([]byte(tc.in))
		if (err != nil) != tc.wrong || len(k.Weights) != tc.keys {
			t.Errorf("ParseKnowledge(%s) = %+v, %v", tc.in, k, err)
		}
		if k.Habits.Hand.N < 0 || k.Health.N > 1e9 {
			t.Errorf("ParseKnowledge(%s) kept nonsense: %+v", tc.in, k)
		}
	}
}

func FuzzParseKnowledge(f *testing.F) {
	f.Add([]byte(`{"a":{"n":3,"mean_g":500,"kappa":3,"alpha":3,"beta":40,"odd":[{"g":3,"trip":"x","staff":true}]}}`))
	f.Add([]byte(`{"version":2,"weights":{"a":{"mean_g":1e9,"second":{"kappa":-1}}},"habits":{"trips":5,"wait_s":{"s":1e8,"n":0}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := ParseKnowledge(data)
		if err != nil {
			return
		}
		k.Report(Settings{})
		c := NewFrom(Settings{}, k)
		c.Step(Start{0, "1"})
		for key := range k.Weights {
			c.Step(Scan{T: second, Line: 1, Key: key})
			break
		}
		for _, d := range append(feed(c, second, 12*second, 300), c.Step(Pay{T: 13 * second})...) {
			if !(d.PUnpaid >= 0 && d.PUnpaid <= 1) {
				t.Errorf("p %v from %s", d.PUnpaid, data)
			}
		}
		c.Step(End{14 * time.Second})
	})
}

// TestReport: what ordinary sales tell of articles and scale.
func TestReport(t *testing.T) {
	c := New(Settings{}, nil)
	known := func(mean float64) Weight {
		w := prior(mean, 6)
		for i := range 30 {
			w = w.learn(seen(mean+float64(i%5)-2, string(rune('A'+i))))
		}
		return w
	}
	k := Knowledge{Weights: Weights{}}
	a := known(530)
	a.ListedG = 500
	k.Weights["drifted"] = a
	b := known(300)
	b.False, b.Calls = 4, 5
	k.Weights["again"] = b
	k.Weights["fine"] = known(200)
	k.Health = Health{N: 400, Z: 700, ZZ: 1600, Part: 6, Trips: 20, ZeroG: -25}
	k.Habits.Trips = 500
	k.Habits.Doubts[doubtBin(0.3)] = Doubt{10, 3}
	k.Habits.Doubts[doubtBin(0.04)] = Doubt{50, 2}
	r := k.Report(Settings{})
	why := map[string]ArticleReport{}
	for _, a := range r.Articles {
		why[a.Key] = a
	}
	if len(why) != 2 || !why["drifted"].Drifted || !why["again"].WeighAgain {
		t.Errorf("articles %+v, want drifted and again", r.Articles)
	}
	if !r.Scale.NeedsZero || !r.Scale.NeedsService || math.Abs(r.Scale.SpanPct-1.5) > 0.01 {
		t.Errorf("scale %+v, want it zeroed and serviced", r.Scale)
	}
	used := 0
	for i, th := range r.Thresholds {
		if th.Used {
			used++
		}
		if i > 0 && th.Calls > r.Thresholds[i-1].Calls {
			t.Errorf("thresholds %+v, want fewer calls at higher ones", r.Thresholds)
		}
	}
	if used != 1 {
		t.Errorf("%d thresholds in use, want one", used)
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
	if r := c.Knowledge().Report(Settings{}); len(r.Articles) > 0 || r.Scale.NeedsService || r.Scale.NeedsZero {
		t.Errorf("on the first day: %+v, want nothing", r)
	}
}

// TestPoison: what one to three people bag under an article's name is never
// learned as its weight, and what fits a dearer article never without staff.
func TestPoison(t *testing.T) {
	for _, sales := range []int{0, 5, 30} {
		for _, more := range []float64{0.06, 0.1, 0.2, 0.3, 0.5, 1} {
			for _, dear := range []bool{true, false} {
				w := prior(500, 5)
				for i := range sales {
					w = w.learn(seen(500+float64(i%5)-2, string(rune('a'+i))))
				}
				bad, passed := 500*(1+more), 0
				for i := 1; i <= 8 && passed == 0; i++ {
					s := seen(bad, string(rune('A'+i)))
					s.dear = func(float64) bool { return dear }
					if w = w.learn(s); w.fits(bad, 6) {
						passed = i
					}
				}
				if (dear && passed != 0) || (!dear && passed != oddAgree) {
					t.Errorf("%d sales, %.0f %% heavier, dear %v: passed after %d people", sales, 100*more, dear, passed)
				}
			}
		}
	}
}

// TestHabitsAreLearned: rates assumed wrong by half and more come near the truth
// of a town.
func TestHabitsAreLearned(t *testing.T) {
	s := baseTown().open(5)
	p := &post{c: New(Settings{}, nil), rng: s.rng}
	for range 500 {
		p.run(s, s.trip(""))
	}
	r := p.c.rate
	for _, tc := range []struct {
		name          string
		got, low, top float64
	}{
		{"early", r.early, 0.005, 0.012},
		{"hand", r.hand, 0.006, 0.02},
		{"frame", r.frame, 0.005, 0.015},
		{"held", r.held, 0.01, 0.03},
		{"said bag", r.bags[bagSaid], 0.9, 1},
		{"hand seconds", r.handSec, 1, 2.5},
		{"early seconds", r.earlySec, 1.5, 3.2},
		{"wait seconds", r.waitSec, 1.5, 3.2},
	} {
		if tc.got < tc.low || tc.got > tc.top {
			t.Errorf("%s: %.4f, want %.4f to %.4f", tc.name, tc.got, tc.low, tc.top)
		}
	}
}
