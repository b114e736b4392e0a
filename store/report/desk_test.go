package report

import (
	"fmt"
	"path/filepath"
	"testing"

	"kassa/store/report/views"
	"kassa/store/sqlite"
)

func TestDeskCounts(t *testing.T) {
	schema := sqlite.Schema{Name: "desk", AppID: 1, Views: []sqlite.View{{Name: views.Desk().Name, SQL: views.Desk().Create()}}, Migrations: []string{`
		CREATE TABLE contact (id TEXT, lane TEXT, number INTEGER, area TEXT, reason TEXT, phase TEXT, channel TEXT, language TEXT, priority INTEGER,
		raised_at TEXT, seen_ms INTEGER, claim_ms INTEGER, settle_ms INTEGER, tiers TEXT, "by" TEXT, remote INTEGER, outcome TEXT, state TEXT,
		before INTEGER, rating INTEGER, solved INTEGER, verdict TEXT, article TEXT, device TEXT)`}}
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "desk.db"), schema)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, c := range []struct {
		id, state          string
		number, before     int
		claim, settle, sol any
	}{
		{"a", "done", 7, 0, 4000, 20000, 1}, {"b", "done", 7, 1, 6000, 40000, 0}, {"c", "done", 8, 0, 2000, 30000, nil}, {"d", "cancelled", 9, 0, nil, 1000, nil},
	} {
		if _, err := db.Writer().Exec(`INSERT INTO contact VALUES (?, '1', ?, 'scale', 'scale/stuck', 'during', 'lane', 'fr', 2, '2026-11-22T12:00:00+01:00',
			NULL, ?, ?, '[{"Tier":0},{"Tier":1}]', 'a17', 0, 'helped', ?, ?, 3, ?, '', '', '')`, c.id, c.number, c.claim, c.settle, c.state, c.before, c.sol); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"help":    "[[scale/stuck lane 2 4 1 0 333 4000 20000 40000]]",
		"ratings": "[[scale/stuck 4 4 0 0 1 1 0]]",
	} {
		if got := fmt.Sprint(answer(t, Desk(db.Reader()), name, Query{}).Rows); got != want {
			t.Errorf("%s says %s, want %s", name, got, want)
		}
	}
}
