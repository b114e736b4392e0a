package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"kassa/kiosk/barcode"
)

// answers runs lines through the command and decodes what comes out.
func answers(t *testing.T, c barcodeCmd, in string) []map[string]any {
	t.Helper()
	o, err := c.options(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := runBarcode(strings.NewReader(in), &out, o); err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	for line := range strings.Lines(out.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		all = append(all, m)
	}
	return all
}

func TestBarcodeObject(t *testing.T) {
	got := answers(t, barcodeCmd{}, "]d2010950600013435217261130"+"10AB-12\n")
	want := `{"input":"]d201095060001343521726113010AB-12","aim":"]d2","kind":"article","symbology":"gs1-datamatrix",` +
		`"gtin":"09506000134352","elements":[{"ai":"01","value":"09506000134352"},{"ai":"17","value":"261130"},` +
		`{"ai":"10","value":"AB-12"}],"lot":"AB-12","serial":"","expires":"2026-11-30","best_before":"","net_weight_g":0,` +
		`"price_minor":0,"currency":"","count":0,"coupon":"","error":""}` + "\n"
	var out bytes.Buffer
	if err := explain([]string{"]d201095060001343521726113010AB-12"}, &out, &barcode.Options{Today: barcode.Date{Year: 2026}}); err != nil {
		t.Fatal(err)
	}
	if out.String() != want {
		t.Errorf("got  %swant %s", out.String(), want)
	}
	if len(got) != 1 || got[0]["expires"] != "2026-11-30" {
		t.Errorf("got %v", got)
	}
}

// Every line gets one object: empty ones, ones with CR inside, ones longer than
// the buffer, and a last one without LF.
func TestBarcodeLines(t *testing.T) {
	long := strings.Repeat("x", 4<<20)
	in := "\n4006381333931\r\n4006381333931\r\r\n" + long + "\n \n\x00\x1b[31m\na\xffb\n4006381333931\r"
	got := answers(t, barcodeCmd{}, in)
	want := []struct{ input, kind string }{
		{"", "unknown"},
		{"4006381333931", "article"},
		{"4006381333931\r", "unknown"},
		{long, "unknown"},
		{" ", "unknown"},
		{"\x00\x1b[31m", "unknown"},
		{"a\ufffdb", "invalid"},
		{"4006381333931\r", "unknown"},
	}
	if len(got) != len(want) {
		t.Fatalf("%d objects, want %d", len(got), len(want))
	}
	for i, w := range want {
		if got[i]["input"] != w.input || got[i]["kind"] != w.kind {
			t.Errorf("line %d: %.60v %v, want %.60q %s", i, got[i]["input"], got[i]["kind"], w.input, w.kind)
		}
	}
}

func TestBarcodeFlags(t *testing.T) {
	codes := filepath.Join(t.TempDir(), "codes.toml")
	text := "[[prefix]]\nmatch = \"2999\"\nkind = \"member\"\n[[pattern]]\nmatch = \"21IIIIIWWWWWC\"\ndecimals = 3\n"
	if err := os.WriteFile(codes, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		cmd      barcodeCmd
		in       string
		key      string
		want     any
		nextKind string
	}{
		{barcodeCmd{Country: "DE"}, "2810276146856", "net_weight_g", 14685.0, "article"},
		{barcodeCmd{}, "2810276146856", "net_weight_g", 0.0, "unknown"},
		{barcodeCmd{Codes: codes}, "2999000000012", "number", "2999000000012", "member"},
		{barcodeCmd{Codes: codes}, "2112345012346", "net_weight_g", 1234.0, "article"},
		{barcodeCmd{Symbology: "upc-e"}, "04252614", "gtin", "00042100005264", "article"},
		{barcodeCmd{Today: "2060-01-01"}, "]d2010950600013435217100601", "expires", "2110-06-01", "article"},
		{barcodeCmd{Strict: true}, "(10)AB", "error", "missing_ai: 10 needs another element", "invalid"},
		{barcodeCmd{}, "(10)AB", "error", "nothing to sell", "unknown"},
		{barcodeCmd{ShortGTIN: true}, "https://a.example/01/9506000134352", "gtin", "09506000134352", "article"},
		{barcodeCmd{}, "https://a.example/01/9506000134352", "gtin", "", "invalid"},
	}
	for _, tt := range tests {
		got := answers(t, tt.cmd, tt.in+"\n")
		if len(got) != 1 || got[0][tt.key] != tt.want || got[0]["kind"] != tt.nextKind {
			t.Errorf("%+v %q: %v, want %s %v and kind %s", tt.cmd, tt.in, got, tt.key, tt.want, tt.nextKind)
		}
	}
}

func TestBarcodeWrongUsage(t *testing.T) {
	for _, c := range []barcodeCmd{
		{Today: "22.11.2026"},
		{Today: "2026-02-30"},
		{Country: "XX"},
		{Symbology: "ean"},
	} {
		if c.Validate() == nil {
			t.Errorf("%+v: taken", c)
		}
	}
	good := barcodeCmd{Today: "2026-11-22", Country: "DE", Symbology: "ean-13"}
	if err := good.Validate(); err != nil {
		t.Errorf("%+v: %v", good, err)
	}
}

// The flags are names that scripts hold on to, and a comma does not part codes.
func TestBarcodeUsage(t *testing.T) {
	var got struct {
		Barcode barcodeCmd `cmd:""`
	}
	parser, err := kong.New(&got)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse([]string{
		"barcode", "--today=2026-11-22", "--codes=c.toml", "--country=DE", "--symbology=upc-e", "--strict", "--short-gtin", "a,b", "",
	})
	want := barcodeCmd{
		Code: []string{"a,b", ""}, Today: "2026-11-22", Codes: "c.toml", Country: "DE", Symbology: "upc-e", Strict: true, ShortGTIN: true,
	}
	if err != nil || !reflect.DeepEqual(got.Barcode, want) {
		t.Errorf("got %+v (%v)", got.Barcode, err)
	}
	if _, err := parser.Parse([]string{"barcode", "--country=XX"}); err == nil {
		t.Error("a country without patterns is taken")
	}
}

func TestBarcodeBadCodesFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "codes.toml")
	for _, text := range []string{"[[pattern]]\nmatch = \"short\"\n", "colour = 1\n", "= ="} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := barcodeCmd{Codes: file}
		_, err := c.options(time.Time{})
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want one line", text, err)
		}
	}
	c := barcodeCmd{Codes: filepath.Join(t.TempDir(), "none")}
	if _, err := c.options(time.Time{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

// brokenPipe takes nothing.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestBarcodeWriteFails(t *testing.T) {
	o := &barcode.Options{}
	if err := runBarcode(strings.NewReader("1\n"), brokenPipe{}, o); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("runBarcode: %v", err)
	}
	if err := explain([]string{"1"}, brokenPipe{}, o); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("explain: %v", err)
	}
}

func BenchmarkBarcodeLines(b *testing.B) {
	lines := strings.Repeat("4006381333931\n]d201095060001343521726113010AB-12\n2810276146856\n", 1000)
	o := &barcode.Options{Today: barcode.Date{Year: 2026, Month: 11, Day: 22}}
	b.SetBytes(int64(len(lines)))
	for b.Loop() {
		if err := runBarcode(strings.NewReader(lines), io.Discard, o); err != nil {
			b.Fatal(err)
		}
	}
}
