package printer

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Rasterizer draws text as a picture of the given width in dots.
type Rasterizer interface {
	Rasterize(t Text, dots int) (Raster, error)
	RasterizeTable(t Table, dots int) (Raster, error)
}

// Render returns blocks as p can print them: line by line as text where the code
// page has the letters, else as a picture, and codes as pictures where the
// printer has none of its own. A document from right to left is drawn as a whole
// if there is a Rasterizer: two fonts in one column, and two ideas of which way a
// line runs, would make its figures hard to read.
//
// Where neither the code page nor a font has a text's letters, its Else is
// printed; without one the error is ErrUnprintable.
func Render(p Profile, blocks []Block, r Rasterizer) ([]Block, error) {
	out := make([]Block, len(blocks))
	for i, b := range blocks {
		var err error
		switch b := b.(type) {
		case Text:
			out[i], err = renderText(p, b, r)
		case Table:
			out[i], err = renderTable(p, b, r)
		case QR:
			out[i] = b
			if !p.QR {
				out[i], err = drawQR(b, p.Dots)
			}
		case Barcode:
			out[i] = b
			if !p.Code {
				out[i], err = drawBarcode(b, p.Dots)
			}
		case Rule, Feed, Raster, Cut:
			out[i] = b
		}
		if err != nil {
			return nil, fmt.Errorf("block %d: %w", i+1, err)
		}
	}
	return out, nil
}

func renderText(p Profile, t Text, r Rasterizer) (Block, error) {
	if _, ok := plainText(p.Charset, t); ok && (!t.RTL || r == nil) {
		return t, nil
	}
	if t, ok := plainText(p.Charset, t.instead()); ok && t.Left != "" && r == nil {
		return t, nil
	}
	if r == nil {
		return nil, fmt.Errorf("%w: %q %q: no font", ErrUnprintable, t.Left, t.Right)
	}
	t.Left, t.Right = valid(t.Left), valid(t.Right)
	picture, err := r.Rasterize(t, p.Dots)
	if err != nil && t.Else != "" {
		return renderText(p, t.instead(), r)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %q %q: %w", ErrUnprintable, t.Left, t.Right, err)
	}
	return picture, nil
}

// instead returns t with what is printed where Left cannot be.
func (t Text) instead() Text {
	t.Left, t.Else = t.Else, ""
	return t
}

func renderTable(p Profile, t Table, r Rasterizer) (Block, error) {
	if _, ok := plainTable(p.Charset, t); ok && (!t.RTL || r == nil) {
		return t, nil
	}
	if r == nil {
		return nil, fmt.Errorf("%w: table %q: no font", ErrUnprintable, t.Head)
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	picture, err := r.RasterizeTable(t, p.Dots)
	if err != nil {
		return nil, fmt.Errorf("%w: table %q: %w", ErrUnprintable, t.Head, err)
	}
	return picture, nil
}

func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, " ")
}
