package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"kassa/store/journal"
)

// A manager begins practice: the same process comes up again with a journal of its
// own, no terminal hears of a payment, and the day knows nothing of it but how many
// papers practice gave out.
func TestPractice(t *testing.T) {
	d := newDesk(t, "")
	step := func(script string) {
		t.Helper()
		if err := d.play(script); err != nil {
			t.Fatal(err)
		}
	}
	train := "badge KS-STAFF-70433-M\nexpect 5s screen staff\ntouch staff value=training\n"
	step("expect 60s screen start\n" + train)
	if err := d.await("practice", func() bool { return d.practice() != nil && d.screen() == "start" }); err != nil {
		t.Fatal(err)
	}
	step(trip + "touch tender value=card\nexpect 20s screen receipt\nexpect charges 0\ntouch receipt value=print\nexpect 20s paper \"PRACTICE\"\n" +
		"take bag all\nexpect 30s screen start\n" + train)
	if n := d.bench.State().Lane.Starts; n != 1 {
		t.Errorf("the lane was started %d times, want once", n)
	}
	step("wait 1s\nexpect 30s screen start\n" + trip + "touch tender value=card\nexpect 20s screen paying\ncard tap\nexpect 20s screen receipt\n" +
		"expect charges 1\ntouch receipt value=none\ntake bag all\nexpect 30s screen start\n")
	all, err := d.world.Export(t.Context())
	if err != nil || len(all) != 1 || all[0].Number != 1 || all[0].State != "paid" {
		t.Errorf("the journal has %+v, %v, want one sale", all, err)
	}
	if p := d.practice(); p == nil || p.Number != 1 || p.State != "paid" {
		t.Errorf("the journal of practice has %+v", p)
	}
	var day struct {
		Z struct {
			Documents map[string]struct{ First, Last int64 } `json:"documents"`
		} `json:"z"`
	}
	out, err := d.run("day", "close", "--json")
	if err != nil || json.Unmarshal([]byte(out), &day) != nil || day.Z.Documents["training"].Last != 1 || day.Z.Documents["receipts"].Last != 1 {
		t.Errorf("day close = %s, %v", out, err)
	}
	for _, what := range [][]string{{"verify"}, {"verify", "--file", filepath.Join(d.dir, "data", "training.db")}} {
		if out, err := d.run(what...); err != nil {
			t.Errorf("%s: %v: %s", what, err, out)
		}
	}
}

// practice is the first sale of practice, nil: there is none.
func (d *desk) practice() *journal.Transaction {
	r, err := journal.OpenFile(d.t.Context(), filepath.Join(d.dir, "data", "training.db"))
	if err != nil {
		return nil
	}
	defer func() { _ = r.Close() }() // only read
	for t, err := range r.Transactions(d.t.Context(), journal.Filter{Open: true}) {
		if err != nil {
			return nil
		}
		return t
	}
	return &journal.Transaction{}
}

// IT makes a voucher, sees what it is worth, and pays with it; a lane without the
// section says what is missing.
func TestVoucherCommands(t *testing.T) {
	d := newDesk(t, "")
	if err := d.play("expect 60s screen start\n"); err != nil {
		t.Fatal(err)
	}
	out, err := d.run("voucher", "issue", "500")
	var made struct {
		Code    string `json:"code"`
		Balance int64  `json:"balance_minor"`
		Expires string `json:"expires"`
	}
	if err != nil || json.Unmarshal([]byte(out), &made) != nil || made.Balance != 500 || made.Expires == "" {
		t.Fatalf("issue = %s, %v", out, err)
	}
	if err := d.play(trip + "scan " + made.Code + "\nexpect 20s screen receipt\ntouch receipt value=none\ntake bag all\nexpect 60s screen start\n"); err != nil {
		t.Fatal(err)
	}
	out, err = d.run("voucher", "show", made.Code)
	if err != nil || !strings.Contains(out, `"balance_minor":371`) || !strings.Contains(out, `"amount_minor":-129`) || strings.Contains(out, made.Code) {
		t.Errorf("show = %s, %v", out, err)
	}
	for _, bad := range [][]string{{"voucher", "show", "NOBODY"}, {"voucher", "import", filepath.Join(d.dir, "vouchers.csv")}, {"voucher", "issue", "0"}} {
		if out, err := d.run(bad...); err == nil {
			t.Errorf("%v = %s, want it refused", bad, out)
		}
	}
}
