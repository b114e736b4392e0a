package help

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Policy is what a store decided about help. It is a value: nothing here
// changes it, and two hubs with the same one ask the same people.
type Policy struct {
	Tiers []Tier          // at least one; After ascending, the first 0
	Rules map[Reason]Rule // by area or by whole reason, the whole one first
	// Return is how long a person who took a call may be on it before it goes
	// back to the queue, one tier up; a matter of the house, ten times as long. 0:
	// never.
	Return time.Duration
	Undo   time.Duration // how long a settlement can be taken back
	Flood  Flood
}

// A Tier is who is asked, and from when on.
type Tier struct {
	Name  string
	After time.Duration // since the call was raised
	Ask   []string      // roles or sites, as in [Agent]; empty: everybody
	Exits []string      // names of webhooks and pagers to tell once
}

// A Rule overrides what the area's default says. A zero field overrides nothing.
type Rule struct {
	Priority Priority
	Presence *bool    // it may only be settled by somebody at the lane
	Skill    string   // only agents with it are asked, if any has it
	Faster   bool     // the next tier is asked after half the time
	From     int      // the first tier, from 0: some things go straight to a supervisor
	Exits    []string // told at once
}

// Flood says from how many new calls on in how long a time, for each person who
// is there, calls with one cause are shown, heard and brought up as one.
type Flood struct {
	Calls  int
	Within time.Duration
}

// DefaultPolicy is what a store starts with: everybody at once, the supervisor
// after half a minute, the manager after a minute and a half, the world outside
// after three.
func DefaultPolicy() Policy {
	return Policy{
		Tiers: []Tier{
			{Name: "floor", Ask: []string{"attendant", "supervisor", "manager"}},
			{Name: "supervisor", After: 30 * time.Second, Ask: []string{"supervisor", "manager"}},
			{Name: "manager", After: 90 * time.Second, Ask: []string{"manager", "centre"}},
			{Name: "outside", After: 180 * time.Second, Exits: []string{"pager"}},
		},
		Return: 120 * time.Second,
		Undo:   5 * time.Second,
		Flood:  Flood{Calls: 10, Within: 10 * time.Minute},
	}
}

// Check says what is wrong with a policy, nil for nothing. Each error names the
// tier or the reason.
func (p Policy) Check() error {
	if len(p.Tiers) == 0 {
		return errors.New("no tiers: name at least one, with after = \"0s\"")
	}
	var errs []error
	for i, t := range p.Tiers {
		switch {
		case t.Name == "":
			errs = append(errs, fmt.Errorf("tier %d: no name", i+1))
		case i == 0 && t.After != 0:
			errs = append(errs, fmt.Errorf("tier %s: the first one is asked at once, after = %q", t.Name, "0s"))
		case i > 0 && t.After <= p.Tiers[i-1].After:
			errs = append(errs, fmt.Errorf("tier %s: after %v is not later than tier %s", t.Name, t.After, p.Tiers[i-1].Name))
		}
	}
	for r, rule := range p.Rules {
		if !r.Valid() {
			errs = append(errs, fmt.Errorf("reason %q: no such area", r))
		}
		if rule.From < 0 || rule.From >= len(p.Tiers) {
			errs = append(errs, fmt.Errorf("reason %s: from = %d, but there are %d tiers", r, rule.From, len(p.Tiers)))
		}
		if rule.Priority < 0 || rule.Priority > House {
			errs = append(errs, fmt.Errorf("reason %s: priority %d is not 1 to 4", r, rule.Priority))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// rule returns what holds for a reason: its own rule, its area's, the default.
func (p Policy) rule(r Reason) Rule {
	base, _ := r.of()
	presence := base.presence
	rule := Rule{Priority: base.priority, Presence: &presence}
	for _, key := range []Reason{r.Area(), r} {
		over, ok := p.Rules[key]
		if !ok {
			continue
		}
		if over.Priority != 0 {
			rule.Priority = over.Priority
		}
		if over.Presence != nil {
			rule.Presence = over.Presence
		}
		if over.Skill != "" {
			rule.Skill = over.Skill
		}
		if len(over.Exits) > 0 {
			rule.Exits = over.Exits
		}
		rule.Faster = rule.Faster || over.Faster
		rule.From = max(rule.From, over.From)
	}
	return rule
}

// Priority is what a reason gets at this store.
func (p Policy) Priority(r Reason) Priority { return p.rule(r).Priority }

// NeedsPresence reports whether only somebody at the lane may settle a reason.
func (p Policy) NeedsPresence(r Reason) bool { return *p.rule(r).Presence }

// tierAt is the tier that is asked so long after a call was raised, and when the
// next one comes, 0 for never.
func (p Policy) tierAt(r Reason, since time.Duration, bumps int) (tier int, next time.Duration) {
	rule := p.rule(r)
	tier = rule.From
	for i := range p.Tiers {
		after := p.Tiers[i].After
		if rule.Faster {
			after /= 2
		}
		if since >= after {
			tier = max(tier, i)
		}
	}
	tier = min(tier+bumps, len(p.Tiers)-1)
	if tier+1 < len(p.Tiers) {
		next = p.Tiers[tier+1].After
		if rule.Faster {
			next /= 2
		}
		next = max(next-since, 0)
	}
	return tier, next
}
