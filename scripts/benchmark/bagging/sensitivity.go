package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// A variant is a world that differs from the one assumed.
type variant struct {
	name   string
	change func(*params)
}

// variants are the rows of the sensitivity table.
func variants() []variant {
	return []variant{
		{"as assumed", func(*params) {}},
		{"resolution 1 g", func(p *params) { p.division = 1 }},
		{"resolution 2 g", func(p *params) { p.division = 2 }},
		{"resolution 10 g", func(p *params) { p.division = 10 }},
		{"scale noise x3", func(p *params) { p.noise *= 3 }},
		{"fill sd = TNE x (.05-.2)", func(p *params) { p.fillLow, p.fillHigh = 0.05, 0.2 }},
		{"fill sd = TNE x (.4-.8)", func(p *params) { p.fillLow, p.fillHigh = 0.4, 0.8 }},
		{"nobody leans", func(p *params) { p.lean = 0 }},
		{"leaning x3", func(p *params) { p.lean *= 3 }},
		{"nothing on the frame", func(p *params) { p.frame = 0 }},
		{"on the frame x3", func(p *params) { p.frame *= 3 }},
		{"never bagged x3", func(p *params) { p.held *= 3 }},
		{"pairs 30 %", func(p *params) { p.pair = 0.3 }},
		{"out and back, bag away x3", func(p *params) { p.pickUp *= 3; p.away *= 3 }},
		{"no own bags", func(p *params) { p.ownBag = 0 }},
		{"own bags 90 %, no button", func(p *params) { p.ownBag, p.bagSaid = 0.9, 0 }},
		{"500 training trips", func(p *params) { p.train = 500 }},
		{"3000 training trips", func(p *params) { p.train = 3000 }},
		{"packaging changes x10", func(p *params) { p.repack *= 10 }},
		{"attacks x5", func(p *params) { p.adverse *= 5 }},
		{"rates x4 and :4 in turn", func(p *params) {
			p.early, p.frame, p.held, p.pickUp, p.away, p.lean = 4*p.early, p.frame/4, 4*p.held, p.pickUp/4, p.away/4, 4*p.lean
		}},
		{"all wait 2 s", func(p *params) { p.wait = 2 }},
		{"all wait 8 s", func(p *params) { p.wait = 8 }},
		{"trips of 20", func(p *params) { p.items = 20 }},
		{"first day: nothing learned", func(p *params) { p.train = -1 }},
	}
}

const (
	sensitiveAt    = 0.85 // detection of the mix
	sensitiveTimes = 3.0  // times fewer than the best fixed tolerance
)

// sensitivity prints the table and returns its goals.
func sensitivity(out io.Writer, seeds []uint64, n sizes, workers int, done func(string)) ([]goal, error) {
	all := variants()
	rows := make([]results, len(all))
	parallel(len(all), workers, func(i int) {
		p := assumed()
		all[i].change(&p)
		rows[i] = contest(p, seeds, n, 1, brief(), func(int) {})
		done(all[i].name)
	})
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "\nOTHER WORLDS: false alarms per 100 honest articles at %.0f %% of the mix, mean of %d seeds\n", 100*sensitiveAt, len(seeds))
	_, _ = fmt.Fprintln(w, "\tfixed\tfixed, bag\tmax(X, 5 %)\tk sigma\tk sigma, bag\tours\toracle\tbest fixed / ours\tours / oracle\tours: detection at 0.3")
	var goals []goal
	for i, r := range rows {
		_, _ = fmt.Fprint(w, all[i].name)
		for _, name := range []string{nameFixed, nameFixedBag, namePercent, nameSigma, nameSigmaBag, nameOurs, nameOracle} {
			s := r.spreadOf(name, sensitiveAt, per100)
			if s.everywhere() {
				_, _ = fmt.Fprintf(w, "\t%.3g", s.mean)
			} else {
				_, _ = fmt.Fprint(w, "\t-")
			}
		}
		g := goal{what: "best fixed / ours, " + all[i].name, limit: sensitiveTimes}
		if best := r.best(fixedRules(), sensitiveAt); best != "" {
			g.got, g.known = r.ratio(best, nameOurs, sensitiveAt)
		}
		limit, _ := r.ratio(nameOurs, nameOracle, sensitiveAt)
		_, _ = fmt.Fprintf(w, "\t%.1f\t%.2f\t%.2f\n", g.got.mean, limit.mean, r.detectionAt(nameOurs, 0.3))
		goals = append(goals, g)
	}
	return goals, w.Flush()
}

// detectionAt is the detection of the mix at so many false alarms per 100
// honest articles, on the mean of the seeds.
func (r results) detectionAt(name string, alarms float64) float64 {
	sum := 0.0
	for _, points := range r[name] {
		best := 0.0
		for d := 0.3; d < 1; d += 0.005 {
			if p, ok := level(points, d); ok && p.per100 <= alarms {
				best = d
			}
		}
		sum += best / float64(len(r[name]))
	}
	return sum
}
