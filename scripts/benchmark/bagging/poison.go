package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// The shop of the poisoning: one article that thieves put other articles' weight
// on, and a dear one.
const (
	plainArt     = 0
	plainGrams   = 530.0
	plainSD      = 4.0
	dearArt      = 1
	otherArt     = 2  // and the next
	patience     = 40 // people who try
	peopleAgree  = 4.0
	packSales    = 10.0
	packPersons  = 1.0
	packAfter    = 5 // sales after those, that must be quiet
	knownSales   = 30
	poisonCallAt = 0.1
)

func poisonShop(dear float64) *world {
	w := newWorld(assumed(), 77)
	for i := range w.arts {
		w.arts[i].price = 2
	}
	w.arts[plainArt] = known("4000000000001", plainGrams)
	w.arts[otherArt], w.arts[otherArt+1] = known("4000000000003", 240), known("4000000000004", 415)
	if dear > 0 {
		w.arts[dearArt] = known("4000000000002", dear)
		w.arts[dearArt].price = 20
	}
	return w
}

// known is an article that weighs what its catalogue says.
func known(key string, grams float64) article {
	return article{
		key: key, price: 2, net: 0.94 * grams, tare: 0.06 * grams, baseNet: 0.94 * grams, baseTare: 0.06 * grams,
		fill: plainSD, pack: 0.5, listed: grams, listedSD: 2 * plainSD,
	}
}

// single is a trip with one article: art is scanned, times times, and each time
// something of about grams is bagged.
func (w *world) single(class attack, art, times int, grams float64) *trip {
	s := &shopping{world: w, trip: trip{class: class, deed: -1}}
	for i := range 2 { // so that what follows is not the first thing to come
		s.pace(scanAfter)
		a := &w.arts[otherArt+i]
		line := s.scan(piece{art: otherArt + i, mean: a.mean(), sd: a.sd()})
		s.pace(bagAfter)
		s.put(a.mean()+plainSD*w.rng.NormFloat64(), placed, line)
	}
	for range times {
		s.pace(scanAfter)
		a := &w.arts[art]
		line := s.scan(piece{art: art, mean: a.mean(), sd: a.sd()})
		s.pace(bagAfter)
		s.put(grams+plainSD*w.rng.NormFloat64(), placed, line)
		s.items++
		if class != "" && s.deed < 0 {
			s.deed = s.t
		}
	}
	s.pace(2 * bagAfter)
	s.say(markPay)
	s.pay = s.t
	t := s.trip
	t.samples = w.sample(t.moves, t.pay+afterPay)
	t.steps = steps(t.samples, w.params, ruleStill)
	return &t
}

// sold is the lane after n honest sales of the articles.
func sold(l lane, w *world, n int, dear float64) lane {
	for range n {
		l.walk(w.single("", plainArt, 1, plainGrams))
	}
	for range knownSales {
		if dear > 0 {
			l.walk(w.single("", dearArt, 1, dear))
		}
	}
	return l
}

// passes is how many of the probes with a wrong weight pass without a call. The
// lane learns nothing from them.
func passes(l lane, x float64, w *world, grams float64) int {
	n := 0
	for range probes {
		if len(l.at(x).walk(w.single(swap, plainArt, 1, grams))) == 0 {
			n++
		}
	}
	return n
}

const (
	probes    = 9
	isLearned = 7  // of the probes pass
	isCaught  = 2  // ... at most, as long as nothing is learned
	never     = -1 // not within patience
)

// untilLearned is how many people it takes until a wrong weight is learned: ours
// can be asked; a rule has learned it when it passes and did not before. never,
// or 0 if it passes from the start. once: one person, six times.
func untilLearned(l lane, x float64, w *world, grams float64, once bool) int {
	o, ours := l.(*ours)
	if !ours && passes(l, x, w, grams) > isCaught {
		return 0
	}
	times, people := 1, patience
	if once {
		times, people = 6, 1
	}
	for i := range people {
		l.walk(w.single(swap, plainArt, times, grams))
		if ours && o.believes(w.arts[plainArt].key, grams) || !ours && passes(l, x, w, grams) >= isLearned {
			return i + 1
		}
	}
	return never
}

// A lie is a way to teach a wrong weight.
type lie struct {
	what  string
	alone bool // nobody answers the calls
	dear  bool // a dear article weighs that
	once  bool // one person, many times
}

func lies() []lie {
	return []lie{
		{"calls answered", false, false, false},
		{"calls answered, fits a dear article", false, true, false},
		{"no call answered", true, false, false},
		{"no call answered, fits a dear article", true, true, false},
		{"no call answered, one person six times", true, false, true},
	}
}

