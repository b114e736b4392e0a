package bagging

import "math"

// Habits are what the shoppers of a lane do, counted over its trips and slowly
// forgotten. They take over from the assumed rates as trips come in. Nothing
// unpaid is learned here: only people who looked can tell (see Verdicts).
type Habits struct {
	Trips float64 `json:"trips"`
	// Per settled change of the load.
	Hand  Rate `json:"hand"`
	Early Rate `json:"early"`
	Out   Rate `json:"out"`
	Away  Rate `json:"away"`
	// Of hands, those that lift; of articles that came, those on the frame, in
	// a new packaging, and those that came with
	// another, where one waited.
	Lift     Rate `json:"lift"`
	Frame    Rate `json:"frame"`
	Repack   Rate `json:"repack"`
	Together Rate `json:"together"`
	Heavy    Rate `json:"heavy"`    // of own bags
	BagWith  Rate `json:"bag_with"` // ... those that came with an article
	// BagAt is how often an own bag that came alone weighed so much, by bins of the
	// logarithm.
	BagAt [bagBins]float64 `json:"bag_at"`
	Held  Rate             `json:"held"` // of scans, those never bagged
	// Own bags, of the changes: declared, at the first change after the first scan,
	// later. Before the first scan of the trips: most have no change then, and how
	// often the first is something unpaid is of the trips too.
	Bags [bagTimes]Rate `json:"bags"`
	// Came are the scanned pieces that were bagged after all, of those that so many
	// later scans had passed: none, one, two, more.
	Came [passes]Rate `json:"came"`
	// FrameHeavy is Frame of heavy articles; Part how often what is on the frame
	// was felt by such a part of its weight.
	FrameHeavy Rate               `json:"frame_heavy"`
	Part       [frameBins]float64 `json:"part"`
	// Some is Away of what was not all.
	Some Rate `json:"some"`
	// Loose is the square by which what was sold by weight was off, in assumed ones.
	Loose Span `json:"loose"`
	// How long, in seconds.
	HandSec  Span `json:"hand_s"`
	EarlySec Span `json:"early_s"`
	WaitSec  Span `json:"wait_s"`
	// Verdicts are what people said who looked.
	Verdicts Verdicts `json:"verdicts"`
	// Doubts are changes that were in doubt, by how likely something unpaid was.
	Doubts [doubtBins]Doubt `json:"doubts"`
	// Sold is how often pieces of a weight were bagged, by bins of its logarithm.
	Sold [soldBins]float64 `json:"sold"`
}

// A Rate is how often something happened, of so many times that it could have.
type Rate struct {
	N  float64 `json:"n"`
	Of float64 `json:"of"`
}

// A Span is how long something lasted together, and how often.
type Span struct {
	Sec float64 `json:"s"`
	N   float64 `json:"n"`
}

// given is the rate after so many cases of an assumed one.
func (r Rate) given(assumed, worth float64) float64 {
	return (assumed*worth + r.N) / (worth + r.Of)
}

// given is the mean after so many cases of an assumed one.
func (s Span) given(assumed float64) float64 {
	return (assumed*worthSpan + s.Sec) / (worthSpan + s.N)
}

// When an own bag may come.
const (
	bagSaid = iota
	bagBefore
	bagFirst
	bagLater
	bagTimes
)

// What an account counts.
const (
	didHand = iota
	didLift
	didEarly
	didOut
	didAway
	didFrame
	didPick // changes that articles came with
	didRepack
	didChoose   // ... while several waited
	didTogether // ... and more than one came
	didHeavy    // bags that were heavy
	didAnyBag
	didBagWith // bags that came with an article
	didBag     // and the other times of bags after it
	secHand    = didBag + bagTimes
	endHand    = secHand + 1
	secEarly   = secHand + 2
	endEarly   = secHand + 3
	secWait    = secHand + 4
	endWait    = secHand + 5
	sumLoose   = secHand + 6 // squares by which sold weights were off, in assumed ones
	endLoose   = secHand + 7
	didCome    = secHand + 8 // pieces bagged, by how many scans had passed them
	didPart    = didCome + passes
	didHeavyOn = didPart + frameBins // heavy pieces on the frame
	didHeavyUp = didHeavyOn + 1      // heavy pieces that came
	didSome    = didHeavyOn + 2      // taken away, not all
	didBagAt   = didHeavyOn + 3      // bags that came alone, by weight
	didAll     = didBagAt + bagBins
)

