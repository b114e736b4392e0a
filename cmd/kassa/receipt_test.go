package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kassa/device/printer"
	"kassa/kiosk/config"
)

func TestReceiptFile(t *testing.T) {
	_, file := catalogLane(t)
	sell(t, file, func(s *seller) {
		s.sale("Café \x1b[31m")
		s.scan("open still")
	})
	get := func(c receiptCmd) (string, error) {
		var out bytes.Buffer
		c.Config = file
		err := c.run(t.Context(), &out)
		return out.String(), err
	}
	text, err := get(receiptCmd{Txn: "1", Copy: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Café", "1.29", "*5726", "-000001", "Copy 2", "+01:00"} {
		if !strings.Contains(text, want) {
			t.Errorf("the receipt lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Error("a name's escape sequence reaches the terminal")
	}
	dir := t.TempDir()
	for name, begins := range map[string]string{"r.pdf": "%PDF-", "r.png": "\x89PNG", "r.txt": "\n"} {
		out := filepath.Join(dir, name)
		if _, err := get(receiptCmd{Txn: "1", Out: out, Language: "ar"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if b, err := os.ReadFile(out); err != nil || !strings.HasPrefix(string(b), begins) {
			t.Errorf("%s begins with %.8q, %v", name, b, err)
		}
	}
	for _, wrong := range []receiptCmd{{Txn: "2"}, {Txn: "99"}, {Txn: "x"}, {Txn: "1", Out: "r.doc"}, {Txn: "1", Language: "xx"}} {
		if _, err := get(wrong); err == nil {
			t.Errorf("kassa receipt %+v: no error", wrong)
		}
	}
}

// The names that kassa.toml takes are those of the profiles, and a logo and
// profiles of the store's own are read.
func TestPrinterProfiles(t *testing.T) {
	all, err := printer.Profiles("")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range all {
		names = append(names, p.Name)
	}
	if got, want := strings.Join(names, " "), strings.Join(config.PrinterProfiles(), " "); got != want {
		t.Errorf("profiles are %s, kassa.toml takes %s", got, want)
	}
	dir := t.TempDir()
	own := filepath.Join(dir, "printers.toml")
	text := "[[profile]]\nname = \"ours\"\ndots = 512\ncolumns = 42\ncharset = \"cp1252\"\ncode_page = 16\nraster = \"gs-v-0\"\nslice = 64\nbuffer = 1024\n"
	if err := os.WriteFile(own, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := &config.Lane{Printer: &config.Printer{Profile: "ours", Profiles: own}}
	p, err := profileOf(cfg)
	if err != nil || p.Columns != 42 {
		t.Errorf("profileOf() = %+v, %v", p, err)
	}
	var b bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	img.SetGray(1, 1, color.Gray{Y: 255})
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	cfg.Shop.Logo = filepath.Join(dir, "logo.png")
	if _, err := shopWithLogo(cfg, p); err == nil {
		t.Error("a logo that is not there: no error")
	}
	if err := os.WriteFile(cfg.Shop.Logo, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if shop, err := shopWithLogo(cfg, p); err != nil || shop.Logo == nil || shop.Logo.Width != 512 {
		t.Errorf("shopWithLogo() = %+v, %v", shop.Logo, err)
	}
}
