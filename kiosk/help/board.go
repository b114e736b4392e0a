package help

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Board is all calls of a store that are open or were just settled. Apply and
// Tick never change a Board in place.
type Board struct {
	Calls []Call // by the time they were raised
}

// Why a deed was not done. The console says each in words; none is a fault of
// the person.
var (
	ErrGone     = errors.New("the call is over")
	ErrStale    = errors.New("the call has changed since")
	ErrTaken    = errors.New("a colleague has it")
	ErrPresence = errors.New("somebody must be at the lane")
	ErrTooLate  = errors.New("it can no longer be undone")
	ErrKnown    = errors.New("the call is on the board already")
)

// A Verb is what can be done to a call.
type Verb string

// The verbs.
const (
	DoSee     Verb = "see"
	DoClaim   Verb = "claim"
	DoRelease Verb = "release" // hand it on: others are asked again
	DoSettle  Verb = "settle"
	DoUndo    Verb = "undo"
	DoCancel  Verb = "cancel" // the shopper takes it back
	DoEnd     Verb = "end"    // its lane says it is over: settled there, or the sale ended
)

// A Deed is something done to a call by somebody.
type Deed struct {
	Call    string
	Version int // that it was decided upon; see, cancel and end fit any
	Verb    Verb
	By      string
	Reason  string // of a settlement
	AtLane  bool   // done at the lane itself, with badge or PIN
}

// Raise puts a call on the board.
func (b Board) Raise(p Policy, c Call, now time.Time) (Board, Call, error) {
	if b.find(c.ID) >= 0 {
		return b, Call{}, ErrKnown
	}
	if !c.Reason.Valid() {
		c.Reason = AreaHelp // a lane of a later version may know more reasons
	}
	if c.RaisedAt.IsZero() || c.RaisedAt.After(now) {
		c.RaisedAt = now
	}
	c.State, c.Version = Raised, 1
	c.Priority, c.Presence = p.Priority(c.Reason), p.NeedsPresence(c.Reason)
	if !c.Stands() {
		c.Priority, c.Presence = House, false
	}
	c.Path = []Stop{{Tier: p.rule(c.Reason).From, At: now}}
	c.Tier = c.Path[0].Tier
	b.Calls = append(slices.Clone(b.Calls), c)
	return b, c, nil
}

// Apply does a deed, or says why not. Two who want the same get one answer each:
// the first has it, the second hears who was first.
func (b Board) Apply(p Policy, d Deed, now time.Time) (Board, Call, error) {
	i := b.find(d.Call)
	if i < 0 {
		return b, Call{}, fmt.Errorf("call %s: %w", d.Call, ErrGone)
	}
	c := b.Calls[i]
	if err := d.do(&c, p, now); err != nil {
		return b, b.Calls[i], fmt.Errorf("call %s: %w", d.Call, err)
	}
	if same(c, b.Calls[i]) {
		return b, c, nil
	}
	c.Version++
	b.Calls = slices.Clone(b.Calls)
	b.Calls[i] = c
	return b, c, nil
}

// same reports whether a deed changed nothing, as a second look does.
func same(a, b Call) bool {
	return a.State == b.State && a.By == b.By && a.SeenAt.Equal(b.SeenAt) && a.ClaimedAt.Equal(b.ClaimedAt)
}

func (d Deed) do(c *Call, p Policy, now time.Time) error {
	switch d.Verb {
	case DoSee:
		return d.see(c, now)
	case DoCancel, DoEnd:
		return d.end(c, now)
	case DoUndo:
		return d.undo(c, p, now)
	case DoClaim, DoRelease, DoSettle:
	default:
		return fmt.Errorf("verb %q is not known", d.Verb)
	}
	if !c.State.Open() {
		return ErrGone
	}
	if c.By != "" && c.By != d.By && !d.AtLane {
		return fmt.Errorf("%w: %s", ErrTaken, c.By)
	}
	if d.Verb == DoClaim && c.By == d.By {
		return nil // a double tap claims once
	}
	if d.Version != c.Version {
		return ErrStale
	}
	switch d.Verb {
	case DoClaim:
		c.State, c.By, c.ClaimedAt = Claimed, d.By, now
	case DoRelease:
		c.pass()
	default:
		return d.settle(c, now)
	}
	return nil
}

func (d Deed) see(c *Call, now time.Time) error {
	if c.State == Raised {
		c.State, c.SeenAt, c.SeenBy = Seen, now, d.By
	}
	return nil
}

func (d Deed) settle(c *Call, now time.Time) error {
	if c.Presence && !d.AtLane {
		return ErrPresence
	}
	if c.ClaimedAt.IsZero() {
		c.ClaimedAt = now
	}
	c.State, c.By, c.EndedAt, c.Outcome, c.Remote = Settled, d.By, now, d.Reason, !d.AtLane
	return nil
}

// end is the lane's word, which holds whatever the hub thought: the lane's
// journal is the truth about its calls.
func (d Deed) end(c *Call, now time.Time) error {
	if !c.State.Open() {
		return nil
	}
	c.State, c.EndedAt, c.Outcome = Settled, now, d.Reason
	if d.Verb == DoCancel {
		c.State = Cancelled
	}
	if d.By != "" {
		c.By = d.By
	}
	return nil
}

// undo takes a settlement back, for the one who made it and for a moment. What
// a lane released by it is not taken back: the hub asks only where nothing was.
func (d Deed) undo(c *Call, p Policy, now time.Time) error {
	switch {
	case c.State != Settled:
		return ErrStale
	case c.By != d.By:
		return fmt.Errorf("%w: %s", ErrTaken, c.By)
	case now.Sub(c.EndedAt) > p.Undo:
		return ErrTooLate
	case d.Version != c.Version:
		return ErrStale
	}
	c.State, c.EndedAt, c.Outcome, c.Remote = Claimed, time.Time{}, "", false
	return nil
}

// pass gives a call back to the queue. The one who had it is asked last.
func (c *Call) pass() {
	if c.By != "" && !slices.Contains(c.Passed, c.By) {
		c.Passed = append(slices.Clone(c.Passed), c.By)
	}
	c.State, c.By, c.ClaimedAt = Raised, "", time.Time{}
	c.SeenAt, c.SeenBy = time.Time{}, ""
}

// find returns the place of a call, -1 if it is not there.
func (b Board) find(id string) int {
	return slices.IndexFunc(b.Calls, func(c Call) bool { return c.ID == id })
}

// Call returns a call by its id.
func (b Board) Call(id string) (Call, bool) {
	if i := b.find(id); i >= 0 {
		return b.Calls[i], true
	}
	return Call{}, false
}

// Queue are the open calls as a person should take them: the more urgent first,
// among those who waits before a matter of the house, among those the older, among
// those by id.
func (b Board) Queue() []Call {
	open := slices.DeleteFunc(slices.Clone(b.Calls), func(c Call) bool { return !c.State.Open() })
	slices.SortFunc(open, func(x, y Call) int {
		if x.Priority != y.Priority {
			return int(x.Priority) - int(y.Priority)
		}
		if x.House != y.House {
			if y.House {
				return -1
			}
			return 1
		}
		if d := x.RaisedAt.Compare(y.RaisedAt); d != 0 {
			return d
		}
		return strings.Compare(x.ID, y.ID)
	})
	return open
}
