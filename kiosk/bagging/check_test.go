package bagging

import (
	"math"
	"testing"
	"time"
)

const second = time.Second

// feed reads g grams ten times a second from one time to another.
func feed(c *Check, from, to time.Duration, g float64) (out []Decision) {
	for t := from; t <= to; t += 100 * time.Millisecond {
		out = append(out, c.Step(Sample{T: t, Grams: g})...)
	}
	return out
}

// TestNextAlone drives a check by its own wishes after the samples end: it must
// hint and call in time, never ask for the present and come to rest.
func TestNextAlone(t *testing.T) {
	c := New(Settings{}, nil)
	feed(c, 0, 2*second, 0)
	c.Step(Start{2 * second, "1"})
	out := feed(c, 2100*time.Millisecond, 4*second, 400)
	now := 4 * second
	for range 200 {
		at, ok := c.Next()
		if !ok {
			break
		}
		if at <= now {
			t.Fatalf("Next() = %v at %v, want a later time", at, now)
		}
		now = at
		out = append(out, c.Step(Tick{now})...)
	}
	if at, ok := c.Next(); ok {
		t.Errorf("Next() = %v at %v, want rest after the call", at, now)
	}
	var verdicts []Verdict
	for _, d := range out {
		verdicts = append(verdicts, d.Verdict)
	}
	if len(verdicts) != 3 || verdicts[0] != OK || verdicts[1] != Hint || verdicts[2] != Call {
		t.Fatalf("verdicts %v, want ok, hint, call", verdicts)
	}
	if at := out[1].T; at < 5*second || at > 6*second {
		t.Errorf("hint at %v, want about 3 s after the load came at 2.4 s", at)
	}
}

// TestSparseTrace: a recorder that only notes changes gives one sample each.
func TestSparseTrace(t *testing.T) {
	c := New(Settings{}, nil)
	var out []Decision
	for _, in := range []Input{
		Start{0, "1"},
		Sample{T: 0, Grams: 0, Stable: true},
		Scan{T: second, Key: "a", MeanG: 500, SDG: 5},
		Sample{T: 3 * second, Grams: 503, Stable: true},
		Scan{T: 5 * second, Key: "b", MeanG: 250, SDG: 5},
		Sample{T: 7 * second, Grams: 752, Stable: true},
		Pay{T: 9 * second},
	} {
		out = append(out, c.Step(in)...)
	}
	if len(out) != 3 || !out[0].Settled || !out[1].Settled || !out[2].AtPay {
		t.Fatalf("decisions %+v, want two settled changes and one at pay", out)
	}
	for _, d := range out {
		if d.Verdict != OK || d.PUnpaid > 0.01 {
			t.Errorf("decision %+v, want ok", d)
		}
	}
}

// TestPayNow: who cannot wait for the load gets an answer in the same Step, from
// what agrees with itself or stands alone, not from a sample on the way.
func TestPayNow(t *testing.T) {
	for _, tc := range []struct {
		name    string
		samples []Sample
		seen    float64
	}{
		{"settled", nil, 0},
		{"just put down", []Sample{{T: 2100 * time.Millisecond, Grams: 700}, {T: 2200 * time.Millisecond, Grams: 700}}, 700},
		{"on its way", []Sample{{T: 2100 * time.Millisecond, Grams: 300}}, 0},
		{"only changes are recorded", []Sample{{T: 4 * second, Grams: 700}}, 700},
	} {
		c := New(Settings{}, nil)
		feed(c, 0, second, 0)
		c.Step(Start{second, "1"})
		feed(c, second, 2*second, 0)
		at := 2100 * time.Millisecond
		for _, s := range tc.samples {
			c.Step(s)
			at = s.T + 50*time.Millisecond
		}
		out := c.Step(Pay{T: at, Now: true})
		if len(out) == 0 || !out[len(out)-1].AtPay || out[len(out)-1].SeenG != tc.seen {
			t.Errorf("%s: %+v, want an answer at pay for %.0f g", tc.name, out, tc.seen)
		}
	}
}

// TestMissingAndRemovedNeverCall, however long they last and whatever is paid.
func TestMissingAndRemovedNeverCall(t *testing.T) {
	c := New(Settings{CallAt: 0.001}, nil)
	out := feed(c, 0, second, 0)
	out = append(out, c.Step(Start{second, "1"})...)
	out = append(out, c.Step(Scan{T: second, Line: 1, Key: "a", MeanG: 900, SDG: 5})...)
	out = append(out, c.Step(Scan{T: second, Line: 2, Key: "b", MeanG: 400, SDG: 5})...)
	out = append(out, feed(c, 2*second, 60*second, 900)...)
	out = append(out, feed(c, 61*second, 120*second, 0)...)
	out = append(out, c.Step(Pay{T: 121 * second})...)
	out = append(out, feed(c, 122*second, 150*second, -30)...)
	hints := 0
	for _, d := range out {
		if d.Verdict == Call {
			t.Errorf("called: %+v", d)
		}
		if d.Verdict == Hint {
			hints++
		}
	}
	if hints == 0 {
		t.Error("no hint for what is missing")
	}
}

