package web

import (
	"slices"
	"strings"

	"kassa/kiosk/flow"
	"kassa/kiosk/words"
)

// choice is one thing to touch, as the templates need it.
type choice struct {
	Act     flow.Act
	Line    int
	Value   string
	Label   string // words, or for some templates their id
	How     string // message id of a second, smaller line
	Picture string
	Class   string
	On      bool
	Main    bool
	Kind    flow.TenderKind
}

// ModeChoices are the ways to show the page.
func (p *page) ModeChoices() []choice {
	m := p.V.Modes
	return []choice{
		{Value: "large", Label: "mode.large", Picture: "large", On: m.Large},
		{Value: "contrast", Label: "mode.contrast", Picture: "dark", On: m.Contrast},
		{Value: "light", Label: "mode.light", Picture: "light", On: m.Light},
		{Value: "reach", Label: "mode.reach", Picture: "reach", On: m.Reach},
		{Value: "plain", Label: "mode.plain", Picture: "undo", On: m == flow.Modes{}},
	}
}

// lamp is the lane light as a shape and a word.
type lamp struct {
	Lamp           flow.Lamp
	Label, Picture string
}

// Lamp returns the lane light, or nil for none.
func (p *page) Lamp() *lamp {
	switch p.V.Lamp {
	case flow.LampGreen:
		return &lamp{p.V.Lamp, "lamp.green", "lamp-free"}
	case flow.LampWhite:
		return &lamp{p.V.Lamp, "lamp.white", "lamp-busy"}
	case flow.LampWhiteBlink:
		return &lamp{p.V.Lamp, "lamp.white-blink", "lamp-help"}
	case flow.LampRed:
		return &lamp{p.V.Lamp, "lamp.red", "lamp-closed"}
	case flow.LampOff:
		return nil
	default:
		return nil
	}
}

// DeviceDown says that a device does not answer.
func (p *page) DeviceDown(d flow.Device) string {
	return p.T("device.down", "Device", p.T("device."+string(d)))
}

// CallText says how far the call for help has come.
func (p *page) CallText() string {
	c := p.V.Call
	if c == nil {
		return ""
	}
	switch c.State {
	case flow.CallSeen:
		return p.T("call.seen")
	case flow.CallComing:
		if c.Who != "" {
			return p.T("call.coming-who", "Who", words.Code(c.Who))
		}
		return p.T("call.coming")
	case flow.CallCalled, flow.CallDone, flow.CallCancelled:
		return p.T("call.called")
	default:
		return p.T("call.called")
	}
}

// lineView is one line of the basket, ready to print.
type lineView struct {
	P         *page
	L         flow.ViewLine
	Name      string
	Detail    string
	Discounts []lineDiscount
	Touchable bool
}

type lineDiscount struct{ Name, Amount string }

// Line prepares one line.
func (p *page) Line(l flow.ViewLine) lineView {
	v := lineView{
		P: p, L: l, Name: p.W.Name(l.Name, l.Names),
		Touchable: !l.Fixed && l.Of == 0 && p.Can(flow.ActQuantity),
	}
	switch {
	case l.Weight.Unit != 0:
		v.Detail = p.T("price.weight", "Weight", p.W.Weight(l.Weight), "Unit", p.Money(l.Unit), "Per", p.W.Per(l.Per))
	case l.Qty > 1:
		v.Detail = p.T("price.each", "Qty", l.Qty, "Unit", p.Money(l.Unit))
	}
	for _, d := range l.Discounts {
		v.Discounts = append(v.Discounts, lineDiscount{p.W.Discount(d), p.Money(d.Amount)})
	}
	return v
}

// Code is the line's name as an argument of a message.
func (v lineView) Code() words.Code { return words.Code(v.Name) }

// Newest is the line entered last, or nil.
func (p *page) Newest() *lineView {
	if p.V.Sale == nil {
		return nil
	}
	for _, l := range p.V.Sale.Lines {
		if l.Newest {
			v := p.Line(l)
			return &v
		}
	}
	return nil
}

// hintView is the strip in the basket.
type hintView struct {
	P       *page
	Kind    flow.Hint
	Line    int
	What    string
	Do      string
	Help    string
	Picture string
	Buttons []choice
}

