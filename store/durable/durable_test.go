package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A file is replaced as a whole; where filling it goes wrong the old one stays, and
// nothing else lies about.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	holds := func(want string) {
		t.Helper()
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
		all, err := os.ReadDir(dir)
		if err != nil || len(all) != 1 {
			t.Errorf("the folder has %v, %v", all, err)
		}
	}
	if err := WriteBytes(path, 0o640, []byte("old")); err != nil {
		t.Fatal(err)
	}
	holds("old")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	cut := errors.New("cut")
	err := Write(path, 0o600, func(w io.Writer) error {
		_, err := io.WriteString(w, "ne")
		return errors.Join(err, cut)
	})
	if !errors.Is(err, cut) {
		t.Error(err)
	}
	holds("old")
	if err := WriteBytes(path, 0o600, []byte("new")); err != nil {
		t.Fatal(err)
	}
	holds("new")
	if err := Rename(path, path+"b"); err != nil {
		t.Error(err)
	}
	if err := Remove(path + "b"); err != nil {
		t.Error(err)
	}
	if err := Remove(path + "b"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v: it was gone", err)
	}
	if err := WriteBytes(filepath.Join(dir, "no", "a"), 0o600, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v: there is no folder", err)
	}
}
