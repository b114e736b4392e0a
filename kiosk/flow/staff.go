package flow

import (
	"slices"

	"kassa/kiosk/bagging"
)

// badged opens the staff page for somebody whose badge is known. It lies over
// whatever the shopper was doing, which goes on behind it.
func (l *lane) badged(ev Badged) {
	if ev.Staff == nil {
		l.cue(SoundAgain)
		return
	}
	l.Staff = &Session{Staff: *ev.Staff, Until: l.Now.Mono + l.rules.Timing.Staff}
	if l.Sale == nil {
		return
	}
	l.alive()
	l.Sale.asked(ev.Question)
	if c := l.Sale.call(); c != nil && c.SeenAt.Wall.IsZero() {
		c.State, c.SeenAt, c.By = CallComing, l.Now, ev.Staff.ID
	}
	l.cue(SoundScan)
}

// permit returns the leave somebody has for a deed.
func (s *Session) permit(d StaffDeed) (Permit, bool) {
	for _, p := range s.May {
		if p.Deed == d {
			return p, true
		}
	}
	return Permit{}, false
}

// staffDeed does what staff touched, if their role may, and asks for the PIN
// first where money moves.
func (l *lane) staffDeed(d StaffDeed, line int, price *newPrice) {
	if l.Staff == nil {
		return
	}
	if d == DeedLeave {
		l.Staff = nil
		return
	}
	p, ok := l.Staff.permit(d)
	if !ok || !slices.Contains(deeds(l.State), d) {
		return
	}
	l.Staff.Until = l.Now.Mono + l.rules.Timing.Staff
	l.Staff.Said, l.Staff.SaidOf = "", ""
	l.Staff.Pricing = d == DeedPrice && price == nil
	if l.Staff.Pricing {
		return // the page asks for the price and the reason
	}
	if p.PIN && !l.Staff.PIN {
		l.Staff.Want, l.Staff.Line, l.Staff.Price, l.Staff.Failed = d, line, price, false
		l.Staff.Of = l.onScreen()
		return
	}
	l.perform(d, line, price)
}

// onScreen is the number of the sale on the screen, 0 if there is none.
func (l *lane) onScreen() int64 {
	if l.Sale == nil {
		return 0
	}
	return l.Sale.Number
}

// revPIN: what a deed is about may change while its PIN is typed and checked. It
// is done only to what it was touched for, and while it can still be done.
const revPIN = 4

// pinChecked goes on with the deed that waited for the PIN.
func (l *lane) pinChecked(ev PINChecked) {
	if l.Staff == nil || l.Staff.ID != ev.Staff || l.Staff.Want == "" {
		return
	}
	l.Staff.Until = l.Now.Mono + l.rules.Timing.Staff
	if !ev.OK {
		l.Staff.Failed, l.Staff.Wait = true, l.Now.Mono+ev.Wait
		return
	}
	d, line, price := l.Staff.Want, l.Staff.Line, l.Staff.Price
	of := l.Staff.Of
	l.Staff.PIN, l.Staff.Want, l.Staff.Price, l.Staff.Failed, l.Staff.Of = true, "", nil, false, 0
	if l.Rev >= revPIN && (of != l.onScreen() || !slices.Contains(deeds(l.State), d)) {
		return
	}
	l.perform(d, line, price)
}

// deeds are what staff could do at the lane as it stands, most likely first.
func deeds(st State) []StaffDeed {
	var ds []StaffDeed
	if s := st.Sale; s != nil {
		ds = s.deeds()
	} else {
		if st.Last != nil && (st.Last.State == SalePaid || st.Last.State == SaleRefund) {
			ds = append(ds, DeedReprint)
		}
		ds = append(ds, DeedRefund, DeedTraining)
		ds = append(ds, DeedDrawer)
	}
	ds = append(ds, st.scaleDeeds()...)
	if st.Mode == LaneOpen {
		ds = append(ds, DeedClose)
	} else {
		ds = append(ds, DeedOpen)
	}
	return append(ds, DeedLeave)
}

