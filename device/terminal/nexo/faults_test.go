package nexo_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"kassa/device/sim"
	"kassa/device/terminal"
	"kassa/device/terminal/nexo"
)

// benchFor is an encrypted terminal and a lane at it that is not patient.
func benchFor(t *testing.T, o sim.NexoOptions) (*sim.Nexo, *nexo.Terminal, nexo.Config) {
	t.Helper()
	n := newSim(t, o)
	c := configFor(t, n, o)
	c.Answer, c.Payment = 400*time.Millisecond, 400*time.Millisecond
	return n, newTerminal(t, c), c
}

// payment prepares a payment and makes it, while a person taps.
func payment(t *testing.T, n *sim.Nexo, d *nexo.Terminal) (terminal.Intent, terminal.Result, error) {
	t.Helper()
	ev, err := d.Prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	in := terminal.Intent{Request: terminal.Request{Key: "k", Amount: price, Currency: euro, Evidence: ev}}
	defer person(n, false)()
	r, err := d.Pay(t.Context(), in.Request, terminal.Hooks{Recorded: func(r terminal.Result) error {
		in.Approval = r
		return nil
	}})
	return in, r, err
}

// paid is a payment that is approved.
func paid(t *testing.T, n *sim.Nexo, d *nexo.Terminal) terminal.Result {
	t.Helper()
	_, r, err := payment(t, n, d)
	if r.Outcome != terminal.Approved || err != nil {
		t.Fatalf("Pay() = %v %q, %v", r.Outcome, r.Reason, err)
	}
	return r
}

// acted are the faults behind which the terminal has acted.
func acted(kind string) bool {
	switch kind {
	case "silence", "cut-before", "reject", "busy", "http-500":
		return false
	}
	return true
}

func TestPaymentFaults(t *testing.T) {
	for _, kind := range sim.NexoFaults() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			n, d, _ := benchFor(t, encrypted())
			if err := n.Fault("Payment", kind); err != nil {
				t.Fatal(err)
			}
			in, r, err := payment(t, n, d)
			want := terminal.Unknown
			switch kind {
			case "late":
				want = terminal.Approved
			case "busy":
				want = terminal.Aborted
			}
			if r.Outcome != want || (want == terminal.Unknown) != (err != nil) {
				t.Errorf("Pay() = %v %q, %v, want %v", r.Outcome, r.Reason, err, want)
			}
			charges := map[bool]int{false: 0, true: 1}[acted(kind)]
			if got := len(n.Charges()); got != charges {
				t.Fatalf("%d charges, want %d", got, charges)
			}
			got, err := d.Resolve(t.Context(), in)
			if err != nil || (got.Outcome == terminal.Approved) != (charges == 1) || got.Outcome == terminal.Unknown {
				t.Errorf("Resolve() = %v %q, %v with %d charges", got.Outcome, got.Reason, err, charges)
			}
		})
	}
}

// TestResolveFaults spoils the questions, not the payment: as long as the
// terminal cannot be understood, the lane must not know.
func TestResolveFaults(t *testing.T) {
	for _, kind := range sim.NexoFaults() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			n, d, _ := benchFor(t, encrypted())
			if err := errors.Join(n.Fault("Payment", "cut-after"), n.Fault("TransactionStatus", kind)); err != nil {
				t.Fatal(err)
			}
			in, _, _ := payment(t, n, d)
			got, err := d.Resolve(t.Context(), in)
			switch kind {
			case "late", "busy": // asked again
				if got.Outcome != terminal.Approved || err != nil {
					t.Errorf("Resolve() = %v, %v", got.Outcome, err)
				}
			default:
				if got.Outcome != terminal.Unknown || err == nil {
					t.Errorf("Resolve() = %v %q, %v, want Unknown", got.Outcome, got.Reason, err)
				}
			}
			got, err = d.Resolve(t.Context(), in)
			if got.Outcome != terminal.Approved || !got.Recovered || err != nil || len(got.CustomerLines) == 0 {
				t.Errorf("Resolve() on a sound line = %+v, %v", got, err)
			}
		})
	}
}

