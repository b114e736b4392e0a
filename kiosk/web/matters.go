package web

import (
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/words"
)

// WeighTrouble names what stands in the way of a weight, "" for nothing. It is
// the middle of message ids.
func (p *page) WeighTrouble() string {
	w := p.V.Weigh
	switch {
	case w == nil:
		return ""
	case w.NoScale:
		return "no-scale"
	case w.Blocked:
		return "blocked"
	case w.TooHeavy:
		return "heavy"
	case w.TooLight:
		return "light"
	default:
		return ""
	}
}

// LiveWeight is what the scale shows now.
func (p *page) LiveWeight() string {
	if p.V.Live.Weight == nil {
		return ""
	}
	return p.W.Weight(*p.V.Live.Weight)
}

// LiveWeighing says in words what the dial shows as a shape.
func (p *page) LiveWeighing() string {
	switch w := p.V.Live.Weight; {
	case w == nil || w.Zero():
		return p.T("weigh.waiting")
	case p.V.Live.Settled:
		return p.T("weigh.settled")
	default:
		return p.T("weigh.settling")
	}
}

// LiveTerminal is the card terminal's own state, in our words, or what the cash
// machine has taken so far.
func (p *page) LiveTerminal() string {
	if p.ByCash() {
		return p.liveCash()
	}
	return p.W.Either("terminal."+plain(last(p.V.Live.Terminal)), "terminal.wait")
}

// liveTexts are the texts that stream past a screen.
func (p *page) liveTexts() map[string]string {
	switch p.V.Screen {
	case flow.ScreenWeigh:
		return map[string]string{"weight": p.LiveWeight(), "weighing": p.LiveWeighing()}
	case flow.ScreenPaying:
		return map[string]string{"terminal": p.LiveTerminal()}
	default:
		return nil
	}
}

// CheckText returns one of the three parts of what the check page says.
func (p *page) CheckText(part string) string {
	c := p.V.Check
	switch {
	case p.V.Locked && part == "what":
		return p.T("locked.text")
	case c == nil || c.Hint == flow.HintNone:
		return p.T("check.wait." + part)
	case c.Hint == flow.HintMissing || c.Hint == flow.HintBag:
		name := p.W.Name(c.Name, c.Names)
		if part == "what" && name == "" {
			part = "what-any"
		}
		return p.T("check.missing."+part, "Name", words.Code(name))
	default:
		return p.T("check.too-much." + part)
	}
}

// CheckLine is the line the check page is about, 0 for none.
func (p *page) CheckLine() int {
	if p.V.Check == nil {
		return 0
	}
	return p.V.Check.Line
}

// Called reports whether a person is on the way already.
func (p *page) Called() bool {
	return p.V.Call != nil || p.V.Check != nil && p.V.Check.Called
}

// failure is why the last payment did not go through.
type failure struct{ ID, Kind string }

// Failed tells the many reasons of terminals apart as far as a shopper can do
// something about them. It returns nil for none.
func (p *page) Failed() *failure {
	if p.V.Pay == nil || p.V.Pay.Failed == "" {
		return nil
	}
	f := &failure{ID: last(p.V.Pay.Failed), Kind: "aborted"}
	switch f.ID {
	case "declined":
		f.Kind = "declined"
	case "no-voucher":
		f.Kind = "voucher"
	case "cash":
		f.Kind = "cash"
	case "part":
		f.Kind = "part"
	case "wrong-pin":
		f.Kind = "pin"
	case "expired", "invalid-card", "signature":
		f.Kind = "card"
	case "not-sent", "refused", "busy", "service", "host-unreachable", "line-lost", "timeout":
		f.Kind = "reach"
	}
	return f
}

// last returns what follows the last dot of a message id.
func last(id string) string {
	for i := len(id) - 1; i >= 0; i-- {
		if id[i] == '.' {
			return id[i+1:]
		}
	}
	return id
}

// NothingDue reports whether a basket costs nothing: no terminal is waited for.
func (p *page) NothingDue() bool {
	return p.V.Pay != nil && p.V.Pay.Due <= 0 && !p.V.Pay.Refund && p.V.Pay.Now >= 0
}

// PayCalled reports whether a person was called about the payment.
func (p *page) PayCalled() bool { return p.V.Pay != nil && p.V.Pay.Staff }

