package main

import "math"

// normal is the density of a normal distribution with variance v at distance d.
func normal(d, v float64) float64 {
	return math.Exp(-d*d/(2*v)) / math.Sqrt(2*math.Pi*v)
}

// normalBelow is the chance that a standard normal variable is below z.
func normalBelow(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }

// logNormal is the density at x > 0 with the median and the spread sigma of the
// logarithm.
func logNormal(x, median, sigma float64) float64 {
	if x <= 0 {
		return 0
	}
	z := math.Log(x/median) / sigma
	return math.Exp(-z*z/2) / (x * sigma * math.Sqrt(2*math.Pi))
}

// logNormalAbove is the chance of more than x.
func logNormalAbove(x, median, sigma float64) float64 {
	if x <= 0 {
		return 1
	}
	return 1 - normalBelow(math.Log(x/median)/sigma)
}

// A table is a density by the gram, from 0.
type table []float64

const tableGrams = 8000

func (t table) at(x float64) float64 {
	i := int(math.Round(x))
	if i < 0 || i >= len(t) {
		return 0
	}
	return t[i]
}

// pieces is the density of the weight of a piece drawn by cumulated shares.
func (w *world) pieces(cumulated []float64) table {
	t := make(table, tableGrams)
	before := 0.0
	all := cumulated[len(cumulated)-1]
	for i := range w.arts {
		share := (cumulated[i] - before) / all
		before = cumulated[i]
		if share == 0 {
			continue
		}
		m, sd := w.arts[i].mean(), math.Hypot(w.arts[i].sd(), 1.5)
		for g := max(int(m-5*sd), 0); g < min(int(m+5*sd)+2, tableGrams); g++ {
			t[g] += share * normal(float64(g)-m, sd*sd)
		}
	}
	return t
}

// plusBag is the density of a piece of t in an own bag.
func (t table) plusBag() table {
	out := make(table, tableGrams)
	for b := 8; b < 250; b += 4 {
		p := 4 * logNormal(float64(b), bagMedian, bagSigma)
		for g := b; g < tableGrams; g++ {
			out[g] += p * t[g-b]
		}
	}
	return out
}
