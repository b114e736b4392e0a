package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/config"
	"kassa/store/journal"
	"kassa/store/outbox"
	"kassa/store/retain/ages"
	"kassa/store/wire"
)

// soldLane is the settings of a lane that has sold once and does not run.
func soldLane(t *testing.T) (file string, cfg *config.Lane) {
	t.Helper()
	_, file = catalogLane(t)
	sell(t, file, func(s *seller) { s.sale("Milk") })
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return file, cfg
}

// openJournal opens a lane's journal as the lane does; the caller closes it.
func openJournal(t *testing.T, cfg *config.Lane) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), cfg.Data, journal.Options{Store: cfg.Store, Lane: cfg.ID})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// What would go can be asked beside a lane that runs; pruning by hand it refuses.
func TestPruneBesideTheLane(t *testing.T) {
	file, cfg := soldLane(t)
	j := openJournal(t, cfg)
	var out strings.Builder
	if err := (&pruneCmd{Config: file, DryRun: true}).run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	var got pruneLine
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil || got.Records != 0 || !got.Dry || got.Journal != j.Epoch() {
		t.Errorf("%s, %v", out.String(), err)
	}
	if err := (&pruneCmd{Config: file}).run(t.Context(), &out); err == nil {
		t.Error("a second process pruned a lane that runs")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := (&pruneCmd{Config: file}).run(t.Context(), &out); err != nil {
		t.Error(err)
	}
}

// Only the keeper that the lane has now counts.
func TestPruneAsksTheKeeperOfNow(t *testing.T) {
	dir, _ := catalogLane(t)
	box, err := outbox.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = box.Close() }()
	if err := box.Set(t.Context(), wire.Mark{Epoch: "e", Seq: 7, Hash: "h", Keeper: "hub"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		cfg  config.Lane
		want int64
	}{
		"alone":       {config.Lane{Location: time.UTC}, 0},
		"hub":         {config.Lane{Location: time.UTC, Hub: &config.Hub{}}, 7},
		"head office": {config.Lane{Location: time.UTC, HQ: &config.HQ{}}, 0},
	} {
		p, err := pruning(t.Context(), &tt.cfg, epoch("e"), box)
		if err != nil || p.Confirmed != tt.want {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

// A member's number that was read in practice goes at its age, as any other.
func TestPruneReachesPractice(t *testing.T) {
	_, cfg := soldLane(t)
	practised(t, cfg, "4711")
	j := openJournal(t, cfg)
	defer func() { _ = j.Close() }()
	p := journal.Pruning{Policy: ages.Lane(), Now: time.Now()}
	for _, tt := range []struct {
		days int
		want int64
	}{{29, 0}, {32, 1}, {33, 0}} {
		p.Now = time.Now().AddDate(0, 0, tt.days)
		would, err := prunable(t.Context(), cfg, &j.Reader, p)
		if err != nil || would.Personal != tt.want {
			t.Errorf("after %d days: %+v would go, %v", tt.days, would, err)
		}
		if done, err := pruneBoth(t.Context(), cfg.Data, j, false, p); err != nil || done.Personal != tt.want {
			t.Errorf("after %d days: %+v, %v", tt.days, done, err)
		}
	}
}

type epoch string

func (e epoch) Epoch() string { return string(e) }
