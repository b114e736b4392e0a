package printer

import (
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

func fonts(t *testing.T) *Fonts {
	t.Helper()
	f, err := LoadFonts(DefaultFonts()...)
	if err != nil {
		t.Skip(err)
	}
	return f
}

// ink returns the leftmost and rightmost black dot and how many there are.
func ink(r Raster) (left, right, n int) {
	left, right = r.Width, -1
	for y := range r.Height {
		for x := range r.Width {
			if r.Bits[y*((r.Width+7)/8)+x/8]&(0x80>>(x%8)) != 0 {
				left, right, n = min(left, x), max(right, x), n+1
			}
		}
	}
	return left, right, n
}

func TestRasterizeArabic(t *testing.T) {
	f := fonts(t)
	p := profile(t, "epson-80")
	tests := []struct {
		name        string
		text        Text
		left, right bool // ink at that edge
		rows        int
	}{
		{"name only", Text{Left: "حليب كامل الدسم", RTL: true}, false, true, 1},
		{"name and amount", Text{Left: "حليب كامل الدسم 1L", Right: "12.50", RTL: true}, true, true, 1},
		{"centred", Text{Left: "شكرا", Center: true, RTL: true}, false, false, 1},
		{"name in a receipt that reads from the left", Text{Left: "حليب"}, true, false, 1},
		{"long", Text{Left: "حليب كامل الدسم طازج من المزرعة مبستر ومعبأ في زجاجة كبيرة", Right: "12.50", RTL: true}, true, true, 2},
	}
	height := 0
	for _, tt := range tests {
		r, err := f.Rasterize(tt.text, p.Dots)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		save(t, tt.name, r)
		if height == 0 {
			height = r.Height
		}
		left, right, n := ink(r)
		if n < 200 || (left < 12) != tt.left || (right > p.Dots-12) != tt.right {
			t.Errorf("%s: %d dots from %d to %d, want ink at the left %v, at the right %v", tt.name, n, left, right, tt.left, tt.right)
		}
		if r.Height != tt.rows*height {
			t.Errorf("%s: %d dots high, want %d rows of %d", tt.name, r.Height, tt.rows, height)
		}
	}
}

// save writes the picture where KASSA_PICTURES says, for a look at it.
func save(t *testing.T, name string, r Raster) {
	t.Helper()
	dir := os.Getenv("KASSA_PICTURES")
	if dir == "" {
		return
	}
	img := image.NewGray(image.Rect(0, 0, r.Width, r.Height))
	for y := range r.Height {
		for x := range r.Width {
			if r.Bits[y*((r.Width+7)/8)+x/8]&(0x80>>(x%8)) == 0 {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	out, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := png.Encode(out, img); err != nil {
		t.Fatal(err)
	}
}

// A word of joined letters is narrower than its letters apart: they were
// shaped, not drawn one by one.
func TestLettersJoin(t *testing.T) {
	f := fonts(t)
	joined, err := f.Rasterize(Text{Left: "سسسس", RTL: true}, 576)
	if err != nil {
		t.Fatal(err)
	}
	apart, err := f.Rasterize(Text{Left: "س\u200cس\u200cس\u200cس", RTL: true}, 576)
	if err != nil {
		t.Fatal(err)
	}
	l1, r1, _ := ink(joined)
	l2, r2, _ := ink(apart)
	if r1-l1 >= r2-l2 {
		t.Errorf("joined %d dots wide, apart %d", r1-l1, r2-l2)
	}
}

func TestRender(t *testing.T) {
	p := profile(t, "epson-80")
	blocks := []Block{Text{Left: "Milk", Right: "1.29"}, Text{Left: "حليب", RTL: true}, Cut{}}
	if _, err := Render(p, blocks, nil); !errors.Is(err, ErrUnprintable) {
		t.Errorf("Render() without a font = %v, want ErrUnprintable", err)
	}
	f := fonts(t)
	got, err := Render(p, blocks, f)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := got[0].(Text); !ok {
		t.Errorf("%T for a text the printer can print", got[0])
	}
	if r, ok := got[1].(Raster); !ok || r.Alt != "حليب" {
		t.Errorf("%#v for a text the printer cannot print", got[1])
	}
	if _, err := Encode(p, got); err != nil {
		t.Errorf("Encode() of the rendered receipt = %v", err)
	}
	if _, err := Render(p, []Block{Text{Left: "\U0001F9C0"}}, f); !errors.Is(err, ErrUnprintable) {
		t.Errorf("Render() of a letter no font has = %v, want ErrUnprintable", err)
	}
	got, err = Render(p, []Block{Text{Left: "\U0001F9C0", Else: "04006381333931"}, Text{Left: "Brie \U0001F9C0 حليب"}}, f)
	if err != nil || got[0] != (Text{Left: "04006381333931"}) {
		t.Errorf("Render() of a name that cannot be printed = %v, %v, want what stands for it", got, err)
	}
	if _, err := LoadFonts(filepath.Join(t.TempDir(), "none.ttf")); err != nil {
		t.Errorf("LoadFonts() without any file = %v", err)
	}
}

func FuzzRasterize(f *testing.F) {
	fs, err := LoadFonts(DefaultFonts()...)
	if err != nil {
		f.Skip(err)
	}
	f.Add("حليب 1L", "12.50", true, true)
	f.Add("Milk", "", false, false)
	f.Fuzz(func(t *testing.T, left, right string, rtl, double bool) {
		r, err := fs.Rasterize(Text{Left: left, Right: right, RTL: rtl, Double: double}, 384)
		if err == nil && (r.Width != 384 || len(r.Bits) != 48*r.Height) {
			t.Errorf("%d x %d dots in %d bytes", r.Width, r.Height, len(r.Bits))
		}
	})
}
