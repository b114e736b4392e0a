package fiscal

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kassa/store/journal"
)

// The kinds of the records of a day's end. They belong to no transaction and
// decide nothing about the lane, so that a lane never replays them.
const (
	KindClosing  = "day-closing"
	KindZ        = "day-z"
	KindAsked    = "day-asked"
	KindTerminal = "day-terminal"
	KindCopy     = "day-copy"
)

// Errors of this package that a caller may test for.
var (
	// ErrSale says that a sale has not ended.
	ErrSale = errors.New("a sale has not ended")
	// ErrNone says that there is no such Z record.
	ErrNone = errors.New("no such day")
	// ErrMoved says that a payment was made while the terminal was asked.
	ErrMoved = errors.New("a payment was made meanwhile")
)

// A Z is a closed business day.
type Z struct {
	Number   int64     `json:"z"`
	Store    string    `json:"store"`
	Lane     string    `json:"lane"`
	Epoch    string    `json:"epoch"`
	Currency string    `json:"currency"`
	Day      string    `json:"business_day"` // that is closed, YYYY-MM-DD
	First    string    `json:"first_day"`    // of its transactions; Day unless days were left open
	At       time.Time `json:"at"`
	Clock    string    `json:"clock"`
	By       string    `json:"by"`
	Auto     bool      `json:"auto,omitempty"`

	// Records are those since the last Z, up to the wish; Hash is the chain's at
	// the last of them.
	Records      Range  `json:"records"`
	Hash         string `json:"hash"`
	Transactions Range  `json:"transactions"`
	// Previous is the record of the Z before, 0: none.
	Previous int64 `json:"previous,omitempty"`

	Documents Documents   `json:"documents"`
	Counts    Counts      `json:"counts"`
	Tenders   []TenderSum `json:"tenders"`
	Totals    Grand       `json:"totals"`
	Before    Grand       `json:"before"` // of the lane's whole life
	After     Grand       `json:"after"`

	// Asks says that the terminal is to close its own day after this.
	Asks bool `json:"asks_terminal,omitempty"`

	Seq int64 `json:"-"` // its record, known when it is read
}

// A Wish is the record before a Z.
type Wish struct {
	By   string `json:"by"`
	Auto bool   `json:"auto,omitempty"`
	Day  string `json:"business_day"`
}

// An Order is what a day is closed with.
type Order struct {
	Wish
	Currency string
	Asks     bool  // there is a terminal
	Training int64 // documents that the training journal has given out, so far
}

// BusinessDay is the day to which a moment belongs, as the lane counts it.
func BusinessDay(wall time.Time, ends time.Duration) string {
	return wall.Add(-ends).Format(time.DateOnly)
}

// Writing is how a day's records get into the journal: at is now, as the lane
// tells the time.
type Writing struct {
	Journal *journal.Journal
	At      time.Time
	Mono    time.Duration
	Clock   string
}

// put writes one record and waits until it is on the disk.
func (w Writing) put(ctx context.Context, kind string, v any) (int64, error) {
	event, err := json.Marshal(v)
	if err != nil {
		return 0, err
	}
	t, err := w.Journal.Append(ctx, journal.Entry{At: w.At, Mono: w.Mono, Clock: w.Clock, Kind: kind, Event: event})
	if err == nil {
		err = t.Wait(ctx)
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", kind, err)
	}
	return t.Seq, nil
}

// Close makes a Z record. It must be called between two sales, by whoever owns
// the lane's state, who writes nothing else meanwhile.
func Close(ctx context.Context, w Writing, o Order) (Z, error) {
	wish, err := w.put(ctx, KindClosing, o.Wish)
	if err != nil {
		return Z{}, err
	}
	z, err := work(ctx, &w.Journal.Reader, o, wish)
	if err != nil {
		return Z{}, err
	}
	z.At, z.Clock = w.At, w.Clock
	z.Seq, err = w.put(ctx, KindZ, z)
	return z, err
}

