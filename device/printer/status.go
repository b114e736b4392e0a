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
	Mechanism bool // something else is jammed
	Hot       bool // the head cools down; it goes on by itself
	Broken    bool // it needs repair, or to be switched off and on
}

// Recoverable reports whether the fault is one that goes away by itself or, once
// somebody has cleared it, by a command that the driver gives.
func (s Status) Recoverable() bool { return (s.Cutter || s.Mechanism || s.Hot) && !s.Broken }

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
	case s.Cutter, s.Mechanism, s.Hot, s.Broken:
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
	wordJob                          // answer to GS ( H: the name of a mark
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
	head  [6]byte
}

// feed takes one byte and returns the word that it completes.
func (p *parser) feed(b byte) (word, bool) {
	switch {
	case p.block > 0:
		if p.block < len(p.head) {
			p.head[p.block] = b
		}
		p.block++
		if b == 0 || p.block > maxBlock {
			return p.endBlock(b == 0)
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
		p.block, p.head = 1, [6]byte{b}
	}
	return word{}, false // XON, XOFF and noise
}

// endBlock ends a block answer: 37 22 and the four letters of a mark's name, or
// something that nobody asked for.
func (p *parser) endBlock(whole bool) (word, bool) {
	n := p.block
	p.block = 0
	if whole && n == 7 && p.head[0] == 0x37 && p.head[1] == 0x22 {
		return word{kind: wordJob, data: [4]byte(p.head[2:])}, true
	}
	return word{kind: wordBlock}, whole
}

// automatic takes an automatic status.
func (s *Status) automatic(b [4]byte) {
	s.Known = true
	s.Offline = b[0]&0x08 != 0
	s.CoverOpen = b[0]&0x20 != 0
	s.errors(b[1])
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
		s.errors(b)
	case 4:
		s.Paper = paper(b&0x0C != 0, b&0x60 != 0)
	}
}

// errors takes the bits that DLE EOT 3 and the second automatic byte share.
func (s *Status) errors(b byte) {
	s.Mechanism = b&0x04 != 0
	s.Cutter = b&0x08 != 0
	s.Broken = b&0x20 != 0
	s.Hot = b&0x40 != 0
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
