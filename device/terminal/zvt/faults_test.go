package zvt_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"kassa/device/devicetest"
	"kassa/device/sim"
	"kassa/device/terminal"
	"kassa/device/terminal/zvt"
)

// Every fault of the simulated terminal, on both lines: whatever happens, what
// the lane says in the end is what the terminal's books say.
func TestFaults(t *testing.T) {
	t.Parallel()
	lines := map[string]func(t *testing.T) (devicetest.TerminalBench, *sim.ZVT){
		"TCP": func(t *testing.T) (devicetest.TerminalBench, *sim.ZVT) {
			b := tcpBench(t, sim.ZVTOptions{NoPatience: true}, func(c *zvt.Config) { c.T3, c.T4 = shortT3, shortT4 })
			return b, b.Person.(*sim.ZVT)
		},
		"serial": func(t *testing.T) (devicetest.TerminalBench, *sim.ZVT) {
			b := serialBench(t, sim.ZVTOptions{})
			return b, b.Person.(*sim.ZVT)
		},
	}
	for line, bench := range lines {
		for _, fault := range []string{
			"twice status", "twice progress", "twice print", "late status", "late completion", "late ack",
			"cut before status", "cut before print", "cut before completion", "cut before ack",
			"silent at status", "silent at progress", "noise before status", "noise before completion",
			"damaged status", "damaged completion", "refused at status", "refused at print", "cut after 04 0F",
		} {
			t.Run(line+", "+fault, func(t *testing.T) {
				t.Parallel()
				b, z := bench(t)
				d := b.New(b.Addr).(*zvt.Terminal)
				ev, err := d.Prepare(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if err := z.Fault(fault); err != nil {
					t.Fatal(err)
				}
				in, got, payErr := payWith(t, d, ev, z.Tap)
				if got.Outcome == terminal.Unknown {
					got = devicetest.ResolveTerminal(t, d, in)
				}
				n := len(z.Charges())
				if got.Outcome == terminal.Unknown || n > 1 || (n == 1) != (got.Outcome == terminal.Approved) {
					t.Errorf("%v %q (%v) with %d charges", got.Outcome, got.Reason, payErr, n)
				}
				harmless := strings.HasPrefix(fault, "twice") || strings.HasPrefix(fault, "late") ||
					line == "serial" && (strings.HasPrefix(fault, "noise") || strings.HasPrefix(fault, "damaged") || strings.HasPrefix(fault, "refused"))
				if harmless && n != 1 {
					t.Errorf("%v %q (%v), want the line to bear it", got.Outcome, got.Reason, payErr)
				}
			})
		}
	}
}

// Money goes back to a card, and counts so at the end of the day.
func TestRefund(t *testing.T) {
	z := newSim(t, sim.ZVTOptions{Signature: true}) // as a refund's receipt often asks for
	d := newTerminal(t, z.Addr(), nil)
	ev, err := d.Prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	req := terminal.Request{Key: "r", Amount: 500, Currency: euro, Evidence: ev}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !z.Tap() && t.Context().Err() == nil {
		}
	}()
	var last terminal.Result
	got, err := d.Refund(t.Context(), req, terminal.Hooks{Recorded: func(r terminal.Result) error { last = r; return nil }})
	<-done
	if err != nil || got.Outcome != terminal.Approved || got.Amount != 500 || !last.Completed || len(got.CustomerLines) == 0 {
		t.Errorf("Refund() = %+v, %v", got, err)
	}
	if c := z.Charges(); len(c) != 1 || !c[0].Refund {
		t.Errorf("the terminal's books: %+v", c)
	}
	// Asked again about it, and about one that never was.
	in := terminal.Intent{Request: req, Refund: true}
	if got, err := d.Resolve(t.Context(), in); got.Outcome != terminal.Approved || !got.Recovered {
		t.Errorf("Resolve() = %v, %v, want it found", got.Outcome, err)
	}
	if got, err := d.Last(t.Context()); got.Amount != 500 || got.Outcome != terminal.Approved || len(got.CustomerLines) == 0 {
		t.Errorf("Last() = %+v, %v", got, err)
	}
}

// A terminal that takes no payment before its day is closed: its sums are handed on,
// also when whoever waited for Prepare has lost patience.
func TestForcedEndOfDay(t *testing.T) {
	for _, patience := range []time.Duration{time.Minute, 500 * time.Millisecond} {
		z, err := sim.NewZVT("127.0.0.1:0", sim.NewClock(2), sim.ZVTOptions{Password: "123456"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = z.Close() })
		var said []terminal.Totals
		d := newTerminal(t, z.Addr(), func(c *zvt.Config) {
			c.DayClosed = func(got terminal.Totals, err error) {
				if said = append(said, got); err != nil {
					t.Error(err)
				}
			}
		})
		if _, paid, err := payOn(t, d, z.Tap); paid.Outcome != terminal.Approved {
			t.Fatal(paid, err)
		}
		z.SetStatus(0xF0)
		for end := time.Now().Add(10 * time.Second); len(said) == 0 && time.Now().Before(end); {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			_, err = d.Prepare(ctx)
			cancel()
		}
		if (err == nil) != (patience == time.Minute) {
			t.Errorf("patience %v: Prepare() = %v", patience, err)
		}
		if len(said) != 1 || said[0].Outcome != terminal.Approved || said[0].Count != 1 || said[0].Amount != 1234 || len(said[0].Lines) == 0 {
			t.Errorf("patience %v: handed on %+v", patience, said)
		}
	}
}

func TestServiceCommands(t *testing.T) {
	z := newSim(t, sim.ZVTOptions{})
	d := newTerminal(t, z.Addr(), nil)
	if got, err := d.Last(t.Context()); err != nil || got.Outcome != 0 {
		t.Errorf("Last() of a new terminal = %+v, %v", got, err)
	}
	if err := d.Diagnose(t.Context()); err != nil {
		t.Errorf("Diagnose() = %v", err)
	}
	if err := d.Initialise(t.Context()); err != nil {
		t.Errorf("Initialise() = %v", err)
	}
	// What was before may end on the screen of the terminal a moment later.
	for end := time.Now().Add(5 * time.Second); ; {
		if err := d.Display(t.Context(), []string{"Lane 1", "Grüß Gott"}, 0); err != nil {
			t.Errorf("Display() = %v", err)
		}
		got := z.State().Display
		if got == "Lane 1\nGr\x81\xe1 Gott" {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the terminal shows %q, want it in code page 437", got)
		}
	}
	if err := d.Display(t.Context(), make([]string, 9), 0); !errors.Is(err, terminal.ErrRequest) {
		t.Errorf("Display() of nine lines = %v", err)
	}
}
