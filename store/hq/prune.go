package hq

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"kassa/store/ledger"
	"kassa/store/retain/ages"
	"kassa/store/wire"
)

// A Pruned is what went, or would, of one journal.
type Pruned struct {
	wire.Journal

	From, To  int64 // rows; To < From: none
	Forgotten int64 // rows of tables emptied or taken out for their class's age
}

// pruneRows is how many rows go in one transaction.
const pruneRows = 5000

// Prune takes out what has reached its age: rows from the beginning of each
// journal, whole transactions that the mark covers and the ledger has worked in.
// The hash of the last that went stays, so that the chain still verifies. A month
// of which nothing is left goes with its table. It may be stopped at any time.
func (h *HQ) Prune(ctx context.Context, p ages.Policy, dry bool) (all []Pruned, err error) {
	marks, err := h.Marks(ctx)
	if err != nil {
		return nil, fmt.Errorf("hq: prune: %w", err)
	}
	for _, m := range marks {
		done, err := h.pruneJournal(ctx, wire.Journal{Store: m.Store, Lane: m.Lane, Epoch: m.Epoch}, m.Seq, p, dry)
		if err != nil {
			return all, fmt.Errorf("hq: prune lane %s of store %s: %w", m.Lane, m.Store, err)
		}
		if done.To >= done.From || done.Forgotten > 0 {
			all = append(all, done)
		}
	}
	if day := p.Sale.Day(h.now()); day != "" && !dry {
		if _, err := h.pool.Exec(ctx, `DELETE FROM quarantine WHERE at < $1::date`, day); err != nil {
			return all, fmt.Errorf("hq: prune quarantine: %w", err)
		}
		if err := h.dropMonths(ctx); err != nil {
			return all, fmt.Errorf("hq: prune months: %w", err)
		}
	}
	return all, nil
}

func (h *HQ) pruneJournal(ctx context.Context, j wire.Journal, mark int64, p ages.Policy, dry bool) (done Pruned, err error) {
	done.Journal = j
	old, err := h.older(ctx, j, p.Sale.Day(h.now()), mark)
	if err != nil {
		return done, err
	}
	if done.From, done.To, err = h.whole(ctx, j, old); err != nil {
		return done, err
	}
	for class, age := range map[ledger.Class]ages.Age{ledger.Person: p.Person, ledger.Staff: p.Staff, ledger.Device: p.Device} {
		to, err := h.older(ctx, j, age.Day(h.now()), mark)
		if err != nil {
			return done, err
		}
		n, err := h.forget(ctx, j, class, to, dry)
		if err != nil {
			return done, err
		}
		done.Forgotten += n
	}
	for from := done.From; !dry && from <= done.To; from += pruneRows {
		if err := h.drop(ctx, j, from, min(from+pruneRows-1, done.To)); err != nil {
			return done, err
		}
	}
	return done, nil
}

// older is the last row, up to most, before the first that is of that day or
// later, or that the ledger has not worked in. A row whose clock had not been set
// is as old as the next one whose had.
func (h *HQ) older(ctx context.Context, j wire.Journal, day string, most int64) (seq int64, err error) {
	if day == "" {
		return 0, nil
	}
	young := most + 1
	err = h.pool.QueryRow(ctx, `SELECT seq FROM journal WHERE store = $1 AND lane = $2 AND epoch = $3 AND seq <= $4
		AND (substr(at, 1, 10) >= $5 OR arrived > (SELECT ledger FROM position)) ORDER BY seq LIMIT 1`, j.Store, j.Lane, j.Epoch, most, day).Scan(&young)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, err
	}
	err = h.pool.QueryRow(ctx, `SELECT coalesce(max(seq), 0) FROM journal WHERE store = $1 AND lane = $2 AND epoch = $3 AND seq < $4
		AND substr(at, 1, 4) >= '2020'`, j.Store, j.Lane, j.Epoch, young).Scan(&seq)
	return seq, err
}

