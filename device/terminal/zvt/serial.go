package zvt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"kassa/device/link"
)

// DefaultLine is how a terminal's serial line is set (PA00P016 2.1).
const DefaultLine = "9600 8N2"

// A Timing is the timers of a serial line (PA00P016 2.4). The zero Timing is
// the specification's.
type Timing struct {
	T1 time.Duration // between two bytes of a frame; 0: 200 ms
	T2 time.Duration // for the acknowledgement of a frame; 0: 5 s
}

const (
	defaultT1 = 200 * time.Millisecond
	defaultT2 = 5 * time.Second
	maxTries  = 3  // transmissions of one frame, in all
	maxQueue  = 64 // frames acknowledged and not yet looked at
)

// Errors of a serial line.
var (
	errUnheard = errors.New("no acknowledgement")
	errDamaged = errors.New("frames arrive damaged")
	errDrowned = errors.New("too many messages at once")
)

// Serial returns the Line of a terminal on a serial line: each message in a
// frame with a CRC, acknowledged by a single byte and sent up to three times.
// Close closes conn.
func Serial(conn link.Conn, t Timing) Line {
	if t.T1 == 0 {
		t.T1 = defaultT1
	}
	if t.T2 == 0 {
		t.T2 = defaultT2
	}
	s := &serialLine{
		conn: conn, timing: t,
		in: make(chan []byte, maxQueue), heard: make(chan byte, 1), done: make(chan struct{}),
	}
	go s.read()
	return s
}

// A serialLine is one open serial line. The reader goroutine acknowledges
// frames the moment they are whole, whatever the session is at.
type serialLine struct {
	conn   link.Conn
	timing Timing
	in     chan []byte   // messages, closed by the reader at its end
	heard  chan byte     // ACK or NAK
	done   chan struct{} // closed when the reader has ended
	err    error         // why it has; readable after done

	writing sync.Mutex // one frame or one acknowledgement at a time

	last    []byte // the frame before, until we said something that was heard; owned by the reader
	damaged int    // frames in a row; owned by the reader
}

// read takes the line apart until it breaks.
func (s *serialLine) read() {
	defer close(s.done)
	defer close(s.in)
	s.err = s.pump()
	_ = s.conn.Close() // a Send that waits for room must not wait for ever
}

func (s *serialLine) pump() error {
	var d deframer
	buf := make([]byte, 512)
	for {
		var deadline time.Time
		if d.open() {
			deadline = time.Now().Add(s.timing.T1)
		}
		if err := s.conn.SetReadDeadline(deadline); err != nil {
			return err
		}
		n, err := s.conn.Read(buf)
		failed := s.marks(&d, buf[:n])
		switch {
		case failed != nil:
			return failed
		case errors.Is(err, os.ErrDeadlineExceeded): // T1
			d.reset()
			if err := s.complain(); err != nil {
				return err
			}
		case err != nil:
			return err
		}
	}
}

// marks acts on the bytes of one read.
func (s *serialLine) marks(d *deframer, b []byte) error {
	for _, c := range b {
		var err error
		switch d.take(c) {
		case markNone:
		case markACK:
			s.last = nil // before the frame behind it is looked at
			s.tell(ack)
		case markNAK:
			s.tell(nak)
		case markBad:
			err = s.complain()
		case markFrame:
			s.damaged = 0
			err = s.arrived(d.message())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tell passes an acknowledgement on; one that nobody took is replaced.
func (s *serialLine) tell(c byte) {
	select {
	case <-s.heard:
	default:
	}
	s.heard <- c // never blocks: only the reader fills it
}

// complain asks for a frame once more.
func (s *serialLine) complain() error {
	if s.damaged++; s.damaged > maxTries {
		return errDamaged
	}
	return s.write([]byte{nak})
}

// arrived acknowledges a frame and hands its message on, unless it is the
// frame before once more.
func (s *serialLine) arrived(msg []byte) error {
	msg = bytes.Clone(msg)
	again := ruleDuplicate(s.last, msg)
	s.last = msg
	if err := s.write([]byte{ack}); err != nil {
		return err
	}
	if again {
		return nil
	}
	select {
	case s.in <- msg:
		return nil
	default:
		return errDrowned
	}
}

func (s *serialLine) write(b []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	_, err := s.conn.Write(b)
	return err
}

// Send sends a message until it is acknowledged, at most three times.
func (s *serialLine) Send(msg []byte) error {
	frame := encodeFrame(msg)
	for range maxTries {
		select {
		case <-s.heard: // of an earlier frame
		default:
		}
		if err := s.write(frame); err != nil {
			return err
		}
		ok, err := s.acknowledged()
		if err != nil {
			return err
		}
		if ok {
			return nil
		}
	}
	return errUnheard
}

// acknowledged waits for what the far side says of a frame (T2).
func (s *serialLine) acknowledged() (bool, error) {
	timer := time.NewTimer(s.timing.T2)
	defer timer.Stop()
	select {
	case c := <-s.heard:
		return c == ack, nil
	case <-timer.C:
		return false, nil
	case <-s.done:
		return false, fmt.Errorf("wait for an acknowledgement: %w", s.err)
	}
}

// drain throws away what arrives, acknowledged as frames and not answered,
// until nothing has come for longer than the terminal would wait to send a
// frame again (see ruleStale).
func (s *serialLine) drain(ctx context.Context) error {
	quiet := s.timing.T2 + s.timing.T2/10
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	for {
		select {
		case _, ok := <-s.in:
			if !ok {
				return s.err
			}
			timer.Reset(quiet)
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Receive returns the next message.
func (s *serialLine) Receive() ([]byte, error) {
	msg, ok := <-s.in
	if !ok {
		return nil, s.err
	}
	return msg, nil
}

// Close closes the line and waits for the reader.
func (s *serialLine) Close() error {
	err := s.conn.Close()
	<-s.done
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
