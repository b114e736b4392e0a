package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kassa/store/hub/keeper"
	"kassa/store/ledger"
	"kassa/store/sqlite"
	"kassa/store/wire"
)

const (
	keptRounds = 9
	keptRows   = 5000 // in a round
	keptBatch  = 500  // in a transaction, as the hub takes them
)

// kept measures how fast the hub's database takes rows, with each checked and
// the tables of the reports made, against the same rows and tables put in by
// bare statements: the same driver, settings, batches and keys.
func kept(ctx context.Context, o options, progress io.Writer) (_ []row, err error) {
	dir := filepath.Join(o.dir, "kept")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	k, err := keeper.Open(ctx, dir, time.Now)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	bare, err := sqlite.Open(ctx, filepath.Join(dir, "bare.db"), bareSchema())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.Close()) }()
	var all, alone contest
	for round := range keptRounds {
		lane := fmt.Sprintf("k%d", round)
		rows, err := rowsOf(ctx, filepath.Join(dir, lane), lane, keptRows)
		if err != nil {
			return nil, err
		}
		ours := func() error {
			return inBatches(rows, keptBatch, &all.ours, func(part []wire.Row) error {
				t, err := k.Take(ctx, part)
				if err == nil && len(t.Alarms) > 0 {
					err = fmt.Errorf("the hub refused a row: %v", t.Alarms[0])
				}
				return err
			})
		}
		theirs := func() error {
			return inBatches(rows, keptBatch, &all.bare, func(part []wire.Row) error { return insert(ctx, bare.Writer(), part, true) })
		}
		if err := alternate(round, ours, theirs); err != nil {
			return nil, err
		}
		for i := range rows {
			rows[i].Lane += "alone"
		}
		alone.ours = all.ours
		if err := inBatches(rows, keptBatch, &alone.bare, func(part []wire.Row) error { return insert(ctx, bare.Writer(), part, false) }); err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(progress, "  round %d: hub %.0f, bare %.0f, journal alone %.0f rows/s\n", round+1, all.ours[round], all.bare[round], alone.bare[round])
	}
	return []row{{
		id: "P12", what: "hub's SQLite / bare inserts of the same rows and tables", got: all.share(), limit: 70, atLeast: true, unit: " %",
		basis: all.basis(fmt.Sprintf(", 5,000 a block; the journal's rows alone, without tables: %.0f", middle(alone.bare))),
	}, {
		id: "P12", what: "rows a second that 1,000 lanes make at peak, kept", got: middle(all.ours), limit: 3000, atLeast: true, basis: "3 a second each",
	}}, nil
}

// alternate does both, the one first that was last before.
func alternate(round int, a, b func() error) error {
	if round%2 == 1 {
		a, b = b, a
	}
	if err := a(); err != nil {
		return err
	}
	return b()
}

// inBatches hands rows on in batches and adds how fast that was.
func inBatches(rows []wire.Row, size int, to *[]float64, do func([]wire.Row) error) error {
	begin := time.Now()
	for at := 0; at < len(rows); at += size {
		if err := do(rows[at:min(at+size, len(rows))]); err != nil {
			return err
		}
	}
	took(to, len(rows), time.Since(begin))
	return nil
}

// bareSchema is the hub's tables without what checks them.
func bareSchema() sqlite.Schema {
	types := map[ledger.Kind]string{ledger.Int: "INTEGER", ledger.Text: "TEXT", ledger.Bool: "INTEGER", ledger.JSON: "TEXT"}
	var all strings.Builder
	all.WriteString(`CREATE TABLE journal (store TEXT NOT NULL, lane TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, run TEXT NOT NULL,
		at TEXT NOT NULL, mono INTEGER NOT NULL, clock TEXT NOT NULL, txn INTEGER NOT NULL, kind TEXT NOT NULL, event TEXT NOT NULL,
		facts TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (store, lane, epoch, seq)) STRICT, WITHOUT ROWID;`)
	for _, t := range ledger.Tables() {
		all.WriteString(t.Create(types) + " STRICT, WITHOUT ROWID;\n")
	}
	return sqlite.Schema{Name: "bare", AppID: 1, Migrations: []string{all.String()}}
}

// insert puts rows in, and what they make into the tables, in one transaction.
func insert(ctx context.Context, db *sql.DB, rows []wire.Row, tables bool) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo after the commit
	statements := []string{`INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`}
	for _, t := range ledger.Tables() {
		statements = append(statements, t.Upsert(func(int) string { return "?" }))
	}
	prepared := make([]*sql.Stmt, len(statements))
	for i, s := range statements {
		if prepared[i], err = tx.PrepareContext(ctx, s); err != nil { //nolint:sqlclosecheck // just below
			return err
		}
		defer func() { _ = prepared[i].Close() }() // the transaction is over
	}
	for i := range rows {
		r := &rows[i]
		if _, err := prepared[0].ExecContext(ctx, r.Store, r.Lane, r.Epoch, r.Seq, r.Run, r.At, r.Mono, r.Clock, r.Txn, r.Kind, r.Event, r.Facts, r.Prev, r.Hash); err != nil {
			return err
		}
		if !tables {
			continue
		}
		made, err := ledger.Rows(*r)
		if err != nil {
			return err
		}
		for _, m := range made {
			if _, err := prepared[1+m.Table].ExecContext(ctx, m.Values...); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}
