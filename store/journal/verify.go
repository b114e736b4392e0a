package journal

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"kassa/store/sqlite"
)

// A BrokenError names the first record at which the chain does not hold.
type BrokenError struct {
	Seq int64
	Why string
}

func (e *BrokenError) Error() string { return fmt.Sprintf("record %d: %s", e.Seq, e.Why) }

// Verify follows the chain from its anchor to its head. It returns nil if no
// record was changed, added, taken out or moved, and else a [BrokenError] that
// names the first bad record. A lane may go on writing meanwhile. If progress
// is not nil it is told now and then how far Verify has come.
//
// Whoever can write the file can also make a whole new chain: that shows only
// against a head that was kept elsewhere.
func (r *Reader) Verify(ctx context.Context, progress func(seq, of int64)) (Head, error) {
	head, err := r.verify(ctx, progress)
	if err != nil {
		return Head{}, fmt.Errorf("journal %s: %w", r.db.Path(), err)
	}
	return head, nil
}

func (r *Reader) verify(ctx context.Context, progress func(seq, of int64)) (Head, error) {
	var id identity
	err := r.db.Reader().QueryRowContext(ctx, `SELECT epoch, store, lane, created_at FROM identity`).
		Scan(&id.epoch, &id.store, &id.lane, &id.createdAt)
	if err != nil {
		return Head{}, fmt.Errorf("identity: %w", err)
	}
	at, err := r.readAnchor(ctx, id)
	if err != nil {
		return Head{}, err
	}
	for {
		page, err := readRows(ctx, r.db.Reader(), selectRecord+`WHERE seq > ? ORDER BY seq LIMIT ?`, at.Seq, pageSize)
		if err == nil && len(page) == 0 {
			break
		}
		for i := range page {
			if at, err = page[i].follows(at, id.epoch); err != nil {
				return at, err
			}
		}
		switch {
		case sqlite.IsCorrupt(err):
			return at, &BrokenError{Seq: at.Seq + 1, Why: "it cannot be read: " + err.Error()}
		case err != nil:
			return at, fmt.Errorf("after record %d: %w", at.Seq, err)
		}
		if progress != nil {
			head, err := r.Head(ctx)
			if err != nil {
				return at, err
			}
			progress(at.Seq, head.Seq)
		}
	}
	return r.ends(ctx, at, id.epoch)
}

// readAnchor returns what the first record in the file must follow.
func (r *Reader) readAnchor(ctx context.Context, id identity) (Head, error) {
	var at Head
	var hash []byte
	if err := r.db.Reader().QueryRowContext(ctx, `SELECT seq, hash FROM anchor`).Scan(&at.Seq, &hash); err != nil {
		return at, fmt.Errorf("anchor: %w", err)
	}
	copy(at.Hash[:], hash)
	if at.Seq == 0 && at.Hash != id.anchor() {
		return at, &BrokenError{Seq: 1, Why: "its anchor does not fit the journal's epoch, store and lane"}
	}
	var first sql.NullInt64
	if err := r.db.Reader().QueryRowContext(ctx, `SELECT min(seq) FROM record`).Scan(&first); err != nil {
		return at, err
	}
	if first.Valid && first.Int64 <= at.Seq {
		return at, &BrokenError{Seq: first.Int64, Why: "it stands before the beginning of the chain"}
	}
	return at, nil
}

// follows checks that r is the record after prev, and returns r's place.
func (r *row) follows(prev Head, epoch string) (Head, error) {
	switch sum := r.sum(epoch); {
	case r.seq != prev.Seq+1:
		return prev, &BrokenError{Seq: prev.Seq + 1, Why: fmt.Sprintf("it is missing, the next one is %d", r.seq)}
	case !bytes.Equal(r.prev, prev.Hash[:]):
		return prev, &BrokenError{Seq: r.seq, Why: "it does not follow the record before it"}
	case !bytes.Equal(r.hash, sum[:]):
		return prev, &BrokenError{Seq: r.seq, Why: "its hash does not fit what it says"}
	default:
		return Head{Seq: r.seq, Hash: sum}, nil
	}
}

// ends checks that the chain, followed as far as at, reaches all that is known
// of. A lane may have added records since: they are followed too.
func (r *Reader) ends(ctx context.Context, at Head, epoch string) (Head, error) {
	tx, err := r.db.Reader().BeginTx(ctx, nil)
	if err != nil {
		return at, err
	}
	defer func() { _ = tx.Rollback() }() // it only read
	var lane Head
	var hash, found []byte
	var last int64
	if err := tx.QueryRowContext(ctx, `SELECT head.seq, head.hash, record.hash, (SELECT coalesce(max(last), 0) FROM derived_txn)
		FROM head LEFT JOIN record ON record.seq = head.seq`).Scan(&lane.Seq, &hash, &found, &last); err != nil {
		return at, fmt.Errorf("head: %w", err)
	}
	late, err := readRows(ctx, tx, selectRecord+`WHERE seq > ? ORDER BY seq`, at.Seq)
	if err != nil {
		return at, err
	}
	for i := range late {
		if at, err = late[i].follows(at, epoch); err != nil {
			return at, err
		}
	}
	switch known := max(lane.Seq, last); {
	case at.Seq < known:
		return at, &BrokenError{Seq: at.Seq + 1, Why: fmt.Sprintf("it is missing at the end, there was a record %d", known)}
	case found != nil && !bytes.Equal(hash, found):
		return at, &BrokenError{Seq: lane.Seq, Why: "it has another hash than the head"}
	}
	return at, nil
}

// checkHead is what every start checks: that the newest record is whole, and
// that none is known of after it. The rest is for Verify.
func (r *Reader) checkHead(ctx context.Context) (Head, error) {
	head, err := readHead(ctx, r.db.Reader())
	if err != nil {
		return Head{}, err
	}
	newest, err := readRows(ctx, r.db.Reader(), selectRecord+`ORDER BY seq DESC LIMIT 1`)
	if err != nil {
		return Head{}, err
	}
	if len(newest) == 1 {
		prev := Head{Seq: newest[0].seq - 1}
		copy(prev.Hash[:], newest[0].prev)
		_, err = newest[0].follows(prev, r.id.epoch)
	}
	var known int64
	if err == nil {
		err = r.db.Reader().QueryRowContext(ctx, `SELECT max(seq, coalesce(
			(SELECT max(last) FROM (SELECT last FROM derived_txn ORDER BY number DESC LIMIT 10)), 0)) FROM head`).Scan(&known)
	}
	if err == nil && known > head.Seq {
		err = &BrokenError{Seq: head.Seq + 1, Why: fmt.Sprintf("it is missing at the end, there was a record %d", known)}
	}
	if _, broken := errors.AsType[*BrokenError](err); broken {
		err = fmt.Errorf("%w: the journal is damaged: keep the file, then restore a backup or move the file away to begin anew", err)
	}
	return head, err
}
