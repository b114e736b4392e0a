package bagging

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The mean of samples that waver is finer than the division, that of samples that
// stand still is not, and of a scale nobody knows the worst is assumed.
func TestJitter(t *testing.T) {
	for _, tc := range []struct {
		division, noise float64
	}{{5, 0}, {5, 1}, {5, 2}, {2, 1}, {1, 1}} {
		rng := rand.New(rand.NewPCG(7, 7))
		var h Health
		read := func(load float64) float64 {
			return tc.division * math.Round((load+tc.noise*rng.NormFloat64())/tc.division)
		}
		for range 400 {
			load := 1000 * rng.Float64()
			before := read(load)
			for range 10 {
				next := read(load)
				h.jitters(next - before)
				before = next
			}
		}
		j := h.jitter(tc.division)
		for _, n := range []int{4, 20} {
			squares := 0.0
			const tries = 4000
			for range tries {
				load, mean := 1000*rng.Float64(), 0.0
				for range n {
					mean += read(load) / float64(n)
				}
				squares += (mean - load) * (mean - load) / tries
			}
			want := math.Max(squares, leastEach)
			if got := j.each(n); math.Abs(got-want) > 0.3*want {
				t.Errorf("division %g, noise %g: mean of %d samples varies by %.2f, want %.2f", tc.division, tc.noise, n, got, want)
			}
		}
		unknown := (&Health{}).jitter(tc.division)
		if unknown.each(20) < j.each(4) {
			t.Errorf("division %g, noise %g: of an unknown scale %.2f is assumed, less than what is known", tc.division, tc.noise, unknown.each(20))
		}
	}
}
