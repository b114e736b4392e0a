package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrNoValue says that a handle has no value, or no longer.
var ErrNoValue = errors.New("no value for this handle")

// PutPersonal keeps a value that tells who somebody is, such as a member's
// number, and returns the random handle that stands for it in records. It is on
// the disk when PutPersonal returns. Class says what kind of value it is.
func (j *Journal) PutPersonal(ctx context.Context, class, value string) (handle string, err error) {
	handle = randomHex(16)
	_, err = j.db.Writer().ExecContext(ctx, `INSERT INTO personal VALUES (?, ?, ?, ?)`,
		handle, class, value, time.Now().UTC().Format(time.RFC3339))
	if err != nil {
		return "", fmt.Errorf("journal %s: keep a value of class %s: %w", j.db.Path(), class, err)
	}
	return handle, nil
}

// Personal returns what handle stands for, or ErrNoValue.
func (r *Reader) Personal(ctx context.Context, handle string) (class, value string, err error) {
	err = r.db.Reader().QueryRowContext(ctx, `SELECT class, value FROM personal WHERE handle = ?`, handle).
		Scan(&class, &value)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", "", ErrNoValue
	case err != nil:
		return "", "", fmt.Errorf("journal %s: handle %s: %w", r.db.Path(), handle, err)
	}
	return class, value, nil
}

// ErasePersonal deletes what handle stands for, or returns ErrNoValue. The
// bytes are overwritten in the file and gone from SQLite's log when it returns;
// copies and backups made before still hold them. The chain still verifies.
func (j *Journal) ErasePersonal(ctx context.Context, handle string) error {
	err := j.erase(ctx, handle)
	if err != nil && !errors.Is(err, ErrNoValue) {
		return fmt.Errorf("journal %s: erase handle %s: %w", j.db.Path(), handle, err)
	}
	return err
}

// ForgetPersonal erases every value of a class for which is says so, each as
// ErasePersonal does, and returns how many. After an error it may be asked again,
// and then also sees to what the first time left in SQLite's log.
func (j *Journal) ForgetPersonal(ctx context.Context, class string, is func(value string) bool) (n int, err error) {
	handles, err := j.HandlesOf(ctx, class, is)
	if err == nil {
		err = j.erase(ctx, handles...)
	}
	if err != nil && !errors.Is(err, ErrNoValue) { // what is gone is gone
		return 0, fmt.Errorf("journal %s: erase values of class %s: %w", j.db.Path(), class, err)
	}
	return len(handles), nil
}

// HandlesOf returns the handles of every value of a class for which is says so,
// the oldest first.
func (r *Reader) HandlesOf(ctx context.Context, class string, is func(value string) bool) (handles []string, err error) {
	rows, err := r.db.Reader().QueryContext(ctx, `SELECT handle, value FROM personal WHERE class = ? ORDER BY at, handle`, class)
	if err != nil {
		return nil, fmt.Errorf("journal %s: values of class %s: %w", r.db.Path(), class, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var handle, value string
		if err := rows.Scan(&handle, &value); err != nil {
			return nil, fmt.Errorf("journal %s: values of class %s: %w", r.db.Path(), class, err)
		}
		if is(value) {
			handles = append(handles, handle)
		}
	}
	return handles, rows.Err()
}

// erase deletes what handles stand for, and sees that no copy of it stays in the
// file or in SQLite's log. ErrNoValue: one of several, or the only one, was gone.
func (j *Journal) erase(ctx context.Context, handles ...string) (missing error) {
	conn, err := j.db.Writer().Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // goes back to the pool
	if _, err := conn.ExecContext(ctx, `PRAGMA secure_delete = ON`); err != nil {
		return err
	}
	for _, handle := range handles {
		done, err := conn.ExecContext(ctx, `DELETE FROM personal WHERE handle = ?`, handle)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return err
		}
		if n == 0 {
			missing = ErrNoValue
		}
	}
	// The log still holds the page as it was.
	var busy, frames, folded int
	if err := conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &folded); err != nil {
		return err
	}
	if busy != 0 {
		return errors.New("the value is deleted but a reader keeps SQLite's log in use: try again")
	}
	return missing
}
