package bagging

import "math"

// A pick is a choice of waiting pieces that may have come together.
type pick struct {
	group   [3]int // indexes of groups
	n       [3]int64
	kinds   int
	all     bool // everything that waits
	pieces  int64
	mean    float64
	vari    float64 // without the scale's noise
	most    float64 // what vari is at most, however little is known of it
	nu      float64 // degrees of freedom of the weakest
	unknown bool    // one of them was never weighed
	price   int64   // of a single article; 0: not known
	line    int     // ... the newest of its lines
	free    bool    // ... that need not come
	sold    bool    // a single article, sold by weight
	other   bool    // as something else that a piece may weigh
	each    [3]mass // of each group, what a piece weighs
	prior   float64
	scale   float64 // vari and the scale's noise
	peak    float64 // log density at the mean
	top     float64 // more than any use of it can be worth
}

const (
	farAway      = 150   // squared standard errors
	priorWithBag = 0.005 // of a pick, above which a bag may have come too
	mayDiffer    = 0.01  // how likely a second piece of a pick must be of another weight too
	mostOther    = 0.05  // density of whatever may come with a pick, or be odd about it
)

// A mass is what a piece is expected to weigh, grams and variance.
type mass struct{ mean, vari float64 }

// A pickSet is the picks of all accounts with the same pieces waiting.
type pickSet struct {
	key    uint64
	groups int // how many kinds wait that should come
	due    bool
	lo, hi int // in Check.picks
}

// A group is the waiting pieces of one article; weighed lines stand alone.
type group struct {
	key     string
	line    int // the newest of its lines
	weighed bool
	free    bool
	price   int64
	n       int64
	w       *Weight
	known   bool // w is, and
	mean    float64
	vari    float64
	most    float64 // variance of pieces at most; 0: no limit
	come    float64 // how likely the newest of it is still to come
	other   [3]mode // what else a piece may weigh
	others  int
	first   float64 // how likely a piece is none of these
}

// A mode is another weight that an article may have, and how likely.
type mode struct {
	w    Weight
	come float64
}

// waiting gathers the groups that may come to the scale by h: those that should
// before those that need not, the newest first.
func (c *Check) waiting(h *hypo) []group {
	c.groups = c.groups[:0]
	c.gather(h, false)
	c.gather(h, true)
	return c.groups
}

// gather adds the groups that need not come, or those that should.
func (c *Check) gather(h *hypo, free bool) {
	for i := len(c.lines) - 1; i >= 0; i-- {
		l, left := &c.lines[i], h.at[i].left
		if left == 0 || l.free != free {
			continue
		}
		if j := groupOf(c.groups, l); j >= 0 {
			c.groups[j].n += left
			continue
		}
		if len(c.groups) == maxGroups {
			return
		}
		c.groups = append(c.groups, group{
			key: l.key, line: i, weighed: l.weighed, free: free, price: l.price, n: left,
			w: &l.w, known: l.w.known(), mean: l.w.MeanG, vari: l.w.variance(), most: l.most, come: c.come(l), first: 1,
		})
		if l.w.Second != nil || l.w.Next != nil || len(l.w.Odd) > 0 {
			c.modes(&c.groups[len(c.groups)-1])
		}
	}
}

// modes finds what else a piece of the group may weigh: a second packaging; what a
// person found right, or, where it is lighter, enough people had. That one is not
// learned, and adds little to what resting on the frame explains: it is for the
// pieces that come with others.
func (c *Check) modes(g *group) {
	w := g.w
	if w.Second != nil && w.Second.weight().known() {
		g.other[g.others] = mode{w.Second.weight(), w.secondShare()}
		g.others++
	}
	if w.Next != nil && w.Next.weight().known() {
		g.other[g.others] = mode{w.Next.weight(), w.nextShare()}
		g.others++
	}
	if odd, ok := w.candidate(c.noise()); ok {
		g.other[g.others] = mode{odd.weight(*w), odd.share}
		g.others++
	}
	for _, m := range g.other[:g.others] {
		g.first *= 1 - m.come
	}
}

func groupOf(gs []group, l *line) int {
	if l.weighed {
		return -1
	}
	for j := range gs {
		if !gs[j].weighed && gs[j].key == l.key {
			return j
		}
	}
	return -1
}

// picksOf returns what may come by h, made once for all accounts with the same
// pieces waiting. Of a faint account only single pieces are considered.
func (c *Check) picksOf(h *hypo) pickSet {
	key := h.leftKey() &^ 1
	few := h.w < faint*c.beam[0].w
	if few {
		key |= 1
	}
	for _, s := range c.sets {
		if s.key == key {
			return s
		}
	}
	gs := c.waiting(h)
	s := pickSet{key: key, lo: len(c.picks)}
	for _, g := range gs {
		if g.free {
			continue
		}
		s.due = true
		if g.come >= mayCome {
			s.groups++
		}
	}
	c.listPicks(gs, few)
	s.hi = len(c.picks)
	c.sets = append(c.sets, s)
	return s
}

