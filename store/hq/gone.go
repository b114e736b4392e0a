package hq

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kassa/store/wire"
)

// readGone reads which rows are here no longer.
func (h *HQ) readGone(ctx context.Context) (map[wire.Journal][]wire.Gone, error) {
	rows, err := h.pool.Query(ctx, `SELECT store, lane, epoch, "from", "to", hash FROM gone ORDER BY 1, 2, 3, 4`)
	if err != nil {
		return nil, fmt.Errorf("hq: gone: %w", err)
	}
	defer rows.Close()
	all := map[wire.Journal][]wire.Gone{}
	for rows.Next() {
		var j wire.Journal
		var g wire.Gone
		if err := rows.Scan(&j.Store, &j.Lane, &j.Epoch, &g.From, &g.To, &g.Hash); err != nil {
			return nil, fmt.Errorf("hq: gone: %w", err)
		}
		all[j] = append(all[j], g)
	}
	return all, rows.Err()
}

// isGone reports whether a row's number is among those that are here no longer.
func (b *batch) isGone(r *wire.Row) bool {
	for _, g := range b.gone[r.Journal()] {
		if g.Covers(r.Seq, r.Seq) {
			return true
		}
	}
	return false
}

// Begins takes a lane's word that its journal begins after row seq with that
// hash: what is missing here up to it cannot come any more, for the lane let it go
// when an earlier keeper had it. It is noted for good, and verify tells of it. It
// reports whether that changed anything.
func (h *HQ) Begins(ctx context.Context, j wire.Journal, seq int64, hash string) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	of := source{j.Store, j.Lane, j.Epoch}
	m := h.marks[of]
	if seq <= m.Seq {
		return false, nil
	}
	m.Epoch, m.Keeper = j.Epoch, "hq"
	g := wire.Gone{From: m.Seq + 1, To: seq, Hash: hash}
	err := pgx.BeginFunc(ctx, h.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO gone (store, lane, epoch, "from", "to", hash, why) VALUES ($1, $2, $3, $4, $5, $6, 'lane')
			ON CONFLICT (store, lane, epoch, "from") DO UPDATE SET "to" = excluded."to", hash = excluded.hash, at = now()`,
			j.Store, j.Lane, j.Epoch, g.From, g.To, g.Hash); err != nil {
			return err
		}
		m.Seq, m.Hash, m.ahead = seq, hash, max(m.ahead, seq)
		b := batch{HQ: h, tx: tx, marks: map[source]mark{of: m}}
		if err := b.advance(ctx, of); err != nil {
			return err
		}
		m = b.marks[of]
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("hq: beginning of lane %s: %w", j.Lane, err)
	}
	h.marks[of] = m
	h.gone[j] = append(h.gone[j], g)
	h.log.WarnContext(ctx, "rows never came and cannot come: the lane had let them go", "store", j.Store, "lane", j.Lane,
		"from", g.From, "to", g.To)
	return true, nil
}

// A Missing is rows that never came here: their lane had let them go when another
// keeper had them.
type Missing struct {
	wire.Journal
	wire.Gone
}

// Missing returns them, so that a person can ask the keeper of before.
func (h *HQ) Missing(ctx context.Context) ([]Missing, error) {
	rows, err := h.pool.Query(ctx, `SELECT store, lane, epoch, "from", "to", hash FROM gone WHERE why = 'lane' ORDER BY 1, 2, 3, 4`)
	if err != nil {
		return nil, fmt.Errorf("hq: missing: %w", err)
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (m Missing, err error) {
		err = r.Scan(&m.Store, &m.Lane, &m.Epoch, &m.From, &m.To, &m.Hash)
		return m, err
	})
}

// MarkOf is how far a journal is here; its number is the highest of all epochs,
// for a lane that begins anew goes on there. To is the end of the first hole, 0 if
// there is none.
func (h *HQ) MarkOf(ctx context.Context, j wire.Journal) (m wire.Mark, to int64, err error) {
	h.mu.Lock()
	of := source{j.Store, j.Lane, j.Epoch}
	have := h.marks[of]
	for other, o := range h.marks {
		if other.store == j.Store && other.lane == j.Lane {
			have.Number = max(have.Number, o.Number)
		}
	}
	h.mu.Unlock()
	have.Epoch, have.Keeper = j.Epoch, "hq"
	if have.ahead > have.Seq {
		err = h.pool.QueryRow(ctx, `SELECT coalesce(min(seq) - 1, 0) FROM journal WHERE store = $1 AND lane = $2 AND epoch = $3 AND seq > $4`,
			j.Store, j.Lane, j.Epoch, have.Seq).Scan(&to)
		if err != nil {
			err = fmt.Errorf("hq: hole of lane %s: %w", j.Lane, err)
		}
	}
	return have.Mark, to, err
}
