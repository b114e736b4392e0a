// Package link keeps one connection to a device open, and opens the ports that
// devices hang on: serial lines, TCP and Unix sockets. It is not for protocols:
// it neither looks into the bytes nor knows what a device is.
//
// Its one rule: a broken connection is a normal day. Keep dials again for as
// long as its context lives, and whoever wants to know hears of every change,
// in order, from one goroutine.
package link

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"time"
)

// The waits between two dials if Options names none. A pulled USB adapter is
// back about half a second after it is plugged in, so the first tries are quick
// and the last ones still feel immediate to the person holding the cable.
const (
	DefaultFirst   = 100 * time.Millisecond
	DefaultLongest = 2 * time.Second
)

// ErrEnded is the reason reported when use returned without one.
var ErrEnded = errors.New("connection ended")

// Status is what is known of a connection. It always follows from the last
// thing that happened to it.
type Status struct {
	Up  bool
	Err error // why it is down; nil while it is up
	At  time.Time
}

// Options adjusts Keep. The zero Options is usable.
type Options struct {
	First   time.Duration // wait before the first retry; 0 means DefaultFirst
	Longest time.Duration // waits double up to this; 0 means DefaultLongest

	// Report hears of a change: down to up, up to down, or down for another
	// reason. It is called by Keep's own goroutine and should not block.
	Report func(Status)
}

// Keep dials, hands the connection to use, and does so again when use returns,
// until ctx ends; then it returns the cause. A dial that succeeds counts as up:
// a driver whose device can be asked does so within dial. use must return when
// the connection breaks. When ctx ends Keep closes the connection, so a blocked
// Read or Write returns; the connection is closed exactly once and before the
// next dial, so that a replugged adapter gets its old name.
func Keep[C io.Closer](ctx context.Context, o Options, dial func(context.Context) (C, error),
	use func(context.Context, C) error,
) error {
	if o.First <= 0 {
		o.First = DefaultFirst
	}
	if o.Longest <= 0 {
		o.Longest = DefaultLongest
	}
	o.Longest = max(o.First, o.Longest)
	rep := reporter{to: o.Report}
	wait := o.First
	for ctx.Err() == nil {
		lived, err := once(ctx, &rep, dial, use)
		if ctx.Err() != nil {
			break
		}
		rep.down(err)
		if lived >= wait { // it worked for a while: this is a new fault
			wait = o.First
		}
		sleep(ctx, jitter(wait))
		wait = min(2*wait, o.Longest)
	}
	return context.Cause(ctx)
}

// once makes one connection and returns how long it was up and why it ended.
func once[C io.Closer](ctx context.Context, rep *reporter, dial func(context.Context) (C, error),
	use func(context.Context, C) error,
) (time.Duration, error) {
	conn, err := dial(ctx)
	if err != nil {
		return 0, err
	}
	closeConn := sync.OnceValue(conn.Close)
	stop := context.AfterFunc(ctx, func() { _ = closeConn() })
	rep.up()
	start := time.Now()
	err = use(ctx, conn)
	stop()
	if cerr := closeConn(); err == nil {
		err = cerr
	}
	if err == nil {
		err = ErrEnded
	}
	return time.Since(start), err
}

// jitter spreads d by a quarter either way, so that devices that went down
// together do not come back in step.
func jitter(d time.Duration) time.Duration {
	return d - d/4 + rand.N(d/2+1)
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// A reporter passes on changes only.
type reporter struct {
	to   func(Status)
	last Status
}

func (r *reporter) up() { r.set(Status{Up: true}) }

func (r *reporter) down(err error) { r.set(Status{Err: err}) }

func (r *reporter) set(s Status) {
	if !r.last.At.IsZero() && r.last.Up == s.Up && text(r.last.Err) == text(s.Err) {
		return
	}
	s.At = time.Now()
	r.last = s
	if r.to != nil {
		r.to(s)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
