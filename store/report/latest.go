package report

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Latest is the report of a hub's newest transactions, as they arrive: of each
// lane the last fifty are looked at, and of those the newest fifty told.
func Latest(db *sql.DB) Report {
	r := Report{
		Name: "latest", Title: "The newest transactions",
		Columns: []Column{named("store"), named("lane"), count("number"), named("state"), named("currency"), minor("total_minor"), count("lines"), moment("opened_at"), moment("closed_at"), count("row"), moment("arrived_at")},
		Counts: "The last fifty transactions in the order in which they began. Row is the number of the journal's record that brought it to where it is; " +
			"arrived is when the lane's newest row came here. A transaction is listed as soon as its first row is here.",
	}
	columns := len(r.Columns)
	r.Rows = func(ctx context.Context, q Query) ([][]any, error) {
		rows, err := ask(ctx, db, latestRows, columns, q)
		for _, row := range rows {
			row[columns-1] = inZone(row[columns-1], row[columns-4])
		}
		return rows, err
	}
	return r
}

// inZone is a time on the clock that another was read from: the lane's, so that
// what stands in one line can be compared.
func inZone(at, like any) any {
	a, b := fmt.Sprint(at), fmt.Sprint(like)
	t, err := time.Parse(time.RFC3339Nano, a)
	if err != nil {
		return at
	}
	u, err := time.Parse(time.RFC3339Nano, b)
	if err != nil {
		return at
	}
	return t.In(u.Location()).Format(time.RFC3339Nano)
}

// latestRows looks at each lane's last numbers alone: a store has millions of
// transactions, and this is asked twice a second.
const latestRows = `SELECT t.store, t.lane, t.number, t.state, t.currency, t.total_minor,
	(SELECT count(*) FROM txn_line AS l WHERE l.store = t.store AND l.lane = t.lane AND l.epoch = t.epoch AND l.number = t.number AND l."of" = 0 AND NOT l.voided),
	t.opened_at, t.closed_at, t.seq, m.at
	FROM mark AS m JOIN txn AS t ON t.store = m.store AND t.lane = m.lane AND t.epoch = m.epoch AND t.number > m.number - 50
	WHERE t.business_day BETWEEN $1 AND $2 AND ($3 = '' OR t.store = $3) AND ($4 = '' OR t.lane = $4)
	ORDER BY t.opened_ms DESC, t.store, t.lane, t.number DESC LIMIT 50`
