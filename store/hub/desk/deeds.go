package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"kassa/kiosk/help"
	"kassa/store/wire"
)

// Heard takes what a lane says of a call and returns where it stands. A lane
// says it until it is answered, so that saying it twice is saying it once.
func (d *Desk) Heard(ctx context.Context, lane string, up wire.CallUp) (down wire.CallDown, err error) {
	failed := d.do(ctx, func(ctx context.Context) { down, err = d.heard(ctx, lane, up) })
	return down, errors.Join(failed, err)
}

// Known returns a call, ended or not, as the desk last wrote it down; ok is false where
// there was none, or it is kept no longer.
func (d *Desk) Known(ctx context.Context, id string) (c help.Call, ok bool, err error) {
	return d.book.known(ctx, id)
}

func (d *Desk) heard(ctx context.Context, lane string, up wire.CallUp) (wire.CallDown, error) {
	c, there := d.board.Call(up.ID)
	known := there
	if !there {
		var err error
		if c, known, err = d.book.known(ctx, up.ID); err != nil {
			return wire.CallDown{}, err
		}
	}
	switch {
	case known && c.Lane != lane:
		return wire.CallDown{}, fmt.Errorf("call %s is not lane %s's", up.ID, lane)
	case up.Rating < 0 || up.Rating > 3:
		return wire.CallDown{}, fmt.Errorf("call %s: rating %d", up.ID, up.Rating)
	case known && !there:
		return d.late(ctx, c, up)
	}
	switch up.Verb {
	case wire.CallRaise:
		return d.raise(ctx, lane, up, there)
	case wire.CallClaim:
		return d.claimAtLane(ctx, lane, up, there)
	case wire.CallCancel, wire.CallEnd:
		if !there { // it was raised and ended while the hub was away: it counts all the same
			if _, err := d.raise(ctx, lane, up, false); err != nil {
				return wire.CallDown{}, err
			}
			c, _ = d.board.Call(up.ID)
		}
		if err := d.keepMoney(ctx, lane, c, up); err != nil {
			return wire.CallDown{}, err
		}
		verb := help.DoEnd
		if up.Verb == wire.CallCancel {
			verb = help.DoCancel
		}
		c, err := d.apply(ctx, help.Deed{Call: up.ID, Verb: verb, By: up.By, Reason: up.Outcome, AtLane: true})
		return d.down(c), err
	case wire.CallRate:
		return d.down(c), d.book.rate(ctx, up.ID, up.Rating, up.Solved)
	default:
		return wire.CallDown{}, fmt.Errorf("call %s: verb %q is not known", up.ID, up.Verb)
	}
}

// claimAtLane takes the word of a lane that somebody stands there: whoever was
// on the way need not come.
func (d *Desk) claimAtLane(ctx context.Context, lane string, up wire.CallUp, there bool) (wire.CallDown, error) {
	down, err := d.raise(ctx, lane, up, there)
	if err != nil || up.By == "" {
		return down, err
	}
	c, err := d.apply(ctx, help.Deed{Call: up.ID, Version: down.Version, Verb: help.DoClaim, By: up.By, AtLane: true})
	return d.down(c), err
}

// late answers a lane that speaks of a call that ended.
func (d *Desk) late(ctx context.Context, c help.Call, up wire.CallUp) (wire.CallDown, error) {
	if up.Verb == wire.CallRate {
		return d.down(c), d.book.rate(ctx, up.ID, up.Rating, up.Solved)
	}
	return d.down(c), nil
}

func (d *Desk) raise(ctx context.Context, lane string, up wire.CallUp, there bool) (wire.CallDown, error) {
	if there {
		d.context[up.ID] = up.Context // what is known around it may have grown
		c, _ := d.board.Call(up.ID)
		if !d.keep(ctx, c) {
			return wire.CallDown{}, d.fault
		}
		d.show()
		return d.down(c), nil
	}
	board, c, err := d.board.Raise(d.o.Policy, help.Call{
		ID: up.ID, Lane: lane, Reason: help.Reason(up.Reason), Language: up.Language, Channel: up.Channel,
		RaisedAt: up.RaisedAt, Before: up.Context.Calls, House: ofHouse(up.ID),
	}, d.o.Now())
	if err != nil {
		return wire.CallDown{}, err
	}
	d.context[c.ID] = up.Context
	if !d.keep(ctx, c) {
		return wire.CallDown{}, d.fault
	}
	d.board = board
	if err := d.book.read(ctx, c.ID, lane, up.Context.Articles, d.o.Now()); err != nil {
		d.o.Log.WarnContext(ctx, "articles read before a call not kept", "call", c.ID, "err", err)
	}
	d.show()
	return d.down(c), nil
}

