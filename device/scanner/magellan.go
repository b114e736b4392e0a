package scanner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"kassa/device/link"
)

// ErrNoShare says that nothing but the scanner speaks on this line.
var ErrNoShare = errors.New("scanner shares its line with nobody")

// Commands and answers of a Magellan line, each ended by CR (Datalogic
// KA-01089). The scanner sends labels, and the scale its answers, at any time.
const (
	magellanOn  = "S01\r"
	magellanOff = "S02\r"

	magellanLabel = "08" // behind the S: label id and data
	magellanScale = "1"  // what begins so is the scale's
)

// magellan reads the labels of a scanner-scale on one cable, and hands the
// scale's answers to whoever shares the line.
type magellan struct {
	cfg     Config
	letters []Letter
	mask    byte // what a byte keeps of its bits

	mu  sync.Mutex
	off bool
	now link.Conn // nil: not connected
	tap *tap      // nil: nobody shares
}

func newMagellan(cfg Config) (unit, error) {
	if err := link.Check(cfg.Port, cfg.Line); err != nil {
		return nil, err
	}
	if err := noLetters(cfg); err != nil {
		return nil, err
	}
	m := &magellan{cfg: cfg, letters: Letters("magellan"), mask: 0xff}
	if l, err := link.ParseLine(cfg.Line); err == nil && l.DataBits == 7 {
		m.mask = 0x7f // through a serial server or a pty the parity bit may come along
	}
	return m, nil
}

func (m *magellan) dial(ctx context.Context) (link.Conn, error) {
	conn, err := link.Open(ctx, m.cfg.Port, m.cfg.Line)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.tell(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	m.now = conn
	return conn, nil
}

// tell sends what the scanner is to do. It has no answer to wait for.
func (m *magellan) tell(conn link.Conn) error {
	command := magellanOn
	if m.off {
		command = magellanOff
	}
	_, err := conn.Write([]byte(command))
	return err
}

func (m *magellan) turn(_ context.Context, on bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.off = !on
	if m.now == nil {
		return ErrAway
	}
	if err := m.tell(m.now); err != nil {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	return nil
}

func (m *magellan) read(ctx context.Context, conn link.Conn, deliver func(code []byte)) error {
	err := m.frames(ctx, conn, deliver)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = nil
	if m.tap != nil {
		m.tap.end(fmt.Errorf("shared line: %w", err))
		m.tap = nil
	}
	return err
}

// frames reads until conn breaks.
func (m *magellan) frames(ctx context.Context, conn link.Conn, deliver func(code []byte)) error {
	s := splitter{prefix: "S"}
	buf := make([]byte, 512)
	for {
		var deadline time.Time
		if s.pending() {
			deadline = time.Now().Add(DefaultGap)
		}
		if err := conn.SetReadDeadline(deadline); err != nil {
			return err
		}
		n, err := conn.Read(buf)
		for i := range buf[:n] {
			buf[i] &= m.mask
		}
		dropped := s.dropped
		s.feed(buf[:n], func(body []byte) { s.dropped += m.dispatch(body, deliver) })
		if err != nil {
			s.reset()
		}
		if s.dropped != dropped {
			m.cfg.Log.WarnContext(ctx, "damaged code dropped", "bytes", s.dropped-dropped)
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
}

// dispatch hands on what stood between S and CR, and returns how many bytes of
// it were damaged: a byte whose parity is wrong arrives as NUL.
func (m *magellan) dispatch(body []byte, deliver func(code []byte)) int {
	switch text := string(body); {
	case bytes.IndexByte(body, 0) >= 0:
		return len(body)
	case strings.HasPrefix(text, magellanLabel):
		if data := body[len(magellanLabel):]; len(data) > 0 && len(data) <= MaxCode {
			deliver(identify(data, m.letters))
		}
	case strings.HasPrefix(text, magellanScale):
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.tap != nil {
			m.tap.put(append([]byte("S"+text), '\r'))
		}
	}
	return 0
}

// Share returns what opens the scale's side of the scanner's line: a
// connection that writes whole commands to it and reads the frames meant for
// the scale, each from S to CR. It fails with ErrAway while the scanner is not
// connected, ends when the scanner's connection ends, and closing it leaves the
// scanner alone. One at a time may be open. Without such a line Share returns
// ErrNoShare.
func (s *Scanner) Share() (func(context.Context) (link.Conn, error), error) {
	m, ok := s.unit.(*magellan)
	if !ok {
		return nil, fmt.Errorf("scanner: %s: %w", s.cfg.Protocol, ErrNoShare)
	}
	return m.share, nil
}

func (m *magellan) share(context.Context) (link.Conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.now == nil:
		return nil, fmt.Errorf("shared line: %w", ErrAway)
	case m.tap != nil:
		return nil, errors.New("shared line: another scale has it")
	}
	m.tap = &tap{line: m.now, frames: make(chan []byte, 16), over: make(chan struct{})}
	m.tap.leave = func(t *tap) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.tap == t {
			m.tap = nil
		}
	}
	return m.tap, nil
}
