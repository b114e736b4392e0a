package keeper

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"kassa/store/retain/ages"
	"kassa/store/sqlite"
	"kassa/store/wire"
)

// recalls are the rows of a journal in which sale 2 takes a parked basket up, and
// says so with each of its rows; some rows have no facts at all.
func recalls() []wire.Row {
	rows := journalOf("1", "e", 6)
	prev := rows[0].Prev
	for i := range rows {
		r := &rows[i]
		r.Txn = int64(1 + i/2)
		r.Facts = ""
		if r.Txn == 2 {
			r.Facts = `{"txn":{"id":"0421-1-000002","number":2,"state":"open","recalled":"0421-7-000009"}}`
		}
		r.Prev = prev
		*r = sealed(*r)
		prev = r.Hash
	}
	return rows
}

// A sale that took a parked basket up is looked at once, and forgotten with its rows.
func TestRecalledUntilLooked(t *testing.T) {
	k := open(t, t.TempDir())
	take(t, k, recalls()...)
	take(t, k, recalls()...) // comes again
	all, err := k.Recalled(t.Context())
	want := Recalled{Lane: Lane{"0421", "1"}, Epoch: "e", Txn: 2, ID: "0421-7-000009"}
	if err != nil || !slices.Equal(all, []Recalled{want}) {
		t.Fatalf("%+v, %v", all, err)
	}
	if err := k.Looked(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	take(t, k, recalls()...)
	if all, err = k.Recalled(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("after it was looked at: %+v, %v", all, err)
	}
	prune(t, k, Pruning{Policy: ages.Policy{Sale: ages.Age{Days: 30}}})
	var n int
	if err := k.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM recalled`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d left when the rows are gone, %v", n, err)
	}
}

// A keeper of the version before finds them in the rows that it has.
func TestRecalledInAnOlderKeeper(t *testing.T) {
	dir := t.TempDir()
	old := schema()
	old.Migrations, old.Views = old.Migrations[:5], nil
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, FileName), old)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recalls() {
		if _, err := db.Writer().ExecContext(t.Context(), `INSERT INTO journal (store, lane, epoch, seq, run, at, mono, clock, txn, kind, event, facts, prev, hash)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, r.Store, r.Lane, r.Epoch, r.Seq, r.Run, r.At, r.Mono, r.Clock, r.Txn, r.Kind,
			r.Event, r.Facts, r.Prev, r.Hash); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	all, err := open(t, dir).Recalled(t.Context())
	if err != nil || fmt.Sprint(all) != "[{{0421 1} e 2 0421-7-000009}]" {
		t.Errorf("%+v, %v", all, err)
	}
}
