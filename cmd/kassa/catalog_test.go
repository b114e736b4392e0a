package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"kassa/store/catalog"
)

// A catalogLane is a kassa.toml with a data folder of its own.
func catalogLane(t *testing.T) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	file = filepath.Join(dir, "kassa.toml")
	writeText(t, file, `[lane]
id = "1"
store = "0421"
country = "DE"
timezone = "Europe/Berlin"
day_ends = "04:00"
currency = "EUR"
languages = ["en", "fr"]
data = "data"
`)
	return dir, file
}

func writeText(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// inPipe runs f with a file that is no terminal and returns what it wrote.
func inPipe(t *testing.T, f func(*os.File)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stderr")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	f(out)
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCatalogImportShowExport(t *testing.T) {
	dir, file := catalogLane(t)
	articles := filepath.Join(dir, "a.csv")
	writeText(t, articles, "gtin,plu,name,name_fr,price_minor,per,weight_g,flags\n4006381333931 4006381333948*6,,Pen,Stylo,129,,12.5,no-bag\n,4011,Bananas,,199,kg,,\n")
	recalls := filepath.Join(dir, "r.csv")
	writeText(t, recalls, "gtin,lot,text\n4006381333948,,Leaks\n")
	var out bytes.Buffer
	errs := inPipe(t, func(w *os.File) {
		c := catalogImportCmd{Config: file, Files: []string{articles, recalls}}
		if err := c.run(t.Context(), &out, w); err != nil {
			t.Fatal(err)
		}
	})
	if want := `{"version":1,"articles":2,"prices":0,"recalls":1,"promotions":0}` + "\n"; out.String() != want || errs != "" {
		t.Errorf("import prints %q and %q, want %q and no bar", &out, errs, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", catalog.File)); err != nil {
		t.Error(err)
	}
	for code, want := range map[string]map[string]any{
		"4006381333948": {"gtin": "04006381333948", "price_minor": 774.0, "pack": 6.0, "weight_mg": 75000.0, "per": "each"},
		"4011":          {"plu": "4011", "gtin": "", "price_minor": 199.0, "per": "kg", "version": 1.0},
	} {
		out.Reset()
		c := catalogShowCmd{Config: file, Code: code}
		if err := c.run(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		for key, value := range want {
			if got[key] != value {
				t.Errorf("%s: %s is %v, want %v", code, key, got[key], value)
			}
		}
		if _, recalled := got["recall"]; recalled != (code == "4006381333948") {
			t.Errorf("%s: recall is %v", code, got["recall"])
		}
	}
	missing := catalogShowCmd{Config: file, Code: "4711"}
	if err := missing.run(t.Context(), &out); err == nil || !strings.Contains(err.Error(), `no article has the code "4711"`) {
		t.Errorf("an unknown code: %v", err)
	}
	export := catalogExportCmd{Config: file, Out: filepath.Join(dir, "out.csv")}
	if err := export.run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(export.Out)
	if err != nil || !strings.Contains(string(text), "4006381333931 4006381333948*6,,Pen,Stylo,129,each,,,12.5,") {
		t.Errorf("export is %q, %v", text, err)
	}
}

// A broken row is one clear line, and changes nothing.
func TestCatalogImportRefuses(t *testing.T) {
	dir, file := catalogLane(t)
	bad := filepath.Join(dir, "bad.csv")
	writeText(t, bad, "gtin,name,price_minor\n4006381333931,Pen,1.29\n")
	c := catalogImportCmd{Config: file, Files: []string{bad}}
	var out bytes.Buffer
	err := c.run(t.Context(), &out, os.Stderr)
	want := bad + `:2: price_minor: "1.29" has decimals; write whole minor units, such as 129 for 1.29`
	if err == nil || err.Error() != want || out.Len() != 0 {
		t.Errorf("error is %v\nwant     %s", err, want)
	}
	c.Config = filepath.Join(dir, "nowhere.toml")
	if err := c.run(t.Context(), &out, os.Stderr); err == nil {
		t.Error("a missing config passes")
	}
}

func TestCatalogUsage(t *testing.T) {
	parse := func(args ...string) (catalogCmd, error) {
		var c catalogCmd
		parser, err := kong.New(&c)
		if err != nil {
			t.Fatal(err)
		}
		_, err = parser.Parse(args)
		return c, err
	}
	c, err := parse("import", "--config", "f", "a.csv", "b.csv", "--delta")
	if err != nil {
		t.Fatal(err)
	}
	if want := (catalogImportCmd{Config: "f", Delta: true, Files: []string{"a.csv", "b.csv"}}); !reflect.DeepEqual(c.Import, want) {
		t.Errorf("parsed %+v, want %+v", c.Import, want)
	}
	for _, args := range [][]string{{"import", "--config", "f"}, {"import", "a.csv"}, {"show", "--config", "f"}, {"export"}} {
		if _, err := parse(args...); err == nil {
			t.Errorf("%v passes", args)
		}
	}
}

// On a terminal the bar grows, and leaves an empty line behind.
func TestBar(t *testing.T) {
	var out bytes.Buffer
	b := &bar{w: &out}
	for _, done := range []int64{0, 50, 100} {
		b.last = time.Time{} // long ago
		b.show(done, 100)
	}
	b.show(100, 100) // too soon
	b.clear()
	lines := strings.Split(out.String(), "\r")
	if len(lines) != 5 || !strings.Contains(lines[2], "["+strings.Repeat("#", 20)+strings.Repeat(".", 20)+"]  50 %") ||
		!strings.Contains(lines[3], "100 %") || lines[4] != "\x1b[K" {
		t.Errorf("the bar is %q", lines)
	}
}
