package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"time"

	"kassa/kiosk/basket"
	"kassa/kiosk/money"
)

const articleColumns = `a.item, a.plu, a.name, a.names, a.price, a.per, a.tax, a.age, a.mean_mg, a.sd_mg,
	a.tare_g, a.deposit, a.grp, a.flags, a.picture`

// Lookup returns the article that a GTIN of 14 digits stands for, at the price
// of now, and whether there is one. For a pack (GTIN*6 in the file) price,
// member price, deposit and weight are those of all its pieces; GTIN*6+150 adds
// the deposit on the crate.
func (c *Catalog) Lookup(ctx context.Context, gtin14 string) (basket.Article, bool, error) {
	return c.lookup(ctx, gtin14, gtin14)
}

// LookupPLU returns the article that a keyed produce code stands for.
func (c *Catalog) LookupPLU(ctx context.Context, plu string) (basket.Article, bool, error) {
	return c.lookup(ctx, "plu:"+plu, "")
}

func (c *Catalog) lookup(ctx context.Context, code, gtin string) (a basket.Article, found bool, err error) {
	held := false
	err = c.read(func(q querier, at time.Time) error {
		_, held = q.(*sql.Conn)
		row := q.QueryRowContext(ctx, `SELECT c.pack, c.crate, `+articleColumns+`
			FROM code c JOIN article a ON a.id = c.article WHERE c.code = ?`, code)
		var pack, crate int64
		a, err = scanArticle(row, &pack, &crate)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		found = true
		a.GTIN = gtin
		if err := priceNow(ctx, q, &a, at); err != nil {
			return err
		}
		asPack(&a, pack, crate)
		return nil
	})
	if err == nil && held && found {
		err = c.stopNow(ctx, code, &a)
	}
	if err != nil {
		return basket.Article{}, false, fmt.Errorf("catalogue: look up %s: %w", code, err)
	}
	return a, found, nil
}

// stopNow takes over a sale stop that the newest version has and the one held
// has not, or the other way round. It goes by the code: a row may name an
// article's codes in another order than the one before.
func (c *Catalog) stopNow(ctx context.Context, code string, a *basket.Article) error {
	var flags basket.Flags
	err := c.db.Reader().QueryRowContext(ctx, `SELECT a.flags FROM code c JOIN article a ON a.id = c.article WHERE c.code = ?`, code).Scan(&flags)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil // no longer in the assortment: sold out of this basket
	case err != nil:
		return err
	}
	a.Flags = a.Flags&^basket.SaleStop | flags&basket.SaleStop
	return nil
}

// A scanner is a sql.Row or sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// scanArticle reads articleColumns, after the columns for first. GTIN is left
// empty but for an article without a PLU, where it is the first.
func scanArticle(row scanner, first ...any) (a basket.Article, err error) {
	var names string
	err = row.Scan(append(first, &a.Item, &a.PLU, &a.Name, &names, &a.Price, &a.Per, &a.Tax, &a.Age,
		&a.MeanMg, &a.SDMg, &a.Tare, &a.Deposit, &a.Group, &a.Flags, &a.Picture)...)
	if err != nil {
		return basket.Article{}, err
	}
	if a.PLU == "" {
		a.GTIN = a.Item
	}
	if names != "" {
		if err := json.Unmarshal([]byte(names), &a.Names); err != nil {
			return basket.Article{}, fmt.Errorf("names of %s: %w", a.Item, err)
		}
	}
	return a, nil
}

// priceNow puts the prices to come that have come into a. Of several that hold
// the one that began last counts, among equals the last of the file.
func priceNow(ctx context.Context, q querier, a *basket.Article, at time.Time) error {
	rows, err := q.QueryContext(ctx, `SELECT price, per, members FROM price
		WHERE item = ? AND valid_from <= ? AND ? < valid_until ORDER BY valid_from, id`, a.Item, at.Unix(), at.Unix())
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // nothing was written
	var member money.Amount
	memberPer := a.Per
	for rows.Next() {
		var price money.Amount
		var own sql.Null[basket.Per]
		var members bool
		if err := rows.Scan(&price, &own, &members); err != nil {
			return err
		}
		per := a.Per
		if own.Valid {
			per = own.V
		}
		if members {
			member, memberPer = price, per
		} else {
			a.Price, a.Per = price, per
		}
	}
	if memberPer == a.Per { // a price per kg says nothing about one a piece
		a.Member = member
	}
	return rows.Err()
}

// asPack makes a the pack of so many pieces, in a crate with so much deposit of
// its own. The pieces' weights vary on their own, so their spread grows with the
// root of their number.
func asPack(a *basket.Article, pack, crate int64) {
	n := money.Amount(pack)
	a.Price, a.Member, a.Deposit = a.Price*n, a.Member*n, a.Deposit*n+money.Amount(crate) // below 10^16, see maxPack
	if pack <= 1 {
		return
	}
	a.Pack = pack
	a.MeanMg *= pack
	a.SDMg = root(a.SDMg * a.SDMg * pack) // below 10^18 + 10^3, see maxGrams
}

