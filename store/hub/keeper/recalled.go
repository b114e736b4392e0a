package keeper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"kassa/store/wire"
)

// recalledSchema came with the sixth version: which sales took a parked basket up,
// kept in the same transaction as the rows that say so.
const recalledSchema = `
CREATE TABLE recalled (
	store  TEXT NOT NULL,
	lane   TEXT NOT NULL,
	epoch  TEXT NOT NULL,
	txn    INTEGER NOT NULL,
	seq    INTEGER NOT NULL,            -- of the first row that says so
	id     TEXT NOT NULL,               -- of the parked sale
	looked INTEGER NOT NULL DEFAULT 0,  -- somebody has looked whether another has the same basket
	PRIMARY KEY (store, lane, epoch, txn)
) STRICT, WITHOUT ROWID;
CREATE INDEX recalled_new ON recalled (store, lane, txn) WHERE looked = 0;
INSERT INTO recalled (store, lane, epoch, txn, seq, id)
	SELECT store, lane, epoch, txn, min(seq), id FROM (SELECT store, lane, epoch, txn, seq,
		CASE WHEN instr(facts, '"recalled":"') > 0 THEN json_extract(facts, '$.txn.recalled') END AS id FROM journal)
	WHERE id <> '' GROUP BY store, lane, epoch, txn;
`

// recalledEach came with the seventh version: a sale may take up one basket after
// another, each of them once all lines of the one before are voided. What was looked at
// stays so; what the sixth version passed over is looked at now.
const recalledEach = `
DROP INDEX recalled_new;
ALTER TABLE recalled RENAME TO recalled_first;
CREATE TABLE recalled (
	store  TEXT NOT NULL,
	lane   TEXT NOT NULL,
	epoch  TEXT NOT NULL,
	txn    INTEGER NOT NULL,
	id     TEXT NOT NULL,               -- of the parked sale
	seq    INTEGER NOT NULL,            -- of the first row that says so
	looked INTEGER NOT NULL DEFAULT 0,  -- somebody has looked whether another has the same basket
	PRIMARY KEY (store, lane, epoch, txn, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX recalled_new ON recalled (store, lane, txn) WHERE looked = 0;
CREATE INDEX recalled_id ON recalled (store, id);
INSERT INTO recalled (store, lane, epoch, txn, id, seq, looked) SELECT store, lane, epoch, txn, id, seq, looked FROM recalled_first;
DROP TABLE recalled_first;
INSERT INTO recalled (store, lane, epoch, txn, id, seq)
	SELECT store, lane, epoch, txn, id, min(seq) FROM (SELECT store, lane, epoch, txn, seq,
		CASE WHEN instr(facts, '"recalled":"') > 0 THEN json_extract(facts, '$.txn.recalled') END AS id FROM journal)
	WHERE id <> '' GROUP BY store, lane, epoch, txn, id ON CONFLICT DO NOTHING;
`

// A Recalled is a sale that took a parked basket up.
type Recalled struct {
	Lane

	Epoch string
	Txn   int64
	ID    string // of the parked sale
}

// recalled keeps that a row says its sale took a parked basket up. Nearly every row
// of such a sale says so: the first of each basket counts.
func (b *batch) recalled(ctx context.Context, r *wire.Row) error {
	if !strings.Contains(r.Facts, `"recalled":"`) {
		return nil
	}
	var facts struct {
		Txn struct {
			Recalled string `json:"recalled"`
		} `json:"txn"`
	}
	_ = json.Unmarshal([]byte(r.Facts), &facts) // of another shape they say nothing, and hold up nothing behind them
	if facts.Txn.Recalled == "" {
		return nil
	}
	return b.exec(ctx, `INSERT INTO recalled (store, lane, epoch, txn, seq, id) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		r.Store, r.Lane, r.Epoch, r.Txn, r.Seq, facts.Txn.Recalled)
}

// hereOrNever picks what was recalled where the parked sale is here, or will not come:
// later ones of its lane are, without a hole before them. The rows of who took it up
// may come before those of who parked it, as when lanes send all of theirs again.
const hereOrNever = `EXISTS (SELECT 1 FROM (SELECT store, lane, epoch, seq, store || '-' || lane || '-' AS of FROM mark) AS m
	WHERE m.store = r.store AND substr(r.id, 1, length(m.of)) = m.of AND substr(r.id, length(m.of) + 1) NOT GLOB '*[^0-9]*'
	AND (EXISTS (SELECT 1 FROM txn AS t WHERE t.store = m.store AND t.lane = m.lane AND t.epoch = m.epoch
			AND t.number = CAST(substr(r.id, length(m.of) + 1) AS INTEGER) AND t.state <> 'open')
		OR (SELECT t.seq FROM txn AS t WHERE t.store = m.store AND t.lane = m.lane AND t.epoch = m.epoch
			AND t.number > CAST(substr(r.id, length(m.of) + 1) AS INTEGER) ORDER BY t.number LIMIT 1) <= m.seq))`

// Recalled returns sales that took a parked basket up, which is here, and that nobody
// has looked at yet, a hundred at most. They stay so until [Keeper.Looked], over every
// restart.
func (k *Keeper) Recalled(ctx context.Context) (all []Recalled, err error) {
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT store, lane, epoch, txn, id FROM recalled AS r WHERE looked = 0 AND `+hereOrNever+` ORDER BY store, lane, txn, id LIMIT 100`)
	if err != nil {
		return nil, fmt.Errorf("keeper: recalled: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r Recalled
		if err := rows.Scan(&r.Store, &r.Lane.Lane, &r.Epoch, &r.Txn, &r.ID); err != nil {
			return nil, fmt.Errorf("keeper: recalled: %w", err)
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// Looked notes that somebody has looked at one.
func (k *Keeper) Looked(ctx context.Context, r Recalled) error {
	_, err := k.db.Writer().ExecContext(ctx, `UPDATE recalled SET looked = 1 WHERE store = ? AND lane = ? AND epoch = ? AND txn = ? AND id = ?`,
		r.Store, r.Lane.Lane, r.Epoch, r.Txn, r.ID)
	if err != nil {
		return fmt.Errorf("keeper: recalled: %w", err)
	}
	return nil
}
