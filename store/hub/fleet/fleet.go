package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"kassa/kiosk/help"
	"kassa/store/wire"
)

// LostAfter is how long a lane may be silent. It says something every two
// seconds.
const LostAfter = 10 * time.Second

// anchorEvery is how often a lane's head is kept.
const anchorEvery = time.Minute

// missAfter is how long a living lane must not name a call that is open at the
// desk before it counts as over: its word on the call may be on the way.
const missAfter = 5 * time.Second

// lostPrefix begins the ids of calls for lost lanes.
const lostPrefix = "hub:lane:"

// A Desk takes what the fleet has to say of calls.
type Desk interface {
	Heard(ctx context.Context, lane string, up wire.CallUp) (wire.CallDown, error)
}

// Options are what a fleet needs.
type Options struct {
	Desk Desk
	// Anchor keeps a lane's head, once a minute.
	Anchor func(ctx context.Context, s wire.LaneState)
	// Arrived is called for a lane that is heard for the first time, or that
	// started anew, or that comes back.
	Arrived func(ctx context.Context, s wire.LaneState)
	Now     func() time.Time
	Log     *slog.Logger
}

// A Lane is one lane as it was last heard.
type Lane struct {
	ID      string
	State   wire.LaneState // zero: not heard since the hub began
	HeardAt time.Time
	Lost    bool // silent, though it serves
	// View is its screen, as it sent it while somebody watched, and ViewAt when.
	View   json.RawMessage
	ViewAt time.Time
}

// entry is a lane as the fleet keeps it.
type entry struct {
	Lane
	anchored time.Time
	lost     string               // id of the call that says so
	missing  map[string]time.Time // calls it did not name -> since when
}

// A Fleet is the lanes of a store. Its methods may be called from any goroutine.
type Fleet struct {
	o Options

	mu    sync.Mutex
	lanes map[string]*entry
	open  map[string]help.Call // at the desk
	watch map[chan struct{}]bool
}

// New makes a fleet of which nothing is known.
func New(o Options) *Fleet {
	return &Fleet{o: o, lanes: map[string]*entry{}, open: map[string]help.Call{}, watch: map[chan struct{}]bool{}}
}

// Expect names a lane that served when the hub was last there: if it is silent
// now, that is a call.
func (f *Fleet) Expect(id, mode string, heard time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.entry(id)
	e.State.Lane, e.State.Mode, e.HeardAt = id, mode, heard
}

// Forget takes out a lane that no longer belongs to the store.
func (f *Fleet) Forget(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.lanes, id)
	f.tell()
}

// entry returns a lane's entry and makes it if needed.
func (f *Fleet) entry(id string) *entry {
	e := f.lanes[id]
	if e == nil {
		e = &entry{Lane: Lane{ID: id}, missing: map[string]time.Time{}}
		f.lanes[id] = e
	}
	return e
}

// Heard takes what a lane says of itself. The lane's name comes from the subject.
func (f *Fleet) Heard(ctx context.Context, lane string, s wire.LaneState) {
	s.Lane = lane
	now := f.o.Now()
	f.mu.Lock()
	e := f.entry(lane)
	arrived := e.State.Boot != s.Boot || e.Lost || now.Sub(e.HeardAt) > LostAfter
	e.State, e.HeardAt, e.Lost = s, now, false
	back := e.lost
	e.lost = ""
	anchor := now.Sub(e.anchored) >= anchorEvery
	if anchor {
		e.anchored = now
	}
	over := f.over(e, now)
	f.tell()
	f.mu.Unlock()
	if arrived {
		f.o.Arrived(ctx, s)
	}
	if anchor {
		f.o.Anchor(ctx, s)
	}
	if back != "" && !slices.Contains(over, back) { // raised a moment ago
		over = append(over, back)
	}
	for _, id := range over {
		f.end(ctx, lane, id)
	}
}

// over are the calls that are open at the desk and that the lane no longer has.
func (f *Fleet) over(e *entry, now time.Time) []string {
	var over []string
	for id, c := range f.open {
		switch {
		case c.Lane != e.ID:
			continue
		case strings.HasPrefix(id, lostPrefix):
			over = append(over, id)
			continue
		case strings.HasPrefix(id, "hub:"), slices.Contains(e.State.Calls, id):
			delete(e.missing, id)
			continue
		}
		since, noted := e.missing[id]
		if !noted {
			e.missing[id] = now
		} else if now.Sub(since) >= missAfter {
			delete(e.missing, id)
			over = append(over, id)
		}
	}
	maps.DeleteFunc(e.missing, func(id string, _ time.Time) bool { _, open := f.open[id]; return !open })
	return over
}

