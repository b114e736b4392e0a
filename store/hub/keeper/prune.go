package keeper

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"kassa/store/ledger"
	"kassa/store/retain/ages"
	"kassa/store/wire"
)

// A Pruning says what may go.
type Pruning struct {
	Policy ages.Policy
	HQ     bool // head office is the last keeper: only what it was heard to have may go
	Dry    bool // only say what would go
}

// A Pruned is what went, or would, of one journal.
type Pruned struct {
	wire.Journal

	From, To  int64 // rows; To < From: none
	Unsaid    int64 // rows old enough that head office has not confirmed: they stay
	Forgotten int64 // rows of tables emptied or taken out for their class's age
}

// pruneRows is how many rows go in one transaction: rows that arrive wait for it.
const pruneRows = 1000

// Prune takes out what has reached its age: rows from the beginning of each
// journal, never one that is not confirmed, nor part of a transaction. The hash of
// the last that went stays, so that the chain still verifies. It may be stopped at
// any time and goes on the next night.
func (k *Keeper) Prune(ctx context.Context, p Pruning) (all []Pruned, err error) {
	journals, err := k.journals(ctx)
	if err != nil {
		return nil, err
	}
	marks, err := k.HQMarks(ctx)
	if err != nil {
		return nil, err
	}
	confirmed := map[hqKey]int64{}
	for _, m := range marks {
		confirmed[hqKey{m.Lane, m.Epoch}] = m.Seq
	}
	for _, j := range journals {
		done, err := k.pruneJournal(ctx, j, p, confirmed)
		if err != nil {
			return all, fmt.Errorf("keeper: prune lane %s: %w", j.Lane, err)
		}
		if done.To >= done.From || done.Unsaid > 0 || done.Forgotten > 0 {
			all = append(all, done)
		}
	}
	if day := p.Policy.Sale.Day(k.now()); day != "" && !p.Dry {
		if _, err := k.db.Writer().ExecContext(ctx, `DELETE FROM quarantine WHERE at < ?`, day); err != nil {
			return all, fmt.Errorf("keeper: prune quarantine: %w", err)
		}
	}
	return all, nil
}

// hqKey names a journal of this store.
type hqKey struct{ lane, epoch string }

