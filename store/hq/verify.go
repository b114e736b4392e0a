package hq

import (
	"context"
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
func (h *HQ) Verify(ctx context.Context, found func(Finding), progress func(rows int64)) (checked int64, err error) {
	gone, err := readGone(ctx, h.pool, "")
	if err != nil {
		return 0, fmt.Errorf("hq: %w", err)
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
	if err := h.ends(ctx, found); err != nil {
		return checked, fmt.Errorf("hq: ends: %w", err)
	}
	return checked, nil
}

// lateAfter is how long a row that a lane says it has may be on its way before
// Verify names it.
const lateAfter = time.Hour

// ends holds the rows against the marks and the heads that lanes have said. A
// head beyond the mark shows an end that was cut together with it.
func (h *HQ) ends(ctx context.Context, found func(Finding)) error {
	rows, err := h.pool.Query(ctx, `SELECT e.store, e.lane, e.epoch, e.seq, j.hash IS NULL, e.seq <= coalesce(m.seq, 0), e.at FROM
		(SELECT store, lane, epoch, seq, hash, NULL::timestamptz AS at FROM mark WHERE seq > 0
		UNION ALL SELECT store, lane, epoch, seq, hash, at FROM anchor) AS e
		LEFT JOIN mark AS m USING (store, lane, epoch)
		LEFT JOIN journal AS j ON (j.store, j.lane, j.epoch, j.seq) = (e.store, e.lane, e.epoch, e.seq)
		WHERE (j.hash IS NULL OR encode(j.hash, 'hex') <> e.hash)
			AND (j.hash IS NOT NULL OR e.seq <= coalesce(m.seq, 0) OR e.at < now() - $1::bigint * interval '1 second')
			AND NOT EXISTS (SELECT 1 FROM gone AS g WHERE (g.store, g.lane, g.epoch) = (e.store, e.lane, e.epoch)
			AND e.seq BETWEEN g."from" AND g."to" AND (e.seq < g."to" OR e.hash = g.hash))
		ORDER BY 1, 2, 3, 4, 7 NULLS FIRST`, int64(lateAfter/time.Second))
	if err != nil {
		return err
	}
	defer rows.Close()
	var last Finding
	for rows.Next() {
		var f Finding
		var missing, marked bool
		var at *time.Time
		if err := rows.Scan(&f.Key.Store, &f.Key.Lane, &f.Key.Epoch, &f.Key.Seq, &missing, &marked, &at); err != nil {
			return err
		}
		switch {
		case !missing:
			f.Why = "it has another hash than the lane said, or than was kept"
		case marked:
			f.Why = "it is missing, and was here"
		default:
			f.Why = "it is not here, though its lane said at " + at.UTC().Format(time.RFC3339) + " that it has it"
		}
		if f != last { // a mark and a head may say the same
			found(f)
			last = f
		}
	}
	return rows.Err()
}
