package keeper

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"kassa/store/sqlite"
	"kassa/store/wire"
)

// positionSchema is what came with the second version: how far the stream that
// brings the rows has been read. It lies in the keeper's own database so that a
// copy that is put back knows what it has read, and no more.
const positionSchema = `
CREATE TABLE position (
	stream  TEXT PRIMARY KEY,
	created TEXT NOT NULL,     -- when the stream was made: one of the same name may be another
	seq     INTEGER NOT NULL   -- number in the stream
) STRICT, WITHOUT ROWID;
`

// A Position is how far a stream has been read.
type Position struct {
	Stream  string
	Created time.Time // of the stream, for one made anew begins at 1 again
	Seq     uint64
}

// A Stray is a message that is no row of the lane it came from.
type Stray struct {
	Store, Lane string // as the subject says, which the server has checked
	Why         string
	Data        []byte
}

// A Load is a batch as a stream brings it.
type Load struct {
	Rows     []wire.Row
	Strays   []Stray
	Position Position // after it; the zero Position: of no stream
}

// Position returns how far a stream has been read.
func (k *Keeper) Position(ctx context.Context, stream string) (Position, error) {
	p := Position{Stream: stream}
	var created string
	err := k.db.Reader().QueryRowContext(ctx, `SELECT created, seq FROM position WHERE stream = ?`, stream).Scan(&created, &p.Seq)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	if err == nil {
		p.Created, err = time.Parse(time.RFC3339Nano, created)
	}
	if err != nil {
		return p, fmt.Errorf("keeper: position: %w", err)
	}
	return p, nil
}

// moveTo keeps how far the stream has been read, with what was read from it.
func (b *batch) moveTo(ctx context.Context, p Position) error {
	if p.Stream == "" {
		return nil
	}
	return b.exec(ctx, `INSERT INTO position (stream, created, seq) VALUES (?, ?, ?)
		ON CONFLICT (stream) DO UPDATE SET created = excluded.created, seq = excluded.seq`,
		p.Stream, p.Created.UTC().Format(time.RFC3339Nano), int64(p.Seq)) //nolint:gosec // no stream is that long
}

// maxStray bounds what is kept of a message that makes no sense, in bytes.
const maxStray = 4 << 10

// stray puts a message into quarantine that is no row at all.
func (b *batch) stray(ctx context.Context, s Stray) error {
	sum := sha256.Sum256(s.Data)
	text := strings.ToValidUTF8(string(s.Data[:min(len(s.Data), maxStray)]), "\uFFFD")
	key := wire.Key{Store: s.Store, Lane: s.Lane}
	return b.quarantine(ctx, key, hex.EncodeToString(sum[:]), s.Why, text)
}

// OpenReader opens the copy for reading alone, beside a hub that runs.
func OpenReader(ctx context.Context, dir string) (*Keeper, error) {
	db, err := sqlite.OpenReadOnly(ctx, filepath.Join(dir, FileName), schema())
	if err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	return &Keeper{db: db, now: time.Now}, nil
}

// Backup copies the database to a file that must not exist, while the hub runs.
func (k *Keeper) Backup(ctx context.Context, path string) error { return k.db.Backup(ctx, path) }
