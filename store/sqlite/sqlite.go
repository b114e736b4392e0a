// Package sqlite opens the databases that kassa keeps: it sets and reads back
// the settings that make a commit survive a power cut, takes an older file to
// the version this program knows, and gives one writer and several readers.
//
// It is not for queries: each package that owns a database writes its own SQL.
// Its one rule: what cannot be opened safely is not opened at all, and is left
// as it was found.
//
// What a crash leaves:
//
//	while creating       an empty or half-made file without our mark: made anew
//	while copying        a file NAME.before-vN.tmp: made anew by the next start
//	while migrating      the version before the step that was cut: goes on there
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A Schema says what a database of one kind holds.
type Schema struct {
	Name       string   // for messages: "journal", "catalogue"
	AppID      int32    // SQLite's application_id, the mark of the kind; never 0
	Migrations []string // step i takes version i to i+1; released steps never change
	Views      []View   // made by whoever opens the file for writing; they belong to no version
}

// Version is the version of a file that this program writes.
func (s Schema) Version() int { return len(s.Migrations) }

// Errors that a caller may test for.
var (
	// ErrForeign says that the file is another program's, or another kind's.
	ErrForeign = errors.New("not a database of this kind")
	// ErrNewer says that a newer kassa wrote the file.
	ErrNewer = errors.New("written by a newer kassa")
	// ErrOlder says that the file needs a migration, which reading alone cannot do.
	ErrOlder = errors.New("written by an older kassa")
)

// maxReaders bounds the reader pool; a lane has few questions at a time.
const maxReaders = 4

// A DB is one open database.
type DB struct {
	path   string
	schema Schema
	writer *sql.DB // one connection at most; nil when opened for reading only
	reader *sql.DB
}

// Open opens the database at path, makes it if there is none, and takes an
// older one to the schema's version after copying it to PATH.before-vN. It
// refuses a newer one (ErrNewer) and what is not ours (ErrForeign).
func Open(ctx context.Context, path string, schema Schema) (*DB, error) {
	db, err := open(ctx, path, schema)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", schema.Name, path, err)
	}
	return db, nil
}

func open(ctx context.Context, path string, schema Schema) (*DB, error) {
	found, err := probe(ctx, path, schema)
	if err != nil {
		return nil, err
	}
	if found == absent {
		if err := create(path); err != nil {
			return nil, err
		}
	}
	db := &DB{path: path, schema: schema}
	db.writer = sql.OpenDB(newConnector(path, writing))
	db.writer.SetMaxOpenConns(1)
	if err := db.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.writer.Close())
	}
	if err := db.show(ctx); err != nil {
		return nil, errors.Join(err, db.writer.Close())
	}
	db.reader = sql.OpenDB(newConnector(path, reading))
	db.reader.SetMaxOpenConns(maxReaders)
	if err := db.reader.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// OpenReadOnly opens a database that another process may be writing, such as
// the journal of a running lane. It never changes the file: one that is older
// than the schema is refused (ErrOlder), and Writer returns nil.
func OpenReadOnly(ctx context.Context, path string, schema Schema) (*DB, error) {
	found, err := probe(ctx, path, schema)
	switch {
	case err != nil:
	case found == absent:
		err = fmt.Errorf("%w: has the lane been started with this data folder?", os.ErrNotExist)
	case found < schema.Version():
		err = fmt.Errorf("%w: the file has version %d, this kassa reads %d: start the lane once, it migrates the file",
			ErrOlder, found, schema.Version())
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", schema.Name, path, err)
	}
	db := &DB{path: path, schema: schema, reader: sql.OpenDB(newConnector(path, reading))}
	db.reader.SetMaxOpenConns(maxReaders)
	if err := db.reader.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s %s: %w", schema.Name, path, err), db.Close())
	}
	return db, nil
}

// Path returns the file's path as it was given to Open.
func (db *DB) Path() string { return db.path }

// Writer returns the one connection that may write; whoever waits for it waits
// for its turn. Transactions begin IMMEDIATE. It is nil after OpenReadOnly.
func (db *DB) Writer() *sql.DB { return db.writer }

// Reader returns connections that can only read, each a consistent state as of
// its transaction's first read, never blocked by the writer.
func (db *DB) Reader() *sql.DB { return db.reader }

// Close closes all connections.
func (db *DB) Close() error {
	var errs []error
	if db.reader != nil {
		errs = append(errs, db.reader.Close())
	}
	if db.writer != nil {
		errs = append(errs, db.writer.Close()) // last, so that it can fold the log back into the file
	}
	return errors.Join(errs...)
}

// create makes an empty file that only its owner and group can read, and makes
// its name survive a power cut.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return syncPath(filepath.Dir(path))
}

// syncPath flushes a file's bytes, or a folder's names, to the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
