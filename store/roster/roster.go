// Package roster keeps the store's staff on the lane: names, roles, badges and
// what is needed to check a PIN, in DIR/staff.db. The secret that PINs are
// hashed with lies beside it, in DIR/pepper, so that a copy of the database
// alone is of no use to a guesser.
//
// It is not for rules: package staff says who may do what. Names stay here;
// the journal gets the id alone.
//
// Its one rule: a try is counted before it is judged, so that neither a crash
// nor two lanes at once give a guesser another one for nothing.
package roster

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kassa/kiosk/flow"
	"kassa/kiosk/staff"
	"kassa/store/durable"
	"kassa/store/sqlite"
)

// Names of the files in the lane's data folder.
const (
	FileName   = "staff.db"
	PepperName = "pepper"
)

// Errors that a caller may test for.
var (
	ErrUnknown = errors.New("nobody of this name works here")
	ErrTaken   = errors.New("is taken")
	ErrName    = errors.New("name cannot be used")
	ErrBadge   = errors.New("badge cannot be used")
	ErrPepper  = errors.New("the store's secret is missing")
)

func schema() sqlite.Schema {
	return sqlite.Schema{Name: "staff list", AppID: 0x6b735331 /* "ksS1" */, Migrations: []string{`
CREATE TABLE member (
	id       INTEGER PRIMARY KEY,
	name     TEXT NOT NULL UNIQUE,
	role     TEXT NOT NULL,
	badge    TEXT NOT NULL UNIQUE,
	active   INTEGER NOT NULL,
	salt     BLOB NOT NULL,
	hash     BLOB NOT NULL,        -- staff.HashPIN
	wrong    INTEGER NOT NULL,     -- wrong PINs in a row
	last_ms  INTEGER NOT NULL,     -- when the last was tried
	added_at TEXT NOT NULL
) STRICT`}}
}

// A Member is one member of staff.
type Member struct {
	ID      string // handle, "a17"; what the journal knows
	Name    string
	Role    staff.Role
	Badge   string // number on the badge
	Active  bool
	Tries   staff.Tries
	AddedAt time.Time
}

// A Roster is an open staff list. Several processes may have it open.
type Roster struct {
	db     *sqlite.DB
	dir    string
	now    func() time.Time
	pepper []byte
}

// Open opens the staff list in the folder dir, or makes an empty one.
func Open(ctx context.Context, dir string) (*Roster, error) {
	db, err := sqlite.Open(ctx, filepath.Join(dir, FileName), schema())
	if err != nil {
		return nil, err
	}
	r := &Roster{db: db, dir: dir, now: time.Now}
	if err := r.season(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("staff list: %w", err), db.Close())
	}
	return r, nil
}

