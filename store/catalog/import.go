package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Options say how files are taken in.
type Options struct {
	Delta    bool           // see Import
	Location *time.Location // the store's zone, for dates and local times; nil: UTC
}

// A Summary says what an import brought.
type Summary struct {
	Version    int64 `json:"version"` // the new version
	Articles   int64 `json:"articles"`
	Prices     int64 `json:"prices"` // to come
	Recalls    int64 `json:"recalls"`
	Promotions int64 `json:"promotions"`
}

// Kinds of files, in the order they are taken in: prices name articles.
const (
	kindArticles = iota
	kindPrices
	kindRecalls
	kindPromotions
)

// A source is one file of an import.
type source struct {
	name  string // as given, for messages
	file  *os.File
	kind  int
	table *table // nil for promotions
}

// Import takes files in, all or none, as one new version. A file that ends in
// .toml holds promotions; the others are told apart by their header. Without
// opts.Delta the files of a kind together replace all there was of this kind,
// and other kinds stay. With it a row of articles replaces, as a whole, the one
// that has any of its codes, a promotion the one with its id, and prices to come
// and recalls are added; the rest stays. progress, if not nil, is called now and then with the
// bytes read and the bytes there are. The error is FileErrors when it is the
// files that are wrong. Lanes may go on meanwhile, in other processes too.
func (c *Catalog) Import(ctx context.Context, files []string, opts Options, progress func(done, total int64)) (_ Summary, err error) {
	if opts.Location == nil {
		opts.Location = time.UTC
	}
	im := &importer{opts: opts, progress: progress, modules: c.modules}
	defer func() {
		for _, s := range im.sources {
			_ = s.file.Close() // only read
		}
	}()
	if err := im.open(files); err != nil {
		return Summary{}, im.verdict(err)
	}
	if err := c.index(ctx); err != nil { // another build may have turned it round
		return Summary{}, fmt.Errorf("catalogue: import: %w", err)
	}
	tx, err := c.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return Summary{}, fmt.Errorf("catalogue: import (is another one running?): %w", err)
	}
	defer func() {
		if back := tx.Rollback(); !errors.Is(back, sql.ErrTxDone) && ctx.Err() == nil {
			err = errors.Join(err, back)
		}
	}()
	im.tx = tx
	err = im.run(ctx)
	if err == nil && len(im.problems) == 0 {
		im.notEmpty()
	}
	if err != nil || len(im.problems) > 0 {
		return Summary{}, im.verdict(err)
	}
	if err := tx.Commit(); err != nil {
		return Summary{}, fmt.Errorf("catalogue: import: %w", err)
	}
	c.fold(ctx)
	return im.sum, nil
}

// fold puts the write-ahead log back into the database, so that it does not stay
// as large as an import. A lane that holds an older version prevents it; then
// the next import does it, and nothing is lost meanwhile.
func (c *Catalog) fold(ctx context.Context) {
	conn, err := c.db.Writer().Conn(ctx)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }() // goes back to the pool
	var timeout int64
	if err := conn.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&timeout); err != nil {
		return
	}
	_, _ = conn.ExecContext(ctx, `PRAGMA busy_timeout = 200; PRAGMA wal_checkpoint(TRUNCATE)`) // see above
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf(`PRAGMA busy_timeout = %d`, timeout)); err != nil {
		// The next use gets a fresh connection, with the settings of all.
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// An importer is one import under way.
type importer struct {
	opts     Options
	progress func(done, total int64)
	sources  []source
	done     int64
	total    int64
	rows     int
	problems FileErrors
	tx       *sql.Tx
	stmts    statements
	modules  []module
	words    *index
	batch    batch
	sum      Summary
}

// notEmpty refuses a full import without one article: a file that was cut off
// behind its header would empty the shop.
func (im *importer) notEmpty() {
	i := slices.IndexFunc(im.sources, func(s source) bool { return s.kind == kindArticles })
	if im.opts.Delta || i < 0 || im.sum.Articles > 0 {
		return
	}
	im.problems = append(im.problems, &FileError{
		File: im.sources[i].name, Text: "there is no article in it, which would empty the shop: get the whole file, or use --delta",
	})
}

// verdict is the error of an import that did not come about.
func (im *importer) verdict(err error) error {
	if err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("catalogue: import: %w", err)
	}
	return im.problems
}

// open opens the files, reads their headers and sorts them by kind.
func (im *importer) open(files []string) error {
	if len(files) == 0 {
		return errors.New("no file to import")
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		s := source{name: name, file: f}
		im.sources = append(im.sources, s) // closed from here on
		info, err := f.Stat()
		if err != nil {
			return err
		}
		if info.IsDir() {
			return fmt.Errorf("%s is a folder; name the files in it", name)
		}
		im.total += info.Size()
		if err := im.kind(&im.sources[len(im.sources)-1]); err != nil {
			return err
		}
	}
	if len(im.problems) > 0 {
		return nil
	}
	slices.SortStableFunc(im.sources, func(x, y source) int { return x.kind - y.kind })
	for i, s := range im.sources {
		if s.table != nil {
			s.table.source = i
		}
	}
	return nil
}

