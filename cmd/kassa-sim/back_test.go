package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"kassa/cmd/kassa-sim/assortment"
)

// A giving is money that goes back, and the moment at which it goes wrong.
type giving struct {
	boundary

	part bool // one piece of two: paid out to the card (06 31), not taken back (06 30)
}

// way names the two in a log.
func (g giving) way() string {
	if g.part {
		return "06 31"
	}
	return "06 30"
}

// givingTable is every boundary of a refund, and those that a reversal has: no card
// is held to the terminal for it.
func givingTable() (all []giving) {
	for _, b := range boundaryTable() {
		if b.kind == "printed" {
			continue
		}
		all = append(all, giving{b, true})
		lanes := strings.HasSuffix(b.when, "-ack") || strings.HasSuffix(b.when, "authorisation") || strings.HasSuffix(b.when, " ack")
		if b.kind == "" && !lanes || b.kind == "touched" || b.kind == "charged" {
			b.tap = false
			all = append(all, giving{b, false})
		}
	}
	return all
}

// At every boundary of a reversal and of a refund the line is cut or the program
// killed. The money goes back once, as journal and terminal say, and at the end of
// the day both come to the same sum.
//
//	go test ./cmd/kassa-sim -run BackBoundaries -v -boundaries 0
func TestBackBoundaries(t *testing.T) {
	all := givingTable()
	if *boundaries > 0 {
		rng := rand.New(rand.NewPCG(*seed, 3))
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:1]
	}
	d := newDesk(t, "")
	for _, g := range all {
		tries, err := d.goBack(g)
		if err != nil {
			t.Fatalf("%s %s %s: %v", g.way(), g.what, g.when, err)
		}
		t.Logf("%s %-4s %-28s back once, staff tried %d times", g.way(), g.what, g.when, tries)
	}
	d.endDay()
}

// net is what the terminal has taken in, less what it has given back.
func (d *desk) net() (sum int64) {
	for _, c := range d.bench.State().Terminal.Charges {
		switch {
		case c.Reversed:
		case c.Refund:
			sum -= c.Amount
		default:
			sum += c.Amount
		}
	}
	return sum
}

// goBack sells, and gives one piece back over a boundary. It returns how often staff
// had to ask for it.
func (d *desk) goBack(g giving) (tries int, err error) {
	before, sold := d.net(), int64(129)
	sell := trip
	if g.part {
		sold = 258
		sell = strings.Replace(trip, "expect 5s total 129\n", `wait 3s
scan 9521234001010
expect 5s line 9521234001010 qty 2 amount 258
put bag 9521234001010
expect 5s total 258
`, 1)
	}
	if err := d.play(sell); err != nil {
		return 0, err
	}
	if err := d.finish(); err != nil {
		return 0, err
	}
	if n := d.net() - before; n != sold {
		return 0, fmt.Errorf("the terminal took %d", n)
	}
	starts := d.bench.State().Lane.Starts
	if err := d.gives(g); err != nil {
		return 0, err
	}
	if g.what == "kill" {
		if err := d.await("the lane is back", func() bool {
			s := d.bench.State().Lane
			return s.Running && s.Starts > starts && d.screen() != ""
		}); err != nil {
			return 0, err
		}
	}
	if tries, err = d.ends(); err != nil {
		return tries, err
	}
	if n := d.net() - before; n != sold-129 {
		return tries, fmt.Errorf("the terminal gave %d back, want 129", sold-n)
	}
	return tries, d.backInJournal()
}

// backInJournal checks what the journal says of the newest refund.
func (d *desk) backInJournal() error {
	all, err := d.world.Export(d.t.Context())
	if err != nil {
		return err
	}
	last := all[len(all)-1]
	var sum int64
	for _, t := range last.Tenders {
		if t.Result == "approved" {
			sum += t.Amount
		}
	}
	if last.State != "refund" || sum != -129 {
		return fmt.Errorf("the journal says %s, and %d paid", last.State, sum)
	}
	return nil
}

// gives brings a supervisor to where the money goes back, and lets it go wrong.
func (d *desk) gives(g giving) error {
	all, err := d.world.Export(d.t.Context())
	if err != nil || len(all) == 0 {
		return errors.Join(errors.New("no sale to give back"), err)
	}
	id := all[len(all)-1].ID
	script := d.badge() + fmt.Sprintf("touch staff value=refund\npin %s\n", assortment.Staff()[1].PIN)
	if err := d.play(script); err != nil {
		return err
	}
	touch := func(fields map[string]string) error {
		var err error
		_ = d.await("the touch is taken", func() bool {
			err = d.world.Touch(d.t.Context(), "staff", fields)
			return err == nil
		})
		return err
	}
	if err := d.play("scan " + id + "\n"); err != nil {
		return err
	}
	if err := touch(map[string]string{"value": "refund-line", "line": "1", "code": "1"}); err != nil {
		return err
	}
	seq, err := d.head()
	if err != nil {
		return err
	}
	return d.breaks(g.boundary, seq, func() error { return touch(map[string]string{"value": "refund-pay:damaged"}) })
}

// badge is the supervisor's.
func (d *desk) badge() string {
	return "expect 60s screen start\nbadge " + assortment.Staff()[1].Badge + "\nexpect 10s screen staff\n"
}

// ends waits for the end of a refund: a card is held where one is asked for, and
// where the money did not go back staff ask for it again.
func (d *desk) ends() (tries int, err error) {
	err = d.await("the money is back", func() bool {
		switch d.screen() {
		case "thanks":
			return true
		case "start":
			return d.backInJournal() == nil
		case "paying":
			if d.bench.State().Terminal.Waiting {
				_ = d.bench.Do("card tap") // it may have stopped waiting just now
			}
		case "tender":
			tries++
			_ = d.bench.Do("badge " + assortment.Staff()[1].Badge)
		case "staff":
			_ = d.world.Touch(d.t.Context(), "staff", map[string]string{"value": "refund-again"})
			_ = d.world.Touch(d.t.Context(), "pin", map[string]string{"value": assortment.Staff()[1].PIN})
		}
		return false
	})
	if err == nil {
		err = d.play("take bag all\nexpect 60s screen start\n")
	}
	return tries, err
}
