package main

import (
	"context"
	"io"
	"os"

	"kassa/cmd/app/records"
	"kassa/store/hub/desk"
	"kassa/store/hub/keeper"
	"kassa/store/hub/lessons"
	"kassa/store/report"
	"kassa/store/report/views"
)

// reportCmd is `kassa-hub report`.
type reportCmd struct {
	Name   string `arg:"" optional:"" help:"Which one; without a name they are listed."`
	Config string `placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	records.Days
	Lane string `placeholder:"ID" help:"Of this lane alone."`
	records.Form
	Views bool `xor:"form" help:"Which views stand in keeper.db and desk.db for any SQLite tool, column by column."`
}

// Run answers over all lanes of the store; the hub may go on.
func (c *reportCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *reportCmd) run(ctx context.Context, out io.Writer) error {
	switch {
	case c.Views:
		return report.Views(out, append(views.All(views.Keeper), views.Desk()))
	case c.Config == "":
		return records.NoConfig("kassa-hub")
	}
	s, err := loadSettings(c.Config)
	if err != nil {
		return err
	}
	k, err := keeper.OpenReader(ctx, s.data)
	if err != nil {
		return err
	}
	defer func() { _ = k.Close() }() // only read
	d, err := desk.OpenReader(ctx, s.data)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }() // only read
	l, err := lessons.Open(ctx, s.data)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }() // only read
	currency, err := currencyOf(ctx, k)
	if err != nil {
		return err
	}
	q := report.Query{Since: c.Since, Until: c.Until, Lane: c.Lane, Currency: currency}
	return records.Answer(ctx, out, hubReports(k, d.DB(), l), c.Name, q, c.What())
}

// hubReports are the reports that a hub can answer: those of all lanes, help as
// its own desk saw it, what lanes have learned, and the newest transactions.
func hubReports(k *keeper.Keeper, d *report.DB, l *lessons.Book) []report.Report {
	return append(append(report.Hub(k.DB()), report.Desk(d)...), l.Report(), report.Latest(k.DB()))
}

// currencyOf is the store's currency as its newest sale says, "" before any.
func currencyOf(ctx context.Context, k *keeper.Keeper) (code string, err error) {
	err = k.DB().QueryRowContext(ctx, `SELECT currency FROM txn ORDER BY opened_ms DESC LIMIT 1`).Scan(&code)
	if report.IsNone(err) {
		return "", nil
	}
	return code, err
}
