package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"kassa/kiosk/flow"
)

// A Transaction is one sale as it stands, put together from what was decided.
type Transaction struct {
	flow.TxnFacts

	Epoch         string
	Lines         []flow.LineFacts // voided ones too
	Taxes         []flow.TaxFacts
	Tenders       []flow.TenderFacts // tried ones too
	Interventions []flow.InterventionFacts
	Contacts      []flow.ContactFacts
	First, Last   int64  // its records; others' stand between them
	Hash          string // of the last, 64 hexadecimal digits
}

// A Filter picks transactions. The zero Filter picks all that have ended.
type Filter struct {
	Since, Until time.Time // closed (opened while open) at Since or later, before Until; zero: no bound
	Open         bool      // those that have not ended, too
	Number       int64     // only this one, open or not; 0: all
	After        int64     // those with a higher number; 0: all
	To           int64     // those up to and with this number; 0: all
}

// transactionPage is how many transactions are put together at a time.
const transactionPage = 100

// Transactions yields transactions by number. A lane may go on selling: what it
// adds in the meantime is yielded too.
func (r *Reader) Transactions(ctx context.Context, f Filter) iter.Seq2[*Transaction, error] {
	return func(yield func(*Transaction, error) bool) {
		for after := f.After; ; {
			page, err := r.transactions(ctx, f, after)
			if err != nil {
				yield(nil, fmt.Errorf("journal %s: transactions after %d: %w", r.db.Path(), after, err))
				return
			}
			for _, t := range page {
				if !yield(t, nil) {
					return
				}
				after = t.Number
			}
			if len(page) < transactionPage {
				return
			}
		}
	}
}

// Transaction returns transaction number, or an error that wraps
// [sql.ErrNoRows].
func (r *Reader) Transaction(ctx context.Context, number int64) (*Transaction, error) {
	for t, err := range r.Transactions(ctx, Filter{Number: number}) {
		return t, err
	}
	return nil, fmt.Errorf("journal %s: transaction %d: %w", r.db.Path(), number, sql.ErrNoRows)
}

// transactions puts one page together, all of it as of one moment.
func (r *Reader) transactions(ctx context.Context, f Filter, after int64) (page []*Transaction, err error) {
	tx, err := r.db.Reader().BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // it only read
	until := int64(1<<63 - 1)
	if !f.Until.IsZero() {
		until = millis(f.Until)
	}
	to := int64(1<<63 - 1)
	if f.To != 0 {
		to = f.To
	}
	p := &assembly{tx: tx, byNumber: map[int64]*Transaction{}}
	p.each(ctx, p.header, `SELECT number, id, store, lane, state, opened_at, closed_at, clock, business_day, currency, language,
		rounding_minor, total_minor, rating, taxes, first, last,
		coalesce((SELECT lower(hex(hash)) FROM record WHERE seq = last), ''),
		recalled, "of", document
		FROM derived_txn WHERE number > ?1 AND (?2 = 0 OR number = ?2) AND (?3 OR ?2 <> 0 OR state NOT IN ('open', 'in-doubt'))
		AND iif(closed_ms = 0, opened_ms, closed_ms) >= ?4 AND iif(closed_ms = 0, opened_ms, closed_ms) < ?5
		AND number <= ?7 ORDER BY number LIMIT ?6`, after, f.Number, f.Open, sinceMillis(f.Since), until, transactionPage, to)
	if len(p.page) == 0 {
		return nil, p.err
	}
	from, last := p.page[0].Number, p.page[len(p.page)-1].Number
	p.each(ctx, p.line, `SELECT number, n, gtin, plu, name, qty, weight_g, unit_minor, amount_minor, discounts, tax, voided, code,
		"of", weight, tare_g, per, frame, returns FROM derived_line WHERE number BETWEEN ? AND ? ORDER BY number, n`, from, last)
	p.each(ctx, p.tender, `SELECT number, n, kind, amount_minor, result, terminal, receipt, trace, card, key,
		way, "of", asked_minor, voucher, left_minor FROM derived_tender WHERE number BETWEEN ? AND ? ORDER BY number, n`, from, last)
	p.each(ctx, p.intervention, `SELECT number, n, kind, raised_at, settled_at, "by", reason, "from", line, detail
		FROM derived_intervention WHERE number BETWEEN ? AND ? ORDER BY number, n`, from, last)
	p.each(ctx, p.contact, `SELECT number, n, reason, channel, state, raised_at, seen_at, ended_at, "by", outcome, language
		FROM derived_contact WHERE number BETWEEN ? AND ? ORDER BY number, n`, from, last)
	for _, t := range p.page {
		t.Epoch = r.id.epoch
	}
	return p.page, p.err
}

