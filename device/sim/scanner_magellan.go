package sim

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// MagellanOptions describes a simulated scanner-scale on one cable.
type MagellanOptions struct {
	ScaleOptions
	ByteTime time.Duration // pause after each byte of a label; 0: it goes out in one piece
}

// A Magellan is a scanner-scale whose two halves share one serial line.
type Magellan struct {
	*Scale
	voice *magellanVoice
	o     MagellanOptions

	sending sync.Mutex // labels do not mix on the wire
}

// NewMagellan makes a scanner-scale on a serial port at path, plugged in and
// empty.
func NewMagellan(path string, clock *Clock, o MagellanOptions) (*Magellan, error) {
	voice := &magellanVoice{}
	s, err := newScale(path, clock, o.ScaleOptions, voice)
	if err != nil {
		return nil, err
	}
	return &Magellan{Scale: s, voice: voice, o: o}, nil
}

// Unplug pulls the cable; with the power what the lane had set is gone.
func (m *Magellan) Unplug() error {
	m.voice.off.Store(false)
	return m.Pty.Unplug()
}

// Enabled reports whether the lane lets the scanner read.
func (m *Magellan) Enabled() bool {
	return !m.voice.off.Load()
}

// Scan sends a code, given with its AIM identifier or plain, as a label.
func (m *Magellan) Scan(code string) error {
	if !m.Enabled() {
		return nil
	}
	return m.Send([]byte("S08" + magellanLabel(code) + "\r"))
}

// Send puts bytes on the wire as they are.
func (m *Magellan) Send(raw []byte) error {
	m.sending.Lock()
	defer m.sending.Unlock()
	if m.o.ByteTime <= 0 {
		_, err := m.Write(raw)
		return err
	}
	for i := range raw {
		if _, err := m.Write(raw[i : i+1]); err != nil {
			return err
		}
		time.Sleep(m.o.ByteTime)
	}
	return nil
}

// magellanLabel puts the label id before a code. Symbols without one are sent
// with their AIM identifier, as such scanners can be set to.
func magellanLabel(code string) string {
	for aim, id := range map[string]string{"]E4": "FF", "]C0": "B3", "]A0": "B1", "]I0": "B2", "]e0": "R4"} {
		if data, ok := strings.CutPrefix(code, aim); ok {
			return id + data
		}
	}
	data := strings.TrimPrefix(code, "]E0")
	switch {
	case strings.HasPrefix(data, "]"):
		return data
	case strings.Trim(data, "0123456789") != "":
		return "B3" + data
	case len(data) == 12:
		return "A" + data
	case len(data) == 8 && data == code:
		return "FF" + data
	case len(data) == 8:
		return "E" + data
	case len(data) == 13:
		return "F" + data
	default:
		return "B3" + data
	}
}

// A magellanVoice answers the commands of the host.
type magellanVoice struct {
	off  atomic.Bool // the scanner's half reads nothing
	line []byte
}

// hidesNet: nothing in an answer tells net from gross.
func (*magellanVoice) hidesNet() bool { return true }

func (v *magellanVoice) hear(c byte, s scaleState) (answer []byte, asked bool) {
	c &= 0x7f // the line may carry parity
	if c != '\r' {
		v.line = append(v.line[:min(len(v.line), 15)], c)
		return nil, false
	}
	command := string(v.line)
	v.line = v.line[:0]
	switch command {
	case "S01", "S02":
		v.off.Store(command == "S02")
	case "S14":
		return magellanState(s), true
	}
	return nil, false
}

// magellanState is the answer to S14, for a scale set to kilograms.
func magellanState(s scaleState) []byte {
	switch {
	case !s.stable:
		return []byte("S141\r")
	case s.over:
		return []byte("S142\r")
	case s.under():
		return []byte("S145\r")
	case s.net == 0:
		return []byte("S143\r")
	default:
		return fmt.Appendf(nil, "S144%05d\r", s.net)
	}
}
