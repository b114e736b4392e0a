package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"

	"go.bug.st/serial"
)

// DefaultLine is what an empty line setting means.
const DefaultLine = "9600 8N1"

// Errors of a connection that a caller may test for.
var (
	ErrGone  = errors.New("device is gone")           // pulled, or the far end hung up
	ErrStuck = errors.New("device takes no bytes")    // a write did not end in time
	ErrRead  = errors.New("port cannot be read from") // the serial library gave up
)

// A Conn is an open port. Read blocks until bytes, an error or the deadline
// (os.ErrDeadlineExceeded), and never returns 0, nil. Write ends within
// WriteTimeout or the port is lost (ErrStuck). After Close both return an error
// that is net.ErrClosed. One goroutine reads and sets the deadline; any may
// write or close.
type Conn interface {
	io.ReadWriteCloser
	SetReadDeadline(t time.Time) error
}

const (
	// WriteTimeout is how long one Write may take. Frames are short; a device
	// that stops taking bytes for this long is treated as unplugged.
	WriteTimeout = 2 * time.Second
	dialTimeout  = 3 * time.Second
)

// Open opens a port: a device path with its line setting ("" means
// DefaultLine), tcp://host:port or unix:///path. Bytes that a serial device
// sent before Open are thrown away.
func Open(ctx context.Context, port, line string) (Conn, error) {
	p, l, err := parse(port, line)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p.Kind == Device {
		return openSerial(p.Name, l)
	}
	network := "tcp"
	if p.Kind == Unix {
		network = "unix"
	}
	// Keep-alive finds a serial server that lost its power within about 15 s.
	d := net.Dialer{Timeout: dialTimeout, KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 5 * time.Second, Interval: 3 * time.Second, Count: 3,
	}}
	c, err := d.DialContext(ctx, network, p.Name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", p, err)
	}
	return &netConn{Conn: c, name: p.String()}, nil
}

// Discard throws away what has arrived on c and was not read, so that an
// answer can only belong to the question asked next.
func Discard(c Conn) error {
	if f, ok := c.(interface{ discard() error }); ok {
		return f.discard()
	}
	// Sockets have no call for this: read until nothing comes at once.
	buf := make([]byte, 256)
	for range 64 {
		if err := c.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
			return err
		}
		if _, err := c.Read(buf); errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return errors.New("discard: device does not stop sending")
}

func openSerial(name string, l Line) (Conn, error) {
	lock, err := lockSerial(name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	p, err := serial.Open(name, l.mode())
	if err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("open %s: %w", name, openError(err))
	}
	c := &serialConn{name: name, port: p, lock: lock}
	if err := c.discard(); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return c, nil
}

// lockSerial takes a line for this process. The exclusive mode in which the
// library opens it does not keep root out, who would take half of the bytes from
// a running lane. A line that cannot be locked for another reason is not: opening
// says what is wrong with it.
func lockSerial(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // see above; a nil file's Close is harmless
	}
	if errors.Is(flock(f), syscall.EWOULDBLOCK) {
		_ = f.Close()
		return nil, fmt.Errorf("another program has it open: %w", syscall.EBUSY)
	}
	return f, nil
}

func flock(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var locked error
	err = raw.Control(func(fd uintptr) { locked = syscall.Flock(int(fd), syscall.LOCK_EX|syscall.LOCK_NB) })
	return errors.Join(err, locked)
}

// openError says in a person's words what the library's codes mean. A missing
// node comes as a plain ENOENT, not as the library's PortNotFound.
func openError(err error) error {
	var pe *serial.PortError
	if !errors.As(err, &pe) {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("not plugged in, or another path: %w", err)
		}
		return err
	}
	if say, ok := map[serial.PortErrorCode]error{
		serial.PortBusy:          fmt.Errorf("another program has it open: %w", syscall.EBUSY),
		serial.PermissionDenied:  fmt.Errorf("the user must be in the group dialout: %w", fs.ErrPermission),
		serial.InvalidSerialPort: fmt.Errorf("not a serial line: %w", err),
	}[pe.Code()]; ok {
		return say
	}
	return err
}

// A netConn bounds every write.
type netConn struct {
	net.Conn
	name string
}

func (c *netConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil {
		err = fmt.Errorf("%s: %w", c.name, gone(err))
	}
	return n, err
}

func (c *netConn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(WriteTimeout)); err != nil {
		return 0, fmt.Errorf("%s: %w", c.name, gone(err))
	}
	n, err := c.Conn.Write(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = ErrStuck
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", c.name, gone(err))
	}
	return n, err
}

// gone names the ways in which a far end can vanish.
func gone(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EIO) || errors.Is(err, syscall.ENODEV) || errors.Is(err, syscall.ENXIO) {
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	return err
}
