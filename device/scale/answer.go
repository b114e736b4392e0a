package scale

import (
	"errors"
	"fmt"
	"os"
	"time"

	"kassa/device/link"
	"kassa/kiosk/weight"
)

const (
	answerTime = 500 * time.Millisecond // after it the scale counts as silent
	// byteGap is how long a frame may pause; a USB adapter holds bytes back for
	// 16 ms.
	byteGap = 150 * time.Millisecond
	// maxAnswer bounds what is read for one question: a line that chatters
	// must not keep us reading.
	maxAnswer = 96
)

// errBadFrame says that bytes came which are no answer of such a scale.
var errBadFrame = errors.New("garbled answer")

// receive reads until next has taken the byte that ends an answer, and returns
// what next made of it.
func receive(conn link.Conn, next func(byte) ([]byte, bool)) ([]byte, error) {
	var buf [maxAnswer]byte
	wait := answerTime
	for got := 0; got < maxAnswer; wait = byteGap {
		if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return nil, err
		}
		n, err := conn.Read(buf[:maxAnswer-got])
		for _, c := range buf[:n] {
			if body, ok := next(c); ok {
				return body, nil
			}
		}
		got += n
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && got == 0:
			return nil, errNoAnswer
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, fmt.Errorf("%w: %d bytes, no frame", errBadFrame, got)
		case err != nil:
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: %d bytes, no frame", errBadFrame, maxAnswer)
}

// blame makes a reading of what the scale is to blame for, and passes on what
// it is not.
func blame(err error) (Reading, error) {
	switch {
	case errors.Is(err, errNoAnswer):
		return Reading{State: Silent, Err: err}, nil
	case errors.Is(err, errBadFrame):
		return Reading{State: Fault, Err: err}, nil
	default:
		return Reading{}, err
	}
}

// garbled is the reading of a frame that cannot be.
func garbled(body []byte, why string) Reading {
	return Reading{State: Fault, Err: fmt.Errorf("%w %q: %s", errBadFrame, body, why)}
}

// nothing is the reading of a scale that says "zero" without a weight.
func (p params) nothing() Reading {
	return Reading{
		State: Zero, Light: p.min > 0,
		Shown: weight.Shown{Decimals: uint8(p.decimals), Unit: p.unit},
	}
}

// says is the reading of a state that came without a weight; why goes with a
// fault.
func (p params) says(s State, why error) Reading {
	switch s {
	case Zero:
		return p.nothing()
	case Motion, Under, Over:
		return Reading{State: s}
	default:
		return Reading{State: Fault, Err: why}
	}
}

// A width is how long a field is that has a fixed length on this scale. A field
// that is longer or shorter than the first one has gained or lost a byte on the
// way: without a check sum, "1.250" with its first digit gone is a good-looking
// "0.250". The zero width learns from the first field.
type width int

func (w *width) fits(body []byte, n int) error {
	if *w == 0 {
		*w = width(n)
	}
	if n != int(*w) {
		return fmt.Errorf("%w %q: %d characters, others had %d", errBadFrame, body, n, int(*w))
	}
	return nil
}

// A lineCutter cuts a stream at CR LF. The line is valid until the next call.
type lineCutter struct {
	line []byte
	mask byte
	skip bool // up to the next end: we came in the middle, or it is too long
	end  bool // the line before is used up
}

const maxText = 40 // longer than any line of the protocols that send text

func (l *lineCutter) next(c byte) (line []byte, ok bool) {
	c &= l.mask
	if l.end {
		l.line, l.end = l.line[:0], false
	}
	n := len(l.line)
	switch {
	case c == '\n' && n > 0 && l.line[n-1] == '\r':
		l.end = true
		if l.skip {
			l.skip = false
			return nil, false
		}
		return l.line[:n-1], true
	case n == maxText:
		l.line, l.skip = append(l.line[:0], c), true
	default:
		l.line = append(l.line, c)
	}
	return nil, false
}
