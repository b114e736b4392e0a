package main

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"kassa/kiosk/flow"
	"kassa/store/journal"
)

// A meter counts what the lane writes down, since the process began. It is the
// station's observer. No label holds what a shopper or a file can choose.
type meter struct {
	registry *prometheus.Registry

	events        *prometheus.CounterVec
	sales         *prometheus.CounterVec
	tenders       *prometheus.CounterVec
	interventions *prometheus.CounterVec
	calls         *prometheus.CounterVec
	bagging       *prometheus.CounterVec

	// Owned by the station's loop.
	number int64
	state  flow.SaleState
}

func newMeter() *meter {
	m := &meter{registry: prometheus.NewRegistry()}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	m.events = counter("kassa_events_total", "Events written to the journal.", "kind")
	m.sales = counter("kassa_sales_total", "Sales that came into a state.", "state")
	m.tenders = counter("kassa_tenders_total", "Payments that came to a result.", "kind", "result")
	m.interventions = counter("kassa_interventions_total", "Times a person was needed, settled.", "kind")
	m.calls = counter("kassa_calls_total", "Calls for help, ended.", "reason")
	m.bagging = counter("kassa_bagging_verdicts_total", "Decisions of the bagging check.", "verdict", "kind")
	return m
}

// Wrote counts one event and what was decided by it.
func (m *meter) Wrote(ev flow.Event, decided flow.Facts) {
	m.events.WithLabelValues(flow.Kind(ev)).Inc()
	if b, ok := ev.(flow.Bagged); ok {
		m.bagging.WithLabelValues(string(b.Decision.Verdict), string(b.Decision.Kind)).Inc()
	}
	if t := decided.Txn; t != nil && (t.Number > m.number || t.Number == m.number && t.State != m.state) {
		// The header is written again when something else in it changes, of an ended sale too.
		m.number, m.state = t.Number, t.State
		m.sales.WithLabelValues(string(t.State)).Inc()
	}
	for _, t := range decided.Tenders {
		m.tenders.WithLabelValues(string(t.Kind), t.Result).Inc()
	}
	for _, i := range decided.Interventions {
		if !i.SettledAt.IsZero() {
			m.interventions.WithLabelValues(string(i.Kind)).Inc()
		}
	}
	for _, c := range decided.Contacts {
		if !c.EndedAt.IsZero() {
			m.calls.WithLabelValues(c.Reason).Inc()
		}
	}
}

// metrics serves what a monitor asks of the lane, in the Prometheus form.
func (l *lane) metrics() http.Handler {
	l.meter.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newGauges(l))
	return promhttp.HandlerFor(l.meter.registry, promhttp.HandlerOpts{
		ErrorLog:      slog.NewLogLogger(l.log.Handler(), slog.LevelWarn),
		ErrorHandling: promhttp.ContinueOnError, // a disk that cannot be asked hides no device
		Timeout:       5 * time.Second,
	})
}

// gauges tell how the lane stands at the moment it is asked.
type gauges struct {
	lane                                               *lane
	build, device, screen, canStart, beat, queue, room *prometheus.Desc
	number, diskFree, diskReserve                      *prometheus.Desc
	selling, catalogue                                 *prometheus.Desc
	hub, marked                                        *prometheus.Desc
}

func newGauges(l *lane) *gauges {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &gauges{
		lane:        l,
		build:       desc("kassa_build_info", "What runs; the value is always 1.", "version", "go", "store", "lane"),
		device:      desc("kassa_device_up", "Whether a configured device answers.", "device"),
		screen:      desc("kassa_screen", "What the shopper's page shows; the value is always 1.", "screen"),
		canStart:    desc("kassa_open", "Whether the lane serves shoppers."),
		beat:        desc("kassa_loop_age_seconds", "Time since the lane's loop last turned."),
		queue:       desc("kassa_queue_length", "What waits in a queue.", "queue"),
		room:        desc("kassa_queue_limit", "What may wait in a queue.", "queue"),
		number:      desc("kassa_journal_number", "Number of the newest journal record."),
		diskFree:    desc("kassa_disk_free_bytes", "Free space where the journal lies."),
		diskReserve: desc("kassa_disk_reserve_bytes", "Free space below which no new sale starts."),
		hub:         desc("kassa_hub_up", "Whether the store's hub is heard."),
		marked:      desc("kassa_hub_journal_number", "Newest journal record that the hub is known to have."),
		selling:     desc("kassa_prices_version", "Version of the catalogue whose prices and rules the lane sells by."),
		catalogue:   desc("kassa_catalogue_version", "Newest version of the catalogue; the lane takes it between two baskets."),
	}
}

// Describe names what Collect sends.
func (g *gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		g.build, g.device, g.screen, g.canStart, g.beat, g.queue, g.room, g.number, g.diskFree, g.diskReserve,
		g.selling, g.catalogue, g.hub, g.marked,
	} {
		out <- d
	}
}

// Collect asks the lane.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	l := g.lane
	gauge(g.build, 1, version, runtime.Version(), l.cfg.Store, l.cfg.ID)
	known := l.station.Devices()
	for _, d := range l.devices.names() {
		gauge(g.device, number(known[d].Up), string(d))
	}
	v, started := l.station.View()
	if started {
		gauge(g.screen, 1, string(v.Screen))
		gauge(g.beat, time.Since(l.station.Beat()).Seconds())
	}
	gauge(g.canStart, number(started && v.Closed == nil))
	prices := l.station.Prices()
	gauge(g.selling, float64(prices.Selling))
	gauge(g.catalogue, float64(prices.Newest))
	for _, q := range l.station.Queues() {
		gauge(g.queue, float64(q.Len), q.Name)
		gauge(g.room, float64(q.Limit), q.Name)
	}
	g.collectStore(out, gauge)
}

// collectStore asks the disk, which may fail.
func (g *gauges) collectStore(out chan<- prometheus.Metric, gauge func(*prometheus.Desc, float64, ...string)) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second) // the collector interface hands in none
	defer cancel()
	if head, err := g.lane.journal.Head(ctx); err != nil {
		out <- prometheus.NewInvalidMetric(g.number, err)
	} else {
		gauge(g.number, float64(head.Seq))
	}
	if h := g.lane.hub; h != nil {
		gauge(g.hub, number(h.health() == "up"))
		if mark, err := h.marked(ctx); err == nil {
			gauge(g.marked, float64(mark))
		}
	}
	free, want, err := journal.Reserve(g.lane.cfg.Data)
	if err != nil {
		out <- prometheus.NewInvalidMetric(g.diskFree, err)
		return
	}
	gauge(g.diskFree, float64(free))
	gauge(g.diskReserve, float64(want))
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