// deeds are what staff could do about the sale.
func (s *Sale) deeds() []StaffDeed {
	if s.over() && s.call() != nil {
		return []StaffDeed{DeedHelpDone}
	}
	if s.over() {
		if s.State != SalePaid && s.State != SaleRefund {
			return nil
		}
		if slices.ContainsFunc(s.Needs, func(n Need) bool { return n.alert() && !n.Settled }) {
			return []StaffDeed{DeedSettle, DeedReprint}
		}
		return []StaffDeed{DeedReprint}
	}
	var ds []StaffDeed
	if slices.ContainsFunc(s.Needs, func(n Need) bool { return !n.Settled && (n.Kind != NeedPayment || n.alert()) && n.Kind != NeedRefund }) {
		ds = append(ds, DeedSettle)
	}
	if s.need(NeedAge) != nil {
		ds = append(ds, DeedAgeOK, DeedAgeRefuse)
	}
	if s.need(NeedBagging) != nil || s.Bag.Since != 0 {
		ds = append(ds, DeedBagOK, DeedBagFixed)
	}
	if s.tellable() {
		ds = append(ds, DeedBagStory)
	}
	if s.Held != nil {
		ds = append(ds, DeedAllow)
	}
	if s.need(NeedHelp) != nil {
		ds = append(ds, DeedHelpDone)
	}
	if s.Payment.Phase == PhaseUnsure {
		return append(ds, DeedPaid, DeedNotPaid)
	}
	if s.paying() {
		return ds
	}
	if s.Refund != nil {
		return append(ds, s.refundDeeds()...)
	}
	if s.Page == PageTender && s.due() > 0 {
		ds = append(ds, DeedPart)
	}
	if s.parted() {
		return append(ds, DeedTakeBack)
	}
	if !s.empty() {
		ds = append(ds, DeedVoidLine, DeedPrice, DeedPark)
	}
	return append(ds, DeedVoidSale)
}

// perform does a deed that is permitted.
func (l *lane) perform(d StaffDeed, line int, price *newPrice) {
	by := l.Staff.ID
	switch d {
	case DeedOpen, DeedClose:
		l.order(d == DeedOpen, by)
		l.Staff = nil
	case DeedReprint:
		l.reprint()
	case DeedDrawer:
		l.do(OpenDrawer{Key: l.Run + "/" + l.Now.Wall.Format("150405.000")})
	case DeedZero, DeedTare:
		l.askScale(d)
	case DeedLeave:
		l.Staff = nil
	case DeedTraining:
		if l.Sale == nil {
			l.do(Train{On: !l.rules.Training, By: by})
			l.Staff = nil
		}
	case DeedRefund:
		if l.Sale == nil {
			l.Staff.Refund = &Refund{}
		}
	default:
		if l.Sale != nil {
			l.performOnSale(d, line, price, by)
		}
	}
}

// performOnSale does a deed about the sale. When nothing waits any more the
// staff page leaves by itself: one visit settles all.
func (l *lane) performOnSale(d StaffDeed, line int, price *newPrice, by string) {
	switch d {
	case DeedSettle:
		l.settleAll(by)
	case DeedAgeOK:
		l.ageChecked(by)
	case DeedAgeRefuse:
		l.ageRefused(by)
	case DeedBagOK, DeedBagFixed:
		l.do(Check{Input: bagging.Staff{T: l.Now.Mono, OK: d == DeedBagOK}})
		l.Sale.Unbagged = nil
		reason := bagAsItIs
		if d == DeedBagFixed {
			reason = bagPutRight
		}
		l.bagIsFine(by, reason)
	case DeedHelpDone:
		l.endCall(CallDone, by, "helped")
	case DeedAllow:
		l.allow(by)
	case DeedPrice:
		l.setPrice(line, price, by)
	case DeedVoidLine:
		l.voidLine(line, by)
	case DeedVoidSale:
		l.note(NeedAudit, by, "sale voided")
		l.voidSale()
	case DeedPark:
		l.note(NeedAudit, by, "parked")
		l.park()
	case DeedTakeBack:
		l.note(NeedAudit, by, "parts taken back")
		l.Sale.Taking = true
		l.next()
	case DeedRefundAgain, DeedRefundVoucher:
		l.payOut(d == DeedRefundVoucher)
	case DeedPaid, DeedNotPaid:
		l.settlePayment(d == DeedPaid, by)
	default: // not about the sale
	}
	if d != DeedVoidLine && d != DeedPrice {
		l.afterDeed()
	} else if l.Sale != nil && !l.Sale.over() {
		l.unblock()
	}
}