// season reads the pepper, or makes it with the first start. A list that has
// members without it is of no use: nobody's PIN could be right.
func (r *Roster) season(ctx context.Context) error {
	path := filepath.Join(r.dir, PepperName)
	pepper, err := os.ReadFile(path)
	switch {
	case err == nil && len(pepper) == pepperBytes:
		r.pepper = pepper
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	var members int
	if err := r.db.Reader().QueryRowContext(ctx, `SELECT count(*) FROM member`).Scan(&members); err != nil {
		return err
	}
	if members > 0 {
		return fmt.Errorf("%w: %s is absent or cut: restore it from a backup, or remove %s and add everybody anew",
			ErrPepper, path, filepath.Join(r.dir, FileName))
	}
	if r.pepper, err = makePepper(path); err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	return nil
}

const pepperBytes = 32

// makePepper writes a new secret under a name of its own first: another process
// never reads half of it, and whoever links it first wins.
func makePepper(path string) ([]byte, error) {
	pepper := make([]byte, pepperBytes)
	_, _ = rand.Read(pepper) // never fails
	f, err := os.CreateTemp(filepath.Dir(path), PepperName+".*.tmp")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(pepper)
	if err := errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if old, err := os.ReadFile(path); err == nil && len(old) != pepperBytes {
		err = os.Remove(path) // cut by a crash, before anybody was added
		if err != nil {
			return nil, err
		}
	}
	if err := os.Link(f.Name(), path); errors.Is(err, fs.ErrExist) {
		return os.ReadFile(path)
	} else if err != nil {
		return nil, err
	}
	return pepper, durable.Names(filepath.Dir(path))
}

// Close closes the staff list.
func (r *Roster) Close() error { return r.db.Close() }

// Add puts somebody on the list with a PIN. Without a badge they get a random
// number of eight digits. Who was disabled under this name comes back with the
// new role, badge and PIN, and the old id.
func (r *Roster) Add(ctx context.Context, name string, role staff.Role, badge, pin string) (Member, error) {
	m, err := r.add(ctx, name, role, badge, pin)
	if err != nil {
		return Member{}, fmt.Errorf("add %q: %w", name, err)
	}
	return m, nil
}

func (r *Roster) add(ctx context.Context, name string, role staff.Role, badge, pin string) (Member, error) {
	if err := goodName(name); err != nil {
		return Member{}, err
	}
	if _, err := staff.ParseRole(string(role)); err != nil {
		return Member{}, err
	}
	made := badge == ""
	if made {
		badge = randomBadge()
	}
	if err := goodBadge(badge); err != nil {
		return Member{}, err
	}
	if err := staff.GoodPIN(pin, badge); err != nil {
		return Member{}, err
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	hash := staff.HashPIN(pin, salt, r.pepper)
	tx, err := r.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return Member{}, err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	var holder string
	for {
		err := tx.QueryRowContext(ctx, `SELECT name FROM member WHERE badge = ? AND name <> ?`, badge, name).Scan(&holder)
		if errors.Is(err, sql.ErrNoRows) {
			break
		}
		if err != nil {
			return Member{}, err
		}
		if !made {
			return Member{}, fmt.Errorf("badge %s %w by %q", badge, ErrTaken, holder)
		}
		badge = randomBadge()
	}
	done, err := tx.ExecContext(ctx, `INSERT INTO member (name, role, badge, active, salt, hash, wrong, last_ms, added_at)
		VALUES (?1, ?2, ?3, 1, ?4, ?5, 0, 0, ?6)
		ON CONFLICT (name) DO UPDATE SET role = ?2, badge = ?3, active = 1, salt = ?4, hash = ?5, wrong = 0, last_ms = 0
		WHERE NOT active`, name, string(role), badge, salt, hash, r.now().Format(time.RFC3339))
	if err != nil {
		return Member{}, err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return Member{}, errors.Join(err, fmt.Errorf("the name %w: disable it first, or use another", ErrTaken))
	}
	if err := tx.Commit(); err != nil {
		return Member{}, err
	}
	return r.find(ctx, `name = ?`, name)
}

// Disable takes somebody off duty. They stay on the list: the journal names
// their id.
func (r *Roster) Disable(ctx context.Context, name string) error {
	done, err := r.db.Writer().ExecContext(ctx, `UPDATE member SET active = 0 WHERE name = ?`, name)
	if err != nil {
		return fmt.Errorf("disable %q: %w", name, err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return fmt.Errorf("disable %q: %w", name, errors.Join(err, ErrUnknown))
	}
	return nil
}

const selectMember = `SELECT id, name, role, badge, active, wrong, last_ms, added_at FROM member `

// List returns everybody in order of name, those disabled too.
func (r *Roster) List(ctx context.Context) (all []Member, err error) {
	rows, err := r.db.Reader().QueryContext(ctx, selectMember+`ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("staff list: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		m, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("staff list: %w", err)
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

// ByBadge returns who has the badge and may work here, with what they may do,
// or nil if nobody has.
func (r *Roster) ByBadge(ctx context.Context, badge string) (*flow.Staff, error) {
	m, err := r.find(ctx, `badge = ? AND active`, badge)
	switch {
	case errors.Is(err, ErrUnknown):
		return nil, nil //nolint:nilnil // nobody is an answer
	case err != nil:
		return nil, err
	}
	s := &flow.Staff{ID: m.ID, Role: string(m.Role)}
	for _, p := range staff.Permits(m.Role) {
		s.May = append(s.May, flow.Permit{Deed: flow.StaffDeed(p.Deed), PIN: p.PIN})
	}
	return s, nil
}

// Name returns the name behind an id, for people's eyes only.
func (r *Roster) Name(ctx context.Context, id string) (string, error) {
	m, err := r.find(ctx, `id = ?`, number(id))
	return m.Name, err
}

func (r *Roster) find(ctx context.Context, where string, arg any) (Member, error) {
	m, err := scan(r.db.Reader().QueryRowContext(ctx, selectMember+`WHERE `+where, arg))
	if errors.Is(err, sql.ErrNoRows) {
		return Member{}, ErrUnknown
	}
	if err != nil {
		return Member{}, fmt.Errorf("staff list: %w", err)
	}
	return m, nil
}

func scan(row interface{ Scan(...any) error }) (m Member, err error) {
	var id, last int64
	var added string
	err = row.Scan(&id, &m.Name, &m.Role, &m.Badge, &m.Active, &m.Tries.Wrong, &last, &added)
	if err != nil {
		return m, err
	}
	m.ID = "a" + strconv.FormatInt(id, 10)
	m.Tries.Last = time.UnixMilli(last)
	m.AddedAt, err = time.Parse(time.RFC3339, added)
	return m, err
}

// number takes the row out of a handle; -1 if it is none.
func number(id string) int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(id, "a"), 10, 64)
	if err != nil || !strings.HasPrefix(id, "a") {
		return -1
	}
	return n
}

// maxName bounds a name, in characters.
const maxName = 64

func goodName(name string) error {
	switch {
	case name == "" || strings.TrimSpace(name) != name:
		return fmt.Errorf("%w: it is empty, or begins or ends with a space", ErrName)
	case !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName:
		return fmt.Errorf("%w: it is no UTF-8, or longer than %d characters", ErrName, maxName)
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("%w: it holds a character that cannot be printed", ErrName)
	}
	return nil
}

// maxBadge bounds a badge's number, in bytes.
const maxBadge = 40

func goodBadge(badge string) error {
	if len(badge) > maxBadge || strings.ContainsFunc(badge, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("%w: %q is longer than %d or not plain letters, digits and signs", ErrBadge, badge, maxBadge)
	}
	return nil
}

// randomBadge is eight digits, the first not 0, so that no badge can be guessed
// from another.
func randomBadge() string {
	n, _ := rand.Int(rand.Reader, big.NewInt(90_000_000)) // never fails
	return n.Add(n, big.NewInt(10_000_000)).String()
}
