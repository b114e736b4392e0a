package fiscal

import (
	"context"
	"fmt"

	"kassa/store/journal"
)

// SoFar lays the sums of the terminal's open day beside the journal's; a is what
// the terminal says of them, and nothing is closed or written down. to is the
// journal's head when the terminal was about to be asked. ErrMoved: a payment was
// made meanwhile, so that the two cannot be compared.
func SoFar(ctx context.Context, r *journal.Reader, a Answer, to int64) (Batch, error) {
	from, again, err := since(ctx, r)
	if err != nil {
		return Batch{}, err
	}
	head, err := r.Head(ctx)
	if err != nil {
		return Batch{}, err
	}
	later, err := payments(ctx, r, to, head.Seq)
	if err != nil {
		return Batch{}, err
	}
	if len(later) > 0 {
		return Batch{}, ErrMoved
	}
	a.Again = again
	a.Ours = OurSum{From: from, To: to}
	before, err := payments(ctx, r, from, to)
	if err != nil {
		return Batch{}, err
	}
	a.Ours.add(before)
	b, err := Compare(ctx, r, a)
	if err != nil {
		return b, fmt.Errorf("so far: %w", err)
	}
	return b, nil
}
