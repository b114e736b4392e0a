package journal

import (
	"os"
	"testing"
)

func TestInUse(t *testing.T) {
	dir := t.TempDir()
	want := func(want bool) {
		t.Helper()
		if got, err := InUse(dir); err != nil || got != want {
			t.Fatalf("InUse is %t, %v, want %t", got, err, want)
		}
	}
	want(false)
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Fatalf("asking left %v, %v", files, err)
	}
	release, err := LockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	want(true)
	want(true) // asking does not take it
	if err := release(); err != nil {
		t.Fatal(err)
	}
	want(false)
	release, err = LockFolder(dir) // nor does it keep others out
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
}
