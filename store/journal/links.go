package journal

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Refunds returns the numbers of the transactions after number that give money
// back, of whichever sale, in order.
func (r *Reader) Refunds(ctx context.Context, number int64) (all []int64, err error) {
	rows, err := r.db.Reader().QueryContext(ctx,
		`SELECT number FROM derived_txn WHERE number > ? AND total_minor < 0 ORDER BY number`, number)
	if err != nil {
		return nil, fmt.Errorf("journal %s: refunds after %d: %w", r.db.Path(), number, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// Recalled reports whether the parked transaction id, of whichever lane, has been
// taken up by another of this journal.
func (r *Reader) Recalled(ctx context.Context, id string) (taken bool, err error) {
	err = r.db.Reader().QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM derived_txn WHERE recalled = ?)`, id).Scan(&taken)
	if err != nil {
		return false, fmt.Errorf("journal %s: what took up %s: %w", r.db.Path(), id, err)
	}
	return taken, nil
}

// Naming returns the ids of the transactions whose records name a handle that
// stands for somebody, in order.
func (r *Reader) Naming(ctx context.Context, handle string) (ids []string, err error) {
	like := `%"` + strings.NewReplacer("%", "", "_", "").Replace(handle) + `"%`
	rows, err := r.db.Reader().QueryContext(ctx, `SELECT id FROM derived_txn WHERE number IN
		(SELECT txn FROM record WHERE event LIKE ?1 OR facts LIKE ?1) ORDER BY number`, like)
	if err != nil {
		return nil, fmt.Errorf("journal %s: what names a handle: %w", r.db.Path(), err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
