package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/help"
	"kassa/kiosk/help/talk"
	"kassa/kiosk/staff"
	"kassa/store/wire"
)

// said waits until the lane shows so many confirmed sayings, and returns them.
func (k *linkedLane) said(n int) (all []talk.Saying) {
	k.t.Helper()
	eventually(k.t, fmt.Sprintf("%d sayings at the lane", n), func() bool {
		all = k.l.hub.talk.View().Said
		return len(all) == n && (n == 0 || all[n-1].N == n)
	})
	for i, s := range all {
		if s.N != i+1 {
			k.t.Fatalf("place %d has %+v", i+1, s)
		}
	}
	return all
}

// TestTalkOverEveryRestart has shopper and agent talk while the hub, the lane and
// both start anew: each word arrives once and in order, and the next shopper
// reads none of it.
func TestTalkOverEveryRestart(t *testing.T) {
	t.Parallel()
	s := newStoreHub(t)
	amina, err := s.h.Roster().Add(t.Context(), "Amina Saleh", staff.Supervisor, "11111111", "295817")
	if err != nil {
		t.Fatal(err)
	}
	k := enrolled(t, s)
	const id = "1-000001/1"
	k.touch(flow.ActStart, "")
	k.touch(flow.ActHelp, "")
	k.touch(flow.ActArticle, "scan")
	k.touch(flow.ActCall, "")
	c := s.call(id)
	if _, err := s.h.Desk().Do(t.Context(), help.Deed{Call: id, Version: c.Version, Verb: help.DoClaim, By: amina.ID}); err != nil {
		t.Fatal(err)
	}
	said := 0
	agent := func(tapped, text string) {
		t.Helper()
		said++
		w := wire.Talk{Call: id, ID: fmt.Sprint("a", said), By: amina.ID, Phrase: tapped, Text: text, Lang: "de"}
		for range 2 { // the tap is sent twice
			if err := s.h.Desk().Say(t.Context(), w); err != nil {
				t.Fatal(err)
			}
		}
	}
	agent("talk.ask-what", "")
	if got := k.said(1)[0]; got.From != talk.FromAgent || got.Phrase != "talk.ask-what" {
		t.Errorf("she reads %+v", got)
	}
	answer := func(phrase string) {
		t.Helper()
		said++
		eventually(t, "her call is known", func() bool { return k.l.hub.talk.View().Call == id })
		if err := k.l.hub.talk.Answer(t.Context(), phrase); err != nil {
			t.Fatal(err)
		}
	}
	answer("talk.a-price")
	k.said(2)
	k.restart()
	k.said(2) // the lane is told again
	s.restart()
	agent("", "<i>Ich</i> schaue nach")
	if got := k.said(3)[2]; got.Text != "<i>Ich</i> schaue nach" || got.Lang != "de" {
		t.Errorf("she reads %+v", got)
	}
	s.stop()
	answer("talk.a-thanks") // while the hub is away
	if v := k.l.hub.talk.View(); len(v.Said) != 4 || v.Said[3].N != 0 {
		t.Errorf("not marked as being sent: %+v", v.Said)
	}
	s.start()
	k.said(4)
	agent("talk.ask-works", "")
	k.restart()
	s.restart()
	k.said(5)
	if first := k.l.hub.talk.View().Offer[0]; first != "talk.a-works" {
		t.Errorf("the first answer is %s", first)
	}
	if c := s.call(id); c.Channel != help.ChannelChat {
		t.Errorf("channel %q", c.Channel)
	}
	k.touch(flow.ActCancelCall, "")
	eventually(t, "the next shopper reads nothing", func() bool { return k.l.hub.talk.View().Call == "" })
	journalHasNo(t, k, "schaue nach", "talk.a-thanks")
}

// journalHasNo sees that none of these words is on the lane's record.
func journalHasNo(t *testing.T, k *linkedLane, words ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for _, w := range words {
		var n int
		row := k.l.journal.DB().QueryRowContext(ctx, `SELECT count(*) FROM record WHERE event LIKE ?1 OR facts LIKE ?1`, "%"+w+"%")
		if err := row.Scan(&n); err != nil || n != 0 {
			t.Errorf("%q stands %d times in the journal, %v", w, n, err)
		}
	}
}
