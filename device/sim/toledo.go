package sim

import (
	"fmt"
	"io"
	"sync"
	"time"

	"kassa/kiosk/weight"
)

// A ToledoFault is a way in which a scale or its line can fail.
type ToledoFault uint8

// The faults. The zero fault is none.
const (
	ToledoHealthy   ToledoFault = iota
	ToledoSilent                // no answers
	ToledoGarbage               // answers of random-looking bytes
	ToledoSplit                 // answers byte by byte with pauses
	ToledoStuttered             // the beginning of a frame, then the whole frame
	ToledoHalf                  // frames break off before their end
	ToledoBitFlip               // one digit of each weight arrives as another character
	ToledoLate                  // answers come 600 ms late
	ToledoChatter               // bytes without end, asked or not
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

// A Toledo is a simulated checkout scale on a serial line: Mettler-Toledo 8217
// commands and frames, on top of a Platform.
type Toledo struct {
	*Pty
	clock *Clock
	o     ToledoOptions

	mu    sync.Mutex
	plate *Platform
	fault ToledoFault
	zero  weight.Grams // what the zero key took as nothing
	tare  weight.Grams
	asked int // W commands heard

	stop chan struct{}
	work sync.WaitGroup
}

const (
	toledoSTX = 0x02
	toledoCR  = 0x0d

	toledoMotion = 1 << 0
	toledoOver   = 1 << 1
	toledoUnder  = 1 << 2
	toledoCentre = 1 << 4

	toledoGap  = 3 * time.Millisecond // between the bytes of a split answer
	toledoLate = 600 * time.Millisecond
)

// NewToledo makes a scale on a serial port at path, plugged in and empty.
func NewToledo(path string, clock *Clock, o ToledoOptions) (*Toledo, error) {
	if o.Max == 0 {
		o.Max = 15_000
	}
	if o.Base == 0 {
		o.Base = 0x40
	}
	pty, err := NewPty(path)
	if err != nil {
		return nil, err
	}
	s := &Toledo{Pty: pty, clock: clock, o: o, plate: NewPlatform(o.Platform), stop: make(chan struct{})}
	s.work.Go(s.serve)
	s.work.Go(s.chatter)
	return s, nil
}

// Close takes the scale away and waits until nothing of it runs.
func (s *Toledo) Close() error {
	err := s.Pty.Close()
	s.mu.Lock()
	select {
	case <-s.stop:
	default:
		close(s.stop)
	}
	s.mu.Unlock()
	s.work.Wait()
	return err
}

// Put lays an article on the plate.
func (s *Toledo) Put(id string, g weight.Grams) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plate.Put(s.clock.Now(), id, g)
}

// Take lifts the article put there last under id and reports whether there was
// one.
func (s *Toledo) Take(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plate.Take(s.clock.Now(), id)
}

// Clear empties the plate.
func (s *Toledo) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plate.Clear(s.clock.Now())
}

// Lean presses on the plate for a time on the simulated clock.
func (s *Toledo) Lean(g weight.Grams, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plate.Lean(s.clock.Now(), g, d)
}

// Items returns the ids of what lies on the plate.
func (s *Toledo) Items() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plate.Items()
}

// Sample returns what the scale feels and shows now, before zero and tare.
func (s *Toledo) Sample() Sample {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plate.At(s.clock.Now())
}

// SetTare makes the scale send net weights; 0 makes it send gross ones.
func (s *Toledo) SetTare(g weight.Grams) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tare = g
}

// SetFault breaks or mends the scale.
func (s *Toledo) SetFault(f ToledoFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Asked returns how often the weight was asked for.
func (s *Toledo) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// serve answers until the port is closed.
func (s *Toledo) serve() {
	echo := false
	buf := make([]byte, 64)
	for {
		n, err := s.Read(buf)
		if err != nil {
			return
		}
		for _, c := range buf[:n] {
			c &= 0x7f // the line may carry parity
			switch {
			case c == 'F':
				echo = false
			case echo:
				s.send([]byte{c})
			case c == 'E':
				echo = true
				s.send([]byte{toledoSTX, 'E', toledoCR})
			default:
				s.send(s.answer(c))
			}
		}
	}
}

// answer returns the frame for a command, nil for an unknown one.
func (s *Toledo) answer(c byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.plate.At(s.clock.Now())
	switch c {
	case 'W':
		s.asked++
		return s.weigh(now)
	case 'Z':
		if now.Stable && 50*max(now.Shown, -now.Shown) <= s.o.Max {
			s.zero, s.tare = now.Shown, 0
		}
		return s.statusFrame(now)
	case 'A':
		return []byte{toledoSTX, toledoCR}
	case 'B':
		return []byte{toledoSTX, '?', 0x40, toledoCR}
	default:
		return nil
	}
}

func (s *Toledo) weigh(now Sample) []byte {
	gross := now.Shown - s.zero
	net := gross - s.tare
	if !now.Stable || net < 0 || gross > s.o.Max {
		return s.statusFrame(now)
	}
	if net == 0 && s.o.ZeroStatus != 0 {
		return []byte{toledoSTX, '?', s.o.ZeroStatus, toledoCR}
	}
	frame := []byte{toledoSTX}
	switch s.o.Form {
	case ToledoFive:
		frame = fmt.Appendf(frame, "%05d", net)
	case ToledoSix:
		frame = fmt.Appendf(frame, "%06d", net)
	case ToledoPoint:
		frame = fmt.Appendf(frame, "%02d.%03d", net/1000, net%1000)
	}
	if s.tare != 0 {
		frame = append(frame, 'N')
	}
	return append(frame, toledoCR)
}

func (s *Toledo) statusFrame(now Sample) []byte {
	status := s.o.Base
	gross := now.Shown - s.zero
	if !now.Stable {
		status |= toledoMotion
	}
	if gross > s.o.Max {
		status |= toledoOver
	}
	if gross-s.tare < 0 {
		status |= toledoUnder
	}
	if gross == 0 && now.Stable {
		status |= toledoCentre
	}
	return []byte{toledoSTX, '?', status, toledoCR}
}

// send puts an answer on the wire, broken as the fault says.
func (s *Toledo) send(frame []byte) {
	s.mu.Lock()
	fault := s.fault
	s.mu.Unlock()
	if len(frame) == 0 {
		return
	}
	switch fault {
	case ToledoSilent, ToledoChatter:
		return
	case ToledoGarbage:
		frame = []byte("\x7f\x11@@0000" + string(frame[1:2]) + "~\xff\x00")
	case ToledoSplit:
		s.trickle(frame)
		return
	case ToledoStuttered:
		frame = append(append([]byte{}, frame[:len(frame)/2]...), frame...)
	case ToledoHalf:
		frame = frame[:len(frame)/2]
	case ToledoBitFlip:
		frame[len(frame)-2] ^= 0x10
	case ToledoLate:
		if !s.pause(toledoLate) {
			return
		}
	case ToledoHealthy:
	}
	_, _ = s.Write(frame)
}

func (s *Toledo) trickle(frame []byte) {
	for i := range frame {
		if _, err := s.Write(frame[i : i+1]); err != nil || !s.pause(toledoGap) {
			return
		}
	}
}

// pause waits and reports whether the scale is still there.
func (s *Toledo) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-s.stop:
		return false
	case <-t.C:
		return true
	}
}

// chatter is the line that never falls silent, while that fault is set.
func (s *Toledo) chatter() {
	for s.pause(10 * time.Millisecond) {
		s.mu.Lock()
		on := s.fault == ToledoChatter
		s.mu.Unlock()
		if on {
			_, _ = io.WriteString(s, "\x0200.0")
		}
	}
}
