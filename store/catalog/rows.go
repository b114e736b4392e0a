package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"kassa/kiosk/basket"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

func articleFileColumns() []string {
	return []string{
		"gtin", "plu", "name", "name_fr", "name_ar", "name_id", "price_minor", "per", "tax", "age", "weight_g",
		"weight_sd_g", "tare_g", "deposit_minor", "group", "flags", "picture", "synonyms",
	}
}

func priceColumns() []string {
	return []string{"gtin", "plu", "price_minor", "per", "valid_from", "valid_until", "members"}
}

func recallColumns() []string {
	return []string{"gtin", "lot", "serial", "valid_from", "valid_until", "text", "text_fr", "text_ar", "text_id"}
}

// flagNames are the words of the flags column.
func flagNames() []struct {
	name string
	flag basket.Flags
} {
	return []struct {
		name string
		flag basket.Flags
	}{
		{"no-bag", basket.NoBag},
		{"attendant-only", basket.AttendantOnly},
		{"ask-quantity", basket.AskQuantity},
		{"sale-stop", basket.SaleStop},
		{"remove-tag", basket.RemoveTag},
		{"gift-card", basket.GiftCard},
	}
}

// A record is one row of an article file.
type record struct {
	article  basket.Article
	codes    []packCode
	file     string // the gtin column as it stood
	synonyms string
}

// A packCode is a code, how many pieces it stands for, and the deposit on what
// holds them.
type packCode struct {
	code  string
	pack  int64
	crate int64 // minor units
}

// parseArticle reads the present row; t.damaged says whether it is good.
func parseArticle(t *table) record {
	a := basket.Article{
		PLU:     t.plu(),
		Name:    t.text("name", maxText),
		Names:   t.languages("name_", maxText),
		Tax:     t.text("tax", 20),
		Age:     int(t.number("age", maxAge)),
		MeanMg:  t.milligrams("weight_g"),
		SDMg:    t.milligrams("weight_sd_g"),
		Tare:    weight.Grams(t.number("tare_g", maxTare)),
		Deposit: money.Amount(t.number("deposit_minor", int64(basket.MaxPrice))),
		Group:   t.text("group", maxText),
		Picture: t.picture(),
	}
	a.Per, _ = t.per()
	if t.raw("price_minor") == "" {
		t.note("price_minor", "the price is missing; write minor units, such as 129 for 1.29")
	}
	a.Price = money.Amount(t.number("price_minor", int64(basket.MaxPrice)))
	if a.Name == "" && t.raw("name") == "" {
		t.note("name", "the name is missing")
	}
	for word := range strings.FieldsSeq(t.raw("flags")) {
		a.Flags |= t.flag(word)
	}
	r := record{article: a, codes: t.codes(), file: t.text("gtin", maxLong), synonyms: t.text("synonyms", maxLong)}
	if a.PLU != "" {
		r.codes = append(r.codes, packCode{code: "plu:" + a.PLU, pack: 1})
	}
	if len(r.codes) == 0 {
		if !t.damaged {
			t.note("gtin", "gtin and plu are both empty; write one of them")
		}
		return r
	}
	r.article.Item = r.codes[0].code
	if i := slices.IndexFunc(r.codes, func(c packCode) bool { return c.pack == 1 }); i >= 0 {
		r.article.Item = r.codes[i].code
	}
	if a.Per.ByWeight() && slices.ContainsFunc(r.codes, func(c packCode) bool { return c.pack > 1 }) {
		t.note("gtin", "a pack of what is sold by weight has no price; leave out the pack or write per each")
	}
	return r
}

