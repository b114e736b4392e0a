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
	// Price is the latest of one piece, in the till's smallest unit; 0: not known.
	Price int64 `json:"price,omitempty"`
	// ListedG is the catalogue's weight when it was last sold, 0: none.
	ListedG float64 `json:"listed_g,omitempty"`
	// ListedSD is how far off the catalogue says a piece may be, grams.
	ListedSD float64 `json:"listed_sd,omitempty"`
	// Calls and False are calls about it, and those where nothing was wrong.
	Calls int64 `json:"calls,omitempty"`
	False int64 `json:"false,omitempty"`
	// Changed counts new packagings that were believed.
	Changed int64 `json:"changed,omitempty"`
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

// secondShare is how likely the next piece is of the second packaging: as many as
// came since the first is believed in.
func (w Weight) secondShare() float64 {
	return (float64(w.Second.N) + 1) / (float64(w.N+w.Second.N) + 1/secondComes)
}

// mode is w without its second weight and what did not fit.
func (w Weight) mode() Mode { return Mode{w.N, w.MeanG, w.Kappa, w.Alpha, w.Beta} }

// Odd is a weight that did not fit, the trip it was seen in, and whether a
// person looked at it and found it right.
type Odd struct {
	Grams float64 `json:"g"`
	Trip  string  `json:"trip"`
	Staff bool    `json:"staff,omitempty"`
	// N was how many pieces had taught the weight by then: the more have since, the
	// less a new packaging is likely.
	N int64 `json:"n,omitempty"`
}

// A sight is a piece that was weighed.
type sight struct {
	grams  float64
	noise  float64 // variance of the scale
	sure   float64 // how sure it is that it was a piece of the article and nothing else
	trip   string
	staff  bool   // a person said so
	listed Weight // what the catalogue says
	// dear reports whether a weight of so many grams fits a dearer article.
	dear func(grams float64) bool
}

// A WeightUpdate is a Weight that changed.
type WeightUpdate struct {
	Key    string `json:"key"`
	Weight Weight `json:"weight"`
}

const (
	maxKappa   = 40  // about how many sales the mean remembers
	maxAlpha   = 30  // the same for the spread
	oddKept    = 8   // odd weights remembered
	oddAgree   = 4   // people who must agree before a new weight is believed
	sureOdd    = 0.9 // how sure a weight must be the article's to count among them
	inlierFew  = 3.0 // ... of one with fewer than fewSales sales
	fewSales   = 10
	strayed    = 2.5 // ... and from the catalogue's, beyond which it does not if it fits a dearer article
	inlier     = 3.5 // standard errors within which a weight teaches
	firstFew   = 3   // sales for which the catalogue's spread counts
	priorKappa = 2   // sales the catalogue's mean is worth at most
	priorMid   = 0.7 // where the spread of pieces stands between the usual and the catalogue's doubt
	usualFill  = 0.3 // of the tolerable error: a usual spread
	priorAlpha = 3   // about how many sales a spread from the catalogue is worth, twice

	secondSales = 10 // sales of a second weight, and
	secondFirst = 2  // times as many as of the first, and it is the first
)

// prior is what the catalogue knows: the weight of a piece and how far off the
// next piece may be. Most of that is doubt about the mean and goes with the first
// sales; pieces among themselves differ as packs are filled.
func prior(meanG, sdG float64) Weight {
	if sdG <= 0 {
		sdG = 2 + 0.03*meanG
	}
	usual := math.Min(sdG, math.Hypot(1, usualFill*tolerable(meanG)))
	ratio := sdG / usual
	// Far from usual, the pieces themselves may differ as loaves do: how much, the
	// first few tell, and until then nothing is taken for sure.
	alpha := max(min(priorAlpha*3/ratio, priorAlpha), 1.0)
	own := math.Pow(usual, 1-priorMid) * math.Pow(sdG, priorMid)
	kappa := math.Min(own*own/math.Max(sdG*sdG-own*own, 1e-9), priorKappa)
	return Weight{MeanG: meanG, Kappa: kappa, Alpha: alpha, Beta: alpha * own * own}
}

