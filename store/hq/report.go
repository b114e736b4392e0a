package hq

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"

	"kassa/store/report/views"
)

// member is a function the views need: a member of an event as text, NULL for
// an event that PostgreSQL cannot read. Of a lane that is broken such a row is
// kept as it came, and must not end a report.
const member = `CREATE OR REPLACE FUNCTION kassa.member(event text, path text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	RETURN replace(event, '\u0000', '\ufffd')::jsonb #>> path;
EXCEPTION WHEN data_exception THEN
	RETURN NULL;
END $$`

// makeViews makes the reports' views beside those of the ledger, in the public
// schema, where IT asks. They hold nothing, so they are no step of a migration:
// whoever opens the database to write brings them to this version. They keep
// their columns, so that what others have built on them stays.
func makeViews(ctx context.Context, db *sql.DB) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo after the commit
	if _, err := tx.ExecContext(ctx, `SET LOCAL search_path TO public, kassa`); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, member); err != nil {
		return fmt.Errorf("function member: %w", err)
	}
	all := views.All(views.PostgreSQL)
	for i, statement := range views.Create(views.PostgreSQL) {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("view %s: %w", all[i].Name, err)
		}
		comment := fmt.Sprintf("COMMENT ON VIEW public.%s IS '%s'", all[i].Name, strings.ReplaceAll(all[i].Doc, "'", "''"))
		if _, err := tx.ExecContext(ctx, comment); err != nil {
			return fmt.Errorf("view %s: %w", all[i].Name, err)
		}
	}
	return tx.Commit()
}

// DB is the database for reports, which only read. Who asked closes it; the HQ
// stays open.
func (h *HQ) DB() *sql.DB { return stdlib.OpenDBFromPool(h.pool) }

// Currency is that of all sales, "" where there are none or several: then
// amounts are told in minor units.
func (h *HQ) Currency(ctx context.Context) (string, error) {
	var least, most sql.NullString
	err := h.pool.QueryRow(ctx, `SELECT min(currency), max(currency) FROM public.txn WHERE currency <> ''`).Scan(&least, &most)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("hq: currency: %w", err)
	}
	if least.String != most.String {
		return "", nil
	}
	return least.String, nil
}
