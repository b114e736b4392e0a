package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kassa/store/retain/ages"
)

// A Pruning says what may go.
type Pruning struct {
	Policy    ages.Policy
	Confirmed int64 // the last keeper has all records up to it; 0: it has none
	Now       time.Time
}

// A Pruned is what goes, or went.
type Pruned struct {
	From, To int64  // records; To < From: none
	Old      int64  // records up to it are old enough
	Why      string // why not all of them go
	Personal int64  // values beside the chain
}

// Prunable says what a Prune would take out.
func (r *Reader) Prunable(ctx context.Context, p Pruning) (done Pruned, err error) {
	err = r.Ask(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, `SELECT seq + 1 FROM anchor`).Scan(&done.From); err != nil {
			return err
		}
		var newest int64
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM record`).Scan(&newest); err != nil {
			return err
		}
		if done.Old, err = olderThan(ctx, tx, p.Policy.Sale.Day(p.Now), newest); err != nil {
			return err
		}
		done.To = done.Old
		if done.To > p.Confirmed {
			done.To, done.Why = p.Confirmed, "the keeper has not confirmed the others"
		}
		if err := done.spare(ctx, tx); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT count(*) FROM personal WHERE at < ?`, p.Policy.Person.Day(p.Now)).Scan(&done.Personal)
	})
	if err != nil {
		return done, fmt.Errorf("journal %s: what may be pruned: %w", r.db.Path(), err)
	}
	return done, nil
}

// olderThan is the last record, up to newest, before the first that is of that
// day or later. A record whose clock had not been set is as old as the next one
// whose had.
func olderThan(ctx context.Context, tx *sql.Tx, day string, newest int64) (seq int64, err error) {
	if day == "" {
		return 0, nil
	}
	young := newest + 1
	err = tx.QueryRowContext(ctx, `SELECT seq FROM record WHERE substr(at, 1, 10) >= ? ORDER BY seq LIMIT 1`, day).Scan(&young)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM record WHERE seq < ? AND at >= '2020'`, young).Scan(&seq)
	return seq, err
}

// spare draws the end back before what the lane still needs: the sale on the
// screen, those that have not ended, the last one that has, and the last Z with
// all that no Z has counted yet. It cuts no transaction in two.
func (p *Pruned) spare(ctx context.Context, tx *sql.Tx) error {
	for _, need := range []struct{ why, query string }{
		{"the last day that was closed, and what came after, stay", `SELECT coalesce(max(seq), 1) FROM record WHERE kind = 'day-z'`},
		{"what the terminal's day was last compared with stays", `SELECT max(seq) FROM record WHERE kind = 'day-terminal' AND event ->> 'outcome' = 'approved'`},
		{"transactions that have not ended stay", `SELECT min(first) FROM derived_txn WHERE state IN ('open', 'in-doubt')`},
		{"the last transaction that has ended stays", `SELECT first FROM derived_txn WHERE state NOT IN ('open', 'in-doubt') ORDER BY number DESC LIMIT 1`},
		{"the lane's own state stays", `SELECT seq FROM head WHERE seq > 0`},
	} {
		if _, err := p.before(ctx, tx, need.why, need.query); err != nil {
			return err
		}
	}
	for {
		moved, err := p.before(ctx, tx, "a transaction is not cut in two", `SELECT min(first) FROM derived_txn WHERE last > ? AND first <= ?`, p.To, p.To)
		if err != nil || !moved {
			return err
		}
	}
}

// before draws the end back before the record that a query finds.
func (p *Pruned) before(ctx context.Context, tx *sql.Tx, why, query string, args ...any) (moved bool, err error) {
	var from sql.NullInt64
	err = tx.QueryRowContext(ctx, query, args...).Scan(&from)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	if !from.Valid || from.Int64 > p.To {
		return false, nil
	}
	p.To, p.Why = from.Int64-1, why
	return true, nil
}

// pruneRows is how many records go in one transaction: a scan waits for it.
const pruneRows = 200

// Prune takes records out that have reached their age, from the beginning and
// never one that the keeper has not confirmed, with the tables made of them, and
// personal values that have reached theirs. The anchor moves along, so that the
// chain still verifies. It may be stopped at any time. The lane may go on.
func (j *Journal) Prune(ctx context.Context, p Pruning) (Pruned, error) {
	done, err := j.Prunable(ctx, p)
	if err != nil {
		return done, err
	}
	for from := done.From; from <= done.To; from += pruneRows {
		if err := j.drop(ctx, min(from+pruneRows-1, done.To)); err != nil {
			return done, fmt.Errorf("journal %s: prune: %w", j.db.Path(), err)
		}
	}
	if done.Personal > 0 {
		if err := j.forget(ctx, p.Policy.Person.Day(p.Now)); err != nil {
			return done, fmt.Errorf("journal %s: prune personal values: %w", j.db.Path(), err)
		}
	}
	return done, nil
}

// drop takes records up to one out and moves the anchor there, in one transaction.
func (j *Journal) drop(ctx context.Context, to int64) error {
	return inTx(ctx, j.db.Writer(), func(tx *sql.Tx) error {
		var seq int64
		if err := tx.QueryRowContext(ctx, `UPDATE anchor SET (seq, hash) = (SELECT seq, hash FROM record WHERE seq = ?) RETURNING seq`, to).
			Scan(&seq); err != nil {
			return fmt.Errorf("record %d: %w", to, err)
		}
		for _, query := range []string{
			`DELETE FROM derived_line WHERE number IN (SELECT number FROM derived_txn WHERE last <= ?)`,
			`DELETE FROM derived_tender WHERE number IN (SELECT number FROM derived_txn WHERE last <= ?)`,
			`DELETE FROM derived_intervention WHERE number IN (SELECT number FROM derived_txn WHERE last <= ?)`,
			`DELETE FROM derived_contact WHERE number IN (SELECT number FROM derived_txn WHERE last <= ?)`,
			`DELETE FROM derived_txn WHERE last <= ?`,
			`DELETE FROM record WHERE seq <= ?`,
		} {
			if _, err := tx.ExecContext(ctx, query, to); err != nil {
				return err
			}
		}
		return nil
	})
}

// forget erases personal values from before a day, one by one: each is overwritten
// in the file and gone from SQLite's log.
func (j *Journal) forget(ctx context.Context, day string) error {
	rows, err := j.db.Reader().QueryContext(ctx, `SELECT handle FROM personal WHERE at < ?`, day)
	if err != nil {
		return err
	}
	handles, err := texts(rows)
	if err != nil {
		return err
	}
	for _, handle := range handles {
		if err := j.ErasePersonal(ctx, handle); err != nil && !errors.Is(err, ErrNoValue) {
			return err
		}
	}
	return nil
}

func texts(rows *sql.Rows) (all []string, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// Begin is what the journal's first record follows: the last that was pruned, or
// number 0 of a journal that is whole.
func (r *Reader) Begin(ctx context.Context) (h Head, err error) {
	var hash []byte
	if err := r.db.Reader().QueryRowContext(ctx, `SELECT seq, hash FROM anchor`).Scan(&h.Seq, &hash); err != nil {
		return h, fmt.Errorf("journal %s: anchor: %w", r.db.Path(), err)
	}
	copy(h.Hash[:], hash)
	return h, nil
}
