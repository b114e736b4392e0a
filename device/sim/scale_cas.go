package sim

import (
	"fmt"
	"time"
)

// NewCAS makes a scale that speaks CAS's ECR dialogue type 6: ENQ is answered
// with ACK, and DC1 within three seconds with the weight.
func NewCAS(path string, clock *Clock, o ScaleOptions) (*Scale, error) {
	return newScale(path, clock, o, &casVoice{})
}

type casVoice struct {
	greeted time.Time // when ENQ came; zero: it did not
}

const casPatience = 3 * time.Second

func (*casVoice) hidesNet() bool { return true }

func (v *casVoice) hear(c byte, s scaleState) (answer []byte, asked bool) {
	switch c {
	case 0x05: // ENQ
		v.greeted = time.Now()
		return []byte{0x06}, false
	case 0x11: // DC1
		in := !v.greeted.IsZero() && time.Since(v.greeted) <= casPatience
		v.greeted = time.Time{}
		if !in {
			return nil, false
		}
		return casWeight(s), true
	default:
		v.greeted = time.Time{}
		return nil, false
	}
}

func casWeight(s scaleState) []byte {
	status, sign := "S", " "
	if !s.stable {
		status = "U"
	}
	g := s.net
	if g < 0 {
		sign, g = "-", -g
	}
	value := fmt.Sprintf("%02d.%03d", g/1000, g%1000)
	if s.over {
		sign, value = "F", "FFFFFF"
	}
	body := status + sign + value + "kg"
	sum := byte(0)
	for i := range len(body) {
		sum ^= body[i]
	}
	return append(append([]byte("\x01\x02"+body), sum), 0x03, 0x04)
}
