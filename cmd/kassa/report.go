package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"kassa/kiosk/config"
	"kassa/store/journal"
	"kassa/store/report"
)

// reportCmd is `kassa report`.
type reportCmd struct {
	Name   string `arg:"" optional:"" help:"Which one; without a name they are listed."`
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Since  string `placeholder:"DAY" help:"From this business day on: 2026-11-22."`
	Until  string `placeholder:"DAY" help:"Up to and with this business day."`
	CSV    bool   `xor:"form" help:"As CSV."`
	JSON   bool   `xor:"form" help:"As one JSON object."`
	SVG    bool   `xor:"form" help:"The plot, as SVG."`
	Out    string `short:"o" placeholder:"FILE" help:"Into a file."`
}

// laneReports are the reports that a lane can answer. One that others bring
// under a common report's name stands in for it.
func laneReports(lane *config.Lane, j *journal.Reader) []report.Report {
	return append(report.Lane(j.DB()), ownReports(lane, j)...)
}

// ownReports are those that ask more than the journal: a line for each.
func ownReports(lane *config.Lane, j *journal.Reader) []report.Report {
	return weightsReports(lane, j)
}

// Run answers; the lane may go on selling.
func (c *reportCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *reportCmd) run(ctx context.Context, stdout io.Writer) error {
	q := report.Query{Since: c.Since, Until: c.Until}
	for _, day := range []struct{ flag, text string }{{"since", c.Since}, {"until", c.Until}} {
		if _, err := time.Parse(time.DateOnly, day.text); day.text != "" && err != nil {
			return fmt.Errorf("%w: --%s %q is no day: write 2026-11-22", errUsage, day.flag, day.text)
		}
	}
	lane, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	q.Currency = lane.Currency
	j, err := journal.OpenReader(ctx, lane.Data)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // only read
	all := laneReports(lane, j)
	if c.Name == "" {
		return report.List(stdout, all)
	}
	r, ok := report.Find(all, c.Name)
	if !ok {
		return fmt.Errorf("%w: no report %q: there are %s", errUsage, printable(c.Name), strings.Join(report.Names(all), ", "))
	}
	t, err := report.Ask(ctx, r, q)
	if err != nil {
		return err
	}
	write := t.Text
	switch {
	case c.CSV:
		write = t.CSV
	case c.JSON:
		write = t.JSON
	case c.SVG:
		write = t.SVG
	}
	if c.Out == "" || c.Out == "-" {
		return write(stdout)
	}
	err = writeFile(c.Out, write)
	if errors.Is(err, report.ErrNoPlot) {
		return fmt.Errorf("%s: %w", c.Out, err)
	}
	return err
}
