// Package qr draws QR codes for pages. For paper there is device/printer. Its
// one rule: a code that a telephone could not read is not drawn.
package qr

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// A Code is a QR code as a path of an SVG, with its quiet zone.
type Code struct {
	Size int // modules a side
	Path string
}

// quiet is the width of the light border that readers need (ISO/IEC 18004: four
// modules).
const quiet = 4

// Draw draws text, or returns nil if it is empty or too long for a code.
func Draw(text string) *Code {
	if text == "" {
		return nil
	}
	code, err := qr.Encode(text, qr.L, qr.Auto)
	if err != nil {
		return nil
	}
	side := code.Bounds().Dx()
	var b strings.Builder
	for y := range side {
		for x := 0; x < side; x++ {
			start := x
			for x < side && dark(code.At(x, y).RGBA()) {
				x++
			}
			if x > start {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", start+quiet, y+quiet, x-start, x-start)
			}
		}
	}
	return &Code{Size: side + 2*quiet, Path: b.String()}
}

func dark(r, _, _, _ uint32) bool { return r < 0x8000 }
