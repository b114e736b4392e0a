package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"kassa/kiosk/config/strict"
	"kassa/kiosk/help"
	"kassa/kiosk/hours"
	"kassa/kiosk/staff"
	"kassa/store/hub"
	"kassa/store/hub/desk"
)

// The file as it is written: help.toml.
type rawPolicy struct {
	Return string      `toml:"return"`
	Undo   string      `toml:"undo"`
	Flood  rawFlood    `toml:"flood"`
	Tier   []rawTier   `toml:"tier"`
	Reason []rawReason `toml:"reason"`
	Agent  []rawAgent  `toml:"agent"`
	Centre []rawCentre `toml:"centre"`
	Exit   []rawExit   `toml:"exit"`
}

type rawFlood struct {
	Calls  *int64 `toml:"calls"`
	Within string `toml:"within"`
}

type rawTier struct {
	Name  string   `toml:"name"`
	After string   `toml:"after"`
	Ask   []string `toml:"ask"`
	Exits []string `toml:"exits"`
}

type rawReason struct {
	Reason   string   `toml:"reason"`
	Priority int64    `toml:"priority"`
	Presence *bool    `toml:"presence"`
	Skill    string   `toml:"skill"`
	Faster   bool     `toml:"faster"`
	From     string   `toml:"from"` // name of a tier
	Exits    []string `toml:"exits"`
}

type rawAgent struct {
	Name      string   `toml:"name"`
	Centre    string   `toml:"centre"`
	Languages []string `toml:"languages"`
	Skills    []string `toml:"skills"`
}

type rawCentre struct {
	Name      string   `toml:"name"`
	Hours     string   `toml:"hours"`
	Timezone  string   `toml:"timezone"`
	Languages []string `toml:"languages"`
	Skills    []string `toml:"skills"`
}

type rawExit struct {
	Name    string   `toml:"name"`
	URL     string   `toml:"url"`
	Command []string `toml:"command"`
	Timeout string   `toml:"timeout"`
}

// policy is a checked help.toml: who is asked, who there is, and the ways out.
type policy struct {
	help.Policy
	agents  map[string]help.Agent // by name on the staff list
	centres map[string]help.Agent // by name: what holds for all who sit there
	exits   map[string]desk.Exit
}

// policyReader reads one help.toml.
type policyReader struct {
	*strict.File
	raw   rawPolicy
	store string
	out   *policy
}

// loadPolicy reads and checks a help.toml. Its error is one line with file, line,
// key and remedy.
func loadPolicy(path, store string) (*policy, error) {
	r := policyReader{store: store, out: &policy{
		Policy: help.DefaultPolicy(), agents: map[string]help.Agent{}, centres: map[string]help.Agent{}, exits: map[string]desk.Exit{},
	}}
	var err error
	if r.File, err = strict.Load(path, "help.toml", &r.raw); err != nil {
		return nil, err
	}
	r.out.Return = r.duration("return", r.raw.Return, r.out.Return)
	r.out.Undo = r.duration("undo", r.raw.Undo, r.out.Undo)
	r.flood()
	r.exits()
	r.tiers()
	r.reasons()
	r.centres()
	r.agents()
	if r.Err() == nil {
		if err := r.out.Check(); err != nil {
			r.Bad("tier", "%v", err)
		}
	}
	if r.Err() == nil {
		r.known()
	}
	return r.out, r.Err()
}