// root returns the whole square root of n, which is not negative.
func root(n int64) int64 {
	if n == 0 {
		return 0
	}
	x := int64(1) << ((bits.Len64(uint64(n)) + 1) / 2)
	for {
		y := (x + n/x) / 2
		if y >= x {
			return x
		}
		x = y
	}
}

// A Recall says that something must not be sold.
type Recall struct {
	Lot    string            `json:"lot,omitempty"`    // the lot named by the recall, or "": all
	Serial string            `json:"serial,omitempty"` // the same
	Text   string            `json:"text"`             // in the lane's first language
	Texts  map[string]string `json:"texts,omitempty"`
}

// Recalled returns the recall that now holds for a GTIN of 14 digits with the lot
// and serial number its code carries, if any. A recall of one lot does not hold
// for a code that names none. It does not heed Hold.
func (c *Catalog) Recalled(ctx context.Context, gtin14, lot, serial string) (Recall, bool, error) {
	var r Recall
	var texts string
	at := c.now().Unix()
	err := c.db.Reader().QueryRowContext(ctx, `SELECT lot, serial, text, texts FROM recall
		WHERE code = ? AND lot IN ('', ?) AND serial IN ('', ?) AND valid_from <= ? AND ? < valid_until
		ORDER BY lot DESC, serial DESC, id LIMIT 1`, gtin14, lot, serial, at, at).Scan(&r.Lot, &r.Serial, &r.Text, &texts)
	if errors.Is(err, sql.ErrNoRows) {
		return Recall{}, false, nil
	}
	if err == nil && texts != "" {
		err = json.Unmarshal([]byte(texts), &r.Texts)
	}
	if err != nil {
		return Recall{}, false, fmt.Errorf("catalogue: recall of %s: %w", gtin14, err)
	}
	return r, true, nil
}

// Promotions returns the rules, by id, with each item that is one code of an
// article written as what all its codes share. The code of a pack stays as it
// is: a rule for the pack is not one for its pieces.
func (c *Catalog) Promotions(ctx context.Context) (all []basket.Promotion, err error) {
	err = c.read(func(q querier, _ time.Time) error {
		all, err = resolved(ctx, q)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("catalogue: promotions: %w", err)
	}
	return all, nil
}

// keptPromotions is of how many past versions the promotions are kept. Prices
// that change all day long make a version an hour, a basket lasts less.
const keptPromotions = 32

// PromotionsOf returns the rules as they were at a version, and whether they are
// still known: those of the newest and of some versions before.
func (c *Catalog) PromotionsOf(ctx context.Context, version int64) (all []basket.Promotion, known bool, err error) {
	err = c.read(func(q querier, _ time.Time) error {
		var newest int64
		if err := q.QueryRowContext(ctx, `SELECT version FROM meta`).Scan(&newest); err != nil {
			return err
		}
		if version == newest {
			known = true
			all, err = resolved(ctx, q)
			return err
		}
		var text []byte
		err := q.QueryRowContext(ctx, `SELECT rules FROM promotion_past WHERE version = ?`, version).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		known = err == nil
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &all)
	})
	if err != nil {
		return nil, false, fmt.Errorf("catalogue: promotions of version %d: %w", version, err)
	}
	return all, known, nil
}

// keepPromotions puts the promotions of the version before aside.
func (im *importer) keepPromotions(ctx context.Context) error {
	all, err := resolved(ctx, im.tx)
	if err != nil {
		return err
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	if _, err := im.tx.ExecContext(ctx, `INSERT INTO promotion_past (version, rules) VALUES (?, ?)`, im.sum.Version-1, string(text)); err != nil {
		return err
	}
	_, err = im.tx.ExecContext(ctx, `DELETE FROM promotion_past WHERE version < ?`, im.sum.Version-keptPromotions)
	return err
}

// resolved returns the rules with their items as Promotions says.
func resolved(ctx context.Context, q querier) ([]basket.Promotion, error) {
	all, err := promotions(ctx, q)
	if err != nil {
		return nil, err
	}
	for i := range all {
		for k, item := range all[i].Items {
			if all[i].Items[k], err = shared(ctx, q, item); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func promotions(ctx context.Context, q querier) ([]basket.Promotion, error) {
	rows, err := q.QueryContext(ctx, `SELECT rule FROM promotion ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // nothing was written
	var all []basket.Promotion
	for rows.Next() {
		var text []byte
		var p basket.Promotion
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &p); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

func shared(ctx context.Context, q querier, item string) (string, error) {
	var own string
	err := q.QueryRowContext(ctx, `SELECT a.item FROM code c JOIN article a ON a.id = c.article
		WHERE c.code = ? AND c.pack = 1`, item).Scan(&own)
	if errors.Is(err, sql.ErrNoRows) {
		return item, nil
	}
	return own, err
}

// forever is a valid_until that never comes.
const forever = math.MaxInt64
