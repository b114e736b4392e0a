package reporttest

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"time"

	"kassa/store/report/views"
	"kassa/store/sqlite"
)

// Desk makes a database with the part of a desk's that reports read.
func Desk(ctx context.Context, dir string) (*sqlite.DB, error) {
	return sqlite.Open(ctx, filepath.Join(dir, "calls.db"), sqlite.Schema{
		Name: "desk", AppID: 1, Views: []sqlite.View{{Name: views.Desk().Name, SQL: views.Desk().Create()}}, Migrations: []string{`
		CREATE TABLE contact (id TEXT, lane TEXT, number INTEGER, area TEXT, reason TEXT, phase TEXT, channel TEXT, language TEXT, priority INTEGER,
		raised_at TEXT, seen_ms INTEGER, claim_ms INTEGER, settle_ms INTEGER, tiers TEXT, "by" TEXT, remote INTEGER, outcome TEXT, state TEXT,
		before INTEGER, rating INTEGER, solved INTEGER, verdict TEXT, article TEXT, device TEXT, member TEXT NOT NULL DEFAULT '')`},
	})
}

// Calls is such a database with so many random calls.
func Calls(ctx context.Context, dir string, seed uint64, calls int) (_ *sqlite.DB, err error) {
	db, err := Desk(ctx, dir)
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(seed, 9)) //nolint:gosec // the same calls each time
	for i := range calls {
		var claim, rated any
		if r.IntN(8) > 0 {
			claim = r.IntN(40_000)
		}
		if r.IntN(3) == 0 {
			rated = r.IntN(2)
		}
		_, err := db.Writer().ExecContext(ctx, `INSERT INTO contact VALUES (?, ?, ?, 'x', ?, 'during', ?, ?, 2, ?, ?, ?, ?, ?, 'a17', ?, 'helped', ?, ?, ?, ?, '', '', '', '')`,
			i, pick(r, "1", "2", "3"), r.IntN(30), pick(r, "scale/stuck", "pay/card", "age/check", "other/other"), pick(r, "console", "chat", "voice"),
			pick(r, "en", "fr", "ar", "id"), opened().Add(time.Duration(i)*time.Minute).Format(time.RFC3339), r.IntN(9000), claim, 40_000+r.IntN(200_000),
			pick(r, `[{"Tier":0}]`, `[{"Tier":0},{"Tier":1}]`), r.IntN(2), pick(r, "done", "done", "cancelled"), r.IntN(2), r.IntN(4), rated)
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}
