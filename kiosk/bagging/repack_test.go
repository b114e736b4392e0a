package bagging

import (
	"fmt"
	"testing"
	"time"
)

// TestRepackaged: honest new packaging is learned within ten sales, of which at
// most one needs a person, though other articles follow before that one comes.
func TestRepackaged(t *testing.T) {
	for _, to := range []float64{440, 539, 560, 620, 750} {
		known := prior(490, 9)
		for i := range 12 {
			known = known.learn(seen(497+float64(i%3), fmt.Sprint("before", i)))
		}
		c := New(Settings{CallAt: 0.05}, Weights{"a": known})
		now := time.Duration(0)
		g := 0.0
		calls, learned := 0, 0
		step := func(in Input) {
			for _, d := range c.Step(in) {
				if d.Verdict == Call {
					calls++
					c.Step(Staff{T: now, OK: true})
				}
			}
		}
		wait := func(d time.Duration) {
			for end := now + d; now < end; now += 100 * time.Millisecond {
				step(Sample{T: now, Grams: g})
			}
		}
		for sale := range 10 {
			g = 0
			wait(3 * second)
			step(Start{now, fmt.Sprint("sale", sale)})
			for i, a := range []struct {
				key string
				g   float64
			}{{"b", 300}, {"a", to + float64(sale%4)}, {"c", 210}, {"d", 700}} {
				wait(1500 * time.Millisecond)
				mean := map[string]float64{"a": 490, "b": 300, "c": 210, "d": 700}[a.key]
				step(Scan{T: now, Line: i + 1, Key: a.key, MeanG: mean, SDG: 9})
				wait(1500 * time.Millisecond)
				g += a.g
			}
			wait(5 * second)
			step(Pay{T: now})
			wait(3 * second)
			step(End{now})
			if w := c.weights["a"]; learned == 0 && w.fits(to, 6) {
				learned = sale + 1
			}
		}
		t.Logf("%.0f g: %d calls, learned after %d sales; %+v", to, calls, learned, c.weights["a"])
		if calls > 1 || learned == 0 {
			t.Errorf("%.0f g: %d calls, learned after %d sales, want at most one and within ten", to, calls, learned)
		}
	}
}
