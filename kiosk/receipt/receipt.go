// Package receipt makes the documents a sale leaves behind: the receipt, its
// duplicate, the paper of a refund or of a sale taken back, and the ticket of a
// parked basket, each as blocks for the printer, as text for a QR code and as a
// page's lines. It adds nothing up: every figure is the flow's.
//
// Its one rule: the same sale gives the same document, whenever it is asked for.
package receipt

import (
	"slices"
	"strings"
	"time"

	"kassa/device/printer"
	"kassa/kiosk/barcode"
	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// Shop is what stands at the head of every document.
type Shop struct {
	Name      string
	Address   []string
	TaxNumber string
	Store     string
	Lane      string
	Currency  string          // ISO 4217
	Logo      *printer.Raster // printed above the name; nil: none
	Signer    Signer          // what the country's law adds; nil: nothing
	TaxOnTop  bool            // prices are without tax
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
	Training bool       // practice: said at both ends
	Refund   bool
	Void     bool   // the sale was taken back as a whole
	Of       string // the receipt that a refund is for, "": not said
	Lines    []Line // voided ones left out, but for a Void
	Coupons  []string
	Savings  money.Amount
	Rounding money.Amount
	Total    money.Amount
	Change   money.Amount // given back in cash
	Taxes    []Tax
	Tenders  []Tender
	Deeds    []Deed   // of staff
	Code     string   // as a barcode (a ticket) or QR code (a receipt); "": none
	Document int64    // number among refunds, 0: a sale's
	Voucher  *Voucher // for flow.DocVoucher
	Link     string   // where the receipt can be had without paper, as a QR code; "": nowhere
}

// A Voucher is what stands on one. Who reads the number has the money.
type Voucher struct {
	Number  string
	Amount  money.Amount
	Expires string // YYYY-MM-DD, the last day; "" never
}

// A Line is one article, or a deposit.
type Line struct {
	N         int // in the sale
	Name      string
	Names     map[string]string
	Number    string // GTIN or PLU: printed where the name cannot be
	Tax       string
	Qty       int64
	Weight    weight.Shown // Unit 0: not by weight; the tare is off already
	Tare      weight.Grams
	Unit      money.Amount
	Per       basket.Per
	Gross     money.Amount // unit x qty or weight
	Discounts []basket.Discount
	Of        int         // a deposit's article line, 0: none
	Off       bool        // voided
	Set       *basket.Set // a price that staff set
}

// A Tax is one class's share.
type Tax struct {
	Class           string
	RatePPM         int64
	Net, Tax, Gross money.Amount
	Parts           []basket.TaxPart // of several rates, one on the other
}

// A Tender is one payment made, or with a negative amount given back.
type Tender struct {
	Kind      flow.TenderKind
	Amount    money.Amount
	Name      string // of the card scheme
	Card      string // masked
	Number    string // of a voucher
	Remainder money.Amount
	HasRest   bool         // Remainder is known
	Given     money.Amount // in cash, 0: it was none
	Terminal  string
	Receipt   string
	Trace     string
	Lines     []string // as the terminal wants them printed
}

// A Deed is what staff did that the shopper's paper names.
type Deed struct {
	Kind DeedKind
	By   string // staff id, never a name
	Line string // the article's name, for DeedVoid
}

// A DeedKind is a kind of deed.
type DeedKind int

// The deeds that stand on a receipt. A price that staff set stands with its line.
const (
	DeedAge   DeedKind = iota + 1 // looked at the shopper's age
	DeedLimit                     // sold beyond a limit
	DeedVoid                      // took a line off
)

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
		Void:    s.State == flow.SaleVoided,
		Coupons: slices.Clone(s.Basket.Coupons),
		Savings: s.Basket.Savings, Rounding: s.Basket.Rounding, Total: s.Basket.Total,
		Deeds: deeds(s),
	}
	if s.Refund != nil {
		r.Refund, r.Of, r.Document = true, s.Refund.Of.ID, s.Document
	}
	r.Code = r.ID
	if what == flow.DocTicket {
		r.Code = barcode.TicketCode(strings.ToUpper(r.ID)) // what a scanner knows for a ticket
	}
	for _, l := range s.Basket.Lines {
		if !l.Voided || r.Void {
			r.Lines = append(r.Lines, lineOf(l))
		}
	}
	for _, g := range s.Basket.Taxes {
		r.Taxes = append(r.Taxes, Tax{Class: g.Class, RatePPM: g.RatePPM, Net: g.Net, Tax: g.Tax, Gross: g.Gross, Parts: g.Parts})
	}
	for _, t := range s.Tenders {
		if t.Result != string(flow.ChargeApproved) {
			continue
		}
		c := t.Receipt
		if t.Given > 0 {
			r.Change += t.Change
		}
		number := ""
		if t.Tail != "" {
			number = "****" + t.Tail
		}
		r.Tenders = append(r.Tenders, Tender{
			Number: number, Remainder: t.Left, HasRest: t.Kind == flow.TenderVoucher, Given: t.Given,
			Kind: t.Kind, Amount: t.Amount, Name: c.Name, Card: c.Card, Terminal: c.Terminal, Receipt: c.Receipt, Trace: c.Trace, Lines: c.Lines,
		})
	}
	return r
}

func lineOf(l basket.Line) Line {
	line := Line{
		N: l.N, Name: l.Article.Name, Names: l.Article.Names, Number: l.Article.GTIN, Tax: l.Tax, Qty: l.Qty, Unit: l.Unit, Per: basket.Each,
		Gross: l.Gross, Discounts: l.Discounts, Of: l.Of, Off: l.Voided, Set: l.Set,
	}
	if line.Number == "" {
		line.Number = l.Article.PLU
	}
	if l.ByWeight() {
		line.Weight, line.Tare, line.Per = l.Weight, l.Tare, l.Article.Per
	}
	return line
}

// deeds are what staff settled and the shopper's paper names. What the lane or
// the shopper settled, and looks into bags, are nobody's to carry home.
func deeds(s *flow.Sale) []Deed {
	var out []Deed
	if s.AgeBy != "" {
		out = append(out, Deed{Kind: DeedAge, By: s.AgeBy})
	}
	for _, n := range s.Needs {
		if n.Kind == flow.NeedLimit && n.Lifted() && n.By != "lane" && n.By != "shopper" {
			out = append(out, Deed{Kind: DeedLimit, By: n.By})
		}
	}
	return out
}
