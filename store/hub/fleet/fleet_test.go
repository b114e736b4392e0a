package fleet

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kassa/kiosk/help"
	"kassa/store/wire"
)

// desk notes what it hears and keeps which calls are open.
type desk struct {
	mu    sync.Mutex
	heard []wire.CallUp
	open  map[string]help.Call
	fleet *Fleet
}

func (d *desk) Heard(_ context.Context, lane string, up wire.CallUp) (wire.CallDown, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.heard = append(d.heard, up)
	if up.Verb == wire.CallRaise {
		d.open[up.ID] = help.Call{ID: up.ID, Lane: lane}
	} else {
		delete(d.open, up.ID)
	}
	var all []help.Call
	for _, c := range d.open {
		all = append(all, c)
	}
	d.fleet.Calls(all)
	return wire.CallDown{}, nil
}

func (d *desk) put(c help.Call) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open[c.ID] = c
}

func (d *desk) all() []wire.CallUp {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.heard)
}

func (d *desk) verbs(prefix string) []wire.CallVerb {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []wire.CallVerb
	for _, up := range d.heard {
		if strings.HasPrefix(up.ID, prefix) {
			all = append(all, up.Verb)
		}
	}
	return all
}

type bench struct {
	*Fleet
	desk     *desk
	anchored int
	arrived  int
}

func start(t *testing.T) *bench {
	t.Helper()
	b := &bench{desk: &desk{open: map[string]help.Call{}}}
	b.Fleet = New(Options{
		Desk: b.desk, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Anchor:  func(context.Context, wire.LaneState) { b.anchored++ },
		Arrived: func(context.Context, wire.LaneState) { b.arrived++ },
	})
	b.desk.fleet = b.Fleet
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return b
}

// beat lets a lane say something every two seconds for a while.
func (b *bench) beat(t *testing.T, s wire.LaneState, d time.Duration) {
	t.Helper()
	for range d / (2 * time.Second) {
		b.Heard(t.Context(), "1", s)
		time.Sleep(2 * time.Second) // of the bubble's clock
	}
}

func TestLostAndBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		open := wire.LaneState{Boot: "b", Mode: "open"}
		b.beat(t, open, 2*time.Minute)
		if b.anchored != 2 || b.arrived != 1 || len(b.desk.all()) != 0 {
			t.Errorf("%d anchors, %d arrivals, %v", b.anchored, b.arrived, b.desk.all())
		}
		time.Sleep(5 * time.Minute)
		if got := b.desk.verbs(lostPrefix + "1/"); !slices.Equal(got, []wire.CallVerb{wire.CallRaise}) {
			t.Fatalf("silent: %v", got)
		}
		if l, ok := b.Lane("1"); !ok || !l.Lost {
			t.Errorf("%+v", l)
		}
		b.beat(t, open, 4*time.Second)
		if got := b.desk.verbs(lostPrefix); !slices.Equal(got, []wire.CallVerb{wire.CallRaise, wire.CallEnd}) || b.arrived != 2 {
			t.Errorf("back: %v, %d arrivals", got, b.arrived)
		}
		if l, _ := b.Lane("1"); l.Lost {
			t.Errorf("%+v", l)
		}
	})
}

func TestClosedLaneMayBeDark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.beat(t, wire.LaneState{Mode: "closed"}, 4*time.Second)
		time.Sleep(time.Hour)
		if len(b.desk.all()) != 0 {
			t.Errorf("%v", b.desk.all())
		}
	})
}

// A hub that was away finds the lane's call on its board and does not raise a
// second; one that was heard again meanwhile is ended.
func TestLostBeforeTheHubBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.Expect("1", "open", time.Now().Add(-time.Minute))
		lost := help.Call{ID: lostPrefix + "1/7", Lane: "1"}
		b.desk.put(lost)
		b.Calls([]help.Call{lost})
		time.Sleep(20 * time.Second)
		if got := b.desk.verbs(lostPrefix + "1/7"); !slices.Equal(got, []wire.CallVerb{wire.CallRaise}) {
			t.Errorf("%v", b.desk.all())
		}
		b.beat(t, wire.LaneState{Mode: "open"}, 4*time.Second)
		if got := b.desk.verbs(lostPrefix); !slices.Equal(got, []wire.CallVerb{wire.CallRaise, wire.CallEnd}) {
			t.Errorf("%v", got)
		}
	})
}

// A call that the lane no longer names is over, but not at its first word: that
// may be older than the call.
func TestCallThatTheLaneNoLongerHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		one, other := help.Call{ID: "1-7/1", Lane: "1"}, help.Call{ID: "2-9/1", Lane: "2"}
		b.desk.put(one)
		b.desk.put(other)
		b.Calls([]help.Call{one, other})
		b.beat(t, wire.LaneState{Mode: "open", Calls: []string{"1-7/1"}}, 30*time.Second)
		b.beat(t, wire.LaneState{Mode: "open"}, 4*time.Second)
		b.beat(t, wire.LaneState{Mode: "open", Calls: []string{"1-7/1"}}, 30*time.Second)
		if len(b.desk.all()) != 0 {
			t.Fatalf("%v", b.desk.all())
		}
		b.beat(t, wire.LaneState{Mode: "open"}, 12*time.Second)
		if got := b.desk.all(); len(got) != 1 || got[0].ID != "1-7/1" || got[0].Verb != wire.CallEnd {
			t.Errorf("%v", got)
		}
	})
}

func TestWatch(t *testing.T) {
	f := New(Options{Now: time.Now, Log: slog.New(slog.DiscardHandler), Arrived: func(context.Context, wire.LaneState) {}, Anchor: func(context.Context, wire.LaneState) {}})
	changed, leave := f.Watch()
	<-changed
	for _, id := range []string{"10", "9", "b"} {
		f.Heard(t.Context(), id, wire.LaneState{})
	}
	<-changed
	leave()
	f.View("9", []byte(`{}`))
	if len(changed) != 0 {
		t.Error("told after it left")
	}
	var ids []string
	for _, l := range f.Lanes() {
		ids = append(ids, l.ID)
	}
	if !slices.Equal(ids, []string{"9", "10", "b"}) {
		t.Error(ids)
	}
}