// duration reads a time that may be left out.
func (r *policyReader) duration(key, text string, otherwise time.Duration) time.Duration {
	if text == "" && !r.Has(key) {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > 24*time.Hour {
		r.Bad(key, `is %q, want a time up to a day, as in "30s"`, strict.Short(text))
	}
	return d
}

func (r *policyReader) flood() {
	if n := r.raw.Flood.Calls; n != nil {
		if *n < 0 || *n > 10_000 {
			r.Bad("flood.calls", "is %d, want 0 (never) to 10000", *n)
		}
		r.out.Flood.Calls = int(*n)
	}
	r.out.Flood.Within = r.duration("flood.within", r.raw.Flood.Within, r.out.Flood.Within)
}

func (r *policyReader) exits() {
	for i, e := range r.raw.Exit {
		at := fmt.Sprintf("exit[%d]", i)
		if e.Name == "" {
			r.Bad(at+".name", `is missing: add name = "pager"`)
		}
		if r.out.exits[e.Name] != nil {
			r.Bad(at+".name", "is %q for the second time: give each its own", strict.Short(e.Name))
		}
		timeout := r.duration(at+".timeout", e.Timeout, 10*time.Second)
		switch {
		case e.URL != "" && len(e.Command) > 0, e.URL == "" && len(e.Command) == 0:
			r.Bad(at, `want either url = "https://..." or command = ["/usr/bin/page", "..."]`)
		case e.URL != "":
			exit, err := hub.NewWebhook(r.store, e.URL, timeout)
			if err != nil {
				r.Bad(at+".url", "%v", err)
			}
			r.out.exits[e.Name] = exit
		default:
			exit, err := hub.NewPager(r.store, e.Command, timeout)
			if err != nil {
				r.Bad(at+".command", "%v", err)
			}
			r.out.exits[e.Name] = exit
		}
	}
}

func (r *policyReader) tiers() {
	if len(r.raw.Tier) == 0 {
		r.out.Tiers = reachable(r.out.Tiers, r.out.exits)
		return
	}
	r.out.Tiers = nil
	for i, t := range r.raw.Tier {
		at := fmt.Sprintf("tier[%d]", i)
		r.out.Tiers = append(r.out.Tiers, help.Tier{
			Name: t.Name, After: r.duration(at+".after", t.After, 0), Ask: t.Ask, Exits: t.Exits,
		})
	}
}

// reachable leaves out of the default tiers those that ask nobody here and whose
// ways out this store does not have: a tier that reaches nobody is none.
func reachable(tiers []help.Tier, exits map[string]desk.Exit) []help.Tier {
	return slices.DeleteFunc(tiers, func(t help.Tier) bool {
		there := func(name string) bool { return exits[name] != nil }
		return len(t.Ask) == 0 && len(t.Exits) > 0 && !slices.ContainsFunc(t.Exits, there)
	})
}

func (r *policyReader) reasons() {
	r.out.Rules = map[help.Reason]help.Rule{}
	for i, raw := range r.raw.Reason {
		at := fmt.Sprintf("reason[%d]", i)
		reason := help.Reason(raw.Reason)
		if !reason.Valid() {
			r.Bad(at+".reason", `is %q, want an area as in "bagging", or a whole reason as in "bagging.too-much"`, strict.Short(raw.Reason))
		}
		if _, twice := r.out.Rules[reason]; twice {
			r.Bad(at+".reason", "is %q for the second time: write one section for each", strict.Short(raw.Reason))
		}
		if raw.Priority < 0 || raw.Priority > int64(help.House) {
			r.Bad(at+".priority", "is %d, want 1 (urgent) to 4 (nobody waits)", raw.Priority)
		}
		rule := help.Rule{
			Priority: help.Priority(raw.Priority), Presence: raw.Presence, Skill: raw.Skill, Faster: raw.Faster, Exits: raw.Exits,
		}
		if raw.From != "" {
			rule.From = slices.IndexFunc(r.out.Tiers, func(t help.Tier) bool { return t.Name == raw.From })
			if rule.From < 0 {
				r.Bad(at+".from", "is %q, which is no tier: write the name of one", strict.Short(raw.From))
			}
		}
		r.out.Rules[reason] = rule
	}
}

func (r *policyReader) centres() {
	for i, c := range r.raw.Centre {
		at := fmt.Sprintf("centre[%d]", i)
		if c.Name == "" {
			r.Bad(at+".name", `is missing: add name = "lisbon"`)
		}
		a := help.Agent{Role: "centre", Site: c.Name, Languages: c.Languages, Skills: c.Skills}
		var err error
		if a.Zone, err = time.LoadLocation(c.Timezone); err != nil || c.Timezone == "" {
			r.Bad(at+".timezone", `is %q, which is no time zone: want a name as in "Europe/Lisbon"`, strict.Short(c.Timezone))
		}
		if c.Hours != "" {
			if a.Hours, err = hours.Parse(c.Hours); err != nil {
				r.Bad(at+".hours", "is %q: %v", strict.Short(c.Hours), err)
			}
		}
		r.out.centres[c.Name] = a
	}
}

func (r *policyReader) agents() {
	for i, a := range r.raw.Agent {
		at := fmt.Sprintf("agent[%d]", i)
		agent := help.Agent{Languages: a.Languages, Skills: a.Skills}
		if a.Name == "" {
			r.Bad(at+".name", "is missing: add the name as kassa-hub staff list shows it")
		}
		if a.Centre != "" {
			centre, ok := r.out.centres[a.Centre]
			if !ok {
				r.Bad(at+".centre", "is %q, which is no [[centre]]: write the name of one", strict.Short(a.Centre))
			}
			centre.Languages = slices.Concat(centre.Languages, a.Languages)
			centre.Skills = slices.Concat(centre.Skills, a.Skills)
			agent = centre
		}
		r.out.agents[a.Name] = agent
	}
}

// known checks that tiers ask somebody there can be, and tell exits there are.
func (r *policyReader) known() {
	roles := map[string]bool{"centre": true}
	for _, role := range staff.Roles() {
		roles[string(role)] = true
	}
	for name := range r.out.centres {
		roles[name] = true
	}
	for i, t := range r.raw.Tier {
		for _, who := range t.Ask {
			if !roles[who] {
				r.Bad(fmt.Sprintf("tier[%d].ask", i), "has %q, want roles or centres: %v", strict.Short(who), slices.Sorted(maps.Keys(roles)))
			}
		}
		r.exitsAre(fmt.Sprintf("tier[%d].exits", i), t.Exits)
	}
	for i, raw := range r.raw.Reason {
		r.exitsAre(fmt.Sprintf("reason[%d].exits", i), raw.Exits)
	}
}

func (r *policyReader) exitsAre(key string, names []string) {
	for _, name := range names {
		if r.out.exits[name] == nil {
			r.Bad(key, "has %q, which is no [[exit]]: add one of this name", strict.Short(name))
		}
	}
}

// agent is somebody of the staff list as the policy knows them.
func (p *policy) agent(id, name, role string) help.Agent {
	a := p.agents[name]
	a.ID = id
	if a.Role == "" {
		a.Role = role
	}
	return a
}
