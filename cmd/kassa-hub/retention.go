package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"time"

	"kassa/kiosk/config/strict"
	"kassa/store/hub/keeper"
	"kassa/store/hub/members"
	"kassa/store/retain/ages"
)

// checkRetention reads how long what is kept: where this hub is the last keeper no
// less than the law asks, else no less than a lane.
func (s *settings) checkRetention(f *strict.File, raw ages.Raw) {
	usual, least := ages.Kept(raw.Country), ages.Legal(raw.Country)
	if s.keeper == "hq" {
		usual, least = ages.Passed(), ages.LaneSale()
	}
	s.retention = raw.Policy(usual, least, f.Bad)
}

// pruneCmd is `kassa-hub prune`.
type pruneCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	DryRun bool   `name:"dry-run" help:"Only say what would go."`
}

// A pruneLine is what prune prints of a journal.
type pruneLine struct {
	Store       string `json:"store"`
	Lane        string `json:"lane"`
	Epoch       string `json:"epoch"`
	From        int64  `json:"from,omitempty"`
	To          int64  `json:"to,omitempty"`
	Rows        int64  `json:"rows"`
	Unconfirmed int64  `json:"unconfirmed"` // old enough, and head office was not heard to have them
	Forgotten   int64  `json:"forgotten"`   // rows emptied or taken out for their class's age
	Dry         bool   `json:"dry_run,omitempty"`
}

// Run takes out what has reached its age, a JSON object a journal; the hub may
// run, and does so by itself each night.
func (c *pruneCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *pruneCmd) run(ctx context.Context, out io.Writer) (err error) {
	s, err := loadSettings(c.Config)
	if err != nil {
		return err
	}
	k, err := openKeeper(ctx, s, c.DryRun)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	all, err := k.Prune(ctx, keeper.Pruning{Policy: s.retention, HQ: s.keeper == "hq", Dry: c.DryRun})
	if !c.DryRun {
		err = errors.Join(err, c.members(ctx, s))
	}
	enc := json.NewEncoder(out)
	for _, p := range all {
		l := pruneLine{Store: p.Store, Lane: p.Lane, Epoch: p.Epoch, Rows: max(0, p.To-p.From+1), Unconfirmed: p.Unsaid, Forgotten: p.Forgotten, Dry: c.DryRun}
		if l.Rows > 0 {
			l.From, l.To = p.From, p.To
		}
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	return err
}

// members prunes the list of members.
func (c *pruneCmd) members(ctx context.Context, s *settings) (err error) {
	list, err := members.Open(ctx, s.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, list.Close()) }()
	return pruneMembers(ctx, s, list)
}

func pruneMembers(ctx context.Context, s *settings, list *members.List) error {
	now := time.Now().In(s.location)
	return list.Prune(ctx, now, s.retention.Person.Day(now))
}

func openKeeper(ctx context.Context, s *settings, read bool) (*keeper.Keeper, error) {
	if read {
		return keeper.OpenReader(ctx, s.data)
	}
	return keeper.Open(ctx, s.data, time.Now)
}

// pruneHour is when a hub prunes, in the store's time.
const pruneHour = 3

// pruneNightly lets go of what has reached its age, each night, until ctx ends.
func pruneNightly(ctx context.Context, s *settings, k *keeper.Keeper, list *members.List, log *slog.Logger) error {
	for {
		if err := pruneMembers(ctx, s, list); err != nil && ctx.Err() == nil { // also of a hub that is off at night
			log.ErrorContext(ctx, "members not pruned", "err", err)
		}
		now := time.Now().In(s.location)
		next := time.Date(now.Year(), now.Month(), now.Day(), pruneHour, 15, 0, 0, s.location)
		if !next.After(now) {
			next = next.AddDate(0, 0, 1)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Until(next)):
		}
		all, err := k.Prune(ctx, keeper.Pruning{Policy: s.retention, HQ: s.keeper == "hq"})
		if err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "not pruned, the rest is kept", "err", err)
		}
		for _, p := range all {
			log.InfoContext(ctx, "pruned", "lane", p.Lane, "from", p.From, "to", p.To, "unconfirmed", p.Unsaid, "forgotten", p.Forgotten)
		}
	}
}
