package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// How an article is sold.
type soldBy uint8

const (
	packaged soldBy = iota
	byPiece         // bread, a melon: pieces differ
	weighed         // on the checkout scale: the weight of this piece is known
	labelled        // weight on the label: known too
)

// An article as it really is, and as the catalogue has it.
type article struct {
	key        string
	sold       soldBy
	price      float64 // euro
	net, tare  float64 // what a piece of the present lot weighs on average
	fill, pack float64 // standard deviations of one piece's content and packaging
	baseNet    float64 // ... of all lots of this packaging
	baseTare   float64
	listed     float64 // the catalogue's weight of a piece
	listedSD   float64 // ... and how far a piece may be from that
}

func (a *article) mean() float64 { return a.net + a.tare }

func (a *article) sd() float64 { return math.Hypot(a.fill, a.pack) }

// priced reports whether the weight of the very piece is known from its sale.
func (a *article) priced() bool { return a.sold == weighed || a.sold == labelled }

// A piece is one article off the shelf.
type piece struct {
	art   int
	grams float64
	known float64 // weight as sold, 0: not sold by weight
	// What there was to know before this piece was taken.
	mean, sd float64
}

// A world is a shop. It changes with every sale.
type world struct {
	params
	rng   *rand.Rand
	arts  []article
	share []float64 // popularity, cumulated
	cheap []int     // packaged, in the lowest third of prices
	dear  []float64 // popularity of the upper third, cumulated
}

// tolerable is the EU's tolerable negative error for a net content of g grams
// (Directive 76/211/EEC, annex I, 2.4).
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

// A packClass is how packaged goods are packed: its share of them, tare by net,
// and how much the packaging differs from piece to piece.
type packClass struct{ share, ratio, cv float64 }

func packClasses() []packClass {
	return []packClass{{0.35, 0.015, 0.03}, {0.25, 0.06, 0.03}, {0.15, 0.14, 0.01}, {0.15, 0.045, 0.02}, {0.10, 0.55, 0.015}}
}

// packClassAt is the class at a place from 0 to 1 among all packaged goods.
func packClassAt(u float64) packClass {
	all := packClasses()
	for _, c := range all {
		if u -= c.share; u < 0 {
			return c
		}
	}
	return all[0]
}

const ratioSpread = 0.15 // of an article's tare about its class's

func newWorld(p params, seed uint64) *world {
	w := &world{params: p, rng: rand.New(rand.NewPCG(seed, 1))}
	for i := range p.articles {
		w.arts = append(w.arts, w.newArticle(i))
	}
	w.popularity()
	return w
}

func (w *world) newArticle(i int) article {
	a := article{key: fmt.Sprintf("%013d", 2_000_000+i), price: math.Exp(math.Log(2.5) + 0.7*w.rng.NormFloat64())}
	switch u := w.rng.Float64(); {
	case u < 0.80:
		w.pack(&a)
	case u < 0.88:
		a.sold = byPiece
		a.net = math.Exp(math.Log(150) + 0.6*w.rng.NormFloat64())
		a.fill = a.net * w.between(0.05, 0.20)
		a.listed = 5 * math.Round(a.net*(1+0.05*w.rng.NormFloat64())/5)
		a.listedSD = 0.12 * a.listed
	case u < 0.95:
		a.sold, a.net = weighed, math.Exp(math.Log(600)+0.5*w.rng.NormFloat64())
	default:
		a.sold, a.net = labelled, math.Exp(math.Log(400)+0.4*w.rng.NormFloat64())
	}
	if a.priced() {
		a.fill = a.net * 0.4
	}
	a.baseNet, a.baseTare = a.net, a.tare
	return a
}

func (w *world) pack(a *article) {
	net := math.Exp(math.Log(netMedian) + netSigma*w.rng.NormFloat64())
	net = 5 * math.Round(min(max(net, netLeast), netMost)/5)
	tne := tolerable(net)
	c := packClassAt(w.rng.Float64())
	a.net = net + tne*w.between(0, 0.5)
	a.fill = tne * w.between(w.fillLow, w.fillHigh)
	a.tare = net * c.ratio * (1 + ratioSpread*w.rng.NormFloat64())
	a.pack = c.cv * a.tare
	a.listed = net * (1 + c.ratio)
	a.listedSD = math.Hypot(ratioSpread*c.ratio*net, 0.4*tne)
}

// popularity deals out ranks. The catalogue is in no order, so the index may be
// the rank.
func (w *world) popularity() {
	prices := make([]float64, 0, len(w.arts))
	for i := range w.arts {
		prices = append(prices, w.arts[i].price)
	}
	slices.Sort(prices)
	low, high := prices[len(prices)/3], prices[2*len(prices)/3]
	sum, dear := 0.0, 0.0
	for i := range w.arts {
		s := math.Pow(float64(i+1), -w.zipf)
		sum += s
		if w.arts[i].price >= high {
			dear += s
		} else if w.arts[i].price <= low && w.arts[i].sold == packaged {
			w.cheap = append(w.cheap, i)
		}
		w.share = append(w.share, sum)
		w.dear = append(w.dear, dear)
	}
}

// clone is the same shop, going its own way from here.
func (w *world) clone(seed uint64) *world {
	c := *w
	c.arts = slices.Clone(w.arts)
	c.rng = rand.New(rand.NewPCG(seed, 2))
	return &c
}

func (w *world) between(lo, hi float64) float64 { return lo + (hi-lo)*w.rng.Float64() }

func (w *world) chance(p float64) bool { return w.rng.Float64() < p }

// draw picks an index by cumulated shares.
func (w *world) draw(cumulated []float64) int {
	u := w.rng.Float64() * cumulated[len(cumulated)-1]
	return min(sort.SearchFloat64s(cumulated, u), len(cumulated)-1)
}

// buy takes a piece of a popular article, take one of article i. The shop
// changes: a new lot, a new packaging.
func (w *world) buy() piece { return w.take(w.draw(w.share)) }

func (w *world) take(i int) piece {
	a := &w.arts[i]
	p := piece{art: i, mean: a.mean(), sd: a.sd()}
	if !a.priced() {
		switch {
		case w.chance(w.repack):
			f := max(1+w.repackSD*w.rng.NormFloat64(), 0.5)
			a.baseNet, a.baseTare = a.baseNet*f, a.baseTare*f
			a.net, a.tare = a.baseNet, a.baseTare
		case w.chance(w.lotShift):
			a.net = a.baseNet + 0.3*a.fill*w.rng.NormFloat64()
			a.tare = a.baseTare + a.pack*w.rng.NormFloat64()
		}
	}
	p.grams = max(a.net+a.fill*w.rng.NormFloat64(), 0.1*a.net) + max(a.tare+a.pack*w.rng.NormFloat64(), 0)
	if a.priced() {
		p.known = max(producePrec*math.Round(p.grams/producePrec), producePrec)
	}
	return p
}
