// Package records is what the commands on records have in common in lane, hub
// and head office: what their flags mean, where an export goes, how a signed one
// is checked, how a report is answered. It is not for which records those are;
// that lies beside each main. Its one rule: a flag means the same in every program.
package records

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"kassa/cmd/app"
	"kassa/store/export"
	"kassa/store/journal"
	"kassa/store/report"
)

// A Source yields the transactions to export.
type Source interface {
	Transactions(ctx context.Context, f journal.Filter) iter.Seq2[*journal.Transaction, error]
}

// Days are the flags for the business days of a report.
type Days struct {
	Since string `placeholder:"DAY" help:"From this business day on: 2026-11-22."`
	Until string `placeholder:"DAY" help:"Up to and with this business day."`
}

// Form are the flags for what a report looks like; a program may add its own to
// the group "form".
type Form struct {
	CSV  bool `xor:"form" help:"As CSV."`
	JSON bool `xor:"form" help:"As one JSON object."`
	SVG  bool `xor:"form" help:"The plot, as SVG."`
}

// What is the form that was asked for.
func (f Form) What() report.Form { return report.FormOf(f.CSV, f.JSON, f.SVG) }

// Closed are the flags for when the transactions to export were closed.
type Closed struct {
	Since string `placeholder:"T" help:"Closed at T or later: 2026-11-22, 2026-11-22T06:00 or RFC 3339 with offset."`
	Until string `placeholder:"T" help:"Closed before T."`
}

// Limit reads the flags into f. Without an offset a time is one in zone.
func (c Closed) Limit(f *journal.Filter, zone *time.Location) (err error) {
	if f.Since, err = Moment("since", c.Since, zone); err != nil {
		return err
	}
	f.Until, err = Moment("until", c.Until, zone)
	return err
}

// Target are the flags for where an export goes.
type Target struct {
	Out   string `short:"o" placeholder:"OUT" xor:"to" help:"File, or for csv a folder; jsonl and poslog go to standard output without it."`
	Drop  string `placeholder:"DIR" xor:"to" help:"Into this folder that another program watches, under a name of its own."`
	Stick bool   `xor:"to" help:"Onto the mounted USB stick that carries the label KASSA."`
}

// Folder is the folder, --drop or on the stick, into which an export goes under
// a name of its own; "" where -o or standard output takes it.
func (t Target) Folder() (string, error) {
	if t.Stick {
		return export.Stick()
	}
	return t.Drop, nil
}

// Streams reports whether an export goes to standard output.
func (t Target) Streams() bool { return (t.Out == "" || t.Out == "-") && t.Drop == "" && !t.Stick }

// Write writes transactions as one stream, in the format jsonl or poslog.
func Write(ctx context.Context, s Source, f journal.Filter, format string, w io.Writer) error {
	if format == "poslog" {
		return export.POSLog(ctx, s, f, w)
	}
	return export.JSONL(ctx, s, f, w)
}

// Drop writes an export into a folder under name, and the ending of its format,
// whole or not at all, and returns its path. What is there stays: two exports of one
// second are two files, the second with a number behind its name.
func Drop(ctx context.Context, s Source, f journal.Filter, format, folder, name string) (string, error) {
	if format == "csv" {
		return export.DropNewFolder(folder, name, func(dir string) error { return export.CSV(ctx, s, f, dir) })
	}
	ending := ".jsonl"
	if format == "poslog" {
		ending = ".xml"
	}
	return export.DropNew(folder, name, ending, func(w io.Writer) error { return Write(ctx, s, f, format, w) })
}

// Moment reads the value of a flag as a day, a local time or RFC 3339; without
// an offset it is the store's time. Nothing is the zero time.
func Moment(flag, text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%w: --%s %q is no time: write 2026-11-22, 2026-11-22T06:00 or 2026-11-22T06:00:00+01:00",
		app.ErrUsage, flag, text)
}

// Number reads the value of a flag as a transaction's number, or takes it from
// the end of its id. Nothing is 0.
func Number(flag, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text[strings.LastIndexByte(text, '-')+1:], 10, 64)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%w: --%s %q is no transaction: write 123 or 0421-1-000123", app.ErrUsage, flag, text)
	}
	return n, nil
}

// Check checks a signed export, and prints what was signed and by which key:
// key, or that of the program whose data folder is named.
func Check(out io.Writer, data, file, key string) (err error) {
	if key == "" {
		if key, err = export.PublicKey(data); err != nil {
			return err
		}
	}
	s, err := export.Check(file, key)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return json.NewEncoder(out).Encode(struct {
		Export string `json:"export"`
		*export.Signature
	}{"whole", s})
}

// NoConfig is what `PROGRAM report` says to whom names no config.
func NoConfig(program string) error {
	return fmt.Errorf("%w: --config is missing: %s report --config %s.toml sales", app.ErrUsage, program, program)
}

// Answer writes the report of a name, or the list of all without one. What was
// asked wrongly is wrong usage.
func Answer(ctx context.Context, out io.Writer, all []report.Report, name string, q report.Query, form report.Form) error {
	err := report.Write(ctx, out, all, name, q, form)
	if usage, ok := errors.AsType[*report.UsageError](err); ok {
		return fmt.Errorf("%w: %w", app.ErrUsage, usage)
	}
	return err
}
