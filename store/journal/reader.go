package journal

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"time"

	"kassa/kiosk/flow"
	"kassa/store/sqlite"
)

// A Record is one thing that happened, as it stands in the journal.
type Record struct {
	Seq   int64
	Run   string // of the station
	At    time.Time
	Mono  time.Duration // since the run began
	Clock string
	Txn   int64 // 0: none
	Kind  string
	Event json.RawMessage
	Facts json.RawMessage // nil when nothing was decided
	Prev  [32]byte
	Hash  [32]byte
}

// A Head is the end of the chain: number and hash of the newest record.
type Head struct {
	Seq  int64 // 0: no record yet
	Hash [32]byte
}

// A Reader answers questions to a journal, also while a lane writes it.
type Reader struct {
	db *sqlite.DB
	id identity
}

// OpenReader opens the journal in dir for reading only; the lane may run.
func OpenReader(ctx context.Context, dir string) (*Reader, error) {
	return OpenFile(ctx, filepath.Join(dir, FileName))
}

// OpenFile opens a journal under any name, such as a backup, for reading only.
func OpenFile(ctx context.Context, path string) (*Reader, error) {
	db, err := sqlite.OpenReadOnly(ctx, path, schema())
	if err != nil {
		return nil, err
	}
	r := &Reader{db: db}
	if err := r.identify(ctx); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			err = errors.New("it names no lane: the lane's first start was cut short, start it once")
		}
		return nil, errors.Join(fmt.Errorf("journal %s: %w", path, err), db.Close())
	}
	return r, nil
}

// Close closes a journal that was opened for reading.
func (r *Reader) Close() error { return r.db.Close() }

// DB is for reports, which only read.
func (r *Reader) DB() *sql.DB { return r.db.Reader() }

// Epoch returns the journal's random name: a replaced database has another.
func (r *Reader) Epoch() string { return r.id.epoch }

// Store returns the store the journal belongs to.
func (r *Reader) Store() string { return r.id.store }

// Lane returns the lane the journal belongs to.
func (r *Reader) Lane() string { return r.id.lane }

func (r *Reader) identify(ctx context.Context) error {
	return r.db.Reader().QueryRowContext(ctx, `SELECT epoch, store, lane, created_at FROM identity`).
		Scan(&r.id.epoch, &r.id.store, &r.id.lane, &r.id.createdAt)
}

// Head returns the end of the chain.
func (r *Reader) Head(ctx context.Context) (Head, error) {
	h, err := readHead(ctx, r.db.Reader())
	if err != nil {
		return Head{}, fmt.Errorf("journal %s: head: %w", r.db.Path(), err)
	}
	return h, nil
}

// readHead finds the newest record, or what the first one will follow.
func readHead(ctx context.Context, q rower) (h Head, err error) {
	var hash []byte
	err = q.QueryRowContext(ctx, `SELECT seq, hash FROM
		(SELECT * FROM (SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1) UNION ALL SELECT seq, hash FROM anchor)
		ORDER BY seq DESC LIMIT 1`).Scan(&h.Seq, &hash)
	copy(h.Hash[:], hash)
	return h, err
}

// A rower and a rowser are what a database and a transaction can both do.
type rower interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

type rowser interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// String gives a head as hex, for logs and messages.
func (h Head) String() string { return fmt.Sprintf("%d %s", h.Seq, h.Hex()) }

// Hex returns the hash as 64 hexadecimal digits.
func (h Head) Hex() string { return hex.EncodeToString(h.Hash[:]) }

const selectRecord = `SELECT seq, run, at, mono, clock, txn, kind, event, facts, prev, hash FROM record `

// Records yields the records of transaction txn in order.
func (r *Reader) Records(ctx context.Context, txn int64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		first, last, err := r.span(ctx, txn)
		if err != nil {
			yield(Record{}, fmt.Errorf("journal %s: transaction %d: %w", r.db.Path(), txn, err))
			return
		}
		for rec, err := range r.Since(ctx, first-1) {
			if err == nil && rec.Seq > last {
				return
			}
			if (err != nil || rec.Txn == txn) && !yield(rec, err) {
				return
			}
		}
	}
}

