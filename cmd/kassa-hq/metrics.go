package main

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"kassa/store/hq"
)

// metrics serves what a monitor asks of head office, in the Prometheus form. No
// label holds what a lane can choose.
func metrics(h *hq.HQ) http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), gauges{h})
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
}

// gauges reads head office's numbers when they are asked for.
type gauges struct{ hq *hq.HQ }

// Describe names no metric: the set is that of Collect.
func (gauges) Describe(chan<- *prometheus.Desc) {}

// Collect sends them. Without PostgreSQL there is one: that it does not answer.
func (g gauges) Collect(out chan<- prometheus.Metric) {
	send := func(kind prometheus.ValueType, name, help string, n int64) {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, nil), kind, float64(n))
	}
	s, err := g.hq.Health(context.Background()) // it has a deadline of its own
	up := int64(1)
	if err != nil {
		up = 0
	}
	send(prometheus.GaugeValue, "kassa_hq_up", "1 while PostgreSQL answers.", up)
	if err != nil {
		return
	}
	send(prometheus.CounterValue, "kassa_hq_rows_total", "Rows kept since the beginning.", s.Rows)
	send(prometheus.GaugeValue, "kassa_hq_journals", "Journals known.", int64(s.Journals))
	send(prometheus.GaugeValue, "kassa_hq_journals_holed", "Journals with rows missing.", int64(s.Holes))
	send(prometheus.GaugeValue, "kassa_hq_ledger_behind_rows", "Rows that the ledger has not worked in yet.", s.Behind)
	send(prometheus.GaugeValue, "kassa_hq_quarantine_rows", "Rows in quarantine: each wants a person.", s.Quarantine)
}
