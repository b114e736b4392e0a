package sim

import (
	"fmt"

	"kassa/kiosk/weight"
)

// A ToledoForm is how a weight is written.
type ToledoForm uint8

// The forms found on 8217-style scales.
const (
	ToledoPoint ToledoForm = iota // "01.250"
	ToledoFive                    // "01250"
	ToledoSix                     // "001250"
)

// ToledoOptions describes a simulated Toledo 8217 scale.
type ToledoOptions struct {
	Platform PlatformOptions
	Max      weight.Grams // above it the scale says "over"; 0 means 15 kg
	Form     ToledoForm
	// Base is what all status bytes have set: 0x40 (0 means that) or 0x60.
	Base byte
	// ZeroStatus, if not 0, is the status byte sent for a settled zero instead
	// of a weight; some makes send 'h'.
	ZeroStatus byte
}

// A Toledo is a simulated checkout scale with Mettler-Toledo 8217 commands and
// frames.
type Toledo struct{ *Scale }

const (
	toledoSTX = 0x02
	toledoCR  = 0x0d

	toledoMotion = 1 << 0
	toledoOver   = 1 << 1
	toledoUnder  = 1 << 2
	toledoCentre = 1 << 4
)

// NewToledo makes a scale on a serial port at path, plugged in and empty.
func NewToledo(path string, clock *Clock, o ToledoOptions) (*Toledo, error) {
	if o.Base == 0 {
		o.Base = 0x40
	}
	s, err := newScale(path, clock, ScaleOptions{Platform: o.Platform, Max: o.Max}, &toledo8217{o: o})
	if err != nil {
		return nil, err
	}
	return &Toledo{s}, nil
}

type toledo8217 struct {
	o    ToledoOptions
	echo bool
}

// hear answers each command, a single letter.
func (v *toledo8217) hear(c byte, s scaleState) (answer []byte, asked bool) {
	c &= 0x7f // the line may carry parity
	switch {
	case c == 'F':
		v.echo = false
		return nil, false
	case v.echo:
		return []byte{c}, false
	}
	switch c {
	case 'W':
		return v.weigh(s), true
	case 'Z':
		s.zeroSet()
		return s.toledoStatus(v.o.Base), false
	case 'A':
		return []byte{toledoSTX, toledoCR}, false
	case 'B':
		return []byte{toledoSTX, '?', 0x40, toledoCR}, false
	case 'E':
		v.echo = true
		return []byte{toledoSTX, 'E', toledoCR}, false
	default:
		return nil, false
	}
}

func (v *toledo8217) weigh(s scaleState) []byte {
	if !s.settled() {
		return s.toledoStatus(v.o.Base)
	}
	if s.net == 0 && v.o.ZeroStatus != 0 {
		return []byte{toledoSTX, '?', v.o.ZeroStatus, toledoCR}
	}
	frame := []byte{toledoSTX}
	switch v.o.Form {
	case ToledoFive:
		frame = fmt.Appendf(frame, "%05d", s.net)
	case ToledoSix:
		frame = fmt.Appendf(frame, "%06d", s.net)
	case ToledoPoint:
		frame = fmt.Appendf(frame, "%02d.%03d", s.net/1000, s.net%1000)
	}
	if s.tared {
		frame = append(frame, 'N')
	}
	return append(frame, toledoCR)
}

// toledoStatus is a status frame of both Toledos.
func (s scaleState) toledoStatus(base byte) []byte {
	status := base
	for _, b := range []struct {
		on  bool
		bit byte
	}{
		{!s.stable, toledoMotion},
		{s.over, toledoOver},
		{s.under(), toledoUnder},
		{s.stable && s.gross == 0, toledoCentre},
	} {
		if b.on {
			status |= b.bit
		}
	}
	return []byte{toledoSTX, '?', status, toledoCR}
}
