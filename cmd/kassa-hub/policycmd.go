package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"kassa/kiosk/help"
	"kassa/store/roster"
)

// policyCmd is `kassa-hub policy`.
type policyCmd struct {
	Check    policyCheckCmd    `cmd:"" help:"Check help.toml, and say what nobody would hear of."`
	Simulate policySimulateCmd `cmd:"" help:"Show who would be asked when, or play a whole evening."`
}

// policyCheckCmd is `kassa-hub policy check`.
type policyCheckCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
}

// Run prints the tiers, and warns of what asks nobody.
func (c *policyCheckCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *policyCheckCmd) run(ctx context.Context, out io.Writer) error {
	s, err := loadSettings(c.Config)
	if err != nil {
		return err
	}
	p, err := s.helpPolicy()
	if err != nil {
		return err
	}
	crew, err := s.crew(ctx, p)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, t := range p.Tiers {
		fmt.Fprintf(&b, "%-12s from %-6v %s\n", t.Name, t.After, either(strings.Join(t.Ask, ", "), strings.Join(t.Exits, ", ")))
	}
	for _, t := range p.Tiers {
		for _, e := range t.Exits {
			if p.exits[e] == nil {
				fmt.Fprintf(&b, "warning: tier %s tells %q, and there is no [[exit]] of this name: nobody will hear\n", t.Name, e)
			}
		}
		if len(t.Ask) > 0 && !slices.ContainsFunc(crew, func(a help.Agent) bool { return slices.Contains(t.Ask, a.Role) || slices.Contains(t.Ask, a.Site) }) {
			fmt.Fprintf(&b, "warning: tier %s asks %s, and nobody on the staff list is\n", t.Name, strings.Join(t.Ask, ", "))
		}
	}
	_, err = io.WriteString(out, b.String())
	return err
}

func either(a, b string) string {
	switch {
	case a == "" && b == "":
		return "asks everybody"
	case a == "":
		return "tells " + b
	case b == "":
		return "asks " + a
	}
	return "asks " + a + "; tells " + b
}

// crew is everybody on the hub's staff list, as if all had a console open, and
// the centres.
func (s *settings) crew(ctx context.Context, p *policy) ([]help.Agent, error) {
	var crew []help.Agent
	if _, err := os.Stat(s.data); err == nil {
		list, err := roster.Open(ctx, s.data)
		if err != nil {
			return nil, err
		}
		defer func() { _ = list.Close() }() // only read
		all, err := list.List(ctx)
		if err != nil {
			return nil, err
		}
		for _, m := range all {
			if m.Active {
				crew = append(crew, p.agent(m.Name, m.Name, string(m.Role)))
			}
		}
	}
	for name, a := range p.centres {
		a.ID = "centre " + name
		crew = append(crew, a)
	}
	for i := range crew {
		crew[i].OnDuty = true
	}
	slices.SortFunc(crew, func(a, b help.Agent) int { return strings.Compare(a.ID, b.ID) })
	return crew, nil
}

