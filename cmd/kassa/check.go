package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"kassa/kiosk/config"
	"kassa/kiosk/station"
	"kassa/kiosk/words"
	"kassa/store/catalog"
	"kassa/store/journal"
)

// checkCmd is `kassa check`.
type checkCmd struct {
	Config string `required:"" placeholder:"FILE" help:"kassa.toml"`
	JSON   bool   `help:"One JSON object instead of a table."`
}

// A checkReport is what `kassa check` found.
type checkReport struct {
	OK       bool          `json:"ok"` // every device answers, and nothing would keep the lane from running
	Config   string        `json:"config"`
	Store    string        `json:"store"`
	Lane     string        `json:"lane"`
	Running  bool          `json:"running"` // a lane runs on this data folder; its devices were not opened
	Devices  []deviceCheck `json:"devices"`
	Disk     diskCheck     `json:"disk"`
	Problems []string      `json:"problems"` // the lane cannot run, or not fully
	Warnings []string      `json:"warnings"`
}

// A deviceCheck is what became of asking one device.
type deviceCheck struct {
	Device   string `json:"device"` // as its section in kassa.toml
	Port     string `json:"port"`
	Protocol string `json:"protocol"`
	OK       bool   `json:"ok"`
	Answer   string `json:"answer"` // what it said, or why nothing came
}

// Run checks and prints; the error says how many devices do not answer.
func (c *checkCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *checkCmd) run(ctx context.Context, out io.Writer) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	r, err := check(ctx, cfg)
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		err = enc.Encode(r)
	} else {
		err = r.table(out)
	}
	return errors.Join(err, r.verdict())
}

// check asks everything that a kassa.toml names.
func check(ctx context.Context, cfg *config.Lane) (*checkReport, error) {
	r := &checkReport{
		Config: cfg.File, Store: cfg.Store, Lane: cfg.ID,
		Devices: []deviceCheck{}, Problems: []string{}, Warnings: []string{},
	}
	book, err := words.New(words.Settings{Currency: cfg.Currency, Decimals: cfg.Decimals, Digits: cfg.Digits})
	if err != nil {
		return nil, err
	}
	if r.Running, err = journal.InUse(cfg.Data); err != nil {
		r.Warnings = append(r.Warnings, fmt.Sprintf("whether a lane runs cannot be seen: %v", err))
	}
	if r.Running {
		r.Devices = askLane(ctx, cfg)
	} else {
		r.Devices = askDevices(ctx, cfg, book)
		r.page(ctx, cfg)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	r.store(ctx, cfg)
	r.disk(cfg.Data)
	r.OK = len(r.Problems) == 0 && !slices.ContainsFunc(r.Devices, func(d deviceCheck) bool { return !d.OK })
	return r, nil
}

// page says whether the lane could serve its page.
func (r *checkReport) page(ctx context.Context, cfg *config.Lane) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", cfg.Screen.Listen)
	if err != nil {
		r.Problems = append(r.Problems, fmt.Sprintf("%s: screen.listen: %v: choose a free port or stop what has it", cfg.File, err))
		return
	}
	_ = l.Close() // it was only tried
}

// store looks into what the lane keeps, and changes nothing there.
func (r *checkReport) store(ctx context.Context, cfg *config.Lane) {
	if _, err := codesOf(cfg); err != nil {
		r.Problems = append(r.Problems, err.Error())
	}
	if has(cfg.Data, journal.FileName) {
		j, err := journal.OpenReader(ctx, cfg.Data)
		if err != nil {
			r.Warnings = append(r.Warnings, err.Error())
		} else {
			_ = j.Close() // was only read
		}
	}
	if !has(cfg.Data, catalog.File) {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%s: there is no catalogue: kassa catalog import --config %s articles.csv",
			cfg.Data, cfg.File))
		return
	}
	cat, err := catalog.Open(ctx, cfg.Data)
	if err != nil {
		r.Problems = append(r.Problems, err.Error())
		return
	}
	defer func() { _ = cat.Close() }() // only read
	if err := knowsTaxes(ctx, cfg, cat); err != nil {
		r.Problems = append(r.Problems, err.Error())
	}
	promotions, err := cat.Promotions(ctx)
	if err == nil {
		_, err = station.RulesFor(cfg, promotions)
	}
	if err != nil {
		r.Problems = append(r.Problems, err.Error())
	}
}

// knowsTaxes says whether kassa.toml has every tax class that articles name.
func knowsTaxes(ctx context.Context, cfg *config.Lane, cat *catalog.Catalog) error {
	named, err := cat.TaxClasses(ctx)
	if err != nil {
		return err
	}
	var unknown []string
	for _, class := range named {
		if !slices.ContainsFunc(cfg.Tax.Classes, func(c config.TaxClass) bool { return c.ID == class }) {
			unknown = append(unknown, fmt.Sprintf("%q", class))
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return fmt.Errorf("%s: articles name the tax class %s, which no [[tax.class]] has: add it here, or import articles without it",
		cfg.File, strings.Join(unknown, ", "))
}

func has(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return !errors.Is(err, fs.ErrNotExist)
}

// verdict is the error that the command ends with.
func (r *checkReport) verdict() error {
	var silent []string
	for _, d := range r.Devices {
		if !d.OK {
			silent = append(silent, d.Device)
		}
	}
	switch {
	case len(silent) > 0:
		return fmt.Errorf("check: no answer from %s", strings.Join(silent, ", "))
	case len(r.Problems) > 0:
		return fmt.Errorf("check: %s", r.Problems[0])
	default:
		return nil
	}
}

// table prints the report for a person.
func (r *checkReport) table(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "lane %s of store %s, %s\n", r.Lane, r.Store, r.Config)
	if r.Running {
		b.WriteString("The lane runs and holds its devices; this is what it says of them.\n")
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "\nDEVICE\tPROTOCOL\tPORT\tANSWERS\t")
	for _, d := range r.Devices {
		answers := "yes"
		if !d.OK {
			answers = "NO"
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", d.Device, d.Protocol, d.Port, answers, d.Answer)
	}
	if len(r.Devices) == 0 {
		_, _ = fmt.Fprintln(w, "none: "+r.Config+" names no device")
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(&b, "\ndisk of %s: %s\n", r.Disk.Folder, r.Disk)
	for _, p := range r.Problems {
		fmt.Fprintln(&b, "problem:", p)
	}
	for _, warning := range r.Warnings {
		fmt.Fprintln(&b, "warning:", warning)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
