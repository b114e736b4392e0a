package keeper

import (
	"context"
	"errors"
	"fmt"

	"kassa/store/wire"
)

// Stamp is another text whenever rows have come: to ask whether there is
// something new costs no more than this.
func (k *Keeper) Stamp(ctx context.Context) (string, error) {
	var at string
	var sum int64
	err := k.db.Reader().QueryRowContext(ctx, `SELECT coalesce(max(at), ''), coalesce(sum(seq), 0) FROM mark`).Scan(&at, &sum)
	if err != nil {
		return "", fmt.Errorf("keeper: newest row: %w", err)
	}
	return fmt.Sprintf("%s/%d", at, sum), nil
}

// A Checked is a row that is kept, held against itself and the row before it.
type Checked struct {
	wire.Row

	Why string // what does not hold, "" if all does
}

// A transaction's rows lie between its neighbours': so many rows before and
// after the one that its state comes from are looked at.
const (
	rowsBefore = 5000
	rowsAfter  = 500
)

// Proof returns the rows of one transaction, newest epoch, each checked as
// Verify does: its hash is worked out again, and it must follow the row before
// it. None: the transaction is not here.
func (k *Keeper) Proof(ctx context.Context, store, lane string, number int64) (proof []Checked, err error) {
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT j.store, j.lane, j.epoch, j.seq, j.run, j.at, j.mono, j.clock, j.txn, j.kind, j.event, j.facts,
		j.prev, j.hash FROM (SELECT store, lane, epoch, seq FROM txn WHERE store = ? AND lane = ? AND number = ? ORDER BY opened_ms DESC LIMIT 1) AS t
		JOIN journal AS j ON j.store = t.store AND j.lane = t.lane AND j.epoch = t.epoch AND j.seq BETWEEN t.seq - ? AND t.seq + ? ORDER BY j.seq`,
		store, lane, number, rowsBefore, rowsAfter)
	if err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var last wire.Row
	for first := true; rows.Next(); first = false {
		var r wire.Row
		if err := rows.Scan(&r.Store, &r.Lane, &r.Epoch, &r.Seq, &r.Run, &r.At, &r.Mono, &r.Clock, &r.Txn, &r.Kind, &r.Event, &r.Facts,
			&r.Prev, &r.Hash); err != nil {
			return nil, fmt.Errorf("keeper: %w", err)
		}
		if r.Txn == number {
			why := r.Follows(last)
			if first && r.Seq > 1 && r.Sound() {
				why = "" // the row before it was not read
			}
			proof = append(proof, Checked{r, why})
		}
		last = r
	}
	return proof, rows.Err()
}
