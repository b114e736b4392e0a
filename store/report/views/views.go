// Package views holds the questions of package report as SQL views, which
// anybody may ask directly: sqlite3 on a lane's journal.db or a hub's keeper.db,
// any PostgreSQL tool at head office. It is text alone: whoever owns a database
// puts the views into it.
//
// Its one rule: a view's name and columns are relied on by outsiders: columns
// are only added, at the end, and never mean something else.
//
// # For IT
//
// Each view begins with store, lane and business_day. Money is whole minor
// units, times are RFC 3339 text, columns that end in _ms are milliseconds,
// NULL where it has not happened. How each counts stands in [View.Doc], what its
// columns are in [View.Columns]; `kassa report --views` prints both:
//
//	report_sales          sums an hour: sales, refunds, pieces, total_minor
//	report_articles       sums an article: pieces, grams, amounts, voided lines
//	report_tenders        sums a kind of tender: by result
//	report_tax            sums a rate: net, tax, gross
//	report_payments       sums a terminal: tries, results
//	report_trips          a row a trip: how it ended, how long, rating, help
//	report_interventions  a row a time the lane needed a person
//	report_losses         sums a kind of loss or risk
//	report_weights        a row a call of the bagging check, true or false
//	report_help           a row a call for help, as the lane saw it
//	report_funnel         a row a trip: the steps it came to
//	report_overrides      sums what staff did beyond selling, by role
//	report_devices        a row each time a device came or went
//
// On a lane the views ledger_* stand behind them, named and shaped as the tables
// of the hub and head office (package ledger).
package views

import (
	"regexp"
	"strings"
)

// A Dialect is a kind of database that the views live in.
type Dialect int

// The databases.
const (
	Journal    Dialect = iota // a lane's journal.db
	Keeper                    // a hub's keeper.db
	PostgreSQL                // head office
)

// A View is one view.
type View struct {
	Name    string
	Doc     string // how it counts
	Body    string // SELECT statement in the dialect's words
	Columns []Column
}

// All returns the views of a database, each after those it is made from.
func All(d Dialect) []View {
	var all []View
	if d == Journal {
		all = lane()
	}
	for _, v := range questions() {
		v.Body, v.Columns = d.translate(v.Body), columns()[v.Name]
		if d == PostgreSQL {
			v.Body = sorted(v)
		}
		all = append(all, v)
	}
	return all
}

// sorted is a view whose texts are in the order of their bytes, as SQLite has
// them, whatever the database's own order: so that a report is the same
// everywhere.
func sorted(v View) string {
	var picks []string
	for _, c := range v.Columns {
		pick := `x."` + c.Name + `"`
		if c.isText() {
			pick += ` COLLATE "C" AS "` + c.Name + `"`
		}
		picks = append(picks, pick)
	}
	return "SELECT " + strings.Join(picks, ", ") + " FROM (" + v.Body + ") AS x"
}

// Create is the statement that makes the view.
func (v View) Create() string { return "CREATE VIEW " + v.Name + " AS " + v.Body }

// Create returns the statements that make the views of a database. Those of
// PostgreSQL may be run again.
func Create(d Dialect) []string {
	var all []string
	for _, v := range All(d) {
		statement := v.Create()
		if d == PostgreSQL {
			statement = "CREATE OR REPLACE" + strings.TrimPrefix(statement, "CREATE")
		}
		all = append(all, statement)
	}
	return all
}

// With returns the views as the beginning of a statement, for a database that
// does not have them yet.
func With(d Dialect) string {
	var all []string
	for _, v := range All(d) {
		all = append(all, v.Name+" AS ("+v.Body+")")
	}
	return "WITH " + strings.Join(all, ",\n") + "\n"
}

// word finds what the questions leave to the dialect: a table {txn}, the
// milliseconds of a time {ms:column}, what stands before a colon {head:column},
// the last of texts in the order of their bytes {last:column}, who was at a lane
// {staff}.
var word = regexp.MustCompile(`\{([a-z]+)(?::([^}]*))?\}`)

func (d Dialect) translate(body string) string {
	return word.ReplaceAllStringFunc(body, func(w string) string {
		m := word.FindStringSubmatch(w)
		switch m[1] {
		case "ms":
			return d.ms(m[2])
		case "head":
			return d.head(m[2])
		case "last":
			return d.last(m[2])
		case "staff":
			return d.staff()
		}
		return d.table(m[1])
	})
}

// table names a table of the ledger where it lives.
func (d Dialect) table(name string) string {
	if d == Journal {
		return "ledger_" + name
	}
	switch name {
	case "line", "tax", "tender", "step":
		return "txn_" + name
	case "contact":
		return "lane_contact"
	case "device":
		return "device_event"
	}
	return name
}

// ms is a time's milliseconds since 1970, NULL for none.
func (d Dialect) ms(column string) string {
	if d == PostgreSQL {
		return "(CASE WHEN " + column + " = '' THEN NULL ELSE CAST(extract(epoch FROM CAST(" + column + " AS timestamptz)) * 1000 AS bigint) END)"
	}
	return "(CASE WHEN " + column + " = '' THEN NULL ELSE CAST(round((julianday(" + column + ") - 2440587.5) * 86400000.0) AS INTEGER) END)"
}

// head is what stands before a text's colon.
func (d Dialect) head(column string) string {
	if d == PostgreSQL {
		return "split_part(" + column + ", ':', 1)"
	}
	return "(CASE WHEN instr(" + column + ", ':') > 0 THEN substr(" + column + ", 1, instr(" + column + ", ':') - 1) ELSE " + column + " END)"
}

// last is the last of a group's texts.
func (d Dialect) last(column string) string {
	if d == PostgreSQL {
		return "max(" + column + ` COLLATE "C")`
	}
	return "max(" + column + ")"
}

// staff is a table of who was at a lane, and in which role, newest last. An event
// that is no JSON, which only a broken lane sends, is passed over.
func (d Dialect) staff() string {
	switch d {
	case Journal:
		return `(SELECT (SELECT store FROM identity) AS store, event ->> '$.staff.id' AS who, max(event ->> '$.staff.role') AS role
	FROM record WHERE kind = 'badged' AND iif(json_valid(event), event ->> '$.staff.id', '') <> '' GROUP BY 1, 2)`
	case Keeper:
		return `(SELECT store, event ->> '$.staff.id' AS who, max(event ->> '$.staff.role') AS role
	FROM journal WHERE kind = 'badged' AND iif(json_valid(event), event ->> '$.staff.id', '') <> '' GROUP BY 1, 2)`
	case PostgreSQL:
	}
	return `(SELECT store, who, max(role COLLATE "C") AS role FROM (SELECT store, kassa.member(event, '{staff,id}') AS who,
	kassa.member(event, '{staff,role}') AS role FROM event WHERE kind = 'badged') AS b WHERE who <> '' GROUP BY store, who)`
}
