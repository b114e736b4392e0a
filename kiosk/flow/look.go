package flow

import (
	"slices"
	"strings"

	"kassa/kiosk/bagging"
	"kassa/kiosk/barcode"
	"kassa/kiosk/basket"
)

// Look makes what people see from a state.
func Look(r *Rules, s State) View {
	v := View{
		Screen: screen(r, s), Language: s.language(r), Languages: r.Languages, Modes: s.Modes,
		Lamp: lamp(r, s), Acts: acts(r, s), Training: r.Training, NoScanner: !s.up(DeviceScanner), NoCard: !s.up(DeviceTerminal),
	}
	for _, d := range r.Devices {
		if !s.up(d) {
			v.Notices = append(v.Notices, d)
		}
	}
	v.Staff = viewStaff(r, s)
	v.Closed = viewClosed(r, s)
	switch v.Screen {
	case ScreenMoreTime:
		v.Restart = int(r.Timing.Grace.Seconds())
	case ScreenBags:
		v.Bags = &ViewBags{Price: r.Bags.Price, Max: r.Bags.Max}
	default:
	}
	if s.Sale != nil {
		lookSale(&v, r, s)
	}
	return v
}

// language is the page's language now.
func (s State) language(r *Rules) string {
	switch {
	case s.Sale != nil:
		return s.Sale.Language
	case s.Lang != "":
		return s.Lang
	default:
		return r.Languages[0]
	}
}

// screen is what the page shows: what is most urgent lies on top.
func screen(r *Rules, s State) Screen {
	switch {
	case s.Staff != nil:
		return ScreenStaff
	case s.Sale != nil:
		return s.Sale.screen()
	case s.Mode != LaneOpen:
		return ScreenClosed
	case s.unfit(r):
		return ScreenOutOfOrder
	case s.Choose != 0:
		return ScreenLanguage
	default:
		return ScreenStart
	}
}

// screen is the sale's own screen.
func (s *Sale) screen() Screen {
	switch {
	case s.Payment.Phase == PhaseUnsure:
		return ScreenUnsure
	case s.paying() || s.begins():
		return ScreenPaying
	case s.AskedAt != 0:
		return ScreenMoreTime
	case s.Locked && !s.over():
		return ScreenCheck
	default:
		return Screen(s.Page) // the pages of a sale bear the screens' names
	}
}

// lamp is what the lane light shows.
func lamp(r *Rules, s State) Lamp {
	switch {
	case s.Sale != nil && s.Sale.lampBlinks():
		return LampWhiteBlink
	case s.Sale != nil:
		return LampWhite
	case s.Mode != LaneOpen, s.unfit(r):
		return LampRed
	default:
		return LampGreen
	}
}

// lampBlinks reports whether a person is asked for. What payment does not
// wait for yet, an age to look at or a tag to take off, asks nobody.
func (s *Sale) lampBlinks() bool {
	return slices.ContainsFunc(s.Needs, func(n Need) bool {
		return !n.Settled && (s.WantsPay || n.Kind != NeedAge && n.Kind != NeedTag)
	})
}

// acts are what may be touched now.
func acts(r *Rules, s State) map[Act]bool {
	m := map[Act]bool{ActMode: true}
	if s.Staff != nil {
		m[ActStaff], m[ActPIN] = true, s.Staff.Want != ""
	}
	if s.opening { // it was there, and left with this touch
		m[ActStaff] = true
	}
	if s.Sale == nil {
		if s.serves(r) {
			set(m, ActStart, ActLanguage, ActHelp, ActCall, ActBack)
		}
		return m
	}
	s.Sale.acts(r, s, m)
	s.Sale.helpActs(s.Now, m)
	return m
}

func (s State) serves(r *Rules) bool { return s.opening || s.Mode == LaneOpen && !s.unfit(r) }

// unfit reports whether the lane cannot do what it must: the disk is full, or
// devices are away without which it does not sell. It can do without each of
// most: articles are found by hand where the scanner is away, what is not weighed
// is sold without the checkout scale, the till takes the money for the terminal,
// and a receipt is shown as a code. But nobody should type what she then has to
// carry to the till. What a lane never had it does not miss.
func (s State) unfit(r *Rules) bool {
	blind := r.Has(DeviceScanner) && !s.up(DeviceScanner)
	return s.DiskLow || r.BagOrClose && !s.up(DeviceBagging) || blind && (r.NoFind || !s.up(DeviceTerminal))
}

func set(m map[Act]bool, acts ...Act) {
	for _, a := range acts {
		m[a] = true
	}
}

