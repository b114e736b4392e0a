package devicetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/device/link"
	"kassa/device/printer"
	"kassa/device/sim"
)

// A Printer is a receipt printer driver under test.
type Printer interface {
	Run(ctx context.Context) error
	Print(ctx context.Context, key string, blocks []printer.Block) (printer.Outcome, error)
	Status() printer.Status
}

// A NewPrinter makes a driver of the printer at port, with short waits between
// its tries. status hears of each change.
type NewPrinter func(t *testing.T, port string, o link.Options, status func(printer.Status)) Printer

// A printerTest is a driver at work on a simulated printer.
type printerTest struct {
	t    *testing.T
	o    sim.PrinterOptions
	peer *sim.Printer
	d    Printer

	mu   sync.Mutex
	seen []printer.Status
}

func startPrinter(t *testing.T, open NewPrinter, o sim.PrinterOptions) *printerTest {
	t.Helper()
	peer, err := sim.NewPrinter("127.0.0.1:0", sim.NewClock(100), o)
	must(t, err)
	p := &printerTest{t: t, o: o, peer: peer}
	p.d = open(t, "tcp://"+peer.Addr(), link.Options{First: 2 * time.Millisecond, Longest: 10 * time.Millisecond},
		func(s printer.Status) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.seen = append(p.seen, s)
		})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run() = %v, want the context's cause", err)
		}
		must(t, peer.Close())
	})
	waitFor(t, "the printer is connected", func() bool {
		s := p.d.Status()
		return s.Connected && (s.Known || o.Silent)
	})
	return p
}

// printedLines is how many numbered lines a test receipt has.
const printedLines = 10

// receiptOf is a receipt of numbered lines, between a title and a cut.
func receiptOf(title string) []printer.Block {
	blocks := []printer.Block{printer.Text{Left: title, Bold: true, Center: true}, printer.Rule{}}
	for i := 1; i <= printedLines; i++ {
		blocks = append(blocks, printer.Text{Left: fmt.Sprintf("%s line %d", title, i), Right: "1.29"})
	}
	return append(blocks, printer.QR{Data: title}, printer.Cut{})
}

// onPaper reports how many lines of a receipt are on the paper, and how
// many times all of it is.
func (p *printerTest) onPaper(title string) (lines, cuts int) {
	paper := p.peer.Paper()
	text := paper.Text() + "\n"
	for i := 1; i <= printedLines; i++ {
		lines += strings.Count(text, fmt.Sprintf("%s line %d ", title, i))
	}
	for _, r := range paper.Receipts() {
		for _, l := range r {
			if l.Kind == "qr" && l.Data == title {
				cuts++
			}
		}
	}
	return lines, cuts
}

// print prints a receipt of ten lines and compares outcome and paper.
func (p *printerTest) print(title string, patience time.Duration, want printer.Outcome, wantErr error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	got, err := p.d.Print(ctx, title, receiptOf(title))
	if got != want || !errors.Is(err, wantErr) {
		p.t.Errorf("Print(%s) = %v, %v, want %v, %v", title, got, err, want, wantErr)
	}
	lines, cuts := p.onPaper(title)
	switch {
	case got == printer.Printed && (lines != printedLines || cuts != 1):
		p.t.Errorf("%s is printed, with %d lines and %d cuts on the paper", title, lines, cuts)
	case got == printer.NotPrinted && lines+cuts != 0:
		p.t.Errorf("%s is not printed, with %d lines and %d cuts on the paper", title, lines, cuts)
	}
}

// TestPrinter checks a printer driver against the simulator.
func TestPrinter(t *testing.T, open NewPrinter) {
	t.Helper()
	tests := []struct {
		name string
		o    sim.PrinterOptions
		run  func(p *printerTest)
	}{
		{"receipt", sim.PrinterOptions{}, testReceipt},
		{"without automatic status", sim.PrinterOptions{NoAutomatic: true}, testReceipt},
		{"without names for jobs", sim.PrinterOptions{NoNames: true}, testReceipt},
		{"states", sim.PrinterOptions{}, testPrinterStates},
		{"the cutter jams", sim.PrinterOptions{}, testPrinterJam},
		{"paper runs out and comes back", sim.PrinterOptions{}, testPaperBack},
		{"paper runs out, without automatic status", sim.PrinterOptions{NoAutomatic: true}, testPaperBack},
		{"paper runs out for good", sim.PrinterOptions{}, testPaperGone},
		{"unplugged", sim.PrinterOptions{}, testPrinterUnplug},
		{"a clone that never answers", sim.PrinterOptions{Silent: true}, func(p *printerTest) {
			p.print("mute", 5*time.Second, printer.Sent, nil)
			waitFor(p.t, "it prints all the same", func() bool {
				lines, cuts := p.onPaper("mute")
				return lines == printedLines && cuts == 1
			})
		}},
		{"picture that looks like a question", sim.PrinterOptions{}, testPrinterPicture},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.run(startPrinter(t, open, tt.o))
		})
	}
}

func testReceipt(p *printerTest) {
	p.print("one", 5*time.Second, printer.Printed, nil)
	p.print("one", 5*time.Second, printer.Printed, nil) // the same key: not twice
	p.print("two", 5*time.Second, printer.Printed, nil)
	if u := p.peer.Paper().Unknown; u != 0 && !p.o.NoNames {
		p.t.Errorf("%d commands the printer does not know", u)
	}
}

