package hq

import (
	"fmt"
	"log/slog"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"kassa/store/hub/keeper"
	"kassa/store/report"
	"kassa/store/report/reporttest"
	"kassa/store/report/views"
)

// asked returns a report's answer as lines.
func asked(t *testing.T, all []report.Report, name string, q report.Query) [][]any {
	t.Helper()
	r, found := report.Find(all, name)
	if !found {
		t.Fatalf("no report %s", name)
	}
	table, err := report.Ask(t.Context(), r, q)
	if err != nil {
		t.Fatal(err)
	}
	return table.Rows
}

// sortedByWords makes a database whose texts are in an order for people, not
// that of their bytes.
func sortedByWords(t *testing.T) string {
	t.Helper()
	dsn := newDatabase(t)
	name := fmt.Sprintf("icu%d", serial.Add(1))
	h := open(t, dsn)
	_, err := h.pool.Exec(t.Context(), "CREATE DATABASE "+name+" LOCALE_PROVIDER icu ICU_LOCALE 'de-DE' TEMPLATE template0")
	ok(t, err)
	return cluster + " dbname=" + name
}

// shownBy are rows as PostgreSQL has them: its texts hold no NUL.
func shownBy(rows [][]any) [][]any {
	for _, row := range rows {
		for i, v := range row {
			if s, is := v.(string); is {
				row[i] = strings.ReplaceAll(s, "\x00", "\ufffd")
			}
		}
	}
	return rows
}

// For the same rows head office says what hub and lane say, report by report: of
// a day made by hand, and of random ones.
func TestReportsAsOnHubAndLane(t *testing.T) {
	for name, day := range map[string][]reporttest.Happening{
		"by hand": reporttest.Day(), "seed 1": reporttest.Random("1", 1, 150), "seed 2": reporttest.Random("1", 2, 150),
	} {
		t.Run(name, func(t *testing.T) {
			lane, _ := reporttest.Lived(t, "1", day)
			sent := reporttest.Rows(t, lane)
			k, err := keeper.Open(t.Context(), t.TempDir(), time.Now)
			ok(t, err)
			t.Cleanup(func() { _ = k.Close() })
			_, err = k.Take(t.Context(), sent)
			ok(t, err)
			dsn := sortedByWords(t)
			h := open(t, dsn)
			take(t, h, sent...)
			_, err = h.Follow(t.Context())
			ok(t, err)
			reader, err := OpenReader(t.Context(), dsn, slog.New(slog.DiscardHandler))
			ok(t, err)
			t.Cleanup(func() { _ = reader.Close() })
			db := reader.DB()
			t.Cleanup(func() { _ = db.Close() })
			for _, q := range []report.Query{{}, {Since: "2026-11-23", Until: "2026-11-24"}} {
				for _, name := range report.Names(report.Lane(lane.DB())) {
					at, hub, hq := asked(t, report.Lane(lane.DB()), name, q), asked(t, report.Hub(k.DB()), name, q), asked(t, report.HQ(db), name, q)
					if !reflect.DeepEqual(hub, at) {
						t.Errorf("%s %s: the hub says\n%v\nthe lane\n%v", name, q.Days(), hub, at)
					}
					if !reflect.DeepEqual(hq, shownBy(at)) {
						t.Errorf("%s %s: head office says\n%v\nthe lane\n%v", name, q.Days(), hq, at)
					}
				}
			}
			if got, err := reader.Currency(t.Context()); got != "EUR" || err != nil {
				t.Errorf("currency %q, %v", got, err)
			}
		})
	}
}

// IT asks the views with psql, without kassa, and is told what they count.
func TestViewsWithPsql(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed: apt-get install postgresql-client")
	}
	dsn := newDatabase(t)
	h := open(t, dsn)
	lane, _ := reporttest.Lived(t, "1", reporttest.Day())
	take(t, h, reporttest.Rows(t, lane)...)
	_, err = h.Follow(t.Context())
	ok(t, err)
	ask := func(query string) string {
		out, err := exec.CommandContext(t.Context(), psql, "-X", "-A", "-t", "-d", dsn, "-c", query).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", query, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	for _, v := range views.All(views.PostgreSQL) {
		if got := ask("SELECT count(*) FROM " + v.Name); got == "0" {
			t.Errorf("%s has no rows", v.Name)
		}
		if got := ask(fmt.Sprintf("SELECT obj_description('%s'::regclass)", v.Name)); got != v.Doc {
			t.Errorf("%s says of itself %q", v.Name, got)
		}
	}
	if got := ask("SELECT business_day, sum(total_minor) FROM report_sales GROUP BY 1 ORDER BY 1"); got != "2026-11-22|355" {
		t.Errorf("report_sales says %s", got)
	}
}
