package station_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"kassa/device/sim"
	"kassa/device/terminal"
	"kassa/kiosk/barcode"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
)

// A signer is a terminal that approves what it is asked for, wants a signature, and
// answers the wish to take that back as it was told, the last way for good.
type signer struct {
	terminal.Terminal

	mu    sync.Mutex
	backs []terminal.Result
	asked int

	resolving chan struct{} // nil, or told when it is asked what became of a payment,
	answer    chan struct{} // and waited for
}

func (s *signer) Prepare(context.Context) (terminal.Evidence, error) {
	return terminal.Evidence{Protocol: "signer", Data: "{}"}, nil
}

func (s *signer) Pay(_ context.Context, r terminal.Request, h terminal.Hooks) (terminal.Result, error) {
	paid := s.approved(r)
	return paid, h.Recorded(paid)
}

func (s *signer) Resolve(_ context.Context, in terminal.Intent) (terminal.Result, error) {
	if s.resolving != nil {
		s.resolving <- struct{}{}
		<-s.answer
	}
	return s.approved(in.Request), nil
}

func (s *signer) approved(r terminal.Request) terminal.Result {
	return terminal.Result{
		Outcome: terminal.Approved, Completed: true, Signature: true, Amount: r.Amount, TerminalID: "1", Receipt: "1", Trace: "1",
	}
}

func (s *signer) Abort(context.Context) error { return terminal.ErrNoPayment }

func (s *signer) Reverse(context.Context, terminal.Result) (terminal.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	r := s.backs[0]
	if len(s.backs) > 1 {
		s.backs = s.backs[1:]
	}
	return r, nil
}

// A payment that wants a signature is taken back; paid is only what is known to
// stand, and what is unknown is asked for again, over a restart too.
func TestUnsigned(t *testing.T) {
	yes := terminal.Result{Outcome: terminal.Approved}
	no := terminal.Result{Outcome: terminal.Declined, Reason: terminal.ReasonTooOld}
	lost := terminal.Result{Outcome: terminal.Unknown, Reason: terminal.ReasonLine}
	unsent := terminal.Result{Outcome: terminal.Aborted, Reason: terminal.ReasonNotSent}
	mute := terminal.Result{Outcome: terminal.Declined, Reason: terminal.ReasonCannotRepeat}
	for _, tt := range []struct {
		name    string
		backs   []terminal.Result
		restart bool
		want    flow.Screen
	}{
		{"taken back", []terminal.Result{yes}, false, flow.ScreenTender},
		{"it stands", []terminal.Result{no}, false, flow.ScreenReceipt},
		{"lost, then taken back", []terminal.Result{lost, yes}, false, flow.ScreenTender},
		{"lost, then it stands", []terminal.Result{lost, no}, false, flow.ScreenReceipt},
		{"lost, then nobody is there, then taken back", []terminal.Result{lost, unsent, yes}, false, flow.ScreenTender},
		{"lost, and it does not tell", []terminal.Result{lost, mute}, false, flow.ScreenUnsure},
		{"lost, over a restart", []terminal.Result{lost}, true, flow.ScreenTender},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			far := &signer{backs: tt.backs}
			b.card = far
			b.start()
			b.scan("4006381333931")
			b.touch(flow.ActPay, "")
			b.touch(flow.ActTender, "card")
			if tt.restart {
				b.screen(flow.ScreenUnsure)
				b.end()
				far.backs = []terminal.Result{unsent, yes}
				b.start()
			}
			b.until("it ends", func(v flow.View) bool {
				return v.Screen == tt.want && (v.Screen != flow.ScreenTender || v.Pay.Failed != "")
			})
			if tt.want == flow.ScreenUnsure {
				b.stays(tt.want, 700*time.Millisecond)
			}
			b.end()
			far.mu.Lock()
			defer far.mu.Unlock()
			if far.asked < len(tt.backs) {
				t.Errorf("asked %d times", far.asked)
			}
		})
	}
}

// Staff say that an unsigned payment is paid, perhaps because they compared the
// signature, while the terminal is asked about it: its answer moves no money.
func TestUnsignedSettled(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	far := &signer{
		backs:     []terminal.Result{{Outcome: terminal.Unknown, Reason: terminal.ReasonLine}, {Outcome: terminal.Approved}},
		resolving: make(chan struct{}), answer: make(chan struct{}),
	}
	b.card = far
	b.start()
	b.scan("4006381333931")
	b.touch(flow.ActPay, "")
	b.touch(flow.ActTender, "card")
	b.screen(flow.ScreenUnsure)
	<-far.resolving
	b.settleDoubt(flow.DeedPaid)
	far.answer <- struct{}{}
	b.end()
	b.transactions([]money.Amount{129}, []flow.SaleState{flow.SalePaid})
	if far.asked != 1 {
		t.Errorf("it was told %d times to take the payment back, want once, before anybody settled it", far.asked)
	}
}

// settleDoubt has a supervisor say what became of a payment.
func (b *bench) settleDoubt(as flow.StaffDeed) {
	b.t.Helper()
	b.scan(barcode.StaffCode("2"))
	b.until("staff see it", func(v flow.View) bool { return v.Staff != nil && v.Staff.Doubt != nil })
	b.staff(string(as), "", 0)
	b.until("the PIN's page", func(v flow.View) bool { return v.Staff != nil && v.Staff.NeedPIN != "" })
	b.touch(flow.ActPIN, "264891")
	b.until("it has ended", func(v flow.View) bool { return v.Leave != nil })
}

// The lane has lost its terminal, or its cash machine, with a payment in doubt: it
// is unsure, calls a person, lives, and a person's word ends it.
func TestDoubtWithoutDevice(t *testing.T) {
	for _, what := range []string{"card", "cash", "reversal"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.cfg.Timing.UnsureCall = 300 * time.Millisecond
			far := b.recycler(sim.CashOptions{})
			b.start()
			totals, states := []money.Amount{248}, []flow.SaleState{flow.SalePaid}
			switch what {
			case "cash":
				b.toCash(far)
				b.insert(far, 100)
			case "card":
				b.scan("4006381333931")
				b.scan("4000000000013")
				b.touch(flow.ActPay, "")
				b.touch(flow.ActTender, "card")
				for end := time.Now().Add(10 * time.Second); !b.terminal.State().Waiting; {
					if time.Now().After(end) {
						t.Fatal("the terminal asks for no card")
					}
					<-time.After(time.Millisecond)
				}
			case "reversal":
				b.toReversal(func() {
					if err := b.terminal.CutAfter("06 D3"); err != nil {
						t.Fatal(err)
					}
				})
				b.screen(flow.ScreenUnsure)
				totals, states = []money.Amount{129, -129}, []flow.SaleState{flow.SalePaid, flow.SaleRefund}
			}
			b.end()
			b.noCard, b.cash = true, nil
			b.start()
			b.until("a person is called", func(v flow.View) bool { return v.Screen == flow.ScreenUnsure && v.Pay.Staff })
			b.settleDoubt(flow.DeedPaid)
			b.end()
			b.transactions(totals, states)
		})
	}
}
