// Package tickets knows which lane has taken a parked basket up. What is in the
// basket it does not know: that stands in the rows of the lane that parked it.
//
// Its one rule: a basket belongs to the first lane that asked, durably before it
// hears so, and to no other.
package tickets

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"kassa/store/sqlite"
	"kassa/store/wire"
)

// FileName is the database in the hub's folder.
const FileName = "tickets.db"

func schema() sqlite.Schema {
	return sqlite.Schema{Name: "tickets", AppID: 0x6b735431 /* "ksT1" */, Migrations: []string{`
CREATE TABLE taken (
	lane     TEXT NOT NULL,    -- that parked it
	epoch    TEXT NOT NULL,    -- of its journal
	number   INTEGER NOT NULL, -- of the parked transaction
	by_lane  TEXT NOT NULL,    -- that took it up
	by_epoch TEXT NOT NULL,
	at       TEXT NOT NULL,
	PRIMARY KEY (lane, epoch, number)
) STRICT, WITHOUT ROWID;
`}}
}

// Sales are the lanes' rows.
type Sales interface {
	// Parked returns the rows of the newest transaction of a lane with this number,
	// none where it was not parked; taken says that the lane itself has taken it up
	// since.
	Parked(ctx context.Context, store, lane string, number int64) (rows []wire.Row, taken bool, err error)
}

// A Book is which lane has which basket.
type Book struct {
	db    *sqlite.DB
	store string
	sales Sales
	now   func() time.Time
}

// Open opens the book of a store in the hub's folder, or begins one.
func Open(ctx context.Context, dir, store string, sales Sales, now func() time.Time) (*Book, error) {
	db, err := sqlite.Open(ctx, filepath.Join(dir, FileName), schema())
	if err != nil {
		return nil, fmt.Errorf("tickets: %w", err)
	}
	return &Book{db, store, sales, now}, nil
}

// Close closes the book.
func (b *Book) Close() error { return b.db.Close() }

// Take gives the basket of a ticket to a lane, once; the same journal of the same
// lane gets it again.
func (b *Book) Take(ctx context.Context, lane string, t wire.Take) (wire.Taken, error) {
	rows, taken, err := b.sales.Parked(ctx, b.store, t.Lane, t.Number)
	switch {
	case err != nil:
		return wire.Taken{}, fmt.Errorf("tickets: %w", err)
	case len(rows) == 0 || b.old(rows[len(rows)-1]):
		return wire.Taken{Why: wire.TakeUnknown}, nil
	case taken && lane != t.Lane:
		return wire.Taken{Why: wire.TakeTaken, By: t.Lane}, nil
	}
	by, epoch, err := b.note(ctx, rows[0], lane, t.Epoch)
	if err != nil {
		return wire.Taken{}, err
	}
	if by != lane || epoch != t.Epoch {
		return wire.Taken{Why: wire.TakeTaken, By: by}, nil
	}
	if lane == t.Lane {
		return wire.Taken{}, nil // it has its own rows
	}
	packed, err := wire.PackRows(rows)
	return wire.Taken{Rows: packed}, err
}

// Seen hears that a journal of a lane has taken a basket up, as its rows say it. It
// returns which lane has the same one by another journal, "" for none: a lane that
// was cut off may have given back its own while another had it.
func (b *Book) Seen(ctx context.Context, lane, epoch, parkedAt string, number int64) (other string, err error) {
	rows, _, err := b.sales.Parked(ctx, b.store, parkedAt, number)
	if err != nil {
		return "", fmt.Errorf("tickets: %w", err)
	}
	if len(rows) == 0 || b.old(rows[len(rows)-1]) {
		return "", nil
	}
	by, byEpoch, err := b.note(ctx, rows[0], lane, epoch)
	if err != nil || by == lane && byEpoch == epoch {
		return "", err
	}
	return by, nil
}

// note gives a basket to a lane unless somebody has it, and returns who has it.
// What is too old to matter goes.
func (b *Book) note(ctx context.Context, parked wire.Row, lane, epoch string) (by, byEpoch string, err error) {
	now := b.now().UTC()
	w := b.db.Writer()
	if _, err = w.ExecContext(ctx, `INSERT INTO taken (lane, epoch, number, by_lane, by_epoch, at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, parked.Lane, parked.Epoch, parked.Txn, lane, epoch, now.Format(time.RFC3339)); err == nil {
		err = w.QueryRowContext(ctx, `SELECT by_lane, by_epoch FROM taken WHERE lane = ? AND epoch = ? AND number = ?`,
			parked.Lane, parked.Epoch, parked.Txn).Scan(&by, &byEpoch)
	}
	if err == nil {
		_, err = w.ExecContext(ctx, `DELETE FROM taken WHERE at < ?`, now.Add(-2*Kept).Format(time.RFC3339))
	}
	if err != nil {
		return "", "", fmt.Errorf("tickets: %w", err)
	}
	return by, byEpoch, nil
}

// old reports whether a basket was parked so long ago that nobody takes it up. A
// lane whose clock was not set cannot tell.
func (b *Book) old(parked wire.Row) bool {
	at, err := time.Parse(time.RFC3339Nano, parked.At)
	return err == nil && parked.Clock == "synced" && b.now().Sub(at) > Kept
}