// sinceMillis lets no bound be before every time, those before 1970 too.
func sinceMillis(t time.Time) int64 {
	if t.IsZero() {
		return -1 << 63
	}
	return millis(t)
}

// An assembly is a page of transactions in the making. It remembers the first
// error, after which it does nothing.
type assembly struct {
	tx       *sql.Tx
	page     []*Transaction
	byNumber map[int64]*Transaction
	err      error
}

// each gives every row of a query to put.
func (p *assembly) each(ctx context.Context, put func(scan func(...any) error) error, query string, args ...any) {
	if p.err != nil {
		return
	}
	rows, err := p.tx.QueryContext(ctx, query, args...)
	if err != nil {
		p.err = err
		return
	}
	defer func() { p.err = errors.Join(p.err, rows.Close()) }()
	for rows.Next() {
		if err := put(rows.Scan); err != nil {
			p.err = err
			return
		}
	}
	p.err = rows.Err()
}

func (p *assembly) header(scan func(...any) error) error {
	t := &Transaction{}
	var taxes string
	if err := scan(&t.Number, &t.ID, &t.Store, &t.Lane, &t.State, clock(&t.OpenedAt), clock(&t.ClosedAt), &t.Clock,
		&t.BusinessDay, &t.Currency, &t.Language, (*int64)(&t.Rounding), (*int64)(&t.Total), &t.Rating, &taxes,
		&t.First, &t.Last, &t.Hash, &t.Recalled, &t.Of, &t.Document); err != nil {
		return err
	}
	p.page = append(p.page, t)
	p.byNumber[t.Number] = t
	return json.Unmarshal([]byte(taxes), &t.Taxes)
}

func (p *assembly) line(scan func(...any) error) error {
	var number int64
	var l flow.LineFacts
	var discounts string
	if err := scan(&number, &l.N, &l.GTIN, &l.PLU, &l.Name, &l.Qty, &l.WeightG, (*int64)(&l.Unit), (*int64)(&l.Amount),
		&discounts, &l.Tax, &l.Voided, &l.Code, &l.Of, &l.Weight, &l.TareG, &l.Per,
		&l.Frame, &l.Returns); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(discounts), &l.Discounts); err != nil {
		return err
	}
	if t := p.byNumber[number]; t != nil {
		t.Lines = append(t.Lines, l)
	}
	return nil
}

func (p *assembly) tender(scan func(...any) error) error {
	var number int64
	var x flow.TenderFacts
	if err := scan(&number, &x.N, &x.Kind, (*int64)(&x.Amount), &x.Result, &x.Terminal, &x.Receipt, &x.Trace, &x.Card,
		&x.Key, &x.Way, &x.Of, (*int64)(&x.Asked), &x.Voucher, (*int64)(&x.Left)); err != nil {
		return err
	}
	if t := p.byNumber[number]; t != nil {
		t.Tenders = append(t.Tenders, x)
	}
	return nil
}

func (p *assembly) intervention(scan func(...any) error) error {
	var number int64
	var x flow.InterventionFacts
	if err := scan(&number, &x.N, &x.Kind, clock(&x.RaisedAt), clock(&x.SettledAt), &x.By, &x.Reason, &x.From, &x.Line,
		&x.Detail); err != nil {
		return err
	}
	if t := p.byNumber[number]; t != nil {
		t.Interventions = append(t.Interventions, x)
	}
	return nil
}

func (p *assembly) contact(scan func(...any) error) error {
	var number int64
	var x flow.ContactFacts
	if err := scan(&number, &x.N, &x.Reason, &x.Channel, &x.State, clock(&x.RaisedAt), clock(&x.SeenAt), clock(&x.EndedAt),
		&x.By, &x.Outcome, &x.Language); err != nil {
		return err
	}
	if t := p.byNumber[number]; t != nil {
		t.Contacts = append(t.Contacts, x)
	}
	return nil
}

// timeText scans what stamp wrote.
type timeText struct{ to *time.Time }

func clock(t *time.Time) timeText { return timeText{t} }

// Scan implements sql.Scanner.
func (t timeText) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("time is a %T", v)
	}
	if text == "" {
		*t.to = time.Time{}
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return fmt.Errorf("time %q: %w", text, err)
	}
	*t.to = at
	return nil
}
