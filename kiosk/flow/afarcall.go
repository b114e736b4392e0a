package flow

import "kassa/kiosk/bagging"

// This file is about commands that settle a call: what the store takes for
// settled is settled at the lane, or nobody would come.

// revCall: a command that names a call ends that call, or is not done.
const revCall = 3

// Settles is the permit to settle interventions of a kind from afar, as
// [Staff].May holds it beside the deeds.
func Settles(kind InterventionKind) StaffDeed { return "settle " + StaffDeed(kind) }

// answer does a command that settles a call, whole or not at all: if the call
// still waits after it, the deed was about something else, and the lane stands as
// it did.
func (l *lane) answer(ev Commanded) string {
	was, effects := l.clone(), len(l.effects)
	a, ok := findAsk(l.rules, l.Sale, ev.Call)
	why := WhyStale
	if ok {
		why = l.answerAsk(ev, a)
	}
	if now, ok := findAsk(l.rules, l.Sale, ev.Call); why == "" && ok && now.Open {
		why = WhyUnfit
	}
	if why != "" {
		l.State, l.effects = was, l.effects[:effects]
	}
	return why
}

// answerAsk does the deed, and takes a shopper's own call as helped by it.
func (l *lane) answerAsk(ev Commanded, a Ask) string {
	var why string
	switch {
	case l.rules.presence(a.Kind):
		return WhyPresence
	case ev.Deed == DeedSettle || ev.Deed == DeedHelpDone:
		return l.settleAsk(ev)
	case ev.Deed == DeedWaive && a.Kind == NeedBagging:
		why = l.waiveAll(ev)
	default:
		why = l.obeyDeed(ev)
	}
	if kind := kindOf(ev.Deed); why == WhyUnfit && a.Call != 0 && (kind == NeedAge || kind == NeedBagging) && l.Sale.need(kind) == nil {
		why = "" // she asked about what has been settled meanwhile, or never was in question
	}
	if why == "" && a.Call != 0 && l.Sale != nil && l.Sale.call() != nil {
		l.endCall(CallDone, ev.Staff.ID, orHelped(ev.Reason))
	}
	return why
}

// waiveAll lets a line, or all that waits, stay off the bagging scale, and takes
// what lies there as it is: whoever decided so saw what is asked.
func (l *lane) waiveAll(ev Commanded) string {
	if why := l.waive(ev); why != "" {
		return why
	}
	l.do(Check{Input: bagging.Staff{T: l.Now.Mono, OK: true}})
	l.Sale.Unbagged = nil
	l.bagIsFine(ev.Staff.ID, "waived")
	return ""
}