// forgetPicks must come before picksOf when weights, lines or noise may have
// changed. The picks are to explain about so many grams; 0: any.
func (c *Check) forgetPicks(about float64) {
	c.sets, c.picks, c.sought, c.reach = c.sets[:0], c.picks[:0], about, 0
	for i := range c.beam {
		for _, l := range c.beam[i].load[:c.beam[i].loads] {
			if l.kind == isHand {
				c.reach = math.Max(c.reach, math.Abs(l.grams))
			}
		}
	}
}

// come is how likely what waits of line l is still to come, rather than kept in
// hand for good: by how many scans have passed it and how long ago the last was.
func (c *Check) come(l *line) float64 {
	if l.free {
		return 1
	}
	k := min(c.trip.scans-l.scan, passes-1)
	came := c.rate.came[max(k, 0)]
	yet := came * c.rate.yet(c.now-l.since)
	return math.Max(yet/(yet+1-came), comeLeast)
}

// sums are the elementary symmetric sums of how likely groups are to come, at
// least 1 each: what the shares of one, two and three of them are divided by.
func sums(gs []group) (one, two, three float64) {
	for i := range gs {
		three += two * gs[i].come
		two += one * gs[i].come
		one += gs[i].come
	}
	return math.Max(one, 1), math.Max(two, 1), math.Max(three, 1)
}

// listPicks adds what of the waiting groups may come at once.
func (c *Check) listPicks(gs []group, few bool) {
	one, two, three := sums(gs)
	var pieces int64
	every := shareAll
	for a := range gs {
		every *= gs[a].come
		each := gs[a].come / one
		pieces += gs[a].n
		top := min(gs[a].n, maxPieces)
		if few {
			top = 1
		}
		for k := int64(1); k <= top; k++ {
			if w := gs[a].w; k > 2 && k < gs[a].n && c.sought > 0 && w.known() && math.Abs(float64(k)*w.MeanG-c.sought) > 0.1*c.sought+w.MeanG {
				continue // nowhere near
			}
			prior := shareOne * each
			switch {
			case k == 2:
				prior = c.rate.two * each
			case k > 2:
				prior = shareThree * each / float64(top)
			}
			if k == top && k > 1 {
				prior += shareAll * each
			}
			c.addPick(gs, prior, []int{a}, []int64{k})
		}
		if !few {
			c.listMixed(gs, a, c.rate.two/two, shareThree/three)
		}
	}
	if few || len(gs) < 2 || pieces < 3 || (pieces == 3 && len(gs) == 3) {
		return
	}
	p := pick{prior: every, nu: 2 * maxAlpha, all: true}
	for _, g := range gs {
		p.add(g.w, g.n, g.most)
	}
	c.finish(p)
}

// listMixed adds single pieces of group a together with those of later groups.
// What is nowhere near the change is left out, unless a bag may have come too.
func (c *Check) listMixed(gs []group, a int, two, three float64) {
	for b := a + 1; b < len(gs); b++ {
		two := two * gs[a].come * gs[b].come
		if two > priorWithBag || c.near(&gs[a], &gs[b], nil) {
			c.addPick(gs, two, []int{a, b}, []int64{1, 1})
		}
		for d := b + 1; d < len(gs); d++ {
			if c.near(&gs[a], &gs[b], &gs[d]) {
				c.addPick(gs, three*gs[a].come*gs[b].come*gs[d].come, []int{a, b, d}, []int64{1, 1, 1})
			}
		}
	}
}

// near reports whether pieces of two groups, or of three, may be what is sought.
func (c *Check) near(a, b, third *group) bool {
	mean, vari, known := a.mean+b.mean, c.noise()+a.vari+b.vari, a.known && b.known
	if third != nil {
		mean, vari, known = mean+third.mean, vari+third.vari, known && third.known
	}
	if !known || a.others+b.others > 0 {
		return true
	}
	d := math.Max(c.sought-mean, mean-c.sought-c.reach)
	return c.sought <= 0 || d <= 0 || d*d <= farAway*vari
}

// addPick adds n[i] pieces of each of the groups, also by what else they may weigh.
func (c *Check) addPick(gs []group, prior float64, groups []int, n []int64) {
	p := pick{prior: prior, nu: 2 * maxAlpha, kinds: len(groups), price: gs[groups[0]].price, line: gs[groups[0]].line, free: gs[groups[0]].free, sold: gs[groups[0]].weighed}
	for i, g := range groups {
		p.group[i], p.n[i] = g, n[i]
		if gs[g].free {
			p.prior *= freeComes
		}
	}
	c.addModes(gs, p, 0)
}

// addModes adds pick p with the pieces of its groups from i on by each of the weights
// they may have.
func (c *Check) addModes(gs []group, p pick, i int) {
	if i == p.kinds {
		c.finish(p)
		return
	}
	g := &gs[p.group[i]]
	for k := range g.other[:g.others] {
		m := &g.other[k]
		q := p
		q.prior *= m.come
		if q.other && m.come < mayDiffer {
			continue
		}
		q.other, q.each[i] = true, mass{m.w.MeanG, m.w.variance()}
		q.add(&m.w, q.n[i], g.most)
		c.addModes(gs, q, i+1)
	}
	p.prior *= g.first
	p.each[i] = mass{g.mean, g.vari}
	p.add(g.w, p.n[i], g.most)
	c.addModes(gs, p, i+1)
}

