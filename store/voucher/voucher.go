// Package voucher keeps the ledger of vouchers and gift cards on a lane: what was
// issued, redeemed and is left, in DIR/voucher.db.
//
// It is not for rules of a sale: package flow says what is paid with a voucher.
// Other lanes do not see this ledger; [voucher] limit bounds what that can cost.
//
// Who has a voucher's number has its money. The ledger knows the number by a keyed
// hash, its handle, and by its last four characters. The number of a voucher that
// was made here is kept until it is on paper, and then wiped. The key of the hash
// lies in the same file: it keeps numbers out of reports and exports, and not from
// somebody who takes the file and has a list of all numbers there are.
//
// Its one rule: a key moves money once. Whoever asks again under the same key gets
// the answer of the first time.
package voucher

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/store/sqlite"
)

// FileName is the ledger's name in the lane's data folder.
const FileName = "voucher.db"

// Errors that a caller may test for.
var (
	ErrUnknown = errors.New("no such voucher here")
	ErrTaken   = errors.New("number is in the ledger already")
	ErrAmount  = errors.New("amount is not above 0")
)

// Reasons why a voucher does not pay, as flow.Voucher.Why.
const (
	WhyUnknown = "unknown"
	WhyExpired = "expired"
	WhyEmpty   = "empty"
	WhyKey     = "key-reused" // the key moved something else before: nothing moved now
)

func schema() sqlite.Schema {
	return sqlite.Schema{Name: "voucher ledger", AppID: 0x6b735631 /* "ksV1" */, Migrations: []string{`
CREATE TABLE secret (              -- one row: what numbers are hashed with
	one   INTEGER PRIMARY KEY CHECK (one = 1),
	value BLOB NOT NULL
) STRICT;
CREATE TABLE voucher (
	handle        TEXT PRIMARY KEY,  -- keyed hash of the number
	tail          TEXT NOT NULL,     -- its last characters
	issued_minor  INTEGER NOT NULL CHECK (issued_minor > 0),
	balance_minor INTEGER NOT NULL CHECK (balance_minor >= 0),
	expires       TEXT NOT NULL,     -- YYYY-MM-DD, the last day; '' never
	source        TEXT NOT NULL,     -- lane or import
	made_at       TEXT NOT NULL
) STRICT;
CREATE TABLE move (                -- nothing is ever changed here
	key          TEXT PRIMARY KEY,   -- of the lane's effect
	handle       TEXT NOT NULL REFERENCES voucher (handle),
	amount_minor INTEGER NOT NULL,   -- negative: redeemed
	left_minor   INTEGER NOT NULL,
	at           TEXT NOT NULL
) STRICT;
CREATE INDEX move_of ON move (handle);
CREATE TABLE paper (               -- numbers that are not on paper yet
	key    TEXT PRIMARY KEY,
	number TEXT NOT NULL
) STRICT`}}
}

// A Ledger is an open ledger. Several processes may have it open.
type Ledger struct {
	db     *sqlite.DB
	secret []byte
	now    func() time.Time
}

// Open opens the ledger in the folder dir, or makes an empty one.
func Open(ctx context.Context, dir string) (*Ledger, error) {
	db, err := sqlite.Open(ctx, filepath.Join(dir, FileName), schema())
	if err != nil {
		return nil, err
	}
	l := &Ledger{db: db, now: time.Now}
	secret := make([]byte, sha256.Size)
	_, _ = rand.Read(secret) // never fails
	_, err = db.Writer().ExecContext(ctx, `INSERT INTO secret VALUES (1, ?) ON CONFLICT DO NOTHING`, secret)
	if err == nil {
		err = db.Reader().QueryRowContext(ctx, `SELECT value FROM secret`).Scan(&l.secret)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("voucher ledger: %w", err), db.Close())
	}
	return l, nil
}

// Close closes the ledger.
func (l *Ledger) Close() error { return l.db.Close() }

