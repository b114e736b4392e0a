package keeper

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"kassa/store/ledger"
	"kassa/store/report/views"
	"kassa/store/sqlite"
	"kassa/store/wire"
)

// FileName is the keeper's database in the hub's folder.
const FileName = "keeper.db"

// readsIndex finds the few rows that say what shoppers read and searched for
// before a call, or instead of one.
const readsIndex = `CREATE INDEX journal_reads ON journal (at) WHERE instr(facts, '"reads":') > 0;`

// schema keeps rows as they came, and the ledger's tables beside them.
func schema() sqlite.Schema {
	types := map[ledger.Kind]string{ledger.Int: "INTEGER", ledger.Text: "TEXT", ledger.Bool: "INTEGER", ledger.JSON: "TEXT"}
	var all strings.Builder
	all.WriteString(`
CREATE TABLE journal (               -- rows as the lanes wrote them
	store TEXT NOT NULL,
	lane  TEXT NOT NULL,
	epoch TEXT NOT NULL,
	seq   INTEGER NOT NULL,
	run   TEXT NOT NULL,
	at    TEXT NOT NULL,
	mono  INTEGER NOT NULL,
	clock TEXT NOT NULL,
	txn   INTEGER NOT NULL,
	kind  TEXT NOT NULL,
	event TEXT NOT NULL,
	facts TEXT NOT NULL,
	prev  TEXT NOT NULL,
	hash  TEXT NOT NULL,
	PRIMARY KEY (store, lane, epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE mark (                  -- how far each journal is here without a hole
	store  TEXT NOT NULL,
	lane   TEXT NOT NULL,
	epoch  TEXT NOT NULL,
	seq    INTEGER NOT NULL,
	hash   TEXT NOT NULL,
	number INTEGER NOT NULL,         -- highest transaction number seen
	at     TEXT NOT NULL,            -- when the newest row came
	PRIMARY KEY (store, lane, epoch)
) STRICT, WITHOUT ROWID;
CREATE TABLE quarantine (
	id    INTEGER PRIMARY KEY,
	store TEXT NOT NULL,
	lane  TEXT NOT NULL,
	epoch TEXT NOT NULL,
	seq   INTEGER NOT NULL,
	hash  TEXT NOT NULL,
	why   TEXT NOT NULL,
	at    TEXT NOT NULL,
	row   TEXT NOT NULL,             -- JSON, as it came
	UNIQUE (store, lane, epoch, seq, hash, why)
) STRICT;
CREATE TABLE anchor (                -- a lane's head as it said it, once a minute
	store TEXT NOT NULL,
	lane  TEXT NOT NULL,
	epoch TEXT NOT NULL,
	seq   INTEGER NOT NULL,
	hash  TEXT NOT NULL,
	at    TEXT NOT NULL,
	PRIMARY KEY (store, lane, epoch, seq)
) STRICT, WITHOUT ROWID;
`)
	for _, t := range ledger.Tables() {
		all.WriteString(t.Create(types) + " STRICT, WITHOUT ROWID;\n")
	}
	s := sqlite.Schema{Name: "keeper", AppID: 0x6b734b31 /* "ksK1" */, Migrations: []string{all.String(), positionSchema, goneSchema, readsIndex, alarmedColumn, recalledSchema, recalledEach, anchorLast}}
	for _, v := range views.All(views.Keeper) {
		s.Views = append(s.Views, sqlite.View{Name: v.Name, SQL: v.Create()})
	}
	return s
}

// A Keeper is an open copy. One process writes it.
type Keeper struct {
	db      *sqlite.DB
	upserts []string
	room    int // for each lane in quarantine, in rows
	now     func() time.Time
}

// Open opens the copy in the hub's folder, or begins one.
func Open(ctx context.Context, dir string, now func() time.Time) (*Keeper, error) {
	db, err := sqlite.Open(ctx, filepath.Join(dir, FileName), schema())
	if err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	k := &Keeper{db: db, room: maxQuarantine, now: now}
	for _, t := range ledger.Tables() {
		k.upserts = append(k.upserts, t.Upsert(func(int) string { return "?" }))
	}
	return k, nil
}

// Close closes the copy.
func (k *Keeper) Close() error { return k.db.Close() }

// DB is for reports, which only read.
func (k *Keeper) DB() *sql.DB { return k.db.Reader() }

// A Verdict is what became of a row.
type Verdict string

// The verdicts. All of them are for good: the row need not come again.
const (
	Kept    Verdict = "kept"
	Known   Verdict = "known"
	Refused Verdict = "refused" // in quarantine
)