// work adds up a Z whose wish is record wish.
func work(ctx context.Context, r *journal.Reader, o Order, wish int64) (z Z, err error) {
	prev, err := Last(ctx, r)
	if err != nil && !errors.Is(err, ErrNone) {
		return z, err
	}
	z = Z{
		Number: prev.Number + 1, Store: r.Store(), Lane: r.Lane(), Epoch: r.Epoch(), Currency: o.Currency,
		Day: o.Day, First: o.Day, By: o.By, Auto: o.Auto, Previous: prev.Seq, Asks: o.Asks,
		Records: Range{prev.Records.Last + 1, wish},
	}
	err = r.Ask(ctx, func(tx *sql.Tx) error {
		if err := z.fill(ctx, tx, prev); err != nil {
			return err
		}
		var hash string
		if err := tx.QueryRowContext(ctx, `SELECT hash FROM event WHERE seq = ?`, wish).Scan(&hash); err != nil {
			return fmt.Errorf("hash of record %d: %w", wish, err)
		}
		z.Hash = hash
		return nil
	})
	if err != nil {
		return z, err
	}
	z.Documents.Training = Range{prev.Documents.Training.Last + 1, max(o.Training, prev.Documents.Training.Last)}
	return z, nil
}

// fill adds up what came after prev.
func (z *Z) fill(ctx context.Context, tx *sql.Tx, prev Z) error {
	from := prev.Transactions.Last
	to, first, last, open, err := newest(ctx, tx, from)
	switch {
	case err != nil:
		return err
	case open > 0:
		return fmt.Errorf("transaction %d: %w", to, ErrSale)
	case last != "":
		z.First = first
		if !z.Auto {
			z.Day = last // closed the morning after, it is still the evening's
		}
	}
	z.Transactions = Range{from + 1, to}
	if z.Totals, err = sumUp(ctx, tx, from, to); err != nil {
		return err
	}
	if z.Tenders, err = tendersOf(ctx, tx, from, to); err != nil {
		return err
	}
	if z.Counts, err = countUp(ctx, tx, from, to, prev.Records.Last, z.Records.Last); err != nil {
		return err
	}
	z.Before, z.After = prev.After, prev.After.Plus(z.Totals)
	z.Documents.Receipts = Range{z.Before.Receipts + 1, z.After.Receipts}
	z.Documents.Refunds = Range{z.Before.Reverts + 1, z.After.Reverts}
	return nil
}

// Due reports whether a day should have been closed by now: one before today has
// transactions that no Z holds, or had none and has no Z either. last is the
// newest Z, zero for none: a lane that never sold is not due.
func Due(ctx context.Context, r *journal.Reader, last Z, today string) (due bool, err error) {
	day, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return false, err
	}
	if last.Number > 0 && last.Day < day.AddDate(0, 0, -1).Format(time.DateOnly) {
		return true, nil
	}
	err = r.Ask(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM txn WHERE number > ? AND business_day < ?)`,
			last.Transactions.Last, today).Scan(&due)
	})
	return due, err
}

// Idle reports whether nothing was begun at the lane since z.
func Idle(ctx context.Context, r *journal.Reader, z Z) (idle bool, err error) {
	err = r.Ask(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT NOT EXISTS (SELECT 1 FROM txn WHERE number > ?)`, z.Transactions.Last).Scan(&idle)
	})
	return idle, err
}

// Last returns the newest Z, or ErrNone.
func Last(ctx context.Context, r *journal.Reader) (Z, error) {
	return newestOf(ctx, r, `SELECT seq, event FROM event WHERE kind = 'day-z' ORDER BY seq DESC LIMIT 1`)
}

// at returns the Z that is record seq.
func at(ctx context.Context, r *journal.Reader, seq int64) (Z, error) {
	return newestOf(ctx, r, `SELECT seq, event FROM event WHERE seq = ? AND kind = 'day-z'`, seq)
}

