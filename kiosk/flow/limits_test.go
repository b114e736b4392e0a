package flow

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// TestLiftedIsKnownByWhatItSays parks a basket for which staff had lifted one
// limit, and takes it up where the store has put another in its place.
func TestLiftedIsKnownByWhatItSays(t *testing.T) {
	r := testShop(t)
	tablets, beer := r.Limits[0], r.Limits[1]
	r.Limits = []Limit{tablets, beer}
	parked := ParkedOf(r, &Sale{Number: 7, State: SaleParked, Allowed: []string{tablets.key()}})
	text, err := json.Marshal(parked) // as the journal keeps it
	if err != nil {
		t.Fatal(err)
	}
	parked = new(Parked)
	if err := json.Unmarshal(text, parked); err != nil {
		t.Fatal(err)
	}
	r.Limits = []Limit{beer, tablets}
	n := 0
	at := func() At {
		n += 10
		wall := time.Date(2026, 11, 23, 20, 0, n, 0, time.UTC) // after the hours for beer
		return At{Instant{Mono: time.Duration(n) * time.Second, Wall: wall}}
	}
	s, _ := Step(r, State{}, Started{At: at(), Rev: Rev})
	for _, d := range []Device{DeviceScanner, DeviceTerminal, DeviceBagging} {
		s, _ = Step(r, s, DeviceChanged{At: at(), Device: d, Up: true})
	}
	s, _ = Step(r, s, Scanned{At: at(), Code: Code{Raw: "t", Kind: codeTicket}, Parked: parked})
	for _, name := range []string{"pills", "pills", "pills", "beer"} {
		a := shelf[name]
		s, _ = Step(r, s, Scanned{At: at(), Code: Code{Raw: a.GTIN, Kind: codeArticle, GTIN: a.GTIN}, Article: &a})
	}
	if s.Sale == nil || len(s.Sale.Basket.Lines) != 1 || s.Sale.Basket.Lines[0].Qty != 3 {
		t.Fatalf("the sale is %+v, want three tablets, as staff allowed, and no beer", s.Sale)
	}
	if v := Look(r, s); v.Hint.Kind != HintHours {
		t.Errorf("hint %s, want %s", v.Hint.Kind, HintHours)
	}
	if i := slices.IndexFunc(r.Limits, s.Sale.Lifts); i != 1 {
		t.Errorf("lifted is limit %d, want 1", i)
	}
}

// limitLane is a lane that sells, with the rules of the test shop.
type limitLane struct {
	t     *testing.T
	rules *Rules
	state State
	n     int
}

func newLimitLane(t *testing.T) *limitLane {
	t.Helper()
	a := &limitLane{t: t, rules: testShop(t)}
	a.step(Started{At: a.at(), Run: "run1", Rev: Rev})
	for _, d := range []Device{DeviceScanner, DeviceTerminal, DeviceBagging} {
		a.step(DeviceChanged{At: a.at(), Device: d, Up: true})
	}
	return a
}

// at is ten seconds later each time, about noon.
func (a *limitLane) at() At {
	a.n += 10
	return noon(time.Duration(a.n) * time.Second)
}

func (a *limitLane) step(ev Event) { a.state, _ = Step(a.rules, a.state, ev) }

func (a *limitLane) scan(names ...string) {
	for _, name := range names {
		article := shelf[name]
		a.step(Scanned{At: a.at(), Code: Code{Raw: article.GTIN, Kind: codeArticle, GTIN: article.GTIN}, Article: &article})
	}
}

func (a *limitLane) recall(lines ...int) {
	var all []Withdrawal
	for _, n := range lines {
		all = append(all, Withdrawal{Line: n, Recall: &Recall{Text: "glass"}})
	}
	a.step(Withdrawn{At: a.at(), Lines: all})
}

// asks are what the open calls say.
func (a *limitLane) asks() []string {
	var all []string
	for _, ask := range Asks(a.rules, a.state.Sale) {
		if ask.Open {
			all = append(all, a.state.Sale.Needs[ask.Need-1].Detail)
		}
	}
	return all
}

// settle answers, from afar, the open call that says something.
func (a *limitLane) settle(deed StaffDeed, detail string) {
	a.t.Helper()
	for _, ask := range Asks(a.rules, a.state.Sale) {
		if !ask.Open || a.state.Sale.Needs[ask.Need-1].Detail != detail {
			continue
		}
		a.step(Commanded{At: a.at(), ID: ask.ID + string(deed), Staff: boss(), Deed: deed, Boot: "run1", Number: a.state.Sale.Number, Call: ask.ID})
		return
	}
	a.t.Fatalf("no open call says %q: %q", detail, a.asks())
}

