package station_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"unicode"

	"kassa/kiosk/flow"
)

// hostile are codes that strangers may print: terminal escapes, control
// characters, markup, SQL, a scanner's own commands, bytes that are no text,
// and more of it than anything sold has.
func hostile() []string {
	return []string{
		"\x1b]0;owned\x07\x1b[2J",
		"\x00\x00\x00",
		"<script>alert(1)</script>",
		"'; DROP TABLE event; --",
		"\xff\xfe\xfd",
		"%s%n%x",
		"\x16T\r",
		"$\\{jndi:ldap://x\\}",
		"../../../../etc/passwd",
		"=HYPERLINK(\"http://x\")",
		"\u202egnp.exe",
		"\u009b31m",
		strings.Repeat("A", 4096),
		strings.Repeat("\x1d", 4096),
		"]d2" + strings.Repeat("(", 300),
		"https://example.com/01/" + strings.Repeat("9", 2000),
	}
}

// TestHostileCodes scans each hostile code: the lane says that it cannot read
// it and goes on; no control character gets into the journal, the log or the
// view.
func TestHostileCodes(t *testing.T) {
	b := newBench(t)
	var logged bytes.Buffer
	b.log = slog.New(slog.NewJSONHandler(&logged, nil))
	b.start()
	b.scan("4006381333931")
	b.until("a line", func(v flow.View) bool { return v.Sale != nil && len(v.Sale.Lines) == 1 })
	for _, code := range hostile() {
		b.scan(code)
	}
	v := b.until("a hint", func(v flow.View) bool { return v.Hint != nil && v.Hint.Kind == flow.HintUnknown })
	if len(v.Sale.Lines) != 1 {
		t.Errorf("%d lines, want the one that was sold", len(v.Sale.Lines))
	}
	b.scan("4000000000013")
	b.until("a second line", func(v flow.View) bool { return len(v.Sale.Lines) == 2 })
	b.end()
	scans := 0
	for _, rec := range b.kept() {
		if rec.Kind != "scanned" {
			continue
		}
		scans++
		var ev flow.Scanned
		if err := json.Unmarshal(rec.Event, &ev); err != nil {
			t.Fatal(err)
		}
		if raw := ev.Code.Raw; strings.ContainsFunc(raw, unicode.IsControl) || len(raw) > 300 {
			t.Errorf("record %d keeps %q", rec.Seq, raw)
		}
	}
	if want := len(hostile()) + 2; scans != want {
		t.Errorf("%d scans on record, want %d", scans, want)
	}
	for line := range strings.Lines(logged.String()) {
		if strings.Contains(line, "script") || strings.ContainsFunc(strings.TrimRight(line, "\n"), unicode.IsControl) {
			t.Errorf("the log says %q", line)
		}
	}
}
