package scanner

import (
	"errors"
	"fmt"
)

// Usages of the HID Point of Sale tables (page 8C, bar code scanner) and of
// the generic desktop page, as page<<16 | usage.
const (
	hidScanner    = 0x8c_0002
	hidSymbology1 = 0x8c_00fb // three identifiers: the AIM one's characters
	hidSymbology2 = 0x8c_00fc
	hidSymbology3 = 0x8c_00fd
	hidData       = 0x8c_00fe
	hidContinued  = 0x8c_00ff
	hidByteCount  = 0x01_003b
)

// ErrNotHIDPOS says that a HID device is no scanner in HID-POS mode.
var ErrNotHIDPOS = errors.New("device is no scanner in HID-POS mode")

// A hidField is where a value stands in a report.
type hidField struct {
	bit, bits int // bits 0: the report has no such value
}

// A hidLayout is the report that carries decoded data.
type hidLayout struct {
	numbered bool // reports begin with their number
	id       byte
	length   hidField
	aim      [3]hidField
	data     hidField
	more     hidField
}

const (
	maxDescriptor = 4096     // HID_MAX_DESCRIPTOR_SIZE of the kernel
	maxReportBits = 8 * 4096 // as much as hidraw hands out
	maxHIDDepth   = 16       // of Push and of collections
)

// hidGlobals are the items that hold until changed.
type hidGlobals struct {
	page        uint32
	size, count int
	id          byte
}

// A hidParser walks through a report descriptor (Device Class Definition for
// HID 1.11, 6.2.2).
type hidParser struct {
	g      hidGlobals
	stack  []hidGlobals
	usages []uint32 // local: of the next main item
	least  uint32   // Usage Minimum
	depth  int
	inside int // depth of the scanner's collection, 0 outside

	bits     map[byte]int // of input so far, by report
	layouts  map[byte]*hidLayout
	numbered bool
}

// parseHIDPOS finds the report of decoded data in a report descriptor.
func parseHIDPOS(b []byte) (hidLayout, error) {
	if len(b) > maxDescriptor {
		return hidLayout{}, fmt.Errorf("%w: descriptor of %d bytes", ErrNotHIDPOS, len(b))
	}
	p := &hidParser{bits: map[byte]int{}, layouts: map[byte]*hidLayout{}}
	for len(b) > 0 {
		head := b[0]
		size := int(head & 3)
		if size == 3 {
			size = 4
		}
		if head == 0xfe && len(b) > 1 { // a long item: none is defined
			size = 1 + 1 + int(b[1])
		}
		if len(b) < 1+size {
			return hidLayout{}, fmt.Errorf("%w: descriptor is cut off", ErrNotHIDPOS)
		}
		if head != 0xfe {
			if err := p.item(head, b[1:1+size]); err != nil {
				return hidLayout{}, fmt.Errorf("%w: %w", ErrNotHIDPOS, err)
			}
		}
		b = b[1+size:]
	}
	return p.layout()
}

// layout returns the lowest report that has decoded data.
func (p *hidParser) layout() (hidLayout, error) {
	for id := range 256 {
		l := p.layouts[byte(id)]
		if l == nil || l.data.bits == 0 {
			continue
		}
		if l.data.bit%8 != 0 || l.data.bits%8 != 0 || l.length.bits > 16 || l.more.bits > 8 {
			return hidLayout{}, fmt.Errorf("%w: decoded data do not stand on bytes", ErrNotHIDPOS)
		}
		l.id, l.numbered = byte(id), p.numbered
		return *l, nil
	}
	return hidLayout{}, ErrNotHIDPOS
}

func (p *hidParser) item(head byte, data []byte) error {
	var v uint32
	for i, c := range data {
		v |= uint32(c) << (8 * i)
	}
	switch head >> 2 & 3 {
	case 0:
		return p.main(head>>4, v)
	case 1:
		return p.global(head>>4, v)
	case 2:
		p.local(head>>4, v, len(data))
	}
	return nil
}

