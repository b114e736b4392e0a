package hq

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go"
)

// Connect connects to a store's or the chain's server, and comes back by itself
// for good. Ca is a file with the hub's authority, "" where the system trusts it.
func Connect(url, credentials, ca string, log *slog.Logger) (*nats.Conn, error) {
	opts := []nats.Option{
		nats.Name("kassa-hq"), nats.UserCredentials(credentials), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true),
		nats.ReconnectWait(time.Second), nats.ReconnectJitter(time.Second, 2*time.Second), nats.IgnoreAuthErrorAbort(),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { log.Warn("nats is not heard", "err", err) }),
		nats.ReconnectHandler(func(*nats.Conn) { log.Info("nats is heard again") }),
	}
	if ca != "" {
		opts = append(opts, nats.RootCAs(ca))
	}
	nc, err := nats.Connect(url, opts...)
	if err != nil {
		return nil, fmt.Errorf("hq.nats: %w", err)
	}
	return nc, nil
}

// OpenReader opens the database for questions, also while another writes. It
// changes nothing.
func OpenReader(ctx context.Context, dsn string, log *slog.Logger) (*HQ, error) {
	return openPool(ctx, dsn, log, true)
}

func openPool(ctx context.Context, dsn string, log *slog.Logger, only bool) (*HQ, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("hq.postgres: %w", err)
	}
	cfg.ConnConfig.RuntimeParams["search_path"] = "kassa, public" // the reports' views are public
	if only {
		cfg.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("hq.postgres: %w", err)
	}
	return &HQ{pool: pool, room: maxQuarantine, log: log, now: time.Now}, nil
}

// Health is how head office does.
type Health struct {
	Journals   int    `json:"journals"`
	Rows       int64  `json:"rows"`       // kept since the beginning
	Behind     int64  `json:"behind"`     // rows that the ledger has not worked in yet
	Holes      int    `json:"holes"`      // journals with rows missing
	Quarantine int64  `json:"quarantine"` // rows put aside: each wants a person
	Why        string `json:"why,omitempty"`
}

// Health asks the database.
func (h *HQ) Health(ctx context.Context) (Health, error) {
	var s Health
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	err := h.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM mark), (SELECT count(*) FROM mark WHERE ahead > seq), arrived, arrived - ledger,
		(SELECT count(*) FROM quarantine) FROM position`).Scan(&s.Journals, &s.Holes, &s.Rows, &s.Behind, &s.Quarantine)
	if err != nil {
		return s, fmt.Errorf("hq: %w", err)
	}
	return s, nil
}
