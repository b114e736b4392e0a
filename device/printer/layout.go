package printer

import (
	"fmt"
	"strings"
	"unicode"
)

// cells returns how many columns s takes. Marks above and below letters, and
// marks of direction, take none.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += cell(r)
	}
	return n
}

func cell(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	return 1
}

// layOut breaks a text into lines of at most columns letters. Right goes to the
// far end of the last line, or of one more line.
func layOut(t Text, columns int) []string {
	if t.Center {
		return wrap(t.Left, columns)
	}
	indent := min(max(t.Indent, 0), 8, columns/4)
	lines := wrap(t.Left, columns-indent)
	for i := range lines {
		lines[i] = strings.Repeat(" ", indent) + lines[i]
	}
	if t.Right != "" {
		last := lines[len(lines)-1]
		if strings.TrimSpace(last) != "" && cells(last)+1+cells(t.Right) > columns {
			lines, last = append(lines, ""), ""
		}
		for i, r := range wrap(t.Right, columns) {
			if i > 0 {
				lines, last = append(lines, ""), ""
			}
			lines[len(lines)-1] = apart(last, r, columns)
		}
	}
	return lines
}

// apart puts a at the one end and b at the other end of a line.
func apart(a, b string, columns int) string {
	return a + strings.Repeat(" ", max(columns-cells(a)-cells(b), 0)) + b
}

// wrap breaks s between words, and within a word only when it is longer than
// a line. It returns one line at least.
func wrap(s string, columns int) []string {
	var lines []string
	line, width := "", 0
	for i, word := range strings.Split(strings.TrimRight(s, " "), " ") {
		switch {
		case i == 0:
		case width+1+cells(word) <= columns:
			line, width = line+" ", width+1
		default:
			lines = append(lines, line)
			line, width = "", 0
		}
		for width+cells(word) > columns { // only with an empty line
			head := cutAt(word, columns)
			lines = append(lines, head)
			word = word[len(head):]
		}
		line, width = line+word, width+cells(word)
	}
	return append(lines, line)
}

// cutAt returns the beginning of s that fills columns.
func cutAt(s string, columns int) string {
	n := 0
	for i, r := range s {
		if n += cell(r); n > columns {
			return s[:i]
		}
	}
	return s
}

// tableGap is how many columns lie between two cells at least.
const tableGap = 1

// layOutTable sets a table as lines.
func layOutTable(t Table, columns int) ([]string, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	widths := make([]int, len(t.Head))
	sum := tableGap * (len(widths) - 1)
	for i := range widths {
		for _, row := range t.all() {
			widths[i] = max(widths[i], cells(row[i]))
		}
		sum += widths[i]
	}
	var lines []string
	if sum > columns {
		for _, text := range t.unfold() {
			lines = append(lines, layOut(text, columns)...)
		}
		return lines, nil
	}
	// What is left over goes between the columns, as evenly as can be.
	for _, row := range t.all() {
		line, free := "", columns-sum
		for i, c := range row {
			if i == 0 {
				line = apart(c, "", widths[0])
				continue
			}
			share := free / (len(row) - i)
			free -= share
			line += apart("", c, tableGap+share+widths[i])
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// all returns the head and the rows.
func (t Table) all() [][]string { return append([][]string{t.Head}, t.Rows...) }

func (t Table) check() error {
	if len(t.Head) < 2 || len(t.Head) > 8 {
		return fmt.Errorf("%w: table of %d columns", ErrBlock, len(t.Head))
	}
	for _, row := range t.Rows {
		if len(row) != len(t.Head) {
			return fmt.Errorf("%w: row of %d cells in a table of %d", ErrBlock, len(row), len(t.Head))
		}
	}
	return nil
}

// unfold says a table in lines: each cell beside the head of its column.
func (t Table) unfold() []Text {
	var out []Text
	for _, row := range t.Rows {
		out = append(out, Text{Left: row[0], RTL: t.RTL})
		for i, c := range row[1:] {
			if c != "" {
				out = append(out, Text{Left: t.Head[i+1], Right: c, Indent: 2, RTL: t.RTL})
			}
		}
	}
	return out
}

// Plain sets a document as plain text of so many columns, for a file and for
// people. Texts from right to left are in the order of reading; whoever shows
// them turns them round. What foreign text could command is taken out.
func Plain(blocks []Block, columns int) string {
	var out strings.Builder
	put := func(lines ...string) {
		for _, l := range lines {
			out.WriteString(strings.TrimRight(l, " \u00A0") + "\n")
		}
	}
	for _, b := range blocks {
		switch b := b.(type) {
		case Text:
			put(plainLines(b, columns)...)
		case Table:
			b = cleanTable(b)
			if lines, err := layOutTable(b, columns); err == nil {
				put(lines...)
			}
		case Rule:
			put(strings.Repeat("-", columns))
		case Feed:
			put("")
		case Raster:
			if b.Alt != "" {
				put(centred(clean(b.Alt), columns)...)
			}
		case QR:
			put(centred("[QR]", columns)...)
		case Barcode:
			put(centred("["+clean(b.Data)+"]", columns)...)
		case Cut:
		}
	}
	return out.String()
}

func plainLines(t Text, columns int) []string {
	t.Left, t.Right = clean(t.Left), clean(t.Right)
	if t.Center {
		return centred(t.Left, columns)
	}
	return layOut(t, columns)
}

func centred(s string, columns int) []string {
	lines := wrap(s, columns)
	for i, l := range lines {
		lines[i] = strings.Repeat(" ", max(columns-cells(l), 0)/2) + l
	}
	return lines
}

// clean turns control characters into spaces.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
}

func cleanTable(t Table) Table {
	out := Table{RTL: t.RTL, Head: make([]string, len(t.Head))}
	for i, c := range t.Head {
		out.Head[i] = clean(c)
	}
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = clean(c)
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}
