package talk

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Who says something.
const (
	FromAgent   = "agent"
	FromShopper = "shopper"
)

// Bounds of what is said. Who wants to say more comes by.
const (
	MaxText    = 400 // bytes of free words
	MaxSayings = 200 // in one call
	maxWaiting = 8   // answers of hers that the hub has not heard
)

// A Saying is one thing said. N is its place in the call, from 1, and the desk's
// to give; a saying that the desk has not confirmed has none.
type Saying struct {
	ID     string // random, its maker's: the same twice is one saying
	N      int
	From   string
	Phrase string // of the book; then Text is what it says where the book is older
	Text   string
	Lang   string // of Text, BCP 47; "": not known
	Name   string // of an agent, as far as the store shows it
	At     time.Time
}

// Why something cannot be said.
var (
	ErrNoCall  = errors.New("no call is open")
	ErrPhrase  = errors.New("not in the phrase book")
	ErrText    = errors.New("no words, or too many")
	ErrTooMuch = errors.New("too much is said already")
)

// Free makes free words fit to be kept and shown: no control signs, no invisible
// ones that turn the reading direction of what follows, spaces and lines as one.
func Free(text string) (string, error) {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0, r == utf8.RuneError,
			r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029:
			return -1
		default:
			return r
		}
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if text == "" || len(text) > MaxText {
		return "", ErrText
	}
	return text, nil
}

// A thread is what was said in one call, as far as a lane has it.
type thread struct {
	call    string
	said    []Saying // 1, 2, 3 ... without a hole
	waiting []Saying // hers, not confirmed
}

// Threads are those of a lane's open calls. The zero value has none. It is not
// safe for use by several goroutines.
type Threads struct{ open []thread }

// Open says which calls are open now, the newest last. What was said in others
// is forgotten: the next shopper reads nothing of it. It reports whether that
// changed anything.
func (t *Threads) Open(calls []string) bool {
	var next []thread
	for _, id := range calls {
		if i := t.find(id); i >= 0 {
			next = append(next, t.open[i])
		} else {
			next = append(next, thread{call: id})
		}
	}
	same := slices.EqualFunc(next, t.open, func(a, b thread) bool { return a.call == b.call })
	t.open = next
	return !same
}

func (t *Threads) find(call string) int {
	return slices.IndexFunc(t.open, func(h thread) bool { return h.call == call })
}

// Heard takes a saying from the desk. One that was there before changes nothing;
// one with a hole before it waits outside until it comes again. It reports
// whether there is something new.
func (t *Threads) Heard(call string, s Saying) bool {
	i := t.find(call)
	if i < 0 || s.N != len(t.open[i].said)+1 || s.N > MaxSayings {
		return false
	}
	h := &t.open[i]
	h.said = append(slices.Clip(h.said), s)
	h.waiting = slices.DeleteFunc(slices.Clone(h.waiting), func(w Saying) bool { return w.ID == s.ID })
	return true
}

// Have says, for each open call, up to which number all is there.
func (t *Threads) Have() map[string]int {
	all := map[string]int{}
	for _, h := range t.open {
		all[h.call] = len(h.said)
	}
	return all
}

// current is the thread that her page shows: the newest in which something was
// said, else the newest.
func (t *Threads) current() *thread {
	for i := len(t.open) - 1; i >= 0; i-- {
		if len(t.open[i].said)+len(t.open[i].waiting) > 0 {
			return &t.open[i]
		}
	}
	if len(t.open) == 0 {
		return nil
	}
	return &t.open[len(t.open)-1]
}

// Answer has the shopper say a phrase. It waits until the desk confirms it.
func (t *Threads) Answer(s Saying) error {
	h := t.current()
	switch {
	case h == nil:
		return ErrNoCall
	case !Known(FromShopper, s.Phrase):
		return ErrPhrase
	case len(h.waiting) >= maxWaiting || len(h.said)+len(h.waiting) >= MaxSayings:
		return ErrTooMuch
	case len(h.waiting) > 0 && h.waiting[len(h.waiting)-1].Phrase == s.Phrase:
		return nil // a second touch of the same before it was heard
	}
	s.From, s.N = FromShopper, 0
	h.waiting = append(slices.Clip(h.waiting), s)
	return nil
}

// Waiting are her sayings that the desk has not confirmed, by call.
func (t *Threads) Waiting() map[string][]Saying {
	all := map[string][]Saying{}
	for _, h := range t.open {
		if len(h.waiting) > 0 {
			all[h.call] = slices.Clone(h.waiting)
		}
	}
	return all
}

// A View is the thread that a page shows. Call is "" when there is none.
type View struct {
	Call  string
	Said  []Saying // those of hers that wait last, without a number
	Offer []string // what she can answer, what fits first
}

// View is what her page shows now.
func (t *Threads) View() View {
	h := t.current()
	if h == nil {
		return View{}
	}
	v := View{Call: h.call, Said: slices.Concat(h.said, h.waiting)}
	asked := ""
	if n := len(v.Said); n > 0 && v.Said[n-1].From == FromAgent {
		asked = v.Said[n-1].Phrase
	}
	v.Offer = Offer(asked)
	return v
}