// codes reads the gtin column: GTINs, GTIN*6 and GTIN*6+150, separated by spaces.
func (t *table) codes() []packCode {
	var all []packCode
	for word := range strings.FieldsSeq(t.raw("gtin")) {
		digits, times, isPack := strings.Cut(word, "*")
		times, deposit, isCrate := strings.Cut(times, "+")
		c := packCode{pack: 1}
		if isPack {
			n, err := strconv.ParseUint(times, 10, 32)
			if err != nil || n < 1 || n > maxPack {
				t.note("gtin", "%s: a pack is written GTIN*6, with 1 to %d pieces", shown(word), maxPack)
			}
			c.pack = int64(n)
		}
		if isCrate {
			n, err := strconv.ParseUint(deposit, 10, 63)
			if err != nil || int64(n) > int64(basket.MaxPrice) {
				t.note("gtin", "%s: a crate's own deposit is written GTIN*6+150, in whole minor units", shown(word))
			}
			c.crate = int64(n)
		}
		if c.code = t.gtin(digits); c.code != "" {
			all = append(all, c)
		}
	}
	return all
}

func (t *table) flag(word string) basket.Flags {
	names := make([]string, 0, 5)
	for _, f := range flagNames() {
		if f.name == word {
			return f.flag
		}
		names = append(names, f.name)
	}
	t.note("flags", "%s is unknown; known are %s", shown(word), strings.Join(names, ", "))
	return 0
}

// picture reads the name of a picture file, which must not lead out of its
// folder.
func (t *table) picture() string {
	s := t.text("picture", maxText)
	if strings.HasPrefix(s, "/") || strings.Contains(s, "..") || strings.ContainsAny(s, `\:?#`) {
		t.note("picture", `%s is no file name; write one like apple.svg, without .. \ : ? #`, shown(s))
		return ""
	}
	return s
}

// statements are what an import runs again and again.
type statements struct {
	article, code, owner, price, recall *sql.Stmt
}

func (s *statements) prepare(ctx context.Context, tx *sql.Tx) error {
	var err error
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&s.article, `INSERT INTO article (` + writtenColumns + `)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`},
		{&s.code, `INSERT INTO code (code, article, pack, crate) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`},
		{&s.owner, `SELECT a.id, a.item, a.version, a.source, a.line FROM code c JOIN article a ON a.id = c.article WHERE c.code = ?`},
		{&s.price, `INSERT INTO price (item, price, per, valid_from, valid_until, members) VALUES (?, ?, ?, ?, ?, ?)`},
		{&s.recall, `INSERT INTO recall (code, lot, serial, valid_from, valid_until, text, texts) VALUES (?, ?, ?, ?, ?, ?, ?)`},
	} {
		if *p.to, err = tx.PrepareContext(ctx, p.sql); err != nil { //nolint:sqlclosecheck // ends with tx
			return err
		}
	}
	return nil
}

// article takes one row of an article file in.
func (im *importer) article(ctx context.Context, t *table) error {
	r := parseArticle(t)
	if t.damaged || len(im.problems) > 0 {
		return nil
	}
	if !im.opts.Delta {
		return im.gather(ctx, t, r)
	}
	if err := im.replace(ctx, t, r); err != nil || t.damaged {
		return err
	}
	return im.put(ctx, t, r)
}

// values appends what a row of the table article is made of.
func (im *importer) values(all []any, t *table, r record) ([]any, error) {
	a := r.article
	names, err := textsJSON(a.Names)
	return append(all, a.Item, a.PLU, a.Name, names, strings.Join(words(a.Name), " "), int64(a.Price), int64(a.Per), a.Tax,
		int64(a.Age), a.MeanMg, a.SDMg, int64(a.Tare), int64(a.Deposit), a.Group, int64(a.Flags), a.Picture, r.synonyms, r.file,
		im.sum.Version, int64(t.source), int64(t.line)), err
}