// Taken is what came of a batch.
type Taken struct {
	Verdicts []Verdict   // of each row
	Marks    []wire.Mark // of the journals it touched, as they are now
	Lanes    []Lane      // to which the marks belong
	Alarms   []Alarm     // what went to quarantine with it (see [Keeper.Untold])
}

// A Lane names a journal's lane.
type Lane struct{ Store, Lane string }

// An Alarm is a row that went to quarantine.
type Alarm struct {
	Key wire.Key
	Why string
}

// Take keeps a batch of rows that no stream brought.
func (k *Keeper) Take(ctx context.Context, rows []wire.Row) (Taken, error) {
	return k.TakeLoad(ctx, Load{Rows: rows})
}

// TakeLoad keeps a batch in one transaction, with how far its stream has been
// read. After an error nothing of it is kept, and it may come again.
func (k *Keeper) TakeLoad(ctx context.Context, l Load) (t Taken, err error) {
	tx, err := k.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return t, fmt.Errorf("keeper: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo after the commit
	b := batch{Keeper: k, tx: tx, touched: map[journal]int64{}, heads: map[journal]head{}, stmts: map[string]*sql.Stmt{}}
	defer b.close()
	for i := range l.Rows {
		v, err := b.take(ctx, &l.Rows[i])
		if err != nil {
			return Taken{}, fmt.Errorf("keeper: row %s: %w", l.Rows[i].MsgID(), err)
		}
		b.taken.Verdicts = append(b.taken.Verdicts, v)
	}
	for _, s := range l.Strays {
		if err := b.stray(ctx, s); err != nil {
			return Taken{}, fmt.Errorf("keeper: lane %s: %w", s.Lane, err)
		}
	}
	for j, number := range b.touched {
		mark, err := b.advance(ctx, j, number)
		if err != nil {
			return Taken{}, fmt.Errorf("keeper: lane %s: %w", j.lane, err)
		}
		b.taken.Marks = append(b.taken.Marks, mark)
		b.taken.Lanes = append(b.taken.Lanes, Lane{j.store, j.lane})
	}
	if err := b.moveTo(ctx, l.Position); err != nil {
		return Taken{}, fmt.Errorf("keeper: position: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return Taken{}, fmt.Errorf("keeper: %w", err)
	}
	return b.taken, nil
}

// journal is one lane's database.
type journal struct{ store, lane, epoch string }

// batch is a Take at work.
type batch struct {
	*Keeper
	tx      *sql.Tx
	touched map[journal]int64 // -> highest transaction number in the batch
	heads   map[journal]head
	stmts   map[string]*sql.Stmt
	taken   Taken
}

// prepared is a statement, prepared once for the batch.
func (b *batch) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	s := b.stmts[query]
	if s == nil {
		var err error
		if s, err = b.tx.PrepareContext(ctx, query); err != nil {
			return nil, err
		}
		b.stmts[query] = s
	}
	return s, nil
}

func (b *batch) exec(ctx context.Context, query string, args ...any) error {
	s, err := b.prepared(ctx, query) //nolint:sqlclosecheck // closed with the batch
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx, args...)
	return err
}

func (b *batch) close() {
	for _, s := range b.stmts {
		_ = s.Close() // the transaction is over
	}
}

