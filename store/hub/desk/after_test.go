package desk

import (
	"strings"
	"testing"
	"time"

	"kassa/kiosk/help"
	"kassa/store/wire"
)

const page = "hub:receipt:0421-1-000007/1"

func fromPage(member string) wire.CallUp {
	return wire.CallUp{
		ID: page, Reason: "after.price", Language: "fr", RaisedAt: time.Now(),
		Context: wire.Context{Number: 7, Note: "Le prix n'est pas bon", Member: member, Items: []wire.Item{{N: 2, Code: "4011"}}},
	}
}

// A contact from the receipt's page comes into the queue, is settled from afar,
// answered and rated, also after a new start; the call in the lane before it
// counts as one that came back.
func TestAfterSale(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir)
	before := wire.CallUp{ID: "1-000007/1", Verb: wire.CallEnd, Reason: "price", Language: "fr", RaisedAt: time.Now(), Context: wire.Context{Number: 7}}
	if _, err := b.Heard(t.Context(), "1", before); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a touch too many says nothing new
		if err := b.AfterSale(t.Context(), "1", fromPage("")); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Say(t.Context(), wire.Talk{Call: page, ID: "s1", By: "a1", Text: "Vous aviez raison."}); err != nil {
		t.Fatal(err)
	}
	b.stop()
	b = start(t, dir)
	s, ok, err := b.Story(t.Context(), page)
	if err != nil || !ok || s.Call.Priority != help.House || s.Call.Channel != help.ChannelReceipt || s.Call.Before != 1 ||
		s.Note == "" || len(s.Talk) != 1 {
		t.Fatalf("%+v, %t, %v", s, ok, err)
	}
	if _, err := b.Settle(t.Context(), Settlement{Call: page, Version: s.Call.Version, By: "a1", Role: "attendant", Reason: "refund", Deed: "help-done"}); err != nil {
		t.Fatal(err)
	}
	yes := true
	if err := b.Rate(t.Context(), page, 3, &yes); err != nil {
		t.Fatal(err)
	}
	if err := b.Rate(t.Context(), page, 4, nil); err == nil {
		t.Error("a rating of 4 is kept")
	}
	s, _, err = b.Story(t.Context(), page)
	if err != nil || s.Call.State != help.Settled || s.Call.Outcome != "refund" || s.Rating != 3 || s.Solved == nil || !*s.Solved {
		t.Errorf("settled: %+v, %v", s, err)
	}
	var returned int
	var article string
	row := b.book.db.Reader().QueryRow(`SELECT sum(came_back), max(article) FROM report_calls`)
	if err := row.Scan(&returned, &article); err != nil || returned != 1 || article != "4011" {
		t.Errorf("%d of two calls came back, about %q, %v", returned, article, err)
	}
	if _, ok, err := b.Story(t.Context(), "hub:receipt:other/1"); ok || err != nil {
		t.Errorf("a call nobody made: %t, %v", ok, err)
	}
	b.stop()
}

// What is kept under a member's handle can be shown to the member, and taken out.
func TestMemberIsShownAndErased(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir)
	if err := b.AfterSale(t.Context(), "1", fromPage("m-handle")); err != nil {
		t.Fatal(err)
	}
	if err := b.Say(t.Context(), wire.Talk{Call: page, ID: "s1", By: "a1", Text: "Bonjour"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Settle(t.Context(), Settlement{Call: page, Version: 1, By: "a1", Role: "attendant", Reason: "explained", Deed: "help-done"}); err != nil {
		t.Fatal(err)
	}
	kept := func() (Known, string) {
		r, err := OpenReader(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		k, err := r.Member(t.Context(), "m-handle")
		if err != nil {
			t.Fatal(err)
		}
		var about string
		if err := r.DB().QueryRow(`SELECT context FROM call WHERE id = ?`, page).Scan(&about); err != nil {
			t.Fatal(err)
		}
		return k, about
	}
	if k, _ := kept(); len(k.Contacts) != 1 || len(k.Talk) != 1 || k.Contacts[0].Outcome != "explained" {
		t.Errorf("kept: %+v", k)
	}
	if err := Erase(t.Context(), dir, "m-handle"); err != nil { // the hub runs on
		t.Fatal(err)
	}
	k, about := kept()
	if len(k.Contacts)+len(k.Talk) != 0 {
		t.Errorf("after the erasure: %+v", k)
	}
	for _, trace := range []string{"m-handle", "Le prix"} {
		if strings.Contains(about, trace) {
			t.Errorf("the call still says %q: %s", trace, about)
		}
	}
	b.stop()
}
