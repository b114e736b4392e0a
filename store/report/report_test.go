package report

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/store/hub/keeper"
	"kassa/store/journal"
	"kassa/store/report/views"
	"kassa/store/wire"
)

// A happening is a record of the day that the tests ask about.
type happening struct {
	kind, event string
	txn         int64
	facts       flow.Facts
}

var opened = time.Date(2026, 11, 22, 12, 0, 0, 0, time.FixedZone("", 3600))

func txn(number int64, state flow.SaleState, total money.Amount, took time.Duration) *flow.TxnFacts {
	at := opened.Add(time.Duration(number) * 20 * time.Minute)
	f := &flow.TxnFacts{
		ID: fmt.Sprintf("0421-1-%06d", number), Store: "0421", Lane: "1", Number: number, State: state, OpenedAt: at,
		Clock: "synced", BusinessDay: "2026-11-22", Currency: "EUR", Language: "fr", Total: total,
	}
	if number > 4 {
		f.BusinessDay = "2026-11-23"
	}
	if took > 0 {
		f.ClosedAt = at.Add(took)
	}
	return f
}

// day is five trips: two paid, one of them with a call of the bagging check
// that was false and a price set by hand; one voided by staff, one refund, one
// the next day that was left at the tender.
func day() []happening {
	milk := flow.LineFacts{N: 1, GTIN: "04006381333931", Name: "=Milk", Qty: 2, Unit: 119, Amount: 208, Tax: "A", Discounts: []flow.DiscountFacts{{Rule: "r", Amount: -30}}}
	plums := flow.LineFacts{N: 2, PLU: "4040", Name: "Plums", Qty: 1, WeightG: 734, Unit: 200, Amount: 147, Tax: "A", Set: &flow.SetFacts{Was: 299, Price: 200, By: "a17", Reason: "bruised"}}
	gone := flow.LineFacts{N: 3, GTIN: "04006381333931", Name: "=Milk", Qty: 1, Unit: 119, Amount: 119, Tax: "A", Voided: true}
	tax := []flow.TaxFacts{{Tax: "A", RatePPM: 70000, Net: 332, TaxPart: 23, Gross: 355}}
	bag := func(settled time.Duration) []flow.InterventionFacts {
		i := flow.InterventionFacts{N: 1, Kind: flow.NeedBagging, RaisedAt: opened, Line: 1, Detail: "unexpected: expected 10 g, seen 90 g, p 0.400"}
		if settled > 0 {
			i.SettledAt, i.By, i.Reason, i.From = opened.Add(settled), "a17", "accepted as it is", "lane"
		}
		return []flow.InterventionFacts{i}
	}
	done := txn(1, flow.SalePaid, 355, 90*time.Second)
	done.Rating = 3
	return []happening{
		{"device", `{"device":"scanner","up":true}`, 0, flow.Facts{}},
		{"badged", `{"staff":{"id":"a17","role":"supervisor","may":[]}}`, 0, flow.Facts{}},
		{"touched", `{"act":"start"}`, 1, flow.Facts{Txn: txn(1, flow.SaleOpen, 0, 0)}},
		{"scanned", `{}`, 1, flow.Facts{Txn: txn(1, flow.SaleOpen, 355, 0), Lines: []flow.LineFacts{milk, plums, gone}, Taxes: tax, Interventions: bag(0)}},
		{"touched", `{"act":"pay"}`, 1, flow.Facts{Interventions: bag(20 * time.Second), Contacts: []flow.ContactFacts{{N: 1, Reason: "scale/stuck", Channel: "lane", State: flow.CallDone, RaisedAt: opened, SeenAt: opened.Add(4 * time.Second), EndedAt: opened.Add(31500 * time.Millisecond), By: "a17", Language: "fr"}}}},
		{"charge-prepared", `{}`, 1, flow.Facts{Tenders: []flow.TenderFacts{{N: 1, Kind: flow.TenderCard, Amount: 355, Result: "declined", Terminal: "29001006"}}}},
		{"charged", `{}`, 1, flow.Facts{Txn: done, Taxes: tax, Tenders: []flow.TenderFacts{{N: 2, Kind: flow.TenderCard, Amount: 355, Result: "approved", Terminal: "29001006"}}}},
		{"scanned", `{}`, 2, flow.Facts{Txn: txn(2, flow.SaleOpen, 119, 0), Lines: []flow.LineFacts{{N: 1, GTIN: "04006381333931", Name: "=Milk", Qty: 1, Unit: 119, Amount: 119, Tax: "A"}}}},
		{"touched", `{"act":"pay"}`, 2, flow.Facts{}},
		{"device", `{"device":"scanner","up":false,"why":"unplugged"}`, 0, flow.Facts{}},
		{"device", `{"device":"scanner","up":true}`, 0, flow.Facts{}},
		{"charged", `{}`, 2, flow.Facts{Txn: txn(2, flow.SalePaid, 119, 30*time.Second), Tenders: []flow.TenderFacts{{N: 1, Kind: flow.TenderVoucher, Amount: 119, Result: "approved"}}}},
		{"touched", `{"act":"staff"}`, 3, flow.Facts{Txn: txn(3, flow.SaleVoided, 500, time.Minute), Lines: []flow.LineFacts{{N: 1, GTIN: "1", Name: "Wine", Qty: 1, Unit: 500, Amount: 500, Tax: "A"}}, Interventions: []flow.InterventionFacts{{N: 1, Kind: flow.NeedAudit, RaisedAt: opened, SettledAt: opened, By: "a17", Reason: "sale voided"}}}},
		{"charged", `{}`, 4, flow.Facts{Txn: txn(4, flow.SaleRefund, -119, time.Minute), Lines: []flow.LineFacts{{N: 1, GTIN: "04006381333931", Name: "=Milk", Qty: -1, Unit: 119, Amount: -119, Tax: "A"}}, Tenders: []flow.TenderFacts{{N: 1, Kind: flow.TenderCard, Amount: -119, Result: "approved", Terminal: "29001006"}}}},
		{"touched", `{"act":"pay"}`, 5, flow.Facts{Txn: txn(5, flow.SaleAbandoned, 119, time.Minute), Lines: []flow.LineFacts{{N: 1, GTIN: "04006381333931", Name: "=Milk", Qty: 1, Unit: 119, Amount: 119, Tax: "A"}}, Tenders: []flow.TenderFacts{{N: 1, Kind: flow.TenderCard, Amount: 119, Result: "aborted", Terminal: "29001006"}}}},
	}
}

