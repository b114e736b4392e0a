package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"golang.org/x/term"

	"kassa/store/hq"
)

// verifyCmd is `kassa-hq verify`.
type verifyCmd struct {
	Config string `required:"" placeholder:"FILE" help:"kassa-hq.toml"`
}

// Run checks every row, also while kassa-hq run writes.
func (c *verifyCmd) Run(ctx context.Context) (err error) {
	s, err := loadSettings(c.Config)
	if err != nil {
		return err
	}
	h, err := hq.OpenReader(ctx, s.postgres, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	bad := 0
	var progress func(int64)
	if term.IsTerminal(int(os.Stderr.Fd())) {
		progress = func(n int64) { fmt.Fprintf(os.Stderr, "\r%d rows", n) }
		defer fmt.Fprint(os.Stderr, "\r")
	}
	checked, err := h.Verify(ctx, func(f hq.Finding) {
		bad++
		fmt.Printf("store %s lane %s epoch %s row %d: %s\n", f.Key.Store, f.Key.Lane, f.Key.Epoch, f.Key.Seq, f.Why)
	}, progress)
	if err != nil {
		return err
	}
	missing, err := h.Missing(ctx)
	if err != nil {
		return err
	}
	for _, m := range missing {
		fmt.Printf("store %s lane %s epoch %s rows %d to %d: never came, the lane had let them go: the keeper of before has them\n", m.Store, m.Lane, m.Epoch, m.From, m.To)
	}
	aside, err := h.Quarantined(ctx)
	if err != nil {
		return err
	}
	if aside > 0 {
		fmt.Printf("%d rows lie in quarantine, see kassa.quarantine: each wants a person\n", aside)
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d rows do not hold: keep this database as it is and ask the lanes' own journals", bad, checked)
	}
	fmt.Printf("%d rows, all whole and in order\n", checked)
	return nil
}
