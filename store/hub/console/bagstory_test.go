package console

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"kassa/store/wire"
)

// TestTellWhatItWas: a bagging call shows what may have happened with its odds,
// one tap says which it was, and the lane hears it with the change it is about;
// what was never told of the call cannot be said.
func TestTellWhatItWas(t *testing.T) {
	s := open(t)
	p := s.signedIn("Amina Saleh")
	const id = "2-7/1"
	_, err := s.desk.Heard(t.Context(), "2", wire.CallUp{
		ID: id, Verb: wire.CallRaise, Boot: "b1", Reason: "bagging.too-much", Language: "ar", RaisedAt: s.clock.now(),
		Context: wire.Context{
			Number: 7, ExpectedG: 812, SeenG: 1040, Items: []wire.Item{{N: 1, Name: "<b>Milk</b>", Code: "04006381333931", Qty: 1}},
			Stories: []wire.Story{
				{Kind: "double", Codes: []string{"04006381333931"}, Mille: 620, Teach: "3-double"},
				{Kind: "of-a-newer-lane", Mille: 300, Teach: "3-of-a-newer-lane"},
				{Kind: "own-bag", Mille: 20, Teach: "3-own-bag"},
			},
		},
	})
	s.must(err)
	s.fleet.Heard(t.Context(), "2", wire.LaneState{Boot: "b1", Mode: "open", Screen: "check", Number: 7, Calls: []string{id}})
	_, body := p.get("/?call=" + id)
	for _, want := range []string{
		`data-value="3-double"`, "Two items, scanned once", "about 6 in 10", "&lt;b&gt;Milk&lt;/b&gt;", `data-value="3-own-bag"`, "less than 1 in 10",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not on the card", want)
		}
	}
	if strings.Contains(body, "newer-lane") {
		t.Error("a story without words is shown")
	}
	call, _ := s.call(id)
	tell := func(reason, value string) int {
		status, _ := p.tap("do", "settle", "call", id, "version", strconv.Itoa(call.Version), "reason", reason, "deed", "bagging-story", "value", value, "boot", "b1")
		return status
	}
	if status := tell("story", "4-double"); status != http.StatusBadRequest {
		t.Errorf("a story of another change: %d", status)
	}
	if status := tell("looked", "3-double"); status != http.StatusBadRequest {
		t.Errorf("a reason of something else: %d", status)
	}
	if status := tell("story", "3-double"); status != http.StatusNoContent {
		t.Errorf("what was on the card: %d", status)
	}
	all := s.lanes.commands()
	if len(all) != 1 || all[0].Deed != "bagging-story" || all[0].Value != "3-double" || all[0].Reason != "story" || all[0].Call != id {
		t.Errorf("the lane hears %+v", all)
	}
}
