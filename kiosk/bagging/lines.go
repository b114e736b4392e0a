package bagging

// A line is what was scanned and where its pieces are.
type line struct {
	id      int
	key     string
	qty     int64 // pieces on the basket
	left    int64 // of these, waiting for the bag
	meanG   float64
	sdG     float64 // of the catalogue, or of the sold weight
	weighed bool
	free    bool // may come to the scale and need not
	removed bool // was on the scale and was taken out
	hinted  bool // the shopper was asked for it
	on      brought
	out     brought // taken out, and may come back
}

// brought is what pieces weighed when they came to the scale: what leaves
// again weighs the same, whatever the catalogue says.
type brought struct {
	n     int64
	grams float64
	vari  float64 // how far off that may be
}

// add counts n more pieces.
func (b *brought) add(n int64, grams, vari float64) {
	b.n, b.grams, b.vari = b.n+n, b.grams+grams, b.vari+vari
}

// part returns the weight of n of the pieces and its variance. Which of them is
// not known: unless it is all, the spread of one piece, own, counts.
func (b *brought) part(n int64, own float64) (grams, vari float64) {
	if n >= b.n {
		return b.grams, b.vari
	}
	k := float64(n) / float64(b.n)
	return b.grams * k, b.vari*k*k + float64(n)*own
}

// take removes n pieces that weighed so much together.
func (b *brought) take(n int64, grams float64) {
	if n >= b.n {
		*b = brought{}
		return
	}
	b.n, b.grams = b.n-n, max(b.grams-grams, 0)
}

const (
	maxLines  = 500 // a trip's lines that are remembered
	maxGroups = 8   // kinds of waiting articles that are considered
	maxPieces = 24  // pieces of one kind that may come at once
	maxQty    = 9999
)

// sane returns a weight in grams, 0 for what is none.
func sane(g float64) float64 {
	if g > 0 && g <= maxGrams {
		return g
	}
	return 0
}

// weight returns what one piece of l weighs: learned, else from the catalogue.
func (c *Check) weight(l *line) Weight {
	if l.weighed {
		return Weight{MeanG: l.meanG, Kappa: maxKappa, Alpha: maxAlpha, Beta: maxAlpha * l.sdG * l.sdG}
	}
	if w, ok := c.weights[l.key]; ok && w.known() {
		return w
	}
	if l.meanG > 0 {
		return prior(l.meanG, l.sdG)
	}
	return Weight{}
}

// scan adds a line, or pieces to one.
func (c *Check) scan(in Scan) {
	c.trip.paying = false
	if i := c.find(in.Line, ""); in.Line != 0 && i >= 0 && in.WeightG <= 0 && c.lines[i].key == in.Key {
		c.quantity(Quantity{Line: in.Line, Qty: c.lines[i].qty + min(max(in.Qty, 1), maxQty)})
		return
	}
	l := line{
		id: in.Line, key: in.Key, qty: min(max(in.Qty, 1), maxQty), meanG: sane(in.MeanG), sdG: sane(in.SDG),
		free: in.NoBag,
	}
	if sold := sane(in.WeightG); sold > 0 {
		// The label rounds, and the bag it is in was taken off as tare.
		l.qty, l.weighed, l.meanG, l.sdG = 1, true, sold, 3+0.005*sold
	}
	if !in.Bagged {
		l.left = l.qty
	}
	if w := c.weight(&l); w.known() && float64(l.qty)*w.MeanG < c.light() {
		l.free = true
	}
	if len(c.lines) == maxLines {
		c.lines = append(c.lines[:0], c.lines[1:]...)
		c.forgetTakes()
	}
	c.lines = append(c.lines, l)
	c.active = c.now
	c.rematch()
}

// quantity changes the pieces of a line.
func (c *Check) quantity(in Quantity) {
	i := c.find(in.Line, "")
	if i < 0 || in.Qty < 0 {
		return
	}
	l := &c.lines[i]
	qty := min(in.Qty, maxQty)
	if qty < l.qty {
		c.takeOff(i, l.qty-qty)
		return
	}
	l.left += qty - l.qty
	l.qty = qty
	c.active = c.now
	c.rematch()
}

// void takes pieces off a line.
func (c *Check) void(in Void) {
	i := c.find(in.Line, in.Key)
	if i < 0 {
		return
	}
	n := c.lines[i].qty
	if in.Qty > 0 {
		n = min(n, in.Qty)
	}
	c.takeOff(i, n)
}

