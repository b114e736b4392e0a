package link

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/creack/pty"
)

// fakeRaw stands for the serial library in the states a pty cannot be brought into.
type fakeRaw struct {
	read   func([]byte) (int, error)
	write  func([]byte) (int, error)
	wait   time.Duration
	closed bool

	onClose func()
}

func (f *fakeRaw) Read(b []byte) (int, error)  { return f.read(b) }
func (f *fakeRaw) Write(b []byte) (int, error) { return f.write(b) }
func (f *fakeRaw) SetReadTimeout(d time.Duration) error {
	f.wait = d
	return nil
}
func (f *fakeRaw) ResetInputBuffer() error { return nil }
func (f *fakeRaw) Close() error {
	f.closed = true
	if f.onClose != nil {
		f.onClose()
	}
	return nil
}

func TestReadPanicBecomesAnError(t *testing.T) {
	c := &serialConn{port: &fakeRaw{read: func([]byte) (int, error) {
		var set [16]int64
		at := 1024
		return int(set[at/64]), nil
	}}}
	if _, err := c.Read(make([]byte, 8)); !errors.Is(err, ErrRead) {
		t.Errorf("Read() = %v, want ErrRead", err)
	}
}

// The library closes the descriptor before it wakes its readers, so nobody may
// be inside Read when we let it close.
func TestCloseWaitsForTheReader(t *testing.T) {
	var closed atomic.Bool
	began := make(chan struct{}, 100)
	raw := &fakeRaw{}
	raw.read = func([]byte) (int, error) {
		if raw.wait <= 0 || raw.wait > readSlice {
			t.Errorf("read may take %v", raw.wait)
		}
		began <- struct{}{}
		<-time.After(raw.wait)
		if closed.Load() {
			t.Error("closed under a reader")
		}
		return 0, nil
	}
	raw.onClose = func() { closed.Store(true) }
	c := &serialConn{port: raw}
	ended := make(chan error, 1)
	go func() {
		_, err := c.Read(make([]byte, 8))
		ended <- err
	}()
	<-began
	<-began // it has come out once, to look whether it should stop
	if err := c.Close(); err != nil || !closed.Load() {
		t.Errorf("Close() = %v, closed %v", err, closed.Load())
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Read() = %v, want net.ErrClosed", err)
	}
}

func TestStuckWriteLosesThePort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unplugged := make(chan struct{})
		raw := &fakeRaw{write: func(b []byte) (int, error) { <-unplugged; return len(b), nil }}
		c := &serialConn{port: raw}
		start := time.Now()
		if _, err := c.Write([]byte("W")); !errors.Is(err, ErrStuck) {
			t.Errorf("Write() = %v, want ErrStuck", err)
		}
		if took := time.Since(start); took != WriteTimeout {
			t.Errorf("Write() took %v, want %v", took, WriteTimeout)
		}
		if _, err := c.Write([]byte("W")); !errors.Is(err, ErrStuck) {
			t.Errorf("second Write() = %v, want ErrStuck at once", err)
		}
		if err := c.Close(); err != nil || !raw.closed {
			t.Errorf("Close() = %v, closed %v", err, raw.closed)
		}
		close(unplugged)
	})
}

func TestShortWritesAreCompleted(t *testing.T) {
	var got []byte
	c := &serialConn{port: &fakeRaw{write: func(b []byte) (int, error) {
		got = append(got, b[0])
		return 1, nil
	}}}
	if n, err := c.Write([]byte("LAMP")); n != 4 || err != nil || string(got) != "LAMP" {
		t.Errorf("Write() = %d, %v, device saw %q", n, err, got)
	}
}

func TestNoWriteAfterClose(t *testing.T) {
	raw := &fakeRaw{
		write: func([]byte) (int, error) { t.Error("written after Close"); return 0, nil },
		read:  func([]byte) (int, error) { t.Error("read after Close"); return 0, nil },
	}
	c := &serialConn{port: raw}
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Write() = %v, want net.ErrClosed", err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Read() = %v, want net.ErrClosed", err)
	}
}

