// Package sheet makes a file of a receipt, as PNG or PDF, for IT and for whoever
// asks for a receipt years later. It decides nothing: what stands on the document
// and where is package receipt's, and what a line looks like is the printer's.
//
// Its one rule: a file shows what the paper showed, in the same order. Lines in
// Latin letters are text in a PDF, so that they can be searched and copied; others
// are pictures, as on paper.
package sheet

import (
	"bytes"
	"fmt"
	"image/png"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/dejavu/dejavusansmono"
	"golang.org/x/text/unicode/bidi"

	"kassa/device/printer"
)

// PNG writes a document as a picture of one bit a dot, 203 dots an inch.
func PNG(out io.Writer, p printer.Profile, blocks []printer.Block, fonts printer.Rasterizer) error {
	img, err := printer.Draw(p, blocks, fonts)
	if err != nil {
		return fmt.Errorf("receipt picture: %w", err)
	}
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(out, img); err != nil {
		return fmt.Errorf("receipt picture: %w", err)
	}
	return nil
}

// Measures of a page, in points of 1/72 inch.
const (
	dot    = 72.0 / 203
	margin = 12.0
	// A letter of the built-in font is 0.602 of its size wide (DejaVu Sans Mono,
	// 1233 of 2048 units); a line is 1.25 of it high.
	letter  = 1233.0 / 2048
	leading = 1.25
)

// PDF writes a document as one page, as wide as the paper and as long as it needs
// to be. Made says when, for the file's own record.
func PDF(out io.Writer, p printer.Profile, title string, made time.Time, blocks []printer.Block, fonts printer.Rasterizer) error {
	s := &page{profile: p, fonts: fonts, width: float64(p.Dots) * dot}
	s.size = s.width / float64(p.Columns) / letter
	// Once to measure, once to draw.
	if err := s.all(blocks); err != nil {
		return fmt.Errorf("receipt page: %w", err)
	}
	s.pdf = fpdf.NewCustom(&fpdf.InitType{
		UnitStr: "pt", Size: fpdf.SizeType{Wd: s.width + 2*margin, Ht: s.y + 2*margin},
	})
	s.pdf.SetTitle(title, true)
	s.pdf.SetCreator("kassa", true)
	s.pdf.SetCreationDate(made)
	s.pdf.SetModificationDate(made)
	s.pdf.SetCatalogSort(true)
	s.pdf.SetMargins(0, 0, 0)
	s.pdf.SetAutoPageBreak(false, 0)
	s.pdf.AddUTF8FontFromBytes("mono", "", dejavusansmono.TTF)
	s.pdf.AddPage()
	s.y = 0
	if err := s.all(blocks); err != nil {
		return fmt.Errorf("receipt page: %w", err)
	}
	if err := s.pdf.Output(out); err != nil {
		return fmt.Errorf("receipt page: %w", err)
	}
	return nil
}

// A page is being drawn, or without a pdf measured.
type page struct {
	profile printer.Profile
	fonts   printer.Rasterizer
	pdf     *fpdf.Fpdf
	width   float64
	size    float64 // of letters
	y       float64
	images  int
}

func (s *page) all(blocks []printer.Block) error {
	s.images = 0
	for i, b := range blocks {
		if err := s.block(b); err != nil {
			return fmt.Errorf("block %d: %w", i+1, err)
		}
	}
	return nil
}

func (s *page) block(b printer.Block) error {
	switch b := b.(type) {
	case printer.Text:
		if !latin(b.Left + b.Right) {
			break
		}
		size, columns := s.size, s.profile.Columns
		if b.Double {
			size, columns = 2*size, columns/2
		}
		s.lines(printer.Plain([]printer.Block{b}, columns), size)
		return nil
	case printer.Table:
		if !latin(printer.Plain([]printer.Block{b}, s.profile.Columns)) {
			break
		}
		s.lines(printer.Plain([]printer.Block{b}, s.profile.Columns), s.size)
		return nil
	case printer.Rule:
		s.y += s.size * leading / 4
		if s.pdf != nil {
			s.pdf.SetLineWidth(0.7)
			s.pdf.Line(margin, margin+s.y, margin+s.width, margin+s.y)
		}
		s.y += s.size * leading / 4
		return nil
	case printer.Feed:
		s.y += float64(b.Lines) * s.size * leading
		return nil
	case printer.QR, printer.Barcode, printer.Raster:
	case printer.Cut:
		return nil
	}
	return s.picture(b)
}

// lines sets plain text in letters of one width.
func (s *page) lines(text string, size float64) {
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if s.pdf != nil {
			s.pdf.SetFont("mono", "", size)
			s.pdf.Text(margin, margin+s.y+size, line)
		}
		s.y += size * leading
	}
}

// picture sets a block as the printer would draw it.
func (s *page) picture(b printer.Block) error {
	img, err := printer.Draw(s.profile, []printer.Block{b}, s.fonts)
	if err != nil {
		return err
	}
	const edge = 24 // Draw leaves white around
	w, h := float64(img.Rect.Dx())*dot, float64(img.Rect.Dy())*dot
	if s.pdf != nil {
		var buf bytes.Buffer
		if err := png.Encode(&buf, img); err != nil {
			return err
		}
		s.images++
		name := fmt.Sprintf("p%d", s.images)
		s.pdf.RegisterImageOptionsReader(name, fpdf.ImageOptions{ImageType: "png"}, &buf)
		s.pdf.ImageOptions(name, margin-edge*dot, margin+s.y-edge*dot, w, h, false, fpdf.ImageOptions{ImageType: "png"}, 0, "")
	}
	s.y += h - 2*edge*dot
	return nil
}

// latin reports whether a text runs from left to right in letters of the built-in
// font: then it can stand in a PDF as text.
func latin(s string) bool {
	for _, r := range s {
		switch p, _ := bidi.LookupRune(r); p.Class() {
		case bidi.R, bidi.AL, bidi.AN:
			return false
		default:
		}
		if r > 0x2fff || r >= 0x0590 && r < 0x1e00 {
			return false
		}
	}
	return true
}