func newestOf(ctx context.Context, r *journal.Reader, query string, args ...any) (z Z, err error) {
	err = r.Ask(ctx, func(tx *sql.Tx) error {
		var seq int64
		var event string
		if err := tx.QueryRowContext(ctx, query, args...).Scan(&seq, &event); errors.Is(err, sql.ErrNoRows) {
			return ErrNone
		} else if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(event), &z); err != nil {
			return fmt.Errorf("record %d: %w", seq, err)
		}
		z.Seq = seq
		return nil
	})
	return z, err
}

// All returns the lane's Z records, the newest first. Each names the one before,
// so that a long journal need not be searched. Those whose records were pruned are
// not there any more.
func All(ctx context.Context, r *journal.Reader) (all []Z, err error) {
	pruned, err := prunedTo(ctx, r)
	if err != nil {
		return nil, err
	}
	z, err := Last(ctx, r)
	for ; err == nil; z, err = at(ctx, r, z.Previous) {
		all = append(all, z)
		if z.Previous <= pruned {
			return all, nil
		}
	}
	if errors.Is(err, ErrNone) && len(all) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("day records: %w", err)
	}
	return all, nil
}

// prunedTo is the last record that is not in the file any more, 0: none.
func prunedTo(ctx context.Context, r *journal.Reader) (seq int64, err error) {
	err = r.Ask(ctx, func(tx *sql.Tx) error { return tx.QueryRowContext(ctx, `SELECT seq FROM anchor`).Scan(&seq) })
	return seq, err
}

// Prove works every Z out again from the transactions themselves and returns an
// error that names the first which does not hold. The chain under them is
// [journal.Reader.Verify]'s. Where the beginning was pruned the oldest Z that is
// left is what the others are proved from.
func Prove(ctx context.Context, r *journal.Reader) (days int, err error) {
	all, err := All(ctx, r)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	var prev Z
	pruned, err := prunedTo(ctx, r)
	if err != nil {
		return 0, err
	}
	if oldest := all[len(all)-1]; oldest.Records.First <= pruned {
		prev, all = oldest, all[:len(all)-1]
	}
	for _, z := range slices.Backward(all) {
		if err := z.prove(ctx, r, prev); err != nil {
			return days, fmt.Errorf("day %d, record %d: %w", z.Number, z.Seq, err)
		}
		prev = z
		days++
	}
	return days, nil
}

// prove works one Z out again.
func (z Z) prove(ctx context.Context, r *journal.Reader, prev Z) error {
	if z.Number != prev.Number+1 || z.Records.First != prev.Records.Last+1 || z.Transactions.First != prev.Transactions.Last+1 {
		return fmt.Errorf("it does not follow day %d", prev.Number)
	}
	if _, err := hex.DecodeString(z.Hash); err != nil {
		return fmt.Errorf("its hash is %q", z.Hash)
	}
	return r.Ask(ctx, func(tx *sql.Tx) error {
		sums, err := sumUp(ctx, tx, prev.Transactions.Last, z.Transactions.Last)
		if err != nil {
			return err
		}
		tenders, err := tendersOf(ctx, tx, prev.Transactions.Last, z.Transactions.Last)
		if err != nil {
			return err
		}
		var hash string
		if err := tx.QueryRowContext(ctx, `SELECT hash FROM event WHERE seq = ?`, z.Records.Last).Scan(&hash); err != nil {
			return fmt.Errorf("record %d, which it follows: %w", z.Records.Last, err)
		}
		switch {
		case hash != z.Hash:
			return fmt.Errorf("it follows another record %d", z.Records.Last)
		case !sums.Equal(z.Totals):
			return fmt.Errorf("its transactions come to %d, it says %d", sums.Net, z.Totals.Net)
		case !slices.Equal(tenders, z.Tenders):
			return errors.New("its payments come to other sums")
		case !z.Before.Equal(prev.After) || !z.After.Equal(prev.After.Plus(sums)):
			return errors.New("its totals do not go on from the day before")
		}
		return nil
	})
}

// Papers is how many receipts and refunds a journal has given out.
func Papers(ctx context.Context, r *journal.Reader) (n int64, err error) {
	err = r.Ask(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT count(*) FROM txn WHERE state IN ('paid', 'refund')`).Scan(&n)
	})
	return n, err
}