// whole draws an end back to where it cuts no transaction in two, and returns
// where the rows begin.
func (h *HQ) whole(ctx context.Context, j wire.Journal, to int64) (from, end int64, err error) {
	err = h.pool.QueryRow(ctx, `SELECT coalesce(min(seq), 1) FROM journal WHERE store = $1 AND lane = $2 AND epoch = $3`,
		j.Store, j.Lane, j.Epoch).Scan(&from)
	for err == nil && to >= from {
		var first *int64
		err = h.pool.QueryRow(ctx, `SELECT min(seq) FROM journal WHERE store = $1 AND lane = $2 AND epoch = $3 AND
			seq BETWEEN $4::bigint - 5000 AND $4 AND txn <> 0 AND txn IN (SELECT txn FROM journal WHERE store = $1 AND lane = $2 AND epoch = $3 AND
			seq BETWEEN $4::bigint + 1 AND $4 + 5000)`, j.Store, j.Lane, j.Epoch, to).Scan(&first)
		if err != nil || first == nil {
			return from, to, err
		}
		to = *first - 1
	}
	return from, to, err
}

// drop takes rows out and leaves the hash that the next one hangs on, in one
// transaction.
func (h *HQ) drop(ctx context.Context, j wire.Journal, from, to int64) error {
	return h.write(ctx, func(b *batch) error {
		var hash string
		if err := b.tx.QueryRow(ctx, `SELECT encode(hash, 'hex') FROM journal WHERE store = $1 AND lane = $2 AND epoch = $3 AND seq = $4`,
			j.Store, j.Lane, j.Epoch, to).Scan(&hash); err != nil {
			return fmt.Errorf("row %d: %w", to, err)
		}
		tag, err := b.tx.Exec(ctx, `UPDATE gone SET "to" = $5, hash = $6 WHERE store = $1 AND lane = $2 AND epoch = $3 AND "to" = $4 - 1 AND why = 'age'`,
			j.Store, j.Lane, j.Epoch, from, to, hash)
		if err == nil && tag.RowsAffected() == 0 {
			_, err = b.tx.Exec(ctx, `INSERT INTO gone (store, lane, epoch, "from", "to", hash, why) VALUES ($1, $2, $3, $4, $5, $6, 'age')`,
				j.Store, j.Lane, j.Epoch, from, to, hash)
		}
		if err != nil {
			return err
		}
		for _, table := range append([]string{"journal", "anchor"}, names()...) {
			if _, err := b.tx.Exec(ctx, `DELETE FROM `+table+` WHERE store = $1 AND lane = $2 AND epoch = $3 AND seq <= $4`,
				j.Store, j.Lane, j.Epoch, to); err != nil {
				return fmt.Errorf("table %s: %w", table, err)
			}
		}
		return nil
	})
}

func names() (all []string) {
	for _, t := range ledger.Tables() {
		all = append(all, t.Name)
	}
	return all
}

// forget empties or takes out what has reached its class's age in the tables that
// are made of the rows.
func (h *HQ) forget(ctx context.Context, j wire.Journal, class ledger.Class, to int64, dry bool) (n int64, err error) {
	for _, t := range ledger.Tables() {
		whole, empty := t.Forget(class)
		if len(empty) == 0 || to == 0 {
			continue
		}
		where := ` WHERE store = $1 AND lane = $2 AND epoch = $3 AND seq <= $4`
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
		var m int64
		if dry {
			err = h.pool.QueryRow(ctx, `SELECT count(*) FROM `+t.Name+where, j.Store, j.Lane, j.Epoch, to).Scan(&m)
		} else {
			tag, e := h.pool.Exec(ctx, do+where, j.Store, j.Lane, j.Epoch, to)
			m, err = tag.RowsAffected(), e
		}
		if n += m; err != nil {
			return n, fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return n, nil
}

// dropMonths takes tables of months away of which nothing is left.
func (h *HQ) dropMonths(ctx context.Context) error {
	rows, err := h.pool.Query(ctx, `SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'kassa.journal'::regclass ORDER BY 1`)
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, table := range tables {
		month, err := time.Parse("journal_200601", table)
		if err != nil || month.Format("2006-01") >= h.now().Format("2006-01") {
			continue
		}
		if err := h.dropMonth(ctx, pgx.Identifier{"kassa", table}.Sanitize()); err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
	}
	return nil
}

// dropMonth takes one away if nothing is left of it.
func (h *HQ) dropMonth(ctx context.Context, name string) error {
	return h.write(ctx, func(b *batch) error {
		var one int
		err := b.tx.QueryRow(ctx, `SELECT 1 FROM `+name+` LIMIT 1`).Scan(&one)
		if errors.Is(err, pgx.ErrNoRows) {
			_, err = b.tx.Exec(ctx, `DROP TABLE `+name)
		}
		return err
	})
}
