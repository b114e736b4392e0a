package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/barcode"
	"kassa/kiosk/flow"
	"kassa/store/hub/keeper"
	"kassa/store/hub/tickets"
	"kassa/store/journal"
	"kassa/store/uplink"
	"kassa/store/wire"
)

// parkedHub is a hub at work that keeps three sales of lane 1: parked and waiting,
// parked and taken up by lane 2, parked longer ago than its ticket is good; and one
// that was paid.
func parkedHub(t *testing.T) string {
	t.Helper()
	file, s, k := keepingHub(t)
	j, err := journal.Open(t.Context(), t.TempDir(), journal.Options{Store: s.store, Lane: "1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	now := time.Now()
	for n, state := range []flow.SaleState{flow.SaleParked, flow.SaleParked, flow.SaleParked, flow.SalePaid} {
		number := int64(n + 1)
		at := now.Add(time.Duration(n) * time.Minute)
		if number == 3 {
			at = now.Add(-tickets.Kept - time.Hour)
		}
		sell(t, j, s.store, number, state, at)
	}
	if _, err := k.Take(t.Context(), rowsOf(t, j)); err != nil {
		t.Fatal(err)
	}
	b, err := tickets.Open(t.Context(), s.data, s.store, k, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	if got, err := b.Take(t.Context(), "2", wire.Take{Lane: "1", Number: 2, Epoch: "e2"}); err != nil || got.Why != "" {
		t.Fatalf("%+v, %v", got, err)
	}
	return file
}

// sell writes a sale that ended so into a lane's journal, as one row.
func sell(t *testing.T, j *journal.Journal, store string, number int64, state flow.SaleState, at time.Time) {
	t.Helper()
	facts, err := json.Marshal(flow.Facts{
		Txn: &flow.TxnFacts{
			ID: saleID(store, number), Number: number, State: state, Clock: flow.ClockSynced, OpenedAt: at, ClosedAt: at, BusinessDay: "2026-11-23", Currency: "EUR", Total: 248,
		},
		Lines: []flow.LineFacts{{N: 1, Name: "Milk", Qty: 2, Amount: 248, Tax: "A"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	said, err := j.Append(t.Context(), journal.Entry{At: at, Clock: "synced", Txn: number, Kind: "touched", Event: json.RawMessage(`{}`), Facts: facts})
	if err != nil {
		t.Fatal(err)
	}
	if err := said.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// rowsOf are a journal's rows as its lane sends them.
func rowsOf(t *testing.T, j *journal.Journal) (rows []wire.Row) {
	t.Helper()
	for r, err := range j.Since(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, uplink.Row(j, r))
	}
	return rows
}

// keepingHub is a hub's keeper, with nothing in it.
func keepingHub(t *testing.T) (file string, s *settings, k *keeper.Keeper) {
	t.Helper()
	file = configFile(t, "")
	s, err := loadSettings(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(s.data, 0o750); err != nil {
		t.Fatal(err)
	}
	if k, err = keeper.Open(t.Context(), s.data, time.Now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return file, s, k
}

func saleID(store string, number int64) string {
	return fmt.Sprintf("%s-1-%06d", store, number)
}

func TestParkedList(t *testing.T) {
	file := parkedHub(t)
	for _, tt := range []struct {
		cmd  parkedListCmd
		want []string
	}{
		{parkedListCmd{JSON: true}, []string{"0421-1-000001 "}},
		{parkedListCmd{JSON: true, All: true}, []string{"0421-1-000002 2", "0421-1-000001 "}},
	} {
		tt.cmd.Config = file
		var out bytes.Buffer
		if err := tt.cmd.run(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		var got []string
		for dec := json.NewDecoder(&out); dec.More(); {
			var l parkedLine
			if err := dec.Decode(&l); err != nil {
				t.Fatal(err)
			}
			if l.Lane != "1" || l.TotalMinor != 248 || l.Currency != "EUR" || (l.TakenBy == "") != (l.TakenAt == "") {
				t.Errorf("%+v", l)
			}
			got = append(got, l.Ticket+" "+l.TakenBy)
		}
		if strings.Join(got, ",") != strings.Join(tt.want, ",") {
			t.Errorf("--all %t: %q, want %q", tt.cmd.All, got, tt.want)
		}
	}
	var out bytes.Buffer
	if err := (&parkedListCmd{Config: file}).run(t.Context(), &out); err != nil || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("%q, %v: want a head and one line", out.String(), err)
	}
}

// A ticket is shown by its number and by its code as a scanner reads it, with who
// has it, however old it is.
func TestParkedShow(t *testing.T) {
	file := parkedHub(t)
	for ticket, by := range map[string]string{
		"0421-1-000001": "", "0421-1-2": "2", barcode.TicketCode("0421-1-000002"): "2", "0421-1-000003": "",
	} {
		var out bytes.Buffer
		if err := (&parkedShowCmd{Config: file, Ticket: ticket}).run(t.Context(), &out); err != nil {
			t.Errorf("%s: %v", ticket, err)
			continue
		}
		var b parkedBasket
		if err := json.Unmarshal(out.Bytes(), &b); err != nil {
			t.Fatal(err)
		}
		if b.TakenBy != by || len(b.Transaction.Lines) != 1 || b.Transaction.Lines[0].Name != "Milk" {
			t.Errorf("%s: %s", ticket, out.String())
		}
	}
	for _, ticket := range []string{"0421-1-000004", "0421-1-9", "0421-2-000001"} {
		if err := (&parkedShowCmd{Config: file, Ticket: ticket}).run(t.Context(), &bytes.Buffer{}); err == nil || errors.Is(err, errUsage) {
			t.Errorf("%s: %v", ticket, err)
		}
	}
	for _, ticket := range []string{"", "milk", "9999-1-000001", "0421-1-", "0421--1", "0421-1-0"} {
		if err := (&parkedShowCmd{Config: file, Ticket: ticket}).run(t.Context(), &bytes.Buffer{}); !errors.Is(err, errUsage) {
			t.Errorf("%q: %v", ticket, err)
		}
	}
}

// A hub that has never kept a row, or given a basket, lists none.
func TestParkedWithoutAny(t *testing.T) {
	file, _, _ := keepingHub(t)
	var out bytes.Buffer
	if err := (&parkedListCmd{Config: file, JSON: true}).run(t.Context(), &out); err != nil || out.Len() != 0 {
		t.Errorf("%q, %v", out.String(), err)
	}
}
