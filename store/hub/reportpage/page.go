// Package reportpage shows the hub's reports as pages: a plot above, the table
// below it, a sentence on how it was counted, and the same as CSV and JSON. It
// works nothing out (package report) and lets nobody in or out: whoever mounts
// it asks who comes.
//
// Its one rule: a page is made at the moment it is asked for, of rows that are
// kept, and needs no script to be read, printed or copied. The one script there
// is asks for the page of the newest transactions again when rows have come.
package reportpage

import (
	"bytes"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"

	_ "embed"

	"kassa/store/report"
)

//go:embed page.html
var pageText string

// A Page answers GET under its prefix: a list of reports, PREFIX/NAME, and
// PREFIX/NAME.csv, .json and .svg, each with since and until as business days.
type Page struct {
	prefix   string
	reports  []report.Report
	currency string
	log      *slog.Logger
	page     *template.Template
	keeper   Keeper // nil: nothing is followed
	look     time.Duration
}

// New makes the pages of some reports under prefix, such as "/reports".
// Currency is the store's, "" leaves amounts in minor units.
func New(prefix string, reports []report.Report, currency string, log *slog.Logger) (*Page, error) {
	t, err := template.New("report").Parse(pageText)
	if err != nil {
		return nil, err
	}
	return &Page{prefix: strings.TrimSuffix(prefix, "/"), reports: reports, currency: currency, log: log, page: t}, nil
}

// shown is what a page shows.
type shown struct {
	Prefix, Since, Until string
	All                  []report.Report
	Table                *report.Table
	Heads                []head
	Rows                 []line
	Plot                 template.HTML
	Proof                *proofShown
	Live                 bool // rows show as they arrive
}

type line struct {
	Cells []cell
	Proof string // where the row is proved, "" nowhere
}

// Key names a row that may change.
func (l line) Key() string { return l.Proof }

type head struct {
	Text   string
	Number bool
}

type cell struct {
	Text   string
	Number bool
}

// ServeHTTP implements http.Handler.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only to be read", http.StatusMethodNotAllowed)
		return
	}
	rest := strings.Trim(strings.TrimPrefix(r.URL.Path, p.prefix), "/")
	q := report.Query{Since: day(r.FormValue("since")), Until: day(r.FormValue("until")), Currency: p.currency}
	s := shown{Prefix: p.prefix, Since: q.Since, Until: q.Until}
	for _, name := range report.Names(p.reports) {
		one, _ := report.Find(p.reports, name)
		s.All = append(s.All, one)
	}
	if rest == "" {
		p.write(w, r, &s)
		return
	}
	if p.keeper != nil && p.followed(w, r, rest, &s) {
		return
	}
	name, form, _ := strings.Cut(rest, ".")
	one, ok := report.Find(p.reports, name)
	if !ok {
		http.NotFound(w, r)
		return
	}
	t, err := report.Ask(r.Context(), one, q)
	if err != nil {
		p.log.ErrorContext(r.Context(), "report not answered", "report", name, "err", err)
		http.Error(w, "The report cannot be made now. The log says why.", http.StatusInternalServerError)
		return
	}
	if form != "" {
		p.file(w, r, t, form)
		return
	}
	s.Table, s.Live = t, p.keeper != nil && name == latest
	p.fill(&s, t)
	p.write(w, r, &s)
}

// followed answers what is asked beside the reports.
func (p *Page) followed(w http.ResponseWriter, r *http.Request, rest string, s *shown) bool {
	switch rest {
	case "news":
		p.news(w, r)
	case "proof":
		p.proof(w, r, s)
	case "live.js":
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		p.send(w, liveScript)
	default:
		return false
	}
	return true
}

// fill puts a table and its plot into a page.
func (p *Page) fill(s *shown, t *report.Table) {
	for _, c := range t.Report.Columns {
		s.Heads = append(s.Heads, head{t.Heading(c), c.Kind.Number()})
	}
	for _, row := range t.Rows {
		cells := make([]cell, len(row))
		for i, v := range row {
			c := t.Report.Columns[i]
			cells[i] = cell{t.Cell(c, v), c.Kind.Number()}
		}
		s.Rows = append(s.Rows, line{cells, p.proofLink(t, row)})
	}
	var svg bytes.Buffer
	if err := t.SVG(&svg); err == nil {
		if i := bytes.Index(svg.Bytes(), []byte("<svg")); i >= 0 {
			s.Plot = template.HTML(svg.Bytes()[i:]) //nolint:gosec // drawn by package report, which escapes every text
		}
	}
}

// file answers with a table as a file.
func (p *Page) file(w http.ResponseWriter, r *http.Request, t *report.Table, form string) {
	kinds := map[string]struct {
		mime  string
		write func(*bytes.Buffer) error
	}{
		"csv":  {"text/csv; charset=utf-8", func(b *bytes.Buffer) error { return t.CSV(b) }},
		"json": {"application/json", func(b *bytes.Buffer) error { return t.JSON(b) }},
		"svg":  {"image/svg+xml", func(b *bytes.Buffer) error { return t.SVG(b) }},
	}
	k, ok := kinds[form]
	if !ok {
		http.NotFound(w, r)
		return
	}
	var b bytes.Buffer
	switch err := k.write(&b); {
	case errors.Is(err, report.ErrNoPlot):
		http.NotFound(w, r)
		return
	case err != nil:
		p.log.ErrorContext(r.Context(), "report not written", "report", t.Report.Name, "err", err)
		http.Error(w, "The report cannot be written now. The log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", k.mime)
	if form == "csv" {
		w.Header().Set("Content-Disposition", `attachment; filename="`+t.Report.Name+`.csv"`)
	}
	p.send(w, b.Bytes())
}

// write answers with a page.
func (p *Page) write(w http.ResponseWriter, r *http.Request, s *shown) {
	var b bytes.Buffer
	if err := p.page.Execute(&b, s); err != nil {
		p.log.ErrorContext(r.Context(), "report page not made", "err", err)
		http.Error(w, "The page cannot be made now.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	p.send(w, b.Bytes())
}

func (p *Page) send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(body) // whoever is gone asks again
}

var dayForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// day lets through what is a day, and nothing else.
func day(text string) string {
	if !dayForm.MatchString(text) {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return ""
	}
	return text
}
