package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kassa/kiosk/basket"
)

// maxCandidates bounds what one search ranks: a single letter matches half an
// assortment.
const maxCandidates = 500

// notForGrid are articles that a shopper cannot buy here, or not now.
const notForGrid = basket.AttendantOnly | basket.SaleStop

// Search finds articles by the beginnings of words, in any order, in any
// language of the catalogue or by PLU. Those come first whose name in language
// lang begins with the text, then those with a word of it beginning there, then
// the others; produce before packages, best sellers before others, then by name.
// Articles under a sale stop
// or not sold at self-checkout are left out. The price is that of one piece now.
func (c *Catalog) Search(ctx context.Context, lang, text string, limit int) ([]basket.Article, error) {
	wanted := words(text)
	if len(wanted) == 0 || limit <= 0 {
		return nil, nil
	}
	var found []basket.Article
	err := c.read(func(q querier, at time.Time) (err error) {
		if found, err = candidates(ctx, q, wanted); err != nil {
			return err
		}
		if len(found) == maxCandidates { // there are more, and best sellers among them
			if found, err = withBest(ctx, q, found, wanted); err != nil {
				return err
			}
		}
		sold, err := counts(ctx, q, found)
		if err != nil {
			return err
		}
		rank(found, sold, lang, wanted)
		found = found[:min(limit, len(found))]
		return priceAll(ctx, q, found, at)
	})
	if err != nil {
		return nil, fmt.Errorf("catalogue: search: %w", err)
	}
	return found, nil
}

// maxWords is how many words of a search count, maxCounted how far the matches
// of a word are counted to find the rarest.
const (
	maxWords   = 6
	maxCounted = 20_000
)

// candidates returns some articles that have all words. It goes through the
// matches of the rarest word and looks for the others in each.
func candidates(ctx context.Context, q querier, wanted []string) ([]basket.Article, error) {
	type word struct {
		prefix string
		count  int
	}
	var all []word
	for _, w := range wanted[:min(len(wanted), maxWords)] {
		w = cutTerm(w)
		var n int
		err := q.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM term WHERE term >= ? AND term < ? LIMIT ?)`,
			w, after(w), maxCounted).Scan(&n)
		if err != nil || n == 0 {
			return nil, err
		}
		all = append(all, word{w, n})
	}
	slices.SortStableFunc(all, func(x, y word) int {
		return cmp.Or(cmp.Compare(x.count, y.count), cmp.Compare(len(y.prefix), len(x.prefix)))
	})
	var query strings.Builder
	query.WriteString(`SELECT ` + articleColumns + ` FROM (SELECT DISTINCT f.article AS id FROM term f WHERE f.term >= ? AND f.term < ?
		AND EXISTS (SELECT 1 FROM article b WHERE b.id = f.article AND b.flags & ? = 0)`)
	args := []any{all[0].prefix, after(all[0].prefix), notForGrid}
	for _, w := range all[1:] {
		query.WriteString(` AND EXISTS (SELECT 1 FROM term t WHERE t.article = f.article AND t.term >= ? AND t.term < ?)`)
		args = append(args, w.prefix, after(w.prefix))
	}
	query.WriteString(` LIMIT ?) JOIN article a USING (id)`)
	return articles(ctx, q, query.String(), append(args, maxCandidates)...)
}

// after returns the first text in byte order that does not begin with prefix.
func after(prefix string) string { return prefix + "\U0010FFFF" }

// rank sorts what was found for a shopper who reads lang.
func rank(found []basket.Article, sold map[string]int64, lang string, wanted []string) {
	type ranked struct {
		class int
		name  string
	}
	ranks := make(map[string]ranked, len(found))
	for _, a := range found {
		name := a.Name
		if own := a.Names[lang]; own != "" {
			name = own
		}
		folded := strings.Join(words(name), " ")
		r := ranked{3, folded}
		switch {
		case a.PLU != "" && a.PLU == strings.Join(wanted, ""):
			r.class = 0
		case strings.HasPrefix(folded, strings.Join(wanted, " ")):
			r.class = 1
		case strings.Contains(" "+folded, " "+wanted[0]):
			r.class = 2
		}
		ranks[a.Item] = r
	}
	slices.SortStableFunc(found, func(x, y basket.Article) int {
		rx, ry := ranks[x.Item], ranks[y.Item]
		byPLU := 0
		if (x.PLU == "") != (y.PLU == "") {
			byPLU = cmp.Compare(y.PLU, x.PLU) // "" last
		}
		return cmp.Or(cmp.Compare(rx.class, ry.class), byPLU, cmp.Compare(sold[y.Item], sold[x.Item]), cmp.Compare(rx.name, ry.name), cmp.Compare(x.Item, y.Item))
	})
}

// Produce returns articles for the picture grid: those with a PLU, then the
// others; of each the best sellers, then by name.
func (c *Catalog) Produce(ctx context.Context, limit int) ([]basket.Article, error) {
	return c.grid(ctx, "", limit, `SELECT `+articleColumns+` FROM article a WHERE a.flags & ? = 0
		ORDER BY a.plu = '', a.sort, a.id LIMIT ?`, notForGrid, limit)
}

// Browse returns the articles of one group for the picture grid, in the same
// order.
func (c *Catalog) Browse(ctx context.Context, group string, limit int) ([]basket.Article, error) {
	return c.grid(ctx, group, limit, `SELECT `+articleColumns+` FROM article a WHERE a.grp = ? AND a.flags & ? = 0
		ORDER BY a.plu = '', a.sort, a.id LIMIT ?`, group, notForGrid, limit)
}

// grid returns the best sellers and, behind them, what query finds by name.
func (c *Catalog) grid(ctx context.Context, group string, limit int, query string, args ...any) (all []basket.Article, err error) {
	err = c.read(func(q querier, at time.Time) error {
		first, err := best(ctx, q, group, limit)
		if err != nil {
			return err
		}
		if all, err = articles(ctx, q, query, args...); err != nil {
			return err
		}
		all = grid(first, all, limit)
		return priceAll(ctx, q, all, at)
	})
	if err != nil {
		return nil, fmt.Errorf("catalogue: list: %w", err)
	}
	return all, nil
}

func articles(ctx context.Context, q querier, query string, args ...any) ([]basket.Article, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // nothing was written
	var all []basket.Article
	for rows.Next() {
		a, err := scanArticle(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// priceAll puts prices to come into articles. It runs after the rows are read: a
// held transaction has one connection.
func priceAll(ctx context.Context, q querier, all []basket.Article, at time.Time) error {
	for i := range all {
		if err := priceNow(ctx, q, &all[i], at); err != nil {
			return err
		}
	}
	return nil
}
