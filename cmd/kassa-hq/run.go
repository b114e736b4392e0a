package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sync/errgroup"

	"kassa/store/hq"
)

// runCmd is `kassa-hq run`.
type runCmd struct {
	Config string `required:"" placeholder:"FILE" help:"kassa-hq.toml"`
}

// Run collects until it is told to stop.
func (c *runCmd) Run(ctx context.Context) (err error) {
	s, err := loadSettings(c.Config)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	h, err := hq.Open(ctx, s.postgres, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return fmt.Errorf("hq.listen: %w: choose a free port or stop what has it", err)
	}
	g, ctx := errgroup.WithContext(ctx)
	if s.nats != "" {
		g.Go(func() error { return collect(ctx, s, h, log) })
	}
	if s.door != "" {
		g.Go(func() error { return serveDoor(ctx, s, h, log) })
	}
	g.Go(func() error { return h.Guard(ctx) })
	g.Go(func() error { return pruneNightly(ctx, h, s, log) })
	g.Go(func() error { return h.RunLedger(ctx) })
	g.Go(func() error { return serve(ctx, listener, h) })
	log.InfoContext(ctx, "ready", "listen", listener.Addr().String())
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReady)
	return g.Wait()
}

// collect takes what hubs' streams bring, until ctx ends.
func collect(ctx context.Context, s *settings, h *hq.HQ, log *slog.Logger) error {
	nc, err := hq.Connect(s.nats, s.credentials, s.ca, log)
	if err != nil {
		return err
	}
	defer nc.Close()
	return (&hq.Consumer{HQ: h, NC: nc, Log: log, Marks: s.marks}).Run(ctx)
}

// serve answers whether head office lives, and how far it is.
func serve(ctx context.Context, listener net.Listener, h *hq.HQ) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		state, err := h.Health(r.Context())
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			state.Why = err.Error()
		}
		_ = json.NewEncoder(w).Encode(state) // the one who asked may be gone
	})
	mux.Handle("GET /metrics", metrics(h))
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	defer context.AfterFunc(ctx, func() { _ = srv.Close() })()
	if err := srv.Serve(listener); ctx.Err() == nil {
		return fmt.Errorf("hq.listen: %w", err)
	}
	return context.Cause(ctx)
}
