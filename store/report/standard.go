package report

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"kassa/store/report/views"
)

// Lane returns the reports of one lane's journal.
func Lane(db *sql.DB) []Report { return standard(db, views.Journal) }

// Hub returns the reports of a hub's keeper database, over all its lanes.
func Hub(db *sql.DB) []Report { return append(standard(db, views.Keeper), knowledge(db)) }

// HQ returns the reports of head office's PostgreSQL, over all stores. Its views
// must have been made ([views.Create]).
func HQ(db *sql.DB) []Report { return standard(db, views.PostgreSQL) }

// A question is a report that sums a view.
type question struct {
	Report
	view string // whose Doc says how it counts
	sum  string // {in} picks what is asked for
}

// picked is what {in} stands for: $1 and $2 are the first and last business day,
// $3 and $4 store and lane, empty for all. Of a desk there is one store, which
// its rows do not name.
const (
	picked     = "business_day BETWEEN $1 AND $2 AND ($3 = '' OR store = $3) AND ($4 = '' OR lane = $4)"
	pickedDesk = "business_day BETWEEN $1 AND $2 AND $3 = $3 AND ($4 = '' OR lane = $4)"
)

func standard(db *sql.DB, d views.Dialect) []Report {
	var all []Report
	with, docs := views.With(d), map[string]string{}
	if d == views.PostgreSQL {
		with = ""
	}
	for _, v := range views.All(d) {
		docs[v.Name] = v.Doc
	}
	for _, q := range questions() {
		r := q.Report
		r.Counts = docs[q.view]
		if q.Counts != "" {
			r.Counts += " " + q.Counts
		}
		statement, columns := with+q.sum, len(q.Columns)
		r.Rows = func(ctx context.Context, query Query) ([][]any, error) {
			return ask(ctx, db, statement, columns, query)
		}
		all = append(all, r)
	}
	return all
}

// ask asks a database and reads what it answers. It fails when the columns are
// not as many as the report has.
func ask(ctx context.Context, db *sql.DB, statement string, columns int, q Query) (out [][]any, err error) {
	since, until := "0000-00-00", "9999-99-99"
	if q.Since != "" {
		since = q.Since
	}
	if q.Until != "" {
		until = q.Until
	}
	rows, err := db.QueryContext(ctx, statement, since, until, q.Store, q.Lane)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	if len(names) != columns {
		return nil, fmt.Errorf("%d columns, want %d", len(names), columns)
	}
	for rows.Next() {
		values := make([]any, columns)
		into := make([]any, columns)
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				values[i] = string(b)
			}
		}
		out = append(out, values)
	}
	return out, rows.Err()
}

// spread is a common table expression that numbers a view's rows by a column of
// milliseconds within a key, so that half and nine tenths can be read off.
func spread(view, key, column, where string) string {
	return fmt.Sprintf(`SELECT v.*, row_number() OVER (PARTITION BY %[2]s ORDER BY CASE WHEN %[3]s IS NULL THEN 1 ELSE 0 END, %[3]s) AS nth,
		count(%[3]s) OVER (PARTITION BY %[2]s) AS known FROM %[1]s AS v WHERE %[4]s`, view, key, column, where)
}

// quantile reads the value off which so many of ten are not above.
func quantile(column string, tenths int) string {
	return fmt.Sprintf("max(CASE WHEN nth = (known * %d + 9) / 10 AND nth <= known THEN %s END)", tenths, column)
}

// ratio divides whole numbers and cuts off, NULL for a divisor of 0. A sum that
// PostgreSQL makes numeric it would round.
func ratio(of, by string) string {
	return "CAST(" + of + " AS BIGINT) / nullif(CAST(" + by + " AS BIGINT), 0)"
}