// tolerable is the tolerable negative error of a net content of so many grams
// (Directive 76/211/EEC, annex I, 2.4): half of it is a wide fill.
func tolerable(g float64) float64 {
	switch {
	case g < 50:
		return 0.09 * g
	case g < 100:
		return 4.5
	case g < 200:
		return 0.045 * g
	case g < 300:
		return 9
	case g < 500:
		return 0.03 * g
	case g < 1000:
		return 15
	default:
		return 0.015 * g
	}
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

// fits reports whether a piece of x grams is one like those before. A weight that
// few have taught is stricter: it has not shown yet how far pieces differ.
func (w Weight) fits(x, noise float64) bool {
	d, in := x-w.MeanG, inlier
	if w.N < fewSales {
		in = inlierFew
	}
	return w.known() && d*d <= in*in*(w.variance()+noise)
}

// learn returns w after a sight. A trip has one vote. What does not fit moves
// nothing: it is kept apart until enough people agree on it. The first few pieces
// may be as far off as the catalogue says.
func (w Weight) learn(s sight) Weight {
	again := s.trip != "" && s.trip == w.Last
	switch {
	case w.strays(s):
		return w.learnOdd(s)
	case w.fits(s.grams, s.noise), w.N < firstFew && s.listed.fits(s.grams, s.noise):
		if again {
			return w
		}
		w.Last = s.trip
		return w.moved(s.grams, s.noise, s.sure)
	case w.Second != nil && w.Second.weight().fits(s.grams, s.noise):
		if again {
			return w
		}
		w.Last = s.trip
		m := w.Second.weight().moved(s.grams, s.noise, s.sure).mode()
		w.Second = &m
		if m.N >= secondSales && m.N > secondFirst*w.N { // the old packaging is sold out
			return w.swapped()
		}
		return w
	case s.sure < sureOdd:
		return w
	default:
		return w.learnOdd(s)
	}
}

// strays reports whether a weight that few have taught would creep, with s, from
// what the catalogue says to what a dearer article weighs.
func (w Weight) strays(s sight) bool {
	d := s.grams - s.listed.MeanG
	return w.N < fewSales && !s.staff && s.sure >= sureOdd && s.dear != nil && s.listed.known() &&
		d*d > strayed*strayed*(s.listed.variance()+s.noise) && s.dear(s.grams)
}

// keep takes over what is not about the weight.
func (w *Weight) keep(o Weight) {
	w.Price, w.ListedG, w.ListedSD = o.Price, o.ListedG, o.ListedSD
	w.Calls, w.False, w.Changed = o.Calls, o.False, o.Changed
}

// swapped makes the second weight the first.
func (w Weight) swapped() Weight {
	first, second := w.Second.weight(), w.mode()
	first.Odd, first.Last = w.Odd, w.Last
	first.keep(w)
	first.Second = &second
	return first
}

// moved returns w drawn towards x, as far as it is sure that x is a piece of it.
func (w Weight) moved(x, noise, sure float64) Weight {
	d := x - w.MeanG
	own := w.Beta / w.Alpha
	share := own / (own + noise) // the part of the deviation that is not the scale's
	w.Beta += sure * share * w.Kappa * d * d / (2 * (w.Kappa + sure))
	w.MeanG += sure * d / (w.Kappa + sure)
	w.Kappa = min(w.Kappa+sure, maxKappa)
	w.Alpha += 0.5 * sure
	if w.Alpha > maxAlpha {
		w.Beta *= maxAlpha / w.Alpha
		w.Alpha = maxAlpha
	}
	w.Beta = max(w.Beta, w.Alpha*0.25) // never surer than half a gram
	w.N++
	return w
}

// learnOdd remembers a weight that does not fit, one a trip, and believes in it
// once enough people agree: shoppers, and a person who looked. One such person
// must be among them when the new weight fits a dearer article, which somebody
// may be passing off as this one.
func (w Weight) learnOdd(s sight) Weight {
	o := Odd{s.grams, s.trip, s.staff, w.N}
	odd := slices.DeleteFunc(slices.Clone(w.Odd), func(o Odd) bool { return o.Trip == s.trip })
	odd = append(odd, o)
	if len(odd) > oddKept {
		odd = odd[1:]
	}
	w.Odd = odd
	a := w.agreed(s.grams, s.noise)
	need := w.known() && (s.dear == nil || s.dear(a.mean))
	if a.people < oddAgree || (need && !a.staff) {
		return w
	}
	// The few that agree look closer together than the next ones will be.
	next := Weight{MeanG: a.mean, Kappa: float64(a.trips) / 2, Alpha: priorAlpha}
	next.keep(w)
	sd := max(a.sd, w.SDG(), 1+0.005*a.mean)
	next.Beta = priorAlpha * sd * sd
	next.N, next.Last = int64(a.trips), s.trip
	if w.known() {
		next.Changed++
	}
	if w.known() && w.N > 0 { // the old packaging may still be on the shelf
		old := w.mode()
		old.N = 0 // counts from here
		next.Second = &old
	}
	return next
}

// An accord is what the odd weights near one have in common.
type accord struct {
	people, trips int
	staff         bool
	mean, sd      float64
	since         int64 // Weight.N before the first of them
	first         int   // ... and its index in Weight.Odd
}

// agreed gathers the odd weights near x.
func (w Weight) agreed(x, noise float64) accord {
	near := max(2*w.SDG(), 0.02*x, 2*math.Sqrt(noise))
	near = min(near, 6+0.06*x)
	if !w.known() { // the first weights of an article may differ as pieces of fruit do
		near = 6 + 0.06*x
	}
	var a accord
	var n, sum, squares float64
	for i, o := range w.Odd {
		if d := o.Grams - x; math.Abs(d) <= near {
			n, sum, squares = n+1, sum+d, squares+d*d
			if a.trips == 0 {
				a.first = i
			}
			a.trips++
			a.staff = a.staff || o.Staff
			if a.trips == 1 || o.N < a.since {
				a.since = o.N
			}
		}
	}
	if n == 0 {
		return a
	}
	a.people = a.trips
	if a.staff {
		a.people++
	}
	a.mean, a.sd = x+sum/n, 2*math.Sqrt(max(squares/n-sum*sum/(n*n), 0))
	return a
}

// A candidate is a weight that is not believed in yet: one that a person found
// right, or that as many people as it takes had.
type candidate struct {
	accord
	share float64 // of the pieces since the first of them, those that weighed so
}

// candidate is the likeliest of them, if there is one: the more pieces had it of all
// that came since, odd ones too, and of equals the latest.
func (w Weight) candidate(noise float64) (best candidate, ok bool) {
	for _, o := range slices.Backward(w.Odd) {
		a := w.agreed(o.Grams, noise)
		if a.people < oddAgree && !a.staff {
			continue
		}
		since := math.Max(float64(w.N-a.since), 0) + float64(len(w.Odd)-a.first)
		share := math.Min(float64(a.trips)/since, 1)
		if !ok || share > best.share {
			best, ok = candidate{a, share}, true
		}
	}
	return best, ok
}

// weight is what the accord says a piece of w weighs.
func (a accord) weight(w Weight) Weight {
	sd := max(a.sd, w.SDG(), 1+0.005*a.mean)
	return Weight{MeanG: a.mean, Kappa: float64(a.trips), Alpha: priorAlpha, Beta: priorAlpha * sd * sd}
}
