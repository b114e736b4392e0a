// Package receipt makes the documents a sale leaves behind: the receipt, its
// duplicate and the ticket of a parked basket, each as blocks for the printer,
// as text for a QR code and as a page's lines. It adds nothing up: every figure
// is the flow's.
//
// Its one rule: the same sale gives the same document, whenever it is asked for.
package receipt

import (
	"strings"
	"time"

	"kassa/device/printer"
	"kassa/kiosk/barcode"
	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
	"kassa/kiosk/words"
)

// Shop is what stands at the head of every document.
type Shop struct {
	Name      string
	Address   []string
	TaxNumber string
	Store     string
	Lane      string
}

// A Receipt is all that stands on one. Amounts are minor units.
type Receipt struct {
	Shop     Shop
	What     flow.Document
	ID       string // of the sale: store-lane-number
	Number   int64
	At       time.Time  // when it was closed, in the store's time zone
	Clock    flow.Clock // unsynced is said on the paper
	Copy     int        // 0: the original, else the duplicate's number
	Refund   bool
	Lines    []Line // voided ones left out
	Savings  money.Amount
	Rounding money.Amount
	Total    money.Amount
	Change   money.Amount // given back in cash
	Taxes    []Tax
	Tenders  []Tender
	Code     string // as a barcode (a ticket) or QR code (a receipt); "": none
}

// A Line is one article, or a deposit.
type Line struct {
	Name      string
	Names     map[string]string
	Tax       string
	Qty       int64
	Weight    weight.Shown // Unit 0: not by weight; the tare is off already
	Tare      weight.Grams
	Unit      money.Amount
	Per       basket.Per
	Gross     money.Amount // unit x qty or weight
	Discounts []basket.Discount
	Of        int // a deposit's article line, 0: none
}

// A Tax is one class's share.
type Tax struct {
	Class           string
	RatePPM         int64
	Net, Tax, Gross money.Amount
}

// A Tender is one payment made.
type Tender struct {
	Kind     flow.TenderKind
	Amount   money.Amount
	Name     string // of the card scheme
	Card     string // masked
	Terminal string
	Receipt  string
	Trace    string
	Lines    []string // as the terminal wants them printed
}

// FromSale fills a receipt from a sale as it stood. Payments that did not come
// about are not on it.
func FromSale(shop Shop, s *flow.Sale, what flow.Document, copies int) Receipt {
	at := s.ClosedAt
	if at.Wall.IsZero() {
		at = s.OpenedAt
	}
	r := Receipt{
		Shop: shop, What: what, Number: s.Number, At: at.Wall, Clock: at.Clock, Copy: copies,
		ID:      flow.SaleID(shop.Store, shop.Lane, s.Number),
		Savings: s.Basket.Savings, Rounding: s.Basket.Rounding, Total: s.Basket.Total,
	}
	r.Code = r.ID
	if what == flow.DocTicket {
		r.Code = barcode.TicketCode(strings.ToUpper(r.ID)) // what a scanner knows for a ticket
	}
	for _, l := range s.Basket.Lines {
		if l.Voided {
			continue
		}
		line := Line{
			Name: l.Article.Name, Names: l.Article.Names, Tax: l.Tax, Qty: l.Qty, Unit: l.Unit, Per: basket.Each,
			Gross: l.Gross, Discounts: l.Discounts, Of: l.Of,
		}
		if l.ByWeight() {
			line.Weight, line.Tare, line.Per = l.Weight, l.Tare, l.Article.Per
		}
		r.Lines = append(r.Lines, line)
	}
	for _, g := range s.Basket.Taxes {
		r.Taxes = append(r.Taxes, Tax{Class: g.Class, RatePPM: g.RatePPM, Net: g.Net, Tax: g.Tax, Gross: g.Gross})
	}
	for _, t := range s.Tenders {
		if t.Result != string(flow.ChargeApproved) {
			continue
		}
		c := t.Receipt
		r.Tenders = append(r.Tenders, Tender{
			Kind: t.Kind, Amount: t.Amount, Name: c.Name, Card: c.Card, Terminal: c.Terminal, Receipt: c.Receipt, Trace: c.Trace, Lines: c.Lines,
		})
	}
	return r
}

// builder collects a document's blocks.
type builder struct {
	w      words.Words
	blocks []printer.Block
}

// Build makes the document in the language of w.
func Build(r Receipt, w words.Words) []printer.Block {
	b := &builder{w: w}
	b.head(r)
	if r.What == flow.DocTicket {
		b.ticket(r)
	} else {
		b.receipt(r)
	}
	b.add(printer.Cut{})
	return b.blocks
}

func (b *builder) add(blocks ...printer.Block) { b.blocks = append(b.blocks, blocks...) }

// row adds a line of text; what is on its right is an amount.
func (b *builder) row(left, right string) {
	b.add(printer.Text{Left: left, Right: right, RTL: b.rtl()})
}

// loud adds a line nobody overlooks.
func (b *builder) loud(left, right string) {
	b.add(printer.Text{Left: left, Right: right, Bold: true, Double: true, RTL: b.rtl()})
}

