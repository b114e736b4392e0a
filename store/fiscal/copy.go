package fiscal

import (
	"context"
	"database/sql"
	"fmt"

	"kassa/store/journal"
)

// A Copied says that a closed day is about to be printed again.
type Copied struct {
	Z    int64 `json:"z"`
	Copy int64 `json:"copy"` // 1 is the first after the original
}

// Copies is how many copies of a Z were printed, or begun, so far.
func Copies(ctx context.Context, r *journal.Reader, z int64) (n int64, err error) {
	err = r.Ask(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT coalesce(max(event ->> 'copy'), 0) FROM event
			WHERE kind = 'day-copy' AND event ->> 'z' = ?`, z).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("copies of day %d: %w", z, err)
	}
	return n, nil
}

// Copy writes down that a Z is about to be printed again, and returns the number
// that this copy bears.
func Copy(ctx context.Context, w Writing, z int64) (int64, error) {
	n, err := Copies(ctx, &w.Journal.Reader, z)
	if err != nil {
		return 0, err
	}
	n++
	_, err = w.put(ctx, KindCopy, Copied{Z: z, Copy: n})
	return n, err
}
