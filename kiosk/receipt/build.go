package receipt

import (
	"cmp"
	"strings"

	"kassa/device/printer"
	"kassa/device/terminal/pan"
	"kassa/kiosk/barcode"
	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
	"kassa/kiosk/words"
)

// maxName is how many letters of a name are printed: names come from files of
// strangers, and the paper is the shop's.
const maxName = 120

// builder collects a document's blocks.
type builder struct {
	w      words.Words
	blocks []printer.Block
}

// Build makes the document in the language of w.
func Build(r Receipt, w words.Words) []printer.Block {
	b := &builder{w: w}
	b.head(r)
	switch r.What {
	case flow.DocTicket:
		b.ticket(r)
	case flow.DocVoucher:
		b.voucher(r.Voucher)
	default:
		b.receipt(r)
	}
	if r.Training {
		b.loud(b.w.T("paper.training"), "")
	}
	b.add(printer.Cut{})
	return b.blocks
}

func (b *builder) add(blocks ...printer.Block) { b.blocks = append(b.blocks, blocks...) }

// row adds a line of text; what is on its right is an amount.
func (b *builder) row(left, right string) {
	b.add(printer.Text{Left: left, Right: right, RTL: b.rtl()})
}

// detail adds a line that belongs to the one above.
func (b *builder) detail(text string) {
	b.add(printer.Text{Left: text, Indent: 2, RTL: b.rtl()})
}

// loud adds a line nobody overlooks.
func (b *builder) loud(left, right string) {
	b.add(printer.Text{Left: left, Right: right, Bold: true, Double: true, RTL: b.rtl()})
}

func (b *builder) centre(s string) {
	b.add(printer.Text{Left: s, Center: true, RTL: b.rtl()})
}

func (b *builder) rtl() bool { return b.w.Dir() == "rtl" }

// Marks of Unicode's bidirectional algorithm (UAX 9): between them a text keeps
// its own direction, whatever stands around it.
const (
	leftToRight = "\u2066"
	firstStrong = "\u2068"
	endIsolate  = "\u2069"
)

// code is a number that people compare with another: its figures stay as they
// are, and among letters from right to left they stay in their order.
func (b *builder) code(s string) words.Code {
	s = strings.TrimSpace(foreign(s))
	if b.rtl() && s != "" {
		s = leftToRight + s + endIsolate
	}
	return words.Code(s)
}

// name is a text of somebody else's, in its own direction.
func (b *builder) name(s string) string {
	s = foreign(s)
	if b.rtl() && s != "" {
		s = firstStrong + s + endIsolate
	}
	return s
}

// foreign takes out of a text what could command a printer or turn a line round,
// and cuts it to a length that paper can bear.
func foreign(s string) string {
	n := 0
	return strings.Map(func(r rune) rune {
		n++
		switch {
		case n > maxName:
			return -1
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == '\ufffd':
			return ' '
		case r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c:
			return -1
		}
		return r
	}, s)
}

// head is the shop, and which sale this is.
func (b *builder) head(r Receipt) {
	if r.Shop.Logo != nil {
		b.add(*r.Shop.Logo)
	}
	if r.Shop.Name != "" {
		b.add(printer.Text{Left: foreign(r.Shop.Name), Else: r.Shop.Store, Bold: true, Double: true, Center: true, RTL: b.rtl()})
	}
	for _, line := range r.Shop.Address {
		b.add(printer.Text{Left: b.name(line), Else: " ", Center: true, RTL: b.rtl()})
	}
	if r.Shop.TaxNumber != "" {
		b.centre(b.w.T("paper.tax-number", "Number", b.code(r.Shop.TaxNumber)))
	}
	b.add(printer.Feed{Lines: 1})
	if r.Training {
		b.loud(b.w.T("paper.training"), "")
	}
	if r.What == flow.DocTicket {
		b.loud(b.w.T("paper.ticket"), "")
	}
	if r.Copy > 0 {
		b.loud(b.w.T("paper.copy", "N", r.Copy), "")
		b.row(b.w.T("paper.copy-why"), "")
	}
	switch {
	case r.What == flow.DocVoucher:
		b.loud(b.w.T("paper.voucher"), "")
	case r.Refund:
		b.loud(b.w.T("paper.refund"), "")
	case r.Void:
		b.loud(b.w.T("paper.void"), "")
	}
	b.row(b.w.Stamp(r.At), b.w.T("paper.lane", "Lane", r.Shop.Lane))
	if r.Clock == flow.ClockUnsynced {
		b.row(b.w.T("paper.unsynced"), "")
	}
	b.row(b.w.T("paper.number", "Number", b.code(r.ID)), "")
	if r.Document != 0 {
		b.row(b.w.T("paper.refund-number", "Number", r.Document), "")
	}
	if r.Refund && r.Of != "" {
		b.row(b.w.T("paper.refund-of", "Number", b.code(r.Of)), "")
	}
	b.add(printer.Rule{})
}