// afterDeed leaves the staff page when nothing waits any more, and goes on with
// what waited for the deed.
func (l *lane) afterDeed() {
	if l.Sale == nil || !l.Sale.waits() {
		l.Staff = nil
	}
	if l.Sale != nil && !l.Sale.over() {
		l.unblock()
	}
}

// waits reports whether anything still waits for a person.
func (s *Sale) waits() bool {
	return slices.ContainsFunc(s.Needs, func(n Need) bool { return !n.Settled })
}

// note puts a deed of staff on record that nobody had to be called for.
func (l *lane) note(kind InterventionKind, by, reason string) {
	s := l.Sale
	s.Needs = append(s.Needs, Need{
		N: len(s.Needs) + 1, Kind: kind, RaisedAt: l.Now, Settled: true, At: l.Now, By: by, Reason: reason, From: l.from(),
	})
}

// settleAll settles whatever waits, as it stands.
func (l *lane) settleAll(by string) {
	s := l.Sale
	if s.need(NeedAge) != nil {
		l.ageChecked(by)
	}
	if s.need(NeedBagging) != nil || s.Bag.Since != 0 {
		l.do(Check{Input: bagging.Staff{T: l.Now.Mono, OK: true}})
		s.Unbagged = nil
		l.bagIsFine(by, bagAsItIs)
	}
	s.Held = nil
	l.endCall(CallDone, by, "helped")
	for i := range s.Needs {
		if n := &s.Needs[i]; !n.Settled && (n.Kind != NeedPayment || n.alert()) && n.Kind != NeedRefund {
			l.settle(n, by, "checked")
		}
	}
}

// ageChecked says that somebody looked and the shopper is old enough.
func (l *lane) ageChecked(by string) {
	s := l.Sale
	s.AgeBy = by
	if n := s.need(NeedAge); n != nil {
		l.settle(n, by, "checked")
	}
}

// ageRefused takes the age-restricted lines off; the sale goes on.
func (l *lane) ageRefused(by string) {
	s := l.Sale
	for _, line := range slices.Clone(s.Basket.Lines) {
		if !line.Voided && line.Article.Age > 0 && line.Of == 0 {
			l.voidQuietly(line)
			s.Unbagged = slices.DeleteFunc(slices.Clone(s.Unbagged), func(u int) bool { return u == line.N })
			l.do(Check{Input: bagging.Void{T: l.Now.Mono, Line: line.N}})
		}
	}
	if n := s.need(NeedAge); n != nil {
		l.settle(n, by, "refused")
	}
	s.Age, s.WantsPay = 0, false
	if s.Page == PageAge {
		s.Page = PageBasket
	}
}

// reprint prints the newest paid sale again, marked as a duplicate.
func (l *lane) reprint() {
	s := l.Last
	if l.Sale != nil {
		s = l.Sale
	}
	if s != nil && s.owes() && l.up(DevicePrinter) {
		l.printVouchers(s) // what is owed comes first
		return
	}
	if s == nil || s.State != SalePaid && s.State != SaleRefund || s.Paper.Key != "" || !l.up(DevicePrinter) {
		return
	}
	l.job(s, DocReceipt)
}
