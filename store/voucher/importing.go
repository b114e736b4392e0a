package voucher

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"kassa/kiosk/money"
)

// maxNumber is the longest number of a voucher, in bytes.
const maxNumber = 64

// Import takes vouchers from a file: UTF-8, RFC 4180, a header line with
// number,balance_minor and, if it likes, issued_minor,expires (YYYY-MM-DD). All of
// it or nothing; a number that is in the ledger is an error. It returns how many.
func (l *Ledger) Import(ctx context.Context, r io.Reader) (int, error) {
	entries, err := read(r)
	if err != nil {
		return 0, fmt.Errorf("voucher import: %w", err)
	}
	batch := "import/" + l.now().UTC().Format(time.RFC3339Nano)
	err = l.tx(ctx, func(tx *sql.Tx) error {
		for i, e := range entries {
			if err := l.insert(ctx, tx, e, "import", batch+"/"+strconv.Itoa(i)); err != nil {
				return fmt.Errorf("line %d, number ending in %s: %w", i+2, tailOf(e.number), err)
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("voucher import: %w", err)
	}
	return len(entries), nil
}

func read(r io.Reader) ([]entry, error) {
	c := csv.NewReader(r)
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	known := []string{"number", "balance_minor", "issued_minor", "expires"}
	at := map[string]int{}
	for i, name := range head {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("column %q is not known: use %s", name, strings.Join(known, ", "))
		}
		at[name] = i
	}
	for _, name := range known[:2] {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("column %s is missing", name)
		}
	}
	var all []entry
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		e, err := entryOf(row, at)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", len(all)+2, err)
		}
		all = append(all, e)
	}
}

func entryOf(row []string, at map[string]int) (entry, error) {
	field := func(name string) string {
		if i, ok := at[name]; ok {
			return row[i]
		}
		return ""
	}
	e := entry{number: field("number"), expires: field("expires")}
	if e.number == "" || len(e.number) > maxNumber || strings.ContainsFunc(e.number, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return e, fmt.Errorf("number is not 1 to %d printable characters", maxNumber)
	}
	n, err := strconv.ParseInt(field("balance_minor"), 10, 64)
	if err != nil || n <= 0 {
		return e, fmt.Errorf("balance_minor %q is not a whole number above 0", field("balance_minor"))
	}
	e.balance, e.issued = money.Amount(n), money.Amount(n)
	if text := field("issued_minor"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || money.Amount(n) < e.balance {
			return e, fmt.Errorf("issued_minor %q is not a whole number of at least the balance", text)
		}
		e.issued = money.Amount(n)
	}
	if e.expires != "" {
		if _, err := time.Parse(time.DateOnly, e.expires); err != nil {
			return e, fmt.Errorf("expires %q is not YYYY-MM-DD", e.expires)
		}
	}
	return e, nil
}

// A History is a voucher with all that moved on it.
type History struct {
	Handle  string       `json:"handle"`
	Tail    string       `json:"tail"`
	Issued  money.Amount `json:"issued_minor"`
	Balance money.Amount `json:"balance_minor"`
	Expires string       `json:"expires,omitempty"`
	Source  string       `json:"source"`
	MadeAt  string       `json:"made_at"`
	Moves   []Movement   `json:"moves"`
}

// A Movement is one thing that moved, in its order.
type Movement struct {
	Key    string       `json:"key"`
	Amount money.Amount `json:"amount_minor"` // negative: redeemed
	Left   money.Amount `json:"left_minor"`
	At     string       `json:"at"`
}

// Show returns the history of a voucher, by its number or its handle. ErrUnknown:
// the ledger has neither.
func (l *Ledger) Show(ctx context.Context, name string) (h History, err error) {
	err = l.db.Reader().QueryRowContext(ctx, `SELECT handle, tail, issued_minor, balance_minor, expires, source, made_at
		FROM voucher WHERE handle IN (?, ?)`, name, l.handle(name)).
		Scan(&h.Handle, &h.Tail, (*int64)(&h.Issued), (*int64)(&h.Balance), &h.Expires, &h.Source, &h.MadeAt)
	if errors.Is(err, sql.ErrNoRows) {
		return h, ErrUnknown
	}
	if err != nil {
		return h, err
	}
	rows, err := l.db.Reader().QueryContext(ctx, `SELECT key, amount_minor, left_minor, at FROM move WHERE handle = ? ORDER BY rowid`, h.Handle)
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var m Movement
		if err := rows.Scan(&m.Key, (*int64)(&m.Amount), (*int64)(&m.Left), &m.At); err != nil {
			return h, err
		}
		h.Moves = append(h.Moves, m)
	}
	return h, rows.Err()
}