// take keeps one row, or says why not.
func (b *batch) take(ctx context.Context, r *wire.Row) (Verdict, error) {
	if err := r.Check(); err != nil {
		return b.refuse(ctx, r, err.Error())
	}
	if !r.Sound() {
		return b.refuse(ctx, r, "its hash does not fit what it says")
	}
	j := journal{r.Store, r.Lane, r.Epoch}
	end, err := b.head(ctx, j)
	if err != nil {
		return "", err
	}
	if r.Seq > end.seq { // most rows: nothing of the journal is or was beyond
		if r.Seq == end.seq+1 && end.seq > 0 && r.Prev != end.hash {
			return b.refuse(ctx, r, notBefore)
		}
	} else if known, why, err := b.among(ctx, r); err != nil {
		return "", err
	} else if why != "" {
		return b.refuse(ctx, r, why)
	} else if known {
		b.touch(r)
		return Known, nil
	}
	made, err := ledger.Rows(*r)
	if err != nil {
		return b.refuse(ctx, r, err.Error())
	}
	if err := b.exec(ctx, `INSERT INTO journal (store, lane, epoch, seq, run, at, mono, clock, txn, kind, event, facts, prev, hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, r.Store, r.Lane, r.Epoch, r.Seq, r.Run, r.At, r.Mono, r.Clock, r.Txn, r.Kind,
		r.Event, r.Facts, r.Prev, r.Hash); err != nil {
		return "", err
	}
	if err := b.recalled(ctx, r); err != nil {
		return "", err
	}
	for _, row := range made {
		if err := b.exec(ctx, b.upserts[row.Table], row.Values...); err != nil {
			return "", err
		}
	}
	if r.Seq > end.seq {
		b.heads[j] = head{r.Seq, r.Hash}
	}
	b.touch(r)
	return Kept, nil
}

func (b *batch) touch(r *wire.Row) {
	j := journal{r.Store, r.Lane, r.Epoch}
	b.touched[j] = max(b.touched[j], r.Txn)
}

// refuse puts a row into quarantine. The same one again raises no second alarm.
func (b *batch) refuse(ctx context.Context, r *wire.Row, why string) (Verdict, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	if err := b.quarantine(ctx, r.Key(), r.Hash, why, string(text)); err != nil {
		return "", err
	}
	if r.Check() == nil {
		b.touch(r)
	}
	return Refused, nil
}

// advance moves a journal's mark over all rows that follow it without a hole.
// Neighbours were compared when they came, so that only holes are looked for.
func (b *batch) advance(ctx context.Context, j journal, number int64) (wire.Mark, error) {
	m := wire.Mark{Epoch: j.epoch, Keeper: "hub"}
	err := b.tx.QueryRowContext(ctx, `SELECT seq, hash, number FROM mark WHERE store = ? AND lane = ? AND epoch = ?`, j.store, j.lane, j.epoch).
		Scan(&m.Seq, &m.Hash, &m.Number)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return m, err
	}
	if err := b.follow(ctx, j, &m); err != nil {
		return m, err
	}
	m.Number = max(m.Number, number)
	return m, b.exec(ctx, `INSERT INTO mark (store, lane, epoch, seq, hash, number, at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (store, lane, epoch) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, number = excluded.number, at = excluded.at`,
		j.store, j.lane, j.epoch, m.Seq, m.Hash, m.Number, b.now().Format(time.RFC3339Nano))
}

// follow moves a mark as far as the rows go.
func (b *batch) follow(ctx context.Context, j journal, m *wire.Mark) (err error) {
	rows, err := b.tx.QueryContext(ctx, `SELECT seq, hash FROM journal WHERE store = ? AND lane = ? AND epoch = ? AND seq > ? ORDER BY seq`,
		j.store, j.lane, j.epoch, m.Seq)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var seq int64
		var hash string
		if err := rows.Scan(&seq, &hash); err != nil {
			return err
		}
		if seq != m.Seq+1 {
			break
		}
		m.Seq, m.Hash = seq, hash
	}
	return rows.Err()
}

// Mark returns how far a lane's journal is here, the zero Mark if nothing is.
// Number is the highest of all epochs: a lane that begins anew goes on there.
func (k *Keeper) Mark(ctx context.Context, store, lane, epoch string) (wire.Mark, error) {
	m := wire.Mark{Epoch: epoch, Keeper: "hub"}
	err := k.db.Reader().QueryRowContext(ctx, `SELECT seq, hash FROM mark WHERE store = ? AND lane = ? AND epoch = ?`, store, lane, epoch).
		Scan(&m.Seq, &m.Hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return m, fmt.Errorf("keeper: mark of lane %s: %w", lane, err)
	}
	err = k.db.Reader().QueryRowContext(ctx, `SELECT coalesce(max(number), 0) FROM mark WHERE store = ? AND lane = ?`, store, lane).Scan(&m.Number)
	if err != nil {
		return m, fmt.Errorf("keeper: mark of lane %s: %w", lane, err)
	}
	return m, nil
}

// A Gap is rows that are missing between others that are here.
type Gap struct {
	Store, Lane string
	wire.Resend
}

// Gaps returns the first hole of each journal, to be asked for.
func (k *Keeper) Gaps(ctx context.Context) (gaps []Gap, err error) {
	rows, err := k.db.Reader().QueryContext(ctx, `SELECT m.store, m.lane, m.epoch, m.seq + 1,
		(SELECT min(j.seq) - 1 FROM journal AS j WHERE j.store = m.store AND j.lane = m.lane AND j.epoch = m.epoch AND j.seq > m.seq) AS upto
		FROM mark AS m WHERE upto IS NOT NULL ORDER BY m.store, m.lane, m.epoch`)
	if err != nil {
		return nil, fmt.Errorf("keeper: gaps: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var g Gap
		if err := rows.Scan(&g.Store, &g.Lane, &g.Epoch, &g.From, &g.To); err != nil {
			return nil, fmt.Errorf("keeper: gaps: %w", err)
		}
		gaps = append(gaps, g)
	}
	return gaps, rows.Err()
}
