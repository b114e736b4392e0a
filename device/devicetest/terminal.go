package devicetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"kassa/device/terminal"
	"kassa/kiosk/money"
)

// A Cardholder is the person in front of a terminal. Each deed reports whether
// the terminal was waiting for one.
type Cardholder interface {
	Tap() bool
	Decline() bool
	Cancel() bool
	WrongPIN() bool
}

// A TerminalBench is one terminal with a person in front of it, fresh for each
// test, and a way to make its driver.
type TerminalBench struct {
	Addr    string // host:port of the terminal
	Person  Cardholder
	Charges func() int // payments that stand
	// New returns the driver of a terminal at host:port. It must give up on a
	// silent terminal within a few seconds.
	New func(addr string) terminal.Terminal
	// Split reads one message off the line, for cuts between messages.
	Split func(*bufio.Reader) ([]byte, error)
	// Dial opens the far side of the line where Addr is not on TCP. New is
	// then given an address on TCP too, which leads there.
	Dial     func(context.Context) (io.ReadWriteCloser, error)
	Currency terminal.Currency
}

const testAmount money.Amount = 1234

// TestTerminal checks a terminal driver against what bench returns. bench is
// called once for each test.
func TestTerminal(t *testing.T, bench func(t *testing.T) TerminalBench) {
	t.Helper()
	TestTerminalUncut(t, bench)
	t.Run("cut", func(t *testing.T) { testCuts(t, bench) })
}

// TestTerminalUncut is TestTerminal on a line that holds, for lines on which a
// cut is found by waiting: TestTerminalBoundaries cuts those.
func TestTerminalUncut(t *testing.T, bench func(t *testing.T) TerminalBench) {
	t.Helper()
	tests := []struct {
		name string
		run  func(*testing.T, TerminalBench)
	}{
		{"approved", testApproved},
		{"declined", testDeclined},
		{"cancelled", testCancelled},
		{"wrong PIN, then right", testWrongPIN},
		{"wrong PIN too often", testWrongPINs},
		{"aborted by the lane", testAbort},
		{"abort races with the card", testAbortRace},
		{"nothing to abort", testAbortNothing},
		{"card tapped twice", testDoubleTap},
		{"approval not recorded", testNotRecorded},
		{"bad request", testBadRequest},
		{"reversed", testReverse},
		{"end of day", testEndOfDay},
		{"status", testStatus},
		{"unreachable", testUnreachable},
		{"resolve what was never sent", testResolveUnsent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, bench(t)) })
	}
}

// A run is one payment as a lane makes it: prepared, recorded, with a person
// who does something as soon as the terminal waits.
type run struct {
	intent   terminal.Intent
	result   terminal.Result
	err      error
	recorded []terminal.Result
	progress []terminal.Progress
}

// pay makes a payment; act is tried until the terminal takes it.
func pay(t *testing.T, d terminal.Terminal, b TerminalBench, act ...func() bool) *run {
	t.Helper()
	r := &run{}
	ev, err := d.Prepare(t.Context())
	if err != nil {
		t.Fatalf("Prepare() = %v", err)
	}
	r.intent.Request = terminal.Request{
		Key: "lane-1-000001-1", Amount: testAmount, Currency: b.Currency, Evidence: ev,
	}
	r.charge(t, d, act...)
	return r
}

// charge runs Pay with the person.
func (r *run) charge(t *testing.T, d terminal.Terminal, act ...func() bool) {
	t.Helper()
	r.chargeInto(t, d, func(terminal.Result) error { return nil }, act...)
}

// chargeInto is charge with a place for what must be durable.
func (r *run) chargeInto(t *testing.T, d terminal.Terminal, record func(terminal.Result) error, act ...func() bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var person sync.WaitGroup
	person.Go(func() { perform(ctx, act) })
	r.result, r.err = d.Pay(t.Context(), r.intent.Request, terminal.Hooks{
		Progress: func(p terminal.Progress) { r.progress = append(r.progress, p) },
		Recorded: func(res terminal.Result) error {
			r.recorded = append(r.recorded, res)
			r.intent.Approval = res
			return record(res)
		},
	})
	cancel()
	person.Wait()
}

// perform does each act as soon as the terminal takes it.
func perform(ctx context.Context, acts []func() bool) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for len(acts) > 0 {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if acts[0]() {
				acts = acts[1:]
			}
		}
	}
}

