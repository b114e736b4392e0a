package bagging

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const (
	maxKey   = 64 // bytes of an article's key, or of a trip's
	maxSeen  = 1e9
	rounding = 1e-9  // of sums that were worked out in another order
	spread   = 3     // times its own spread that a lane believes of others
	enough   = 1_000 // pieces; who learned from more is not believed more
	// elsewhere begins the trips of votes that another lane's weight counts for.
	elsewhere = "elsewhere "
)

// Share returns what another lane may use of w: who was called about the article
// here is about this lane and its scale.
func (w Weight) Share() Weight {
	w.Calls, w.False, w.Next, w.NextAt = 0, 0, nil, 0
	w.Odd = slices.DeleteFunc(slices.Clone(w.Odd), func(o Odd) bool { return strings.HasPrefix(o.Trip, elsewhere) })
	return w
}

// Check reports what makes no sense in a weight that came from elsewhere.
func (w Weight) Check(key string) error {
	switch {
	case key == "" || len(key) > maxKey:
		return fmt.Errorf("article %.70q: its key has 1 to %d bytes", key, maxKey)
	case !w.known() && (w.Kappa != 0 || w.MeanG != 0):
		return fmt.Errorf("article %q: mean %g g, kappa %g, alpha %g, beta %g are no weight", key, w.MeanG, w.Kappa, w.Alpha, w.Beta)
	case w.Second != nil && !w.Second.weight().known():
		return fmt.Errorf("article %q: its second weight is none", key)
	case w.Next != nil && (!w.Next.weight().known() || w.NextAt < 0):
		return fmt.Errorf("article %q: the weight that waits for staff is none", key)
	case !(w.Alpha0 >= 0 && w.Alpha0 <= w.Alpha*(1+rounding) && w.Beta0 >= 0 && w.Beta0 <= w.Beta*(1+rounding)):
		return fmt.Errorf("article %q: alpha %g, beta %g, of which %g and %g were expected", key, w.Alpha, w.Beta, w.Alpha0, w.Beta0)
	case w.N < 0 || w.Run < 0 || w.Run > maxSeen || w.N > maxSeen || w.Sold < 0 || w.Sold > maxSeen || w.Changed < 0 || w.Price < 0 || len(w.Odd) > oddKept || len(w.Last) > maxKey:
		return fmt.Errorf("article %q: counts out of range", key)
	}
	for _, o := range w.Odd {
		if !(o.Grams > 0 && o.Grams <= maxGrams) || !(o.P >= 0 && o.P <= 1) || len(o.Trip) > maxKey {
			return fmt.Errorf("article %q: %g g seen in %.70q", key, o.Grams, o.Trip)
		}
	}
	return nil
}

// agrees reports whether two weights can be of the same packaging.
func (w Weight) agrees(o Weight) bool { return w.fits(o.MeanG, o.variance()) }

// knows reports whether o is the first or second weight of w.
func (w Weight) knows(o Weight) bool {
	return w.agrees(o) || w.Second != nil && w.Second.weight().agrees(o)
}

// MergeWeight returns what a lane that has learned mine knows of an article after
// it heard what another lane has learned:
//
//   - Where the two agree, whoever has learned from more pieces is believed,
//     whole: mean, spread and second packaging belong together. With as many,
//     mine stays. So nothing that is heard twice counts twice. A spread far beyond
//     what was seen here is not.
//   - Where this lane knows little of it, the same.
//   - Where they do not agree, or theirs has a second packaging that is not known
//     here, and this lane knows it well, that weight is
//     worth all the votes that are needed but one: the first shopper here whose
//     piece weighs as much has it believed, or the first that staff looked at if
//     a dearer article weighs as much (see Weight). A lane that was led astray
//     leads no other.
//   - Odd weights that were seen there are votes here, as far as there is room.
//   - Who was called about it stays what it was here.
func MergeWeight(mine, theirs Weight) Weight {
	if !theirs.known() {
		return mine.heard(theirs)
	}
	switch {
	case !mine.known() || mine.agrees(theirs), !mine.knows(theirs) && mine.N < fewSales:
		wild := mine.N >= fewSales && theirs.SDG() > spread*mine.SDG()
		if wild || mine.known() && theirs.N <= mine.N {
			return mine.heard(theirs)
		}
		return mine.became(theirs)
	case mine.knows(theirs) || theirs.N < oddAgree:
		return mine.heard(theirs)
	default:
		return mine.told(theirs)
	}
}

// became returns o in the place of w.
func (w Weight) became(o Weight) Weight {
	out := o.Share().heard(w)
	out.Calls, out.False = w.Calls, w.False
	if w.Next != nil && !out.knows(w.Next.weight()) { // what waits for this lane's staff waits on
		out.Next, out.NextAt = w.Next, max(out.seen()-(w.seen()-w.NextAt), 0)
	}
	if !w.known() || o.Second == nil || w.knows(o.Second.weight()) {
		return out
	}
	out.Second = w.Second
	return out.told(o.Second.weight())
}

// heard returns w with the odd weights of o, none of them twice and none pushed
// out by them.
func (w Weight) heard(o Weight) Weight {
	var more []Odd
	for _, v := range o.Odd {
		same := func(x Odd) bool { return x.Trip == v.Trip }
		if len(w.Odd)+len(more) >= oddKept || slices.ContainsFunc(w.Odd, same) || slices.ContainsFunc(more, same) {
			continue
		}
		if !w.fits(v.Grams, 0) && (w.Second == nil || !w.Second.weight().fits(v.Grams, 0)) {
			v.N = w.seen()
			more = append(more, v)
		}
	}
	if len(more) > 0 {
		w.Odd = append(more, w.Odd...) // the first to go when there is more to remember
	}
	return w
}

// told returns w with the votes that another lane's weight is worth.
func (w Weight) told(o Weight) Weight {
	votes := make([]Odd, 0, oddKept)
	for i := range oddAgree - 1 {
		votes = append(votes, Odd{Grams: o.MeanG, Trip: fmt.Sprint(elsewhere, i+1), N: w.seen()})
	}
	own := slices.DeleteFunc(slices.Clone(w.Odd), func(v Odd) bool { return strings.HasPrefix(v.Trip, elsewhere) })
	if room := oddKept - len(votes); len(own) > room {
		own = own[len(own)-room:]
	}
	w.Odd = append(votes, own...)
	return w
}

// Gather returns what lanes have learned of one article as others should hear
// it: the weight that most of them know, and the one that is next, such as that
// of a new packaging. Of those that agree it is the one learned from most pieces.
// So a lane alone, whatever it says, does not speak for a store.
func Gather(lanes []Weight) []Weight {
	type view struct {
		w     Weight
		known int // by so many lanes
	}
	var views []view
	for _, w := range lanes {
		v := view{w: w}
		for _, o := range lanes {
			if w.known() && o.knows(w) {
				v.known++
			}
		}
		views = append(views, v)
	}
	slices.SortStableFunc(views, func(x, y view) int {
		return cmp.Or(cmp.Compare(y.known, x.known), cmp.Compare(min(y.w.N, enough), min(x.w.N, enough)),
			cmp.Compare(x.w.SDG(), y.w.SDG()), cmp.Compare(x.w.MeanG, y.w.MeanG))
	})
	var out []Weight
	for _, v := range views {
		if len(out) < 2 && !slices.ContainsFunc(out, func(o Weight) bool { return o.MeanG == v.w.MeanG || o.agrees(v.w) }) {
			out = append(out, v.w.Share())
		}
	}
	return out
}
