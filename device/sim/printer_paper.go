package sim

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// A printerStyle is how the next letters come out.
type printerStyle struct {
	bold, wide, tall bool
	align            byte
	page             byte
	spans            []PrinterSpan // of the line not yet printed
	qr               []byte
	module           byte        // dots of a QR code's module
	stored           PrinterLine // a picture of GS ( L that waits to be printed
}

var (
	errPrinterClosed = errors.New("printer is gone")
	errPrinterCut    = errors.New("command is incomplete")
)

// work prints what is in the buffer until the printer is closed.
func (p *Printer) work() {
	defer close(p.done)
	for {
		p.inside = false
		b, err := p.next(1)
		p.inside = true
		if err == nil {
			err = p.command(b[0])
		}
		if errors.Is(err, errPrinterClosed) {
			return
		}
	}
}

// next takes n bytes from the buffer, waiting for them and for the printer to
// be able to print. Of a command whose sender is gone the rest never comes.
func (p *Printer) next(n int) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.closed:
			return nil, errPrinterClosed
		case p.offline():
		case len(p.buf) >= n:
			b := bytes.Clone(p.buf[:n])
			p.buf = p.buf[n:]
			p.turn.Broadcast()
			return b, nil
		case p.gone && p.inside:
			p.buf = nil
			return nil, errPrinterCut
		}
		p.turn.Wait()
	}
}

// command does the command that begins with b, or prints the letter b.
func (p *Printer) command(b byte) error {
	switch b {
	case 0x0A:
		return p.newLine()
	case 0x0D: // nothing, unless a switch inside says so
		return nil
	case 0x1B:
		return p.escape()
	case 0x1C: // only FS . (no Asian characters) is known
		_, err := p.next(1)
		return err
	case 0x1D:
		return p.group()
	case 0x10: // real-time: done when it came
		rest, err := p.next(2)
		switch {
		case err != nil || rest[0] != 0x14:
		case rest[1] == 0x08: // clear: its beginning came with other bytes
			_, err = p.next(len(printerClear) - 3)
		default: // the drawer's pulse
			_, err = p.next(2)
		}
		return err
	}
	if b < 0x20 {
		p.puzzled()
		return nil
	}
	p.letter(b)
	return nil
}

func (p *Printer) puzzled() {
	p.mu.Lock()
	p.unknown++
	p.mu.Unlock()
}

func (p *Printer) letter(b byte) {
	cm := charmap.CodePage437
	switch p.style.page {
	case 2:
		cm = charmap.CodePage850
	case 16:
		cm = charmap.Windows1252
	case 17:
		cm = charmap.CodePage866
	case 18:
		cm = charmap.CodePage852
	case 19:
		cm = charmap.CodePage858
	}
	s := PrinterSpan{Text: string(cm.DecodeByte(b)), Bold: p.style.bold, Wide: p.style.wide, Tall: p.style.tall}
	if n := len(p.style.spans); n > 0 {
		last := &p.style.spans[n-1]
		if last.Bold == s.Bold && last.Wide == s.Wide && last.Tall == s.Tall {
			last.Text += s.Text
			return
		}
	}
	p.style.spans = append(p.style.spans, s)
}

func (p *Printer) alignment() string {
	switch p.style.align {
	case 1:
		return "center"
	case 2:
		return "right"
	}
	return ""
}

// newLine prints the line that was collected.
func (p *Printer) newLine() error {
	spans := p.style.spans
	p.style.spans = nil
	return p.advance(PrinterLine{Kind: "text", Spans: spans, Align: p.alignment()}, 1)
}

// advance puts l on the paper, which takes the time of n lines, once there is
// paper.
func (p *Printer) advance(l PrinterLine, n int) error {
	p.hold(true)
	if _, err := p.next(0); err != nil { // waits for paper
		return err
	}
	if p.hold(false) {
		return errPrinterCut
	}
	pace := time.Second * time.Duration(n) / time.Duration(p.o.LinesPerSecond)
	time.Sleep(p.clock.Real(min(pace, time.Second)))
	p.add(l)
	p.mu.Lock()
	ended := false
	if p.outIn >= 0 {
		p.outIn -= n
		ended = p.outIn <= 0
	}
	p.mu.Unlock()
	if ended {
		p.change(func() { p.paper, p.outIn = "out", -1 })
	}
	return nil
}

// hold notes that a line waits for paper, or no longer does, and reports
// whether it was cleared meanwhile.
func (p *Printer) hold(on bool) (cleared bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	cleared, p.purge, p.held = p.purge, false, on
	return cleared
}

// escape does an ESC command.
func (p *Printer) escape() error {
	c, err := p.next(1)
	if err != nil {
		return err
	}
	if c[0] == '@' {
		p.style = printerStyle{}
		return nil
	}
	if c[0] == 'p' {
		if _, err := p.next(3); err != nil {
			return err
		}
		p.change(func() { p.pulses++ })
		return nil
	}
	arg, err := p.next(1)
	if err != nil {
		return err
	}
	switch n := arg[0]; c[0] {
	case 'E':
		p.style.bold = n&1 != 0
	case 'a':
		p.style.align = n
	case 't':
		p.style.page = n
	case 'd':
		return p.advance(PrinterLine{Kind: "feed", Lines: int(n)}, int(n))
	case '2': // the line spacing's default has no argument
		p.mu.Lock()
		p.buf = append([]byte{n}, p.buf...)
		p.mu.Unlock()
	case '3', '-', 'M', 'J', 'R', '{', ' ':
	case '!':
		p.style.bold, p.style.tall, p.style.wide = n&8 != 0, n&16 != 0, n&32 != 0
	default:
		p.puzzled()
	}
	return nil
}

