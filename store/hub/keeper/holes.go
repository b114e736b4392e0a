package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kassa/store/wire"
)

// A Hole is rows of a journal that are missing before others that are here.
type Hole struct {
	wire.Journal

	From, To int64
	Since    time.Time // when the lane wrote the first row behind it, by its clock
}

// String names a hole as the flag for it is written.
func (h Hole) String() string { return fmt.Sprintf("%s/%s/%d-%d", h.Lane, h.Epoch, h.From, h.To) }

// Covers reports whether another hole lies in this one: a part of what was missing
// may have come.
func (h Hole) Covers(other Hole) bool {
	return h.Journal == other.Journal && h.From <= other.From && other.To <= h.To
}

// Holes returns the holes of a journal behind a row, in order.
func (k *Keeper) Holes(ctx context.Context, j wire.Journal, after int64) (all []Hole, err error) {
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT seq, before, at FROM
		(SELECT seq, lag(seq, 1, ?4) OVER (ORDER BY seq) AS before, at FROM journal WHERE store = ?1 AND lane = ?2 AND epoch = ?3 AND seq > ?4)
		WHERE seq > before + 1 ORDER BY seq`, j.Store, j.Lane, j.Epoch, after)
	if err != nil {
		return nil, fmt.Errorf("keeper: holes: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var seq, before int64
		var at string
		if err := rows.Scan(&seq, &before, &at); err != nil {
			return nil, fmt.Errorf("keeper: holes: %w", err)
		}
		h := Hole{Journal: j, From: before + 1, To: seq - 1}
		h.Since, _ = time.Parse(time.RFC3339Nano, at) // zero: nobody can say
		all = append(all, h)
	}
	return all, rows.Err()
}

// reach is how far a journal may be given when it is gone on from: up to the first
// hole that nobody has taken as it is.
type reach struct {
	end    int64  // the last row there was when it was looked at: what comes then may leave holes
	passed []Hole // taken as they are, in order
	wait   *Hole  // what it ends at, nil: nothing
}

func (c *Choice) reach(ctx context.Context, j wire.Journal) (r reach, err error) {
	mark, err := c.Keeper.Mark(ctx, j.Store, j.Lane, j.Epoch)
	if err != nil {
		return r, err
	}
	err = c.Keeper.db.Reader().QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM journal WHERE store = ? AND lane = ? AND epoch = ?`,
		j.Store, j.Lane, j.Epoch).Scan(&r.end)
	if err != nil {
		return r, err
	}
	holes, err := c.Keeper.Holes(ctx, j, mark.Seq)
	for i, h := range holes {
		if !c.taken(h) {
			r.wait = &holes[i]
			break
		}
		r.passed = append(r.passed, h)
	}
	return r, err
}

// taken reports whether somebody has taken a hole as it is.
func (c *Choice) taken(h Hole) bool {
	for _, w := range c.Without {
		if w.Covers(h) {
			return true
		}
	}
	return false
}

// beyond reports whether a transaction is not to be given yet: rows of it lie
// behind the hole, or may lie in it.
func (r reach) beyond(s span) bool {
	return s.last > r.end || r.wait != nil && s.last >= r.wait.From-1
}

// torn returns the hole, taken as it is, in which rows of a transaction are, or may
// be, lost for good; nil: none. One that had ended before the hole is whole.
func (r reach) torn(s span, ended bool) *Hole {
	for i, h := range r.passed {
		before := s.last < h.From-1 || s.last == h.From-1 && ended
		if !before && s.first <= h.To+1 {
			return &r.passed[i]
		}
	}
	return nil
}
