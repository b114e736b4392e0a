package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"kassa/kiosk/config"
	"kassa/store/journal"
	"kassa/store/outbox"
	"kassa/store/retain/ages"
)

// pruneCmd is `kassa prune`.
type pruneCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	DryRun bool   `name:"dry-run" help:"Only say what would go; the lane may run."`
}

// A pruneLine is what prune prints.
type pruneLine struct {
	Journal  string `json:"journal"`
	From     int64  `json:"from,omitempty"`
	To       int64  `json:"to,omitempty"`
	Records  int64  `json:"records"`
	Personal int64  `json:"personal"`
	Kept     string `json:"kept,omitempty"` // why not all that is old goes
	Dry      bool   `json:"dry_run,omitempty"`
}

// Run takes out what has reached its age. A lane that runs does so by itself each
// night.
func (c *pruneCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *pruneCmd) run(ctx context.Context, out io.Writer) (err error) {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	j, err := journal.OpenReader(ctx, cfg.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	box, err := outbox.Open(ctx, cfg.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.Close()) }()
	p, err := pruning(ctx, cfg, j, box)
	if err != nil {
		return err
	}
	var done journal.Pruned
	if c.DryRun {
		done, err = prunable(ctx, cfg, j, p)
	} else {
		done, err = pruneNow(ctx, cfg, p)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(lineOf(j.Epoch(), done, c.DryRun))
}

// prunable says what would go.
func prunable(ctx context.Context, cfg *config.Lane, j *journal.Reader, p journal.Pruning) (journal.Pruned, error) {
	done, err := j.Prunable(ctx, p)
	if err != nil {
		return done, err
	}
	practice, err := journal.OpenFile(ctx, filepath.Join(cfg.Data, trainingFile))
	if errors.Is(err, fs.ErrNotExist) {
		return done, nil
	}
	if err != nil {
		return done, err
	}
	more, err := practice.Prunable(ctx, p)
	done.Personal += more.Personal
	return done, errors.Join(err, practice.Close())
}

func lineOf(epoch string, p journal.Pruned, dry bool) pruneLine {
	l := pruneLine{Journal: epoch, Records: max(0, p.To-p.From+1), Personal: p.Personal, Dry: dry}
	if l.Records > 0 {
		l.From, l.To = p.From, p.To
	}
	if p.To < p.Old {
		l.Kept = p.Why
	}
	return l
}

// pruneNow prunes a lane that does not run.
func pruneNow(ctx context.Context, cfg *config.Lane, p journal.Pruning) (done journal.Pruned, err error) {
	j, err := journal.Open(ctx, cfg.Data, journal.Options{Store: cfg.Store, Lane: cfg.ID})
	if err != nil {
		return done, err // where the lane runs, it says so
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	return pruneBoth(ctx, cfg.Data, j, false, p)
}

// pruneBoth prunes the open journal, practice's if practice is set, and takes the
// personal values that have reached their age out of the lane's other one too.
func pruneBoth(ctx context.Context, data string, j *journal.Journal, practice bool, p journal.Pruning) (journal.Pruned, error) {
	done, err := j.Prune(ctx, p)
	if err != nil {
		return done, err
	}
	n, err := journal.PruneBeside(ctx, otherJournal(data, practice), p)
	done.Personal += n
	return done, err
}

// pruning says what may go now: only what the last keeper has confirmed. A lane
// that has none keeps its records for good.
func pruning(ctx context.Context, cfg *config.Lane, j interface{ Epoch() string }, box *outbox.Box) (p journal.Pruning, err error) {
	p = journal.Pruning{Policy: ages.Lane(), Now: time.Now().In(cfg.Location)}
	p.Policy.Sale = ages.Age{Days: int(cfg.Retention.SaleDays)}
	p.Policy.Person = ages.Age{Days: int(cfg.Retention.PersonDays)}
	mark, err := box.Mark(ctx, j.Epoch())
	if cfg.HQ != nil && mark.Keeper == "hq" || cfg.Hub != nil { // what a keeper of before had the one of now may not have
		p.Confirmed = mark.Seq
	}
	return p, err
}

// pruneHour is when a lane prunes, in the store's time; between it and the next
// hour few sell.
const pruneHour = 3

// pruneNightly lets go of what has reached its age, each night, until ctx ends.
// Practice's records have no keeper and stay; who a card belonged to does not.
func (l *lane) pruneNightly(ctx context.Context) error {
	box, err := outbox.Open(ctx, l.cfg.Data)
	if err != nil {
		return err
	}
	defer func() { _ = box.Close() }() // only read
	for {
		now := time.Now().In(l.cfg.Location)
		next := time.Date(now.Year(), now.Month(), now.Day(), pruneHour, 0, 0, 0, l.cfg.Location)
		if !next.After(now) {
			next = next.AddDate(0, 0, 1)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Until(next)):
		}
		p, err := pruning(ctx, l.cfg, l.journal, box)
		var done journal.Pruned
		if err == nil {
			done, err = pruneBoth(ctx, l.cfg.Data, l.journal, l.training, p)
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			l.log.ErrorContext(ctx, "not pruned, all is kept", "err", err)
		case done.To >= done.From || done.Personal > 0:
			l.log.InfoContext(ctx, "pruned", "from", done.From, "to", done.To, "personal", done.Personal)
		}
	}
}
