package keeper

import (
	"context"
	"errors"
	"fmt"

	"kassa/store/wire"
)

// Sale returns the rows of one transaction in their order, of the journal whose
// epoch begins so. None: it has not come yet, or is no longer kept.
func (k *Keeper) Sale(ctx context.Context, store, lane, epoch string, number int64) (all []wire.Row, err error) {
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT j.seq, j.at, j.clock, j.kind, j.event, j.facts
		FROM txn AS t JOIN txn_step AS s ON s.store = t.store AND s.lane = t.lane AND s.epoch = t.epoch AND s.number = t.number AND s.step = 'start'
		JOIN journal AS j ON j.store = t.store AND j.lane = t.lane AND j.epoch = t.epoch AND j.seq BETWEEN s.seq AND t.seq AND j.txn = t.number
		WHERE t.store = ?1 AND t.lane = ?2 AND t.number = ?3 AND substr(t.epoch, 1, length(?4)) = ?4 AND ?4 <> '' ORDER BY j.seq`,
		store, lane, number, epoch)
	if err != nil {
		return nil, fmt.Errorf("keeper: a sale: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		r := wire.Row{Store: store, Lane: lane, Epoch: epoch, Txn: number}
		if err := rows.Scan(&r.Seq, &r.At, &r.Clock, &r.Kind, &r.Event, &r.Facts); err != nil {
			return nil, fmt.Errorf("keeper: a sale: %w", err)
		}
		all = append(all, r)
	}
	return all, rows.Err()
}
