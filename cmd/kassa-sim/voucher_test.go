package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"kassa/cmd/kassa-sim/assortment"
)

// A sale of 1.29 is paid by a gift card over 1.00 and a card; the program is killed
// after each kind of record. Each tender moved its money once.
//
//	go test ./cmd/kassa-sim -run Mixed -v -boundaries 0
func TestMixedPaymentKilled(t *testing.T) {
	type kill struct{ part, kind string }
	all := []kill{
		{"voucher", "touched"}, {"voucher", "voucher"}, {"card", "charge-prepared"}, {"card", "charge-seen"}, {"card", "charged"},
	}
	if *boundaries > 0 {
		rng := rand.New(rand.NewPCG(*seed, 2))
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:1]
	}
	d := newDesk(t, "")
	for i, k := range all {
		v := assortment.Voucher{Number: fmt.Sprintf("KILL%d", i), Balance: 100}
		if err := d.mixed(v, k.part, k.kind); err != nil {
			t.Fatalf("killed after the record %s of the %s: %v", k.kind, k.part, err)
		}
		t.Logf("killed after the record %-15s of the %-7s: voucher 1.00 once, card 0.29 once", k.kind, k.part)
	}
	if out, err := d.run("verify"); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// mixed pays a trip by a voucher and a card, with the power cut in between.
func (d *desk) mixed(v assortment.Voucher, part, kind string) error {
	if err := d.play("expect 60s screen start\n"); err != nil {
		return err
	}
	if err := d.takeIn(v); err != nil {
		return err
	}
	charges := d.bench.State().Charges
	if err := d.play(trip); err != nil {
		return err
	}
	cut := func(here bool, act string) error {
		seq, err := d.head()
		if err != nil {
			return err
		}
		if err := d.play(act); err != nil {
			return err
		}
		if !here {
			return nil
		}
		starts := d.bench.State().Lane.Starts
		if err := d.await("a record "+kind, func() bool { return d.has(kind, seq) }); err != nil {
			return err
		}
		if err := d.bench.Do("power cut"); err != nil {
			return err
		}
		return d.await("the lane is back", func() bool {
			s := d.bench.State().Lane
			return s.Running && s.Starts > starts && d.screen() != ""
		})
	}
	if err := cut(part == "voucher" && kind == "voucher", "scan "+v.Code()+"\n"); err != nil { // on this page it pays at once
		return err
	}
	if part == "voucher" && kind == "touched" { // before the ledger's answer, or after: nobody can tell
		starts := d.bench.State().Lane.Starts
		if err := d.bench.Do("power cut"); err != nil {
			return err
		}
		if err := d.await("the lane is back", func() bool {
			s := d.bench.State().Lane
			return s.Running && s.Starts > starts && d.screen() == "tender"
		}); err != nil {
			return err
		}
		if err := d.play("scan " + v.Code() + "\n"); err != nil { // the one scan may not have been heard
			return err
		}
	}
	act := "expect 20s screen tender\ntouch tender value=card\n"
	if kind != "charge-prepared" {
		act += "expect 10s screen paying\ncard tap\n"
	}
	if err := cut(part == "card", act); err != nil {
		return err
	}
	if err := d.await("the payment is sure", func() bool {
		s := d.screen()
		return s == "receipt" || s == "tender" || s == "thanks"
	}); err != nil {
		return err
	}
	if err := d.finish(); err != nil {
		return err
	}
	return d.movedOnce(v, charges)
}

// takeIn puts a gift card into the lane's ledger.
func (d *desk) takeIn(v assortment.Voucher) error {
	file := d.dir + "/" + v.Number + ".csv"
	if err := os.WriteFile(file, fmt.Appendf(nil, "number,balance_minor\n%s,%d\n", v.Number, v.Balance), 0o600); err != nil {
		return err
	}
	_, err := d.run("voucher", "import", file)
	return err
}

// movedOnce checks terminal, ledger and journal.
func (d *desk) movedOnce(v assortment.Voucher, charges int) error {
	if n := d.bench.State().Charges - charges; n != 1 {
		return fmt.Errorf("%d charges", n)
	}
	out, err := d.run("voucher", "show", v.Number)
	if err != nil {
		return err
	}
	var h struct {
		Balance int64 `json:"balance_minor"`
		Moves   []struct {
			Amount int64 `json:"amount_minor"`
		} `json:"moves"`
	}
	if err := json.Unmarshal([]byte(out), &h); err != nil {
		return err
	}
	if h.Balance != 0 || len(h.Moves) == 0 || h.Moves[len(h.Moves)-1].Amount != -v.Balance {
		return fmt.Errorf("the voucher says %s", out)
	}
	all, err := d.world.Export(d.t.Context())
	if err != nil {
		return err
	}
	var paid, parts int64
	for _, t := range all[len(all)-1].Tenders {
		if t.Result == "approved" {
			paid += t.Amount
			parts++
		}
	}
	if paid != 129 || parts != 2 {
		return fmt.Errorf("the journal has %d in %d parts", paid, parts)
	}
	return nil
}
