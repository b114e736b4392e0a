package reportpage

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kassa/store/report"
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