// acts are what may be touched in a sale.
func (s *Sale) acts(r *Rules, st State, m map[Act]bool) {
	switch {
	case s.over():
		set(m, ActReceipt, ActRate, ActLanguage, ActStart, ActBack)
		m[ActReceipt] = s.State == SalePaid || s.State == SaleParked || s.State == SaleRefund
		return
	case s.paying() || s.begins():
		set(m, ActHelp, ActCall, ActCancelCall, ActSolved, ActArticle)
		m[ActBack] = s.abortable()
		return
	case s.parted() || s.Refund != nil: // the basket stays as it is
		set(m, ActLanguage, ActHelp, ActArticle, ActSolved, ActCall)
		m[ActMoreTime], m[ActCancelCall] = s.AskedAt != 0, s.call() != nil
		m[ActBack] = s.Page == PageHelp || s.Page == PageLanguage
		m[ActPay] = s.Page != PageTender && s.Refund == nil
		m[ActTender] = s.Page == PageTender && s.Refund == nil && !s.blocked() && len(tenders(r, st)) > 0
		return
	}
	set(m, ActLanguage, ActFind, ActAdd, ActWeigh, ActQuantity, ActVoidLine, ActVoidSale, ActKeep,
		ActHelp, ActArticle, ActSolved, ActCall, ActBack)
	m[ActMoreTime] = s.AskedAt != 0
	m[ActOwnBag] = r.Bags.Own
	m[ActBags] = r.Bags.Max > 0 || s.Page == PageBags
	m[ActUndo] = s.Undo.Line != 0
	m[ActCancelCall] = s.call() != nil
	m[ActPay] = !s.empty()
	m[ActTender] = s.Page == PageTender && len(tenders(r, st)) > 0
}

// lookSale fills in what belongs to the sale.
func lookSale(v *View, r *Rules, st State) {
	s := st.Sale
	v.Sale = viewSale(r, s)
	v.Hint = s.viewHint()
	v.Undo = s.Undo.Line
	v.Call, v.Coming = s.viewCall(r)
	s.viewHelp(v, st.Now)
	switch s.Page {
	case PageWeigh:
		v.Weigh = s.viewWeigh(r, st)
	case PageQuantity:
		v.Quantity = s.viewQuantity(r)
	case PageCheck:
		v.Check = s.viewCheck()
	default:
	}
	if s.Page == PageTender || s.paying() {
		v.Pay = &ViewPay{
			Due: s.due(), Tenders: tenders(r, st), Failed: s.Payment.Failed, Staff: s.need(NeedPayment) != nil,
			Chosen: s.Hold.Tender, Part: s.Part, Refund: s.Refund != nil, Parts: s.viewParts(),
		}
		v.Pay.Paid = s.paid()
		if t := s.tender(); t != nil {
			v.Pay.Now, v.Pay.NowKind = t.Amount, t.Kind
		}
	}
	if s.over() {
		v.Leave = s.viewLeave(r, st)
	}
}

func viewSale(r *Rules, s *Sale) *ViewSale {
	b := s.Basket
	vs := &ViewSale{
		ID: saleID(r, s.Number), Count: b.Count(), Total: b.Total, Savings: b.Savings, Taxes: b.Taxes,
		AgePend: s.need(NeedAge) != nil,
	}
	for _, l := range slices.Backward(b.Lines) {
		if !l.Voided && l.Of == 0 {
			vs.Lines = append(vs.Lines, viewLine(l, l.N == s.Newest))
			if d, ok := b.Line(l.N + 1); ok && d.Of == l.N {
				vs.Lines = append(vs.Lines, viewLine(d, false))
			}
		}
	}
	return vs
}

func viewLine(l basket.Line, newest bool) ViewLine {
	return ViewLine{
		N: l.N, GTIN: l.Article.GTIN, PLU: l.Article.PLU, Name: l.Article.Name, Names: l.Article.Names,
		Picture: l.Article.Picture, Qty: l.Qty, Weight: l.Weight, Unit: l.Unit, Per: l.Article.Per,
		Amount: l.Gross, Discounts: l.Discounts, Net: l.Amount, Of: l.Of, Newest: newest, Fixed: l.Of != 0,
	}
}

// viewHint is the strip: what the bagging check asks comes before the rest,
// and an age check that is still to come stands when there is nothing else.
func (s *Sale) viewHint() *ViewHint {
	switch {
	case s.over():
		return nil
	case s.Bag.Since != 0:
		return s.bagHint()
	case s.Strip.Kind != HintNone:
		h := &ViewHint{Kind: s.Strip.Kind, Line: s.Strip.Line, Ticket: s.Strip.Ticket}
		if a := s.Strip.Article; a != nil {
			h.Name, h.Names = a.Name, a.Names
		}
		if r := s.Strip.Recall; r != nil {
			h.Text, h.Texts = r.Text, r.Texts
		}
		return h
	case s.need(NeedAge) != nil:
		return &ViewHint{Kind: HintAge, Age: s.Age}
	default:
		return nil
	}
}

// bagHint puts the bagging check's question into the page's words.
func (s *Sale) bagHint() *ViewHint {
	h := &ViewHint{Kind: HintTooMuch, Line: s.Bag.Decision.Line}
	switch s.Bag.Decision.Kind {
	case bagging.Missing, bagging.Removed:
		h.Kind = HintMissing
	case bagging.ScaleFault, bagging.None, bagging.Unexpected, bagging.Wrong:
	}
	if l, ok := s.line(h.Line); ok {
		h.Name, h.Names = l.Article.Name, l.Article.Names
	}
	return h
}

