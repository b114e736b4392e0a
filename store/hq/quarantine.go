package hq

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kassa/store/wire"
)

// maxQuarantine bounds what one lane may leave in quarantine, in rows: a lane that
// talks nonsense must not fill the disk.
const maxQuarantine = 10_000

// fullNotes is how many notes of a full quarantine have room beside it: one a day,
// for years.
const fullNotes = 1000

// maxStray bounds what is kept of a message that makes no sense, in bytes.
const maxStray = 4 << 10

// writer is a transaction or the pool.
type writer interface {
	rower
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// quarantine keeps what was refused, and returns what is new in it. The same once
// more is nothing new. Where there is no room for it, that is noted, once a day.
func (h *HQ) quarantine(ctx context.Context, w writer, key wire.Key, hash, why, text string) ([]Alarm, error) {
	put, err := aside(ctx, w, key, hash, why, text, h.room)
	if err != nil {
		return nil, err
	}
	if put {
		return []Alarm{{key, why}}, nil
	}
	var known int
	err = w.QueryRow(ctx, `SELECT 1 FROM quarantine WHERE (store, lane, epoch, seq, hash, why) = ($1, $2, $3, $4, $5, $6)`,
		clean(key.Store), clean(key.Lane), clean(key.Epoch), key.Seq, clean(hash), clean(why)).Scan(&known)
	if !errors.Is(err, pgx.ErrNoRows) {
		return nil, err
	}
	note := Alarm{wire.Key{Store: key.Store, Lane: key.Lane}, fmt.Sprintf("its quarantine is full at %d: what is refused since %s is not kept",
		h.room, h.now().UTC().Format(time.DateOnly))}
	if put, err = aside(ctx, w, note.Key, "", note.Why, "", h.room+fullNotes); put {
		return []Alarm{note}, nil
	}
	return nil, err
}

// aside puts a row into quarantine if there is room and it is not there yet.
func aside(ctx context.Context, w writer, key wire.Key, hash, why, text string, room int) (put bool, err error) {
	tag, err := w.Exec(ctx, `INSERT INTO quarantine (store, lane, epoch, seq, hash, why, row)
		SELECT $1::text, $2::text, $3::text, $4::bigint, $5::text, $6::text, $7::text
		WHERE (SELECT count(*) FROM quarantine WHERE store = $1 AND lane = $2) < $8 ON CONFLICT DO NOTHING`,
		clean(key.Store), clean(key.Lane), clean(key.Epoch), key.Seq, clean(hash), clean(why), clean(text), room)
	return tag.RowsAffected() > 0, err
}

// Aside puts what is no row at all into quarantine. After an error it is not
// there, and must come again.
func (h *HQ) Aside(ctx context.Context, store, lane, why string, data []byte) error {
	sum := sha256.Sum256(data)
	alarms, err := h.quarantine(ctx, h.pool, wire.Key{Store: store, Lane: lane}, hex.EncodeToString(sum[:]), why, string(data[:min(len(data), maxStray)]))
	if err != nil {
		return fmt.Errorf("hq: quarantine: %w", err)
	}
	h.sound(ctx, alarms)
	return nil
}

// sound tells of what went to quarantine.
func (h *HQ) sound(ctx context.Context, alarms []Alarm) {
	for _, a := range alarms {
		h.log.ErrorContext(ctx, "a row is in quarantine", "store", a.Key.Store, "lane", a.Key.Lane, "epoch", a.Key.Epoch, "seq", a.Key.Seq, "why", a.Why)
	}
}

// Quarantined counts what lies in quarantine.
func (h *HQ) Quarantined(ctx context.Context) (n int64, err error) {
	if err = h.pool.QueryRow(ctx, `SELECT count(*) FROM quarantine`).Scan(&n); err != nil {
		return 0, fmt.Errorf("hq: quarantine: %w", err)
	}
	return n, nil
}
