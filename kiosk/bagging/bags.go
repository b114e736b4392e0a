package bagging

import "math"

const (
	bagBins   = 14  // of what an own bag weighs,
	bagLeast  = 8.0 // ... from so many grams,
	bagStep   = 0.35
	worthBags = 40 // bags that the assumed weights are worth
)

// bagBin is the bin of an own bag of x grams, and where between its middle and the
// next one's it is; false beyond them.
func bagBin(x float64) (i int, f float64, ok bool) {
	if x <= bagLeast {
		return 0, 0, false
	}
	at := math.Log(x/bagLeast)/bagStep - 0.5
	i = int(math.Floor(at))
	return i, at - float64(i), i >= 0 && i+1 < bagBins
}

// bagWeights works out what own bags weigh here.
func (h *Habits) bagWeights(r *rates) {
	all := 0.0
	for _, n := range h.BagAt {
		all += n
	}
	if all <= 0 {
		return
	}
	r.bagKnown = all / (worthBags + all)
	for i, n := range h.BagAt {
		r.bagAt[i] = n / all / bagStep // density of the logarithm
	}
}

// bag is the density of what an own bag weighs: as they weighed here, and as is
// assumed.
func (r *rates) bag(x float64) float64 {
	i, f, ok := bagBin(x)
	if !ok {
		return (1 - r.bagKnown) * ownBag(x, heavyBag)
	}
	return (1-r.bagKnown)*ownBag(x, heavyBag) + r.bagKnown*((1-f)*r.bagAt[i]+f*r.bagAt[i+1])/x
}

// learnBags counts the own bags of a trip in which they may have come so often.
func (h *Habits) learnBags(did *[didAll]float64, may [bagTimes]int) {
	for k := range h.BagAt {
		h.BagAt[k] += did[didBagAt+k]
	}
	if may[bagSaid] == 0 { // there was the time before the first scan
		may[bagBefore] = 1
	}
	for k := range h.Bags {
		h.Bags[k].add(did[didBag+k], float64(may[k]))
	}
}

// bagTime tells when a bag that comes now would come, by account h.
func (c *Check) bagTime(h *hypo) int {
	switch {
	case h.declared:
		return bagSaid
	case c.trip.changes <= 1 && len(c.lines) == 0:
		return bagBefore
	case c.trip.changes <= 1:
		return bagFirst
	default:
		return bagLater
	}
}

// loaded is the density of what an own bag with an article in it weighs: with each
// tenth of the bags, which weigh about what its middle one does.
func (c *Check) loaded(x float64) float64 {
	sum := 0.0
	for _, z := range [...]float64{-1.645, -1.036, -0.674, -0.385, -0.126, 0.126, 0.385, 0.674, 1.036, 1.645} {
		if g := x - bagMedian*math.Exp(bagSigma*z); g > 0 {
			sum += c.any(g) / 10
		}
	}
	return sum
}
