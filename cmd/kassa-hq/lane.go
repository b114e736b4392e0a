package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"kassa/cmd/app"
	"kassa/store/hq"
	"kassa/store/hub/enrol"
)

// laneCmd is `kassa-hq lane`: lanes that send their rows themselves.
type laneCmd struct {
	Add    laneAddCmd    `cmd:"" help:"Print a one-time code for a lane without a hub, good for ten minutes."`
	List   laneListCmd   `cmd:"" help:"List the lanes that send their rows themselves."`
	Remove laneRemoveCmd `cmd:"" help:"Shut a lane out: its key opens nothing any more. What it sent stays."`
}

// openMembers opens the list of lanes beside a head office that may run.
func openMembers(ctx context.Context, file string) (*settings, *hq.Members, func(), error) {
	s, err := loadSettings(file)
	if err != nil {
		return nil, nil, nil, err
	}
	m, end, err := hq.OpenMembers(ctx, s.postgres, slog.New(slog.DiscardHandler))
	return s, m, end, err
}

// laneAddCmd is `kassa-hq lane add`.
type laneAddCmd struct {
	Config string `required:"" placeholder:"FILE" help:"kassa-hq.toml"`
	Store  string `arg:"" help:"The store, as in the lane's kassa.toml."`
	Lane   string `arg:"" help:"The lane's name there."`
}

// Run prints the code on standard output, and what to do with it beside.
func (c *laneAddCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout, os.Stderr) }

func (c *laneAddCmd) run(ctx context.Context, out, errs io.Writer) error {
	s, members, end, err := openMembers(ctx, c.Config)
	if err != nil {
		return err
	}
	defer end()
	if s.door == "" {
		return fmt.Errorf(`%s: hq.door is missing: add door = "0.0.0.0:8444", where lanes send their rows`, c.Config)
	}
	_, print, _, err := s.identity()
	if err != nil {
		return err
	}
	code, err := members.Add(ctx, c.Store, c.Lane)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s-%s-%s-%s\n", code[:5], code[5:], print[:6], print[6:])
	_, port, _ := net.SplitHostPort(s.door) // checked when it was read
	hosts := s.hosts()
	_, _ = fmt.Fprintf(errs, "good once, for lane %s of store %s, until %s; on the lane, with [hq] in its kassa.toml:\n", // only for the eye
		c.Lane, c.Store, time.Now().Add(enrol.CodeLife).Format("15:04"))
	_, _ = fmt.Fprintf(errs, "  kassa enrol --config /etc/kassa/kassa.toml https://%s CODE\n", net.JoinHostPort(hosts[len(hosts)-1], port)) // as above
	return err
}

// laneListCmd is `kassa-hq lane list`.
type laneListCmd struct {
	Config string `required:"" placeholder:"FILE" help:"kassa-hq.toml"`
	JSON   bool   `help:"One JSON object a line."`
}

// Run lists every lane, those that were removed too.
func (c *laneListCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *laneListCmd) run(ctx context.Context, out io.Writer) error {
	_, members, end, err := openMembers(ctx, c.Config)
	if err != nil {
		return err
	}
	defer end()
	all, err := members.List(ctx)
	if err != nil {
		return err
	}
	return app.Table(out, c.JSON, all, "STORE\tLANE\tSTATE\tENROLLED\tHEARD", func(l hq.Member) []string {
		state := "waits for its code"
		switch {
		case l.RemovedAt != nil:
			state = "removed"
		case l.EnrolledAt != nil:
			state = "enrolled"
		}
		return []string{l.Store, l.Lane, state, when(l.EnrolledAt), when(l.HeardAt)}
	})
}

func when(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}

// laneRemoveCmd is `kassa-hq lane remove`.
type laneRemoveCmd struct {
	Config string `required:"" placeholder:"FILE" help:"kassa-hq.toml"`
	Store  string `arg:"" help:"The store."`
	Lane   string `arg:"" help:"The lane's name there."`
}

// Run shuts a lane out at once.
func (c *laneRemoveCmd) Run(ctx context.Context) error {
	_, members, end, err := openMembers(ctx, c.Config)
	if err != nil {
		return err
	}
	defer end()
	err = members.Remove(ctx, c.Store, c.Lane)
	if errors.Is(err, enrol.ErrUnknown) {
		return fmt.Errorf("%w: kassa-hq lane list shows which there are", err)
	}
	return err
}
