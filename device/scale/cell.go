package scale

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"kassa/kiosk/weight"
)

// A Cell says where a bare load cell behind an HX711 hangs, and what its counts
// weigh. It is for protocol hx711, which must not sell by weight: no such scale
// is verified.
type Cell struct {
	Data, Clock string // GPIO lines as periph knows them
	Gain        int    // 128, 64 (channel A) or 32 (channel B); 0 means 128
	Rate        int    // conversions a second, as the chip is wired: 10 or 80; 0 means 10

	// The two points of `kassa weigh --calibrate`: the count of an empty
	// platform, and the count with Span on it.
	ZeroCount, SpanCount int64
	Span                 weight.Grams

	// InitialZero is how far from ZeroCount, in percent of Max, a load counts as
	// nothing when the cell starts. 0 means none: a lane that restarts with goods
	// on the platform must not forget them.
	InitialZero int

	// Pins finds the two lines; nil means those of this board.
	Pins func(data, clock string) (DataPin, ClockPin, error)
}

// Bounds of a calibration.
const (
	maxSpan = 300_000 // g; keeps a count times a mass in 63 bits
	// leastCounts a division must have, or noise reads as weight.
	leastCounts = 10
	microgram   = 1_000_000 // in a gram
)

var errNotCalibrated = errors.New("load cell is not calibrated: run kassa weigh --protocol hx711 --calibrate")

// check fills in what was left out. Without calibration it says so, but the
// counts can be read.
func (c *Cell) check() error {
	if c.Gain == 0 {
		c.Gain = 128
	}
	if c.Rate == 0 {
		c.Rate = 10
	}
	if c.Pins == nil {
		c.Pins = boardPins
	}
	_, gain := pulsesOf(c.Gain)
	switch {
	case c.Data == "" || c.Clock == "" || c.Data == c.Clock:
		return fmt.Errorf("data is %q and clock %q, want two GPIO lines such as GPIO5 and GPIO6", c.Data, c.Clock)
	case !gain:
		return fmt.Errorf("gain is %d, want 128, 64 or 32", c.Gain)
	case c.Rate != 10 && c.Rate != 80:
		return fmt.Errorf("rate is %d a second, want 10 or 80", c.Rate)
	case c.InitialZero < 0 || c.InitialZero > 10:
		return fmt.Errorf("initial zero is %d %%, want 0 to 10", c.InitialZero)
	}
	return nil
}

// calibrated checks the two points against the division in micrograms.
func (c Cell) calibrated(division int64) error {
	counts := c.SpanCount - c.ZeroCount
	switch {
	case c.Span == 0:
		return errNotCalibrated
	case c.Span < 0 || c.Span > maxSpan:
		return fmt.Errorf("span is %d g, want up to %d", c.Span, maxSpan)
	case max(c.ZeroCount, -c.ZeroCount, c.SpanCount, -c.SpanCount) > hxTop:
		return errors.New("counts are beyond 24 bits")
	case max(counts, -counts)*division < leastCounts*int64(c.Span)*microgram:
		return fmt.Errorf("%d counts for %d g are fewer than %d a division: too coarse, or the mass was not on the platform",
			max(counts, -counts), c.Span, leastCounts)
	}
	return nil
}

// A sieve takes the noise out of counts: the median of five removes a slipped
// bit, the mean of some medians the rest.
type sieve struct {
	last  []int64 // up to five counts
	means []int64 // up to size medians
	size  int
}

const medianOf = 5

// newSieve makes a sieve for a rate of conversions: the mean of four at ten a
// second, of sixteen at eighty.
func newSieve(rate int) *sieve {
	s := &sieve{size: 4}
	if rate > 10 {
		s.size = 16
	}
	return s
}

// add takes a count and returns the filtered one, once there are enough.
func (s *sieve) add(count int64) (int64, bool) {
	s.last = push(s.last, count, medianOf)
	if len(s.last) < medianOf {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(s.last))
	s.means = push(s.means, sorted[medianOf/2], s.size)
	if len(s.means) < s.size {
		return 0, false
	}
	sum := int64(0)
	for _, m := range s.means {
		sum += m
	}
	return divide(sum, int64(len(s.means))), true
}

// push appends v and keeps the last n.
func push(list []int64, v int64, n int) []int64 {
	if len(list) == n {
		list = slices.Delete(list, 0, 1)
	}
	return append(list, v)
}

// divide rounds half away from nought. d must be positive.
func divide(n, d int64) int64 {
	if n < 0 {
		return -((-n + d/2) / d)
	}
	return (n + d/2) / d
}

// A cell makes readings of filtered counts: zero, tare, stability. All weights
// inside are micrograms; they are rounded to the division only to be shown. The
// rules follow those for trade scales as far as they make sense without a seal
// (OIML R 76, Canada SI/98-81 s. 42 to 45).
type cell struct {
	p    params
	c    Cell
	unit int64 // micrograms of the last digit shown
	e    int64 // micrograms of a division

	zero    int64 // what counts as nothing, beside ZeroCount
	tare    int64
	began   bool
	now     int64 // the newest gross weight
	steady  bool  // it has settled
	tracked time.Time
	window  []cellSample
}