// takeOff takes n pieces off line i. What is on the scale already should be
// taken out; what is waiting is simply no longer expected.
func (c *Check) takeOff(i int, n int64) {
	l := &c.lines[i]
	l.qty -= n
	waiting := min(n, l.left)
	l.left -= waiting
	c.active = c.now
	bagged := n - waiting
	if bagged == 0 {
		return
	}
	for q := range c.open {
		if c.open[q].takes(i) { // the doubt was about these pieces: it stays, as an unpaid article
			c.open[q].becomeVoid(c.now, c.lines[i].id, c.lines[i].key)
			return
		}
	}
	g, v := c.brought(l, bagged)
	l.on.take(bagged, g)
	if !c.up || g < c.light() {
		return
	}
	q := question{grams: g, vari: v, line: l.id, key: l.key}
	q.becomeVoid(c.now, l.id, l.key)
	c.ask(q)
}

// brought returns what n bagged pieces of l weigh, and the variance of that: as
// seen when they came, else as the catalogue says.
func (c *Check) brought(l *line, n int64) (grams, vari float64) {
	w := c.weight(l)
	seen := min(n, l.on.n)
	if seen > 0 {
		grams, vari = l.on.part(seen, w.variance())
	}
	if rest := float64(n - seen); rest > 0 {
		grams += rest * w.MeanG
		vari += rest * w.variance()
	}
	return grams, vari
}

// keep marks what stays with the shopper.
func (c *Check) keep(in Keep) {
	for i := range c.lines {
		l := &c.lines[i]
		all := in.Line == 0 && in.Key == ""
		if all || (in.Line != 0 && l.id == in.Line) || (in.Line == 0 && l.key == in.Key) {
			l.free = l.free || l.left > 0
		}
	}
	c.active = c.now
}

// find returns the index of a line by number, else of the newest with pieces by
// key, or -1.
func (c *Check) find(id int, key string) int {
	for i := len(c.lines) - 1; i >= 0; i-- {
		l := &c.lines[i]
		if (id != 0 && l.id == id) || (id == 0 && l.key == key && l.qty > 0) {
			return i
		}
	}
	return -1
}

// A group is the waiting pieces of one article; weighed lines stand alone.
type group struct {
	key     string
	line    int // the oldest of its lines
	weighed bool
	n       int64
	w       Weight
}

// waiting gathers the groups that may come to the scale: those that should
// before those that need not, the newest first.
func (c *Check) waiting() []group {
	c.groups = c.groups[:0]
	c.gather(false)
	c.gather(true)
	return c.groups
}

// gather adds the groups that need not come, or those that should.
func (c *Check) gather(free bool) {
	for i := len(c.lines) - 1; i >= 0; i-- {
		l := &c.lines[i]
		if l.left == 0 || l.free != free {
			continue
		}
		if j := groupOf(c.groups, l); j >= 0 {
			c.groups[j].n += l.left
			c.groups[j].line = min(c.groups[j].line, i)
			continue
		}
		if len(c.groups) == maxGroups {
			return
		}
		g := group{key: l.key, line: i, weighed: l.weighed, n: l.left, w: c.weight(l)}
		if l.out.n > 0 && l.out.n == l.left { // it comes back as it went
			g.w = exactly(l.out.grams/float64(l.out.n), l.out.vari)
			g.weighed = true
		}
		c.groups = append(c.groups, g)
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

// bag moves n waiting pieces of g to the scale, oldest line first, and returns
// the lines they came from.
func (c *Check) bag(g group, n int64) []taken {
	var out []taken
	for i := g.line; i < len(c.lines) && n > 0; i++ {
		l := &c.lines[i]
		if i != g.line && (g.weighed || l.weighed) || l.key != g.key || l.left == 0 {
			continue
		}
		k := min(n, l.left)
		l.left -= k
		if l.removed = l.removed && l.left > 0; !l.removed {
			l.out = brought{}
		}
		n -= k
		out = append(out, taken{i, k})
		if g.weighed {
			break
		}
	}
	return out
}

// taken is pieces of a line that a question may have used up.
type taken struct {
	line int
	n    int64
}

// unbag puts pieces back to waiting.
func (c *Check) unbag(ts []taken) {
	for _, t := range ts {
		l := &c.lines[t.line]
		l.left = min(l.left+t.n, l.qty)
		g, _ := c.brought(l, t.n)
		l.on.take(t.n, g)
	}
}
