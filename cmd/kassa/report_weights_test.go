package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kassa/cmd/app/records"
	"kassa/kiosk/bagging"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/station"
	"kassa/store/journal"
)

// baggingLane is a lane with a bagging scale, its data folder made.
func baggingLane(t *testing.T) (file, data string) {
	t.Helper()
	_, file = catalogLane(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, file, string(text)+"\n[bagging]\nport = \"tcp://127.0.0.1:1\"\nprotocol = \"toledo8217\"\n")
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(cfg.Data, 0o750); err != nil {
		t.Fatal(err)
	}
	return file, cfg.Data
}

// called is a sale in which the bagging check calls about line 1, and then.
func called(s *seller, settle func()) {
	s.scan("Pens")
	s.do(func(at flow.At) flow.Event {
		return flow.Bagged{
			At:       at,
			Decision: bagging.Decision{Verdict: bagging.Call, Kind: bagging.Wrong, Line: 1, ExpectedG: 55, SeenG: 110, PUnpaid: 0.4},
			Question: &flow.Question{Event: 1, ToG: 110, ExpectedG: 55, Stories: []bagging.Story{{Kind: bagging.Doubled, P: 0.6}, {Kind: bagging.Repacked, P: 0.3}}},
		}
	})
	settle()
	s.do(func(at flow.At) flow.Event {
		return flow.Badged{At: at, Staff: &flow.Staff{ID: "s02", May: []flow.Permit{{Deed: flow.DeedPark}}}}
	})
	s.touch(flow.ActStaff, string(flow.DeedPark))
	for range 5 {
		s.do(func(at flow.At) flow.Event { return flow.Touched{At: at, Act: flow.ActReceipt, Value: "none"} })
		s.now += 60e9
		s.do(func(at flow.At) flow.Event { return flow.Ticked{At: at} })
	}
	if s.state.Sale != nil {
		s.t.Fatalf("the sale did not end: %s", s.state.Sale.State)
	}
}

func (s *seller) staff(deed flow.StaffDeed, code string) {
	s.do(func(at flow.At) flow.Event {
		may := []flow.Permit{{Deed: flow.DeedBagOK}, {Deed: flow.DeedBagFixed}, {Deed: flow.DeedBagStory}}
		return flow.Badged{At: at, Staff: &flow.Staff{ID: "a17", May: may}}
	})
	s.do(func(at flow.At) flow.Event {
		return flow.Touched{At: at, Act: flow.ActStaff, Value: string(deed), Code: code}
	})
}

// TestReportWeights: alarms count as people settled them, what was learned
// stands beside them, and each report says how it counts.
func TestReportWeights(t *testing.T) {
	file, data := baggingLane(t)
	sell(t, file, func(s *seller) {
		called(s, func() { s.staff(flow.DeedBagStory, "double") })
		called(s, func() { s.staff(flow.DeedBagStory, "1-repacked") })
		called(s, func() { s.staff(flow.DeedBagOK, "") })
		called(s, func() { s.staff(flow.DeedBagFixed, "") })
		called(s, func() {
			s.do(func(at flow.At) flow.Event {
				return flow.Bagged{At: at, Decision: bagging.Decision{Verdict: bagging.OK}}
			})
		})
	})
	k := bagging.Knowledge{Version: 2, Weights: bagging.Weights{
		"04006381333931": {N: 30, MeanG: 61, Kappa: 30, Alpha: 20, Beta: 19, ListedG: 55, Calls: 4, False: 3, Next: &bagging.Mode{N: 9, MeanG: 48, Kappa: 9, Alpha: 10, Beta: 9}},
	}}
	k.Habits.Trips = 10
	k.Habits.Doubts[9] = bagging.Doubt{N: 4, P: 0.6}
	k.Health = bagging.Health{Trips: 20, ZeroG: 30}
	if err := station.WriteKnowledge(data, k); err != nil {
		t.Fatal(err)
	}
	ask := func(name string) []map[string]any {
		t.Helper()
		var out bytes.Buffer
		c := reportCmd{Config: file, Name: name, Form: records.Form{JSON: true}}
		if err := c.run(t.Context(), &out); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got struct {
			Rows   []map[string]any `json:"rows"`
			Counts string           `json:"counts"`
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Counts == "" {
			t.Fatalf("%s: %v in %s", name, err, out.String())
		}
		return got.Rows
	}
	check := func(name string, row map[string]any, want map[string]any) {
		t.Helper()
		for key, v := range want {
			if row[key] != v {
				t.Errorf("%s: %s is %v, want %v", name, key, row[key], v)
			}
		}
	}
	weights := ask("weights")
	if len(weights) != 1 {
		t.Fatalf("weights: %v, want one article", weights)
	}
	check("weights", weights[0], map[string]any{
		"key": "04006381333931", "alarms": 5.0, "true_alarms": 2.0, "false_alarms": 2.0, "by_shopper": 1.0,
		"mean_g": 61.0, "listed_g": 55.0, "drifted": true, "weigh_again": true,
	})
	if again := ask("weigh-again"); len(again) != 1 || !strings.Contains(again[0]["why"].(string), "+6 g") || !strings.Contains(again[0]["why"].(string), "many weighed 48 g") {
		t.Errorf("weigh-again: %v", again)
	}
	check("bagging-scale", ask("bagging-scale")[0], map[string]any{"alarms": 5.0, "zero_g": 30.0, "needs_zero": true, "needs_service": false})
	used := 0
	for _, row := range ask("bagging-thresholds") {
		if row["used"] == true {
			used++
		}
	}
	if used != 1 {
		t.Errorf("bagging-thresholds: %d rows are in use, want one", used)
	}
}

// TestBaggingWeights: out of one lane and into another, whether it stands still
// or runs.
func TestBaggingWeights(t *testing.T) {
	file, data := baggingLane(t)
	k := bagging.Knowledge{Version: 2, Weights: bagging.Weights{"a": {N: 3, MeanG: 100, Kappa: 3, Alpha: 2, Beta: 2}}}
	if err := station.WriteKnowledge(data, k); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "learned.json")
	if err := (&weightsExportCmd{File: out}).run(file, io.Discard); err != nil {
		t.Fatal(err)
	}
	other, otherData := baggingLane(t)
	release, err := journal.LockFolder(otherData)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	if err := (&weightsImportCmd{File: out}).run(other, nil, &said); err != nil || !strings.Contains(said.String(), "running lane") {
		t.Errorf("into a lane that runs: %v, %q", err, said.String())
	}
	if got, err := station.ReadKnowledge(otherData); err != nil || len(got.Weights) != 0 {
		t.Errorf("a running lane's own file was written: %v, %v", got, err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	said.Reset()
	if err := (&weightsImportCmd{File: out}).run(other, nil, &said); err != nil || !strings.HasPrefix(said.String(), "1 of 1 articles") {
		t.Errorf("into a lane that stands still: %v, %q", err, said.String())
	}
	if got, err := station.ReadKnowledge(otherData); err != nil || got.Weights["a"].MeanG != 100 {
		t.Errorf("taken in: %v, %v", got, err)
	}
	for _, text := range []string{"", "{", "[1]", `{"version":99}`} {
		if err := (&weightsImportCmd{File: "-"}).run(other, strings.NewReader(text), io.Discard); err == nil {
			t.Errorf("import of %q said nothing", text)
		}
	}
}
