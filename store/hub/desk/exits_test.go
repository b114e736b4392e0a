package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kassa/kiosk/help"
	"kassa/store/wire"
)

// outlet is an exit that answers as it is told to, and notes what it took.
type outlet struct {
	mu     sync.Mutex
	answer func(ctx context.Context, c help.Call) error // nil: takes all
	took   []string                                     // call/tier
	tries  int
}

func (p *outlet) Channel() string { return help.ChannelPager }

func (p *outlet) Send(ctx context.Context, c help.Call) error {
	p.mu.Lock()
	answer := p.answer
	p.tries++
	p.mu.Unlock()
	if answer != nil {
		if err := answer(ctx, c); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.took = append(p.took, fmt.Sprintf("%s/%d", c.ID, c.Tier))
	return nil
}

func (p *outlet) answers(f func(context.Context, help.Call) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = f
}

func (p *outlet) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.took)
}

func dead(context.Context, help.Call) error { return errors.New("nobody answers") }

// hung is an exit that neither answers nor hangs up.
func hung(ctx context.Context, _ help.Call) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// after lets the bubble's clock run on.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func notices(t *testing.T, b *bench) (n int) {
	t.Helper()
	must(t, b.book.db.Reader().QueryRow(`SELECT count(*) FROM notice`).Scan(&n))
	return n
}

// The power goes when it is written that the pager must be told and it is not
// told yet: it is told when the desk is back, under the same key, and once.
func TestNoticeOutlivesTheDesk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		b := startWith(t, dir, map[string]Exit{"page": &outlet{answer: hung}})
		b.raise(t, "1-7/1")
		after(4 * time.Minute)
		if n := notices(t, b); n != 1 {
			t.Fatalf("%d notices are written down", n)
		}
		b.stop()
		p := &outlet{}
		b = startWith(t, dir, map[string]Exit{"page": p})
		after(time.Second)
		if got := p.all(); !slices.Equal(got, []string{"1-7/1/3"}) {
			t.Errorf("after the restart it took %v", got)
		}
		b.stop()
		b = startWith(t, dir, map[string]Exit{"page": p})
		after(time.Minute)
		if got := p.all(); len(got) != 1 || notices(t, b) != 0 {
			t.Errorf("after another it took %v, %d notices are left", got, notices(t, b))
		}
		c, _, err := b.book.known(t.Context(), "1-7/1")
		if must(t, err); c.Channel != help.ChannelPager {
			t.Errorf("channel %q", c.Channel)
		}
		b.stop()
	})
}

// One exit that hangs and one that fails hold up no other, and hear of the call
// when they are well again.
func TestExitsDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck, hook, pager := &outlet{answer: hung}, &outlet{answer: dead}, &outlet{}
		b := startWith(t, t.TempDir(), map[string]Exit{"a-stuck": stuck, "b-hook": hook, "pager": pager})
		b.raise(t, "1-7/1")
		b.raise(t, "1-8/1")
		after(3*time.Minute + time.Second)
		if got := pager.all(); len(got) != 2 {
			t.Fatalf("the pager took %v", got)
		}
		after(10 * time.Minute)
		if hook.tries < 5 || hook.tries > 60 || len(hook.all()) != 0 {
			t.Errorf("tried %d times in ten minutes, took %v", hook.tries, hook.all())
		}
		hook.answers(nil)
		after(exitMost)
		if got := hook.all(); len(got) != 2 || len(pager.all()) != 2 {
			t.Errorf("well again it took %v, the pager %v", got, pager.all())
		}
		b.stop()
	})
}

// A notice that an exit never takes holds up none behind it, and a call that is
// over is told to nobody.
func TestNoticesOfOneExit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &outlet{answer: func(ctx context.Context, c help.Call) error {
			if c.ID == "1-7/1" {
				return dead(ctx, c)
			}
			return nil
		}}
		b := startWith(t, t.TempDir(), map[string]Exit{"page": p})
		for i := range 300 { // each with a cause of its own
			_, err := b.Heard(t.Context(), "1", wire.CallUp{
				ID: fmt.Sprintf("1-%d/1", 7+i), Verb: wire.CallRaise, Reason: fmt.Sprintf("how.n%d", i), RaisedAt: time.Now(),
			})
			must(t, err)
		}
		after(4 * time.Minute)
		if got := p.all(); len(got) != 299 {
			t.Errorf("it took %d of 299", len(got))
		}
		_, err := b.Heard(t.Context(), "1", wire.CallUp{ID: "1-7/1", Verb: wire.CallEnd, By: "amina", Outcome: "looked"})
		must(t, err)
		p.answers(nil)
		after(10 * time.Minute)
		if slices.Contains(p.all(), "1-7/1/3") {
			t.Error("it was told of a call that is over")
		}
		b.stop()
	})
}

