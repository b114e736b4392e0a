package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"kassa/kiosk/barcode"
)

// barcodeCmd is `kassa barcode`: what does a code mean? One JSON object a line,
// for each CODE or, without one, for each line of standard input.
type barcodeCmd struct {
	Code []string `arg:"" optional:"" sep:"none" help:"Codes, GS as byte 0x1D. None: lines of standard input."`

	Today     string `placeholder:"YYYY-MM-DD" help:"The day against which two-digit years count (default: this day)."`
	Codes     string `placeholder:"FILE"       help:"The store's own patterns and prefixes (codes.toml)."`
	Country   string `placeholder:"CC"         help:"A ready set of in-store patterns, such as DE."`
	Symbology string `placeholder:"NAME"       help:"What plain digits are, such as upc-e."`
	Strict    bool   `help:"Refuse an element string that lacks elements which others ask for."`
	ShortGTIN bool   `name:"short-gtin" help:"Take GTINs of 8, 12 and 13 digits in a Digital Link."`
}

// Validate finds wrong usage before anything is read.
func (c *barcodeCmd) Validate() error {
	if c.Today != "" {
		if _, err := barcode.ParseDate(c.Today); err != nil {
			return fmt.Errorf("--today: %w", err)
		}
	}
	if c.Country != "" && !slices.ContainsFunc(barcode.Countries(), func(set string) bool { return strings.EqualFold(set, c.Country) }) {
		return fmt.Errorf("--country: no ready set %q; there are %s", c.Country, strings.Join(barcode.Countries(), " "))
	}
	if c.Symbology != "" && !slices.Contains(barcode.Symbologies(), c.Symbology) {
		return fmt.Errorf("--symbology: no %q; there are %s", c.Symbology, strings.Join(barcode.Symbologies(), " "))
	}
	return nil
}

// Run answers on standard output. It fails when the codes file is not
// understood, or input or output break; never because of a code.
func (c *barcodeCmd) Run(ctx context.Context) error {
	o, err := c.options(time.Now())
	if err != nil {
		return err
	}
	if len(c.Code) > 0 {
		return explain(c.Code, os.Stdout, o)
	}
	done := make(chan error, 1)
	go func() { done <- runBarcode(os.Stdin, os.Stdout, o) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errors.New("barcode: interrupted") // a read from a terminal cannot be called back: the process ends with it
	}
}

func (c *barcodeCmd) options(now time.Time) (*barcode.Options, error) {
	o := &barcode.Options{
		Today:     barcode.DateOf(now),
		Symbology: c.Symbology,
		Strict:    c.Strict,
		ShortGTIN: c.ShortGTIN,
	}
	var err error
	if c.Today != "" {
		if o.Today, err = barcode.ParseDate(c.Today); err != nil {
			return nil, fmt.Errorf("--today: %w", err)
		}
	}
	var codes []byte
	if c.Codes != "" {
		if codes, err = os.ReadFile(c.Codes); err != nil {
			return nil, fmt.Errorf("--codes: %w", err)
		}
	}
	if o.Patterns, err = barcode.StorePatterns(c.Country, string(codes)); err != nil {
		return nil, fmt.Errorf("--codes %s: %w", c.Codes, err)
	}
	return o, nil
}

// explain answers codes of the command line.
func explain(codes []string, out io.Writer, o *barcode.Options) error {
	w := bufio.NewWriter(out)
	var line []byte
	for _, code := range codes {
		m := barcode.Parse([]byte(code), o)
		line = append(m.AppendJSON(line[:0]), '\n')
		if _, err := w.Write(line); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// runBarcode answers each line of in with one object on out, whatever the line
// holds and however long it is. A line ends at LF; one CR before that is
// dropped.
func runBarcode(in io.Reader, out io.Writer, o *barcode.Options) error {
	r := bufio.NewReaderSize(in, 1<<16)
	w := bufio.NewWriterSize(out, 1<<16)
	var long, answer []byte
	for {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			long = append(long, line...)
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return errors.Join(fmt.Errorf("read: %w", err), w.Flush())
		}
		last := err != nil
		if len(long) > 0 {
			long = append(long, line...)
			line = long
		}
		if last && len(line) == 0 {
			break
		}
		if code, ok := bytes.CutSuffix(line, []byte{'\n'}); ok {
			line = bytes.TrimSuffix(code, []byte{'\r'})
		}
		m := barcode.Parse(line, o)
		answer = append(m.AppendJSON(answer[:0]), '\n')
		if _, err := w.Write(answer); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		if long = long[:0]; last {
			break
		}
		if r.Buffered() == 0 { // an answer is not kept back from whoever types
			if err := w.Flush(); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
