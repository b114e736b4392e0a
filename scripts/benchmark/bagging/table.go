package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// A goal is a ratio that is held or not.
type goal struct {
	what  string
	got   seedSpread
	limit float64
	most  bool // got must not be above limit, else not below it
	known bool
}

func (g goal) held() bool {
	if !g.known {
		return false
	}
	if g.most {
		return g.got.mean <= g.limit
	}
	return g.got.mean >= g.limit
}

func (g goal) String() string {
	sign, held := ">=", "held"
	if g.most {
		sign = "<="
	}
	if !g.held() {
		held = "not held"
	}
	got := "not reached"
	if g.known {
		got = fmt.Sprintf("%.2f [%.2f-%.2f]", g.got.mean, g.got.low, g.got.high)
	}
	return fmt.Sprintf("%s\t%s\t%s %.1f\t%s", g.what, got, sign, g.limit, held)
}

// goals are what ours is held to in the world assumed.
func (r results) goals() []goal {
	var out []goal
	add := func(what, a, b string, d, limit float64, most bool) {
		g := goal{what: fmt.Sprintf("%s, at %.0f %%", what, 100*d), limit: limit, most: most}
		if a != "" && b != "" {
			g.got, g.known = r.ratio(a, b, d)
		}
		out = append(out, g)
	}
	for _, d := range []float64{0.80, 0.85} {
		add("ours / oracle", nameOurs, nameOracle, d, 1.3, true)
		add("best fixed / ours", r.best(fixedRules(), d), nameOurs, d, 7, false)
		add("best learned mean / ours", r.best(learnedRules(), d), nameOurs, d, 4, false)
	}
	return out
}

// belowOracle says where ours beats the oracle, which cannot be.
func (r results) belowOracle() []string {
	var out []string
	for _, d := range []float64{0.70, 0.80, 0.85, 0.90} {
		if s, ok := r.ratio(nameOurs, nameOracle, d); ok && s.mean < 1 {
			out = append(out, fmt.Sprintf("at %.0f %% ours has %.2f times the oracle's false alarms: the oracle is the limit, so the comparison is wrong there", 100*d, s.mean))
		}
	}
	return out
}

func (s seedSpread) String() string {
	switch {
	case s.n == 0:
		return "-"
	case s.n < s.of:
		return fmt.Sprintf("%.3g (%d of %d seeds)", s.mean, s.n, s.of)
	default:
		return fmt.Sprintf("%.3g [%.3g-%.3g]", s.mean, s.low, s.high)
	}
}

// printMain prints the comparison in the world assumed.
func (r results) printMain(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	pr := func(f string, args ...any) { _, _ = fmt.Fprintf(w, f, args...) }
	detections := []float64{0.70, 0.80, 0.85, 0.90}
	pr("\nFALSE ALARMS PER 100 HONEST ARTICLES, at equal detection of the mix: mean of the seeds [least-most]\n")
	pr("\tat 70 %%\tat 80 %%\tat 85 %%\tat 90 %%\n")
	r.rows(w, detections, per100, 1)
	pr("\nHONEST TRIPS WITH A FALSE ALARM, %%\n\tat 70 %%\tat 80 %%\tat 85 %%\tat 90 %%\n")
	r.rows(w, detections, perTrip, 100)
	for _, d := range []float64{0.80, 0.85} {
		r.classes(w, d)
	}
	r.roc(w)
	return w.Flush()
}

func (r results) rows(w io.Writer, detections []float64, of func(point) float64, unit float64) {
	for _, c := range field() {
		if len(r[c.name]) == 0 {
			continue
		}
		_, _ = fmt.Fprint(w, c.name)
		for _, d := range detections {
			_, _ = fmt.Fprintf(w, "\t%v", r.spreadOf(c.name, d, func(p point) float64 { return unit * of(p) }))
		}
		_, _ = fmt.Fprintln(w)
	}
}

