package sim

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/ean"
	"github.com/boombuler/barcode/qr"
	"github.com/go-fonts/dejavu/dejavusansmono"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// The letters of font A, and a line, in dots.
const (
	penWide  = 12
	penHigh  = 24
	penFeed  = 30
	penEdge  = 20 // white beside the printed strip
	barsHigh = 80
)

// A pen draws what came out of a printer.
type pen struct {
	img  *image.Gray
	face font.Face
	dots int
	y    int
}

// DrawPaper draws lines as they would look on paper of a printable width of so
// many dots. It has letters of its own, as every printer has; pictures, and so
// every script the printer lacks, are the very dots that were sent.
func DrawPaper(lines []PrinterLine, dots int) (*image.Gray, error) {
	parsed, err := opentype.Parse(dejavusansmono.TTF)
	if err != nil {
		return nil, fmt.Errorf("draw paper: %w", err)
	}
	// A letter of this font is 0.602 of its size wide.
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: penWide / 0.602, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("draw paper: %w", err)
	}
	defer func() { _ = face.Close() }() // it has nothing to say
	high := 2 * penEdge
	for _, l := range lines {
		high += penRoom(l)
	}
	p := &pen{img: image.NewGray(image.Rect(0, 0, dots+2*penEdge, high)), face: face, dots: dots, y: penEdge}
	draw.Draw(p.img, p.img.Rect, image.White, image.Point{}, draw.Src)
	for _, l := range lines {
		if err := p.line(l); err != nil {
			return nil, fmt.Errorf("draw paper: %w", err)
		}
	}
	p.img.Rect.Max.Y = p.y + penEdge
	p.img.Pix = p.img.Pix[:p.img.Rect.Dy()*p.img.Stride]
	return p.img, nil
}

// penRoom is how high a line is at most.
func penRoom(l PrinterLine) int {
	switch l.Kind {
	case "feed":
		return l.Lines * penFeed
	case "image":
		return l.Height
	case "qr":
		return 200 * max(l.Module, 1)
	case "barcode":
		return barsHigh + 2*penFeed
	}
	return 2 * penFeed
}

func (p *pen) line(l PrinterLine) error {
	switch l.Kind {
	case "text":
		p.text(l)
	case "feed":
		p.y += l.Lines * penFeed
	case "image":
		p.bits(l)
	case "qr":
		code, err := qr.Encode(l.Data, qr.M, qr.Unicode)
		if err != nil {
			return err
		}
		side := code.Bounds().Dx()
		p.code(code, max(l.Module, 1), side*max(l.Module, 1), l.Align)
	case "barcode":
		return p.bars(l)
	case "cut":
		for x := 0; x < p.img.Rect.Dx(); x += 12 {
			for i := range 6 {
				p.black(x+i-penEdge, penFeed/2)
			}
		}
		p.y += penFeed
	}
	return nil
}

// black sets a dot of the strip, y counting from where the paper stands.
func (p *pen) black(x, y int) { p.img.SetGray(penEdge+x, p.y+y, color.Gray{}) }

// from is where something so wide begins.
func (p *pen) from(wide int, align string) int {
	switch align {
	case "center":
		return max(p.dots-wide, 0) / 2
	case "right":
		return max(p.dots-wide, 0)
	}
	return 0
}

func (p *pen) text(l PrinterLine) {
	wide, high := 0, penFeed
	for _, s := range l.Spans {
		for range s.Text {
			wide += penWide * (1 + bit(s.Wide))
		}
		if s.Tall {
			high = penFeed + penHigh
		}
	}
	x := p.from(wide, l.Align)
	for _, s := range l.Spans {
		for _, r := range s.Text {
			p.letter(r, x, high, s)
			x += penWide * (1 + bit(s.Wide))
		}
	}
	p.y += high
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// letter draws one letter, doubled as its style says, its feet on the line.
func (p *pen) letter(r rune, x, high int, s PrinterSpan) {
	cell := image.NewAlpha(image.Rect(0, 0, penWide, penHigh))
	d := font.Drawer{Dst: cell, Src: image.Opaque, Face: p.face, Dot: fixed.P(0, 18)}
	d.DrawString(string(r))
	w, h := 1+bit(s.Wide), 1+bit(s.Tall)
	top := high - penFeed + (penFeed - penHigh) - penHigh*(h-1)
	for cy := range penHigh * h {
		for cx := range penWide * w {
			dark := cell.AlphaAt(cx/w, cy/h).A >= 0x70
			if s.Bold && cx > 0 {
				dark = dark || cell.AlphaAt((cx-1)/w, cy/h).A >= 0x70
			}
			if dark {
				p.black(x+cx, max(top, 0)+cy)
			}
		}
	}
}

// bits draws a picture as it came.
func (p *pen) bits(l PrinterLine) {
	row := (l.Width + 7) / 8
	from := p.from(l.Width, l.Align)
	for y := range l.Height {
		for x := range l.Width {
			if l.Bits[y*row+x/8]&(0x80>>(x%8)) != 0 {
				p.black(from+x, y)
			}
		}
	}
	p.y += l.Height
}

// code draws a code, each module some dots wide, high dots high.
func (p *pen) code(c barcode.Barcode, module, high int, align string) {
	from := p.from(c.Bounds().Dx()*module, align)
	for y := range high {
		for x := range c.Bounds().Dx() * module {
			at := min(y/module, c.Bounds().Dy()-1)
			if grey, ok := color.GrayModel.Convert(c.At(x/module, at)).(color.Gray); ok && grey.Y < 128 {
				p.black(from+x, y)
			}
		}
	}
	p.y += high
}

// bars draws a linear code and its number.
func (p *pen) bars(l PrinterLine) error {
	var c barcode.Barcode
	var err error
	if l.Symbology == 0x49 {
		c, err = code128.Encode(l.Data)
	} else {
		c, err = ean.Encode(l.Data)
	}
	if err != nil {
		return err
	}
	p.code(c, 2, barsHigh, l.Align)
	p.text(PrinterLine{Spans: []PrinterSpan{{Text: l.Data}}, Align: l.Align})
	p.y += penFeed - penHigh
	return nil
}
