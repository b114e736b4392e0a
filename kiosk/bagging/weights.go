package bagging

import "math"

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
	// Alpha0 and Beta0 are the parts of Alpha and Beta that were expected of an
	// article of its kind before any was weighed; as more is learned of the kind,
	// they are expected anew.
	Alpha0 float64 `json:"alpha0,omitempty"`
	Beta0  float64 `json:"beta0,omitempty"`
	// Odd are the last weights that did not fit, oldest first.
	Odd []Odd `json:"odd,omitempty"`
	// Run is how many pieces have come since one last weighed MeanG.
	Run int64 `json:"run,omitempty"`
	// Second is the weight of another packaging that is, or was, sold as well.
	Second *Mode `json:"second,omitempty"`
	// Next is the weight of a new packaging that enough people had and nobody of the
	// staff has seen, as must be where it fits a dearer article: it explains pieces as
	// far as it is likely, and nothing else. NextAt is how many pieces of the weights
	// that are believed in had come before it.
	Next   *Mode `json:"next,omitempty"`
	NextAt int64 `json:"next_at,omitempty"`
	// Sold is how many pieces came that could be told apart, whatever they weighed.
	Sold int64 `json:"sold,omitempty"`
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

// waitsAs reports whether a piece of x grams is one of the packaging that waits for
// staff.
func (w Weight) waitsAs(x, noise float64) bool {
	return w.Next != nil && w.Next.weight().fits(x, noise)
}

// seen is how many pieces had one of the weights that are believed in.
func (w Weight) seen() int64 {
	if w.Second != nil {
		return w.N + w.Second.N
	}
	return w.N
}

// sold is how many pieces came.
func (w Weight) sold() int64 { return max(w.Sold, w.seen()) }

// mode is w without its second weight and what did not fit.
func (w Weight) mode() Mode { return Mode{w.N, w.MeanG, w.Kappa, w.Alpha, w.Beta} }

// A sight is a piece that was weighed.
type sight struct {
	grams  float64
	noise  float64 // variance of the scale
	sure   float64 // how sure it is that it was a piece of the article and nothing else
	p      float64 // of one that does not fit: how likely a piece weighed that in full
	trip   string
	other  bool   // another of the article's weights explains it better than MeanG
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
	maxKappa    = 40  // about how many sales the mean remembers
	maxAlpha    = 30  // the same for the spread
	sureOdd     = 0.9 // how sure a weight must be the article's to count among them
	inlier      = 4.0 // standard errors within which a weight teaches,
	inlierFew   = 3.5 // ... one with fewer than fewSales sales,
	inlierFirst = 3.0 // ... and one with fewer than firstFew
	fewSales    = 10
	strayed     = 2.5 // ... and from the catalogue's, beyond which it does not if it fits a dearer article
	firstFew    = 3   // sales for which the catalogue's spread counts
	priorKappa  = 2   // sales the catalogue's mean is worth at most
	priorMid    = 0.7 // where the spread of pieces stands between the usual and the catalogue's doubt
	usualFill   = 0.3 // of the tolerable error: a usual spread
	priorAlpha  = 3   // about how many sales a spread from the catalogue is worth, twice

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
	return Weight{MeanG: meanG, Kappa: kappa, Alpha: alpha, Beta: alpha * own * own, Alpha0: alpha, Beta0: alpha * own * own}
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
	switch {
	case w.N < firstFew:
		in = inlierFirst
	case w.N < fewSales:
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
	case !s.other && (w.fits(s.grams, s.noise) || w.N < firstFew && s.listed.fits(s.grams, s.noise)):
		if again {
			return w
		}
		w.Last, w.Run = s.trip, 0
		return w.moved(s.grams, s.noise, s.sure).settled(s.noise)
	case w.Second != nil && w.rather(w.Second.weight(), w.secondShare(), s):
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
	case w.Next != nil && w.rather(w.Next.weight(), w.nextShare(), s):
		return w.learnNext(s)
	default:
		return w.learnOdd(s)
	}
}

// rather reports whether a sight is of packaging m, which that share of the pieces has,
// rather than one at the edge of what they weigh anyway.
func (w Weight) rather(m Weight, share float64, s sight) bool {
	if !m.fits(s.grams, s.noise) {
		return false
	}
	first := student(s.grams-w.MeanG, w.variance()+s.noise, 2*w.Alpha)
	return share*student(s.grams-m.MeanG, m.variance()+s.noise, 2*m.Alpha) > (1-share)*first
}

// learnNext returns w after a piece of the packaging that waits for staff, and believes
// in it if it is staff who saw it, or no dearer article weighs that any more.
func (w Weight) learnNext(s sight) Weight {
	if s.trip != "" && s.trip == w.Last && !s.staff {
		return w
	}
	w.Last = s.trip
	w.Run++
	next := w.Next.weight().moved(s.grams, s.noise, s.sure)
	if !s.staff && (s.dear == nil || s.dear(next.MeanG)) {
		m := next.mode()
		w.Next = &m
		return w
	}
	return w.renewed(next, s)
}

// settled is w without a packaging that waits for staff and turned out to be none: the
// believed one weighs that, or hardly any piece had it since.
func (w Weight) settled(noise float64) Weight {
	if w.Next != nil && (w.fits(w.Next.MeanG, noise) || w.nextShare() < leastNext) {
		w.Next, w.NextAt = nil, 0
	}
	return w
}

// strays reports whether a weight that few have taught would creep, with s, from
// what the catalogue says to what a dearer article weighs.
func (w Weight) strays(s sight) bool {
	d := s.grams - s.listed.MeanG
	return w.N < fewSales && w.Changed == 0 && !s.staff && s.sure >= sureOdd && s.dear != nil && s.listed.known() &&
		d*d > strayed*strayed*(s.listed.variance()+s.noise) && s.dear(s.grams)
}

// keep takes over what is not about the weight.
func (w *Weight) keep(o Weight) {
	w.Price, w.ListedG, w.ListedSD = o.Price, o.ListedG, o.ListedSD
	w.Calls, w.False, w.Changed, w.Sold = o.Calls, o.False, o.Changed, o.Sold
}

// renewed is w once next is believed to be what pieces weigh.
func (w Weight) renewed(next Weight, s sight) Weight {
	next.keep(w)
	next.Last = s.trip
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

// swapped makes the second weight the first.
func (w Weight) swapped() Weight {
	first, second := w.Second.weight(), w.mode()
	first.Odd, first.Last, first.Next, first.NextAt = w.Odd, w.Last, w.Next, w.NextAt
	first.keep(w)
	first.Second = &second
	return first
}

// moved returns w drawn towards x, as far as it is sure that x is a piece of it.
func (w Weight) moved(x, noise, sure float64) Weight {
	d := x - w.MeanG
	own := w.Beta / w.Alpha
	share := own / (own + noise) // the part of the deviation that is not the scale's
	if w.N > 0 {                 // how far the first is off the list says nothing of how far pieces differ
		w.Beta += sure * share * w.Kappa * d * d / (2 * (w.Kappa + sure))
		w.Alpha += 0.5 * sure
	}
	w.MeanG += sure * d / (w.Kappa + sure)
	w.Kappa = min(w.Kappa+sure, maxKappa)
	if w.Alpha > maxAlpha {
		part := maxAlpha / w.Alpha
		w.Alpha, w.Beta, w.Alpha0, w.Beta0 = maxAlpha, w.Beta*part, w.Alpha0*part, w.Beta0*part
	}
	w.Beta = max(w.Beta, w.Alpha*0.25) // never surer than half a gram
	w.N++
	return w
}