func (r *run) want(t *testing.T, b TerminalBench, o terminal.Outcome, why terminal.Reason, charges int) {
	t.Helper()
	if r.result.Outcome != o || r.result.Reason != why {
		t.Errorf("Pay() = %v %q (%v), want %v %q", r.result.Outcome, r.result.Reason, r.err, o, why)
	}
	if got := b.Charges(); got != charges {
		t.Errorf("the terminal charged %d times, want %d", got, charges)
	}
}

func testApproved(t *testing.T, b TerminalBench) {
	r := pay(t, b.New(b.Addr), b, b.Person.Tap)
	r.want(t, b, terminal.Approved, "", 1)
	got := r.result
	if r.err != nil || !got.Completed || got.Recovered || got.Amount != testAmount {
		t.Errorf("Pay() = %+v, %v", got, r.err)
	}
	if got.TerminalID == "" || got.Receipt == "" || got.Trace == "" || got.CardName.IsZero() {
		t.Errorf("Pay() leaves out what a receipt must show: %+v", got)
	}
	if c := got.Card.String(); len(c) != 16 || c[:12] != "************" {
		t.Errorf("card = %q, want all but four digits masked", c)
	}
	if len(got.CustomerLines) == 0 {
		t.Error("no customer receipt")
	}
	if len(r.recorded) != 2 || r.recorded[0].Completed || !r.recorded[1].Completed {
		t.Errorf("recorded %+v, want the approval, then its completion", r.recorded)
	}
	var kinds []terminal.ProgressKind
	for _, p := range r.progress {
		kinds = append(kinds, p.Kind)
	}
	if len(kinds) == 0 || kinds[0] != terminal.PresentCard {
		t.Errorf("progress = %v, want it to begin with PresentCard", kinds)
	}
}

func testDeclined(t *testing.T, b TerminalBench) {
	r := pay(t, b.New(b.Addr), b, b.Person.Decline)
	r.want(t, b, terminal.Declined, terminal.ReasonDeclined, 0)
	if r.err != nil || len(r.recorded) != 0 || r.result.Code == "" {
		t.Errorf("Pay() = %+v, %v, recorded %v", r.result, r.err, r.recorded)
	}
	pay(t, b.New(b.Addr), b, b.Person.Tap).want(t, b, terminal.Approved, "", 1)
}

func testCancelled(t *testing.T, b TerminalBench) {
	r := pay(t, b.New(b.Addr), b, b.Person.Cancel)
	r.want(t, b, terminal.Aborted, terminal.ReasonCancelled, 0)
}

func testWrongPIN(t *testing.T, b TerminalBench) {
	r := pay(t, b.New(b.Addr), b, b.Person.WrongPIN, b.Person.Tap)
	r.want(t, b, terminal.Approved, "", 1)
}

func testWrongPINs(t *testing.T, b TerminalBench) {
	r := pay(t, b.New(b.Addr), b, b.Person.WrongPIN, b.Person.WrongPIN, b.Person.WrongPIN)
	r.want(t, b, terminal.Declined, terminal.ReasonWrongPIN, 0)
}

func testAbort(t *testing.T, b TerminalBench) {
	d := b.New(b.Addr)
	r := pay(t, d, b, func() bool { return d.Abort(t.Context()) == nil })
	r.want(t, b, terminal.Aborted, terminal.ReasonCancelled, 0)
}

func testAbortRace(t *testing.T, b TerminalBench) {
	d := b.New(b.Addr)
	for range 10 {
		before := b.Charges()
		r := pay(t, d, b, b.Person.Tap, func() bool { return d.Abort(t.Context()) == nil })
		switch charged := b.Charges() - before; {
		case r.result.Outcome == terminal.Approved && charged == 1:
		case r.result.Outcome == terminal.Aborted && charged == 0:
		default:
			t.Errorf("Pay() = %v %v with %d charges", r.result.Outcome, r.err, charged)
		}
	}
}

func testAbortNothing(t *testing.T, b TerminalBench) {
	if err := b.New(b.Addr).Abort(t.Context()); !errors.Is(err, terminal.ErrNoPayment) {
		t.Errorf("Abort() = %v, want ErrNoPayment", err)
	}
}

func testDoubleTap(t *testing.T, b TerminalBench) {
	r := pay(t, b.New(b.Addr), b, b.Person.Tap, b.Person.Tap)
	r.want(t, b, terminal.Approved, "", 1)
}