const (
	milkRecalled = "recalled: Milk"
	penRecalled  = "recalled: Pens"
	pillsHeld    = "limit: Tablets"
)

// TestEachLimitIsACallOfItsOwn: what its maker takes back is told whatever else
// of the kind waits, and what was said of one says nothing of another.
func TestEachLimitIsACallOfItsOwn(t *testing.T) {
	pills := []string{"pills", "pills", "pills"} // one more than may be sold
	t.Run("two recalled", func(t *testing.T) {
		a := newLimitLane(t)
		a.scan("milk", "pens")
		a.recall(1, 2)
		if got := a.asks(); !slices.Equal(got, []string{milkRecalled, penRecalled}) {
			t.Errorf("asked: %q", got)
		}
	})
	t.Run("two recalled at the scanner", func(t *testing.T) {
		a := newLimitLane(t)
		for _, name := range []string{"milk", "pens"} {
			article := shelf[name]
			a.step(Scanned{At: a.at(), Code: Code{Raw: article.GTIN, Kind: codeArticle, GTIN: article.GTIN}, Article: &article, Recall: &Recall{Text: "glass"}})
		}
		if got := a.asks(); !slices.Equal(got, []string{milkRecalled, penRecalled}) {
			t.Errorf("asked: %q", got)
		}
	})
	t.Run("recalled beside a limit", func(t *testing.T) {
		a := newLimitLane(t)
		a.scan(append([]string{"milk"}, pills...)...)
		a.recall(1)
		if got := a.asks(); !slices.Equal(got, []string{pillsHeld, milkRecalled}) {
			t.Fatalf("asked: %q", got)
		}
		a.settle(DeedSettle, milkRecalled)
		if s := a.state.Sale; s.Held == nil || len(s.Allowed) != 0 || !slices.Equal(a.asks(), []string{pillsHeld}) {
			t.Errorf("a settled recall lifts a limit: held %v, allowed %q, asked %q", s.Held, s.Allowed, a.asks())
		}
		a.settle(DeedAllow, pillsHeld)
		if s := a.state.Sale; s.Held != nil || len(s.Allowed) != 1 || len(a.asks()) != 0 {
			t.Errorf("allowed: held %v, allowed %q, asked %q", s.Held, s.Allowed, a.asks())
		}
	})
	t.Run("a limit beside a recall", func(t *testing.T) {
		a := newLimitLane(t)
		a.scan("milk")
		a.recall(1)
		a.scan(pills...)
		if got := a.asks(); !slices.Equal(got, []string{milkRecalled, pillsHeld}) {
			t.Fatalf("asked: %q", got)
		}
		a.settle(DeedAllow, milkRecalled) // not what that call is about
		if s := a.state.Sale; s.Held == nil || len(a.asks()) != 2 {
			t.Errorf("allowed by another call: held %v, asked %q", s.Held, a.asks())
		}
		a.settle(DeedSettle, pillsHeld)
		if s := a.state.Sale; s.Held != nil || len(s.Allowed) != 1 || !slices.Equal(a.asks(), []string{milkRecalled}) {
			t.Errorf("held %v, allowed %q, asked %q", s.Held, s.Allowed, a.asks())
		}
	})
	t.Run("what was held is gone", func(t *testing.T) {
		a := newLimitLane(t)
		a.scan("pills")
		a.step(Touched{At: a.at(), Act: ActQuantity, Line: 1, Value: "5"})
		if got := a.asks(); !slices.Equal(got, []string{pillsHeld}) {
			t.Fatalf("asked: %q", got)
		}
		a.recall(1)
		if got := a.asks(); a.state.Sale.Held != nil || len(got) != 1 || got[0] == pillsHeld {
			t.Errorf("held %v, asked %q", a.state.Sale.Held, got)
		}
	})
	t.Run("another is held instead", func(t *testing.T) {
		a := newLimitLane(t)
		a.rules.Limits = append(slices.Clone(a.rules.Limits), Limit{Items: []string{shelf["pens"].GTIN}, Max: 1, Staff: true})
		a.scan(append(pills, "pens", "pens")...)
		if got := a.asks(); !slices.Equal(got, []string{"limit: Pens"}) || a.state.Sale.Held.Article.Name != "Pens" {
			t.Errorf("held %+v, asked %q", a.state.Sale.Held, got)
		}
	})
}

// TestLimitsInAnOldJournal are replayed as they were: one call for all of them.
func TestLimitsInAnOldJournal(t *testing.T) {
	a := newLimitLane(t)
	a.state.Rev = revCall
	a.scan("milk", "pills", "pills", "pills")
	a.recall(1)
	if got := a.asks(); !slices.Equal(got, []string{pillsHeld}) {
		t.Errorf("asked: %q", got)
	}
}
