package main

import "math"

// How a load comes to rest.
const (
	swingSec  = 0.08 // time constant
	swingFreq = 3.5  // hertz
	calmAfter = 1.2  // seconds after which a move is over
	touchSec  = 0.25 // fingers on the article after it was put down
	touchPart = 0.03 // ... of its weight, standard deviation
)

// rise is the part of a move that the platform shows after dt seconds.
func rise(dt float64) float64 {
	if dt >= calmAfter {
		return 1
	}
	return 1 - math.Exp(-dt/swingSec)*math.Cos(2*math.Pi*swingFreq*dt)
}

// sample is what the scale sends, ten times a second until end, for moves in
// order of time.
func (w *world) sample(moves []move, end float64) []float32 {
	out := make([]float32, 0, int(end/sampleSec)+1)
	rest, done := 0.0, 0 // the load of the moves that are over
	drift, wobble := 0.0, 0.0
	for i := 0; float64(i)*sampleSec <= end; i++ {
		t := float64(i) * sampleSec
		for done < len(moves) && t-moves[done].t >= calmAfter {
			rest += moves[done].grams
			done++
		}
		load, hands := rest, 0.0
		for _, m := range moves[done:] {
			if m.t > t {
				break
			}
			load += m.grams * rise(t-m.t)
			if t-m.t < touchSec {
				hands += touchPart * math.Abs(m.grams)
			}
		}
		wobble = 0.7*wobble + 0.714*w.rng.NormFloat64()
		drift += w.drift * math.Sqrt(sampleSec) * w.rng.NormFloat64()
		x := load + drift + w.noise*w.rng.NormFloat64() + hands*w.rng.NormFloat64()
		x += handWobble * wobble * leaning(moves, t)
		out = append(out, float32(w.division*math.Round(x/w.division)))
	}
	return out
}

// leaning is the force of the hands on the scale at time t.
func leaning(moves []move, t float64) float64 {
	g := 0.0
	for _, m := range moves {
		if m.t > t {
			break
		}
		if m.what == handOn || m.what == handOff {
			g += m.grams
		}
	}
	return math.Abs(g)
}
