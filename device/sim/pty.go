package sim

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// A Pty is the device's end of a simulated serial port. The lane opens Path, a
// link that stays the same while the pseudo-terminal behind it comes and goes.
// Read and Write survive that; they end only with Close.
//
// As with a real adapter, bytes sent while nobody has the port open are lost.
// Each program that opens the port gets a fresh pseudo-terminal after the one
// before it: a program that was killed leaves its exclusive lock (TIOCEXCL)
// behind for as long as our end stays open, and would lock out its successor.
type Pty struct {
	path string

	mu     sync.Mutex
	master *os.File      // nil while unplugged
	used   bool          // a program has had this master's far end open
	turn   chan struct{} // closed at every plug, unplug, renewal and close
	closed bool
}

// ErrClosed says that a simulated device has been closed for good.
var ErrClosed = errors.New("simulated device is closed")

const (
	// hangupPoll is how often an end that nobody has open is looked at.
	hangupPoll = 5 * time.Millisecond
	// overrunTries is how often a device tries, hangupPoll apart, to send to a
	// lane that does not read, before it loses bytes.
	overrunTries = 40
)

// NewPty makes a port whose far end is reachable at path, plugged in. The
// folder of path is made if absent; a file at path is replaced.
func NewPty(path string) (*Pty, error) {
	p := &Pty{path: path, turn: make(chan struct{})}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("port %s: %w", path, err)
	}
	if err := p.Plug(); err != nil {
		return nil, err
	}
	return p, nil
}

// Path returns the stable name of the port.
func (p *Pty) Path() string { return p.path }

// Plugged reports whether the cable is in.
func (p *Pty) Plugged() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.master != nil
}

// Plug puts the cable in. If it is in already, nothing happens.
func (p *Pty) Plug() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	if p.master != nil {
		return nil
	}
	return p.renew()
}

// Unplug pulls the cable: the link vanishes and whoever has the port open gets
// an error from Read and Write.
func (p *Pty) Unplug() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	return p.pull()
}

// Close pulls the cable for good; a Read that waits returns io.EOF.
func (p *Pty) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	return p.pull()
}

// pull needs mu.
func (p *Pty) pull() error {
	defer p.turned()
	if p.master == nil {
		return nil
	}
	err := os.Remove(p.path)
	if errors.Is(err, os.ErrNotExist) { // someone tidied up the folder
		err = nil
	}
	err = errors.Join(err, p.master.Close())
	p.master, p.used = nil, false
	return err
}

// renew puts a new pseudo-terminal behind the link. It needs mu.
func (p *Pty) renew() error {
	blocking, slave, err := pty.Open()
	if err != nil {
		return fmt.Errorf("port %s: %w", p.path, err)
	}
	defer slave.Close()
	master, err := pollable(blocking)
	if err != nil {
		return fmt.Errorf("port %s: %w", p.path, err)
	}
	// A new pseudo-terminal echoes; raw mode stays with it when we let go.
	if _, err := term.MakeRaw(int(slave.Fd())); err != nil {
		return errors.Join(fmt.Errorf("port %s: %w", p.path, err), master.Close())
	}
	tmp := p.path + ".new"
	_ = os.Remove(tmp) // left by a run that was killed
	if err := os.Symlink(slave.Name(), tmp); err != nil {
		return errors.Join(fmt.Errorf("port %s: %w", p.path, err), master.Close())
	}
	if err := os.Rename(tmp, p.path); err != nil {
		return errors.Join(fmt.Errorf("port %s: %w", p.path, err), master.Close())
	}
	if p.master != nil {
		_ = p.master.Close()
	}
	p.master, p.used = master, false
	p.turned()
	return nil
}

// pollable turns a file that blocks in the kernel, as the pty library leaves its
// own, into one whose reads end when it is closed. It closes f.
func pollable(f *os.File) (*os.File, error) {
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// turned wakes whoever waits for a change. It needs mu.
func (p *Pty) turned() {
	close(p.turn)
	p.turn = make(chan struct{})
}

// end returns the present master, nil while unplugged, and the channel that
// closes when it is replaced.
func (p *Pty) end() (*os.File, <-chan struct{}, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, nil, io.EOF
	}
	return p.master, p.turn, nil
}

// Read returns what the lane sent. It waits while the cable is out or nobody
// has the port open, and returns io.EOF once the Pty is closed.
func (p *Pty) Read(b []byte) (int, error) {
	for {
		master, turn, err := p.end()
		if err != nil {
			return 0, err
		}
		if master == nil {
			<-turn
			continue
		}
		p.noteUse(master)
		n, err := master.Read(b)
		if n > 0 {
			p.mu.Lock()
			p.used = p.used || p.master == master
			p.mu.Unlock()
			return n, nil
		}
		if err != nil { // nobody has the far end open, or the cable was pulled
			p.afterHangup(master, turn)
		}
	}
}

// noteUse remembers that somebody has master's far end open, if so.
func (p *Pty) noteUse(master *os.File) bool {
	open := isOpen(master)
	p.mu.Lock()
	defer p.mu.Unlock()
	if open && p.master == master {
		p.used = true
	}
	return open
}

// afterHangup waits a moment, and gives the next program a fresh
// pseudo-terminal if one has left.
func (p *Pty) afterHangup(master *os.File, turn <-chan struct{}) {
	timer := time.NewTimer(hangupPoll)
	defer timer.Stop()
	select {
	case <-turn:
		return
	case <-timer.C:
	}
	if p.noteUse(master) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.used && p.master == master && !p.closed {
		_ = p.renew() // if no pseudo-terminal is to be had, the old one stays
	}
}

// Write sends b to the lane. While the cable is out or nobody has the port
// open the bytes are lost, and so is the rest when the lane does not read.
func (p *Pty) Write(b []byte) (int, error) {
	master, _, err := p.end()
	if err != nil {
		return 0, ErrClosed
	}
	if master == nil || !isOpen(master) {
		return len(b), nil
	}
	p.push(master, b)
	return len(b), nil
}

// push writes b, or what of it the kernel takes. Patience is counted in tries,
// not by the clock: a machine that stood still for a moment loses nothing.
func (p *Pty) push(master *os.File, b []byte) {
	for try := 0; len(b) > 0 && try < overrunTries; {
		n, err := writeNow(master, b)
		b = b[n:]
		switch {
		case n > 0:
			try = 0
		case errors.Is(err, unix.EAGAIN):
			try++
			time.Sleep(hangupPoll)
		case !errors.Is(err, unix.EINTR): // pulled: lost, as on a wire
			return
		}
	}
}

func writeNow(f *os.File, b []byte) (int, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	n := 0
	cerr := raw.Control(func(fd uintptr) { n, err = unix.Write(int(fd), b) })
	return max(0, n), errors.Join(cerr, err)
}

// Open reports whether a program has the port open.
func (p *Pty) Open() bool {
	master, _, err := p.end()
	return err == nil && master != nil && isOpen(master)
}

// isOpen asks the kernel whether the far end of master is open.
func isOpen(master *os.File) bool {
	raw, err := master.SyscallConn()
	if err != nil {
		return false
	}
	open := false
	_ = raw.Control(func(fd uintptr) {
		set := []unix.PollFd{{Fd: int32(fd)}}
		_, err := unix.Poll(set, 0)
		for errors.Is(err, unix.EINTR) { // the scheduler's own signals, on a busy machine
			_, err = unix.Poll(set, 0)
		}
		open = err == nil && set[0].Revents&unix.POLLHUP == 0
	})
	return open
}
