package catalog

import (
	"cmp"
	"context"
	"encoding/json"
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
// Articles under a sale stop or not sold at self-checkout are left out. The price
// is that of one piece now.
func (c *Catalog) Search(ctx context.Context, lang, text string, limit int) ([]basket.Article, error) {
	wanted := words(text)
	if len(wanted) == 0 || limit <= 0 {
		return nil, nil
	}
	var found []basket.Article
	err := c.read(func(q querier, at time.Time) (err error) {
		if found, err = candidates(ctx, q, few(wanted)); err != nil {
			return err
		}
		if len(found) == maxCandidates { // there are more, and best sellers among them
			if found, err = withBest(ctx, q, found, few(wanted)); err != nil {
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

// maxWords is how many words of a search are looked for.
const maxWords = 6

// few returns the words to look for, each once, without the Arabic article:
// every article has its words without it, too.
func few(words []string) []string {
	var all []string
	for _, w := range words {
		if w = cutTerm(bare(w)); !slices.Contains(all, w) {
			all = append(all, w)
		}
		if len(all) == maxWords {
			break
		}
	}
	return all
}

// candidates returns some articles that have all words, at most maxCandidates:
// produce first, then those with the very words, then those with all but the
// last, of which people have typed the beginning; at last those whose words begin
// so. The order also keeps the index quick: whole words and the first letters of
// one are looked up, while a long beginning is gathered from many words.
func candidates(ctx context.Context, q querier, wanted []string) ([]basket.Article, error) {
	var table string
	if err := q.QueryRowContext(ctx, `SELECT words FROM finding`).Scan(&table); err != nil {
		return nil, err
	}
	n := len(wanted)
	var ids []int64
	have := map[int64]bool{}
	for _, text := range []string{question(wanted, 0, looseMark), question(wanted, n, ""), question(wanted, n-1, ""), question(wanted, 0, "")} {
		more, err := matching(ctx, q, table, text)
		if err != nil {
			return nil, err
		}
		for _, id := range more {
			if len(ids) < maxCandidates && !have[id] {
				ids, have[id] = append(ids, id), true
			}
		}
		if len(ids) == maxCandidates {
			break
		}
	}
	all, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	return articles(ctx, q, `SELECT `+articleColumns+` FROM json_each(?) j JOIN article a ON a.id = j.value
		WHERE a.flags & ? = 0`, string(all), notForGrid)
}

// matching returns ids of articles that match, in no order that matters.
func matching(ctx context.Context, q querier, table, text string) (ids []int64, err error) {
	rows, err := q.QueryContext(ctx, `SELECT rowid FROM `+table+` WHERE `+table+` MATCH ? LIMIT ?`, text, maxCandidates)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // nothing was written
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

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
