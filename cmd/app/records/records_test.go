package records

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"kassa/cmd/app"
	"kassa/store/journal"
	"kassa/store/report"
)

func TestMoment(t *testing.T) {
	zone := time.FixedZone("store", 3600)
	for text, want := range map[string]time.Time{
		"":                          {},
		"2026-11-22":                time.Date(2026, 11, 22, 0, 0, 0, 0, zone),
		"2026-11-22T06:00":          time.Date(2026, 11, 22, 6, 0, 0, 0, zone),
		"2026-11-22T06:00:07":       time.Date(2026, 11, 22, 6, 0, 7, 0, zone),
		"2026-11-22T06:00:00+03:00": time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC),
	} {
		if got, err := Moment("since", text, zone); err != nil || !got.Equal(want) {
			t.Errorf("%q is %v, %v, want %v", text, got, err, want)
		}
	}
	if _, err := Moment("since", "yesterday", zone); !errors.Is(err, app.ErrUsage) {
		t.Errorf("yesterday: %v", err)
	}
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "7": 7, "0421-1-000123": 123} {
		if got, err := Number("after", text); err != nil || got != want {
			t.Errorf("%q is %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"x", "0", "0421-1-", "99999999999999999999"} {
		if _, err := Number("after", text); !errors.Is(err, app.ErrUsage) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

type nothing struct{}

func (nothing) Transactions(context.Context, journal.Filter) iter.Seq2[*journal.Transaction, error] {
	return func(func(*journal.Transaction, error) bool) {}
}

func TestDrop(t *testing.T) {
	dir := t.TempDir()
	for format, name := range map[string]string{"jsonl": "x.jsonl", "poslog": "x.xml", "csv": "x"} {
		path, err := Drop(t.Context(), nothing{}, journal.Filter{}, format, dir, "x")
		if err != nil || path != filepath.Join(dir, name) {
			t.Errorf("%s lies at %s, %v", format, path, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

func TestAnswer(t *testing.T) {
	err := Answer(t.Context(), io.Discard, nil, "none", report.Query{}, report.FormOf(false, true, false))
	if !errors.Is(err, app.ErrUsage) {
		t.Errorf("a report that nobody has: %v", err)
	}
	if got, want := NoConfig("kassa-hub").Error(), "usage: --config is missing: kassa-hub report --config kassa-hub.toml sales"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Flags that exclude each other do so also where they lie in several pieces.
func TestFlags(t *testing.T) {
	for words, want := range map[string]bool{
		"": true, "--csv": true, "--views": true, "--since 2026-11-22 -o x": true,
		"--csv --json": false, "--svg --views": false, "--drop x --stick": false, "-o x --drop x": false,
	} {
		var flags struct {
			Days
			Form
			Views bool `xor:"form"`
			Target
		}
		parser, err := kong.New(&flags)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(strings.Fields(words)); (err == nil) != want {
			t.Errorf("%q: %v", words, err)
		}
	}
}

func TestTarget(t *testing.T) {
	for _, c := range []struct {
		Target
		streams bool
		folder  string
	}{
		{Target{}, true, ""},
		{Target{Out: "-"}, true, ""},
		{Target{Out: "x"}, false, ""},
		{Target{Drop: "d"}, false, "d"},
	} {
		if got, err := c.Folder(); got != c.folder || err != nil || c.Streams() != c.streams {
			t.Errorf("%+v: streams %t into %q, %v", c.Target, c.Streams(), got, err)
		}
	}
	if (Target{Stick: true}).Streams() {
		t.Error("an export onto a stick goes to standard output")
	}
}

func TestClosed(t *testing.T) {
	zone := time.FixedZone("store", 3600)
	f := journal.Filter{After: 7}
	if err := (Closed{Since: "2026-11-22", Until: "2026-11-23"}).Limit(&f, zone); err != nil ||
		!f.Since.Equal(time.Date(2026, 11, 22, 0, 0, 0, 0, zone)) || !f.Until.Equal(time.Date(2026, 11, 23, 0, 0, 0, 0, zone)) || f.After != 7 {
		t.Errorf("%+v, %v", f, err)
	}
	for _, c := range []Closed{{Since: "x"}, {Until: "x"}} {
		if err := c.Limit(&f, zone); !errors.Is(err, app.ErrUsage) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
