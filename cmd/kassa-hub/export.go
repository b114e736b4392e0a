package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/term"

	"kassa/cmd/app/records"
	"kassa/store/export"
	"kassa/store/hub/keeper"
	"kassa/store/journal"
	"kassa/store/wire"
)

// exportCmd is `kassa-hub export`.
type exportCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	Format string `default:"jsonl" enum:"jsonl,csv,poslog" help:"jsonl: a transaction a line; csv: a folder of tables and their dictionary; poslog: ARTS POSLog XML."`
	Lane   string `placeholder:"ID" help:"Of this lane alone."`
	records.Closed
	After  string `placeholder:"ID" help:"With --lane: only transactions after this one."`
	To     string `placeholder:"ID" help:"With --lane: only up to and with this one."`
	Resume string `placeholder:"STATE" help:"Only what no earlier export with this file had; the file says where each lane ended. Each transaction comes once."`
	// Without takes holes as they are; see resume.go.
	Without []string `placeholder:"LANE/JOURNAL/FROM-TO" help:"With --resume: these missing rows will never come, as of a lane that was lost; go on behind them. STATE keeps that, and which transactions were in them in part."`
	Open    bool     `help:"Transactions that have not ended, too."`
	records.Target
	Sign bool `help:"Write a signature beside it, OUT.sig; kassa-hub verify --export OUT checks it."`

	say io.Writer        // what waits, and what never comes; nil: standard error
	now func() time.Time // nil: time.Now
}

// Run writes the transactions of all lanes; the hub may go on.
func (c *exportCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *exportCmd) run(ctx context.Context, stdout io.Writer) (err error) {
	s, err := loadSettings(c.Config)
	if err != nil {
		return err
	}
	f, err := c.filter(s.location)
	if err != nil {
		return err
	}
	folder, err := c.Folder()
	if err != nil {
		return err
	}
	streams := c.Streams()
	if streams && (c.Format == "csv" || c.Sign) {
		return fmt.Errorf("%w: --format csv and --sign write several files: name one with -o, --drop or --stick", errUsage)
	}
	k, err := keeper.OpenReader(ctx, s.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	source := &keeper.Choice{Keeper: k, Lane: c.Lane, Given: progress()}
	if c.Resume != "" {
		alone, err := lockState(c.Resume)
		if err != nil {
			return err
		}
		defer alone()
	}
	state, err := c.resume(ctx, source)
	if err != nil {
		return err
	}
	out := ""
	if streams {
		err = records.Write(ctx, source, f, c.Format, stdout)
	} else {
		out, err = c.put(ctx, source, f, folder, s)
	}
	if err == nil && c.Sign {
		err = export.Sign(out, s.data, s.store, "", time.Now().In(s.location))
	}
	if err == nil && c.Resume != "" {
		err = state.keep(c.Resume)
	}
	if err == nil && folder != "" {
		_, err = fmt.Fprintln(stdout, out)
	}
	if err == nil {
		err = state.tell(c.say, c.time())
	}
	return err
}

func (c *exportCmd) time() time.Time {
	if c.now != nil {
		return c.now()
	}
	return time.Now()
}

// put writes the export where it is to lie, and returns its path.
func (c *exportCmd) put(ctx context.Context, k *keeper.Choice, f journal.Filter, folder string, s *settings) (string, error) {
	switch {
	case folder != "":
		name := fmt.Sprintf("kassa-%s-%s", s.store, c.time().UTC().Format("20060102T150405Z"))
		return records.Drop(ctx, k, f, c.Format, folder, name)
	case c.Format == "csv":
		return c.Out, export.CSV(ctx, k, f, c.Out)
	}
	folder, name := filepath.Split(c.Out)
	if folder == "" {
		folder = "."
	}
	return filepath.Join(folder, name), export.Drop(folder, name, func(w io.Writer) error { return records.Write(ctx, k, f, c.Format, w) })
}

func (c *exportCmd) filter(zone *time.Location) (f journal.Filter, err error) {
	f.Open = c.Open
	if (c.After != "" || c.To != "") && c.Lane == "" {
		return f, fmt.Errorf("%w: --after and --to are numbers of one lane: name it with --lane, or use --resume", errUsage)
	}
	if len(c.Without) > 0 && c.Resume == "" {
		return f, fmt.Errorf("%w: --without says where --resume goes on: without it all there is comes, holes or not", errUsage)
	}
	if c.Resume != "" && (c.Open || c.Since != "" || c.Until != "" || c.After != "" || c.To != "") {
		return f, fmt.Errorf("%w: --resume goes on where it ended: leave out --open, --since, --until, --after and --to", errUsage)
	}
	if err = c.Limit(&f, zone); err != nil {
		return f, err
	}
	if f.After, err = records.Number("after", c.After); err != nil {
		return f, err
	}
	f.To, err = records.Number("to", c.To)
	return f, err
}

// progress shows on a terminal how far an export has come.
func progress() func(wire.Journal, int64, int, int) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return func(wire.Journal, int64, int, int) {}
	}
	return func(j wire.Journal, _ int64, done, of int) {
		if done%100 == 0 || done == of {
			_, _ = fmt.Fprintf(os.Stderr, "\rlane %s: %d of %d ", j.Lane, done, of) // only for the eye
		}
		if done == of {
			_, _ = fmt.Fprint(os.Stderr, "\r\033[K")
		}
	}
}
