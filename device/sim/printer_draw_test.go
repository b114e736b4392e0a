package sim

import (
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// What is drawn has ink where the printer would put it, and somebody else's
// reader reads its code.
func TestDrawPaper(t *testing.T) {
	const dots = 384
	style := PrinterSpan{Text: "Total", Bold: true, Wide: true, Tall: true}
	lines := []PrinterLine{
		{Kind: "text", Spans: []PrinterSpan{{Text: "Milk"}}},
		{Kind: "text", Spans: []PrinterSpan{style}, Align: "right"},
		{Kind: "feed", Lines: 2},
		{Kind: "image", Width: 16, Height: 2, Bits: []byte{0xFF, 0, 0, 0xFF}, Align: "center"},
		{Kind: "feed", Lines: 1},
		{Kind: "qr", Data: "0421-1-000123", Module: 6, Align: "center"},
		{Kind: "feed", Lines: 1},
		{Kind: "barcode", Data: "4006381333931", Symbology: 0x43},
		{Kind: "cut"},
	}
	img, err := DrawPaper(lines, dots)
	if err != nil {
		t.Fatal(err)
	}
	ink := func(x0, x1, y0, y1 int) (n int) {
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				if img.GrayAt(penEdge+x, penEdge+y).Y < 128 {
					n++
				}
			}
		}
		return n
	}
	if ink(0, 4*penWide, 0, penFeed) < 50 || ink(5*penWide, dots, 0, penFeed) != 0 {
		t.Error("Milk does not stand at the left")
	}
	high := penFeed + penHigh
	if ink(dots-10*penWide, dots, penFeed, penFeed+high) < 400 || ink(0, dots-10*penWide, penFeed, penFeed+high) != 0 {
		t.Error("Total does not stand at the right, twice as wide")
	}
	at := penFeed + high + 2*penFeed
	if got := ink(184, 192, at, at+1) + ink(192, 200, at+1, at+2); got != 16 || ink(0, dots, at, at+2) != 16 {
		t.Errorf("%d dots of the picture in its place, want 16", got)
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	got, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil || got.GetText() != "0421-1-000123" {
		t.Errorf("the code reads %v, %v", got, err)
	}
	if _, err := DrawPaper([]PrinterLine{{Kind: "qr", Data: strings.Repeat("x", 5000)}}, dots); err == nil {
		t.Error("a code that cannot be: no error")
	}
}
