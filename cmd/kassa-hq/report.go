package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"

	"kassa/cmd/app/records"
	"kassa/store/hq"
	"kassa/store/report"
	"kassa/store/report/views"
)

// reportCmd is `kassa-hq report`.
type reportCmd struct {
	Name   string `arg:"" optional:"" help:"Which one; without a name they are listed."`
	Config string `placeholder:"FILE" help:"kassa-hq.toml"`
	records.Days
	Store string `placeholder:"ID" help:"Of this store alone."`
	Lane  string `placeholder:"ID" help:"Of lanes with this name alone."`
	records.Form
	Views bool `xor:"form" help:"Which views stand in the database for any PostgreSQL tool, column by column."`
}

// Run answers over all stores, also while kassa-hq run writes.
func (c *reportCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *reportCmd) run(ctx context.Context, out io.Writer) (err error) {
	if c.Views {
		return report.Views(out, views.All(views.PostgreSQL))
	}
	if c.Config == "" {
		return records.NoConfig("kassa-hq")
	}
	s, err := loadSettings(c.Config)
	if err != nil {
		return err
	}
	h, err := hq.OpenReader(ctx, s.postgres, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	currency, err := h.Currency(ctx)
	if err != nil {
		return err
	}
	db := h.DB()
	defer func() { err = errors.Join(err, db.Close()) }()
	q := report.Query{Since: c.Since, Until: c.Until, Store: c.Store, Lane: c.Lane, Currency: currency}
	return records.Answer(ctx, out, report.HQ(db), c.Name, q, c.What())
}
