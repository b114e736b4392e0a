package scale

import "fmt"

// The bytes of a Toledo 8217 line, apart from what they mean.
const (
	toledoSTX = 0x02
	toledoETX = 0x03 // some scales end a frame with it
	toledoCR  = 0x0d

	// maxToledoBody is longer than any body in the manuals ("001250N").
	maxToledoBody = 12
)

// A toledoFramer finds frames (STX, body, CR) in a stream of bytes. It masks
// the parity bit, drops what stands before STX, and begins anew at each STX.
type toledoFramer struct {
	body    []byte
	inside  bool
	skipped int // bytes outside frames
}

// next takes one byte and returns a body when the byte ends a frame. The body
// is valid until the next call.
func (f *toledoFramer) next(c byte) (body []byte, ok bool) {
	c &= 0x7f
	switch {
	case c == toledoSTX:
		f.skipped += len(f.body)
		f.body, f.inside = f.body[:0], true
	case !f.inside:
		f.skipped++
	case c == toledoCR || c == toledoETX:
		f.inside = false
		body = f.body
		f.body = f.body[:0]
		return body, true
	case len(f.body) == maxToledoBody:
		f.skipped += len(f.body) + 1
		f.body, f.inside = f.body[:0], false
	default:
		f.body = append(f.body, c)
	}
	return nil, false
}

// A toledoAnswer is the body of a frame, taken apart.
type toledoAnswer struct {
	status   byte  // 0: this is a weight
	digits   int64 // without the point
	decimals int   // -1: no point was sent
	width    int   // characters of the weight field, spaces and point included
	net      bool
}

// parseToledo takes apart "?" and a status byte, or a weight: leading spaces,
// four to seven digits with at most one point between them, an optional N.
func parseToledo(body []byte) (toledoAnswer, error) {
	bad := func(why string) (toledoAnswer, error) {
		return toledoAnswer{}, fmt.Errorf("%w %q: %s", errBadFrame, body, why)
	}
	if len(body) > 0 && body[0] == '?' {
		// Bit 6 is always 1; without it this is no status byte.
		if len(body) != 2 || body[1]&0x40 == 0 || body[1] == 0x7f {
			return bad("no status byte")
		}
		return toledoAnswer{status: body[1]}, nil
	}
	a := toledoAnswer{decimals: -1}
	field := body
	if n := len(field); n > 0 && field[n-1] == 'N' {
		a.net = true
		field = field[:n-1]
	}
	a.width = len(field)
	for len(field) > 0 && field[0] == ' ' {
		field = field[1:]
	}
	count := 0
	for i, c := range field {
		switch {
		case c >= '0' && c <= '9':
			a.digits = a.digits*10 + int64(c-'0')
			count++
		case c == '.' && a.decimals < 0 && i > 0 && i < len(field)-1:
			a.decimals = len(field) - 1 - i
		default:
			return bad("no weight")
		}
	}
	if count < 4 || count > 7 || a.decimals > 4 {
		return bad("not four to seven digits")
	}
	return a, nil
}
