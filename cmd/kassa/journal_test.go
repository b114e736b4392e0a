package main

import (
	"archive/tar"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/cmd/app/people"
	"kassa/cmd/app/records"
	"kassa/kiosk/basket"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/station"
	"kassa/store/export"
	"kassa/store/journal"
	"kassa/store/roster"
)

// A seller sells on a lane's journal as the station does: each event is stepped
// and written with what was decided.
type seller struct {
	t     *testing.T
	j     *journal.Journal
	rules *flow.Rules
	state flow.State
	now   time.Duration
}

// sell opens the lane of a configuration, lets fn sell and stops it.
func sell(t *testing.T, file string, fn func(*seller)) {
	t.Helper()
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(cfg.Data, 0o750); err != nil {
		t.Fatal(err)
	}
	j := openJournal(t, cfg)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	s := &seller{t: t, j: j}
	if s.rules, err = station.RulesFor(cfg, nil); err != nil {
		t.Fatal(err)
	}
	tail, err := j.Tail(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.state = flow.Recover(s.rules, tail.Lane, nil, nil)
	s.do(func(at flow.At) flow.Event { return flow.Started{At: at, Run: "r"} })
	s.do(func(at flow.At) flow.Event { return flow.DeviceChanged{At: at, Device: flow.DeviceTerminal, Up: true} })
	s.do(func(at flow.At) flow.Event { return flow.Ordered{At: at, Open: true, By: "it"} })
	fn(s)
	stop()
	if err := errors.Join(<-ended, j.Close()); err != nil {
		t.Fatal(err)
	}
}

func (s *seller) do(event func(flow.At) flow.Event) {
	s.t.Helper()
	s.now += time.Second
	wall := time.Date(2026, 11, 22, 10, 0, 0, 0, time.FixedZone("", 3600)).Add(s.now)
	ev := event(flow.At{At: flow.Instant{Mono: s.now, Wall: wall, Clock: flow.ClockSynced}})
	next, _ := flow.Step(s.rules, s.state, ev)
	facts := flow.Decided(s.rules, s.state, next)
	e := journal.Entry{At: wall, Mono: s.now, Clock: "synced", Kind: flow.Kind(ev)}
	for _, sale := range []*flow.Sale{s.state.Sale, next.Sale} {
		if sale != nil {
			e.Txn = sale.Number
		}
	}
	var err error
	if e.Event, err = json.Marshal(ev); err != nil {
		s.t.Fatal(err)
	}
	if !facts.Empty() {
		if e.Facts, err = json.Marshal(facts); err != nil {
			s.t.Fatal(err)
		}
	}
	ticket, err := s.j.Append(s.t.Context(), e)
	if err == nil {
		err = ticket.Wait(s.t.Context())
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.state = next
}

func (s *seller) scan(name string) {
	s.t.Helper()
	a := basket.Article{GTIN: "04006381333931", Name: name, Price: 129}
	s.do(func(at flow.At) flow.Event {
		return flow.Scanned{At: at, Code: flow.Code{Raw: "4006381333931", Kind: "article", GTIN: a.GTIN}, Article: &a}
	})
}

func (s *seller) touch(act flow.Act, value string) {
	s.t.Helper()
	s.do(func(at flow.At) flow.Event { return flow.Touched{At: at, Act: act, Value: value} })
}

// sale sells one article and takes a card.
func (s *seller) sale(name string) {
	s.t.Helper()
	s.scan(name)
	s.touch(flow.ActPay, "")
	s.touch(flow.ActTender, "card")
	if s.state.Sale == nil || len(s.state.Sale.Tenders) == 0 {
		s.t.Fatalf("no payment was begun: %+v", flow.Look(s.rules, s.state))
	}
	key := s.state.Sale.Tenders[len(s.state.Sale.Tenders)-1].Key
	s.do(func(at flow.At) flow.Event { return flow.ChargePrepared{At: at, Key: key} })
	s.do(func(at flow.At) flow.Event {
		return flow.Charged{At: at, Key: key, Outcome: flow.ChargeApproved, Receipt: flow.ChargeReceipt{Receipt: "22", Card: "*5726"}}
	})
	for range 20 { // receipt and thanks leave by themselves
		if s.state.Sale == nil {
			return
		}
		s.now += time.Minute
		s.do(func(at flow.At) flow.Event { return flow.Ticked{At: at} })
	}
	s.t.Fatalf("the sale does not end: %+v", s.state.Sale)
}

func TestExportOfASoldLane(t *testing.T) {
	_, file := catalogLane(t)
	sell(t, file, func(s *seller) {
		s.sale("Milk")
		s.sale("=Milk")
		s.scan("Open")
	})
	lines := func(c exportCmd) (all []export.Transaction) {
		t.Helper()
		c.Config, c.Format = file, "jsonl"
		var out bytes.Buffer
		if err := c.run(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		for dec := json.NewDecoder(&out); dec.More(); {
			var x export.Transaction
			if err := dec.Decode(&x); err != nil {
				t.Fatal(err)
			}
			all = append(all, x)
		}
		return all
	}
	all := lines(exportCmd{})
	if len(all) != 2 || all[0].ID != "0421-1-000001" || all[0].State != "paid" || all[0].TotalMinor != 129 {
		t.Fatalf("export = %+v", all)
	}
	if x := all[0]; len(x.Tenders) != 1 || x.Tenders[0].AmountMinor != x.TotalMinor || x.Lines[0].AmountMinor != x.TotalMinor {
		t.Errorf("transaction does not add up: %+v", x)
	}
	if open := lines(exportCmd{Open: true}); len(open) != 3 || open[2].State != "open" || open[2].ClosedAt != "" {
		t.Errorf("export --open = %+v", open)
	}
	if n := len(lines(exportCmd{Closed: records.Closed{Since: "2026-11-23"}})); n != 0 {
		t.Errorf("%d transactions since tomorrow", n)
	}
	if n := len(lines(exportCmd{Closed: records.Closed{Since: "2026-11-22", Until: "2026-11-22T23:59"}})); n != 2 {
		t.Errorf("%d transactions today, want 2", n)
	}
	for _, c := range []exportCmd{{Closed: records.Closed{Since: "yesterday"}}, {Closed: records.Closed{Since: "2026-11-23", Until: "2026-11-22"}}, {Format: "csv"}} {
		c.Config = file
		if err := c.run(t.Context(), io.Discard); !errors.Is(err, errUsage) {
			t.Errorf("%+v = %v, want wrong usage", c, err)
		}
	}
	dir := filepath.Join(t.TempDir(), "tables")
	if err := (&exportCmd{Config: file, Format: "csv", Target: records.Target{Out: dir}}).run(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "txn_line.csv"))
	if err != nil || !strings.Contains(string(text), ",'=Milk,") {
		t.Errorf("txn_line.csv, %v:\n%s", err, text)
	}
	out := filepath.Join(dir, "all.jsonl")
	if err := (&exportCmd{Config: file, Format: "jsonl", Target: records.Target{Out: out}}).run(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(out); err != nil || bytes.Count(text, []byte("\n")) != 2 {
		t.Errorf("%s has not two lines, %v", out, err)
	}
}

func verifyLane(t *testing.T, c verifyCmd) (v verified, err error) {
	t.Helper()
	inPipe(t, func(errs *os.File) {
		var out bytes.Buffer
		if err = c.run(t.Context(), &out, errs); err == nil {
			err = json.Unmarshal(out.Bytes(), &v)
		}
	})
	return v, err
}

func TestVerifyCommand(t *testing.T) {
	dir, file := catalogLane(t)
	if _, err := verifyLane(t, verifyCmd{Config: file}); err == nil || !strings.Contains(err.Error(), "has the lane been started") {
		t.Errorf("verify of nothing = %v", err)
	}
	sell(t, file, func(s *seller) { s.sale("Milk") })
	v, err := verifyLane(t, verifyCmd{Config: file})
	if err != nil || v.Records < 8 || v.Journal != "whole" || len(v.Hash) != 64 {
		t.Errorf("verify = %+v, %v", v, err)
	}
	path := filepath.Join(dir, "data", journal.FileName)
	tamper(t, path, `UPDATE record SET event = replace(event, 'card', 'cash') WHERE seq = 6`)
	_, err = verifyLane(t, verifyCmd{Config: file})
	if err == nil || !strings.Contains(err.Error(), "record 6") || strings.Contains(err.Error(), "\n") {
		t.Errorf("verify of a changed journal = %v, want one line naming record 6", err)
	}
}

func tamper(t *testing.T, path, text string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(text)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestBackupAndRestore(t *testing.T) {
	dir, file := catalogLane(t)
	data := filepath.Join(dir, "data")
	backup := filepath.Join(t.TempDir(), "lane.tar")
	var m manifest
	sell(t, file, func(s *seller) {
		s.sale("Milk")
		if _, err := (&people.Add{Config: file, Name: "Ana", Role: "attendant"}).Do(t.Context(), openStaff, typed("391746")); err != nil {
			t.Fatal(err)
		}
		s.scan("in the middle of a sale") // and the lane runs on
		var out bytes.Buffer
		if err := (&backupCmd{Config: file, Out: backup}).run(t.Context(), &out, noon); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		if err := (&restoreCmd{Config: file, In: backup}).run(t.Context(), io.Discard, noon); !errors.Is(err, journal.ErrInUse) {
			t.Errorf("restore under a running lane = %v, want ErrInUse", err)
		}
		s.scan("after the backup")
	})
	if info, err := os.Stat(backup); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup is %v, %v, want mode 0600", info, err)
	}
	if err := (&backupCmd{Config: file, Out: backup}).run(t.Context(), io.Discard, noon); err == nil {
		t.Error("a backup was written over another")
	}
	if err := (&restoreCmd{Config: file, In: backup}).run(t.Context(), io.Discard, noon); err == nil || !strings.Contains(err.Error(), "has 1 records that the backup lacks") {
		t.Errorf("restore over newer records = %v", err)
	}
	before := readAll(t, data)

	// The memory card dies.
	if err := os.WriteFile(filepath.Join(data, journal.FileName), bytes.Repeat([]byte("dead"), 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&restoreCmd{Config: file, In: backup}).run(t.Context(), &out, noon); err != nil {
		t.Fatal(err)
	}
	v, err := verifyLane(t, verifyCmd{Config: file})
	if err != nil || v.Records != m.Records || v.Hash != m.Hash || v.Epoch != m.Epoch {
		t.Errorf("restored journal = %+v, %v, want %+v", v, err, m)
	}
	if !bytes.Equal(before[roster.PepperName], readAll(t, data)[roster.PepperName]) {
		t.Error("the pepper is another")
	}
	var told struct{ Replaced string }
	if err := json.Unmarshal(out.Bytes(), &told); err != nil {
		t.Fatal(err)
	}
	if kept := readAll(t, told.Replaced)[journal.FileName]; !bytes.HasPrefix(kept, []byte("dead")) {
		t.Errorf("the broken journal was not kept in %s", told.Replaced)
	}

	// And the lane goes on where the backup was made.
	sell(t, file, func(s *seller) {
		if s.state.Number != 2 {
			t.Errorf("the lane goes on after sale %d, want 2", s.state.Number)
		}
		s.sale("Bread")
	})
	if _, err := verifyLane(t, verifyCmd{Config: file}); err != nil {
		t.Error(err)
	}
	list, err := roster.Open(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := list.CheckPIN(t.Context(), "a1", "391746"); !ok || err != nil {
		t.Errorf("Ana's PIN after the restore: %v, %v", ok, err)
	}
	if err := list.Close(); err != nil {
		t.Error(err)
	}
}

func readAll(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, e := range entries {
		if e.Type().IsRegular() {
			if all[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	return all
}

func TestRestoreRefuses(t *testing.T) {
	_, file := catalogLane(t)
	sell(t, file, func(s *seller) { s.sale("Milk") })
	good := filepath.Join(t.TempDir(), "good.tar")
	if err := (&backupCmd{Config: file, Out: good}).run(t.Context(), io.Discard, noon); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(text)
	flipped[len(flipped)/2] ^= 1
	packed := func(name string) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		m, _ := json.Marshal(manifest{V: 1, Store: "0421", Lane: "1", Files: []backupFile{{Name: name, Size: 1}}})
		for _, f := range []struct{ name, text string }{{manifestName, string(m)}, {name, "x"}} {
			if err := w.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.text)), Mode: 0o600}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(f.text)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for _, tt := range []struct {
		name string
		text []byte
		says string
	}{
		{"nothing", nil, "no backup of kassa"},
		{"text", []byte("hello"), "no backup of kassa"},
		{"cut", text[:len(text)/2], "cut"},
		{"one bit", flipped, "damaged"},
		{"a path", packed("../x.db"), "not what its manifest says"},
		{"a lock", packed("lock"), "not what its manifest says"},
		{"no journal", packed("x.db"), "damaged"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, file := catalogLane(t) // a fresh card
			in := filepath.Join(t.TempDir(), "in.tar")
			if err := os.WriteFile(in, tt.text, 0o600); err != nil {
				t.Fatal(err)
			}
			err := (&restoreCmd{Config: file, In: in}).run(t.Context(), io.Discard, noon)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("restore = %v, want it to say %q", err, tt.says)
			}
			for name := range readAll(t, filepath.Join(dir, "data")) {
				if name != "lock" {
					t.Errorf("the refused backup left %s", name)
				}
			}
		})
	}
	dir, other := catalogLane(t)
	conf, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, other, strings.Replace(string(conf), `id = "1"`, `id = "2"`, 1))
	if err := (&restoreCmd{Config: other, In: good}).run(t.Context(), io.Discard, noon); err == nil || !strings.Contains(err.Error(), `lane "1"`) {
		t.Errorf("restore on another lane = %v, want it refused by name", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", journal.FileName)); !errors.Is(err, os.ErrNotExist) {
		t.Error("another lane's journal was put in place")
	}
}

func TestReplayCommand(t *testing.T) {
	_, file := catalogLane(t)
	sell(t, file, func(s *seller) {
		s.sale("Milk\x1b[2J")
		s.sale("Bread")
	})
	var out bytes.Buffer
	if err := (&replayCmd{Config: file, Txn: "0421-1-000002", JSON: true}).run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	var steps []replayStep
	for dec := json.NewDecoder(&out); dec.More(); {
		var s replayStep
		if err := dec.Decode(&s); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, s)
	}
	if len(steps) < 5 || steps[0].Kind != "scanned" || steps[0].Screen != "basket" || steps[0].Total != 129 {
		t.Fatalf("replay begins %+v", steps)
	}
	seen := ""
	for _, s := range steps {
		if !strings.HasSuffix(seen, s.Screen+" ") {
			seen += s.Screen + " "
		}
	}
	if !strings.HasPrefix(seen, "basket tender paying receipt ") || steps[len(steps)-1].State != "paid" {
		t.Errorf("the shopper saw %s, the sale ended %s", seen, steps[len(steps)-1].State)
	}
	out.Reset()
	if err := (&replayCmd{Config: file, Txn: "1"}).run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "\x1b") || !strings.Contains(out.String(), "shown    basket") {
		t.Errorf("replay prints\n%q", out.String())
	}
	if err := (&replayCmd{Config: file, Txn: "99"}).run(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), "not in the journal") {
		t.Errorf("replay of nothing = %v", err)
	}
	for _, txn := range []string{"", "0", "-1", "0421-2-000001", "x"} {
		if err := (&replayCmd{Config: file, Txn: txn}).run(t.Context(), io.Discard); !errors.Is(err, errUsage) {
			t.Errorf("replay %q = %v, want wrong usage", txn, err)
		}
	}
}
