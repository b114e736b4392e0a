package main

import (
	"math"
	"slices"
)

// A guess is what can be known at best of what an article weighs, from the pieces
// sold before: spreads side by side, each as likely as they make it, with the mean
// that goes with it.
type guess struct {
	sd, share []float64
	mean      []float64
	doubt     []float64 // variance of the mean
}

const guessed = 9 // spreads

// firstGuess is what the world's numbers and the catalogue tell of an article that
// was never sold.
func firstGuess(a *article, p params) *guess {
	low, high, pack := 0.05*a.listed, 0.20*a.listed, 0.0
	mean, doubt := a.listed, 0.05*a.listed
	if a.sold == packaged {
		c, net := packedAs(a)
		tne := tolerable(net)
		low, high, pack = p.fillLow*tne, p.fillHigh*tne, c.cv*c.ratio*net
		mean, doubt = a.listed+tne/4, math.Hypot(ratioSpread*c.ratio*net, tne/2/math.Sqrt(12))
	}
	g := &guess{}
	for i := range guessed {
		g.sd = append(g.sd, math.Hypot(low+(high-low)*(float64(i)+0.5)/guessed, pack))
		g.share = append(g.share, 1.0/guessed)
		g.mean = append(g.mean, mean)
		g.doubt = append(g.doubt, doubt*doubt)
	}
	return g
}

// packedAs finds the class and the net content of a listed packaged article.
func packedAs(a *article) (class packClass, net float64) {
	best := math.Inf(1)
	for _, c := range packClasses() {
		n := 5 * math.Round(a.listed/(1+c.ratio)/5)
		off := math.Abs(n*(1+c.ratio)-a.listed) + math.Abs(math.Hypot(ratioSpread*c.ratio*n, 0.4*tolerable(n))-a.listedSD)
		if off < best {
			best, class, net = off, c, n
		}
	}
	return class, net
}

// saw learns a piece of x grams, weighed with the variance noise: one like those
// before, or the first of a new packaging.
func (g *guess) saw(x, noise float64, p params) {
	sum := 0.0
	for i, sd := range g.sd {
		v := g.doubt[i] + sd*sd + noise
		as := normal(x-g.mean[i], v)
		anew := p.repack * normal(x-g.mean[i], v+repackVar(p, g.mean[i]))
		if anew > as {
			g.mean[i], g.doubt[i] = x, sd*sd+noise
		} else {
			g.doubt[i] += p.lotShift * 0.09 * sd * sd
			gain := g.doubt[i] / (g.doubt[i] + sd*sd + noise)
			g.mean[i] += gain * (x - g.mean[i])
			g.doubt[i] *= 1 - gain
		}
		g.share[i] *= as + anew
		sum += g.share[i]
	}
	for i := range g.share {
		g.share[i] /= sum
	}
}

// memory is the mean of the next piece, and its variance.
func (g *guess) memory() memory {
	m := memory{}
	for i, s := range g.share {
		m.mean += s * g.mean[i]
	}
	for i, s := range g.share {
		off := g.mean[i] - m.mean
		m.vari += s * (g.sd[i]*g.sd[i] + g.doubt[i] + off*off)
	}
	return m
}

// newLearningOracle is an oracle that knows all but what articles weigh. Of that it
// knows what the pieces sold before tell, and is told which weight was whose: no
// lane can learn more from the same sales.
func newLearningOracle(s *set) *oracle {
	o := newOracle(s)
	o.seen = map[*trip][]memory{}
	guesses := map[int]*guess{}
	foresee := func(t *trip, learn bool) {
		for _, m := range t.marks {
			if m.kind != markScan {
				continue
			}
			if guesses[m.art] == nil {
				guesses[m.art] = firstGuess(&s.cat[m.art], s.params)
			}
			for len(o.seen[t]) <= m.line {
				o.seen[t] = append(o.seen[t], memory{})
			}
			o.seen[t][m.line] = guesses[m.art].memory()
		}
		for _, m := range t.marks {
			if learn && m.kind == markScan && m.p.known <= 0 {
				guesses[m.art].saw(m.p.grams, o.noise, s.params)
			}
		}
	}
	for _, t := range slices.Concat(s.train, s.honest) {
		foresee(t, true)
	}
	for _, a := range attacks() {
		for _, t := range s.attacks[a] {
			foresee(t, false)
		}
	}
	return o
}
