package flow

import (
	"slices"
	"strconv"
	"strings"
)

// Fits reports whether a touch belongs to what the page shows now. One that
// does not is an old page's, and is refused before it becomes an event.
func Fits(r *Rules, s State, t Touched) bool {
	if !acts(r, s)[t.Act] {
		return false
	}
	if s.Sale == nil || s.Sale.over() {
		return true
	}
	line, open := s.Sale.line(t.Line)
	open = open && line.Of == 0
	switch t.Act {
	case ActQuantity:
		return open || t.Line == 0 && s.Sale.Pick != nil
	case ActVoidLine:
		return open
	case ActKeep:
		return open || t.Line == 0
	case ActWeigh:
		return s.Sale.Pick != nil
	default:
		return true
	}
}

// touched does what somebody touched. What does not fit does nothing.
func (l *lane) touched(ev Touched) {
	if !Fits(l.rules, l.State, ev) {
		return
	}
	if ev.Act == ActStaff && l.moneyDeed(ev) {
		return
	}
	if l.Sale == nil {
		l.touchedIdle(ev)
		return
	}
	l.alive()
	switch {
	case l.storyDeed(ev):
	case ev.Act == ActStaff:
		deed, price := deedOf(ev)
		l.staffDeed(deed, ev.Line, price)
	case l.selfHelp(ev):
	case l.Sale.over():
		l.touchedAfter(ev)
	default:
		l.touchedSale(ev)
	}
}

// touchedIdle is a touch with no sale on the lane.
func (l *lane) touchedIdle(ev Touched) {
	switch ev.Act {
	case ActStart:
		l.Lang = ""
		if len(l.rules.Languages) > 1 {
			l.Choose = l.Now.Mono
		} else {
			l.begin()
		}
	case ActLanguage:
		if ev.Value == "" {
			l.Choose = l.Now.Mono
		} else if slices.Contains(l.rules.Languages, ev.Value) {
			l.Lang = ev.Value
			l.begin()
		}
	case ActBack:
		l.Choose = 0
	case ActMode:
		l.Modes = l.Modes.with(ev.Value)
	case ActHelp:
		l.ensureSale()
		l.Sale.Page = PageHelp
	case ActCall:
		l.call(ev.Value)
	case ActStaff:
		l.staffDeed(StaffDeed(ev.Value), ev.Line, nil)
	default:
	}
}

// begin opens a sale from the start page.
func (l *lane) begin() {
	l.ensureSale()
	if l.rules.Bags.Ask {
		l.Sale.Page = PageBags
	}
}

// touchedSale is a touch while the basket is open.
func (l *lane) touchedSale(ev Touched) {
	s := l.Sale
	switch ev.Act {
	case ActLanguage:
		l.language(ev.Value)
	case ActMode:
		l.Modes = l.Modes.with(ev.Value)
	case ActFind:
		s.Page, s.Pick = PageFind, nil
	case ActAdd:
		l.pick(ev)
	case ActWeigh:
		l.weighAgain(ev.Value)
	case ActQuantity:
		l.quantity(ev)
	case ActVoidLine:
		l.voidLine(ev.Line, "shopper")
	case ActVoidSale:
		l.askVoidSale()
	case ActUndo:
		l.undo()
	case ActOwnBag:
		l.ownBag()
	case ActBags:
		n, _ := strconv.ParseInt(ev.Value, 10, 32)
		l.buyBags(n)
	case ActKeep:
		l.keep(ev.Line)
	case ActHelp:
		s.Page = PageHelp
	case ActSolved:
		l.solved(ev.Value)
	case ActCall:
		l.call(ev.Value)
	case ActCancelCall:
		l.endCall(CallCancelled, "shopper", "cancelled")
	case ActPay:
		l.pay()
	case ActTender:
		l.choose(TenderKind(ev.Value))
	case ActBack:
		l.back()
	case ActMoreTime:
		// Being alive is all it takes.
	default:
	}
}

// touchedAfter is a touch when the sale is decided.
func (l *lane) touchedAfter(ev Touched) {
	s := l.Sale
	switch ev.Act {
	case ActReceipt:
		l.receipt(ev.Value)
	case ActRate:
		if n, err := strconv.Atoi(ev.Value); err == nil && n >= 1 && n <= 3 {
			s.Rating = n
		}
	case ActLanguage:
		l.language(ev.Value)
	case ActMode:
		l.Modes = l.Modes.with(ev.Value)
	case ActStart, ActBack:
		l.leave()
	default:
	}
}

// language changes the page's language, or opens the choice.
func (l *lane) language(value string) {
	s := l.Sale
	switch {
	case slices.Contains(l.rules.Languages, value):
		s.Language = value
		if s.Page == PageLanguage {
			s.Page = PageBasket
		}
	case value == "" && !s.over():
		s.Page = PageLanguage
	}
}

// weighAgain takes what lies on the scale now for the picked article, or says
// first that it is in a produce bag.
func (l *lane) weighAgain(value string) {
	p := l.Sale.Pick
	if p == nil {
		return
	}
	if value == "bag" {
		p.InBag = !p.InBag && l.rules.BagTare > 0
		if l.Scale.Net && l.rules.ScaleTares {
			return // it was shown with another tare
		}
	}
	l.tryWeigh()
}

// quantity opens the quantity page of a line, sets a line's pieces, or answers
// how many of a picked article there are.
func (l *lane) quantity(ev Touched) {
	s := l.Sale
	if ev.Value == "" {
		if line, ok := s.line(ev.Line); ok && line.Of == 0 {
			s.Page, s.Line = PageQuantity, ev.Line
		}
		return
	}
	n, err := strconv.ParseInt(strings.TrimSpace(ev.Value), 10, 32)
	if err != nil || n < 0 {
		return
	}
	if s.Pick != nil && ev.Line == 0 {
		if n == 0 || n > l.rules.MaxQty {
			return
		}
		p := *s.Pick
		l.offer(p.Article, Code{Raw: p.Code, Kind: codeArticle}, n)
		return
	}
	l.setQuantity(ev.Line, n)
}

// back leaves a page for the basket, or gives up a payment that has begun or is
// about to.
func (l *lane) back() {
	s := l.Sale
	if s.paying() {
		l.abortCharge()
		return
	}
	if s.begins() && s.Hold.Tender != "" {
		s.Hold.Tender = ""
		return
	}
	if s.Page == PageHelp && (s.Below == PageFind || s.Below == PageWeigh && s.Pick != nil) {
		s.Page = s.Below // what she asked about is still to be done
		return
	}
	s.Page, s.Pick, s.WantsPay = PageBasket, nil, false
	if s.parted() || s.Refund != nil {
		s.Page = PageTender
	}
	s.Payment.Failed = ""
}

// askVoidSale ends an empty sale; one with lines is a person's to void, unless
// the store lets shoppers do it.
func (l *lane) askVoidSale() {
	s := l.Sale
	if s.empty() || l.rules.VoidSale == "shopper" {
		l.voidSale()
		return
	}
	l.call("void-sale")
}

// with returns the modes after one was switched.
func (m Modes) with(value string) Modes {
	switch value {
	case "large":
		m.Large = !m.Large
	case "contrast":
		m.Contrast, m.Light = !m.Contrast, false
	case "light":
		m.Light, m.Contrast = !m.Light, false
	case "reach":
		m.Reach = !m.Reach
	case "plain":
		m = Modes{}
	}
	return m
}
