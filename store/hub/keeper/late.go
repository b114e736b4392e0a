package keeper

import (
	"context"
	"fmt"
	"slices"

	"kassa/kiosk/flow"
	lane "kassa/store/journal"
	"kassa/store/wire"
)

// This file is about transactions that come after somebody has said that their rows
// never would.

// late yields what a journal had in holes that were taken as they are, and that nobody
// knew of then. What has not come whole is not given: the rest may come.
func (c *Choice) late(ctx context.Context, j wire.Journal, f lane.Filter, yield func(*lane.Transaction, error) bool) bool {
	spans, r, err := c.lateSpans(ctx, j, f)
	if err != nil {
		return yield(nil, fmt.Errorf("keeper: late transactions of lane %s: %w", j.Lane, err))
	}
	for _, s := range spans {
		t, err := c.Keeper.assemble(ctx, j, s)
		if err != nil {
			return yield(nil, fmt.Errorf("keeper: transaction %d of lane %s: %w", s.number, j.Lane, err))
		}
		open := t.State == flow.SaleOpen || t.State == flow.SaleInDoubt
		torn := r.torn(s, !open)
		switch {
		case t.First == 0:
		case torn != nil || open:
			if c.Part != nil {
				c.Part(j, s.number)
			}
		case picks(f, t, open) && !yield(t, nil):
			return false
		default:
			c.came(j, s)
		}
	}
	return true
}

// lateSpans are the transactions that may be late, and the holes that there still are:
// looked for first, so that what comes meanwhile is given only when it is whole.
func (c *Choice) lateSpans(ctx context.Context, j wire.Journal, f lane.Filter) (all []span, r reach, err error) {
	to := max(f.After, c.After[j])
	if to == 0 || c.Missed == nil {
		return nil, r, nil
	}
	filled, err := c.filled(ctx, j)
	if err != nil || !filled {
		return nil, r, err
	}
	mark, err := c.Keeper.Mark(ctx, j.Store, j.Lane, j.Epoch)
	if err != nil {
		return nil, r, err
	}
	if r.passed, err = c.Keeper.Holes(ctx, j, mark.Seq); err != nil {
		return nil, r, err
	}
	all, err = c.Keeper.spans(ctx, j, 0, lane.Filter{To: to})
	return slices.DeleteFunc(all, func(s span) bool {
		return !slices.ContainsFunc(c.Without, s.in(j)) || !c.Missed(j, s.number)
	}), r, err
}

// filled reports whether rows have come into holes of a journal that were taken as they
// are.
func (c *Choice) filled(ctx context.Context, j wire.Journal) (some bool, err error) {
	for _, h := range c.Without {
		if h.Journal != j || some {
			continue
		}
		err = c.Keeper.db.Reader().QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM journal WHERE store = ? AND lane = ? AND epoch = ?
			AND seq BETWEEN ? AND ?)`, j.Store, j.Lane, j.Epoch, h.From, h.To).Scan(&some)
		if err != nil {
			return false, err
		}
	}
	return some, nil
}

// in reports whether all rows of a transaction that are here lie in a hole. What has a
// row outside it was known when the hole was passed: it was given, or torn.
func (s span) in(j wire.Journal) func(Hole) bool {
	return func(h Hole) bool { return h.Journal == j && h.From <= s.first && s.last <= h.To }
}

// came tells of a transaction that was given, if it lies in a hole that was taken as it
// is.
func (c *Choice) came(j wire.Journal, s span) {
	if i := slices.IndexFunc(c.Without, s.in(j)); i >= 0 && c.Came != nil {
		c.Came(c.Without[i], s.number)
	}
}
