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
// that somebody holds too long goes back, and of many with one cause one goes up
// at once (see [Policy.Flooded]). It returns what changed, and when it wants to be
// asked again, 0 for not at all.
func (b Board) Tick(p Policy, crew []Agent, now time.Time) (Board, []Change, time.Duration) {
	var changes []Change
	var next time.Duration
	calls := slices.Clone(b.Calls)
	calls = slices.DeleteFunc(calls, func(c Call) bool { return !c.State.Open() && now.Sub(c.EndedAt) > p.Undo })
	joined := p.flood(calls, crew, now)
	for i := range calls {
		ch, wait := calls[i].tick(p, crew, now, calls)
		if ch == nil && joined[calls[i].ID] {
			ch = &Change{Call: calls[i], Asked: p.Ask(calls[i], crew, now)}
		}
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

func (c *Call) tick(p Policy, crew []Agent, now time.Time, all []Call) (*Change, time.Duration) {
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
		if left := c.Back(p) - now.Sub(c.ClaimedAt); left > 0 {
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
	tell := slices.DeleteFunc(slices.Clone(asked.Exits), func(e string) bool { return slices.Contains(c.Told, e) || p.toldOfAnother(*c, e, all) })
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
// how long it may take; matters of the house are not before her. The wait is that
// of a typical call here, for each call before hers and each person on duty; 0 says
// that nothing is known.
func (b Board) Expect(id string, onDuty int, typical time.Duration) (place int, wait time.Duration) {
	i := 0
	for _, c := range b.Queue() {
		if c.ID != id {
			if !c.House {
				i++
			}
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