// span returns where the records of a transaction begin and end; others' stand
// between them. A transaction without records ends before it begins.
func (r *Reader) span(ctx context.Context, txn int64) (first, last int64, err error) {
	err = r.db.Reader().QueryRowContext(ctx, `SELECT first, last FROM derived_txn WHERE number = ?`, txn).Scan(&first, &last)
	if errors.Is(err, sql.ErrNoRows) { // never decided about: look everywhere
		err = r.db.Reader().QueryRowContext(ctx,
			`SELECT coalesce(min(seq), 1), coalesce(max(seq), 0) FROM record WHERE txn = ?`, txn).Scan(&first, &last)
	}
	return first, last, err
}

// pageSize is how many rows are read at a time, so that a long reader never
// keeps the writer's log from being folded back into the file.
const pageSize = 500

// Since yields all records after number seq in order. Between two pages of them
// no read transaction is open.
func (r *Reader) Since(ctx context.Context, seq int64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for after := seq; ; {
			page, err := readRows(ctx, r.db.Reader(), selectRecord+`WHERE seq > ? ORDER BY seq LIMIT ?`, after, pageSize)
			if err != nil {
				yield(Record{}, fmt.Errorf("journal %s: after record %d: %w", r.db.Path(), after, err))
				return
			}
			for i := range page {
				rec, err := page[i].record()
				if !yield(rec, err) || err != nil {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
			after = page[len(page)-1].seq
		}
	}
}

func readRows(ctx context.Context, q rowser, query string, args ...any) (page []row, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.seq, &r.run, &r.at, &r.mono, &r.clock, &r.txn, &r.kind, &r.event, &r.facts,
			&r.prev, &r.hash); err != nil {
			return page, err
		}
		page = append(page, r)
	}
	return page, rows.Err()
}

// record gives a row its types back.
func (r *row) record() (Record, error) {
	at, err := time.Parse(time.RFC3339Nano, r.at)
	if err != nil {
		return Record{}, &BrokenError{Seq: r.seq, Why: fmt.Sprintf("its time %q is none", r.at)}
	}
	rec := Record{
		Seq: r.seq, Run: r.run, At: at, Mono: time.Duration(r.mono), Clock: r.clock, Txn: r.txn, Kind: r.kind,
		Event: json.RawMessage(r.event),
	}
	if r.facts != "" {
		rec.Facts = json.RawMessage(r.facts)
	}
	copy(rec.Prev[:], r.prev)
	copy(rec.Hash[:], r.hash)
	return rec, nil
}

// A Tail is what a starting lane needs to know of its past.
type Tail struct {
	Head Head
	Lane flow.LaneFacts // the newest; zero for a new journal
	Sale []Record       // of the sale on the screen, from its first record; nil: none
	Last []Record       // of the newest finished sale; nil: none
}

// Tail returns where the lane stood when the journal's newest record was made.
// Sale holds every record since the sale's first one, those of no transaction
// (a device that came or went) included; Last holds its transaction's only.
func (r *Reader) Tail(ctx context.Context) (t Tail, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("journal %s: tail: %w", r.db.Path(), err)
		}
	}()
	if t.Head, err = readHead(ctx, r.db.Reader()); err != nil {
		return t, err
	}
	var lane string
	if err := r.db.Reader().QueryRowContext(ctx, `SELECT lane FROM head`).Scan(&lane); err != nil {
		return t, err
	}
	if err := json.Unmarshal([]byte(lane), &t.Lane); err != nil {
		return t, fmt.Errorf("lane facts: %w", err)
	}
	if t.Lane.Sale != 0 {
		first, last, err := r.span(ctx, t.Lane.Sale)
		if err != nil {
			return t, err
		}
		if last < first {
			return t, fmt.Errorf("sale %d is on the lane but has no record", t.Lane.Sale)
		}
		if t.Sale, err = collect(r.Since(ctx, first-1)); err != nil {
			return t, err
		}
	}
	var last int64
	err = r.db.Reader().QueryRowContext(ctx, `SELECT number FROM derived_txn
		WHERE number <> ? AND state NOT IN ('open', 'in-doubt') ORDER BY number DESC LIMIT 1`, t.Lane.Sale).Scan(&last)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return t, nil
	case err != nil:
		return t, err
	}
	t.Last, err = collect(r.Records(ctx, last))
	return t, err
}

func collect(seq iter.Seq2[Record, error]) (all []Record, err error) {
	for rec, err := range seq {
		if err != nil {
			return nil, err
		}
		all = append(all, rec)
	}
	return all, nil
}