func testNotRecorded(t *testing.T, b TerminalBench) {
	d := b.New(b.Addr)
	ev, err := d.Prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var person sync.WaitGroup
	person.Go(func() { perform(ctx, []func() bool{b.Person.Tap}) })
	got, err := d.Pay(ctx, terminal.Request{Key: "k", Amount: testAmount, Currency: b.Currency, Evidence: ev},
		terminal.Hooks{Recorded: func(terminal.Result) error { return full }})
	person.Wait()
	if got.Outcome != terminal.Declined || got.Reason != terminal.ReasonNotRecorded || !errors.Is(err, full) {
		t.Errorf("Pay() = %v %q %v, want it refused for %v", got.Outcome, got.Reason, err, full)
	}
	if n := b.Charges(); n != 0 {
		t.Errorf("%d charges nobody knows of", n)
	}
}

func testBadRequest(t *testing.T, b TerminalBench) {
	d := b.New(b.Addr)
	good := terminal.Request{Key: "k", Amount: 1, Currency: b.Currency}
	record := terminal.Hooks{Recorded: func(terminal.Result) error { return nil }}
	zero, negative, huge, foreign := good, good, good, good
	zero.Amount, negative.Amount, huge.Amount, foreign.Currency.Numeric = 0, -5, 1<<60, 840
	for _, tt := range []struct {
		name  string
		req   terminal.Request
		hooks terminal.Hooks
	}{
		{"nothing", zero, record},
		{"less than nothing", negative, record},
		{"too much", huge, record},
		{"other currency", foreign, record},
		{"no record", good, terminal.Hooks{}},
	} {
		got, err := d.Pay(t.Context(), tt.req, tt.hooks)
		if got.Outcome != terminal.Aborted || !errors.Is(err, terminal.ErrRequest) {
			t.Errorf("%s: Pay() = %v, %v, want ErrRequest", tt.name, got.Outcome, err)
		}
	}
}

func testReverse(t *testing.T, b TerminalBench) {
	d := b.New(b.Addr)
	r := pay(t, d, b, b.Person.Tap)
	r.want(t, b, terminal.Approved, "", 1)
	for i, want := range []terminal.Reason{"", terminal.ReasonAlreadyReversed} {
		back, err := d.Reverse(t.Context(), r.result)
		if back.Outcome != terminal.Approved || back.Reason != want || err != nil {
			t.Errorf("Reverse() for the %d. time = %v %q, %v", i+1, back.Outcome, back.Reason, err)
		}
	}
	if n := b.Charges(); n != 0 {
		t.Errorf("%d charges stand after the reversal", n)
	}
	r.result.Receipt, r.result.Trace = "9876", "987654"
	if got, err := d.Reverse(t.Context(), r.result); got.Outcome != terminal.Declined {
		t.Errorf("Reverse() of what never was = %v, %v, want declined", got.Outcome, err)
	}
}

func testEndOfDay(t *testing.T, b TerminalBench) {
	d := b.New(b.Addr)
	for range 2 {
		pay(t, d, b, b.Person.Tap).want(t, b, terminal.Approved, "", b.Charges()+0)
	}
	if open, err := d.Totals(t.Context()); err != nil || open.Outcome != terminal.Approved || open.Count != 2 {
		t.Errorf("Totals() = %+v, %v, want 2 payments", open, err)
	}
	got, err := d.EndOfDay(t.Context())
	if err != nil || got.Outcome != terminal.Approved || got.Count != 2 || got.Amount != 2*testAmount {
		t.Errorf("EndOfDay() = %+v, %v, want 2 payments", got, err)
	}
	got, err = d.EndOfDay(t.Context())
	if err != nil || got.Count != 0 || got.Amount != 0 {
		t.Errorf("EndOfDay() again = %+v, %v, want nothing", got, err)
	}
}

func testStatus(t *testing.T, b TerminalBench) {
	d := b.New(b.Addr)
	got, err := d.Status(t.Context())
	if err != nil || got.State != terminal.Ready || got.TerminalID == "" {
		t.Errorf("Status() = %+v, %v, want ready", got, err)
	}
	pay(t, d, b, func() bool {
		got, err := d.Status(t.Context())
		return err == nil && got.State == terminal.Busy
	}, b.Person.Tap).want(t, b, terminal.Approved, "", 1)
}

