package main

// A step is a change between two settled loads.
type step struct {
	from  float64 // when the load before it was last seen
	t     float64 // when it counts as settled
	grams float64
	total float64 // the load since the trip began
	n     float64 // samples behind the new load
}

// How many samples in a row must agree. The rules wait half a second, as scales
// with a stable bit do.
const (
	ruleStill   = 5
	oracleStill = 4
)

// spread is how far samples of one settled load may lie apart.
func spread(p params) float64 { return 1.01*p.division + 3*p.noise }

// steps finds the settled loads: a load counts when still samples in a row lie
// within spread, and is the mean of what has been seen of it since. A step is
// given when its load settles; the load before it is known from all its samples.
func steps(samples []float32, p params, still int) []step {
	var out []step
	level, n := 0.0, 10.0 // the settled load, and of how many samples; empty to begin with
	from := 0.0
	for i := still - 1; i < len(samples); i++ {
		lo, hi, sum := samples[i], samples[i], 0.0
		for _, x := range samples[i-still+1 : i+1] {
			lo, hi, sum = min(lo, x), max(hi, x), sum+float64(x)
		}
		if float64(hi-lo) > spread(p) {
			continue
		}
		mean := sum / float64(still)
		switch d := mean - level; {
		case d > feel(p) || d < -feel(p):
			out = append(out, step{from: from, t: float64(i) * sampleSec, grams: d, total: mean, n: float64(still)})
			level, n = mean, float64(still)
			from = float64(i) * sampleSec
		default:
			from = float64(i) * sampleSec
			n = min(n+1, 20)
			level += (float64(samples[i]) - level) / n
		}
	}
	return out
}

// feel is the smallest change that is looked at.
func feel(p params) float64 { return max(1.2*p.division, 4*p.noise) }
