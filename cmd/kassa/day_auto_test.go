package main

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"kassa/device/sim"
	"kassa/kiosk/config"
	"kassa/store/fiscal"
	"kassa/store/journal"
)

// A lane that was told so closes the day before by itself: Z, the terminal's own
// day and the paper, once, also when it is started again.
func TestDayClosesByItself(t *testing.T) {
	file, z := terminalLane(t, sim.ZVTOptions{})
	paper, err := sim.NewPrinter("127.0.0.1:0", sim.NewClock(100), sim.PrinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = paper.Close() })
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// Where the sun rises first it is the day after the sales already.
	all := strings.Replace(string(text), `timezone = "Europe/Berlin"`, `timezone = "Pacific/Kiritimati"`, 1) +
		"[day]\nclose = \"auto\"\n[printer]\nport = \"tcp://" + paper.Addr() + "\"\nprotocol = \"escpos\"\nprofile = \"epson-80\"\n"
	writeText(t, file, all)
	charge(t, file, z)
	sell(t, file, func(s *seller) { s.sale("Milk") })
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	yesterday := func() string { return fiscal.BusinessDay(time.Now().In(cfg.Location), cfg.DayEnds+24*time.Hour) }
	before := yesterday()
	for _, run := range []string{"first", "second"} {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- runLane(ctx, cfg, slog.New(slog.DiscardHandler)) }()
		until(t, "the day is on paper", func() bool {
			return strings.Contains(paper.Paper().Text(), "Day closed, Z 1") && answered(t, cfg)
		})
		if run == "second" {
			until(t, "the lane serves", func() bool { _, err := os.Stat(controlSocket(cfg)); return err == nil })
		}
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	days, err := fiscal.All(t.Context(), journalOf(t, cfg))
	if err != nil || len(days) != 1 || !days[0].Auto || days[0].By != "lane" || days[0].First != "2026-11-22" || days[0].Totals.Sales != 129 {
		t.Fatalf("days = %+v, %v", days, err)
	}
	if day := days[0].Day; day < before || day > yesterday() {
		t.Errorf("closed up to %s, want the day before today, %s", day, before)
	}
	if n := strings.Count(paper.Paper().Text(), "Day closed, Z 1"); n != 1 {
		t.Errorf("the day is %d times on paper", n)
	}
}

// answered reports whether the terminal's answer to the day is on record, and fits.
func answered(t *testing.T, cfg *config.Lane) bool {
	r, err := journal.OpenReader(t.Context(), cfg.Data)
	if err != nil {
		return false
	}
	defer func() { _ = r.Close() }() // only read
	all, err := fiscal.Batches(t.Context(), r, time.Time{}, time.Time{})
	return err == nil && len(all) > 0 && all[0].Answer != nil && all[0].Verdict == fiscal.Matched
}

// until waits, at most for half a minute.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}
