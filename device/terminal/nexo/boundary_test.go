package nexo_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"kassa/device/sim"
	"kassa/device/terminal"
	"kassa/device/terminal/nexo"
)

const price = 1234

// A lane is what survives of one: its journal.
type lane struct {
	mu     sync.Mutex
	intent *terminal.Intent
}

func (l *lane) record(r terminal.Result) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.intent.Approval = r
}

func (l *lane) journal() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.intent == nil:
		return "nothing"
	case l.intent.Approval.Completed:
		return "completed"
	case l.intent.Approval.Outcome == terminal.Approved:
		return "approval"
	}
	return "intent"
}

// A boundary is one moment of a payment at which something breaks.
type boundary struct {
	name  string
	walks bool // the shopper shows no card
	// wreck prepares the break on the wire; may be nil.
	wreck func(t *testing.T, n *sim.Nexo, c *nexo.Config)
	// killAt is where the lane's process dies; "" nowhere.
	killAt string
}

// dieAt ends the calling goroutine as kill -9 ends a process: nothing it meant
// to do next is done.
func (b boundary) dieAt(point string) {
	if b.killAt == point {
		runtime.Goexit()
	}
}

// run makes a payment up to the break and returns what the lane then thinks.
func (b boundary) run(t *testing.T, d *nexo.Terminal, l *lane) (said string) {
	said = "(killed)"
	var life sync.WaitGroup
	life.Go(func() {
		ev, err := d.Prepare(context.Background())
		if err != nil {
			t.Errorf("%s: Prepare() = %v", b.name, err)
			return
		}
		b.dieAt("before the intent is on the disk")
		l.mu.Lock()
		l.intent = &terminal.Intent{Request: terminal.Request{Key: "k", Amount: price, Currency: euro, Evidence: ev}}
		req := l.intent.Request
		l.mu.Unlock()
		b.dieAt("after the intent is on the disk")
		r, _ := d.Pay(context.Background(), req, terminal.Hooks{
			Progress: func(p terminal.Progress) {
				if p.Kind == terminal.PresentCard {
					b.dieAt("after the request was sent")
				}
			},
			Recorded: func(r terminal.Result) error {
				what := "the approval"
				if r.Completed {
					what = "the completion"
				}
				b.dieAt("before " + what + " is on the disk")
				l.record(r)
				b.dieAt("after " + what + " is on the disk")
				return nil
			},
		})
		said = strings.TrimSpace(r.Outcome.String() + " " + string(r.Reason))
	})
	life.Wait()
	return said
}

func boundaries() []boundary {
	var all []boundary
	for _, walks := range []bool{false, true} {
		for _, at := range []string{
			"before the intent is on the disk", "after the intent is on the disk", "after the request was sent",
		} {
			all = append(all, boundary{name: "kill " + at, walks: walks, killAt: at})
		}
		for _, kind := range []string{"cut-before", "silence"} {
			all = append(all, boundary{name: "wire: request lost (" + kind + ")", walks: walks, wreck: fault("Payment", kind)})
		}
		all = append(all, boundary{name: "wire: cut after request", walks: walks, wreck: cutAfter("request")})
	}
	for _, at := range []string{
		"before the approval is on the disk", "after the approval is on the disk",
		"before the completion is on the disk", "after the completion is on the disk",
	} {
		all = append(all, boundary{name: "kill " + at, killAt: at})
	}
	for _, at := range []string{"card", "host", "answer"} {
		all = append(all, boundary{name: "wire: cut after " + at, wreck: cutAfter(at)})
	}
	for _, kind := range []string{"cut-after", "truncated", "bad-hmac"} {
		all = append(all, boundary{name: "wire: answer lost (" + kind + ")", wreck: fault("Payment", kind)})
	}
	for record := 1; record <= 14; record++ {
		for _, after := range []bool{false, true} {
			all = append(all, boundary{
				name: fmt.Sprintf("wire: cut %s TLS record %d", map[bool]string{false: "before", true: "behind"}[after], record),
				wreck: func(t *testing.T, n *sim.Nexo, c *nexo.Config) {
					c.Addr = throughCutter(t, n, record, after)
				},
			})
		}
	}
	return all
}

