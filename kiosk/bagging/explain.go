package bagging

import "math"

// Which open questions a story includes, besides the index of one.
const (
	fromNone = -1
	fromAll  = -2
)

// A pick is a choice of waiting pieces that may have come together.
type pick struct {
	group   [3]int // indexes of groups
	n       [3]int64
	kinds   int
	all     bool // everything that waits
	pieces  int64
	mean    float64
	vari    float64 // without the scale's noise
	nu      float64 // degrees of freedom of the weakest
	unknown bool    // one of them was never weighed
	prior   float64
}

// What the best honest story says.
type storyKind uint8

const (
	storyNothing storyKind = iota
	storyPick              // waiting pieces came
	storyBag               // an own bag came
	storyUndo              // a question is taken back
	storyOut               // a bagged piece was taken out
	storyAway              // much was taken away
	storyReturn            // what was taken away is back
	storyShift             // the load only moved
)

// A story is one way to explain a change of the load.
type story struct {
	kind   storyKind
	weight float64 // prior times likelihood
	from   int     // the open question it settles
	pick   pick
	bag    bool // an own bag came with the pick
	plain  bool // the pick weighs what it should: fit to learn from
	index  int  // line taken out, or entry of gone
	wantG  float64
}

// An opinion is what all stories together say of one change.
type opinion struct {
	best   story
	unpaid float64
	stay   float64
	hand   float64
	early  float64
}

// honest adds the weight of an honest story that settles the change.
func (o *opinion) honest(s story) {
	o.stay += s.weight
	if s.weight > o.best.weight {
		o.best = s
	}
}

// explain weighs the stories for a change of x grams.
func (c *Check) explain(x float64) opinion {
	var o opinion
	gs := c.waiting()
	c.listPicks(gs)
	for from := fromAll; from < len(c.open); from++ {
		grams, excess, ok := c.openSum(from)
		if !ok {
			continue
		}
		join := 1.0
		if from != fromNone {
			join = rateJoin
			v := 2*c.noise() + c.openVari(from)
			o.honest(story{kind: storyUndo, from: from, weight: rateUndo * normal(x+grams, v), wantG: -grams})
		}
		c.explainPicks(&o, x+excess, join, from)
	}
	v := c.noise()
	o.honest(story{kind: storyShift, from: fromNone, weight: rateShift * normal(x, 2*v), wantG: 0})
	if x < 0 {
		c.explainLoss(&o, x)
		return o
	}
	o.honest(story{kind: storyBag, from: fromNone, weight: c.bagRate() * ownBag(x), wantG: x})
	for i, g := range c.gone {
		o.honest(story{kind: storyReturn, from: fromNone, index: i, weight: rateReturn * normal(x-g, 3*v), wantG: g})
	}
	o.stay += rateThing * thing(x)
	o.hand = rateHand * hand(x)
	o.early = rateEarly * anyArticle(x)
	extra := rateExtra
	if c.newestWaiting() >= 0 {
		extra *= extraWaiting
	}
	o.unpaid += extra * anyArticle(x)
	if c.declared {
		o.unpaid += rateLoaded * anyArticle(x)
	}
	return o
}

// openSum returns the grams and the unexplained part of the questions that from
// stands for.
func (c *Check) openSum(from int) (grams, excess float64, ok bool) {
	switch {
	case from == fromNone:
		return 0, 0, true
	case from >= 0:
		return c.open[from].grams, c.open[from].excess(), true
	case len(c.open) < 2:
		return 0, 0, false
	}
	for i := range c.open {
		grams += c.open[i].grams
		excess += c.open[i].excess()
	}
	return grams, excess, true
}

// openVari is how far off the grams of those questions may be.
func (c *Check) openVari(from int) float64 {
	v := 0.0
	for i := range c.open {
		if from == fromAll || from == i {
			v += c.open[i].vari
		}
	}
	return v
}

// explainPicks weighs the stories in which waiting pieces came.
func (c *Check) explainPicks(o *opinion, x, join float64, from int) {
	if x <= 0 {
		return
	}
	bag := c.bagRate()
	for i := range c.picks {
		p := &c.picks[i]
		d := x - p.mean
		v := p.vari + c.noise()
		prior := p.prior * join
		if p.unknown {
			o.honest(story{kind: storyPick, from: from, pick: *p, plain: true, weight: prior * anyArticle(d), wantG: x})
			continue
		}
		plain := student(d, v, p.nu)
		odd := rateRepack * normal(d, 0.01*p.mean*p.mean+v)
		if d < 0 && x > 0.25*p.mean {
			odd += rateFrame / (0.75 * p.mean)
		}
		o.honest(story{
			kind: storyPick, from: from, pick: *p, plain: plain > odd,
			weight: prior * (plain + odd), wantG: p.mean,
		})
		if d > 0 {
			o.honest(story{
				kind: storyPick, from: from, pick: *p, bag: true,
				weight: prior * 0.3 * bag * ownBag(d), wantG: x,
			})
		}
		if from == fromNone {
			o.unpaid += prior * unpaidWith(p, x, v)
		}
	}
}

