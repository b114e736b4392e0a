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
// the others; produce before packages, then by name. Articles under a sale stop
// or not sold at self-checkout are left out. The price is that of one piece now.
func (c *Catalog) Search(ctx context.Context, lang, text string, limit int) ([]basket.Article, error) {
	wanted := words(text)
	if len(wanted) == 0 || limit <= 0 {
		return nil, nil
	}
	// The longest word narrows the most.
	slices.SortStableFunc(wanted, func(x, y string) int { return cmp.Compare(len(y), len(x)) })
	wanted = wanted[:min(len(wanted), 6)]
	var query strings.Builder
	var args []any
	query.WriteString(`SELECT ` + articleColumns + ` FROM article a WHERE a.flags & ? = 0 AND a.id IN (SELECT article FROM term WHERE term >= ? AND term < ?)`)
	args = append(args, notForGrid, cutTerm(wanted[0]), after(cutTerm(wanted[0])))
	for _, w := range wanted[1:] {
		query.WriteString(` AND EXISTS (SELECT 1 FROM term t WHERE t.article = a.id AND t.term >= ? AND t.term < ?)`)
		args = append(args, cutTerm(w), after(cutTerm(w)))
	}
	query.WriteString(` LIMIT ?`)
	found, err := c.list(ctx, query.String(), append(args, maxCandidates)...)
	if err != nil {
		return nil, err
	}
	rank(found, lang, words(text))
	return found[:min(limit, len(found))], nil
}

// after returns the first text in byte order that does not begin with prefix.
func after(prefix string) string { return prefix + "\U0010FFFF" }

// rank sorts what was found for a shopper who reads lang.
func rank(found []basket.Article, lang string, wanted []string) {
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
		return cmp.Or(cmp.Compare(rx.class, ry.class), byPLU, cmp.Compare(rx.name, ry.name), cmp.Compare(x.Item, y.Item))
	})
}

// Produce returns articles for the picture grid: those with a PLU, then the
// others, by name.
func (c *Catalog) Produce(ctx context.Context, limit int) ([]basket.Article, error) {
	return c.list(ctx, `SELECT `+articleColumns+` FROM article a WHERE a.flags & ? = 0
		ORDER BY a.plu = '', a.sort, a.id LIMIT ?`, notForGrid, limit)
}

// Browse returns the articles of one group for the picture grid, in the same
// order.
func (c *Catalog) Browse(ctx context.Context, group string, limit int) ([]basket.Article, error) {
	return c.list(ctx, `SELECT `+articleColumns+` FROM article a WHERE a.grp = ? AND a.flags & ? = 0
		ORDER BY a.plu = '', a.sort, a.id LIMIT ?`, group, notForGrid, limit)
}

func (c *Catalog) list(ctx context.Context, query string, args ...any) (all []basket.Article, err error) {
	err = c.read(func(q querier, at time.Time) error {
		rows, err := q.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // nothing was written
		for rows.Next() {
			a, err := scanArticle(rows)
			if err != nil {
				return err
			}
			all = append(all, a)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for i := range all { // after rows: a held transaction has one connection
			if err := priceNow(ctx, q, &all[i], at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("catalogue: list: %w", err)
	}
	return all, nil
}
