package zvt_test

import (
	"bufio"
	"io"
	"testing"
	"time"

	"kassa/device/devicetest"
	"kassa/device/sim"
	"kassa/device/terminal"
	"kassa/device/terminal/zvt"
)

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

func TestConformance(t *testing.T) {
	for _, tt := range []struct {
		name   string
		sim    sim.ZVTOptions
		change func(*zvt.Config)
	}{
		{"takes back what nobody heard", sim.ZVTOptions{}, nil},
		{"keeps what nobody heard", sim.ZVTOptions{KeepUnheard: true}, nil},
		{"stores what it declined", sim.ZVTOptions{StoreDeclined: true}, nil},
		{"unknown bitmap", sim.ZVTOptions{Extra: []byte{0x92, 0x01, 0x02}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			devicetest.TestTerminal(t, func(t *testing.T) devicetest.TerminalBench {
				z := newSim(t, tt.sim)
				return devicetest.TerminalBench{
					Addr: z.Addr(), Person: z, Charges: func() int { return len(z.Charges()) },
					New:   func(addr string) terminal.Terminal { return newTerminal(t, addr, tt.change) },
					Split: splitMessages, Currency: euro,
				}
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
