package members

import (
	"context"
	"crypto/rand"
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

// keyedV3 says of which rows the salt alone is not the key of the hash: what an
// older hub wrote can be guessed from its row until its age takes it out.
const keyedV3 = `
ALTER TABLE forgotten ADD COLUMN keyed INTEGER NOT NULL DEFAULT 0; -- the hash's key is made of the salt and the hub's
`

// forgottenFor is how long lanes are told. A lane that is away for longer has let
// the value go by its own age, unless its store keeps people for longer still.
const forgottenFor = 90 * 24 * time.Hour

// noteForgotten notes a number for the lanes to forget.
func (l *List) noteForgotten(ctx context.Context, tx *sql.Tx, number string, now time.Time) error {
	salt := rand.Text()
	f := wire.NewForgotten(l.keyOf(salt), number)
	_, err := tx.ExecContext(ctx, `INSERT INTO forgotten (salt, hash, at, keyed) VALUES (?, ?, ?, 1)`,
		salt, f.Hash, now.UTC().Format(time.RFC3339))
	return err
}

// keyOf is the key under which the number of one row is hidden. A lane that is told
// has to have it; the database has it not.
func (l *List) keyOf(salt string) string { return l.hash("forgotten " + salt) }

// Prune lets go of whom lanes have been told of for long enough, and of members'
// calls from before a day, YYYY-MM-DD; "" keeps those.
func (l *List) Prune(ctx context.Context, now time.Time, day string) error {
	_, err := l.db.Writer().ExecContext(ctx, `DELETE FROM forgotten WHERE at < ?`, now.Add(-forgottenFor).UTC().Format(time.RFC3339))
	if err == nil {
		_, err = l.db.Writer().ExecContext(ctx, `DELETE FROM visit WHERE at < ?`, day)
	}
	if err != nil {
		return fmt.Errorf("members: prune: %w", err)
	}
	return nil
}

// Forgotten returns whom a lane has to forget that has confirmed all up to serial
// after: the next of them, and the serial of the last. None: it knows all.
func (l *List) Forgotten(ctx context.Context, after int64) (whom []wire.Forgotten, serial int64, err error) {
	rows, err := l.db.Reader().QueryContext(ctx, `SELECT serial, salt, hash, keyed FROM forgotten WHERE serial > ? ORDER BY serial LIMIT ?`, after, wire.MaxForget)
	if err != nil {
		return nil, after, fmt.Errorf("members: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	serial = after
	for rows.Next() {
		var f wire.Forgotten
		var keyed bool
		if err := rows.Scan(&serial, &f.Salt, &f.Hash, &keyed); err != nil {
			return nil, after, fmt.Errorf("members: %w", err)
		}
		if keyed {
			f.Salt = l.keyOf(f.Salt)
		}
		whom = append(whom, f)
	}
	return whom, serial, rows.Err()
}
