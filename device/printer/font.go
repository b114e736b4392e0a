package printer

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"image"
	"os"
	"slices"
	"sync"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// Sizes of drawn text. At 203 dpi, 26 dots make letters as high as those of
// the printer's own font A.
const (
	fontDots   = 26
	inkAlpha   = 0x80 // from here on a dot is black
	gapDots    = 12   // between the left and the right text at least
	maxLetters = 1000 // of one Text
)

// Fonts draws text with TrueType or OpenType fonts: letters joined, both
// directions in one line. It is a Rasterizer, and safe for concurrent use.
type Fonts struct {
	mu      sync.Mutex
	faces   []*font.Face
	shaper  shaping.HarfbuzzShaper
	split   shaping.Segmenter
	wrapper shaping.LineWrapper
}

var _ Rasterizer = (*Fonts)(nil)

// DefaultFonts returns where Debian keeps fonts that cover Latin, Arabic,
// Cyrillic, Greek and Hebrew (packages fonts-noto-core, fonts-dejavu-core).
func DefaultFonts() []string {
	return []string{
		"/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf",
		"/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
		"/usr/share/fonts/truetype/noto/NotoSansHebrew-Regular.ttf",
		"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
	}
}

// LoadFonts reads fonts; the first that has a letter draws it. Files that are
// not there are passed over, but one must be; a broken one is an error.
func LoadFonts(paths ...string) (*Fonts, error) {
	f := &Fonts{}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("font: %w", err)
		}
		face, err := font.ParseTTF(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("font %s: %w", path, err)
		}
		f.faces = append(f.faces, face)
	}
	if len(f.faces) == 0 {
		return nil, fmt.Errorf("font: none of %q is there", paths)
	}
	return f, nil
}

// ResolveFace returns the first face that has r; for the segmenter.
func (f *Fonts) ResolveFace(r rune) *font.Face {
	face, _ := f.resolve(r)
	return face
}

func (f *Fonts) resolve(r rune) (*font.Face, bool) {
	for _, face := range f.faces {
		if _, ok := face.NominalGlyph(r); ok {
			return face, true
		}
	}
	return f.faces[0], false
}

// Rasterize draws t as a picture that is dots wide. It fails if a letter is in
// no font.
func (f *Fonts) Rasterize(t Text, dots int) (Raster, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	size := fontDots
	if t.Double {
		size *= 2
	}
	left, err := f.lines(t.Left, size, dots, t.RTL)
	if err != nil {
		return Raster{}, err
	}
	rows := make([][]placed, 0, len(left)+1)
	for _, l := range left {
		rows = append(rows, []placed{{l, startOf(l, dots, t.Center, t.RTL)}})
	}
	if t.Right != "" && !t.Center {
		right, err := f.lines(t.Right, size, dots, t.RTL)
		if err != nil {
			return Raster{}, err
		}
		rows = f.addRight(rows, right, dots, t.RTL)
	}
	r := f.draw(rows, size, dots)
	if t.Bold {
		embolden(r)
	}
	r.Alt = t.Left
	if t.Right != "" {
		r.Alt += " " + t.Right
	}
	return r, nil
}

// A placed is a shaped line and where its left end stands.
type placed struct {
	line shaping.Line
	x    int
}

func width(l shaping.Line) int {
	var w fixed.Int26_6
	for _, run := range l {
		w += run.Advance
	}
	return w.Ceil()
}

func startOf(l shaping.Line, dots int, centre, rtl bool) int {
	switch free := max(dots-width(l), 0); {
	case centre:
		return free / 2
	case rtl:
		return free
	}
	return 0
}

// addRight puts the right text on the last row, or on rows of its own when
// there is no room.
func (f *Fonts) addRight(rows [][]placed, right []shaping.Line, dots int, rtl bool) [][]placed {
	for i, l := range right {
		x := startOf(l, dots, false, !rtl)
		last := len(rows) - 1
		if i == 0 && width(rows[last][0].line)+gapDots+width(l) <= dots {
			rows[last] = append(rows[last], placed{l, x})
			continue
		}
		rows = append(rows, []placed{{l, x}})
	}
	return rows
}

