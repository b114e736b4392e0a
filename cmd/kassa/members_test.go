package main

import (
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"kassa/kiosk/config"
	"kassa/store/journal"
)

// What a lane keeps of a member can be shown and erased, without a hub, whether
// the lane runs or not.
func TestMembersExportAndErase(t *testing.T) {
	_, file := catalogLane(t)
	sell(t, file, func(s *seller) { s.sale("Milk") })
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), cfg.Data, journal.Options{Store: cfg.Store, Lane: cfg.ID})
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range []string{"4711", "4711", "42"} {
		if _, err := j.PutPersonal(t.Context(), memberClass, number); err != nil {
			t.Fatal(err)
		}
	}
	known := func(number string) int {
		t.Helper()
		var out strings.Builder
		if err := (&memberExportCmd{Config: file, Number: number}).run(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		var line memberSales
		if err := json.Unmarshal([]byte(out.String()), &line); err != nil || line.Handles == nil || line.Transactions == nil {
			t.Errorf("%s, %v", out.String(), err)
		}
		return len(line.Handles)
	}
	if n := known("4711"); n != 2 {
		t.Errorf("%d handles, want 2", n)
	}
	l := &lane{journal: j, log: slog.New(slog.DiscardHandler)}
	answer := httptest.NewRecorder()
	l.eraseMember(answer, httptest.NewRequestWithContext(t.Context(), "POST", "/members/erase", strings.NewReader(`{"number":"4711"}`)))
	if answer.Code != 200 || strings.TrimSpace(answer.Body.String()) != `{"values":2}` {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if known("4711") != 0 || known("42") != 1 {
		t.Error("the running lane erased another number, or not this one")
	}
	if err := (&memberEraseCmd{Config: file, Number: "42"}).Run(t.Context()); err == nil {
		t.Error("a second process changed the journal of a lane that is in use and takes no orders")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := (&memberEraseCmd{Config: file, Number: "42"}).Run(t.Context()); err != nil || known("42") != 0 {
		t.Errorf("%d handles left, %v", known("42"), err)
	}
}
