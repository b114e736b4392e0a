package roster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kassa/kiosk/staff"
	"kassa/store/durable"
	"kassa/store/wire"
)

// Take replaces the lane's staff list by the store's. Who is not on it stays as
// somebody who may do nothing, because the journal names their id. A list with
// something wrong in it is refused whole, and an empty one is no list: nobody
// could open the lane.
func (r *Roster) Take(ctx context.Context, all []wire.Member) (err error) {
	if len(all) == 0 {
		return nil
	}
	for _, m := range all {
		if err := goodMember(m); err != nil {
			return fmt.Errorf("the store's staff list: %s: %w", m.ID, err)
		}
	}
	tx, err := r.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("staff list: %w", err)
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback()
		}
	}()
	// Names and badges are free first: two may have swapped theirs.
	const aside = `UPDATE member SET name = '~' || id || ' ' || name, badge = '~' || id || ' ' || badge, active = 0 WHERE name NOT GLOB '~[0-9]*'`
	if _, err := tx.ExecContext(ctx, aside); err != nil {
		return fmt.Errorf("staff list: %w", err)
	}
	const put = `INSERT INTO member (id, name, role, badge, active, salt, hash, wrong, last_ms, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, ?)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, badge = excluded.badge, active = excluded.active,
		wrong = iif(hash = excluded.hash, wrong, 0), last_ms = iif(hash = excluded.hash, last_ms, 0),
		salt = excluded.salt, hash = excluded.hash`
	for _, m := range all {
		_, err := tx.ExecContext(ctx, put, number(m.ID), m.Name, m.Role, m.Badge, m.Active, m.Salt, m.Hash, r.now().UTC().Format(time.RFC3339))
		if err != nil {
			return fmt.Errorf("staff list: %s: %w", m.ID, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("staff list: %w", err)
	}
	return nil
}

func goodMember(m wire.Member) error {
	if number(m.ID) < 1 {
		return fmt.Errorf("%q is no id", m.ID)
	}
	if _, err := staff.ParseRole(m.Role); err != nil {
		return err
	}
	if len(m.Salt) == 0 || len(m.Hash) == 0 || len(m.Salt) > 64 || len(m.Hash) > 64 {
		return errors.New("salt or hash has no sound length")
	}
	return errors.Join(goodName(m.Name), goodBadge(m.Badge))
}

// TakePepper keeps the store's secret in a lane's folder, in place of the lane's
// own. PINs that were set at the lane before are of no use then; changed says so.
func TakePepper(dir string, pepper []byte) (changed bool, err error) {
	if len(pepper) != pepperBytes {
		return false, fmt.Errorf("the store's secret has %d bytes, want %d", len(pepper), pepperBytes)
	}
	path := filepath.Join(dir, PepperName)
	old, err := os.ReadFile(path)
	if err == nil && bytes.Equal(old, pepper) {
		return false, nil
	}
	changed = err == nil
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return false, fmt.Errorf("the store's secret: %w", err)
	}
	if err := durable.WriteBytes(path, 0o600, pepper); err != nil {
		return false, fmt.Errorf("the store's secret: %w", err)
	}
	return changed, nil
}
