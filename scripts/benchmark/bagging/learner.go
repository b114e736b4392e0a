package main

import "math"

// A memory is what a rule learned of one article: a running mean and spread, as
// chains keep them. It forgets, so that a weight may drift.
type memory struct {
	mean, vari float64 // of a piece
	doubt      float64 // variance of the mean itself
	n          float64
}

// remembers most sales: what the mean forgets beyond.
const remembers = 40

// fresh is what the catalogue says.
func fresh(a *article) memory {
	generic := 2 + 0.01*a.listed
	if a.sold == byPiece {
		generic = a.listedSD
	}
	return memory{mean: a.listed, vari: generic * generic, doubt: a.listedSD * a.listedSD}
}

// spread2 is the variance of the next piece.
func (m memory) spread2() float64 { return m.vari + m.doubt }

// saw learns a piece of x grams, weighed with the variance noise.
func (m *memory) saw(x, noise float64) {
	d := x - m.mean
	gain := m.doubt / (m.doubt + m.vari + noise)
	gain = max(gain, 1/remembers)
	m.mean += gain * d
	m.doubt = max(m.doubt*(1-gain), m.vari/remembers)
	own := max(d*d*(1-gain)-noise, 0.05)
	m.n = min(m.n+1, remembers)
	m.vari += (own - m.vari) / (m.n + 4)
}

// told learns what a person confirmed: if that is another weight altogether, the
// old one is forgotten.
func (m *memory) told(x, noise float64) {
	if d := math.Abs(x - m.mean); d > 3*math.Sqrt(m.spread2()+noise) {
		m.mean, m.doubt, m.n = x, m.vari+noise, 1
		return
	}
	m.saw(x, noise)
}
