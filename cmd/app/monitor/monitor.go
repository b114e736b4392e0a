// Package monitor serves numbers to a monitor, in the Prometheus form. It is not for
// which numbers those are, nor for those with labels, of which a lane has its own.
//
// Its one rule: numbers are read when they are asked for, and kept nowhere.
package monitor

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// A Page takes the numbers of one answer.
type Page struct{ out chan<- prometheus.Metric }

// Counter adds a number that only grows while the program runs.
func (p Page) Counter(name, help string, n int64) {
	p.send(prometheus.CounterValue, name, help, float64(n))
}

// Gauge adds a number that goes up and down.
func (p Page) Gauge(name, help string, n float64) {
	p.send(prometheus.GaugeValue, name, help, n)
}

func (p Page) send(kind prometheus.ValueType, name, help string, n float64) {
	p.out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, nil), kind, n)
}

// Handler answers with what read adds to a page, and with the program's own numbers:
// memory, goroutines, open files. It calls read once an answer, several at a time.
func Handler(read func(p Page)) http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), reader(read))
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
}

type reader func(p Page)

// Describe names no metric: the set is that of Collect.
func (reader) Describe(chan<- *prometheus.Desc) {}

// Collect reads the numbers.
func (r reader) Collect(out chan<- prometheus.Metric) { r(Page{out}) }
