package catalog

import (
	"context"
	"database/sql"
	"strings"
)

// A batch is articles of a full import that wait to be written together: most of
// the cost of a small row is its statement's.
type batch struct {
	records       []record
	lines         []int // of the file
	rows, codes   []any
	first         int64 // id of the first; 0: not known yet
	article, code *sql.Stmt
}

// atOnce is how many articles, and how many codes, one statement writes.
const atOnce = 64

// codeFields is how many columns a code has.
const codeFields = 4

// gather puts an article into the batch.
func (im *importer) gather(ctx context.Context, t *table, r record) (err error) {
	b := &im.batch
	if b.first == 0 {
		if err := im.begin(ctx); err != nil {
			return err
		}
	}
	id := b.first + int64(len(b.records))
	b.records, b.lines = append(b.records, r), append(b.lines, t.line)
	if b.rows, err = im.values(append(b.rows, id), t, r); err != nil {
		return err
	}
	for _, c := range r.codes {
		b.codes = append(b.codes, c.code, id, c.pack, c.crate)
	}
	if len(b.records) < atOnce {
		return nil
	}
	return im.flush(ctx, t)
}

// begin prepares the statements of batches.
func (im *importer) begin(ctx context.Context) (err error) {
	b := &im.batch
	if err := im.tx.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) + 1 FROM article`).Scan(&b.first); err != nil {
		return err
	}
	row := strings.Repeat(",?", 22)[1:]
	b.article, err = im.tx.PrepareContext(ctx, `INSERT INTO article (id, `+writtenColumns+`) VALUES `+
		strings.Repeat(",("+row+")", atOnce)[1:]+` ON CONFLICT DO NOTHING`)
	if err != nil {
		return err
	}
	b.code, err = im.tx.PrepareContext(ctx, `INSERT INTO code (code, article, pack, crate) VALUES `+
		strings.Repeat(",(?,?,?,?)", atOnce)[1:]+` ON CONFLICT DO NOTHING`)
	return err
}

// flush writes the batch. One that is not full, or in which a code stands that
// another article has, is written row by row, which says where.
func (im *importer) flush(ctx context.Context, t *table) error {
	b := &im.batch
	whole := len(b.records) == atOnce
	var err error
	if whole {
		if whole, err = im.writeBatch(ctx); err != nil {
			return err
		}
	}
	line := t.line
	for i, r := range b.records {
		if t.line = b.lines[i]; !whole && len(im.problems) == 0 {
			err = im.put(ctx, t, r)
		} else if whole {
			im.sum.Articles++
			err = im.words.add(ctx, b.first+int64(i), r.article, r.synonyms)
		}
		if err != nil {
			return err
		}
	}
	t.line = line
	b.first += int64(len(b.records))
	b.records, b.lines, b.rows, b.codes = b.records[:0], b.lines[:0], b.rows[:0], b.codes[:0]
	return nil
}

// writeBatch writes a full batch, or takes it back and returns false.
func (im *importer) writeBatch(ctx context.Context) (bool, error) {
	b := &im.batch
	n, err := affected(b.article.ExecContext(ctx, b.rows...))
	if err != nil {
		return false, err
	}
	codes := b.codes
	const each = codeFields * atOnce
	for len(codes) > 0 {
		stmt, size := b.code, each
		if len(codes) < each {
			stmt, size = im.stmts.code, codeFields
		}
		more, err := affected(stmt.ExecContext(ctx, codes[:size]...))
		if err != nil {
			return false, err
		}
		n, codes = n+more, codes[size:]
	}
	if n == int64(len(b.records)+len(b.codes)/codeFields) {
		return true, nil
	}
	for _, q := range []string{`DELETE FROM code WHERE article >= ?`, `DELETE FROM article WHERE id >= ?`} {
		if _, err := im.tx.ExecContext(ctx, q, b.first); err != nil {
			return false, err
		}
	}
	return false, nil
}

func affected(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// writtenColumns are the columns of article but its id.
const writtenColumns = `item, plu, name, names, sort, price, per, tax, age, mean_mg, sd_mg, tare_g,
	deposit, grp, flags, picture, synonyms, codes, version, source, line`
