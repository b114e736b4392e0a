package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	far := newFarLane(t)
	cfg, err := config.Load(far.file)
	if err != nil {
		t.Fatal(err)
	}
	l, err := openLane(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.close() })

	open := flow.TxnFacts{Number: 1, State: flow.SaleOpen}
	paid := flow.TxnFacts{Number: 1, State: flow.SalePaid}
	l.meter.Wrote(flow.Scanned{}, flow.Facts{Txn: &open})
	l.meter.Wrote(flow.Scanned{}, flow.Facts{Txn: &open}) // the header again: still one sale
	l.meter.Wrote(flow.Bagged{Decision: bagging.Decision{Verdict: bagging.Hint, Kind: bagging.Unexpected}}, flow.Facts{
		Interventions: []flow.InterventionFacts{{Kind: flow.NeedAge}, {Kind: flow.NeedAge, SettledAt: time.Now()}},
		Tenders:       []flow.TenderFacts{{Kind: flow.TenderCard, Result: "declined"}},
	})
	l.meter.Wrote(flow.Ticked{}, flow.Facts{Txn: &paid})
	next := flow.TxnFacts{Number: 2, State: flow.SaleOpen}
	l.meter.Wrote(flow.Scanned{}, flow.Facts{Txn: &next})
	l.meter.Wrote(flow.Charged{}, flow.Facts{Txn: &paid}) // a late word on the sale before
	l.meter.Wrote(flow.Scanned{}, flow.Facts{Txn: &next})

	w := httptest.NewRecorder()
	l.metrics().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	for _, want := range []string{
		`kassa_events_total{kind="scanned"} 4`,
		`kassa_sales_total{state="open"} 2`,
		`kassa_sales_total{state="paid"} 1`,
		`kassa_bagging_verdicts_total{kind="unexpected",verdict="hint"} 1`,
		`kassa_interventions_total{kind="age"} 1`,
		`kassa_tenders_total{kind="card",result="declined"} 1`,
		`kassa_device_up{device="scanner"} 0`,
		`kassa_device_up{device="panel"} 0`,
		`kassa_journal_number 0`,
		`kassa_open 0`,
		`kassa_prices_version 0`,
		`kassa_catalogue_version 0`,
		`kassa_queue_limit{queue="inputs"} 64`,
		`kassa_build_info{go="go`,
		`kassa_disk_free_bytes `,
		`go_goroutines `,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if t.Failed() {
		t.Log(w.Body)
	}
}
