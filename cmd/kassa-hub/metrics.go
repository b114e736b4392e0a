package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"kassa/store/hub"
)

// metrics serves what a monitor asks of the hub, in the Prometheus form. No
// label holds what a lane or a shopper can choose.
func metrics(h *hub.Hub) http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), gauges{h})
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
}

// gauges reads the hub's numbers when they are asked for.
type gauges struct{ hub *hub.Hub }

// Describe names no metric: the set is that of Collect.
func (gauges) Describe(chan<- *prometheus.Desc) {}

// Collect sends them.
func (g gauges) Collect(out chan<- prometheus.Metric) {
	s := g.hub.Stats()
	counter := func(name, help string, n int64) {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, nil), prometheus.CounterValue, float64(n))
	}
	gauge := func(name, help string, n float64) {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, nil), prometheus.GaugeValue, n)
	}
	counter("kassa_hub_rows_total", "Rows of lanes that were kept.", s.Rows)
	counter("kassa_hub_rows_known_total", "Rows that came again.", s.Known)
	counter("kassa_hub_rows_refused_total", "Rows that went to quarantine.", s.Refused)
	counter("kassa_hub_strays_total", "Messages that are no rows of their lane.", s.Strays)
	counter("kassa_hub_marks_total", "Marks told to lanes.", s.Marks)
	counter("kassa_hub_resends_total", "Times missing rows were asked for.", s.Resends)
	counter("kassa_hub_call_words_total", "Words of lanes on calls, answered.", s.Calls)
	counter("kassa_hub_commands_total", "Commands to lanes.", s.Commands)
	counter("kassa_hub_commands_unanswered_total", "Commands that no lane answered.", s.Unanswered)
	gauge("kassa_hub_lanes", "Lanes known.", float64(s.Lanes))
	gauge("kassa_hub_lanes_lost", "Lanes that serve and are not heard.", float64(s.Lost))
	gauge("kassa_hub_calls_open", "Calls for help that are open.", float64(s.Open))
	gauge("kassa_hub_calls_waiting", "Calls that nobody has.", float64(s.Waiting))
	gauge("kassa_hub_quarantine_rows", "Rows in quarantine.", float64(s.Quarantine))
	gauge("kassa_hub_rows_still_seconds", "Time since the rows' loop last turned.", s.Still.Seconds())
}
