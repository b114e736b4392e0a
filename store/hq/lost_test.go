package hq

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// admin does something at the tests' PostgreSQL, beside everybody.
func admin(t testing.TB, dsn, query string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

// tool runs one of PostgreSQL's own programs.
func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), filepath.Join(bins, name), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// An old copy is put back under a running head office. No mark above what is there
// is told from then on, head office ends by name, and started again it fills up.
func TestRestoredUnderneath(t *testing.T) {
	all := journalOf("1", "e", 30)
	for name, copied := range map[string]func(t *testing.T, dsn string) (back func()){
		"another database": func(t *testing.T, dsn string) func() {
			_, db, _ := strings.Cut(dsn, "dbname=")
			admin(t, cluster+" dbname=postgres", fmt.Sprintf("CREATE DATABASE %s_old TEMPLATE %s", db, db))
			return func() {
				admin(t, cluster+" dbname=postgres", fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", db))
				admin(t, cluster+" dbname=postgres", fmt.Sprintf("ALTER DATABASE %s_old RENAME TO %s", db, db))
			}
		},
		"the same one": func(t *testing.T, dsn string) func() {
			dump := filepath.Join(t.TempDir(), "dump")
			tool(t, "pg_dump", "-Fc", "-f", dump, dsn)
			return func() {
				admin(t, dsn, "DROP SCHEMA kassa CASCADE")
				tool(t, "pg_restore", "--single-transaction", "-d", dsn, dump)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			told := r.marks()
			r.send(all[:10]...)
			_, stop := r.headOffice()
			r.until(told, 10)
			stop()
			back := copied(t, r.dsn)
			r.send(all[10:]...)
			h, err := Open(t.Context(), r.dsn, slog.New(slog.DiscardHandler))
			ok(t, err)
			defer func() { _ = h.Close() }()
			ended := make(chan error, 1)
			go func() {
				ended <- serve(t.Context(), h, &Consumer{HQ: h, NC: r.nc, Log: slog.New(slog.DiscardHandler), Marks: true})
			}()
			r.until(told, 30)
			back()
			ok(t, r.nc.Flush())
			for len(told) > 0 { // said before it was back
				<-told
			}
			if m, _, err := h.MarkOf(t.Context(), all[0].Journal()); err == nil && m.Seq > 10 {
				t.Errorf("a lane that asks is told mark %d", m.Seq)
			}
			if err := <-ended; !errors.Is(err, ErrLost) {
				t.Errorf("head office ended with %v", err)
			}
			ok(t, h.Close())
			ok(t, r.nc.Flush())
			for len(told) > 0 {
				if m := <-told; m.Seq > 10 {
					t.Errorf("mark %d was told of a database that has 10 rows", m.Seq)
				}
			}
			r.headOffice()
			r.until(told, 10)
			r.send(all[10:]...)
			r.until(told, 30)
		})
	}
}

// Somebody takes rows and marks away by hand while head office runs: the marks it
// tells are those of the database there and then.
func TestMarksAreTheDatabases(t *testing.T) {
	dsn := newDatabase(t)
	h := open(t, dsn)
	all := journalOf("1", "e", 30)
	take(t, h, all...)
	admin(t, dsn, `DELETE FROM kassa.journal WHERE seq > 10; UPDATE kassa.mark SET seq = 10, ahead = 10, hash = '`+all[9].Hash+`'`)
	if m, _, err := h.MarkOf(t.Context(), all[0].Journal()); err != nil || m.Seq != 10 || seqOf(h, "1") != 10 {
		t.Errorf("told %+v and %d, %v", m, seqOf(h, "1"), err)
	}
	if got := take(t, h, all[10:]...); got.Kept != 20 || seqOf(h, "1") != 30 {
		t.Errorf("%+v", got)
	}
}
