package keeper

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kassa/store/wire"
)

// goneSchema is what came with the third version: which rows are here no longer,
// and what head office was heard to have.
const goneSchema = `
CREATE TABLE gone (                  -- rows that reached their age: the next one hangs on hash
	store   TEXT NOT NULL,
	lane    TEXT NOT NULL,
	epoch   TEXT NOT NULL,
	"from"  INTEGER NOT NULL,
	"to"    INTEGER NOT NULL,
	hash    TEXT NOT NULL,           -- of row "to"
	why     TEXT NOT NULL,           -- age, or lane: it had let them go before
	at      TEXT NOT NULL,
	PRIMARY KEY (store, lane, epoch, "from")
) STRICT, WITHOUT ROWID;
CREATE TABLE hq_mark (               -- what head office said last of each lane
	lane   TEXT NOT NULL,
	epoch  TEXT NOT NULL,
	seq    INTEGER NOT NULL,
	hash   TEXT NOT NULL,
	number INTEGER NOT NULL,
	at     TEXT NOT NULL,
	PRIMARY KEY (lane, epoch)
) STRICT, WITHOUT ROWID;
`

// gone reads which rows are here no longer.
func (k *Keeper) gone(ctx context.Context) (_ map[wire.Journal][]wire.Gone, err error) {
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT store, lane, epoch, "from", "to", hash FROM gone ORDER BY 1, 2, 3, 4`)
	if err != nil {
		return nil, fmt.Errorf("keeper: gone: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	all := map[wire.Journal][]wire.Gone{}
	for rows.Next() {
		var j wire.Journal
		var g wire.Gone
		if err := rows.Scan(&j.Store, &j.Lane, &j.Epoch, &g.From, &g.To, &g.Hash); err != nil {
			return nil, fmt.Errorf("keeper: gone: %w", err)
		}
		all[j] = append(all[j], g)
	}
	return all, rows.Err()
}

// isGone reports whether a row was here and reached its age.
func (b *batch) isGone(ctx context.Context, r *wire.Row) (bool, error) {
	var one int
	err := b.tx.QueryRowContext(ctx, `SELECT 1 FROM gone WHERE store = ? AND lane = ? AND epoch = ? AND "from" <= ? AND "to" >= ?`,
		r.Store, r.Lane, r.Epoch, r.Seq, r.Seq).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// An HQMark is what head office said last of a lane's journal.
type HQMark struct {
	Lane string
	wire.Mark
}

// HeardHQ keeps what head office said, so that a hub that starts anew can repeat
// it, and takes out no row that head office does not have.
func (k *Keeper) HeardHQ(ctx context.Context, marks []HQMark) error {
	tx, err := k.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("keeper: marks of head office: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo after the commit
	for _, m := range marks {
		if _, err := tx.ExecContext(ctx, `INSERT INTO hq_mark (lane, epoch, seq, hash, number, at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (lane, epoch) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, number = excluded.number, at = excluded.at`,
			m.Lane, m.Epoch, m.Seq, m.Hash, m.Number, k.now().Format(time.RFC3339Nano)); err != nil {
			return fmt.Errorf("keeper: mark of head office: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("keeper: marks of head office: %w", err)
	}
	return nil
}

// HQMarks are what head office said last of each journal.
func (k *Keeper) HQMarks(ctx context.Context) (all []HQMark, err error) {
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT lane, epoch, seq, hash, number FROM hq_mark ORDER BY lane, epoch`)
	if err != nil {
		return nil, fmt.Errorf("keeper: marks of head office: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		m := HQMark{Mark: wire.Mark{Keeper: "hq"}}
		if err := rows.Scan(&m.Lane, &m.Epoch, &m.Seq, &m.Hash, &m.Number); err != nil {
			return nil, fmt.Errorf("keeper: marks of head office: %w", err)
		}
		all = append(all, m)
	}
	return all, rows.Err()
}
