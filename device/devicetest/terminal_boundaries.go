package devicetest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"kassa/device/terminal"
)

// A boundary is one place at which a payment is interrupted: before or behind
// a message on the line, or before or behind a write to the lane's disk.
type boundary struct {
	message int // on the line, from 1; or 0
	write   int // to the disk, from 1; or 0
	behind  bool
	kill    bool // the lane dies; else the line alone
	name    string
}

func (b boundary) String() string {
	what, side := "cut", "before"
	if b.kill {
		what = "killed"
	}
	if b.behind {
		side = "behind"
	}
	return what + " " + side + " " + b.name
}

// errKilled is what a lane's disk says when the lane is dead.
var errKilled = errors.New("the lane is dead")

// A diary is what a lane writes down about a payment, durable before write
// returns, as the station does it.
type diary struct {
	file *os.File

	mu     sync.Mutex
	writes int
	dead   bool
	fatal  boundary // where it dies; the zero boundary is nowhere
	onKill func()
}

// An entry is one line of a diary: exactly one field is set.
type entry struct {
	Intent   *terminal.Intent `json:"intent,omitempty"`
	Approval *terminal.Result `json:"approval,omitempty"`
	Outcome  *terminal.Result `json:"outcome,omitempty"`
}

func openDiary(t *testing.T, path string) *diary {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return &diary{file: f}
}

func (d *diary) die() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead = true
}

// write appends e, unless the lane is dead or dies before it.
func (d *diary) write(e entry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writes++
	here := d.fatal.write == d.writes
	if here && !d.fatal.behind {
		d.dead = true
		d.onKill()
	}
	if d.dead {
		return errKilled
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := d.file.Write(append(line, '\n')); err != nil {
		return err
	}
	if err := d.file.Sync(); err != nil {
		return err
	}
	if here {
		d.dead = true
		d.onKill()
		return errKilled
	}
	return nil
}

// read returns what is known of the payment: its intent, if one was written,
// and its outcome, if it has one.
func readDiary(t *testing.T, path string) (in *terminal.Intent, outcome *terminal.Result) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("diary: %v", err)
		}
		switch {
		case e.Intent != nil:
			in = e.Intent
		case e.Approval != nil && in != nil:
			in.Approval = *e.Approval
		case e.Outcome != nil:
			outcome = e.Outcome
		}
	}
	if outcome != nil && outcome.Outcome == terminal.Unknown {
		outcome = nil
	}
	return in, outcome
}

// TestTerminalBoundaries interrupts a payment at every boundary, recovers as a
// lane does, and checks that the lane's diary and the terminal's books agree
// on one charge or none. It logs a table of what it found. bench is called once
// for each boundary; the tests run in parallel. With thin the line is cut only
// before each message and the lane dies only behind it, which is the same
// places once each, for lines on which a cut is found by waiting.
func TestTerminalBoundaries(t *testing.T, thin bool, bench func(t *testing.T) TerminalBench) {
	t.Helper()
	var mu sync.Mutex
	all := boundaries(messagesOf(t, bench(t)))
	if thin {
		all = slices.DeleteFunc(all, func(b boundary) bool { return b.message > 0 && b.kill != b.behind })
	}
	table := make([]string, len(all))
	t.Run("at", func(t *testing.T) {
		for i, at := range all {
			t.Run(at.String(), func(t *testing.T) {
				t.Parallel()
				found := interrupt(t, bench(t), at)
				mu.Lock()
				table[i] = fmt.Sprintf("%-34s %s", at, found)
				mu.Unlock()
			})
		}
	})
	missed := 0
	for _, line := range table {
		if strings.Contains(line, "(not reached)") {
			missed++
		}
	}
	if missed > len(all)/10 {
		t.Errorf("%d of %d boundaries were not reached", missed, len(all))
	}
	t.Logf("%d boundaries\n%s", len(all), strings.Join(table, "\n"))
}

