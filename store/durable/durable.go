// Package durable puts files in their place so that a power cut leaves the old one
// or the new one, whole. It is not for files that grow, nor for databases.
//
// Its one rule: when it returns nil, both the bytes and the name are on the disk.
package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Write lets fill write a file under another name in the same folder, flushes it,
// and only then gives it its own, in place of what was there.
func Write(path string, mode fs.FileMode, fill func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // readable by its owner alone
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	err = errors.Join(fill(f), f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return Names(filepath.Dir(path))
}

// WriteBytes is [Write] of data.
func WriteBytes(path string, mode fs.FileMode, data []byte) error {
	return Write(path, mode, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Rename gives a file, whose bytes are on the disk, another name.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return Names(filepath.Dir(to))
}

// Remove takes a file away for good. One that is not there is an error.
func Remove(path string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	return Names(filepath.Dir(path))
}

// Names flushes what the files of a folder are called.
func Names(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the caller's own folder
	if err != nil {
		return fmt.Errorf("flush %s: %w", dir, err)
	}
	err = d.Sync()
	if errors.Is(err, unix.EINVAL) { // a file system that knows no flush of folders
		err = nil
	}
	if err := errors.Join(err, d.Close()); err != nil {
		return fmt.Errorf("flush %s: %w", dir, err)
	}
	return nil
}
