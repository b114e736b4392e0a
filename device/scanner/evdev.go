package scanner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"kassa/device/link"
)

// evdev reads a scanner that types like a keyboard, from the kernel's input
// node, which it grabs: else the codes would be typed into the console too.
type evdev struct {
	cfg     Config
	path    string
	letters []Letter
	open    func(ctx context.Context, path string) (grabber, error)
}

// A grabber is an open input node.
type grabber interface {
	link.Conn
	// Grab keeps the node's events from everybody else until it is closed.
	Grab() error
}

// Times of a keyboard wedge.
const (
	wedgeGap = 300 * time.Millisecond // keys are 2 to 20 ms apart
	// wedgeQuiet is waited for after the grab: a code that was being typed
	// then has lost its beginning.
	wedgeQuiet     = 100 * time.Millisecond
	wedgeQuietMost = time.Second
	// wedgeQueue is how many codes wait for a lane that is busy. What comes
	// when it is full is lost: the kernel holds less than one.
	wedgeQueue = 64
)

func newEvdev(cfg Config) (unit, error) {
	path, ok := strings.CutPrefix(cfg.Port, "evdev:")
	if !ok || !filepath.IsAbs(path) {
		return nil, fmt.Errorf("port %q: want evdev:/dev/input/by-id/NAME", cfg.Port)
	}
	letters, err := lettersOf(cfg.Letters)
	if err != nil {
		return nil, err
	}
	return &evdev{cfg: cfg, path: path, letters: letters, open: openInput}, nil
}

// dial opens the node, grabs it and waits until no key is pressed.
func (e *evdev) dial(ctx context.Context) (link.Conn, error) {
	node, err := e.open(ctx, e.path)
	if err != nil {
		return nil, err
	}
	if err := node.Grab(); err != nil {
		return nil, errors.Join(fmt.Errorf("grab %s: %w", e.path, err), node.Close())
	}
	if err := hush(ctx, node); err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", e.path, lost(err)), node.Close())
	}
	return node, nil
}

// hush reads until nothing has come for a while.
func hush(ctx context.Context, node link.Conn) error {
	buf := make([]byte, 64*recordBytes)
	for end := time.Now().Add(wedgeQuietMost); time.Now().Before(end) && ctx.Err() == nil; {
		if err := node.SetReadDeadline(time.Now().Add(wedgeQuiet)); err != nil {
			return err
		}
		if _, err := node.Read(buf); errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// read has one goroutine do nothing but read the node, and delivers what it
// finds.
func (e *evdev) read(ctx context.Context, conn link.Conn, deliver func(code []byte)) error {
	codes := make(chan []byte, wedgeQueue)
	var err error
	go func() {
		defer close(codes)
		err = e.keys(ctx, conn, codes)
	}()
	for code := range codes {
		deliver(identify(code, e.letters))
	}
	return fmt.Errorf("%s: %w", e.path, lost(err))
}

// keys reads the node until it breaks.
func (e *evdev) keys(ctx context.Context, conn link.Conn, codes chan<- []byte) error {
	w := newWedge(wedgeGap)
	emit := func(code []byte) {
		select {
		case codes <- code:
		default:
			e.cfg.Log.ErrorContext(ctx, "code lost: the lane takes none", "bytes", len(code))
		}
	}
	buf := make([]byte, 64*recordBytes)
	for {
		var deadline time.Time
		if w.pending() {
			deadline = time.Now().Add(wedgeGap)
		}
		if err := conn.SetReadDeadline(deadline); err != nil {
			return err
		}
		n, err := conn.Read(buf)
		dropped := w.dropped
		w.records(buf[:n], emit)
		if err != nil {
			w.giveUp()
		}
		if w.dropped != dropped {
			e.cfg.Log.WarnContext(ctx, "damaged code dropped", "bytes", w.dropped-dropped)
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
}

// lost names the ways in which a node can vanish.
func lost(err error) error {
	if errors.Is(err, syscall.ENODEV) || errors.Is(err, syscall.EIO) || errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) {
		return fmt.Errorf("%w: %w", link.ErrGone, err)
	}
	return err
}

// ioctls of input nodes (input.h).
const (
	eviocgrab     = 0x40044590
	eviocsclockid = 0x400445a0
)

// An inputNode is the kernel's.
type inputNode struct{ *os.File }

// openInput opens a node without blocking, so that Close ends a Read.
func openInput(_ context.Context, path string) (grabber, error) {
	f, err := openNode(path, "input")
	if err != nil {
		return nil, err
	}
	return inputNode{f}, nil
}

// openNode opens a device node for reading, in group by the kernel's habit.
func openNode(path, group string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("open %s: not plugged in, or another path: %w", path, err)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("open %s: the user must be in its group, %s as a rule: %w", path, group, err)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return os.NewFile(uintptr(fd), path), nil
}

// Grab also has the kernel stamp events by a clock that nobody sets: a pause is
// measured by it.
func (n inputNode) Grab() error {
	err := ioctl(n.File, func(fd int) error { return unix.IoctlSetInt(fd, eviocgrab, 1) })
	switch {
	case errors.Is(err, syscall.EBUSY):
		return fmt.Errorf("another program has it: %w", err)
	case errors.Is(err, syscall.ENOTTY), errors.Is(err, syscall.EINVAL):
		return fmt.Errorf("not an input device: %w", err)
	case err != nil:
		return err
	}
	return ioctl(n.File, func(fd int) error {
		return unix.IoctlSetPointerInt(fd, eviocsclockid, unix.CLOCK_MONOTONIC)
	})
}

// ioctl runs an ioctl without making the file block, as File.Fd would.
func ioctl(f *os.File, do func(fd int) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	if cerr := raw.Control(func(fd uintptr) { err = do(int(fd)) }); cerr != nil {
		return cerr
	}
	return err
}
