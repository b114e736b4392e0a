package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/cmd/app/records"
	"kassa/kiosk/flow"
	"kassa/store/export"
	"kassa/store/hub/keeper"
	"kassa/store/journal"
	"kassa/store/sqlite"
	"kassa/store/wire"
)

// exportHub is a hub that has the journals of two lanes, one of them as a
// released version of kassa wrote it; what the lane itself exports is returned.
func exportHub(t *testing.T) (file string, want []byte) {
	t.Helper()
	dir := t.TempDir()
	file = filepath.Join(dir, "kassa-hub.toml")
	if err := os.WriteFile(file, []byte("[hub]\nstore = \"0421\"\ndata = \"data\"\nlisten = \"127.0.0.1:0\"\ntimezone = \"Europe/Berlin\"\n[nats]\nlisten = \"127.0.0.1:0\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o750); err != nil {
		t.Fatal(err)
	}
	k, err := keeper.Open(t.Context(), filepath.Join(dir, "data"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	if err := os.MkdirAll(filepath.Join(dir, "lane"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Copy(t.Context(), "../../store/journal/testdata/journal-v1/journal.db", filepath.Join(dir, "lane", journal.FileName)); err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), filepath.Join(dir, "lane"), journal.Options{Store: "0421", Lane: "1"}) // brings it to this version
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	if _, err := k.Take(t.Context(), rowsOf(t, j)); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := export.JSONL(t.Context(), j, journal.Filter{Open: true}, &b); err != nil {
		t.Fatal(err)
	}
	return file, b.Bytes()
}

// The hub exports what the lane does, to the byte.
func TestExportIsTheLanes(t *testing.T) {
	file, want := exportHub(t)
	var got bytes.Buffer
	if err := (&exportCmd{Config: file, Format: "jsonl", Open: true}).run(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) || len(want) == 0 {
		t.Errorf("the hub says\n%s\nthe lane\n%s", got.String(), want)
	}
}

func TestExportResumes(t *testing.T) {
	file, _ := exportHub(t)
	state := filepath.Join(t.TempDir(), "state.json")
	all := map[string]int{}
	for range 3 {
		var got bytes.Buffer
		if err := (&exportCmd{Config: file, Format: "jsonl", Resume: state}).run(t.Context(), &got); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(got.String()) {
			var x export.Transaction
			if err := json.Unmarshal([]byte(line), &x); err != nil {
				t.Fatal(err)
			}
			all[x.ID]++
		}
	}
	if len(all) == 0 {
		t.Error("nothing was exported")
	}
	for id, n := range all {
		if n != 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
}

// Rows that are missing hold up what is behind them, and the export says so; after a
// day it fails, and says how to go on. Who goes on has each whole transaction once,
// and the state says for good what never came.
func TestExportGoesOnWithoutRows(t *testing.T) {
	file, s, k := keepingHub(t)
	j, err := journal.Open(t.Context(), t.TempDir(), journal.Options{Store: s.store, Lane: "1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	at := time.Now()
	for n := range int64(6) {
		sell(t, j, s.store, n+1, flow.SalePaid, at)
	}
	rows := rowsOf(t, j)
	if _, err := k.Take(t.Context(), append(rows[:1:1], rows[2:]...)); err != nil { // the second never comes
		t.Fatal(err)
	}
	state := filepath.Join(t.TempDir(), "state.json")
	exported := func(now time.Time, without ...string) (ids []string, said string, err error) {
		var got, told bytes.Buffer
		c := &exportCmd{Config: file, Format: "jsonl", Resume: state, Without: without, say: &told, now: func() time.Time { return now }}
		err = c.run(t.Context(), &got)
		for line := range strings.Lines(got.String()) {
			var x export.Transaction
			if err := json.Unmarshal([]byte(line), &x); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, x.ID)
		}
		return ids, told.String(), err
	}
	hole := "1/" + j.Epoch() + "/2-2"
	ids, said, err := exported(time.Now())
	if err != nil || len(ids) != 0 || !strings.Contains(said, "lane 1: rows 2 to 2 are missing since") {
		t.Fatalf("%q, said %q, %v", ids, said, err)
	}
	if ids, _, err = exported(time.Now().Add(25 * time.Hour)); len(ids) != 0 || err == nil || !strings.Contains(err.Error(), "--without "+hole) {
		t.Fatalf("after a day: %q, %v", ids, err)
	}
	if _, _, err = exported(time.Now(), "1/"+j.Epoch()+"/2-3"); !errors.Is(err, errUsage) || !strings.Contains(err.Error(), hole) {
		t.Errorf("another hole: %v", err)
	}
	want := []string{saleID(s.store, 1), saleID(s.store, 4), saleID(s.store, 5), saleID(s.store, 6)} // 3 may have begun in it
	if ids, said, err = exported(time.Now(), hole); err != nil || !slices.Equal(ids, want) || !strings.Contains(said, "rows 2 to 2 never come") {
		t.Fatalf("without: %q, said %q, %v", ids, said, err)
	}
	if _, err := k.Take(t.Context(), rows[1:2]); err != nil { // it comes all the same
		t.Fatal(err)
	}
	for i, want := range [][]string{{saleID(s.store, 2)}, nil} { // nobody knew of it: once
		ids, said, err = exported(time.Now().Add(25*time.Hour), hole)
		if err != nil || !slices.Equal(ids, want) || !strings.Contains(said, "not exported for that: transactions [3]") {
			t.Errorf("then, %d: %q, said %q, %v", i, ids, said, err)
		}
	}
}

// What was in a hole that somebody took as it is, and comes all the same, is exported
// when it is whole, once, in whichever order its rows come; a row that is written of a
// sale after its end does not have that one exported again.
func TestExportOfWhatNeverCame(t *testing.T) {
	file, s, k := keepingHub(t)
	j, err := journal.Open(t.Context(), t.TempDir(), journal.Options{Store: s.store, Lane: "1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	for _, sale := range []struct {
		number int64
		state  flow.SaleState
	}{
		{1, flow.SalePaid},
		{2, flow.SaleOpen},
		{2, flow.SalePaid},
		{3, flow.SalePaid},
		{1, flow.SalePaid},
		{4, flow.SaleOpen},
		{4, flow.SalePaid},
		{5, flow.SalePaid},
		{6, flow.SalePaid},
	} {
		sell(t, j, s.store, sale.number, sale.state, time.Now())
	}
	rows := rowsOf(t, j)
	state := filepath.Join(t.TempDir(), "state.json")
	step := func(what string, come []wire.Row, without []string, want []int64, says string) {
		t.Helper()
		if _, err := k.Take(t.Context(), come); err != nil {
			t.Fatal(err)
		}
		var got, told bytes.Buffer
		if err := (&exportCmd{Config: file, Format: "jsonl", Resume: state, Without: without, say: &told}).run(t.Context(), &got); err != nil {
			t.Fatal(what, err)
		}
		var ids, wanted []string
		for line := range strings.Lines(got.String()) {
			var x export.Transaction
			if err := json.Unmarshal([]byte(line), &x); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, x.ID)
		}
		for _, n := range want {
			wanted = append(wanted, saleID(s.store, n))
		}
		if !slices.Equal(ids, wanted) || !strings.Contains(told.String(), says) {
			t.Errorf("%s: %q, want %q; said %q, want %q", what, ids, wanted, told.String(), says)
		}
	}
	step("the first row", rows[:1], nil, []int64{1}, "")
	step("a hole from 2 to 7, taken", rows[7:], []string{"1/" + j.Epoch() + "/2-7"}, []int64{6}, "transactions [5]")
	step("one in it", rows[3:4], nil, nil, "not exported until the rest has: transactions [3]")
	step("its neighbours", []wire.Row{rows[2], rows[4]}, nil, []int64{3}, "not exported until the rest has: transactions [2]")
	step("part of another", rows[5:6], nil, nil, "transactions [2 4]")
	step("the rest", []wire.Row{rows[1], rows[6]}, nil, []int64{2, 4}, "")
	step("nothing", nil, nil, nil, "transactions [5]")
}

// stopping is a writer that stops for somebody at its first byte.
type stopping struct {
	io.Writer

	first func()
}

func (s *stopping) Write(b []byte) (int, error) {
	if s.first != nil {
		s.first()
		s.first = nil
	}
	return s.Writer.Write(b)
}

// While an export goes on from a state no other does; after it the next has nothing.
func TestOneExportAtATimeResumes(t *testing.T) {
	file, _ := exportHub(t)
	state := filepath.Join(t.TempDir(), "state.json")
	resume := func(w io.Writer) error {
		return (&exportCmd{Config: file, Format: "jsonl", Resume: state, say: io.Discard}).run(t.Context(), w)
	}
	var second error
	var got, then bytes.Buffer
	if err := resume(&stopping{&got, func() { second = resume(io.Discard) }}); err != nil {
		t.Fatal(err)
	}
	if second == nil || !strings.Contains(second.Error(), "another export goes on from "+state) || errors.Is(second, errUsage) {
		t.Errorf("the second while the first is at it: %v", second)
	}
	if err := resume(&then); err != nil || got.Len() == 0 || then.Len() != 0 {
		t.Errorf("after it: %v, %d and %d bytes", err, got.Len(), then.Len())
	}
}

// Exports of one second into one folder are files of their own: together they have
// each transaction once.
func TestExportsOfOneSecond(t *testing.T) {
	for _, format := range []string{"jsonl", "poslog", "csv"} {
		file, s, k := keepingHub(t)
		for _, lane := range []string{"1", "2"} {
			j, err := journal.Open(t.Context(), t.TempDir(), journal.Options{Store: s.store, Lane: lane})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = j.Close() })
			sell(t, j, s.store, 1, flow.SalePaid, time.Now())
			if _, err := k.Take(t.Context(), rowsOf(t, j)); err != nil {
				t.Fatal(err)
			}
		}
		dir, state := t.TempDir(), filepath.Join(t.TempDir(), "state.json")
		paths := map[string]bool{}
		at := time.Now()
		for _, lane := range []string{"1", "2"} {
			var said bytes.Buffer
			c := &exportCmd{
				Config: file, Format: format, Lane: lane, Resume: state, Target: records.Target{Drop: dir}, say: io.Discard,
				now: func() time.Time { return at },
			}
			if err := c.run(t.Context(), &said); err != nil {
				t.Fatal(err)
			}
			paths[strings.TrimSpace(said.String())] = true
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 2 || len(paths) != 2 {
			t.Errorf("%s: %v lie there, %v were said, %v", format, left, paths, err)
		}
	}
}

func TestExportFormsAndSignature(t *testing.T) {
	file, _ := exportHub(t)
	dir := t.TempDir()
	for _, format := range []string{"jsonl", "csv", "poslog"} {
		var said bytes.Buffer
		if err := (&exportCmd{Config: file, Format: format, Target: records.Target{Drop: dir}, Sign: true}).run(t.Context(), &said); err != nil {
			t.Fatal(format, err)
		}
		out := strings.TrimSpace(said.String())
		if err := (&verifyCmd{Config: file, Export: out}).run(t.Context(), &said); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		first := out
		if format == "csv" {
			first = filepath.Join(out, "txn.csv")
		}
		if err := os.WriteFile(first, []byte("forged"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := (&verifyCmd{Config: file, Export: out}).run(t.Context(), &said); err == nil {
			t.Errorf("%s: a forged export holds", format)
		}
	}
	if left, err := fs.Glob(os.DirFS(dir), ".*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestExportUsage(t *testing.T) {
	file, _ := exportHub(t)
	for name, c := range map[string]exportCmd{
		"csv to stdout":       {Format: "csv"},
		"number of no lane":   {Format: "jsonl", After: "7"},
		"resume and since":    {Format: "jsonl", Resume: "x", Closed: records.Closed{Since: "2026-11-22"}},
		"no time":             {Format: "jsonl", Closed: records.Closed{Since: "yesterday"}},
		"no transaction":      {Format: "jsonl", Lane: "1", After: "x"},
		"signature of a pipe": {Format: "jsonl", Sign: true},
	} {
		c.Config = file
		if err := c.run(t.Context(), &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "usage") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
