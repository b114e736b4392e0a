package bagging

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A small simulated shop: what articles weigh, how a scale of 5 g behaves, what
// honest people and others do. Its rates are assumptions, not measurements;
// they are set here and nowhere else.
const (
	worldArticles = 1500
	pPair         = 0.10 // two scanned before bagging; of these
	pPairMerged   = 0.40 // come as one change of the load
	pNeverBagged  = 0.02
	pEarly        = 0.01
	pPickUp       = 0.02 // takes an article out and puts it back
	pLean         = 0.03 // per article; a quarter of them lift
	pFrame        = 0.01 // rests partly on the frame, for good
	pAway         = 0.02 // takes the full bag away, from five articles on
	pOwnBag       = 0.40 // per trip
	pBagSaid      = 0.60 // of these
	pNewPack      = 1.0 / 1500
)

type worldArticle struct {
	key      string
	mean, sd float64
	listed   float64 // the catalogue's weight
	listedSD float64
	byWeight bool
}

type world struct {
	rng      *rand.Rand
	articles []worldArticle
	zipf     *rand.Zipf
}

func newWorld(seed uint64, listed bool) *world {
	w := &world{rng: rand.New(rand.NewPCG(seed, 77))}
	w.zipf = rand.NewZipf(w.rng, 1.05, 12, worldArticles-1)
	tare := []float64{0.015, 0.06, 0.14, 0.045, 0.55} // film, carton, can, PET, glass
	for i := range worldArticles {
		a := worldArticle{key: fmt.Sprintf("%05d", i)}
		net := math.Exp(math.Log(350) + 0.8*w.rng.NormFloat64())
		net = min(max(net, 15), 6000)
		pack := net * tare[w.rng.IntN(len(tare))]
		a.mean = net*(1+0.02*w.rng.Float64()) + pack
		a.sd = math.Hypot(tolerable(net)*(0.1+0.4*w.rng.Float64()), 0.02*pack)
		if w.rng.Float64() < 0.08 { // by the piece
			a.sd = a.mean * (0.05 + 0.15*w.rng.Float64())
		}
		a.byWeight = w.rng.Float64() < 0.10
		if listed {
			a.listed, a.listedSD = a.mean*(1+0.01*w.rng.NormFloat64()), a.sd*(0.7+0.6*w.rng.Float64())
		}
		w.articles = append(w.articles, a)
	}
	return w
}

// An act is something that happens at a lane; grams move on the platform.
type act struct {
	t     time.Duration
	in    Input
	grams float64
	mark  bool // the attack is complete
}

// A shopping is one trip as it goes.
type shopping struct {
	w    *world
	t    time.Duration
	acts []act
	line int
	in   []float64
}

func (s *shopping) wait(lo, hi float64) {
	s.t += time.Duration((lo + (hi-lo)*s.w.rng.Float64()) * float64(time.Second))
}

func (s *shopping) scan(a worldArticle, grams float64) {
	s.line++
	in := Scan{Line: s.line, Key: a.key, Qty: 1, MeanG: a.listed, SDG: a.listedSD}
	if a.byWeight {
		in = Scan{Line: s.line, Key: a.key, WeightG: 5 * math.Round(grams/5)}
	}
	s.acts = append(s.acts, act{t: s.t, in: in})
}

func (s *shopping) move(grams float64) { s.acts = append(s.acts, act{t: s.t, grams: grams}) }

func (s *shopping) put(grams float64) {
	s.move(grams)
	s.in = append(s.in, grams)
}

func (s *shopping) mark() { s.acts = append(s.acts, act{t: s.t, mark: true}) }

func (w *world) pick() worldArticle { return w.articles[w.zipf.Uint64()] }

func (w *world) piece(a worldArticle) float64 {
	g := a.mean + a.sd*w.rng.NormFloat64()
	if a.byWeight {
		g = a.mean * math.Exp(0.4*w.rng.NormFloat64())
	}
	if w.rng.Float64() < pNewPack {
		g *= 1 + 0.1*w.rng.NormFloat64()
	}
	return max(g, 5)
}

func (w *world) chance(p float64) bool { return w.rng.Float64() < p }

