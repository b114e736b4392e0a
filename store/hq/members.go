package hq

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kassa/store/hub/enrol"
	"kassa/store/wire"
)

// A Member is a lane without a hub that sends its rows itself.
type Member struct {
	Store      string     `json:"store"`
	Lane       string     `json:"lane"`
	Key        string     `json:"key,omitempty"`
	AddedAt    time.Time  `json:"added_at"`
	EnrolledAt *time.Time `json:"enrolled_at,omitempty"`
	RemovedAt  *time.Time `json:"removed_at,omitempty"`
	HeardAt    *time.Time `json:"heard_at,omitempty"`
}

// Members is the list of such lanes. It may be open beside the process that
// writes the rows.
type Members struct{ pool *pgxpool.Pool }

// Members is the list, by the connections of h.
func (h *HQ) Members() *Members { return &Members{h.pool} }

// OpenMembers opens the list alone. The tables must be there: kassa-hq run makes
// them. Close it after.
func OpenMembers(ctx context.Context, dsn string, log *slog.Logger) (*Members, func(), error) {
	h, err := openPool(ctx, dsn, log, false)
	if err != nil {
		return nil, nil, err
	}
	return h.Members(), h.pool.Close, nil
}

// codeLetters is what codes are made of: no letter that looks like a figure.
const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Add puts a lane on the list and returns the secret part of a one-time code for
// it; a code it had before is good no more.
func (m *Members) Add(ctx context.Context, store, lane string) (code string, err error) {
	if !wire.Token(store) || !wire.Token(lane) {
		return "", fmt.Errorf("store %q, lane %q: each is 1 to 32 of a-z, 0-9 and -", store, lane)
	}
	raw := make([]byte, 10)
	_, _ = rand.Read(raw) // never fails
	for i := range raw {
		raw[i] = codeLetters[raw[i]&31]
	}
	_, err = m.pool.Exec(ctx, `INSERT INTO member (store, lane, code, expires) VALUES ($1, $2, $3, now() + $4::interval)
		ON CONFLICT (store, lane) DO UPDATE SET code = excluded.code, expires = excluded.expires`,
		store, lane, hashOf(string(raw)), fmt.Sprintf("%d seconds", int(enrol.CodeLife.Seconds())))
	if err != nil {
		return "", fmt.Errorf("lane %s of store %s: %w", lane, store, err)
	}
	return string(raw), nil
}

func hashOf(code string) string {
	sum := sha256.Sum256([]byte("kassa-hq-enrol-1 " + code))
	return hex.EncodeToString(sum[:])
}

// Redeem takes a code for a lane's key, and says whose store it stands in. The
// code is used up with it, and a key that the lane had before opens nothing more.
func (m *Members) Redeem(ctx context.Context, e wire.Enrol) (store string, err error) {
	err = m.pool.QueryRow(ctx, `UPDATE member SET key = $1, code = '', expires = NULL, enrolled_at = now(), removed_at = NULL
		WHERE lane = $2 AND code = $3 AND expires >= now() RETURNING store`, e.Key, e.Lane, hashOf(e.Code)).Scan(&store)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", enrol.ErrCode
	}
	if err != nil {
		return "", fmt.Errorf("lane %q: %w", e.Lane, err)
	}
	return store, nil
}

// Remove shuts a lane out at once: its key opens nothing any more. What it sent
// stays.
func (m *Members) Remove(ctx context.Context, store, lane string) error {
	tag, err := m.pool.Exec(ctx, `UPDATE member SET key = '', code = '', removed_at = now() WHERE store = $1 AND lane = $2 AND removed_at IS NULL`,
		store, lane)
	if err == nil && tag.RowsAffected() == 0 {
		err = enrol.ErrUnknown
	}
	if err != nil {
		return fmt.Errorf("lane %q of store %q: %w", lane, store, err)
	}
	return nil
}

// List returns every lane, those that were removed too.
func (m *Members) List(ctx context.Context) ([]Member, error) {
	rows, err := m.pool.Query(ctx, `SELECT store, lane, key, added_at, enrolled_at, removed_at, heard_at FROM member ORDER BY 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("lanes: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Member])
}

// whose finds the lane that a key belongs to, and notes that it was heard.
func (m *Members) whose(ctx context.Context, key string) (store, lane string, ok bool, err error) {
	var late bool
	err = m.pool.QueryRow(ctx, `SELECT store, lane, coalesce(heard_at < now() - interval '1 minute', true) FROM member WHERE key = $1 AND key <> ''`, key).
		Scan(&store, &lane, &late)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", "", false, nil
	}
	if err == nil && late {
		_, err = m.pool.Exec(ctx, `UPDATE member SET heard_at = now() WHERE store = $1 AND lane = $2`, store, lane)
	}
	return store, lane, err == nil, err
}
