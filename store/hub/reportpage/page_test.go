package reportpage

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kassa/store/hub/keeper"
	"kassa/store/report"
	"kassa/store/wire"
)

func pages(t *testing.T) http.Handler {
	t.Helper()
	sales := report.Report{
		Name: "sales", Title: "Sales", Counts: "Paid sales.",
		Columns: []report.Column{{Name: "name"}, {Name: "total_minor", Kind: report.Minor}},
		Plot:    report.Plot{Kind: report.Bars, X: "name", Y: []string{"total_minor"}, XLabel: "article", YLabel: "sold, {currency}"},
		Rows: func(_ context.Context, q report.Query) ([][]any, error) {
			if q.Since == "2026-11-23" {
				return nil, nil
			}
			return [][]any{{"<script>alert(1)</script>", int64(258)}}, nil
		},
	}
	broken := report.Report{Name: "broken", Rows: func(context.Context, report.Query) ([][]any, error) { return nil, errors.New("secret") }}
	p, err := New("/reports/", []report.Report{sales, broken}, "EUR", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPages(t *testing.T) {
	h := pages(t)
	for _, tt := range []struct {
		path string
		code int
		has  []string
	}{
		{"/reports", 200, []string{`href="/reports/sales"`, "Paid sales."}},
		{"/reports/sales", 200, []string{"<svg", "&lt;script&gt;", "2.58", "total EUR", "Paid sales.", `aria-current="page"`}},
		{"/reports/sales?since=2026-11-23", 200, []string{"Nothing yet"}},
		{"/reports/sales?since=%3Cscript%3E", 200, []string{"all days"}},
		{"/reports/sales.csv", 200, []string{"name,total_minor", "258"}},
		{"/reports/sales.json", 200, []string{`"total_minor":258`}},
		{"/reports/sales.svg", 200, []string{"<title>Sales"}},
		{"/reports/sales.svg?since=2026-11-23", 404, nil},
		{"/reports/sales.exe", 404, nil},
		{"/reports/none", 404, nil},
		{"/reports/broken", 500, nil},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, tt.path, nil))
		if w.Code != tt.code {
			t.Errorf("%s answers %d, want %d", tt.path, w.Code, tt.code)
		}
		body := w.Body.String()
		for _, has := range tt.has {
			if !strings.Contains(body, has) {
				t.Errorf("%s does not say %q:\n%s", tt.path, has, body)
			}
		}
		if !strings.HasSuffix(tt.path, ".json") && !strings.HasSuffix(tt.path, ".csv") && strings.Contains(body, "<script") || strings.Contains(body, "secret") {
			t.Errorf("%s says what it must not:\n%s", tt.path, body)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/reports/sales", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST answers %d", w.Code)
	}
}

// book is a keeper of two rows, one of them changed, that goes on when told.
type book struct{ stamps chan string }

func (b book) Stamp(ctx context.Context) (string, error) {
	select {
	case s := <-b.stamps:
		return s, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (book) Proof(_ context.Context, store, lane string, number int64) ([]keeper.Checked, error) {
	if store != "0421" || lane != "1" || number != 7 {
		return nil, nil
	}
	row := wire.Row{Seq: 3, Kind: "<scanned>", Hash: strings.Repeat("a", 64), Prev: strings.Repeat("b", 64)}
	return []keeper.Checked{{Row: row}, {Row: row, Why: "its hash does not fit what it says"}}, nil
}

func following(t *testing.T, b book) http.Handler {
	t.Helper()
	newest := report.Report{
		Name: "latest", Title: "Newest", Counts: "Newest first.",
		Columns: []report.Column{{Name: "store"}, {Name: "lane"}, {Name: "number", Kind: report.Count}},
		Rows: func(context.Context, report.Query) ([][]any, error) {
			return [][]any{{"0421", "a&b", int64(7)}}, nil
		},
	}
	p, err := New("/reports", []report.Report{newest}, "EUR", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p.Follow(b, time.Millisecond)
	return p
}

func TestNewestAndTheirProof(t *testing.T) {
	h := following(t, book{})
	for path, has := range map[string]string{
		"/reports/latest":                             `href="/reports/proof?lane=a%26b&amp;number=7&amp;store=0421"`,
		"/reports/latest?since=2026-11-22":            `data-live="/reports/news"`,
		"/reports/live.js":                            "EventSource",
		"/reports/proof?store=0421&lane=1&number=7":   "1 of 2 rows do not hold",
		"/reports/proof?store=0421&lane=1&number=7&x": "&lt;scanned&gt;",
		"/reports/proof?store=0421&lane=1&number=8":   "404",
		"/reports/proof?number=no":                    "404",
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if !strings.Contains(w.Body.String(), has) || w.Code != http.StatusOK && has != "404" {
			t.Errorf("%s answers %d without %q:\n%s", path, w.Code, has, w.Body.String())
		}
	}
}

// Each change of the stamp is told once, and the stream ends with the browser.
func TestNews(t *testing.T) {
	b := book{make(chan string, 3)}
	srv := httptest.NewServer(following(t, b))
	t.Cleanup(srv.Close)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/reports/news", nil)
	if err != nil {
		t.Fatal(err)
	}
	b.stamps <- "one"
	b.stamps <- "one"
	b.stamps <- "two"
	res, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	want := "data: one\n\ndata: two\n\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(res.Body, got); err != nil || string(got) != want {
		t.Errorf("%q, %v", got, err)
	}
	leave()
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("the stream ended before the browser left")
	}
}