// TestReverseFaults reverses until it is known to be done: once, whatever
// becomes of the answers.
func TestReverseFaults(t *testing.T) {
	for _, kind := range sim.NexoFaults() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			n, d, _ := benchFor(t, encrypted())
			paid := paid(t, n, d)
			if err := n.Fault("Reversal", kind); err != nil {
				t.Fatal(err)
			}
			back, err := d.Reverse(t.Context(), paid)
			switch {
			case kind == "late" && back.Outcome == terminal.Approved:
			case kind == "busy" && back.Outcome == terminal.Declined:
			case back.Outcome != terminal.Unknown || err == nil:
				t.Errorf("Reverse() = %v %q, %v", back.Outcome, back.Reason, err)
			}
			back, err = d.Reverse(t.Context(), paid)
			if back.Outcome != terminal.Approved || err != nil || (back.Reason == terminal.ReasonAlreadyReversed) != acted(kind) {
				t.Errorf("Reverse() again = %v %q, %v", back.Outcome, back.Reason, err)
			}
			if got := len(n.Charges()); got != 0 {
				t.Errorf("%d charges stand", got)
			}
		})
	}
}

func TestPrepareFaults(t *testing.T) {
	for _, kind := range sim.NexoFaults() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			n, d, _ := benchFor(t, encrypted())
			if err := n.Fault("Diagnosis", kind); err != nil {
				t.Fatal(err)
			}
			_, err := d.Prepare(t.Context())
			if (err == nil) != (kind == "late" || kind == "busy") {
				t.Errorf("Prepare() = %v", err)
			}
			if _, err := d.Prepare(t.Context()); err != nil {
				t.Errorf("Prepare() on a sound line = %v", err)
			}
		})
	}
}

// TestUnusable approves what cannot stand: it is taken back at once, and, if
// the lane died before it could, when it asks.
func TestUnusable(t *testing.T) {
	short, signed := encrypted(), encrypted()
	short.ShortAmount, signed.Signature = 34, true
	for why, o := range map[terminal.Reason]sim.NexoOptions{
		terminal.ReasonAmount: short, terminal.ReasonSignature: signed,
	} {
		n, d, _ := benchFor(t, o)
		_, r, err := payment(t, n, d)
		if r.Outcome != terminal.Declined || r.Reason != why || err != nil || len(n.Charges()) != 0 {
			t.Errorf("%s: Pay() = %v %q, %v with %d charges", why, r.Outcome, r.Reason, err, len(n.Charges()))
		}
		if err := n.Fault("Payment", "cut-after"); err != nil {
			t.Fatal(err)
		}
		in, _, _ := payment(t, n, d)
		settled := in
		settled.Still = func() bool { return false }
		if r, err = d.Resolve(t.Context(), settled); r.Outcome != terminal.Approved || err != nil || len(n.Charges()) != 1 {
			t.Errorf("%s: settled: Resolve() = %v %q, %v with %d charges", why, r.Outcome, r.Reason, err, len(n.Charges()))
		}
		r, err = d.Resolve(t.Context(), in)
		if r.Outcome != terminal.Aborted || r.Reason != why || err != nil || len(n.Charges()) != 0 {
			t.Errorf("%s: Resolve() = %v %q, %v with %d charges", why, r.Outcome, r.Reason, err, len(n.Charges()))
		}
	}
}

// TestTakenBackIsRemembered kills the lane after it took back an approval that
// it could not record: the terminal still has the approval, and the reversal.
func TestTakenBackIsRemembered(t *testing.T) {
	n, d, c := benchFor(t, encrypted())
	ev, err := d.Prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	in := terminal.Intent{Request: terminal.Request{Key: "k", Amount: price, Currency: euro, Evidence: ev}}
	full := errors.New("disk full")
	stop := person(n, false)
	r, err := d.Pay(t.Context(), in.Request, terminal.Hooks{Recorded: func(terminal.Result) error { return full }})
	stop()
	if r.Outcome != terminal.Declined || !errors.Is(err, full) {
		t.Fatalf("Pay() = %v, %v", r.Outcome, err)
	}
	got, err := newTerminal(t, c).Resolve(t.Context(), in)
	if got.Outcome != terminal.Aborted || got.Reason != terminal.ReasonReversed || err != nil {
		t.Errorf("Resolve() = %v %q, %v, want it reversed", got.Outcome, got.Reason, err)
	}
}