// group does a GS command.
func (p *Printer) group() error {
	c, err := p.next(1)
	if err != nil {
		return err
	}
	switch c[0] {
	case 'V':
		return p.cutPaper()
	case '(':
		return p.function()
	case 'k':
		return p.barcode()
	case 'v':
		return p.picture()
	case 'I':
		return p.identify()
	}
	arg, err := p.next(1)
	if err != nil {
		return err
	}
	switch n := arg[0]; c[0] {
	case '!':
		p.style.wide, p.style.tall = n>>4 > 0, n&7 > 0
	case 'a':
		p.automaticOn(n != 0)
	case 'r':
		p.inOrder()
	case 'h', 'w', 'H', 'B', 'f':
	default:
		p.puzzled()
	}
	return nil
}

// automaticOn begins or ends automatic status.
func (p *Printer) automaticOn(on bool) {
	p.mu.Lock()
	p.asb = on && !p.o.NoAutomatic
	p.mu.Unlock()
	p.report()
}

// inOrder answers GS r: all before it is printed.
func (p *Printer) inOrder() {
	p.say(nil, func() []byte {
		if p.paper == "near" {
			return []byte{0x03}
		}
		return []byte{0x00}
	})
}

func (p *Printer) cutPaper() error {
	m, err := p.next(1)
	if err != nil {
		return err
	}
	if m[0] == 0x41 || m[0] == 0x42 {
		if _, err := p.next(1); err != nil {
			return err
		}
	}
	p.mu.Lock()
	jammed := p.jam
	p.mu.Unlock()
	if jammed {
		p.change(func() { p.stopped = true })
	}
	return p.advance(PrinterLine{Kind: "cut"}, 1)
}

// identify answers GS I: who it is.
func (p *Printer) identify() error {
	n, err := p.next(1)
	if err != nil {
		return err
	}
	answer := "_kassa sim\x00"
	switch n[0] {
	case 1, 2, 3, 49, 50, 51: // ids of one byte
		answer = "\x02"
	case 66:
		answer = "_EPSON\x00"
	case 67:
		answer = "_TM-T20\x00"
	}
	p.say(nil, func() []byte { return []byte(answer) })
	return nil
}

// function does GS ( k, the two-dimensional codes.
func (p *Printer) function() error {
	head, err := p.next(3)
	if err != nil {
		return err
	}
	body, err := p.next(int(head[1]) + int(head[2])<<8)
	if err != nil {
		return err
	}
	switch {
	case head[0] == 'H' && !p.o.NoNames && len(body) == 6 && body[0] == 0x30 && body[1] == 0x30:
		p.say(nil, func() []byte { return slices.Concat([]byte{0x37, 0x22}, body[2:], []byte{0}) })
		return nil
	case head[0] == 'L' && len(body) >= 2 && body[0] == 0x30:
		return p.graphics(body[1], body[2:])
	case head[0] != 'k' || len(body) < 3 || body[0] != 0x31:
		p.puzzled()
		return nil
	}
	switch body[1] {
	case 0x43:
		p.style.module = body[2]
	case 0x50:
		p.style.qr = body[3:]
	case 0x51:
		return p.advance(PrinterLine{Kind: "qr", Data: string(p.style.qr), Align: p.alignment(), Module: int(p.style.module)}, 6)
	}
	return nil
}

// graphics does GS ( L: function 112 takes a picture in, 50 prints it.
func (p *Printer) graphics(fn byte, body []byte) error {
	switch {
	case fn == 112 && len(body) >= 8:
		w, h := int(body[4])+int(body[5])<<8, int(body[6])+int(body[7])<<8
		if len(body)-8 != (w+7)/8*h {
			p.puzzled()
			return nil
		}
		p.style.stored = PrinterLine{Kind: "image", Width: w, Height: h, Bits: bytes.Clone(body[8:])}
	case fn == 50 || fn == 2:
		stored := p.style.stored
		p.style.stored = PrinterLine{}
		if stored.Kind == "" {
			return nil
		}
		stored.Align = p.alignment()
		return p.advance(stored, stored.Height/30+1)
	default:
		p.puzzled()
	}
	return nil
}

func (p *Printer) barcode() error {
	head, err := p.next(2)
	if err != nil {
		return err
	}
	var data []byte
	if head[0] < 0x41 { // the form that ends with a zero byte
		for data = head[1:]; data[len(data)-1] != 0; {
			b, err := p.next(1)
			if err != nil {
				return err
			}
			data = append(data, b...)
		}
		head[0], data = head[0]+0x41, data[:len(data)-1]
	} else if data, err = p.next(int(head[1])); err != nil {
		return err
	}
	if head[0] == 0x49 {
		data = bytes.ReplaceAll(bytes.TrimPrefix(data, []byte("{B")), []byte("{{"), []byte("{"))
	}
	return p.advance(PrinterLine{Kind: "barcode", Data: string(data), Align: p.alignment(), Symbology: int(head[0])}, 4)
}

// picture does GS v 0.
func (p *Printer) picture() error {
	head, err := p.next(6)
	if err != nil {
		return err
	}
	row, rows := int(head[2])+int(head[3])<<8, int(head[4])+int(head[5])<<8
	bits, err := p.next(row * rows)
	if err != nil {
		return err
	}
	return p.advance(PrinterLine{
		Kind: "image", Width: 8 * row, Height: rows, Bits: bits, Align: p.alignment(),
	}, rows/30+1)
}
