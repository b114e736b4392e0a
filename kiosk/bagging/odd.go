package bagging

import (
	"math"
	"slices"
)

// Odd is a weight that did not fit, the trip it was seen in, and whether a
// person looked at it and found it right.
type Odd struct {
	Grams float64 `json:"g"`
	Trip  string  `json:"trip"`
	Staff bool    `json:"staff,omitempty"`
	// P is how likely it was, by the trip, that a piece of the article weighed that
	// in full: not one that rested on the frame, nothing unpaid, and none at the edge
	// of what pieces weigh anyway.
	P float64 `json:"p,omitempty"`
	// N was how many pieces had one of the weights that are believed in by then: the
	// more have since, the less a new packaging is likely.
	N int64 `json:"n,omitempty"`
}

// odds are those that it was one of the article's weights. Once it was not noted how
// likely that was: then a person's word makes it so.
func (o Odd) odds() float64 {
	p := o.P
	if o.Staff && p == 0 {
		p = 1
	}
	p = math.Min(p, surest)
	return p / (1 - p)
}

const (
	oddKept  = 8 // odd weights remembered
	oddAgree = 4 // people who must agree before a new weight is believed

	oddAgain   = 30   // times likelier a new packaging with each that agrees
	oddAlpha   = 10   // about how many sales the old packaging's spread is worth, twice
	soonOut    = 10   // pieces after which an old packaging is as likely sold out as not
	leastNext  = 0.01 // of the pieces: a packaging that waits for staff with less is gone
	leastShare = 1e-6 // of the next pieces: a candidate with less is none
	surest     = 0.98 // that one odd weight is one of the article's
	mixed      = 0.5  // of the new packagings, those that come beside the old for a while
)

// learnOdd remembers a weight that does not fit, one a trip, and believes in it
// once enough people agree: shoppers, and a person who looked. One such person
// must be among them when the new weight fits a dearer article, which somebody
// may be passing off as this one.
func (w Weight) learnOdd(s sight) Weight {
	o := Odd{Grams: s.grams, Trip: s.trip, Staff: s.staff, P: s.p, N: w.seen()}
	odd := slices.DeleteFunc(slices.Clone(w.Odd), func(o Odd) bool { return o.Trip == s.trip })
	if len(odd) == len(w.Odd) { // a trip has one vote
		w.Run++
	}
	odd = append(odd, o)
	if len(odd) > oddKept {
		odd = odd[1:]
	}
	w.Odd = odd
	a := w.agreed(s.grams, s.noise)
	need := w.known() && (s.dear == nil || s.dear(a.mean))
	switch {
	case a.people < oddAgree:
		return w
	case need && !a.staff:
		return w.waits(a)
	default:
		next := a.weight(w)
		next.N = int64(a.trips)
		return w.renewed(next, s)
	}
}

// waits returns w with what enough people had as the packaging that waits for staff,
// once it has been asked for, where the last pieces were hardly anything else.
func (w Weight) waits(a accord) Weight {
	if a.trips <= oddAgree || a.odds < oddAgain || w.fits(a.mean, 0) {
		return w
	}
	next := a.weight(w)
	next.N = int64(a.trips)
	m := next.mode()
	w.Next, w.NextAt = &m, a.since
	return w
}

// nextShare is how likely the next piece is of the packaging that waits for staff.
func (w Weight) nextShare() float64 {
	run := min(w.Run, w.Next.N)
	return 1 - oldShare(float64(max(w.seen()-w.NextAt, 0)), float64(w.Next.N-run), float64(run))
}

// oldShare is how likely the next piece is of a packaging that so many pieces had of
// those since another came, m pieces of which lay between them and run came after the
// last: it is sold out since, or they come mixed as before.
func oldShare(old, m, run float64) float64 {
	a, _ := math.Lgamma(m + 1 + run)
	b, _ := math.Lgamma(old + m + 2)
	c, _ := math.Lgamma(m + 1)
	d, _ := math.Lgamma(old + m + 2 + run)
	none := math.Exp(a + b - c - d) // of run, if they come mixed
	return none / (none + run/soonOut) * (old + 1) / (old + m + run + 2)
}

