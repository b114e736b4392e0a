package console

import (
	"context"
	"errors"
	"time"

	"kassa/store/wire"
)

// storyTalker takes nothing.
type storyTalker struct{}

// Say says nothing.
func (storyTalker) Say(context.Context, wire.Talk) error { return errors.New("a story") }

// storyTalk is a talk of two languages.
func storyTalk(call string) []wire.Talk {
	at := storyNow().Add(-time.Minute)
	return []wire.Talk{
		{Call: call, ID: "1", N: 1, From: "agent", By: "Amina", Phrase: "talk.ask-what", At: at},
		{Call: call, ID: "2", N: 2, From: "shopper", Phrase: "talk.a-price", At: at},
		{Call: call, ID: "3", N: 3, From: "agent", By: "Amina", Text: "سعر الحليب <b>1.19 €</b> هذا الأسبوع.", Lang: "ar", At: at},
	}
}
