package sim

import (
	"io"
	"path/filepath"
	"testing"
	"time"
)

func newBoardTest(t *testing.T) (*Board, io.ReadWriteCloser, chan struct{}) {
	t.Helper()
	changed := make(chan struct{}, 100)
	b, err := NewBoard(filepath.Join(t.TempDir(), "panel"), func() { changed <- struct{}{} })
	if err != nil {
		t.Fatal(err)
	}
	f := dial(t, b.Pty)
	t.Cleanup(func() {
		_ = f.Close()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	await(t, "the board sees that it is open", b.Open)
	return b, f, changed
}

// answer reads what the board has to say, want bytes long.
func answer(t *testing.T, f io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(f, got); err != nil || string(got) != want {
		t.Errorf("board said %q, %v, want %q", got, err, want)
	}
}

func TestBoardObeys(t *testing.T) {
	b, f, changed := newBoardTest(t)
	send := func(s string) {
		if _, err := io.WriteString(f, s); err != nil {
			t.Fatal(err)
		}
	}
	send("LAMP green on\nLAMP green on\r\nLAMP wh")
	send("ite blink\n")
	<-changed
	<-changed
	if got, want := b.Lamps(), (BoardLamps{BoardOn, BoardOff, BoardBlink}); got != want {
		t.Errorf("lamps = %v, want %v", got, want)
	}
	send("DRAWER 150\n")
	<-changed
	if p, n := b.Pulses(); n != 1 || len(p) != 1 || p[0].Length != 150*time.Millisecond || p[0].At.IsZero() {
		t.Errorf("pulses = %v, %d", p, n)
	}
	for i, bad := range []string{"LAMP blue on", "LAMP red", "LAMP red dim", "DRAWER 0", "DRAWER 501", "DRAWER x", "\x00\xff"} {
		send(bad + "\n")
		answer(t, f, "UNKNOWN "+string(rune('1'+i))+"\r\n")
	}
	if got, want := b.Lamps(), (BoardLamps{BoardOn, BoardOff, BoardBlink}); got != want {
		t.Errorf("lamps after nonsense = %v, want %v", got, want)
	}
	if err := b.Unplug(); err != nil {
		t.Fatal(err)
	}
	<-changed
	if b.Lamps() != darkBoard() {
		t.Errorf("lamps without power = %v", b.Lamps())
	}
}

func TestBoardSpeaks(t *testing.T) {
	b, f, _ := newBoardTest(t)
	for _, act := range []struct {
		do   func() error
		says string
	}{
		{func() error { return b.Button(true) }, "BUTTON down\r\n"},
		{func() error { return b.Door(true) }, "DOOR open\r\n"},
		{func() error { _, err := io.WriteString(f, "STATE\n"); return err }, "BUTTON down\r\nDOOR open\r\n"},
		{func() error { return b.Button(false) }, "BUTTON up\r\n"},
		{func() error { return b.Door(false) }, "DOOR closed\r\n"},
	} {
		if err := act.do(); err != nil {
			t.Fatal(err)
		}
		answer(t, f, act.says)
	}
}

func TestLineScannerSends(t *testing.T) {
	for _, o := range []LineScannerOptions{
		{},
		{Prefix: "\x02", Suffix: "\x03\r\n"},
		{ByteTime: 100 * time.Microsecond},
	} {
		s, err := NewLineScanner(filepath.Join(t.TempDir(), "scanner"), o)
		if err != nil {
			t.Fatal(err)
		}
		f := dial(t, s.Pty)
		await(t, "the scanner sees that it is open", s.Open)
		if err := s.Scan("]E04006381333931"); err != nil {
			t.Error(err)
		}
		suffix := o.Suffix
		if suffix == "" {
			suffix = "\r"
		}
		answer(t, f, o.Prefix+"]E04006381333931"+suffix)
		_ = f.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Scan("x"); err == nil {
			t.Error("scanned with a scanner that is closed")
		}
	}
}
