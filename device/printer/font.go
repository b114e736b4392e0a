package printer

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"image"
	"os"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
	"golang.org/x/text/unicode/bidi"
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

// DefaultFonts returns where Debian keeps fonts for scripts that the built-in one
// lacks (packages fonts-noto-core, fonts-noto-cjk has another format).
func DefaultFonts() []string {
	return []string{
		"/usr/share/fonts/truetype/noto/NotoSansThai-Regular.ttf",
		"/usr/share/fonts/truetype/noto/NotoSansDevanagari-Regular.ttf",
		"/usr/share/fonts/truetype/noto/NotoSansBengali-Regular.ttf",
		"/usr/share/fonts/truetype/noto/NotoSansTamil-Regular.ttf",
	}
}

// LoadFonts makes Fonts of the built-in one (DejaVu Sans: Latin, Greek, Cyrillic,
// Hebrew, Arabic and Persian) and of the files; the first that has a letter draws
// it. The built-in one comes first, so that a receipt looks alike on every lane.
// Files that are not there are passed over; a broken one is an error.
func LoadFonts(paths ...string) (*Fonts, error) {
	own, err := font.ParseTTF(bytes.NewReader(dejavusans.TTF))
	if err != nil {
		return nil, fmt.Errorf("built-in font: %w", err)
	}
	f := &Fonts{faces: []*font.Face{own}}
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

// Rasterize draws t as a picture that is dots wide. A letter that is in no font
// is left out; when that would leave nothing, it fails.
func (f *Fonts) Rasterize(t Text, dots int) (Raster, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	size := fontDots
	if t.Double {
		size *= 2
	}
	indent := min(max(t.Indent, 0), 8) * fontDots / 2
	left, err := f.lines(t.Left, size, dots-indent, t.RTL)
	if err != nil {
		return Raster{}, err
	}
	rows := make([][]placed, 0, len(left)+1)
	for _, l := range left {
		x := startOf(l, dots-indent, t.Center, t.RTL)
		if !t.RTL {
			x += indent
		}
		rows = append(rows, []placed{{l, x}})
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

// RasterizeTable draws a table as a picture that is dots wide.
func (f *Fonts) RasterizeTable(t Table, dots int) (Raster, error) {
	if err := t.check(); err != nil {
		return Raster{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	shaped := make([][]shaping.Line, len(t.Rows)+1)
	widths := make([]int, len(t.Head))
	var alt []string
	for i, row := range t.all() {
		for k, cell := range row {
			lines, err := f.lines(cell, fontDots, dots, t.RTL)
			if err != nil {
				return Raster{}, err
			}
			if len(lines) > 1 {
				return f.unfolded(t, dots)
			}
			shaped[i] = append(shaped[i], lines[0])
			widths[k] = max(widths[k], width(lines[0]))
		}
		alt = append(alt, strings.Join(row, " "))
	}
	free := dots - gapDots*(len(widths)-1)
	for _, w := range widths {
		free -= w
	}
	if free < 0 {
		return f.unfolded(t, dots)
	}
	rows := make([][]placed, len(shaped))
	for i, cells := range shaped {
		x := 0 // where the column begins, from the side where reading does
		for k, l := range cells {
			at := x
			if k > 0 {
				at = x + widths[k] - width(l)
			}
			if t.RTL {
				at = dots - at - width(l)
			}
			rows[i] = append(rows[i], placed{l, at})
			x += widths[k] + gapDots
			if k+1 < len(cells) {
				x += free / (len(cells) - 1)
			}
		}
	}
	r := f.draw(rows, fontDots, dots)
	r.Alt = strings.Join(alt, "\n")
	return r, nil
}

// unfolded draws a table that is too wide as lines; called with mu held.
func (f *Fonts) unfolded(t Table, dots int) (Raster, error) {
	var rows [][]placed
	var alt []string
	for _, text := range t.unfold() {
		left, err := f.lines(text.Left, fontDots, dots, t.RTL)
		if err != nil {
			return Raster{}, err
		}
		right, err := f.lines(text.Right, fontDots, dots, t.RTL)
		if err != nil {
			return Raster{}, err
		}
		own := make([][]placed, 0, len(left)+1)
		for _, l := range left {
			own = append(own, []placed{{l, startOf(l, dots, false, t.RTL)}})
		}
		rows = append(rows, f.addRight(own, right, dots, t.RTL)...)
		alt = append(alt, strings.TrimSpace(text.Left+" "+text.Right))
	}
	r := f.draw(rows, fontDots, dots)
	r.Alt = strings.Join(alt, "\n")
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
func (*Fonts) addRight(rows [][]placed, right []shaping.Line, dots int, rtl bool) [][]placed {
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
	text, err := f.drawable(s)
	if err != nil {
		return nil, err
	}
	dir := di.DirectionLTR
	if rtl || rightward(text) {
		dir = di.DirectionRTL
	}
	if rtl {
		text = signed(text)
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

// drawable returns the letters of s that can be drawn. When none can, though
// there are some, it fails.
func (f *Fonts) drawable(s string) ([]rune, error) {
	var text []rune
	var missing rune
	seen := false
	for _, r := range s {
		switch {
		case len(text) == maxLetters:
			return nil, fmt.Errorf("more than %d letters", maxLetters)
		case unicode.IsControl(r):
			text = append(text, ' ')
		case unicode.IsSpace(r), unicode.In(r, unicode.Cf, unicode.Mn):
			text = append(text, r)
		default:
			if _, ok := f.resolve(r); !ok {
				missing = r
				continue
			}
			text, seen = append(text, r), true
		}
	}
	if missing != 0 && !seen {
		return nil, fmt.Errorf("no font has %q", missing)
	}
	if len(text) == 0 {
		text = []rune{' '}
	}
	return text, nil
}

// rightward reports whether a text's first letter is of a script that runs from
// right to left: then all of it runs so, wherever it stands (UAX 9, P2 and P3).
func rightward(text []rune) bool {
	for _, r := range text {
		switch p, _ := bidi.LookupRune(r); p.Class() {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		default:
		}
	}
	return false
}

// signed sets a mark of direction before each sign that stands before a European
// figure, which would otherwise change to the figure's other side (UAX 9, W4 to
// N2: a sign between a space and a number is nobody's).
func signed(text []rune) []rune {
	const leftToRight = '\u200e'
	out := make([]rune, 0, len(text)+2)
	for i, r := range text {
		sign := r == '-' || r == '+' || r == '\u2212'
		if sign && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9' && (i == 0 || unicode.IsSpace(text[i-1])) {
			out = append(out, leftToRight)
		}
		out = append(out, r)
	}
	return out
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

// OnDemand returns a Rasterizer that reads the default fonts when the first line
// needs them: most receipts do without, and a start should not wait for them.
func OnDemand() Rasterizer {
	return onDemand(sync.OnceValues(func() (*Fonts, error) { return LoadFonts(DefaultFonts()...) }))
}

type onDemand func() (*Fonts, error)

func (f onDemand) Rasterize(t Text, dots int) (Raster, error) {
	fonts, err := f()
	if err != nil {
		return Raster{}, err
	}
	return fonts.Rasterize(t, dots)
}

func (f onDemand) RasterizeTable(t Table, dots int) (Raster, error) {
	fonts, err := f()
	if err != nil {
		return Raster{}, err
	}
	return fonts.RasterizeTable(t, dots)
}
