package bagging

import "math"

// Verdicts are what people said who looked at a question, slowly forgotten.
type Verdicts struct {
	Right float64 `json:"right"` // something was unpaid, or wrong
	Wrong float64 `json:"wrong"` // all was well
	// Kinds of what was unpaid, as far as they were told: Extra, Swapped,
	// Doubled, Hidden, LoadedBag, in this order.
	Kinds [5]float64 `json:"kinds"`
}

// A Doubt is how many changes were in doubt, and the sum of how likely it was
// that they brought something unpaid.
type Doubt struct {
	N float64 `json:"n"`
	P float64 `json:"p"`
}

const (
	doubtBins   = 12 // of the probability, each twice the one before, up to 1
	worthShares = 20 // verdicts that the assumed shares are worth
	mostShift   = 3  // times by which verdicts may change a share
)

// shares sets how likely each kind of unpaid thing is: as a whole as assumed,
// for who is never found out gives no verdict, but shared out as people said.
func (v *Verdicts) shares(r *rates) {
	rates := [5]float64{rateExtra, rateSwap, rateDouble, rateHidden, rateLoaded}
	shares := [5]float64{0.5, 0.25, 0.1, 0.1, 0.05}
	out := [5]*float64{&r.extra, &r.swap, &r.double, &r.hidden, &r.loaded}
	told := 0.0
	for _, n := range v.Kinds {
		told += n
	}
	for i, share := range shares {
		times := (worthShares*share + v.Kinds[i]) / (worthShares + told) / share
		*out[i] = rates[i] * math.Min(math.Max(times, 1.0/mostShift), mostShift)
	}
}

// verdict counts what a person said of doubt i: kind where they said which, and
// "" where only that it was right or wrong.
func (c *Check) verdict(i int, honest bool, kind StoryKind) {
	if i < 0 || !c.doubts[i].called {
		return
	}
	v := &c.habits.Verdicts
	if honest {
		v.Wrong++
	} else {
		v.Right++
	}
	for k, name := range []StoryKind{Extra, Swapped, Doubled, Hidden, LoadedBag} {
		if kind == name {
			v.Kinds[k]++
		}
	}
	if w, ok := c.weights[c.doubts[i].key]; ok && c.doubts[i].key != "" {
		w.Calls++
		if honest {
			w.False++
		}
		c.weights[c.doubts[i].key] = w
		c.changed = append(c.changed, c.doubts[i].key)
	}
}

// close counts a doubt that is over.
func (c *Check) close(d *doubt) {
	if d.top <= 0 {
		return
	}
	b := &c.habits.Doubts[doubtBin(d.top)]
	b.N++
	b.P += d.top
	d.top = 0
}

// doubtBin is the bin of a probability; the last begins at a half.
func doubtBin(p float64) int {
	return max(doubtBins-1+int(math.Floor(math.Log2(math.Min(math.Max(p, 1e-6), 0.999)))+1), 0)
}

// Health is what ordinary sales tell of the scale, slowly forgotten.
type Health struct {
	N float64 `json:"n"` // pieces of well-known articles
	// Z and ZZ are the sums of their deviations from the learned weight, in
	// standard deviations, and of the squares: a scale that is right has a mean
	// near 0 and a square near 1.
	Z  float64 `json:"z"`
	ZZ float64 `json:"zz"`
	// Part is the sum of the deviations as parts of the weight: what a wrong
	// span shows in.
	Part float64 `json:"part"`
	// Trips were begun on an empty scale that showed ZeroG on average (grams).
	Trips float64 `json:"trips"`
	ZeroG float64 `json:"zero_g"`
	// Lost counts how often the scale went away.
	Lost float64 `json:"lost"`
	// Jitter is the sum of half the squares by which a sample was off the one before
	// it while the load stood still, square grams, and Pairs how many there were.
	Jitter float64 `json:"jitter,omitempty"`
	Pairs  float64 `json:"pairs,omitempty"`
}

const (
	healthPieces = 2000 // pieces that are remembered
	healthTrips  = 50   // trips that the zero is averaged over
	wellKnown    = 20   // sales after which an article is a test weight
	emptyMost    = 150  // grams an empty scale may show and still count as empty
)

// sound reports whether the numbers can be sums.
func (h Health) sound() bool {
	for _, x := range []float64{h.N, h.Z, h.ZZ, h.Part, h.Trips, h.ZeroG, h.Lost, h.Jitter, h.Pairs} {
		if !(math.Abs(x) <= 1e9) {
			return false
		}
	}
	return h.N >= 0 && h.ZZ >= 0 && h.Trips >= 0 && h.Lost >= 0 && h.Jitter >= 0 && h.Pairs >= 0
}

// measure takes a piece of x grams of a well-known article as a test weight.
func (c *Check) measure(w *Weight, x, sure float64) {
	if w.N < wellKnown || sure < sureOdd || !w.fits(x, c.noise()) {
		return
	}
	h := &c.health
	if h.N >= healthPieces {
		const part = 1 - 1.0/healthPieces
		h.N, h.Z, h.ZZ, h.Part = h.N*part, h.Z*part, h.ZZ*part, h.Part*part
	}
	z := (x - w.MeanG) / math.Sqrt(w.variance()+c.noise())
	h.N++
	h.Z += z
	h.ZZ += z * z
	h.Part += (x - w.MeanG) / w.MeanG
}

// empty takes the load before a trip as the scale's zero, when it may be one.
func (c *Check) empty() {
	if !c.known || math.Abs(c.level) > emptyMost {
		return
	}
	h := &c.health
	n := math.Min(h.Trips+1, healthTrips)
	h.ZeroG += (c.level - h.ZeroG) / n
	h.Trips++
}
