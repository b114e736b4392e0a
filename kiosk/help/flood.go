package help

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A Cluster is several open calls with one cause, shown and heard as one: they
// have the same reason, at whatever lanes.
type Cluster struct {
	Reason Reason
	Lanes  []string // each once, 9 before 10
	Calls  []string // ids, the oldest first
	Oldest time.Time
}

// Here counts who is there to be asked.
func Here(crew []Agent, now time.Time) (n int) {
	for _, a := range crew {
		if a.here(now) {
			n++
		}
	}
	return n
}

// Flooded reports whether more calls wait that came lately than the people who
// are there can bear, and how they group, the largest group first; a call alone
// is no group. A flood is a matter for the next tier, once a group, and not for
// ten more sounds.
func (p Policy) Flooded(calls []Call, here int, now time.Time) ([]Cluster, bool) {
	var some []Call
	for _, c := range calls {
		if c.State.Open() && c.Stands() && !c.House && now.Sub(c.RaisedAt) <= p.Flood.Within {
			some = append(some, c)
		}
	}
	if p.Flood.Calls == 0 || len(some) <= p.Flood.Calls*max(here, 1) {
		return nil, false
	}
	slices.SortStableFunc(some, func(x, y Call) int {
		return cmp.Or(x.RaisedAt.Compare(y.RaisedAt), strings.Compare(x.ID, y.ID))
	})
	at := map[Reason]int{}
	var groups []Cluster
	for _, c := range some {
		i, known := at[c.Reason]
		if !known {
			i = len(groups)
			at[c.Reason] = i
			groups = append(groups, Cluster{Reason: c.Reason, Oldest: c.RaisedAt})
		}
		g := &groups[i]
		g.Calls = append(g.Calls, c.ID)
		if !slices.Contains(g.Lanes, c.Lane) {
			g.Lanes = append(g.Lanes, c.Lane)
		}
	}
	groups = slices.DeleteFunc(groups, func(g Cluster) bool { return len(g.Calls) < 2 })
	for _, g := range groups {
		slices.SortFunc(g.Lanes, func(x, y string) int { return cmp.Or(len(x)-len(y), strings.Compare(x, y)) })
	}
	slices.SortStableFunc(groups, func(x, y Cluster) int { return len(y.Calls) - len(x.Calls) })
	return groups, true
}

// flood asks the next tier for each group of a flood, once: its oldest call that
// nobody has goes up. The others are marked with it, and who joins them while one
// of them is still among the group asks for nobody more. It changes calls in place
// and returns which ones joined.
func (p Policy) flood(calls []Call, crew []Agent, now time.Time) (joined map[string]bool) {
	groups, _ := p.Flooded(calls, Here(crew, now), now)
	joined = map[string]bool{}
	for _, g := range groups {
		asked := slices.ContainsFunc(calls, func(c Call) bool { return c.Flood && slices.Contains(g.Calls, c.ID) })
		for _, id := range g.Calls {
			c := &calls[slices.IndexFunc(calls, func(c Call) bool { return c.ID == id })]
			if !asked && c.State != Claimed {
				c.Bumps++
				asked = true
			}
		}
		if !asked {
			continue // all are on their way
		}
		for i := range calls {
			if c := &calls[i]; !c.Flood && slices.Contains(g.Calls, c.ID) {
				c.Flood, joined[c.ID] = true, true
			}
		}
	}
	return joined
}

// toldOfAnother reports whether an exit knows of the flood that a call belongs
// to by another one of that time that is still open. It hears of this one when
// that is over.
func (p Policy) toldOfAnother(c Call, exit string, all []Call) bool {
	return c.Flood && slices.ContainsFunc(all, func(o Call) bool {
		return o.Flood && o.Reason == c.Reason && o.ID != c.ID && o.State.Open() && slices.Contains(o.Told, exit) &&
			c.RaisedAt.Sub(o.RaisedAt).Abs() <= p.Flood.Within
	})
}
