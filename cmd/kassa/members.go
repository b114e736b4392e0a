package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

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
	// Practice is what staff did with the number in practice, in a journal with
	// numbers of its own.
	Practice *memberSales `json:"practice,omitempty"`
}

// Run prints it, also beside a running lane.
func (c *memberExportCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *memberExportCmd) run(ctx context.Context, out io.Writer) (err error) {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	known, err := salesOf(ctx, filepath.Join(cfg.Data, journal.FileName), c.Number)
	if err != nil {
		return err
	}
	practice, err := salesOf(ctx, filepath.Join(cfg.Data, trainingFile), c.Number)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && len(practice.Handles) > 0 {
		known.Practice = &practice
	}
	return json.NewEncoder(out).Encode(known)
}

// salesOf reads what a journal keeps of a member.
func salesOf(ctx context.Context, path, number string) (known memberSales, err error) {
	j, err := journal.OpenFile(ctx, path)
	if err != nil {
		return known, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	handles, err := j.HandlesOf(ctx, memberClass, isNumber(number))
	if err != nil {
		return known, err
	}
	known = memberSales{Handles: append([]string{}, handles...), Transactions: []string{}}
	for _, handle := range handles {
		ids, err := j.Naming(ctx, handle)
		if err != nil {
			return known, err
		}
		known.Transactions = append(known.Transactions, ids...)
	}
	return known, nil
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
	_, err = forgetMembers(ctx, cfg.Data, j, false, isNumber(c.Number))
	return err
}

func isNumber(number string) func(string) bool {
	return func(known string) bool { return known == number }
}

// forgetMembers erases members' numbers in both journals of a lane, in that of
// sales and in that of practice: j is the open one, practice's if practice is set.
func forgetMembers(ctx context.Context, data string, j *journal.Journal, practice bool, is func(number string) bool) (int, error) {
	n, err := j.ForgetPersonal(ctx, memberClass, is)
	if err != nil {
		return 0, err
	}
	more, err := journal.ForgetBeside(ctx, otherJournal(data, practice), memberClass, is)
	return n + more, err
}

// otherJournal is the file of the journal that a lane does not write now.
func otherJournal(data string, practice bool) string {
	if practice {
		return filepath.Join(data, journal.FileName)
	}
	return filepath.Join(data, trainingFile)
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
		done.Values, err = forgetMembers(r.Context(), l.cfg.Data, l.journal, l.training, isNumber(want.Number))
	}
	if err != nil {
		l.log.ErrorContext(r.Context(), "a member's number was not erased", "err", err)
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	l.log.InfoContext(r.Context(), "values of members erased", "values", done.Values)
	_ = json.NewEncoder(w).Encode(done) // whoever asked may be gone
}
