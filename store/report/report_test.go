package report

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"kassa/store/hub/keeper"
	"kassa/store/journal"
	"kassa/store/report/reporttest"
	"kassa/store/report/views"
)

// collected takes a journal's records to a hub.
func collected(t *testing.T, r *journal.Reader) *keeper.Keeper {
	t.Helper()
	k, err := keeper.Open(t.Context(), t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	taken, err := k.Take(t.Context(), reporttest.Rows(t, r))
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
	lane, _ := reporttest.Lived(t, "1", reporttest.Day())
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
		{"weights-lanes", first, "0421 1 unexpected 1 0 1 0 0 1000 333 20000"},
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
	if got, want := len(Names(Lane(lane.DB()))), 15; got != want {
		t.Errorf("%d reports, want %d", got, want)
	}
}

// Over random days too the hub says what the lane says.
func TestRandomDays(t *testing.T) {
	for seed := range uint64(4) {
		lane, _ := reporttest.Lived(t, "1", reporttest.Random("1", seed, 120))
		hub := collected(t, lane)
		for _, q := range []Query{{}, {Since: "2026-11-23", Until: "2026-11-24"}} {
			for _, name := range Names(Lane(lane.DB())) {
				at, far := answer(t, Lane(lane.DB()), name, q), answer(t, Hub(hub.DB()), name, q)
				if q == (Query{}) && len(at.Rows) == 0 || !reflect.DeepEqual(far.Rows, at.Rows) {
					t.Errorf("seed %d, %s: the hub says\n%v\nthe lane\n%v", seed, name, far.Rows, at.Rows)
				}
			}
		}
	}
}

// Every report can be written in every form, empty too.
func TestForms(t *testing.T) {
	lane, _ := reporttest.Lived(t, "1", reporttest.Day())
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

// The columns are as they are documented, in their order.
func TestColumnsAreDocumented(t *testing.T) {
	lane, _ := reporttest.Lived(t, "1", nil)
	for _, v := range views.All(views.Keeper) {
		rows, err := lane.DB().Query("SELECT * FROM " + v.Name) //nolint:gosec // our own names
		if err != nil {
			t.Fatal(err)
		}
		have, err := rows.Columns()
		if err := errors.Join(err, rows.Err(), rows.Close()); err != nil { //nolint:sqlclosecheck // closed before the next view
			t.Fatal(err)
		}
		var said []string
		for _, c := range v.Columns {
			said = append(said, c.Name)
			if c.Doc == "" || c.Kind == "" {
				t.Errorf("%s.%s says nothing", v.Name, c.Name)
			}
		}
		if !reflect.DeepEqual(have, said) {
			t.Errorf("%s has\n%v\nand says\n%v", v.Name, have, said)
		}
	}
}

// IT can ask the views of the files themselves.
func TestViewsStandInTheFiles(t *testing.T) {
	lane, _ := reporttest.Lived(t, "1", reporttest.Day())
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

// IT asks the same of the files with the plain sqlite3, without kassa.
func TestViewsWithSqlite3(t *testing.T) {
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		t.Skip("sqlite3 is not installed: apt-get install sqlite3")
	}
	lane, dir := reporttest.Lived(t, "1", reporttest.Day())
	hub := t.TempDir()
	k, err := keeper.Open(t.Context(), hub, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	if _, err := k.Take(t.Context(), reporttest.Rows(t, lane)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, journal.FileName), filepath.Join(hub, keeper.FileName)} {
		ask := func(query string) string {
			out, err := exec.CommandContext(t.Context(), program, "-readonly", path, query).CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %s: %v\n%s", path, query, err, out)
			}
			return strings.TrimSpace(string(out))
		}
		for _, v := range views.All(views.Keeper) {
			if got := ask("SELECT count(*) FROM " + v.Name); got == "0" {
				t.Errorf("%s: %s has no rows", path, v.Name)
			}
		}
		if got := ask("SELECT business_day, sum(total_minor) FROM report_sales GROUP BY 1"); got != "2026-11-22|355" {
			t.Errorf("%s: report_sales says %s", path, got)
		}
	}
}

// The newest transactions stand on top, each with the row that brought it there.
func TestLatest(t *testing.T) {
	lane, _ := reporttest.Lived(t, "1", reporttest.Day())
	hub := collected(t, lane)
	table := answer(t, []Report{Latest(hub.DB())}, "latest", Query{})
	if len(table.Rows) != 5 {
		t.Fatalf("%d transactions", len(table.Rows))
	}
	want := "[0421 1 5 abandoned EUR 119 1 2026-11-22T13:40:00+01:00 2026-11-22T13:41:00+01:00 15]"
	if got := fmt.Sprint(table.Rows[0][:10]); got != want {
		t.Errorf("the newest is %s, want %s", got, want)
	}
	if at, _ := table.Rows[0][10].(string); !strings.HasSuffix(at, "+01:00") {
		t.Errorf("arrived at %s, not on the lane's clock", at)
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
		{Moment, "2026-11-22T13:40:00.123+01:00", "2026-11-22 13:40:00"},
		{Moment, "", ""},
		{Count, nil, ""},
		{Decimal, 1.5, "1.500"},
	} {
		if got := table.Cell(Column{Kind: tt.kind}, tt.v); got != tt.want {
			t.Errorf("Cell(%v) = %q, want %q", tt.v, got, tt.want)
		}
	}
}
