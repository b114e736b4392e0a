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

import (
	"errors"
	"fmt"
	"strings"
)

// A Block is one piece of a receipt. Only this package can add one.
//
//sumtype:decl
type Block interface{ isBlock() }

// Text is a line, wrapped when it is too long. Left stands where reading
// begins and Right where it ends, which are the other way round with RTL.
type Text struct {
	Left, Right string
	Bold        bool
	Double      bool // twice as wide and high
	Center      bool // Left only
	RTL         bool // the receipt is in a script that runs from right to left
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

// A Profile is what a kind of printer can do.
type Profile struct {
	Name     string
	Dots     int // printable width, a multiple of 8
	Columns  int // characters of font A in a line
	CodePage byte
	Charset  Charset // what CodePage selects
	Cutter   bool
	Slice    int // rows of a picture in one command; clones have small buffers
	TearFeed int // lines from head to tear bar, where there is no cutter
}

// LookUp returns the profile of that name: epson-80 (80 mm paper at 203 dpi,
// 48 columns), epson-80-42 (80 mm at 180 dpi, 42 columns) or generic-58 (58 mm,
// 32 columns, no cutter).
func LookUp(name string) (Profile, error) {
	profiles := []Profile{
		{Name: "epson-80", Dots: 576, Columns: 48, CodePage: 19, Charset: CP858, Cutter: true, Slice: 128},
		{Name: "epson-80-42", Dots: 512, Columns: 42, CodePage: 19, Charset: CP858, Cutter: true, Slice: 128},
		{Name: "generic-58", Dots: 384, Columns: 32, CodePage: 0, Charset: CP437, Slice: 64, TearFeed: 4},
	}
	var names []string
	for _, p := range profiles {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Profile{}, fmt.Errorf("printer profile %q: want one of %s", name, strings.Join(names, ", "))
}
