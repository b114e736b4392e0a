package sim

import "fmt"

// NewToledo8213 makes a Mettler-Toledo 8213 that shows grams: W is answered with
// a nought and five digits, H with one digit more, Z with the status.
func NewToledo8213(path string, clock *Clock, o ScaleOptions) (*Scale, error) {
	return newScale(path, clock, o, toledo8213{})
}

type toledo8213 struct{}

func (v toledo8213) hear(c byte, s scaleState) (answer []byte, asked bool) {
	switch c & 0x7f { // the line may carry parity
	case 'W':
		return v.weigh(s, fmt.Sprintf("0%05d", s.net)), true
	case 'H':
		tenths := (s.milligrams - int64(s.gross-s.net)*1000 + 50) / 100
		return v.weigh(s, fmt.Sprintf("0%06d", max(0, tenths))), true
	case 'Z':
		s.zeroSet()
		return s.toledoStatus(0x40), false
	default:
		return nil, false
	}
}

func (toledo8213) weigh(s scaleState, digits string) []byte {
	if !s.settled() {
		return s.toledoStatus(0x40)
	}
	net := ""
	if s.tared {
		net = "N"
	}
	return []byte("\x02" + digits + net + "\r")
}
