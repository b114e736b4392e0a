package bagging

import (
	"cmp"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

var (
	curveSeeds = flag.Int("curve", 0, "seeds of the curve of false alarms against catches; 0: no curve")
	curveTrips = flag.Int("curve-trips", 1500, "honest trips of each")
	curveOnly  = flag.String("curve-town", "", "only this town")
)

// A town is a third simulated shop, for measuring: all its rates are fields, so
// that it can be made to differ from what the check assumes.
type town struct {
	e, sigma, drift       float64 // of the scale, grams
	fillLo, fillHi        float64 // spread of the fill, in tolerable errors
	newPack, newLot       float64 // chances a sale that an article's packaging or lot changes for good
	pair, merged          float64
	hold, early, pickUp   float64
	lean, frame, away     float64
	bag, bagSaid          float64
	items                 float64
	training, attackTrips int
	unlisted              bool // the catalogue knows no weights

	rng      *rand.Rand
	articles []townArticle
	cum      []float64
}

type townArticle struct {
	key          string
	mean, sd     float64 // of this lot
	lot          float64 // grams the lots differ by
	listed, dev  float64
	weighed, cat bool // produce; a label of its own weight
	price        float64
}

func baseTown() town {
	return town{
		e: 5, sigma: 1, drift: 0.05, fillLo: 0.1, fillHi: 0.5, newPack: 1.0 / 1500, newLot: 1.0 / 300,
		pair: 0.1, merged: 0.4, hold: 0.02, early: 0.01, pickUp: 0.02, lean: 0.03, frame: 0.01, away: 0.02,
		bag: 0.4, bagSaid: 0.6, items: 8, training: 1500, attackTrips: 120,
	}
}

func (s town) open(seed uint64) *town {
	s.rng = rand.New(rand.NewPCG(seed, 4711))
	classes := []float64{0.015, 0.06, 0.14, 0.045, 0.55} // film, carton, can, PET, glass
	sum := 0.0
	for i := range 3000 {
		a := townArticle{key: fmt.Sprintf("t%07d", i), price: math.Exp(0.8 + 0.7*s.rng.NormFloat64())}
		net := min(max(math.Exp(math.Log(350)+0.9*s.rng.NormFloat64()), 15), 6000)
		ratio := classes[s.rng.IntN(len(classes))]
		pack := net * ratio * math.Exp(0.15*s.rng.NormFloat64())
		a.mean = net*(1+0.015*s.rng.Float64()) + pack
		a.sd = math.Hypot(tolerable(net)*(s.fillLo+(s.fillHi-s.fillLo)*s.rng.Float64()), 0.02*pack)
		a.lot = 0.01*pack + 0.002*net
		a.listed, a.dev = net*(1+ratio), math.Hypot(0.3*tolerable(net)+0.008*net, 0.15*net*ratio)
		switch p := s.rng.Float64(); {
		case p < 0.08:
			a.sd = a.mean * (0.05 + 0.15*s.rng.Float64())
			a.dev = 0.12 * a.mean
		case p < 0.15:
			a.weighed = true
		case p < 0.20:
			a.cat = true
		}
		if s.unlisted {
			a.listed, a.dev = 0, 0
		}
		s.articles = append(s.articles, a)
		sum += math.Pow(float64(i+1), -0.9)
		s.cum = append(s.cum, sum)
	}
	s.rng.Shuffle(len(s.articles), func(i, j int) { s.articles[i], s.articles[j] = s.articles[j], s.articles[i] })
	return &s
}

func (s *town) chance(p float64) bool { return s.rng.Float64() < p }

func (s *town) sold() *townArticle {
	i, _ := slices.BinarySearch(s.cum, s.rng.Float64()*s.cum[len(s.cum)-1])
	return &s.articles[min(i, len(s.articles)-1)]
}

func (s *town) any() *townArticle { return &s.articles[s.rng.IntN(len(s.articles))] }

// piece is one piece off the shelf.
func (s *town) piece(a *townArticle) float64 {
	if a.weighed || a.cat {
		return max(a.mean*math.Exp(0.35*s.rng.NormFloat64()), 30)
	}
	if s.chance(s.newPack) {
		a.mean *= 1 + 0.08*s.rng.NormFloat64()
	}
	if s.chance(s.newLot) {
		a.mean += a.lot * s.rng.NormFloat64()
	}
	return max(a.mean+a.sd*s.rng.NormFloat64(), 5)
}

// A stroll is one trip through a town.
type stroll struct {
	*town
	t    float64
	acts []act
	line int
	in   []float64
	own  float64
}

func (v *stroll) pause(lo, hi float64) { v.t += lo + (hi-lo)*v.rng.Float64() }

func (v *stroll) do(a act) {
	a.t = time.Duration(v.t * float64(time.Second))
	v.acts = append(v.acts, a)
}

func (v *stroll) scan(a *townArticle, x float64) {
	v.line++
	in := Scan{Line: v.line, Key: a.key, Qty: 1, MeanG: a.listed, SDG: a.dev}
	switch {
	case a.weighed:
		in = Scan{Line: v.line, Key: a.key, Qty: 1, WeightG: 5 * math.Round(x/5)}
	case a.cat:
		in = Scan{Line: v.line, Key: a.key, Qty: 1, WeightG: math.Round(x)}
	}
	v.do(act{in: in})
}

func (v *stroll) put(x float64) {
	v.do(act{grams: x})
	v.in = append(v.in, x)
}

func (s *town) trip(attack string) []act {
	v := &stroll{town: s}
	v.pause(1, 3)
	if attack == "loadedbag" || s.chance(s.bag) {
		v.own = math.Exp(math.Log(45) + 0.5*s.rng.NormFloat64())
		if attack == "loadedbag" || s.chance(s.bagSaid) {
			v.do(act{in: OwnBag{}})
			v.pause(0.7, 2)
		}
		if attack == "loadedbag" {
			v.do(act{grams: v.own + s.piece(s.any())})
			v.do(act{mark: true})
		} else {
			v.do(act{grams: v.own})
		}
		v.pause(1, 3)
	}
	n := 1 + int(s.rng.ExpFloat64()*(s.items-0.5))
	at := s.rng.IntN(n)
	for i := range n {
		if i == at && attack != "" && attack != "loadedbag" {
			v.attack(attack)
		} else {
			v.article()
		}
		v.pause(1.5, 4.5)
	}
	v.pause(1, 3)
	v.do(act{in: Pay{}})
	v.t += 8
	v.do(act{})
	slices.SortStableFunc(v.acts, func(a, b act) int { return cmp.Compare(a.t, b.t) })
	return v.acts
}

func (v *stroll) article() {
	a := v.sold()
	x := v.piece(a)
	if v.chance(v.lean) {
		v.hand()
	}
	switch {
	case v.chance(v.pair):
		b := v.sold()
		y := v.piece(b)
		v.scan(a, x)
		v.pause(1, 2.5)
		v.scan(b, y)
		v.pause(0.8, 2.5)
		if v.chance(0.5) {
			x, y = y, x
		}
		v.put(x)
		if v.chance(v.merged) {
			v.pause(0, 0.1)
		} else {
			v.pause(1, 2.5)
		}
		v.put(y)
	case v.chance(v.hold):
		v.scan(a, x)
	case v.chance(v.early):
		v.put(x)
		v.pause(0.8, 3.5)
		v.scan(a, x)
	case v.chance(v.frame):
		v.scan(a, x)
		v.pause(0.8, 2.5)
		v.put(x * (0.3 + 0.65*v.rng.Float64()))
	default:
		v.scan(a, x)
		v.pause(0.8, 2.5)
		v.put(x)
	}
	if len(v.in) > 0 && v.chance(v.pickUp) {
		v.pause(1, 2)
		back := v.in[v.rng.IntN(len(v.in))]
		v.do(act{grams: -back})
		v.pause(1, 5)
		v.do(act{grams: back})
	}
	if len(v.in) >= 5 && v.chance(v.away) {
		v.pause(1, 2)
		sum := v.own
		for _, g := range v.in {
			sum += g
		}
		v.do(act{grams: -sum})
		v.in, v.own = v.in[:0], 0
	}
}

func (v *stroll) hand() {
	g := math.Exp(math.Log(250) + 0.6*v.rng.NormFloat64())
	if v.chance(0.25) {
		g = -g
	}
	t := v.t
	v.do(act{grams: g})
	v.t += 1.5 * v.rng.ExpFloat64()
	v.do(act{grams: -g})
	v.t = t + 0.6
}

func (v *stroll) attack(kind string) {
	a := v.sold()
	var x float64
	switch kind {
	case "extra":
		v.put(v.piece(v.any()))
	case "swap", "swap-near":
		dear := v.any()
		for range 20 {
			if b := v.any(); b.price > dear.price {
				dear = b
			}
		}
		x = v.piece(dear)
		for a = v.any(); a.price > dear.price || a.weighed || a.cat; {
			a = v.any()
		}
		for n := 0; n < 19 && kind == "swap-near"; {
			if b := v.any(); b.price < dear.price && !b.weighed && !b.cat {
				n++
				if math.Abs(b.mean-x) < math.Abs(a.mean-x) {
					a = b
				}
			}
		}
		v.scan(a, x)
		v.pause(0.8, 2.5)
		v.put(x)
	case "double":
		for a.weighed || a.cat {
			a = v.sold()
		}
		x = v.piece(a)
		v.scan(a, x)
		v.pause(0.8, 2.5)
		v.put(x + v.piece(a))
	case "hide":
		x = v.piece(a)
		v.scan(a, x)
		v.pause(0.8, 2.5)
		v.put(x + 10 + 50*v.rng.Float64())
	}
	v.do(act{mark: true})
}

// A post runs a town's trips through a check.
type post struct {
	c     *Check
	rng   *rand.Rand
	now   time.Duration
	drift float64
	trips int
}

func (p *post) read(s *town, load float64) float64 {
	p.drift += s.drift * math.Sqrt(0.1) * p.rng.NormFloat64()
	return s.e * math.Round((load+p.drift+s.sigma*p.rng.NormFloat64())/s.e)
}

func (p *post) run(s *town, acts []act) (calls int, caught bool) {
	p.trips++
	start, load, marked := p.now, 0.0, time.Duration(-1)
	calm := p.now
	hear := func(ds []Decision) {
		for _, d := range ds {
			if d.Verdict != Call {
				continue
			}
			calls++
			if marked >= 0 && (d.T-marked <= 15*time.Second || d.AtPay) {
				caught = true
			}
			p.c.Step(Staff{T: p.now, OK: marked < 0})
		}
	}
	p.c.Step(Start{T: p.now, Trip: fmt.Sprint("p", p.trips)})
	for len(acts) > 0 {
		for len(acts) > 0 && start+acts[0].t <= p.now {
			a := acts[0]
			acts = acts[1:]
			if a.mark {
				marked = p.now
			}
			if a.in != nil {
				hear(p.c.Step(retimed(a.in, p.now)))
			}
			if a.grams != 0 {
				load += a.grams
				calm = p.now + time.Duration((0.12+0.36*p.rng.Float64())*float64(time.Second))
			}
		}
		g := p.read(s, load)
		if p.now < calm {
			g += s.e * math.Round(60*p.rng.NormFloat64()/s.e)
		}
		hear(p.c.Step(Sample{T: p.now, Grams: g}))
		p.now += 100 * time.Millisecond
	}
	hear(p.c.Step(End{p.now}))
	for range 10 {
		p.now += 100 * time.Millisecond
		p.c.Step(Sample{T: p.now, Grams: p.read(s, 0)})
	}
	return calls, caught
}

// A point is one threshold on the curve.
type point struct {
	callAt   float64
	false100 float64 // false alarms per 100 honest articles
	trips    float64 // share of honest trips called
	mix      float64
	caught   map[string]float64
}

var townMix = map[string]float64{"extra": 0.5, "swap": 0.25, "double": 0.1, "hide": 0.1, "loadedbag": 0.05}

var attackKinds = []string{"extra", "swap", "swap-near", "double", "hide", "loadedbag"}

// measured runs a town at one threshold: training, honest trips, attacks.
func measured(s town, seed uint64, callAt float64, prep func(*town, *Check)) point {
	w := s.open(seed)
	c := New(Settings{CallAt: callAt}, nil)
	p := &post{c: c, rng: rand.New(rand.NewPCG(seed, 99))}
	if prep != nil {
		prep(w, c)
	}
	for range s.training {
		p.run(w, w.trip(""))
	}
	pt := point{callAt: callAt, caught: map[string]float64{}}
	items, calls, called := 0, 0, 0
	for range *curveTrips {
		if prep != nil {
			prep(w, c)
		}
		acts := w.trip("")
		for _, a := range acts {
			if _, ok := a.in.(Scan); ok {
				items++
			}
		}
		n, _ := p.run(w, acts)
		calls += n
		called += min(n, 1)
	}
	pt.false100, pt.trips = 100*float64(calls)/float64(items), float64(called)/float64(*curveTrips)
	for _, kind := range attackKinds {
		n := 0
		for range s.attackTrips {
			if _, ok := p.run(w, w.trip(kind)); ok {
				n++
			}
		}
		pt.caught[kind] = float64(n) / float64(s.attackTrips)
		pt.mix += townMix[kind] * pt.caught[kind]
	}
	return pt
}

var thresholds = []float64{0.02, 0.04, 0.07, 0.12, 0.2}

// curve measures all thresholds, mean over the seeds.
func curve(s town, seeds int, prep func(*town, *Check)) []point {
	out := make([]point, len(thresholds))
	var wg sync.WaitGroup
	sem := make(chan bool, 2)
	for i, at := range thresholds {
		wg.Go(func() {
			sem <- true
			defer func() { <-sem }()
			sum := point{callAt: at, caught: map[string]float64{}}
			k := 1 / float64(seeds)
			for seed := range seeds {
				pt := measured(s, uint64(9000+seed), at, prep)
				sum.false100 += k * pt.false100
				sum.trips += k * pt.trips
				sum.mix += k * pt.mix
				for kind, p := range pt.caught {
					sum.caught[kind] += k * p
				}
			}
			out[i] = sum
		})
	}
	wg.Wait()
	return out
}

// falseAt is the false alarms per 100 articles at a detection of the mix.
func falseAt(pts []point, mix float64) float64 {
	for i := 1; i < len(pts); i++ {
		a, b := pts[i-1], pts[i]
		if a.mix >= mix && b.mix < mix {
			f := (a.mix - mix) / (a.mix - b.mix)
			return math.Exp((1-f)*math.Log(a.false100+1e-3) + f*math.Log(b.false100+1e-3))
		}
	}
	return math.NaN()
}

// trueFor is trueWeights for some articles.
func trueFor(which func(*townArticle, Weight) bool) func(*town, *Check) {
	return func(w *town, c *Check) {
		for i := range w.articles {
			if a := &w.articles[i]; !a.weighed && !a.cat && which(a, c.weights[a.key]) {
				c.weights[a.key] = Weight{N: 100, MeanG: a.mean, Kappa: maxKappa, Alpha: maxAlpha, Beta: maxAlpha * a.sd * a.sd}
			}
		}
	}
}

// trueWeights gives the check what the town knows of its articles.
func trueWeights(w *town, c *Check) {
	for _, a := range w.articles {
		if !a.weighed && !a.cat {
			c.weights[a.key] = Weight{N: 100, MeanG: a.mean, Kappa: maxKappa, Alpha: maxAlpha, Beta: maxAlpha * a.sd * a.sd}
		}
	}
}

// TestCurve prints false alarms against detection; see -curve.
func TestCurve(t *testing.T) {
	if *curveSeeds == 0 {
		t.Skip("no -curve")
	}
	for _, tc := range []struct {
		name string
		s    func(*town)
		prep func(*town, *Check)
	}{
		{"base", func(*town) {}, nil},
		{"true weights", func(s *town) { s.training = 0 }, trueWeights},
		{"true pieces", func(s *town) {}, trueFor(func(a *townArticle, _ Weight) bool { return a.sd > 0.045*a.mean })},
		{"true packs", func(s *town) {}, trueFor(func(a *townArticle, _ Weight) bool { return a.sd <= 0.045*a.mean })},
		{"true rare", func(s *town) {}, trueFor(func(a *townArticle, w Weight) bool { return w.N < 6 })},
		{"true often", func(s *town) {}, trueFor(func(a *townArticle, w Weight) bool { return w.N >= 6 })},
		{"cold", func(s *town) { s.training = 0; s.unlisted = true }, nil},
	} {
		if *curveOnly != "" && *curveOnly != tc.name {
			continue
		}
		s := baseTown()
		tc.s(&s)
		pts := curve(s, *curveSeeds, tc.prep)
		t.Logf("%s: at 70 %% %.3f, at 80 %% %.3f, at 85 %% %.3f", tc.name, falseAt(pts, 0.7), falseAt(pts, 0.8), falseAt(pts, 0.85))
		for _, p := range pts {
			t.Logf("  %.3f  %.3f per 100, trips %4.1f %%, mix %.3f %v", p.callAt, p.false100, 100*p.trips, p.mix, p.caught)
		}
	}
}
