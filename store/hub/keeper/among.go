package keeper

import (
	"context"
	"database/sql"
	"errors"

	"kassa/store/wire"
)

// What is wrong with a row beside its neighbours.
const (
	notBefore = "it does not follow the row before it that is kept"
	notAfter  = "the row after it that is kept follows another"
)

// head is where a journal ends as this batch has it: no row beyond it is here,
// or was.
type head struct {
	seq  int64
	hash string
}

// head returns where a journal ends, the zero head where nothing of it is here.
func (b *batch) head(ctx context.Context, j journal) (head, error) {
	if h, ok := b.heads[j]; ok {
		return h, nil
	}
	var h head
	err := b.tx.QueryRowContext(ctx, `SELECT seq, hash FROM (
		SELECT * FROM (SELECT seq, hash FROM journal WHERE store = ?1 AND lane = ?2 AND epoch = ?3 ORDER BY seq DESC LIMIT 1)
		UNION ALL SELECT seq, hash FROM mark WHERE store = ?1 AND lane = ?2 AND epoch = ?3) ORDER BY seq DESC LIMIT 1`,
		j.store, j.lane, j.epoch).Scan(&h.seq, &h.hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return h, err
	}
	b.heads[j] = h
	return h, nil
}

// among holds a row against those around its number that are kept: whether it is
// known, and why it cannot be kept, "" if it can.
func (b *batch) among(ctx context.Context, r *wire.Row) (known bool, why string, err error) {
	const near = `SELECT seq, prev, hash FROM journal WHERE store = ? AND lane = ? AND epoch = ? AND seq BETWEEN ? AND ?`
	s, err := b.prepared(ctx, near) //nolint:sqlclosecheck // closed with the batch
	if err != nil {
		return false, "", err
	}
	rows, err := s.QueryContext(ctx, r.Store, r.Lane, r.Epoch, r.Seq-1, r.Seq+1)
	if err != nil {
		return false, "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var seq int64
		var prev, hash string
		if err := rows.Scan(&seq, &prev, &hash); err != nil {
			return false, "", err
		}
		switch {
		case seq == r.Seq && hash == r.Hash:
			return true, "", nil
		case seq == r.Seq:
			return false, "another row of this number is kept, with hash " + hash, nil
		case seq < r.Seq && hash != r.Prev:
			why = notBefore
		case seq > r.Seq && prev != r.Hash && why == "":
			why = notAfter
		}
	}
	if err := rows.Err(); err != nil {
		return false, "", err
	}
	gone, err := b.isGone(ctx, r)
	if gone {
		return true, "", err
	}
	return false, why, err
}
