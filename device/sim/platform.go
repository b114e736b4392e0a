package sim

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"kassa/kiosk/weight"
)

// A Platform is the plate of a scale: what lies on it and what its load cell
// feels. It is pure: the time comes in with every call, must not go backward,
// and the same seed and calls give the same readings. It is not safe for use by
// several goroutines.
//
// The load cell's value approaches a new load as a damped spring does, with an
// overshoot, and is within a quarter of a division after 400 to 800 ms. A small
// noise and a slow drift lie on top. A leaning hand comes and goes within
// 100 ms and never keeps still.
type Platform struct {
	division float64 // grams
	noise    float64 // grams, the largest
	rand     *rand.Rand
	seed     uint64

	items   []load
	base    float64 // where the last change of the load began
	changed time.Duration
	settle  time.Duration // how long that change takes
	pitch   float64       // of its swing, rad/s
	leans   []lean

	shown   int64 // divisions, held while the cell stays close
	holding bool
}

type load struct {
	id    string
	grams float64
}

type lean struct {
	from, until time.Duration
	grams       float64
}

// PlatformOptions describes a scale's plate.
type PlatformOptions struct {
	Division weight.Grams // smallest step shown; 0 means 1 g
	// NoiseMilligrams is the most the cell's noise adds or takes away; 0 means
	// a seventh of a division, as on a trade scale in a quiet shop.
	NoiseMilligrams int64
	Seed            uint64
}

// A Sample is what the cell and the display say at one moment.
type Sample struct {
	Milligrams int64        // as the cell feels it
	Shown      weight.Grams // rounded to the division
	Stable     bool         // nothing moves
}

const (
	settleShortest = 400 * time.Millisecond
	settleLongest  = 800 * time.Millisecond
	leanRise       = 100 * time.Millisecond
	noiseStep      = 20 * time.Millisecond // the cell gives a new value this often
	driftPeriod    = 11 * time.Minute
)

// NewPlatform returns an empty plate at rest at time 0.
func NewPlatform(o PlatformOptions) *Platform {
	division := float64(max(1, o.Division))
	noise := float64(o.NoiseMilligrams) / 1000
	if o.NoiseMilligrams == 0 {
		noise = division / 7
	}
	return &Platform{
		division: division, noise: noise, seed: o.Seed,
		rand:    rand.New(rand.NewPCG(o.Seed, 1)),
		changed: -settleLongest, settle: settleShortest,
	}
}

// Put lays an article on the plate; the same id may lie there several times.
func (p *Platform) Put(now time.Duration, id string, g weight.Grams) {
	p.disturb(now)
	p.items = append(p.items, load{id, float64(g)})
}

// Take lifts the article that was put there last under id and reports whether
// there was one.
func (p *Platform) Take(now time.Duration, id string) bool {
	for i, l := range slices.Backward(p.items) {
		if l.id == id {
			p.disturb(now)
			p.items = slices.Delete(p.items, i, i+1)
			return true
		}
	}
	return false
}

// Clear lifts everything.
func (p *Platform) Clear(now time.Duration) {
	if len(p.items) > 0 {
		p.disturb(now)
		p.items = nil
	}
	p.leans = nil
}

// Lean presses on the plate (or, with negative grams, lifts it) for a time.
func (p *Platform) Lean(now time.Duration, g weight.Grams, d time.Duration) {
	p.leans = slices.DeleteFunc(p.leans, func(l lean) bool { return l.until <= now })
	p.leans = append(p.leans, lean{now, now + d, float64(g)})
}

// Items returns the ids of what lies on the plate, oldest first.
func (p *Platform) Items() []string {
	ids := make([]string, len(p.items))
	for i, l := range p.items {
		ids[i] = l.id
	}
	return ids
}

// At returns the reading at now.
func (p *Platform) At(now time.Duration) Sample {
	stable := !p.moving(now)
	value := p.load(now) + p.pressure(now)
	steady := value + p.drift(now)
	felt := steady + p.noiseAt(now)
	switch {
	case !stable:
		p.holding = false
		p.shown = p.divisions(felt)
	case !p.holding: // the scale's filter has averaged the noise away
		p.holding = true
		p.shown = p.divisions(steady)
	case math.Abs(felt-float64(p.shown)*p.division) > 0.75*p.division:
		p.shown = p.divisions(felt)
	}
	return Sample{
		Milligrams: int64(math.Round(felt * 1000)),
		Shown:      weight.Grams(p.shown) * weight.Grams(p.division),
		Stable:     stable,
	}
}

// divisions rounds half away from zero to whole divisions.
func (p *Platform) divisions(grams float64) int64 {
	return int64(math.Round(grams / p.division))
}

// disturb begins a change of the load from wherever the cell is now.
func (p *Platform) disturb(now time.Duration) {
	p.base = p.load(now)
	p.changed = now
	p.settle = settleShortest + rand64(p.rand, settleLongest-settleShortest)
	p.pitch = 2 * math.Pi * (5 + 3*p.rand.Float64()) // plates swing at 5 to 8 Hz
}

func rand64(r *rand.Rand, below time.Duration) time.Duration {
	return time.Duration(r.Int64N(int64(below)))
}

// moving is the scale's own motion detector.
func (p *Platform) moving(now time.Duration) bool {
	for _, l := range p.leans {
		if l.from <= now && now < l.until+settleShortest {
			return true
		}
	}
	return now < p.changed+p.settle
}

// load is what the articles weigh on the cell while it settles.
func (p *Platform) load(now time.Duration) float64 {
	target := 0.0
	for _, l := range p.items {
		target += l.grams
	}
	jump := p.base - target
	if now >= p.changed+p.settle || jump == 0 {
		return target
	}
	// The swing has shrunk to a quarter of a division when settle is over.
	left := math.Log(max(2, math.Abs(jump)/(p.division/4)))
	t := (now - p.changed).Seconds()
	return target + jump*math.Exp(-left*t/p.settle.Seconds())*math.Cos(p.pitch*t)
}

// pressure is what leaning hands add. A hand trembles by several per cent, so
// the scale sees motion as long as it is there.
func (p *Platform) pressure(now time.Duration) float64 {
	sum := 0.0
	for _, l := range p.leans {
		if now < l.from || now >= l.until {
			continue
		}
		in := min(now-l.from, l.until-now, leanRise)
		tremble := 1 + 0.08*math.Sin(2*math.Pi*2.7*(now-l.from).Seconds())
		sum += l.grams * tremble * in.Seconds() / leanRise.Seconds()
	}
	return sum
}

// drift wanders by a tenth of a division with the warmth of the shop.
func (p *Platform) drift(now time.Duration) float64 {
	phase := float64(p.seed%628) / 100
	return p.division / 10 * math.Sin(2*math.Pi*now.Seconds()/driftPeriod.Seconds()+phase)
}

// noiseAt is the same for the same seed and moment, however often it is asked.
func (p *Platform) noiseAt(now time.Duration) float64 {
	r := rand.New(rand.NewPCG(p.seed, uint64(now/noiseStep)))
	return p.noise * (2*r.Float64() - 1)
}
