package main

import (
	"net/http"

	"kassa/cmd/app/monitor"
	"kassa/store/hub"
)

// metrics serves what a monitor asks of the hub, in the Prometheus form. No
// label holds what a lane or a shopper can choose.
func metrics(h *hub.Hub) http.Handler {
	return monitor.Handler(func(p monitor.Page) {
		s := h.Stats()
		p.Counter("kassa_hub_rows_total", "Rows of lanes that were kept.", s.Rows)
		p.Counter("kassa_hub_rows_known_total", "Rows that came again.", s.Known)
		p.Counter("kassa_hub_rows_refused_total", "Rows that went to quarantine.", s.Refused)
		p.Counter("kassa_hub_strays_total", "Messages that are no rows of their lane.", s.Strays)
		p.Counter("kassa_hub_marks_total", "Marks told to lanes.", s.Marks)
		p.Counter("kassa_hub_resends_total", "Times missing rows were asked for.", s.Resends)
		p.Counter("kassa_hub_call_words_total", "Words of lanes on calls, answered.", s.Calls)
		p.Counter("kassa_hub_commands_total", "Commands to lanes.", s.Commands)
		p.Counter("kassa_hub_commands_unanswered_total", "Commands that no lane answered.", s.Unanswered)
		p.Gauge("kassa_hub_lanes", "Lanes known.", float64(s.Lanes))
		p.Gauge("kassa_hub_lanes_lost", "Lanes that serve and are not heard.", float64(s.Lost))
		p.Gauge("kassa_hub_calls_open", "Calls for help that are open.", float64(s.Open))
		p.Gauge("kassa_hub_calls_waiting", "Calls that nobody has.", float64(s.Waiting))
		p.Gauge("kassa_hub_quarantine_rows", "Rows in quarantine.", float64(s.Quarantine))
		p.Gauge("kassa_hub_rows_still_seconds", "Time since the rows' loop last turned.", s.Still.Seconds())
	})
}
