package console

import (
	"context"
	"net/http"

	"kassa/kiosk/help/talk"
	"kassa/store/wire"
)

// A Talker carries what an agent says to a shopper. It is on the disk when Say
// returns, and the same id twice is said once.
type Talker interface {
	Say(ctx context.Context, t wire.Talk) error
}

// chat is what shopper and agents said, as one agent reads it.
type chat struct {
	base
	Call    string
	Reads   string // the shopper's language, by its own name
	Said    []saying
	Earlier []saying
	May     bool // it is this person's to write in
	Groups  []talk.Group
}

// saying is one line of it: a phrase in the agent's own language, free words as
// they were written.
type saying struct {
	ID   string
	Who  string // "": the shopper
	Text string
	Lang string
	Free bool
	At   string
}

// chat is the talk of an open call; nil where nobody can talk.
func (c *Console) chat(ctx context.Context, b base, k *card, said, earlier []wire.Talk) *chat {
	if c.o.Talk == nil || k == nil {
		return nil
	}
	name := c.names(ctx)
	read := func(all []wire.Talk) (lines []saying) {
		for _, t := range all {
			l := saying{ID: t.Call + "-" + t.ID, Text: t.Text, Lang: t.Lang, Free: true, At: b.W.Time(t.At.In(c.o.Zone))}
			if t.From == talk.FromAgent {
				l.Who = name(t.By)
			}
			if talk.Known(t.From, t.Phrase) {
				l.Text, l.Lang, l.Free = b.T(t.Phrase), "", false
			}
			lines = append(lines, l)
		}
		return lines
	}
	return &chat{
		base: b, Call: k.ID, Reads: b.LanguageName(k.Language), Said: read(said), Earlier: read(earlier), May: k.Mine && k.Held == nil, Groups: talk.Agent(),
	}
}

// said is a line with the page it stands on.
type said struct {
	P base
	L saying
}

// SaidLine is a line for its template.
func (c *chat) SaidLine(l saying) said { return said{c.base, l} }

// say says something to the shopper of a call. Its id is the tap's number, so
// that a tap sent twice is said once.
func (c *Console) say(r *http.Request, p *person, t tap) error {
	if c.o.Talk == nil || t.Call == "" || t.Nonce == "" {
		return errForm
	}
	call, _, ok, err := c.call(r.Context(), t.Call)
	if err != nil {
		return err
	}
	said := wire.Talk{Call: t.Call, ID: t.Nonce, By: p.ID, Phrase: t.Value}
	switch {
	case t.Value == "":
		said.Text, said.Lang = t.Text, c.look(r).Lang
	case !talk.Known(talk.FromAgent, t.Value):
		return errForm
	case ok && c.o.Words.Has(call.Language): // for a lane whose book is older
		said.Text, said.Lang = c.o.Words.In(call.Language).T(t.Value), call.Language
	}
	return c.o.Talk.Say(r.Context(), said)
}
