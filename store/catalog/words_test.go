package catalog

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kassa/store/sqlite"
)

// finds holds what a text finds, in English, against what it should.
func finds(t *testing.T, c *Catalog, text string, want ...string) {
	t.Helper()
	found, err := c.Search(t.Context(), "en", text, 10)
	if err != nil || !slices.Equal(names(found), want) {
		t.Errorf("%q finds %v, %v, want %v", text, names(found), err, want)
	}
}

// other opens the same catalogue once more, as another process does.
func (l *lab) other(t *testing.T, opts ...Option) *Catalog {
	t.Helper()
	c, err := Open(t.Context(), filepath.Join(l.dir, "data"), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// one reads one value of the file.
func one[T any](t *testing.T, c *Catalog, query string) (v T) {
	t.Helper()
	if err := c.db.Reader().QueryRowContext(t.Context(), query).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

const (
	lookedInto = `SELECT words FROM finding`
	bothTables = `SELECT count(*) FROM sqlite_schema WHERE name IN ('words4', 'words5')`
)

// hasFTS5 skips a test in a build without FTS5.
func hasFTS5(t *testing.T, c *Catalog) {
	t.Helper()
	if has, err := known(t.Context(), c.db.Reader(), modules()); err != nil {
		t.Fatal(err)
	} else if has[0].name != "fts5" {
		t.Skip("this build has no FTS5: go test -tags sqlite_fts5")
	}
}

// plainBuild is a build without FTS5.
func plainBuild(c *Catalog) {
	c.modules = slices.DeleteFunc(modules(), func(m module) bool { return m.name == "fts5" })
}

// A build without FTS5 that opens a lane's file does not stop that lane from
// finding: it turns the index into one that both can read.
func TestBuildsTakeTurns(t *testing.T) {
	l := newLab(t)
	hasFTS5(t, l.Catalog)
	l.take(t, Options{}, "a.csv", assortment)
	if table := one[string](t, l.Catalog, lookedInto); table != "words5" {
		t.Errorf("words are in %q", table)
	}
	if err := l.Hold(t.Context()); err != nil {
		t.Fatal(err)
	}
	plain := l.other(t, plainBuild)
	finds(t, l.Catalog, "ban", "Bananas") // held, from before
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
	if table := one[string](t, l.Catalog, lookedInto); table != "words4" {
		t.Errorf("words are in %q", table)
	}
	for _, c := range []*Catalog{l.Catalog, plain} {
		finds(t, c, "ban", "Bananas")
		finds(t, c, "مُوز", "Bananas")
	}
	// Either takes in what both then find.
	delta := Options{Delta: true}
	for i, c := range []*Catalog{l.Catalog, plain} {
		name := fmt.Sprintf("Plantain %d", i)
		file := l.file(t, "d.csv", "plu,name,price_minor,per\n4011,"+name+",189,kg\n")
		if _, err := c.Import(t.Context(), []string{file}, delta, nil); err != nil {
			t.Fatal(err)
		}
		finds(t, l.Catalog, "plant", name)
		finds(t, plain, "plant", name)
		finds(t, plain, "banan")
	}
	next := l.other(t)
	if n := one[int](t, next, bothTables); n != 1 {
		t.Errorf("%d tables are left", n)
	}
	finds(t, next, "plant", "Plantain 1")
	file := l.file(t, "full.csv", assortment)
	if _, err := next.Import(t.Context(), []string{file}, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	finds(t, plain, "bana", "Bananas")
	finds(t, l.Catalog, "plant")
}

// Files of before and files whose words were folded otherwise are indexed when
// they are opened.
func TestIndexedWhenOpened(t *testing.T) {
	l := &lab{dir: t.TempDir()}
	path := filepath.Join(l.dir, "data", File)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	old, err := sqlite.Open(t.Context(), path+".old", sqlite.Schema{Name: "catalogue", AppID: appID, Migrations: migrations()[:3]})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`INSERT INTO article VALUES (7, 'plu:4011', '4011', 'Bananas', '{"ar":"مَوْز"}', 'bananas', 199, 1, '', 0, 0, 0, 0, 0, '', 0, '', 'yellow', '', 1, 0, 2)`,
		`INSERT INTO code VALUES ('plu:4011', 7, 1)`,
		`INSERT INTO term (article, term) VALUES (7, 'bananas')`,
	} {
		if _, err := old.Writer().ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".old", path); err != nil {
		t.Fatal(err)
	}
	c := l.other(t)
	for _, text := range []string{"ban", "موز", "yell", "4011"} {
		finds(t, c, text, "Bananas")
	}
	// A file of another folding.
	if _, err := c.db.Writer().ExecContext(t.Context(), `DELETE FROM `+one[string](t, c, lookedInto)+`; UPDATE finding SET folding = 0`); err != nil {
		t.Fatal(err)
	}
	finds(t, c, "ban")
	again := l.other(t)
	finds(t, again, "ban", "Bananas")
	if v := one[int](t, again, `SELECT folding FROM finding`); v != folding {
		t.Errorf("folding is %d", v)
	}
}

// What cannot be bought here now is not found, and comes back with the stop's end.
func TestStopsAreNotFound(t *testing.T) {
	l := newLab(t)
	l.take(t, Options{}, "a.csv", assortment)
	for _, step := range []struct {
		flags string
		want  []string
	}{{"sale-stop", nil}, {"", []string{"Beer"}}, {"attendant-only", nil}, {"no-bag", []string{"Beer"}}} {
		l.take(t, Options{Delta: true}, "d.csv", "gtin,name,price_minor,flags\n5000000000012,Beer,99,"+step.flags+"\n")
		finds(t, l.Catalog, "bee", step.want...)
	}
}

// An import that fails leaves the index as the articles: as before it.
func TestIndexAllOrNothing(t *testing.T) {
	l := newLab(t)
	l.take(t, Options{}, "a.csv", assortment)
	for _, opts := range []Options{{}, {Delta: true}} {
		bad := "plu,name,price_minor\n4011,Plantain,1\n4012,Papaya,1\n4013,,x\n"
		if _, err := l.Import(t.Context(), []string{l.file(t, "bad.csv", bad)}, opts, nil); err == nil {
			t.Fatal("a bad file passes")
		}
		finds(t, l.Catalog, "plant")
		finds(t, l.Catalog, "ban", "Bananas")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Import(ctx, []string{l.file(t, "good.csv", strings.ReplaceAll(assortment, "Banan", "Plantain"))}, Options{}, nil); err == nil {
		t.Fatal("a cancelled import passes")
	}
	finds(t, l.Catalog, "ban", "Bananas")
}

// Among more than can be ranked, produce is found though nobody bought any yet,
// and so is whoever has the very word.
func TestFoundAmongMany(t *testing.T) {
	l := newLab(t)
	var text strings.Builder
	text.WriteString(header)
	for i := range 2 * maxCandidates {
		fmt.Fprintf(&text, "%s,,Teapot %d,,,,100,each,A,,,,,,,,,\n", gtinOf(i), 4011000+i)
	}
	text.WriteString(gtinOf(9999) + ",,Green tea,,,,100,each,A,,,,,,,,,\n,4011,Teak plant,,,,100,each,A,,,,,,,,,\n")
	l.take(t, Options{}, "a.csv", text.String())
	found, err := l.Search(t.Context(), "en", "tea", 2*maxCandidates)
	if err != nil || found[0].Name != "Teak plant" || !slices.Contains(names(found), "Green tea") {
		t.Errorf("tea finds %.40v, %v", names(found), err)
	}
	if found, err = l.Search(t.Context(), "en", "4011", 3); err != nil || found[0].PLU != "4011" {
		t.Errorf("4011 finds %v, %v", names(found), err)
	}
}

// Whatever is typed is no question of its own to the index.
func FuzzSearch(f *testing.F) {
	for _, s := range []string{"ban", `a" OR "b`, "NEAR(a b)", "terms:ban", "-ban", "^ban", "ban*", "AND", "not", "(", "\x00", "\ue000ban", "مُوز ٤", "a b c d e f g h"} {
		f.Add(s)
	}
	c, err := Open(f.Context(), f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = c.Close() }) // only read
	l := &lab{Catalog: c, dir: f.TempDir()}
	l.take(f, Options{}, "a.csv", assortment)
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := c.Search(t.Context(), "en", s, 10); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
	})
}
