package sim

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A BoardLight is what one colour of the simulated lane light does.
type BoardLight string

// What a lamp can do, as it stands on the wire.
const (
	BoardOff   BoardLight = "off"
	BoardOn    BoardLight = "on"
	BoardBlink BoardLight = "blink"
)

// BoardLamps is the whole lane light.
type BoardLamps struct{ Green, Red, White BoardLight }

// A BoardPulse is one opening of the drawer.
type BoardPulse struct {
	At     time.Time
	Length time.Duration
}

// A Board is a simulated USB I/O board with lane light, call button, cash
// drawer and door. It speaks lines: it takes "LAMP white blink", "DRAWER 150"
// and "STATE", and sends "BUTTON down" and "DOOR open". It lives on the cable:
// pulled, its lamps go dark.
type Board struct {
	*Pty
	changed func()

	mu     sync.Mutex
	lamps  BoardLamps
	pulses []BoardPulse // the last boardPulses
	opened int
	button bool
	door   bool
	bad    int // lines not understood

	sending sync.Mutex
	work    sync.WaitGroup
}

const (
	boardPulses     = 100
	boardLongest    = 500 * time.Millisecond
	boardLineLength = 64
)

// NewBoard makes a board on a serial port at path, plugged in. changed, if not
// nil, is called after every change of a lamp and every drawer pulse, from the
// board's own goroutine.
func NewBoard(path string, changed func()) (*Board, error) {
	pty, err := NewPty(path)
	if err != nil {
		return nil, err
	}
	if changed == nil {
		changed = func() {}
	}
	b := &Board{Pty: pty, changed: changed, lamps: darkBoard()}
	b.work.Go(b.serve)
	return b, nil
}

func darkBoard() BoardLamps { return BoardLamps{BoardOff, BoardOff, BoardOff} }

// Close takes the board away and waits until nothing of it runs.
func (b *Board) Close() error {
	err := b.Pty.Close()
	b.work.Wait()
	return err
}

// Unplug pulls the cable; the lamps go dark.
func (b *Board) Unplug() error {
	err := b.Pty.Unplug()
	b.mu.Lock()
	b.lamps = darkBoard()
	b.mu.Unlock()
	b.changed()
	return err
}

// Lamps returns what the lane light does.
func (b *Board) Lamps() BoardLamps {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lamps
}

// Pulses returns the latest drawer pulses, oldest first, and how many there
// were in all.
func (b *Board) Pulses() ([]BoardPulse, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.pulses), b.opened
}

// Misunderstood returns how many lines the board could not make sense of.
func (b *Board) Misunderstood() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bad
}

// Button presses (down) or lets go of the call button.
func (b *Board) Button(down bool) error {
	b.mu.Lock()
	b.button = down
	b.mu.Unlock()
	return b.say(boardButton(down))
}

// Door opens or closes the door.
func (b *Board) Door(open bool) error {
	b.mu.Lock()
	b.door = open
	b.mu.Unlock()
	return b.say(boardDoor(open))
}

// Send puts bytes on the wire as they are.
func (b *Board) Send(raw []byte) error {
	b.sending.Lock()
	defer b.sending.Unlock()
	_, err := b.Write(raw)
	return err
}

func (b *Board) say(line string) error { return b.Send([]byte(line + "\r\n")) }

func boardButton(down bool) string {
	if down {
		return "BUTTON down"
	}
	return "BUTTON up"
}

func boardDoor(open bool) string {
	if open {
		return "DOOR open"
	}
	return "DOOR closed"
}

func (b *Board) serve() {
	var line []byte
	buf := make([]byte, 256)
	for {
		n, err := b.Read(buf)
		if err != nil {
			return
		}
		for _, c := range buf[:n] {
			if c != '\n' && c != '\r' {
				if len(line) <= boardLineLength {
					line = append(line, c)
				}
				continue
			}
			if len(bytes.TrimSpace(line)) > 0 {
				b.obey(string(line))
			}
			line = line[:0]
		}
	}
}

// obey does what one line says.
func (b *Board) obey(line string) {
	b.mu.Lock()
	words := strings.Fields(line)
	reply, changed := b.act(words)
	b.mu.Unlock()
	for _, r := range reply {
		_ = b.say(r)
	}
	if changed {
		b.changed()
	}
}

// act needs mu.
func (b *Board) act(words []string) (reply []string, changed bool) {
	switch {
	case len(words) == 3 && words[0] == "LAMP":
		before := b.lamps
		if b.setLamp(words[1], BoardLight(words[2])) {
			return nil, b.lamps != before
		}
	case len(words) == 2 && words[0] == "DRAWER":
		ms, err := strconv.Atoi(words[1])
		length := time.Duration(ms) * time.Millisecond
		if err == nil && length > 0 && length <= boardLongest {
			b.opened++
			b.pulses = append(b.pulses, BoardPulse{time.Now(), length})
			b.pulses = b.pulses[max(0, len(b.pulses)-boardPulses):]
			return nil, true
		}
	case len(words) == 1 && words[0] == "STATE":
		return []string{boardButton(b.button), boardDoor(b.door)}, false
	}
	b.bad++
	return []string{fmt.Sprintf("UNKNOWN %d", b.bad)}, false
}

// setLamp needs mu.
func (b *Board) setLamp(name string, light BoardLight) bool {
	switch light {
	case BoardOff, BoardOn, BoardBlink:
	default:
		return false
	}
	switch name {
	case "green":
		b.lamps.Green = light
	case "red":
		b.lamps.Red = light
	case "white":
		b.lamps.White = light
	default:
		return false
	}
	return true
}
