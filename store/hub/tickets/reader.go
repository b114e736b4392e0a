package tickets

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"kassa/store/sqlite"
)

// Kept is how long a ticket is good: a lane keeps a sale as long by default.
const Kept = 35 * 24 * time.Hour

// A Reader only reads which lane has which basket, beside a hub that may run.
type Reader struct{ db *sqlite.DB }

// OpenReader opens the book in the hub's folder.
func OpenReader(ctx context.Context, dir string) (*Reader, error) {
	db, err := sqlite.OpenReadOnly(ctx, filepath.Join(dir, FileName), schema())
	if err != nil {
		return nil, fmt.Errorf("tickets: %w", err)
	}
	return &Reader{db}, nil
}

// Close closes the book.
func (r *Reader) Close() error { return r.db.Close() }

// A Basket is a parked one: the transaction of a lane's journal.
type Basket struct {
	Lane   string
	Epoch  string
	Number int64
}

// A Holder has a basket.
type Holder struct {
	Lane string    // that took it up
	At   time.Time // when the hub gave it, or heard of it
}

// Taken returns who has which basket.
func (r *Reader) Taken(ctx context.Context) (all map[Basket]Holder, err error) {
	rows, err := r.db.Reader().QueryContext(ctx, `SELECT lane, epoch, number, by_lane, at FROM taken`)
	if err != nil {
		return nil, fmt.Errorf("tickets: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	all = map[Basket]Holder{}
	for rows.Next() {
		var b Basket
		var h Holder
		var at string
		if err := rows.Scan(&b.Lane, &b.Epoch, &b.Number, &h.Lane, &at); err != nil {
			return nil, fmt.Errorf("tickets: %w", err)
		}
		if h.At, err = time.Parse(time.RFC3339, at); err != nil {
			return nil, fmt.Errorf("tickets: basket %d of lane %s: %w", b.Number, b.Lane, err)
		}
		all[b] = h
	}
	return all, rows.Err()
}

// SaleOf takes the id of a sale of a store apart: STORE-LANE-NUMBER, in letters of
// either size.
func SaleOf(store, id string) (lane string, number int64, ok bool) {
	rest, ok := strings.CutPrefix(strings.ToLower(id), strings.ToLower(store)+"-")
	i := strings.LastIndexByte(rest, '-')
	if !ok || i <= 0 {
		return "", 0, false
	}
	number, err := strconv.ParseInt(rest[i+1:], 10, 64)
	return rest[:i], number, err == nil && number > 0
}
