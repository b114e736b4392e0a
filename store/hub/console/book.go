package console

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"kassa/kiosk/staff"
	"kassa/store/sqlite"
)

// FileName is the console's database in the hub's folder.
const FileName = "console.db"

// How long things are good for.
const (
	codeLife    = 10 * time.Minute
	idleLife    = 15 * time.Minute // of a session nobody touches
	sessionLife = 12 * time.Hour
	nonceLife   = 24 * time.Hour // longer than any page stays signed in
	touchEvery  = 20 * time.Second
)

var (
	errCode   = errors.New("the code is not known, or too old")
	errOut    = errors.New("nobody is signed in")
	errReplay = errors.New("the deed was done before")
)

// schema keeps secrets as hashes alone: a copy of the database opens nothing.
func schema() sqlite.Schema {
	return sqlite.Schema{Name: "console", AppID: 0x6b734e31 /* "ksN1" */, Migrations: []string{`
CREATE TABLE device (
	id       INTEGER PRIMARY KEY,
	name     TEXT NOT NULL,
	hash     BLOB NOT NULL UNIQUE,
	added_by TEXT NOT NULL,
	added_at TEXT NOT NULL,
	wrong    INTEGER NOT NULL,  -- wrong PINs in a row
	last_ms  INTEGER NOT NULL   -- when the last was tried
) STRICT;
CREATE TABLE code (
	hash    BLOB PRIMARY KEY,
	made_ms INTEGER NOT NULL,
	"by"    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
	hash     BLOB PRIMARY KEY,
	device   INTEGER NOT NULL,
	staff    TEXT NOT NULL,
	began_ms INTEGER NOT NULL,
	seen_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE nonce (
	nonce TEXT PRIMARY KEY,
	at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`}}
}

// A Book is the console's database: devices that may be used, who is signed in
// on them, and which deeds were taken. Several processes may have it open.
type Book struct {
	db  *sqlite.DB
	now func() time.Time
}

// A Device is a phone, tablet or PC that the console may be used on.
type Device struct {
	ID      int64
	Name    string
	AddedBy string // who made its code: a staff id, or "" for the command line
	AddedAt time.Time
}

// OpenBook opens the console's database in the hub's folder, or makes it.
func OpenBook(ctx context.Context, dir string, now func() time.Time) (*Book, error) {
	db, err := sqlite.Open(ctx, filepath.Join(dir, FileName), schema())
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	return &Book{db, now}, nil
}

// Close closes the database.
func (b *Book) Close() error { return b.db.Close() }

// codeSigns are those of one-time codes: none looks like another.
const codeSigns = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Code makes a one-time code that lets one device in, good for ten minutes. By
// is who asked for it, "" for the command line.
func (b *Book) Code(ctx context.Context, by string) (string, error) {
	raw := make([]byte, 10)
	_, _ = rand.Read(raw) // never fails
	for i := range raw {
		raw[i] = codeSigns[raw[i]%32]
	}
	code := string(raw)
	now := b.now()
	_, err := b.db.Writer().ExecContext(ctx, `DELETE FROM code WHERE made_ms < ?`, now.Add(-codeLife).UnixMilli())
	if err == nil {
		_, err = b.db.Writer().ExecContext(ctx, `INSERT INTO code (hash, made_ms, "by") VALUES (?, ?, ?)`, digest(code), now.UnixMilli(), by)
	}
	if err != nil {
		return "", fmt.Errorf("console: code: %w", err)
	}
	return code[:5] + "-" + code[5:], nil
}

// admit takes a code and returns the secret of the new device.
func (b *Book) admit(ctx context.Context, code, name string) (string, error) {
	tx, err := b.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return "", fmt.Errorf("console: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo after the commit
	var by string
	err = tx.QueryRowContext(ctx, `DELETE FROM code WHERE hash = ? AND made_ms > ? RETURNING "by"`,
		digest(plainCode(code)), b.now().Add(-codeLife).UnixMilli()).Scan(&by)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errCode
	}
	secret := rand.Text()
	if err == nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO device (name, hash, added_by, added_at, wrong, last_ms) VALUES (?, ?, ?, ?, 0, 0)`,
			name, digest(secret), by, b.now().Format(time.RFC3339))
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return "", fmt.Errorf("console: device: %w", err)
	}
	return secret, nil
}

// plainCode takes a code as people type it.
func plainCode(code string) string {
	code = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(strings.TrimSpace(code)))
	return code
}

// Devices returns the devices that may be used.
func (b *Book) Devices(ctx context.Context) (all []Device, err error) {
	rows, err := b.db.Reader().QueryContext(ctx, `SELECT id, name, added_by, added_at FROM device ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("console: devices: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var d Device
		var at string
		if err := rows.Scan(&d.ID, &d.Name, &d.AddedBy, &at); err != nil {
			return nil, fmt.Errorf("console: devices: %w", err)
		}
		if d.AddedAt, err = time.Parse(time.RFC3339, at); err != nil {
			return nil, fmt.Errorf("console: devices: %w", err)
		}
		all = append(all, d)
	}
	return all, rows.Err()
}

