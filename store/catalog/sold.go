package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kassa/kiosk/basket"
)

// Counts of what was sold put the best sellers first. They are hints: they are
// in no export, an import leaves them alone, and losing some does no harm.
//
// They age: with each day they lose a part in agePart, so that half of what was
// sold counts after three weeks and the season's fruit comes up by itself.
const (
	soldUnit = 1000 // what one piece counts
	agePart  = 32
	maxAged  = 365 // days after which everything is forgotten anyway
)

// A Sold is how many pieces of an article were sold; a weighed line is one.
type Sold struct {
	Article basket.Article
	Pieces  int64
}

// Count adds what was sold to the counts. It waits for an import that is under
// way, up to the end of ctx.
func (c *Catalog) Count(ctx context.Context, sold []Sold) (err error) {
	tx, err := c.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("catalogue: count: %w", err)
	}
	defer func() {
		if back := tx.Rollback(); !errors.Is(back, sql.ErrTxDone) && ctx.Err() == nil {
			err = errors.Join(err, back)
		}
	}()
	if err := age(ctx, tx, c.now()); err != nil {
		return fmt.Errorf("catalogue: count: %w", err)
	}
	for _, s := range sold {
		if s.Article.Item == "" || s.Pieces <= 0 {
			continue
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO sold (item, n, loose, grp) VALUES (?, ?, ?, ?)
			ON CONFLICT (item) DO UPDATE SET n = n + excluded.n, loose = excluded.loose, grp = excluded.grp`,
			s.Article.Item, min(s.Pieces, basket.MaxQty)*soldUnit, s.Article.PLU != "", s.Article.Group)
		if err != nil {
			return fmt.Errorf("catalogue: count: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("catalogue: count: %w", err)
	}
	return nil
}

// age takes off what the days since the last count cost.
func age(ctx context.Context, tx *sql.Tx, now time.Time) error {
	today := now.Unix() / (24 * 60 * 60)
	var last int64
	if err := tx.QueryRowContext(ctx, `SELECT sold_day FROM season`).Scan(&last); err != nil {
		return err
	}
	if last == today {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `UPDATE season SET sold_day = ?`, today); err != nil {
		return err
	}
	if last == 0 || today < last { // the first count, or a clock that was set back
		return nil
	}
	for range min(today-last, maxAged) {
		// Rounded up, so that what is not sold any more is nought one day.
		if _, err := tx.ExecContext(ctx, `UPDATE sold SET n = n - (n + ?) / ?`, agePart-1, agePart); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM sold WHERE n <= 0`)
	return err
}

// counts returns the counts of articles, by item; those never sold are left out.
func counts(ctx context.Context, q querier, articles []basket.Article) (map[string]int64, error) {
	n := make(map[string]int64, len(articles))
	if len(articles) == 0 {
		return n, nil
	}
	args := make([]any, len(articles))
	for i, a := range articles {
		args[i] = a.Item
	}
	rows, err := q.QueryContext(ctx, `SELECT item, n FROM sold WHERE item IN (?`+strings.Repeat(", ?", len(args)-1)+`)`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // nothing was written
	for rows.Next() {
		var item string
		var count int64
		if err := rows.Scan(&item, &count); err != nil {
			return nil, err
		}
		n[item] = count
	}
	return n, rows.Err()
}

// best returns the best sellers, loose produce before packages; group "" is all.
func best(ctx context.Context, q querier, group string, limit int) ([]basket.Article, error) {
	var all []basket.Article
	for _, loose := range []bool{true, false} {
		query := `SELECT ` + articleColumns + ` FROM sold s JOIN article a ON a.item = s.item AND (a.plu <> '') = s.loose
			WHERE s.loose = ? AND a.flags & ? = 0`
		args := []any{loose, notForGrid}
		if group != "" {
			query += ` AND s.grp = ? AND a.grp = s.grp`
			args = append(args, group)
		}
		found, err := articles(ctx, q, query+` ORDER BY s.n DESC, a.sort, a.id LIMIT ?`, append(args, limit)...)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// mostBest is how many best sellers, of produce and of packages each, a search
// that finds too much looks through.
const mostBest = 200

// withBest adds the best sellers that have all words to what was found.
func withBest(ctx context.Context, q querier, found []basket.Article, wanted []string) ([]basket.Article, error) {
	known := make(map[string]bool, len(found))
	for _, a := range found {
		known[a.Item] = true
	}
	for _, loose := range []bool{true, false} {
		more, err := bestWith(ctx, q, loose, wanted)
		if err != nil {
			return nil, err
		}
		for _, a := range more {
			if !known[a.Item] {
				found = append(found, a)
			}
		}
	}
	return found, nil
}

// bestWith returns the best sellers that have all words. It folds their names:
// asking the index about each of so many takes longer.
func bestWith(ctx context.Context, q querier, loose bool, wanted []string) (all []basket.Article, err error) {
	rows, err := q.QueryContext(ctx, `SELECT synonyms, `+articleColumns+` FROM
		(SELECT item FROM sold WHERE loose = ? ORDER BY n DESC LIMIT ?) s JOIN article a ON a.item = s.item
		WHERE a.flags & ? = 0`, loose, mostBest, notForGrid)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // nothing was written
	for rows.Next() {
		var synonyms string
		a, err := scanArticle(rows, &synonyms)
		if err != nil {
			return nil, err
		}
		if hasAll(termsOf(textsOf(a, synonyms)...), wanted) {
			all = append(all, a)
		}
	}
	return all, rows.Err()
}

// hasAll reports whether each word is the beginning of a term.
func hasAll(terms, words []string) bool {
	for _, w := range words {
		if !slices.ContainsFunc(terms, func(t string) bool { return strings.HasPrefix(t, w) }) {
			return false
		}
	}
	return true
}

// grid puts the best sellers before the others: produce first, each part with
// those that were sold, by their counts, before those by name.
func grid(best, byName []basket.Article, limit int) []basket.Article {
	rank := make(map[string]int, len(best))
	for i, a := range best {
		rank[a.Item] = i + 1
	}
	all := slices.Clone(best)
	for _, a := range byName {
		if rank[a.Item] == 0 {
			all = append(all, a)
		}
	}
	slices.SortStableFunc(all, func(x, y basket.Article) int {
		return cmp.Or(
			cmp.Compare(boolean(x.PLU == ""), boolean(y.PLU == "")),
			cmp.Compare(boolean(rank[x.Item] == 0), boolean(rank[y.Item] == 0)),
		)
	})
	return all[:min(limit, len(all))]
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}