// Do sees, claims, releases or undoes.
func (d *Desk) Do(ctx context.Context, deed help.Deed) (c help.Call, err error) {
	switch deed.Verb {
	case help.DoSee, help.DoClaim, help.DoRelease, help.DoUndo:
	default:
		return c, fmt.Errorf("call %s: %q is not done from a console", deed.Call, deed.Verb)
	}
	failed := d.do(ctx, func(ctx context.Context) { c, err = d.apply(ctx, deed) })
	return c, errors.Join(failed, err)
}

// apply does a deed: on the board, on the disk, and only then for all to see.
func (d *Desk) apply(ctx context.Context, deed help.Deed) (help.Call, error) {
	board, c, err := d.board.Apply(d.o.Policy, deed, d.o.Now())
	if err != nil {
		return c, err
	}
	if !d.keep(ctx, c) {
		return c, d.fault
	}
	d.board = board
	if c.State == help.Settled && deed.Verb != help.DoUndo && c.Stands() {
		d.typical = append(d.typical, c.EndedAt.Sub(c.RaisedAt))
		d.typical = d.typical[max(0, len(d.typical)-50):]
	}
	d.tell(c)
	d.show()
	return c, nil
}

// A Settlement is what somebody at a console decided upon.
type Settlement struct {
	Call    string
	Version int
	By      string
	Role    string
	Reason  string // one of the six large ones
	Deed    string // what the lane shall do
	Line    int
	Value   string
	Boot    string // of the lane's run that was on the screen
}

// commandLife is how long a command may travel. A lane that hears it later does
// nothing: the shopper may be gone.
const commandLife = 5 * time.Second

// A RefusedError is a lane's word on why it did not do what it was asked, as in
// [wire.Result].
type RefusedError string

func (e RefusedError) Error() string { return string(e) }

// Settle has a lane do what somebody decided, and takes the call off the board
// when the lane has it on its disk. Nothing is settled that the lane did not do:
// an answer that was lost comes later as the lane's own word.
func (d *Desk) Settle(ctx context.Context, s Settlement) (help.Call, error) {
	deed := help.Deed{Call: s.Call, Version: s.Version, Verb: help.DoSettle, By: s.By, Reason: s.Reason}
	var c help.Call
	var about wire.Context
	var err error
	failed := d.do(ctx, func(context.Context) { // would it be allowed?
		_, _, err = d.board.Apply(d.o.Policy, deed, d.o.Now())
		c, _ = d.board.Call(s.Call)
		about = d.context[s.Call]
	})
	if err := errors.Join(failed, err); err != nil {
		return c, err
	}
	result, err := d.o.Lanes.Command(ctx, c.Lane, wire.Command{
		ID: rand.Text(), Boot: s.Boot, Call: s.Call, Version: s.Version, Number: about.Number, Deed: s.Deed, By: s.By, Role: s.Role,
		Reason: s.Reason, Line: s.Line, Value: s.Value, Expires: d.o.Now().Add(commandLife),
	})
	if err != nil {
		return c, fmt.Errorf("call %s: %w: %w", s.Call, ErrAway, err)
	}
	if !result.OK {
		return c, fmt.Errorf("call %s: lane %s: %w", s.Call, c.Lane, RefusedError(result.Why))
	}
	failed = d.do(ctx, func(ctx context.Context) {
		// The lane has done it, so that the call is over whatever happened here
		// meanwhile; its own word may even have been quicker.
		deed.AtLane = false
		if c, err = d.apply(ctx, deed); err != nil {
			c, err = d.apply(ctx, help.Deed{Call: s.Call, Verb: help.DoEnd, By: s.By, Reason: s.Reason})
		}
		if errors.Is(err, help.ErrGone) {
			err = nil
		}
	})
	return c, errors.Join(failed, err)
}

// Judge keeps how somebody found a call they settled.
func (d *Desk) Judge(ctx context.Context, id, by, verdict string) error {
	return d.book.judge(ctx, id, by, verdict)
}

// Crew says who has a console open.
func (d *Desk) Crew(ctx context.Context, crew []help.Agent) error {
	return d.do(ctx, func(context.Context) {
		d.crew = slices.Clone(crew)
		d.show()
	})
}

// Watch returns snapshots, the newest whenever the reader comes, until leave is
// called or the desk ends.
func (d *Desk) Watch(ctx context.Context) (snapshots <-chan Snapshot, leave func(), err error) {
	w := make(chan Snapshot, 1)
	err = d.do(ctx, func(context.Context) {
		d.watch = append(d.watch, w)
		w <- d.snapshot()
	})
	leave = func() {
		_ = d.do(context.WithoutCancel(ctx), func(context.Context) {
			d.watch = slices.DeleteFunc(d.watch, func(x chan Snapshot) bool { return x == w })
		})
	}
	return w, leave, err
}

// Remind tells a lane again how its open calls stand: it may have missed the
// last word, and its place in the queue may be another.
func (d *Desk) Remind(ctx context.Context, lane string) error {
	return d.do(ctx, func(context.Context) {
		for _, c := range d.board.Calls {
			if c.Lane == lane && c.State.Open() {
				d.tell(c)
			}
		}
	})
}
