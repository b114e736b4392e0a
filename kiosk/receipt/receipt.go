// Package receipt says what stands on paper: the receipt of a sale, and the
// ticket of a basket that is paid at the till. It makes one document, in blocks
// that a printer can print and a page or a file can show ([Text]). It neither
// prints nor decides what is sold, and works nothing out: every sum on it is
// one that the sale holds.
//
// Its one rule: what the law asks for is always there (shop, address, tax
// number, date and time with zone, lane, number, what was bought with unit
// price or weight and price by weight, tax by rate, how it was paid), in the
// shopper's language, and a copy says that it is one.
package receipt

import (
	"strings"
	"time"

	"kassa/device/printer"
	"kassa/kiosk/barcode"
	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/words"
)

// A Shop is what stands on every paper.
type Shop struct {
	Name      string
	Address   []string
	TaxNumber string
	Store     string
	Lane      string
	Location  *time.Location
	TaxNames  map[string]string // by tax class id, "7 %"
}

// ID names a sale of this shop as journals and exports do.
func (s Shop) ID(number int64) string { return flow.SaleID(s.Store, s.Lane, number) }

// A paper is one being written.
type paper struct {
	shop   Shop
	w      words.Words
	sale   *flow.Sale
	blocks []printer.Block
}

// Receipt is the receipt of a paid sale. Copy 0 is the original.
func Receipt(shop Shop, w words.Words, sale *flow.Sale, copies int) []printer.Block {
	p := &paper{shop: shop, w: w, sale: sale}
	p.head("paper.number")
	if copies > 0 {
		p.add(printer.Text{Left: w.T("paper.copy", "N", w.Number(int64(copies))), Bold: true, Center: true})
	}
	p.add(printer.Rule{})
	p.lines()
	p.add(printer.Rule{})
	p.totals()
	p.taxes()
	p.tenders()
	p.add(printer.Feed{Lines: 1}, printer.Text{Left: w.T("paper.thanks"), Center: true}, printer.QR{Data: Code(shop, sale)})
	p.add(printer.Cut{})
	return p.blocks
}

// Ticket is the ticket of a parked basket: its barcode brings the basket back.
func Ticket(shop Shop, w words.Words, sale *flow.Sale) []printer.Block {
	p := &paper{shop: shop, w: w, sale: sale}
	p.add(printer.Text{Left: w.T("paper.ticket"), Bold: true, Double: true, Center: true})
	p.head("paper.number")
	p.add(printer.Rule{})
	p.lines()
	p.add(printer.Rule{}, printer.Text{Left: w.T("paper.total"), Right: w.Money(sale.Basket.Total), Bold: true})
	p.add(printer.Feed{Lines: 1}, printer.Text{Left: w.T("paper.ticket-how"), Center: true})
	p.add(printer.Barcode{Symbology: printer.Code128, Data: TicketCode(shop, sale.Number)}, printer.Cut{})
	return p.blocks
}

// TicketCode is the code on the ticket of a parked sale.
func TicketCode(shop Shop, number int64) string {
	return barcode.TicketCode(strings.ToUpper(shop.ID(number)))
}

// Code is the text of a receipt's QR code: what is needed to find the sale, and
// no more. A page of the store's own for it comes with the hub.
func Code(shop Shop, sale *flow.Sale) string {
	at := sale.ClosedAt.Wall
	if at.IsZero() {
		at = sale.OpenedAt.Wall
	}
	return strings.Join([]string{shop.Name, shop.ID(sale.Number), at.Format(time.RFC3339)}, "\n")
}

func (p *paper) add(blocks ...printer.Block) {
	for _, b := range blocks {
		if t, ok := b.(printer.Text); ok {
			t.RTL = p.w.Dir() == "rtl"
			b = t
		}
		p.blocks = append(p.blocks, b)
	}
}

// head is who sells, where and when.
func (p *paper) head(numberID string) {
	p.add(printer.Text{Left: p.shop.Name, Bold: true, Double: true, Center: true})
	for _, line := range p.shop.Address {
		p.add(printer.Text{Left: line, Center: true})
	}
	if p.shop.TaxNumber != "" {
		p.add(printer.Text{Left: p.w.T("paper.tax-number", "Number", p.shop.TaxNumber), Center: true})
	}
	at := p.sale.ClosedAt
	if at.Wall.IsZero() {
		at = p.sale.OpenedAt
	}
	when := at.Wall
	if p.shop.Location != nil {
		when = when.In(p.shop.Location)
	}
	p.add(
		printer.Feed{Lines: 1},
		printer.Text{Left: p.w.T("paper.lane", "Lane", p.w.Digits(p.shop.Lane)), Right: p.w.Stamp(when)},
		printer.Text{Left: p.w.T(numberID, "Number", p.w.Digits(p.shop.ID(p.sale.Number)))},
	)
	if at.Clock == flow.ClockUnsynced {
		p.add(printer.Text{Left: p.w.T("paper.unsynced")})
	}
}

