package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"kassa/store/sqlite"
)

// ForgetBeside is [Journal.ForgetPersonal] in the file of a journal that no lane
// writes now, such as practice's while the lane sells; 0 where there is no such
// file. Whoever calls it has the folder: an open Journal in it, or [LockFolder].
func ForgetBeside(ctx context.Context, path, class string, is func(value string) bool) (n int, err error) {
	err = beside(ctx, path, func(j *Journal) error {
		n, err = j.ForgetPersonal(ctx, class, is)
		return err
	})
	return n, err
}

// PruneBeside erases personal values that have reached their age from such a file
// and returns how many; its records stay.
func PruneBeside(ctx context.Context, path string, p Pruning) (n int64, err error) {
	err = beside(ctx, path, func(j *Journal) error {
		done, err := j.Prunable(ctx, p)
		if err != nil || done.Personal == 0 {
			return err
		}
		if err := j.forget(ctx, p.Policy.Person.Day(p.Now)); err != nil {
			return fmt.Errorf("journal %s: prune personal values: %w", path, err)
		}
		n = done.Personal
		return nil
	})
	return n, err
}

// BringUp brings such a file to the version that this kassa reads, so that it can
// be asked also where the lane does not write it any more.
func BringUp(ctx context.Context, path string) error {
	return beside(ctx, path, func(*Journal) error { return nil })
}

// beside opens a file for its personal values alone: the Journal takes no records.
func beside(ctx context.Context, path string, fn func(*Journal) error) (err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	db, err := sqlite.Open(ctx, path, schema())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return fn(&Journal{Reader: Reader{db: db}})
}
