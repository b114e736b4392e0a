package console

import (
	"net/http"
	"strings"
	"testing"

	"kassa/kiosk/help"
	"kassa/kiosk/staff"
)

// A store that wants somebody at the lane for a kind of call wants them there
// however it is settled.
func TestAnOrderIsNoWayAroundPresence(t *testing.T) {
	policy, here := help.DefaultPolicy(), true
	policy.Rules = map[help.Reason]help.Rule{help.AreaBagging: {Presence: &here}, "article.limit": {Presence: &here}}
	s := openWith(t, policy)
	p := s.signedIn("Bert Roux")
	order := func(deed string) (int, string) {
		return p.tap("do", "lane", "lane", "1", "boot", "b1", "number", "7", "deed", deed)
	}
	s.raise("2-7/n1", "bagging.too-much")
	s.raise("1-7/1", "how")
	if status, body := order("waive"); status != http.StatusNoContent {
		t.Errorf("another lane's call bars an order: %d %s", status, body)
	}
	s.raise("1-7/n1", "bagging.too-much")
	for _, deed := range []string{"waive", "bagging-ok"} {
		if status, body := order(deed); status != http.StatusForbidden || !strings.Contains(body, "badge") {
			t.Errorf("%s: %d %s", deed, status, body)
		}
	}
	if _, body := p.get("/?lane=1"); !barred(body, "waive") || barred(body, "allow") {
		t.Error("the page offers to waive, or bars what nobody asked about")
	}
	if status, body := order("allow"); status != http.StatusNoContent {
		t.Errorf("allow: %d %s", status, body)
	}
	s.raise("1-7/n2", "article.limit")
	if status, _ := order("allow"); status != http.StatusForbidden {
		t.Errorf("allow while a limit is looked at: %d", status)
	}
	if n := len(s.lanes.commands()); n != 2 {
		t.Errorf("%d commands went out", n)
	}
}

// barred reports whether a page has an order's button switched off.
func barred(body, deed string) bool {
	_, rest, _ := strings.Cut(body, `data-do="lane"`)
	for rest != "" {
		var button string
		button, rest, _ = strings.Cut(rest, `data-do="lane"`)
		tag, _, _ := strings.Cut(button, ">")
		if strings.Contains(tag, `data-deed="`+deed+`"`) && !strings.Contains(tag, "data-line") {
			return strings.Contains(tag, "disabled")
		}
	}
	return false
}

func TestTheTableOfWhoSettlesWhatHoldsAtTheConsole(t *testing.T) {
	s := open(t)
	for _, c := range []struct {
		call help.Call
		role staff.Role
		want string
	}{
		{help.Call{ID: "1-7/1", Lane: "1", Reason: "price"}, staff.Attendant, ""}, // she asked what it costs
		{help.Call{ID: "1-7/n1", Lane: "1", Reason: "price"}, staff.Attendant, "console.why.role"},
		{help.Call{ID: "1-7/n1", Lane: "1", Reason: "price"}, staff.Supervisor, ""},
		{help.Call{ID: "1-7/n1", Lane: "1", Reason: "article.limit"}, staff.Attendant, "console.why.role"},
		{help.Call{ID: "1-7/n1", Lane: "1", Reason: "article.unknown"}, staff.Attendant, ""},
		{help.Call{ID: "1-7/n1", Lane: "1", Reason: "article.of-a-newer-lane"}, staff.Attendant, ""},
		{help.Call{ID: "1-7/n1", Lane: "1", Reason: "payment.unsure"}, staff.Attendant, "console.why.role"},
		{help.Call{ID: "1-7/n1", Lane: "1", Reason: "after.refund"}, staff.Attendant, "console.why.role"},
		{help.Call{ID: "1-7/n1", Lane: "1", Reason: "bagging.wrong"}, staff.Service, "console.why.role"},
		{help.Call{ID: "1-7/n1", Lane: "1", Reason: "device"}, staff.Service, ""},
		{help.Call{ID: "hub:lane:1", Lane: "1", Reason: "lane"}, staff.Service, ""},
		{help.Call{ID: "1-7/n1", Lane: "1", Reason: "bagging", Presence: true}, staff.Manager, "console.why.presence"},
	} {
		if why := s.console.maySettle(c.role, c.call, "help-done"); why != c.want {
			t.Errorf("%s, call %s about %s: %q, want %q", c.role, c.call.ID, c.call.Reason, why, c.want)
		}
	}
}
