package scale

import (
	"cmp"
	"fmt"
	"sync/atomic"
	"time"

	"kassa/device/link"
	"kassa/kiosk/weight"
)

// params is a checked Config, in digits of the last decimal shown.
type params struct {
	unit     weight.Unit
	decimals int           // of a weight sent without a point
	division int64         // 0: not checked
	max      int64         // 0: not checked
	min      int64         // 0: not checked
	mask     byte          // bits of a byte that carry data on this line
	every    time.Duration // between two questions
	Variant
	letters map[byte]State // of Variant.Status
	price   *atomic.Int64  // what a price-computing scale is told, with the tare
}

const (
	sellEvery = 50 * time.Millisecond // 20 a second; the eye sees no more
	fastEvery = 10 * time.Millisecond // where no line sets the pace
)

// decimals that scales show, by unit, if the division does not tell.
const (
	kilogramDecimals = 3
	poundDecimals    = 2
)

func (c Config) params(d driver) (params, error) {
	p := params{
		unit: weight.Kilogram, every: sellEvery, Variant: c.Variant, decimals: kilogramDecimals,
		mask: dataBits(cmp.Or(c.Line, d.line)), price: new(atomic.Int64),
	}
	if err := p.variant(); err != nil {
		return params{}, err
	}
	if c.Unit != "" {
		unit, err := weight.ParseUnit(c.Unit)
		if err != nil {
			return params{}, err
		}
		p.unit = unit
	}
	if p.unit == weight.Pound {
		p.decimals = poundDecimals
	}
	if c.Fast {
		p.every = c.fastest(d)
	}
	if c.Division != "" {
		d, err := weight.ParseShown(c.Division, p.unit)
		if err != nil || d.Digits == 0 {
			return params{}, fmt.Errorf("division is %q, want a step such as 0.005", c.Division)
		}
		p.division, p.decimals = d.Digits, int(d.Decimals)
	}
	return p, p.limits(c)
}

// limits reads the most and the least that may be sold, in digits of the
// division's last decimal.
func (p *params) limits(c Config) error {
	for _, l := range []struct {
		key, text string
		to        *int64
	}{{"max", c.Max, &p.max}, {"min", c.Min, &p.min}} {
		if l.text == "" {
			continue
		}
		m, err := weight.ParseShown(l.text, p.unit)
		if err != nil || m.Digits == 0 || int(m.Decimals) > p.decimals {
			return fmt.Errorf("%s is %q, want a weight such as 15", l.key, l.text)
		}
		*l.to = m.Digits
		for range p.decimals - int(m.Decimals) {
			*l.to *= 10
		}
		if p.division > 0 && *l.to%p.division != 0 {
			return fmt.Errorf("%s is %q, not a multiple of the division %q", l.key, l.text, c.Division)
		}
	}
	if p.max > 0 && p.min > p.max {
		return fmt.Errorf("min is %q, more than max %q", c.Min, c.Max)
	}
	return nil
}

// dataBits is the mask of what a line's bytes carry. A 7-bit line lets the
// parity through as bit 7 where no UART took it off.
func dataBits(line string) byte {
	if l, err := link.ParseLine(line); err == nil && l.DataBits == 7 {
		return 0x7f
	}
	return 0xff
}

// fastest is the time that one question and its answer take on the line.
func (c Config) fastest(d driver) time.Duration {
	port, err := link.ParsePort(c.Port)
	if err != nil || port.Kind != link.Device {
		return fastEvery
	}
	line, err := link.ParseLine(cmp.Or(c.Line, d.line))
	if err != nil {
		return fastEvery
	}
	return line.Time(d.exchange)
}

// weighed judges a weight that came in a good frame.
func (p params) weighed(w weight.Shown, net bool) Reading {
	r := Reading{State: Stable, Shown: w, Net: net}
	switch {
	case p.division > 0 && (int(w.Decimals) != p.decimals || w.Digits%p.division != 0):
		return Reading{State: Fault, Net: net, Err: fmt.Errorf("%w: %s %s", ErrDivision, w, w.Unit)}
	case (p.max > 0 || p.min > 0) && int(w.Decimals) != p.decimals:
		return Reading{State: Fault, Net: net, Err: fmt.Errorf("%w: %s %s has %d decimals, want %d",
			ErrDivision, w, w.Unit, w.Decimals, p.decimals)}
	case p.max > 0 && w.Digits > p.max:
		return Reading{State: Over, Net: net}
	case w.Zero():
		r.State = Zero
	}
	r.Light = w.Digits < p.min
	return r
}
