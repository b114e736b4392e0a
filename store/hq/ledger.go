package hq

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"kassa/store/ledger"
	"kassa/store/wire"
)

// ledgerPage is how many rows are worked into the ledger at a time.
const ledgerPage = 2000

// Follow works kept rows into the ledger's tables until none waits, and returns
// how many it was. A row whose facts cannot be read is passed over and logged:
// it is kept, and counts again when a later version can read it.
func (h *HQ) Follow(ctx context.Context) (int, error) {
	done := 0
	for {
		n, err := h.followPage(ctx)
		if err != nil {
			return done, fmt.Errorf("hq: ledger: %w", err)
		}
		if n == 0 {
			return done, nil
		}
		done += n
	}
}

func (h *HQ) followPage(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, writeWait)
	defer cancel()
	tx, err := h.pool.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer rollback(ctx, tx)
	var from, to int64
	if err := tx.QueryRow(ctx, `SELECT ledger, least(arrived, ledger + $1) FROM position FOR UPDATE`, ledgerPage).Scan(&from, &to); err != nil {
		return 0, err
	}
	if to == from {
		return 0, nil
	}
	rows, err := readRows(ctx, tx, `WHERE arrived > $1 AND arrived <= $2 ORDER BY arrived`, from, to)
	if err != nil {
		return 0, err
	}
	made := make([]map[string][]any, len(ledger.Tables()))
	for i := range rows {
		all, err := ledger.Rows(rows[i])
		if err != nil {
			h.log.WarnContext(ctx, "row not understood, it is kept all the same", "row", rows[i].MsgID(), "err", err)
			continue
		}
		for _, r := range all {
			gather(made, r)
		}
	}
	for i, t := range ledger.Tables() {
		if err := upsert(ctx, tx, t, slices.Collect(maps.Values(made[i]))); err != nil {
			return 0, fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE position SET ledger = $1`, to); err != nil {
		return 0, err
	}
	return int(to - from), tx.Commit(ctx)
}

// gather keeps the row that counts of those with one key.
func gather(made []map[string][]any, r ledger.Row) {
	t := ledger.Tables()[r.Table]
	if made[r.Table] == nil {
		made[r.Table] = map[string][]any{}
	}
	key := fmt.Sprintf("%#v", r.Values[:t.Key])
	if old, ok := made[r.Table][key]; !ok || t.Wins(old, r.Values) {
		made[r.Table][key] = r.Values
	}
}

// upsert puts rows into a table with one statement, a column an array.
func upsert(ctx context.Context, tx pgx.Tx, t ledger.Table, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	var marks, names, picks []string
	args := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		name := fmt.Sprintf("c%d", i)
		pick := name
		if c.Kind == ledger.JSON {
			pick += "::jsonb"
		}
		marks = append(marks, fmt.Sprintf("$%d::%s[]", i+1, arrayType(c.Kind)))
		names, picks = append(names, name), append(picks, pick)
		args[i] = column(c.Kind, rows, i)
	}
	_, err := tx.Exec(ctx, t.UpsertFrom(fmt.Sprintf("SELECT %s FROM unnest(%s) AS u (%s)",
		strings.Join(picks, ", "), strings.Join(marks, ", "), strings.Join(names, ", "))), args...)
	return err
}

func arrayType(k ledger.Kind) string {
	switch k {
	case ledger.Int:
		return "bigint"
	case ledger.Bool:
		return "boolean"
	case ledger.Text, ledger.JSON:
		return "text"
	}
	return "text"
}

// column is one column of rows as an array. PostgreSQL's texts hold no NUL, in
// JSON not even as an escape: it stands as the sign for what cannot be shown.
func column(k ledger.Kind, rows [][]any, i int) any {
	switch k {
	case ledger.Int:
		return values[int64](rows, i)
	case ledger.Bool:
		return values[bool](rows, i)
	case ledger.Text, ledger.JSON:
	}
	texts := values[string](rows, i)
	for n, s := range texts {
		if k == ledger.JSON {
			s = strings.ReplaceAll(s, `\u0000`, `\ufffd`)
		}
		texts[n] = clean(s)
	}
	return texts
}

func values[T any](rows [][]any, i int) []T {
	all := make([]T, 0, len(rows))
	for _, r := range rows {
		v, _ := r[i].(T)
		all = append(all, v)
	}
	return all
}

// querier is a transaction or the pool.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// readRows reads kept rows.
func readRows(ctx context.Context, q querier, where string, args ...any) ([]wire.Row, error) {
	var all []wire.Row
	err := eachRow(ctx, q, where, func(r wire.Row) error {
		all = append(all, r)
		return nil
	}, args...)
	return all, err
}

// eachRow gives kept rows one after another.
func eachRow(ctx context.Context, q querier, where string, take func(wire.Row) error, args ...any) error {
	rows, err := q.Query(ctx, `SELECT store, lane, epoch, seq, run, at, mono, clock, txn, kind, event, facts, prev, hash FROM journal `+where, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r wire.Row
		var prev, hash []byte
		if err := rows.Scan(&r.Store, &r.Lane, &r.Epoch, &r.Seq, &r.Run, &r.At, &r.Mono, &r.Clock, &r.Txn, &r.Kind, &r.Event, &r.Facts,
			&prev, &hash); err != nil {
			return err
		}
		r.Prev, r.Hash = hex.EncodeToString(prev), hex.EncodeToString(hash)
		if err := take(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// RunLedger follows the rows until ctx ends, a moment behind.
func (h *HQ) RunLedger(ctx context.Context) error {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := h.Follow(ctx); err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "ledger stands still, rows are kept", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
