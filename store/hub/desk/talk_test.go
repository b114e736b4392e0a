package desk

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kassa/kiosk/help"
	"kassa/kiosk/help/talk"
	"kassa/store/wire"
)

// ear is a lane that notes what it is told.
type ear struct {
	mu    sync.Mutex
	heard []wire.Talk
}

func (e *ear) talk(_ string, t wire.Talk) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, t)
}

func (e *ear) take() []wire.Talk {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.heard
	e.heard = nil
	return all
}

// talking is a desk with a call of lane 1 and an ear there.
func talking(t *testing.T, dir string) (*bench, *ear) {
	t.Helper()
	b, e := start(t, dir), &ear{}
	must(t, b.do(t.Context(), func(context.Context) { b.o.Talk = e.talk }))
	b.raise(t, "1-7/1")
	return b, e
}

func phrase(id, phrase string) wire.Talk {
	return wire.Talk{Call: "1-7/1", ID: id, By: "amina", Phrase: phrase}
}

func (b *bench) waiting(t *testing.T, id string) Waiting {
	t.Helper()
	shots, leave, err := b.Watch(t.Context())
	must(t, err)
	defer leave()
	s := <-shots
	i := slices.IndexFunc(s.Calls, func(w Waiting) bool { return w.ID == id })
	if i < 0 {
		t.Fatalf("%s is not open", id)
	}
	return s.Calls[i]
}

func TestTalkHasOneOrderAndIsSaidOnce(t *testing.T) {
	dir := t.TempDir()
	b, e := talking(t, dir)
	must(t, b.Say(t.Context(), phrase("a", "talk.hello")))
	must(t, b.Say(t.Context(), phrase("a", "talk.hello"))) // a tap that was sent twice
	must(t, b.Say(t.Context(), wire.Talk{Call: "1-7/1", ID: "b", By: "amina", Text: " <b>Gleich</b>\n da ", Lang: "de"}))
	must(t, b.Answered(t.Context(), "1", wire.Talk{Call: "1-7/1", ID: "c", Phrase: "talk.a-yes", Text: "not hers to write", By: "x"}))
	heard := e.take()
	if len(heard) != 4 || heard[0].N != 1 || heard[0].Name != "AMINA" || heard[0].By != "" || heard[1].N != 1 || heard[3].N != 3 || heard[3].From != talk.FromShopper {
		t.Fatalf("the lane hears %+v", heard)
	}
	b.stop()
	b, e = talking(t, dir)
	w := b.waiting(t, "1-7/1")
	if len(w.Talk) != 3 || w.Talk[1].Text != "<b>Gleich</b> da" || w.Talk[1].Lang != "de" || w.Talk[2].Text != "" || w.Talk[0].By != "amina" || w.Channel != help.ChannelChat {
		t.Errorf("after the restart, by %q: %+v", w.Channel, w.Talk)
	}
	must(t, b.Answered(t.Context(), "1", wire.Talk{Call: "1-7/1", ID: "c", Phrase: "talk.a-yes"})) // it had not heard the answer
	must(t, b.Retell(t.Context(), "1", map[string]int{"1-7/1": 1}))
	must(t, b.Retell(t.Context(), "2", map[string]int{"1-7/1": 0})) // another lane's
	must(t, b.Retell(t.Context(), "1", map[string]int{"1-7/1": 9, "x": -4}))
	var ns []int
	for _, h := range e.take() {
		ns = append(ns, h.N)
	}
	if !slices.Equal(ns, []int{3, 2, 3}) {
		t.Errorf("told again: %v", ns)
	}
}

