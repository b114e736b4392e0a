package zvt_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/device/sim"
	"kassa/device/terminal"
	"kassa/device/terminal/zvt"
)

// payOn prepares and makes a payment of 12.34 while act is tried.
func payOn(t *testing.T, d *zvt.Terminal, act func() bool) (terminal.Intent, terminal.Result, error) {
	t.Helper()
	ev, err := d.Prepare(t.Context())
	if err != nil {
		t.Fatalf("Prepare() = %v", err)
	}
	return payWith(t, d, ev, act)
}

// Every point the workbench can cut at: the answer of Resolve is what the
// terminal's books say.
func TestCutAfterEachPoint(t *testing.T) {
	for _, keep := range []bool{false, true} {
		for _, point := range []string{
			"registration", "06 01", "80 00 00", "04 FF", "04 0F", "status-ack", "06 D3", "print-ack", "06 0F", "completion-ack",
		} {
			z := newSim(t, sim.ZVTOptions{KeepUnheard: keep, BusyAfterLoss: 20 * time.Second})
			d := newTerminal(t, z.Addr(), nil)
			ev, err := d.Prepare(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := z.CutAfter(point); err != nil {
				t.Fatal(err)
			}
			in, got, _ := payWith(t, d, ev, z.Tap)
			if got.Outcome == terminal.Unknown {
				if got, err = d.Resolve(t.Context(), in); err != nil {
					t.Errorf("%s: Resolve() = %v", point, err)
				}
			}
			if n := len(z.Charges()); n > 1 || (n == 1) != (got.Outcome == terminal.Approved) {
				t.Errorf("cut after %s: %v %q with %d charges", point, got.Outcome, got.Reason, n)
			}
		}
	}
	z := newSim(t, sim.ZVTOptions{})
	if err := z.CutAfter("teatime"); err == nil || !strings.Contains(err.Error(), "completion") {
		t.Errorf("CutAfter(teatime) = %v, want an error that names the choices", err)
	}
}

// payWith is payOn with evidence taken before.
func payWith(t *testing.T, d *zvt.Terminal, ev terminal.Evidence, act func() bool) (terminal.Intent, terminal.Result, error) {
	t.Helper()
	in := terminal.Intent{Request: terminal.Request{Key: "k", Amount: 1234, Currency: euro, Evidence: ev}}
	ctx, cancel := context.WithCancel(t.Context())
	var person sync.WaitGroup
	person.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for !act() {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
	got, err := d.Pay(t.Context(), in.Request, terminal.Hooks{Progress: func(p terminal.Progress) {
		if strings.Contains(p.Text.String(), "11111") {
			t.Errorf("progress says %q", p.Text)
		}
	}, Recorded: func(r terminal.Result) error {
		in.Approval = r
		return nil
	}})
	cancel()
	person.Wait()
	return in, got, err
}

// A careless terminal sends the whole card number, in its own field, in every
// other that has room, and in print. It must be nowhere: not in a result, not
// in the progress, not in the log, packed or as text.
func TestCardNumberStaysOut(t *testing.T) {
	const pan = "4111111111111111"
	for name, printing := range map[string]zvt.Printing{"as text": zvt.PrintHere, "in fields": zvt.PrintNone} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var written bytes.Buffer
			out := json.NewEncoder(&written)
			z := newSim(t, sim.ZVTOptions{CardNumber: pan})
			d := newTerminal(t, z.Addr(), func(c *zvt.Config) {
				c.Printing = printing
				c.Log = slog.New(slog.NewJSONHandler(&written, &slog.HandlerOptions{Level: slog.LevelDebug}))
			})
			say := func(v any) {
				if err := out.Encode(v); err != nil {
					t.Error(err)
				}
			}
			in, got, err := payOn(t, d, z.Tap)
			if err != nil || got.Outcome != terminal.Approved || got.Card.String() != "************1111" {
				t.Errorf("Pay() = %+v, %v", got, err)
			}
			say(in)
			say(got)
			declined, refused, _ := payOn(t, d, z.Decline)
			say(declined)
			say(refused)
			for _, ask := range []func() (any, error){
				func() (any, error) { return d.Last(t.Context()) },
				func() (any, error) { return d.Resolve(t.Context(), terminal.Intent{Request: in.Request}) },
				func() (any, error) { return d.Reverse(t.Context(), got) },
				func() (any, error) { return d.EndOfDay(t.Context()) },
				func() (any, error) { return d.Status(t.Context()) },
			} {
				v, err := ask()
				say(v)
				if err != nil {
					say(err.Error())
				}
			}
			// With all that is no letter or digit gone, and E for masked digits.
			plain := strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
					return r
				}
				return -1
			}, written.String())
			for _, s := range []string{pan, "34313131313131313131313131313131"} {
				if i := strings.Index(plain, s); i >= 0 {
					t.Errorf("the card number was written: ...%s...", plain[max(0, i-60):min(len(plain), i+60)])
				}
			}
			if !strings.Contains(written.String(), `"hex"`) {
				t.Error("nothing was traced")
			}
		})
	}
}