type cellSample struct {
	at    time.Time
	value int64 // gross
}

const (
	// stableFor is how long the values must keep within a division (SI/98-81
	// s. 45 asks for 0.4 s).
	stableFor = 400 * time.Millisecond
	// zeroPercent of Max is the most that zeroing and tracking may move (R 76
	// 4.5.1).
	zeroPercent = 4
)

func newCell(p params, c Cell) *cell {
	u := int64(1_000_000_000)
	for range p.decimals {
		u /= 10
	}
	return &cell{p: p, c: c, unit: u, e: u * p.division}
}

// reset forgets what the platform did: samples are missing.
func (c *cell) reset() {
	c.window, c.tracked, c.steady = c.window[:0], time.Time{}, false
}

// gross is a count in micrograms above zero.
func (c *cell) gross(count int64) int64 {
	n, d := (count-c.c.ZeroCount)*int64(c.c.Span), c.c.SpanCount-c.c.ZeroCount
	if d < 0 { // wired the other way round
		n, d = -n, -d
	}
	// Whole grams first: the rest times a million stays small.
	return n/d*microgram + n%d*microgram/d - c.zero
}

// add takes a filtered count and says what it weighs.
func (c *cell) add(now time.Time, count int64) Reading {
	g := c.gross(count)
	if !c.began {
		c.began = true
		if lim := c.percent(c.c.InitialZero); g <= lim && g >= -lim {
			c.zero += g
			g = 0
		}
	}
	stable := c.settle(now, g)
	if stable {
		g = c.track(now, g)
	}
	c.now, c.steady = g, stable
	return c.reading(g, stable)
}

// reading judges a weight.
func (c *cell) reading(g int64, stable bool) Reading {
	net := g - c.tare
	steps := divide(net, c.e)
	switch {
	case divide(g, c.e)*c.p.division > c.p.max && c.p.max > 0:
		return Reading{State: Over}
	case !stable:
		return Reading{State: Motion}
	case steps < 0:
		return Reading{State: Under}
	}
	w := weight.Shown{Digits: steps * c.p.division, Decimals: uint8(c.p.decimals), Unit: weight.Kilogram}
	return c.p.weighed(w, c.tare != 0)
}

// settle says whether the values kept within a division for long enough, and
// round to the same weight.
func (c *cell) settle(now time.Time, g int64) bool {
	c.window = append(c.window, cellSample{now, g})
	for len(c.window) > 2 && now.Sub(c.window[1].at) >= stableFor {
		c.window = slices.Delete(c.window, 0, 1)
	}
	if now.Sub(c.window[0].at) < stableFor {
		return false
	}
	low, high := g, g
	for _, s := range c.window {
		low, high = min(low, s.value), max(high, s.value)
	}
	before := c.window[len(c.window)-2].value
	return high-low <= c.e && divide(before-c.tare, c.e) == divide(g-c.tare, c.e)
}

// track follows the drift of an empty platform: by at most half a division a
// second, within 4 % of Max in all, and never while a net weight is shown
// (R 76 4.5.7).
func (c *cell) track(now time.Time, g int64) int64 {
	if c.tare != 0 && divide(g, c.e) == 0 {
		c.tare = 0 // the tared container is off the platform
	}
	before := c.tracked
	c.tracked = now
	if c.tare != 0 || 2*max(g, -g) > c.e || before.IsZero() {
		return g
	}
	most := c.e / 2 * int64(min(now.Sub(before), time.Second)) / int64(time.Second)
	step := max(-most, min(most, g))
	if z := c.zero + step; max(z, -z) > c.percent(zeroPercent) {
		return g
	}
	c.zero += step
	for i := range c.window {
		c.window[i].value -= step
	}
	return g - step
}

// percent of Max, in micrograms.
func (c *cell) percent(n int) int64 { return c.p.max * c.unit / 100 * int64(n) }

var (
	// ErrMoving is returned by Zero and Tare while the load moves.
	ErrMoving = errors.New("load is moving")
	// ErrRange is returned by Zero and Tare where more lies on the platform than
	// the rule allows.
	ErrRange = errors.New("load is out of range")
)

// setZero takes what lies on the platform as nothing, within 4 % of Max of the
// calibrated zero.
func (c *cell) setZero() error {
	if !c.steady {
		return ErrMoving
	}
	g := c.now
	if z := c.zero + g; max(z, -z) > c.percent(zeroPercent) {
		return fmt.Errorf("zero: %w: at most %d %% of the capacity", ErrRange, zeroPercent)
	}
	c.zero += g
	c.tare = 0
	c.reset()
	return nil
}

// setTare subtracts what lies on the platform, rounded to a division as every
// tare is; an empty platform clears the tare.
func (c *cell) setTare() error {
	if !c.steady {
		return ErrMoving
	}
	g := c.now
	t := divide(g, c.e) * c.e
	if t < 0 || c.p.max > 0 && t > c.p.max*c.unit {
		return fmt.Errorf("tare: %w", ErrRange)
	}
	c.tare = t
	return nil
}
