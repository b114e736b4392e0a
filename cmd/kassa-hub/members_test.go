package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"kassa/kiosk/help"
	"kassa/store/hub/desk"
	"kassa/store/hub/members"
	"kassa/store/wire"
)

// What is kept of a member can be shown to the member, and is gone when erased,
// from the list and from the desk.
func TestMembersExportAndErase(t *testing.T) {
	file := configFile(t, "")
	csv := write(t, filepath.Join(t.TempDir(), "members.csv"), "number,since,language,tier,consent\n4711,2020-05-01,fr,gold,yes\n4712,,,,no\n")
	if err := (&membersImportCmd{Config: file, File: csv}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	shown := func() (line memberLine, err error) {
		var out bytes.Buffer
		if err := (&membersExportCmd{Config: file, Number: "4711"}).run(t.Context(), &out); err != nil {
			return line, err
		}
		return line, json.Unmarshal(out.Bytes(), &line)
	}
	before, err := shown() // no desk yet
	if err != nil || before.Tier != "gold" || !before.Consent || before.Handle == "" || before.Contacts == nil {
		t.Fatalf("%+v, %v", before, err)
	}
	s, err := loadSettings(file)
	if err != nil {
		t.Fatal(err)
	}
	d, err := desk.Open(t.Context(), desk.Options{Dir: s.data, Policy: help.DefaultPolicy(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- d.Run(t.Context()) }()
	up := wire.CallUp{ID: "hub:receipt:x/1", Reason: "after.price", RaisedAt: time.Now(), Context: wire.Context{Member: before.Handle, Number: 7}}
	if err := d.AfterSale(t.Context(), "1", up); err != nil {
		t.Fatal(err)
	}
	if err := d.Say(t.Context(), wire.Talk{Call: up.ID, ID: "s", By: "a1", Text: "Bonjour Monsieur"}); err != nil {
		t.Fatal(err)
	}
	if after, err := shown(); err != nil || len(after.Talk) != 1 {
		t.Errorf("beside a desk at work: %+v, %v", after, err)
	}
	if err := (&membersEraseCmd{Config: file, Number: "4711"}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if line, err := shown(); !errors.Is(err, members.ErrUnknown) {
		t.Errorf("after the erasure: %+v, %v", line, err)
	}
	reader, err := desk.OpenReader(t.Context(), s.data)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	if k, err := reader.Member(t.Context(), before.Handle); err != nil || len(k.Contacts)+len(k.Talk) != 0 {
		t.Errorf("the desk still has %+v, %v", k, err)
	}
}

// What is kept of members goes by age when the rows do.
func TestPruneReachesMembers(t *testing.T) {
	file := configFile(t, "")
	csv := write(t, filepath.Join(t.TempDir(), "members.csv"), "number,consent\n4711,yes\n")
	if err := (&membersImportCmd{Config: file, File: csv}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := openMembers(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = list.Close() }() // only looked at
	m, err := list.Find(t.Context(), "4711")
	if err != nil {
		t.Fatal(err)
	}
	for call, days := range map[string]int{"old": 402, "new": 398} { // 400 are kept
		if err := list.Called(t.Context(), m.Handle, call, time.Now().AddDate(0, 0, -days)); err != nil {
			t.Fatal(err)
		}
	}
	if err := (&pruneCmd{Config: file}).run(t.Context(), new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	if n, err := list.Calls(t.Context(), m.Handle, time.Time{}); n != 1 || err != nil {
		t.Errorf("%d calls, %v, want the one of 398 days", n, err)
	}
}
