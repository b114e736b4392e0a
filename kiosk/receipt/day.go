package receipt

import (
	"strconv"

	"kassa/device/printer"
	"kassa/device/terminal/pan"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/words"
)

// A Day is a closed business day as its paper says it.
type Day struct {
	Shop     Shop
	Number   int64
	Day      string // YYYY-MM-DD
	First    string // of the transactions in it
	At       string // when it was closed, with offset
	By       string
	Copy     int64 // 0: the original, else the copy's number
	Sales    int64
	Refunds  int64
	SalesSum money.Amount
	BackSum  money.Amount // not more than 0
	Rounding money.Amount
	Receipts Numbers
	Reverts  Numbers
	Training Numbers
	Taxes    []Tax
	Tenders  []DayTender
	Seen     DayCounts
	Before   money.Amount
	After    money.Amount
	AllSales money.Amount
	AllBack  money.Amount
	Terminal *DayTerminal // nil: there is none
	Records  Numbers
	Hash     string
}

// Numbers are documents or records from one to another; an empty range is not
// printed.
type Numbers struct{ First, Last int64 }

// A DayTender is what came in, and what went out, by one way of paying.
type DayTender struct {
	Kind    flow.TenderKind
	In, Out int64
	InSum   money.Amount
	OutSum  money.Amount
}

// DayCounts are what else a day has seen.
type DayCounts struct {
	Voided, Abandoned, Parked, LinesOff, Overrides, Discounts, Attention, Drawer, Declined int64

	DiscountSum money.Amount // not more than 0
}

// A DayTerminal is what the terminal says of its day, beside the journal.
type DayTerminal struct {
	Terminal    string
	Closed      bool
	There, Here int64
	ThereSum    money.Amount
	HereSum     money.Amount
	Lines       []string // as the terminal prints them
}

// BuildDay makes the paper of a closed day in the language of w.
func BuildDay(d Day, w words.Words) []printer.Block {
	b := &builder{w: w}
	if d.Shop.Name != "" {
		b.add(printer.Text{Left: foreign(d.Shop.Name), Else: d.Shop.Store, Bold: true, Center: true, RTL: b.rtl()})
	}
	if d.Shop.TaxNumber != "" {
		b.centre(w.T("paper.tax-number", "Number", b.code(d.Shop.TaxNumber)))
	}
	b.loud(w.T("day.title", "Number", b.number(d.Number)), "")
	if d.Copy > 0 {
		b.row(w.T("paper.copy", "N", d.Copy), "")
	}
	b.row(string(b.code(d.At)), w.T("paper.lane", "Lane", b.code(d.Shop.Lane)))
	if d.First != "" && d.First != d.Day {
		b.row(w.T("day.days", "First", b.code(d.First), "Day", b.code(d.Day)), "")
	} else {
		b.row(w.T("day.day", "Day", b.code(d.Day)), "")
	}
	b.row(w.T("day.by", "By", b.code(d.By)), "")
	b.add(printer.Rule{})
	b.daySums(d)
	b.taxes(Receipt{Taxes: d.Taxes})
	b.add(printer.Rule{})
	b.daySeen(d.Seen)
	b.add(printer.Rule{})
	b.row(w.T("day.before"), w.Money(d.Before))
	b.row(w.T("day.after"), w.Money(d.After))
	b.add(printer.Text{Left: w.T("day.after-sales"), Right: w.Money(d.AllSales), Indent: 2, RTL: b.rtl()})
	b.add(printer.Text{Left: w.T("day.after-refunds"), Right: w.Money(d.AllBack), Indent: 2, RTL: b.rtl()})
	b.dayTerminal(d.Terminal)
	b.add(printer.Rule{})
	b.numbers("day.records", d.Records)
	b.row(w.T("day.hash"), "")
	for rest := d.Hash; rest != ""; {
		n := min(16, len(rest))
		b.detail(string(b.code(rest[:n])))
		rest = rest[n:]
	}
	b.add(printer.Cut{})
	return b.blocks
}

// number is a count whose figures people compare with another.
func (b *builder) number(n int64) words.Code { return b.code(strconv.FormatInt(n, 10)) }

// numbers prints a range, if there is one.
func (b *builder) numbers(id string, n Numbers) {
	if n.Last >= n.First {
		b.row(b.w.T(id, "First", b.number(n.First), "Last", b.number(n.Last)), "")
	}
}

// daySums is what was sold and given back, and how it was paid.
func (b *builder) daySums(d Day) {
	b.row(b.w.T("day.sales", "Count", b.number(d.Sales)), b.w.Money(d.SalesSum))
	b.row(b.w.T("day.refunds", "Count", b.number(d.Refunds)), b.w.Money(d.BackSum))
	if d.Rounding != 0 {
		b.row(b.w.T("paper.rounding"), b.w.Money(d.Rounding))
	}
	b.loud(b.w.T("day.sum"), b.w.Money(d.SalesSum+d.BackSum))
	b.numbers("day.receipts", d.Receipts)
	b.numbers("day.refund-docs", d.Reverts)
	b.numbers("day.practice", d.Training)
	b.add(printer.Rule{})
	for _, t := range d.Tenders {
		name := b.tenderName(t.Kind)
		if t.In > 0 {
			b.row(b.w.T("day.in", "Kind", name, "Count", b.number(t.In)), b.w.Money(t.InSum))
		}
		if t.Out > 0 {
			b.row(b.w.T("day.out", "Kind", name, "Count", b.number(t.Out)), b.w.Money(t.OutSum))
		}
	}
}

// daySeen is what was counted. Noughts are printed too: that nobody opened the
// drawer is worth knowing.
func (b *builder) daySeen(c DayCounts) {
	b.row(b.w.T("day.discounts", "Count", b.number(c.Discounts)), b.w.Money(c.DiscountSum))
	for _, one := range []struct {
		name string
		n    int64
	}{
		{b.w.T("day.voided"), c.Voided},
		{b.w.T("day.abandoned"), c.Abandoned},
		{b.w.T("day.parked"), c.Parked},
		{b.w.T("day.lines-off"), c.LinesOff},
		{b.w.T("day.overrides"), c.Overrides},
		{b.w.T("day.attention"), c.Attention},
		{b.w.T("day.drawer"), c.Drawer},
		{b.w.T("day.declined"), c.Declined},
	} {
		b.row(one.name, b.w.Number(one.n))
	}
}

// dayTerminal is both sides' sums, and whether they agree.
func (b *builder) dayTerminal(t *DayTerminal) {
	if t == nil {
		return
	}
	b.add(printer.Rule{})
	if !t.Closed {
		b.row(b.w.T("day.not-closed"), "")
		b.row(b.w.T("day.says-here", "Count", b.number(t.Here)), b.w.Money(t.HereSum))
		return
	}
	b.row(b.w.T("day.terminal", "Terminal", b.code(t.Terminal)), "")
	b.row(b.w.T("day.says-there", "Count", b.number(t.There)), b.w.Money(t.ThereSum))
	b.row(b.w.T("day.says-here", "Count", b.number(t.Here)), b.w.Money(t.HereSum))
	if t.There == t.Here && t.ThereSum == t.HereSum {
		b.row(b.w.T("day.agree"), "")
	} else {
		b.row(b.w.T("day.differ"), b.w.Money(t.ThereSum-t.HereSum))
	}
	for _, line := range t.Lines {
		b.add(printer.Text{Left: pan.Hide(foreign(line)), Else: " "})
	}
}
