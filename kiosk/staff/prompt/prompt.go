// Package prompt asks people at a terminal for a PIN and draws codes for them to
// scan. What makes a PIN good is package staff's matter.
//
// Its one rule: a PIN is never shown, and never on a command line.
package prompt

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/boombuler/barcode/qr"
	"golang.org/x/term"

	"kassa/kiosk/staff"
)

// maxPINLine bounds what is read of a line that should hold a PIN.
const maxPINLine = 256

// PIN asks for a PIN on a terminal, without showing what is typed, and reads one line
// elsewhere.
func PIN(in *os.File, prompt io.Writer) (string, error) {
	if !term.IsTerminal(int(in.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(in, maxPINLine)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the PIN: %w", err)
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			return "", errors.New("no PIN: type it on a terminal, or give it as one line of standard input")
		}
		return line, nil
	}
	ask := func(text string) (string, error) {
		if _, err := fmt.Fprint(prompt, text); err != nil {
			return "", err
		}
		pin, err := term.ReadPassword(int(in.Fd()))
		_, _ = fmt.Fprintln(prompt) // only for the eye
		return string(pin), err
	}
	pin, err := ask(fmt.Sprintf("PIN (%d to %d digits): ", staff.MinPIN, staff.MaxPIN))
	if err != nil {
		return "", fmt.Errorf("read the PIN: %w", err)
	}
	again, err := ask("The same again: ")
	if err != nil {
		return "", fmt.Errorf("read the PIN: %w", err)
	}
	if pin != again {
		return "", errors.New("the two PINs differ: try again")
	}
	return pin, nil
}

// quietZone is the white border of a QR code, in modules (ISO/IEC 18004, 6.3.8).
const quietZone = 4

// DrawQR draws a QR code with half blocks, two rows of modules a line, dark on
// white whatever the terminal's colours are.
func DrawQR(w io.Writer, text string) error {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return fmt.Errorf("draw the code: %w", err)
	}
	size := code.Bounds().Dx()
	dark := func(x, y int) bool {
		if x < 0 || y < 0 || x >= size || y >= size {
			return false
		}
		r, _, _, _ := code.At(x, y).RGBA()
		return r == 0
	}
	var b strings.Builder
	for y := -quietZone; y < size+quietZone; y += 2 {
		b.WriteString("\x1b[30;107m")
		for x := -quietZone; x < size+quietZone; x++ {
			top, bottom := 0, 0
			if dark(x, y) {
				top = 1
			}
			if dark(x, y+1) {
				bottom = 2
			}
			b.WriteString([]string{" ", "▀", "▄", "█"}[top+bottom])
		}
		b.WriteString("\x1b[0m\n")
	}
	_, err = io.WriteString(w, b.String())
	return err
}