// trip makes a trip with attack ("": none); calm trips are without mishaps.
func (w *world) trip(attack string, calm bool) []act {
	s := &shopping{w: w}
	s.wait(1, 2)
	n := 1 + int(w.rng.ExpFloat64()*7)
	at := w.rng.IntN(n)
	if attack == "loadedbag" || (!calm && w.chance(pOwnBag)) {
		bag := math.Exp(math.Log(45) + 0.5*w.rng.NormFloat64())
		if attack == "loadedbag" || w.chance(pBagSaid) {
			s.acts = append(s.acts, act{t: s.t, in: OwnBag{}})
			s.wait(0.5, 2)
		}
		if attack == "loadedbag" {
			bag += w.piece(w.pick())
			s.move(bag)
			s.mark()
		} else {
			s.move(bag)
		}
		s.wait(1, 3)
	}
	for i := range n {
		if i == at && attack != "" && attack != "loadedbag" {
			s.attack(attack)
		} else {
			s.article(calm)
		}
		s.wait(1.2, 4)
	}
	s.wait(1, 3)
	s.acts = append(s.acts, act{t: s.t, in: Pay{}})
	s.wait(8, 12)
	slices.SortStableFunc(s.acts, func(a, b act) int { return cmp.Compare(a.t, b.t) })
	return s.acts
}

// article is an honest shopper's next article, mishaps included.
func (s *shopping) article(calm bool) {
	w := s.w
	a := w.pick()
	g := w.piece(a)
	if calm {
		s.scan(a, g)
		s.wait(0.7, 2.2)
		s.put(g)
		return
	}
	if w.chance(pLean) {
		s.lean()
	}
	switch {
	case w.chance(pPair):
		s.pair(a, g)
	case w.chance(pEarly):
		s.put(g)
		s.wait(1, 4)
		s.scan(a, g)
	case w.chance(pNeverBagged):
		s.scan(a, g)
	case w.chance(pFrame):
		s.scan(a, g)
		s.wait(0.7, 2.2)
		s.put(g * (0.3 + 0.65*w.rng.Float64()))
	default:
		s.scan(a, g)
		s.wait(0.7, 2.2)
		s.put(g)
	}
	if len(s.in) > 0 && w.chance(pPickUp) {
		s.wait(1, 2)
		back := s.in[w.rng.IntN(len(s.in))]
		s.move(-back)
		s.wait(1, 5)
		s.move(back)
	}
	if len(s.in) >= 5 && w.chance(pAway) {
		s.wait(1, 2)
		for _, g := range s.in {
			s.move(-g)
		}
		s.in = s.in[:0]
	}
}

func (s *shopping) pair(a worldArticle, g float64) {
	b := s.w.pick()
	h := s.w.piece(b)
	s.scan(a, g)
	s.wait(0.8, 2)
	s.scan(b, h)
	s.wait(0.7, 2)
	if s.w.chance(0.5) {
		g, h = h, g
	}
	s.put(g)
	if s.w.chance(pPairMerged) {
		s.wait(0, 0.2)
	} else {
		s.wait(1, 2.5)
	}
	s.put(h)
}

func (s *shopping) lean() {
	g := math.Exp(math.Log(250) + 0.7*s.w.rng.NormFloat64())
	if s.w.chance(0.25) {
		g = -min(g, 200)
	}
	t := s.t
	s.move(g)
	s.t += time.Duration(s.w.rng.ExpFloat64() * 1.5 * float64(time.Second))
	s.move(-g)
	s.t = t + (s.t-t)/2 // others go on meanwhile
}

// attack is one article by a dishonest shopper.
func (s *shopping) attack(kind string) {
	w := s.w
	a, dear := w.pick(), w.pick()
	switch kind {
	case "extra":
		s.put(w.piece(dear))
	case "swap", "swap-near":
		g := w.piece(dear)
		for range 19 {
			if b := w.pick(); kind == "swap-near" && math.Abs(b.mean-g) < math.Abs(a.mean-g) {
				a = b
			}
		}
		a.byWeight = false
		s.scan(a, g)
		s.wait(0.7, 2.2)
		s.put(g)
	case "double":
		s.scan(a, a.mean)
		s.wait(0.7, 2.2)
		s.put(w.piece(a) + w.piece(a))
	case "hide":
		g := w.piece(a)
		s.scan(a, g)
		s.wait(0.7, 2.2)
		s.put(g + 10 + 50*w.rng.Float64())
	case "offscale":
		s.wait(1, 2)
	}
	s.mark()
}

// A lane runs trips through a check, one after the other.
type lane struct {
	c       *Check
	now     time.Duration
	load    float64
	drift   float64
	trips   int
	samples int
}

