// Package tickets knows which lane has taken a parked basket up. What is in the
// basket it does not know: that stands in the rows of the lane that parked it.
//
// Its one rule: a basket belongs to the first lane that asked, durably before it
// hears so, and to no other, unless that lane is known to have left it alone.
package tickets

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
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
`, `ALTER TABLE taken ADD COLUMN seen INTEGER NOT NULL DEFAULT 0; -- the rows of who took it up say so`}}
}

// rest is how long a lane that was given a basket has before another may be: an
// answer is waited for two seconds, and is in the lane's journal soon after.
const rest = 5 * time.Minute

// Sales are the lanes' rows.
type Sales interface {
	// Parked returns the rows of the newest transaction of a lane with this number,
	// none where it was not parked, and the journals whose rows say that they have
	// taken it up since.
	Parked(ctx context.Context, store, lane string, number int64) (rows []wire.Row, takers []wire.Journal, err error)
	// Gone reports whether a transaction of a journal was here and has reached its age.
	Gone(ctx context.Context, store, lane, epoch string, number int64) (bool, error)
	// LeftAlone reports whether a lane's journal is here as far as the lane had
	// written it at a moment after at, and no row of it took the parked basket up.
	LeftAlone(ctx context.Context, parked wire.Row, lane, epoch string, at time.Time) (bool, error)
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
	b := &Book{db, store, sales, now}
	if err := b.forget(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return b, nil
}

// forget lets go of baskets whose rows were here and have reached their age: nobody
// can be given those any more. No clock says so, for one that was wrong for a moment
// would give away what another has paid for.
func (b *Book) forget(ctx context.Context) error {
	all, err := (&Reader{b.db}).Taken(ctx)
	if err != nil {
		return err
	}
	for t := range all {
		gone, err := b.sales.Gone(ctx, b.store, t.Lane, t.Epoch, t.Number)
		if err == nil && gone {
			_, err = b.db.Writer().ExecContext(ctx, `DELETE FROM taken WHERE lane = ? AND epoch = ? AND number = ?`, t.Lane, t.Epoch, t.Number)
		}
		if err != nil {
			return fmt.Errorf("tickets: %w", err)
		}
	}
	return nil
}

// Close closes the book.
func (b *Book) Close() error { return b.db.Close() }

// Take gives the basket of a ticket to a lane, once; the same journal of the same
// lane gets it again. Where the one that was given it has left it alone, refused it
// at the last moment or never heard the answer, it goes to the one that asks.
func (b *Book) Take(ctx context.Context, lane string, t wire.Take) (wire.Taken, error) {
	rows, takers, err := b.sales.Parked(ctx, b.store, t.Lane, t.Number)
	switch {
	case err != nil:
		return wire.Taken{}, fmt.Errorf("tickets: %w", err)
	case len(rows) == 0 || b.old(rows[len(rows)-1]):
		return wire.Taken{Why: wire.TakeUnknown}, nil
	case len(takers) > 0 && !slices.Contains(takers, wire.Journal{Store: b.store, Lane: lane, Epoch: t.Epoch}):
		return wire.Taken{Why: wire.TakeTaken, By: takers[0].Lane}, nil // whatever the book has, or had
	}
	by, epoch, err := b.note(ctx, rows[0], lane, t.Epoch)
	if err == nil {
		by, epoch, err = b.move(ctx, rows[0], by, epoch, lane, t.Epoch)
	}
	if err != nil {
		return wire.Taken{}, err
	}
	if by != lane || epoch != t.Epoch {
		return wire.Taken{Why: wire.TakeTaken, By: by}, nil
	}
	if lane == t.Lane && t.Epoch == rows[0].Epoch {
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
	if len(rows) == 0 {
		return "", nil
	}
	by, byEpoch, err := b.note(ctx, rows[0], lane, epoch)
	if err != nil {
		return "", err
	}
	if by != lane || byEpoch != epoch {
		return by, nil
	}
	_, err = b.db.Writer().ExecContext(ctx, `UPDATE taken SET seen = 1 WHERE lane = ? AND epoch = ? AND number = ? AND by_lane = ? AND by_epoch = ?`,
		rows[0].Lane, rows[0].Epoch, rows[0].Txn, by, byEpoch)
	if err != nil {
		return "", fmt.Errorf("tickets: %w", err)
	}
	return "", nil
}

// move gives a basket to the lane that asks, if who has it left it alone, and
// returns who has it now. Who has it and asks again has its time from now on. If it
// took it up all the same, its rows say so and people are told.
func (b *Book) move(ctx context.Context, parked wire.Row, by, byEpoch, lane, epoch string) (nowBy, nowEpoch string, err error) {
	var given string
	var seen bool
	err = b.db.Writer().QueryRowContext(ctx, `SELECT at, seen FROM taken WHERE lane = ? AND epoch = ? AND number = ?`,
		parked.Lane, parked.Epoch, parked.Txn).Scan(&given, &seen)
	if err != nil {
		return "", "", fmt.Errorf("tickets: %w", err)
	}
	if seen {
		return by, byEpoch, nil
	}
	if by != lane || byEpoch != epoch {
		at, err := time.Parse(time.RFC3339, given)
		if err != nil {
			return "", "", fmt.Errorf("tickets: %w", err)
		}
		if at.After(b.now()) { // given by a clock that was ahead: it has its time from now on
			lane, epoch = by, byEpoch
		} else if alone, err := b.sales.LeftAlone(ctx, parked, by, byEpoch, at.Add(rest)); err != nil || !alone {
			return by, byEpoch, err
		}
	}
	// Asked again or seen meanwhile, it stays where it is.
	w := b.db.Writer()
	if _, err = w.ExecContext(ctx, `UPDATE taken SET by_lane = ?, by_epoch = ?, at = ? WHERE lane = ? AND epoch = ? AND number = ?
		AND by_lane = ? AND by_epoch = ? AND at = ? AND seen = 0`, lane, epoch, b.now().UTC().Format(time.RFC3339),
		parked.Lane, parked.Epoch, parked.Txn, by, byEpoch, given); err == nil {
		err = w.QueryRowContext(ctx, `SELECT by_lane, by_epoch FROM taken WHERE lane = ? AND epoch = ? AND number = ?`,
			parked.Lane, parked.Epoch, parked.Txn).Scan(&nowBy, &nowEpoch)
	}
	if err != nil {
		return "", "", fmt.Errorf("tickets: %w", err)
	}
	return nowBy, nowEpoch, nil
}

// note gives a basket to a lane unless somebody has it, and returns who has it.
func (b *Book) note(ctx context.Context, parked wire.Row, lane, epoch string) (by, byEpoch string, err error) {
	w := b.db.Writer()
	if _, err = w.ExecContext(ctx, `INSERT INTO taken (lane, epoch, number, by_lane, by_epoch, at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, parked.Lane, parked.Epoch, parked.Txn, lane, epoch, b.now().UTC().Format(time.RFC3339)); err == nil {
		err = w.QueryRowContext(ctx, `SELECT by_lane, by_epoch FROM taken WHERE lane = ? AND epoch = ? AND number = ?`,
			parked.Lane, parked.Epoch, parked.Txn).Scan(&by, &byEpoch)
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