const (
	habitTrips  = 1500 // about how many trips habits remember
	worthRate   = 150  // cases an assumed rate is worth
	worthRepack = 2000 // ... of new packagings, which are rare
	worthBag    = 40   // ... of own bags
	worthSpan   = 30   // ... of durations
	worthSold   = 150  // ... of bagged weights

	frameBins  = 15   // of the part that the scale carries of what is on the frame
	frameLeast = 0.25 // ... and the least of it
	frameHeavy = 600  // grams from which a piece is heavy
	worthPart  = 60   // cases that the assumed parts are worth
	looseMost  = 16   // squares, assumed ones, beyond which it was no sold weight

	passes = 4 // scans that may pass what waits, and are told apart

	soldBins  = 56
	soldFirst = 8.0 // grams
	soldStep  = 0.125
)

// rates are what a check reckons with in a trip.
type rates struct {
	hand, lift, early, out, away, frame, repack, held, heavy, with float64
	two                                                            float64 // of the changes that articles came with
	bags                                                           [bagTimes]float64
	frameHeavy, some, loose                                        float64
	part                                                           [frameBins]float64 // density
	bagAt                                                          [bagBins]float64   // how often, in place of what is assumed
	bagKnown                                                       float64            // how far these are known
	came                                                           [passes]float64    // by how many scans passed it, how likely what waits is bagged yet
	handSec, earlySec, waitSec                                     float64
	extra, swap, double, hidden, loaded                            float64
	sold                                                           [soldBins + 1]float64 // densities at the bins' edges
}

// rates mixes what was learned with what is assumed.
func (h *Habits) rates() rates {
	r := rates{
		hand: h.Hand.given(rateHand, worthRate), lift: h.Lift.given(handLifts, worthBag), early: h.Early.given(rateEarly, worthRate),
		out: h.Out.given(rateOut, worthRate), away: h.Away.given(rateAway, worthRate), frame: h.Frame.given(rateFrame, worthRate),
		held: h.Held.given(neverBagged, worthRate), two: h.Together.given(shareTwo, worthRate),
		repack: h.Repack.given(rateRepack, worthRepack),
		heavy:  h.Heavy.given(heavyBag, worthBag), with: h.BagWith.given(bagWith, worthBag),
		handSec: h.HandSec.given(handSeconds), earlySec: h.EarlySec.given(earlySeconds),
		waitSec: h.WaitSec.given(waitSeconds),
	}
	for i, assumed := range []float64{rateBagSaid, rateBagBefore, rateBagFirst, rateBagLater} {
		r.bags[i] = h.Bags[i].given(assumed, worthBag)
	}
	for i, assumed := range []float64{1 - neverBagged, passedOnce, passedTwice, passedMore} {
		r.came[i] = min(h.Came[i].given(assumed, worthBag), 0.999)
	}
	r.frameHeavy, r.some = h.FrameHeavy.given(rateFrameHeavy, worthRate), h.Some.given(rateSome, worthRate)
	r.loose = h.Loose.given(1)
	parts := float64(worthPart)
	for _, n := range h.Part {
		parts += n
	}
	for i, n := range h.Part {
		r.part[i] = (worthPart/float64(frameBins) + n) / parts * frameBins / (1 - frameLeast)
	}
	h.Verdicts.shares(&r)
	h.bagWeights(&r)
	total := worthSold
	all := float64(total)
	for _, n := range h.Sold {
		all += n
	}
	bin := func(i int) float64 { // density in bin i
		lo := soldFirst * math.Exp(soldStep*float64(i))
		return (worthSold*assumedArticle(lo*math.Exp(soldStep/2)) + h.Sold[i]/(lo*(math.Exp(soldStep)-1))) / all
	}
	for i := range r.sold {
		r.sold[i] = (bin(max(i-1, 0)) + bin(min(i, soldBins-1))) / 2
	}
	return r
}

// any is the density of the weight of some article as they are sold here.
func (r *rates) any(x float64) float64 {
	if x <= soldFirst {
		return assumedArticle(x)
	}
	at := math.Log(x/soldFirst) / soldStep
	i := int(at)
	if i >= soldBins {
		return assumedArticle(x)
	}
	f := at - float64(i)
	return (1-f)*r.sold[i] + f*r.sold[i+1]
}

