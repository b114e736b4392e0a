package help

import (
	"slices"
	"time"

	"kassa/kiosk/hours"
)

// An Agent is somebody who may be asked: an attendant on the floor, or a support
// agent far away. ID is a handle; the name, where a store shows it, lies elsewhere.
type Agent struct {
	ID        string
	Role      string
	Site      string // "" the store itself, else the name of a support centre
	Languages []string
	Skills    []string
	Hours     hours.Hours    // when this agent's desk is manned; the zero value: always
	Zone      *time.Location // of Hours; nil: UTC
	OnDuty    bool           // has a console open
}

// here reports whether the agent can be asked now. The sun is followed: hours
// are those of the agent's own zone.
func (a Agent) here(now time.Time) bool {
	if !a.OnDuty {
		return false
	}
	zone := a.Zone
	if zone == nil {
		zone = time.UTC
	}
	return a.Hours.Open(now.In(zone))
}

// in reports whether a tier asks this agent. A store's agents are named by their
// role, those of a centre by their site too.
func (a Agent) in(t Tier) bool {
	return len(t.Ask) == 0 || slices.Contains(t.Ask, a.Role) || a.Site != "" && slices.Contains(t.Ask, a.Site)
}

// Asked is who is asked for a call at a moment.
type Asked struct {
	Tier   int
	Agents []string      // ids, in byte order
	Exits  []string      // to be told, once each
	Next   time.Duration // until somebody else is asked; 0: nobody else is left
	// Foreign says that none of them speaks the shopper's language: the phrase
	// book speaks for them.
	Foreign bool
}

// Ask says who is asked for a call now. A tier without anybody there is passed
// over at once: a shopper at three in the morning does not wait for the clock.
// Of those asked who speak the shopper's language nobody else is bothered, and
// of those with the skill a reason wants nobody without it.
func (p Policy) Ask(c Call, crew []Agent, now time.Time) Asked {
	since := now.Sub(c.RaisedAt)
	if !c.Stands() {
		since = 0
	}
	tier, next := p.tierAt(c.Reason, since, c.Bumps)
	rule := p.rule(c.Reason)
	asked := Asked{Exits: slices.Clone(rule.Exits)}
	for ; tier < len(p.Tiers); tier++ {
		asked.Tier, asked.Next = tier, next
		asked.Exits = append(asked.Exits, p.exits(rule.From, tier)...)
		ids, foreign := p.crewFor(c, rule, crew, tier, now)
		if len(ids) > 0 {
			asked.Agents, asked.Foreign = ids, foreign
			break
		}
		next = 0
	}
	if !c.Stands() {
		asked.Exits, asked.Next = nil, 0
	}
	slices.Sort(asked.Exits)
	asked.Exits = slices.Compact(asked.Exits)
	return asked
}

// exits are those of every tier that has been asked.
func (p Policy) exits(from, to int) []string {
	var all []string
	for _, t := range p.Tiers[from : to+1] {
		all = append(all, t.Exits...)
	}
	return all
}

// crewFor are those of all tiers so far who fit best.
func (p Policy) crewFor(c Call, rule Rule, crew []Agent, tier int, now time.Time) (ids []string, foreign bool) {
	var fit []Agent
	for _, a := range crew {
		asks := slices.ContainsFunc(p.Tiers[rule.From:tier+1], func(t Tier) bool {
			return (len(t.Ask) > 0 || len(t.Exits) == 0) && a.in(t)
		})
		if asks && a.here(now) && !slices.Contains(c.Passed, a.ID) {
			fit = append(fit, a)
		}
	}
	if rule.Skill != "" {
		fit = prefer(fit, func(a Agent) bool { return slices.Contains(a.Skills, rule.Skill) })
	}
	speaks := func(a Agent) bool { return slices.Contains(a.Languages, c.Language) }
	foreign = len(fit) > 0 && !slices.ContainsFunc(fit, func(a Agent) bool { return speaks(a) || len(a.Languages) == 0 }) // of whom nothing is known
	for _, a := range prefer(fit, speaks) {
		ids = append(ids, a.ID)
	}
	slices.Sort(ids)
	return ids, foreign
}

// prefer returns those who are wanted, or all if nobody is.
func prefer(all []Agent, wanted func(Agent) bool) []Agent {
	some := slices.DeleteFunc(slices.Clone(all), func(a Agent) bool { return !wanted(a) })
	if len(some) == 0 {
		return all
	}
	return some
}