// Hint prepares the strip, or returns nil.
func (p *page) Hint() *hintView {
	h := p.V.Hint
	if h == nil || h.Kind == flow.HintNone {
		return nil
	}
	id := "hint." + string(h.Kind)
	v := &hintView{P: p, Kind: h.Kind, Line: h.Line, Do: p.T(id + ".do"), Help: p.T("hint.help"), Picture: "scale"}
	name := p.W.Name(h.Name, h.Names)
	switch {
	case h.Kind == flow.HintAge:
		v.What = p.T(id+".what", "Age", h.Age)
	case h.Kind == flow.HintRecall && h.Text != "":
		v.What = p.W.Name(h.Text, h.Texts)
	case name != "":
		v.What = p.T(id+".what", "Name", words.Code(name))
	default:
		v.What = p.W.Either(id+".what-any", id+".what")
	}
	if h.Kind == flow.HintGone && h.Text != "" {
		v.Do = p.T(id+".do-recalled", "Why", p.W.Name(h.Text, h.Texts))
	}
	if t := h.Ticket; t != nil {
		lane := words.Code(t.Lane)
		v.What, v.Do = p.T(id+".what-"+string(t.Why), "Lane", lane), p.T(id+".do-"+string(t.Why), "Lane", lane)
	}
	switch h.Kind {
	case flow.HintBag, flow.HintMissing:
		v.Picture = "bag"
		v.offer(choice{Act: flow.ActKeep, Line: h.Line, Label: p.T("act.keep"), Picture: "hand"})
	case flow.HintUnknown:
		v.Picture = "scan"
		v.offer(choice{Act: flow.ActFind, Label: p.T("act.find"), Picture: "search"})
	case flow.HintNotHere:
		v.Picture, v.Help = "box", ""
		v.offerCall()
	case flow.HintTooMuch, flow.HintScale, flow.HintTwice:
		v.offerCall()
	case flow.HintLimit, flow.HintHours, flow.HintCoupon, flow.HintSticker:
		v.Picture, v.Help = "box", ""
		v.offerCall()
	case flow.HintCouponHere, flow.HintVoucher:
		v.Picture, v.Help = "tick", ""
	case flow.HintNoVoucher, flow.HintTicket, flow.HintPaidPart:
		v.Picture, v.Help = "ticket", ""
		v.offerCall()
	case flow.HintExpired, flow.HintRecall, flow.HintGone:
		v.Picture, v.Help = "box", "" // a person has been told
	case flow.HintAge:
		v.Picture, v.Help = "person", "" // what to do says it already
	case flow.HintPrinter:
		v.Picture = "receipt"
	case flow.HintNone:
	}
	return v
}

func (h *hintView) offer(c choice) {
	if h.P.Can(c.Act) {
		h.Buttons = append(h.Buttons, c)
	}
}

func (h *hintView) offerCall() {
	if h.P.V.Call == nil {
		h.offer(choice{Act: flow.ActCall, Value: string(h.Kind), Label: h.P.T("act.call"), Picture: "person"})
	}
}

// AgeChip reports whether the age check is still to come and no strip says so.
func (p *page) AgeChip() bool {
	return p.V.Sale.AgePend && (p.V.Hint == nil || p.V.Hint.Kind != flow.HintAge)
}

// Ending reports whether the lane closes after this sale.
func (p *page) Ending() bool { return p.V.Closed != nil && p.V.Closed.Ending }