// An accord is what the odd weights near one have in common.
type accord struct {
	people, trips int
	staff         bool
	mean, sd      float64
	odds          float64 // that it is one of the article's weights, more with each that agrees
	since         int64   // how many pieces were as believed before the first of them
	first         int     // ... and its index in Weight.Odd
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
			a.odds = max(a.odds*oddAgain, o.odds())
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

// A candidate is a weight that is reckoned with and not believed in yet. It explains
// pieces as far as it is likely; it teaches nothing, and is not shared as the weight.
type candidate struct {
	accord
	speaks float64 // how much speaks for it, as odds,
	share  float64 // ... and how likely the next piece weighs so
}

// candidate is the odd weight that most speaks for, if one is worth reckoning with: the
// more pieces had it of all that came since, odd ones too, and of equals the latest.
func (w Weight) candidate(noise float64) (best candidate, ok bool) {
	for _, o := range slices.Backward(w.Odd) {
		if w.waitsAs(o.Grams, noise) {
			continue
		}
		a := w.agreed(o.Grams, noise)
		odds := a.odds
		if a.people >= oddAgree && (a.staff || a.mean < w.MeanG) {
			odds = math.Max(odds, oddAgain)
		}
		since := math.Max(float64(w.seen()-a.since), 0) + float64(len(w.Odd)-a.first)
		trips := float64(a.trips)
		if a.trips == len(w.Odd) {
			trips, since = math.Max(trips, float64(w.Run)), math.Max(since, float64(w.Run))
		}
		c := candidate{accord: a}
		if c.speaks, c.share = comes(odds, trips, since); c.share > leastShare && c.speaks > best.speaks {
			best, ok = c, true
		}
	}
	return best, ok
}

// comes is how much speaks for a weight that k of the last n pieces had, given the
// odds that it is one of the article's at all, and how likely the next piece has it.
// Either all have it from now on, or the two come mixed in any proportion.
func comes(odds, k, n float64) (speaks, next float64) {
	a, _ := math.Lgamma(k + 1)
	b, _ := math.Lgamma(n - k + 1)
	c, _ := math.Lgamma(n + 2)
	mix := mixed * math.Exp(a+b-c)
	all := 0.0
	if k >= n {
		all = 1 - mixed
	}
	speaks = odds * (all + mix)
	return speaks, odds * (all + mix*(k+1)/(n+2)) / (speaks + 1)
}

// weight is what the accord says a piece of w weighs. Pieces differ as those of w
// did: the few that agree look closer together than the next ones will be.
func (a accord) weight(w Weight) Weight {
	if w.N < fewSales || !w.known() {
		sd := max(a.sd, w.SDG(), 1+0.005*a.mean)
		return Weight{MeanG: a.mean, Kappa: float64(a.trips) / 2, Alpha: priorAlpha, Beta: priorAlpha * sd * sd}
	}
	sd := w.SDG() * max(a.mean/w.MeanG, 1)
	alpha := math.Min(w.Alpha, oddAlpha)
	next := Weight{MeanG: a.mean, Kappa: float64(a.trips), Alpha: alpha, Beta: alpha * sd * sd}
	next.Alpha0 = w.Alpha0 * alpha / w.Alpha
	next.Beta0 = w.Beta0 / w.Beta * next.Beta
	return next
}

// secondShare is how likely the next piece is of the second packaging: as many as
// came since the first is believed in; if none did, it is probably sold out.
func (w Weight) secondShare() float64 {
	if w.Second.N == 0 {
		return oldLeft(w.N)
	}
	return (float64(w.Second.N) + 1) / (float64(w.N+w.Second.N) + 2)
}

// oldLeft is how likely the next piece is of a packaging that none of the last n
// pieces had: it is sold out, or they come mixed.
func oldLeft(n int64) float64 {
	return mixed / float64((n+1)*(n+2))
}
