package retain

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/help"
	"kassa/store/catalog"
	"kassa/store/hub/console"
	"kassa/store/hub/desk"
	"kassa/store/hub/enrol"
	"kassa/store/hub/keeper"
	"kassa/store/hub/lessons"
	"kassa/store/hub/members"
	"kassa/store/hub/tickets"
	"kassa/store/journal"
	"kassa/store/ledger"
	"kassa/store/outbox"
	"kassa/store/roster"
	"kassa/store/sqlite"
	"kassa/store/voucher"
)

// everything makes every database there is in one folder.
func everything(t *testing.T) string {
	t.Helper()
	dir, ctx := t.TempDir(), t.Context()
	for name, open := range map[string]func() (io.Closer, error){
		"journal": func() (io.Closer, error) {
			return journal.Open(ctx, dir, journal.Options{Store: "0421", Lane: "1"})
		},
		"catalog": func() (io.Closer, error) { return catalog.Open(ctx, dir) },
		"roster":  func() (io.Closer, error) { return roster.Open(ctx, dir) },
		"outbox":  func() (io.Closer, error) { return outbox.Open(ctx, dir) },
		"voucher": func() (io.Closer, error) { return voucher.Open(ctx, dir) },
		"keeper":  func() (io.Closer, error) { return keeper.Open(ctx, dir, time.Now) },
		"lanes":   func() (io.Closer, error) { return enrol.Open(ctx, dir, time.Now) },
		"members": func() (io.Closer, error) { return members.Open(ctx, dir) },
		"tickets": func() (io.Closer, error) { return tickets.Open(ctx, dir, "0421", nil, time.Now) },
		"learned": func() (io.Closer, error) { return lessons.Open(ctx, dir) },
		"console": func() (io.Closer, error) { return console.OpenBook(ctx, dir, time.Now) },
		"desk": func() (io.Closer, error) {
			return desk.Open(ctx, desk.Options{Dir: dir, Policy: help.DefaultPolicy(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		},
	} {
		db, err := open()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := db.Close(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return dir
}

func TestEveryColumnHasAClass(t *testing.T) {
	want, err := Inventory()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(everything(t), "*.db"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d databases, %v", len(files), err)
	}
	found := map[Column]bool{}
	for _, file := range files {
		for _, c := range columnsOf(t, file) {
			found[c] = true
			if _, ok := want[c]; ok {
				continue
			}
			if tab, ok := ledger.Find(c.Table); ok && c.Database == "keeper" && slices.ContainsFunc(tab.Columns, func(l ledger.Column) bool {
				return l.Name == c.Column && Known(Class(l.Class))
			}) {
				continue
			}
			t.Errorf("%s %s %s has no class: say in classes.txt what it is", c.Database, c.Table, c.Column)
		}
	}
	for c := range want {
		if !found[c] {
			t.Errorf("%s %s %s is listed and not there", c.Database, c.Table, c.Column)
		}
	}
}

// columnsOf lists the columns of a file's tables; views hold nothing, and shadow
// tables what their full text table does, which is named after its module's
// number.
func columnsOf(t *testing.T, file string) (all []Column) {
	t.Helper()
	db, err := sqlite.OpenAny(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.Query(`SELECT iif(s.type = 'virtual', rtrim(s.name, '0123456789'), s.name), c.name
		FROM pragma_table_list AS s, pragma_table_info(s.name) AS c
		WHERE s.schema = 'main' AND s.type IN ('table', 'virtual') AND s.name NOT LIKE 'sqlite_%' ORDER BY 1, c.cid`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		c := Column{Database: strings.TrimSuffix(filepath.Base(file), ".db")}
		if err := rows.Scan(&c.Table, &c.Column); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// A database of a new kind cannot slip by: whoever writes a schema adds it to
// the list above.
func TestEveryDatabaseIsListed(t *testing.T) {
	kind := regexp.MustCompile(`sqlite\.Schema\{\s*Name:\s*"([^"]+)"`)
	known := []string{"catalogue", "console", "desk", "journal", "keeper", "lanes", "learned", "members", "outbox", "staff list", "tickets", "voucher ledger"}
	err := filepath.WalkDir("../..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || !strings.HasPrefix(path, "../../store") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range kind.FindAllSubmatch(text, -1) {
			if !slices.Contains(known, string(m[1])) {
				t.Errorf("%s keeps a database %q whose columns have no classes", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