func fault(category, kind string) func(*testing.T, *sim.Nexo, *nexo.Config) {
	return func(t *testing.T, n *sim.Nexo, _ *nexo.Config) {
		if err := n.Fault(category, kind); err != nil {
			t.Fatal(err)
		}
	}
}

func cutAfter(point string) func(*testing.T, *sim.Nexo, *nexo.Config) {
	return func(t *testing.T, n *sim.Nexo, _ *nexo.Config) {
		if err := n.CutAfter(point); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBoundaries breaks a payment at each of its boundaries, starts the lane
// anew and settles. Journal and terminal must agree on one charge or none.
// With -v it prints what came of each.
func TestBoundaries(t *testing.T) {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	row := func(cells ...any) {
		_, _ = fmt.Fprintf(w, "%v\t%v\t%v\t%v\t%v\t%v\n", cells...)
	}
	row("break", "shopper", "Pay said", "on disk", "Resolve said", "charges")
	for _, b := range boundaries() {
		o := encrypted()
		n := newSim(t, o)
		c := configFor(t, n, o)
		c.Payment = 500 * time.Millisecond
		whole := c
		if b.wreck != nil {
			b.wreck(t, n, &c)
		}
		stop := person(n, b.walks)
		l := &lane{}
		said := b.run(t, newTerminal(t, c), l)
		whole.Payment = 5 * time.Second
		settled, outcome := "(nothing to settle)", terminal.Outcome(0)
		if l.intent != nil {
			r, err := newTerminal(t, whole).Resolve(t.Context(), *l.intent) // the lane anew, on a sound line
			if err != nil {
				t.Errorf("%s: Resolve() = %v", b.name, err)
			}
			outcome = r.Outcome
			settled = strings.TrimSpace(r.Outcome.String() + " " + string(r.Reason))
		}
		stop()
		charges := len(n.Charges())
		shopper := map[bool]string{false: "card", true: "walks off"}[b.walks]
		row(b.name, shopper, said, l.journal(), settled, charges)
		switch {
		case outcome == terminal.Unknown:
			t.Errorf("%s, %s: nobody knows", b.name, shopper)
		case charges > 1, (outcome == terminal.Approved) != (charges == 1):
			t.Errorf("%s, %s: the lane says %s, the terminal has %d charges", b.name, shopper, settled, charges)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", out.String())
}

// person shows a card as soon as the terminal waits for one, unless she walks
// off, until she is stopped.
func person(n *sim.Nexo, walks bool) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var she sync.WaitGroup
	she.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for !walks && ctx.Err() == nil && !n.Tap() {
			<-tick.C
		}
	})
	return func() { cancel(); she.Wait() }
}

// throughCutter stands in the line to n and cuts the second connection (the
// first one prepares) at one TLS record, counted over both directions. Later
// connections are sound.
func throughCutter(t *testing.T, n *sim.Nexo, at int, behind bool) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	t.Cleanup(func() { _ = ln.Close(); work.Wait() })
	work.Go(func() {
		for number := 1; ; number++ {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", n.Addr())
			if err != nil {
				_ = near.Close()
				continue
			}
			var count atomic.Int32
			pump := func(from, to net.Conn) {
				defer func() { _ = to.(*net.TCPConn).CloseWrite() }()
				r := bufio.NewReader(from)
				for {
					record, err := splitRecords(r)
					if err != nil {
						return
					}
					here := int(count.Add(1))
					if number == 2 && (here > at || here == at && !behind) {
						_ = from.(*net.TCPConn).CloseWrite()
						return
					}
					if _, err := to.Write(record); err != nil {
						return
					}
				}
			}
			var ends sync.WaitGroup
			ends.Go(func() { pump(near, far) })
			ends.Go(func() { pump(far, near) })
			work.Go(func() { ends.Wait(); _ = near.Close(); _ = far.Close() })
		}
	})
	return ln.Addr().String()
}
