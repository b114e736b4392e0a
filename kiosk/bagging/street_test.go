package bagging

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// A street is a second simulated shop, made to differ from world: packs come in
// round sizes, the catalogue is half right, the platform swings and lags, the
// scale has another division and creeps the way its day goes, and people have
// habits that last a trip. Like world's its rates are assumptions.
type street struct {
	rng   *rand.Rand
	e     float64 // the scale's division, grams
	sigma float64 // its noise
	creep float64 // its drift, grams a root second
	goods []good
}

type good struct {
	key          string
	mean, sd     float64
	listed, dev  float64 // as the catalogue has it, 0: not
	weighed, big bool
}

// A habit is what a shopper does all trip long.
type habit struct {
	batch    int     // scans so many before bagging
	lean     float64 // chance of a hand on the scale, an article
	haste    float64 // times all waits
	early    float64
	hold     float64 // never comes to the scale
	pickUp   float64
	frame    float64
	bag      float64 // grams of an own bag, 0: none
	bagSaid  bool
	bagLater bool
}

func newStreet(seed uint64, division float64) *street {
	s := &street{rng: rand.New(rand.NewPCG(seed, 2024)), e: division, sigma: 0.3 + division/8, creep: division / 60}
	sizes := []float64{20, 33, 50, 75, 100, 125, 150, 175, 200, 250, 330, 400, 500, 500, 750, 1000, 1000, 1500, 2000}
	for i := range 900 {
		net := sizes[s.rng.IntN(len(sizes))]
		pack := net * []float64{0.01, 0.03, 0.08, 0.15, 0.5}[s.rng.IntN(5)] * (0.7 + 0.6*s.rng.Float64())
		g := good{key: fmt.Sprintf("s%04d", i), mean: net*(1.002+0.015*s.rng.Float64()) + pack}
		g.sd = math.Hypot(tolerable(net)*(0.15+0.3*s.rng.Float64()), 0.015*pack)
		switch p := s.rng.Float64(); {
		case p < 0.07: // bread, lettuce
			g.sd = g.mean * (0.04 + 0.1*s.rng.Float64())
		case p < 0.15:
			g.weighed = true
		case p < 0.17:
			g.big = true
		}
		switch p := s.rng.Float64(); {
		case p < 0.6:
			g.listed, g.dev = math.Round(g.mean*(1+0.008*s.rng.NormFloat64())), math.Ceil(g.sd)
		case p < 0.9:
			g.listed = math.Round(g.mean * (1 + 0.02*s.rng.NormFloat64()))
		}
		s.goods = append(s.goods, g)
	}
	return s
}

func (s *street) chance(p float64) bool { return s.rng.Float64() < p }

func (s *street) between(lo, hi float64) float64 { return lo + (hi-lo)*s.rng.Float64() }

// pick is an article off the shelf, the popular ones more often.
func (s *street) pick() good {
	u := s.rng.Float64()
	return s.goods[int(float64(len(s.goods))*u*u*math.Sqrt(u))]
}

func (s *street) piece(g good) float64 {
	x := g.mean + g.sd*s.rng.NormFloat64()
	if g.weighed {
		x = g.mean * s.between(0.3, 1.8)
	}
	if s.chance(0.0008) { // a new packaging, an offer with more in it
		x *= s.between(0.85, 1.25)
	}
	return max(x, 4)
}

func (s *street) habit() habit {
	h := habit{batch: 1, lean: 0.012, haste: 1, early: 0.006, hold: 0.012, pickUp: 0.012, frame: 0.007}
	if s.chance(0.15) {
		h.batch = 2 + s.rng.IntN(3)
	}
	if s.chance(0.12) {
		h.lean = 0.12 // a child
	}
	if s.chance(0.25) {
		h.haste = 0.55
	}
	if s.chance(0.1) {
		h.early, h.pickUp = 0.04, 0.08
	}
	if s.chance(0.5) {
		h.bag = s.between(12, 60)
		switch p := s.rng.Float64(); {
		case p < 0.25:
			h.bag = s.between(60, 200)
		case p < 0.32:
			h.bag = s.between(300, 900)
		}
		h.bagSaid, h.bagLater = s.chance(0.55), s.chance(0.15)
	}
	return h
}

