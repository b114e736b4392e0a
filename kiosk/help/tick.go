package help

import (
	"slices"
	"time"
)

// A Change is a call that time moved, and whom to tell of it now.
type Change struct {
	Call  Call
	Asked Asked
	// Tell are the exits that are due and have not been named before. Whoever
	// keeps the board sees to it that they hear of it, and keeps with the call
	// that they must.
	Tell []string
	// Returned says that somebody who had it did not come.
	Returned bool
}

// Tick does what time asks for: a call that nobody settled goes up a tier, one
// that somebody holds too long goes back. It returns what changed, and when it
// wants to be asked again, 0 for not at all.
func (b Board) Tick(p Policy, crew []Agent, now time.Time) (Board, []Change, time.Duration) {
	var changes []Change
	var next time.Duration
	calls := slices.Clone(b.Calls)
	calls = slices.DeleteFunc(calls, func(c Call) bool { return !c.State.Open() && now.Sub(c.EndedAt) > p.Undo })
	for i := range calls {
		ch, wait := calls[i].tick(p, crew, now)
		if ch != nil {
			changes = append(changes, *ch)
		}
		if wait > 0 && (next == 0 || wait < next) {
			next = wait
		}
	}
	b.Calls = calls
	return b, changes, next
}

func (c *Call) tick(p Policy, crew []Agent, now time.Time) (*Change, time.Duration) {
	if !c.State.Open() {
		return nil, max(p.Undo-now.Sub(c.EndedAt), 1)
	}
	if !c.Stands() {
		return nil, 0
	}
	returned := false
	if c.State == Claimed {
		if p.Return == 0 {
			return nil, 0
		}
		if left := p.Return - now.Sub(c.ClaimedAt); left > 0 {
			return nil, left
		}
		c.pass()
		c.Bumps++
		returned = true
	}
	asked := p.Ask(*c, crew, now)
	if len(asked.Agents) == 0 && len(c.Passed) > 0 { // better those who had it than nobody
		c.Passed = nil
		asked = p.Ask(*c, crew, now)
	}
	tell := slices.DeleteFunc(slices.Clone(asked.Exits), func(e string) bool { return slices.Contains(c.Told, e) })
	if asked.Tier == c.Tier && len(tell) == 0 && !returned {
		return nil, asked.Next
	}
	if asked.Tier != c.Tier {
		c.Path = append(slices.Clone(c.Path), Stop{Tier: asked.Tier, At: now})
	}
	c.Tier = asked.Tier
	c.Told = append(slices.Clone(c.Told), tell...)
	c.Version++
	return &Change{Call: *c, Asked: asked, Tell: tell, Returned: returned}, asked.Next
}

// Expect is what an honest screen tells a shopper: how many are before her, and
// how long it may take. The wait is that of a typical call here, for each call
// before hers and each person on duty; 0 says that nothing is known.
func (b Board) Expect(id string, onDuty int, typical time.Duration) (place int, wait time.Duration) {
	for i, c := range b.Queue() {
		if c.ID != id {
			continue
		}
		if onDuty <= 0 || typical <= 0 {
			return i + 1, 0
		}
		rounds := i/onDuty + 1
		return i + 1, time.Duration(rounds) * typical
	}
	return 0, 0
}

// A Cluster is several calls with one cause, shown as one: the same area at the
// same lane.
type Cluster struct {
	Lane   string
	Area   Reason
	Calls  []string
	Oldest time.Time
}

// Flooded reports whether more calls came than the people on duty can bear, and
// how they group. A flood is a matter for the next tier, once, and not for ten
// more sounds.
func (p Policy) Flooded(recent []Call, onDuty int, now time.Time) ([]Cluster, bool) {
	var some []Call
	for _, c := range recent {
		if c.Stands() && now.Sub(c.RaisedAt) <= p.Flood.Within {
			some = append(some, c)
		}
	}
	if p.Flood.Calls == 0 || len(some) <= p.Flood.Calls*max(onDuty, 1) {
		return nil, false
	}
	var groups []Cluster
	for _, c := range some {
		i := slices.IndexFunc(groups, func(g Cluster) bool { return g.Lane == c.Lane && g.Area == c.Reason.Area() })
		if i < 0 {
			groups = append(groups, Cluster{Lane: c.Lane, Area: c.Reason.Area(), Oldest: c.RaisedAt})
			i = len(groups) - 1
		}
		groups[i].Calls = append(groups[i].Calls, c.ID)
		if c.RaisedAt.Before(groups[i].Oldest) {
			groups[i].Oldest = c.RaisedAt
		}
	}
	slices.SortFunc(groups, func(a, b Cluster) int {
		if d := len(b.Calls) - len(a.Calls); d != 0 {
			return d
		}
		return a.Oldest.Compare(b.Oldest)
	})
	return groups, true
}