// run plays acts and counts what was said. caught tells of a call within 15 s
// of the attack or at pay.
func (l *lane) run(rng *rand.Rand, acts []act) (calls, hints int, caught bool) {
	start := l.now
	l.trips++
	marked := time.Duration(-1)
	hear := func(ds []Decision) {
		for _, d := range ds {
			switch {
			case d.Verdict == Call:
				calls++
				late := d.T - marked
				caught = caught || (marked >= 0 && d.T >= marked && (late <= 15*time.Second || d.AtPay))
				ds = append(ds, l.c.Step(Staff{T: l.now})...)
			case d.Verdict == Hint && d.Kind != Missing && d.Kind != Removed && !d.Settled && !d.AtPay:
				hints++
			}
		}
	}
	hear(l.c.Step(Start{T: l.now, Trip: fmt.Sprint(l.trips)}))
	wobble := 0
	end := start + 25*time.Second
	if len(acts) > 0 {
		end = start + acts[len(acts)-1].t + 4*time.Second
	}
	for ; l.now < end; l.now += 100 * time.Millisecond {
		for len(acts) > 0 && start+acts[0].t <= l.now {
			a := acts[0]
			acts = acts[1:]
			if a.mark {
				marked = l.now
			}
			if a.in != nil {
				hear(l.c.Step(retimed(a.in, l.now)))
			}
			if a.grams != 0 {
				l.load += a.grams
				wobble = 3
			}
		}
		l.drift += 0.016 * rng.NormFloat64()
		g := l.load + l.drift + rng.NormFloat64()
		if wobble > 0 {
			g += 40 * rng.NormFloat64()
			wobble--
		}
		l.samples++
		hear(l.c.Step(Sample{T: l.now, Grams: 5 * math.Round(g/5)}))
	}
	hear(l.c.Step(End{l.now}))
	l.load = 0
	for range 10 {
		l.now += 100 * time.Millisecond
		l.c.Step(Sample{T: l.now, Grams: 5 * math.Round((l.load+l.drift)/5)})
	}
	return calls, hints, caught
}

func retimed(in Input, t time.Duration) Input {
	if scan, ok := in.(Scan); ok {
		scan.T = t
		return scan
	}
	if _, ok := in.(Pay); ok {
		return Pay{T: t}
	}
	return OwnBag{t}
}

// TestWorld compares what the check says of honest and dishonest trips.
func TestWorld(t *testing.T) {
	trips, attacks := 150, 20
	mix := map[string]float64{"extra": 0.5, "swap": 0.25, "double": 0.1, "hide": 0.1, "loadedbag": 0.05}
	for _, listed := range []bool{true, false} {
		w := newWorld(4, listed)
		l := &lane{c: New(Settings{}, nil)}
		for range trips / 2 { // what the lane learned before
			l.run(w.rng, w.trip("", false))
		}
		var calls, hints, called int
		for range trips {
			c, h, _ := l.run(w.rng, w.trip("", false))
			calls, hints = calls+c, hints+h
			called += min(c, 1)
		}
		k := 1000 / float64(trips)
		t.Logf("catalogue weights %v: per 1,000 honest trips %.0f calls in %.0f trips, %.0f hints",
			listed, k*float64(calls), k*float64(called), k*float64(hints))
		var all float64
		for _, kind := range []string{"extra", "swap", "double", "hide", "loadedbag", "swap-near", "offscale"} {
			n := 0
			for range attacks {
				if _, _, caught := l.run(w.rng, w.trip(kind, false)); caught {
					n++
				}
			}
			rate := float64(n) / float64(attacks)
			all += mix[kind] * rate
			t.Logf("  %-10s caught %3.0f %%", kind, 100*rate)
		}
		t.Logf("  %-10s caught %3.0f %%", "mix", 100*all)
		most := 60.0
		if !listed { // a shop that knows no weight and learns them as it sells
			most = 120
		}
		if k*float64(called) > most {
			t.Errorf("%.0f of 1,000 honest trips were called, want at most %.0f", k*float64(called), most)
		}
		if listed && all < 0.65 {
			t.Errorf("caught %.2f of the mix, want at least 0.65", all)
		}
	}
}

// TestCalmTripsNeverCall: scan, bag, scan, bag, with a catalogue that is right,
// never calls anybody, on many lanes.
func TestCalmTripsNeverCall(t *testing.T) {
	for seed := range uint64(20) {
		w := newWorld(100+seed, true)
		for i := range w.articles {
			w.articles[i].listed, w.articles[i].listedSD = w.articles[i].mean, w.articles[i].sd
		}
		l := &lane{c: New(Settings{}, nil)}
		for range 20 {
			if calls, _, _ := l.run(w.rng, w.trip("", true)); calls > 0 {
				t.Errorf("seed %d: trip %d called %d times", seed, l.trips, calls)
			}
		}
	}
}