// finish works out what every use of the pick needs.
func (c *Check) finish(p pick) {
	p.scale = p.vari + c.noise()
	p.nu = math.Max(math.Round(p.nu), 1)
	if c.peaks[int(p.nu)] == 0 {
		a, _ := math.Lgamma((p.nu + 1) / 2)
		b, _ := math.Lgamma(p.nu / 2)
		c.peaks[int(p.nu)] = a - b - 0.5*math.Log(p.nu*math.Pi)
	}
	p.peak = c.peaks[int(p.nu)] - 0.5*math.Log(p.scale)
	p.top = p.prior * (math.Exp(p.peak) + mostOther)
	c.picks = append(c.picks, p)
}

// density of the pick's weight at distance d from its mean.
func (p *pick) density(d float64) float64 {
	z := d * d / p.scale
	if z > 2500 {
		return 0
	}
	t := math.Exp(p.peak - (p.nu+1)/2*math.Log1p(z/p.nu))
	if most := p.most + p.scale - p.vari; d*d > most { // no spread that may be makes more of it
		t = math.Min(t, normal(d, most))
	}
	return t
}

// blurred is density where something else makes the change vary by more.
func (p *pick) blurred(d, more float64) float64 {
	if more < 0.1*p.scale {
		return p.density(d)
	}
	wide := *p
	wide.scale += more
	wide.peak -= 0.5 * math.Log(wide.scale/p.scale)
	return wide.density(d)
}

// add counts n pieces of weight w into p, of which one varies by most. Pieces of one
// lot share a part of their deviation from the mean.
func (p *pick) add(w *Weight, n int64, most float64) {
	p.pieces += n
	if !w.known() {
		p.unknown = true
		return
	}
	k, own := float64(n), w.Beta/w.Alpha
	doubt := k * k * own / w.Kappa
	if most <= 0 || own > most && w.Alpha >= sureAlpha {
		most = math.Inf(1)
	}
	own = math.Min(own, most)
	p.mean += k * w.MeanG
	p.vari += k*own + doubt
	p.most += k*most + math.Max(k*k*most/w.Kappa, doubt)
	p.nu = math.Min(p.nu, 2*w.Alpha)
}

// use moves the picked pieces of h from waiting to the scale, where they brought
// x grams: what that is off their means is shared out by how much each varies.
func (c *Check) use(h *hypo, p pick, x float64) {
	gs := c.waiting(h)
	off := (x - p.mean) / p.scale
	bag := func(g *group, n int64, one mass) {
		for i := g.line; i >= 0 && n > 0; i-- { // what was scanned last comes first: the others may be kept in hand
			l, at := &c.lines[i], &h.at[i]
			if i != g.line && (g.weighed || l.weighed) || l.key != g.key || at.left == 0 {
				continue
			}
			k := min(n, at.left)
			at.left -= k
			n -= k
			if !l.free {
				h.did[didCome+min(c.trip.scans-l.scan, passes-1)]++
			}
			if off := (x - p.mean) * (x - p.mean) / (l.sdG*l.sdG + c.noise()); g.weighed && p.pieces == 1 && off < looseMost {
				h.did[sumLoose] += float32(off)
				h.did[endLoose]++
			}
			if p.pieces == 1 && !l.free {
				h.did[secWait] += float32((c.now - l.since).Seconds())
				h.did[endWait]++
			}
			own := float64(k) * one.vari
			grams, vari := float64(k)*one.mean+off*own, min(own, c.noise()+own*max(1-own/p.scale, 0))
			if p.pieces == k { // alone: all of it
				grams, vari = x, c.noise()
			}
			at.on, at.grams, at.vari = at.on+k, at.grams+max(grams, 0), at.vari+vari
		}
	}
	if p.all {
		for i := range gs {
			bag(&gs[i], gs[i].n, mass{gs[i].mean, gs[i].vari})
		}
		return
	}
	for i := range p.kinds {
		bag(&gs[p.group[i]], p.n[i], p.each[i])
	}
}

// part returns the weight of n of the pieces on the scale and its variance.
// Which of them is not known: unless it is all, the spread of one piece counts.
func (a *holding) part(n int64, own float64) (grams, vari float64) {
	if n >= a.on {
		return a.grams, a.vari
	}
	k := float64(n) / float64(a.on)
	return a.grams * k, a.vari*k*k + float64(n)*own
}

// take removes n pieces that weighed so much together.
func (a *holding) take(n int64, grams, vari float64) {
	if n >= a.on {
		a.on, a.grams, a.vari = 0, 0, 0
		return
	}
	a.on, a.grams, a.vari = a.on-n, max(a.grams-grams, 0), a.vari+vari
}
