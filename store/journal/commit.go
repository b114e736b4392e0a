package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// statements are what the writer does, prepared once.
type statements struct {
	record, head                                 *sql.Stmt
	txn, line, noTax, tax, tender, need, contact *sql.Stmt
}

func prepare(ctx context.Context, db *sql.DB) (*statements, error) {
	s := &statements{}
	for _, p := range []struct {
		stmt **sql.Stmt
		sql  string
	}{
		{&s.record, `INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.head, `UPDATE head SET seq = ?, hash = ?, lane = coalesce(?, lane)`},
		{&s.txn, `INSERT OR REPLACE INTO derived_txn VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.line, `INSERT OR REPLACE INTO derived_line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.noTax, `DELETE FROM derived_tax WHERE number = ?`},
		{&s.tax, `INSERT INTO derived_tax VALUES (?, ?, ?, ?, ?, ?, ?)`},
		{&s.tender, `INSERT OR REPLACE INTO derived_tender VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.need, `INSERT OR REPLACE INTO derived_intervention VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.contact, `INSERT OR REPLACE INTO derived_contact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
	} {
		stmt, err := db.PrepareContext(ctx, p.sql) //nolint:sqlclosecheck // closed by close
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		*p.stmt = stmt
	}
	return s, nil
}

func (st *statements) close() error {
	var errs []error
	for _, stmt := range []*sql.Stmt{
		st.record, st.head, st.txn, st.line, st.noTax, st.tax, st.tender, st.need, st.contact,
	} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
}

// A step does prepared statements within one transaction and remembers the
// first error, after which it does nothing.
type step struct {
	tx  *sql.Tx
	err error
}

func (s *step) do(ctx context.Context, stmt *sql.Stmt, args ...any) {
	if s.err == nil {
		_, s.err = s.tx.StmtContext(ctx, stmt).ExecContext(ctx, args...) //nolint:sqlclosecheck // ends with tx
	}
}

// write puts a batch on the disk: rows, derived tables and head in one
// transaction.
func (j *Journal) write(ctx context.Context, rows []row) error {
	return inTx(ctx, j.db.Writer(), func(tx *sql.Tx) error {
		s := &step{tx: tx}
		var lane any // newest lane facts of the batch, NULL: none
		for i := range rows {
			r := &rows[i]
			s.do(ctx, j.stmts.record, r.seq, r.run, r.at, r.mono, r.clock, r.txn, r.kind, r.event, r.facts, r.prev, r.hash)
			if err := j.stmts.derive(ctx, s, r.txn, &r.decided); err != nil {
				return err
			}
			if r.decided.Lane != nil {
				text, err := json.Marshal(r.decided.Lane)
				if err != nil {
					return err
				}
				lane = string(text)
			}
		}
		last := &rows[len(rows)-1]
		s.do(ctx, j.stmts.head, last.seq, last.hash, lane)
		return s.err
	})
}

// Rebuild makes the derived tables anew from the facts of the records, in one
// transaction. Prices and totals are taken over, never worked out again.
func (j *Journal) Rebuild(ctx context.Context) error {
	err := inTx(ctx, j.db.Writer(), func(tx *sql.Tx) error {
		for _, table := range []string{"txn", "line", "tax", "tender", "intervention", "contact"} {
			if _, err := tx.ExecContext(ctx, `DELETE FROM derived_`+table); err != nil {
				return err
			}
		}
		s := &step{tx: tx}
		lane := "{}"
		for after := int64(0); ; {
			page, err := factsPage(ctx, tx, after)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			for i := range page {
				if err := j.stmts.derive(ctx, s, page[i].txn, &page[i].decided); err != nil {
					return fmt.Errorf("record %d: %w", page[i].seq, err)
				}
				if l := page[i].decided.Lane; l != nil {
					text, err := json.Marshal(l)
					if err != nil {
						return err
					}
					lane = string(text)
				}
			}
			after = page[len(page)-1].seq
		}
		if _, err := tx.ExecContext(ctx, `UPDATE head SET lane = ?`, lane); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE identity SET derived = ?`, derivedVersion)
		return err
	})
	if err != nil {
		return fmt.Errorf("rebuild the tables: %w", err)
	}
	return nil
}

// pageSize is how many rows are read at a time, so that a long reader never
// keeps the writer's log from being folded back into the file.
const pageSize = 500

// factsPage reads the next records that decided something.
func factsPage(ctx context.Context, tx *sql.Tx, after int64) (page []row, err error) {
	rows, err := tx.QueryContext(ctx,
		`SELECT seq, txn, facts FROM record WHERE seq > ? AND facts <> '' ORDER BY seq LIMIT ?`, after, pageSize)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.seq, &r.txn, &r.facts); err != nil {
			return nil, err
		}
		if r.decided, err = decodeFacts(r.facts); err != nil {
			return nil, fmt.Errorf("record %d: %w", r.seq, err)
		}
		page = append(page, r)
	}
	return page, rows.Err()
}