func TestRefusedApprovals(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    sim.ZVTOptions
		why  terminal.Reason
	}{
		{"less than asked for", sim.ZVTOptions{ShortAmount: 234}, terminal.ReasonAmount},
		{"signature", sim.ZVTOptions{Signature: true}, terminal.ReasonSignature},
	} {
		z := newSim(t, tt.o)
		in, got, err := payOn(t, newTerminal(t, z.Addr(), nil), z.Tap)
		if got.Outcome != terminal.Declined || got.Reason != tt.why || err != nil || len(z.Charges()) != 0 {
			t.Errorf("%s: Pay() = %v %q %v with %d charges", tt.name, got.Outcome, got.Reason, err, len(z.Charges()))
		}
		if in.Approval.Outcome != 0 {
			t.Errorf("%s: recorded %+v", tt.name, in.Approval)
		}
	}
}

func TestReceiptsLineByLineOrNotAtAll(t *testing.T) {
	for printing, want := range map[zvt.Printing]bool{zvt.PrintHere: true, zvt.PrintThere: false, zvt.PrintNone: false} {
		z := newSim(t, sim.ZVTOptions{})
		_, got, err := payOn(t, newTerminal(t, z.Addr(), func(c *zvt.Config) { c.Printing = printing }), z.Tap)
		if got.Outcome != terminal.Approved || err != nil || (len(got.CustomerLines) > 0) != want {
			t.Errorf("printing %d: Pay() = %v, %v with %d lines", printing, got.Outcome, err, len(got.CustomerLines))
		}
	}
}

func TestPrepareHeals(t *testing.T) {
	for _, status := range []byte{0x51, 0xC2, 0xF0} {
		z := newSim(t, sim.ZVTOptions{})
		z.SetStatus(status)
		d := newTerminal(t, z.Addr(), nil)
		if st, err := d.Status(t.Context()); err != nil || st.State != terminal.NeedsSetup {
			t.Errorf("status %02X: Status() = %+v, %v", status, st, err)
		}
		if _, got, err := payOn(t, d, z.Tap); got.Outcome != terminal.Approved {
			t.Errorf("status %02X: Pay() = %v, %v", status, got.Outcome, err)
		}
	}
}

func TestWrongPassword(t *testing.T) {
	z := newSim(t, sim.ZVTOptions{})
	d := newTerminal(t, z.Addr(), func(c *zvt.Config) { c.Password = "654321" })
	if _, err := d.Prepare(t.Context()); err == nil {
		t.Error("Prepare() with a wrong password: no error")
	}
	_, got, _ := payWith(t, d, terminal.Evidence{}, z.Tap)
	if got.Outcome != terminal.Aborted || len(z.Charges()) != 0 {
		t.Errorf("Pay() = %v %q", got.Outcome, got.Reason)
	}
}

