package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kassa/kiosk/config"
	"kassa/store/export"
	"kassa/store/journal"
)

// exportCmd is `kassa export`.
type exportCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Format string `default:"jsonl" enum:"jsonl,csv" help:"jsonl: a transaction a line; csv: a folder of tables."`
	Since  string `placeholder:"T" help:"Closed at T or later: 2026-11-22, 2026-11-22T06:00 or RFC 3339 with offset."`
	Until  string `placeholder:"T" help:"Closed before T."`
	Open   bool   `help:"Transactions that have not ended, too."`
	Out    string `short:"o" placeholder:"OUT" help:"File, or for csv a folder; jsonl goes to standard output without it."`
}

// Run writes transactions; the lane may go on selling.
func (c *exportCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *exportCmd) run(ctx context.Context, stdout io.Writer) error {
	lane, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	f, err := c.filter(lane.Location)
	if err != nil {
		return err
	}
	if c.Format == "csv" && c.Out == "" {
		return fmt.Errorf("%w: --format csv writes several files: name a folder with -o DIR", errUsage)
	}
	j, err := journal.OpenReader(ctx, lane.Data)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // only read
	switch {
	case c.Format == "csv":
		return export.CSV(ctx, j, f, c.Out)
	case c.Out == "" || c.Out == "-":
		return export.JSONL(ctx, j, f, stdout)
	}
	return writeFile(c.Out, func(w io.Writer) error { return export.JSONL(ctx, j, f, w) })
}

func (c *exportCmd) filter(zone *time.Location) (f journal.Filter, err error) {
	f.Open = c.Open
	if f.Since, err = parseTime("since", c.Since, zone); err != nil {
		return f, err
	}
	if f.Until, err = parseTime("until", c.Until, zone); err != nil {
		return f, err
	}
	if !f.Since.IsZero() && !f.Until.IsZero() && !f.Since.Before(f.Until) {
		return f, fmt.Errorf("%w: --since %s is not before --until %s", errUsage, c.Since, c.Until)
	}
	return f, nil
}

// parseTime reads a day, a local time or RFC 3339; without an offset it is the
// store's time.
func parseTime(flag, text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%w: --%s %q is no time: write 2026-11-22, 2026-11-22T06:00 or 2026-11-22T06:00:00+01:00",
		errUsage, flag, text)
}

// writeFile lets fill write a file that appears under its name only when it is
// whole and on the disk. Something that is no file, such as /dev/stdout or a
// pipe, is written as it is.
func writeFile(path string, fill func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(fill(f), f.Close())
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	err = errors.Join(fill(f), f.Chmod(0o640), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// printable takes everything out of text that a terminal would obey.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
