package cash_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"kassa/device/cash"
	"kassa/device/sim"
)

const password = "a word that no log may show"

// machine is a driver and what it drives.
func machine(t *testing.T, o sim.CashOptions) (*cash.Recycler, *sim.Cash) {
	t.Helper()
	o.User, o.Password = "kassa", password
	far, err := sim.NewCash("127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = far.Close() })
	d, err := cash.NewRecycler(cash.Config{
		URL: "http://" + far.Addr(), User: "kassa", Password: password, POS: "1", Poll: time.Millisecond, Patience: 100 * time.Millisecond,
		Client: &http.Client{Transport: &http.Transport{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d, far
}

// insert puts money in, each piece as soon as the slot is open.
func insert(t *testing.T, far *sim.Cash, pieces ...int64) {
	t.Helper()
	go func() {
		for _, p := range pieces {
			for t.Context().Err() == nil && !far.Insert(p) {
				time.Sleep(time.Millisecond)
			}
		}
	}()
}

func begin(t *testing.T, d *cash.Recycler, w cash.Wish) string {
	t.Helper()
	id, err := d.Begin(t.Context(), w)
	if err != nil {
		t.Fatalf("Begin() = %v", err)
	}
	return id
}

func TestMoneyInAndChangeOut(t *testing.T) {
	for _, loose := range []bool{false, true} {
		d, far := machine(t, sim.CashOptions{Loose: loose})
		if s, err := d.Status(t.Context()); err != nil || !s.Ready {
			t.Errorf("Status() = %+v, %v", s, err)
		}
		id := begin(t, d, cash.Wish{Key: "0421-1-000001/1", Amount: 248})
		if f, err := d.Ask(t.Context(), id); err != nil || f.Begun || f.Ended || f.Net() != 0 {
			t.Errorf("before it is released: %+v, %v", f, err)
		}
		insert(t, far, 100, 50, 200)
		var seen []cash.Facts
		f, err := d.Accept(t.Context(), id, func(f cash.Facts) { seen = append(seen, f) })
		if err != nil || !f.Ended || f.In != 350 || f.Out != 102 || f.Net() != 248 {
			t.Errorf("Accept() = %+v, %v", f, err)
		}
		if len(seen) == 0 || seen[len(seen)-1] != f {
			t.Errorf("on the way it said %+v", seen)
		}
		id = begin(t, d, cash.Wish{Key: "0421-1-000002/1", Amount: 75, Give: true})
		if f, err := d.Dispense(t.Context(), id, nil); err != nil || !f.Ended || f.Net() != -75 {
			t.Errorf("Dispense() = %+v, %v", f, err)
		}
		if kept := far.State().Kept; kept != 248-75 {
			t.Errorf("it kept %d", kept)
		}
	}
}

// Who stops gets back what she put in; so does who has put nothing in.
func TestCancel(t *testing.T) {
	for _, in := range []int64{0, 100} {
		d, far := machine(t, sim.CashOptions{})
		id := begin(t, d, cash.Wish{Key: "k", Amount: 248})
		go func() {
			if !far.Wait(10*time.Second) || in > 0 && !far.Insert(in) {
				t.Error("the slot is shut")
			}
			if err := d.Cancel(t.Context(), id); err != nil {
				t.Errorf("Cancel() = %v", err)
			}
		}()
		f, err := d.Accept(t.Context(), id, nil)
		if err != nil || !f.Ended || int64(f.In) != in || f.Net() != 0 {
			t.Errorf("Accept() = %+v, %v", f, err)
		}
		if err := d.Cancel(t.Context(), id); err != nil { // it has ended
			t.Errorf("Cancel() again = %v", err)
		}
	}
}

// A jam ends nothing: the operation goes on until somebody has seen to it, and what
// it says then is what counts.
func TestJam(t *testing.T) {
	d, far := machine(t, sim.CashOptions{})
	id := begin(t, d, cash.Wish{Key: "k", Amount: 248})
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		if !far.Wait(10*time.Second) || !far.Insert(100) {
			t.Error("the slot is shut")
		}
		far.Jam(true)
		if err := d.Cancel(t.Context(), id); err != nil {
			t.Errorf("Cancel() = %v", err)
		}
	}()
	f, err := d.Accept(ctx, id, func(f cash.Facts) {
		if f.Fault != "" {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) || f.Ended || f.Fault != "jam" {
		t.Errorf("Accept() = %+v, %v", f, err)
	}
	if f, err := d.Ask(t.Context(), id); err != nil || f.Ended || f.Net() != 100 {
		t.Errorf("jammed: %+v, %v", f, err)
	}
	far.Jam(false)
	if f, err := d.Ask(t.Context(), id); err != nil || !f.Ended || f.Net() != 0 || f.In != 100 {
		t.Errorf("seen to: %+v, %v", f, err)
	}
}

// Wherever the line breaks, money moves once, and the machine tells it by its id.
func TestCutAtEachRequest(t *testing.T) {
	for _, name := range []string{"startOperation", "acknowledgeOperationId", "askOperation"} {
		for _, before := range []bool{true, false} {
			d, far := machine(t, sim.CashOptions{})
			far.CutAt(name, before)
			id, err := d.Begin(t.Context(), cash.Wish{Key: "k", Amount: 200})
			if name == "startOperation" {
				if !errors.Is(err, cash.ErrUnreachable) {
					t.Errorf("%s: Begin() = %v", name, err)
				}
				id, err = d.Begin(t.Context(), cash.Wish{Key: "k", Amount: 200}) // one that was named and never released moves nothing
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			insert(t, far, 200)
			if f, err := d.Accept(t.Context(), id, nil); err != nil || f.Net() != 200 {
				t.Errorf("%s: Accept() = %+v, %v", name, f, err)
			}
			if kept := far.State().Kept; kept != 200 {
				t.Errorf("%s: it kept %d", name, kept)
			}
		}
	}
}

func TestUnreachable(t *testing.T) {
	d, far := machine(t, sim.CashOptions{})
	id := begin(t, d, cash.Wish{Key: "k", Amount: 200})
	go func() {
		if !far.Wait(10 * time.Second) {
			t.Error("it asks for no money")
		}
		_ = far.Unplug()
	}()
	f, err := d.Accept(t.Context(), id, nil)
	if !errors.Is(err, cash.ErrUnreachable) || f.Ended || !f.Begun {
		t.Errorf("Accept() = %+v, %v", f, err)
	}
	if strings.Contains(err.Error(), "word") || strings.Contains(err.Error(), "password") {
		t.Errorf("the error shows the password: %v", err)
	}
	if _, err := d.Status(t.Context()); !errors.Is(err, cash.ErrUnreachable) {
		t.Errorf("Status() = %v", err)
	}
	if err := far.Plug(); err != nil {
		t.Fatal(err)
	}
	if f, err := d.Ask(t.Context(), id); err != nil || f.Ended || !f.Begun {
		t.Errorf("back: %+v, %v", f, err)
	}
}

func TestRefusals(t *testing.T) {
	d, far := machine(t, sim.CashOptions{Short: 7})
	if _, err := d.Begin(t.Context(), cash.Wish{Amount: 0}); err == nil {
		t.Error("nothing can be asked for")
	}
	if _, err := d.Ask(t.Context(), "99"); !errors.Is(err, cash.ErrUnknownID) {
		t.Errorf("Ask() = %v", err)
	}
	if _, err := d.Accept(t.Context(), "99", nil); !errors.Is(err, cash.ErrRefused) {
		t.Errorf("Accept() = %v", err)
	}
	// Coins have run out: it kept more than it should, and says so to the cent.
	id := begin(t, d, cash.Wish{Key: "k", Amount: 190})
	if _, err := d.Begin(t.Context(), cash.Wish{Key: "l", Amount: 1}); err != nil {
		t.Errorf("a second one is only named: %v", err)
	}
	insert(t, far, 200)
	if f, err := d.Accept(t.Context(), id, nil); err != nil || f.Net() != 197 {
		t.Errorf("Accept() = %+v, %v", f, err)
	}
	stranger, err := cash.NewRecycler(cash.Config{URL: "http://" + far.Addr(), User: "x", Password: "y"})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := stranger.Status(t.Context()); err != nil || s.Ready {
		t.Errorf("Status() of a stranger = %+v, %v", s, err)
	}
	for _, bad := range []string{"", "tcp://127.0.0.1:1", "http://", "://"} {
		if _, err := cash.NewRecycler(cash.Config{URL: bad}); err == nil {
			t.Errorf("NewRecycler(%q) takes it", bad)
		}
	}
}