// taxRow is one line of the tax summary.
type taxRow struct{ Label, Amount string }

// Taxes is the tax summary of the choice of how to pay.
func (p *page) Taxes() []taxRow {
	if p.V.Sale == nil {
		return nil
	}
	var rows []taxRow
	for _, t := range p.V.Sale.Taxes {
		if t.Tax != money.Amount(0) {
			rows = append(rows, taxRow{p.T("tender.tax", "Rate", p.W.Percent(t.RatePPM)), p.Money(t.Tax)})
		}
	}
	return rows
}

// ClosedReason says why the lane does not serve, as far as it helps a shopper.
func (p *page) ClosedReason(reason string) string {
	return p.W.Either("closed."+plain(last(reason)), "closed.staff")
}

// OpensAt says when the lane opens again, "" if that is not known.
func (p *page) OpensAt() string {
	at := p.V.Closed.OpensAt
	if at.IsZero() {
		return ""
	}
	if now := time.Now().In(at.Location()); at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return p.W.Time(at)
	}
	return p.W.Date(at) + " " + p.W.Time(at)
}

// deed is something staff can do now.
type deed struct {
	Deed  flow.StaffDeed
	Line  int
	Label string
}

// Deeds are the buttons of the staff page. Leaving has its place in the bar, and
// taking a line off is offered for the lines that wait for a person.
func (p *page) Deeds() []deed {
	var all []deed
	for _, d := range p.V.Staff.Deeds {
		label := p.T("deed." + string(d))
		switch d {
		case flow.DeedLeave, flow.DeedBagStory: // has buttons of its own
		case flow.DeedVoidLine:
			for _, n := range p.V.Staff.Pending {
				if n.Line > 0 {
					all = append(all, deed{d, n.Line, label + ": " + p.W.Name(n.Name, n.Names)})
				}
			}
		default:
			all = append(all, deed{d, 0, label})
		}
	}
	return all
}

// PricedLines are the lines that staff can set a price for, newest first.
func (p *page) PricedLines() []choice {
	var all []choice
	if p.V.Sale == nil {
		return nil
	}
	for _, l := range p.V.Sale.Lines {
		if l.Of == 0 {
			all = append(all, choice{Line: l.N, Label: p.W.Name(l.Name, l.Names) + ", " + p.Money(l.Net), On: l.Newest})
		}
	}
	return all
}

// StaffWho says who is at the lane, by role and handle.
func (p *page) StaffWho() string {
	s := p.V.Staff
	role := p.W.Either("role."+plain(s.Role), "staff.headline")
	return p.T("staff.who", "Role", role, "ID", words.Code(s.ID))
}

// LaneMode says whether the lane serves.
func (p *page) LaneMode() string {
	if p.V.Staff.Mode == "" {
		return ""
	}
	return p.T("staff.mode", "Mode", p.T("mode-of."+string(p.V.Staff.Mode)))
}

// NeedText says what waits for staff.
func (p *page) NeedText(n flow.ViewNeed) string {
	return p.T("need."+string(n.Kind), "Age", n.Age)
}

// StaffSaid says what became of a deed on the scale, "" for nothing to say.
func (p *page) StaffSaid() string {
	s := p.V.Staff
	switch {
	case s.Said == "":
		return ""
	case s.Said == flow.ScaleMoving:
		return p.T("staff.scale-moving")
	case s.Said == flow.ScaleRange:
		return p.T("staff.scale-range")
	case s.Said == flow.ScaleOwnKey:
		return p.T("staff.scale-own-key")
	case s.Said != "done":
		return p.T("staff.scale-gone")
	case s.SaidOf == flow.DeedTare:
		return p.T("staff.scale-tared")
	default:
		return p.T("staff.scale-zeroed")
	}
}

// PINDeed names the deed that waits for a PIN.
func (p *page) PINDeed() string { return p.T("deed." + string(p.V.Staff.NeedPIN)) }

// PINWords say how the last PIN fared, "" for nothing to say.
func (p *page) PINWords() string {
	s := p.V.Staff
	switch {
	case s.Wait > 0:
		return p.N("staff.pin-wait", int64((s.Wait+time.Second-1)/time.Second))
	case s.PINFailed:
		return p.T("staff.pin-again")
	default:
		return ""
	}
}