// lines is what was bought. Voided lines are on record, not on paper.
func (p *paper) lines() {
	for _, l := range p.sale.Basket.Lines {
		if l.Voided {
			continue
		}
		p.line(l)
		for _, d := range l.Discounts {
			p.add(printer.Text{Left: "  " + p.w.Name(d.Name, d.Names), Right: p.w.Figure(d.Amount)})
		}
	}
}

func (p *paper) line(l basket.Line) {
	name := p.w.Name(l.Article.Name, l.Article.Names)
	if l.Of != 0 {
		name = "  " + p.w.T("paper.deposit")
	}
	class := ""
	if len(p.sale.Basket.Taxes) > 1 {
		class = " " + l.Tax
	}
	p.add(printer.Text{Left: name, Right: p.w.Figure(l.Gross) + class})
	switch {
	case l.Weight.Unit != 0 && !l.Labelled:
		how := "  " + p.w.Weight(l.Weight) + " × " + p.w.Figure(l.Unit) + "/" + p.w.Per(l.Article.Per)
		p.add(printer.Text{Left: how})
		if l.Tare > 0 {
			p.add(printer.Text{Left: "  " + p.w.T("paper.tare", "Tare", p.w.Grams(l.Tare))})
		}
	case l.Qty > 1:
		p.add(printer.Text{Left: "  " + p.w.Number(l.Qty) + " × " + p.w.Figure(l.Unit)})
	}
}

func (p *paper) totals() {
	b := p.sale.Basket
	if b.Rounding != 0 {
		p.add(printer.Text{Left: p.w.T("paper.rounding"), Right: p.w.Figure(b.Rounding)})
	}
	p.add(printer.Text{Left: p.w.T("paper.total"), Right: p.w.Money(b.Total), Bold: true, Double: true})
	if b.Savings > 0 {
		p.add(printer.Text{Left: p.w.T("paper.savings"), Right: p.w.Figure(b.Savings)})
	}
}

// taxes is the tax table: rate, net, tax.
func (p *paper) taxes() {
	if len(p.sale.Basket.Taxes) == 0 {
		return
	}
	p.add(printer.Feed{Lines: 1})
	for _, g := range p.sale.Basket.Taxes {
		name := p.shop.TaxNames[g.Class]
		if name == "" {
			name = p.w.Percent(g.RatePPM)
		}
		p.add(
			printer.Text{Left: g.Class + "  " + p.w.T("paper.tax") + " " + p.w.Digits(name), Right: p.w.Figure(g.Tax)},
			printer.Text{Left: "   " + p.w.T("paper.net"), Right: p.w.Figure(g.Net)},
		)
	}
}

// tenders is how it was paid, with what the terminal wants printed.
func (p *paper) tenders() {
	p.add(printer.Feed{Lines: 1})
	for _, t := range p.sale.Tenders {
		if t.Result != string(flow.ChargeApproved) {
			continue
		}
		p.add(printer.Text{Left: p.w.Either("paper."+string(t.Kind), "paper.tender-else"), Right: p.w.Money(t.Amount)})
		p.terminal(t.Receipt)
	}
}

func (p *paper) terminal(r flow.ChargeReceipt) {
	if len(r.Lines) > 0 {
		for _, line := range r.Lines {
			p.blocks = append(p.blocks, printer.Text{Left: line}) // the terminal's own words, left as they are
		}
		return
	}
	if card := strings.TrimSpace(r.Name + " " + r.Card); card != "" {
		p.add(printer.Text{Left: "  " + card})
	}
	if r.Terminal != "" || r.Receipt != "" {
		p.add(printer.Text{Left: "  " + p.w.T("paper.terminal", "Terminal", r.Terminal, "Receipt", r.Receipt, "Trace", r.Trace)})
	}
}

// Text is a document as plain lines, for a page or a file.
func Text(blocks []printer.Block, columns int) []string {
	var out []string
	for _, b := range blocks {
		switch b := b.(type) {
		case printer.Text:
			out = append(out, textLine(b, columns))
		case printer.Rule:
			out = append(out, strings.Repeat("-", columns))
		case printer.Feed:
			for range b.Lines {
				out = append(out, "")
			}
		case printer.QR:
			out = append(out, strings.Split(b.Data, "\n")...)
		case printer.Barcode:
			out = append(out, b.Data)
		case printer.Raster:
			out = append(out, b.Alt)
		case printer.Cut:
		}
	}
	return out
}

func textLine(t printer.Text, columns int) string {
	left, right := len([]rune(t.Left)), len([]rune(t.Right))
	switch {
	case t.Center:
		return strings.Repeat(" ", max(0, (columns-left)/2)) + t.Left
	case t.Right == "":
		return t.Left
	default:
		return t.Left + strings.Repeat(" ", max(1, columns-left-right)) + t.Right
	}
}