// put writes one article.
func (im *importer) put(ctx context.Context, t *table, r record) error {
	a := r.article
	values, err := im.values(nil, t, r)
	if err != nil {
		return err
	}
	res, err := im.stmts.article.ExecContext(ctx, values...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return im.twice(ctx, t, a.Item)
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	for _, c := range r.codes {
		if err := im.code(ctx, t, c, id); err != nil {
			return err
		}
	}
	im.sum.Articles++
	return im.words.add(ctx, id, r.article, r.synonyms)
}

func (im *importer) code(ctx context.Context, t *table, c packCode, id int64) error {
	res, err := im.stmts.code.ExecContext(ctx, c.code, id, c.pack, c.crate)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil || n == 1 {
		return err
	}
	return im.twice(ctx, t, c.code)
}

// An owner is the article that has a code.
type owner struct {
	id, version  int64
	item         string
	source, line int
}

func (im *importer) owner(ctx context.Context, code string) (o owner, err error) {
	err = im.stmts.owner.QueryRowContext(ctx, code).Scan(&o.id, &o.item, &o.version, &o.source, &o.line)
	return o, err
}

// twice reports a code that another row has, or this one twice.
func (im *importer) twice(ctx context.Context, t *table, code string) error {
	o, err := im.owner(ctx, code)
	if err != nil {
		return err
	}
	column, text := "gtin", strings.TrimLeft(code, "0")
	if plu, ok := strings.CutPrefix(code, "plu:"); ok {
		column, text = "plu", plu
	}
	switch {
	case o.source != t.source:
		return t.bad(column, "%s stands in %s:%d already; a code belongs to one article", text, im.sources[o.source].name, o.line)
	case o.line == t.line:
		return t.bad(column, "%s stands in this line twice; remove one", text)
	}
	return t.bad(column, "%s stands in line %d already; a code belongs to one article", text, o.line)
}

// replace removes the article that a row of a delta file takes the place of:
// the one that has one of its codes.
func (im *importer) replace(ctx context.Context, t *table, r record) error {
	var old int64
	for _, c := range r.codes {
		o, err := im.owner(ctx, c.code)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			continue
		case err != nil:
			return err
		case o.version == im.sum.Version:
			return im.twice(ctx, t, c.code)
		case old != 0 && old != o.id:
			return t.bad("gtin", "the codes of this line belong to two articles so far; import the whole assortment without --delta")
		}
		old = o.id
	}
	if old == 0 {
		return nil
	}
	if err := im.words.remove(ctx, old); err != nil {
		return err
	}
	for _, q := range []string{`DELETE FROM code WHERE article = ?`, `DELETE FROM article WHERE id = ?`} {
		if _, err := im.tx.ExecContext(ctx, q, old); err != nil {
			return err
		}
	}
	return nil
}

// price takes one row of prices to come in.
func (im *importer) price(ctx context.Context, t *table) error {
	code := t.code()
	price := t.number("price_minor", int64(basket.MaxPrice))
	if t.raw("price_minor") == "" {
		t.note("price_minor", "the price is missing; write minor units, such as 129 for 1.29")
	}
	per, given := t.per()
	from, until := t.span(im.opts.Location)
	members := t.yes("members")
	if t.damaged || len(im.problems) > 0 {
		return nil
	}
	o, err := im.owner(ctx, code)
	if errors.Is(err, sql.ErrNoRows) {
		return t.bad("gtin", "no article has the code %s; import the article first, or with this file", code)
	}
	if err != nil {
		return err
	}
	_, err = im.stmts.price.ExecContext(ctx, o.item, price, sql.Null[basket.Per]{V: per, Valid: given}, from, until, members)
	im.sum.Prices++
	return err
}

// recall takes one row of recalls in. The code may be one the lane does not
// sell.
func (im *importer) recall(ctx context.Context, t *table) error {
	code := t.code()
	lot, serial := t.text("lot", maxText), t.text("serial", maxText)
	from, until := t.span(im.opts.Location)
	text := t.text("text", maxLong)
	texts, err := textsJSON(t.languages("text_", maxLong))
	if err != nil {
		return err
	}
	if t.damaged || len(im.problems) > 0 {
		return nil
	}
	_, err = im.stmts.recall.ExecContext(ctx, code, lot, serial, from, until, text, texts)
	im.sum.Recalls++
	return err
}

func textsJSON(texts map[string]string) (string, error) {
	if len(texts) == 0 {
		return "", nil
	}
	b, err := json.Marshal(texts)
	return string(b), err
}
