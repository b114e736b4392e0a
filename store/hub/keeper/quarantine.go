package keeper

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kassa/store/wire"
)

// alarmedColumn came with the fifth version: which rows in quarantine somebody
// has been told of. Those that lay there before count as told.
const alarmedColumn = `
ALTER TABLE quarantine ADD COLUMN alarmed INTEGER NOT NULL DEFAULT 0;
UPDATE quarantine SET alarmed = 1;
CREATE INDEX quarantine_untold ON quarantine (id) WHERE alarmed = 0;
`

// maxQuarantine bounds what one lane may leave in quarantine, in rows: a lane
// that talks nonsense must not fill the hub's disk.
const maxQuarantine = 10_000

// quarantine keeps what was refused. The same once more raises no second alarm.
// Where there is no room for it, that is noted, once a day.
func (b *batch) quarantine(ctx context.Context, key wire.Key, hash, why, text string) error {
	put, err := b.aside(ctx, key, hash, why, text, b.room)
	if err != nil || put {
		return err
	}
	var known int
	err = b.tx.QueryRowContext(ctx, `SELECT 1 FROM quarantine WHERE store = ? AND lane = ? AND epoch = ? AND seq = ? AND hash = ? AND why = ?`,
		key.Store, key.Lane, key.Epoch, key.Seq, hash, why).Scan(&known)
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	full := fmt.Sprintf("its quarantine is full at %d: what is refused since %s is not kept", b.room, b.now().UTC().Format(time.DateOnly))
	_, err = b.aside(ctx, wire.Key{Store: key.Store, Lane: key.Lane}, "", full, "", b.room+1000) // years of such days
	return err
}

// aside puts a row into quarantine if there is room and it is not there yet.
func (b *batch) aside(ctx context.Context, key wire.Key, hash, why, text string, room int) (put bool, err error) {
	res, err := b.tx.ExecContext(ctx, `INSERT INTO quarantine (store, lane, epoch, seq, hash, why, at, row) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
		WHERE (SELECT count(*) FROM quarantine WHERE store = ?1 AND lane = ?2) < ?9
		ON CONFLICT DO NOTHING`, key.Store, key.Lane, key.Epoch, key.Seq, hash, why, b.now().Format(time.RFC3339Nano), text, room)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return false, err
	}
	b.taken.Alarms = append(b.taken.Alarms, Alarm{key, why})
	return true, nil
}

// Quarantined counts what lies in quarantine.
func (k *Keeper) Quarantined(ctx context.Context) (n int64, err error) {
	if err = k.db.Reader().QueryRowContext(ctx, `SELECT count(*) FROM quarantine`).Scan(&n); err != nil {
		return 0, fmt.Errorf("keeper: quarantine: %w", err)
	}
	return n, nil
}

// Untold is what went to quarantine of one lane and nobody has been told of yet.
type Untold struct {
	Lane
	First, Last int64 // their ids in quarantine
	Rows        int64
	Newest      Alarm
	At          string // when it came
}

// Untold returns what nobody has been told of, lane by lane. It stays so until
// [Keeper.Told], over every restart.
func (k *Keeper) Untold(ctx context.Context) (all []Untold, err error) {
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT u.store, u.lane, u.first, u.last, u.n, q.epoch, q.seq, q.why, q.at FROM
		(SELECT store, lane, min(id) AS first, max(id) AS last, count(*) AS n FROM quarantine WHERE alarmed = 0 GROUP BY store, lane) AS u
		JOIN quarantine AS q ON q.id = u.last ORDER BY u.first`)
	if err != nil {
		return nil, fmt.Errorf("keeper: quarantine: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var u Untold
		if err := rows.Scan(&u.Store, &u.Lane.Lane, &u.First, &u.Last, &u.Rows, &u.Newest.Key.Epoch, &u.Newest.Key.Seq, &u.Newest.Why, &u.At); err != nil {
			return nil, fmt.Errorf("keeper: quarantine: %w", err)
		}
		u.Newest.Key.Store, u.Newest.Key.Lane = u.Store, u.Lane.Lane
		all = append(all, u)
	}
	return all, rows.Err()
}

// Told notes that somebody has been told of all of it.
func (k *Keeper) Told(ctx context.Context, u Untold) error {
	_, err := k.db.Writer().ExecContext(ctx, `UPDATE quarantine SET alarmed = 1 WHERE alarmed = 0 AND store = ? AND lane = ? AND id <= ?`,
		u.Store, u.Lane.Lane, u.Last)
	if err != nil {
		return fmt.Errorf("keeper: quarantine: %w", err)
	}
	return nil
}