func testPrinterStates(p *printerTest) {
	p.peer.PaperNear()
	p.print("near", 5*time.Second, printer.Printed, nil)
	if s := p.d.Status(); s.Paper != printer.PaperNear {
		p.t.Errorf("Status() = %+v, want the paper near its end", s)
	}
	p.peer.PaperOut()
	p.print("out", 5*time.Second, printer.NotPrinted, printer.ErrPaper)
	p.peer.PaperIn()
	p.print("in", 5*time.Second, printer.Printed, nil)
	p.peer.Cover(true)
	p.print("open", 5*time.Second, printer.NotPrinted, printer.ErrCover)
	waitFor(p.t, "the cover is reported", func() bool { return p.d.Status().CoverOpen })
	p.peer.Cover(false)
	p.print("closed", 5*time.Second, printer.Printed, nil)
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, s := range p.seen {
		if i > 0 && s == p.seen[i-1] {
			p.t.Errorf("status %+v was reported twice running", s)
		}
	}
}

// testPrinterJam has something in the cutter that is taken out: the receipt is
// whole then, and once.
func testPrinterJam(p *printerTest) {
	p.peer.Jam(true)
	var helper sync.WaitGroup
	helper.Go(func() {
		waitFor(p.t, "the printer stops", func() bool { return p.peer.Paper().Jammed })
		waitFor(p.t, "the driver knows", func() bool { s := p.d.Status(); return s.Cutter && s.Recoverable() })
		p.peer.Jam(false)
	})
	p.print("jammed", 10*time.Second, printer.Printed, nil)
	helper.Wait()
}

// testPaperBack lets the paper run out after every line of a receipt, the
// picture of its code and the cut among them.
func testPaperBack(p *printerTest) {
	step := 1
	if p.o.NoAutomatic { // each takes the time of some questions
		step = 5
	}
	for n := 1; n <= printedLines+9; n += step {
		title := fmt.Sprintf("back%d", n)
		p.peer.PaperOutAfter(n)
		var helper sync.WaitGroup
		helper.Go(func() {
			waitFor(p.t, "the paper is out", func() bool { return p.peer.Paper().Paper == "out" })
			waitFor(p.t, "the driver knows", func() bool { return p.d.Status().Paper == printer.PaperOut })
			p.peer.PaperIn()
		})
		p.print(title, patience, printer.Printed, nil)
		helper.Wait()
	}
}

func testPaperGone(p *printerTest) {
	for n := 1; n <= printedLines; n += 3 {
		before := p.peer.Paper().Cleared
		p.peer.PaperOutAfter(n)
		p.print(fmt.Sprintf("gone%d", n), 400*time.Millisecond, printer.Unknown, printer.ErrPaper)
		waitFor(p.t, "the rest is thrown away", func() bool { return p.peer.Paper().Cleared > before })
		p.peer.PaperIn()
		p.print(fmt.Sprintf("next%d", n), 5*time.Second, printer.Printed, nil)
		lines, cuts := p.onPaper(fmt.Sprintf("gone%d", n))
		if lines == printedLines && cuts == 1 {
			p.t.Errorf("the rest of a receipt that was given up came out with the next one")
		}
	}
}

func testPrinterUnplug(p *printerTest) {
	must(p.t, p.peer.Unplug())
	waitFor(p.t, "the driver reports it", func() bool { return !p.d.Status().Connected })
	p.print("unplugged", 5*time.Second, printer.NotPrinted, printer.ErrOffline)
	for n := range 6 {
		must(p.t, p.peer.Plug())
		waitFor(p.t, "the printer is back", func() bool { s := p.d.Status(); return s.Connected && s.Known })
		p.print(fmt.Sprintf("again%d", n), 5*time.Second, printer.Printed, nil)

		title := fmt.Sprintf("pulled%d", n)
		var helper sync.WaitGroup
		helper.Go(func() {
			waitFor(p.t, "some of it is printed", func() bool {
				lines, _ := p.onPaper(title)
				return lines >= n
			})
			must(p.t, p.peer.Unplug())
		})
		got, err := p.d.Print(p.t.Context(), title, receiptOf(title))
		helper.Wait()
		lines, cuts := p.onPaper(title)
		switch {
		case got == printer.NotPrinted && lines == 0 && err != nil, got == printer.Unknown && err != nil:
		case got == printer.Printed && lines == printedLines && cuts == 1 && err == nil:
		default:
			p.t.Errorf("Print() while unplugged = %v, %v with %d lines and %d cuts", got, err, lines, cuts)
		}
		waitFor(p.t, "the driver reports it", func() bool { return !p.d.Status().Connected })
	}
}

// testPrinterPicture prints dots that read as DLE EOT 1 on the way.
func testPrinterPicture(p *printerTest) {
	r := printer.Raster{Width: 24, Height: 40}
	for range r.Height {
		r.Bits = append(r.Bits, 0x10, 0x04, 0x01)
	}
	got, err := p.d.Print(p.t.Context(), "picture", []printer.Block{r, printer.Cut{}})
	if got != printer.Printed || err != nil {
		p.t.Errorf("Print() = %v, %v", got, err)
	}
	var rows int
	for _, l := range p.peer.Paper().Lines {
		if l.Kind == "image" {
			rows += l.Height
		}
	}
	if rows != r.Height {
		p.t.Errorf("%d rows of the picture are on the paper, want %d", rows, r.Height)
	}
	if s := p.d.Status(); s.Err() != nil {
		p.t.Errorf("Status() = %+v after stray answers", s)
	}
}
