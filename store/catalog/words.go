package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kassa/kiosk/basket"
)

// What people type is looked up by SQLite's own full text search. Its table has
// a row for each article that a shopper may buy here, under the article's id,
// with one column: the words of its names, synonyms and PLU, folded by us and
// separated by spaces. So the tokenizer only cuts at spaces and needs to know of
// no language. The table is derived from the table article, is written in the
// same transaction, and can be made again at any time.
//
// FTS5 is in SQLite only if the build asks for it (-tags sqlite_fts5, as all our
// scripts do); without it FTS4 does the same, slower to import. Both take the
// same questions. Which one a file has stands in the table finding, in the same
// snapshot as the articles, so that another process may change it under a
// running lane.
//
// Whoever opens a file leaves the table as it is if it can be used. A build
// without FTS5 that meets a file of one with it makes a table of FTS4, which
// every build reads; it is never turned back under a lane that may be running
// such a build. A table that nobody reads any more goes when the next build that
// knows its module opens the file.

// folding is the version of what fold and termsOf do. A file whose words were
// folded in another way is indexed again when it is opened.
const folding = 1

// A module is one of SQLite's full text searches.
type module struct {
	name   string // as SQLite names it
	table  string // that it has here; a module that is missing cannot even drop its table
	with   string // what is written behind the column
	before []string
	after  []string // for a table that was filled as a whole
}

// modules returns those that can be used, the best first.
//
// Prefixes are counted in characters by FTS5 and in bytes by FTS4, and an Arabic
// letter has two. FTS5 gathers what is inserted in memory, as much as hashsize
// says, which must not be a sale's. Contentless: no words are kept but in the
// index. Every table ends as one piece, so that a search goes through one.
func modules() []module {
	merge := `INSERT INTO %[1]s (%[1]s) VALUES ('optimize')`
	set := func(name string, n int) string {
		return fmt.Sprintf(`INSERT INTO %%[1]s (%%[1]s, rank) VALUES ('%s', %d)`, name, n)
	}
	return []module{
		{
			name: "fts5", table: "words5",
			with:   `content = '', contentless_delete = 1, detail = none, prefix = '1 2 3 4', tokenize = ascii`,
			before: []string{set("hashsize", 16<<20), set("automerge", 0)},
			after:  []string{merge, set("hashsize", 1<<20), set("automerge", 4)},
		},
		{
			name: "fts4", table: "words4",
			with:  `matchinfo=fts3, prefix="1,2,3,4,6,8", tokenize=simple`,
			after: []string{merge},
		},
	}
}

// looseMark goes before each word of an article with a PLU, which has its words
// twice: plain and with the mark. It is a letter in no script, so nobody types it.
const looseMark = "\ue000"

// textsOf returns what an article is found by.
func textsOf(a basket.Article, synonyms string) []string {
	texts := []string{a.Name, synonyms, a.PLU}
	for _, name := range a.Names {
		texts = append(texts, name)
	}
	return texts
}

// wordsOf returns an article's text for the index.
func wordsOf(a basket.Article, synonyms string) string {
	terms := termsOf(textsOf(a, synonyms)...)
	if a.PLU != "" {
		for _, term := range slices.Clone(terms) {
			terms = append(terms, looseMark+term)
		}
	}
	return strings.Join(terms, " ")
}

// question writes folded words for MATCH. They hold small letters and digits
// only, of which neither module takes one for an operator. The first whole of
// them stand for themselves, the others for what begins with them.
func question(words []string, whole int, mark string) string {
	all := make([]string, len(words))
	for i, w := range words {
		if all[i] = mark + w; i >= whole {
			all[i] += "*"
		}
	}
	return strings.Join(all, " ")
}

// index makes sure that the words can be looked up: of a new file, one that was
// migrated, whose words were folded otherwise, or whose module is missing here.
func (c *Catalog) index(ctx context.Context) error {
	ready, err := c.indexed(ctx, c.db.Reader())
	if err != nil || ready {
		return err
	}
	tx, err := c.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("the words of the articles (is an import running?): %w", err)
	}
	err = c.indexAgain(ctx, tx)
	if err == nil {
		err = tx.Commit()
	}
	if back := tx.Rollback(); !errors.Is(back, sql.ErrTxDone) && ctx.Err() == nil {
		err = errors.Join(err, back)
	}
	if err != nil {
		return fmt.Errorf("the words of the articles: %w", err)
	}
	return nil
}

// indexed reports whether nothing is to be done.
func (c *Catalog) indexed(ctx context.Context, q querier) (bool, error) {
	has, err := known(ctx, q, c.modules)
	if err != nil {
		return false, err
	}
	var table string
	var folded int
	if err := q.QueryRowContext(ctx, `SELECT words, folding FROM finding`).Scan(&table, &folded); err != nil {
		return false, err
	}
	usable := slices.ContainsFunc(has, func(m module) bool { return m.table == table })
	left, err := leftovers(ctx, q, has, table)
	return usable && folded == folding && len(left) == 0, err
}