func TestOpenOnPty(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	name := slave.Name()
	slave.Close()
	c, err := Open(t.Context(), name, "9600 7E1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()

	buf := make([]byte, 8)
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if _, err := c.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Read() of silence = %v, want the deadline", err)
	}
	if _, err := master.WriteString("\x0212"); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Time{})
	if n, err := c.Read(buf); err != nil || n == 0 || buf[0] != 2 {
		t.Errorf("Read() = %q, %v", buf[:n], err)
	}
	if err := Discard(c); err != nil {
		t.Errorf("Discard() = %v", err)
	}
	if _, err := c.Write([]byte("W")); err != nil {
		t.Errorf("Write() = %v", err)
	}
	if n, err := master.Read(buf); err != nil || string(buf[:n]) != "W" {
		t.Errorf("device saw %q, %v, want W", buf[:n], err)
	}

	master.Close()
	if _, err := c.Read(buf); !errors.Is(err, ErrGone) {
		t.Errorf("Read() after unplugging = %v, want ErrGone", err)
	}
	if _, err := c.Write([]byte("W")); !errors.Is(err, ErrGone) {
		t.Errorf("Write() after unplugging = %v, want ErrGone", err)
	}
}

func TestCloseEndsABlockedRead(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer slave.Close()
	c, err := Open(t.Context(), slave.Name(), "")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := c.Read(make([]byte, 1))
		ended <- err
	}()
	_ = c.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Read() = %v, want net.ErrClosed", err)
	}
}

func TestOpenErrorsSayWhatToDo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), file+"-absent", ""); !errors.Is(err, fs.ErrNotExist) ||
		!strings.Contains(err.Error(), "not plugged in") {
		t.Errorf("Open() of nothing = %v", err)
	}
	if _, err := Open(t.Context(), file, ""); err == nil || !strings.Contains(err.Error(), "not a serial line") {
		t.Errorf("Open() of a file = %v", err)
	}
	if _, err := Open(t.Context(), "/dev/null", "9600 9N1"); err == nil || !strings.Contains(err.Error(), "data bits") {
		t.Errorf("Open() with a bad line = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, "/dev/null", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("Open() when cancelled = %v", err)
	}
}

func TestOpenTCPAndUnix(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		at := "127.0.0.1:0"
		if network == "unix" {
			at = filepath.Join(t.TempDir(), "s")
		}
		l, err := net.Listen(network, at)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Open(t.Context(), network+"://"+l.Addr().String(), "")
		if err != nil {
			t.Fatal(err)
		}
		peer, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := peer.Write([]byte("old answer")); err != nil {
			t.Fatal(err)
		}
		first := make([]byte, 1)
		if _, err := c.Read(first); err != nil { // the answer has arrived
			t.Fatal(err)
		}
		if err := Discard(c); err != nil {
			t.Errorf("%s: Discard() = %v", network, err)
		}
		_ = c.SetReadDeadline(time.Now())
		if n, err := c.Read(first); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: Read() after Discard = %d, %v, want nothing left", network, n, err)
		}
		_ = c.SetReadDeadline(time.Time{})
		peer.Close()
		if _, err := c.Read(first); !errors.Is(err, ErrGone) {
			t.Errorf("%s: Read() after a hang-up = %v, want ErrGone", network, err)
		}
		_ = c.Close()
		_ = l.Close()
	}
}

// A line that one program has open is refused to a second, also to root.
func TestSerialIsHeldByOne(t *testing.T) {
	far, near, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	defer near.Close()
	first, err := Open(t.Context(), near.Name(), "9600 8N1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), near.Name(), "9600 8N1")
	if err == nil || !strings.Contains(err.Error(), "another program has it open") {
		t.Errorf("a second time: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := Open(t.Context(), near.Name(), "9600 8N1")
	if err != nil {
		t.Fatalf("after the first closed it: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}