func (p *hidParser) global(tag byte, v uint32) error {
	switch tag {
	case 0x0:
		p.g.page = v & 0xffff
	case 0x7:
		p.g.size = int(min(v, maxReportBits+1))
	case 0x8:
		p.g.id, p.numbered = byte(v), true
	case 0x9:
		p.g.count = int(min(v, maxReportBits+1))
	case 0xa:
		if len(p.stack) == maxHIDDepth {
			return errors.New("too many items pushed")
		}
		p.stack = append(p.stack, p.g)
	case 0xb:
		if len(p.stack) == 0 {
			return errors.New("pop without push")
		}
		p.g = p.stack[len(p.stack)-1]
		p.stack = p.stack[:len(p.stack)-1]
	}
	return nil
}

func (p *hidParser) local(tag byte, v uint32, size int) {
	if size < 4 { // else the item names its page itself
		v |= p.g.page << 16
	}
	switch tag {
	case 0x0:
		p.usages = append(p.usages, v)
	case 0x1:
		p.least = v
	case 0x2:
		for u := p.least; u <= v && v-p.least < 256; u++ {
			p.usages = append(p.usages, u)
		}
	}
}

func (p *hidParser) main(tag byte, v uint32) error {
	defer func() { p.usages, p.least = nil, 0 }()
	switch tag {
	case 0x8:
		return p.input(v)
	case 0xa:
		p.depth++
		if p.depth > maxHIDDepth {
			return errors.New("collections are nested too deep")
		}
		if p.inside == 0 && v == 1 && len(p.usages) > 0 && p.usages[0] == hidScanner {
			p.inside = p.depth
		}
	case 0xc:
		if p.depth == 0 {
			return errors.New("collection ends that did not begin")
		}
		if p.depth == p.inside {
			p.inside = 0
		}
		p.depth--
	}
	return nil
}

// input adds fields to the report in hand.
func (p *hidParser) input(flags uint32) error {
	at := p.bits[p.g.id]
	size, count := p.g.size, p.g.count
	if count > 0 && size > (maxReportBits-at)/count {
		return errors.New("report is too long")
	}
	p.bits[p.g.id] = at + size*count
	if flags&1 != 0 || p.inside == 0 || len(p.usages) == 0 || size*count == 0 { // constant: padding
		return nil
	}
	l := p.layouts[p.g.id]
	if l == nil {
		l = &hidLayout{}
		p.layouts[p.g.id] = l
	}
	// Each usage takes one value, the last one all that are left.
	for i, u := range p.usages[:min(len(p.usages), count)] {
		f := hidField{bit: at + i*size, bits: size}
		if i == len(p.usages)-1 {
			f.bits = (count - i) * size
		}
		l.set(u, f)
	}
	return nil
}

// set notes where a usage stands, the first place of each.
func (l *hidLayout) set(usage uint32, f hidField) {
	var to *hidField
	switch usage {
	case hidSymbology1:
		to = &l.aim[0]
		if f.bits == 24 { // all three characters under the first usage
			l.aim[1], l.aim[2] = hidField{f.bit + 8, 8}, hidField{f.bit + 16, 8}
			f.bits = 8
		}
	case hidSymbology2:
		to = &l.aim[1]
	case hidSymbology3:
		to = &l.aim[2]
	case hidData:
		to = &l.data
	case hidContinued:
		to = &l.more
	case hidByteCount:
		to = &l.length
	default:
		return
	}
	if to.bits == 0 {
		*to = f
	}
}

// value reads a field of up to 16 bits; bits behind the report's end are 0.
func (f hidField) value(report []byte) int {
	v := 0
	for i := range min(f.bits, 16) {
		bit := f.bit + i
		if bit/8 < len(report) {
			v |= int(report[bit/8]>>(bit%8)&1) << i
		}
	}
	return v
}
