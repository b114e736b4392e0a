package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"kassa/cmd/app"
	"kassa/store/hub"
	"kassa/store/hub/enrol"
)

// laneCmd is `kassa-hub lane`.
type laneCmd struct {
	Add    laneAddCmd    `cmd:"" help:"Print a one-time code for a lane, good for ten minutes."`
	List   laneListCmd   `cmd:"" help:"List the store's lanes."`
	Remove laneRemoveCmd `cmd:"" help:"Shut a lane out: its key opens nothing any more. What it sold stays."`
}

// openBook opens the list of lanes beside a hub that may run.
func openBook(ctx context.Context, file string) (*settings, *enrol.Book, error) {
	s, err := loadSettings(file)
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(s.data, 0o750); err != nil {
		return nil, nil, fmt.Errorf("%s: hub.data: %w", s.file, err)
	}
	b, err := enrol.Open(ctx, s.data, time.Now)
	return s, b, err
}

// laneAddCmd is `kassa-hub lane add`.
type laneAddCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	ID     string `arg:"" help:"The lane's name, as in its kassa.toml: 1 to 32 of a-z, 0-9 and -."`
}

// Run prints the code on standard output, and what to do with it beside.
func (c *laneAddCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout, os.Stderr) }

func (c *laneAddCmd) run(ctx context.Context, out, errs io.Writer) error {
	s, book, err := openBook(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { _ = book.Close() }() // what was added is on the disk
	print, err := hub.Fingerprint(s.options(), time.Now())
	if err != nil {
		return err
	}
	code, err := book.Add(ctx, c.ID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s-%s-%s-%s\n", code[:5], code[5:], print[:6], print[6:])
	_, _ = fmt.Fprintf(errs, "good once, for lane %s, until %s; on the lane:\n  kassa enrol --config /etc/kassa/kassa.toml %s CODE\n",
		c.ID, time.Now().Add(enrol.CodeLife).In(s.location).Format("15:04"), s.address()) // only for the eye
	return err
}

// laneListCmd is `kassa-hub lane list`.
type laneListCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	JSON   bool   `help:"One JSON object a line."`
}

// Run lists every lane, those that were removed too.
func (c *laneListCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *laneListCmd) run(ctx context.Context, out io.Writer) error {
	s, book, err := openBook(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { _ = book.Close() }() // only read
	all, err := book.List(ctx)
	if err != nil {
		return err
	}
	return app.Table(out, c.JSON, all, "LANE\tSTATE\tENROLLED\tHEARD\tMODE", func(l enrol.Lane) []string {
		state := "waits for its code"
		switch {
		case !l.RemovedAt.IsZero():
			state = "removed"
		case !l.EnrolledAt.IsZero():
			state = "enrolled"
		}
		return []string{l.ID, state, when(l.EnrolledAt, s.location), when(l.HeardAt, s.location), l.Mode}
	})
}

func when(t time.Time, at *time.Location) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(at).Format("2006-01-02 15:04")
}

// laneRemoveCmd is `kassa-hub lane remove`.
type laneRemoveCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	ID     string `arg:"" help:"The lane's name."`
}

// Run shuts a lane out; a running hub cuts it off within a few seconds.
func (c *laneRemoveCmd) Run(ctx context.Context) error {
	_, book, err := openBook(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { _ = book.Close() }() // what was done is on the disk
	err = book.Remove(ctx, c.ID)
	if errors.Is(err, enrol.ErrUnknown) {
		return fmt.Errorf("%w: kassa-hub lane list shows which there are", err)
	}
	return err
}
