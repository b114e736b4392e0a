package sim

import (
	"bytes"
	"sync"
	"time"

	"kassa/kiosk/weight"
)

// A ScaleFault is a way in which a scale or its line can fail.
type ScaleFault uint8

// The faults. The zero fault is none.
const (
	ScaleHealthy   ScaleFault = iota
	ScaleSilent               // no answers
	ScaleGarbage              // answers of random-looking bytes
	ScaleSplit                // answers byte by byte with pauses
	ScaleStuttered            // the beginning of a frame, then the whole frame
	ScaleHalf                 // frames break off before their end
	ScaleBitFlip              // one digit of each weight arrives as another character
	ScaleLate                 // answers come 600 ms late
	ScaleChatter              // bytes without end, asked or not
)

const (
	scaleGap  = 3 * time.Millisecond // between the bytes of a split answer
	scaleLate = 600 * time.Millisecond
)

// ScaleOptions describes a simulated scale, apart from how it speaks.
type ScaleOptions struct {
	Platform PlatformOptions
	Max      weight.Grams // above it the scale says "over"; 0 means 15 kg
}

// A Scale is a simulated scale on a serial line: a Platform with zero and tare,
// and a voice that speaks one protocol.
type Scale struct {
	*Pty
	clock *Clock
	max   weight.Grams
	voice scaleVoice

	mu    sync.Mutex
	plate *Platform
	fault ScaleFault
	zero  weight.Grams // what the zero key took as nothing
	tare  weight.Grams
	asked int // weights asked for, or sent unasked

	stop chan struct{}
	work sync.WaitGroup
}

// A scaleVoice speaks one protocol. It is called by one goroutine at a time.
type scaleVoice interface {
	// hear takes a byte of the lane's and returns what the scale answers to
	// it, and whether that was a question for the weight.
	hear(c byte, s scaleState) (answer []byte, asked bool)
}

// A scaleCaller is a voice that sends by itself.
type scaleCaller interface {
	every() time.Duration
	call(s scaleState) []byte
}

// A scaleState is what a scale knows at the moment it is asked.
type scaleState struct {
	gross, net   weight.Grams
	stable, over bool
	tared        bool
	milligrams   int64  // gross, as the cell feels it
	zeroSet      func() // takes what lies there as nothing, if it may
}

// under says that the weight shown is below zero.
func (s scaleState) under() bool { return s.net < 0 }

// settled says that there is a weight which may be sold.
func (s scaleState) settled() bool { return s.stable && !s.over && !s.under() }

// newScale makes a scale on a serial port at path, plugged in and empty.
func newScale(path string, clock *Clock, o ScaleOptions, voice scaleVoice) (*Scale, error) {
	if o.Max == 0 {
		o.Max = 15_000
	}
	pty, err := NewPty(path)
	if err != nil {
		return nil, err
	}
	s := &Scale{
		Pty: pty, clock: clock, max: o.Max, voice: voice,
		plate: NewPlatform(o.Platform), stop: make(chan struct{}),
	}
	s.work.Go(s.serve)
	s.work.Go(s.chatter)
	if caller, ok := voice.(scaleCaller); ok {
		s.work.Go(func() { s.callOut(caller) })
	}
	return s, nil
}

// Close takes the scale away and waits until nothing of it runs.
func (s *Scale) Close() error {
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
func (s *Scale) Put(id string, g weight.Grams) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plate.Put(s.clock.Now(), id, g)
}

// Take lifts the article put there last under id and reports whether there was
// one.
func (s *Scale) Take(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plate.Take(s.clock.Now(), id)
}

// Clear empties the plate.
func (s *Scale) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plate.Clear(s.clock.Now())
}

// Lean presses on the plate for a time on the simulated clock.
func (s *Scale) Lean(g weight.Grams, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plate.Lean(s.clock.Now(), g, d)
}

// Items returns the ids of what lies on the plate.
func (s *Scale) Items() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plate.Items()
}

// Sample returns what the scale feels and shows now, before zero and tare.
func (s *Scale) Sample() Sample {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plate.At(s.clock.Now())
}

// SetTare makes the scale send net weights; 0 makes it send gross ones.
func (s *Scale) SetTare(g weight.Grams) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tare = g
}

// SetFault breaks or mends the scale.
func (s *Scale) SetFault(f ScaleFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Asked returns how often the weight was asked for, or sent unasked.
func (s *Scale) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// HidesNet reports whether the protocol does not tell net from gross weights.
func (s *Scale) HidesNet() bool {
	v, ok := s.voice.(interface{ hidesNet() bool })
	return ok && v.hidesNet()
}

// state needs mu.
func (s *Scale) state() scaleState {
	now := s.plate.At(s.clock.Now())
	gross := now.Shown - s.zero
	return scaleState{
		gross: gross, net: gross - s.tare, stable: now.Stable, over: gross > s.max, tared: s.tare != 0,
		milligrams: now.Milligrams - int64(s.zero)*1000,
		// A trade scale may be zeroed within 2 % of its range.
		zeroSet: func() {
			if now.Stable && 50*max(now.Shown, -now.Shown) <= s.max {
				s.zero, s.tare = now.Shown, 0
			}
		},
	}
}

// serve answers until the port is closed.
func (s *Scale) serve() {
	buf := make([]byte, 64)
	for {
		n, err := s.Read(buf)
		if err != nil {
			return
		}
		for _, c := range buf[:n] {
			s.mu.Lock()
			answer, asked := s.voice.hear(c, s.state())
			if asked {
				s.asked++
			}
			s.mu.Unlock()
			s.send(answer)
		}
	}
}

// callOut sends by itself until the scale is taken away.
func (s *Scale) callOut(caller scaleCaller) {
	for s.pause(caller.every()) {
		s.mu.Lock()
		line := caller.call(s.state())
		if line != nil {
			s.asked++
		}
		s.mu.Unlock()
		s.send(line)
	}
}

// send puts an answer on the wire, broken as the fault says. An answer of one
// byte cannot be halved.
func (s *Scale) send(frame []byte) {
	s.mu.Lock()
	fault := s.fault
	s.mu.Unlock()
	if len(frame) == 0 {
		return
	}
	frame = bytes.Clone(frame)
	switch fault {
	case ScaleSilent, ScaleChatter:
		return
	case ScaleGarbage:
		frame = []byte("\x7f\x11@@0000" + string(frame[len(frame)/2]) + "~\xff\x00")
	case ScaleSplit:
		s.trickle(frame)
		return
	case ScaleStuttered:
		frame = append(bytes.Clone(frame[:len(frame)/2]), frame...)
	case ScaleHalf:
		frame = frame[:(len(frame)+1)/2]
	case ScaleBitFlip:
		if i := bytes.LastIndexAny(frame, "0123456789"); i >= 0 {
			frame[i] ^= 0x10
		}
	case ScaleLate:
		if !s.pause(scaleLate) {
			return
		}
	case ScaleHealthy:
	}
	_, _ = s.Write(frame)
}

func (s *Scale) trickle(frame []byte) {
	for i := range frame {
		if _, err := s.Write(frame[i : i+1]); err != nil || !s.pause(scaleGap) {
			return
		}
	}
}

// pause waits and reports whether the scale is still there.
func (s *Scale) pause(d time.Duration) bool {
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
func (s *Scale) chatter() {
	for s.pause(10 * time.Millisecond) {
		s.mu.Lock()
		on := s.fault == ScaleChatter
		s.mu.Unlock()
		if on {
			_, _ = s.Write([]byte("00.0S"))
		}
	}
}
