package main

import (
	"context"
	"io"
	"os"

	"kassa/cmd/app/records"
	"kassa/kiosk/config"
	"kassa/store/journal"
	"kassa/store/report"
	"kassa/store/report/views"
)

// reportCmd is `kassa report`.
type reportCmd struct {
	Name   string `arg:"" optional:"" help:"Which one; without a name they are listed."`
	Config string `placeholder:"FILE" help:"The lane's kassa.toml."`
	records.Days
	records.Form
	Views bool   `xor:"form" help:"Which views stand in journal.db for any SQLite tool, column by column."`
	Out   string `short:"o" placeholder:"FILE" help:"Into a file."`
}

// laneReports are the reports that a lane can answer. One that others bring
// under a common report's name stands in for it.
func laneReports(lane *config.Lane, j *journal.Reader) []report.Report {
	return append(report.Lane(j.DB()), ownReports(lane, j)...)
}

// ownReports are those that ask more than the journal: a line for each.
func ownReports(lane *config.Lane, j *journal.Reader) []report.Report {
	return append(weightsReports(lane, j), paymentsReport(lane, j))
}

// Run answers; the lane may go on selling.
func (c *reportCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *reportCmd) run(ctx context.Context, stdout io.Writer) error {
	switch {
	case c.Views:
		return report.Views(stdout, views.All(views.Journal))
	case c.Config == "":
		return records.NoConfig("kassa")
	}
	lane, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	j, err := journal.OpenReader(ctx, lane.Data)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // only read
	q := report.Query{Since: c.Since, Until: c.Until, Currency: lane.Currency}
	write := func(out io.Writer) error {
		return records.Answer(ctx, out, laneReports(lane, j), c.Name, q, c.What())
	}
	if c.Out == "" || c.Out == "-" {
		return write(stdout)
	}
	return writeFile(c.Out, write)
}
