package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"kassa/device/terminal"
	"kassa/store/fiscal"
)

// soFarTries is how often the terminal is asked when payments come in between.
const soFarTries = 5

// orderSoFar asks the terminal for the sums of its open day, for whoever asks at
// the control socket. Nothing is closed.
func (c *dayCloser) orderSoFar(w http.ResponseWriter, r *http.Request) {
	var o dayOrder
	err := json.NewDecoder(io.LimitReader(r.Body, 1000)).Decode(&o)
	var b fiscal.Batch
	switch {
	case err != nil:
	case c.card == nil:
		err = errors.New("the lane has no card terminal")
	case c.practice:
		err = errors.New("the lane practises, and its terminal hears of nothing: end the practice first")
	default:
		b, err = c.soFar(r.Context())
	}
	reply(w, b, err)
}

// soFar asks the terminal between two sales and lays what it says beside the
// journal. A day that is being closed ends first.
func (c *dayCloser) soFar(ctx context.Context) (b fiscal.Batch, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.forced(ctx); err != nil {
		return b, err
	}
	for range soFarTries {
		var to int64
		if err := c.between(ctx, func(ctx context.Context, _ fiscal.Writing) error {
			head, err := c.journal.Head(ctx)
			to = head.Seq
			return err
		}); err != nil {
			return b, err
		}
		tctx, cancel := context.WithTimeout(ctx, endOfDayWait)
		totals, err := c.card.Totals(tctx)
		cancel()
		if err != nil || totals.Outcome != terminal.Approved {
			return b, errors.Join(errors.New("the terminal does not tell"), err)
		}
		var a fiscal.Answer
		heard(&a, totals, nil)
		if b, err = fiscal.SoFar(ctx, c.journal, a, to); !errors.Is(err, fiscal.ErrMoved) {
			return b, err
		}
	}
	return b, fiscal.ErrMoved
}
