package call

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/help/talk"
)

const session = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// bench is a lane's end with what it says to the hub.
type bench struct {
	*Lane
	t   *testing.T
	now time.Time
	up  []Signal
}

func start(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	b.Lane = NewLane(func(_ string, data json.RawMessage) {
		var s Signal
		if err := json.Unmarshal(data, &s); err != nil {
			t.Error(err)
		}
		b.up = append(b.up, s)
	}, func() time.Time { return b.now })
	return b
}

func (b *bench) down(s Signal) error { return b.Down("1-1/1", true, encode(b.t, s)) }
func (b *bench) take(s Signal) error { return b.Take(encode(b.t, s)) }

func encode(t *testing.T, s Signal) []byte {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (b *bench) last() Signal {
	if len(b.up) == 0 {
		return Signal{}
	}
	return b.up[len(b.up)-1]
}

// What a lane does with each signal, step by step: the state after it, what went
// up, and whether it was taken.
func TestLane(t *testing.T) {
	invite := Signal{Session: session, Kind: Invite, Video: true, Name: "Amina", ICE: []Server{{URLs: []string{"turn:x"}}}}
	yes := Signal{Session: session, Kind: Offer, Camera: true, Page: "a", SDP: "v=0"}
	for name, c := range map[string]struct {
		do    func(b *bench) error
		state string
		up    string // kind and why of the last
		err   error
	}{
		"asked":       {func(b *bench) error { return b.down(invite) }, talk.MediaAsked, " ", nil},
		"asked twice": {func(b *bench) error { return errors.Join(b.down(invite), b.down(invite)) }, talk.MediaAsked, " ", nil},
		"no call":     {func(b *bench) error { return b.Down("x", false, encode(t, invite)) }, "", "bye busy", nil},
		"yes":         {func(b *bench) error { return errors.Join(b.down(invite), b.take(yes)) }, talk.MediaOn, "offer ", nil},
		"yes of two":  {func(b *bench) error { return errors.Join(b.down(invite), b.take(yes), b.take(yes)) }, talk.MediaOn, "offer ", ErrUnfit},
		"another page hangs up": {func(b *bench) error {
			return errors.Join(b.down(invite), b.take(yes), b.take(Signal{Session: session, Kind: Bye, Page: "b"}))
		}, talk.MediaOn, "offer ", ErrUnfit},
		"hung up": {func(b *bench) error {
			return errors.Join(b.down(invite), b.take(yes), b.take(Signal{Session: session, Kind: Bye, Page: "a", Why: "hangup"}))
		}, "", "bye hangup", nil},
		"no": {func(b *bench) error {
			return errors.Join(b.down(invite), b.take(Signal{Session: session, Kind: Bye, Why: "declined"}))
		}, "", "bye declined", nil},
		"the agent hangs up": {func(b *bench) error {
			return errors.Join(b.down(invite), b.take(yes), b.down(Signal{Session: session, Kind: Bye}))
		}, "", "offer ", nil},
		"yes to nothing": {func(b *bench) error { return b.take(yes) }, "", " ", ErrUnfit},
		"an old answer": {func(b *bench) error {
			return b.down(Signal{Session: strings.ToLower(session), Kind: Answer, SDP: "v=0"})
		}, "", " ", ErrUnfit},
		"a second invitation while talking": {func(b *bench) error {
			other := invite
			other.Session = strings.ToLower(session)
			return errors.Join(b.down(invite), b.take(yes), b.down(other))
		}, talk.MediaOn, "bye busy", nil},
		"help is over": {func(b *bench) error {
			err := errors.Join(b.down(invite), b.take(yes))
			b.Open([]string{"1-1/1"})
			b.Open(nil)
			return err
		}, "", "bye over", nil},
		"nobody answers": {func(b *bench) error {
			err := b.down(invite)
			b.now = b.now.Add(AskFor + time.Second)
			b.Open([]string{"1-1/1"})
			return err
		}, "", "bye no-answer", nil},
		"an invitation of a page": {func(b *bench) error { return b.take(invite) }, "", " ", errSignal},
		"an offer of the hub":     {func(b *bench) error { return b.down(yes) }, "", " ", errSignal},
	} {
		b := start(t)
		if err := c.do(b); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		}
		if v := b.View(); v.State != c.state {
			t.Errorf("%s: %q, want %q", name, v.State, c.state)
		}
		if got := b.last().Kind + " " + b.last().Why; got != c.up {
			t.Errorf("%s: said %q, want %q", name, got, c.up)
		}
	}
}

// Voice alone stays without a picture, whatever a page says.
func TestNoPictureWhereVoiceWasAskedFor(t *testing.T) {
	b := start(t)
	if err := errors.Join(b.down(Signal{Session: session, Kind: Invite}), b.take(Signal{Session: session, Kind: Offer, Camera: true, SDP: "v=0"})); err != nil {
		t.Fatal(err)
	}
	if b.View().Camera || b.last().Camera {
		t.Error("a picture in a voice call")
	}
}

// A page that connects anew hears what it missed, once told apart by its number.
func TestAnswerReachesAPageThatConnectsAnew(t *testing.T) {
	b := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	signals := b.Signals(ctx)
	if err := errors.Join(b.down(Signal{Session: session, Kind: Invite, Video: true}), b.take(Signal{Session: session, Kind: Offer, SDP: "v=0", Page: "a"}),
		b.down(Signal{Session: session, Kind: Answer, SDP: "v=1"})); err != nil {
		t.Fatal(err)
	}
	for _, from := range []<-chan json.RawMessage{signals, b.Signals(t.Context())} {
		var s Signal
		if err := json.Unmarshal(<-from, &s); err != nil || s.Kind != Answer || s.N != 1 || s.SDP != "v=1" {
			t.Errorf("%+v, %v", s, err)
		}
	}
	cancel()
	b.Open(nil)
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"session":"` + session + `","kind":"offer","sdp":"v=0"}`, `{"session":"` + session + `","kind":"bye","why":"hangup"}`, `{}`, `[`, `{"kind":1}`,
		`{"session":"` + session + `","kind":"invite","ice":[{"urls":["turn:x"]}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse(data, Invite, Offer, Answer, Connected, Bye)
		if err != nil {
			return
		}
		again, err := Parse(encode(t, s), Invite, Offer, Answer, Connected, Bye)
		if err != nil && len(encode(t, s)) <= MaxSignal || err == nil && (again.Session != s.Session || again.SDP != s.SDP) {
			t.Errorf("%+v became %+v, %v", s, again, err)
		}
		if len(s.Session) > 64 || (s.Kind == Offer) == (s.SDP == "") && s.Kind != Answer {
			t.Errorf("taken: %+v", s)
		}
	})
}