// handle is what a number is known by.
func (l *Ledger) handle(number string) string {
	mac := hmac.New(sha256.New, l.secret)
	mac.Write([]byte(number))
	return "v" + hex.EncodeToString(mac.Sum(nil)[:12])
}

// tailLen is how much of a number people may see, of one that is long enough.
const tailLen = 4

func tailOf(number string) string {
	if len(number) < 2*tailLen {
		return ""
	}
	return number[len(number)-tailLen:]
}

// Find returns what is known of the voucher with this number. One that the ledger
// does not know has Why set, and a handle all the same.
func (l *Ledger) Find(ctx context.Context, number string) (flow.Voucher, error) {
	v, err := l.get(ctx, l.db.Reader(), l.handle(number))
	if errors.Is(err, ErrUnknown) {
		return flow.Voucher{Handle: l.handle(number), Tail: tailOf(number), Why: WhyUnknown}, nil
	}
	return v, err
}

// rower is what a query of one row needs.
type rower interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func (l *Ledger) get(ctx context.Context, q rower, handle string) (flow.Voucher, error) {
	v := flow.Voucher{Handle: handle}
	err := q.QueryRowContext(ctx, `SELECT tail, balance_minor, expires FROM voucher WHERE handle = ?`, handle).
		Scan(&v.Tail, (*int64)(&v.Balance), &v.Expires)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return v, fmt.Errorf("voucher %s: %w", handle, ErrUnknown)
	case err != nil:
		return v, fmt.Errorf("voucher %s: %w", handle, err)
	case v.Expires != "" && v.Expires < l.now().Format(time.DateOnly):
		v.Why = WhyExpired
	case v.Balance == 0:
		v.Why = WhyEmpty
	}
	return v, nil
}

// A Move asks for money from a voucher, or puts it back.
type Move struct {
	Key    string // done once
	Handle string
	Amount money.Amount // above 0
	Back   bool         // onto the voucher
}

// A Moved is what came of a Move.
type Moved struct {
	Amount  money.Amount // that moved: what was asked, or all there was; 0: nothing
	Left    money.Amount // just after it
	Voucher flow.Voucher // as it stands now
	Why     string       // nothing moved
}

// Redeem does a Move. An error says that nothing is known: ask again.
func (l *Ledger) Redeem(ctx context.Context, m Move) (Moved, error) {
	if m.Amount <= 0 {
		return Moved{}, fmt.Errorf("voucher move %s: %w", m.Key, ErrAmount)
	}
	var out Moved
	err := l.tx(ctx, func(tx *sql.Tx) error {
		var err error
		out, err = l.move(ctx, tx, m)
		return err
	})
	if errors.Is(err, ErrUnknown) {
		return Moved{Voucher: flow.Voucher{Handle: m.Handle}, Why: WhyUnknown}, nil
	}
	if err != nil {
		return Moved{}, fmt.Errorf("voucher move %s: %w", m.Key, err)
	}
	return out, nil
}

func (l *Ledger) move(ctx context.Context, tx *sql.Tx, m Move) (Moved, error) {
	if out, done, err := l.before(ctx, tx, m); err != nil || done {
		return out, err
	}
	v, err := l.get(ctx, tx, m.Handle)
	if err != nil {
		return Moved{}, err
	}
	amount := m.Amount
	if !m.Back {
		if v.Why != "" {
			return Moved{Voucher: v, Left: v.Balance, Why: v.Why}, nil
		}
		amount = -min(amount, v.Balance)
	}
	v.Balance += amount
	if _, err := tx.ExecContext(ctx, `UPDATE voucher SET balance_minor = ? WHERE handle = ?`, int64(v.Balance), m.Handle); err != nil {
		return Moved{}, err
	}
	if err := l.note(ctx, tx, m.Key, m.Handle, amount, v.Balance); err != nil {
		return Moved{}, err
	}
	return Moved{Amount: max(amount, -amount), Left: v.Balance, Voucher: v}, nil
}

