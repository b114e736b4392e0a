// Package catalog keeps what a lane sells by: articles with their codes, prices,
// prices to come, promotions and recalls, in a database of its own beside the
// journal. It takes them in from files (Import), finds them by code, by name and
// by group, and gives them out again (Export).
//
// It is not for prices of a basket (kiosk/basket), nor for what a scanned code
// means (kiosk/barcode): it looks up the number it is given.
//
// Its one rule: an import happens as a whole or not at all, and a lane that is
// in the middle of a basket (Hold) goes on with what it had. Only sale stops and
// recalls reach it at once.
//
// What a crash leaves: an import that was cut is rolled back by the next open;
// the version before it is what the lane sells by.
package catalog

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"kassa/store/sqlite"
)

// File is the database's name in the data folder.
const File = "catalog.db"

// A Catalog is one open catalogue. Its methods may be called from several
// goroutines.
type Catalog struct {
	db      *sqlite.DB
	now     func() time.Time
	modules []module // full text searches to choose from

	mu     sync.Mutex // guards held and heldAt
	held   *sql.Conn  // in the transaction that Hold keeps, or nil
	heldAt time.Time
}

// An Option changes how a Catalog is opened.
type Option func(*Catalog)

// Clock sets what tells the time, by which prices to come begin and end; the
// default is time.Now.
func Clock(now func() time.Time) Option { return func(c *Catalog) { c.now = now } }

// Open opens the catalogue in folder dir and makes folder and database if there
// are none. The caller closes it.
func Open(ctx context.Context, dir string, opts ...Option) (*Catalog, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("catalogue: data folder: %w", err)
	}
	db, err := sqlite.Open(ctx, filepath.Join(dir, File), sqlite.Schema{
		Name: "catalogue", AppID: appID, Migrations: migrations(),
	})
	if err != nil {
		return nil, err
	}
	c := &Catalog{db: db, now: time.Now, modules: modules()}
	for _, o := range opts {
		o(c)
	}
	if err := c.index(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("catalogue: %w", err), db.Close())
	}
	return c, nil
}

// Close releases what Hold kept and closes the database.
func (c *Catalog) Close() error { return errors.Join(c.Release(), c.db.Close()) }

// Version returns the number of the newest version, 0 before the first import.
// It grows by one with each import, also of another process. It does not heed
// Hold.
func (c *Catalog) Version(ctx context.Context) (int64, error) {
	var v int64
	err := c.db.Reader().QueryRowContext(ctx, `SELECT version FROM meta`).Scan(&v)
	if err != nil {
		return 0, fmt.Errorf("catalogue: version: %w", err)
	}
	return v, nil
}

// Hold keeps the newest version and the prices of this moment for all look-ups
// until Release, whatever is imported meanwhile. The lane holds from a basket's
// first article to its end. A second Hold before Release does nothing.
func (c *Catalog) Hold(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held != nil {
		return nil
	}
	// What is held outlives the call, and so must its context. It is no sql.Tx:
	// that starts a goroutine for every look-up.
	ctx = context.WithoutCancel(ctx)
	conn, err := c.db.Reader().Conn(ctx)
	if err != nil {
		return fmt.Errorf("catalogue: hold: %w", err)
	}
	_, err = conn.ExecContext(ctx, `BEGIN`)
	if err == nil {
		var version int64 // SQLite takes its snapshot at the first read
		err = conn.QueryRowContext(ctx, `SELECT version FROM meta`).Scan(&version)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("catalogue: hold: %w", err), letGo(conn))
	}
	c.held, c.heldAt = conn, c.now()
	return nil
}

// letGo ends what Hold began and gives the connection back. One that cannot
// end it is thrown away.
func letGo(conn *sql.Conn) error {
	_, err := conn.ExecContext(context.Background(), `ROLLBACK`)
	if err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		return err
	}
	return conn.Close()
}

// Release ends a Hold; without one it does nothing.
func (c *Catalog) Release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		return nil
	}
	err := letGo(c.held)
	c.held = nil
	if err != nil {
		return fmt.Errorf("catalogue: release: %w", err)
	}
	return nil
}

// A querier is what both the database and a held connection can do.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// read runs f on what is held, or on the newest version, with the time by which
// its prices count. Release waits for it.
func (c *Catalog) read(f func(q querier, at time.Time) error) error {
	c.mu.Lock()
	if c.held != nil {
		defer c.mu.Unlock()
		return f(c.held, c.heldAt)
	}
	c.mu.Unlock()
	return f(c.db.Reader(), c.now())
}

// distinct goes from value to value of an indexed column of article, where
// DISTINCT would go through all articles.
func distinct(column string) string {
	return `WITH RECURSIVE one (v) AS (
		SELECT min(` + column + `) FROM article WHERE ` + column + ` > ''
		UNION ALL SELECT (SELECT min(` + column + `) FROM article WHERE ` + column + ` > one.v) FROM one WHERE one.v IS NOT NULL
	) `
}

// TaxClasses returns the tax classes that articles name, sorted, for a lane to
// compare with those it knows. The empty one, the lane's first, is left out.
func (c *Catalog) TaxClasses(ctx context.Context) ([]string, error) {
	return c.strings(ctx, distinct("tax")+`SELECT v FROM one WHERE v IS NOT NULL ORDER BY v`)
}

// Groups returns the articles' groups, those first of which most was sold, then
// by name.
func (c *Catalog) Groups(ctx context.Context) ([]string, error) {
	return c.strings(ctx, distinct("grp")+`SELECT v FROM one WHERE v IS NOT NULL
		ORDER BY (SELECT sum(n) FROM sold WHERE grp = v) DESC, v`)
}

func (c *Catalog) strings(ctx context.Context, query string) (all []string, err error) {
	err = c.read(func(q querier, _ time.Time) error {
		rows, err := q.QueryContext(ctx, query)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // nothing was written
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			all = append(all, s)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	return all, nil
}
