package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"github.com/mattn/go-sqlite3"
)

// absent is the version of a file that is not there or holds nothing yet.
const absent = -1

// probe says which version of the schema the file at path has, without writing
// to it; absent if it has to be made.
func probe(ctx context.Context, path string, schema Schema) (int, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return absent, nil
	case err != nil:
		return 0, err
	case info.IsDir():
		return 0, fmt.Errorf("%w: it is a folder", ErrForeign)
	}
	db := sql.OpenDB(newConnector(path, reading))
	defer func() { _ = db.Close() }() // nothing was written
	var app, version int64
	var tables int
	err = db.QueryRowContext(ctx, `SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
		FROM pragma_application_id, pragma_user_version`).Scan(&app, &version, &tables)
	switch {
	case hasCode(err, sqlite3.ErrNotADB):
		return 0, fmt.Errorf("%w: it is no SQLite file", ErrForeign)
	case hasCode(err, sqlite3.ErrCantOpen, sqlite3.ErrReadonly, sqlite3.ErrPerm):
		return 0, fmt.Errorf("%w: do this as the user the lane runs as", err)
	case err != nil:
		return 0, err
	case app == 0 && tables == 0:
		return absent, nil // a start was cut before the first step
	case int32(app) != schema.AppID:
		return 0, fmt.Errorf("%w: its application id is %d, want %d: is the data folder the right one?",
			ErrForeign, app, schema.AppID)
	case version > int64(schema.Version()):
		return 0, fmt.Errorf("%w: the file has version %d, this kassa knows %d: install the newer kassa again",
			ErrNewer, version, schema.Version())
	}
	return int(version), nil
}

// migrate takes the file to the schema's version, a transaction a step.
func (db *DB) migrate(ctx context.Context) error {
	conn, err := db.writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // goes back to the pool
	at, err := version(ctx, conn)
	if err != nil {
		return err
	}
	if at == db.schema.Version() && at > 0 {
		return nil
	}
	if at > 0 {
		if err := copyTo(ctx, conn, fmt.Sprintf("%s.before-v%d", db.path, at), true); err != nil {
			return fmt.Errorf("copy before migrating from version %d: %w", at, err)
		}
	}
	// SQLite wants references unchecked while a table is replaced; each step
	// checks them as a whole before it commits.
	if _, err := conn.ExecContext(ctx, `PRAGMA foreign_keys = OFF`); err != nil {
		return err
	}
	for {
		done, err := db.step(ctx, conn)
		if err != nil {
			return err
		}
		if done {
			break
		}
	}
	_, err = conn.ExecContext(ctx, `PRAGMA foreign_keys = ON`)
	return err
}

// step does the next migration step, if there is one. The version is read
// inside the transaction: another process may have been faster.
func (db *DB) step(ctx context.Context, conn *sql.Conn) (done bool, err error) {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() {
		if rollback := tx.Rollback(); !errors.Is(rollback, sql.ErrTxDone) {
			err = errors.Join(err, rollback)
		}
	}()
	at, err := version(ctx, tx)
	if err != nil {
		return false, err
	}
	if at >= db.schema.Version() {
		return true, nil
	}
	if _, err := tx.ExecContext(ctx, db.schema.Migrations[at]); err != nil {
		return false, fmt.Errorf("migrate from version %d to %d: %w", at, at+1, err)
	}
	if err := checkReferences(ctx, tx); err != nil {
		return false, fmt.Errorf("migrate from version %d to %d: %w", at, at+1, err)
	}
	mark := fmt.Sprintf(`PRAGMA application_id = %d; PRAGMA user_version = %d`, db.schema.AppID, at+1)
	if _, err := tx.ExecContext(ctx, mark); err != nil {
		return false, fmt.Errorf("mark version %d: %w", at+1, err)
	}
	return false, tx.Commit()
}

// A queryer is what both a connection and a transaction can do.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func version(ctx context.Context, q queryer) (at int, err error) {
	err = q.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&at)
	return at, err
}

func checkReferences(ctx context.Context, q queryer) error {
	var table string
	err := q.QueryRowContext(ctx, `SELECT "table" FROM pragma_foreign_key_check LIMIT 1`).Scan(&table)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("a row of table %s refers to one that is not there", table)
}
