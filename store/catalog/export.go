package catalog

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"kassa/kiosk/basket"
)

// Export writes all articles as a file that Import reads back to the same
// catalogue: the columns it knows, with one name_LANG for each language there
// is.
func (c *Catalog) Export(ctx context.Context, w io.Writer) error {
	err := c.read(func(q querier, _ time.Time) error {
		langs, err := languages(ctx, q)
		if err != nil {
			return err
		}
		b := bufio.NewWriter(w)
		if err := export(ctx, q, csv.NewWriter(b), langs); err != nil {
			return err
		}
		return b.Flush()
	})
	if err != nil {
		return fmt.Errorf("catalogue: export: %w", err)
	}
	return nil
}

// languages returns the languages of all names, sorted.
func languages(ctx context.Context, q querier) ([]string, error) {
	rows, err := q.QueryContext(ctx, `SELECT names FROM article WHERE names <> ''`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // nothing was written
	seen := map[string]bool{}
	for rows.Next() {
		var text []byte
		var names map[string]string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &names); err != nil {
			return nil, err
		}
		for lang := range names {
			seen[lang] = true
		}
	}
	return slices.Sorted(maps.Keys(seen)), rows.Err()
}

func export(ctx context.Context, q querier, out *csv.Writer, langs []string) error {
	header := []string{"gtin", "plu", "name"}
	for _, lang := range langs {
		header = append(header, "name_"+lang)
	}
	header = append(header, "price_minor", "per", "tax", "age", "weight_g", "weight_sd_g", "tare_g", "deposit_minor",
		"group", "flags", "picture", "synonyms")
	if err := out.Write(header); err != nil {
		return err
	}
	rows, err := q.QueryContext(ctx, `SELECT a.codes, a.synonyms, `+articleColumns+` FROM article a ORDER BY a.id`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // nothing was written
	for rows.Next() {
		var codes, synonyms string
		a, err := scanArticle(rows, &codes, &synonyms)
		if err != nil {
			return err
		}
		fields := []string{codes, a.PLU, a.Name}
		for _, lang := range langs {
			fields = append(fields, a.Names[lang])
		}
		fields = append(fields, strconv.FormatInt(int64(a.Price), 10), PerName(a.Per), a.Tax, orEmpty(int64(a.Age)),
			formatGrams(a.MeanMg), formatGrams(a.SDMg), orEmpty(int64(a.Tare)), orEmpty(int64(a.Deposit)), a.Group, strings.Join(FlagNames(a.Flags), " "),
			a.Picture, synonyms)
		if err := out.Write(fields); err != nil {
			return err
		}
	}
	out.Flush()
	return rows.Err()
}

// PerName returns a Per as files write it: each, kg, lb or 100g.
func PerName(p basket.Per) string {
	switch p {
	case basket.PerKilogram:
		return "kg"
	case basket.PerPound:
		return "lb"
	case basket.Per100Grams:
		return "100g"
	case basket.Each:
		return "each"
	default:
		return "?"
	}
}

func orEmpty(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// formatGrams prints milligrams as grams without needless decimals.
func formatGrams(mg int64) string {
	if mg == 0 {
		return ""
	}
	s := strings.TrimRight(fmt.Sprintf("%d.%03d", mg/1000, mg%1000), "0")
	return strings.TrimSuffix(s, ".")
}

// FlagNames returns flags as files write them.
func FlagNames(f basket.Flags) []string {
	var all []string
	for _, name := range flagNames() {
		if f.Has(name.flag) {
			all = append(all, name.name)
		}
	}
	return all
}