// RemoveDevice shuts a device out and signs out whoever is signed in on it.
func (b *Book) RemoveDevice(ctx context.Context, id int64) error {
	done, err := b.db.Writer().ExecContext(ctx, `DELETE FROM device WHERE id = ?`, id)
	if err != nil {
		return fmt.Errorf("console: device %d: %w", id, err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return fmt.Errorf("console: device %d: %w", id, errors.Join(err, errors.New("there is no such device: see the list")))
	}
	_, err = b.db.Writer().ExecContext(ctx, `DELETE FROM session WHERE device = ?`, id)
	return err
}

// device finds a device by its secret; 0: none has it.
func (b *Book) device(ctx context.Context, secret string) (int64, error) {
	var id int64
	err := b.db.Reader().QueryRowContext(ctx, `SELECT id FROM device WHERE hash = ?`, digest(secret)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

// count takes a try at a PIN on a device for a wrong one, on the disk, before it
// is judged, or says how long it is too early.
func (b *Book) count(ctx context.Context, device int64) (wait time.Duration, err error) {
	tx, err := b.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo after the commit
	var tries staff.Tries
	var last int64
	if err := tx.QueryRowContext(ctx, `SELECT wrong, last_ms FROM device WHERE id = ?`, device).Scan(&tries.Wrong, &last); err != nil {
		return 0, err
	}
	now := b.now()
	tries.Last = time.UnixMilli(last)
	tries = tries.Settle(now)
	if wait = tries.Wait(now); wait == 0 {
		tries = tries.Fail(now)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE device SET wrong = ?, last_ms = ? WHERE id = ?`, tries.Wrong, tries.Last.UnixMilli(), device); err != nil {
		return 0, err
	}
	return wait, tx.Commit()
}

// session is somebody signed in on a device.
type session struct {
	hash   []byte
	device int64
	staff  string
	began  time.Time
	seen   time.Time
}

// signIn begins a session with a new secret and ends whatever the device had.
func (b *Book) signIn(ctx context.Context, device int64, staffID string) (string, error) {
	secret := rand.Text()
	now := b.now().UnixMilli()
	tx, err := b.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return "", fmt.Errorf("console: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo after the commit
	for _, q := range []struct {
		sql  string
		args []any
	}{
		{`UPDATE device SET wrong = 0, last_ms = 0 WHERE id = ?`, []any{device}},
		{`DELETE FROM session WHERE device = ? OR began_ms < ?`, []any{device, b.now().Add(-sessionLife).UnixMilli()}},
		{`INSERT INTO session (hash, device, staff, began_ms, seen_ms) VALUES (?, ?, ?, ?, ?)`, []any{digest(secret), device, staffID, now, now}},
	} {
		if _, err := tx.ExecContext(ctx, q.sql, q.args...); err != nil {
			return "", fmt.Errorf("console: session: %w", err)
		}
	}
	return secret, tx.Commit()
}

// session returns the session with this secret on this device while it is good,
// else errOut.
func (b *Book) session(ctx context.Context, secret, deviceSecret string) (session, error) {
	s := session{hash: digest(secret)}
	var began, seen int64
	err := b.db.Reader().QueryRowContext(ctx, `SELECT s.device, s.staff, s.began_ms, s.seen_ms FROM session s JOIN device d ON d.id = s.device
		WHERE s.hash = ? AND d.hash = ?`, s.hash, digest(deviceSecret)).Scan(&s.device, &s.staff, &began, &seen)
	if errors.Is(err, sql.ErrNoRows) {
		return s, errOut
	}
	if err != nil {
		return s, fmt.Errorf("console: session: %w", err)
	}
	s.began, s.seen = time.UnixMilli(began), time.UnixMilli(seen)
	if now := b.now(); now.Sub(s.began) > sessionLife || now.Sub(s.seen) > idleLife {
		return s, errOut
	}
	return s, nil
}

// again reads a session anew, for a page that stays open.
func (b *Book) again(ctx context.Context, old session) (session, error) {
	s := old
	var seen int64
	err := b.db.Reader().QueryRowContext(ctx, `SELECT seen_ms FROM session WHERE hash = ? AND device IN (SELECT id FROM device)`, s.hash).Scan(&seen)
	if errors.Is(err, sql.ErrNoRows) {
		return s, errOut
	}
	if err != nil {
		return s, fmt.Errorf("console: session: %w", err)
	}
	s.seen = time.UnixMilli(seen)
	if now := b.now(); now.Sub(s.began) > sessionLife || now.Sub(s.seen) > idleLife {
		return s, errOut
	}
	return s, nil
}

// touch notes that a person did something.
func (b *Book) touch(ctx context.Context, s session) error {
	now := b.now()
	if now.Sub(s.seen) < touchEvery {
		return nil
	}
	_, err := b.db.Writer().ExecContext(ctx, `UPDATE session SET seen_ms = ? WHERE hash = ?`, now.UnixMilli(), s.hash)
	return err
}

func (b *Book) signOut(ctx context.Context, s session) error {
	_, err := b.db.Writer().ExecContext(ctx, `DELETE FROM session WHERE hash = ?`, s.hash)
	return err
}

// once takes a nonce, or says that it was taken before.
func (b *Book) once(ctx context.Context, nonce string) error {
	if len(nonce) < 16 || len(nonce) > 64 {
		return errReplay
	}
	done, err := b.db.Writer().ExecContext(ctx, `INSERT INTO nonce (nonce, at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING`, nonce, b.now().UnixMilli())
	if err != nil {
		return fmt.Errorf("console: nonce: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errReplay)
	}
	return nil
}

// sweep forgets what can no longer matter.
func (b *Book) sweep(ctx context.Context) error {
	now := b.now()
	_, err := b.db.Writer().ExecContext(ctx, `DELETE FROM nonce WHERE at_ms < ?`, now.Add(-nonceLife).UnixMilli())
	if err == nil {
		_, err = b.db.Writer().ExecContext(ctx, `DELETE FROM session WHERE began_ms < ?`, now.Add(-sessionLife).UnixMilli())
	}
	return err
}

// digest is how a secret is kept. Secrets here are random and long: a plain hash
// is enough, unlike for a PIN.
func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
