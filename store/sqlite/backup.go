package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/mattn/go-sqlite3"
)

// Backup writes a consistent copy of the database as it stands now to a new
// file at path, while others go on reading and writing. The copy is on the disk
// when Backup returns; an existing file is never overwritten (os.ErrExist).
func (db *DB) Backup(ctx context.Context, path string) error {
	conn, err := db.reader.Conn(ctx)
	if err != nil {
		return fmt.Errorf("back up %s: %w", db.path, err)
	}
	defer func() { _ = conn.Close() }() // goes back to the pool
	if err := copyTo(ctx, conn, path, false); err != nil {
		return fmt.Errorf("back up %s: %w", db.path, err)
	}
	return nil
}

// Copy writes a consistent copy of a database of any kind to a new file, while
// others go on reading and writing.
func Copy(ctx context.Context, from, to string) error {
	db := &DB{path: from, reader: sql.OpenDB(newConnector(from, reading))}
	return errors.Join(db.Backup(ctx, to), db.Close())
}

// Fold brings what still stands in the log of a database of any kind into its
// file, and takes the log away. Nobody else may have it open.
func Fold(ctx context.Context, path string) error {
	db := sql.OpenDB(newConnector(path, writing))
	if err := errors.Join(db.PingContext(ctx), db.Close()); err != nil {
		return fmt.Errorf("fold the log into %s: %w", path, err)
	}
	return nil
}

// Fold copies what stands in the log into the database's file, as far as no
// reader needs it, so that the log begins anew instead of growing: writing over
// a file costs less than making it longer. A commit does the same when the log
// has a thousand pages, while somebody waits.
func (db *DB) Fold(ctx context.Context) error {
	if _, err := db.writer.ExecContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`); err != nil {
		return fmt.Errorf("fold the log into %s: %w", db.path, err)
	}
	return nil
}

// Room makes the log at least as long as size bytes, with zeros behind what
// stands in it: a log ends where the checks of a page no longer fit, so they are
// no part of it. Writing over a file, unlike making it longer, leaves the file
// system's own tables alone, which costs each of the first commits as much again
// as its flush. Nobody else writes the database meanwhile.
func (db *DB) Room(ctx context.Context, size int64) error {
	conn, err := db.writer.Conn(ctx) // whoever has it writes, and nobody else
	if err != nil {
		return fmt.Errorf("make room in the log of %s: %w", db.path, err)
	}
	defer func() { _ = conn.Close() }() // goes back to the pool
	if err := lengthen(db.path+"-wal", size); err != nil {
		return fmt.Errorf("make room in the log of %s: %w", db.path, err)
	}
	return nil
}

func lengthen(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && info.Size() < size {
		_, err = f.WriteAt(make([]byte, size-info.Size()), info.Size())
		err = errors.Join(err, f.Sync())
	}
	return errors.Join(err, f.Close())
}

// copyTo writes a copy beside path and gives it its name only when it is whole
// and on the disk.
func copyTo(ctx context.Context, conn *sql.Conn, path string, replace bool) error {
	if _, err := os.Lstat(path); err == nil && !replace {
		return fmt.Errorf("%s: %w", path, os.ErrExist)
	}
	tmp := path + ".tmp"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	// Made by us, empty, so that the copy is no more readable than the original.
	if err := create(tmp); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, `VACUUM INTO ?`, tmp); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", tmp, err), os.Remove(tmp))
	}
	if err := syncPath(tmp); err != nil { // VACUUM INTO does not
		return errors.Join(err, os.Remove(tmp))
	}
	if err := os.Rename(tmp, path); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return syncPath(filepath.Dir(path))
}

// IsCorrupt reports whether err says that the bytes of a database are broken.
func IsCorrupt(err error) bool { return hasCode(err, sqlite3.ErrCorrupt, sqlite3.ErrNotADB) }

// IsFull reports whether err says that the disk is full.
func IsFull(err error) bool { return hasCode(err, sqlite3.ErrFull) }

func hasCode(err error, codes ...sqlite3.ErrNo) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}