// A visit is one trip on a street, as it goes.
type visit struct {
	*street
	habit
	t    float64 // seconds
	acts []act
	line int
	in   []float64
}

func (v *visit) pause(lo, hi float64) { v.t += v.between(lo, hi) * v.haste }

func (v *visit) do(a act) {
	a.t = time.Duration(v.t * float64(time.Second))
	v.acts = append(v.acts, a)
}

func (v *visit) scan(g good, x float64) {
	v.line++
	in := Scan{Line: v.line, Key: g.key, Qty: 1, MeanG: g.listed, SDG: g.dev, NoBag: g.big}
	if g.weighed {
		in = Scan{Line: v.line, Key: g.key, WeightG: 5 * math.Round(x/5)}
	}
	v.do(act{in: in})
}

// put lets x grams down, in two moves now and then.
func (v *visit) put(x float64) {
	if v.chance(0.1) {
		v.do(act{grams: 0.4 * x})
		v.t += 0.15
		v.do(act{grams: 0.6 * x})
	} else {
		v.do(act{grams: x})
	}
	v.in = append(v.in, x)
}

func (v *visit) bagNow(attack string) {
	if v.bagSaid {
		v.do(act{in: OwnBag{}})
		v.pause(0.5, 2.5)
	}
	x := v.bag
	if attack == "loadedbag" {
		x += v.piece(v.pick())
	}
	v.do(act{grams: x})
	if attack == "loadedbag" {
		v.do(act{mark: true})
	}
	v.pause(1, 3)
}

// trip makes a trip with attack ("": none).
func (s *street) trip(attack string) []act {
	v := &visit{street: s, habit: s.habit()}
	if attack == "loadedbag" {
		v.bag, v.bagSaid, v.bagLater = max(v.bag, 25), true, false
	}
	v.pause(1, 3)
	if v.bag > 0 && !v.bagLater {
		v.bagNow(attack)
	}
	n := 1 + int(s.rng.ExpFloat64()*8)
	at, later := s.rng.IntN(n), s.rng.IntN(n)
	for i := 0; i < n; {
		if v.bagLater && later == i && v.bag > 0 {
			v.bagNow("")
		}
		if i == at && attack != "" && attack != "loadedbag" {
			v.attack(attack)
			i++
		} else {
			i += v.some(min(v.batch, n-i))
		}
		v.mishap()
		v.pause(1.5, 4.5)
	}
	v.pause(0.4, 3)
	v.do(act{in: Pay{}})
	v.t += v.between(8, 14)
	v.do(act{mark: false})
	slices.SortStableFunc(v.acts, func(a, b act) int { return cmp.Compare(a.t, b.t) })
	return v.acts
}

// some scans n articles and bags them, in any order.
func (v *visit) some(n int) int {
	var xs []float64
	for range n {
		g := v.pick()
		x := v.piece(g)
		if n == 1 && v.chance(v.early) {
			v.put(x)
			v.pause(1, 4)
			v.scan(g, x)
			return n
		}
		v.scan(g, x)
		v.pause(0.8, 2)
		switch {
		case g.big || v.chance(v.hold):
		case v.chance(v.frame):
			xs = append(xs, x*v.between(0.4, 0.95))
		default:
			xs = append(xs, x)
		}
	}
	v.rng.Shuffle(len(xs), func(i, j int) { xs[i], xs[j] = xs[j], xs[i] })
	for i, x := range xs {
		if i > 0 && v.chance(0.3) {
			v.t += v.between(0, 0.25) // both hands
		} else if i > 0 {
			v.pause(0.8, 2.2)
		}
		v.put(x)
	}
	return n
}

// mishap is what happens between articles.
func (v *visit) mishap() {
	if v.chance(v.lean) {
		x := v.between(60, 600)
		if v.chance(0.2) {
			x = -v.between(30, 150)
		}
		t := v.t
		v.t += v.between(0, 1.5)
		v.do(act{grams: x})
		v.t += v.between(0.4, 3.5)
		v.do(act{grams: -x})
		v.t = t + 0.7
	}
	if len(v.in) > 0 && v.chance(v.pickUp) {
		x := v.in[v.rng.IntN(len(v.in))]
		v.pause(1, 2)
		v.do(act{grams: -x})
		v.pause(1, 6)
		v.do(act{grams: x})
	}
	if len(v.in) >= 6 && v.chance(0.015) {
		v.pause(1, 2)
		sum := v.bag
		for _, x := range v.in {
			sum += x
		}
		v.do(act{grams: -sum})
		v.in, v.bag = v.in[:0], 0
	}
}

