package sim

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// await polls until cond holds.
func await(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !cond(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 5 s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// newEcho returns a port whose device sends back what it hears.
func newEcho(t *testing.T) *Pty {
	t.Helper()
	p, err := NewPty(filepath.Join(t.TempDir(), "dev", "echo"))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		buf := make([]byte, 64)
		for {
			n, err := p.Read(buf)
			if err != nil {
				ended <- err
				return
			}
			_, _ = p.Write(buf[:n])
		}
	}()
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, io.EOF) {
			t.Errorf("Read of a closed port = %v, want io.EOF", err)
		}
		if _, err := os.Lstat(p.Path()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("link after Close: %v", err)
		}
	})
	return p
}

// dial opens the far end as a program does.
func dial(t *testing.T, p *Pty) *os.File {
	t.Helper()
	f, err := os.OpenFile(p.Path(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func echo(t *testing.T, f *os.File, s string) {
	t.Helper()
	if _, err := f.WriteString(s); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(s))
	if _, err := io.ReadFull(f, got); err != nil || string(got) != s {
		t.Fatalf("echo of %q = %q, %v", s, got, err)
	}
}

func TestPtyIsRawFromTheStart(t *testing.T) {
	p := newEcho(t)
	f := dial(t, p)
	defer f.Close()
	echo(t, f, "a\r\n\x00\x03\x04\x11\x13\xff")
}

func TestPtyUnplug(t *testing.T) {
	p := newEcho(t)
	for range 20 {
		f := dial(t, p)
		echo(t, f, "x")
		if err := p.Unplug(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(p.Path()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("link while unplugged: %v", err)
		}
		if n, err := f.Read(make([]byte, 1)); err == nil {
			t.Errorf("Read of a pulled port = %d bytes, no error", n)
		}
		f.Close()
		if n, err := p.Write([]byte("lost")); n != 4 || err != nil {
			t.Errorf("Write while unplugged = %d, %v", n, err)
		}
		if err := errors.Join(p.Unplug(), p.Plug(), p.Plug()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPtyIsFreshForEachProgram(t *testing.T) {
	p := newEcho(t)
	for range 5 {
		before, err := os.Readlink(p.Path())
		if err != nil {
			t.Fatal(err)
		}
		f := dial(t, p)
		await(t, "the device sees that it is open", p.Open)
		echo(t, f, "x")
		f.Close()
		await(t, "another pseudo-terminal is behind the link", func() bool {
			now, err := os.Readlink(p.Path())
			return err == nil && now != before
		})
	}
}

func TestPtyLosesWhatNobodyReads(t *testing.T) {
	p := newEcho(t)
	if _, err := p.Write([]byte("lost")); err != nil {
		t.Fatal(err)
	}
	f := dial(t, p)
	defer f.Close()
	echo(t, f, "kept")
}

func TestPtyReplacesALeftOverLink(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scale")
	for _, name := range []string{path, path + ".new"} {
		if err := os.Symlink("/dev/pts/absent", name); err != nil {
			t.Fatal(err)
		}
	}
	p, err := NewPty(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	dial(t, p).Close()
}