func (k *Keeper) journals(ctx context.Context) (all []wire.Journal, err error) {
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT store, lane, epoch FROM mark ORDER BY 1, 2, 3`)
	if err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var j wire.Journal
		if err := rows.Scan(&j.Store, &j.Lane, &j.Epoch); err != nil {
			return nil, fmt.Errorf("keeper: %w", err)
		}
		all = append(all, j)
	}
	return all, rows.Err()
}

func (k *Keeper) pruneJournal(ctx context.Context, j wire.Journal, p Pruning, confirmed map[hqKey]int64) (done Pruned, err error) {
	done.Journal = j
	mark, err := k.Mark(ctx, j.Store, j.Lane, j.Epoch)
	if err != nil {
		return done, err
	}
	floor := mark.Seq
	if p.HQ {
		floor = min(floor, confirmed[hqKey{j.Lane, j.Epoch}])
	}
	old, err := k.older(ctx, j, p.Policy.Sale.Day(k.now()), mark.Seq)
	if err != nil {
		return done, err
	}
	done.Unsaid = max(0, old-floor)
	if done.From, done.To, err = k.whole(ctx, j, min(old, floor)); err != nil {
		return done, err
	}
	if done.Forgotten, err = k.forget(ctx, j, p, mark.Seq); err != nil || p.Dry {
		return done, err
	}
	for from := done.From; from <= done.To; from += pruneRows {
		if err := k.drop(ctx, j, from, min(from+pruneRows-1, done.To)); err != nil {
			return done, err
		}
	}
	return done, nil
}

// older is the last row, up to most, before the first that is of that day or
// later. A row whose clock had not been set is as old as the next one whose had.
func (k *Keeper) older(ctx context.Context, j wire.Journal, day string, most int64) (seq int64, err error) {
	if day == "" {
		return 0, nil
	}
	young := most + 1
	err = k.db.Reader().QueryRowContext(ctx, `SELECT seq FROM journal WHERE store = ? AND lane = ? AND epoch = ? AND seq <= ?
		AND substr(at, 1, 10) >= ? ORDER BY seq LIMIT 1`, j.Store, j.Lane, j.Epoch, most, day).Scan(&young)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	err = k.db.Reader().QueryRowContext(ctx, `SELECT seq FROM journal WHERE store = ? AND lane = ? AND epoch = ? AND seq < ?
		AND at >= '2020' ORDER BY seq DESC LIMIT 1`, j.Store, j.Lane, j.Epoch, young).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return seq, err
}

// whole draws an end back to where it cuts no transaction in two, and returns
// where the rows begin.
func (k *Keeper) whole(ctx context.Context, j wire.Journal, to int64) (from, end int64, err error) {
	err = k.db.Reader().QueryRowContext(ctx, `SELECT coalesce(min(seq), 1) FROM journal WHERE store = ? AND lane = ? AND epoch = ?`,
		j.Store, j.Lane, j.Epoch).Scan(&from)
	for err == nil && to >= from {
		var first sql.NullInt64
		err = k.db.Reader().QueryRowContext(ctx, `SELECT min(seq) FROM journal WHERE store = ?1 AND lane = ?2 AND epoch = ?3 AND
			seq BETWEEN ?4 - 5000 AND ?4 AND txn <> 0 AND txn IN (SELECT txn FROM journal WHERE store = ?1 AND lane = ?2 AND epoch = ?3 AND
			seq BETWEEN ?4 + 1 AND ?4 + 5000)`, j.Store, j.Lane, j.Epoch, to).Scan(&first)
		if err != nil || !first.Valid {
			return from, to, err
		}
		to = first.Int64 - 1
	}
	return from, to, err
}

// drop takes rows out and leaves the hash that the next one hangs on, in one
// transaction.
func (k *Keeper) drop(ctx context.Context, j wire.Journal, from, to int64) error {
	tx, err := k.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo after the commit
	var hash string
	if err := tx.QueryRowContext(ctx, `SELECT hash FROM journal WHERE store = ? AND lane = ? AND epoch = ? AND seq = ?`,
		j.Store, j.Lane, j.Epoch, to).Scan(&hash); err != nil {
		return fmt.Errorf("row %d: %w", to, err)
	}
	for _, s := range []struct {
		sql  string
		args []any
	}{
		{`DELETE FROM journal WHERE store = ? AND lane = ? AND epoch = ? AND seq BETWEEN ? AND ?`, []any{j.Store, j.Lane, j.Epoch, from, to}},
		{`DELETE FROM recalled WHERE store = ? AND lane = ? AND epoch = ? AND seq <= ?`, []any{j.Store, j.Lane, j.Epoch, to}},
		{`DELETE FROM anchor WHERE store = ? AND lane = ? AND epoch = ? AND seq <= ?`, []any{j.Store, j.Lane, j.Epoch, to}},
		{
			`INSERT INTO gone (store, lane, epoch, "from", "to", hash, why, at) SELECT ?1, ?2, ?3, ?4, ?5, ?6, 'age', ?7
			WHERE NOT EXISTS (SELECT 1 FROM gone WHERE store = ?1 AND lane = ?2 AND epoch = ?3 AND "to" = ?4 - 1)`,
			[]any{j.Store, j.Lane, j.Epoch, from, to, hash, k.now().Format(time.RFC3339Nano)},
		},
		{
			`UPDATE gone SET "to" = ?5, hash = ?6 WHERE store = ?1 AND lane = ?2 AND epoch = ?3 AND "to" = ?4 - 1`,
			[]any{j.Store, j.Lane, j.Epoch, from, to, hash},
		},
	} {
		if _, err := tx.ExecContext(ctx, s.sql, s.args...); err != nil {
			return err
		}
	}
	for _, t := range ledger.Tables() {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+t.Name+` WHERE store = ? AND lane = ? AND epoch = ? AND seq <= ?`,
			j.Store, j.Lane, j.Epoch, to); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// forget empties or takes out what has reached its class's age in the tables that
// are made of the rows.
func (k *Keeper) forget(ctx context.Context, j wire.Journal, p Pruning, most int64) (n int64, err error) {
	for class, age := range map[ledger.Class]ages.Age{ledger.Person: p.Policy.Person, ledger.Staff: p.Policy.Staff, ledger.Device: p.Policy.Device} {
		to, err := k.older(ctx, j, age.Day(k.now()), most)
		if err != nil {
			return n, err
		}
		for _, t := range ledger.Tables() {
			m, err := k.forgetIn(ctx, j, t, class, to, p.Dry)
			if n += m; err != nil {
				return n, fmt.Errorf("table %s: %w", t.Name, err)
			}
		}
	}
	return n, nil
}

func (k *Keeper) forgetIn(ctx context.Context, j wire.Journal, t ledger.Table, class ledger.Class, to int64, dry bool) (n int64, err error) {
	whole, empty := t.Forget(class)
	if len(empty) == 0 || to == 0 {
		return 0, nil
	}
	where := ` WHERE store = ? AND lane = ? AND epoch = ? AND seq <= ?`
	do := `DELETE FROM ` + t.Name
	if !whole {
		var sets, full []string
		for _, c := range empty {
			sets = append(sets, ledger.Quote(c.Name)+" = "+c.Nothing())
			full = append(full, ledger.Quote(c.Name)+" <> "+c.Nothing())
		}
		do = `UPDATE ` + t.Name + ` SET ` + strings.Join(sets, ", ")
		where += ` AND (` + strings.Join(full, " OR ") + `)`
	}
	if dry {
		err = k.db.Reader().QueryRowContext(ctx, `SELECT count(*) FROM `+t.Name+where, j.Store, j.Lane, j.Epoch, to).Scan(&n)
		return n, err
	}
	res, err := k.db.Writer().ExecContext(ctx, do+where, j.Store, j.Lane, j.Epoch, to)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
