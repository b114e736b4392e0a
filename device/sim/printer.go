package sim

import (
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// PrinterOptions says what kind of printer a Printer is.
type PrinterOptions struct {
	LinesPerSecond int  // simulated; 0 means 30
	Silent         bool // it never answers, as some clones do on USB
	NoAutomatic    bool // it knows no automatic status
	NoNames        bool // it knows no GS ( H
	// Changed, if not nil, is called after every change of Paper, from the
	// printer's own goroutines. It must not block or call back.
	Changed func()
}

// A PrinterSpan is a piece of a printed line in one style.
type PrinterSpan struct {
	Text string `json:"text"`
	Bold bool   `json:"bold,omitempty"`
	Wide bool   `json:"wide,omitempty"`
	Tall bool   `json:"tall,omitempty"`
}

// A PrinterLine is one thing on the paper. Kind is text, feed, image, qr,
// barcode or cut.
type PrinterLine struct {
	Kind   string        `json:"kind"`
	Spans  []PrinterSpan `json:"spans,omitempty"`
	Align  string        `json:"align,omitempty"`  // "", center, right
	Lines  int           `json:"lines,omitempty"`  // of feed
	Data   string        `json:"data,omitempty"`   // of qr and barcode
	Module int           `json:"module,omitempty"` // of qr, in dots
	// Symbology is a barcode's, as GS k numbers them.
	Symbology int    `json:"symbology,omitempty"`
	Width     int    `json:"width,omitempty"` // of image, in dots
	Height    int    `json:"height,omitempty"`
	Bits      []byte `json:"bits,omitempty"` // of image: rows, high bit left, 1 is black
}

// Text returns what the line reads.
func (l PrinterLine) Text() string {
	var sb strings.Builder
	for _, s := range l.Spans {
		sb.WriteString(s.Text)
	}
	return sb.String()
}

// A PrinterPaper is what came out of a printer, and how the printer is.
type PrinterPaper struct {
	First   int           `json:"first"` // number of the first line kept, from 0
	Lines   []PrinterLine `json:"lines"`
	Paper   string        `json:"paper"` // ok, near, out
	Cover   bool          `json:"cover_open"`
	Plugged bool          `json:"plugged"`
	Unknown int           `json:"unknown"` // commands not understood
	Cleared int           `json:"cleared"` // how often the buffer was cleared on command
	Pulses  int           `json:"pulses"`  // how often the drawer was opened
	Jammed  bool          `json:"jammed"`  // the cutter
}

// Text returns the printed text, a line each.
func (p PrinterPaper) Text() string {
	var lines []string
	for _, l := range p.Lines {
		if l.Kind == "text" {
			lines = append(lines, l.Text())
		}
	}
	return strings.Join(lines, "\n")
}

// Receipts returns the receipts that were cut off, oldest first.
func (p PrinterPaper) Receipts() [][]PrinterLine {
	var all [][]PrinterLine
	from := 0
	for i, l := range p.Lines {
		if l.Kind == "cut" {
			all = append(all, p.Lines[from:i])
			from = i + 1
		}
	}
	return all
}

// printerHistory is how many lines are kept.
const printerHistory = 4000

// printerBuffer is how many bytes a printer takes before it makes the lane wait.
const printerBuffer = 4096

// A Printer is a simulated receipt printer on TCP.
type Printer struct {
	*socket
	clock *Clock
	o     PrinterOptions

	mu      sync.Mutex
	turn    *sync.Cond // buf, paper, cover or closed changed
	closed  bool
	buf     []byte
	last    net.Conn // whoever sent last hears the answers
	gone    bool     // last hung up: what is incomplete stays so
	held    bool     // a line waits for paper
	purge   bool     // and was cleared
	asb     bool
	paper   string
	cover   bool
	outIn   int // lines until the paper ends; -1: never
	lines   []PrinterLine
	dropped int
	unknown int
	cleared int
	pulses  int
	jam     bool // something is in the cutter
	stopped bool // and it has stopped for that, until it is told to go on

	sending sync.Mutex
	style   printerStyle // owned by work
	inside  bool         // owned by work: in the middle of a command
	done    chan struct{}
}

// NewPrinter makes a printer that listens on addr (host:port, port 0 for any).
func NewPrinter(addr string, clock *Clock, o PrinterOptions) (*Printer, error) {
	if o.LinesPerSecond == 0 {
		o.LinesPerSecond = 30
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	p := &Printer{clock: clock, o: o, paper: "ok", outIn: -1, done: make(chan struct{})}
	p.turn = sync.NewCond(&p.mu)
	var err error
	p.socket, err = newSocket(addr, p.serve)
	if err != nil {
		return nil, err
	}
	go p.work()
	return p, nil
}

// Close takes the printer away and waits until nothing of it runs.
func (p *Printer) Close() error {
	p.change(func() { p.closed = true })
	err := p.socket.Close()
	<-p.done
	return err
}

// PaperOut takes the paper away.
func (p *Printer) PaperOut() { p.change(func() { p.paper = "out" }) }

// PaperOutAfter makes the paper end after n more lines.
func (p *Printer) PaperOutAfter(n int) { p.change(func() { p.outIn = n }) }

// PaperNear leaves a little paper.
func (p *Printer) PaperNear() { p.change(func() { p.paper = "near" }) }

// PaperIn puts a new roll in.
func (p *Printer) PaperIn() { p.change(func() { p.paper, p.outIn = "ok", -1 }) }

// Cover opens or closes the cover.
func (p *Printer) Cover(open bool) { p.change(func() { p.cover = open }) }

// Jam puts something into the cutter, or takes it out. A printer that stopped for
// it goes on when it is told to (DLE ENQ).
func (p *Printer) Jam(in bool) { p.change(func() { p.jam = in }) }

// change changes the printer's state and tells a lane that wants to know.
func (p *Printer) change(f func()) {
	p.mu.Lock()
	f()
	p.turn.Broadcast()
	p.mu.Unlock()
	p.report()
	p.o.Changed()
}

// Paper returns what was printed, and the printer's state.
func (p *Printer) Paper() PrinterPaper {
	plugged := p.Plugged()
	p.mu.Lock()
	defer p.mu.Unlock()
	return PrinterPaper{
		First: p.dropped, Lines: slices.Clone(p.lines), Paper: p.paper, Cover: p.cover,
		Plugged: plugged, Unknown: p.unknown, Cleared: p.cleared, Pulses: p.pulses, Jammed: p.stopped,
	}
}

// add puts a line on the paper.
func (p *Printer) add(l PrinterLine) {
	p.mu.Lock()
	p.lines = append(p.lines, l)
	if over := len(p.lines) - printerHistory; over > 0 {
		p.lines = slices.Clone(p.lines[over:])
		p.dropped += over
	}
	p.mu.Unlock()
	p.o.Changed()
}

// offline is called with mu held.
func (p *Printer) offline() bool { return p.cover || p.paper == "out" || p.stopped }

// automatic returns the automatic status; called with mu held.
func (p *Printer) automatic() []byte {
	b := []byte{0x10, 0x00, 0x00, 0x0F}
	if p.offline() {
		b[0] |= 0x08
	}
	if p.cover {
		b[0] |= 0x20
	}
	if p.stopped {
		b[1] |= 0x08
	}
	switch p.paper {
	case "near":
		b[2] |= 0x03
	case "out":
		b[2] |= 0x0F
	}
	return b
}

// realTime returns the answer to DLE EOT n; called with mu held.
func (p *Printer) realTime(n byte) byte {
	b := byte(0x12)
	switch {
	case n == 1 && p.offline():
		b |= 0x08
	case n == 2 && p.cover:
		b |= 0x04
	case n == 2 && p.stopped:
		b |= 0x40
	case n == 3 && p.stopped:
		b |= 0x08
	case n == 4 && p.paper == "near":
		b |= 0x0C
	case n == 4 && p.paper == "out":
		b |= 0x6C
	}
	if n == 2 && p.paper == "out" {
		b |= 0x20
	}
	return b
}

// report sends the automatic status to a lane that asked for it.
func (p *Printer) report() {
	p.say(nil, func() []byte {
		if !p.asb || p.closed {
			return nil
		}
		return p.automatic()
	})
}

// say sends what f returns, which is called with mu held, to the lane, or to
// the one that sent last. Word and state go together: nothing stale follows.
func (p *Printer) say(to net.Conn, f func() []byte) {
	p.sending.Lock()
	defer p.sending.Unlock()
	p.mu.Lock()
	if to == nil {
		to = p.last
	}
	b := f()
	p.mu.Unlock()
	if to == nil || b == nil || p.o.Silent {
		return
	}
	_ = to.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = to.Write(b) // a lane that hung up hears nothing
}

// serve takes the bytes of one connection in. Real-time commands act at once,
// wherever they stand, even inside a picture; all bytes also go to the buffer.
func (p *Printer) serve(conn net.Conn) {
	defer p.hungUp(conn)
	buf := make([]byte, 512)
	var tail []byte // the last bytes, as many as the longest real-time command has
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		from := 0
		for i, b := range buf[:n] {
			tail = append(tail, b)
			tail = tail[max(0, len(tail)-len(printerClear)):]
			if p.urgent(conn, tail) {
				from = i + 1
			}
		}
		if !p.take(conn, buf[from:n]) {
			return
		}
	}
}

// printerClear is DLE DC4 8: clear all buffers.
const printerClear = "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"

// urgent does the real-time command that tail ends with, if any, and reports
// whether it cleared what came before.
func (p *Printer) urgent(conn net.Conn, tail []byte) (cleared bool) {
	n := len(tail)
	if n >= 5 && string(tail[n-5:n-2]) == "\x10\x14\x01" && tail[n-2] <= 1 && tail[n-1] >= 1 && tail[n-1] <= 8 {
		p.change(func() { p.pulses++ })
		return false
	}
	switch {
	case string(tail) == printerClear:
	case n < 3 || tail[n-3] != 0x10:
		return false
	case tail[n-2] == 0x04 && tail[n-1] >= 1 && tail[n-1] <= 4:
		p.say(conn, func() []byte { return []byte{p.realTime(tail[n-1])} })
		return false
	case tail[n-2] == 0x05 && tail[n-1] == 0x01: // DLE ENQ 1: go on at the line
		p.goOn()
		return false
	default: // DLE ENQ 2 clears after a jam; the driver clears by DLE DC4 8
		return false
	}
	p.mu.Lock()
	p.buf, p.gone, p.purge = nil, true, p.held
	p.cleared++
	p.turn.Broadcast()
	p.mu.Unlock()
	return true
}

// goOn ends a stop for a jam, if what was in the cutter is out.
func (p *Printer) goOn() {
	p.mu.Lock()
	over := p.stopped && !p.jam
	p.mu.Unlock()
	if over {
		p.change(func() { p.stopped = false })
	}
}

// take adds to the buffer, waiting while it is full.
func (p *Printer) take(conn net.Conn, b []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.buf) > printerBuffer && !p.closed {
		// Real-time commands behind a full buffer would be lost: the network
		// card of a real printer takes them all the same. So does this, up to
		// a bound that no receipt reaches.
		if len(p.buf) < 64*printerBuffer {
			break
		}
		p.turn.Wait()
	}
	p.last, p.gone = conn, false
	p.buf = append(p.buf, b...)
	p.turn.Broadcast()
	return !p.closed
}

// hungUp notes that a lane is gone, so that nobody waits for the rest of a
// command it began.
func (p *Printer) hungUp(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == conn {
		p.last, p.gone, p.asb = nil, true, false
		p.turn.Broadcast()
	}
}