// unpaidWith is the density of x grams when the pick was scanned and something
// unpaid comes with it or in its place.
func unpaidWith(p *pick, x, v float64) float64 {
	out := rateSwap * anyArticle(x)
	if p.pieces == 1 {
		out += rateDouble * student(x-2*p.mean, 4*v, p.nu)
	}
	if d := x - p.mean; d > 10 && d < 60 {
		out += rateHidden / 50
	}
	return out
}

// explainLoss weighs the stories of a lighter load.
func (c *Check) explainLoss(o *opinion, x float64) {
	away := rateAway / max(c.level-x, 100)
	if c.level <= c.floor+c.feel() {
		away = rateAway
	}
	o.honest(story{kind: storyAway, from: fromNone, weight: away, wantG: x})
	seen := 0
	for i := len(c.lines) - 1; i >= 0 && seen < 12; i-- {
		l := &c.lines[i]
		w := c.weight(l)
		if l.qty == l.left || !w.known() {
			continue
		}
		seen++
		g, v := c.brought(l, 1)
		fit := student(x+g, v+c.noise(), 2*w.Alpha)
		o.honest(story{kind: storyOut, from: fromNone, index: i, weight: rateOut / 4 * fit, wantG: -g})
	}
}

// bagRate is how likely an own bag is the next thing to come.
func (c *Check) bagRate() float64 {
	switch {
	case c.declared:
		return 0.6
	case c.trip.changes == 0:
		return 0.12
	case c.trip.bagged == 0:
		return 0.03
	case c.trip.bags > 0:
		return 0.02
	default:
		return 0.004
	}
}

// listPicks fills c.picks with what of the waiting groups may come at once.
func (c *Check) listPicks(gs []group) {
	c.picks = c.picks[:0]
	n := float64(len(gs))
	var pieces int64
	for a := range gs {
		pieces += gs[a].n
		top := min(gs[a].n, maxPieces)
		for k := int64(1); k <= top; k++ {
			prior := shareOne / n
			switch {
			case k == 2:
				prior = shareTwo / n
			case k > 2:
				prior = shareThree / n / float64(top)
			}
			if k == top && k > 1 {
				prior += shareAll / n
			}
			c.addPick(gs, prior, []int{a}, []int64{k})
		}
		for b := a + 1; b < len(gs); b++ {
			c.addPick(gs, shareTwo*2/(n*(n-1)), []int{a, b}, []int64{1, 1})
			for d := b + 1; d < len(gs); d++ {
				c.addPick(gs, shareThree*6/(n*(n-1)*(n-2)), []int{a, b, d}, []int64{1, 1, 1})
			}
		}
	}
	if len(gs) < 2 || pieces < 3 || (pieces == 3 && len(gs) == 3) {
		return
	}
	c.addAll(gs, pieces)
}

// addPick adds n[i] pieces of each of the groups.
func (c *Check) addPick(gs []group, prior float64, groups []int, n []int64) {
	p := pick{prior: prior, nu: 2 * maxAlpha, kinds: len(groups)}
	for i, g := range groups {
		p.group[i], p.n[i] = g, n[i]
		p.add(gs[g].w, n[i])
	}
	c.picks = append(c.picks, p)
}

// addAll adds everything that waits.
func (c *Check) addAll(gs []group, pieces int64) {
	p := pick{prior: shareAll, nu: 2 * maxAlpha, all: true, pieces: pieces}
	p.pieces = 0
	for _, g := range gs {
		p.add(g.w, g.n)
	}
	c.picks = append(c.picks, p)
}

// add counts n pieces of weight w into p. Pieces of one lot share a part of
// their deviation from the mean.
func (p *pick) add(w Weight, n int64) {
	p.pieces += n
	if !w.known() {
		p.unknown = true
		return
	}
	k := float64(n)
	p.mean += k * w.MeanG
	p.vari += k*w.Beta/w.Alpha + k*k*w.Beta/w.Alpha/w.Kappa
	p.nu = math.Min(p.nu, 2*w.Alpha)
}
