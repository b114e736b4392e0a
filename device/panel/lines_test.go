package panel

import (
	"bytes"
	"slices"
	"testing"
)

func TestParseLine(t *testing.T) {
	tests := map[string]message{
		"BUTTON down":      buttonDown,
		"BUTTON up":        buttonUp,
		"DOOR open":        doorOpen,
		"DOOR closed":      doorClosed,
		"  DOOR\t closed ": doorClosed,
		"":                 nothing,
		"button down":      nothing,
		"BUTTON":           nothing,
		"BUTTON down down": nothing,
		"BUTTONdown":       nothing,
		"\xffBUTTON down":  nothing,
	}
	for line, want := range tests {
		if got := parseLine([]byte(line)); got != want {
			t.Errorf("parseLine(%q) = %d, want %d", line, got, want)
		}
	}
}

func TestLampLines(t *testing.T) {
	got := string(lampLines(Lights{Green: Off, Red: On, White: Blink}))
	if want := "LAMP green off\nLAMP red on\nLAMP white blink\n"; got != want {
		t.Errorf("lampLines() = %q, want %q", got, want)
	}
}

// FuzzLines: however the stream is cut, the lines are the same and not long.
func FuzzLines(f *testing.F) {
	f.Add([]byte("BUTTON down\r\nDOOR open\n"), uint8(1))
	f.Add(append(bytes.Repeat([]byte("x"), maxLine+1), '\n', 'y', '\n'), uint8(7))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		var whole, cutUp [][]byte
		var one, two lineCutter
		one.feed(b, func(l []byte) { whole = append(whole, bytes.Clone(l)) })
		for piece := range slices.Chunk(b, max(1, int(cut))) {
			two.feed(piece, func(l []byte) { cutUp = append(cutUp, bytes.Clone(l)) })
		}
		if !slices.EqualFunc(whole, cutUp, bytes.Equal) {
			t.Errorf("in one piece %q, in pieces %q", whole, cutUp)
		}
		for _, l := range whole {
			if len(l) == 0 || len(l) > maxLine {
				t.Errorf("line of %d bytes", len(l))
			}
			if m := parseLine(l); m != nothing && !bytes.Contains(b, []byte("BUTTON")) && !bytes.Contains(b, []byte("DOOR")) {
				t.Errorf("line %q came to %d", l, m)
			}
		}
	})
}
