package fiscal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"kassa/kiosk/money"
)

// sumUp adds up the transactions with numbers after from, up to to.
func sumUp(ctx context.Context, tx *sql.Tx, from, to int64) (g Grand, err error) {
	if err := tx.QueryRowContext(ctx, `SELECT
		count(*) FILTER (WHERE state = 'paid'), count(*) FILTER (WHERE state = 'refund'),
		coalesce(sum(total_minor) FILTER (WHERE state = 'paid'), 0), coalesce(sum(total_minor) FILTER (WHERE state = 'refund'), 0),
		coalesce(sum(total_minor), 0), coalesce(sum(rounding_minor), 0)
		FROM txn WHERE number > ? AND number <= ? AND state IN ('paid', 'refund')`, from, to).
		Scan(&g.Receipts, &g.Reverts, (*int64)(&g.Sales), (*int64)(&g.Refunds), (*int64)(&g.Net), (*int64)(&g.Rounding)); err != nil {
		return g, fmt.Errorf("totals: %w", err)
	}
	g.Taxes, err = list(ctx, tx, func(scan func(...any) error) (t TaxSum, err error) {
		err = scan(&t.Tax, &t.RatePPM, (*int64)(&t.Net), (*int64)(&t.TaxPart), (*int64)(&t.Gross),
			(*int64)(&t.RefundNet), (*int64)(&t.RefundTax), (*int64)(&t.RefundGross))
		return t, err
	}, `SELECT x.tax, x.rate_ppm, sum(x.net_minor), sum(x.tax_minor), sum(x.gross_minor),
		coalesce(sum(x.net_minor) FILTER (WHERE t.state = 'refund'), 0),
		coalesce(sum(x.tax_minor) FILTER (WHERE t.state = 'refund'), 0),
		coalesce(sum(x.gross_minor) FILTER (WHERE t.state = 'refund'), 0)
		FROM txn_tax AS x JOIN txn AS t ON t.number = x.number
		WHERE x.number > ?1 AND x.number <= ?2 AND t.number > ?1 AND t.number <= ?2 AND t.state IN ('paid', 'refund')
		GROUP BY x.tax, x.rate_ppm ORDER BY x.tax, x.rate_ppm`, from, to)
	if err != nil {
		return g, fmt.Errorf("taxes: %w", err)
	}
	return g, nil
}

// tendersOf adds up the payments of those transactions.
func tendersOf(ctx context.Context, tx *sql.Tx, from, to int64) ([]TenderSum, error) {
	all, err := list(ctx, tx, func(scan func(...any) error) (t TenderSum, err error) {
		err = scan(&t.Kind, &t.In, (*int64)(&t.InMinor), &t.Out, (*int64)(&t.OutMinor))
		return t, err
	}, `SELECT kind, count(*) FILTER (WHERE amount_minor >= 0), coalesce(sum(amount_minor) FILTER (WHERE amount_minor >= 0), 0),
		count(*) FILTER (WHERE amount_minor < 0), coalesce(sum(amount_minor) FILTER (WHERE amount_minor < 0), 0)
		FROM txn_tender WHERE number > ? AND number <= ? AND result = 'approved' GROUP BY kind ORDER BY kind`, from, to)
	if err != nil {
		return nil, fmt.Errorf("tenders: %w", err)
	}
	return all, nil
}

// countUp counts what else those transactions, and the records after seq up to
// last, have seen.
func countUp(ctx context.Context, tx *sql.Tx, from, to, seq, last int64) (c Counts, err error) {
	one := func(query string, args []any, into ...any) {
		if err == nil {
			err = tx.QueryRowContext(ctx, query, args...).Scan(into...)
		}
	}
	numbers, records := []any{from, to}, []any{seq, last}
	one(`SELECT count(*) FILTER (WHERE state = 'paid'), count(*) FILTER (WHERE state = 'refund'),
		count(*) FILTER (WHERE state = 'voided'), count(*) FILTER (WHERE state = 'abandoned'),
		count(*) FILTER (WHERE state = 'parked') FROM txn WHERE number > ? AND number <= ?`, numbers,
		&c.Paid, &c.Refunds, &c.Voided, &c.Abandoned, &c.Parked)
	one(`SELECT count(*) FILTER (WHERE voided = 0), count(*) FILTER (WHERE voided <> 0) FROM txn_line
		WHERE number > ? AND number <= ?`, numbers, &c.Lines, &c.LinesOff)
	one(`SELECT count(*), coalesce(sum(d.value ->> 'amount_minor'), 0), count(*) FILTER (WHERE d.value ->> 'rule' = 'override')
		FROM txn_line AS l, json_each(l.discounts) AS d
		WHERE l.number > ? AND l.number <= ? AND l.voided = 0`, numbers, &c.PriceCut, (*int64)(&c.CutMinor), &c.Overrides)
	one(`SELECT count(*) FROM intervention WHERE number > ? AND number <= ?`, numbers, &c.Attention)
	one(`SELECT count(*) FROM txn_tender WHERE number > ? AND number <= ? AND result IN ('declined', 'aborted')`,
		numbers, &c.Declined)
	one(`SELECT count(DISTINCT number) FROM event WHERE seq > ? AND seq <= ?
		AND instr(facts, '"state":"in-doubt"') > 0`, records, &c.Unsure)
	if err == nil {
		c.Drawer, err = drawers(ctx, tx, seq, last)
	}
	if err != nil {
		return c, fmt.Errorf("counts: %w", err)
	}
	return c, nil
}

// drawers counts how often staff opened the drawer: it opens when the PIN asked for
// it is right, and without one when a PIN was right since the badge.
func drawers(ctx context.Context, tx *sql.Tx, seq, last int64) (n int64, err error) {
	type word struct{ kind, value string }
	all, err := list(ctx, tx, func(scan func(...any) error) (w word, err error) {
		err = scan(&w.kind, &w.value)
		return w, err
	}, `SELECT kind, coalesce(iif(kind = 'pin', iif(event ->> 'ok', 'right', 'wrong'), event ->> 'value'), '') FROM event
		WHERE seq > ? AND seq <= ? AND (kind IN ('badged', 'pin') OR kind = 'touched' AND event ->> 'act' = 'staff') ORDER BY seq`, seq, last)
	wanted, trusted := false, false
	for _, w := range all {
		switch {
		case w.kind == "badged":
			wanted, trusted = false, false
		case w.kind == "touched":
			if wanted = w.value == "drawer"; wanted && trusted {
				n++
				wanted = false
			}
		case w.value == "right":
			if wanted {
				n++
			}
			wanted, trusted = false, true
		}
	}
	return n, err
}

// newest returns the newest transaction and the first and last business day of
// those after from; "" when there is none.
func newest(ctx context.Context, tx *sql.Tx, from int64) (to int64, first, last string, open int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(number), ?1), coalesce(min(business_day), ''), coalesce(max(business_day), ''),
		count(*) FILTER (WHERE state IN ('open', 'in-doubt')) FROM txn WHERE number > ?1`, from).Scan(&to, &first, &last, &open)
	if err != nil {
		return 0, "", "", 0, fmt.Errorf("newest transaction: %w", err)
	}
	return to, first, last, open, nil
}

// list reads all rows of a query.
func list[T any](ctx context.Context, tx *sql.Tx, read func(func(...any) error) (T, error), query string, args ...any) (all []T, err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		one, err := read(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// signed is a number with its sign, for messages.
func signed(a money.Amount) string { return fmt.Sprintf("%+d", int64(a)) }
