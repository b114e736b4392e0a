package keeper

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"kassa/store/wire"
)

// Parked returns the rows of a lane's newest transaction with this number; none
// where it was not parked. taken says that the lane itself has taken it up since.
func (k *Keeper) Parked(ctx context.Context, store, lane string, number int64) (rows []wire.Row, taken bool, err error) {
	var epoch, id string
	var last int64
	err = k.db.Reader().QueryRowContext(ctx, `SELECT epoch, id, seq FROM txn WHERE store = ? AND lane = ? AND number = ? AND state = 'parked'
		AND opened_ms = (SELECT max(opened_ms) FROM txn AS t WHERE t.store = txn.store AND t.lane = txn.lane AND t.number = txn.number)`,
		store, lane, number).Scan(&epoch, &id, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err == nil {
		err = k.db.Reader().QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM journal WHERE store = ? AND lane = ? AND epoch = ? AND seq > ?
			AND instr(facts, ?) > 0)`, store, lane, epoch, last, `"recalled":"`+id+`"`).Scan(&taken)
	}
	if err != nil {
		return nil, false, fmt.Errorf("keeper: a parked sale: %w", err)
	}
	rows, err = k.Sale(ctx, store, lane, epoch, number)
	return rows, taken, err
}
