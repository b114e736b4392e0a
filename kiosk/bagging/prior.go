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
	classKappa = 6   // sales the list is worth at most, once a class has shown how good it is
	classSure  = 10  // articles from which a class tells how far pieces differ at most:
	mostOff    = 2.0 // ... so many standard deviations above its mean square
	// Until then it is what a packer may do (Directive 76/211/EEC: at most one pack in
	// forty beyond the tolerable error, which of a normal distribution is 1.96 standard
	// deviations), what packaging differs, as a part of the whole, and what is listed.
	mostFill   = 1 / 1.96
	mostPack   = 0.006
	sureAlpha  = 10  // from which a spread beyond that is believed
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
		alpha, beta := w.Alpha-w.Alpha0, w.Beta-w.Beta0 // what was seen, and not only expected
		if !(alpha > 1 && beta > 0) {
			continue
		}
		c := &all[classOf(w.ListedG, w.ListedSD)]
		u := usual(w.ListedG, w.ListedSD)
		own := beta / alpha / (u * u)
		off := (w.MeanG - w.ListedG) / w.ListedSD
		if math.Abs(off) > 3 { // another packaging than the one listed
			continue
		}
		c.n++
		c.own, c.owned = c.own+own, c.owned+own*own/(1+1/alpha)
		c.off, c.offed = c.off+off, c.offed+off*off
	}
	return all
}

// usual is the spread of pieces as packs are filled.
func usual(meanG, sdG float64) float64 {
	if classOf(meanG, sdG) == classCount-1 { // as they grow, or are cut
		return sdG
	}
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
	w.Alpha0, w.Beta0 = w.Alpha, w.Beta
	w.Kappa = math.Min(piece*piece/(sd*sd), classKappa)
	return w
}

// most is the variance beyond which pieces do not differ, as far as is known: how
// packs may be filled, and what the class has shown. 0: no limit is known.
func (all *classes) most(meanG, sdG float64) float64 {
	if meanG <= 0 || sdG <= 0 {
		return 0
	}
	k := classOf(meanG, sdG)
	c := &all[k]
	u := usual(meanG, sdG)
	if c.n >= classSure {
		own := c.own / c.n
		return u * u * (own + mostOff*math.Sqrt(math.Max(c.owned/c.n-own*own, 0.05)))
	}
	if k == classCount-1 {
		return 0
	}
	fill, pack := mostFill*tolerable(meanG), mostPack*meanG
	return math.Max(fill*fill+pack*pack, sdG*sdG)
}

// anew is w with the spread that is expected of its kind by now in place of what was
// expected of it at first.
func (all *classes) anew(w Weight) Weight {
	if !(w.Alpha0 > 0 && w.Beta0 > 0 && w.Alpha0 <= w.Alpha && w.Beta0 <= w.Beta) || w.ListedG <= 0 || w.ListedSD <= 0 {
		return w
	}
	kind := all.expect(w.ListedG, w.ListedSD)
	part := 1.0
	if w.Alpha >= maxAlpha || w.Changed > 0 { // of which a part has been forgotten
		part = w.Alpha0 / kind.Alpha0
	}
	alpha, beta := part*kind.Alpha0, part*kind.Beta0
	w.Alpha, w.Beta = w.Alpha-w.Alpha0+alpha, w.Beta-w.Beta0+beta
	w.Alpha0, w.Beta0 = alpha, beta
	return w
}
