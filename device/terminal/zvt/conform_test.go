package zvt_test

import (
	"bufio"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kassa/device/devicetest"
	"kassa/device/link"
	"kassa/device/sim"
	"kassa/device/terminal"
	"kassa/device/terminal/zvt"
)

// TestMain lets many tests run at a time: most of them wait for a line.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "48"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

var euro = terminal.Currency{Numeric: 978, Exponent: 2}

func newTerminal(t *testing.T, addr string, change func(*zvt.Config)) *zvt.Terminal {
	t.Helper()
	dial, err := zvt.Dial("tcp://"+addr, "")
	if err != nil {
		t.Fatal(err)
	}
	c := zvt.Config{Dial: dial, Password: "123456", Currency: euro, Pause: 5 * time.Millisecond}
	if change != nil {
		change(&c)
	}
	d, err := zvt.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func newSim(t *testing.T, o sim.ZVTOptions) *sim.ZVT {
	t.Helper()
	o.Password = "123456"
	if o.CardWait == 0 {
		o.CardWait = 24 * time.Hour // nobody is late on a busy machine
	}
	z, err := sim.NewZVT("127.0.0.1:0", sim.NewClock(2000), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = z.Close() })
	return z
}

// The timers in tests that wait for them.
const (
	shortT3 = 2 * time.Second
	shortT4 = 6 * time.Second
)

// lineTimes are the timers of serial lines in tests: short, for cuts are found
// by them alone.
func lineTimes() zvt.Timing { return zvt.Timing{T2: 300 * time.Millisecond} }

// serialBench is a terminal on a serial port. Cuts are made on a TCP line that
// carries the same frames and leads there.
func serialBench(t *testing.T, o sim.ZVTOptions) devicetest.TerminalBench {
	t.Helper()
	o.Password, o.CardWait, o.Patience, o.NoPatience = "123456", 5*time.Hour, 300*time.Millisecond, true
	z, err := sim.NewSerialZVT(filepath.Join(t.TempDir(), "terminal"), sim.NewClock(2000), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = z.Close() })
	dial := func(ctx context.Context, addr string) (link.Conn, error) {
		if strings.HasPrefix(addr, "/") {
			return link.Open(ctx, addr, zvt.DefaultLine)
		}
		return link.Open(ctx, "tcp://"+addr, "")
	}
	return devicetest.TerminalBench{
		Addr: z.Addr(), Person: z, Charges: func() int { return len(z.Charges()) },
		New: func(addr string) terminal.Terminal {
			return newTerminal(t, "127.0.0.1:1", func(c *zvt.Config) {
				c.T3, c.T4 = shortT3, shortT4
				c.Dial = func(ctx context.Context) (zvt.Line, error) {
					conn, err := dial(ctx, addr)
					if err != nil {
						return nil, err
					}
					return zvt.Serial(conn, lineTimes()), nil
				}
			})
		},
		Dial:  func(ctx context.Context) (io.ReadWriteCloser, error) { return dial(ctx, z.Addr()) },
		Split: splitFrames, Currency: euro,
	}
}

func TestConformanceSerial(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]sim.ZVTOptions{
		"takes back what nobody heard": {},
		"numbers its messages":         {MessageIDs: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			devicetest.TestTerminalUncut(t, func(t *testing.T) devicetest.TerminalBench { return serialBench(t, o) })
		})
	}
}

// splitFrames reads a frame or an acknowledgement off a serial line.
func splitFrames(r *bufio.Reader) ([]byte, error) {
	var msg []byte
	for {
		c, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		msg = append(msg, c)
		n := len(msg)
		switch {
		case n == 1 && c != 0x10:
			return msg, nil
		case n < 4 || !endsFrame(msg[2:]):
			continue
		}
		sum := make([]byte, 2)
		_, err = io.ReadFull(r, sum)
		return append(msg, sum...), err
	}
}

// endsFrame reports whether b ends with DLE ETX, of which the DLE is none of
// two.
func endsFrame(b []byte) bool {
	lone := false
	for i, c := range b {
		if lone && c == 0x03 && i == len(b)-1 {
			return true
		}
		lone = c == 0x10 && !lone
	}
	return false
}

func tcpBench(t *testing.T, o sim.ZVTOptions, change func(*zvt.Config)) devicetest.TerminalBench {
	t.Helper()
	z := newSim(t, o)
	return devicetest.TerminalBench{
		Addr: z.Addr(), Person: z, Charges: func() int { return len(z.Charges()) },
		New:   func(addr string) terminal.Terminal { return newTerminal(t, addr, change) },
		Split: splitMessages, Currency: euro,
	}
}

// Every boundary of a payment, on both lines and with terminals of both minds.
func TestBoundaries(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		bench func(t *testing.T) devicetest.TerminalBench
	}{
		{"TCP, takes back", func(t *testing.T) devicetest.TerminalBench { return tcpBench(t, sim.ZVTOptions{}, nil) }},
		{"TCP, keeps", func(t *testing.T) devicetest.TerminalBench {
			return tcpBench(t, sim.ZVTOptions{KeepUnheard: true, BusyAfterLoss: 20 * time.Second}, nil)
		}},
		{"serial, takes back", func(t *testing.T) devicetest.TerminalBench { return serialBench(t, sim.ZVTOptions{}) }},
		{"serial, keeps", func(t *testing.T) devicetest.TerminalBench {
			return serialBench(t, sim.ZVTOptions{KeepUnheard: true})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			devicetest.TestTerminalBoundaries(t, strings.HasPrefix(tt.name, "serial"), tt.bench)
		})
	}
}

func TestConformance(t *testing.T) {
	for _, tt := range []struct {
		name   string
		sim    sim.ZVTOptions
		change func(*zvt.Config)
	}{
		{"takes back what nobody heard", sim.ZVTOptions{}, nil},
		{"keeps what nobody heard", sim.ZVTOptions{KeepUnheard: true}, nil},
		{"stores what it declined", sim.ZVTOptions{StoreDeclined: true}, nil},
		{"numbers its messages", sim.ZVTOptions{MessageIDs: true}, func(c *zvt.Config) { c.MessageIDs = true }},
		{"unknown bitmap", sim.ZVTOptions{Extra: []byte{0x92, 0x01, 0x02}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			devicetest.TestTerminal(t, func(t *testing.T) devicetest.TerminalBench {
				return tcpBench(t, tt.sim, tt.change)
			})
		})
	}
}

// splitMessages reads one message off the line.
func splitMessages(r *bufio.Reader) ([]byte, error) {
	head, err := r.Peek(3)
	if err != nil {
		return nil, err
	}
	n := 3 + int(head[2])
	if head[2] == 0xFF {
		if head, err = r.Peek(5); err != nil {
			return nil, err
		}
		n = 5 + int(head[3]) + int(head[4])<<8
	}
	msg := make([]byte, n)
	_, err = io.ReadFull(r, msg)
	return msg, err
}
