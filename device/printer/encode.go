package printer

import (
	"bytes"
	"fmt"
	"strings"
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
	parts, err := encodeParts(p, blocks)
	return bytes.Join(parts, nil), err
}

// encodeParts is Encode, cut where a command ends: the reset, then a part for
// each block, or for each slice of a picture.
func encodeParts(p Profile, blocks []Block) ([][]byte, error) {
	e := &encoder{profile: p}
	// Reset; no two-byte Asian characters; the profile's code page.
	e.put(esc, '@', fs, '.', esc, 't', p.CodePage)
	for i, b := range blocks {
		e.end()
		if err := e.block(b); err != nil {
			return nil, fmt.Errorf("block %d: %w", i+1, err)
		}
	}
	e.end()
	return e.parts, nil
}

type encoder struct {
	profile Profile
	out     bytes.Buffer
	parts   [][]byte
}

func (e *encoder) put(b ...byte) { e.out.Write(b) }

// end ends a part.
func (e *encoder) end() {
	if e.out.Len() > 0 {
		e.parts = append(e.parts, bytes.Clone(e.out.Bytes()))
		e.out.Reset()
	}
}

func (e *encoder) block(b Block) error {
	switch b := b.(type) {
	case Text:
		return e.text(b)
	case Table:
		return e.table(b)
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
			e.put(esc, 'd', byte(max(e.profile.TearFeed, 1)))
		}
	}
	return nil
}

func (e *encoder) text(t Text) error {
	t, ok := plainText(e.profile.Charset, t)
	if !ok {
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
	for _, line := range layOut(t, columns) {
		e.line(line)
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

// line prints a line of plain text, without the spaces at its end.
func (e *encoder) line(s string) {
	e.out.Write(bytes.TrimRight(e.profile.Charset.bytes(s), " "))
	e.put(lf)
}

func (e *encoder) table(t Table) error {
	t, ok := plainTable(e.profile.Charset, t)
	if !ok {
		return fmt.Errorf("%w: table %q", ErrUnprintable, t.Head)
	}
	lines, err := layOutTable(t, e.profile.Columns)
	if err != nil {
		return err
	}
	for _, line := range lines {
		e.line(line)
	}
	return nil
}

// plainText returns t in letters of the code page.
func plainText(c Charset, t Text) (Text, bool) {
	left, okLeft := c.plain(t.Left)
	right, okRight := c.plain(t.Right)
	if !okLeft || !okRight {
		return t, false
	}
	t.Left, t.Right = left, right
	return t, true
}

func plainTable(c Charset, t Table) (Table, bool) {
	out := Table{RTL: t.RTL}
	row := func(cells []string) ([]string, bool) {
		plain := make([]string, len(cells))
		for i, cell := range cells {
			var ok bool
			if plain[i], ok = c.plain(cell); !ok {
				return nil, false
			}
		}
		return plain, true
	}
	var ok bool
	if out.Head, ok = row(t.Head); !ok {
		return t, false
	}
	for _, cells := range t.Rows {
		plain, ok := row(cells)
		if !ok {
			return t, false
		}
		out.Rows = append(out.Rows, plain)
	}
	return out, true
}

// qrModule is how many dots a module of a QR code of n bytes has.
func qrModule(n int) int {
	switch {
	case n > 400:
		return 3
	case n > 150:
		return 4
	}
	return 6 // up to 57 modules of a short receipt link
}

// qr prints a code with the printer's own QR function: model 2, correction M.
func (e *encoder) qr(q QR) error {
	if len(q.Data) == 0 || len(q.Data) > maxQR {
		return fmt.Errorf("%w: QR code of %d bytes", ErrBlock, len(q.Data))
	}
	size := byte(qrModule(len(q.Data)))
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
	if err := b.check(); err != nil {
		return err
	}
	var kind byte
	switch b.Symbology {
	case Code128:
		kind = 0x49
		data = "{B" + strings.ReplaceAll(data, "{", "{{")
	case EAN13:
		kind = 0x43
	case EAN8:
		kind = 0x44
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

// check says whether the data fit the symbology.
func (b Barcode) check() error {
	switch {
	case b.Symbology == Code128 && printableASCII(b.Data) && len(b.Data) <= maxCode128,
		b.Symbology == EAN13 && digits(b.Data, 12, 13),
		b.Symbology == EAN8 && digits(b.Data, 7, 8):
		return nil
	}
	return fmt.Errorf("%w: barcode %d of %q", ErrBlock, b.Symbology, b.Data)
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

// raster prints a picture in slices that fit the printer's buffer, each a part
// of its own.
func (e *encoder) raster(r Raster) error {
	row := (r.Width + 7) / 8
	if r.Width < 1 || r.Width > e.profile.Dots || r.Height < 1 || len(r.Bits) != row*r.Height {
		return fmt.Errorf("%w: picture of %d x %d dots in %d bytes", ErrBlock, r.Width, r.Height, len(r.Bits))
	}
	for y := 0; y < r.Height; y += e.profile.Slice {
		n := min(e.profile.Slice, r.Height-y)
		bits := r.Bits[y*row : (y+n)*row]
		e.end()
		switch e.profile.Raster {
		case RasterGSParenL:
			size, dots := len(bits)+10, row*8
			if size > 0xFFFF {
				return fmt.Errorf("%w: picture slice of %d bytes", ErrBlock, size)
			}
			// Function 112: monochrome, as large as it is; function 50 prints it.
			e.put(gs, '(', 'L', byte(size), byte(size>>8), 0x30, 0x70, 0x30, 1, 1, 0x31,
				byte(dots), byte(dots>>8), byte(n), byte(n>>8))
			e.out.Write(bits)
			e.put(gs, '(', 'L', 2, 0, 0x30, 0x32)
		default:
			e.put(gs, 'v', '0', 0, byte(row), byte(row>>8), byte(n), byte(n>>8))
			e.out.Write(bits)
		}
	}
	return nil
}
