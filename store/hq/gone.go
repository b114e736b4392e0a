package hq

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kassa/store/wire"
)

// readGone reads which rows are here no longer, of the journals that where picks.
func readGone(ctx context.Context, q querier, where string, args ...any) (map[wire.Journal][]wire.Gone, error) {
	rows, err := q.Query(ctx, goneOf(where), args...)
	if err != nil {
		return nil, fmt.Errorf("gone: %w", err)
	}
	return scanGone(rows)
}

func goneOf(where string) string {
	return `SELECT store, lane, epoch, "from", "to", hash FROM gone` + where + ` ORDER BY 1, 2, 3, 4`
}

func scanGone(rows pgx.Rows) (map[wire.Journal][]wire.Gone, error) {
	defer rows.Close()
	all := map[wire.Journal][]wire.Gone{}
	for rows.Next() {
		var j wire.Journal
		var g wire.Gone
		if err := rows.Scan(&j.Store, &j.Lane, &j.Epoch, &g.From, &g.To, &g.Hash); err != nil {
			return nil, fmt.Errorf("gone: %w", err)
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
func (h *HQ) Begins(ctx context.Context, j wire.Journal, seq int64, hash string) (changed bool, err error) {
	of := source{j.Store, j.Lane, j.Epoch}
	g := wire.Gone{To: seq, Hash: hash}
	err = h.write(ctx, func(b *batch) error {
		if err := b.load(ctx, []wire.Journal{j}); err != nil {
			return err
		}
		m := b.had[of]
		if seq <= m.Seq {
			return nil
		}
		changed, g.From = true, m.Seq+1
		if _, err := b.tx.Exec(ctx, `INSERT INTO gone (store, lane, epoch, "from", "to", hash, why) VALUES ($1, $2, $3, $4, $5, $6, 'lane')
			ON CONFLICT (store, lane, epoch, "from") DO UPDATE SET "to" = excluded."to", hash = excluded.hash, at = now()`,
			j.Store, j.Lane, j.Epoch, g.From, g.To, g.Hash); err != nil {
			return err
		}
		m.Epoch, m.Keeper = j.Epoch, "hq"
		m.Seq, m.Hash, m.ahead = seq, hash, max(m.ahead, seq)
		b.marks[of] = m
		return b.advance(ctx, of)
	})
	if err != nil {
		return false, fmt.Errorf("hq: beginning of lane %s: %w", j.Lane, err)
	}
	if changed {
		h.log.WarnContext(ctx, "rows never came and cannot come: the lane had let them go", "store", j.Store, "lane", j.Lane,
			"from", g.From, "to", g.To)
	}
	return changed, nil
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
	m = wire.Mark{Epoch: j.Epoch, Keeper: "hq"}
	err = h.read(ctx, func(tx pgx.Tx) error {
		var ahead int64
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(seq) FILTER (WHERE epoch = $3), 0), coalesce(max(hash) FILTER (WHERE epoch = $3), ''),
			coalesce(max(ahead) FILTER (WHERE epoch = $3), 0), coalesce(max(number), 0) FROM mark WHERE store = $1 AND lane = $2`,
			j.Store, j.Lane, j.Epoch).Scan(&m.Seq, &m.Hash, &ahead, &m.Number); err != nil || ahead <= m.Seq {
			return err
		}
		return tx.QueryRow(ctx, `SELECT coalesce(min(seq) - 1, 0) FROM journal WHERE store = $1 AND lane = $2 AND epoch = $3 AND seq > $4`,
			j.Store, j.Lane, j.Epoch, m.Seq).Scan(&to)
	})
	if err != nil {
		return wire.Mark{}, 0, fmt.Errorf("hq: mark of lane %s: %w", j.Lane, err)
	}
	return m, to, nil
}
