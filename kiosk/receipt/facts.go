package receipt

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/weight"
)

// A Written is one record of a sale as a lane's journal has it, both parts JSON.
type Written struct{ Event, Facts string }

// FromRecords fills a receipt from a sale's records, in their order, for whoever
// has the rows of a lane but not its rules: all figures are the facts'. A card's
// number, what a terminal printed and deeds of staff are left out. It also
// returns the language on the screen at the end; nil for a sale that is open, was
// parked or came to nothing.
func FromRecords(shop Shop, records []Written, zone *time.Location) (*Receipt, string, error) {
	var s sum
	for i, r := range records {
		if err := s.add(r); err != nil {
			return nil, "", fmt.Errorf("record %d of the sale: %w", i+1, err)
		}
	}
	if s.txn == nil || s.txn.ClosedAt.IsZero() {
		return nil, "", nil
	}
	switch s.txn.State {
	case flow.SalePaid, flow.SaleRefund, flow.SaleVoided:
		return s.receipt(shop, zone), s.txn.Language, nil
	case flow.SaleOpen, flow.SaleInDoubt, flow.SaleParked, flow.SaleAbandoned:
	}
	return nil, "", nil
}

// A sum is what the records of a sale come to.
type sum struct {
	txn     *flow.TxnFacts
	taxes   []flow.TaxFacts
	lines   map[int]flow.LineFacts
	tenders map[int]flow.TenderFacts
	names   map[string]map[string]string // of articles, by GTIN or PLU
}

func (s *sum) add(r Written) error {
	var ev struct {
		Article *basket.Article `json:"article"`
	}
	if json.Unmarshal([]byte(r.Event), &ev) == nil && ev.Article != nil && len(ev.Article.Names) > 0 {
		if s.names == nil {
			s.names = map[string]map[string]string{}
		}
		s.names[ev.Article.GTIN+"/"+ev.Article.PLU] = ev.Article.Names
	}
	if r.Facts == "" {
		return nil
	}
	var f flow.Facts
	if err := json.Unmarshal([]byte(r.Facts), &f); err != nil {
		return err
	}
	if f.Txn != nil {
		s.txn, s.taxes = f.Txn, f.Taxes
	}
	for _, l := range f.Lines {
		if s.lines == nil {
			s.lines = map[int]flow.LineFacts{}
		}
		s.lines[l.N] = l
	}
	for _, t := range f.Tenders {
		if s.tenders == nil {
			s.tenders = map[int]flow.TenderFacts{}
		}
		s.tenders[t.N] = t
	}
	return nil
}

func (s *sum) receipt(shop Shop, zone *time.Location) *Receipt {
	t := s.txn
	shop.Store, shop.Lane, shop.Currency = t.Store, t.Lane, t.Currency
	r := &Receipt{
		Shop: shop, What: flow.DocReceipt, ID: t.ID, Number: t.Number, At: t.ClosedAt.In(zone), Clock: t.Clock, Training: t.Training,
		Refund: t.State == flow.SaleRefund, Void: t.State == flow.SaleVoided, Of: t.Of, Document: t.Document,
		Coupons: strings.Fields(t.Coupons), Rounding: t.Rounding, Total: t.Total, Code: t.ID,
	}
	for _, n := range slices.Sorted(maps.Keys(s.lines)) {
		l := s.lines[n]
		if l.Voided && !r.Void {
			continue
		}
		line := s.line(l)
		for _, d := range l.Discounts {
			r.Savings -= d.Amount
		}
		r.Lines = append(r.Lines, line)
	}
	if r.Refund || r.Void {
		r.Savings = 0
	}
	for _, n := range slices.Sorted(maps.Keys(s.tenders)) {
		if p := s.tenders[n]; p.Result == string(flow.ChargeApproved) {
			r.Tenders = append(r.Tenders, Tender{
				Kind: p.Kind, Amount: p.Amount, Remainder: p.Left, HasRest: p.Kind == flow.TenderVoucher,
				Terminal: p.Terminal, Receipt: p.Receipt, Trace: p.Trace,
			})
		}
	}
	for _, x := range s.taxes {
		r.Taxes = append(r.Taxes, Tax{Class: x.Tax, RatePPM: x.RatePPM, Net: x.Net, Tax: x.TaxPart, Gross: x.Gross})
	}
	return r
}

func (s *sum) line(l flow.LineFacts) Line {
	line := Line{
		N: l.N, Name: l.Name, Names: s.names[l.GTIN+"/"+l.PLU], Number: l.GTIN, Tax: l.Tax, Qty: l.Qty, Unit: l.Unit, Gross: l.Amount,
		Of: l.Of, Off: l.Voided,
	}
	if line.Number == "" {
		line.Number = l.PLU
	}
	for _, d := range l.Discounts {
		line.Gross -= d.Amount
		line.Discounts = append(line.Discounts, basket.Discount{Rule: d.Rule, Name: d.Name, Amount: d.Amount})
	}
	if set := l.Set; set != nil {
		line.Set = &basket.Set{Price: set.Price, By: set.By, Reason: set.Reason}
	}
	if figures, unit, ok := strings.Cut(l.Weight, " "); ok {
		u, err := weight.ParseUnit(unit)
		if shown, bad := weight.ParseShown(figures, u); err == nil && bad == nil {
			line.Weight, line.Tare, line.Per = shown, weight.Grams(l.TareG), l.Per
		}
	}
	return line
}
