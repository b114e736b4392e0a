package roster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kassa/kiosk/staff"
)

// CheckPIN says whether pin is that of the member of staff with this id, and
// how long to wait before the next try. While the wait of earlier tries lasts
// nothing is judged, not even the right PIN.
func (r *Roster) CheckPIN(ctx context.Context, id, pin string) (ok bool, wait time.Duration, err error) {
	ok, wait, err = r.checkPIN(ctx, number(id), pin)
	if err != nil {
		return false, 0, fmt.Errorf("check PIN of %s: %w", id, err)
	}
	return ok, wait, nil
}

func (r *Roster) checkPIN(ctx context.Context, id int64, pin string) (bool, time.Duration, error) {
	a, wait, err := r.count(ctx, id)
	if err != nil || wait > 0 {
		return false, wait, err
	}
	if !staff.MatchPIN(pin, a.hash, a.salt, r.pepper) {
		return false, a.tries.Wait(r.now()), nil
	}
	_, err = r.db.Writer().ExecContext(ctx, `UPDATE member SET wrong = 0, last_ms = 0 WHERE id = ?`, id)
	return err == nil, 0, err
}

// An attempt is a try that has been counted and not been judged.
type attempt struct {
	hash, salt []byte
	tries      staff.Tries // this one taken for wrong
}

// count takes the try for a wrong one, on the disk, or says how long it is too
// early.
func (r *Roster) count(ctx context.Context, id int64) (a attempt, wait time.Duration, err error) {
	tx, err := r.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return a, 0, err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	var tries staff.Tries
	var last int64
	err = tx.QueryRowContext(ctx, `SELECT hash, salt, wrong, last_ms FROM member WHERE id = ? AND active`, id).
		Scan(&a.hash, &a.salt, &tries.Wrong, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return a, 0, ErrUnknown
	}
	if err != nil {
		return a, 0, err
	}
	now := r.now()
	tries.Last = time.UnixMilli(last)
	settled := tries.Settle(now)
	wait = settled.Wait(now)
	a.tries = settled
	if wait == 0 {
		a.tries = settled.Fail(now)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE member SET wrong = ?, last_ms = ? WHERE id = ?`,
		a.tries.Wrong, a.tries.Last.UnixMilli(), id); err != nil {
		return a, 0, err
	}
	return a, wait, tx.Commit()
}
