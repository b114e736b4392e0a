package members

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func open(t testing.TB, dir string) *List {
	t.Helper()
	l, err := Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestImportFindErase(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	file := "\uFEFFconsent,number,since,x_note,language,tier\r\nyes,9501101020917,2019-03-01,\"a,b\",fr,gold\r\nno,42,,,,\r\n"
	if n, err := l.Import(t.Context(), strings.NewReader(file)); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	m, err := l.Find(t.Context(), "9501101020917")
	if err != nil || m.Since != "2019-03-01" || m.Language != "fr" || m.Tier != "gold" || !m.Consent || m.Handle == "" {
		t.Fatalf("%+v, %v", m, err)
	}
	shy, err := l.Find(t.Context(), "42")
	if err != nil || shy.Consent {
		t.Fatalf("%+v, %v", shy, err)
	}
	now := time.Now()
	for _, v := range []struct{ handle, call string }{{m.Handle, "1-7/1"}, {m.Handle, "1-7/1"}, {m.Handle, "1-9/1"}, {shy.Handle, "1-8/1"}} {
		if err := l.Called(t.Context(), v.handle, v.call, now); err != nil {
			t.Fatal(err)
		}
	}
	for handle, want := range map[string]int{m.Handle: 2, shy.Handle: 0} {
		if n, err := l.Calls(t.Context(), handle, now.Add(-time.Hour)); err != nil || n != want {
			t.Errorf("%d calls, %v, want %d", n, err, want)
		}
	}
	if _, err := l.Import(t.Context(), strings.NewReader("number,consent\n9501101020917,no\n")); err != nil {
		t.Fatal(err)
	}
	if again, err := l.Find(t.Context(), "9501101020917"); err != nil || again.Handle != m.Handle || again.Consent {
		t.Errorf("%+v, %v", again, err)
	}
	if n, _ := l.Calls(t.Context(), m.Handle, now.Add(-time.Hour)); n != 0 {
		t.Errorf("%d visits of one who no longer agrees", n)
	}
	if err := l.Erase(t.Context(), "9501101020917"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Find(t.Context(), "9501101020917"); !errors.Is(err, ErrUnknown) {
		t.Errorf("erased: %v", err)
	}
	if err := l.Erase(t.Context(), "9501101020917"); !errors.Is(err, ErrUnknown) {
		t.Errorf("erased twice: %v", err)
	}
	_ = l.Close()
	for _, name := range []string{FileName, FileName + "-wal"} { // the number is nowhere
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil && bytes.Contains(data, []byte("9501101020917")) {
			t.Errorf("%s holds a number", name)
		}
	}
}

func TestImportRefuses(t *testing.T) {
	l := open(t, t.TempDir())
	for file, want := range map[string]string{
		"":                            "header",
		"name\nx\n":                   `column "name" is not known`,
		"since\n2024-01-01\n":         "no column number",
		"number\n1\n\"\"\n":           "line 3: no number",
		"number,since\n1,yesterday\n": "line 2: since",
		"number,consent\n1,perhaps\n": "line 2: consent",
		"number,tier\n1\n":            "wrong number of fields",
		"number\n" + strings.Repeat("1", 65) + "\n": "longer",
	} {
		if _, err := l.Import(t.Context(), strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", file, err, want)
		}
	}
	if _, err := l.Find(t.Context(), "1"); !errors.Is(err, ErrUnknown) {
		t.Errorf("half a file was taken: %v", err)
	}
}

func FuzzImport(f *testing.F) {
	f.Add("number,since\n1,2024-01-01\n")
	f.Add("number\n\"\xff\"\n")
	l := open(f, f.TempDir())
	f.Fuzz(func(t *testing.T, file string) {
		if n, err := l.Import(t.Context(), strings.NewReader(file)); err != nil && n != 0 {
			t.Errorf("%d taken, %v", n, err)
		}
	})
}
