package scanner

import (
	"context"
	"errors"
	"os"
	"time"

	"kassa/device/link"
)

// Lines says how a scanner marks its codes on a plain serial line.
type Lines struct {
	// Prefix and Suffix stand around each code, inside the line end, and are
	// taken off. A code that lacks one of them was damaged and is dropped.
	Prefix, Suffix string

	// Gap is the silence after which half a code is given up; 0 means
	// DefaultGap.
	Gap time.Duration

	// NoEnd is for scanners that send no CR or LF: the gap then ends a code
	// instead of giving it up.
	NoEnd bool
}

const (
	// DefaultGap is far longer than any pause inside a code at 1200 baud, and
	// shorter than a person needs to present the next article.
	DefaultGap = 300 * time.Millisecond
	// MaxCode is the longest code delivered: a PDF417 or a GS1 Digital Link
	// may be long. What is longer is not a code.
	MaxCode = 4096
)

// lines reads codes from a plain line.
type lines struct {
	cfg     Config
	letters []Letter
}

func newLines(cfg Config) (unit, error) {
	if err := link.Check(cfg.Port, cfg.Line); err != nil {
		return nil, err
	}
	letters, err := lettersOf(cfg.Letters)
	if err != nil {
		return nil, err
	}
	o := &cfg.Lines
	switch {
	case o.Gap == 0:
		o.Gap = DefaultGap
	case o.Gap < 10*time.Millisecond || o.Gap > 5*time.Second:
		return nil, errors.New("gap is not between 10 ms and 5 s")
	}
	return &lines{cfg, letters}, nil
}

func (l *lines) dial(ctx context.Context) (link.Conn, error) {
	return link.Open(ctx, l.cfg.Port, l.cfg.Line)
}

// read holds everything about half a code in s, which ends with the
// connection.
func (l *lines) read(ctx context.Context, conn link.Conn, deliver func(code []byte)) error {
	o, log := l.cfg.Lines, l.cfg.Log
	s := splitter{prefix: o.Prefix, suffix: o.Suffix}
	emit := func(code []byte) { deliver(identify(code, l.letters)) }
	buf := make([]byte, 1024)
	for {
		var deadline time.Time // none: a scanner may be silent all night
		if s.pending() {
			deadline = time.Now().Add(o.Gap)
		}
		if err := conn.SetReadDeadline(deadline); err != nil {
			return err
		}
		n, err := conn.Read(buf)
		dropped := s.dropped
		s.feed(buf[:n], emit)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && o.NoEnd:
			s.end(emit)
		case errors.Is(err, os.ErrDeadlineExceeded):
			s.reset()
		case err != nil:
			s.reset()
		}
		if s.dropped != dropped { // how much, never what: it may be a member's card
			log.WarnContext(ctx, "damaged code dropped", "bytes", s.dropped-dropped)
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
}