// What changes at a call does not make an exit that answers nobody try more often;
// a call of which it was never told does, once. When the calls are over nothing is
// left to be told, also without a restart.
func TestDeadExitIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &outlet{answer: dead}
		b := startWith(t, t.TempDir(), map[string]Exit{"page": p})
		tries := func() int {
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.tries
		}
		b.raise(t, "1-7/1")
		after(10 * time.Minute)
		before := tries()
		for range 200 {
			b.raise(t, "1-7/1") // it grows
			after(time.Second / 10)
		}
		if n := tries() - before; n > 1 {
			t.Errorf("tried %d times in 20 s at a pause of a minute", n)
		}
		b.raise(t, "1-8/1")
		after(3*time.Minute - time.Second)
		before = tries()
		after(2 * time.Second)
		if n := tries() - before; n < 1 || n > 2 {
			t.Errorf("tried %d times for a call of which it was never told", n)
		}
		for _, id := range []string{"1-7/1", "1-8/1"} {
			_, err := b.Heard(t.Context(), "1", wire.CallUp{ID: id, Verb: wire.CallEnd, By: "amina", Outcome: "looked"})
			must(t, err)
		}
		after(2 * time.Minute)
		if n := notices(t, b); n != 0 {
			t.Errorf("%d notices of calls that are over", n)
		}
		b.stop()
	})
}

// An exit that a start does not know is told when it is there again, if its call is
// still open.
func TestExitThatWasAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, p := t.TempDir(), &outlet{answer: dead}
		b := startWith(t, dir, map[string]Exit{"page": p})
		b.raise(t, "1-7/1")
		b.raise(t, "1-8/1")
		after(4 * time.Minute)
		b.stop()
		b = startWith(t, dir, nil)
		_, err := b.Heard(t.Context(), "1", wire.CallUp{ID: "1-8/1", Verb: wire.CallEnd, By: "amina", Outcome: "looked"})
		must(t, err)
		after(time.Minute)
		b.stop()
		p.answers(nil)
		b = startWith(t, dir, map[string]Exit{"page": p})
		after(time.Second)
		if got := p.all(); !slices.Equal(got, []string{"1-7/1/3"}) || notices(t, b) != 0 {
			t.Errorf("it took %v, %d notices are left", got, notices(t, b))
		}
		b.stop()
	})
}

// One outage at all lanes is one notice, also over a restart.
func TestFloodIsOneNotice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, p := t.TempDir(), &outlet{}
		b := startWith(t, dir, map[string]Exit{"page": p})
		for i := range 24 {
			b.raise(t, fmt.Sprintf("1-%d/1", 7+i))
		}
		after(2 * time.Minute)
		b.stop()
		b = startWith(t, dir, map[string]Exit{"page": p})
		after(20 * time.Minute)
		if got := p.all(); len(got) != 1 {
			t.Errorf("it took %v", got)
		}
		b.stop()
	})
}

// A disk that fails ends the desk, exits and all.
func TestFaultEndsTheDesk(t *testing.T) {
	d, err := Open(t.Context(), Options{
		Dir: t.TempDir(), Policy: help.DefaultPolicy(), Lanes: &lanes{}, Exits: map[string]Exit{"pager": &outlet{answer: hung}},
		Name: func(id string) string { return id }, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	ended := make(chan error, 1)
	go func() { ended <- d.Run(t.Context()) }()
	up := wire.CallUp{ID: "1-7/1", Verb: wire.CallRaise, Reason: "how", RaisedAt: time.Now()}
	_, err = d.Heard(t.Context(), "1", up)
	must(t, err)
	must(t, d.Close())
	if _, err := d.Heard(t.Context(), "1", up); err == nil {
		t.Error("said without a disk")
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("the desk ended without a word")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the desk goes on without its disk")
	}
}
