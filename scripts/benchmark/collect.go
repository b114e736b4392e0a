package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"kassa/store/hq"
	"kassa/store/wire"
)

const (
	collectRounds = 9
	collectRows   = 10_000 // in a round
	collectBatch  = 1000   // in a transaction, as head office takes them
)

// errNoPostgres says that P9 has nothing to be measured on.
var errNoPostgres = errors.New("needs PostgreSQL: apt-get install postgresql, or --postgres DSN of an empty database")

// collected measures how fast head office takes rows into PostgreSQL, each once,
// checked and against its neighbours, against COPY of the same rows in the same
// batches into a bare table with the same key.
func collected(ctx context.Context, o options, progress io.Writer) (_ []row, err error) {
	if o.postgres == "" {
		return nil, errNoPostgres
	}
	h, err := hq.Open(ctx, o.postgres, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if _, err := h.Pool().Exec(ctx, `CREATE TABLE bare (month date NOT NULL, store text NOT NULL, lane text NOT NULL, epoch text NOT NULL, seq bigint NOT NULL,
		run text NOT NULL, at text NOT NULL, mono bigint NOT NULL, clock text NOT NULL, txn bigint NOT NULL, kind text NOT NULL, event text NOT NULL,
		facts text NOT NULL, prev text NOT NULL, hash text NOT NULL, PRIMARY KEY (store, lane, epoch, seq, month))`); err != nil {
		return nil, err
	}
	var c contest
	for round := range collectRounds {
		lane := fmt.Sprintf("q%d", round)
		rows, err := rowsOf(ctx, filepath.Join(o.dir, lane), lane, collectRows)
		if err != nil {
			return nil, err
		}
		ours := func() error {
			return inBatches(rows, collectBatch, &c.ours, func(part []wire.Row) error {
				t, err := h.Take(ctx, part)
				if err == nil && t.Kept != len(part) {
					err = fmt.Errorf("head office kept %d of %d rows", t.Kept, len(part))
				}
				return err
			})
		}
		theirs := func() error {
			return inBatches(rows, collectBatch, &c.bare, func(part []wire.Row) error { return copyRows(ctx, h, part) })
		}
		if err := alternate(round, ours, theirs); err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(progress, "  round %d: head office %.0f, COPY %.0f rows/s\n", round+1, c.ours[round], c.bare[round])
	}
	begin := time.Now()
	n, err := h.Follow(ctx)
	if err != nil {
		return nil, err
	}
	return []row{{
		id: "P9", what: "head office's PostgreSQL / bare COPY of the same rows", got: c.share(), limit: 70, atLeast: true, unit: " %",
		basis: c.basis(fmt.Sprintf(", 10,000 a block, 1,000 a transaction; the tables follow at %.0f", float64(n)/time.Since(begin).Seconds())),
	}}, nil
}

func copyRows(ctx context.Context, h *hq.HQ, rows []wire.Row) error {
	month := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	_, err := h.Pool().CopyFrom(ctx, pgx.Identifier{"kassa", "bare"}, []string{
		"month", "store", "lane", "epoch", "seq", "run", "at", "mono", "clock", "txn", "kind", "event", "facts", "prev", "hash",
	}, pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
		r := &rows[i]
		return []any{month, r.Store, r.Lane, r.Epoch, r.Seq, r.Run, r.At, r.Mono, r.Clock, r.Txn, r.Kind, r.Event, r.Facts, r.Prev, r.Hash}, nil
	}))
	return err
}
