package web

import (
	"context"
	"slices"

	"kassa/kiosk/flow"
	"kassa/kiosk/help/talk"
)

// actAnswer is a touch that never reaches the lane's rules: what she answers a
// colleague is the talk's matter, and on no sale's record.
const actAnswer flow.Act = "answer"

// A Talk is what shopper and colleague say to each other while a call is open.
type Talk interface {
	// View is what was said in the open call, and what she can answer.
	View() talk.View
	// Watch tells of each change until ctx ends.
	Watch(ctx context.Context) <-chan struct{}
	// Answer says a phrase of the book. What cannot be said now is [ErrUnfit].
	Answer(ctx context.Context, phrase string) error
}

// How much of a talk stands on the page by itself: the rest is behind a touch.
const (
	saidShown    = 2
	answersShown = 3
)

// chat is a talk as the page shows it.
type chat struct {
	Call    string
	Before  []saying // behind a touch
	Said    []saying
	Answers []string
	More    []string // behind a touch
}

// saying is one of its lines.
type saying struct {
	ID      string
	Who     string // "" is written as a colleague
	Mine    bool
	Text    string
	Lang    string // of free words; "": the page's
	Free    bool   // as it was written, in whatever direction
	Waiting bool
}

// chat is what was said in the open call, in her language; nil: no call is open,
// or this screen has no place for it.
func (s *site) chat(p *page) *chat {
	switch {
	case s.Talk == nil || p.V.Sale == nil && p.V.Pay == nil:
		return nil
	case !slices.Contains([]flow.Screen{flow.ScreenBasket, flow.ScreenCheck, flow.ScreenUnsure, flow.ScreenTender}, p.V.Screen):
		return nil
	}
	v := s.Talk.View()
	if v.Call == "" {
		return nil
	}
	c := &chat{Call: v.Call}
	for _, said := range v.Said {
		c.Said = append(c.Said, p.saying(said))
	}
	cut := max(0, len(c.Said)-saidShown)
	c.Before, c.Said = c.Said[:cut], c.Said[cut:]
	shown := min(answersShown, len(v.Offer))
	c.Answers, c.More = v.Offer[:shown], v.Offer[shown:]
	return c
}

// saying is a line in her words: a phrase in the language of the page whatever
// was tapped in, free words as they were written.
func (p *page) saying(s talk.Saying) saying {
	l := saying{ID: s.ID, Who: s.Name, Mine: s.From == talk.FromShopper, Waiting: s.N == 0}
	if talk.Known(s.From, s.Phrase) {
		l.Text = p.T(s.Phrase)
		return l
	}
	l.Text, l.Lang, l.Free = s.Text, s.Lang, true
	return l
}

// said is a line with the page it stands on.
type said struct {
	P *page
	L saying
}

// SaidLine is a line for its template.
func (p *page) SaidLine(l saying) said { return said{p, l} }

// newest is the number of the last thing a colleague said.
func newest(v talk.View) int {
	for _, s := range slices.Backward(v.Said) {
		if s.From == talk.FromAgent {
			return s.N
		}
	}
	return 0
}

// watchTalk tells of changes; nil, which tells nothing, where there is no talk.
func (s *site) watchTalk(ctx context.Context) <-chan struct{} {
	if s.Talk == nil {
		return nil
	}
	return s.Talk.Watch(ctx)
}

// talked shows what was said, with a soft sound when it was a colleague.
func (st *stream) talked(ctx context.Context) error {
	v := st.site.Talk.View()
	call, n := st.heardIn, st.heard
	st.heardIn, st.heard = v.Call, newest(v)
	if err := st.show(ctx, st.site.Now()); err != nil {
		return err
	}
	if st.heardIn == call && st.heard > n || st.heardIn != call && st.heard > 0 {
		return st.event("sound", string(flow.SoundLook))
	}
	return nil
}
