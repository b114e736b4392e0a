package printer

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Control characters of ESC/POS.
const (
	esc = 0x1B
	fs  = 0x1C
	gs  = 0x1D
	dle = 0x10
	lf  = 0x0A
)

const (
	maxQR       = 1000
	maxCode128  = 60
	alignLeft   = 0
	alignCentre = 1
)

// Encode writes blocks as bytes for a printer of profile p, from its reset to
// the last block. It is pure: the same blocks give the same bytes. The error
// is ErrUnprintable (see Render) or ErrBlock.
func Encode(p Profile, blocks []Block) ([]byte, error) {
	e := &encoder{profile: p}
	// Reset; no two-byte Asian characters; the profile's code page.
	e.put(esc, '@', fs, '.', esc, 't', p.CodePage)
	for i, b := range blocks {
		if err := e.block(b); err != nil {
			return nil, fmt.Errorf("block %d: %w", i+1, err)
		}
	}
	return e.out.Bytes(), nil
}

type encoder struct {
	profile Profile
	out     bytes.Buffer
}

func (e *encoder) put(b ...byte) { e.out.Write(b) }

func (e *encoder) block(b Block) error {
	switch b := b.(type) {
	case Text:
		return e.text(b)
	case Rule:
		e.out.WriteString(strings.Repeat("-", e.profile.Columns))
		e.put(lf)
	case Feed:
		if b.Lines < 1 || b.Lines > 255 {
			return fmt.Errorf("%w: feed of %d lines", ErrBlock, b.Lines)
		}
		e.put(esc, 'd', byte(b.Lines))
	case QR:
		return e.qr(b)
	case Barcode:
		return e.barcode(b)
	case Raster:
		return e.raster(b)
	case Cut:
		if e.profile.Cutter {
			e.put(gs, 'V', 0x42, 0)
		} else {
			e.put(esc, 'd', byte(e.profile.TearFeed))
		}
	}
	return nil
}

func (e *encoder) text(t Text) error {
	left, ok := e.profile.Charset.encode(t.Left)
	right, okRight := e.profile.Charset.encode(t.Right)
	if !ok || !okRight {
		return fmt.Errorf("%w: %q %q", ErrUnprintable, t.Left, t.Right)
	}
	columns := e.profile.Columns
	if t.Double {
		columns /= 2
		e.put(gs, '!', 0x11)
	}
	if t.Bold {
		e.put(esc, 'E', 1)
	}
	if t.Center {
		e.put(esc, 'a', alignCentre)
	}
	for _, line := range layOut(left, right, columns, t.Center, t.RTL) {
		e.out.Write(line)
		e.put(lf)
	}
	if t.Center {
		e.put(esc, 'a', alignLeft)
	}
	if t.Bold {
		e.put(esc, 'E', 0)
	}
	if t.Double {
		e.put(gs, '!', 0)
	}
	return nil
}

// layOut breaks a text into lines of at most columns bytes (a byte is a
// character in every code page we use). Right goes to the far end of the last
// line, or of one more line.
func layOut(left, right []byte, columns int, centre, rtl bool) [][]byte {
	lines := wrap(left, columns)
	if centre {
		return lines
	}
	if len(right) > 0 {
		last := lines[len(lines)-1]
		if len(last) > 0 && len(last)+1+len(right) > columns {
			lines = append(lines, nil)
			last = nil
		}
		rights := wrap(right, columns)
		for i, r := range rights {
			if i > 0 {
				lines, last = append(lines, nil), nil
			}
			lines[len(lines)-1] = apart(last, r, columns)
		}
	}
	if !rtl {
		return lines
	}
	for i, l := range lines {
		lines[i] = mirrored(l, right, columns)
	}
	return lines
}

// apart puts a at the left end and b at the right end of a line.
func apart(a, b []byte, columns int) []byte {
	gap := max(columns-len(a)-len(b), 0)
	return slices.Concat(a, bytes.Repeat([]byte{' '}, gap), b)
}

// mirrored moves what stands at the left end of a line to the right end, and
// right, if the line ends with it, to the left end.
func mirrored(line, right []byte, columns int) []byte {
	if len(right) > 0 && len(line) == columns && bytes.HasSuffix(line, right) {
		return apart(right, bytes.TrimRight(line[:len(line)-len(right)], " "), columns)
	}
	return apart(nil, line, columns)
}

// wrap breaks s between words, and within a word only when it is longer than
// a line. It returns one line at least.
func wrap(s []byte, columns int) [][]byte {
	var lines [][]byte
	var line []byte
	for i, word := range bytes.Split(bytes.TrimRight(s, " "), []byte{' '}) {
		switch {
		case i == 0:
		case len(line)+1+len(word) <= columns:
			line = append(line, ' ')
		default:
			lines = append(lines, line)
			line = nil
		}
		for len(line)+len(word) > columns { // only with an empty line
			lines = append(lines, word[:columns])
			word = word[columns:]
		}
		line = append(line, word...)
	}
	return append(lines, line)
}

