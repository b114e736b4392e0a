package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"kassa/store/hq"
)

// pruneCmd is `kassa-hq prune`.
type pruneCmd struct {
	Config string `required:"" placeholder:"FILE" help:"kassa-hq.toml"`
	DryRun bool   `name:"dry-run" help:"Only say what would go, also beside kassa-hq run."`
}

// Run takes out what has reached its age, a JSON object a journal. A head office
// that runs does so by itself each night.
func (c *pruneCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *pruneCmd) run(ctx context.Context, out io.Writer) (err error) {
	s, err := loadSettings(c.Config)
	if err != nil {
		return err
	}
	open := hq.Open
	if c.DryRun {
		open = hq.OpenReader
	}
	h, err := open(ctx, s.postgres, slog.New(slog.DiscardHandler))
	if errors.Is(err, hq.ErrWriter) {
		return fmt.Errorf("%w: kassa-hq run prunes by itself each night; --dry-run says what", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	all, err := h.Prune(ctx, s.retention, c.DryRun)
	enc := json.NewEncoder(out)
	for _, p := range all {
		if err := enc.Encode(map[string]any{
			"store": p.Store, "lane": p.Lane, "epoch": p.Epoch, "from": p.From, "to": p.To, "rows": max(0, p.To-p.From+1),
			"forgotten": p.Forgotten, "dry_run": c.DryRun,
		}); err != nil {
			return err
		}
	}
	return err
}

// pruneNightly lets go of what has reached its age, each night, until ctx ends.
func pruneNightly(ctx context.Context, h *hq.HQ, s *settings, log *slog.Logger) error {
	for {
		now := time.Now()
		next := time.Date(now.Year(), now.Month(), now.Day(), 3, 30, 0, 0, time.Local)
		if !next.After(now) {
			next = next.AddDate(0, 0, 1)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Until(next)):
		}
		all, err := h.Prune(ctx, s.retention, false)
		if err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "not pruned, the rest is kept", "err", err)
		}
		for _, p := range all {
			log.InfoContext(ctx, "pruned", "store", p.Store, "lane", p.Lane, "from", p.From, "to", p.To, "forgotten", p.Forgotten)
		}
	}
}
