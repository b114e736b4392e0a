package sim

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"time"

	"kassa/kiosk/weight"
)

// MagellanOptions describes a simulated scanner-scale on one cable.
type MagellanOptions struct {
	Platform PlatformOptions
	Max      weight.Grams  // above it the scale says "over"; 0 means 15 kg
	ByteTime time.Duration // pause after each byte; 0: a frame goes out in one piece
}

// A Magellan is a scanner-scale whose two halves share one serial line.
type Magellan struct {
	*Pty
	o     MagellanOptions
	clock *Clock

	writing sync.Mutex
	work    sync.WaitGroup

	mu    sync.Mutex
	plate *Platform
	off   bool
	mute  bool // the scale's half answers nothing
}

// NewMagellan makes a scanner-scale on a serial port at path, plugged in and
// empty.
func NewMagellan(path string, clock *Clock, o MagellanOptions) (*Magellan, error) {
	if o.Max == 0 {
		o.Max = 15_000
	}
	pty, err := NewPty(path)
	if err != nil {
		return nil, err
	}
	m := &Magellan{Pty: pty, o: o, clock: clock, plate: NewPlatform(o.Platform)}
	m.work.Go(m.listen)
	return m, nil
}

// Close takes the device away and waits until nothing of it runs.
func (m *Magellan) Close() error {
	err := m.Pty.Close()
	m.work.Wait()
	return err
}

// Unplug pulls the cable; with the power what the lane had set is gone.
func (m *Magellan) Unplug() error {
	m.mu.Lock()
	m.off = false
	m.mu.Unlock()
	return m.Pty.Unplug()
}

// Put lays an article on the plate.
func (m *Magellan) Put(id string, g weight.Grams) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.plate.Put(m.clock.Now(), id, g)
}

// Clear empties the plate.
func (m *Magellan) Clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.plate.Clear(m.clock.Now())
}

// Mute silences the scale's half, or lets it answer again.
func (m *Magellan) Mute(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mute = on
}

// Enabled reports whether the lane lets the scanner read.
func (m *Magellan) Enabled() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.off
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
	m.writing.Lock()
	defer m.writing.Unlock()
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

// listen answers the lane until the port is closed.
func (m *Magellan) listen() {
	var in []byte
	buf := make([]byte, 64)
	for {
		n, err := m.Read(buf)
		if err != nil {
			return
		}
		in = append(in, buf[:n]...)
		for {
			line, rest, ok := bytes.Cut(in, []byte{'\r'})
			if !ok {
				break
			}
			in = rest
			if answer := m.answer(string(line)); answer != "" {
				_ = m.Send([]byte(answer + "\r"))
			}
		}
	}
}

func (m *Magellan) answer(command string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch command {
	case "S01":
		m.off = false
	case "S02":
		m.off = true
	case "S14":
		if !m.mute {
			return m.weigh()
		}
	}
	return ""
}

// weigh gives the state of the plate now. It needs mu.
func (m *Magellan) weigh() string {
	switch now := m.plate.At(m.clock.Now()); {
	case !now.Stable:
		return "S141"
	case now.Shown > m.o.Max:
		return "S142"
	case now.Shown == 0:
		return "S143"
	case now.Shown < 0:
		return "S145"
	default:
		return fmt.Sprintf("S144%05d", now.Shown)
	}
}
