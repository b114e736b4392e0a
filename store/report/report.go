package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// A Report is one question and how it is answered.
type Report struct {
	Name    string // as it is asked for: "sales"
	Title   string // says what table and plot show
	Counts  string // a sentence or two on how it counts
	Columns []Column
	// Rows answers. Each row has a value for each column: int64, float64, string,
	// bool or nil for what is not known.
	Rows func(ctx context.Context, q Query) ([][]any, error)
	Plot Plot
}

// A Column is one column of the answer.
type Column struct {
	Name string // of CSV and JSON; never changes
	Kind Kind
	Unit string // for axes and headings: "g", "s"; "" for none
}

// A Kind says how a column is written for people.
type Kind int

// The kinds of columns.
const (
	Text     Kind = iota
	Count         // whole number
	Minor         // money in minor units
	Decimal       // float64
	Permille      // int64, parts of 1,000
	Millis        // int64, milliseconds
	Flag          // bool, or int64 0 and 1
	Moment        // RFC 3339 text
)

// Number reports whether people compare its values by their digits.
func (k Kind) Number() bool { return k != Text && k != Moment }

// A Query says of which part of the log is asked.
type Query struct {
	Since, Until string // business days YYYY-MM-DD, both included; "" for no bound
	Store, Lane  string // only of this store, of lanes with this name; "" for all
	Currency     string // ISO 4217, for amounts in the table for people; "" for minor units
}

// A Plot says how the answer is drawn. The zero Plot draws none.
type Plot struct {
	Kind   PlotKind
	X      string   // the column along the x axis: names for bars, numbers or names for lines
	With   []string // further columns of the names there, where X alone does not tell rows apart
	Y      []string // the columns drawn, of one unit
	XLabel string   // with its unit
	YLabel string   // with its unit
	Top    int      // draw only so many rows, the first; 0: 24
}

// A PlotKind is a way of drawing.
type PlotKind int

// The ways of drawing.
const (
	None  PlotKind = iota
	Bars           // a group of bars for each row
	Lines          // a line for each column of Y
)

// A Table is an answer.
type Table struct {
	Report *Report
	Query  Query
	Rows   [][]any
}

// Ask asks a report.
func Ask(ctx context.Context, r Report, q Query) (*Table, error) {
	rows, err := r.Rows(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("report %s: %w", r.Name, err)
	}
	for i, row := range rows {
		if len(row) != len(r.Columns) {
			return nil, fmt.Errorf("report %s: row %d has %d values for %d columns", r.Name, i+1, len(row), len(r.Columns))
		}
	}
	return &Table{Report: &r, Query: q, Rows: rows}, nil
}

// Find returns the report of a name: of several with one name the last, so that
// a report made for one place stands in for the common one.
func Find(all []Report, name string) (Report, bool) {
	for _, r := range slices.Backward(all) {
		if r.Name == name {
			return r, true
		}
	}
	return Report{}, false
}

// Names lists the reports in their order, each once.
func Names(all []Report) (names []string) {
	seen := map[string]bool{}
	for _, r := range all {
		if !seen[r.Name] {
			names = append(names, r.Name)
		}
		seen[r.Name] = true
	}
	return names
}

// Days says of which days, store and lane a table tells, for people.
func (q Query) Days() string {
	all := []string{q.days()}
	if q.Store != "" {
		all = append(all, "store "+printable(q.Store))
	}
	if q.Lane != "" {
		all = append(all, "lane "+printable(q.Lane))
	}
	return strings.Join(all, ", ")
}

func (q Query) days() string {
	switch {
	case q.Since == "" && q.Until == "":
		return "all days"
	case q.Since == q.Until:
		return "business day " + q.Since
	case q.Since == "":
		return "business days to " + q.Until
	case q.Until == "":
		return "business days from " + q.Since
	}
	return strings.Join([]string{"business days", q.Since, "to", q.Until}, " ")
}

// index returns the place of a column, -1 if there is none.
func (r *Report) index(name string) int {
	for i, c := range r.Columns {
		if c.Name == name {
			return i
		}
	}
	return -1
}
