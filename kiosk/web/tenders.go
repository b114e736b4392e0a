package web

import (
	"strconv"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/words"
)

// Tenders are the ways to pay.
func (p *page) Tenders() []choice {
	if p.V.Pay == nil || !p.Can(flow.ActTender) {
		return nil
	}
	var all []choice
	for _, kind := range p.V.Pay.Tenders {
		c := choice{Kind: kind, On: kind == p.V.Pay.Chosen}
		switch kind {
		case flow.TenderCard:
			c.Label, c.Picture, c.Main = "tender.card", "terminal", true
		case flow.TenderVoucher:
			c.Label, c.Picture, c.Main = "tender.voucher", "ticket", true
		case flow.TenderCash:
			c.Label, c.Picture, c.Main = "tender.cash", "cash", true
		case flow.TenderTill:
			c.Label, c.Picture, c.How = "tender.till", "till", "tender.till-how"
		default:
			continue // no words for it
		}
		all = append(all, c)
	}
	return all
}

// CardWorks reports whether the card can be chosen.
func (p *page) CardWorks() bool {
	for _, t := range p.Tenders() {
		if t.Kind == flow.TenderCard {
			return true
		}
	}
	return false
}

// Refunding reports whether money is given back.
func (p *page) Refunding() bool { return p.V.Pay != nil && p.V.Pay.Refund }

// TenderHeadline is what the page of tenders asks.
func (p *page) TenderHeadline() string {
	if p.Refunding() {
		return "tender.refund"
	}
	return "tender.headline"
}

// DueNow is what is still to be paid, or given back.
func (p *page) DueNow() money.Amount { return positive(p.V.Pay.Due) }

func positive(a money.Amount) money.Amount { return max(a, -a) }

// part is a part that is paid.
type part struct {
	Kind   flow.TenderKind
	Label  string
	Amount money.Amount
}

// Parts are the parts paid so far.
func (p *page) Parts() []part {
	if p.V.Pay == nil {
		return nil
	}
	var all []part
	for _, t := range p.V.Pay.Parts {
		label := p.T("tender.part-card")
		if t.Kind == flow.TenderVoucher {
			label = p.T("tender.part-voucher") + " " + p.T("tender.on-it", "Amount", p.Money(t.Left))
		}
		if t.Kind == flow.TenderCash {
			label = p.T("tender.part-cash")
		}
		all = append(all, part{t.Kind, label, t.Amount})
	}
	return all
}

// PartPaid reports whether the page should say why the basket stays as it is.
func (p *page) PartPaid() bool { return p.V.Hint != nil && p.V.Hint.Kind == flow.HintPaidPart }

// CardPart says how much the card pays next, "" for all.
func (p *page) CardPart() string {
	if p.V.Pay == nil || p.V.Pay.Part == 0 {
		return ""
	}
	return p.Money(p.V.Pay.Part)
}

// PayingNow is the amount under way.
func (p *page) PayingNow() money.Amount {
	switch {
	case p.V.Pay == nil:
		return 0
	case p.V.Pay.Now != 0:
		return positive(p.V.Pay.Now)
	default:
		return positive(p.V.Pay.Due)
	}
}

// AtTerminal reports whether the payment under way needs the shopper at the
// terminal.
func (p *page) AtTerminal() bool { return !p.NothingDue() && !p.byVoucher() && !p.ByCash() }

// ByCash reports whether the payment under way is at the cash machine.
func (p *page) ByCash() bool { return p.V.Pay != nil && p.V.Pay.NowKind == flow.TenderCash }

// liveCash is what has been put in, and what is still to come.
func (p *page) liveCash() string {
	in := p.V.Live.Inserted
	if p.V.Pay.Now < 0 || in == 0 {
		return ""
	}
	text := p.T("paying.cash-in", "Amount", p.Money(in))
	if left := p.PayingNow() - in; left > 0 {
		text += " " + p.T("paying.cash-left", "Amount", p.Money(left))
	}
	return text
}

func (p *page) byVoucher() bool { return p.V.Pay != nil && p.V.Pay.NowKind == flow.TenderVoucher }

// PayingHeadline says what is under way.
func (p *page) PayingHeadline() string {
	back := p.V.Pay != nil && p.V.Pay.Now < 0
	switch {
	case back && p.byVoucher():
		return "paying.back-voucher"
	case back && p.ByCash():
		return "paying.back-cash"
	case back:
		return "paying.back-card"
	case p.byVoucher():
		return "paying.voucher"
	case p.ByCash():
		return "paying.cash"
	default:
		return "paying.headline"
	}
}

// GivenBack is what a refund has given back.
func (p *page) GivenBack() money.Amount { return positive(p.V.Leave.Paid) }

// DoubtProof is what is known of the payment in doubt.
func (p *page) DoubtProof() string {
	d := p.V.Staff.Doubt
	return p.T("staff.doubt-proof", "Terminal", words.Code(d.Terminal), "Receipt", words.Code(d.Receipt),
		"Trace", words.Code(d.Trace), "Time", words.Code(d.Time))
}

// RefundFailed says why there is nothing to give back, "" for nothing to say.
func (p *page) RefundFailed() string {
	switch p.V.Staff.Refund.Failed {
	case "":
		return ""
	case "not-paid":
		return p.T("staff.refund-not-paid")
	default:
		return p.T("staff.refund-not-found")
	}
}

// OneMore and OneLess are the pieces that would come back after a touch.
func (p *page) OneMore(l flow.ViewReturn) string {
	return strconv.FormatInt(min(l.Pieces+1, l.Left), 10)
}

// OneLess is OneMore the other way.
func (p *page) OneLess(l flow.ViewReturn) string { return strconv.FormatInt(max(l.Pieces-1, 0), 10) }
