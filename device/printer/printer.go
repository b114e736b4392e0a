// Package printer puts receipts on paper: it turns a small document of blocks
// into ESC/POS bytes and keeps a receipt printer at work. What stands on a
// receipt is not its business; package kiosk/receipt decides that.
//
// Its one rule: it says Printed only when the printer confirmed that all bytes
// before were worked off. Text that the printer cannot show is an error or an
// image, never a row of question marks.
//
// Sources: Epson's ESC/POS command reference, and what clones do of it.
package printer

import "errors"

// A Block is one piece of a receipt. Only this package can add one.
//
//sumtype:decl
type Block interface{ isBlock() }

// Text is a line, wrapped when it is too long. Left stands where reading
// begins and Right where it ends, which are the other way round with RTL.
type Text struct {
	Left, Right string
	Else        string // printed for a Left that nobody can print; may be ""
	Indent      int    // letters that Left keeps clear before it, 0 to 8
	Bold        bool
	Double      bool // twice as wide and high
	Center      bool // Left only
	RTL         bool // the receipt is in a script that runs from right to left
}

// Table is rows of cells whose columns line up: the first column begins where
// reading begins, all others end at one edge, as amounts do. Where the paper is
// too narrow for a row, each cell comes on a line of its own, named by the head.
type Table struct {
	Head []string
	Rows [][]string // as many cells each as Head has
	RTL  bool
}

// Rule is a line across the paper.
type Rule struct{}

// Feed moves the paper on by Lines, 1 to 255.
type Feed struct{ Lines int }

// QR is a QR code, centred, of up to 1000 bytes.
type QR struct{ Data string }

// Symbology is a kind of linear barcode.
type Symbology int

// The linear barcodes.
const (
	Code128 Symbology = iota + 1 // printable ASCII, up to 60 characters
	EAN13                        // 12 digits, or 13 with their check digit
	EAN8                         // 7 digits, or 8 with their check digit
)

// Barcode is a linear barcode, centred, with its data in plain below it.
type Barcode struct {
	Symbology Symbology
	Data      string
}

// Raster is a picture of one bit a dot: rows from the top, (Width+7)/8 bytes
// each, the leftmost dot in the highest bit, 1 for black.
type Raster struct {
	Width, Height int
	Bits          []byte
	// Alt is what the picture says, for those who cannot see it: logs and
	// tests. It is not printed.
	Alt string
}

// Cut ends a receipt: fed out and cut, or fed far enough to tear off.
type Cut struct{}

func (Text) isBlock()    {}
func (Table) isBlock()   {}
func (Rule) isBlock()    {}
func (Feed) isBlock()    {}
func (QR) isBlock()      {}
func (Barcode) isBlock() {}
func (Raster) isBlock()  {}
func (Cut) isBlock()     {}

// Errors that callers may test for.
var (
	// ErrUnprintable says that a text has letters which the printer lacks and
	// nobody could draw. The caller prints in another language.
	ErrUnprintable = errors.New("text cannot be printed")
	// ErrBlock says that a block is not as it must be.
	ErrBlock = errors.New("bad block")
	// ErrOffline says that there is no printer on the line.
	ErrOffline = errors.New("printer is offline")
	// ErrPaper says that there is no paper.
	ErrPaper = errors.New("printer has no paper")
	// ErrCover says that the cover is open.
	ErrCover = errors.New("printer cover is open")
	// ErrFault says that the printer reports a fault of its own.
	ErrFault = errors.New("printer fault")
	// ErrUnconfirmed says that the printer did not confirm what was sent.
	ErrUnconfirmed = errors.New("printing not confirmed")
)
