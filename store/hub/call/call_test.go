package call

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"kassa/kiosk/call"
	"kassa/kiosk/help"
	"kassa/store/hub/desk"
	"kassa/store/wire"
)

// bench is calls with one call for help, Amina's at lane 1.
type bench struct {
	*Calls
	t    *testing.T
	now  time.Time
	down []wire.Talk
	via  string
}

// Via notes the channel; bench is the desk, too.
func (b *bench) Via(_ context.Context, _, channel string) error {
	b.via = channel
	return nil
}

// Watch is not asked here: tests hand snapshots in.
func (b *bench) Watch(context.Context) (<-chan desk.Snapshot, func(), error) {
	return nil, nil, errors.New("no desk")
}

type deskOf struct{ *bench }

func (d deskOf) Watch(ctx context.Context) (<-chan desk.Snapshot, func(), error) {
	return d.bench.Watch(ctx)
}

func start(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	b.Calls = New(Options{
		ICE: func(session string) []call.Server {
			return []call.Server{{URLs: []string{"turn:x"}, Username: session}}
		},
		Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler),
	})
	b.Attach(deskOf{b}, func(lane string, w wire.Talk) {
		if lane != "1" {
			t.Errorf("lane %s is told", lane)
		}
		b.down = append(b.down, w)
	}, func(string) string { return "Amina" })
	b.follow(open("amina"))
	return b
}

func open(by string) desk.Snapshot {
	return desk.Snapshot{Calls: []desk.Waiting{{Call: help.Call{ID: "1-1/1", Lane: "1", By: by, State: help.Claimed}}}}
}

func (b *bench) told() (s call.Signal) {
	b.t.Helper()
	if len(b.down) == 0 {
		return s
	}
	if err := json.Unmarshal(b.down[len(b.down)-1].Signal, &s); err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) invite() string {
	b.t.Helper()
	invited, err := b.Invite("amina", "1-1/1", true)
	if err != nil {
		b.t.Fatal(err)
	}
	if s := b.told(); s.Kind != call.Invite || s.Name != "Amina" || s.Session != invited.Session || len(s.ICE) != 1 || s.ICE[0].Username != s.Session {
		b.t.Fatalf("the lane is told %+v", s)
	}
	return invited.Session
}

func signal(t *testing.T, s call.Signal) []byte {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func heard(t *testing.T, from <-chan json.RawMessage) (s call.Signal) {
	t.Helper()
	select {
	case data := <-from:
		if err := json.Unmarshal(data, &s); err != nil {
			t.Fatal(err)
		}
	default:
	}
	return s
}

func TestOneCallFromAskingToItsEnd(t *testing.T) {
	b := start(t)
	amina, leave := b.Calls.Watch("amina")
	defer leave()
	bert, leave := b.Calls.Watch("bert")
	defer leave()
	id := b.invite()
	b.Up("1", "1-1/1", signal(t, call.Signal{Session: id, Kind: call.Offer, SDP: "hers", Camera: true}))
	if s := heard(t, amina); s.Kind != call.Offer || s.SDP != "hers" || !s.Camera || s.N != 1 {
		t.Errorf("the agent hears %+v", s)
	}
	anew, leave := b.Calls.Watch("amina") // her page connects anew
	defer leave()
	if s := heard(t, anew); s.Kind != call.Offer || s.N != 1 {
		t.Errorf("after connecting anew %+v", s)
	}
	for kind, sdp := range map[string]string{call.Answer: "his", call.Connected: ""} {
		if err := b.Take(t.Context(), "amina", signal(t, call.Signal{Session: id, Kind: kind, SDP: sdp})); err != nil {
			t.Error(err)
		}
	}
	if s := b.told(); s.Kind != call.Answer || s.SDP != "his" || b.via != help.ChannelVideo {
		t.Errorf("the lane is told %+v, channel %q", s, b.via)
	}
	b.follow(desk.Snapshot{}) // help is over
	if s := b.told(); s.Kind != call.Bye || s.Why != "over" {
		t.Errorf("at the end the lane is told %+v", s)
	}
	if s := heard(t, amina); s.Kind != call.Bye {
		t.Errorf("at the end the agent hears %+v", s)
	}
	if s := heard(t, bert); s.Kind != "" {
		t.Errorf("another agent hears %+v", s)
	}
}

// Whose a signal is says the subject and the session, never itself.
func TestNobodyElsesCall(t *testing.T) {
	b := start(t)
	id := b.invite()
	offer := signal(t, call.Signal{Session: id, Kind: call.Offer, SDP: "v=0"})
	b.Up("2", "1-1/1", offer)
	b.Up("1", "1-2/1", offer)
	b.Up("1", "1-1/1", signal(t, call.Signal{Session: id, Kind: call.Invite}))
	b.Up("1", "1-1/1", []byte("garbage"))
	amina, leave := b.Calls.Watch("amina")
	defer leave()
	if s := heard(t, amina); s.Kind != "" {
		t.Errorf("the agent hears %+v", s)
	}
	had := len(b.down)
	for _, err := range []error{
		b.Take(t.Context(), "bert", signal(t, call.Signal{Session: id, Kind: call.Answer, SDP: "v=0"})),
		b.Take(t.Context(), "bert", signal(t, call.Signal{Session: id, Kind: call.Bye})),
		b.Take(t.Context(), "amina", signal(t, call.Signal{Session: id, Kind: call.Offer, SDP: "v=0"})),
	} {
		if err == nil {
			t.Error("taken")
		}
	}
	if _, err := b.Invite("bert", "1-1/1", true); !errors.Is(err, ErrUnfit) {
		t.Errorf("who has it not: %v", err)
	}
	if _, err := b.Invite("amina", "9-9/9", true); !errors.Is(err, help.ErrGone) {
		t.Errorf("no such call: %v", err)
	}
	if len(b.down) != had {
		t.Errorf("the lane was told %+v", b.told())
	}
}

func TestEndsByItself(t *testing.T) {
	for name, c := range map[string]struct {
		do  func(b *bench)
		why string
	}{
		"nobody answers": {func(b *bench) { b.now = b.now.Add(time.Minute); b.sweep() }, "no-answer"},
		"handed on":      {func(b *bench) { b.follow(open("bert")) }, "over"},
		"asked anew":     {func(b *bench) { b.invite(); b.down = b.down[:len(b.down)-1] }, "over"},
	} {
		b := start(t)
		b.invite()
		c.do(b)
		if s := b.told(); s.Kind != call.Bye || s.Why != c.why {
			t.Errorf("%s: the lane is told %+v", name, s)
		}
	}
	b := start(t)
	id := b.invite()
	for range 100 { // a page gone wild
		_ = b.Take(t.Context(), "amina", signal(t, call.Signal{Session: id, Kind: call.Answer, SDP: "v=0"}))
	}
	if len(b.down) > perSession+1 {
		t.Errorf("the lane was told %d things", len(b.down))
	}
	b.now = b.now.Add(time.Hour)
	b.follow(desk.Snapshot{})
	b.now = b.now.Add(time.Hour)
	b.sweep()
	if len(b.sessions) != 0 {
		t.Error("not forgotten")
	}
}
