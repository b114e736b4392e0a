// Package secret writes the hub's keys to disk. It is not for anything that may
// be read by others, or that changes often.
//
// Its one rule: a file of it is there whole or not at all, and its owner's alone.
package secret

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Write writes a file under another name, flushes it, and only then gives it its
// own, in place of what was there.
func Write(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // readable by its owner alone
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return flush(filepath.Dir(path))
}

// flush makes the new name survive a power cut.
func flush(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the hub's own folder
	if err != nil {
		return fmt.Errorf("flush %s: %w", dir, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("flush %s: %w", dir, err)
	}
	return nil
}
