package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"time"

	"github.com/mattn/go-sqlite3"
)

// busyTimeout is how long a statement waits for another process's lock.
const busyTimeout = 5 * time.Second

// keptStatements is how many statements a reading connection keeps prepared:
// preparing costs more than a look-up. A writer's PRAGMAs are not to be kept,
// some act only when they are prepared; it has [Program].
const keptStatements = "24"

// cacheSize bounds what a connection remembers of its file: minus so many KiB. A
// lane has eight connections, and the system keeps the file's pages too.
const cacheSize = "-512"

// A mode is what a connection may do.
type mode int

const (
	writing mode = iota
	reading
)

// A connector makes connections with our settings and refuses those on which
// the settings did not take.
type connector struct {
	dsn    string
	driver *sqlite3.SQLiteDriver
}

func newConnector(path string, m mode) *connector {
	q := url.Values{
		"_busy_timeout": {fmt.Sprint(busyTimeout.Milliseconds())},
		"_foreign_keys": {"1"},
		"_synchronous":  {"FULL"},
		"_cache_size":   {cacheSize},
	}
	hook := settings
	switch m {
	case writing:
		q.Set("mode", "rw")
		q.Set("_journal_mode", "WAL")
		q.Set("_txlock", "immediate")
	case reading:
		q.Set("mode", "ro")
		q.Set("_stmt_cache_size", keptStatements)
		hook = nil // a reader commits nothing
	}
	return &connector{dsn: dsn(path, q), driver: &sqlite3.SQLiteDriver{ConnectHook: hook}}
}

// dsn writes path as a file URI, so that no byte of it is taken for a setting.
func dsn(path string, q url.Values) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	u := url.URL{Path: path}
	return "file:" + u.EscapedPath() + "?" + q.Encode()
}

// Connect implements driver.Connector.
func (c *connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

// Driver implements driver.Connector.
func (c *connector) Driver() driver.Driver { return c.driver }

// settings reads back what makes a commit durable. SQLite takes a setting it
// cannot honour in silence: WAL on a file system without shared memory, for one.
func settings(conn *sqlite3.SQLiteConn) error {
	for _, want := range []struct{ name, value, remedy string }{
		{"journal_mode", "wal", "the data folder must lie on a local disk"},
		{"synchronous", "2", "this build of SQLite cannot keep sales through a power cut"},
		{"foreign_keys", "1", "this build of SQLite cannot keep references whole"},
		{"busy_timeout", fmt.Sprint(busyTimeout.Milliseconds()), "this build of SQLite cannot wait for a lock"},
	} {
		got, err := pragma(conn, want.name)
		if err != nil {
			return err
		}
		if got != want.value {
			return fmt.Errorf("%s is %q, want %q: %s", want.name, got, want.value, want.remedy)
		}
	}
	return nil
}

// pragma reads one setting of a connection as text.
func pragma(conn *sqlite3.SQLiteConn, name string) (string, error) {
	rows, err := conn.Query("PRAGMA "+name, nil)
	if err != nil {
		return "", fmt.Errorf("pragma %s: %w", name, err)
	}
	defer func() { _ = rows.Close() }() // nothing was written
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("pragma %s: %w", name, err)
	}
	if b, ok := row[0].([]byte); ok {
		return string(b), nil
	}
	return fmt.Sprint(row[0]), nil
}