func (v *visit) attack(kind string) {
	a, dear := v.pick(), v.pick()
	x := v.piece(a)
	switch kind {
	case "extra":
		v.put(v.piece(dear))
	case "swap":
		a.weighed, a.big = false, false
		v.scan(a, x)
		v.pause(0.8, 2)
		v.put(v.piece(dear))
	case "double":
		a.weighed, a.big = false, false
		x = v.piece(a)
		v.scan(a, x)
		v.pause(0.8, 2)
		v.put(x + v.piece(a))
	case "hide":
		a.big = false
		v.scan(a, x)
		v.pause(0.8, 2)
		v.put(x + v.between(12, 60))
	}
	v.do(act{mark: true})
}

// platform is the street's scale: it swings, lags, creeps and rounds.
type platform struct {
	load, shown, swing float64
	since              time.Duration // of the last move
	drift              float64
	last               [3]float64
}

func (p *platform) move(g float64, t time.Duration) {
	p.load += g
	p.swing, p.since = 0.25*g, t
}

func (p *platform) read(s *street, t, dt time.Duration) (grams float64, stable bool) {
	p.shown += (p.load - p.shown) * (1 - math.Exp(-dt.Seconds()/0.06))
	p.drift += s.creep * math.Sqrt(dt.Seconds()) * s.rng.NormFloat64()
	old := (t - p.since).Seconds()
	x := p.shown + p.swing*math.Exp(-old/0.12)*math.Cos(28*old) + p.drift + s.sigma*s.rng.NormFloat64()
	y := s.e * math.Round(x/s.e)
	stable = p.last == [3]float64{y, y, y}
	p.last = [3]float64{p.last[1], p.last[2], y}
	return y, stable
}

// A kerb runs a street's trips through a check.
type kerb struct {
	c     *Check
	p     platform
	now   time.Duration
	trips int
}

// run plays acts as lane.run does; staff come after some seconds and accept
// what an honest shopper did, or put right what another did.
func (k *kerb) run(s *street, acts []act, honest bool) (calls, hints int, caught bool) {
	start := k.now
	k.trips++
	marked, staff := time.Duration(-1), time.Duration(-1)
	hear := func(ds []Decision) {
		for _, d := range ds {
			switch {
			case d.Verdict == Call:
				calls++
				late := d.T - marked
				caught = caught || (marked >= 0 && d.T >= marked && (late <= 15*time.Second || d.AtPay))
				staff = k.now + 4*time.Second
			case d.Verdict == Hint && (d.Kind == Unexpected || d.Kind == Wrong) && !d.Settled && !d.AtPay:
				hints++
			}
		}
	}
	hear(k.c.Step(Start{T: k.now, Trip: fmt.Sprint("k", k.trips)}))
	for len(acts) > 0 {
		dt := 110*time.Millisecond + time.Duration(s.rng.IntN(40))*time.Millisecond
		for k.now += dt; len(acts) > 0 && start+acts[0].t <= k.now; acts = acts[1:] {
			a := acts[0]
			if a.mark {
				marked = k.now
			}
			if a.in != nil {
				hear(k.c.Step(retimed(a.in, k.now)))
			}
			if a.grams != 0 {
				k.p.move(a.grams, k.now)
			}
		}
		if staff >= 0 && k.now >= staff {
			hear(k.c.Step(Staff{T: k.now, OK: honest}))
			staff = -1
		}
		g, stable := k.p.read(s, k.now, dt)
		hear(k.c.Step(Sample{T: k.now, Grams: g, Stable: stable}))
	}
	hear(k.c.Step(End{k.now}))
	k.p.move(-k.p.load, k.now)
	for range 20 {
		k.now += 120 * time.Millisecond
		g, stable := k.p.read(s, k.now, 120*time.Millisecond)
		k.c.Step(Sample{T: k.now, Grams: g, Stable: stable})
	}
	return calls, hints, caught
}
