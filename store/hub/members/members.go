// Package members keeps the shop's members as the hub needs them: since when,
// which language, which tier, and whether they agreed that staff are told. It is
// not for points or prices, and knows no names.
//
// Its one rule: a member's number is never written down. What lies in the database
// is a hash of it, made with a key of this store, and a random handle that calls may
// name; who is erased leaves neither, only a hash of another kind, 90 days long, as
// a lane may have to be told that was away or was put back from a backup.
//
// What that is worth: numbers are short, so who has the database and the key, which
// lies beside it in a file of its own, can find them by trying all there are; who
// has the database alone cannot. A lane that is told of somebody is told the key of
// that one hash, over the store's encrypted link, and keeps it not.
package members

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kassa/store/hub/secret"
	"kassa/store/sqlite"
)

// FileName is the list's database in the hub's folder, KeyName its key.
const (
	FileName = "members.db"
	KeyName  = "members.key"
)

func schema() sqlite.Schema {
	return sqlite.Schema{Name: "members", AppID: 0x6b734d31 /* "ksM1" */, Migrations: []string{`
CREATE TABLE member (
	number   TEXT PRIMARY KEY,      -- HMAC-SHA256 of the number, hex
	handle   TEXT NOT NULL UNIQUE,  -- random
	since    TEXT NOT NULL,         -- YYYY-MM-DD, '': not known
	language TEXT NOT NULL,
	tier     TEXT NOT NULL,
	consent  INTEGER NOT NULL       -- staff may be told
) STRICT, WITHOUT ROWID;
CREATE TABLE visit (                -- calls of members who agreed
	handle TEXT NOT NULL REFERENCES member (handle) ON DELETE CASCADE,
	call   TEXT NOT NULL,
	at     TEXT NOT NULL,
	PRIMARY KEY (handle, call)
) STRICT, WITHOUT ROWID;
`, forgottenV2, keyedV3}}
}

// ErrUnknown says that nobody has the number.
var ErrUnknown = errors.New("no member has this number")

// A Member is what staff may be told, if Consent.
type Member struct {
	Handle   string
	Since    string // YYYY-MM-DD
	Language string
	Tier     string
	Consent  bool
}

// A List is an open list of members.
type List struct {
	db  *sqlite.DB
	key []byte
}

// Open opens the list in the hub's folder, or begins one.
func Open(ctx context.Context, dir string) (*List, error) {
	key, err := keyIn(filepath.Join(dir, KeyName))
	if err != nil {
		return nil, err
	}
	db, err := sqlite.Open(ctx, filepath.Join(dir, FileName), schema())
	if err != nil {
		return nil, fmt.Errorf("members: %w", err)
	}
	return &List{db, key}, nil
}

const keyBytes = 32

func keyIn(path string) ([]byte, error) {
	key, err := os.ReadFile(path) //nolint:gosec // in the hub's own folder
	if err == nil && len(key) == keyBytes {
		return key, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("members: %s cannot be read or is cut: restore it from the hub's backup, or remove it and %s, and import anew: %w",
			path, FileName, cmp.Or(err, fs.ErrInvalid))
	}
	key = make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails
	return key, secret.Write(path, key)
}

// Close closes the list.
func (l *List) Close() error { return l.db.Close() }

func (l *List) hash(number string) string {
	mac := hmac.New(sha256.New, l.key)
	_, _ = io.WriteString(mac, number) // a hash never fails
	return hex.EncodeToString(mac.Sum(nil))
}

// Import takes a file of members in: columns number, since, language, tier and
// consent in any order, of which number alone must be there. A number that is
// known gets what the file says and keeps its handle; those that are not in the
// file stay. After an error nothing of the file is taken; it names the line.
func (l *List) Import(ctx context.Context, from io.Reader) (n int, err error) {
	r := csv.NewReader(from)
	columns, err := header(r)
	if err != nil {
		return 0, err
	}
	tx, err := l.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("members: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after the commit it does nothing
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, fmt.Errorf("members: %w", err)
		}
		line, _ := r.FieldPos(0)
		if err := l.put(ctx, tx, columns, row); err != nil {
			return 0, fmt.Errorf("members: line %d: %w", line, err)
		}
		n++
	}
	if err := tx.Commit(); err != nil {
		return 0, fmt.Errorf("members: %w", err)
	}
	return n, nil
}

// known are the columns of a file.
func known() []string { return []string{"number", "since", "language", "tier", "consent"} }

