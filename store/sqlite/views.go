package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// A View is a question that a database answers by name. Views hold nothing, so
// they are no step of a migration: whoever opens the file for writing makes
// those that are missing or say something else.
type View struct {
	Name string
	SQL  string // the statement that makes it
}

// show makes the views of the schema. Nothing is written when all are there.
func (db *DB) show(ctx context.Context) error {
	var stale []View
	for _, v := range db.schema.Views {
		var have string
		err := db.writer.QueryRowContext(ctx, `SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?`, v.Name).Scan(&have)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if have != v.SQL {
			stale = append(stale, v)
		}
	}
	if len(stale) == 0 {
		return nil
	}
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo after the commit
	for _, v := range stale {
		for _, statement := range []string{`DROP VIEW IF EXISTS "` + v.Name + `"`, v.SQL} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("view %s: %w", v.Name, err)
			}
		}
	}
	return tx.Commit()
}

// OpenAny opens a database of whichever kind for reading, for who looks at its
// shape alone.
func OpenAny(ctx context.Context, path string) (*sql.DB, error) {
	db := sql.OpenDB(newConnector(path, reading))
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), db.Close())
	}
	return db, nil
}
