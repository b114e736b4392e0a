package zvt

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/device/terminal"
)

// cut in a script's answer drops the line.
const cut = "cut"

// A mind is a terminal that answers each command with what the script has for it:
// the first answer, the next time the second; the last one stays.
type mind struct {
	t     *testing.T
	mu    sync.Mutex
	knows map[string][][]string // by command, "06 30"
	dials []error               // of the next connections; when none is left they come about
	asked map[string]int
}

func (m *mind) dial(context.Context) (Line, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.dials) > 0 {
		err := m.dials[0]
		if m.dials = m.dials[1:]; err != nil {
			return nil, err
		}
	}
	near, far := net.Pipe()
	go m.serve(Stream(far))
	return Stream(near), nil
}

// answer is what the script has for a command.
func (m *mind) answer(code string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked[code]++
	all := m.knows[code]
	if len(all) == 0 {
		return []string{"80 00 00", "06 0F 00"}
	}
	if len(all) > 1 {
		m.knows[code] = all[1:]
	}
	return all[0]
}

func (m *mind) serve(line Line) {
	defer func() { _ = line.Close() }()
	for {
		msg, err := line.Receive()
		if err != nil {
			return
		}
		code := strings.ToUpper(hexCode(msg[0]) + " " + hexCode(msg[1]))
		for i, say := range m.answer(code) {
			if say == cut {
				return
			}
			_ = line.Send(unhex(m.t, say))
			if i == 0 {
				continue // what comes next, waits for no answer to this
			}
			if _, err := line.Receive(); err != nil {
				return
			}
		}
	}
}