func (s *Sale) viewWeigh(r *Rules, st State) *ViewWeigh {
	if s.Pick == nil {
		return nil
	}
	a := s.Pick.Article
	return &ViewWeigh{
		Name: a.Name, Names: a.Names, Picture: a.Picture, Unit: a.Price, Per: a.Per, Tare: s.Pick.tare(r),
		InBag: s.Pick.InBag, CanBag: r.BagTare > 0, Blocked: s.Pick.Blocked, NoScale: st.Scale.Lost || !st.up(DeviceScale),
		TooLight: s.Pick.Light, TooHeavy: st.Scale.Heavy,
	}
}

func (s *Sale) viewQuantity(r *Rules) *ViewQuantity {
	if s.Pick != nil {
		a := s.Pick.Article
		return &ViewQuantity{
			Name: a.Name, Names: a.Names, Picture: a.Picture, Qty: 1, Max: r.MaxQty, Unit: a.Price, Per: a.Per, Adding: true,
		}
	}
	l, ok := s.line(s.Line)
	if !ok {
		return nil
	}
	return &ViewQuantity{
		Line: l.N, Name: l.Article.Name, Names: l.Article.Names, Picture: l.Article.Picture, Qty: l.Qty,
		Max: r.MaxQty, Unit: l.Unit, Per: l.Article.Per, ByWeight: l.Article.Per.ByWeight() || l.Labelled,
	}
}

func (s *Sale) viewCheck() *ViewCheck {
	c := &ViewCheck{Called: s.lampBlinks()}
	if h := s.viewHint(); h != nil {
		c.Hint, c.Line, c.Name, c.Names = h.Kind, h.Line, h.Name, h.Names
	}
	if l, ok := s.line(c.Line); ok {
		c.Picture = l.Article.Picture
	}
	return c
}

func (s *Sale) viewLeave(r *Rules, st State) *ViewLeave {
	v := &ViewLeave{
		ID: saleID(r, s.Number), Number: s.Number, Paid: s.paid(), Printer: st.up(DevicePrinter),
		Printing: s.Paper.Key != "", Printed: s.Paper.Done, QR: s.Paper.QR, Rating: s.Rating,
		Parked: s.State == SaleParked, Refund: s.Refund != nil, Left: !st.Scale.empty() && !st.Scale.Lost,
		Change: s.change(),
	}
	if v.Parked {
		v.Ticket = barcode.TicketCode(strings.ToUpper(v.ID))
	}
	return v
}

// viewClosed says why no new shopper can start; nil: one can.
func viewClosed(r *Rules, s State) *ViewClosed {
	v := &ViewClosed{Reason: "staff"}
	switch {
	case s.Mode != LaneOpen && s.ModeBy == "hours":
		v.Reason = "hours"
	case s.Mode != LaneOpen:
	case s.DiskLow:
		v.Reason = "disk"
	case s.Sale == nil && s.unfit(r): // devices may be back before a running sale ends
		v.Reason = "fault"
	default:
		return nil
	}
	v.Ending = s.Sale != nil
	if next, ok := r.Hours.Next(s.Now.Wall); ok && r.Hours.Open(next) {
		v.OpensAt = next
	}
	return v
}

func viewStaff(r *Rules, s State) *ViewStaff {
	if s.Staff == nil {
		return nil
	}
	v := &ViewStaff{
		ID: s.Staff.ID, Role: s.Staff.Role, NeedPIN: s.Staff.Want, PINFailed: s.Staff.Failed,
		Wait: max(0, s.Staff.Wait-s.Now.Mono), DiskLow: s.DiskLow, Mode: s.Mode,
	}
	v.Said, v.SaidOf = s.Staff.Said, s.Staff.SaidOf
	v.Parting, v.Refund = s.Staff.Parting, s.Staff.Refund.view()
	if s.Sale != nil {
		v.Doubt, v.Due = s.Sale.viewDoubt(), s.Sale.due()
	}
	if s.Staff.Pricing {
		v.Pricing, v.Reasons = true, PriceReasons()
	}
	for _, d := range deeds(s) {
		if _, ok := s.Staff.permit(d); ok || d == DeedLeave {
			v.Deeds = append(v.Deeds, d)
		}
	}
	for _, d := range r.Devices {
		v.Devices = append(v.Devices, ViewDevice{Device: d, Up: s.up(d), Why: s.Devices[d].Why})
	}
	if s.Sale != nil {
		v.Pending = s.Sale.pending()
		v.Bag = s.Sale.viewBag()
	}
	return v
}

// pending is what waits for staff.
func (s *Sale) pending() []ViewNeed {
	var out []ViewNeed
	for _, n := range s.Needs {
		if n.Settled {
			continue
		}
		vn := ViewNeed{N: n.N, Kind: n.Kind, Line: n.Line, Detail: n.Detail}
		if n.Kind == NeedAge {
			vn.Age = s.Age
		}
		if l, ok := s.line(n.Line); ok {
			vn.Name, vn.Names = l.Article.Name, l.Article.Names
		}
		out = append(out, vn)
	}
	return out
}
