package help

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// outage is a board on which so many lanes called at once for one reason.
func outage(t *testing.T, b Board, p Policy, lanes int, r Reason, at time.Time) Board {
	t.Helper()
	for i := range lanes {
		lane := fmt.Sprint(i + 1)
		var err error
		if b, _, err = b.Raise(p, Call{ID: fmt.Sprintf("%s-%s/%d", lane, r, at.Unix()), Lane: lane, Reason: r, Language: "en", RaisedAt: at}, at); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// One outage at 24 lanes is one group, whatever else there is.
func TestFloodGroupsByReason(t *testing.T) {
	p := DefaultPolicy()
	b := outage(t, Board{}, p, 24, "payment.terminal", noon.Add(time.Second))
	b = outage(t, b, p, 3, "bagging.too-much", noon)
	b = outage(t, b, p, 1, "age", noon)
	if _, flood := p.Flooded(b.Calls, 3, noon); flood {
		t.Error("three people can bear 28")
	}
	groups, flood := p.Flooded(b.Calls, 2, noon)
	if !flood || len(groups) != 2 {
		t.Fatalf("groups %+v", groups)
	}
	if g := groups[0]; g.Reason != "payment.terminal" || len(g.Calls) != 24 || len(g.Lanes) != 24 || g.Lanes[1] != "2" || g.Lanes[23] != "24" {
		t.Errorf("first group %+v", g)
	}
	if g := groups[1]; g.Reason != "bagging.too-much" || len(g.Calls) != 3 || !g.Oldest.Equal(noon) {
		t.Errorf("second group %+v", g)
	}
	if _, flood = p.Flooded(b.Calls, 2, noon.Add(p.Flood.Within+time.Minute)); flood {
		t.Error("old calls are no flood")
	}
	for i := range b.Calls[:10] {
		b.Calls[i].State = Settled
	}
	if _, flood = p.Flooded(b.Calls, 2, noon); flood {
		t.Error("what is settled is no flood")
	}
}

// bumped are the calls that a flood brought up.
func bumped(b Board) (ids []string) {
	for _, c := range b.Calls {
		if c.Bumps > 0 {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// The next tier is asked once a group, at once, also while more calls of it come,
// ticks go by and the first is settled; a flood another day asks again.
func TestFloodAsksTheNextTierOnce(t *testing.T) {
	p := DefaultPolicy()
	p.Tiers[0].Ask = []string{"attendant"}
	people := crew("attendant", "supervisor")
	b := outage(t, Board{}, p, 24, "payment.terminal", noon)
	b, changes, _ := b.Tick(p, people, noon)
	if len(changes) != 24 || len(bumped(b)) != 1 {
		t.Fatalf("%d changes, brought up: %v", len(changes), bumped(b))
	}
	asked := 0
	for _, c := range changes {
		if slices.Contains(c.Asked.Agents, "a2") {
			asked++
			if c.Call.Tier != 1 || len(c.Call.Path) != 2 || c.Call.Version != 2 {
				t.Errorf("brought up: %+v", c.Call)
			}
		} else if !c.Call.Flood || c.Call.Version != 1 {
			t.Errorf("joined: %+v", c.Call)
		}
	}
	if asked != 1 {
		t.Errorf("the supervisor is asked for %d calls", asked)
	}
	b = outage(t, b, p, 5, "payment.terminal", noon.Add(10*time.Second))
	b, _, _ = b.Apply(p, Deed{Call: bumped(b)[0], Verb: DoEnd}, noon.Add(11*time.Second))
	for s := 12; s < 30; s++ {
		b, changes, _ = b.Tick(p, people, noon.Add(time.Duration(s)*time.Second))
		if s > 12 && len(changes) != 0 {
			t.Fatalf("after %d s: %+v", s, changes)
		}
	}
	if got := bumped(b); len(got) != 0 { // the one that was is over
		t.Errorf("brought up again: %v", got)
	}
	later := noon.Add(24 * time.Hour) // some of the first are open still
	b = outage(t, b, p, 24, "payment.terminal", later)
	if b, _, _ = b.Tick(p, people, later); len(bumped(b)) != 1 {
		t.Errorf("the next day: %v", bumped(b))
	}
}

// Two causes at once are two groups; what somebody has is not brought up.
func TestFloodOfTwoCauses(t *testing.T) {
	p := DefaultPolicy()
	people := crew("attendant", "supervisor")
	b := outage(t, Board{}, p, 12, "payment.terminal", noon)
	b = outage(t, b, p, 12, "device.scanner", noon)
	b, _, err := b.Apply(p, Deed{Call: b.Calls[0].ID, Version: 1, Verb: DoClaim, By: "a1"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	b, _, _ = b.Tick(p, people, noon)
	got := bumped(b)
	if len(got) != 2 || slices.Contains(got, b.Calls[0].ID) {
		t.Errorf("brought up: %v", got)
	}
}

// An exit hears of a flood once, and of another call of it when that one is over:
// nobody is forgotten.
func TestFloodTellsAnExitOnce(t *testing.T) {
	p := DefaultPolicy()
	people := crew("attendant", "supervisor")
	b := outage(t, Board{}, p, 24, "payment.terminal", noon)
	told := map[string]int{}
	var last string
	run := func(from, to time.Duration) {
		for s := from; s < to; s += time.Second {
			var changes []Change
			b, changes, _ = b.Tick(p, people, noon.Add(s))
			for _, c := range changes {
				for range c.Tell {
					told[c.Call.ID]++
					last = c.Call.ID
				}
			}
		}
	}
	run(0, 40*time.Minute)
	if len(told) != 1 || told[last] != 1 {
		t.Fatalf("the pager was told %v", told)
	}
	for n := 2; n <= 24; n++ {
		was := last
		b, _, _ = b.Apply(p, Deed{Call: was, Verb: DoEnd, Reason: "looked"}, noon.Add(40*time.Minute))
		run(40*time.Minute, 40*time.Minute+2*time.Second)
		if len(told) != n || last == was {
			t.Fatalf("after %d were settled it was told of %d", n-1, len(told))
		}
	}
}
