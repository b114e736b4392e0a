package sim

import (
	"fmt"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"

	"kassa/kiosk/weight"
)

// HX711Options describes a simulated load cell and its converter.
type HX711Options struct {
	Platform      PlatformOptions
	Rate          int   // conversions a second of the simulated clock; 0 means 10
	ZeroCount     int64 // of the empty platform, channel A with gain 128
	CountsPerGram int64 // 0 means 100
}

// An HX711 is a simulated load cell behind an HX711 converter: two pins, the
// order and length of whose pulses it checks as the data sheet has them (p. 5).
// Conversions follow the simulated clock, pulses the real one.
type HX711 struct {
	clock *Clock
	o     HX711Options

	mu     sync.Mutex
	plate  *Platform
	absent bool
	rail   int64 // a constant conversion instead of the cell's; 0: none
	drift  int64 // counts
	slip   int   // conversions to come that are far off
	stall  int   // pulses to come until one takes too long; 0: none

	high   bool
	rose   time.Time
	pulses int           // in this frame
	began  time.Duration // when its first pulse came
	gain   int           // of the conversion that is latched or running
	next   time.Duration // when the running conversion is ready
	young  int           // conversions since reset that are not settled
	latch  uint32
	frames int           // read whole
	most   time.Duration // that the clock may be high
	wrong  []string
}

const (
	hxGain    = 128
	hxLongest = 60 * time.Microsecond
	hxStall   = 150 * time.Microsecond
	hxReset   = 400 * time.Millisecond // at 10 a second; an eighth at 80
	hxYoung   = 4                      // conversions that have not settled
	hxMost    = 1<<23 - 1
)

// NewHX711 makes a chip with an empty platform, with power on.
func NewHX711(clock *Clock, o HX711Options) *HX711 {
	if o.Rate == 0 {
		o.Rate = 10
	}
	if o.CountsPerGram == 0 {
		o.CountsPerGram = 100
	}
	c := &HX711{clock: clock, o: o, plate: NewPlatform(o.Platform), most: hxLongest}
	c.reset()
	return c
}

// reset is what power does; it needs mu, or nobody else.
func (c *HX711) reset() {
	c.pulses, c.gain, c.young = 0, hxGain, hxYoung
	c.next = c.clock.Now() + hxReset*10/time.Duration(c.o.Rate)/4
}

// Put lays an article on the platform.
func (c *HX711) Put(id string, g weight.Grams) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plate.Put(c.clock.Now(), id, g)
}

// Clear empties the platform.
func (c *HX711) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plate.Clear(c.clock.Now())
}

// Lean presses on the platform for a time on the simulated clock.
func (c *HX711) Lean(g weight.Grams, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plate.Lean(c.clock.Now(), g, d)
}

// SetAbsent takes the chip off its wires, or puts it back with power off and on.
func (c *HX711) SetAbsent(absent bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.absent = absent
	c.reset()
}

// Saturate holds the converter at the top of its range (1) or the bottom (-1);
// 0 lets it go.
func (c *HX711) Saturate(end int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rail = int64(end) * hxMost
	if end < 0 {
		c.rail--
	}
}

// Drift adds counts to all conversions, as warmth does.
func (c *HX711) Drift(counts int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drift = counts
}

// Slip makes the next n conversions come out shifted by a bit.
func (c *HX711) Slip(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slip = n
}

// Stall makes the clock line stay high for too long at the n-th pulse from now,
// as for a program that lost the processor.
func (c *HX711) Stall(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stall = n
}

// Frames returns how many conversions were read whole.
func (c *HX711) Frames() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.frames
}

// Wrong returns what the other side did that the data sheet forbids.
func (c *HX711) Wrong() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.wrong...)
}

func (c *HX711) note(format string, args ...any) {
	if len(c.wrong) < 20 {
		c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
	}
}

// Clock is the chip's clock line.
func (c *HX711) Clock() HX711Clock { return HX711Clock{c} }

// Data is the chip's data line.
func (c *HX711) Data() HX711Data { return HX711Data{c} }

// An HX711Clock is an output of the lane's.
type HX711Clock struct{ c *HX711 }

// Out sets the clock line.
func (p HX711Clock) Out(l gpio.Level) error {
	c := p.c
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance()
	now := time.Now()
	switch high := l == gpio.High; {
	case high && !c.high:
		c.high, c.rose = true, now
		c.pulse()
		if c.stall > 0 {
			if c.stall--; c.stall == 0 {
				time.Sleep(hxStall)
			}
		}
	case !high && c.high:
		c.high = false
		if now.Sub(c.rose) > c.most {
			c.reset()
		}
	}
	return nil
}

// pulse is a rising edge. The first one that finds a conversion begins a frame.
func (c *HX711) pulse() {
	if c.pulses == 0 {
		if c.clock.Now() < c.next { // not ready: it may be meant to power the chip down
			return
		}
		c.latch, c.began = c.convert(), c.clock.Now()
	}
	c.pulses++
	switch {
	case c.pulses == 25:
		c.frames++
		c.begin(hxGain)
	case c.pulses == 26:
		c.begin(32)
	case c.pulses == 27:
		c.begin(64)
	case c.pulses > 27:
		c.note("pulse %d of a frame", c.pulses)
	}
}

// begin starts the conversion after a frame. It runs from the one before.
func (c *HX711) begin(gain int) {
	c.gain = gain
	period := time.Second / time.Duration(c.o.Rate)
	for now := c.clock.Now(); c.next <= now; {
		c.next += period
	}
}

// advance ends a frame when the conversion after it is ready.
func (c *HX711) advance() {
	if c.high || c.pulses == 0 {
		return
	}
	ready := c.clock.Now() >= c.next
	switch {
	case c.pulses >= 25 && ready:
		c.pulses = 0
	case c.pulses < 25 && c.clock.Now() >= c.began+time.Second:
		c.note("a frame broke off after %d pulses", c.pulses)
		c.pulses = 0
	}
}

// convert is the 24 bits of the conversion that is ready.
func (c *HX711) convert() uint32 {
	s := c.plate.At(c.clock.Now())
	v := (c.o.ZeroCount + c.drift + s.Milligrams*c.o.CountsPerGram/1000) * int64(c.gain) / hxGain
	if c.young > 0 { // the filter of the converter is still filling
		c.young--
		v /= 2
	}
	v = max(-hxMost-1, min(hxMost, v))
	if c.slip > 0 {
		c.slip--
		v *= 2
	}
	if c.rail != 0 {
		v = c.rail
	}
	return uint32(v) & 0xffffff
}

// An HX711Data is an input of the lane's.
type HX711Data struct{ c *HX711 }

// In claims the line. Its pull decides what an absent chip looks like.
func (p HX711Data) In(pull gpio.Pull, _ gpio.Edge) error {
	c := p.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if pull != gpio.PullUp {
		c.note("the data line is not pulled up")
	}
	return nil
}

// Read returns the level of the data line.
func (p HX711Data) Read() gpio.Level {
	c := p.c
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance()
	switch {
	case c.absent:
		return gpio.High
	case c.pulses == 0:
		return gpio.Level(c.clock.Now() < c.next)
	case c.pulses <= 24:
		return c.latch>>(24-c.pulses)&1 == 1
	default:
		return gpio.High
	}
}
