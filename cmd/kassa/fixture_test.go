package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"kassa/kiosk/basket"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/store/export"
	"kassa/store/journal"
	"kassa/store/sqlite"
)

// oldJournals are journals that released versions wrote, one folder each: the
// database and its export. They are never written again.
const oldJournals = "../../store/journal/testdata"

// TestMakeOldJournal writes such a folder, before a version is released:
//
//	KASSA_TEST_FIXTURE=journal-v2 go test -run TestMakeOldJournal ./cmd/kassa
func TestMakeOldJournal(t *testing.T) {
	name := os.Getenv("KASSA_TEST_FIXTURE")
	if name == "" {
		t.Skip("only by hand")
	}
	dir, file := catalogLane(t)
	sell(t, file, func(s *seller) {
		s.sale("Milk")
		article := func(a basket.Article) {
			s.do(func(at flow.At) flow.Event {
				return flow.Scanned{At: at, Code: flow.Code{Raw: a.GTIN, Kind: "article", GTIN: a.GTIN}, Article: &a}
			})
		}
		article(basket.Article{GTIN: "00000040111490", Name: "Water \u0645\u0627\u0621", Price: 79, Deposit: 25})
		article(basket.Article{GTIN: "04006381333931", Name: "=Pen", Price: 129})
		s.do(func(at flow.At) flow.Event { return flow.Touched{At: at, Act: flow.ActVoidLine, Line: 1} })
		article(basket.Article{GTIN: "05000112637922", Name: "Beer", Price: 150, Age: 18})
		s.touch(flow.ActCall, "")
		staff := &flow.Staff{ID: "a17", Role: "attendant", May: []flow.Permit{{Deed: flow.DeedSettle}, {Deed: flow.DeedAgeOK}, {Deed: flow.DeedLeave}}}
		s.do(func(at flow.At) flow.Event { return flow.Badged{At: at, Staff: staff} })
		s.touch(flow.ActStaff, string(flow.DeedAgeOK))
		s.touch(flow.ActStaff, string(flow.DeedSettle))
		s.touch(flow.ActStaff, string(flow.DeedLeave))
		s.touch(flow.ActPay, "")
		s.touch(flow.ActTender, "card")
		if n := len(s.state.Sale.Tenders); n > 0 {
			key := s.state.Sale.Tenders[n-1].Key
			s.do(func(at flow.At) flow.Event { return flow.ChargePrepared{At: at, Key: key} })
			s.do(func(at flow.At) flow.Event {
				return flow.Charged{At: at, Key: key, Outcome: flow.ChargeDeclined, Why: "declined"}
			})
		}
		s.sale("Bread") // goes on in the same basket
		s.scan("Tea")
		s.touch(flow.ActVoidSale, "")
		for range 20 {
			if s.state.Sale == nil {
				break
			}
			s.touch(flow.ActVoidSale, "")
		}
		s.scan("Coffee")
	})
	to := filepath.Join(oldJournals, name)
	if err := os.Mkdir(to, 0o750); err != nil {
		t.Fatal(err) // never written again
	}
	if err := sqlite.Copy(t.Context(), filepath.Join(dir, "data", journal.FileName), filepath.Join(to, journal.FileName)); err != nil {
		t.Fatal(err)
	}
	r, err := journal.OpenFile(t.Context(), filepath.Join(to, journal.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }() // only read
	if err := writeFile(filepath.Join(to, "export.jsonl"), func(w io.Writer) error {
		return export.JSONL(t.Context(), r, journal.Filter{Open: true}, w)
	}); err != nil {
		t.Fatal(err)
	}
}

// A journal of every released version verifies, exports to the same bytes,
// rebuilds to the same tables and replays to the same totals.
func TestOldJournals(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(oldJournals, "journal-v*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no old journals in %s, %v", oldJournals, err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			dir, file := catalogLane(t)
			data := filepath.Join(dir, "data")
			if err := os.CopyFS(data, os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(filepath.Join(folder, "export.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			j, err := journal.Open(t.Context(), data, journal.Options{Store: "0421", Lane: "1"})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := j.Close(); err != nil {
					t.Error(err)
				}
			}()
			if _, err := j.Verify(t.Context(), nil); err != nil {
				t.Error(err)
			}
			for _, state := range []string{"as opened", "rebuilt"} {
				var got bytes.Buffer
				if err := export.JSONL(t.Context(), j, journal.Filter{Open: true}, &got); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got.Bytes(), want) {
					t.Errorf("%s, it exports\n%swant\n%s", state, got.Bytes(), want)
				}
				if err := j.Rebuild(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			cfg, err := config.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			replayAll(t.Context(), t, cfg, &j.Reader, want)
		})
	}
}

// replayAll steps through every transaction of an export.
func replayAll(ctx context.Context, t *testing.T, cfg *config.Lane, j *journal.Reader, exported []byte) {
	t.Helper()
	states := map[string]int{}
	for dec := json.NewDecoder(bytes.NewReader(exported)); dec.More(); {
		var x export.Transaction
		if err := dec.Decode(&x); err != nil {
			t.Fatal(err)
		}
		states[x.State]++
		steps, err := replay(ctx, cfg, j, x.Number)
		if err != nil {
			t.Errorf("transaction %d: %v", x.Number, err)
			continue
		}
		if end := steps[len(steps)-1]; end.Total != x.TotalMinor || end.Lines != len(x.Lines) || end.State != x.State {
			t.Errorf("transaction %d replays to %d lines, %d, %s, the export says %d lines, %d, %s",
				x.Number, end.Lines, end.Total, end.State, len(x.Lines), x.TotalMinor, x.State)
		}
	}
	if states["paid"] == 0 || states["open"] == 0 {
		t.Errorf("the journal holds %v: a paid and an open sale are wanted", states)
	}
}
