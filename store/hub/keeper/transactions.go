package keeper

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"kassa/kiosk/flow"
	lane "kassa/store/journal"
	"kassa/store/wire"
)

// A Choice is transactions of the lanes, put together from their rows as each
// lane does it: the same fields with the same values.
type Choice struct {
	Keeper *Keeper
	Lane   string // of this lane alone; "": of all
	// After is where an earlier choice of each journal ended. With it a journal is
	// given up to its first transaction that has not ended, and never beyond its
	// first hole, so that none is passed over for good, nor given in part.
	After map[wire.Journal]int64
	// Without are holes that somebody takes as they are, for the rows in them will
	// never come: what lies whole behind them is given.
	Without []Hole
	// Missed says of a transaction that lies in a hole of Without, and not behind After,
	// that it was neither given nor told of as torn: nobody knew of it when the hole was
	// passed, and it is given when it has come. nil: none was.
	Missed func(j wire.Journal, number int64) bool
	// Came is told of each transaction given that lies in a hole of Without, and Part of
	// each that was missed and has come in part; nil: nobody.
	Came func(h Hole, number int64)
	Part func(j wire.Journal, number int64)
	// Given is told of each transaction; nil: nobody.
	Given func(j wire.Journal, number int64, done, of int)
	// Torn is told of each transaction that is not given, since some of it was, or
	// may have been, in a hole that was taken as it is; nil: nobody.
	Torn func(h Hole, number int64)
	// Waits is told of the hole that each journal ends at; nil: nobody.
	Waits func(h Hole)
}

// Transactions yields what f picks, lane by lane in the order of their journals,
// by number. Rows that come meanwhile may be among them.
func (c *Choice) Transactions(ctx context.Context, f lane.Filter) iter.Seq2[*lane.Transaction, error] {
	return func(yield func(*lane.Transaction, error) bool) {
		journals, err := c.Keeper.journals(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, j := range journals {
			if c.Lane != "" && j.Lane != c.Lane {
				continue
			}
			if !c.of(ctx, j, f, yield) {
				return
			}
		}
	}
}

// span is where a transaction's rows lie among the others'.
type span struct{ number, first, last int64 }

// of yields one journal's.
func (c *Choice) of(ctx context.Context, j wire.Journal, f lane.Filter, yield func(*lane.Transaction, error) bool) bool {
	spans, r, err := c.spans(ctx, j, f)
	if err != nil {
		return yield(nil, fmt.Errorf("keeper: transactions of lane %s: %w", j.Lane, err))
	}
	if r.wait != nil && c.Waits != nil {
		c.Waits(*r.wait)
	}
	if !c.late(ctx, j, f, yield) {
		return false
	}
	for i, s := range spans {
		t, err := c.Keeper.assemble(ctx, j, s)
		if err != nil {
			return yield(nil, fmt.Errorf("keeper: transaction %d of lane %s: %w", s.number, j.Lane, err))
		}
		if t.First == 0 {
			continue
		}
		open := t.State == flow.SaleOpen || t.State == flow.SaleInDoubt
		torn := r.torn(s, !open)
		switch {
		case torn != nil:
			if c.Torn != nil {
				c.Torn(*torn, s.number)
			}
		case open && c.After != nil && !f.Open:
			return true
		case picks(f, t, open) && !yield(t, nil):
			return false
		default:
			c.came(j, s)
		}
		if c.Given != nil {
			c.Given(j, s.number, i+1, len(spans))
		}
	}
	return true
}

// spans are the transactions that may be given. Where one is gone on from, those
// are the ones before the first hole: behind it nobody knows what is missing, and
// what the row before it belongs to may go on in it.
func (c *Choice) spans(ctx context.Context, j wire.Journal, f lane.Filter) (all []span, r reach, err error) {
	if c.After == nil {
		all, err = c.Keeper.spans(ctx, j, f.After, f)
		return all, r, err
	}
	if r, err = c.reach(ctx, j); err != nil {
		return nil, r, err
	}
	all, err = c.Keeper.spans(ctx, j, max(f.After, c.After[j]), f)
	if i := slices.IndexFunc(all, r.beyond); i >= 0 {
		all = all[:i]
	}
	return all, r, err
}

// picks reports whether f picks a transaction by its state and time.
func picks(f lane.Filter, t *lane.Transaction, open bool) bool {
	at := t.ClosedAt
	if at.IsZero() {
		at = t.OpenedAt
	}
	at = at.Truncate(time.Millisecond)
	return (!open || f.Open || f.Number != 0) && (f.Since.IsZero() || !at.Before(f.Since.Truncate(time.Millisecond))) &&
		(f.Until.IsZero() || at.Before(f.Until.Truncate(time.Millisecond)))
}

// spans are a journal's transactions after a number, by number.
func (k *Keeper) spans(ctx context.Context, j wire.Journal, after int64, f lane.Filter) (all []span, err error) {
	to := int64(1<<63 - 1)
	if f.To != 0 {
		to = f.To
	}
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT txn, min(seq), max(seq) FROM journal WHERE store = ? AND lane = ? AND epoch = ?
		AND txn > ? AND txn <= ? AND (?6 = 0 OR txn = ?6) GROUP BY txn`, j.Store, j.Lane, j.Epoch, after, to, f.Number)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s span
		if err := rows.Scan(&s.number, &s.first, &s.last); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b span) int { return int(max(-1, min(1, a.number-b.number))) })
	return all, rows.Err()
}

// assemble puts one transaction together.
func (k *Keeper) assemble(ctx context.Context, j wire.Journal, s span) (_ *lane.Transaction, err error) {
	t := &lane.Transaction{Epoch: j.Epoch}
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT seq, hash, facts FROM journal WHERE store = ? AND lane = ? AND epoch = ?
		AND seq BETWEEN ? AND ? AND txn = ? ORDER BY seq`, j.Store, j.Lane, j.Epoch, s.first, s.last, s.number)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var seq int64
		var hash, facts string
		if err := rows.Scan(&seq, &hash, &facts); err != nil {
			return nil, err
		}
		if err := t.Fold(seq, hash, facts); err != nil {
			return nil, err
		}
	}
	return t, rows.Err()
}
