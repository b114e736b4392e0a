package keeper

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kassa/store/wire"
)

// Parked returns the rows of a lane's newest transaction with this number; none
// where it was not parked. takers are the journals whose rows say that they have taken
// it up since, whichever lane's.
func (k *Keeper) Parked(ctx context.Context, store, lane string, number int64) (rows []wire.Row, takers []wire.Journal, err error) {
	var epoch, id string
	err = k.db.Reader().QueryRowContext(ctx, `SELECT epoch, id FROM txn WHERE store = ? AND lane = ? AND number = ? AND state = 'parked'
		AND opened_ms = (SELECT max(opened_ms) FROM txn AS t WHERE t.store = txn.store AND t.lane = txn.lane AND t.number = txn.number)`,
		store, lane, number).Scan(&epoch, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, nil
	}
	if err == nil {
		takers, err = k.takers(ctx, store, id)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("keeper: a parked sale: %w", err)
	}
	rows, err = k.Sale(ctx, store, lane, epoch, number)
	return rows, takers, err
}

// takers are the journals that took a parked sale up.
func (k *Keeper) takers(ctx context.Context, store, id string) (all []wire.Journal, err error) {
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT DISTINCT store, lane, epoch FROM recalled WHERE store = ? AND id = ? ORDER BY lane, epoch`, store, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var j wire.Journal
		if err := rows.Scan(&j.Store, &j.Lane, &j.Epoch); err != nil {
			return nil, err
		}
		all = append(all, j)
	}
	return all, rows.Err()
}

// Gone reports whether a transaction of a journal was here and has reached its age.
func (k *Keeper) Gone(ctx context.Context, store, lane, epoch string, number int64) (gone bool, err error) {
	err = k.db.Reader().QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM gone WHERE store = ?1 AND lane = ?2 AND epoch = ?3)
		AND EXISTS (SELECT 1 FROM mark WHERE store = ?1 AND lane = ?2 AND epoch = ?3 AND number >= ?4)
		AND NOT EXISTS (SELECT 1 FROM txn WHERE store = ?1 AND lane = ?2 AND epoch = ?3 AND number <= ?4)`, store, lane, epoch, number).Scan(&gone)
	if err != nil {
		return false, fmt.Errorf("keeper: a parked sale: %w", err)
	}
	return gone, nil
}

// LeftAlone reports whether all of a lane's journal that the lane has ever said it has
// is here, the lane said so at a moment after at, by the hub's clock, and no row of it
// took a parked basket up. A lane says where its journal ends each minute while it is
// heard, never later, be it the same as before. What was heard in the future was heard
// by a clock that was wrong, and proves nothing.
func (k *Keeper) LeftAlone(ctx context.Context, parked wire.Row, lane, epoch string, at time.Time) (bool, error) {
	var said string
	err := k.db.Reader().QueryRowContext(ctx, `SELECT CASE WHEN last <> '' THEN last ELSE at END FROM anchor AS a
		WHERE store = ?1 AND lane = ?2 AND epoch = ?3
		AND seq <= (SELECT m.seq FROM mark AS m WHERE m.store = ?1 AND m.lane = ?2 AND m.epoch = ?3)
		AND NOT EXISTS (SELECT 1 FROM anchor AS b WHERE b.store = ?1 AND b.lane = ?2 AND b.epoch = ?3 AND b.seq > a.seq)`,
		parked.Store, lane, epoch).Scan(&said)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	var heard time.Time
	if err == nil {
		heard, err = time.Parse(time.RFC3339Nano, said)
	}
	if err == nil && (!heard.After(at) || heard.After(k.now())) {
		return false, nil
	}
	var taken bool
	if err == nil {
		err = k.db.Reader().QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM recalled AS r JOIN txn AS t ON t.store = r.store AND t.id = r.id
			WHERE r.store = ? AND r.lane = ? AND r.epoch = ? AND t.lane = ? AND t.epoch = ? AND t.number = ?)`,
			parked.Store, lane, epoch, parked.Lane, parked.Epoch, parked.Txn).Scan(&taken)
	}
	if err != nil {
		return false, fmt.Errorf("keeper: who left a parked sale alone: %w", err)
	}
	return !taken, nil
}

// A ParkedSale is a basket that a lane parked.
type ParkedSale struct {
	ID       string
	Lane     string
	Epoch    string
	Number   int64
	At       time.Time // in UTC, by the lane's clock
	Currency string    // ISO 4217
	Total    int64     // minor units
}

// ParkedSince returns what the lanes of a store have parked since a moment, the
// newest first; what was parked while a lane's clock was not set is among it.
func (k *Keeper) ParkedSince(ctx context.Context, store string, since time.Time) (all []ParkedSale, err error) {
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT id, lane, epoch, number, closed_ms, currency, total_minor FROM txn
		WHERE store = ? AND state = 'parked' AND (closed_ms >= ? OR clock <> 'synced') ORDER BY closed_ms DESC, lane, number`, store, since.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("keeper: parked sales: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p ParkedSale
		var ms int64
		if err := rows.Scan(&p.ID, &p.Lane, &p.Epoch, &p.Number, &ms, &p.Currency, &p.Total); err != nil {
			return nil, fmt.Errorf("keeper: parked sales: %w", err)
		}
		p.At = time.UnixMilli(ms).UTC()
		all = append(all, p)
	}
	return all, rows.Err()
}
