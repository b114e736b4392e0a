package export

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"kassa/store/journal"
)

// Files lists what CSV writes into its folder: the dictionary, and one a view of
// the database.
func Files() []string {
	names := []string{DictionaryFile}
	for _, t := range tables() {
		names = append(names, t.name+".csv")
	}
	return names
}

// A table is one CSV file: its columns and a transaction's rows.
type table struct {
	name    string
	columns []string
	rows    func(t *Transaction, put func(cells ...any))
}

// tables are named and ordered as the database's views.
func tables() []table {
	return []table{
		{"txn", []string{
			"id", "store", "lane", "epoch", "number", "state", "opened_at", "closed_at", "clock", "business_day", "currency",
			"language", "rounding_minor", "total_minor", "rating", "journal_first", "journal_last", "journal_hash",
			"recalled", "of", "document",
		}, func(t *Transaction, put func(...any)) {
			put(t.ID, t.Store, t.Lane, t.Epoch, t.Number, t.State, t.OpenedAt, t.ClosedAt, t.Clock, t.BusinessDay, t.Currency,
				t.Language, t.RoundingMinor, t.TotalMinor, t.Rating, t.Journal.First, t.Journal.Last, t.Journal.Hash, t.Recalled, t.Of, t.Document)
		}},
		{"txn_line", []string{
			"id", "n", "gtin", "plu", "name", "qty", "weight_g", "unit_minor", "amount_minor", "discount_minor", "tax", "voided",
			"code", "of", "weight", "tare_g", "frame", "returns",
		}, lineRows},
		{"txn_discount", []string{"id", "n", "rule", "name", "amount_minor"}, func(t *Transaction, put func(...any)) {
			for _, l := range t.Lines {
				for _, d := range l.Discounts {
					put(t.ID, l.N, d.Rule, d.Name, d.AmountMinor)
				}
			}
		}},
		{"txn_tax", []string{"id", "tax", "rate_ppm", "net_minor", "tax_minor", "gross_minor"}, func(t *Transaction, put func(...any)) {
			for _, x := range t.Taxes {
				put(t.ID, x.Tax, x.RatePPM, x.NetMinor, x.TaxMinor, x.GrossMinor)
			}
		}},
		{"txn_tender", []string{
			"id", "kind", "amount_minor", "result", "terminal", "receipt", "trace", "card", "n", "way", "of", "asked_minor", "voucher",
			"left_minor",
		}, tenderRows},
		{"intervention", []string{"id", "kind", "raised_at", "settled_at", "by", "reason", "from", "line", "detail"}, func(t *Transaction, put func(...any)) {
			for _, x := range t.Interventions {
				put(t.ID, x.Kind, x.RaisedAt, x.SettledAt, x.By, x.Reason, x.From, x.Line, x.Detail)
			}
		}},
		{"contact", []string{"id", "reason", "channel", "state", "raised_at", "seen_at", "ended_at", "by", "outcome", "language"}, func(t *Transaction, put func(...any)) {
			for _, x := range t.Calls {
				put(t.ID, x.Reason, x.Channel, x.State, x.RaisedAt, x.SeenAt, x.EndedAt, x.By, x.Outcome, x.Language)
			}
		}},
	}
}

func lineRows(t *Transaction, put func(...any)) {
	for _, l := range t.Lines {
		var off int64
		for _, d := range l.Discounts {
			off += d.AmountMinor
		}
		put(t.ID, l.N, l.GTIN, l.PLU, l.Name, l.Qty, l.WeightG, l.UnitMinor, l.AmountMinor, off, l.Tax, l.Voided, l.Code,
			l.Of, l.Weight, l.TareG, l.Frame, l.Returns)
	}
}

func tenderRows(t *Transaction, put func(...any)) {
	for i, x := range t.Tenders {
		put(t.ID, x.Kind, x.AmountMinor, x.Result, x.Terminal, x.Receipt, x.Trace, x.Card, i+1, x.Way, x.Of, x.AskedMinor,
			x.Voucher, x.LeftMinor)
	}
}

// CSV writes the transactions that f picks into the folder dir, one file a
// table, RFC 4180 in UTF-8. The folder is made if absent. Each file appears
// whole or not at all and replaces one of an earlier export.
func CSV(ctx context.Context, j source, f journal.Filter, dir string) (err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	var files []*csvFile
	defer func() {
		for _, file := range files {
			err = errors.Join(err, file.discard())
		}
	}()
	for _, t := range tables() {
		file, err := createCSV(filepath.Join(dir, t.name+".csv"), t)
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		files = append(files, file)
	}
	for t, err := range j.Transactions(ctx, f) {
		if err != nil {
			return err
		}
		x := Of(t)
		for _, file := range files {
			file.rows(&x, file.put)
		}
	}
	for _, file := range files {
		if err := file.finish(); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	return dictionary(dir)
}

// A csvFile is a CSV file in the making.
type csvFile struct {
	table
	path string
	file *os.File // nil when finished
	out  *csv.Writer
}

func createCSV(path string, t table) (*csvFile, error) {
	file, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, err
	}
	out := csv.NewWriter(file)
	out.UseCRLF = true
	_ = out.Write(t.columns) // finish asks for errors
	return &csvFile{table: t, path: path, file: file, out: out}, nil
}

func (c *csvFile) put(cells ...any) {
	row := make([]string, len(cells))
	for i, v := range cells {
		row[i] = cell(v)
	}
	_ = c.out.Write(row) // finish asks for errors
}

func (c *csvFile) finish() error {
	c.out.Flush()
	if err := errors.Join(c.out.Error(), c.file.Sync()); err != nil {
		return err
	}
	if err := c.file.Close(); err != nil {
		return err
	}
	c.file = nil
	return os.Rename(c.path+".tmp", c.path)
}

// discard takes away a file that was not finished.
func (c *csvFile) discard() error {
	if c.file == nil {
		return nil
	}
	return errors.Join(c.file.Close(), os.Remove(c.path+".tmp"))
}

// cell writes a value. Numbers stay numbers; a text that a spreadsheet would
// run begins with an apostrophe, and so does one that began with one, so that
// every text can be read back.
func cell(v any) string {
	switch v := v.(type) {
	case string:
		v = strings.ToValidUTF8(v, "\uFFFD")
		if first, _ := utf8.DecodeRuneInString(v); v != "" && strings.ContainsRune("=+-@\t\r\n'＝＋－＠", first) {
			return "'" + v
		}
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	default:
		return fmt.Sprint(v)
	}
}
