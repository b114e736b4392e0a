package link

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"go.bug.st/serial"
)

// A rawPort is what serialConn needs of the serial library.
type rawPort interface {
	Read(p []byte) (int, error)
	Write(p []byte) (int, error)
	SetReadTimeout(t time.Duration) error
	ResetInputBuffer() error
	Close() error
}

// A serialConn stands between a driver and the serial library, whose ports
//   - write after Close into whatever file has taken over the descriptor,
//   - block in Write for ever when the device stops reading, Close or not,
//   - panic in Read when the descriptor is above 1023 (select(2)),
//   - return 0, nil from Read on a timeout,
//   - say the same for "pulled" and "closed by ourselves", and
//   - close the descriptor before they wake a reader, who may then read from
//     whatever file has taken over its number.
type serialConn struct {
	name     string
	port     rawPort
	lock     *os.File  // open as long as the port is; nil: none
	deadline time.Time // owned by the reader

	closed  atomic.Bool
	reading sync.Mutex // held through each short read and Close
	writing sync.Mutex // held through Write and Close
	stuck   bool       // guarded by writing
}

// readSlice is how long one read of the library may take, and so how long Close
// waits for a reader to come out of it.
const readSlice = 100 * time.Millisecond

// SetReadDeadline applies to Reads that begin later; the zero time is none.
func (c *serialConn) SetReadDeadline(t time.Time) error {
	c.deadline = t
	return nil
}

func (c *serialConn) Read(b []byte) (int, error) {
	if len(b) == 0 { // the library takes an empty buffer for an unplugged device
		return 0, nil
	}
	for {
		n, err := c.readOnce(b)
		switch {
		case n > 0:
			return n, nil
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 0, fmt.Errorf("%s: %w", c.name, c.readError(err))
		case !c.deadline.IsZero() && !time.Now().Before(c.deadline):
			return 0, fmt.Errorf("%s: %w", c.name, os.ErrDeadlineExceeded)
		}
	}
}

func (c *serialConn) readOnce(b []byte) (n int, err error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	defer func() {
		if p := recover(); p != nil {
			n, err = 0, fmt.Errorf("%w: %v", ErrRead, p)
		}
	}()
	if c.closed.Load() {
		return 0, net.ErrClosed
	}
	wait := readSlice
	if !c.deadline.IsZero() {
		// Even past the deadline the library looks once for bytes that are
		// there: a process that was held up must not lose them.
		wait = min(wait, max(0, time.Until(c.deadline)))
	}
	if err := c.port.SetReadTimeout(wait); err != nil {
		return 0, err
	}
	return c.port.Read(b)
}

func (c *serialConn) readError(err error) error {
	if c.closed.Load() {
		return net.ErrClosed
	}
	var pe *serial.PortError
	if errors.As(err, &pe) && pe.Code() == serial.PortClosed {
		return ErrGone
	}
	return gone(err)
}

// Write sends all of b. The write itself runs in a goroutine of its own,
// because nothing but the unplugging of the device ends one that is stuck.
func (c *serialConn) Write(b []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	switch {
	case c.closed.Load():
		return 0, fmt.Errorf("%s: %w", c.name, net.ErrClosed)
	case c.stuck:
		return 0, fmt.Errorf("%s: %w", c.name, ErrStuck)
	}
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func(b []byte) {
		n, err := writeAll(c.port, b)
		done <- result{n, err}
	}(bytes.Clone(b)) // the caller may reuse b when a stuck write is given up
	timer := time.NewTimer(WriteTimeout)
	defer timer.Stop()
	select {
	case r := <-done:
		if r.err != nil {
			return r.n, fmt.Errorf("%s: %w", c.name, gone(r.err))
		}
		return r.n, nil
	case <-timer.C:
		c.stuck = true
		return 0, fmt.Errorf("%s: %w", c.name, ErrStuck)
	}
}

func writeAll(port rawPort, b []byte) (int, error) {
	done := 0
	for done < len(b) {
		n, err := port.Write(b[done:])
		done += n
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return done, err
		}
	}
	return done, nil
}

// Close closes the port once; later calls do nothing. A read in flight is
// waited for, at most readSlice, and a write, at most WriteTimeout.
func (c *serialConn) Close() error {
	before := c.closed.Swap(true)
	c.writing.Lock()
	defer c.writing.Unlock()
	c.reading.Lock()
	defer c.reading.Unlock()
	if before {
		return nil
	}
	err := c.port.Close()
	_ = c.lock.Close() // only held
	if err != nil {
		return fmt.Errorf("%s: close: %w", c.name, err)
	}
	return nil
}

func (c *serialConn) discard() error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.closed.Load() {
		return fmt.Errorf("%s: %w", c.name, net.ErrClosed)
	}
	if err := c.port.ResetInputBuffer(); err != nil {
		return fmt.Errorf("%s: %w", c.name, gone(err))
	}
	return nil
}
