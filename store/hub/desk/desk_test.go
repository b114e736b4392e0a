package desk

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kassa/kiosk/help"
	"kassa/store/wire"
)

// lanes is the far side: it notes what it is told and does what it is asked.
type lanes struct {
	mu    sync.Mutex
	told  []wire.CallDown
	asked []wire.Command
	done  func(c wire.Command) (wire.Result, error)
}

func (l *lanes) Command(_ context.Context, _ string, c wire.Command) (wire.Result, error) {
	l.mu.Lock()
	l.asked = append(l.asked, c)
	done := l.done
	l.mu.Unlock()
	if done == nil {
		return wire.Result{ID: c.ID, OK: true}, nil
	}
	return done(c)
}

func (l *lanes) Tell(_ string, c wire.CallDown) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, c)
}

func (l *lanes) last() wire.CallDown {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.told) == 0 {
		return wire.CallDown{}
	}
	return l.told[len(l.told)-1]
}

type pager chan help.Call

func (p pager) Send(_ context.Context, c help.Call) error {
	p <- c
	return nil
}

// bench is a desk at work with one attendant.
type bench struct {
	*Desk
	lanes *lanes
	pager pager
	stop  func()
}

func start(t *testing.T, dir string) *bench {
	t.Helper()
	return startWith(t, dir, nil)
}

