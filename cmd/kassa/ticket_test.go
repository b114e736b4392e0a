package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"kassa/kiosk/flow"
	"kassa/store/journal"
)

// shopping is a lane of the store with milk on its shelf.
func shopping(t *testing.T, s *storeHub, id string) *linkedLane {
	t.Helper()
	k := enrolledAs(t, s, id)
	csv := filepath.Join(t.TempDir(), "articles.csv")
	writeText(t, csv, "gtin,name,price_minor,tax\n4000000000013,Milk,119,A\n4006381333931,Pens,129,A\n")
	if err := (&catalogImportCmd{Config: k.file, Files: []string{csv}}).run(t.Context(), io.Discard, os.Stderr); err != nil {
		t.Fatal(err)
	}
	k.start()
	eventually(t, "lane "+id+" is linked", func() bool { return k.l.hub.health() == "up" })
	return k
}

// fill puts two articles into a basket.
func (k *linkedLane) fill() {
	k.t.Helper()
	k.scan("4000000000013")
	k.scan("4006381333931")
	eventually(k.t, "a basket", func() bool { v := k.view(); return v.Sale != nil && v.Sale.Total == 248 })
}

// park parks the basket on the screen and returns its ticket, which the hub knows then.
func (k *linkedLane) park() (ticket string) {
	k.t.Helper()
	k.touch(flow.ActPay, "")
	eventually(k.t, "the choice", func() bool { return k.view().Screen == flow.ScreenTender })
	k.touch(flow.ActTender, "till")
	eventually(k.t, "a ticket", func() bool {
		if v := k.view(); v.Leave != nil {
			ticket = v.Leave.Ticket
		}
		return ticket != ""
	})
	parked := k.l.station.Sale().Number
	k.leave()
	k.kept(parked, flow.SaleParked)
	return ticket
}

// kept waits until a sale has come so far on the disk, and the hub has all of it.
func (k *linkedLane) kept(number int64, state flow.SaleState) {
	k.t.Helper()
	eventually(k.t, "it is on the disk", func() bool {
		txn, err := k.l.journal.Transaction(k.t.Context(), number)
		return err == nil && txn.State == state
	})
	head, err := k.l.journal.Head(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	eventually(k.t, "the hub has it", func() bool { n, _ := k.l.hub.marked(k.t.Context()); return n >= head.Seq })
}

// leave goes back to the first page.
func (k *linkedLane) leave() {
	k.t.Helper()
	eventually(k.t, "the first page", func() bool {
		if v := k.view(); v.Acts[flow.ActBack] {
			_ = k.l.station.Touch(k.t.Context(), flow.Touched{Act: flow.ActBack}) // it may have left by itself
		}
		return k.view().Screen == flow.ScreenStart
	})
}

// refused scans a ticket and sees that the lane does not take it up, and why.
func (k *linkedLane) refused(ticket string, want flow.NoTicket, why string) {
	k.t.Helper()
	k.scan(ticket)
	eventually(k.t, why, func() bool {
		v := k.view()
		return v.Hint != nil && v.Hint.Kind == flow.HintTicket && len(v.Sale.Lines) == 0
	})
	if got := k.view().Hint.Ticket; got == nil || *got != want {
		k.t.Errorf("%s: the page says %+v, want %+v", why, got, want)
	}
	k.touch(flow.ActVoidSale, "")
	k.leave()
}

func (k *linkedLane) takesUp(ticket string) {
	k.t.Helper()
	k.scan(ticket)
	eventually(k.t, "the basket is back", func() bool { v := k.view(); return v.Sale != nil && v.Sale.Total == 248 && len(v.Sale.Lines) == 2 })
}

// TestTicketAtAnotherLane parks a basket at one lane and takes it up at another,
// once, whoever is killed in between.
func TestTicketAtAnotherLane(t *testing.T) {
	t.Parallel()
	s := newStoreHub(t)
	one, two, three := shopping(t, s, "1"), shopping(t, s, "till-2"), shopping(t, s, "3")
	one.fill()
	ticket := one.park()
	s.restart()
	eventually(t, "lane till-2 hears the hub again", func() bool { return two.l.hub.health() == "up" })
	two.takesUp(ticket)
	two.restart() // it is on the disk
	eventually(t, "it still has it", func() bool { v := two.view(); return v.Sale != nil && v.Sale.Total == 248 })
	eventually(t, "lane 3 hears the hub", func() bool { return three.l.hub.health() == "up" })
	three.refused(ticket, flow.NoTicket{Why: flow.TicketTaken, Lane: "till-2"}, "another lane has it")
	eventually(t, "lane 1 hears the hub", func() bool { return one.l.hub.health() == "up" })
	one.refused(ticket, flow.NoTicket{Why: flow.TicketTaken, Lane: "till-2"}, "another lane has it, though it was parked here")

	again := two.park()
	three.takesUp(again) // as it was changed there
	three.kept(2, flow.SaleOpen)
	txn, err := three.l.journal.Transaction(t.Context(), 2)
	if err != nil || txn.Recalled != "0421-till-2-000001" {
		t.Errorf("on lane 3's record: %+v, %v", txn, err)
	}
}

// TestTicketOfALostJournal: a lane that has lost its journal gets what it had parked
// from the store, once.
func TestTicketOfALostJournal(t *testing.T) {
	t.Parallel()
	s := newStoreHub(t)
	one, two := shopping(t, s, "1"), shopping(t, s, "2")
	one.fill()
	ticket := one.park()
	path := filepath.Join(one.l.cfg.Data, journal.FileName)
	one.stop()
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + end); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	one.start()
	eventually(t, "lane 1 hears the hub", func() bool { return one.l.hub.health() == "up" })
	one.takesUp(ticket)
	two.refused(ticket, flow.NoTicket{Why: flow.TicketTaken, Lane: "1"}, "the lane that parked it has it")
}

