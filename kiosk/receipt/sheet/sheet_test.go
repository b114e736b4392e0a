package sheet

import (
	"bytes"
	"image/png"
	"os/exec"
	"strings"
	"testing"
	"time"

	"kassa/device/printer"
)

func document() []printer.Block {
	return []printer.Block{
		printer.Text{Left: "Corner Shop", Center: true, Double: true, Bold: true},
		printer.Rule{},
		printer.Text{Left: "Crème fraîche", Right: "3,99 € A"},
		printer.Text{Left: "حليب 1 لتر", Right: "1.29 A", RTL: true},
		printer.Text{Left: "\U0001F9C0", Else: "4011", Right: "1.00"},
		printer.Feed{Lines: 1},
		printer.Table{Head: []string{"Rate", "Net", "Tax"}, Rows: [][]string{{"A 7 %", "1.00", "0.07"}}},
		printer.QR{Data: "0421-1-000123"},
		printer.Barcode{Symbology: printer.Code128, Data: "TK0421-1-000123"},
		printer.Cut{},
	}
}

func fonts(t *testing.T) (printer.Profile, *printer.Fonts) {
	t.Helper()
	f, err := printer.LoadFonts()
	if err != nil {
		t.Fatal(err)
	}
	p, err := printer.LookUp("epson-80")
	if err != nil {
		t.Fatal(err)
	}
	return p, f
}

func TestPNG(t *testing.T) {
	p, f := fonts(t)
	var buf bytes.Buffer
	if err := PNG(&buf, p, document(), f); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&buf)
	if err != nil || img.Bounds().Dx() < p.Dots || img.Bounds().Dy() < 300 {
		t.Errorf("the picture is %v, %v", img.Bounds(), err)
	}
}

func TestPDF(t *testing.T) {
	p, f := fonts(t)
	made := time.Date(2026, 11, 22, 14, 5, 9, 0, time.UTC)
	var one bytes.Buffer
	if err := PDF(&one, p, "0421-1-000123", made, document(), f); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(one.Bytes(), []byte("%PDF-")) || bytes.Count(one.Bytes(), []byte("/Type /Page\n")) != 1 {
		t.Error("it is no PDF of one page")
	}
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext (apt: poppler-utils) is not here: nobody else reads the file")
	}
	cmd := exec.CommandContext(t.Context(), tool, "-layout", "-", "-")
	cmd.Stdin = &one
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Corner Shop", "Crème fraîche", "3,99 € A", "A 7 %"} {
		if !strings.Contains(strings.ReplaceAll(string(text), "\u00a0", " "), want) {
			t.Errorf("a search for %q finds nothing in\n%s", want, text)
		}
	}
}
