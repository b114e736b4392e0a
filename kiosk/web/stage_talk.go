package web

import (
	"context"
	"encoding/json"
	"strconv"

	"kassa/kiosk/help/talk"
)

// talked is a story in which something is said.
func talked(st story, t Talk) story {
	st.talk = t
	return st
}

// storyTalk is so many sayings of a made-up talk, the newest first to be seen.
type storyTalk int

// View is the talk as it stands.
func (n storyTalk) View() talk.View {
	all := []talk.Saying{
		{From: talk.FromAgent, Name: "Amina", Phrase: "talk.hello"},
		{From: talk.FromAgent, Name: "Amina", Phrase: "talk.ask-what"},
		{From: talk.FromShopper, Phrase: "talk.a-price"},
		{From: talk.FromAgent, Name: "Amina", Phrase: "talk.moment"},
		{From: talk.FromAgent, Name: "Amina", Text: "حليب <b>1 l</b> à 1,19 € cette semaine, jusqu'à samedi. Je corrige.", Lang: "fr"},
		{From: talk.FromShopper, Phrase: "talk.a-thanks"},
	}
	v := talk.View{Call: "1-000123/1", Said: all[:n], Offer: talk.Offer("")}
	for i := range v.Said {
		v.Said[i].ID, v.Said[i].N = strconv.Itoa(i), i+1
	}
	if n == 6 {
		v.Said[5].N = 0
	}
	return v
}

// Watch tells of nothing.
func (storyTalk) Watch(context.Context) <-chan struct{} { return nil }

// Answer takes nothing.
func (storyTalk) Answer(context.Context, string) error { return ErrUnfit }

// calling is a story in which a call is asked for, or on.
func calling(st story, m talk.Media) story {
	m.Session = "story"
	st.call = storyCall(m)
	return st
}

// storyCall is a made-up call.
type storyCall talk.Media

// View is the call as it stands.
func (c storyCall) View() talk.Media { return talk.Media(c) }

// Watch tells of nothing.
func (storyCall) Watch(context.Context) <-chan struct{} { return nil }

// Signals sends nothing.
func (storyCall) Signals(context.Context) <-chan json.RawMessage { return nil }

// Way leads nowhere.
func (storyCall) Way() any { return struct{}{} }

// Take takes nothing.
func (storyCall) Take([]byte) error { return ErrUnfit }
