package enrol

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"kassa/store/sqlite"
	"kassa/store/wire"
)

// FileName is the database of lanes in the hub's folder.
const FileName = "lanes.db"

// CodeLife is how long a one-time code is good.
const CodeLife = 10 * time.Minute

// alphabet is what codes are made of: no letter that looks like a figure.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLength is the length of a code's secret part, 50 bits.
const codeLength = 10

func schema() sqlite.Schema {
	return sqlite.Schema{Name: "lanes", AppID: 0x6b734c31 /* "ksL1" */, Migrations: []string{`
CREATE TABLE lane (
	id          TEXT PRIMARY KEY,
	key         TEXT NOT NULL,       -- public half; '': not enrolled
	added_at    TEXT NOT NULL,
	enrolled_at TEXT NOT NULL,       -- '': not yet
	removed_at  TEXT NOT NULL,       -- '': it belongs here
	heard_at    TEXT NOT NULL,       -- last sign of life, to the minute
	mode        TEXT NOT NULL        -- as it said then
) STRICT, WITHOUT ROWID;
CREATE TABLE code (                   -- at most one a lane
	lane    TEXT PRIMARY KEY,
	hash    TEXT NOT NULL,
	expires INTEGER NOT NULL          -- Unix ms
) STRICT, WITHOUT ROWID;
CREATE TABLE revoked (                -- keys that open nothing any more
	key     TEXT PRIMARY KEY,
	at      TEXT NOT NULL,
	applied INTEGER NOT NULL          -- the broker knows
) STRICT, WITHOUT ROWID;
CREATE TABLE list (                   -- what lanes have been sent, by name
	name    TEXT PRIMARY KEY,
	sum     TEXT NOT NULL,
	version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`}}
}

// Errors that a caller may test for.
var (
	ErrCode    = errors.New("no such code, or it is too old, or another lane's")
	ErrUnknown = errors.New("no such lane here")
	ErrName    = errors.New("a lane's name is 1 to 32 of a-z, 0-9 and -")
)

// A Lane is one that belongs to the store, or did.
type Lane struct {
	ID         string    `json:"id"`
	Key        string    `json:"key,omitempty"`
	AddedAt    time.Time `json:"added_at"`
	EnrolledAt time.Time `json:"enrolled_at,omitzero"`
	RemovedAt  time.Time `json:"removed_at,omitzero"`
	HeardAt    time.Time `json:"heard_at,omitzero"`
	Mode       string    `json:"mode,omitempty"`
}

// A Book is the list of lanes. Several processes may have it open.
type Book struct {
	db  *sqlite.DB
	now func() time.Time
}

// Open opens the list in the hub's folder, or begins one.
func Open(ctx context.Context, dir string, now func() time.Time) (*Book, error) {
	db, err := sqlite.Open(ctx, filepath.Join(dir, FileName), schema())
	if err != nil {
		return nil, fmt.Errorf("lanes: %w", err)
	}
	return &Book{db, now}, nil
}

// Close closes the list.
func (b *Book) Close() error { return b.db.Close() }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// within runs f in one transaction.
func (b *Book) within(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := b.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after the commit it does nothing
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// Add puts a lane on the list and returns a code for it; a code it had before is
// good no more.
func (b *Book) Add(ctx context.Context, lane string) (code string, err error) {
	if !wire.Token(lane) {
		return "", fmt.Errorf("lane %q: %w", lane, ErrName)
	}
	raw := make([]byte, codeLength)
	_, _ = rand.Read(raw) // never fails
	for i := range raw {
		raw[i] = alphabet[raw[i]&31]
	}
	now := b.now()
	err = b.within(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO lane (id, key, added_at, enrolled_at, removed_at, heard_at, mode)
			VALUES (?, '', ?, '', '', '', '') ON CONFLICT (id) DO NOTHING`, lane, stamp(now))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO code (lane, hash, expires) VALUES (?, ?, ?)
			ON CONFLICT (lane) DO UPDATE SET hash = excluded.hash, expires = excluded.expires`,
			lane, hashOf(string(raw)), now.Add(CodeLife).UnixMilli())
		return err
	})
	if err != nil {
		return "", fmt.Errorf("lane %s: %w", lane, err)
	}
	return string(raw), nil
}

func hashOf(code string) string {
	sum := sha256.Sum256([]byte("kassa-enrol-1 " + code))
	return hex.EncodeToString(sum[:])
}

