package zvt_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/device/sim"
	"kassa/device/terminal"
	"kassa/device/terminal/zvt"
)

// A recorder writes down what both sides say, as text2pcap reads it.
type recorder struct {
	mu    sync.Mutex
	text  strings.Builder
	count int
}

func (r *recorder) note(way string, msg []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	fmt.Fprintf(&r.text, "%s\n%06x % x\n\n", way, 0, msg)
}

// A recordedLine is a line with a recorder on it.
type recordedLine struct {
	zvt.Line
	to *recorder
}

func (l recordedLine) Send(msg []byte) error {
	l.to.note("I", msg) // text2pcap: the near port is the one of what comes in
	return l.Line.Send(msg)
}

func (l recordedLine) Receive() ([]byte, error) {
	msg, err := l.Line.Receive()
	if err == nil {
		l.to.note("O", msg)
	}
	return msg, err
}

// TestTshark has Wireshark's dissector, which knows neither our driver nor our
// simulated terminal, read what the two said to each other.
func TestTshark(t *testing.T) {
	for _, tool := range []string{"tshark", "text2pcap"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: apt-get install tshark", tool)
		}
	}
	rec := &recorder{}
	recordDay(t, rec)
	dir := t.TempDir()
	text, capture := filepath.Join(dir, "zvt.txt"), filepath.Join(dir, "zvt.pcap")
	if err := os.WriteFile(text, []byte(rec.text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	runTool(t, "text2pcap", "-q", "-D", "-T", "40000,20007", text, capture)

	read := func(filter string, fields ...string) []string {
		args := []string{"-r", capture, "-d", "tcp.port==20007,zvt", "-Y", filter, "-T", "fields"}
		for _, f := range fields {
			args = append(args, "-e", f)
		}
		return strings.Fields(runTool(t, "tshark", args...))
	}
	// Wireshark 4.0 has no entry for the enquiry, the repeat and our abort.
	unknown := 0
	for _, payload := range read("!zvt", "tcp.payload") {
		if !strings.HasPrefix(payload, "0501") && !strings.HasPrefix(payload, "0620") && payload != "06b000" {
			t.Errorf("tshark does not take %s for ZVT", payload)
		}
		unknown++
	}
	if got := len(read("zvt", "frame.number")); got+unknown != rec.count {
		t.Errorf("tshark reads %d messages of %d, and %d it cannot know", got, rec.count, unknown)
	}
	if bad := read("_ws.malformed || zvt.apdu_len.invalid || _ws.expert.severity >= 0x600000", "frame.number"); len(bad) > 0 {
		t.Errorf("tshark complains of packets %v:\n%s", bad, runTool(t, "tshark", "-r", capture, "-d", "tcp.port==20007,zvt", "-V", "-Y", "frame.number=="+bad[0]))
	}
	codes := strings.Join(read("zvt.control_field", "zvt.control_field"), " ")
	for _, code := range []string{"0x0600", "0x0601", "0x0630", "0x0631", "0x0650", "0x040f", "0x04ff", "0x06d3", "0x060f", "0x061e"} {
		if !strings.Contains(codes, code) {
			t.Errorf("tshark saw no %s", code)
		}
	}
	if got := read("zvt.control_field == 0x0601", "zvt.amount"); len(got) < 3 || got[0] != "1234" {
		t.Errorf("tshark reads amounts %v, want three or more of 1234", got)
	}
	// A terminal that is still busy with what was before is asked again.
	if got := slices.Compact(read("zvt.control_field == 0x0631", "zvt.amount")); len(got) != 1 || got[0] != "250" {
		t.Errorf("tshark reads refunds of %v, want 250", got)
	}
	if leaks := read("zvt.card_number", "zvt.card_number"); len(leaks) == 0 || strings.Contains(strings.Join(leaks, ""), "4111") {
		t.Errorf("card numbers %v", leaks)
	}
	t.Logf("%d messages, none malformed, %d of kinds that tshark does not know", rec.count, unknown)
}

// recordDay makes a payment, a reversal, a refund, a decline, an abort and the end
// of the day.
func recordDay(t *testing.T, rec *recorder) {
	t.Helper()
	z := newSim(t, sim.ZVTOptions{})
	dial, err := zvt.Dial("tcp://"+z.Addr(), "")
	if err != nil {
		t.Fatal(err)
	}
	d := newTerminal(t, z.Addr(), func(c *zvt.Config) {
		c.Dial = func(ctx context.Context) (zvt.Line, error) {
			line, err := dial(ctx)
			if err != nil {
				return nil, err
			}
			return recordedLine{line, rec}, nil
		}
	})
	_, paid, err := payOn(t, d, z.Tap)
	if err != nil || paid.Outcome != terminal.Approved {
		t.Fatalf("Pay() = %v, %v", paid.Outcome, err)
	}
	if back, err := d.Reverse(t.Context(), paid); back.Outcome != terminal.Approved {
		t.Errorf("Reverse() = %v, %v", back.Outcome, err)
	}
	recordRefund(t, d, z)
	if _, got, err := payOn(t, d, z.Decline); got.Outcome != terminal.Declined {
		t.Errorf("Pay() = %v, %v", got.Outcome, err)
	}
	if _, got, err := payOn(t, d, func() bool { return z.State().Waiting && d.Abort(t.Context()) == nil }); got.Outcome != terminal.Aborted {
		t.Errorf("Pay() = %v, %v", got.Outcome, err)
	}
	if _, err := d.EndOfDay(t.Context()); err != nil {
		t.Errorf("EndOfDay() = %v", err)
	}
}

// recordRefund gives money back to a card.
func recordRefund(t *testing.T, d *zvt.Terminal, z *sim.ZVT) {
	t.Helper()
	ev, err := d.Prepare(t.Context())
	if err != nil {
		t.Fatalf("Prepare() = %v", err)
	}
	tapped := make(chan struct{})
	go func() {
		defer close(tapped)
		for t.Context().Err() == nil && !z.Tap() {
			time.Sleep(time.Millisecond)
		}
	}()
	req := terminal.Request{Key: "back", Amount: 250, Currency: euro, Evidence: ev}
	got, err := d.Refund(t.Context(), req, terminal.Hooks{Recorded: func(terminal.Result) error { return nil }})
	<-tapped
	if got.Outcome != terminal.Approved {
		t.Errorf("Refund() = %v, %v", got.Outcome, err)
	}
}

// runTool runs a program of Wireshark's and returns what it prints.
func runTool(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, stderr.String())
	}
	return string(out)
}