// end tells the desk that a call is over. If it does not take it now, the lane's
// next word brings it up again.
func (f *Fleet) end(ctx context.Context, lane, id string) {
	outcome := "lane-says-over"
	if strings.HasPrefix(id, lostPrefix) {
		outcome = "heard-again"
	}
	if _, err := f.o.Desk.Heard(ctx, lane, wire.CallUp{ID: id, Verb: wire.CallEnd, Outcome: outcome}); err != nil {
		f.o.Log.WarnContext(ctx, "call not ended", "call", id, "err", err)
	}
}

// Calls tells the fleet which calls are open at the desk.
func (f *Fleet) Calls(open []help.Call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open = map[string]help.Call{}
	for _, c := range open {
		f.open[c.ID] = c
		if e := f.lanes[c.Lane]; e != nil && e.Lost && e.lost == "" && strings.HasPrefix(c.ID, lostPrefix) {
			e.lost = c.ID
		}
	}
}

// View takes a lane's screen.
func (f *Fleet) View(lane string, view json.RawMessage) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.entry(lane)
	e.View, e.ViewAt = view, f.o.Now()
	f.tell()
}

// Run looks for silent lanes until ctx ends.
func (f *Fleet) Run(ctx context.Context) error {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			f.round(ctx)
		}
	}
}

// round raises a call for each lane that fell silent while it served. A lane
// that was closed may be dark: nobody waits there.
func (f *Fleet) round(ctx context.Context) {
	now := f.o.Now()
	var raise []wire.CallUp
	var lanes []string
	f.mu.Lock()
	for _, id := range slices.Sorted(maps.Keys(f.lanes)) {
		e := f.lanes[id]
		if e.HeardAt.IsZero() || now.Sub(e.HeardAt) < LostAfter || e.State.Mode == "closed" || e.Lost && e.lost != "" {
			continue
		}
		if !e.Lost {
			e.Lost = true
			f.tell()
		}
		e.lost = f.lostCall(id, now)
		raise = append(raise, wire.CallUp{
			ID: e.lost, Verb: wire.CallRaise, Reason: string(help.AreaLaneLost), Language: e.State.Language, Channel: "console", RaisedAt: e.HeardAt,
			Context: wire.Context{Screen: e.State.Screen, Number: e.State.Number, Total: e.State.Total, Currency: e.State.Currency},
		})
		lanes = append(lanes, id)
	}
	f.mu.Unlock()
	for i, up := range raise {
		f.o.Log.WarnContext(ctx, "a lane is not heard", "lane", lanes[i])
		if _, err := f.o.Desk.Heard(ctx, lanes[i], up); err != nil {
			f.o.Log.WarnContext(ctx, "call for a lost lane not raised", "lane", lanes[i], "err", err)
			f.again(lanes[i])
		}
	}
}

// lostCall is the id of the call for a lost lane: one that is open already, or
// a new one.
func (f *Fleet) lostCall(lane string, now time.Time) string {
	for id, c := range f.open {
		if c.Lane == lane && strings.HasPrefix(id, lostPrefix) {
			return id
		}
	}
	return fmt.Sprintf("%s%s/%d", lostPrefix, lane, now.Unix())
}

// again lets the next round raise the call that could not be raised.
func (f *Fleet) again(lane string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e := f.lanes[lane]; e != nil && e.Lost {
		e.lost = ""
	}
}

// Lanes returns every lane, in order of their names.
func (f *Fleet) Lanes() []Lane {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]Lane, 0, len(f.lanes))
	for _, id := range slices.SortedFunc(maps.Keys(f.lanes), compare) {
		all = append(all, f.lanes[id].Lane)
	}
	return all
}

// compare orders names as people count: 9 before 10.
func compare(a, b string) int {
	if len(a) != len(b) && strings.Trim(a+b, "0123456789") == "" {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// Lane returns one lane.
func (f *Fleet) Lane(id string) (Lane, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.lanes[id]
	if e == nil {
		return Lane{}, false
	}
	return e.Lane, true
}

// Watch returns a channel that holds something whenever a lane changed since it
// was last read.
func (f *Fleet) Watch() (changed <-chan struct{}, leave func()) {
	c := make(chan struct{}, 1)
	c <- struct{}{}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watch[c] = true
	return c, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.watch, c)
	}
}

// tell wakes those who watch.
func (f *Fleet) tell() {
	for c := range f.watch {
		select {
		case c <- struct{}{}:
		default: // it has not read the last change yet
		}
	}
}

// Open counts the calls that are open at the desk, and those that nobody has.
func (f *Fleet) Open() (open, waiting int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.open {
		if c.State != help.Claimed {
			waiting++
		}
	}
	return len(f.open), waiting
}
