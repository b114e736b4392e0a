package export

import (
	"bufio"
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bojanz/currency"

	"kassa/store/journal"
)

// POSLog's namespace and the version of its shape that is written.
const (
	posNamespace = "http://www.nrf-arts.org/IXRetail/namespace/"
	posMajor     = 2
	posMinor     = 2
	posFix       = 1
	posVersion   = "2.2"              // of a RetailTransaction
	posOwn       = "urn:kassa:poslog" // whose prefix stands before what the standard does not name
)

// POSLog writes the transactions that f picks as one ARTS IXRetail POSLog
// document, in the shape of version 2.2.1:
//
//   - a Transaction with a RetailTransaction for each; amounts are decimals of
//     the currency, signs as POSLog has them: what comes back is a Return with
//     positive amounts, its tender of TypeCode Refund;
//   - ExtendedAmount is what the line adds to the total, its discounts taken
//     off; ExtendedDiscountAmount is their sum, RetailPriceModifier each;
//   - a line or sale that was voided stays, with VoidFlag or CancelFlag, and
//     counts in no total; of tenders the approved ones are written;
//   - a LineItem with Tax is a rate's share of all, its TaxableAmount without the
//     tax; a line names its rate by TaxGroupID, and says by TaxIncludedInPriceFlag
//     whether its prices have the tax in them;
//   - TenderID is the lane's own word for the kind of tender;
//   - Total of TransactionGrandAmount = the lines that count + tax that is not in
//     the prices + rounding = the tenders; it is negative for a refund. The
//     rounding is a Total of kassa:TransactionRoundingAmount.
//
// Order and names are those of public documents in versions 2.1 and 2.2, where these
// show them (ItemLink they do not); a total or a kind of tender that none of them has
// begins with kassa:, as others' own begin with theirs. What POSLog has no place for
// (interventions, calls) is not in it, nor what the lane does not know
// (AuthorizationCode). Characters that XML cannot hold become U+FFFD.
func POSLog(ctx context.Context, j source, f journal.Filter, w io.Writer) error {
	out := bufio.NewWriter(w)
	_, _ = fmt.Fprintf(out, "%s<POSLog xmlns=%q xmlns:kassa=%q MajorVersion=\"%d\" MinorVersion=\"%d\" FixVersion=\"%d\">\n",
		xml.Header, posNamespace, posOwn, posMajor, posMinor, posFix) // Flush tells
	enc := xml.NewEncoder(out)
	enc.Indent("", " ")
	for t, err := range j.Transactions(ctx, f) {
		if err != nil {
			return err
		}
		x := Of(t)
		if err := enc.Encode(posOf(&x)); err != nil {
			return fmt.Errorf("export transaction %d: %w", t.Number, err)
		}
		_ = out.WriteByte('\n')
	}
	_, _ = out.WriteString("</POSLog>\n")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

type posTransaction struct {
	XMLName  xml.Name  `xml:"Transaction"`
	Cancel   bool      `xml:"CancelFlag,attr"`
	Store    string    `xml:"RetailStoreID"`
	Lane     string    `xml:"WorkstationID"`
	Number   int64     `xml:"SequenceNumber"`
	Day      string    `xml:"BusinessDayDate"`
	Begin    string    `xml:"BeginDateTime"`
	End      string    `xml:"EndDateTime,omitempty"`
	Operator string    `xml:"OperatorID"`
	Currency string    `xml:"CurrencyCode"`
	Retail   posRetail `xml:"RetailTransaction"`
}

type posRetail struct {
	Version string     `xml:"Version,attr"`
	Status  string     `xml:"TransactionStatus,attr"`
	Lines   []posLine  `xml:"LineItem"`
	Totals  []posTotal `xml:"Total"`
}

type posTotal struct {
	Kind   string `xml:"TotalType,attr"`
	Amount string `xml:",chardata"`
}

type posLine struct {
	Void   bool       `xml:"VoidFlag,attr,omitempty"`
	Number int        `xml:"SequenceNumber"`
	Sale   *posItem   `xml:"Sale"`
	Return *posItem   `xml:"Return"`
	Tax    *posTax    `xml:"Tax"`
	Tender *posTender `xml:"Tender"`
}

type posItem struct {
	Kind      string        `xml:"ItemType,attr"`
	Identity  posIdentity   `xml:"POSIdentity"`
	Item      string        `xml:"ItemID"`
	Text      string        `xml:"Description"`
	TaxIn     *bool         `xml:"TaxIncludedInPriceFlag"`
	Unit      string        `xml:"RegularSalesUnitPrice"`
	Extended  string        `xml:"ExtendedAmount"`
	Discount  string        `xml:"ExtendedDiscountAmount,omitempty"`
	Quantity  posQuantity   `xml:"Quantity"`
	Modifiers []posModifier `xml:"RetailPriceModifier"`
	Tax       *posTax       `xml:"Tax"`
	Link      *posLink      `xml:"ItemLink"`
}

type posIdentity struct {
	Kind string `xml:"POSIDType,attr"`
	ID   string `xml:"POSItemID"`
}

type posQuantity struct {
	Unit  string `xml:"UnitOfMeasureCode,attr,omitempty"`
	Value string `xml:",chardata"`
}

type posModifier struct {
	Method   string    `xml:"MethodCode,attr"`
	Number   int       `xml:"SequenceNumber"`
	Amount   posAction `xml:"Amount"`
	Rule     string    `xml:"PriceDerivationRule>PriceDerivationRuleID"`
	RuleName string    `xml:"PriceDerivationRule>Description"`
}

type posAction struct {
	Action string `xml:"Action,attr"`
	Value  string `xml:",chardata"`
}

type posLink struct {
	Line int `xml:"LineItemSequenceNumber"`
}

type posTax struct {
	Kind    string      `xml:"TaxType,attr"`
	Taxable *posTaxable `xml:"TaxableAmount"`
	Amount  string      `xml:"Amount,omitempty"`
	Percent string      `xml:"Percent,omitempty"`
	Group   string      `xml:"TaxGroupID"`
}

type posTaxable struct {
	WithTax bool   `xml:"TaxIncludedInTaxableAmountFlag,attr"`
	Amount  string `xml:",chardata"`
}

type posTender struct {
	Kind   string    `xml:"TenderType,attr"`
	Way    string    `xml:"TypeCode,attr"`
	ID     string    `xml:"TenderID"`
	Amount string    `xml:"Amount"`
	Asked  *posAsked `xml:"Authorization"`
	Card   *posCard  `xml:"CreditDebit"`
}

type posAsked struct {
	Amount  string `xml:"RequestedAmount"`
	Receipt string `xml:"ReferenceNumber,omitempty"`
	Device  string `xml:"AuthorizingTermID,omitempty"`
}

type posCard struct {
	Number string `xml:"PrimaryAccountNumber"` // masked
}

// posOf gives a transaction POSLog's names.
func posOf(t *Transaction) posTransaction {
	p := poser{digits: digitsOf(t.Currency)}
	tax, included := taxOf(t)
	if len(t.Taxes) > 0 {
		p.taxIn = &included
	}
	for i := range t.Lines {
		p.item(&t.Lines[i], t.Lines)
	}
	for _, x := range t.Taxes {
		p.lines = append(p.lines, posLine{Number: len(p.lines) + 1, Tax: &posTax{
			Kind: taxKind, Taxable: &posTaxable{Amount: p.money(x.NetMinor)}, Amount: p.money(x.TaxMinor), Percent: places(x.RatePPM, 4), Group: clean(x.Tax),
		}})
	}
	for i := range t.Tenders {
		p.tender(&t.Tenders[i])
	}
	status := map[string]string{"paid": "Finished", "refund": "Finished", "parked": "Suspended", "open": "InProcess", "in-doubt": "InProcess"}[t.State]
	cancelled := t.State == "voided" || t.State == "abandoned"
	if cancelled {
		status = "Failed"
	}
	return posTransaction{
		Cancel: cancelled, Store: clean(t.Store), Lane: clean(t.Lane), Number: t.Number, Day: t.BusinessDay, Begin: t.OpenedAt, End: t.ClosedAt,
		Operator: "self-service", Currency: clean(t.Currency),
		Retail: posRetail{posVersion, status, p.lines, []posTotal{
			{"TransactionGrandAmount", p.money(t.TotalMinor)},
			{"TransactionTaxAmount", p.money(tax)},
			{"kassa:TransactionRoundingAmount", p.money(t.RoundingMinor)},
		}},
	}
}

// taxOf sums the tax, and says whether it is in the prices: then lines and
// rounding alone make the total.
func taxOf(t *Transaction) (tax int64, included bool) {
	sum := t.RoundingMinor
	for i := range t.Lines {
		if !t.Lines[i].Voided {
			sum += t.Lines[i].AmountMinor
		}
	}
	for _, x := range t.Taxes {
		tax += x.TaxMinor
	}
	return tax, sum == t.TotalMinor
}

const taxKind = "VAT"

// poser puts a transaction's lines together.
type poser struct {
	digits int
	taxIn  *bool // whether prices have the tax in them; nil: there is none
	lines  []posLine
}

func (p *poser) money(minor int64) string { return places(minor, p.digits) }

func (p *poser) item(l *Line, all []Line) {
	back := l.AmountMinor < 0 && (l.Qty < 0 || l.WeightG < 0)
	sign := int64(1)
	if back {
		sign = -1
	}
	x := &posItem{
		Kind: "Stock", Identity: posIdentity{"EAN", l.GTIN}, Item: clean(l.GTIN), Text: clean(l.Name), TaxIn: p.taxIn,
		Unit: p.money(l.UnitMinor), Extended: p.money(sign * l.AmountMinor), Quantity: posQuantity{Value: strconv.FormatInt(sign*l.Qty, 10)},
	}
	if l.GTIN == "" {
		x.Identity, x.Item = posIdentity{"PLU", clean(l.PLU)}, clean(l.PLU)
	}
	if l.Tax != "" {
		x.Tax = &posTax{Kind: taxKind, Group: clean(l.Tax)}
	}
	if l.WeightG != 0 {
		x.Quantity = posQuantity{"KGM", places(sign*l.WeightG, 3)}
	}
	var off int64
	for i, d := range l.Discounts {
		off -= sign * d.AmountMinor
		x.Modifiers = append(x.Modifiers, posModifier{"PriceRule", i + 1, posAction{"Subtract", p.money(-sign * d.AmountMinor)}, clean(d.Rule), clean(d.Name)})
	}
	if off != 0 {
		x.Discount = p.money(off)
	}
	if l.Of != 0 {
		x.Kind = "Deposit"
		for i := range all {
			if all[i].N == l.Of {
				x.Link = &posLink{i + 1}
			}
		}
	}
	line := posLine{Void: l.Voided, Number: len(p.lines) + 1, Sale: x}
	if back {
		line.Sale, line.Return = nil, x
	}
	p.lines = append(p.lines, line)
}

func (p *poser) tender(x *Tender) {
	if x.Result != "approved" {
		return
	}
	kinds := map[string]string{"card": "CreditDebit", "cash": "Cash", "voucher": "Voucher"}
	t := &posTender{Kind: kinds[x.Kind], Way: "Sale", ID: clean(x.Kind), Amount: p.money(x.AmountMinor)}
	if t.Kind == "" {
		t.Kind = "kassa:Other"
	}
	sign := int64(1)
	if x.AmountMinor < 0 {
		sign, t.Way, t.Amount = -1, "Refund", p.money(-x.AmountMinor)
	}
	if x.Receipt != "" || x.Terminal != "" {
		t.Asked = &posAsked{p.money(sign * cmp.Or(x.AskedMinor, x.AmountMinor)), clean(x.Receipt), clean(x.Terminal)}
	}
	if x.Card != "" {
		t.Card = &posCard{clean(x.Card)}
	}
	p.lines = append(p.lines, posLine{Number: len(p.lines) + 1, Tender: t})
}

func digitsOf(code string) int {
	if d, ok := currency.GetDigits(code); ok {
		return int(d)
	}
	return 2
}

// places writes n with its last d figures behind a point.
func places(n int64, d int) string {
	sign, text := "", strconv.FormatInt(n, 10)
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	if d == 0 {
		return sign + text
	}
	if len(text) <= d {
		text = strings.Repeat("0", d+1-len(text)) + text
	}
	return sign + text[:len(text)-d] + "." + text[len(text)-d:]
}

// clean replaces what XML 1.0 cannot hold.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
