package scanner

import (
	"bytes"
	"testing"
)

// FuzzMagellan: no bytes make the driver deliver an empty code, one that is
// too long, or one that is not on the wire.
func FuzzMagellan(f *testing.F) {
	f.Add([]byte("S08F4006381333931\rS14401250\rS08FF96385074\r"))
	f.Add([]byte("S08\rS1\rS\r\n\x00S08A\x00\r"))
	f.Add([]byte("S08E425261\r]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := &magellan{letters: Letters("magellan"), tap: &tap{frames: make(chan []byte, 2)}}
		s := splitter{prefix: "S"}
		s.feed(b, func(body []byte) {
			n := m.dispatch(body, func(code []byte) {
				if len(code) == 0 || len(code) > MaxCode+len("]E0")+len("00") || bytes.ContainsAny(code, "\r\n\x00") {
					t.Errorf("code %q", code)
				}
			})
			if n < 0 || n > len(body) {
				t.Errorf("%d of %d bytes dropped", n, len(body))
			}
		})
		for len(m.tap.frames) > 0 {
			if frame := <-m.tap.frames; !bytes.HasPrefix(frame, []byte("S1")) || !bytes.HasSuffix(frame, []byte{'\r'}) {
				t.Errorf("the scale got %q", frame)
			}
		}
	})
}
