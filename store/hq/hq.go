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

// An HQ is head office's copy of all journals. What is in PostgreSQL is read there
// each time: a memory of it would outlive a transaction that failed, and a
// database that was put back.
type HQ struct {
	pool *pgxpool.Pool
	lock *pgx.Conn // holds the writer's lock while it lives; nil: opened for questions
	mine string    // who holds the lock while it is this process: see holder
	lost chan struct{}
	once sync.Once
	why  error // once lost is closed
	room int   // for each lane in quarantine, in rows
	log  *slog.Logger
	now  func() time.Time

	mu sync.Mutex // one that writes at a time
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
	patient(cfg.ConnConfig.RuntimeParams)
	h := &HQ{lost: make(chan struct{}), room: maxQuarantine, log: log, now: time.Now}
	if h.lock, err = pgx.ConnectConfig(ctx, cfg.ConnConfig); err != nil {
		return nil, fmt.Errorf("hq.postgres: %w", err)
	}
	err = h.become(ctx)
	if err == nil {
		err = migrate(ctx, cfg.ConnConfig)
	}
	if err == nil {
		err = h.lock.QueryRow(ctx, holder, writerLock).Scan(&h.mine)
	}
	if err == nil {
		h.pool, err = pgxpool.NewWithConfig(ctx, cfg)
	}
	if err == nil {
		err = h.durable(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("hq.postgres: %w", errors.Join(err, h.Close()))
	}
	return h, nil
}

// patient has the server let go of connections whose other end is silent, so that
// the locks they hold do not stay for hours. What the operator set stays.
func patient(params map[string]string) {
	for name, value := range map[string]string{
		"idle_in_transaction_session_timeout": "2min", "tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3",
	} {
		if _, set := params[name]; !set {
			params[name] = value
		}
	}
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

// A Told is a mark and the lane it is for.
type Told struct {
	Store, Lane string
	wire.Mark
}

// Marks are those of all journals, as they are here now.
func (h *HQ) Marks(ctx context.Context) (all []Told, err error) {
	err = h.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT store, lane, epoch, seq, hash, number FROM mark ORDER BY 1, 2, 3`)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (t Told, err error) {
			t.Keeper = "hq"
			err = r.Scan(&t.Store, &t.Lane, &t.Epoch, &t.Seq, &t.Hash, &t.Number)
			return t, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("hq: marks: %w", err)
	}
	return all, nil
}

// A Gap is rows that are missing between others that are here.
type Gap struct {
	Store, Lane string
	wire.Resend
}

// Gaps returns the first hole of each journal, to be asked for.
func (h *HQ) Gaps(ctx context.Context) (gaps []Gap, err error) {
	rows, err := h.pool.Query(ctx, `SELECT m.store, m.lane, m.epoch, m.seq + 1, n.seq - 1 FROM mark AS m, LATERAL
		(SELECT min(j.seq) AS seq FROM journal AS j WHERE (j.store, j.lane, j.epoch) = (m.store, m.lane, m.epoch) AND j.seq > m.seq) AS n
		WHERE m.ahead > m.seq AND n.seq > m.seq + 1 ORDER BY 1, 2, 3`)
	if err == nil {
		gaps, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (g Gap, err error) {
			err = r.Scan(&g.Store, &g.Lane, &g.Epoch, &g.From, &g.To)
			return g, err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("hq: gaps: %w", err)
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
	return h.release()
}