// leftovers returns the tables that are not looked into any more and that can be
// dropped here.
func leftovers(ctx context.Context, q querier, has []module, table string) (all []string, err error) {
	for _, m := range has {
		if m.table == table {
			continue
		}
		var n int
		if err := q.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = ?`, m.table).Scan(&n); err != nil {
			return nil, err
		}
		if n > 0 {
			all = append(all, m.table)
		}
	}
	return all, nil
}

// known returns which of the modules this build has.
func known(ctx context.Context, q querier, modules []module) ([]module, error) {
	var has []module
	for _, m := range modules {
		var n int
		if err := q.QueryRowContext(ctx, `SELECT count(*) FROM pragma_module_list WHERE name = ?`, m.name).Scan(&n); err != nil {
			return nil, err
		}
		if n > 0 {
			has = append(has, m)
		}
	}
	if len(has) == 0 { // unreachable: our driver is never built without
		return nil, errors.New("this build of SQLite has no full text search: build it with -tags sqlite_fts5")
	}
	return has, nil
}

// indexAgain makes the index from the articles, if another process was not
// faster.
func (c *Catalog) indexAgain(ctx context.Context, tx *sql.Tx) error {
	if ready, err := c.indexed(ctx, tx); err != nil || ready {
		return err
	}
	var folded int
	if err := tx.QueryRowContext(ctx, `SELECT folding FROM finding`).Scan(&folded); err != nil {
		return err
	}
	x, err := openIndex(ctx, tx, c.modules)
	if err != nil {
		return err
	}
	has, err := known(ctx, tx, c.modules)
	if err != nil {
		return err
	}
	left, err := leftovers(ctx, tx, has, x.table)
	if err != nil {
		return err
	}
	for _, table := range left {
		if _, err := tx.ExecContext(ctx, `DROP TABLE `+table); err != nil {
			return err
		}
	}
	if !x.fresh && folded == folding {
		return nil
	}
	if err := x.clear(ctx); err != nil {
		return err
	}
	if err := x.fromArticles(ctx); err != nil {
		return err
	}
	return x.finish(ctx)
}

// An index writes words in one transaction, many rows with one statement.
type index struct {
	module
	tx      *sql.Tx
	insert  *sql.Stmt
	waiting []any // id, words, id, words, ...
	fresh   bool  // the file had none that can be used here
	whole   bool  // it is filled as a whole
}

// openIndex opens the one that the file has, or the best there is.
func openIndex(ctx context.Context, tx *sql.Tx, modules []module) (*index, error) {
	has, err := known(ctx, tx, modules)
	if err != nil {
		return nil, err
	}
	var table string
	if err := tx.QueryRowContext(ctx, `SELECT words FROM finding`).Scan(&table); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(has, func(m module) bool { return m.table == table })
	return &index{module: has[max(i, 0)], tx: tx, fresh: i < 0}, nil
}

// clear makes an empty table, to be filled as a whole.
func (x *index) clear(ctx context.Context) error {
	create := fmt.Sprintf(`CREATE VIRTUAL TABLE %s USING %s (terms, %s)`, x.table, x.name, x.with)
	for _, q := range append([]string{`DROP TABLE IF EXISTS %[1]s`, create}, x.before...) {
		if err := x.do(ctx, q); err != nil {
			return err
		}
	}
	_, err := x.tx.ExecContext(ctx, `UPDATE finding SET words = ?, folding = ?`, x.table, folding)
	x.whole = true
	return err
}

// do runs one statement of a module, with its table for %[1]s.
func (x *index) do(ctx context.Context, query string) error {
	if strings.Contains(query, "%[1]s") {
		query = fmt.Sprintf(query, x.table)
	}
	_, err := x.tx.ExecContext(ctx, query)
	return err
}

// fromArticles fills it from the table article.
func (x *index) fromArticles(ctx context.Context) error {
	rows, err := x.tx.QueryContext(ctx, `SELECT id, plu, name, names, flags, synonyms FROM article ORDER BY id`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // nothing was written by it
	for rows.Next() {
		var a basket.Article
		var id int64
		var names, synonyms string
		if err := rows.Scan(&id, &a.PLU, &a.Name, &names, &a.Flags, &synonyms); err != nil {
			return err
		}
		if names != "" {
			if err := json.Unmarshal([]byte(names), &a.Names); err != nil {
				return fmt.Errorf("names of article %d: %w", id, err)
			}
		}
		if err := x.add(ctx, id, a, synonyms); err != nil {
			return err
		}
	}
	return rows.Err()
}

// wordsAtOnce is how many articles one statement indexes.
const wordsAtOnce = 64

// add puts an article's words in. What no shopper can take here is not found.
func (x *index) add(ctx context.Context, id int64, a basket.Article, synonyms string) error {
	if a.Flags&notForGrid != 0 {
		return nil
	}
	x.waiting = append(x.waiting, id, wordsOf(a, synonyms))
	if len(x.waiting) < 2*wordsAtOnce {
		return nil
	}
	if x.insert == nil {
		var err error
		if x.insert, err = x.tx.PrepareContext(ctx, x.inserting(wordsAtOnce)); err != nil {
			return err
		}
	}
	_, err := x.insert.ExecContext(ctx, x.waiting...)
	x.waiting = x.waiting[:0]
	return err
}

func (x *index) inserting(rows int) string {
	return `INSERT INTO ` + x.table + ` (rowid, terms) VALUES ` + strings.Repeat(",(?,?)", rows)[1:]
}

// remove takes an article's words out.
func (x *index) remove(ctx context.Context, id int64) error {
	if err := x.flush(ctx); err != nil {
		return err
	}
	_, err := x.tx.ExecContext(ctx, `DELETE FROM `+x.table+` WHERE rowid = ?`, id)
	return err
}

// flush writes what waits.
func (x *index) flush(ctx context.Context) error {
	if len(x.waiting) == 0 {
		return nil
	}
	_, err := x.tx.ExecContext(ctx, x.inserting(len(x.waiting)/2), x.waiting...)
	x.waiting = x.waiting[:0]
	return err
}

// finish writes the rest.
func (x *index) finish(ctx context.Context) error {
	if err := x.flush(ctx); err != nil || !x.whole {
		return err
	}
	for _, q := range x.after {
		if err := x.do(ctx, q); err != nil {
			return err
		}
	}
	return nil
}
