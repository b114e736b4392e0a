package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kassa/cmd/app/records"
	"kassa/store/export"
)

// What a lane sold can be asked, in every form, and written out elsewhere.
func TestReportOfALane(t *testing.T) {
	_, file := catalogLane(t)
	sell(t, file, func(s *seller) { s.sale("Milk") })
	ask := func(c reportCmd) string {
		t.Helper()
		c.Config = file
		var out bytes.Buffer
		if err := c.run(t.Context(), &out); err != nil {
			t.Fatalf("report %s: %v", c.Name, err)
		}
		return out.String()
	}
	list := ask(reportCmd{})
	for name := range strings.FieldsSeq("sales articles tenders tax payments service interventions losses weights help funnel overrides devices utilisation") {
		if !strings.Contains(list, name+" ") {
			t.Errorf("%s is not listed:\n%s", name, list)
		}
		var object struct{ Report, Counts string }
		if err := json.Unmarshal([]byte(ask(reportCmd{Name: name, Form: records.Form{JSON: true}})), &object); err != nil || object.Report != name || object.Counts == "" {
			t.Errorf("%s as JSON: %+v, %v", name, object, err)
		}
	}
	if got := ask(reportCmd{Name: "sales"}); !strings.Contains(got, "1.29") || !strings.Contains(got, "total EUR") {
		t.Errorf("sales are\n%s", got)
	}
	svg := filepath.Join(t.TempDir(), "sales.svg")
	ask(reportCmd{Name: "sales", Form: records.Form{SVG: true}, Out: svg})
	if text, err := os.ReadFile(svg); err != nil || !bytes.Contains(text, []byte("<title>Sales by hour")) {
		t.Errorf("the plot is %.100s, %v", text, err)
	}
	for _, c := range []reportCmd{{Name: "none"}, {Name: "sales", Days: records.Days{Since: "yesterday"}}, {Name: "sales", Days: records.Days{Since: "2026-11-23", Until: "2026-11-22"}}} {
		c.Config = file
		if err := c.run(t.Context(), io.Discard); !errors.Is(err, errUsage) {
			t.Errorf("report %+v = %v, want wrong usage", c, err)
		}
	}
}

func TestSignedExportsOfALane(t *testing.T) {
	_, file := catalogLane(t)
	sell(t, file, func(s *seller) { s.sale("Milk"); s.sale("Milk") })
	drop := t.TempDir()
	for _, format := range []string{"jsonl", "csv", "poslog"} {
		var out bytes.Buffer
		c := exportCmd{Config: file, Format: format, Target: records.Target{Drop: drop}, Sign: true, After: "0421-1-000001"}
		if err := c.run(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		path := strings.TrimSpace(out.String())
		out.Reset()
		if err := (&verifyCmd{Config: file, Export: path}).run(t.Context(), &out, os.Stderr); err != nil || !strings.Contains(out.String(), `"export":"whole"`) {
			t.Errorf("%s: %s, %v", format, out.String(), err)
		}
		if format == "csv" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil || bytes.Contains(text, []byte("000001")) && format == "jsonl" || !bytes.Contains(text, []byte("1")) {
			t.Errorf("%s: %s, %v", format, text, err)
		}
		if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := (&verifyCmd{Config: file, Export: path}).run(t.Context(), io.Discard, os.Stderr); !errors.Is(err, export.ErrSignature) {
			t.Errorf("%s, changed: %v", format, err)
		}
	}
	for _, c := range []exportCmd{{Sign: true}, {After: "x"}, {After: "7", To: "7"}} {
		c.Config = file
		if err := c.run(t.Context(), io.Discard); !errors.Is(err, errUsage) {
			t.Errorf("export %+v = %v, want wrong usage", c, err)
		}
	}
}
