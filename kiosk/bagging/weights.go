package bagging

import (
	"math"
	"slices"
)

// Weights is what was learned, by GTIN or PLU. It can be kept as JSON.
type Weights map[string]Weight

// A Weight is what is known of the weight of one piece: a normal-inverse-gamma
// posterior that forgets (Kappa and Alpha are capped), and a short list of
// weights that did not fit.
type Weight struct {
	N     int64   `json:"n"`      // pieces learned from
	MeanG float64 `json:"mean_g"` // grams
	Kappa float64 `json:"kappa"`
	Alpha float64 `json:"alpha"`
	Beta  float64 `json:"beta"`
	// Odd are the last weights that did not fit, oldest first.
	Odd []Odd `json:"odd,omitempty"`
	// Second is the weight of another packaging that is, or was, sold as well.
	Second *Mode `json:"second,omitempty"`
	// Last is the trip that taught last: a trip has one vote.
	Last string `json:"last,omitempty"`
}

// A Mode is what is known of a second weight, in the terms of Weight.
type Mode struct {
	N     int64   `json:"n"`
	MeanG float64 `json:"mean_g"`
	Kappa float64 `json:"kappa"`
	Alpha float64 `json:"alpha"`
	Beta  float64 `json:"beta"`
}

// weight is m alone.
func (m Mode) weight() Weight {
	return Weight{N: m.N, MeanG: m.MeanG, Kappa: m.Kappa, Alpha: m.Alpha, Beta: m.Beta}
}

// mode is w without its second weight and what did not fit.
func (w Weight) mode() Mode { return Mode{w.N, w.MeanG, w.Kappa, w.Alpha, w.Beta} }

// Odd is a weight that did not fit, and the trip it was seen in.
type Odd struct {
	Grams float64 `json:"g"`
	Trip  string  `json:"trip"`
}

// A WeightUpdate is a Weight that changed.
type WeightUpdate struct {
	Key    string `json:"key"`
	Weight Weight `json:"weight"`
}

const (
	maxKappa = 40 // about how many sales the mean remembers
	maxAlpha = 30 // the same for the spread
	oddKept  = 8  // odd weights remembered
	oddAgree = 4  // shoppers who must agree before a new weight is believed
	inlier   = 3  // standard errors within which a weight teaches

	secondSales = 10 // sales of a second weight, and
	secondFirst = 2  // times as many as of the first, and it is the first
)

// prior is what the catalogue knows. Without a spread a twentieth of a net
// weight's tolerance by Directive 76/211/EEC would be too narrow and its whole
// too wide: 1.5 % and 2 g stand between, and the mean is trusted less.
func prior(meanG, sdG float64) Weight {
	kappa := 2.0
	if sdG <= 0 {
		sdG, kappa = 2+0.015*meanG, 0.5
	}
	const alpha = 3
	return Weight{MeanG: meanG, Kappa: kappa, Alpha: alpha, Beta: alpha * sdG * sdG}
}

// known reports whether w says anything about the weight, and no nonsense.
func (w Weight) known() bool {
	const most = maxGrams * maxGrams
	return w.MeanG > 0 && w.MeanG <= maxGrams && w.Kappa > 0 && w.Kappa <= most &&
		w.Alpha > 0 && w.Alpha <= most && w.Beta > 0 && w.Beta <= most*maxAlpha
}

// SDG returns the expected spread of one piece in grams, not counting that the
// mean itself is uncertain.
func (w Weight) SDG() float64 {
	if w.Alpha <= 0 || w.Beta <= 0 {
		return 0
	}
	return math.Sqrt(w.Beta / w.Alpha)
}

// variance is that of the next piece, the uncertain mean included.
func (w Weight) variance() float64 {
	if !w.known() {
		return 0
	}
	return w.Beta / w.Alpha * (w.Kappa + 1) / w.Kappa
}

// fits reports whether a piece of x grams is one like those before.
func (w Weight) fits(x, noise float64) bool {
	d := x - w.MeanG
	return w.known() && d*d <= inlier*inlier*(w.variance()+noise)
}

// learn returns w after a piece of x grams, seen in trip with the variance
// noise of the scale. A trip has one vote. What does not fit moves nothing: it
// is kept apart until oddAgree different trips agree on it.
func (w Weight) learn(x, noise float64, trip string) Weight {
	switch {
	case w.fits(x, noise):
		if trip != "" && trip == w.Last {
			return w
		}
		w.Last = trip
		return w.moved(x, noise)
	case w.Second != nil && w.Second.weight().fits(x, noise):
		if trip != "" && trip == w.Last {
			return w
		}
		w.Last = trip
		m := w.Second.weight().moved(x, noise).mode()
		w.Second = &m
		if m.N >= secondSales && m.N > secondFirst*w.N { // the old packaging is sold out
			return w.swapped()
		}
		return w
	default:
		return w.learnOdd(x, noise, trip)
	}
}

// swapped makes the second weight the first.
func (w Weight) swapped() Weight {
	first, second := w.Second.weight(), w.mode()
	first.Odd, first.Last = w.Odd, w.Last
	first.Second = &second
	return first
}

// moved returns w drawn towards x.
func (w Weight) moved(x, noise float64) Weight {
	d := x - w.MeanG
	own := w.Beta / w.Alpha
	share := own / (own + noise) // the part of the deviation that is not the scale's
	w.Beta += share * w.Kappa * d * d / (2 * (w.Kappa + 1))
	w.MeanG += d / (w.Kappa + 1)
	w.Kappa = min(w.Kappa+1, maxKappa)
	w.Alpha += 0.5
	if w.Alpha > maxAlpha {
		w.Beta *= maxAlpha / w.Alpha
		w.Alpha = maxAlpha
	}
	w.Beta = max(w.Beta, w.Alpha*0.25) // never surer than half a gram
	w.N++
	return w
}

// learnOdd remembers a weight that does not fit, one a trip, and believes in it
// once enough trips agree.
func (w Weight) learnOdd(x, noise float64, trip string) Weight {
	odd := slices.DeleteFunc(slices.Clone(w.Odd), func(o Odd) bool { return o.Trip == trip })
	odd = append(odd, Odd{x, trip})
	if len(odd) > oddKept {
		odd = odd[1:]
	}
	w.Odd = odd
	near := max(2*w.SDG(), 0.02*x, 2*math.Sqrt(noise))
	near = min(near, 6+0.06*x)
	if !w.known() { // the first weights of an article may differ as pieces of fruit do
		near = 6 + 0.06*x
	}
	var n, sum, squares float64
	for _, o := range odd {
		if d := o.Grams - x; math.Abs(d) <= near {
			n, sum, squares = n+1, sum+d, squares+d*d
		}
	}
	if n < oddAgree {
		return w
	}
	// The few that agree look closer together than the next ones will be.
	sd := max(2*math.Sqrt(max(squares/n-sum*sum/(n*n), 0)), w.SDG(), 1+0.005*x)
	next := prior(x+sum/n, sd)
	next.N, next.Last = int64(n), trip
	if w.known() && w.N > 0 { // the old packaging may still be on the shelf
		old := w.mode()
		old.N = 0 // counts from here
		next.Second = &old
	}
	return next
}