// learnHabits counts what the accounts of the trip say that happened.
func (c *Check) learnHabits() {
	if c.trip.changes == 0 || len(c.lines) == 0 {
		return
	}
	var did [didAll]float64
	var left [passes]float64
	held, sum := 0.0, 0.0
	for i := range c.beam {
		h := &c.beam[i]
		if h.bad(0) && i > 0 {
			continue
		}
		sum += h.w
		for k, n := range h.did {
			did[k] += h.w * float64(n)
		}
		for k := range h.at {
			if h.at[k].left > 0 && !c.lines[k].free {
				held += h.w
				left[min(c.trip.scans-c.lines[k].scan, passes-1)] += h.w
			}
		}
	}
	if !(sum > 0) {
		return
	}
	for k := range did {
		did[k] /= sum
	}
	h := &c.habits
	h.forget(1 - 1.0/habitTrips)
	h.Trips++
	n := float64(c.trip.changes)
	h.Hand.add(did[didHand], n)
	h.Lift.add(did[didLift], did[didHand])
	h.Early.add(did[didEarly], n)
	h.Out.add(did[didOut], n)
	h.Away.add(did[didAway], n)
	h.Frame.add(did[didFrame]-did[didHeavyOn], did[didPick]-did[didHeavyUp])
	h.FrameHeavy.add(did[didHeavyOn], did[didHeavyUp])
	for k := range h.Part {
		h.Part[k] += did[didPart+k]
	}
	h.Some.add(did[didSome], n)
	h.Loose.add(did[sumLoose], did[endLoose])
	h.Repack.add(did[didRepack], did[didPick])
	h.Together.add(did[didTogether], did[didChoose])
	h.BagWith.add(did[didBagWith], did[didAnyBag])
	h.Heavy.add(did[didHeavy], did[didAnyBag])
	h.Held.add(held/sum, float64(len(c.lines)))
	came, stayed := 0.0, 0.0
	for k := passes - 1; k >= 0; k-- {
		came, stayed = came+did[didCome+k], stayed+left[k]/sum
		h.Came[k].add(came, came+stayed)
	}
	h.learnBags(&did, c.trip.mayBag)
	h.HandSec.add(did[secHand], did[endHand])
	h.EarlySec.add(did[secEarly], did[endEarly])
	h.WaitSec.add(did[secWait], did[endWait])
	best := c.best()
	for k := range best.at {
		if a := &best.at[k]; a.on == 1 && a.grams > soldFirst {
			if i := int(math.Log(a.grams/soldFirst) / soldStep); i < soldBins {
				h.Sold[i]++
			}
		}
	}
}

func (r *Rate) add(n, of float64) { r.N, r.Of = r.N+n, r.Of+of }

func (s *Span) add(sec, n float64) { s.Sec, s.N = s.Sec+sec, s.N+n }

// each visits all counts, with what they are counted of.
func (h *Habits) each(visit func(n, of *float64)) {
	for _, r := range []*Rate{&h.Hand, &h.Early, &h.Out, &h.Away, &h.Lift, &h.Frame, &h.Repack, &h.Together, &h.Heavy, &h.BagWith, &h.Held, &h.FrameHeavy, &h.Some} {
		visit(&r.N, &r.Of)
	}
	for i := range h.Bags {
		visit(&h.Bags[i].N, &h.Bags[i].Of)
	}
	for i := range h.Part {
		visit(&h.Part[i], new(float64))
	}
	for i := range h.BagAt {
		visit(&h.BagAt[i], new(float64))
	}
	for i := range h.Came {
		visit(&h.Came[i].N, &h.Came[i].Of)
	}
	for _, s := range []*Span{&h.HandSec, &h.EarlySec, &h.WaitSec, &h.Loose} {
		visit(&s.Sec, &s.N)
	}
	for i := range h.Doubts {
		visit(&h.Doubts[i].N, &h.Doubts[i].P)
	}
	v := &h.Verdicts
	visit(&v.Right, &v.Wrong)
	for i := range v.Kinds {
		visit(&v.Kinds[i], new(float64))
	}
	for i := range h.Sold {
		visit(&h.Sold[i], new(float64))
	}
}

// forget keeps a part of everything.
func (h *Habits) forget(part float64) {
	h.Trips *= part
	h.each(func(n, of *float64) { *n, *of = *n*part, *of*part })
}
