package desk

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"

	"kassa/store/sqlite"
)

// A Reader reads the desk's database while the hub runs.
type Reader struct{ db *sqlite.DB }

// OpenReader opens the desk in the hub's folder for reading only.
func OpenReader(ctx context.Context, dir string) (*Reader, error) {
	db, err := sqlite.OpenReadOnly(ctx, filepath.Join(dir, FileName), schema())
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	return &Reader{db}, nil
}

// DB is for reports, which only read.
func (r *Reader) DB() *sql.DB { return r.db.Reader() }

// Close closes the database.
func (r *Reader) Close() error { return r.db.Close() }
