package hq

import (
	"context"
	"fmt"

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
func (h *HQ) Verify(ctx context.Context, found func(Finding), progress func(rows int64)) (checked int64, err error) {
	gone, err := h.readGone(ctx)
	if err != nil {
		return 0, err
	}
	var last wire.Row
	follower := wire.Follower{Gone: gone}
	err = eachRow(ctx, h.pool, `ORDER BY store, lane, epoch, seq`, func(r wire.Row) error {
		if why := follower.Next(r); why != "" {
			found(Finding{r.Key(), why})
		}
		last = r
		if checked++; checked%1000 == 0 && progress != nil {
			progress(checked)
		}
		return nil
	})
	if err != nil {
		return checked, fmt.Errorf("hq: after row %s: %w", last.MsgID(), err)
	}
	rows, err := h.pool.Query(ctx, `SELECT e.store, e.lane, e.epoch, e.seq, j.hash IS NULL FROM
		(SELECT store, lane, epoch, seq, hash FROM mark WHERE seq > 0 UNION SELECT store, lane, epoch, seq, hash FROM anchor) AS e
		JOIN mark AS m USING (store, lane, epoch)
		LEFT JOIN journal AS j ON (j.store, j.lane, j.epoch, j.seq) = (e.store, e.lane, e.epoch, e.seq)
		WHERE (j.hash IS NULL AND e.seq <= m.seq OR encode(j.hash, 'hex') <> e.hash) AND NOT EXISTS (SELECT 1 FROM gone AS g
			WHERE (g.store, g.lane, g.epoch) = (e.store, e.lane, e.epoch) AND e.seq BETWEEN g."from" AND g."to" AND (e.seq < g."to" OR e.hash = g.hash))
		ORDER BY 1, 2, 3, 4`)
	if err != nil {
		return checked, fmt.Errorf("hq: ends: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var f Finding
		var gone bool
		if err := rows.Scan(&f.Key.Store, &f.Key.Lane, &f.Key.Epoch, &f.Key.Seq, &gone); err != nil {
			return checked, fmt.Errorf("hq: ends: %w", err)
		}
		f.Why = "it has another hash than the lane said, or than was kept"
		if gone {
			f.Why = "it is missing, and was here"
		}
		found(f)
	}
	return checked, rows.Err()
}
