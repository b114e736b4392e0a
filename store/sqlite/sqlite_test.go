package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// steps is a schema of three versions; row 1 of t tells which steps were done.
var steps = Schema{Name: "test data", AppID: 0x6b617374, Migrations: []string{
	`CREATE TABLE t (id INTEGER PRIMARY KEY, done TEXT NOT NULL) STRICT; INSERT INTO t VALUES (1, 'a')`,
	`UPDATE t SET done = done || 'b'; CREATE TABLE u (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t (id)) STRICT`,
	`UPDATE t SET done = done || 'c'`,
}}

// upTo is steps as an older kassa knew them.
func upTo(n int) Schema {
	s := steps
	s.Migrations = s.Migrations[:n]
	return s
}

func mustOpen(t *testing.T, path string, s Schema) *DB {
	t.Helper()
	db, err := Open(t.Context(), path, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func closed(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func done(t *testing.T, path string) (word string) {
	t.Helper()
	db, err := sql.Open("sqlite3", dsn(path, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, db)
	if err := db.QueryRow(`SELECT done FROM t`).Scan(&word); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return word
}

func TestOpenMakesAndOpensAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a ?b#c%41;&mode=ro.db")
	for range 2 {
		db, err := Open(t.Context(), path, steps)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if got := done(t, path); got != "abc" {
			t.Errorf("steps done = %q, want abc", got)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm()&0o007 != 0 {
		t.Errorf("mode is %v, want nothing for others", info.Mode())
	}
}

func TestSettingsOnEveryConnection(t *testing.T) {
	db := mustOpen(t, filepath.Join(t.TempDir(), "s.db"), steps)
	for name, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000",
	} {
		var got string
		if err := db.Writer().QueryRow("PRAGMA " + name).Scan(&got); err != nil || got != want {
			t.Errorf("writer's %s = %q, %v, want %q", name, got, err, want)
		}
	}
	if n := db.Writer().Stats().MaxOpenConnections; n != 1 {
		t.Errorf("the writer may have %d connections, want 1", n)
	}
	if _, err := db.Reader().Exec(`INSERT INTO t VALUES (2, '')`); err == nil {
		t.Error("a reader could write")
	}
	if _, err := db.Writer().Exec(`INSERT INTO u VALUES (1, 99)`); err == nil {
		t.Error("a reference to nothing was taken")
	}
}

// Zeros behind the log are no part of it: not for who writes on, not for who
// finds them after a power cut.
func TestRoomInTheLogIsNoPartOfIt(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "r.db")
	db := mustOpen(t, path, steps)
	insert := func(id int) {
		t.Helper()
		if _, err := db.Writer().Exec(`INSERT INTO t VALUES (?, '')`, id); err != nil {
			t.Fatal(err)
		}
	}
	insert(101)
	const size = 1 << 20
	if err := db.Room(t.Context(), size); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() != size {
		t.Fatalf("the log has %v bytes, %v", info, err)
	}
	count := func(db *DB, want int) {
		t.Helper()
		var n int
		if err := db.Reader().QueryRow(`SELECT count(*) FROM t WHERE id > 100`).Scan(&n); err != nil || n != want {
			t.Errorf("%d rows, %v, want %d", n, err, want)
		}
	}
	copied := filepath.Join(dir, "cut")
	if err := os.Mkdir(copied, 0o700); err != nil {
		t.Fatal(err)
	}
	cut := func(want int) {
		t.Helper()
		for _, name := range []string{"r.db", "r.db-wal"} {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(copied, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		again, err := Open(t.Context(), filepath.Join(copied, "r.db"), steps)
		if err != nil {
			t.Fatal(err)
		}
		count(again, want)
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
	cut(1)
	for id := range 20 {
		insert(102 + id)
	}
	count(db, 21)
	cut(21)
	if err := db.Fold(t.Context()); err != nil {
		t.Fatal(err)
	}
	insert(200)
	count(db, 22)
	cut(22)
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	other := upTo(1)
	other.AppID++
	kind := filepath.Join(dir, "kind.db")
	mustOpen(t, kind, other)
	unmarked := filepath.Join(dir, "unmarked.db")
	raw, err := sql.Open("sqlite3", dsn(unmarked, nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec(`CREATE TABLE x (y)`); err != nil {
		t.Fatal(err)
	}
	closed(t, raw)
	newer := filepath.Join(dir, "newer.db")
	mustOpen(t, newer, steps)

	tests := []struct {
		name, path string
		schema     Schema
		want       error
		says       []string
	}{
		{"text", write("text.db", strings.Repeat("no database\n", 100)), steps, ErrForeign, []string{"text.db"}},
		{"short text", write("short.db", "hello"), steps, ErrForeign, []string{"short.db"}},
		{"folder", dir, steps, ErrForeign, []string{"folder"}},
		{"another kind of ours", kind, steps, ErrForeign, []string{"kind.db", "application id"}},
		{"someone's database", unmarked, steps, ErrForeign, []string{"unmarked.db"}},
		{"newer", newer, upTo(2), ErrNewer, []string{"newer.db", "version 3", "knows 2"}},
		{"no folder", filepath.Join(dir, "none", "x.db"), steps, os.ErrNotExist, []string{"x.db"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before, _ := os.ReadFile(tt.path)
			_, err := Open(t.Context(), tt.path, tt.schema)
			if !errors.Is(err, tt.want) {
				t.Fatalf("Open() = %v, want %v", err, tt.want)
			}
			for _, s := range tt.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not name %q", err, s)
				}
			}
			if after, _ := os.ReadFile(tt.path); string(after) != string(before) {
				t.Error("the refused file was changed")
			}
		})
	}
}

func TestMigrateCopiesFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.db")
	old, err := Open(t.Context(), path, upTo(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenReadOnly(t.Context(), path, steps); !errors.Is(err, ErrOlder) {
		t.Errorf("OpenReadOnly() = %v, want ErrOlder", err)
	}
	mustOpen(t, path, steps)
	if got := done(t, path); got != "abc" {
		t.Errorf("migrated to %q, want abc", got)
	}
	if got := done(t, path+".before-v1"); got != "a" {
		t.Errorf("the copy holds %q, want a", got)
	}
	if back, err := Open(t.Context(), path+".before-v1", upTo(1)); err != nil {
		t.Errorf("the older kassa cannot open the copy: %v", err)
	} else {
		closed(t, back)
	}
}

func TestAFailedStepIsTakenUpAgain(t *testing.T) {
	for fails := range steps.Migrations {
		t.Run(fmt.Sprint("step ", fails), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f.db")
			broken := upTo(3)
			broken.Migrations = append([]string(nil), steps.Migrations...)
			broken.Migrations[fails] += `; SELECT no_such_function()`
			if _, err := Open(t.Context(), path, broken); err == nil || !strings.Contains(err.Error(), fmt.Sprint("from version ", fails)) {
				t.Fatalf("Open() = %v, want an error naming the step", err)
			}
			mustOpen(t, path, steps)
			if got := done(t, path); got != "abc" {
				t.Errorf("steps done = %q, want each once", got)
			}
		})
	}
}

func TestAStepThatBreaksReferencesIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.db")
	broken := upTo(3)
	broken.Migrations = append(append([]string(nil), steps.Migrations[:2]...), `INSERT INTO u VALUES (1, 99)`)
	if _, err := Open(t.Context(), path, broken); err == nil || !strings.Contains(err.Error(), "table u") {
		t.Errorf("Open() = %v, want an error naming table u", err)
	}
}

// slow is steps with a second and third step that take long enough to be
// killed in.
func slow() Schema {
	s := upTo(3)
	s.Migrations = append([]string(nil), s.Migrations...)
	for i := 1; i < 3; i++ {
		s.Migrations[i] += fmt.Sprintf(`; CREATE TABLE s%d AS WITH RECURSIVE n (i) AS
			(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 80000) SELECT i, hex(i) FROM n`, i)
	}
	return s
}

// TestChildMigrates is not a test: it is what TestKilledMigration kills.
func TestChildMigrates(t *testing.T) {
	path := os.Getenv("KASSA_TEST_MIGRATE")
	if path == "" {
		t.Skip("only as a child process")
	}
	fmt.Println("begin")
	mustOpen(t, path, slow())
}

func TestKilledMigration(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	cut := 0
	for i := range 6 {
		path := filepath.Join(t.TempDir(), "k.db")
		old, err := Open(t.Context(), path, upTo(1))
		if err != nil {
			t.Fatal(err)
		}
		closed(t, old)
		child := exec.Command(os.Args[0], "-test.run=^TestChildMigrates$")
		child.Env = append(os.Environ(), "KASSA_TEST_MIGRATE="+path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 5)); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(time.Duration(i*i)*5*time.Millisecond, func() { _ = child.Process.Kill() })
		if child.Wait() != nil {
			cut++
		}
		kill.Stop()
		db, err := Open(t.Context(), path, slow())
		if err != nil {
			t.Fatalf("after a kill at %d: %v", i, err)
		}
		closed(t, db)
		if got := done(t, path); got != "abc" {
			t.Errorf("after a kill at %d: steps done = %q, want each once", i, got)
		}
		if got := done(t, path+".before-v1"); got != "a" {
			t.Errorf("after a kill at %d: the copy holds %q, want a", i, got)
		}
	}
	if cut == 0 {
		t.Error("no child was killed in time: the test shows nothing")
	}
	t.Log("killed in time:", cut, "of 6")
}

func TestBackupWhileWriting(t *testing.T) {
	dir := t.TempDir()
	db := mustOpen(t, filepath.Join(dir, "w.db"), steps)
	ctx, stop := context.WithCancel(t.Context())
	wrote := make(chan error, 1)
	go func() {
		for i := 2; ctx.Err() == nil; i++ { // pairs: a copy with half a pair is torn
			_, err := db.Writer().Exec(fmt.Sprintf(`BEGIN; INSERT INTO t VALUES (%[1]d, 'x'); INSERT INTO u VALUES (%[1]d, %[1]d); COMMIT`, i))
			if err != nil {
				wrote <- err
				return
			}
		}
		wrote <- nil
	}()
	for i := range 5 {
		out := filepath.Join(dir, fmt.Sprint("copy", i))
		if err := db.Backup(t.Context(), out); err != nil {
			t.Fatal(err)
		}
		copied := mustOpen(t, out, steps)
		var torn int
		if err := copied.Reader().QueryRow(`SELECT count(*) FROM t LEFT JOIN u USING (id) WHERE t.id > 1 AND u.id IS NULL`).
			Scan(&torn); err != nil || torn > 0 {
			t.Errorf("copy %d has %d torn pairs, %v", i, torn, err)
		}
	}
	stop()
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), filepath.Join(dir, "copy0")); !errors.Is(err, os.ErrExist) {
		t.Errorf("Backup() over a file = %v, want ErrExist", err)
	}
}

func TestReadOnlyBesideAWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ro.db")
	if _, err := OpenReadOnly(t.Context(), path, steps); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("OpenReadOnly() of nothing = %v, want ErrNotExist", err)
	}
	db := mustOpen(t, path, steps)
	ro, err := OpenReadOnly(t.Context(), path, steps)
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, ro)
	if _, err := db.Writer().Exec(`INSERT INTO t VALUES (7, 'z')`); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := ro.Reader().QueryRow(`SELECT count(*) FROM t`).Scan(&n); err != nil || n != 2 {
		t.Errorf("the reader sees %d rows, %v, want 2", n, err)
	}
	if ro.Writer() != nil {
		t.Error("a reading DB has a writer")
	}
}

func TestACutCreationIsMadeAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cut.db")
	if err := create(path); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenReadOnly(t.Context(), path, steps); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("OpenReadOnly() of an empty file = %v, want ErrNotExist", err)
	}
	mustOpen(t, path, steps)
	if got := done(t, path); got != "abc" {
		t.Errorf("steps done = %q, want abc", got)
	}
}

func TestProgram(t *testing.T) {
	db := mustOpen(t, filepath.Join(t.TempDir(), "p.db"), steps)
	p := db.NewProgram([]string{`INSERT INTO t VALUES (?, ?)`, `DELETE FROM t WHERE id = ?`})
	defer closed(t, p)
	count := func() (n int) {
		if err := db.Reader().QueryRow(`SELECT count(*) FROM t`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := p.Tx(t.Context(), func(do Doer) error {
		return errors.Join(do(0, int64(2), "x"), do(0, int64(3), "y"), do(1, int64(1)))
	}); err != nil || count() != 2 {
		t.Errorf("Tx() = %v, %d rows, want 2", err, count())
	}
	wrong := errors.New("wrong")
	for range 2 {
		if err := p.Tx(t.Context(), func(do Doer) error { return errors.Join(do(1, int64(2)), wrong) }); !errors.Is(err, wrong) {
			t.Errorf("Tx() = %v, want the error of fn", err)
		}
		if err := p.Tx(t.Context(), func(do Doer) error { return do(0, int64(3), "twice") }); err == nil {
			t.Error("a second row 3 was taken")
		}
	}
	if count() != 2 {
		t.Errorf("%d rows after undone transactions, want 2", count())
	}
	if _, err := db.Writer().Exec(`DELETE FROM t`); err != nil {
		t.Errorf("the writer after a Program: %v", err)
	}
	if err := db.NewProgram([]string{`nonsense`}).Tx(t.Context(), func(Doer) error { return nil }); err == nil {
		t.Error("nonsense was prepared")
	}
}