func (l *Ledger) note(ctx context.Context, tx *sql.Tx, key, handle string, amount, left money.Amount) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO move VALUES (?, ?, ?, ?, ?)`, key, handle, int64(amount), int64(left),
		l.now().Format(time.RFC3339))
	return err
}

// before returns what the key did before.
func (l *Ledger) before(ctx context.Context, tx *sql.Tx, m Move) (out Moved, done bool, err error) {
	var handle string
	var amount int64
	err = tx.QueryRowContext(ctx, `SELECT handle, amount_minor, left_minor FROM move WHERE key = ?`, m.Key).
		Scan(&handle, &amount, (*int64)(&out.Left))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return out, false, nil
	case err != nil:
		return out, false, err
	}
	if out.Voucher, err = l.get(ctx, tx, handle); err != nil {
		return out, false, err
	}
	if handle != m.Handle || (amount > 0) != m.Back {
		return Moved{Voucher: out.Voucher, Why: WhyKey}, true, nil
	}
	out.Amount = money.Amount(max(amount, -amount))
	return out, true, nil
}

// Issue makes a voucher over amount under a key, until expires (YYYY-MM-DD, ""
// for ever), and keeps its number for the paper. The same key again finds the same
// voucher.
func (l *Ledger) Issue(ctx context.Context, key string, amount money.Amount, expires string) (flow.Voucher, error) {
	if amount <= 0 {
		return flow.Voucher{}, fmt.Errorf("issue voucher %s: %w", key, ErrAmount)
	}
	var v flow.Voucher
	err := l.tx(ctx, func(tx *sql.Tx) error {
		var handle string
		err := tx.QueryRowContext(ctx, `SELECT handle FROM move WHERE key = ?`, key).Scan(&handle)
		if err == nil {
			v, err = l.get(ctx, tx, handle)
			return err
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		number := newNumber()
		if err := l.insert(ctx, tx, entry{number, amount, amount, expires}, "lane", key); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO paper VALUES (?, ?)`, key, number); err != nil {
			return err
		}
		v, err = l.get(ctx, tx, l.handle(number))
		return err
	})
	if err != nil {
		return flow.Voucher{}, fmt.Errorf("issue voucher %s: %w", key, err)
	}
	return v, nil
}

// An entry is a voucher on its way into the ledger.
type entry struct {
	number          string
	issued, balance money.Amount
	expires         string
}

func (l *Ledger) insert(ctx context.Context, tx *sql.Tx, e entry, source, key string) error {
	handle := l.handle(e.number)
	res, err := tx.ExecContext(ctx, `INSERT INTO voucher VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		handle, tailOf(e.number), int64(e.issued), int64(e.balance), e.expires, source, l.now().Format(time.RFC3339))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrTaken)
	}
	return l.note(ctx, tx, key, handle, e.balance, e.balance)
}

// Letters of a number: none that people or Code 128 could mistake (no 0, 1, I, L, O, U).
const letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// newNumber is random: 16 characters, 78 bits.
func newNumber() string {
	var b strings.Builder
	var one [1]byte
	for b.Len() < 16 {
		_, _ = rand.Read(one[:]) // never fails
		if n := int(one[0]); n < 256/len(letters)*len(letters) {
			b.WriteByte(letters[n%len(letters)])
		}
	}
	return b.String()
}

// Number returns the number of a voucher that is not on paper yet, "" once it is.
func (l *Ledger) Number(ctx context.Context, key string) (string, error) {
	var number string
	err := l.db.Reader().QueryRowContext(ctx, `SELECT number FROM paper WHERE key = ?`, key).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return number, err
}

// Forget wipes the number of a voucher that is on paper.
func (l *Ledger) Forget(ctx context.Context, key string) error {
	_, err := l.db.Writer().ExecContext(ctx, `DELETE FROM paper WHERE key = ?`, key)
	return err
}

// tx runs fn in one transaction of the writer, whole or not at all.
func (l *Ledger) tx(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := l.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
