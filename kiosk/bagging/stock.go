package bagging

import "math"

// stock is the density of the weight of a piece of what is sold, by the gram: of
// each article as often as it was bagged. It is kept up as weights are learned.
type stock struct {
	at   []float64 // pieces a gram
	all  float64   // pieces
	by   [priceBins]priced
	dear float64 // by how many half octaves a piece is dearer than another, on average, where both have a price
}

// priced is the stock of articles of about the same price.
type priced struct {
	at []float32
	n  float64
}

const (
	stockGrams = 6000 // beyond that the smooth density is good enough
	stockShare = 0.85 // of what is sold, what weighs the same each time
	stockNoise = 4    // square grams of the scale, about
	worthStock = 300  // pieces the assumed density is worth
	stockWide  = 4    // standard deviations of a piece that are counted
	priceBins  = 64   // half an octave each
)

// priceBin is the bin of a price; 0: it is not known.
func priceBin(price int64) int {
	if price <= 0 {
		return 0
	}
	return min(1+int(2*math.Log2(float64(price))), priceBins-1)
}

// newStock counts all of what is known.
func newStock(ws Weights) stock {
	s := stock{at: make([]float64, stockGrams)}
	for _, w := range ws {
		s.add(w, 1)
	}
	return s
}

// add counts the pieces of w, or with -1 takes them out again: what is reckoned with
// as far as it is likely.
func (s *stock) add(w Weight, sign float64) {
	n := sign * float64(w.sold())
	part := func(m Weight, share float64) {
		m.Price = w.Price
		s.spread(m, n*share)
		n *= 1 - share
	}
	if w.Next != nil {
		part(w.Next.weight(), w.nextShare())
	}
	if odd, ok := w.candidate(stockNoise); ok && w.known() {
		part(odd.weight(w), odd.share)
	}
	if w.Second != nil {
		part(w.Second.weight(), w.secondShare())
	}
	s.spread(w, n)
}

// spread counts n pieces that weigh as w.
func (s *stock) spread(w Weight, n float64) {
	if !w.known() || w.MeanG >= stockGrams {
		return
	}
	s.all = math.Max(s.all+n, 0)
	by := &s.by[priceBin(w.Price)]
	if by.at == nil {
		by.at = make([]float32, stockGrams)
	}
	by.n = math.Max(by.n+n, 0)
	v := w.variance() + stockNoise
	reach := math.Min(stockWide*math.Sqrt(v), w.MeanG)
	for g := int(math.Ceil(w.MeanG - reach)); g < stockGrams && float64(g) <= w.MeanG+reach; g++ {
		d := n * normal(float64(g)-w.MeanG, v)
		s.at[g] = math.Max(s.at[g]+d, 0)
		by.at[g] = max(by.at[g]+float32(d), 0)
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

// dearer is the density of the weight of what would be bagged in place of an article
// of that price, the likelier the dearer, by half octaves, times how much likelier it is
// than for any price; smooth is the density of all.
func (s *stock) dearer(x, smooth float64, price int64) float64 {
	bin := priceBin(price)
	if bin == 0 || s.all-s.by[0].n < worthStock || s.dear <= 0 {
		return s.sharpen(x, smooth)
	}
	g, at, n := int(x+0.5), 0.0, 0.0
	for i := bin + 1; i < priceBins; i++ {
		gain := float64(i - bin)
		n += gain * s.by[i].n
		if s.by[i].at != nil && g >= 0 && g < stockGrams {
			at += gain * float64(s.by[i].at[g])
		}
	}
	known := stockShare * s.all / (s.all + worthStock)
	if g < 0 || g >= stockGrams {
		known = 0
	}
	all := s.all - s.by[0].n
	return ((1-known)*smooth*n/all + known*at/all) / s.dear
}

// weighPrices works out by how much one piece is dearer than another.
func (s *stock) weighPrices() {
	all, above, gain, sum := s.all-s.by[0].n, 0.0, 0.0, 0.0
	for i := priceBins - 1; i > 0; i-- {
		gain += above // each of those above is one bin further
		sum += s.by[i].n * gain
		above += s.by[i].n
	}
	s.dear = sum / math.Max(all*all, 1)
}

// instead is the density of the weight of what somebody would bag in place of what
// costs price.
func (c *Check) instead(x float64, price int64) float64 {
	return c.stock.dearer(x, c.rate.any(x), price)
}
