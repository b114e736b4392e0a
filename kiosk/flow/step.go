package flow

import (
	"fmt"
	"maps"
	"time"
)

// lane is a state being stepped: a copy of the old one, which the handlers
// change in place, and the effects they ask for.
type lane struct {
	State
	rules   *Rules
	effects []Effect
	afar    bool // what is done is done from a console
}

// Step returns the state after ev and what to do about it. It changes neither
// s nor r.
func Step(r *Rules, s State, ev Event) (State, []Effect) {
	l := &lane{State: s.clone(), rules: r}
	var pick *Pick
	if _, first := ev.(Started); s.Sale != nil && !first { // a new run has told the scale nothing
		pick = s.Sale.Pick
	}
	l.Now = ev.When()
	switch ev := ev.(type) {
	case Started:
		l.started(ev)
	case Scanned:
		l.scanned(ev)
	case Touched:
		l.touched(ev)
	case Weighed:
		l.weighed(ev)
	case ScaleSet:
		l.scaleSet(ev)
	case Bagged:
		l.bagged(ev)
	case ChargePrepared:
		l.chargePrepared(ev)
	case ChargeSeen:
		if l.current(ev.Key) != nil {
			l.Sale.Payment.Approval = ev.Approval
		}
	case Charged:
		l.charged(ev)
	case ChargeDoubt:
		l.doubted(ev)
	case VoucherDone:
		l.voucherDone(ev)
	case Printed:
		l.printed(ev)
	case DeviceChanged:
		l.deviceChanged(ev)
	case Badged:
		l.badged(ev)
	case PINChecked:
		l.pinChecked(ev)
	case Ordered:
		l.ordered(ev)
	case ButtonPressed:
		l.call("button")
	case DoorChanged:
		l.DoorUp = ev.Open
	case DiskChecked:
		l.diskChecked(ev)
	case Withdrawn:
		l.withdrawn(ev)
	case Ticked:
		l.ticked()
	case Commanded:
		l.commanded(ev)
	case CallHeard:
		l.heard(ev)
	default:
		panic(fmt.Sprintf("flow: no case for event %T", ev))
	}
	l.noteAsked()
	l.keepPage()
	l.dropHold()
	l.priceScale(pick)
	return l.State, l.effects
}

// do asks for an effect.
func (l *lane) do(e Effect) { l.effects = append(l.effects, e) }

// cue asks for a sound.
func (l *lane) cue(s Sound) { l.do(Cue{Sound: s}) }

// deviceChanged notes a peripheral that came or went. A running sale does not
// stop for it: the pages look at Devices and offer what works. Whether another one
// may start says [State.unfit].
func (l *lane) deviceChanged(ev DeviceChanged) {
	devices := maps.Clone(l.Devices)
	if devices == nil {
		devices = map[Device]DeviceState{}
	}
	devices[ev.Device] = DeviceState{Up: ev.Up, Why: ev.Why}
	l.Devices = devices
	if ev.Device == DeviceScale && !ev.Up {
		l.Scale = Load{Lost: true, Used: l.Scale.Used}
	}
	if ev.Device == DevicePrinter && !ev.Up && l.Sale != nil && l.Sale.State == SaleOpen {
		l.hint(Strip{Kind: HintPrinter})
	}
}

// started counts every deadline anew and asks about what was under way when the
// last run ended.
func (l *lane) started(ev Started) {
	l.Run, l.Rev = ev.Run, ev.Rev
	l.Staff = nil
	l.Devices = nil
	l.Scale = Load{Lost: true, Used: l.Scale.Used || l.Sale == nil}
	l.Choose = 0
	l.last = lastRead{}
	l.resumeIssues()
	if l.Mode == "" {
		l.Mode, l.ModeBy = LaneOpen, "hours"
		l.InHours = true
	}
	l.checkHours()
	if l.Sale == nil {
		return
	}
	s := l.Sale
	s.TouchedAt, s.AskedAt = l.Now.Mono, 0
	s.Undo = Undo{}
	s.Strip = Strip{}
	s.Bag = BagView{}
	if s.EndAt != 0 {
		s.EndAt = l.Now.Mono + l.rules.Timing.Receipt
	}
	l.recheckBags()
	l.resumeHold()
	l.resumePayment()
	l.resumePaper()
}

// Next returns when the state wants a Ticked, in the Mono time of its run.
func (s State) Next(r *Rules) (time.Duration, bool) {
	var next time.Duration
	found := false
	at := func(t time.Duration) {
		if !found || t < next {
			next, found = t, true
		}
	}
	if s.Staff != nil {
		at(s.Staff.Until)
	}
	if t, ok := s.nextHours(r); ok {
		at(t)
	}
	if s.Sale != nil {
		s.Sale.deadlines(r, s, at)
	} else if s.Choose != 0 {
		at(s.Choose + r.Timing.Empty)
	}
	return next, found
}

// deadlines tells at of every moment the sale waits for.
func (s *Sale) deadlines(r *Rules, st State, at func(time.Duration)) {
	t := r.Timing
	if s.EndAt != 0 {
		at(s.EndAt)
	}
	if s.Hold.Since != 0 {
		at(s.Hold.Since + t.PayCheck)
	}
	if s.Undo.Line != 0 {
		at(s.Undo.Until)
	}
	if s.Strip.Until != 0 {
		at(s.Strip.Until)
	}
	if t, due := s.sayAt(r); due {
		at(t)
	}
	if s.Bag.Since != 0 && s.bagWaits() && !s.Bag.Looked && !s.paying() && !s.over() {
		at(s.Bag.Since + t.Check)
	}
	switch {
	case s.Payment.Phase == PhaseUnsure && s.doubt() == nil:
		at(s.Payment.Since + t.Unsure)
	case st.Staff != nil || !s.idles():
	case s.empty():
		at(s.TouchedAt + t.Empty)
	case s.AskedAt != 0:
		at(s.AskedAt + t.Grace)
	default:
		at(s.TouchedAt + t.Idle)
	}
}

// ticked does whatever has become due.
func (l *lane) ticked() {
	now := l.Now.Mono
	l.checkHours()
	if l.Staff != nil && now >= l.Staff.Until {
		l.Staff = nil
	}
	if l.Sale == nil && l.Choose != 0 && now >= l.Choose+l.rules.Timing.Empty {
		l.Choose, l.Lang, l.Modes = 0, "", Modes{}
	}
	if s := l.Sale; s != nil {
		if s.Undo.Line != 0 && now >= s.Undo.Until {
			s.Undo = Undo{}
		}
		if s.Strip.Until != 0 && now >= s.Strip.Until {
			s.Strip = Strip{}
		}
		l.tickBagging(now)
		l.tickHold(now)
		l.tickPayment(now)
		l.tickIdle(now)
	}
	if l.Sale != nil && l.Sale.EndAt != 0 && now >= l.Sale.EndAt {
		l.leave()
	}
}
