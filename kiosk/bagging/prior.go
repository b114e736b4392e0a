package bagging

import "math"

// A class is what the well-known articles of about the same doubt in the
// catalogue have shown: how far pieces differ, as parts of a usual spread, and how
// far off the list they were. It is what the next article of the kind is expected
// to be like.
type class struct {
	n          float64
	own, owned float64 // sums of the square of the spread, and of its square less what nobody knows of it
	off, offed float64 // sums of how far the mean was off the list, in its doubts, and of the square
}

const (
	classSales = 8   // sales from which an article speaks for its class
	worthClass = 2.0 // articles that what is assumed of a class is worth
	leastDoubt = 0.1 // of the catalogue's doubt, what is left of it at least
	leastAlpha = 2.2 // how unsure a class leaves one of a spread,
	mostAlpha  = 8   // ... and how sure it can make
)

// classOf is the class of an article whose weight the catalogue doubts by sdG.
func classOf(meanG, sdG float64) int {
	for i, part := range []float64{0.01, 0.02, 0.04, 0.08} {
		if sdG < part*meanG {
			return i
		}
	}
	return classCount - 1
}

const (
	classCount = 5
	classTrips = 50 // between two looks at what the articles show
)

// A classes is what was learned of all of them.
type classes [classCount]class

// classes gathers what the articles show.
func (ws Weights) classes() classes {
	var all classes
	for _, w := range ws {
		if w.N < classSales || w.ListedG <= 0 || w.ListedSD <= 0 || w.Changed > 0 || !w.known() {
			continue
		}
		c := &all[classOf(w.ListedG, w.ListedSD)]
		own := w.SDG() / usual(w.ListedG, w.ListedSD)
		own *= own
		off := (w.MeanG - w.ListedG) / w.ListedSD
		if math.Abs(off) > 3 { // another packaging than the one listed
			continue
		}
		c.n++
		c.own, c.owned = c.own+own, c.owned+own*own/(1+1/w.Alpha)
		c.off, c.offed = c.off+off, c.offed+off*off
	}
	return all
}

// usual is the spread of pieces as packs are filled.
func usual(meanG, sdG float64) float64 {
	return math.Min(sdG, math.Hypot(1, usualFill*tolerable(meanG)))
}

// expect is prior with what was learned of the article's class.
func (all *classes) expect(meanG, sdG float64) Weight {
	if sdG <= 0 {
		sdG = 2 + 0.03*meanG
	}
	w := prior(meanG, sdG)
	c := &all[classOf(meanG, sdG)]
	if c.n < 2 {
		return w
	}
	n := c.n + worthClass
	u := usual(meanG, sdG)
	// Of the spreads it is the wide ones that matter, and their squares tell of those:
	// logarithms tell of the narrow ones, which the scale hides.
	assumed := w.Beta / w.Alpha / (u * u)
	own := (worthClass*assumed + c.own) / n
	differ := (2*worthClass*assumed*assumed+c.owned)/n - own*own
	alpha := math.Min(math.Max(2+own*own/math.Max(differ, 1e-6), leastAlpha), mostAlpha)
	off := c.off / n
	doubt := (worthClass*(1+off*off) + c.offed - 2*off*c.off + c.n*off*off) / n
	sd, piece := sdG*math.Max(math.Sqrt(doubt), leastDoubt), u*math.Sqrt(own*(alpha-1)/alpha)
	w.MeanG += off * sdG
	w.Alpha, w.Beta = alpha, alpha*piece*piece
	w.Kappa = math.Min(piece*piece/(sd*sd), priorKappa)
	return w
}
