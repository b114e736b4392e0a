package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"kassa/kiosk/config"
)

// openCmd is `kassa open`: the running lane takes shoppers again.
type openCmd struct {
	Config string `required:"" placeholder:"FILE" help:"kassa.toml"`
}

// closeCmd is `kassa close`: the running lane takes no new shopper; a running
// sale ends first.
type closeCmd struct {
	Config string `required:"" placeholder:"FILE" help:"kassa.toml"`
}

// Run gives the order.
func (c *openCmd) Run(ctx context.Context) error { return order(ctx, c.Config, "open") }

// Run gives the order.
func (c *closeCmd) Run(ctx context.Context) error { return order(ctx, c.Config, "close") }

// controlSocket is where a running lane takes orders from the machine it runs
// on. Who may open the lane's data folder may give them.
func controlSocket(cfg *config.Lane) string { return filepath.Join(cfg.Data, "control.sock") }

// order tells the running lane what to do and waits until that is on its disk.
func order(ctx context.Context, file, what string) error {
	cfg, err := config.Load(file)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	client := laneClient(cfg)
	body := strings.NewReader(who())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://lane/"+what, body)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("lane %s does not run here (%s): start it with kassa run --config %s", cfg.ID, controlSocket(cfg), file)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusNoContent {
		return fmt.Errorf("lane %s: %s: %s", cfg.ID, what, res.Status)
	}
	return nil
}

// laneClient speaks to the lane that runs here.
func laneClient(cfg *config.Lane) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", controlSocket(cfg))
		},
	}}
}

// who gives the order, for the journal.
func who() string {
	if u, err := user.Current(); err == nil {
		return "it:" + u.Username
	}
	return "it"
}

// control takes orders until ctx ends.
func (l *lane) control(ctx context.Context) error {
	path := controlSocket(l.cfg)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("control socket: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return fmt.Errorf("control socket: %w", err)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		return errors.Join(err, listener.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /open", l.take(true))
	mux.HandleFunc("POST /close", l.take(false))
	mux.HandleFunc("POST /members/erase", l.eraseMember)
	mux.HandleFunc("POST /day/close", l.day.order)
	mux.HandleFunc("POST /day/print", l.day.orderPaper)
	mux.HandleFunc("POST /day/sofar", l.day.orderSoFar)
	return serve(ctx, listener, mux)
}

func (l *lane) take(open bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		by, err := io.ReadAll(io.LimitReader(r.Body, 64))
		if err == nil {
			err = l.station.Order(r.Context(), open, string(by))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}
