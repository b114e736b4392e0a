package hub_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/help"
	"kassa/store/hub/keeper"
	"kassa/store/journal"
	"kassa/store/uplink"
	"kassa/store/wire"
)

// saleRows are the rows of a lane's journal with one sale: twice the same facts, as
// nearly every row of a sale says again what it took up.
func saleRows(t *testing.T, lane string, sale flow.TxnFacts) (rows []wire.Row) {
	t.Helper()
	j, err := journal.Open(t.Context(), t.TempDir(), journal.Options{Store: storeName, Lane: lane})
	must(t, err)
	defer func() { must(t, j.Close()) }()
	sale.Number, sale.Currency, sale.BusinessDay, sale.Clock = 1, "EUR", "2026-11-23", flow.ClockSynced
	sale.ID, sale.OpenedAt = storeName+"-"+lane+"-000001", time.Now()
	facts, err := json.Marshal(flow.Facts{Txn: &sale})
	must(t, err)
	for range 2 {
		said, err := j.Append(t.Context(), journal.Entry{At: time.Now(), Clock: "synced", Txn: 1, Kind: "touched", Event: json.RawMessage(`{}`), Facts: facts})
		must(t, err)
		must(t, said.Wait(t.Context()))
	}
	for r, err := range j.Since(t.Context(), 0) {
		must(t, err)
		rows = append(rows, uplink.Row(j, r))
	}
	return rows
}

// ticketCalls are the ids of the open calls about baskets taken up twice.
func (s *site) ticketCalls() (ids []string) {
	s.t.Helper()
	snapshots, leave, err := s.h.Desk().Watch(s.t.Context())
	must(s.t, err)
	defer leave()
	for _, w := range (<-snapshots).Calls {
		if strings.HasPrefix(w.ID, "hub:ticket:") {
			ids = append(ids, w.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// A hub that was killed when the rows were kept, and nobody had been told yet that
// three lanes have one basket, tells it when it is back: of each lane after the
// first, once.
func TestTakenTwiceOutlivesTheHub(t *testing.T) {
	s := newSite(t, false)
	s.stop()
	k, err := keeper.Open(t.Context(), s.dir, time.Now)
	must(t, err)
	parked := flow.TxnFacts{State: flow.SaleParked, ClosedAt: time.Now()}
	taken := flow.TxnFacts{State: flow.SaleOpen, Recalled: storeName + "-1-000001"}
	for _, rows := range [][]wire.Row{saleRows(t, "1", parked), saleRows(t, "2", taken), saleRows(t, "3", taken), saleRows(t, "4", taken)} {
		got, err := k.Take(t.Context(), rows)
		must(t, err)
		for _, v := range got.Verdicts {
			if v != keeper.Kept {
				t.Fatalf("a row was %s", v)
			}
		}
	}
	must(t, k.Close())
	want := []string{"hub:ticket:" + storeName + "-1-000001/3", "hub:ticket:" + storeName + "-1-000001/4"}
	for range 2 {
		s.start()
		till(t, "two calls", func() bool { return slices.Equal(s.ticketCalls(), want) })
		till(t, "all are looked at", func() bool {
			all, err := s.h.Keeper().Recalled(t.Context())
			return err == nil && len(all) == 0
		})
		if got := s.ticketCalls(); !slices.Equal(got, want) {
			t.Fatalf("calls %q, want %q", got, want)
		}
		s.stop()
	}
	s.start()
}

// What an older version has told of, by the ticket alone, is told of again neither
// while that call is open nor when it is settled; of another lane it is news.
func TestTakenTwiceToldByAnOlderHub(t *testing.T) {
	for _, settled := range []bool{false, true} {
		s := newSite(t, false)
		old := wire.CallUp{
			ID: "hub:ticket:" + storeName + "-1-000001", Verb: wire.CallRaise, Reason: "after.twice", Channel: help.ChannelConsole, RaisedAt: time.Now(),
		}
		_, err := s.h.Desk().Heard(t.Context(), "3", old)
		must(t, err)
		want := []string{old.ID, old.ID + "/4"}
		if settled {
			_, err := s.h.Desk().Heard(t.Context(), "3", wire.CallUp{ID: old.ID, Verb: wire.CallEnd, By: "a1", Outcome: "looked"})
			must(t, err)
			want = want[1:]
		}
		taken := flow.TxnFacts{State: flow.SaleOpen, Recalled: storeName + "-1-000001"}
		for _, rows := range [][]wire.Row{
			saleRows(t, "1", flow.TxnFacts{State: flow.SaleParked, ClosedAt: time.Now()}), saleRows(t, "2", taken), saleRows(t, "3", taken), saleRows(t, "4", taken),
		} {
			_, err := s.h.Keeper().Take(t.Context(), rows)
			must(t, err)
			till(t, "it is looked at", func() bool {
				all, err := s.h.Keeper().Recalled(t.Context())
				return err == nil && len(all) == 0
			})
		}
		if got := s.ticketCalls(); !slices.Equal(got, want) {
			t.Errorf("settled %v: calls %q, want %q", settled, got, want)
		}
	}
}

// To a hub with a new disk the rows of who took a basket up may come before those of
// who parked it: that two have it is told once it can be seen.
func TestTakenTwiceBeforeItWasParked(t *testing.T) {
	s := newSite(t, false)
	keep := func(rows []wire.Row) {
		t.Helper()
		_, err := s.h.Keeper().Take(t.Context(), rows)
		must(t, err)
	}
	taken := flow.TxnFacts{State: flow.SaleOpen, Recalled: storeName + "-1-000001"}
	keep(saleRows(t, "2", taken))
	keep(saleRows(t, "3", taken))
	for i, what := range []string{"one", "two"} { // that which is told of has been looked at twice
		nonsense(t, s.h.Keeper(), what)
		till(t, "a call", func() bool {
			all, err := s.h.Keeper().Untold(t.Context())
			return err == nil && len(all) == 0 && len(s.journalCalls()) > 0
		})
		if got := s.ticketCalls(); len(got) != 0 {
			t.Fatalf("%d: calls %q", i, got)
		}
	}
	keep(saleRows(t, "1", flow.TxnFacts{State: flow.SaleParked, ClosedAt: time.Now()}))
	till(t, "a call of the second", func() bool { return slices.Equal(s.ticketCalls(), []string{"hub:ticket:" + storeName + "-1-000001/3"}) })
}

// A keeper that was made anew counts its quarantine from the beginning: what comes
// there then is told, though a call of the same numbers was settled.
func TestAlarmOfAKeeperMadeAnew(t *testing.T) {
	s := newSite(t, false)
	nonsense(t, s.h.Keeper(), "one")
	till(t, "a call", func() bool { return len(s.journalCalls()) == 1 })
	for id := range s.journalCalls() {
		_, err := s.h.Desk().Heard(t.Context(), "1", wire.CallUp{ID: id, Verb: wire.CallEnd, By: "a1", Outcome: "looked"})
		must(t, err)
	}
	s.stop()
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(s.dir, keeper.FileName+end)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	s.start()
	nonsense(t, s.h.Keeper(), "two")
	till(t, "a call of its own", func() bool { return len(s.journalCalls()) == 1 })
}