// startWith has other exits than the pager, which the last tier tells.
func startWith(t *testing.T, dir string, exits map[string]Exit) *bench {
	t.Helper()
	b := &bench{lanes: &lanes{}, pager: make(pager, 10)}
	p := help.DefaultPolicy()
	if exits == nil {
		exits = map[string]Exit{"pager": b.pager}
	} else {
		p.Tiers[3].Exits = slices.Sorted(maps.Keys(exits))
	}
	d, err := Open(t.Context(), Options{
		Dir: dir, Policy: p, Lanes: b.lanes, Exits: exits,
		Name: func(id string) string { return strings.ToUpper(id) }, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Desk = d
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-ended, d.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(b.stop)
	must(t, d.Crew(t.Context(), []help.Agent{
		{ID: "amina", Role: "attendant", Languages: []string{"en"}, OnDuty: true},
		{ID: "bert", Role: "supervisor", Languages: []string{"en"}, OnDuty: true},
	}))
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) raise(t *testing.T, id string) wire.CallDown {
	t.Helper()
	down, err := b.Heard(t.Context(), "1", wire.CallUp{
		ID: id, Verb: wire.CallRaise, Boot: "b1", Reason: "bagging.too-much", Language: "en", RaisedAt: time.Now(),
		Context: wire.Context{Number: 7, Items: []wire.Item{{Code: "4011"}}, Articles: []wire.Read{{Article: "bagging"}}},
	})
	must(t, err)
	return down
}

func TestRaiseClaimSettle(t *testing.T) {
	b := start(t, t.TempDir())
	if down := b.raise(t, "1-7/1"); down.State != "called" || down.Place != 1 {
		t.Fatalf("raised: %+v", down)
	}
	if again := b.raise(t, "1-7/1"); again.Version != 1 {
		t.Errorf("said twice: %+v", again)
	}
	c, err := b.Do(t.Context(), help.Deed{Call: "1-7/1", Version: 1, Verb: help.DoClaim, By: "amina"})
	must(t, err)
	if told := b.lanes.last(); told.State != "coming" || told.Name != "AMINA" {
		t.Errorf("the lane hears %+v", told)
	}
	if _, err := b.Do(t.Context(), help.Deed{Call: "1-7/1", Version: 1, Verb: help.DoClaim, By: "bert"}); !errors.Is(err, help.ErrTaken) {
		t.Errorf("second claim: %v", err)
	}
	c, err = b.Settle(t.Context(), Settlement{Call: "1-7/1", Version: c.Version, By: "amina", Reason: "looked", Deed: "bagging-ok", Boot: "b1"})
	must(t, err)
	if c.State != help.Settled || !c.Remote || len(b.lanes.asked) != 1 || b.lanes.asked[0].Number != 7 {
		t.Errorf("settled: %+v, asked %+v", c, b.lanes.asked)
	}
	var outcome, by string
	var n int
	row := b.book.db.Reader().QueryRow(`SELECT outcome, "by", (SELECT count(*) FROM reading) FROM contact WHERE id = '1-7/1'`)
	if err := row.Scan(&outcome, &by, &n); err != nil || outcome != "looked" || by != "amina" || n != 1 {
		t.Errorf("contact: %q by %q, %d read, %v", outcome, by, n, err)
	}
}

// What the lane does not do is not settled, whatever was tapped.
func TestLaneRefuses(t *testing.T) {
	b := start(t, t.TempDir())
	b.raise(t, "1-7/1")
	b.lanes.done = func(c wire.Command) (wire.Result, error) { return wire.Result{ID: c.ID, Why: "stale"}, nil }
	_, err := b.Settle(t.Context(), Settlement{Call: "1-7/1", Version: 1, By: "amina", Deed: "bagging-ok"})
	if err == nil || !strings.Contains(err.Error(), "stale") {
		t.Errorf("%v", err)
	}
	b.lanes.done = func(wire.Command) (wire.Result, error) { return wire.Result{}, context.DeadlineExceeded }
	if _, err = b.Settle(t.Context(), Settlement{Call: "1-7/1", Version: 1, By: "amina", Deed: "bagging-ok"}); !errors.Is(err, ErrAway) {
		t.Errorf("%v", err)
	}
	down, err := b.Heard(t.Context(), "1", wire.CallUp{ID: "1-7/1", Verb: wire.CallEnd, By: "amina", Outcome: "bagging-ok"})
	must(t, err)
	if down.State != "done" {
		t.Errorf("the lane's own word: %+v", down)
	}
}

func TestAnotherLanesCallIsRefused(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir)
	b.raise(t, "1-7/1")
	if _, err := b.Heard(t.Context(), "2", wire.CallUp{ID: "1-7/1", Verb: wire.CallCancel}); err == nil {
		t.Error("lane 2 cancelled lane 1's call")
	}
	over := wire.CallUp{ID: "1-7/1", Verb: wire.CallEnd, By: "a1", Outcome: "looked"}
	_, err := b.Heard(t.Context(), "1", over)
	must(t, err)
	rate := wire.CallUp{ID: "1-7/1", Verb: wire.CallRate, Rating: 3}
	if _, err := b.Heard(t.Context(), "2", rate); err == nil {
		t.Error("lane 2 rated lane 1's call while it could be undone")
	}
	b.stop()
	b = start(t, dir) // it is off the board
	if _, err := b.Heard(t.Context(), "2", rate); err == nil {
		t.Error("lane 2 rated lane 1's call that ended")
	}
	for _, n := range []int{-1, 4, 1 << 40} {
		rate.Rating = n
		if _, err := b.Heard(t.Context(), "1", rate); err == nil {
			t.Errorf("rated %d", n)
		}
	}
}

// The desk is killed after each step and comes back with what it had said.
func TestRestartKeepsEveryCall(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir)
	b.raise(t, "1-7/1")
	b.raise(t, "1-8/1")
	b.stop()
	b = start(t, dir)
	c, err := b.Do(t.Context(), help.Deed{Call: "1-7/1", Version: 1, Verb: help.DoClaim, By: "amina"})
	must(t, err)
	b.stop()
	b = start(t, dir)
	_, err = b.Settle(t.Context(), Settlement{Call: "1-7/1", Version: c.Version, By: "amina", Reason: "looked"})
	must(t, err)
	b.stop()
	b = start(t, dir)
	if down, err := b.Heard(t.Context(), "1", wire.CallUp{ID: "1-7/1", Verb: wire.CallEnd}); err != nil || down.State != "done" {
		t.Errorf("said once more after the end: %+v, %v", down, err)
	}
	snapshots, leave, err := b.Watch(t.Context())
	must(t, err)
	defer leave()
	if s := <-snapshots; len(s.Calls) != 1 || s.Calls[0].ID != "1-8/1" || len(s.Calls[0].Context.Items) != 1 {
		t.Errorf("after the restarts: %+v", s.Calls)
	}
}

func TestPagerIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, t.TempDir())
		b.raise(t, "1-7/1")
		time.Sleep(4 * time.Minute) // of the bubble's clock
		synctest.Wait()
		if len(b.pager) != 1 {
			t.Errorf("the pager was told %d times", len(b.pager))
		}
		snapshots, leave, err := b.Watch(t.Context())
		must(t, err)
		if s := <-snapshots; s.Calls[0].Tier != 3 {
			t.Errorf("tier %d", s.Calls[0].Tier)
		}
		leave()
		b.stop()
	})
}