func TestWhatProvesNothing(t *testing.T) {
	t.Run("the terminal forgot an approval", func(t *testing.T) {
		n, d, _ := benchFor(t, encrypted())
		in, _, _ := payment(t, n, d)
		in.Approval.Completed = false
		n.Forget()
		got, err := d.Resolve(t.Context(), in)
		if got.Outcome != terminal.Unknown || got.Reason != terminal.ReasonContradiction {
			t.Errorf("Resolve() = %v %q, %v", got.Outcome, got.Reason, err)
		}
	})
	t.Run("it tells of another payment", func(t *testing.T) {
		o := encrypted()
		o.AnyStatus = true
		n, d, _ := benchFor(t, o)
		paid(t, n, d)
		if err := n.Fault("Payment", "cut-before"); err != nil {
			t.Fatal(err)
		}
		in, _, _ := payment(t, n, d)
		if got, err := d.Resolve(t.Context(), in); got.Outcome != terminal.Unknown || err == nil {
			t.Errorf("Resolve() = %v %q, %v: that was another payment", got.Outcome, got.Reason, err)
		}
	})
	t.Run("it does not tell of reversals", func(t *testing.T) {
		o := encrypted()
		o.NoReversalStatus = true
		n, d, _ := benchFor(t, o)
		if err := n.Fault("Payment", "cut-after"); err != nil {
			t.Fatal(err)
		}
		in, _, _ := payment(t, n, d)
		if got, _ := d.Resolve(t.Context(), in); got.Outcome != terminal.Unknown || got.Reason != terminal.ReasonCannotRepeat {
			t.Errorf("Resolve() = %v %q", got.Outcome, got.Reason)
		}
	})
	t.Run("another terminal", func(t *testing.T) {
		n, d, c := benchFor(t, encrypted())
		in, _, _ := payment(t, n, d)
		in.Approval = terminal.Result{}
		c.POIID = "V400m-987654321"
		if got, _ := newTerminal(t, c).Resolve(t.Context(), in); got.Outcome != terminal.Unknown || got.Reason != terminal.ReasonOtherTerminal {
			t.Errorf("Resolve() = %v %q", got.Outcome, got.Reason)
		}
	})
	t.Run("after two days", func(t *testing.T) {
		_, d, _ := benchFor(t, encrypted())
		in := terminal.Intent{Request: terminal.Request{Amount: price, Currency: euro, Evidence: terminal.Evidence{
			Protocol: "nexo", Data: `{"poi":"V400m-123456789","sale":"0421-1","service":"0123456789","at":"2020-01-01T00:00:00Z"}`,
		}}}
		if got, err := d.Resolve(t.Context(), in); got.Outcome != terminal.Unknown || got.Reason != terminal.ReasonCannotRepeat || err != nil {
			t.Errorf("Resolve() = %v %q, %v", got.Outcome, got.Reason, err)
		}
	})
	t.Run("evidence of another driver", func(t *testing.T) {
		_, d, _ := benchFor(t, encrypted())
		in := terminal.Intent{Request: terminal.Request{Evidence: terminal.Evidence{Protocol: "zvt", Data: `{}`}}}
		if got, err := d.Resolve(t.Context(), in); got.Outcome != terminal.Unknown || got.Reason != terminal.ReasonCannotRepeat || err == nil {
			t.Errorf("Resolve() = %v %q, %v", got.Outcome, got.Reason, err)
		}
	})
}

// TestDuplicate sends a ServiceID twice, as a lane that was told to pay the
// same intent again: the driver refuses by itself, and a driver that has
// forgotten is refused or answered as before. There is one charge.
func TestDuplicate(t *testing.T) {
	for _, repeats := range []bool{false, true} {
		o := encrypted()
		o.RepeatDuplicates = repeats
		n, d, c := benchFor(t, o)
		in, r, err := payment(t, n, d)
		if r.Outcome != terminal.Approved || err != nil {
			t.Fatalf("Pay() = %v, %v", r.Outcome, err)
		}
		hooks := terminal.Hooks{Recorded: func(terminal.Result) error { return nil }}
		if r, err := d.Pay(t.Context(), in.Request, hooks); r.Outcome != terminal.Aborted || !errors.Is(err, terminal.ErrRequest) {
			t.Errorf("Pay() again = %v, %v", r.Outcome, err)
		}
		stop := person(n, false)
		r, err = newTerminal(t, c).Pay(t.Context(), in.Request, hooks)
		stop()
		want := terminal.Unknown // refused as the second of two: the first is asked for
		if repeats {
			want = terminal.Approved
		}
		if r.Outcome != want || len(n.Charges()) != 1 {
			t.Errorf("Pay() of a forgetful lane = %v, %v with %d charges, want %v", r.Outcome, err, len(n.Charges()), want)
		}
		in.Approval = terminal.Result{}
		if r, err = d.Resolve(t.Context(), in); r.Outcome != terminal.Approved || err != nil {
			t.Errorf("Resolve() = %v, %v", r.Outcome, err)
		}
	}
}

