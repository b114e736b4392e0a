package ledger

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/store/sqlite"
	"kassa/store/wire"
)

func sqliteTypes() map[Kind]string {
	return map[Kind]string{Int: "INTEGER", Text: "TEXT", Bool: "INTEGER", JSON: "TEXT"}
}

// fill puts rows into a fresh database and returns all that stands in it.
func fill(t *testing.T, rows []wire.Row) string {
	t.Helper()
	var create []string
	for _, tab := range Tables() {
		create = append(create, tab.Create(sqliteTypes()))
	}
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "l.db"), sqlite.Schema{Name: "ledger", AppID: 1, Migrations: []string{strings.Join(create, ";\n")}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, r := range rows {
		made, err := Rows(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range made {
			if _, err := db.Writer().Exec(Tables()[row.Table].Upsert(func(int) string { return "?" }), row.Values...); err != nil {
				t.Fatalf("%s: %v", Tables()[row.Table].Name, err)
			}
		}
	}
	return dump(t, db)
}

func dump(t *testing.T, db *sqlite.DB) string {
	t.Helper()
	var out strings.Builder
	for _, tab := range Tables() {
		rows, err := db.Reader().Query("SELECT * FROM " + tab.Name + " ORDER BY " + "1, 2, 3, 4, 5")
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values := make([]any, len(tab.Columns))
			into := make([]any, len(values))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&out, tab.Name, values)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		_ = rows.Close()
	}
	return out.String()
}

// trip is a short sale as a lane would write it.
func trip(t *testing.T) []wire.Row {
	t.Helper()
	at := time.Date(2026, 11, 21, 17, 5, 0, 0, time.FixedZone("", 3600))
	txn := func(state flow.SaleState, total money.Amount) *flow.TxnFacts {
		f := &flow.TxnFacts{Total: total, ID: "0421-1-7", Store: "0421", Lane: "1", Number: 7, State: state, OpenedAt: at, Currency: "EUR", BusinessDay: "2026-11-21"}
		if state == flow.SalePaid {
			f.ClosedAt = at.Add(90 * time.Second)
		}
		return f
	}
	steps := []struct {
		event string
		facts flow.Facts
	}{
		{`{"act":"start"}`, flow.Facts{Txn: txn(flow.SaleOpen, 0)}},
		{`{"code":"1"}`, flow.Facts{Txn: txn(flow.SaleOpen, 119), Lines: []flow.LineFacts{{N: 1, GTIN: "1", Qty: 1, Unit: 119, Amount: 119}}}},
		{`{"device":"scale","up":false,"why":"silent"}`, flow.Facts{}},
		{`{"code":"1"}`, flow.Facts{Txn: txn(flow.SaleOpen, 238), Lines: []flow.LineFacts{{N: 1, GTIN: "1", Qty: 2, Unit: 119, Amount: 208, Discounts: []flow.DiscountFacts{{Rule: "r", Amount: -30}}}}}},
		{`{"act":"pay"}`, flow.Facts{Interventions: []flow.InterventionFacts{{N: 1, Kind: flow.NeedAge, RaisedAt: at}}}},
		{`{"act":"tender"}`, flow.Facts{Tenders: []flow.TenderFacts{{N: 1, Kind: flow.TenderCard, Amount: 208, Result: "asked"}}}},
		{`{}`, flow.Facts{
			Txn: txn(flow.SalePaid, 208), Tenders: []flow.TenderFacts{{N: 1, Kind: flow.TenderCard, Amount: 208, Result: "approved"}},
			Interventions: []flow.InterventionFacts{{N: 1, Kind: flow.NeedAge, RaisedAt: at, SettledAt: at.Add(20 * time.Second), By: "a17"}},
		}},
	}
	var rows []wire.Row
	for i, s := range steps {
		facts, err := json.Marshal(s.facts)
		if err != nil {
			t.Fatal(err)
		}
		number := int64(7)
		if strings.Contains(s.event, "device") {
			number = 0
		}
		rows = append(rows, wire.Row{
			Store: "0421", Lane: "1", Epoch: "e", Seq: int64(i + 1), At: at.Add(time.Duration(i) * time.Second).Format(time.RFC3339Nano),
			Txn: number, Event: s.event, Facts: string(facts),
		})
	}
	return rows
}

func TestRows(t *testing.T) {
	got := fill(t, trip(t))
	for _, want := range []string{
		"txn [0421 1 e 7 0421-1-7 paid", "txn_line [0421 1 e 7 1 1   2 0 119 208 -30", "card 208 approved",
		"age 2026-11-21T17:05:00+01:00 2026-11-21T17:05:20+01:00 20000 a17", "device_event [0421 1 e 3 scale 0 silent",
		"txn_step [0421 1 e 7 item 2026-11-21T17:05:01+01:00 2]", "txn_step [0421 1 e 7 pay", "txn_step [0421 1 e 7 paid 2026-11-21T17:06:30+01:00 7]",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// Whatever the order in which records come, and however often, the tables say
// the same in the end.
func TestOrderDoesNotMatter(t *testing.T) {
	want := fill(t, trip(t))
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		rows := slices.Concat(trip(t), trip(t))
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if got := fill(t, rows); got != want {
			t.Fatalf("seed %d:\n%s\nwant\n%s", seed, got, want)
		}
	}
}

// A new column says what it is and how sensitive, or it does not come in.
func TestEveryColumnHasAClass(t *testing.T) {
	for _, tab := range Tables() {
		if tab.Doc == "" {
			t.Errorf("%s says nothing", tab.Name)
		}
		for _, c := range tab.Columns {
			if !slices.Contains([]Class{Sale, Staff, Person, Device}, c.Class) || c.Doc == "" || sqliteTypes()[c.Kind] == "" {
				t.Errorf("%s.%s has no class, kind or description", tab.Name, c.Name)
			}
		}
		if last := tab.Columns[len(tab.Columns)-1]; last.Name != "seq" || tab.Key >= len(tab.Columns) {
			t.Errorf("%s does not end with seq", tab.Name)
		}
	}
}

func FuzzRows(f *testing.F) {
	f.Add(`{"act":"pay"}`, `{"txn":{"number":7}}`)
	f.Add(`[]`, `{"lines":[{"n":1}]}`)
	f.Fuzz(func(t *testing.T, event, facts string) {
		rows, err := Rows(wire.Row{Store: "s", Lane: "1", Epoch: "e", Seq: 1, At: "2026-11-21T17:05:00Z", Txn: 7, Event: event, Facts: facts})
		if err != nil {
			return
		}
		for _, r := range rows {
			if len(r.Values) != len(Tables()[r.Table].Columns) {
				t.Errorf("%d values for %s", len(r.Values), Tables()[r.Table].Name)
			}
		}
	})
}