// lived writes the day into a lane's journal.
func lived(t *testing.T) *journal.Reader {
	t.Helper()
	dir := t.TempDir()
	j, err := journal.Open(t.Context(), dir, journal.Options{Store: "0421", Lane: "1"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	for i, h := range day() {
		var facts []byte
		if !h.facts.Empty() {
			if facts, err = json.Marshal(h.facts); err != nil {
				t.Fatal(err)
			}
		}
		at := opened.Add(time.Duration(i) * 1500 * time.Millisecond)
		if _, err := j.Append(ctx, journal.Entry{At: at, Kind: h.kind, Txn: h.txn, Event: []byte(h.event), Facts: facts}); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := errors.Join(<-ended, j.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := journal.OpenReader(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// collected takes a journal's records to a hub.
func collected(t *testing.T, r *journal.Reader) *keeper.Keeper {
	t.Helper()
	k, err := keeper.Open(t.Context(), t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	var rows []wire.Row
	for rec, err := range r.Since(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, wire.Row{
			Store: r.Store(), Lane: r.Lane(), Epoch: r.Epoch(), Seq: rec.Seq, Run: rec.Run, At: rec.At.Format(time.RFC3339Nano),
			Mono: int64(rec.Mono), Clock: rec.Clock, Txn: rec.Txn, Kind: rec.Kind, Event: string(rec.Event), Facts: string(rec.Facts),
			Prev: hex.EncodeToString(rec.Prev[:]), Hash: hex.EncodeToString(rec.Hash[:]),
		})
	}
	taken, err := k.Take(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range taken.Verdicts {
		if v != keeper.Kept {
			t.Fatalf("row %d is %s: %v", i+1, v, taken.Alarms)
		}
	}
	return k
}

func answer(t *testing.T, all []Report, name string, q Query) *Table {
	t.Helper()
	r, ok := Find(all, name)
	if !ok {
		t.Fatalf("no report %s", name)
	}
	table, err := Ask(t.Context(), r, q)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// What each report says of the day, on the lane and on the hub: the same.
func TestReportsCount(t *testing.T) {
	lane := lived(t)
	hub := collected(t, lane)
	first := Query{Until: "2026-11-22", Currency: "EUR"}
	for _, tt := range []struct {
		name string
		q    Query
		want string
	}{
		{"sales", first, "12 EUR 1 2 0 4 474 237\n13 EUR 1 0 1 -1 -119 -"},
		{"articles", first, "04006381333931  =Milk EUR 2 0 208 -30 1\n 4040 Plums EUR 1 734 147 0 0\n1  Wine EUR 0 0 0 0 0"},
		{"tenders", first, "card EUR 1 355 1 -119 236\nvoucher EUR 1 119 0 0 119"},
		{"tax", first, "A 70000 EUR 1 332 23 355"},
		{"payments", Query{}, "card 29001006 4 2 1 1 0 0 500\nvoucher  1 1 0 0 0 0 1000"},
		{"utilisation", Query{}, "12 1 2 2 33\n13 2 2 1 16"},
		{"service", first, "fr 3 666 30000 90000 333 1 1 0 0"},
		{"interventions", first, "audit 1 333 0 1 0 0 0 0\nbagging 1 333 0 1 0 0 20000 20000"},
		{"losses", Query{}, "line-voided EUR 1 119\nprice-set EUR 1 99\nrefund EUR 1 119\nsale-abandoned EUR 1 119\nsale-voided EUR 1 500"},
		{"weights", first, "04006381333931  =Milk 1 0 1 0 0 1000 1"},
		{"help", first, "scale/stuck lane 1 1 0 1000 4000 31500 31500"},
		{"funnel", Query{}, "start 4 1000 0\nitem 4 1000 1\npay 3 750 0\ntender 3 750 1\npaid 2 500 0"},
		{"overrides", first, "price supervisor bruised EUR 1 99\nvoid-sale supervisor sale voided EUR 1 500"},
		{"devices", first, "0421 1 scanner 1 1500 1500 1 2026-11-22T12:00:15+01:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := answer(t, Lane(lane.DB()), tt.name, tt.q)
			var lines []string
			for _, row := range at.Rows {
				var cells []string
				for _, v := range row {
					if v == nil {
						v = "-"
					}
					cells = append(cells, fmt.Sprint(v))
				}
				lines = append(lines, strings.Join(cells, " "))
			}
			if got := strings.Join(lines, "\n"); got != tt.want {
				t.Errorf("the lane says\n%s\nwant\n%s", got, tt.want)
			}
			if far := answer(t, Hub(hub.DB()), tt.name, tt.q); !reflect.DeepEqual(far.Rows, at.Rows) {
				t.Errorf("the hub says\n%v\nthe lane\n%v", far.Rows, at.Rows)
			}
		})
	}
	if got, want := len(Names(Lane(lane.DB()))), 14; got != want {
		t.Errorf("%d reports, want %d", got, want)
	}
}

// Every report can be written in every form, empty too.
func TestForms(t *testing.T) {
	lane := lived(t)
	for _, name := range Names(Lane(lane.DB())) {
		for _, q := range []Query{{Currency: "EUR"}, {Since: "1999-01-01", Until: "1999-01-01"}} {
			table := answer(t, Lane(lane.DB()), name, q)
			var text, csvText, jsonText, svg bytes.Buffer
			if err := errors.Join(table.Text(&text), table.CSV(&csvText), table.JSON(&jsonText)); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text.String(), table.Report.Counts) || table.Report.Counts == "" {
				t.Errorf("%s does not say how it counts", name)
			}
			rows, err := csv.NewReader(&csvText).ReadAll()
			if err != nil || len(rows) != 1+len(table.Rows) {
				t.Errorf("%s as CSV has %d lines, %v", name, len(rows), err)
			}
			var object struct {
				Report string
				Rows   []map[string]any
			}
			if err := json.Unmarshal(jsonText.Bytes(), &object); err != nil || object.Report != name || len(object.Rows) != len(table.Rows) {
				t.Errorf("%s as JSON: %v: %s", name, err, jsonText.String())
			}
			err = table.SVG(&svg)
			if len(table.Rows) == 0 {
				if !errors.Is(err, ErrNoPlot) {
					t.Errorf("%s draws nothing: %v", name, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s as SVG: %v", name, err)
			}
			wellFormed(t, name, svg.Bytes())
			if table.Report.Plot.XLabel == "" || table.Report.Plot.YLabel == "" || !bytes.Contains(svg.Bytes(), []byte("<title>")) {
				t.Errorf("%s draws without labels", name)
			}
		}
	}
}

func wellFormed(t *testing.T, name string, text []byte) {
	t.Helper()
	for dec := xml.NewDecoder(bytes.NewReader(text)); ; {
		_, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
	}
}

func TestHostileTextStaysData(t *testing.T) {
	r := Report{Name: "x", Title: "x", Columns: []Column{{Name: "a"}}}
	table := Table{Report: &r, Rows: [][]any{{"=1+1"}, {"\x1b[31mred\n"}, {"\u202eabc"}, {"caf\xe9"}}}
	var text, sheet bytes.Buffer
	if err := errors.Join(table.Text(&text), table.CSV(&sheet)); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(text.String(), "\x1b\u202e") {
		t.Errorf("a terminal would obey %q", text.String())
	}
	if strings.Contains(sheet.String(), "\n=1+1") {
		t.Errorf("a spreadsheet would run %q", sheet.String())
	}
}

// The views are made as they stand, and say nothing twice.
func TestViewsCanBeMade(t *testing.T) {
	left := regexp.MustCompile(`\{[a-z]+[:}]`)
	for _, d := range []views.Dialect{views.Journal, views.Keeper, views.PostgreSQL} {
		seen := map[string]bool{}
		for i, v := range views.All(d) {
			if v.Doc == "" || seen[v.Name] || left.MatchString(v.Body) {
				t.Errorf("view %s of dialect %d: %s", v.Name, d, v.Body)
			}
			seen[v.Name] = true
			if !strings.HasSuffix(views.Create(d)[i], v.Body) {
				t.Errorf("view %s is not made", v.Name)
			}
		}
	}
}

// IT can ask the views of the files themselves.
func TestViewsStandInTheFiles(t *testing.T) {
	lane := lived(t)
	hub := collected(t, lane)
	for _, v := range views.All(views.Keeper) {
		for name, db := range map[string]*sql.DB{"journal": lane.DB(), "keeper": hub.DB()} {
			var n int
			if err := db.QueryRow("SELECT count(*) FROM " + v.Name).Scan(&n); err != nil || n == 0 {
				t.Errorf("%s: %s has %d rows, %v", name, v.Name, n, err)
			}
		}
	}
}

func TestCells(t *testing.T) {
	table := Table{Report: &Report{}, Query: Query{Currency: "EUR"}}
	for _, tt := range []struct {
		kind Kind
		v    any
		want string
	}{
		{Minor, int64(-5), "-0.05"},
		{Minor, int64(258), "2.58"},
		{Permille, int64(7), "0.7"},
		{Millis, int64(1549), "1.5"},
		{Flag, int64(1), "yes"},
		{Flag, false, "no"},
		{Count, nil, ""},
		{Decimal, 1.5, "1.500"},
	} {
		if got := table.Cell(Column{Kind: tt.kind}, tt.v); got != tt.want {
			t.Errorf("Cell(%v) = %q, want %q", tt.v, got, tt.want)
		}
	}
}
