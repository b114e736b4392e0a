package console

import (
	"errors"
	"slices"
	"strings"

	"kassa/kiosk/help"
	"kassa/kiosk/help/talk"
	"kassa/kiosk/staff"
	"kassa/store/hub/desk"
)

// A way is one of the reasons a call can be settled with, and what the lane does
// then. Reason goes into the contact and must not change.
type way struct {
	Reason string
	Deed   string
}

// ways are the six that fit an area, most likely first.
func ways(area help.Reason) []way {
	switch area {
	case help.AreaBagging:
		return []way{{"looked", "bagging-ok"}, {"own-bag", "bagging-ok"}, {"put-right", "bagging-wrong"}, {"no-weight", "waive"}, {"scale", "settle"}, {"explained", "settle"}}
	case help.AreaAge:
		return []way{{"document", "age-ok"}, {"adult", "age-ok"}, {"known", "age-ok"}, {"refused", "age-refuse"}, {"no-document", "age-refuse"}, {"other", "age-refuse"}}
	case help.AreaPayment:
		return []way{{"slip", "payment-paid"}, {"journal", "payment-paid"}, {"not-paid", "payment-not-paid"}, {"declined", "payment-not-paid"}, {"explained", "help-done"}, {"other", "help-done"}}
	case help.AreaPrice, help.AreaArticle:
		return []way{{"checked", "settle"}, {"label", "settle"}, {"entered", "settle"}, {"replaced", "settle"}, {"explained", "help-done"}, {"other", "help-done"}}
	case help.AreaDevice:
		return []way{{"refilled", "help-done"}, {"cleaned", "help-done"}, {"restarted", "help-done"}, {"service", "help-done"}, {"looked", "settle"}, {"other", "help-done"}}
	case help.AreaLaneLost:
		return []way{{"restarted", "help-done"}, {"cable", "help-done"}, {"service", "help-done"}, {"looked", "help-done"}, {"moved", "help-done"}, {"other", "help-done"}}
	case help.AreaBuy:
		return []way{{"shown", "help-done"}, {"fetched", "help-done"}, {"ordered", "help-done"}, {"explained", "help-done"}, {"handed-on", "help-done"}, {"other", "help-done"}}
	case help.AreaAfter:
		return []way{{"explained", "help-done"}, {"refund", "help-done"}, {"replaced", "help-done"}, {"receipt", "help-done"}, {"handed-on", "help-done"}, {"other", "help-done"}}
	case help.AreaSafety:
		return []way{{"safe", "help-done"}, {"cleaned", "help-done"}, {"first-aid", "help-done"}, {"handed-on", "help-done"}, {"nothing", "help-done"}, {"other", "help-done"}}
	default:
		return []way{{"explained", "help-done"}, {"shown", "help-done"}, {"fetched", "help-done"}, {"checked", "settle"}, {"nothing", "help-done"}, {"other", "help-done"}}
	}
}

// waysOf are the ways of a call, the one last used for its area first.
func waysOf(area help.Reason, last string) []way {
	all := ways(area)
	if i := slices.IndexFunc(all, func(w way) bool { return w.Reason == last }); i > 0 {
		w := all[i]
		all = slices.Insert(slices.Delete(all, i, i+1), 0, w)
	}
	return all
}

// releases reports whether a deed lets the shopper go on with something: it is
// then done at once and cannot be undone.
func releases(deed string) bool { return deed != "help-done" }

// kin says whose permission a deed needs that the lane's staff page does not
// have under this name.
func kin(deed string) string {
	switch deed {
	case "quantity":
		return "void-line"
	case "waive":
		return "bagging-ok"
	case "lock", "unlock":
		return "close-lane"
	case "message":
		return "help-done"
	default:
		return deed
	}
}

// may says why somebody with this role may not do a deed from here, "" if they
// may: a message id.
func (c *Console) may(role staff.Role, deed string) string {
	if slices.Contains(c.o.AtLane, deed) {
		return "console.why.presence"
	}
	if ok, _ := staff.May(role, kin(deed)); !ok {
		return "console.why.role"
	}
	return ""
}

// maySettle says why somebody may not settle a call with a deed from here, "" if
// they may: a message id.
func (c *Console) maySettle(role staff.Role, call help.Call, deed string) string {
	if call.Presence {
		return "console.why.presence"
	}
	kind := kindOf(call)
	if known, _ := staff.MaySettle(staff.Manager, kind); known {
		if ok, _ := staff.MaySettle(role, kind); !ok {
			return "console.why.role"
		}
	}
	return c.may(role, deed)
}

// kindOf is the kind of a lane's intervention that a call is about, as the table
// of who may settle what names it; "" for a call of the house. A lane of a later
// version may have kinds that the table does not.
func kindOf(call help.Call) string {
	_, n, _ := strings.Cut(call.ID, "/")
	if !strings.HasPrefix(call.ID, call.Lane+"-") {
		return ""
	}
	if !strings.HasPrefix(n, "n") {
		return "help" // the shopper called
	}
	switch area := call.Reason.Area(); area {
	case help.AreaAge, help.AreaBagging, help.AreaPrice, help.AreaPayment, help.AreaDevice:
		return string(area)
	case help.AreaArticle, help.AreaAfter, help.AreaHelp:
		_, kind, _ := strings.Cut(string(call.Reason), ".")
		return kind
	default:
		return ""
	}
}

// areas are what an order is about, if a call could be about the same.
func areas(deed string) []help.Reason {
	switch deed {
	case "waive", "bagging-ok":
		return []help.Reason{help.AreaBagging}
	case "age-ok":
		return []help.Reason{help.AreaAge}
	case "allow", "quantity":
		return []help.Reason{help.AreaArticle}
	case "price":
		return []help.Reason{help.AreaPrice, help.AreaArticle}
	default:
		return nil
	}
}

// awaited reports whether an order would settle behind the back of whoever must go
// to the lane: a call there is about the same, and wants somebody present.
func awaited(calls []desk.Waiting, lane, deed string) bool {
	return slices.ContainsFunc(calls, func(w desk.Waiting) bool {
		return w.Lane == lane && w.Presence && slices.Contains(areas(deed), w.Reason.Area())
	})
}

// sentence says in words what a deed met: a message id.
func sentence(err error) string {
	refused, isRefused := errors.AsType[desk.RefusedError](err)
	switch {
	case errors.Is(err, talk.ErrText):
		return "console.why.words"
	case errors.Is(err, talk.ErrTooMuch):
		return "console.why.much"
	case errors.Is(err, help.ErrTaken):
		return "console.why.taken"
	case errors.Is(err, help.ErrStale):
		return "console.why.stale"
	case errors.Is(err, help.ErrGone):
		return "console.why.gone"
	case errors.Is(err, help.ErrPresence):
		return "console.why.presence"
	case errors.Is(err, help.ErrTooLate):
		return "console.why.late"
	case errors.Is(err, errReplay):
		return "console.why.again"
	case errors.Is(err, desk.ErrAway):
		return "console.why.away"
	case isRefused:
		return refusal(string(refused))
	default:
		return "console.why.other"
	}
}

// refusal says in words why a lane did not do something: a message id.
func refusal(why string) string {
	switch why {
	case "stale":
		return "console.why.stale"
	case "expired":
		return "console.why.away"
	case "not-permitted":
		return "console.why.role"
	case "presence":
		return "console.why.presence"
	default:
		return "console.why.unfit"
	}
}

// phrases are what can be said to a shopper: message ids that the lane has in
// her language.
func phrases() []string {
	return []string{"talk.coming", "talk.moment", "talk.scan-again", "talk.put-down", "talk.other-lane", "talk.thanks"}
}