// lines shapes s and breaks it into lines of at most dots.
func (f *Fonts) lines(s string, size, dots int, rtl bool) ([]shaping.Line, error) {
	text := []rune(s)
	if len(text) > maxLetters {
		return nil, fmt.Errorf("%d letters", len(text))
	}
	for i, r := range text {
		switch {
		case unicode.IsControl(r):
			text[i] = ' '
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r):
		default:
			if _, ok := f.resolve(r); !ok {
				return nil, fmt.Errorf("no font has %q", r)
			}
		}
	}
	dir := di.DirectionLTR
	if rtl {
		dir = di.DirectionRTL
	}
	if len(text) == 0 {
		text = []rune{' '}
	}
	inputs := f.split.Split(shaping.Input{
		Text: text, RunEnd: len(text), Direction: dir, Size: fixed.I(size), Language: language.NewLanguage("en"),
	}, f)
	runs := make([]shaping.Output, len(inputs))
	for i, in := range inputs {
		runs[i] = f.shaper.Shape(in)
	}
	wrapped, _ := f.wrapper.WrapParagraph(shaping.WrapConfig{Direction: dir}, dots, text, shaping.NewSliceIterator(runs))
	lines := make([]shaping.Line, len(wrapped)) // the wrapper owns what it returned
	for i, l := range wrapped {
		lines[i] = slices.Clone(l)
		slices.SortFunc(lines[i], func(a, b shaping.Output) int { return cmp.Compare(a.VisualIndex, b.VisualIndex) })
	}
	return lines, nil
}

// draw draws the rows below one another.
func (f *Fonts) draw(rows [][]placed, size, dots int) Raster {
	up, down := size, size/4
	for _, row := range rows {
		for _, p := range row {
			for _, run := range p.line {
				up = max(up, run.LineBounds.Ascent.Ceil())
				down = max(down, -run.LineBounds.Descent.Floor())
			}
		}
	}
	high := up + down
	img := image.NewAlpha(image.Rect(0, 0, dots, high*len(rows)))
	ink := vector.NewRasterizer(dots, high)
	for i, row := range rows {
		ink.Reset(dots, high)
		for _, p := range row {
			x := float32(p.x)
			for _, run := range p.line {
				x = drawRun(ink, run, x, float32(up))
			}
		}
		ink.Draw(img, image.Rect(0, i*high, dots, (i+1)*high), image.Opaque, image.Point{})
	}
	return pack(img)
}

// drawRun adds the outlines of one run from x on and returns where it ends.
func drawRun(ink *vector.Rasterizer, run shaping.Output, x, base float32) float32 {
	scale := float32(run.Size) / 64 / float32(run.Face.Upem())
	for _, g := range run.Glyphs {
		outline, ok := run.Face.GlyphData(g.GlyphID).(font.GlyphOutline)
		if ok {
			drawGlyph(ink, outline, scale, x+float32(g.XOffset)/64, base-float32(g.YOffset)/64)
		}
		x += float32(g.Advance) / 64
	}
	return x
}

func drawGlyph(ink *vector.Rasterizer, outline font.GlyphOutline, scale, x, y float32) {
	at := func(p opentype.SegmentPoint) (float32, float32) { return x + p.X*scale, y - p.Y*scale }
	for i, s := range outline.Segments {
		ax, ay := at(s.Args[0])
		bx, by := at(s.Args[1])
		cx, cy := at(s.Args[2])
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			if i > 0 {
				ink.ClosePath()
			}
			ink.MoveTo(ax, ay)
		case opentype.SegmentOpLineTo:
			ink.LineTo(ax, ay)
		case opentype.SegmentOpQuadTo:
			ink.QuadTo(ax, ay, bx, by)
		case opentype.SegmentOpCubeTo:
			ink.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	ink.ClosePath()
}

// pack turns coverage into dots.
func pack(img *image.Alpha) Raster {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	row := (w + 7) / 8
	r := Raster{Width: w, Height: h, Bits: make([]byte, row*h)}
	for y := range h {
		for x := range w {
			if img.Pix[y*img.Stride+x] >= inkAlpha {
				r.Bits[y*row+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return r
}

// embolden makes each stroke one dot wider to the right.
func embolden(r Raster) {
	row := (r.Width + 7) / 8
	for y := range r.Height {
		line := r.Bits[y*row : (y+1)*row]
		var carry byte
		for i, b := range line {
			line[i] = b | b>>1 | carry
			carry = b << 7
		}
	}
}