// A restarted terminal has forgotten its registration; the next operation
// brings it back, and its memory has outlived it.
func TestTerminalRestart(t *testing.T) {
	z := newSim(t, sim.ZVTOptions{})
	d := newTerminal(t, z.Addr(), nil)
	if _, got, err := payOn(t, d, z.Tap); got.Outcome != terminal.Approved {
		t.Fatalf("Pay() = %v, %v", got.Outcome, err)
	}
	if err := z.Restart(); err != nil {
		t.Fatal(err)
	}
	if _, got, err := payOn(t, d, z.Tap); got.Outcome != terminal.Approved || len(z.Charges()) != 2 {
		t.Errorf("Pay() after a restart = %v, %v", got.Outcome, err)
	}
	if err := d.LogOff(t.Context()); err != nil {
		t.Errorf("LogOff() = %v", err)
	}
}

func TestNobodyComes(t *testing.T) {
	z := newSim(t, sim.ZVTOptions{CardWait: time.Minute})
	_, got, err := payOn(t, newTerminal(t, z.Addr(), nil), func() bool { return true })
	if got.Outcome != terminal.Aborted || got.Reason != terminal.ReasonCancelled || err != nil {
		t.Errorf("Pay() = %v %q, %v, want it cancelled", got.Outcome, got.Reason, err)
	}
}

func TestUnplugWhileWaitingForACard(t *testing.T) {
	z := newSim(t, sim.ZVTOptions{})
	d := newTerminal(t, z.Addr(), nil)
	in, got, err := payOn(t, d, func() bool { return z.State().Waiting && z.Unplug() == nil })
	if got.Outcome != terminal.Unknown || got.Reason != terminal.ReasonLine || err == nil {
		t.Errorf("Pay() = %v %q, %v", got.Outcome, got.Reason, err)
	}
	if got, err := d.Resolve(t.Context(), in); got.Outcome != terminal.Unknown || !errors.Is(err, terminal.ErrUnreachable) {
		t.Errorf("Resolve() while unplugged = %v, %v, want Unknown", got.Outcome, err)
	}
	if err := z.Plug(); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Resolve(t.Context(), in); got.Outcome != terminal.Aborted || err != nil {
		t.Errorf("Resolve() = %v, %v, want Aborted", got.Outcome, err)
	}
}

// A terminal that takes the connection and says nothing, or noise.
func TestSilenceAndNoise(t *testing.T) {
	for _, says := range []string{"", "\x80", "HTTP/1.1 400 Bad Request\r\n\r\n", strings.Repeat("\xff", 9000)} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var peer sync.WaitGroup
		peer.Go(func() {
			for {
				c, err := ln.Accept()
				if err != nil {
					return
				}
				peer.Go(func() {
					defer c.Close()
					_, _ = c.Write([]byte(says))
					buf := make([]byte, 100)
					for {
						if _, err := c.Read(buf); err != nil {
							return
						}
					}
				})
			}
		})
		d := newTerminal(t, ln.Addr().String(), func(c *zvt.Config) { c.T3, c.T4 = 50*time.Millisecond, 100*time.Millisecond })
		if _, err := d.Prepare(t.Context()); err == nil {
			t.Errorf("Prepare() on %.10q: no error", says)
		}
		in, got, _ := payWith(t, d, terminal.Evidence{}, func() bool { return true })
		if got.Outcome != terminal.Aborted || got.Reason != terminal.ReasonNotSent {
			t.Errorf("Pay() on %.10q = %v %q: nothing was sent", says, got.Outcome, got.Reason)
		}
		if got, err := d.Resolve(t.Context(), in); got.Outcome != terminal.Unknown || err == nil {
			t.Errorf("Resolve() on %.10q = %v, %v", says, got.Outcome, err)
		}
		_ = ln.Close()
		peer.Wait()
	}
}

func TestNewRefuses(t *testing.T) {
	dial := func(context.Context) (zvt.Line, error) { return nil, errors.New("no") }
	for _, c := range []zvt.Config{
		{Password: "123456", Currency: euro},
		{Dial: dial, Password: "12345", Currency: euro},
		{Dial: dial, Password: "12345x", Currency: euro},
		{Dial: dial, Password: "123456"},
	} {
		if _, err := zvt.New(c); err == nil || strings.Contains(err.Error(), "12345") {
			t.Errorf("New(%+v) = %v, want an error without the password", c, err)
		}
	}
	if _, err := zvt.Dial("ttyUSB0", ""); err == nil {
		t.Error("Dial() of no port: no error")
	}
}
