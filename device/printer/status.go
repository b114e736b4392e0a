package printer

// Paper is how much paper there is.
type Paper int

// The amounts of paper a printer can tell apart.
const (
	PaperUnknown Paper = iota
	PaperOK
	PaperNear // the end is near
	PaperOut
)

// String returns the amount as logs spell it.
func (p Paper) String() string {
	switch p {
	case PaperOK:
		return "ok"
	case PaperNear:
		return "near end"
	case PaperOut:
		return "out"
	case PaperUnknown:
	}
	return "unknown"
}

// Status is what is known of a printer. It is comparable.
type Status struct {
	Connected bool
	Known     bool // the printer has said something about itself since it was connected
	Offline   bool // it does not print for a reason of its own
	Paper     Paper
	CoverOpen bool
	Cutter    bool // the cutter is jammed
	Fault     bool // another fault
}

// Err says why the printer cannot print now, or nil. A printer that tells
// nothing about itself is taken to work.
func (s Status) Err() error {
	switch {
	case !s.Connected:
		return ErrOffline
	case s.CoverOpen:
		return ErrCover
	case s.Paper == PaperOut:
		return ErrPaper
	case s.Cutter, s.Fault:
		return ErrFault
	case s.Offline:
		return ErrOffline
	}
	return nil
}

// Kinds of word that a printer sends.
type wordKind int

const (
	wordRealTime wordKind = iota + 1 // answer to DLE EOT n: one byte
	wordASB                          // automatic status: four bytes
	wordInOrder                      // answer to GS r n: one byte
	wordBlock                        // answer to GS I and the like
)

// A word is one thing that a printer said.
type word struct {
	kind wordKind
	data [4]byte
}

// maxBlock bounds a block answer; longer ones are noise.
const maxBlock = 96

// A parser cuts a printer's bytes into words. Fixed bits tell the kinds apart
// byte by byte, so words may even interleave (ESC/POS, "Automatic status back").
type parser struct {
	asb   [4]byte
	n     int // bytes of asb so far
	block int // bytes of a block answer so far; 0: none
}

// feed takes one byte and returns the word that it completes.
func (p *parser) feed(b byte) (word, bool) {
	switch {
	case p.block > 0:
		p.block++
		if b == 0 || p.block > maxBlock {
			p.block = 0
			return word{kind: wordBlock}, b == 0
		}
	case b&0x93 == 0x12:
		return word{kind: wordRealTime, data: [4]byte{b}}, true
	case b&0x93 == 0x10:
		p.asb[0], p.n = b, 1
	case b&0x90 == 0 && p.n > 0:
		p.asb[p.n] = b
		p.n++
		if p.n == len(p.asb) {
			p.n = 0
			return word{kind: wordASB, data: p.asb}, true
		}
	case b&0x90 == 0:
		return word{kind: wordInOrder, data: [4]byte{b}}, true
	case b == 0x35, b == 0x37, b == 0x3B, b == 0x3D, b == 0x5F:
		p.block = 1
	}
	return word{}, false // XON, XOFF and noise
}

// automatic takes an automatic status.
func (s *Status) automatic(b [4]byte) {
	s.Known = true
	s.Offline = b[0]&0x08 != 0
	s.CoverOpen = b[0]&0x20 != 0
	s.Cutter = b[1]&0x08 != 0
	s.Fault = b[1]&0x64 != 0
	s.Paper = paper(b[2]&0x03 != 0, b[2]&0x0C != 0)
}

// realTime takes the answer b to DLE EOT n.
func (s *Status) realTime(n int, b byte) {
	s.Known = true
	switch n {
	case 1:
		s.Offline = b&0x08 != 0
	case 2:
		s.CoverOpen = b&0x04 != 0
		if b&0x20 != 0 {
			s.Paper = PaperOut
		}
	case 3:
		s.Cutter = b&0x08 != 0
		s.Fault = b&0x64 != 0
	case 4:
		s.Paper = paper(b&0x0C != 0, b&0x60 != 0)
	}
}

func paper(near, out bool) Paper {
	switch {
	case out:
		return PaperOut
	case near:
		return PaperNear
	}
	return PaperOK
}
