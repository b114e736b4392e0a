package printer

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/ean"
	"github.com/boombuler/barcode/qr"
)

// Limits of a logo's file, so that nobody's photograph eats the lane's memory.
const (
	maxLogoSide   = 4000 // dots of the file
	maxLogoHeight = 400  // dots on the paper, 5 cm at 203 dpi
)

// Logo reads a PNG and makes it one bit deep and at most dots wide, centred on a
// strip of dots. Greys become patterns (Floyd and Steinberg's diffusion); what is
// clear is white.
func Logo(file io.Reader, dots int) (Raster, error) {
	var buf bytes.Buffer
	conf, err := png.DecodeConfig(io.TeeReader(file, &buf))
	if err != nil {
		return Raster{}, fmt.Errorf("logo: %w", err)
	}
	if conf.Width < 1 || conf.Height < 1 || conf.Width > maxLogoSide || conf.Height > maxLogoSide {
		return Raster{}, fmt.Errorf("logo: %d x %d dots, want at most %d each way", conf.Width, conf.Height, maxLogoSide)
	}
	img, err := png.Decode(io.MultiReader(&buf, file))
	if err != nil {
		return Raster{}, fmt.Errorf("logo: %w", err)
	}
	w, h := conf.Width, conf.Height
	if w > dots {
		w, h = dots, max(h*dots/w, 1)
	}
	if h > maxLogoHeight {
		w, h = max(w*maxLogoHeight/h, 1), maxLogoHeight
	}
	return centre(diffuse(shrink(img, w, h)), dots), nil
}

// A greys is a picture of brightness, 0 black to 255 white.
type greys struct {
	w, h int
	pix  []int
}

// shrink makes a picture of w x h dots, each the mean of what it covers.
func shrink(img image.Image, w, h int) greys {
	b := img.Bounds()
	out := greys{w, h, make([]int, w*h)}
	for y := range h {
		y0, y1 := span(y, h, b.Dy())
		for x := range w {
			x0, x1 := span(x, w, b.Dx())
			sum := 0
			for sy := y0; sy < y1; sy++ {
				for sx := x0; sx < x1; sx++ {
					sum += brightness(img.At(b.Min.X+sx, b.Min.Y+sy))
				}
			}
			out.pix[y*w+x] = sum / ((y1 - y0) * (x1 - x0))
		}
	}
	return out
}

// span returns which of all source dots the i-th of n dots covers.
func span(i, n, all int) (from, to int) {
	from = i * all / n
	return from, max((i+1)*all/n, from+1)
}

// brightness of a colour on white paper.
func brightness(c color.Color) int {
	r, g, b, a := c.RGBA()
	return int((299*r+587*g+114*b)/1000+0xFFFF-a) >> 8
}

// diffuse makes dots of greys: what a dot is too dark or too light goes to its
// neighbours (Floyd and Steinberg: 7, 3, 5 and 1 sixteenths).
func diffuse(g greys) Raster {
	row := (g.w + 7) / 8
	r := Raster{Width: g.w, Height: g.h, Bits: make([]byte, row*g.h)}
	give := func(x, y, v int) {
		if x >= 0 && x < g.w && y < g.h {
			g.pix[y*g.w+x] += v
		}
	}
	for y := range g.h {
		for x := range g.w {
			left := g.pix[y*g.w+x]
			if left < 128 {
				r.Bits[y*row+x/8] |= 0x80 >> (x % 8)
			} else {
				left -= 255
			}
			give(x+1, y, left*7/16)
			give(x-1, y+1, left*3/16)
			give(x, y+1, left*5/16)
			give(x+1, y+1, left/16)
		}
	}
	return r
}

// centre sets a picture in the middle of a strip of dots.
func centre(r Raster, dots int) Raster {
	row, from := (dots+7)/8, max((dots-r.Width)/2, 0)
	out := Raster{Width: dots, Height: r.Height, Bits: make([]byte, row*r.Height), Alt: r.Alt}
	for y := range r.Height {
		for x := range min(r.Width, dots) {
			if r.black(x, y) {
				out.Bits[y*row+(from+x)/8] |= 0x80 >> ((from + x) % 8)
			}
		}
	}
	return out
}

// black reports whether the dot at x, y is.
func (r Raster) black(x, y int) bool {
	return r.Bits[y*((r.Width+7)/8)+x/8]&(0x80>>(x%8)) != 0
}

// drawQR draws the code that a printer without QR codes lacks, with the quiet
// zone of four modules that readers ask for (ISO/IEC 18004).
func drawQR(q QR, dots int) (Raster, error) {
	if len(q.Data) == 0 || len(q.Data) > maxQR {
		return Raster{}, fmt.Errorf("%w: QR code of %d bytes", ErrBlock, len(q.Data))
	}
	code, err := qr.Encode(q.Data, qr.M, qr.Unicode)
	if err != nil {
		return Raster{}, fmt.Errorf("%w: QR code: %w", ErrBlock, err)
	}
	const quiet = 4
	side := code.Bounds().Dx()
	module := min(qrModule(len(q.Data)), dots/(side+2*quiet))
	if module < 1 {
		return Raster{}, fmt.Errorf("%w: QR code of %d modules is wider than the paper", ErrBlock, side)
	}
	return centre(modules(code, module, module*side, quiet*module), dots), nil
}

// drawBarcode draws a linear code, 80 dots high.
func drawBarcode(b Barcode, dots int) (Raster, error) {
	if err := b.check(); err != nil {
		return Raster{}, err
	}
	var code barcode.Barcode
	var err error
	if b.Symbology == Code128 {
		code, err = code128.Encode(b.Data)
	} else {
		code, err = ean.Encode(b.Data)
	}
	if err != nil {
		return Raster{}, fmt.Errorf("%w: barcode: %w", ErrBlock, err)
	}
	const quiet = 10 // modules on either side
	wide := code.Bounds().Dx()
	module := min(2, dots/(wide+2*quiet))
	if module < 1 {
		return Raster{}, fmt.Errorf("%w: barcode of %d modules is wider than the paper", ErrBlock, wide)
	}
	r := centre(modules(code, module, 80, 0), dots)
	r.Alt = b.Data
	return r, nil
}

// modules draws a code, each module some dots wide, high dots high, with quiet
// rows above and below.
func modules(code barcode.Barcode, module, high, quiet int) Raster {
	wide := code.Bounds().Dx()
	row := (wide*module + 7) / 8
	r := Raster{Width: wide * module, Height: high + 2*quiet, Bits: make([]byte, row*(high+2*quiet))}
	for y := range high {
		for x := range r.Width {
			at := y / module
			if code.Bounds().Dy() == 1 {
				at = 0
			}
			if grey, ok := color.GrayModel.Convert(code.At(x/module, at)).(color.Gray); ok && grey.Y < 128 {
				r.Bits[(quiet+y)*row+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return r
}