// Redeem takes a code for a lane's key. The code is used up with it; a key that
// the lane had before is revoked.
func (b *Book) Redeem(ctx context.Context, e wire.Enrol) error {
	now := b.now()
	return b.within(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `DELETE FROM code WHERE lane = ? AND hash = ? AND expires >= ?`, e.Lane, hashOf(e.Code), now.UnixMilli())
		if err != nil {
			return fmt.Errorf("lane %q: %w", e.Lane, err)
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, ErrCode)
		}
		if err := revoke(ctx, tx, e.Lane, now); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE lane SET key = ?, enrolled_at = ?, removed_at = '' WHERE id = ?`, e.Key, stamp(now), e.Lane)
		return err
	})
}

// revoke notes the key that a lane has as one that opens nothing.
func revoke(ctx context.Context, tx *sql.Tx, lane string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO revoked (key, at, applied) SELECT key, ?, 0 FROM lane WHERE id = ? AND key <> ''
		ON CONFLICT DO NOTHING`, stamp(now), lane)
	if err != nil {
		return fmt.Errorf("lane %s: %w", lane, err)
	}
	return nil
}

// Remove takes a lane off the list: its key opens nothing any more, its code
// neither. What it sold stays.
func (b *Book) Remove(ctx context.Context, lane string) error {
	now := b.now()
	return b.within(ctx, func(tx *sql.Tx) error {
		if err := revoke(ctx, tx, lane, now); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `UPDATE lane SET key = '', removed_at = ? WHERE id = ? AND removed_at = ''`, stamp(now), lane)
		if err != nil {
			return fmt.Errorf("lane %s: %w", lane, err)
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("lane %q: %w", lane, errors.Join(err, ErrUnknown))
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM code WHERE lane = ?`, lane)
		return err
	})
}

// List returns every lane in order of its name, those that were removed too.
func (b *Book) List(ctx context.Context) (all []Lane, err error) {
	rows, err := b.db.Reader().QueryContext(ctx, `SELECT id, key, added_at, enrolled_at, removed_at, heard_at, mode FROM lane ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("lanes: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var l Lane
		var times [4]string
		if err := rows.Scan(&l.ID, &l.Key, &times[0], &times[1], &times[2], &times[3], &l.Mode); err != nil {
			return nil, fmt.Errorf("lanes: %w", err)
		}
		for i, into := range []*time.Time{&l.AddedAt, &l.EnrolledAt, &l.RemovedAt, &l.HeardAt} {
			if times[i] == "" {
				continue
			}
			if *into, err = time.Parse(time.RFC3339, times[i]); err != nil {
				return nil, fmt.Errorf("lanes: %s: %w", l.ID, err)
			}
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

// Key returns the public key of a lane that belongs here.
func (b *Book) Key(ctx context.Context, lane string) (string, error) {
	var key string
	err := b.db.Reader().QueryRowContext(ctx, `SELECT key FROM lane WHERE id = ? AND key <> '' AND removed_at = ''`, lane).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("lane %s: %w", lane, ErrUnknown)
	}
	if err != nil {
		return "", fmt.Errorf("lane %s: %w", lane, err)
	}
	return key, nil
}

// Heard keeps when a lane was last heard of, and in what mode: a hub that
// starts anew must miss one that went meanwhile.
func (b *Book) Heard(ctx context.Context, lane, mode string, at time.Time) error {
	_, err := b.db.Writer().ExecContext(ctx, `UPDATE lane SET heard_at = ?, mode = ? WHERE id = ?`, stamp(at), mode, lane)
	if err != nil {
		return fmt.Errorf("lane %s: %w", lane, err)
	}
	return nil
}

// Revoke hands each key that the broker does not know as revoked to f, and notes
// those that it took.
func (b *Book) Revoke(ctx context.Context, f func(key string, at time.Time) error) (n int, err error) {
	rows, err := b.db.Reader().QueryContext(ctx, `SELECT key, at FROM revoked WHERE NOT applied`)
	if err != nil {
		return 0, fmt.Errorf("lanes: revoked: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var key, text string
		if err := rows.Scan(&key, &text); err != nil {
			return n, fmt.Errorf("lanes: revoked: %w", err)
		}
		at, err := time.Parse(time.RFC3339, text)
		if err == nil {
			err = f(key, at.Add(time.Second)) // a user signed in the same second is refused too
		}
		if err == nil {
			_, err = b.db.Writer().ExecContext(ctx, `UPDATE revoked SET applied = 1 WHERE key = ?`, key)
		}
		if err != nil {
			return n, fmt.Errorf("lanes: revoked: %w", err)
		}
		n++
	}
	return n, rows.Err()
}

// Version returns the number of a list that lanes are sent: one more than before
// when its content has another sum.
func (b *Book) Version(ctx context.Context, name, sum string) (version int64, err error) {
	err = b.within(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `INSERT INTO list (name, sum, version) VALUES (?1, ?2, 1) ON CONFLICT (name) DO UPDATE
			SET version = version + (sum <> ?2), sum = ?2 RETURNING version`, name, sum).Scan(&version)
	})
	if err != nil {
		return 0, fmt.Errorf("list %s: %w", name, err)
	}
	return version, nil
}
