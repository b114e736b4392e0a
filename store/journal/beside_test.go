package journal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"kassa/store/sqlite"
)

// A journal that nobody writes can be read, asked and relieved of a number while
// the lane writes another in the same folder; none is made where there is none.
func TestBeside(t *testing.T) {
	dir := t.TempDir()
	opened(t, dir)
	path := filepath.Join(dir, "training.db")
	is := func(number string) bool { return number == "4711" }
	if n, err := ForgetBeside(t.Context(), path, "member", is); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("a file was made: %v", err)
	}
	if err := os.CopyFS(filepath.Join(dir, "old"), os.DirFS(filepath.Join("testdata", "journal-v1"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "old", FileName), path); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(t.Context(), path); !errors.Is(err, sqlite.ErrOlder) {
		t.Fatalf("the file is not older: %v", err)
	}
	if err := BringUp(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	r, err := OpenFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }() // only read
	if _, err := r.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
