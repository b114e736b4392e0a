// Package outbox remembers how far the next hop has a lane's journal. The rows
// themselves lie in the journal: what stands after the mark is what must still
// be confirmed. It is not for sending, which package uplink does.
//
// Its one rule: only what the last keeper has confirmed counts as confirmed, and
// a keeper that says less than it did has less than it had.
package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"kassa/store/sqlite"
	"kassa/store/wire"
)

// FileName is the outbox' database in the lane's data folder.
const FileName = "outbox.db"

func schema() sqlite.Schema {
	return sqlite.Schema{Name: "outbox", AppID: 0x6b734f31 /* "ksO1" */, Migrations: []string{`
CREATE TABLE mark (                -- one row a journal: what its keeper has
	epoch  TEXT PRIMARY KEY,
	seq    INTEGER NOT NULL,
	hash   TEXT NOT NULL,
	keeper TEXT NOT NULL,
	at     TEXT NOT NULL           -- when it said so
) STRICT, WITHOUT ROWID;
`}}
}

// A Box is an open outbox.
type Box struct{ db *sqlite.DB }

// Open opens the outbox in the lane's data folder, or makes an empty one.
func Open(ctx context.Context, dir string) (*Box, error) {
	db, err := sqlite.Open(ctx, filepath.Join(dir, FileName), schema())
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	return &Box{db}, nil
}

// Close closes the outbox.
func (b *Box) Close() error { return b.db.Close() }

// Mark returns what the keeper has of a journal, the zero Mark if nothing.
func (b *Box) Mark(ctx context.Context, epoch string) (wire.Mark, error) {
	m := wire.Mark{Epoch: epoch}
	err := b.db.Reader().QueryRowContext(ctx, `SELECT seq, hash, keeper FROM mark WHERE epoch = ?`, epoch).Scan(&m.Seq, &m.Hash, &m.Keeper)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return m, fmt.Errorf("outbox: %w", err)
	}
	return m, nil
}

// Set keeps what the keeper says it has, be it more or less than before.
func (b *Box) Set(ctx context.Context, m wire.Mark, now time.Time) error {
	_, err := b.db.Writer().ExecContext(ctx, `INSERT INTO mark (epoch, seq, hash, keeper, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (epoch) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, keeper = excluded.keeper, at = excluded.at
		WHERE excluded.seq <> mark.seq OR excluded.hash <> mark.hash`,
		m.Epoch, m.Seq, m.Hash, m.Keeper, now.Format(time.RFC3339Nano))
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}
