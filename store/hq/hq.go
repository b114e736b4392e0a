package hq

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"kassa/store/ledger"
	"kassa/store/wire"
)

//go:embed migrations
var migrations embed.FS

// writerLock is the advisory lock of the one process that writes.
const writerLock = 0x6b617373 // "kass"

// ErrWriter says that another kassa-hq writes this database.
var ErrWriter = errors.New("another kassa-hq writes this database")

// An HQ is head office's copy of all journals.
type HQ struct {
	pool *pgxpool.Pool
	lock *pgx.Conn // holds the writer's lock while it lives
	log  *slog.Logger
	now  func() time.Time

	mu     sync.Mutex // one Take at a time
	months map[string]bool
	marks  map[source]mark
	gone   map[wire.Journal][]wire.Gone // rows that are here no longer
}

// source is one lane's database.
type source struct{ store, lane, epoch string }

// mark is how far a journal is here.
type mark struct {
	wire.Mark
	ahead int64 // highest row that is here
}

// Open connects to PostgreSQL, brings its tables to this version, and becomes
// the one that writes. DSN is as PostgreSQL's own tools take it.
func Open(ctx context.Context, dsn string, log *slog.Logger) (*HQ, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("hq.postgres: %w", err)
	}
	cfg.ConnConfig.RuntimeParams["search_path"] = "kassa"
	cfg.ConnConfig.RuntimeParams["application_name"] = "kassa-hq"
	cfg.ConnConfig.RuntimeParams["synchronous_commit"] = "on" // whatever the server's default: a confirmed row is on the disk
	h := &HQ{log: log, now: time.Now, months: map[string]bool{}, marks: map[source]mark{}}
	if h.lock, err = pgx.ConnectConfig(ctx, cfg.ConnConfig); err != nil {
		return nil, fmt.Errorf("hq.postgres: %w", err)
	}
	var mine bool
	if err = h.lock.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, writerLock).Scan(&mine); err == nil && !mine {
		err = ErrWriter
	}
	if err == nil {
		err = migrate(ctx, cfg.ConnConfig)
	}
	if err == nil {
		h.pool, err = pgxpool.NewWithConfig(ctx, cfg)
	}
	if err == nil {
		err = errors.Join(h.readMarks(ctx), h.durable(ctx))
	}
	if err == nil {
		h.gone, err = h.readGone(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("hq.postgres: %w", errors.Join(err, h.Close()))
	}
	return h, nil
}

// durable refuses a server that would forget what it committed.
func (h *HQ) durable(ctx context.Context) error {
	for name, want := range map[string]string{"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"} {
		var have string
		if err := h.pool.QueryRow(ctx, `SELECT current_setting($1)`, name).Scan(&have); err != nil {
			return err
		}
		if have != want {
			return fmt.Errorf("%s is %s: a confirmed row could be lost, set it to %s", name, have, want)
		}
	}
	return nil
}

// migrate brings the tables to this version. Released steps never change.
func migrate(ctx context.Context, cfg *pgx.ConnConfig) (err error) {
	db := stdlib.OpenDB(*cfg)
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS kassa`); err != nil {
		return err
	}
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(database.DialectPostgres, db, steps, goose.WithGoMigrations(
		goose.NewGoMigration(2, &goose.GoFunc{RunTx: createLedger}, nil)))
	if err != nil {
		return err
	}
	if _, err = p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	version, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	if known := p.ListSources(); len(known) > 0 && version > known[len(known)-1].Version {
		return fmt.Errorf("the database is of version %d, this kassa-hq knows %d: update it", version, known[len(known)-1].Version)
	}
	if err := makeViews(ctx, db); err != nil {
		return fmt.Errorf("views: %w", err)
	}
	return nil
}

// createLedger makes the ledger's tables, and in the public schema the views by
// which IT asks. Views keep their names and columns; tables may change.
func createLedger(ctx context.Context, tx *sql.Tx) error {
	types := map[ledger.Kind]string{ledger.Int: "bigint", ledger.Text: "text", ledger.Bool: "boolean", ledger.JSON: "jsonb"}
	for i, t := range ledger.Tables() {
		if _, err := tx.ExecContext(ctx, t.Create(types)); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
		var names []string
		for _, c := range t.Columns {
			names = append(names, "x."+ledger.Quote(c.Name))
		}
		view := fmt.Sprintf("CREATE VIEW public.%s AS SELECT %s FROM kassa.%s AS x", t.Name, strings.Join(names, ", "), t.Name)
		if i == ledger.Tax { // a rate that a later change took away counts no more
			view += " JOIN kassa.txn AS t USING (store, lane, epoch, number) WHERE x.seq = t.seq"
		}
		if _, err := tx.ExecContext(ctx, view); err != nil {
			return fmt.Errorf("view %s: %w", t.Name, err)
		}
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("COMMENT ON VIEW public.%s IS '%s'", t.Name, strings.ReplaceAll(t.Doc, "'", "''"))); err != nil {
			return fmt.Errorf("view %s: %w", t.Name, err)
		}
	}
	_, err := tx.ExecContext(ctx, `CREATE VIEW public.event AS SELECT store, lane, epoch, seq, run, at, mono, clock, txn AS number, kind,
		event, facts, encode(prev, 'hex') AS prev, encode(hash, 'hex') AS hash FROM kassa.journal`)
	return err
}

// readMarks fills the memory of how far each journal is here.
func (h *HQ) readMarks(ctx context.Context) error {
	rows, err := h.pool.Query(ctx, `SELECT store, lane, epoch, seq, hash, number, ahead FROM mark`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var j source
		m := mark{Mark: wire.Mark{Keeper: "hq"}}
		if err := rows.Scan(&j.store, &j.lane, &j.epoch, &m.Seq, &m.Hash, &m.Number, &m.ahead); err != nil {
			return err
		}
		m.Epoch = j.epoch
		h.marks[j] = m
	}
	return rows.Err()
}

// A Told is a mark and the lane it is for.
type Told struct {
	Store, Lane string
	wire.Mark
}

// Marks are those of all journals.
func (h *HQ) Marks() []Told {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []Told
	for j, m := range h.marks {
		all = append(all, Told{j.store, j.lane, m.Mark})
	}
	return all
}

// A Gap is rows that are missing between others that are here.
type Gap struct {
	Store, Lane string
	wire.Resend
}

// Gaps returns the first hole of each journal, to be asked for.
func (h *HQ) Gaps(ctx context.Context) ([]Gap, error) {
	h.mu.Lock()
	holes := map[source]int64{}
	for j, m := range h.marks {
		if m.ahead > m.Seq {
			holes[j] = m.Seq
		}
	}
	h.mu.Unlock()
	var gaps []Gap
	for j, seq := range holes {
		var next int64
		if err := h.pool.QueryRow(ctx, `SELECT min(seq) FROM journal WHERE store = $1 AND lane = $2 AND epoch = $3 AND seq > $4`,
			j.store, j.lane, j.epoch, seq).Scan(&next); err != nil {
			return nil, fmt.Errorf("hq: gaps of lane %s: %w", j.lane, err)
		}
		gaps = append(gaps, Gap{j.store, j.lane, wire.Resend{Epoch: j.epoch, From: seq + 1, To: next - 1}})
	}
	return gaps, nil
}

// Pool is for reports, which only read.
func (h *HQ) Pool() *pgxpool.Pool { return h.pool }

// Close closes the connections and gives the lock back.
func (h *HQ) Close() error {
	if h.pool != nil {
		h.pool.Close()
	}
	if h.lock == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return h.lock.Close(ctx)
}