// classes prints what is detected of each attack where a contestant detects d
// of the mix.
func (r results) classes(w io.Writer, d float64) {
	_, _ = fmt.Fprintf(w, "\nDETECTED, %%, by attack, where %.0f %% of the mix is\n", 100*d)
	for _, a := range attacks() {
		_, _ = fmt.Fprintf(w, "\t%s", a)
	}
	_, _ = fmt.Fprintln(w)
	for _, c := range field() {
		if s := r.spreadOf(c.name, d, per100); s.n == 0 {
			continue
		}
		_, _ = fmt.Fprint(w, c.name)
		for _, a := range attacks() {
			s := r.spreadOf(c.name, d, func(p point) float64 { return 100 * p.caught[a] })
			_, _ = fmt.Fprintf(w, "\t%.0f [%.0f-%.0f]", s.mean, s.low, s.high)
		}
		_, _ = fmt.Fprintln(w)
	}
}

// roc prints every threshold of ours and of the oracle.
func (r results) roc(w io.Writer) {
	for _, name := range []string{nameOurs, nameOracle} {
		if len(r[name]) == 0 {
			continue
		}
		_, _ = fmt.Fprintf(w, "\n%s, BY THRESHOLD (mean of the seeds)\tfalse/100\ttrips %%\tmix", strings.ToUpper(name))
		for _, a := range attacks() {
			_, _ = fmt.Fprintf(w, "\t%s", a)
		}
		_, _ = fmt.Fprintln(w, "\tlast act before a false alarm")
		for i := range r[name][0] {
			p := r.meanPoint(name, i)
			_, _ = fmt.Fprintf(w, "p > %.3g\t%.3f\t%.2f\t%.3f", p.x, p.per100, 100*p.trips, p.mix())
			for _, a := range attacks() {
				_, _ = fmt.Fprintf(w, "\t%.2f", p.caught[a])
			}
			_, _ = fmt.Fprintf(w, "\t%s\n", p.why())
		}
	}
}

// meanPoint is threshold i of a contestant over the seeds.
func (r results) meanPoint(name string, i int) point {
	n := float64(len(r[name]))
	m := point{caught: map[attack]float64{}, causes: map[cause]int{}}
	for _, points := range r[name] {
		p := points[i]
		m.x = p.x
		m.per100 += p.per100 / n
		m.trips += p.trips / n
		for _, a := range attacks() {
			m.caught[a] += p.caught[a] / n
		}
		for c, k := range p.causes {
			m.causes[c] += k
		}
	}
	return m
}

// why names the causes of false alarms, the commonest first.
func (p point) why() string {
	keys := slices.SortedFunc(maps.Keys(p.causes), func(a, b cause) int {
		return cmp.Or(cmp.Compare(p.causes[b], p.causes[a]), cmp.Compare(a, b))
	})
	var out []string
	for _, k := range keys {
		out = append(out, fmt.Sprintf("%s %d", k, p.causes[k]))
	}
	return strings.Join(out, ", ")
}

// printGoals prints what is held, and what weight cannot catch.
func (r results) printGoals(out io.Writer, more []goal) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprint(w, "\nGOALS: times as many false alarms, on the mean of the seeds [by seed]\n")
	for _, g := range slices.Concat(r.goals(), more) {
		_, _ = fmt.Fprintln(w, g)
	}
	_, _ = fmt.Fprint(w, "\nNOT CAUGHT BY WEIGHT, by ours where 85 % of the mix is\n")
	for _, a := range attacks() {
		s := r.spreadOf(nameOurs, 0.85, func(p point) float64 { return 100 * p.caught[a] })
		if s.n > 0 && s.mean < 50 {
			_, _ = fmt.Fprintf(w, "%s\t%.0f %% caught: %s\n", a, s.mean, a.whyNot())
		}
	}
	for _, l := range r.belowOracle() {
		_, _ = fmt.Fprintln(w, "\nWRONG:", l)
	}
	return w.Flush()
}

// whyNot says why weight does not catch an attack.
func (a attack) whyNot() string {
	switch a {
	case offScale:
		return "not caught; nothing touches the scale, what is counted is chance"
	case banana:
		return "not caught; the weight is right, what is counted is chance"
	case swapNear:
		return "mostly not caught; the label was chosen by weight"
	default:
		return "mostly not caught at this threshold"
	}
}