// TestLateAbort keeps asking until the payment has reached the terminal.
func TestAbortBeforeArrival(t *testing.T) {
	n, d, _ := benchFor(t, encrypted())
	if err := n.Fault("Abort", "cut-before"); err != nil {
		t.Fatal(err)
	}
	ev, err := d.Prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var kinds []terminal.ProgressKind
	r, err := d.Pay(t.Context(), terminal.Request{Key: "k", Amount: price, Currency: euro, Evidence: ev}, terminal.Hooks{
		Progress: func(p terminal.Progress) {
			kinds = append(kinds, p.Kind)
			if p.Kind == terminal.PresentCard {
				if err := errors.Join(d.Abort(context.Background()), d.Abort(context.Background())); err != nil {
					t.Errorf("Abort() = %v", err)
				}
			}
		},
		Recorded: func(terminal.Result) error { return nil },
	})
	if r.Outcome != terminal.Aborted || r.Reason != terminal.ReasonCancelled || err != nil {
		t.Errorf("Pay() = %v %q, %v", r.Outcome, r.Reason, err)
	}
	if len(kinds) != 2 || kinds[1] != terminal.Aborting {
		t.Errorf("progress = %v", kinds)
	}
}

func TestRefundAndTotals(t *testing.T) {
	n, d, _ := benchFor(t, encrypted())
	if r, err := d.Last(t.Context()); r.Outcome != 0 || err != nil {
		t.Errorf("Last() of a new terminal = %v, %v", r.Outcome, err)
	}
	paid(t, n, d)
	if r, err := d.Reverse(t.Context(), paid(t, n, d)); r.Outcome != terminal.Approved || err != nil {
		t.Fatalf("Reverse() = %v, %v", r.Outcome, err)
	}
	ev, err := d.Prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stop := person(n, false)
	r, err := d.Refund(t.Context(), terminal.Request{Key: "r", Amount: 200, Currency: euro, Evidence: ev},
		terminal.Hooks{Recorded: func(terminal.Result) error { return nil }})
	stop()
	if r.Outcome != terminal.Approved || r.Amount != 200 || err != nil {
		t.Errorf("Refund() = %v, %v", r.Outcome, err)
	}
	if all := n.Charges(); len(all) != 2 || !all[1].Refund || all[1].Amount != 200 || all[1].SaleReference != "r" {
		t.Errorf("the terminal has %+v", all)
	}
	last, err := d.Last(t.Context())
	if err != nil || last.Outcome != terminal.Approved || last.Receipt != r.Receipt || len(last.CustomerLines) == 0 {
		t.Errorf("Last() = %+v, %v", last, err)
	}
	totals, err := d.EndOfDay(t.Context())
	if err != nil || totals.Outcome != terminal.Approved || totals.Count != 2 || totals.Amount != price-200 ||
		len(totals.ByCard) != 1 || totals.ByCard[0].Name != "Mastercard" {
		t.Errorf("EndOfDay() = %+v, %v", totals, err)
	}
}

func TestTerminalsMoods(t *testing.T) {
	o := encrypted()
	o.LoggedOut, o.NoReconciliation = true, true
	n, d, _ := benchFor(t, o)
	if s, err := d.Status(t.Context()); s.State != terminal.NeedsSetup || err != nil {
		t.Errorf("Status() = %+v, %v", s, err)
	}
	if _, err := d.Prepare(t.Context()); err != nil {
		t.Errorf("Prepare() = %v, want it to log in", err)
	}
	if got, err := d.EndOfDay(t.Context()); got.Outcome != terminal.Aborted || err == nil || got.Code != "UnavailableService" {
		t.Errorf("EndOfDay() = %+v, %v", got, err)
	}
	if err := d.Diagnose(t.Context()); err != nil {
		t.Errorf("Diagnose() = %v", err)
	}
	n.SetStatus("Maintenance")
	if _, err := d.Prepare(t.Context()); err == nil || !strings.Contains(err.Error(), "under maintenance") {
		t.Errorf("Prepare() = %v", err)
	}
	if err := d.Diagnose(t.Context()); err == nil {
		t.Error("Diagnose() of a terminal under maintenance is content")
	}
	n.SetStatus("Busy")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := d.Prepare(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Prepare() of a busy terminal = %v", err)
	}
}
