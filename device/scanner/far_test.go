package scanner_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kassa/device/link"
	"kassa/device/scanner"
	"kassa/device/sim"
)

// A lane runs one scanner and keeps its codes and whether it is up.
type lane struct {
	*scanner.Scanner
	codes chan string
	up    chan link.Status
}

func runLane(t *testing.T, cfg scanner.Config) *lane {
	t.Helper()
	l := &lane{codes: make(chan string, 100), up: make(chan link.Status, 1000)}
	cfg.Link = link.Options{First: 5 * time.Millisecond, Longest: 20 * time.Millisecond, Report: func(s link.Status) { l.up <- s }}
	s, err := scanner.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l.Scanner = s
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, func(c scanner.Scan) { l.codes <- string(c.Code) }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run() = %v", err)
		}
	})
	return l
}

func (l *lane) until(t *testing.T, up bool) {
	t.Helper()
	for {
		select {
		case s := <-l.up:
			if s.Up == up {
				return
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("never reported up=%v", up)
		}
	}
}

func (l *lane) want(t *testing.T, codes ...string) {
	t.Helper()
	for _, want := range codes {
		select {
		case got := <-l.codes:
			if got != want {
				t.Fatalf("code = %.60q, want %.60q", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no code, want %.60q", want)
		}
	}
	select {
	case got := <-l.codes:
		t.Fatalf("code %.60q, want none", got)
	case <-time.After(30 * time.Millisecond):
	}
}

func devPath(t *testing.T) string { return filepath.Join(t.TempDir(), "dev", "port") }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newSSI(t *testing.T) *sim.SSIScanner {
	t.Helper()
	far, err := sim.NewSSIScanner(devPath(t), sim.SSIScannerOptions{Timeout: 100 * time.Millisecond, Room: 50})
	must(t, err)
	t.Cleanup(func() { must(t, far.Close()) })
	return far
}

// A packet that is spoiled on the way is asked for again; one whose ACK is lost
// is sent again and counts once, in the middle of a long code too.
func TestSSILosses(t *testing.T) {
	t.Parallel()
	far := newSSI(t)
	l := runLane(t, scanner.Config{Protocol: "ssi", Port: far.Path()})
	l.until(t, true)
	long := "]d2" + string(make([]byte, 200)) + "end"
	for _, code := range []string{"]E04006381333931", long} {
		for n := range 3 {
			far.Corrupt(n)
			must(t, far.Scan(code))
			l.want(t, code)
		}
		for n := range 3 {
			far.Deafen(n)
			must(t, far.Scan(code))
			l.want(t, code)
		}
	}
}

// A scanner whose handshake is off learns it first.
func TestSSIWithoutHandshake(t *testing.T) {
	t.Parallel()
	far, err := sim.NewSSIScanner(devPath(t), sim.SSIScannerOptions{Timeout: 100 * time.Millisecond, NoACK: true})
	must(t, err)
	t.Cleanup(func() { must(t, far.Close()) })
	l := runLane(t, scanner.Config{Protocol: "ssi", Port: far.Path()})
	l.until(t, true)
	far.Deafen(1)
	must(t, far.Scan("]E04006381333931"))
	l.want(t, "]E04006381333931")
}

// A scanner that does not answer is not there.
func TestSSIMuteScanner(t *testing.T) {
	t.Parallel()
	far := newSSI(t)
	far.Mute(true)
	l := runLane(t, scanner.Config{Protocol: "ssi", Port: far.Path()})
	l.until(t, false)
	if err := l.Disable(t.Context()); !errors.Is(err, scanner.ErrAway) {
		t.Errorf("Disable() = %v, want ErrAway", err)
	}
	far.Mute(false)
	l.until(t, true)
	if far.Enabled() {
		t.Error("the wish to disable was forgotten")
	}
	far.Mute(true)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := l.Enable(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Enable() = %v, want the context's error", err)
	}
}

func TestLinesCannotBeSwitched(t *testing.T) {
	s, err := scanner.New(scanner.Config{Protocol: "lines", Port: "/dev/ttyS0"})
	must(t, err)
	if err := s.Enable(t.Context()); !errors.Is(err, scanner.ErrNoSwitch) {
		t.Errorf("Enable() = %v, want ErrNoSwitch", err)
	}
	if _, err := s.Share(); !errors.Is(err, scanner.ErrNoShare) {
		t.Errorf("Share() = %v, want ErrNoShare", err)
	}
}

// Codes and weights share a line; each side gets its own.
func TestMagellanSharedLine(t *testing.T) {
	t.Parallel()
	far, err := sim.NewMagellan(devPath(t), sim.NewClock(1000), sim.MagellanOptions{})
	must(t, err)
	t.Cleanup(func() { must(t, far.Close()) })
	l := runLane(t, scanner.Config{Protocol: "magellan", Port: far.Path()})
	dial, err := l.Share()
	must(t, err)
	l.until(t, true)
	conn, err := dial(t.Context())
	must(t, err)
	if _, err := dial(t.Context()); err == nil {
		t.Error("two scales on one line")
	}
	far.Put("apples", 1250)
	frames := bufio.NewReader(conn)
	weigh := func() string {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
			_, err := conn.Write([]byte("S14\r"))
			must(t, err)
			must(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
			frame, err := frames.ReadString('\r')
			must(t, err)
			if frame != "S141\r" { // still moving
				return frame
			}
		}
		return ""
	}
	for range 20 {
		must(t, far.Scan("]E04006381333931"))
		if frame := weigh(); frame != "S14401250\r" {
			t.Fatalf("frame = %q", frame)
		}
		l.want(t, "]E04006381333931")
	}
	must(t, link.Discard(conn))
	must(t, conn.SetReadDeadline(time.Now().Add(time.Millisecond)))
	if _, err := conn.Read(make([]byte, 8)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Read() of a quiet line = %v", err)
	}
	must(t, conn.Close())
	conn, err = dial(t.Context())
	must(t, err)
	must(t, conn.SetReadDeadline(time.Time{}))
	must(t, far.Unplug())
	if _, err := conn.Read(make([]byte, 8)); !errors.Is(err, link.ErrGone) {
		t.Errorf("Read() of a pulled line = %v, want ErrGone", err)
	}
	if _, err := conn.Write([]byte("S14\r")); !errors.Is(err, link.ErrGone) {
		t.Errorf("Write() to a pulled line = %v, want ErrGone", err)
	}
	l.until(t, false)
	if _, err := dial(t.Context()); !errors.Is(err, scanner.ErrAway) {
		t.Errorf("dial while away = %v, want ErrAway", err)
	}
}
