package nexo_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"sync"
	"testing"
	"time"

	"kassa/device/devicetest"
	"kassa/device/sim"
	"kassa/device/terminal"
	"kassa/device/terminal/nexo"
)

var euro = terminal.Currency{Numeric: 978, Exponent: 2}

const passphrase = "a long passphrase, of course"

func encrypted() sim.NexoOptions {
	return sim.NexoOptions{Passphrase: passphrase, KeyID: "lane-key", KeyVersion: 3}
}

// laneKey is derived once: that takes a while.
var laneKey = sync.OnceValue(func() *nexo.Key {
	o := encrypted()
	k, err := nexo.NewKey(o.KeyID, o.KeyVersion, o.Passphrase)
	if err != nil {
		panic(err)
	}
	return k
})

func newSim(t *testing.T, o sim.NexoOptions) *sim.Nexo {
	t.Helper()
	if o.CardWait == 0 {
		o.CardWait = 24 * time.Hour // nobody is late on a busy machine
	}
	n, err := sim.NewNexo("127.0.0.1:0", sim.NewClock(2000), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	return n
}

// configFor is that of a lane that knows n.
func configFor(t *testing.T, n *sim.Nexo, o sim.NexoOptions) nexo.Config {
	t.Helper()
	c := nexo.Config{
		Addr: n.Addr(), POIID: n.POIID(), SaleID: "0421-1", Currency: euro, Code: "EUR",
		CA: n.CA(), Names: []string{n.Name()}, Pause: 5 * time.Millisecond,
		Answer: 5 * time.Second, Payment: 20 * time.Second,
	}
	if o.Passphrase != "" {
		c.Key = laneKey()
		if o.Passphrase != passphrase {
			var err error
			if c.Key, err = nexo.NewKey(o.KeyID, o.KeyVersion, o.Passphrase); err != nil {
				t.Fatal(err)
			}
		}
	}
	return c
}

func newTerminal(t *testing.T, c nexo.Config) *nexo.Terminal {
	t.Helper()
	d, err := nexo.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestConformance(t *testing.T) {
	pinned := sim.NexoOptions{RepeatDuplicates: true}
	for _, tt := range []struct {
		name string
		sim  sim.NexoOptions
		pin  bool
	}{
		{"encrypted, known by its CA", encrypted(), false},
		{"in the clear, known by its CA", sim.NexoOptions{}, false},
		{"in the clear, known by its fingerprint, repeats duplicates", pinned, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			devicetest.TestTerminal(t, func(t *testing.T) devicetest.TerminalBench {
				n := newSim(t, tt.sim)
				c := configFor(t, n, tt.sim)
				if tt.pin {
					c.CA, c.Names, c.Pin = nil, nil, n.Fingerprint()
				}
				return devicetest.TerminalBench{
					Addr: n.Addr(), Person: n, Charges: func() int { return len(n.Charges()) },
					New: func(addr string) terminal.Terminal {
						c.Addr = addr
						return newTerminal(t, c)
					},
					Split: splitRecords, Currency: euro,
				}
			})
		})
	}
}

// splitRecords reads one TLS record off the line.
func splitRecords(r *bufio.Reader) ([]byte, error) {
	head, err := r.Peek(5)
	if err != nil {
		return nil, err
	}
	msg := make([]byte, 5+int(binary.BigEndian.Uint16(head[3:])))
	_, err = io.ReadFull(r, msg)
	return msg, err
}
