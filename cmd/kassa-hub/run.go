package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sync/errgroup"

	"kassa/store/hub"
)

// version is set by the linker.
var version = "dev"

// runCmd is `kassa-hub run`.
type runCmd struct {
	Config string `required:"" placeholder:"FILE" help:"kassa-hub.toml"`
}

// Run runs the hub until it is told to stop.
func (c *runCmd) Run(ctx context.Context) error {
	s, err := loadSettings(c.Config)
	if err != nil {
		return err
	}
	return runHub(ctx, s, slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("store", s.store))
}

// runHub opens the hub's parts, runs them and waits for them.
func runHub(ctx context.Context, s *settings, log *slog.Logger) (err error) {
	p, err := s.helpPolicy()
	if err != nil {
		return err
	}
	talks, err := openCalls(ctx, s, log)
	if err != nil {
		return err
	}
	h, err := hub.Open(ctx, hub.Options{
		Store: s.store, Dir: s.data, Listen: s.listen, NATS: s.nats, TLS: s.tls, Keeper: s.keeper, Policy: p.Policy, Exits: p.exits,
		Agent: p.agent, ShowNames: s.showNames, Signals: talks.signals(), Pages: pages(s, p, talks, log), Metrics: metrics, Log: log,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return h.Run(ctx) })
	g.Go(func() error { return pruneNightly(ctx, s, h.Keeper(), h.Members(), log) })
	g.Go(func() error { return talks.run(ctx) })
	g.Go(func() error { return tell(ctx, h, log) })
	err = g.Wait()
	log.InfoContext(context.WithoutCancel(ctx), "stopped", "err", err)
	return err
}

// tell says when the hub is ready, and that it lives: systemd restarts one whose
// loops have stopped turning.
func tell(ctx context.Context, h *hub.Hub, log *slog.Logger) error {
	for !h.Turns(ctx) {
		if ctx.Err() != nil {
			return nil
		}
	}
	log.InfoContext(ctx, "ready", "page", h.Page(), "lanes_at", h.LaneAddr(), "version", version)
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReady)
	defer func() { _, _ = daemon.SdNotify(false, daemon.SdNotifyStopping) }()
	t := time.NewTicker(2 * time.Second)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			if h.Turns(ctx) {
				_, _ = daemon.SdNotify(false, daemon.SdNotifyWatchdog)
			}
		case <-ctx.Done():
			return nil
		}
	}
}