func TestWhoMayTalk(t *testing.T) {
	b, e := talking(t, t.TempDir())
	_, err := b.Do(t.Context(), help.Deed{Call: "1-7/1", Version: 1, Verb: help.DoClaim, By: "bert"})
	must(t, err)
	long := make([]byte, talk.MaxText+1)
	for i := range long {
		long[i] = 'x'
	}
	for name, c := range map[string]struct {
		say  func() error
		want error
	}{
		"another's call": {func() error { return b.Say(t.Context(), phrase("a", "talk.hello")) }, help.ErrTaken},
		"no call":        {func() error { return b.Say(t.Context(), wire.Talk{Call: "x", ID: "a", Phrase: "talk.hello"}) }, help.ErrGone},
		"a shopper's phrase": {func() error {
			return b.Say(t.Context(), wire.Talk{Call: "1-7/1", ID: "a", By: "bert", Phrase: "talk.a-yes"})
		}, talk.ErrPhrase},
		"nothing": {func() error { return b.Say(t.Context(), wire.Talk{Call: "1-7/1", ID: "a", By: "bert", Text: " \n"}) }, talk.ErrText},
		"too much": {func() error {
			return b.Say(t.Context(), wire.Talk{Call: "1-7/1", ID: "a", By: "bert", Text: string(long)})
		}, talk.ErrText},
		"no id":                {func() error { return b.Say(t.Context(), wire.Talk{Call: "1-7/1", By: "bert", Text: "hi"}) }, talk.ErrText},
		"a shopper's own text": {func() error { return b.Answered(t.Context(), "1", wire.Talk{Call: "1-7/1", ID: "a", Text: "hi"}) }, talk.ErrPhrase},
	} {
		if err := c.say(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := b.Answered(t.Context(), "2", wire.Talk{Call: "1-7/1", ID: "a", Phrase: "talk.a-yes"}); err == nil {
		t.Error("lane 2 spoke in lane 1's call")
	}
	if heard := e.take(); len(heard) != 0 {
		t.Errorf("heard %+v", heard)
	}
}

func TestTalkIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := talking(t, t.TempDir())
		said := 0
		for i := range 1000 {
			err := b.Say(t.Context(), phrase(strconv.Itoa(i), "talk.moment"))
			if err == nil {
				said++
			} else if !errors.Is(err, ErrTooMuch) {
				t.Fatal(err)
			}
			if i == 15 && said != burst {
				t.Errorf("%d at once", said)
			}
			time.Sleep(time.Second)
			if i == 100 { // the shopper is heard all the same
				must(t, b.Answered(t.Context(), "1", wire.Talk{Call: "1-7/1", ID: "s", Phrase: "talk.a-thanks"}))
			}
		}
		if n := len(b.waiting(t, "1-7/1").Talk); n != talk.MaxSayings {
			t.Errorf("%d said in all", n)
		}
		b.stop()
	})
}

// What was said at one lane is known at the next, for a member who agreed and in
// the same sale; nobody else's is.
func TestTalkGoesAlong(t *testing.T) {
	b, _ := talking(t, t.TempDir())
	call := func(lane, id, member string, number int64) {
		t.Helper()
		_, err := b.Heard(t.Context(), lane, wire.CallUp{
			ID: id, Verb: wire.CallRaise, Reason: "help", Language: "ar", RaisedAt: time.Now(), Context: wire.Context{Number: number, Member: member},
		})
		must(t, err)
	}
	call("1", "1-8/1", "m1", 8)
	must(t, b.Say(t.Context(), wire.Talk{Call: "1-8/1", ID: "a", By: "amina", Text: "I look for a small one"}))
	call("1", "1-8/2", "", 8)
	call("2", "2-3/1", "m1", 3)
	call("2", "2-4/1", "", 4)
	call("1", "1-9/1", "m2", 9)
	for id, want := range map[string]int{"1-8/2": 1, "2-3/1": 1, "2-4/1": 0, "1-9/1": 0, "1-8/1": 0} {
		if got := b.waiting(t, id).Earlier; len(got) != want {
			t.Errorf("%s: before it was said %+v", id, got)
		}
	}
	call("2", "2-4/1", "m1", 4) // her card is scanned only now
	if got := b.waiting(t, "2-4/1").Earlier; len(got) != 1 || got[0].Text != "I look for a small one" {
		t.Errorf("after her card: %+v", got)
	}
	n, err := EraseTalk(t.Context(), b.book.db.Writer(), "m1")
	if err != nil || n != 1 {
		t.Errorf("erased %d, %v", n, err)
	}
	var left int
	must(t, b.book.db.Reader().QueryRow(`SELECT count(*) FROM talk WHERE text <> '' OR member <> ''`).Scan(&left))
	if left != 0 {
		t.Errorf("%d rows still have her words", left)
	}
}
