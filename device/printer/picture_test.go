package printer

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// seen is what a reader makes of a picture.
func seen(t *testing.T, r Raster, reader gozxing.Reader) string {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, r.Width, r.Height))
	for y := range r.Height {
		for x := range r.Width {
			if !r.black(x, y) {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	got, err := reader.Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		t.Errorf("nobody can read it: %v", err)
		return ""
	}
	return got.GetText()
}

// What we draw ourselves is read by somebody else's reader.
func TestCodesAsPictures(t *testing.T) {
	for _, name := range []string{"generic-58", "generic-80"} {
		p := profile(t, name)
		tests := []struct {
			b      Block
			reader gozxing.Reader
			want   string
		}{
			{QR{"0421-1-000123"}, qrcode.NewQRCodeReader(), "0421-1-000123"},
			{QR{"https://receipts.example/" + strings.Repeat("x", 300)}, qrcode.NewQRCodeReader(), "https://receipts.example/" + strings.Repeat("x", 300)},
			{Barcode{Code128, "TK0421-1-000123"}, oned.NewCode128Reader(), "TK0421-1-000123"},
			{Barcode{EAN13, "4006381333931"}, oned.NewEAN13Reader(), "4006381333931"},
			{Barcode{EAN8, "96385074"}, oned.NewEAN8Reader(), "96385074"},
		}
		for _, tt := range tests {
			got, err := Render(p, []Block{tt.b}, nil)
			if err != nil {
				t.Errorf("Render(%v) = %v", tt.b, err)
				continue
			}
			r, ok := got[0].(Raster)
			if !ok || r.Width > p.Dots {
				t.Errorf("%s prints %v as %T", name, tt.b, got[0])
				continue
			}
			if text := seen(t, r, tt.reader); text != tt.want {
				t.Errorf("%s: %v reads %q", name, tt.b, text)
			}
			if _, err := Encode(p, got); err != nil {
				t.Errorf("Encode(%v) = %v", tt.b, err)
			}
		}
	}
	p := profile(t, "generic-58")
	for _, b := range []Block{QR{""}, QR{strings.Repeat("x", 1001)}, Barcode{EAN13, "x"}, Barcode{Code128, strings.Repeat("W", 60)}} {
		if _, err := Render(p, []Block{b}, nil); !errors.Is(err, ErrBlock) {
			t.Errorf("Render(%v) = %v, want ErrBlock", b, err)
		}
	}
}

func pngOf(t *testing.T, img image.Image) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

func TestLogo(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 200, 100))
	for i := range grey.Pix {
		grey.Pix[i] = byte(i % 200 * 255 / 199) // black on the left, white on the right
	}
	r, err := Logo(pngOf(t, grey), 384)
	if err != nil || r.Width != 384 || r.Height != 100 || len(r.Bits) != 48*100 {
		t.Fatalf("Logo() = %d x %d in %d bytes, %v", r.Width, r.Height, len(r.Bits), err)
	}
	count := func(from, to int) (n int) {
		for y := range r.Height {
			for x := from; x < to; x++ {
				if r.black(x, y) {
					n++
				}
			}
		}
		return n
	}
	if got := count(0, 92) + count(292, 384); got != 0 {
		t.Errorf("%d black dots beside the logo", got)
	}
	dark, mid, light := count(92, 142), count(142, 242), count(242, 292)
	if dark < 4200 || mid < 4500 || mid > 5500 || light > 800 {
		t.Errorf("%d of 5000 dark, %d of 10000 grey, %d of 5000 light dots are black", dark, mid, light)
	}
	clearAll := image.NewNRGBA(image.Rect(0, 0, 2000, 4000))
	if r, err = Logo(pngOf(t, clearAll), 384); err != nil || r.Height > maxLogoHeight {
		t.Errorf("Logo() of a clear picture = %d high, %v", r.Height, err)
	}
	if _, _, n := ink(r); n != 0 {
		t.Errorf("a clear picture has %d black dots", n)
	}
	if _, err := Logo(strings.NewReader("GIF89a"), 384); err == nil {
		t.Error("Logo() of no PNG: no error")
	}
	if _, err := Logo(pngOf(t, image.NewGray(image.Rect(0, 0, 5000, 1))), 384); err == nil {
		t.Error("Logo() of a huge picture: no error")
	}
}

func TestProfiles(t *testing.T) {
	own := "[[profile]]\nname = \"epson-80\"\ndots = 512\ncolumns = 42\ncharset = \"cp1251\"\ncode_page = 46\nraster = \"gs-v-0\"\nslice = 64\nbuffer = 1024\n"
	p, err := LookUpIn(own, "epson-80")
	if err != nil || p.Charset != CP1251 || p.Cutter {
		t.Errorf("LookUpIn() = %+v, %v, want the store's own", p, err)
	}
	all, err := Profiles("")
	if err != nil || len(all) < 6 {
		t.Errorf("Profiles() = %d of them, %v", len(all), err)
	}
	for _, bad := range []string{
		"[[profile]]\nname = \"x\"\n", "[[profile]]\ncolour = 1\n", "nonsense",
		strings.Replace(own, "cp1251", "ebcdic", 1), strings.Replace(own, "gs-v-0", "smoke", 1), strings.Replace(own, "512", "513", 1),
	} {
		if _, err := Profiles(bad); err == nil {
			t.Errorf("Profiles(%q): no error", bad)
		}
	}
}
