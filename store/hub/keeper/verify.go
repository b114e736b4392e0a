package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kassa/store/wire"
)

// A Finding is what Verify found wrong with a journal.
type Finding struct {
	Key wire.Key
	Why string
}

// Verify reads every row that is kept and names what does not hold: a row that
// was changed, put in, taken out, moved, or cut off at the end. Found is called
// for each; progress now and then.
func (k *Keeper) Verify(ctx context.Context, found func(Finding), progress func(rows int64)) (checked int64, err error) {
	gone, err := k.gone(ctx)
	if err != nil {
		return 0, err
	}
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT store, lane, epoch, seq, run, at, mono, clock, txn, kind, event, facts, prev, hash
		FROM journal ORDER BY store, lane, epoch, seq`)
	if err != nil {
		return 0, fmt.Errorf("keeper: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var last wire.Row
	follower := wire.Follower{Gone: gone}
	for rows.Next() {
		var r wire.Row
		if err := rows.Scan(&r.Store, &r.Lane, &r.Epoch, &r.Seq, &r.Run, &r.At, &r.Mono, &r.Clock, &r.Txn, &r.Kind, &r.Event, &r.Facts,
			&r.Prev, &r.Hash); err != nil {
			return checked, fmt.Errorf("keeper: after row %s: %w", last.MsgID(), err)
		}
		if why := follower.Next(r); why != "" {
			found(Finding{r.Key(), why})
		}
		last = r
		if checked++; checked%1000 == 0 && progress != nil {
			progress(checked)
		}
	}
	if err := rows.Err(); err != nil {
		return checked, fmt.Errorf("keeper: %w", err)
	}
	return checked, k.ends(ctx, found)
}

// lateAfter is how long a row that a lane says it has may be on its way before
// Verify names it.
const lateAfter = time.Hour

// ends holds the rows against the marks and the heads that lanes have said. A
// head beyond the mark shows an end that was cut together with it.
func (k *Keeper) ends(ctx context.Context, found func(Finding)) (err error) {
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT e.store, e.lane, e.epoch, e.seq, e.hash, coalesce(j.hash, ''), e.at,
		e.seq <= coalesce((SELECT m.seq FROM mark AS m WHERE m.store = e.store AND m.lane = e.lane AND m.epoch = e.epoch), 0) FROM
		(SELECT store, lane, epoch, seq, hash, '' AS at FROM mark WHERE seq > 0 UNION SELECT store, lane, epoch, seq, hash, at FROM anchor) AS e
		LEFT JOIN journal AS j USING (store, lane, epoch, seq)
		WHERE coalesce(j.hash, '') <> e.hash AND NOT EXISTS (SELECT 1 FROM gone AS g WHERE g.store = e.store AND g.lane = e.lane AND
			g.epoch = e.epoch AND e.seq BETWEEN g."from" AND g."to" AND (e.seq < g."to" OR e.hash = g.hash))
		ORDER BY 1, 2, 3, 4, 7`)
	if err != nil {
		return fmt.Errorf("keeper: ends: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var last Finding
	for rows.Next() {
		var key wire.Key
		var want, have, at string
		var marked bool
		if err := rows.Scan(&key.Store, &key.Lane, &key.Epoch, &key.Seq, &want, &have, &at, &marked); err != nil {
			return fmt.Errorf("keeper: ends: %w", err)
		}
		why, err := k.end(have, at, marked)
		if err != nil {
			return fmt.Errorf("keeper: end of lane %s: %w", key.Lane, err)
		}
		if f := (Finding{key, why}); why != "" && f != last { // a mark and a head may say the same
			found(f)
			last = f
		}
	}
	return rows.Err()
}

// end says what is wrong with the end of a journal that is not as it was said at
// a moment, "" if it may still come.
func (k *Keeper) end(have, at string, marked bool) (why string, err error) {
	switch {
	case have != "":
		return "it has another hash than the lane said, or than was kept", nil
	case marked:
		return "it is missing, and was here", nil
	}
	said, err := time.Parse(time.RFC3339Nano, at)
	if err != nil || k.now().Sub(said) < lateAfter {
		return "", err
	}
	return "it is not here, though its lane said at " + said.UTC().Format(time.RFC3339) + " that it has it", nil
}
