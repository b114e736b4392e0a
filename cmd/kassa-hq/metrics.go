package main

import (
	"context"
	"net/http"

	"kassa/cmd/app/monitor"
	"kassa/store/hq"
)

// metrics serves what a monitor asks of head office, in the Prometheus form. No
// label holds what a lane can choose. Without PostgreSQL there is one number: that it
// does not answer.
func metrics(h *hq.HQ) http.Handler {
	return monitor.Handler(func(p monitor.Page) {
		s, err := h.Health(context.Background()) // it has a deadline of its own
		if err != nil {
			p.Gauge("kassa_hq_up", upHelp, 0)
			return
		}
		p.Gauge("kassa_hq_up", upHelp, 1)
		p.Counter("kassa_hq_rows_total", "Rows kept since the beginning.", s.Rows)
		p.Gauge("kassa_hq_journals", "Journals known.", float64(s.Journals))
		p.Gauge("kassa_hq_journals_holed", "Journals with rows missing.", float64(s.Holes))
		p.Gauge("kassa_hq_ledger_behind_rows", "Rows that the ledger has not worked in yet.", float64(s.Behind))
		p.Gauge("kassa_hq_quarantine_rows", "Rows in quarantine: each wants a person.", float64(s.Quarantine))
	})
}

const upHelp = "1 while PostgreSQL answers."
