package reportpage

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	_ "embed"

	"kassa/store/hub/keeper"
	"kassa/store/report"
)

//go:embed live.js
var liveScript []byte

// latest is the report whose page shows rows as they arrive.
const latest = "latest"

// A Keeper is what is asked of the hub's rows beside the reports.
type Keeper interface {
	// Stamp is another text whenever rows have come.
	Stamp(ctx context.Context) (string, error)
	// Proof returns a transaction's rows, each checked.
	Proof(ctx context.Context, store, lane string, number int64) ([]keeper.Checked, error)
}

// Follow lets the page of the newest transactions follow the rows as they
// arrive, and adds PREFIX/proof. Look is how often it is asked for news.
func (p *Page) Follow(k Keeper, look time.Duration) { p.keeper, p.look = k, look }

const (
	beat = 15 * time.Second // a sign of life, for what lies between
	// longest is how long one stream of news lives. The browser asks again, and
	// whoever lets people in asks who comes.
	longest = 5 * time.Minute
)

// news answers with an event each time rows have come.
func (p *Page) news(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), longest)
	defer cancel()
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	tick := time.NewTicker(p.look)
	defer tick.Stop()
	said, last := time.Now(), ""
	for {
		stamp, err := p.keeper.Stamp(ctx)
		if err != nil {
			if ctx.Err() == nil {
				p.log.ErrorContext(ctx, "news of rows not read", "err", err)
			}
			return
		}
		text := ""
		switch {
		case stamp != last:
			text = fmt.Sprintf("data: %s\n\n", stamp)
		case time.Since(said) > beat:
			text = ": here\n\n"
		}
		if text != "" {
			if _, err := io.WriteString(w, text); err != nil || out.Flush() != nil {
				return // whoever is gone asks again
			}
			said, last = time.Now(), stamp
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// A proofShown is what the page of one transaction's rows shows.
type proofShown struct {
	Store, Lane string
	Number      int64
	Rows        []proofRow
	Broken      int
}

type proofRow struct {
	Seq             int64
	At, Kind        string
	Prev, Hash, Why string
}

// proof shows the rows of one transaction, and whether each holds.
func (p *Page) proof(w http.ResponseWriter, r *http.Request, s *shown) {
	number, err := strconv.ParseInt(r.FormValue("number"), 10, 64)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	one := proofShown{Store: r.FormValue("store"), Lane: r.FormValue("lane"), Number: number}
	rows, err := p.keeper.Proof(r.Context(), one.Store, one.Lane, number)
	if err != nil {
		p.log.ErrorContext(r.Context(), "rows not checked", "lane", one.Lane, "number", number, "err", err)
		http.Error(w, "The rows cannot be checked now. The log says why.", http.StatusInternalServerError)
		return
	}
	if len(rows) == 0 {
		http.NotFound(w, r)
		return
	}
	for i := range rows {
		c := &rows[i]
		one.Rows = append(one.Rows, proofRow{c.Seq, c.At, c.Kind, short(c.Prev), short(c.Hash), c.Why})
		if c.Why != "" {
			one.Broken++
		}
	}
	s.Proof = &one
	p.write(w, r, s)
}

// short is the beginning of a hash: enough for an eye to compare.
func short(hash string) string { return hash[:min(len(hash), 12)] }

// proofLink is where a row of the newest transactions is proved, "" for rows of
// other reports.
func (p *Page) proofLink(t *report.Table, row []any) string {
	if p.keeper == nil || t.Report.Name != latest {
		return ""
	}
	q := url.Values{}
	for i, c := range t.Report.Columns {
		switch c.Name {
		case "store", "lane", "number":
			q.Set(c.Name, fmt.Sprint(row[i]))
		}
	}
	return p.prefix + "/proof?" + q.Encode()
}
