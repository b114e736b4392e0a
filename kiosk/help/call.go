package help

import "time"

// A State is how far a call has come. The shopper sees it.
type State string

// The states of a call.
const (
	Raised    State = "called" // nobody has seen it
	Seen      State = "seen"   // on somebody's screen
	Claimed   State = "coming" // somebody has it
	Settled   State = "done"   // settled; for a moment it can be undone
	Cancelled State = "cancelled"
)

// Open reports whether somebody is still wanted.
func (s State) Open() bool { return s == Raised || s == Seen || s == Claimed }

// A Call is one request for help, as the hub has it. The lane's journal has the
// same call under the same ID; what it is about lies beside it.
type Call struct {
	ID       string   // LANE-SALE/N of the lane's journal, or the hub's own for a lost lane
	Lane     string   //
	Reason   Reason   //
	Priority Priority //
	Presence bool     // only somebody at the lane may settle it
	Language string   // the shopper's
	Channel  string   // the richest that was used: console, webhook, pager, chat, voice, video; or receipt-page
	RaisedAt time.Time
	State    State
	// Version grows with each change. A deed names the version it was decided
	// upon: a stale tap fits none and settles nothing.
	Version int
	SeenAt  time.Time
	SeenBy  string
	// ClaimedAt is when the one who has it now took it.
	ClaimedAt time.Time
	By        string   // who has it, or settled it
	Bumps     int      // tiers it went up because somebody came not
	Passed    []string // who had it and did not settle it, or handed it on
	EndedAt   time.Time
	Outcome   string   // the reason it was settled with
	Remote    bool     // it was settled from afar
	Tier      int      // highest that was asked
	Path      []Stop   // the tiers it went, for the contact
	Told      []string // exits that were named in a [Change]
	Before    int      // calls in the same sale before it
	Flood     bool     // it came with many others of its reason, for which somebody else is asked once
	House     bool     // the store itself raised it: nobody stands at a lane and waits
}

// patience is how many times as long as a call of a shopper who stands there a
// matter of the house may be with somebody before it goes back.
const patience = 10

// Back is how long a call may be with somebody before it goes back to the queue,
// 0 for ever.
func (c Call) Back(p Policy) time.Duration {
	if c.House {
		return patience * p.Return
	}
	return p.Return
}

// A Stop is one tier on a call's way.
type Stop struct {
	Tier int
	At   time.Time
}

// Wait is how long nobody has come, or had not when somebody did. It counts from
// the raising, not from the seeing.
func (c Call) Wait(now time.Time) time.Duration {
	switch {
	case !c.ClaimedAt.IsZero():
		return c.ClaimedAt.Sub(c.RaisedAt)
	case !c.EndedAt.IsZero():
		return c.EndedAt.Sub(c.RaisedAt)
	default:
		return now.Sub(c.RaisedAt)
	}
}