// TestTicketWithoutTheHub: a lane gives its own basket while the hub is away, and
// no other's; what it gave so, no other lane gives again.
func TestTicketWithoutTheHub(t *testing.T) {
	t.Parallel()
	s := newStoreHub(t)
	one, two := shopping(t, s, "1"), shopping(t, s, "2")
	one.fill()
	ticket := one.park()
	s.stop()
	eventually(t, "the hub is away", func() bool { return one.l.hub.health() != "up" && two.l.hub.health() != "up" })
	two.refused(ticket, flow.NoTicket{Why: flow.TicketElsewhere, Lane: "1"}, "nobody can say whose it is")
	one.takesUp(ticket)
	s.start()
	one.kept(2, flow.SaleOpen)
	eventually(t, "lane 2 hears the hub", func() bool { return two.l.hub.health() == "up" })
	two.refused(ticket, flow.NoTicket{Why: flow.TicketTaken, Lane: "1"}, "the lane that parked it has it")
}

// TestTicketTakenUpTwice: a lane that is cut off gives back its own basket while
// another has it; when it is heard again, people are told.
func TestTicketTakenUpTwice(t *testing.T) {
	t.Parallel()
	s := newStoreHub(t)
	one, two := shopping(t, s, "1"), shopping(t, s, "2")
	one.fill()
	ticket := one.park()
	two.takesUp(ticket)
	two.kept(1, flow.SaleOpen)
	s.stop()
	eventually(t, "the hub is away", func() bool { return one.l.hub.health() != "up" })
	one.takesUp(ticket)
	s.start()
	one.kept(2, flow.SaleOpen)
	if c := s.call("hub:ticket:0421-1-000001/1"); c.Lane != "1" || c.Reason != "after.twice" {
		t.Errorf("%+v", c)
	}
}

// TestTicketAtABusyLane: a lane that has another basket on its screen does not
// take the ticket's, and it is not the less for anybody else.
func TestTicketAtABusyLane(t *testing.T) {
	t.Parallel()
	s := newStoreHub(t)
	one, two := shopping(t, s, "1"), shopping(t, s, "2")
	one.fill()
	ticket := one.park()
	two.scan("4000000000013")
	eventually(t, "a basket of her own", func() bool { v := two.view(); return v.Sale != nil && v.Sale.Total == 119 })
	two.scan(ticket)
	eventually(t, "it says so", func() bool {
		v := two.view()
		return v.Hint != nil && v.Hint.Ticket != nil && v.Hint.Ticket.Why == flow.TicketBusy
	})
	one.takesUp(ticket)
	one.scan(ticket)
	one.kept(2, flow.SaleOpen)
	if v := one.view(); v.Hint != nil || v.Sale.Total != 248 {
		t.Errorf("its own ticket again: %+v, %+v", v.Hint, v.Sale)
	}
}