// receipt is what was bought and how it was paid.
func (b *builder) receipt(r Receipt) {
	if r.Shop.Currency != "" {
		b.row("", b.w.T("paper.head", "Currency", b.code(r.Shop.Currency)))
	}
	for _, l := range r.Lines {
		b.line(l)
	}
	for _, c := range r.Coupons {
		b.row(b.w.T("paper.coupon", "Code", b.code(c)), "")
	}
	b.add(printer.Rule{})
	b.totals(r)
	for _, t := range r.Tenders {
		b.tender(t)
	}
	if r.Change != 0 {
		b.row(b.w.T("paper.change"), b.w.Money(r.Change))
	}
	b.taxes(r)
	b.deeds(r.Deeds)
	b.tail(r)
}

// totals is what it comes to. Tax that is not in the prices is added before the
// reader's eyes.
func (b *builder) totals(r Receipt) {
	if r.Shop.TaxOnTop && len(r.Taxes) > 0 {
		var net money.Amount
		for _, t := range r.Taxes {
			net += t.Net
		}
		b.row(b.w.T("paper.subtotal"), b.w.Figure(net))
		for _, t := range r.Taxes {
			for _, p := range t.parts() {
				b.row(b.w.T("paper.tax-added", "Rate", b.w.Percent(p.RatePPM)), b.w.Figure(p.Tax))
			}
		}
	}
	if r.Rounding != 0 {
		b.row(b.w.T("paper.rounding"), b.w.Figure(r.Rounding))
	}
	b.loud(b.w.T("paper.total"), b.w.Money(r.Total))
	if r.Savings > 0 {
		b.row(b.w.T("paper.savings"), b.w.Money(r.Savings))
	}
	b.add(printer.Feed{Lines: 1})
}

// line is one article: what, how much, for how much, and what came off.
func (b *builder) line(l Line) {
	name := b.name(b.w.Name(l.Name, l.Names))
	instead := cmp.Or(l.Number, "-")
	if l.Of != 0 {
		name, instead = strings.TrimSpace(b.w.T("paper.deposit")+" "+name), b.w.T("paper.deposit")
	}
	if strings.Trim(name, " "+firstStrong+endIsolate) == "" {
		name = string(b.code(l.Number))
	}
	amount := b.w.Figure(l.Gross)
	if l.Tax != "" {
		amount += " " + l.Tax
	}
	if l.Off {
		amount = b.w.T("paper.off")
	}
	b.add(printer.Text{Left: name, Right: amount, Else: instead, RTL: b.rtl()})
	switch {
	case l.Off:
		return
	case l.Weight.Unit != 0:
		b.detail(b.w.T("price.weight", "Weight", b.w.Weight(l.Weight), "Unit", b.w.Figure(l.Unit), "Per", b.w.Per(l.Per)))
		if l.Tare > 0 {
			b.detail(b.w.T("paper.tare", "Tare", b.tare(l)))
		}
	case l.Qty > 1:
		b.detail(b.w.T("price.each", "Qty", l.Qty, "Unit", b.w.Figure(l.Unit)))
	}
	for _, d := range l.Discounts {
		b.add(printer.Text{
			Left: b.name(b.w.Discount(d)), Right: b.w.Figure(d.Amount), Else: d.Rule, Indent: 2, RTL: b.rtl(),
		})
	}
	if l.Set != nil {
		reason := b.w.Either("reason."+l.Set.Reason, "reason.other")
		b.detail(b.w.T("paper.set-by", "By", b.code(l.Set.By), "Reason", reason))
	}
}

// tare says what was taken off, in the unit of the weight.
func (b *builder) tare(l Line) string {
	if l.Weight.Unit == weight.Kilogram {
		return b.w.Weight(weight.Shown{Digits: int64(l.Tare), Decimals: 3, Unit: weight.Kilogram})
	}
	return b.w.Grams(l.Tare)
}

// tender is one payment, with what the card terminal asks to be printed.
func (b *builder) tender(t Tender) {
	name := b.tenderName(t.Kind)
	if t.Name != "" {
		name += " " + b.name(t.Name)
	}
	b.row(name, b.w.Money(t.Amount))
	if t.Number != "" {
		b.detail(string(b.code(pan.Hide(t.Number))))
	}
	if t.HasRest {
		b.detail(b.w.T("paper.remainder", "Amount", b.w.Money(t.Remainder)))
	}
	if t.Given > 0 {
		b.detail(b.w.T("paper.cash-given", "Amount", b.w.Money(t.Given)))
	}
	if len(t.Lines) > 0 {
		for _, line := range t.Lines {
			// As the terminal sets it: from left to right, in its own columns.
			b.add(printer.Text{Left: strings.TrimRight(pan.Hide(foreign(line)), " "), Else: " "})
		}
		return
	}
	if t.Card != "" {
		b.detail(string(b.code(pan.Hide(t.Card))))
	}
	if t.Terminal != "" {
		b.detail(b.w.T("paper.terminal", "Terminal", b.code(t.Terminal), "Receipt", b.code(t.Receipt), "Trace", b.code(t.Trace)))
	}
}

