package scanner

import (
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"kassa/device/link"
)

// A tap is the scale's side of a shared line, a link.Conn. Its reader may be
// slow: of more frames than it holds the oldest are lost, for an old weight is
// worth nothing.
type tap struct {
	line   link.Conn
	leave  func(*tap)
	frames chan []byte

	rest     []byte    // owned by the reader
	deadline time.Time // owned by the reader

	once sync.Once
	err  error // why it is over; written before over closes
	over chan struct{}
}

// put hands a frame to the reader. It never blocks; one goroutine calls it.
func (t *tap) put(frame []byte) {
	for {
		select {
		case t.frames <- frame:
			return
		default:
		}
		select {
		case <-t.frames:
		default:
		}
	}
}

// end lets Read and Write fail with err from now on.
func (t *tap) end(err error) {
	t.once.Do(func() {
		t.err = err
		close(t.over)
	})
}

func (t *tap) Read(b []byte) (int, error) {
	if len(t.rest) > 0 || len(b) == 0 {
		return t.give(b), nil
	}
	var late <-chan time.Time
	if !t.deadline.IsZero() {
		timer := time.NewTimer(time.Until(t.deadline))
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-t.over:
		return 0, t.err
	case t.rest = <-t.frames:
		return t.give(b), nil
	case <-late:
	}
	select { // a reader that was held up must not lose what is there
	case t.rest = <-t.frames:
		return t.give(b), nil
	default:
		return 0, fmt.Errorf("shared line: %w", os.ErrDeadlineExceeded)
	}
}

func (t *tap) give(b []byte) int {
	n := copy(b, t.rest)
	t.rest = t.rest[n:]
	return n
}

func (t *tap) Write(b []byte) (int, error) {
	select {
	case <-t.over:
		return 0, t.err
	default:
		return t.line.Write(b)
	}
}

// Close leaves the line to the scanner.
func (t *tap) Close() error {
	t.leave(t)
	t.end(fmt.Errorf("shared line: %w", net.ErrClosed))
	return nil
}

// SetReadDeadline applies to Reads that begin later; the zero time is none.
func (t *tap) SetReadDeadline(d time.Time) error {
	t.deadline = d
	return nil
}
