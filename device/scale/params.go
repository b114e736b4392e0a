package scale

import (
	"fmt"
	"time"

	"kassa/device/link"
	"kassa/kiosk/weight"
)

// params is a checked Config, in digits of the last decimal shown.
type params struct {
	unit     weight.Unit
	decimals int   // of a weight sent without a point
	division int64 // 0: not checked
	max      int64 // 0: not checked
	zeroBits byte
	every    time.Duration // between two questions
}

const (
	sellEvery = 50 * time.Millisecond // 20 a second; the eye sees no more
	fastEvery = 10 * time.Millisecond // where no line sets the pace

	// bytes of a question and its answer, for the pace of the line
	exchange = 1 + 9
)

// decimals that scales show, by unit, if the division does not tell.
const (
	kilogramDecimals = 3
	poundDecimals    = 2
)

func (c Config) params() (params, error) {
	p := params{unit: weight.Kilogram, every: sellEvery, zeroBits: c.ZeroBits, decimals: kilogramDecimals}
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
		p.every = c.fastest()
	}
	if c.Division != "" {
		d, err := weight.ParseShown(c.Division, p.unit)
		if err != nil || d.Digits == 0 {
			return params{}, fmt.Errorf("division is %q, want a step such as 0.005", c.Division)
		}
		p.division, p.decimals = d.Digits, int(d.Decimals)
	}
	if c.Max == "" {
		return p, nil
	}
	m, err := weight.ParseShown(c.Max, p.unit)
	if err != nil || m.Digits == 0 || int(m.Decimals) > p.decimals {
		return params{}, fmt.Errorf("max is %q, want a weight such as 15", c.Max)
	}
	p.max = m.Digits
	for range p.decimals - int(m.Decimals) {
		p.max *= 10
	}
	if p.division > 0 && p.max%p.division != 0 {
		return params{}, fmt.Errorf("max is %q, not a multiple of the division %q", c.Max, c.Division)
	}
	return p, nil
}

// fastest is the time that one question and its answer take on the line.
func (c Config) fastest() time.Duration {
	port, err := link.ParsePort(c.Port)
	if err != nil || port.Kind != link.Device {
		return fastEvery
	}
	line, err := link.ParseLine(c.Line)
	if err != nil {
		return fastEvery
	}
	return line.Time(exchange)
}

// weighed judges a weight that came in a good frame.
func (p params) weighed(w weight.Shown, net bool) Reading {
	r := Reading{State: Stable, Shown: w, Net: net}
	switch {
	case p.division > 0 && (int(w.Decimals) != p.decimals || w.Digits%p.division != 0):
		return Reading{State: Fault, Net: net, Err: fmt.Errorf("%w: %s %s", ErrDivision, w, w.Unit)}
	case p.max > 0 && int(w.Decimals) != p.decimals:
		return Reading{State: Fault, Net: net, Err: fmt.Errorf("%w: %s %s has %d decimals, want %d",
			ErrDivision, w, w.Unit, w.Decimals, p.decimals)}
	case p.max > 0 && w.Digits > p.max:
		return Reading{State: Over, Net: net}
	case w.Zero():
		r.State = Zero
	}
	return r
}