func (b *builder) tenderName(kind flow.TenderKind) string {
	switch string(kind) {
	case "card":
		return b.w.T("paper.card")
	case "cash":
		return b.w.T("paper.cash")
	case "voucher":
		return b.w.T("paper.voucher")
	case "points":
		return b.w.T("paper.points")
	case "account":
		return b.w.T("paper.account")
	default:
		return b.w.T("paper.tender-else")
	}
}

// taxes is the table of rates: net, tax and gross of each class, the shares of
// stacked rates below theirs, and the sums of several classes.
func (b *builder) taxes(r Receipt) {
	if len(r.Taxes) == 0 {
		return
	}
	t := printer.Table{
		Head: []string{b.w.T("paper.rate"), b.w.T("paper.net"), b.w.T("paper.tax"), b.w.T("paper.gross")},
		RTL:  b.rtl(),
	}
	var net, tax, gross money.Amount
	for _, c := range r.Taxes {
		t.Rows = append(t.Rows, []string{
			strings.TrimSpace(c.Class + " " + b.w.Percent(c.RatePPM)), b.w.Figure(c.Net), b.w.Figure(c.Tax), b.w.Figure(c.Gross),
		})
		if len(c.Parts) > 1 {
			for _, p := range c.Parts {
				t.Rows = append(t.Rows, []string{b.w.T("paper.of-which", "Rate", b.w.Percent(p.RatePPM)), "", b.w.Figure(p.Tax), ""})
			}
		}
		net, tax, gross = net+c.Net, tax+c.Tax, gross+c.Gross
	}
	if len(r.Taxes) > 1 {
		t.Rows = append(t.Rows, []string{b.w.T("paper.sum"), b.w.Figure(net), b.w.Figure(tax), b.w.Figure(gross)})
	}
	b.add(printer.Rule{}, t)
}

// parts are a class's rates, one at least.
func (t Tax) parts() []basket.TaxPart {
	if len(t.Parts) < 2 {
		return []basket.TaxPart{{RatePPM: t.RatePPM, Tax: t.Tax}}
	}
	return t.Parts
}

// deeds are what staff did.
func (b *builder) deeds(all []Deed) {
	if len(all) > 0 {
		b.add(printer.Rule{})
	}
	for _, d := range all {
		switch d.Kind {
		case DeedAge:
			b.row(b.w.T("paper.age-by", "By", b.code(d.By)), "")
		case DeedLimit:
			b.row(b.w.T("paper.limit-by", "By", b.code(d.By)), "")
		case DeedVoid:
			b.row(b.w.T("paper.void-by", "Name", words.Code(b.name(d.Line)), "By", b.code(d.By)), "")
		}
	}
}

// tail is thanks, what the law adds, and codes that others read.
func (b *builder) tail(r Receipt) {
	b.add(printer.Feed{Lines: 1})
	b.centre(b.w.T("paper.thanks"))
	b.centre(b.w.T("paper.find"))
	if s := r.Shop.Signer; s != nil && !r.Training && !r.Void {
		b.add(printer.Feed{Lines: 1})
		if stamp, err := s.Stamp(r); err == nil {
			b.centre(b.w.T("paper.fiscal"))
			b.add(printer.QR{Data: stamp})
		} else {
			b.centre(b.w.T("paper.unsigned"))
		}
	}
	if r.Link != "" {
		b.add(printer.Feed{Lines: 1})
		b.centre(b.w.T("paper.phone"))
		b.add(printer.QR{Data: r.Link})
	}
	if r.Code != "" {
		b.add(printer.Feed{Lines: 1}, printer.QR{Data: r.Code})
	}
}

// ticket is a basket kept for the till: its number, what it comes to, no prices.
func (b *builder) ticket(r Receipt) {
	b.row(b.w.N("basket.count", pieces(r.Lines)), "")
	b.loud(b.w.T("paper.total"), b.w.Money(r.Total))
	b.add(printer.Feed{Lines: 1})
	b.centre(b.w.T("paper.ticket-how"))
	if r.Code != "" {
		b.add(printer.Feed{Lines: 1}, printer.Barcode{Symbology: printer.Code128, Data: r.Code})
	}
}

// voucher is its amount and its number, as code and in letters.
func (b *builder) voucher(v *Voucher) {
	if v == nil {
		return
	}
	b.loud(b.w.T("paper.voucher"), b.w.Money(v.Amount))
	if v.Expires != "" {
		b.row(b.w.T("paper.voucher-until", "Date", b.code(v.Expires)), "")
	}
	b.add(printer.Feed{Lines: 1}, printer.QR{Data: barcode.VoucherCode(v.Number)})
	b.centre(string(b.code(barcode.VoucherCode(v.Number))))
	b.centre(b.w.T("paper.voucher-how"))
}

func pieces(lines []Line) int64 {
	var n int64
	for _, l := range lines {
		if l.Of == 0 {
			n += l.Qty
		}
	}
	return n
}
