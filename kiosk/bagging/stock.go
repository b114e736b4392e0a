package bagging

import "math"

// stock is the density of the weight of a piece of what is sold, by the gram: of
// each article as often as it was bagged. It is kept up as weights are learned.
type stock struct {
	at  []float64 // pieces a gram
	all float64   // pieces
}

const (
	stockGrams = 6000 // beyond that the smooth density is good enough
	stockShare = 0.85 // of what is sold, what weighs the same each time
	worthStock = 300  // pieces the assumed density is worth
	stockWide  = 4    // standard deviations of a piece that are counted
)

// newStock counts all of what is known.
func newStock(ws Weights) stock {
	s := stock{at: make([]float64, stockGrams)}
	for _, w := range ws {
		s.add(w, 1)
	}
	return s
}

// add counts the pieces of w, or with -1 takes them out again.
func (s *stock) add(w Weight, sign float64) {
	if w.Second != nil {
		s.spread(w.Second.weight(), sign)
	}
	s.spread(w, sign)
}

func (s *stock) spread(w Weight, sign float64) {
	if !w.known() || w.N <= 0 || w.MeanG >= stockGrams {
		return
	}
	n := sign * float64(w.N)
	s.all = math.Max(s.all+n, 0)
	v := w.variance() + 4 // and the scale's
	reach := math.Min(stockWide*math.Sqrt(v), w.MeanG)
	for g := int(math.Ceil(w.MeanG - reach)); g < stockGrams && float64(g) <= w.MeanG+reach; g++ {
		s.at[g] = math.Max(s.at[g]+n*normal(float64(g)-w.MeanG, v), 0)
	}
}

// sharpen returns the density at x grams, given the smooth one.
func (s *stock) sharpen(x, smooth float64) float64 {
	g := int(x + 0.5)
	if s.all <= 0 || g < 0 || g >= stockGrams {
		return smooth
	}
	known := stockShare * s.all / (s.all + worthStock)
	return (1-known)*smooth + known*s.at[g]/s.all
}

// any is the density of the weight of some article as they are sold here.
func (c *Check) any(x float64) float64 { return c.stock.sharpen(x, c.rate.any(x)) }
