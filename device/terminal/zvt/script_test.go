package zvt

import (
	"bytes"
	"context"
	"net"
	"testing"
	"time"

	"kassa/device/terminal"
)

// playScript is a terminal that registers us, takes the next command, and then
// sends the messages, each when the one before was answered. It returns our
// answers to them.
func playScript(t *testing.T, conn net.Conn, script []string) <-chan []byte {
	line := Stream(conn)
	answers := make(chan []byte, len(script))
	say := func(s string) { _ = line.Send(unhex(t, s)) }
	go func() {
		defer close(answers)
		defer func() { _ = line.Close() }()
		_, _ = line.Receive() // 06 00
		say("80 00 00")
		say("06 0F 00")
		_, _ = line.Receive() // 80 00 00
		_, _ = line.Receive() // 06 01
		say("80 00 00")
		for _, s := range script {
			say(s)
			msg, err := line.Receive()
			if err != nil {
				return
			}
			answers <- msg
		}
		_, _ = line.Receive() // until the driver hangs up
	}()
	return answers
}

// TestContradictions plays what terminals say against the book.
func TestContradictions(t *testing.T) {
	const yes = "04 0F 0C 27 00 04 00 00 00 00 12 34 87 00 22"
	for _, tt := range []struct {
		name     string
		script   []string
		want     terminal.Outcome
		why      terminal.Reason
		recorded int
		last     string // our answer to the last message
	}{
		{"as it should be", []string{yes, "06 0F 00"}, terminal.Approved, "", 2, "80 00 00"},
		{"twice approved", []string{yes, yes, "06 0F 00"}, terminal.Approved, "", 3, "80 00 00"},
		{"wrong PIN, then approved", []string{"04 0F 02 27 37", yes, "06 0F 00"}, terminal.Approved, "", 2, "80 00 00"},
		{"completed without a word", []string{"06 0F 00"}, terminal.Unknown, terminal.ReasonContradiction, 0, "80 00 00"},
		{"completed after a decline", []string{"04 0F 02 27 05", "06 0F 00"}, terminal.Unknown, terminal.ReasonContradiction, 0, "80 00 00"},
		{"aborted after an approval", []string{yes, "06 1E 01 6C"}, terminal.Unknown, terminal.ReasonContradiction, 1, "80 00 00"},
		{"declined after an approval", []string{yes, "04 0F 02 27 05", "06 1E 01 05"}, terminal.Unknown, terminal.ReasonContradiction, 1, "80 00 00"},
		{"abort without a reason", []string{"06 1E 00"}, terminal.Aborted, terminal.ReasonService, 0, "80 00 00"},
		{"declined without status information", []string{"06 1E 01 05"}, terminal.Declined, terminal.ReasonDeclined, 0, "80 00 00"},
		{"completed though refused", []string{"04 0F 09 27 00 04 00 00 00 00 11 11", "06 0F 00"}, terminal.Unknown, terminal.ReasonContradiction, 0, "80 00 00"},
		{"unknown command", []string{"06 D8 00", yes, "06 0F 00"}, terminal.Approved, "", 2, "80 00 00"},
		{"status information without a code", []string{"04 0F 03 87 00 22", yes, "06 0F 00"}, terminal.Approved, "", 2, "80 00 00"},
		{"the same message cut short", []string{"04 0F 05 27 00 04 00 00", "06 0F 00"}, terminal.Approved, "", 2, "80 00 00"},
		{"silence", []string{yes, "04 FF 01 0E"}, terminal.Unknown, terminal.ReasonTimeout, 1, "80 00 00"},
	} {
		near, far := net.Pipe()
		answers := playScript(t, far, tt.script)
		d, err := New(Config{
			Dial:     func(context.Context) (Line, error) { return Stream(near), nil },
			Password: "000000", Currency: terminal.Currency{Numeric: 978, Exponent: 2}, T4: 200 * time.Millisecond,
		})
		if err != nil {
			t.Fatal(err)
		}
		recorded := 0
		got, err := d.Pay(t.Context(), terminal.Request{Amount: 1234, Currency: d.cfg.Currency},
			terminal.Hooks{Recorded: func(terminal.Result) error { recorded++; return nil }})
		if got.Outcome != tt.want || got.Reason != tt.why || recorded != tt.recorded || (got.Outcome == terminal.Unknown) != (err != nil) {
			t.Errorf("%s: Pay() = %v %q, %v, recorded %d times, want %v %q, %d times",
				tt.name, got.Outcome, got.Reason, err, recorded, tt.want, tt.why, tt.recorded)
		}
		var all [][]byte
		for a := range answers {
			all = append(all, a)
		}
		if n := len(all); n == 0 || !bytes.Equal(all[n-1], unhex(t, tt.last)) {
			t.Errorf("%s: our last answer of %d is % X, want %s", tt.name, n, all[max(0, n-1)], tt.last)
		}
	}
}
