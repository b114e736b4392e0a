package zvt

import (
	"context"
	"errors"
	"testing"

	"kassa/device/terminal"
)

func nowhere(context.Context) (Line, error) { return nil, errors.New("nobody there") }

// TestVerdict goes through the recovery table.
func TestVerdict(t *testing.T) {
	const tid = "29001006"
	before := stored{Receipt: "0021", Trace: "000021", Date: "0308", Time: "164800", Amount: 1234}
	ev := evidence{TID: tid, Last: before}
	old := info{hasCode: true, hasAmount: true, amount: 1234, receipt: "0021", trace: "000021", date: "0308", time: "164800", tid: tid}
	ours := old
	ours.receipt, ours.trace, ours.time = "0022", "000022", "164923"
	with := func(i info, f func(*info)) info { f(&i); return i }
	approval := ours.result()
	completed := approval
	completed.Completed = true

	tests := []struct {
		name     string
		ev       evidence
		approval terminal.Result
		tid      string
		was      last
		want     terminal.Outcome
		why      terminal.Reason
	}{
		{"no approval seen, nothing stored", ev, terminal.Result{}, tid, last{code: 0x66}, terminal.Aborted, terminal.ReasonNotFound},
		{"no approval seen, the old one", ev, terminal.Result{}, tid, last{found: true, info: old}, terminal.Aborted, terminal.ReasonNotFound},
		{"no approval seen, an older one", ev, terminal.Result{}, tid, last{found: true, info: with(ours, func(i *info) { i.receipt = "0020" })}, terminal.Aborted, terminal.ReasonNotFound},
		{"no approval seen, a new one that fits", ev, terminal.Result{}, tid, last{found: true, info: ours}, terminal.Approved, ""},
		{"numbers wrap", evidence{TID: tid, Last: stored{Receipt: "9999"}}, terminal.Result{}, tid, last{found: true, info: with(ours, func(i *info) { i.receipt = "0001" })}, terminal.Approved, ""},
		{"first payment ever", evidence{TID: tid, None: true}, terminal.Result{}, tid, last{found: true, info: ours}, terminal.Approved, ""},
		{"no numbers, the old one", evidence{TID: tid, Last: stored{Trace: "000021", Date: "0308", Time: "164800", Amount: 1234}}, terminal.Result{}, tid, last{found: true, info: with(old, func(i *info) { i.receipt = "" })}, terminal.Aborted, terminal.ReasonNotFound},
		{"a new one of another amount", ev, terminal.Result{}, tid, last{found: true, info: with(ours, func(i *info) { i.amount = 1000 })}, terminal.Unknown, terminal.ReasonAmount},
		{"a new one that was declined", ev, terminal.Result{}, tid, last{found: true, info: with(ours, func(i *info) { i.code = 0x05 })}, terminal.Declined, terminal.ReasonDeclined},
		{"a reversal", ev, terminal.Result{}, tid, last{found: true, info: with(ours, func(i *info) { i.origin = "000022" })}, terminal.Aborted, terminal.ReasonNotFound},
		{"recorded, kept", ev, approval, tid, last{found: true, info: ours}, terminal.Approved, ""},
		{"recorded, taken back", ev, approval, tid, last{found: true, info: old}, terminal.Aborted, terminal.ReasonReversed},
		{"recorded, nothing stored", ev, approval, tid, last{code: 0x66}, terminal.Aborted, terminal.ReasonReversed},
		{"recorded, reversed on the record", ev, approval, tid, last{found: true, info: with(ours, func(i *info) { i.receipt, i.trace, i.origin = "0023", "000023", "000022" })}, terminal.Aborted, terminal.ReasonReversed},
		{"another terminal", ev, terminal.Result{}, "11111111", last{code: 0x66}, terminal.Unknown, terminal.ReasonOtherTerminal},
		{"another terminal, recorded", ev, approval, "11111111", last{found: true, info: old}, terminal.Unknown, terminal.ReasonOtherTerminal},
		{"the terminal does not say", ev, terminal.Result{}, tid, last{unable: true, code: 0x83}, terminal.Unknown, terminal.ReasonCannotRepeat},
		{"it did not say before, one that fits", evidence{TID: tid, Unable: true}, terminal.Result{}, tid, last{found: true, info: ours}, terminal.Unknown, terminal.ReasonCannotRepeat},
		{"it did not say before, one that does not fit", evidence{TID: tid, Unable: true}, terminal.Result{}, tid, last{found: true, info: with(ours, func(i *info) { i.amount = 5 })}, terminal.Aborted, terminal.ReasonNotFound},
	}
	for _, tt := range tests {
		in := terminal.Intent{Request: terminal.Request{Amount: 1234, Evidence: tt.ev.pack()}, Approval: tt.approval}
		got := verdict(in, tt.tid, tt.was)
		if got.Outcome != tt.want || got.Reason != tt.why || !got.Recovered {
			t.Errorf("%s: %v %q, want %v %q", tt.name, got.Outcome, got.Reason, tt.want, tt.why)
		}
	}

	d, err := New(Config{Dial: nowhere, Password: "000000", Currency: terminal.Currency{Numeric: 978}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Resolve(t.Context(), terminal.Intent{Approval: completed})
	if err != nil || got.Outcome != terminal.Approved {
		t.Errorf("Resolve() of a completed payment = %v, %v: the terminal need not be asked", got.Outcome, err)
	}
	lost := terminal.Intent{Request: terminal.Request{Amount: 1234}} // evidence lost with the disk
	if got := verdict(lost, tid, last{found: true, info: ours}); got.Outcome != terminal.Unknown {
		t.Errorf("without evidence: %v, want Unknown", got.Outcome)
	}
}

func TestSaysNone(t *testing.T) {
	for code, want := range map[byte]bool{
		0x66: true, 0x64: true, 0xB5: true, codeWrongPIN: false, codeUnsupported: false, codeBusy: false,
		codeNotRegistered: false, 0xFF: false, codeNeedsInit: false, codeCancelled: false, codeCardInserted: false, 0x05: false, codeNeedsDiagnosis: false, 0xA3: false,
	} {
		if got := saysNone(code); got != want {
			t.Errorf("saysNone(%02X) = %v, want %v", code, got, want)
		}
	}
}