func testUnreachable(t *testing.T, b TerminalBench) {
	d := b.New("127.0.0.1:1") // nobody listens there
	if _, err := d.Prepare(t.Context()); !errors.Is(err, terminal.ErrUnreachable) {
		t.Errorf("Prepare() = %v, want ErrUnreachable", err)
	}
	r := &run{intent: terminal.Intent{Request: terminal.Request{Key: "k", Amount: 1, Currency: b.Currency}}}
	r.charge(t, d)
	r.want(t, b, terminal.Aborted, terminal.ReasonNotSent, 0)
	got, err := d.Resolve(t.Context(), r.intent)
	if got.Outcome != terminal.Unknown || err == nil {
		t.Errorf("Resolve() = %v, %v, want Unknown: nobody was asked", got.Outcome, err)
	}
}

func testResolveUnsent(t *testing.T, b TerminalBench) {
	d := b.New(b.Addr)
	pay(t, d, b, b.Person.Tap).want(t, b, terminal.Approved, "", 1)
	ev, err := d.Prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	in := terminal.Intent{Request: terminal.Request{Key: "k2", Amount: testAmount, Currency: b.Currency, Evidence: ev}}
	for range 2 {
		got, err := d.Resolve(t.Context(), in)
		if got.Outcome != terminal.Aborted || got.Reason != terminal.ReasonNotFound || err != nil {
			t.Errorf("Resolve() = %v %q, %v, want not-found: the payment before is another one", got.Outcome, got.Reason, err)
		}
	}
}

// testCuts cuts the line before and behind each message of a payment, then
// asks what became of it: the answer must be what the terminal's books say.
func testCuts(t *testing.T, bench func(t *testing.T) TerminalBench) {
	for _, after := range []bool{false, true} {
		name := map[bool]string{false: "before message %d", true: "behind message %d"}[after]
		for n := range messagesOf(t, bench(t)) {
			t.Run(fmt.Sprintf(name, n+1), func(t *testing.T) {
				t.Parallel()
				cutOnce(t, bench(t), n+1, after)
			})
		}
	}
}

// cutOnce makes a payment that is cut at message n.
func cutOnce(t *testing.T, b TerminalBench, n int, after bool) {
	t.Helper()
	pay(t, b.New(b.Addr), b, b.Person.Tap).want(t, b, terminal.Approved, "", 1)
	c := newCutter(t, b)
	d := b.New(c.addr())
	ev, err := d.Prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := &run{intent: terminal.Intent{Request: terminal.Request{
		Key: "k2", Amount: testAmount, Currency: b.Currency, Evidence: ev,
	}}}
	c.arm(n, after, nil)
	r.charge(t, d, b.Person.Tap)
	c.settle()
	fired := c.fired()
	c.arm(0, false, nil)
	if !fired || r.result.Outcome == terminal.Approved {
		r.want(t, b, terminal.Approved, "", 2) // a cut behind the last word changes nothing
		return
	}
	if r.result.Outcome != terminal.Unknown {
		r.want(t, b, terminal.Aborted, terminal.ReasonNotSent, 1) // before the payment itself
		return
	}
	got := ResolveTerminal(t, d, r.intent)
	charged := b.Charges() - 1
	want := terminal.Aborted
	if charged == 1 {
		want = terminal.Approved
	}
	if charged > 1 || got.Outcome != want {
		t.Errorf("Resolve() = %v %q with %d charges (recorded %d times)", got.Outcome, got.Reason, charged, len(r.recorded))
	}
	if want == terminal.Approved && (!got.Recovered || got.Receipt == "" || len(got.CustomerLines) == 0) {
		t.Errorf("Resolve() = %+v, want it recovered with its receipt", got)
	}
	if again, err := d.Resolve(t.Context(), r.intent); again.Outcome != want || err != nil {
		t.Errorf("Resolve() again = %v, %v, want %v", again.Outcome, err, want)
	}
}

// ResolveTerminal asks until the terminal can tell, as a lane does.
func ResolveTerminal(t *testing.T, d terminal.Terminal, in terminal.Intent) terminal.Result {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		got, err := d.Resolve(t.Context(), in)
		if err == nil && got.Outcome != terminal.Unknown {
			return got
		}
		if time.Now().After(deadline) {
			t.Fatalf("Resolve() = %v %q, %v, and so for a minute", got.Outcome, got.Reason, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