// Bar is what stands in the bottom bar: at most one primary button.
func (p *page) Bar() []choice {
	var bar []choice
	add := func(c choice) {
		if p.Can(c.Act) {
			bar = append(bar, c)
		}
	}
	back := choice{Act: flow.ActBack, Label: p.T("act.back"), Picture: "back", Class: "second"}
	switch p.V.Screen {
	case flow.ScreenStart:
		add(choice{Act: flow.ActStart, Label: p.T("start.go"), Picture: "forward", Class: "primary"})
	case flow.ScreenBasket:
		add(choice{Act: flow.ActVoidSale, Label: p.T("act.void-sale"), Picture: "bin", Class: "second"})
		if p.V.Sale != nil {
			add(choice{Act: flow.ActPay, Label: p.T("basket.pay", "Total", p.Money(p.V.Sale.Total)), Picture: "card", Class: "primary"})
		}
	case flow.ScreenBags:
		add(back)
		add(choice{Act: flow.ActBags, Value: "0", Label: p.T("bags.none"), Picture: "forward", Class: "primary"})
	case flow.ScreenCheck:
		back.Label, back.Class, back.Picture = p.T("check.fixed"), "primary", "tick"
		add(back)
	case flow.ScreenAge:
		back.Label, back.Class = p.T("age.back"), "primary"
		add(back)
	case flow.ScreenMember:
		back.Label, back.Class, back.Picture = p.T("act.skip"), "primary", "forward"
		add(back)
	case flow.ScreenTender:
		back.Label = p.T("tender.back")
		add(back)
	case flow.ScreenPaying:
		back.Label = p.T("paying.back")
		add(back)
	case flow.ScreenMoreTime:
		add(choice{Act: flow.ActMoreTime, Label: p.T("more-time.yes"), Picture: "hand", Class: "primary"})
	case flow.ScreenStaff:
		if p.Can(flow.ActStaff) {
			add(choice{Act: flow.ActStaff, Value: string(flow.DeedLeave), Label: p.T("staff.leave"), Picture: "leave", Class: "second"})
		} else {
			add(back)
		}
	case flow.ScreenLanguage, flow.ScreenFind, flow.ScreenWeigh, flow.ScreenQuantity, flow.ScreenHelp,
		flow.ScreenUnsure, flow.ScreenReceipt, flow.ScreenThanks, flow.ScreenClosed, flow.ScreenOutOfOrder:
		add(back)
	}
	return bar
}

// entry is how articles get into the basket: by the scanner, or found by hand
// where it is away.
type entry struct{ Picture, Next, First, How string }

// Entry returns that, as a picture and message ids.
func (p *page) Entry() entry {
	if p.V.NoScanner {
		return entry{"search", "basket.find", "basket.find-first", "basket.find-how"}
	}
	return entry{"scan", "basket.scan", "basket.scan-first", "basket.scan-how"}
}

// StartHeadline is the invitation of the start page.
func (p *page) StartHeadline() string {
	if p.V.NoScanner {
		return "start.headline-touch"
	}
	return "start.headline"
}

// StartHow says what can be done at the lane as it is now.
func (p *page) StartHow() string {
	switch {
	case p.V.NoScanner && p.V.NoCard:
		return "start.how-find-till"
	case p.V.NoScanner:
		return "start.how-find"
	case p.V.NoCard:
		return "start.how-till"
	default:
		return "start.how"
	}
}

// Tongues are the words of the lane's languages.
func (p *page) Tongues() []words.Words {
	var all []words.Words
	for _, tag := range p.V.Languages {
		all = append(all, p.Words.In(tag))
	}
	return all
}

// OtherTongues are the lane's languages but for the page's own.
func (p *page) OtherTongues() []words.Words {
	return slices.DeleteFunc(p.Tongues(), func(w words.Words) bool { return w.Tag() == p.W.Tag() })
}

// BagChoices are how many bags can be bought with one touch.
func (p *page) BagChoices() []int64 {
	most := int64(3)
	if p.V.Bags != nil && p.V.Bags.Max > 0 {
		most = min(most, p.V.Bags.Max)
	}
	return count(most)
}

// Numbers are the quantities on the quantity page.
func (p *page) Numbers() []int64 {
	most := int64(9)
	if q := p.V.Quantity; q != nil && q.Max > 0 {
		most = min(most, q.Max)
	}
	return count(most)
}

// Ratings are the three faces.
func (p *page) Ratings() []int64 { return count(3) }

// PINKeys are the digits of the first three rows of a number pad.
func (p *page) PINKeys() []int64 { return count(9) }

// count returns 1 to n.
func count(n int64) []int64 {
	var all []int64
	for i := int64(1); i <= n; i++ {
		all = append(all, i)
	}
	return all
}

// plain makes an id of a text from outside: it must not reach into other ids.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