func (im *importer) kind(s *source) error {
	if strings.EqualFold(filepath.Ext(s.name), ".toml") {
		s.kind = kindPromotions
		return nil
	}
	var err error
	if s.table, err = newTable(s.name, &counted{s.file, im}, &im.problems); err != nil || s.table == nil {
		return err
	}
	has := func(c string) bool { _, ok := s.table.index[c]; return ok }
	switch {
	case has("lot") || has("serial") || has("text"):
		s.kind = kindRecalls
		return s.table.only(recallColumns(), "text_", "gtin")
	case has("valid_from") || has("valid_until") || has("members"):
		s.kind = kindPrices
		return s.table.only(priceColumns(), "name_", "price_minor")
	default:
		s.kind = kindArticles
		if !has("gtin") && !has("plu") {
			return s.table.bad("gtin", "neither gtin nor plu is a column; add one to the first line")
		}
		return s.table.only(articleFileColumns(), "name_", "name", "price_minor")
	}
}

// run writes everything into the open transaction.
func (im *importer) run(ctx context.Context) error {
	if len(im.problems) > 0 {
		return nil
	}
	// 64 MiB instead of 2, for this connection: random keys of a million articles.
	if _, err := im.tx.ExecContext(ctx, `PRAGMA cache_size = -65536; UPDATE meta SET version = version + 1`); err != nil {
		return err
	}
	if err := im.tx.QueryRowContext(ctx, `SELECT version FROM meta`).Scan(&im.sum.Version); err != nil {
		return err
	}
	if err := im.keepPromotions(ctx); err != nil {
		return err
	}
	if err := im.stmts.prepare(ctx, im.tx); err != nil {
		return err
	}
	var err error
	if im.words, err = openIndex(ctx, im.tx, im.modules); err != nil {
		return err
	}
	if err := im.clear(ctx); err != nil {
		return err
	}
	indexes, err := im.dropIndexes(ctx)
	if err != nil {
		return err
	}
	for _, s := range im.sources {
		if err := im.take(ctx, s); err != nil {
			return err
		}
	}
	if len(im.problems) > 0 {
		return nil // to be rolled back
	}
	if err := im.words.finish(ctx); err != nil {
		return err
	}
	for _, create := range indexes {
		if _, err := im.tx.ExecContext(ctx, create); err != nil {
			return err
		}
	}
	return nil
}

// dropIndexes takes the indexes off tables that are written anew, and returns
// how to make them again: sorted in at the end they cost a fraction of what they
// cost row by row, each of which would touch another page.
func (im *importer) dropIndexes(ctx context.Context) (create []string, err error) {
	whole := slices.ContainsFunc(im.sources, func(s source) bool { return s.kind == kindArticles })
	if im.opts.Delta || !whole {
		return nil, nil
	}
	rows, err := im.tx.QueryContext(ctx, `SELECT name, sql FROM sqlite_schema
		WHERE type = 'index' AND tbl_name IN ('article', 'code') AND sql IS NOT NULL ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // nothing was written
	var names []string
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, err
		}
		names, create = append(names, name), append(create, text)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := im.tx.ExecContext(ctx, `DROP INDEX `+name); err != nil {
			return nil, err
		}
	}
	return create, nil
}

// clear removes what the files replace.
func (im *importer) clear(ctx context.Context) error {
	tables := map[int][]string{
		kindArticles: {"article", "code"}, kindPrices: {"price"}, kindRecalls: {"recall"}, kindPromotions: {"promotion"},
	}
	done := map[int]bool{}
	for _, s := range im.sources {
		if im.opts.Delta || done[s.kind] {
			continue
		}
		done[s.kind] = true
		for _, t := range tables[s.kind] {
			if _, err := im.tx.ExecContext(ctx, `DELETE FROM `+t); err != nil {
				return err
			}
		}
		if s.kind != kindArticles {
			continue
		}
		if err := im.words.clear(ctx); err != nil {
			return err
		}
	}
	return nil
}

// take takes one file in. Once there is a problem rows are still read, for more
// of them, but no longer written.
func (im *importer) take(ctx context.Context, s source) error {
	// A statement that can be cancelled costs the driver a goroutine, which is more
	// than a row does: between rows is soon enough.
	statement := context.WithoutCancel(ctx)
	if s.kind == kindPromotions {
		return im.promotions(ctx, s)
	}
	row := map[int]func(context.Context, *table) error{
		kindArticles: im.article, kindPrices: im.price, kindRecalls: im.recall,
	}[s.kind]
	for {
		more, err := s.table.next()
		if err != nil {
			return err
		}
		if !more {
			return im.flush(statement, s.table)
		}
		if err := row(statement, s.table); err != nil {
			return cmp.Or(ctx.Err(), err)
		}
		if err := s.table.enough(); err != nil {
			return err
		}
		if im.rows++; im.rows%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// counted counts what is read, for progress.
type counted struct {
	r  io.Reader
	im *importer
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.im.done += int64(n)
	if c.im.progress != nil && n > 0 {
		c.im.progress(c.im.done, c.im.total)
	}
	return n, err
}
