package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"

	"kassa/kiosk/config"
	"kassa/store/journal"
)

// memberClass is the class of values beside the journal's chain that are members'
// numbers; the station puts them there.
const memberClass = "member"

// membersCmd is `kassa members`.
type membersCmd struct {
	Export memberExportCmd `cmd:"" help:"Print what this lane keeps of a member, as one JSON object, for whoever asks about themselves."`
	Erase  memberEraseCmd  `cmd:"" help:"Take a member's number out of this lane; kassa-hub members erase does so at every lane of a store."`
}

// memberExportCmd is `kassa members export`.
type memberExportCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Number string `arg:"" help:"The member's number."`
}

// A memberSales is what a lane keeps of a member: the handles that stand for the
// number in records, and the transactions that name one.
type memberSales struct {
	Handles      []string `json:"handles"`
	Transactions []string `json:"transactions"`
}

// Run prints it, also beside a running lane.
func (c *memberExportCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *memberExportCmd) run(ctx context.Context, out io.Writer) (err error) {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	j, err := journal.OpenReader(ctx, cfg.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	handles, err := j.HandlesOf(ctx, memberClass, func(number string) bool { return number == c.Number })
	if err != nil {
		return err
	}
	known := memberSales{append([]string{}, handles...), []string{}}
	for _, handle := range handles {
		ids, err := j.Naming(ctx, handle)
		if err != nil {
			return err
		}
		known.Transactions = append(known.Transactions, ids...)
	}
	return json.NewEncoder(out).Encode(known)
}

// memberEraseCmd is `kassa members erase`.
type memberEraseCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Number string `arg:"" help:"The member's number."`
}

// Run has the running lane erase the number, or erases it where none runs.
func (c *memberEraseCmd) Run(ctx context.Context) (err error) {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	runs, err := journal.InUse(cfg.Data)
	if err != nil {
		return err
	}
	if runs {
		return orderLane(ctx, cfg, "/members/erase", erasure{Number: c.Number}, new(erased))
	}
	j, err := journal.Open(ctx, cfg.Data, journal.Options{Store: cfg.Store, Lane: cfg.ID})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	_, err = eraseMember(ctx, j, c.Number)
	return err
}

func eraseMember(ctx context.Context, j *journal.Journal, number string) (int, error) {
	return j.ForgetPersonal(ctx, memberClass, func(known string) bool { return known == number })
}

// An erasure is what a running lane is asked for, erased its answer.
type (
	erasure struct {
		Number string `json:"number"`
	}
	erased struct {
		Values int `json:"values"`
	}
)

// eraseMember takes the order to erase a member's number.
func (l *lane) eraseMember(w http.ResponseWriter, r *http.Request) {
	var want erasure
	var done erased
	err := json.NewDecoder(io.LimitReader(r.Body, 1<<10)).Decode(&want)
	if err == nil {
		done.Values, err = eraseMember(r.Context(), l.journal, want.Number)
	}
	if err != nil {
		l.log.ErrorContext(r.Context(), "a member's number was not erased", "err", err)
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	l.log.InfoContext(r.Context(), "values of members erased", "values", done.Values)
	_ = json.NewEncoder(w).Encode(done) // whoever asked may be gone
}