// policySimulateCmd is `kassa-hub policy simulate`.
type policySimulateCmd struct {
	Config   string   `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	At       string   `placeholder:"TIME" help:"When the call is raised, as in 2026-11-22T03:00, in the store's time zone; now if left out."`
	Reason   string   `default:"help" help:"What it is about, as in bagging or bagging.too-much."`
	Language string   `default:"en" help:"The shopper's language."`
	Duty     []string `help:"Who has a console open; everybody on the staff list if left out."`
	JSON     bool     `help:"One JSON object a step."`
	Evening  bool     `help:"Play a whole evening instead, beside the same one in the order of arrival without self-help."`
	Lanes    int      `default:"24" help:"Lanes of the evening."`
	PerHour  int      `default:"11" help:"Wishes for help of a lane in an hour."`
	Hours    int      `default:"4" help:"How long the evening is."`
	Seed     uint64   `default:"1" help:"The same seed is the same evening."`
}

// Run shows what the policy would do.
func (c *policySimulateCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout, time.Now()) }

func (c *policySimulateCmd) run(ctx context.Context, out io.Writer, now time.Time) error {
	s, err := loadSettings(c.Config)
	if err != nil {
		return err
	}
	p, err := s.helpPolicy()
	if err != nil {
		return err
	}
	at := now.In(s.location)
	if c.At != "" {
		if at, err = time.ParseInLocation("2006-01-02T15:04", c.At, s.location); err != nil {
			return fmt.Errorf("%w: --at %q: want a time as in 2026-11-22T03:00", errUsage, c.At)
		}
	}
	if !help.Reason(c.Reason).Valid() {
		return fmt.Errorf("%w: --reason %q is not known: want an area as in bagging", errUsage, c.Reason)
	}
	crew, err := s.crew(ctx, p)
	if err != nil {
		return err
	}
	if len(c.Duty) > 0 {
		crew = slices.DeleteFunc(crew, func(a help.Agent) bool { return a.Site == "" && !slices.Contains(c.Duty, a.ID) })
	}
	if c.Evening {
		return c.evening(out, p, crew, at)
	}
	return c.call(out, p, crew, at)
}

// A step is one moment of a call that nobody takes.
type step struct {
	After  string   `json:"after"`
	At     string   `json:"at"` // of the store's clock
	Tier   string   `json:"tier"`
	Asked  []string `json:"asked"`
	Told   []string `json:"told"`
	Phrase bool     `json:"phrase_book"` // nobody asked speaks the language
}

// call shows one call that nobody takes, until nobody else is left to ask.
func (c *policySimulateCmd) call(out io.Writer, p *policy, crew []help.Agent, at time.Time) error {
	var board help.Board
	board, call, err := board.Raise(p.Policy, help.Call{ID: "1-1/1", Lane: "1", Reason: help.Reason(c.Reason), Language: c.Language, RaisedAt: at}, at)
	if err != nil {
		return err
	}
	if !c.JSON {
		presence := ""
		if call.Presence {
			presence = ", somebody must be at the lane"
		}
		_, _ = fmt.Fprintf(out, "%s at %s: priority %d%s\n", call.Reason, at.Format("2006-01-02 15:04 MST"), call.Priority, presence) // the steps tell
	}
	for now := at; ; {
		asked := p.Ask(call, crew, now)
		var changes []help.Change
		board, changes, _ = board.Tick(p.Policy, crew, now)
		told := []string{}
		for _, ch := range changes {
			told = append(told, ch.Tell...)
		}
		st := step{now.Sub(at).String(), now.Format("15:04:05"), p.Tiers[min(asked.Tier, len(p.Tiers)-1)].Name, asked.Agents, told, asked.Foreign}
		if err := c.show(out, st); err != nil {
			return err
		}
		if asked.Next <= 0 {
			return nil
		}
		now = now.Add(asked.Next)
		call, _ = board.Call(call.ID)
	}
}

func (c *policySimulateCmd) show(out io.Writer, st step) error {
	if c.JSON {
		return json.NewEncoder(out).Encode(st)
	}
	who := strings.Join(st.Asked, ", ")
	if who == "" {
		who = "nobody is there"
	}
	if st.Phrase {
		who += " (by the phrase book)"
	}
	if len(st.Told) > 0 {
		who += "; told: " + strings.Join(st.Told, ", ")
	}
	_, err := fmt.Fprintf(out, "%8s  %s  %-12s %s\n", "+"+st.After, st.At, st.Tier, who)
	return err
}

// evening plays the store's evening with those on the staff list, or with two
// attendants and a supervisor when there is nobody yet.
func (c *policySimulateCmd) evening(out io.Writer, p *policy, crew []help.Agent, at time.Time) error {
	if c.Lanes < 1 || c.Lanes > 500 || c.Hours < 1 || c.Hours > 24 || c.PerHour < 0 || c.PerHour > 3600 {
		return fmt.Errorf("%w: want 1 to 500 lanes, 1 to 24 hours, 0 to 3600 wishes an hour", errUsage)
	}
	if len(crew) == 0 {
		for i, role := range []string{"attendant", "attendant", "supervisor"} {
			crew = append(crew, help.Agent{ID: fmt.Sprintf("%s %d", role, i+1), Role: role, Languages: []string{"en"}, OnDuty: true})
		}
	}
	e := help.Evening{
		Seed: c.Seed, Lanes: c.Lanes, From: at, Length: time.Duration(c.Hours) * time.Hour, Crew: crew, PerHour: c.PerHour, SelfHelp: true,
	}
	ours := e.Run(p.Policy)
	e.SelfHelp, e.InOrder = false, true
	plain := e.Run(p.Policy)
	var b strings.Builder
	fmt.Fprintf(&b, "%d lanes, %d people, %d hours from %s, seed %d\n\n%-28s %12s %12s\n", c.Lanes, len(crew), c.Hours, at.Format("15:04"), c.Seed,
		"", "this policy", "in order")
	row := func(what string, of func(help.Tally) any) {
		fmt.Fprintf(&b, "%-28s %12v %12v\n", what, of(ours), of(plain))
	}
	row("wishes for help", func(t help.Tally) any { return t.Wishes })
	row("solved by self-help", func(t help.Tally) any { return share(t.ByArticle, t.Wishes) })
	row("calls", func(t help.Tally) any { return t.Calls })
	row("settled from afar", func(t help.Tally) any { return share(t.Remote, t.Calls) })
	row("to the claim, middle", func(t help.Tally) any { return help.Median(t.ToClaim) })
	row("to the claim, 95 %", func(t help.Tally) any { return help.High(t.ToClaim) })
	row("to the claim, urgent, 95 %", func(t help.Tally) any { return help.High(t.UrgentWait) })
	row("to the end, middle", func(t help.Tally) any { return help.Median(t.ToSettle) })
	row("went back to the queue", func(t help.Tally) any { return t.Returned })
	for i, tier := range p.Tiers {
		row("calls up to tier "+tier.Name, func(t help.Tally) any { return t.Tiers[i] })
	}
	row("open at the end", func(t help.Tally) any { return t.Waiting })
	row("forgotten (over 30 min)", func(t help.Tally) any { return t.Forgotten })
	_, err := io.WriteString(out, b.String())
	return err
}

func share(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%d %%", (100*n+of/2)/of)
}
