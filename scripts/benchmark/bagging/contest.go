package main

import "slices"

// The names of who is compared.
const (
	nameClassic  = "fixed +-X, classic"
	nameFixed    = "fixed +-X, lenient"
	nameFixedBag = "fixed +-X, bag allowance"
	namePercent  = "max(+-X, 5 %)"
	nameSigma    = "mean +- k sigma"
	nameSigmaBag = "mean +- k sigma, bag allowance"
	nameOurs     = "ours"
	nameTold     = "ours, told the true weights"
	nameLearns   = "oracle, learns weights itself"
	nameOracle   = "oracle"
)

// fixedRules and learnedRules are the families that ours is held against.
func fixedRules() []string { return []string{nameFixed, nameFixedBag, namePercent} }

func learnedRules() []string { return []string{nameSigma, nameSigmaBag} }

const trainOurs = 0.1 // threshold of ours while it learns

// field is who is compared. Two of them are no contestants: between ours and the
// oracle they tell what it costs to learn weights from what the stories do.
func field() []contestant {
	grams := []float64{8, 12, 16, 20, 25, 30, 40, 50, 60, 80, 100, 130, 170, 220}
	shares := []float64{0.03, 0.06, 0.1, 0.13, 0.18, 0.25, 0.35, 0.45, 0.6}
	odds := []float64{0.01, 0.02, 0.035, 0.05, 0.07, 0.1, 0.15, 0.22, 0.32, 0.5, 0.7, 0.85, 0.95}
	sigmas := []float64{1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 8, 10, 14, 20}
	return []contestant{
		{nameClassic, 30, grams, newRule(rule{tolerance: fixedTolerance, classic: true})},
		{nameFixed, 30, grams, newRule(rule{tolerance: fixedTolerance})},
		{nameFixedBag, 30, grams, newRule(rule{tolerance: fixedTolerance, bagGrams: bagAllowed})},
		{namePercent, 30, grams, newRule(rule{tolerance: percentTolerance})},
		{nameSigma, 4, sigmas, newRule(rule{tolerance: sigmaTolerance})},
		{nameSigmaBag, 4, sigmas, newRule(rule{tolerance: sigmaTolerance, bagGrams: bagAllowed})},
		{nameOurs, trainOurs, shares, func(s *set) lane { return newOurs(s.params, s.cat) }},
		{nameTold, trainOurs, shares, func(s *set) lane { return newTold(s.params, s.cat) }},
		{nameLearns, 1, odds, func(s *set) lane { return newLearningOracle(s) }},
		{nameOracle, 1, odds, func(s *set) lane { return newOracle(s) }},
	}
}

func newRule(r rule) func(*set) lane {
	return func(s *set) lane {
		c := r
		c.params, c.cat, c.known = s.params, s.cat, map[int]memory{}
		return &c
	}
}

// results are the points of each contestant, by seed.
type results map[string][][]point

// some is the contestants of field with that name, or all of them.
func some(name string) []contestant {
	if name == "" {
		return field()
	}
	return slices.DeleteFunc(field(), func(c contestant) bool { return c.name != name })
}

// brief is field with half the thresholds, without the rule that is worst
// everywhere and without who is no contestant: for many worlds.
func brief() []contestant {
	all := slices.DeleteFunc(field(), func(c contestant) bool {
		return c.name == nameClassic || c.name == nameTold || c.name == nameLearns
	})
	for i := range all {
		var half []float64
		for j := 0; j < len(all[i].thresholds); j += 2 {
			half = append(half, all[i].thresholds[j])
		}
		all[i].thresholds = half
	}
	return all
}

// contest sends all through every seed's trips.
func contest(p params, seeds []uint64, n sizes, workers int, all []contestant, done func(seed int)) results {
	by := make([][][]point, len(seeds))
	parallel(len(seeds), workers, func(i int) {
		s := newSet(p, seeds[i], n)
		for _, c := range all {
			by[i] = append(by[i], sweep(c, s))
		}
		done(i)
	})
	r := results{}
	for i := range seeds {
		for j, c := range all {
			r[c.name] = append(r[c.name], by[i][j])
		}
	}
	return r
}

// A spread of a number over the seeds.
type seedSpread struct {
	mean, low, high float64
	n, of           int // seeds that got there
}

// spreadOf is what a contestant does at a detection of the mix.
func (r results) spreadOf(name string, detection float64, of func(point) float64) seedSpread {
	s := seedSpread{of: len(r[name])}
	for _, points := range r[name] {
		p, ok := level(points, detection)
		if !ok {
			continue
		}
		x := of(p)
		if s.n == 0 {
			s.low, s.high = x, x
		}
		s.n++
		s.mean += x
		s.low, s.high = min(s.low, x), max(s.high, x)
	}
	s.mean /= float64(max(s.n, 1))
	return s
}

func (s seedSpread) everywhere() bool { return s.of > 0 && s.n == s.of }

func per100(p point) float64 { return p.per100 }

func perTrip(p point) float64 { return p.trips }

// best is the one of names with the least false alarms at a detection that it
// reaches with every seed; "" if none does.
func (r results) best(names []string, detection float64) string {
	best, least := "", 0.0
	for _, n := range names {
		if s := r.spreadOf(n, detection, per100); s.everywhere() && (best == "" || s.mean < least) {
			best, least = n, s.mean
		}
	}
	return best
}

// ratio is how many times the false alarms of a are those of b, on the mean of
// the seeds; with its range by seed.
func (r results) ratio(a, b string, detection float64) (seedSpread, bool) {
	x, y := r.spreadOf(a, detection, per100), r.spreadOf(b, detection, per100)
	if !x.everywhere() || !y.everywhere() {
		return seedSpread{}, false
	}
	s := seedSpread{mean: x.mean / max(y.mean, 1e-3), n: x.n, of: x.of}
	for i := range r[a] {
		p, _ := level(r[a][i], detection)
		q, _ := level(r[b][i], detection)
		f := p.per100 / max(q.per100, 1e-3)
		if i == 0 {
			s.low, s.high = f, f
		}
		s.low, s.high = min(s.low, f), max(s.high, f)
	}
	return s, true
}