// boundaries lists the places to interrupt a payment of the given messages.
func boundaries(messages []string) []boundary {
	var all []boundary
	for _, kill := range []bool{false, true} {
		for i, m := range messages {
			all = append(all, boundary{message: i + 1, kill: kill, name: fmt.Sprintf("%2d %s", i+1, m)},
				boundary{message: i + 1, behind: true, kill: kill, name: fmt.Sprintf("%2d %s", i+1, m)})
		}
	}
	for i, name := range []string{"intent", "approval", "completion", "outcome"} {
		all = append(all, boundary{write: i + 1, kill: true, name: name + " on disk"},
			boundary{write: i + 1, behind: true, kill: true, name: name + " on disk"})
	}
	return all
}

// interrupt makes a payment that is interrupted at a boundary, recovers, and
// returns a line of the table.
func interrupt(t *testing.T, b TerminalBench, at boundary) string {
	t.Helper()
	pay(t, b.New(b.Addr), b, b.Person.Tap).want(t, b, terminal.Approved, "", 1)
	c := newCutter(t, b)
	path := filepath.Join(t.TempDir(), "diary")
	first := openDiary(t, path)
	first.fatal, first.onKill = at, c.cutNow

	seen := once(t, b, c, first, at)
	c.arm(0, false, nil)

	// The lane is back, or the cable. What it knows is what is on its disk.
	second := openDiary(t, path)
	in, outcome := readDiary(t, path)
	how := "known"
	switch {
	case in == nil:
		how, outcome = "nothing was begun", &terminal.Result{Outcome: terminal.Aborted}
	case outcome == nil:
		how = "asked"
		d := b.New(c.addr())
		got := ResolveTerminal(t, d, *in)
		outcome = &got
		if err := second.write(entry{Outcome: outcome}); err != nil {
			t.Fatal(err)
		}
		if again := ResolveTerminal(t, d, *in); again.Outcome != outcome.Outcome {
			t.Errorf("asked again: %v, before %v", again.Outcome, outcome.Outcome)
		}
	}
	charged := b.Charges() - 1
	if charged < 0 || charged > 1 || (charged == 1) != (outcome.Outcome == terminal.Approved) {
		t.Errorf("the lane says %v %q (%s; Pay said %s), the terminal charged %d times",
			outcome.Outcome, outcome.Reason, how, seen, charged)
	}
	return fmt.Sprintf("Pay %-22s %-17s lane %-8s %-12s terminal %d", seen, how, outcome.Outcome, outcome.Reason, charged)
}

// once makes the payment and returns what Pay said.
func once(t *testing.T, b TerminalBench, c *cutter, log *diary, at boundary) string {
	t.Helper()
	d := b.New(c.addr())
	ev, err := d.Prepare(t.Context())
	if err != nil {
		t.Fatalf("Prepare() = %v", err)
	}
	in := terminal.Intent{Request: terminal.Request{Key: "k2", Amount: testAmount, Currency: b.Currency, Evidence: ev}}
	onCut := func() {}
	if at.kill {
		onCut = log.die
	}
	c.arm(at.message, at.behind, onCut)
	if log.write(entry{Intent: &in}) != nil {
		return "never ran"
	}
	r := &run{intent: in}
	r.chargeInto(t, d, func(res terminal.Result) error { return log.write(entry{Approval: &res}) }, b.Person.Tap)
	c.settle()
	said := strings.TrimSpace(fmt.Sprintf("%v %s", r.result.Outcome, r.result.Reason))
	if at.message > 0 && !c.fired() {
		// A line that repeats what was not heard in time may have had more
		// messages in the payment that was counted.
		said += " (not reached)"
	}
	_ = log.write(entry{Outcome: &r.result}) // of a lane that is dead nobody hears
	return said
}

// messagesOf makes a payment and returns its messages.
func messagesOf(t *testing.T, b TerminalBench) []string {
	t.Helper()
	c := newCutter(t, b)
	d := b.New(c.addr())
	ev, err := d.Prepare(t.Context())
	if err != nil {
		t.Fatalf("Prepare() = %v", err)
	}
	r := &run{intent: terminal.Intent{Request: terminal.Request{Key: "k1", Amount: testAmount, Currency: b.Currency, Evidence: ev}}}
	c.arm(0, false, nil)
	r.charge(t, d, b.Person.Tap)
	r.want(t, b, terminal.Approved, "", 1)
	return c.messages()
}