// header finds the columns of a file.
func header(r *csv.Reader) (map[string]int, error) {
	row, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("members: header: %w", err)
	}
	columns := map[string]int{}
	for i, name := range row {
		name = strings.TrimSpace(strings.TrimPrefix(name, "\uFEFF"))
		if !slices.Contains(known(), name) && !strings.HasPrefix(name, "x_") {
			return nil, fmt.Errorf("members: header: column %.40q is not known: want %s", name, strings.Join(known(), ", "))
		}
		columns[name] = i
	}
	if _, ok := columns["number"]; !ok {
		return nil, errors.New("members: header: no column number")
	}
	return columns, nil
}

func (l *List) put(ctx context.Context, tx *sql.Tx, columns map[string]int, row []string) error {
	field := func(name string) string {
		if i, ok := columns[name]; ok {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	number, since, consent := field("number"), field("since"), false
	for _, name := range known() {
		if text := field(name); len(text) > 64 || !utf8.ValidString(text) {
			return fmt.Errorf("%s is longer than 64 bytes, or no UTF-8", name)
		}
	}
	if number == "" {
		return errors.New("no number")
	}
	if _, err := time.Parse(time.DateOnly, since); since != "" && err != nil {
		return fmt.Errorf("since is %q, want a day as in 2024-05-31", since)
	}
	switch field("consent") {
	case "yes", "true", "1":
		consent = true
	case "", "no", "false", "0":
	default:
		return fmt.Errorf("consent is %q, want yes or no", field("consent"))
	}
	hash := l.hash(number)
	if _, err := tx.ExecContext(ctx, `INSERT INTO member (number, handle, since, language, tier, consent) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (number) DO UPDATE SET since = excluded.since, language = excluded.language, tier = excluded.tier, consent = excluded.consent`,
		hash, rand.Text(), since, field("language"), field("tier"), consent); err != nil {
		return err
	}
	if consent {
		return nil
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM visit WHERE handle = (SELECT handle FROM member WHERE number = ?)`, hash)
	return err // who no longer agrees leaves no visits
}

// Find returns who has a number.
func (l *List) Find(ctx context.Context, number string) (Member, error) {
	return l.find(ctx, `number = ?`, l.hash(number))
}

// ByHandle returns who has a handle, as calls name it.
func (l *List) ByHandle(ctx context.Context, handle string) (Member, error) {
	return l.find(ctx, `handle = ?`, handle)
}

func (l *List) find(ctx context.Context, where, key string) (Member, error) {
	var m Member
	err := l.db.Reader().QueryRowContext(ctx, `SELECT handle, since, language, tier, consent FROM member WHERE `+where, key).
		Scan(&m.Handle, &m.Since, &m.Language, &m.Tier, &m.Consent)
	if errors.Is(err, sql.ErrNoRows) {
		return m, ErrUnknown
	}
	if err != nil {
		return m, fmt.Errorf("members: %w", err)
	}
	return m, nil
}

// Called notes a call of a member who agreed; the same call twice is one.
func (l *List) Called(ctx context.Context, handle, call string, at time.Time) error {
	_, err := l.db.Writer().ExecContext(ctx, `INSERT INTO visit (handle, call, at) SELECT handle, ?, ? FROM member WHERE handle = ? AND consent
		ON CONFLICT DO NOTHING`, call, at.UTC().Format(time.RFC3339), handle)
	if err != nil {
		return fmt.Errorf("members: %w", err)
	}
	return nil
}

// Calls counts a member's calls since a moment.
func (l *List) Calls(ctx context.Context, handle string, since time.Time) (n int, err error) {
	err = l.db.Reader().QueryRowContext(ctx, `SELECT count(*) FROM visit WHERE handle = ? AND at >= ?`, handle, since.UTC().Format(time.RFC3339)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("members: %w", err)
	}
	return n, nil
}

// Erase takes a member out, with the visits, and notes the number for the lanes
// to forget: also that of somebody who is not in the list, for whom it returns
// ErrUnknown.
func (l *List) Erase(ctx context.Context, number string) error {
	tx, err := l.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("members: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after the commit it does nothing
	if err := l.noteForgotten(ctx, tx, number, time.Now()); err != nil {
		return fmt.Errorf("members: %w", err)
	}
	hash := l.hash(number)
	if _, err := tx.ExecContext(ctx, `DELETE FROM visit WHERE handle = (SELECT handle FROM member WHERE number = ?)`, hash); err != nil {
		return fmt.Errorf("members: %w", err)
	}
	done, err := tx.ExecContext(ctx, `DELETE FROM member WHERE number = ?`, hash)
	if err != nil {
		return fmt.Errorf("members: %w", err)
	}
	n, err := done.RowsAffected()
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return fmt.Errorf("members: %w", err)
	}
	if n == 0 {
		return ErrUnknown
	}
	return nil
}
