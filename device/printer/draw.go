package printer

import (
	"fmt"
	"image"
	"image/color"
)

// Measures of a drawn document, in dots at 203 dpi.
const (
	lineDots  = 30 // a line feed
	ruleDots  = 2
	paperEdge = 24 // white around it
)

// Draw draws a whole document as a picture, all of it by r: what IT gets as a
// file. The picture has two colours and is as wide as the paper of p.
func Draw(p Profile, blocks []Block, r Rasterizer) (*image.Paletted, error) {
	p.QR, p.Code = false, false
	var strips []Raster
	high := 2 * paperEdge
	for i, b := range blocks {
		strip, err := strip(p, b, r)
		if err != nil {
			return nil, fmt.Errorf("block %d: %w", i+1, err)
		}
		strips = append(strips, strip)
		high += strip.Height
	}
	img := image.NewPaletted(image.Rect(0, 0, p.Dots+2*paperEdge, high), color.Palette{color.White, color.Black})
	y := paperEdge
	for _, s := range strips {
		for sy := range s.Height {
			for x := range min(s.Width, p.Dots) {
				if s.black(x, sy) {
					img.SetColorIndex(paperEdge+x, y+sy, 1)
				}
			}
		}
		y += s.Height
	}
	return img, nil
}

// strip is one block as a picture.
func strip(p Profile, b Block, r Rasterizer) (Raster, error) {
	switch b := b.(type) {
	case Text:
		b.Left, b.Right, b.Else = valid(b.Left), valid(b.Right), valid(b.Else)
		picture, err := r.Rasterize(b, p.Dots)
		if err != nil && b.Else != "" {
			return r.Rasterize(b.instead(), p.Dots)
		}
		return picture, err
	case Table:
		return r.RasterizeTable(b, p.Dots)
	case Rule:
		out := blank(p.Dots, lineDots/2)
		row := (p.Dots + 7) / 8
		for i := range ruleDots * row {
			out.Bits[(lineDots/4)*row+i] = 0xFF
		}
		return out, nil
	case Feed:
		return blank(p.Dots, b.Lines*lineDots), nil
	case QR:
		return drawQR(b, p.Dots)
	case Barcode:
		bars, err := drawBarcode(b, p.Dots)
		if err != nil {
			return bars, err
		}
		below, err := r.Rasterize(Text{Left: b.Data, Center: true}, p.Dots)
		bars.Bits = append(bars.Bits, below.Bits...)
		bars.Height += below.Height
		return bars, err
	case Raster:
		return b, nil
	case Cut:
	}
	return blank(p.Dots, 0), nil
}

func blank(w, h int) Raster {
	return Raster{Width: w, Height: h, Bits: make([]byte, (w+7)/8*h)}
}
