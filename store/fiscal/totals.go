package fiscal

import (
	"cmp"
	"slices"

	"kassa/kiosk/money"
)

// A TaxSum is what was sold and given back under one rate. Refunds are negative.
type TaxSum struct {
	Tax     string       `json:"tax"`
	RatePPM int64        `json:"rate_ppm"`
	Net     money.Amount `json:"net_minor"`
	TaxPart money.Amount `json:"tax_minor"`
	Gross   money.Amount `json:"gross_minor"`
	// Of these, given back:
	RefundNet   money.Amount `json:"refund_net_minor"`
	RefundTax   money.Amount `json:"refund_tax_minor"`
	RefundGross money.Amount `json:"refund_gross_minor"`
}

// A Grand is the sums of a lane's whole life, or of a part of it. Sales are not
// less and Refunds not more than 0; Net is both together.
type Grand struct {
	Receipts int64        `json:"receipts"`    // documents: sales paid
	Reverts  int64        `json:"refund_docs"` // documents: refunds
	Sales    money.Amount `json:"sales_minor"`
	Refunds  money.Amount `json:"refunds_minor"`
	Net      money.Amount `json:"net_minor"`
	Rounding money.Amount `json:"rounding_minor"` // of them, so that taxes add up
	Taxes    []TaxSum     `json:"taxes"`
}

// Plus returns both together.
func (g Grand) Plus(h Grand) Grand {
	g.Receipts += h.Receipts
	g.Reverts += h.Reverts
	g.Sales += h.Sales
	g.Refunds += h.Refunds
	g.Net += h.Net
	g.Rounding += h.Rounding
	all := slices.Clone(g.Taxes)
	for _, t := range h.Taxes {
		i := slices.IndexFunc(all, func(u TaxSum) bool { return u.Tax == t.Tax && u.RatePPM == t.RatePPM })
		if i < 0 {
			all = append(all, t)
			continue
		}
		u := &all[i]
		u.Net += t.Net
		u.TaxPart += t.TaxPart
		u.Gross += t.Gross
		u.RefundNet += t.RefundNet
		u.RefundTax += t.RefundTax
		u.RefundGross += t.RefundGross
	}
	slices.SortFunc(all, func(a, b TaxSum) int {
		return cmp.Or(cmp.Compare(a.Tax, b.Tax), cmp.Compare(a.RatePPM, b.RatePPM))
	})
	g.Taxes = all
	return g
}

// Equal reports whether both are the same to the last cent.
func (g Grand) Equal(h Grand) bool {
	same := slices.EqualFunc(g.Taxes, h.Taxes, func(a, b TaxSum) bool { return a == b })
	return same && g.Receipts == h.Receipts && g.Reverts == h.Reverts && g.Sales == h.Sales &&
		g.Refunds == h.Refunds && g.Net == h.Net && g.Rounding == h.Rounding
}

// A TenderSum is what came in and went out by one way of paying.
type TenderSum struct {
	Kind     string       `json:"kind"`
	In       int64        `json:"in"` // payments
	InMinor  money.Amount `json:"in_minor"`
	Out      int64        `json:"out"`       // given back or taken back
	OutMinor money.Amount `json:"out_minor"` // not more than 0
}

// Counts are what else a day has seen.
type Counts struct {
	Paid      int64        `json:"paid"`
	Refunds   int64        `json:"refunds"`
	Voided    int64        `json:"voided"`
	Abandoned int64        `json:"abandoned"`
	Parked    int64        `json:"parked"`
	Lines     int64        `json:"lines"`
	LinesOff  int64        `json:"lines_voided"`
	Overrides int64        `json:"overrides"`   // lines whose price staff set
	Attention int64        `json:"attention"`   // interventions
	Drawer    int64        `json:"drawer_open"` // opened by staff
	Declined  int64        `json:"declined"`    // payments that did not come about
	Unsure    int64        `json:"in_doubt"`    // payments of which nobody knew for a time
	PriceCut  int64        `json:"discounts"`   // discounts given, store's and staff's
	CutMinor  money.Amount `json:"discounts_minor"`
}

// A Range is documents or transactions by number. An empty one ends before it
// begins.
type Range struct {
	First int64 `json:"first"`
	Last  int64 `json:"last"`
}

// Count is how many there are, when none is missing.
func (r Range) Count() int64 { return max(0, r.Last-r.First+1) }

// Documents are the gapless numbers that a day gave out, by kind. A receipt's
// number is its place among the sales paid, in the order of their transactions,
// which themselves are numbered without a gap.
type Documents struct {
	Receipts Range `json:"receipts"`
	Refunds  Range `json:"refunds"`
	Training Range `json:"training"` // in their own chain; empty where there is none
}