func newMind(t *testing.T, knows map[string][][]string, dials ...error) (*mind, *Terminal) {
	t.Helper()
	m := &mind{t: t, knows: knows, dials: dials, asked: map[string]int{}}
	d, err := New(Config{
		Dial: m.dial, Password: "000000", Currency: terminal.Currency{Numeric: 978, Exponent: 2},
		T3: time.Second, T4: time.Second, Pause: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return m, d
}

// What the scripts say: the payment, its reversal, and an older payment, as status
// information with receipt, trace and amount.
const (
	saysPaid  = "04 0F 10 27 00 04 00 00 00 00 12 34 87 00 22 0B 00 00 22"
	saysBack  = "04 0F 14 27 00 04 00 00 00 00 12 34 87 00 23 0B 00 00 23 37 00 00 22"
	saysOlder = "04 0F 10 27 00 04 00 00 00 00 05 00 87 00 21 0B 00 00 21"
)

func paid1234() terminal.Result {
	return terminal.Result{Outcome: terminal.Approved, Completed: true, Amount: 1234, Receipt: "0022", Trace: "000022"}
}

// A refusal is looked into whatever its code: what was taken back before is
// approved, and a terminal that does not tell its last transaction says so.
func TestReverseRefused(t *testing.T) {
	abort := func(code string) []string { return []string{"80 00 00", "06 1E 01 " + code} }
	tell := func(what string) []string { return []string{"80 00 00", what, "06 0F 00"} }
	mute := []string{"84 83 00"}
	for _, tt := range []struct {
		name           string
		reverse, again []string
		want           terminal.Outcome
		why            terminal.Reason
	}{
		{"already", abort("B4"), mute, terminal.Approved, terminal.ReasonAlreadyReversed},
		{"impossible, it was done", abort("B5"), tell(saysBack), terminal.Approved, terminal.ReasonAlreadyReversed},
		{"impossible, it was not", abort("B5"), tell(saysPaid), terminal.Declined, terminal.ReasonTooOld},
		{"another code, it was done", abort("6C"), tell(saysBack), terminal.Approved, terminal.ReasonAlreadyReversed},
		{"another code, it was not", abort("6C"), tell(saysPaid), terminal.Declined, terminal.ReasonCancelled},
		{"the host's code, it was done", abort("05"), tell(saysBack), terminal.Approved, terminal.ReasonAlreadyReversed},
		{"the host's code, another stands there", abort("05"), tell(saysOlder), terminal.Declined, terminal.ReasonDeclined},
		{"refused at once, it was done", []string{"84 66 00"}, tell(saysBack), terminal.Approved, terminal.ReasonAlreadyReversed},
		{"refused at once, it was not", []string{"84 66 00"}, tell(saysPaid), terminal.Declined, terminal.ReasonDeclined},
		{"impossible, and it does not tell", abort("B5"), mute, terminal.Declined, terminal.ReasonCannotRepeat},
		{"another code, and it does not tell", abort("05"), mute, terminal.Declined, terminal.ReasonCannotRepeat},
		{"refused, then the line is lost", abort("05"), []string{"80 00 00", cut}, terminal.Unknown, terminal.ReasonLine},
	} {
		_, d := newMind(t, map[string][][]string{"06 30": {tt.reverse}, "06 20": {tt.again}})
		got, err := d.Reverse(t.Context(), paid1234())
		if got.Outcome != tt.want || got.Reason != tt.why || (got.Outcome == terminal.Unknown) != (err != nil) {
			t.Errorf("%s: Reverse() = %v %q, %v, want %v %q", tt.name, got.Outcome, got.Reason, err, tt.want, tt.why)
		}
	}
}

// The line is cut after 06 30, the next dial fails, and then the terminal answers:
// the money went back once, or it is known that it did not.
func TestReverseCut(t *testing.T) {
	for _, tt := range []struct {
		name          string
		second, again []string
		want          terminal.Outcome
	}{
		{"it had been done", []string{"84 B5 00"}, []string{"80 00 00", saysBack, "06 0F 00"}, terminal.Approved},
		{"it is done now", []string{"80 00 00", saysBack, "06 0F 00"}, nil, terminal.Approved},
		{"it is refused", []string{"84 B5 00"}, []string{"80 00 00", saysPaid, "06 0F 00"}, terminal.Declined},
	} {
		m, d := newMind(t, map[string][][]string{
			"06 30": {{"80 00 00", cut}, tt.second}, "06 20": {tt.again},
		}, nil, errors.New("nobody there"))
		for i, want := range []terminal.Outcome{terminal.Unknown, terminal.Aborted, tt.want} {
			if got, err := d.Reverse(t.Context(), paid1234()); got.Outcome != want {
				t.Errorf("%s: try %d: Reverse() = %v %q, %v, want %v", tt.name, i+1, got.Outcome, got.Reason, err, want)
			}
		}
		if m.asked["06 30"] != 2 {
			t.Errorf("%s: asked %d times to take it back", tt.name, m.asked["06 30"])
		}
	}
}

// The receipt asks for a signature, and the payment is taken back: if nobody knows
// whether it was, nobody says that it is paid.
func TestUnsignedReversalInDoubt(t *testing.T) {
	const sign = "06 D3 0A 06 08 1F 07 01 01 1F 37 01 02"
	for _, tt := range []struct {
		name      string
		reverse   []string
		want      terminal.Outcome
		completed bool
	}{
		{"taken back", []string{"80 00 00", saysBack, "06 0F 00"}, terminal.Declined, false},
		{"refused", []string{"84 B5 00"}, terminal.Approved, true},
		{"cut", []string{"80 00 00", cut}, terminal.Unknown, false},
		{"against the book", []string{"80 00 00", "06 0F 00"}, terminal.Unknown, false},
	} {
		tell := [][]string{{"80 00 00", saysPaid, "06 0F 00"}}
		_, d := newMind(t, map[string][][]string{
			"06 01": {{"80 00 00", saysPaid, sign, "06 0F 00"}}, "06 30": {tt.reverse}, "06 20": tell,
		})
		var last terminal.Result
		got, _ := d.Pay(t.Context(), terminal.Request{Amount: 1234, Currency: d.cfg.Currency},
			terminal.Hooks{Recorded: func(r terminal.Result) error { last = r; return nil }})
		if got.Outcome != tt.want || got.Completed != tt.completed || !got.Signature {
			t.Errorf("%s: Pay() = %v %q, completed %v, signature %v", tt.name, got.Outcome, got.Reason, got.Completed, got.Signature)
		}
		if last.Completed {
			t.Errorf("%s: recorded as completed", tt.name)
		}
		// The same of a lane that died before it was taken back.
		_, d = newMind(t, map[string][][]string{
			"06 20": {{"80 00 00", saysPaid, "06 0F 00"}, {"80 00 00", saysPaid, sign, "06 0F 00"}, tell[0]}, "06 30": {tt.reverse},
		})
		in := terminal.Intent{Request: terminal.Request{Amount: 1234, Currency: d.cfg.Currency}, Approval: last}
		if got, _ := d.Resolve(t.Context(), in); got.Outcome != tt.want || tt.want == terminal.Unknown && got.Completed {
			t.Errorf("%s: Resolve() = %v %q, completed %v", tt.name, got.Outcome, got.Reason, got.Completed)
		}
		// And of one at which a person has settled it meanwhile: no money moves.
		_, d = newMind(t, map[string][][]string{
			"06 20": {{"80 00 00", saysPaid, "06 0F 00"}, {"80 00 00", saysPaid, sign, "06 0F 00"}}, // not asked to take it back
		})
		in.Still = func() bool { return false }
		if got, err := d.Resolve(t.Context(), in); got.Outcome != terminal.Approved || err != nil {
			t.Errorf("%s: settled: Resolve() = %v %q, %v", tt.name, got.Outcome, got.Reason, err)
		}
	}
}
