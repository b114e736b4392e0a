package zvt

import (
	"slices"
	"strings"

	"kassa/device/terminal"
)

// Attributes of a print line (06 D1, tag 09).
const (
	attrLast   = 0x80 // and any other bit: this was the last line of a receipt
	attrCentre = 0x40
	attrWide   = 0x20
	attrTall   = 0x10
	attrIndent = 0x0F
	attrFeed   = 0xFF
)

// maxLines bounds what one payment may print, so that a mad terminal cannot
// fill the memory.
const maxLines = 2000

// paper collects what the terminal wants printed.
type paper struct {
	charset   Charset
	merchant  []terminal.Line
	customer  []terminal.Line
	admin     []terminal.Line
	signature bool

	loose   [][]terminal.Line // receipts that came line by line (06 D1), in order
	current []terminal.Line
}

// line takes a print line (06 D1).
func (p *paper) line(data []byte) {
	if len(data) == 0 || len(p.current) >= maxLines {
		return
	}
	attr, text := data[0], data[1:]
	if attr == attrFeed {
		n := 1
		if len(text) > 0 {
			n = min(int(text[0]), 20)
		}
		p.current = append(p.current, make([]terminal.Line, n)...)
		return
	}
	last := attr&attrLast != 0 && attr != attrLast
	if !last || len(text) > 0 {
		p.current = append(p.current, p.styled(attr, text))
	}
	if last {
		p.loose = append(p.loose, p.current)
		p.current = nil
	}
}

// block takes a print text block (06 D3).
func (p *paper) block(data []byte) {
	maps, _ := parseBitmaps(data)
	for _, m := range maps {
		if m.id == bmpTLV {
			p.blockTLV(m.value)
		}
	}
}

func (p *paper) blockTLV(b []byte) {
	objs := parseTLV(b)
	if v, ok := find(objs, tagReceiptFlag); ok && len(v) == 1 && v[0]&flagSignature != 0 {
		p.signature = true
	}
	var lines []terminal.Line
	for _, o := range objs {
		if o.tag == tagPrint {
			lines = append(lines, p.texts(o.value)...)
		}
	}
	kind, _ := find(objs, tagReceiptType)
	switch {
	case len(p.merchant)+len(p.customer)+len(p.admin) >= maxLines:
	case len(kind) == 1 && kind[0] == merchantCopy:
		p.merchant = append(p.merchant, lines...)
	case len(kind) == 1 && kind[0] == customerCopy:
		p.customer = append(p.customer, lines...)
	default:
		p.admin = append(p.admin, lines...)
	}
}

// texts reads the lines of a container 25: an attribute holds for the lines
// after it.
func (p *paper) texts(b []byte) []terminal.Line {
	objs := parseTLV(b)
	var lines []terminal.Line
	var attr byte
	for _, o := range objs {
		switch o.tag {
		case tagAttribute:
			if len(o.value) > 0 {
				attr = o.value[0]
			}
		case tagText:
			lines = append(lines, p.styled(attr, o.value))
		}
	}
	return lines
}

func (p *paper) styled(attr byte, text []byte) terminal.Line {
	if attr == attrFeed || attr&attrLast != 0 {
		attr = 0
	}
	l := terminal.Line{
		Text:   p.charset.decode(text),
		Centre: attr&attrCentre != 0, Wide: attr&attrWide != 0, Tall: attr&attrTall != 0,
	}
	if n := int(attr & attrIndent); n > 0 && attr < attrTall {
		l.Text = terminal.Scrub(string(make([]byte, n)) + l.Text.String()) // zero bytes become spaces
	}
	return l
}

// into hands the receipts to r. Of receipts that came line by line the first
// is the merchant's and the second the customer's; a single one is the
// customer's, for an unattended terminal has no other reader.
func (p *paper) into(r *terminal.Result) {
	r.MerchantLines, r.CustomerLines = p.merchant, p.customer
	r.Signature = r.Signature || p.signature
	loose := p.loose
	if len(p.current) > 0 {
		loose = append(loose, brokenOff(p.current))
	}
	if len(loose) > 1 && r.MerchantLines == nil {
		r.MerchantLines, loose = loose[0], loose[1:]
	}
	if len(loose) > 0 && r.CustomerLines == nil {
		r.CustomerLines = loose[0]
	}
	terminal.ScrubLines(r.MerchantLines)
	terminal.ScrubLines(r.CustomerLines)
}

// halfNumber is how many figures at the end of a receipt that broke off may be the
// first part of a card number: more than the six that may be shown.
const halfNumber = 7

// brokenOff is a receipt of which more was to come, without a last line that may
// be half a card number: nobody can tell by the check digit any more.
func brokenOff(lines []terminal.Line) []terminal.Line {
	text := strings.TrimRight(lines[len(lines)-1].Text.String(), " -")
	digits := 0
	for i := len(text) - 1; i >= 0 && strings.IndexByte("0123456789 -", text[i]) >= 0; i-- {
		if text[i] != ' ' && text[i] != '-' {
			digits++
		}
	}
	if digits >= halfNumber {
		return lines[:len(lines)-1]
	}
	return lines
}

// all returns everything printed, for a report.
func (p *paper) all() []terminal.Line {
	lines := slices.Concat(p.admin, p.merchant, p.customer)
	for _, l := range p.loose {
		lines = append(lines, l...)
	}
	lines = append(lines, p.current...)
	terminal.ScrubLines(lines)
	return lines
}
