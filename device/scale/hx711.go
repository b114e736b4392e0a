package scale

import (
	"context"
	"errors"
	"fmt"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"

	"kassa/device/link"
)

// A ClockPin drives an HX711's clock. It has no way to be read back, on purpose:
// periph's Read turns an output into an input.
type ClockPin interface {
	Out(l gpio.Level) error
}

// A DataPin is an HX711's data line. It is never waited on for an edge: edges
// from the frame before stay queued.
type DataPin interface {
	In(pull gpio.Pull, edge gpio.Edge) error
	Read() gpio.Level
}

// Times of the chip (HX711 datasheet p. 5).
const (
	// hxHigh is the longest the clock may be high; above 60 us the chip powers
	// down. Only the high phase matters, so the data is read in the low one.
	hxHigh  = 50 * time.Microsecond
	hxReset = 60 * time.Microsecond

	hxPoll  = 2 * time.Millisecond
	hxReady = 700 * time.Millisecond // a conversion at 10 a second, or the 400 ms after a reset
	// hxSettle conversions after power-up and a change of gain are not settled.
	hxSettle = 4

	hxBits = 24
)

// Readings that the chip gives at the ends of its range.
const (
	hxTop    = 0x7fffff
	hxBottom = -0x800000
)

var (
	// ErrSaturated is in Reading.Err where the load cell gives more than can be
	// measured: far too much weight, or a broken wire.
	ErrSaturated = errors.New("load cell is out of range: far too much weight, or a broken wire")

	// A frame that was thrown away. The next conversion makes up for it.
	errDisturbed = errors.New("conversion was disturbed")
)

// An hx711 reads the 24-bit converter HX711 of load cells by its own clock.
type hx711 struct {
	clock  ClockPin
	data   DataPin
	pulses int // 25, 26 or 27 rising edges: which gain the next conversion has
	skip   int // conversions not to be trusted yet

	disturbed int // conversions thrown away, for the record
}

// pulsesOf is how many pulses select a gain: channel A with 128 or 64, channel B
// with 32.
func pulsesOf(gain int) (int, bool) {
	n, ok := map[int]int{128: 25, 32: 26, 64: 27}[gain]
	return n, ok
}

// start claims the pins and resets the chip. The data line is pulled up, so that
// a chip that is not there is never ready.
func (h *hx711) start() error {
	if err := h.data.In(gpio.PullUp, gpio.NoEdge); err != nil {
		return fmt.Errorf("data line: %w", err)
	}
	for _, l := range []gpio.Level{gpio.Low, gpio.High, gpio.Low} {
		if err := h.clock.Out(l); err != nil {
			return fmt.Errorf("clock line: %w", err)
		}
		time.Sleep(2 * hxReset) // high for so long powers it down
	}
	h.skip = hxSettle
	return nil
}

// Close leaves the clock low, which is the chip at rest. Lines stay with the
// process.
func (h *hx711) Close() error { return h.clock.Out(gpio.Low) }

// read returns the next conversion. errNoAnswer, errDisturbed and ErrSaturated
// are the chip's; others are the pins'.
func (h *hx711) read(ctx context.Context) (int32, error) {
	if err := h.ready(ctx); err != nil {
		return 0, err
	}
	raw, longest, err := h.shift()
	switch {
	case err != nil:
		return 0, fmt.Errorf("clock line: %w", err)
	case longest > hxReset:
		// The chip may have powered down and started anew with another gain.
		h.skip = hxSettle
		return 0, h.throwAway("the clock was high for %v", longest)
	case longest > hxHigh:
		return 0, h.throwAway("the clock was high for %v", longest)
	case h.data.Read() == gpio.Low: // out of step with the chip: begin anew
		if err := h.start(); err != nil {
			return 0, err
		}
		return 0, h.throwAway("the data line is low behind the last pulse")
	case h.skip > 0:
		h.skip--
		return 0, h.throwAway("not settled yet")
	}
	value := int32(raw<<8) >> 8 // sign of 24 bits
	switch value {
	case hxTop, hxBottom:
		return 0, ErrSaturated
	case -1: // all ones: the line is not driven
		return 0, h.throwAway("all bits are one")
	}
	return value, nil
}

func (h *hx711) throwAway(why string, args ...any) error {
	h.disturbed++
	return fmt.Errorf("%w: %s", errDisturbed, fmt.Sprintf(why, args...))
}

// ready waits until a conversion can be read.
func (h *hx711) ready(ctx context.Context) error {
	poll := time.NewTicker(hxPoll)
	defer poll.Stop()
	for end := time.Now().Add(hxReady); h.data.Read() == gpio.High; {
		if time.Now().After(end) {
			return errNoAnswer
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-poll.C:
		}
	}
	return nil
}

// shift clocks a frame out and returns it with the longest time that the clock
// may have been high. Even a disturbed frame gets all its pulses: their number
// selects the gain.
func (h *hx711) shift() (raw uint32, longest time.Duration, err error) {
	for i := range h.pulses {
		start := time.Now()
		if err := h.clock.Out(gpio.High); err != nil {
			return 0, 0, errors.Join(err, h.clock.Out(gpio.Low))
		}
		if err := h.clock.Out(gpio.Low); err != nil {
			return 0, 0, err
		}
		longest = max(longest, time.Since(start))
		if i < hxBits {
			raw <<= 1
			if h.data.Read() == gpio.High {
				raw |= 1
			}
		}
	}
	return raw, longest, nil
}

// boardPins finds two lines of this board by the names that periph has for them.
func boardPins(data, clock string) (DataPin, ClockPin, error) {
	if err := link.InitGPIO(); err != nil {
		return nil, nil, err
	}
	d, c := gpioreg.ByName(data), gpioreg.ByName(clock)
	for name, pin := range map[string]gpio.PinIO{data: d, clock: c} {
		if pin == nil {
			return nil, nil, fmt.Errorf("this board has no GPIO line %q that we may use", name)
		}
	}
	return d, c, nil
}