// qr prints a code with the printer's own QR function: model 2, correction M.
func (e *encoder) qr(q QR) error {
	if len(q.Data) == 0 || len(q.Data) > maxQR {
		return fmt.Errorf("%w: QR code of %d bytes", ErrBlock, len(q.Data))
	}
	size := byte(6) // dots a module; up to 57 modules of a short receipt link
	switch {
	case len(q.Data) > 400:
		size = 3
	case len(q.Data) > 150:
		size = 4
	}
	n := len(q.Data) + 3
	e.put(esc, 'a', alignCentre)
	e.put(gs, '(', 'k', 4, 0, 0x31, 0x41, 0x32, 0)
	e.put(gs, '(', 'k', 3, 0, 0x31, 0x43, size)
	e.put(gs, '(', 'k', 3, 0, 0x31, 0x45, 0x31)
	e.put(gs, '(', 'k', byte(n), byte(n>>8), 0x31, 0x50, 0x30)
	e.out.WriteString(q.Data)
	e.put(gs, '(', 'k', 3, 0, 0x31, 0x51, 0x30)
	e.put(esc, 'a', alignLeft)
	return nil
}

func (e *encoder) barcode(b Barcode) error {
	data := b.Data
	var kind byte
	switch b.Symbology {
	case Code128:
		kind = 0x49
		if !printableASCII(data) || len(data) > maxCode128 {
			return fmt.Errorf("%w: Code 128 of %q", ErrBlock, data)
		}
		data = "{B" + strings.ReplaceAll(data, "{", "{{")
	case EAN13:
		kind = 0x43
		if !digits(data, 12, 13) {
			return fmt.Errorf("%w: EAN-13 of %q", ErrBlock, data)
		}
	case EAN8:
		kind = 0x44
		if !digits(data, 7, 8) {
			return fmt.Errorf("%w: EAN-8 of %q", ErrBlock, data)
		}
	default:
		return fmt.Errorf("%w: symbology %d", ErrBlock, b.Symbology)
	}
	width := byte(2) // dots of the narrowest bar
	if b.Symbology == Code128 && 11*(len(b.Data)+4)*2 > e.profile.Dots {
		width = 1
	}
	e.put(esc, 'a', alignCentre)
	e.put(gs, 'h', 80, gs, 'w', width, gs, 'H', 2)
	e.put(gs, 'k', kind, byte(len(data)))
	e.out.WriteString(data)
	e.put(lf, esc, 'a', alignLeft)
	return nil
}

func printableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}

func digits(s string, lens ...int) bool {
	for _, n := range lens {
		if len(s) == n && strings.Trim(s, "0123456789") == "" {
			return true
		}
	}
	return false
}

// raster prints a picture in slices that fit a clone's buffer.
func (e *encoder) raster(r Raster) error {
	row := (r.Width + 7) / 8
	if r.Width < 1 || r.Width > e.profile.Dots || r.Height < 1 || len(r.Bits) != row*r.Height {
		return fmt.Errorf("%w: picture of %d x %d dots in %d bytes", ErrBlock, r.Width, r.Height, len(r.Bits))
	}
	for y := 0; y < r.Height; y += e.profile.Slice {
		n := min(e.profile.Slice, r.Height-y)
		e.put(gs, 'v', '0', 0, byte(row), byte(row>>8), byte(n), byte(n>>8))
		e.out.Write(r.Bits[y*row : (y+n)*row])
	}
	return nil
}

// A Rasterizer draws a line of text as a picture of the given width in dots.
type Rasterizer interface {
	Rasterize(t Text, dots int) (Raster, error)
}

// Render returns blocks with each text that p cannot print replaced by its
// picture. Without a Rasterizer, or when it lacks the letters too, the error
// is ErrUnprintable.
func Render(p Profile, blocks []Block, r Rasterizer) ([]Block, error) {
	out := make([]Block, len(blocks))
	for i, b := range blocks {
		out[i] = b
		t, ok := b.(Text)
		if !ok || Printable(p, t.Left) && Printable(p, t.Right) {
			continue
		}
		if r == nil {
			return nil, fmt.Errorf("%w: %q %q: no font", ErrUnprintable, t.Left, t.Right)
		}
		if !utf8.ValidString(t.Left + t.Right) {
			t.Left, t.Right = strings.ToValidUTF8(t.Left, " "), strings.ToValidUTF8(t.Right, " ")
		}
		picture, err := r.Rasterize(t, p.Dots)
		if err != nil {
			return nil, fmt.Errorf("%w: %q %q: %w", ErrUnprintable, t.Left, t.Right, err)
		}
		out[i] = picture
	}
	return out, nil
}
