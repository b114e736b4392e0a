package link

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

type fakeConn struct {
	closed chan struct{}
	once   sync.Once
	closes int
}

func newFakeConn() *fakeConn { return &fakeConn{closed: make(chan struct{})} }

func (c *fakeConn) Close() error {
	c.closes++
	c.once.Do(func() { close(c.closed) })
	return nil
}

func TestKeepBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		var at []time.Duration
		var seen []Status
		dial := func(context.Context) (*fakeConn, error) {
			at = append(at, time.Since(start))
			return nil, errors.New("no such port")
		}
		err := Keep(ctx, Options{Report: func(s Status) { seen = append(seen, s) }}, dial, nil)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Keep() = %v, want the context's cause", err)
		}
		want := []time.Duration{100, 200, 400, 800, 1600, 2000, 2000, 2000}
		for i, w := range want {
			got, w := at[i+1]-at[i], w*time.Millisecond
			if got < w*3/4 || got > w*5/4+time.Millisecond {
				t.Errorf("wait %d was %v, want %v give or take a quarter", i, got, w)
			}
		}
		if len(at) < 25 {
			t.Errorf("dialed %d times in a minute, want it to go on", len(at))
		}
		if len(seen) != 1 || seen[0].Up || seen[0].Err == nil {
			t.Errorf("reports = %+v, want one: down", seen)
		}
	})
}

func TestKeepReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		steps := []error{errors.New("absent"), nil, errors.New("absent"), errors.New("busy"), nil}
		var conns []*fakeConn
		dial := func(context.Context) (*fakeConn, error) {
			err := steps[0]
			steps = steps[1:]
			if err != nil {
				return nil, err
			}
			conns = append(conns, newFakeConn())
			return conns[len(conns)-1], nil
		}
		use := func(_ context.Context, c *fakeConn) error {
			if len(steps) == 0 {
				cancel()
				<-c.closed // Keep closes it when the context ends
				return net.ErrClosed
			}
			return ErrGone
		}
		var seen []string
		_ = Keep(ctx, Options{Report: func(s Status) {
			seen = append(seen, map[bool]string{true: "up", false: "down"}[s.Up]+" "+text(s.Err))
		}}, dial, use)
		want := []string{"down absent", "up ", "down device is gone", "down absent", "down busy", "up "}
		if len(seen) != len(want) {
			t.Fatalf("reports = %q, want %q", seen, want)
		}
		for i := range want {
			if seen[i] != want[i] {
				t.Errorf("report %d = %q, want %q", i, seen[i], want[i])
			}
		}
		for i, c := range conns {
			if c.closes != 1 {
				t.Errorf("connection %d closed %d times, want once", i, c.closes)
			}
		}
	})
}

func TestKeepRetriesQuicklyAfterALongUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		var last time.Time
		dial := func(context.Context) (*fakeConn, error) {
			if wait := time.Since(last); !last.IsZero() && wait > 130*time.Millisecond {
				t.Errorf("waited %v after a connection that had lasted a minute", wait)
			}
			return newFakeConn(), nil
		}
		use := func(ctx context.Context, _ *fakeConn) error {
			sleep(ctx, time.Minute)
			last = time.Now()
			return nil
		}
		_ = Keep(ctx, Options{}, dial, use)
	})
}