// TestDrift: a scale that creeps by 60 g over a trip blames nobody.
func TestDrift(t *testing.T) {
	c := New(Settings{}, nil)
	c.Step(Start{0, "1"})
	for i := range 6000 {
		g := 1000 + 5*math.Round(float64(i)/500)
		for _, d := range c.Step(Sample{T: time.Duration(i) * 100 * time.Millisecond, Grams: g}) {
			if d.Verdict != OK {
				t.Fatalf("decision %+v, want none", d)
			}
		}
	}
}

func TestForeignSamples(t *testing.T) {
	c := New(Settings{CallAt: math.NaN(), DivisionG: -1}, Weights{"a": {MeanG: -3}})
	c.Step(Start{0, "1"})
	for i, g := range []float64{math.NaN(), math.Inf(1), -1e9, 1e300, 0, 5, 0, 5} {
		c.Step(Sample{T: time.Duration(i) * second, Grams: g})
	}
	c.Step(Scan{Key: "a", Qty: -5, MeanG: math.Inf(1), SDG: math.NaN()})
	c.Step(Scan{Key: "b", Qty: 1 << 60, MeanG: 1e300, WeightG: math.Inf(1)})
	c.Step(Quantity{Line: 0, Qty: 1 << 62})
	c.Step(Void{Line: 99, Key: "none", Qty: -7})
	for _, d := range append(feed(c, 10*second, 20*second, 700), c.Step(Pay{T: 21 * second})...) {
		if math.IsNaN(d.PUnpaid) || d.PUnpaid < 0 || d.PUnpaid > 1 || math.IsNaN(d.ExpectedG) || math.IsInf(d.ExpectedG, 0) {
			t.Errorf("decision %+v, want numbers", d)
		}
	}
}

// TestBounds holds a trip of a thousand lines within what is remembered.
func TestBounds(t *testing.T) {
	c := New(Settings{}, nil)
	c.Step(Start{0, "1"})
	feed(c, 0, second, 0)
	now, g := 2*second, 0.0
	for i := range 1200 {
		c.Step(Scan{T: now, Line: i + 1, Key: string(rune('a' + i%20)), MeanG: float64(30 + i), SDG: 3, Qty: int64(1 + i%40)})
		g += float64(i%7) * 37
		feed(c, now, now+500*time.Millisecond, g)
		now += second
	}
	if len(c.lines) > maxLines || len(c.doubts) > maxDoubts || len(c.beam) > 2*maxHypos || len(c.lessons) > maxLessons {
		t.Errorf("%d lines, %d doubts, %d accounts, %d lessons", len(c.lines), len(c.doubts), len(c.beam), len(c.lessons))
	}
	for i := range c.beam {
		if len(c.beam[i].at) != len(c.lines) {
			t.Errorf("account %d has %d of %d lines", i, len(c.beam[i].at), len(c.lines))
		}
	}
}

// BenchmarkSample is the cost of a reading that changes nothing.
func BenchmarkSample(b *testing.B) {
	c := New(Settings{}, nil)
	c.Step(Start{0, "1"})
	t := time.Duration(0)
	for b.Loop() {
		t += 100 * time.Millisecond
		c.Step(Sample{T: t, Grams: 500})
	}
}

// BenchmarkDecision is the cost of the worst change: eight kinds of articles
// wait, twenty-four pieces each, and the beam is full.
func BenchmarkDecision(b *testing.B) {
	c := New(Settings{}, nil)
	c.Step(Start{0, "1"})
	feed(c, 0, second, 0)
	for i := range maxGroups {
		c.Step(Scan{T: second, Line: i + 1, Key: string(rune('a' + i)), MeanG: float64(300 + 71*i), SDG: 5, Qty: maxPieces})
	}
	c.judge(1234)
	c.judge(777)
	c.judge(1900)
	full := make([]hypo, len(c.beam))
	for i := range c.beam {
		full[i] = c.beam[i].clone(nil)
	}
	b.ReportMetric(float64(len(full)), "accounts")
	for b.Loop() {
		c.beam = c.beam[:0]
		for i := range full {
			c.beam = append(c.beam, full[i].clone(nil))
		}
		c.doubts = c.doubts[:0]
		c.judge(1234)
	}
}

// TestFrame: one article that leans on the frame, and is else honest, calls
// nobody, however little of it is weighed.
func TestFrame(t *testing.T) {
	for _, mean := range []float64{80, 150, 330, 500, 800, 1200, 2000, 3500} {
		for _, part := range []float64{0.3, 0.45, 0.6, 0.75, 0.9} {
			c := New(Settings{}, nil)
			out := feed(c, 0, second, 0)
			out = append(out, c.Step(Start{second, "1"})...)
			out = append(out, c.Step(Scan{T: second, Line: 1, Key: "a", MeanG: 400, SDG: 4})...)
			out = append(out, feed(c, 2*second, 4*second, 400)...)
			out = append(out, c.Step(Scan{T: 5 * second, Line: 2, Key: "b", MeanG: mean, SDG: 2 + 0.01*mean})...)
			out = append(out, feed(c, 6*second, 30*second, 400+5*math.Round(mean*part/5))...)
			out = append(out, c.Step(Pay{T: 31 * second, Now: true})...)
			top := 0.0
			for _, d := range out {
				top = max(top, d.PUnpaid)
				if d.Verdict == Call {
					t.Errorf("%.0f %% of %.0f g: called, p %.3f", 100*part, mean, d.PUnpaid)
				}
			}
			t.Logf("%.0f %% of %.0f g: p at most %.3f", 100*part, mean, top)
		}
	}
}
