package members

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kassa/store/wire"
)

// forgottenV2 keeps whom the lanes have to forget. AUTOINCREMENT: a serial that a
// lane has confirmed never stands for somebody else.
const forgottenV2 = `
CREATE TABLE forgotten (
	serial INTEGER PRIMARY KEY AUTOINCREMENT,
	salt   TEXT NOT NULL,  -- random
	hash   TEXT NOT NULL,  -- HMAC-SHA256 of the number under the salt, hex
	at     TEXT NOT NULL
) STRICT;
`

// forgottenFor is how long lanes are told. A lane that is away for longer has let
// the value go by its own age, unless its store keeps people for longer still.
const forgottenFor = 90 * 24 * time.Hour

// noteForgotten notes a number for the lanes to forget, and drops what is old.
func noteForgotten(ctx context.Context, tx *sql.Tx, number string, now time.Time) error {
	f := wire.NewForgotten(number)
	if _, err := tx.ExecContext(ctx, `INSERT INTO forgotten (salt, hash, at) VALUES (?, ?, ?)`,
		f.Salt, f.Hash, now.UTC().Format(time.RFC3339)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM forgotten WHERE at < ?`, now.Add(-forgottenFor).UTC().Format(time.RFC3339))
	return err
}

// Forgotten returns whom a lane has to forget that has confirmed all up to serial
// after: the next of them, and the serial of the last. None: it knows all.
func (l *List) Forgotten(ctx context.Context, after int64) (whom []wire.Forgotten, serial int64, err error) {
	rows, err := l.db.Reader().QueryContext(ctx, `SELECT serial, salt, hash FROM forgotten WHERE serial > ? ORDER BY serial LIMIT ?`, after, wire.MaxForget)
	if err != nil {
		return nil, after, fmt.Errorf("members: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	serial = after
	for rows.Next() {
		var f wire.Forgotten
		if err := rows.Scan(&serial, &f.Salt, &f.Hash); err != nil {
			return nil, after, fmt.Errorf("members: %w", err)
		}
		whom = append(whom, f)
	}
	return whom, serial, rows.Err()
}
