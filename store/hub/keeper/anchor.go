package keeper

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kassa/store/wire"
)

// ErrAnchor says that a lane's head is not the row that is kept under its number,
// or stands before rows that the lane itself has sent: one of the two journals is
// not what it was.
var ErrAnchor = errors.New("the lane's head does not fit the rows that are kept")

// headRest is how long a lane's word on its head may be under way while newer
// rows of it arrive on another.
const headRest = time.Minute

// anchorLast came with the eighth version: a lane that writes no row says the same
// head each minute, and that it still does is worth knowing.
const anchorLast = `ALTER TABLE anchor ADD COLUMN last TEXT NOT NULL DEFAULT ''; -- when it was said last, '': with at`

// Anchor keeps a lane's head as the lane said it. A head that does not fit what
// is kept goes to quarantine, once, and Anchor returns an error that wraps
// [ErrAnchor].
func (k *Keeper) Anchor(ctx context.Context, store string, s wire.LaneState) error {
	if s.Head == 0 || strings.TrimSpace(s.HeadHash) == "" {
		return nil
	}
	tx, err := k.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("keeper: anchor of lane %s: %w", s.Lane, err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo after the commit
	b := batch{Keeper: k, tx: tx}
	key, why, err := b.unlike(ctx, store, s)
	switch {
	case err != nil:
	case why == "":
		_, err = tx.ExecContext(ctx, `INSERT INTO anchor (store, lane, epoch, seq, hash, at, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
			ON CONFLICT (store, lane, epoch, seq) DO UPDATE SET last = excluded.last WHERE hash = excluded.hash`, store, s.Lane, s.Epoch, s.Head, s.HeadHash, k.now().Format(time.RFC3339Nano))
	default:
		text, bad := json.Marshal(s)
		if err = bad; err == nil {
			hash := s.HeadHash
			if key.Seq != s.Head {
				hash = "" // every head that falls short of the mark is the same news
			}
			err = b.quarantine(ctx, key, hash, why, string(text))
		}
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return fmt.Errorf("keeper: anchor of lane %s: %w", s.Lane, err)
	}
	if why != "" {
		return fmt.Errorf("lane %s, row %d: %w: %s", s.Lane, s.Head, ErrAnchor, why)
	}
	return nil
}

// unlike says why a lane's head does not fit what is kept, "" if it does, and
// under which number that is noted.
func (b *batch) unlike(ctx context.Context, store string, s wire.LaneState) (key wire.Key, why string, err error) {
	key = wire.Key{Store: store, Lane: s.Lane, Epoch: s.Epoch, Seq: s.Head}
	var have string
	err = b.tx.QueryRowContext(ctx, `SELECT hash FROM journal WHERE store = ? AND lane = ? AND epoch = ? AND seq = ?`,
		store, s.Lane, s.Epoch, s.Head).Scan(&have)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return key, "", err
	}
	if err == nil && have != s.HeadHash {
		return key, "the lane's head has another hash than the row that is kept", nil
	}
	var mark int64
	var hash, at string
	err = b.tx.QueryRowContext(ctx, `SELECT seq, hash, at FROM mark WHERE store = ? AND lane = ? AND epoch = ?`, store, s.Lane, s.Epoch).
		Scan(&mark, &hash, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return key, "", nil
	}
	if err != nil {
		return key, "", err
	}
	came, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return key, "", err
	}
	switch {
	case s.Head == mark && s.HeadHash != hash: // the row itself may have reached its age
		return key, "the lane's head has another hash than the row that was kept", nil
	case s.Head < mark && b.now().Sub(came) >= headRest: // else it may just have been overtaken
		key.Seq = mark // one for all heads that fall short of it
		return key, fmt.Sprintf("the lane's journal ends before row %d, which it had sent: it was put back or cut", mark), nil
	}
	return key, "", nil
}