// poisoning prints how many people it takes to teach a wrong weight, and how
// fast an honest new packaging is learned.
func poisoning(out io.Writer) ([]goal, error) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "\nSLOW POISONING: an article of %.0f g, its label on something heavier; how many people it takes until that is learned\n", plainGrams)
	_, _ = fmt.Fprintln(w, "(-: not within 40; *: it passes from the start)\tseen honestly\t+6 %\t+10 %\t+20 %\t+30 %\t+60 %\t+100 %")
	least, unasked := float64(patience+1), 0.0
	for _, l := range lies() {
		for _, seen := range []int{0, 5, 30} {
			_, _ = fmt.Fprintf(w, "ours, %s\t%d", l.what, seen)
			for _, more := range []float64{0.06, 0.1, 0.2, 0.3, 0.6, 1} {
				n := l.tell(seen, plainGrams*(1+more))
				_, _ = fmt.Fprintf(w, "\t%s", people(n))
				if n <= 0 {
					continue
				}
				least = min(least, float64(n))
				if l.dear {
					unasked++
				}
			}
			_, _ = fmt.Fprintln(w)
		}
	}
	plainRule(w)
	creeps := creep(w)
	goals := []goal{
		count("people behind the quickest wrong weight learned", least, peopleAgree, false),
		count("wrong weights of a dear article learned without staff", unasked, 0, true),
	}
	goals = append(goals, count("people behind the quickest weight that crept", creeps, peopleAgree, false))
	goals = append(goals, newPackaging(w)...)
	goals = append(goals, dearPackaging(w)...)
	_, _ = fmt.Fprintln(w)
	for _, g := range goals {
		_, _ = fmt.Fprintln(w, g)
	}
	return goals, w.Flush()
}

func people(n int) string {
	switch n {
	case never:
		return "-"
	case 0:
		return "*"
	default:
		return fmt.Sprint(n)
	}
}

func count(what string, got, limit float64, most bool) goal {
	return goal{what: what, got: seedSpread{mean: got, low: got, high: got, n: 1, of: 1}, limit: limit, most: most, known: true}
}

// tell tries the lie and returns what untilLearned does.
func (l lie) tell(seen int, grams float64) int {
	dear := 0.0
	if l.dear {
		dear = grams
	}
	shop := poisonShop(dear)
	o := newOurs(shop.params, shop.arts).at(poisonCallAt)
	o = sold(o, shop, seen, dear)
	o.(*ours).alone = l.alone
	return untilLearned(o, poisonCallAt, shop, grams, l.once)
}

// plainRule shows the same of a plain mean and spread.
func plainRule(w io.Writer) {
	for _, seen := range []int{0, 5, 30} {
		_, _ = fmt.Fprintf(w, "mean +- 4 sigma, calls answered\t%d", seen)
		for _, more := range []float64{0.06, 0.1, 0.2, 0.3, 0.6, 1} {
			shop := poisonShop(0)
			s := &set{params: shop.params, cat: shop.arts}
			l := sold(newRule(rule{tolerance: sigmaTolerance})(s).at(4), shop, seen, 0)
			_, _ = fmt.Fprintf(w, "\t%s", people(untilLearned(l, 4, shop, plainGrams*(1+more), false)))
		}
		_, _ = fmt.Fprintln(w)
	}
}

// newPackaging shows how soon an honest change of the weight is quiet, and how
// many sales needed a person until then.
func newPackaging(w io.Writer) []goal {
	_, _ = fmt.Fprintln(w, "\nHONEST NEW PACKAGING, seen 30 times before\t\t-20 %\t-10 %\t-5 %\t+5 %\t+10 %\t+20 %")
	learned := 0
	_, _ = fmt.Fprint(w, "ours: sales until it is learned; sales that needed a person, of the first ten + of the next five\t")
	most, late := 0, 0
	for _, more := range []float64{-0.2, -0.1, -0.05, 0.05, 0.1, 0.2} {
		shop := poisonShop(0)
		o := sold(newOurs(shop.params, shop.arts).at(poisonCallAt), shop, knownSales, 0)
		asked, after, until := 0, 0, 0
		for i := range int(packSales) + packAfter {
			called := len(o.walk(shop.single("", plainArt, 1, plainGrams*(1+more)))) > 0
			if until == 0 && o.(*ours).believes(shop.arts[plainArt].key, plainGrams*(1+more)) {
				until = i + 1
			}
			if !called {
				continue
			}
			if i < int(packSales) {
				asked++
			} else {
				after++
			}
		}
		most, late = max(most, asked), late+after
		if until == 0 {
			until = int(packSales) + packAfter
		}
		learned = max(learned, until)
		_, _ = fmt.Fprintf(w, "\t%d; %d + %d", until, asked, after)
	}
	_, _ = fmt.Fprintln(w)
	return []goal{
		count("sales until a new packaging is learned", float64(learned), packSales, true),
		count("sales of a new packaging that needed a person", float64(most), packPersons, true),
		count("sales after the tenth that still did", float64(late), 0, true),
	}
}
