package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	"kassa/cmd/app"
	"kassa/cmd/app/records"
	"kassa/kiosk/config"
	"kassa/store/export"
	"kassa/store/journal"
)

// exportCmd is `kassa export`.
type exportCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Format string `default:"jsonl" enum:"jsonl,csv,poslog" help:"jsonl: a transaction a line; csv: a folder of tables and their dictionary; poslog: ARTS POSLog XML."`
	records.Closed
	After string `placeholder:"ID" help:"Only transactions after this one, by id or number: go on where an export ended."`
	To    string `placeholder:"ID" help:"Only up to and with this one."`
	Open  bool   `help:"Transactions that have not ended, too."`
	records.Target
	Sign bool `help:"Write a signature beside it, OUT.sig; kassa verify --export OUT checks it."`
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
	folder, err := c.Folder()
	if err != nil {
		return err
	}
	streams := c.Streams()
	if streams && c.Format == "csv" {
		return fmt.Errorf("%w: --format csv writes several files: name a folder with -o DIR", errUsage)
	}
	if streams && c.Sign {
		return fmt.Errorf("%w: --sign writes a second file: name the first with -o FILE", errUsage)
	}
	j, err := journal.OpenReader(ctx, lane.Data)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // only read
	last, err := lastNumber(ctx, j)
	if err != nil {
		return err
	}
	source := &watched{Reader: j, bar: newBar(os.Stderr), first: f.After, last: last}
	defer source.bar.clear()
	if streams {
		return records.Write(ctx, source, f, c.Format, stdout)
	}
	out, err := c.put(ctx, source, f, folder, lane)
	if err != nil {
		return err
	}
	if c.Sign {
		err = export.Sign(out, lane.Data, lane.Store, lane.ID, time.Now().In(lane.Location))
	}
	if err == nil && folder != "" {
		source.bar.clear()
		_, err = fmt.Fprintln(stdout, out)
	}
	return err
}

// put writes the export where it is to lie, and returns its path.
func (c *exportCmd) put(ctx context.Context, j *watched, f journal.Filter, folder string, lane *config.Lane) (string, error) {
	switch {
	case folder != "":
		name := fmt.Sprintf("kassa-%s-%s-%s", lane.Store, lane.ID, time.Now().UTC().Format("20060102T150405Z"))
		return records.Drop(ctx, j, f, c.Format, folder, name)
	case c.Format == "csv":
		return c.Out, export.CSV(ctx, j, f, c.Out)
	default:
		return c.Out, writeFile(c.Out, func(w io.Writer) error { return records.Write(ctx, j, f, c.Format, w) })
	}
}

// watched shows how far an export has come.
type watched struct {
	*journal.Reader
	bar         *bar
	first, last int64
}

// Transactions yields what the journal does, and moves the bar.
func (w *watched) Transactions(ctx context.Context, f journal.Filter) iter.Seq2[*journal.Transaction, error] {
	return func(yield func(*journal.Transaction, error) bool) {
		for t, err := range w.Reader.Transactions(ctx, f) {
			if err == nil {
				w.bar.show(t.Number-w.first, w.last-w.first)
			}
			if !yield(t, err) {
				return
			}
		}
	}
}

// lastNumber is the highest number of a transaction, 0 before any.
func lastNumber(ctx context.Context, j *journal.Reader) (n int64, err error) {
	err = j.DB().QueryRowContext(ctx, `SELECT coalesce(max(number), 0) FROM txn`).Scan(&n)
	return n, err
}

func (c *exportCmd) filter(zone *time.Location) (f journal.Filter, err error) {
	f.Open = c.Open
	if err = c.Limit(&f, zone); err != nil {
		return f, err
	}
	if !f.Since.IsZero() && !f.Until.IsZero() && !f.Since.Before(f.Until) {
		return f, fmt.Errorf("%w: --since %s is not before --until %s", errUsage, c.Since, c.Until)
	}
	if f.After, err = records.Number("after", c.After); err != nil {
		return f, err
	}
	if f.To, err = records.Number("to", c.To); err != nil {
		return f, err
	}
	if f.To != 0 && f.To <= f.After {
		return f, fmt.Errorf("%w: --to %s is not after --after %s", errUsage, c.To, c.After)
	}
	return f, nil
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
func printable(text string) string { return app.Printable(text) }
