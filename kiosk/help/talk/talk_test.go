package talk

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEachPhraseOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range slices.Concat(Agent(), Shopper()) {
		for _, id := range append(g.Phrases, g.ID) {
			if seen[id] || !strings.HasPrefix(id, "talk.") {
				t.Errorf("%s stands twice, or is no phrase", id)
			}
			seen[id] = true
		}
	}
	for _, g := range Agent() {
		for _, id := range g.Phrases {
			if !Known(FromAgent, id) || Known(FromShopper, id) {
				t.Errorf("%s: whose is it?", id)
			}
			offer := Offer(id)
			if len(offer) != 13 || len(slices.Compact(slices.Sorted(slices.Values(offer)))) != 13 {
				t.Errorf("after %s she can say %q", id, offer)
			}
		}
	}
	if got := Offer("talk.ask-works")[0]; got != "talk.a-works" {
		t.Errorf("first answer %s", got)
	}
}

// Whatever is lost, doubled or mixed up on the way, the lane shows all of it once
// and in the desk's order.
func TestEveryOrderEndsTheSame(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		var lane Threads
		lane.Open([]string{"1-1/1"})
		const all = 30
		for lane.Have()["1-1/1"] < all {
			n := 1 + r.IntN(all)
			if r.IntN(3) == 0 { // the desk says again what is missing
				n = lane.Have()["1-1/1"] + 1
			}
			lane.Heard("1-1/1", Saying{ID: strconv.Itoa(n), N: n, From: FromAgent})
			if r.IntN(20) == 0 { // the lane starts anew
				lane = Threads{}
				lane.Open([]string{"1-1/1"})
			}
		}
		for i, s := range lane.View().Said {
			if s.N != i+1 || s.ID != strconv.Itoa(i+1) {
				t.Fatalf("seed %d: place %d has %+v", seed, i+1, s)
			}
		}
	}
}

func TestAnswersWaitUntilConfirmed(t *testing.T) {
	var lane Threads
	if err := lane.Answer(Saying{ID: "a", Phrase: "talk.a-yes"}); !errors.Is(err, ErrNoCall) {
		t.Errorf("without a call: %v", err)
	}
	lane.Open([]string{"c"})
	if err := lane.Answer(Saying{ID: "a", Phrase: "talk.hello"}); !errors.Is(err, ErrPhrase) {
		t.Errorf("an agent's phrase: %v", err)
	}
	for _, id := range []string{"a", "b"} { // touched twice
		if err := lane.Answer(Saying{ID: id, Phrase: "talk.a-yes"}); err != nil {
			t.Error(err)
		}
	}
	if w := lane.Waiting()["c"]; len(w) != 1 || w[0].ID != "a" || len(lane.View().Said) != 1 {
		t.Errorf("waiting: %+v", w)
	}
	lane.Heard("c", Saying{ID: "a", N: 1, From: FromShopper, Phrase: "talk.a-yes"})
	if len(lane.Waiting()) != 0 || len(lane.View().Said) != 1 {
		t.Errorf("after the desk's word: %+v", lane.View())
	}
	for i := range 20 {
		phrase := []string{"talk.a-yes", "talk.a-no"}[i%2]
		if err := lane.Answer(Saying{ID: strconv.Itoa(i), Phrase: phrase}); (err != nil) != (i >= maxWaiting) {
			t.Errorf("answer %d: %v", i, err)
		}
	}
}

// The next shopper reads nothing of what was said before.
func TestForgottenWithTheCall(t *testing.T) {
	var lane Threads
	lane.Open([]string{"c"})
	lane.Heard("c", Saying{N: 1, From: FromAgent, Text: "hello"})
	if !lane.Open(nil) || lane.View().Call != "" {
		t.Error("still there")
	}
	lane.Open([]string{"c", "d"})
	if lane.Open([]string{"c", "d"}) {
		t.Error("the same is news")
	}
	if v := lane.View(); v.Call != "d" || len(v.Said) != 0 {
		t.Errorf("%+v", v)
	}
	lane.Heard("c", Saying{N: 1, From: FromAgent, Text: "hello"})
	if v := lane.View(); v.Call != "c" {
		t.Errorf("what was said is shown, not %+v", v)
	}
}

func FuzzFree(f *testing.F) {
	for _, s := range []string{"hello", " a\n b ", "\u202eevil", "\x00\x1b[2J", "مرحبا", "\xff\xfe", strings.Repeat("x", 401), "<b>&"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Free(text)
		if err != nil {
			return
		}
		if again, err := Free(got); err != nil || again != got {
			t.Errorf("%q became %q, then %q, %v", text, got, again, err)
		}
		if len(got) > MaxText || !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\x00\x1b\u202e\u2066") || strings.TrimSpace(got) != got {
			t.Errorf("%q became %q", text, got)
		}
	})
}