func (b *builder) centre(s string) {
	b.add(printer.Text{Left: s, Center: true, RTL: b.rtl()})
}

func (b *builder) rtl() bool { return b.w.Dir() == "rtl" }

// head is the shop, and which sale this is.
func (b *builder) head(r Receipt) {
	b.add(printer.Text{Left: r.Shop.Name, Bold: true, Double: true, Center: true, RTL: b.rtl()})
	for _, line := range r.Shop.Address {
		b.centre(line)
	}
	if r.Shop.TaxNumber != "" {
		b.centre(b.w.T("paper.tax-number", "Number", words.Code(r.Shop.TaxNumber)))
	}
	b.add(printer.Feed{Lines: 1})
	switch {
	case r.What == flow.DocTicket:
		b.loud(b.w.T("paper.ticket"), "")
	case r.Copy > 0:
		b.loud(b.w.T("paper.copy", "N", r.Copy), "")
	}
	if r.Refund {
		b.loud(b.w.T("paper.refund"), "")
	}
	b.row(b.w.Stamp(r.At), b.w.T("paper.lane", "Lane", r.Shop.Lane))
	if r.Clock == flow.ClockUnsynced {
		b.row(b.w.T("paper.unsynced"), "")
	}
	b.row(b.w.T("paper.number", "Number", words.Code(r.ID)), "")
	b.add(printer.Rule{})
}

// receipt is what was bought and how it was paid.
func (b *builder) receipt(r Receipt) {
	for _, l := range r.Lines {
		b.line(l)
	}
	b.add(printer.Rule{})
	if r.Rounding != 0 {
		b.row(b.w.T("paper.rounding"), b.w.Money(r.Rounding))
	}
	b.loud(b.w.T("paper.total"), b.w.Money(r.Total))
	if r.Savings > 0 {
		b.row(b.w.T("paper.savings"), b.w.Money(r.Savings))
	}
	b.add(printer.Feed{Lines: 1})
	for _, t := range r.Tenders {
		b.tender(t)
	}
	if r.Change != 0 {
		b.row(b.w.T("paper.change"), b.w.Money(r.Change))
	}
	b.taxes(r)
	b.add(printer.Feed{Lines: 1})
	b.centre(b.w.T("paper.thanks"))
	if r.Code != "" {
		b.add(printer.Feed{Lines: 1}, printer.QR{Data: r.Code})
	}
}

// line is one article: what, how much, for how much, and what came off.
func (b *builder) line(l Line) {
	name := b.w.Name(l.Name, l.Names)
	if l.Of != 0 {
		name = b.w.T("paper.deposit") + ": " + name
	}
	amount := b.w.Money(l.Gross)
	if l.Tax != "" {
		amount += " " + l.Tax
	}
	b.row(name, amount)
	switch {
	case l.Weight.Unit != 0:
		detail := b.w.T("price.weight", "Weight", b.w.Weight(l.Weight), "Unit", b.w.Money(l.Unit), "Per", b.w.Per(l.Per))
		b.row("  "+detail, "")
		if l.Tare > 0 {
			b.row("  "+b.w.T("paper.tare", "Tare", b.w.Grams(l.Tare)), "")
		}
	case l.Qty > 1:
		b.row("  "+b.w.T("price.each", "Qty", l.Qty, "Unit", b.w.Money(l.Unit)), "")
	}
	for _, d := range l.Discounts {
		b.row("  "+b.w.Discount(d), b.w.Money(d.Amount))
	}
}

// tender is one payment, with what the card terminal asks to be printed.
func (b *builder) tender(t Tender) {
	name := b.tenderName(t.Kind)
	if t.Name != "" {
		name += " " + t.Name
	}
	b.row(name, b.w.Money(t.Amount))
	if t.Card != "" {
		b.row("  "+t.Card, "")
	}
	if len(t.Lines) > 0 {
		for _, line := range t.Lines {
			b.row("  "+strings.TrimSpace(line), "")
		}
		return
	}
	if t.Terminal != "" {
		b.row("  "+b.w.T("paper.terminal", "Terminal", words.Code(t.Terminal), "Receipt", words.Code(t.Receipt), "Trace", words.Code(t.Trace)), "")
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

// taxes is the table of rates.
func (b *builder) taxes(r Receipt) {
	if len(r.Taxes) == 0 {
		return
	}
	b.add(printer.Rule{})
	for _, t := range r.Taxes {
		rate := b.w.Percent(t.RatePPM)
		b.row(strings.TrimSpace(t.Class+" "+b.w.T("paper.tax")+" "+rate), b.w.Money(t.Tax))
		b.row("  "+b.w.T("paper.net")+" "+b.w.Money(t.Net), b.w.T("paper.gross")+" "+b.w.Money(t.Gross))
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

func pieces(lines []Line) int64 {
	var n int64
	for _, l := range lines {
		if l.Of == 0 {
			n += l.Qty
		}
	}
	return n
}
