package receipt

import (
	"strings"

	"kassa/device/printer"
)

// maxCode is how many bytes a QR code on the screen may hold: more would need
// dots that a telephone does not tell apart.
const maxCode = 1400

// Text returns a document as plain lines, for a code that a telephone reads and
// for the page.
func Text(blocks []printer.Block) string {
	var b strings.Builder
	for _, block := range blocks {
		switch block := block.(type) {
		case printer.Text:
			b.WriteString(strings.Repeat(" ", block.Indent) + strings.Trim(block.Left+"  "+block.Right, " "))
			b.WriteByte('\n')
		case printer.Table:
			for _, row := range append([][]string{block.Head}, block.Rows...) {
				b.WriteString(strings.TrimRight(strings.Join(row, "  "), " "))
				b.WriteByte('\n')
			}
		case printer.Rule:
			b.WriteString("--\n")
		case printer.Raster:
			if block.Alt != "" {
				b.WriteString(block.Alt + "\n")
			}
		case printer.QR, printer.Barcode, printer.Feed, printer.Cut:
		}
	}
	return b.String()
}

// Code returns what a QR code on the screen says of a sale when no paper can be
// had: the document itself, or of a very long one its head and its end.
func Code(blocks []printer.Block) string {
	text := Text(blocks)
	if len(text) <= maxCode {
		return text
	}
	lines := strings.SplitAfter(text, "\n")
	head, tail := 0, len(lines)
	room := maxCode - len("...\n")
	for head < tail {
		// Two from the end for each from the beginning: total, tenders and taxes
		// matter more than the first articles.
		next := head
		if head*2 > len(lines)-tail {
			next = tail - 1
		}
		if len(lines[next]) > room {
			break
		}
		room -= len(lines[next])
		if next == head {
			head++
		} else {
			tail--
		}
	}
	return strings.Join(lines[:head], "") + "...\n" + strings.Join(lines[tail:], "")
}
