package help

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func crew(roles ...string) []Agent {
	var all []Agent
	for i, role := range roles {
		all = append(all, Agent{ID: fmt.Sprintf("a%d", i+1), Role: role, Languages: []string{"en"}, OnDuty: true})
	}
	return all
}

func raise(t *testing.T, b Board, id string, r Reason, at time.Time) Board {
	t.Helper()
	b, _, err := b.Raise(DefaultPolicy(), Call{ID: id, Lane: "1", Reason: r, Language: "en", RaisedAt: at}, at)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFirstClaimWins(t *testing.T) {
	p := DefaultPolicy()
	b := raise(t, Board{}, "1-7/1", "bagging.too-much", noon)
	b, c, err := b.Apply(p, Deed{Call: "1-7/1", Version: 1, Verb: DoClaim, By: "a1"}, noon)
	if err != nil || c.State != Claimed || c.By != "a1" {
		t.Fatalf("claim: %+v, %v", c, err)
	}
	_, c, err = b.Apply(p, Deed{Call: "1-7/1", Version: 1, Verb: DoClaim, By: "a2"}, noon)
	if !errors.Is(err, ErrTaken) || c.By != "a1" {
		t.Errorf("second claim: by %q, %v, want %v", c.By, err, ErrTaken)
	}
	if _, c, err = b.Apply(p, Deed{Call: "1-7/1", Version: 1, Verb: DoClaim, By: "a1"}, noon); err != nil || c.Version != 2 {
		t.Errorf("double tap: version %d, %v", c.Version, err)
	}
}

func TestStaleTapSettlesNothing(t *testing.T) {
	p := DefaultPolicy()
	b := raise(t, Board{}, "x/1", "price", noon)
	b, _, _ = b.Apply(p, Deed{Call: "x/1", Version: 1, Verb: DoClaim, By: "a1"}, noon)
	b, _, _ = b.Apply(p, Deed{Call: "x/1", Version: 2, Verb: DoRelease, By: "a1"}, noon)
	_, c, err := b.Apply(p, Deed{Call: "x/1", Version: 2, Verb: DoSettle, By: "a1", Reason: "checked"}, noon)
	if !errors.Is(err, ErrStale) || !c.State.Open() {
		t.Errorf("stale settle: %s, %v, want %v", c.State, err, ErrStale)
	}
	b, _, _ = b.Apply(p, Deed{Call: "x/1", Verb: DoEnd, By: "lane"}, noon)
	if _, _, err = b.Apply(p, Deed{Call: "x/1", Version: 4, Verb: DoSettle, By: "a1"}, noon); !errors.Is(err, ErrGone) {
		t.Errorf("settling what is over: %v, want %v", err, ErrGone)
	}
}

func TestPresence(t *testing.T) {
	p := DefaultPolicy()
	b := raise(t, Board{}, "x/1", AreaAge, noon)
	far := Deed{Call: "x/1", Version: 1, Verb: DoSettle, By: "a1", Reason: "of age"}
	if _, _, err := b.Apply(p, far, noon); !errors.Is(err, ErrPresence) {
		t.Errorf("from afar: %v, want %v", err, ErrPresence)
	}
	far.AtLane = true
	if _, c, err := b.Apply(p, far, noon); err != nil || c.State != Settled || c.Remote {
		t.Errorf("at the lane: %+v, %v", c, err)
	}
	no := false
	p.Rules = map[Reason]Rule{AreaAge: {Presence: &no}}
	b = Board{}
	b, _, _ = b.Raise(p, Call{ID: "x/1", Reason: AreaAge}, noon)
	far.AtLane = false
	if _, c, err := b.Apply(p, far, noon); err != nil || !c.Remote {
		t.Errorf("where the store allows it: %+v, %v", c, err)
	}
}

func TestUndo(t *testing.T) {
	p := DefaultPolicy()
	b := raise(t, Board{}, "x/1", "price", noon)
	b, _, _ = b.Apply(p, Deed{Call: "x/1", Version: 1, Verb: DoSettle, By: "a1", Reason: "ok"}, noon)
	undo := Deed{Call: "x/1", Version: 2, Verb: DoUndo, By: "a1"}
	if _, _, err := b.Apply(p, undo, noon.Add(6*time.Second)); !errors.Is(err, ErrTooLate) {
		t.Errorf("after six seconds: %v, want %v", err, ErrTooLate)
	}
	if _, c, err := b.Apply(p, undo, noon.Add(4*time.Second)); err != nil || c.State != Claimed || c.By != "a1" {
		t.Errorf("after four: %+v, %v", c, err)
	}
	undo.By = "a2"
	if _, _, err := b.Apply(p, undo, noon); !errors.Is(err, ErrTaken) {
		t.Errorf("by another: %v, want %v", err, ErrTaken)
	}
}

func TestTiersCountFromRaised(t *testing.T) {
	p := DefaultPolicy()
	people := crew("attendant", "supervisor", "manager")
	c := Call{ID: "x/1", Reason: "bagging", Language: "en", RaisedAt: noon}
	for _, tt := range []struct {
		after time.Duration
		tier  int
		ids   []string
		exits []string
		next  time.Duration
	}{
		{0, 0, []string{"a1", "a2", "a3"}, nil, 30 * time.Second},
		{29 * time.Second, 0, []string{"a1", "a2", "a3"}, nil, time.Second},
		{30 * time.Second, 1, []string{"a1", "a2", "a3"}, nil, time.Minute},
		{180 * time.Second, 3, []string{"a1", "a2", "a3"}, []string{"pager"}, 0},
	} {
		got := p.Ask(c, people, noon.Add(tt.after))
		if got.Tier != tt.tier || !slices.Equal(got.Agents, tt.ids) || !slices.Equal(got.Exits, tt.exits) || got.Next != tt.next {
			t.Errorf("after %v: %+v", tt.after, got)
		}
	}
}

// At three in the morning nobody of the store is there: the centre is asked at
// once, and if nobody is there either the pager is.
func TestNightPassesEmptyTiersOver(t *testing.T) {
	p := DefaultPolicy()
	c := Call{ID: "x/1", Reason: "how", Language: "id", RaisedAt: noon}
	far := Agent{ID: "c1", Role: "agent", Site: "centre", Languages: []string{"id"}, OnDuty: true}
	got := p.Ask(c, []Agent{far}, noon)
	if got.Tier != 2 || !slices.Equal(got.Agents, []string{"c1"}) || got.Foreign {
		t.Errorf("with a centre: %+v", got)
	}
	if got = p.Ask(c, nil, noon); got.Tier != 3 || !slices.Equal(got.Exits, []string{"pager"}) {
		t.Errorf("with nobody: %+v", got)
	}
}

func TestLanguageAndSkillComeFirst(t *testing.T) {
	p := DefaultPolicy()
	p.Rules = map[Reason]Rule{"payment": {Skill: "terminals"}}
	people := crew("attendant", "attendant", "attendant")
	people[1].Languages = []string{"ar"}
	people[2].Skills = []string{"terminals"}
	c := Call{ID: "x/1", Reason: "bagging", Language: "ar", RaisedAt: noon}
	if got := p.Ask(c, people, noon); !slices.Equal(got.Agents, []string{"a2"}) || got.Foreign {
		t.Errorf("Arabic: %+v", got)
	}
	c.Reason = "payment.unsure"
	if got := p.Ask(c, people, noon); !slices.Equal(got.Agents, []string{"a3"}) || !got.Foreign {
		t.Errorf("skill: %+v", got)
	}
}

func TestWhoDoesNotComeLosesIt(t *testing.T) {
	p := DefaultPolicy()
	people := crew("attendant", "supervisor")
	b := raise(t, Board{}, "x/1", "bagging", noon)
	b, _, _ = b.Apply(p, Deed{Call: "x/1", Version: 1, Verb: DoClaim, By: "a1"}, noon)
	b, changes, next := b.Tick(p, people, noon.Add(119*time.Second))
	if len(changes) != 0 || next != time.Second {
		t.Fatalf("early: %+v, next %v", changes, next)
	}
	b, changes, _ = b.Tick(p, people, noon.Add(120*time.Second))
	if len(changes) != 1 || !changes[0].Returned || !slices.Equal(changes[0].Asked.Agents, []string{"a2"}) {
		t.Fatalf("returned: %+v", changes)
	}
	if c, _ := b.Call("x/1"); c.State != Raised || c.By != "" || c.Bumps != 1 {
		t.Errorf("on the board: %+v", c)
	}
}

func TestQueueOrderAndExpectation(t *testing.T) {
	b := raise(t, Board{}, "a", "device.paper", noon)
	b = raise(t, b, "b", "bagging", noon.Add(time.Second))
	b = raise(t, b, "c", "payment.unsure", noon.Add(2*time.Second))
	b = raise(t, b, "d", "bagging", noon)
	var ids []string
	for _, c := range b.Queue() {
		ids = append(ids, c.ID)
	}
	if !slices.Equal(ids, []string{"c", "d", "b", "a"}) {
		t.Errorf("queue %v", ids)
	}
	if place, wait := b.Expect("b", 2, 40*time.Second); place != 3 || wait != 80*time.Second {
		t.Errorf("b: place %d, wait %v", place, wait)
	}
}

// A random evening: whatever people and time do, a call stays on the board until
// it is settled, taken back or ended, it is settled at most once, and somebody
// is always asked while anybody is there.
func TestNoCallIsForgotten(t *testing.T) {
	for seed := range uint64(200) {
		evening(t, seed)
	}
}

func evening(t *testing.T, seed uint64) {
	t.Helper()
	p := DefaultPolicy()
	r := rand.New(rand.NewPCG(seed, 1))
	people := crew("attendant", "attendant", "supervisor", "manager")
	reasons := []Reason{"bagging.too-much", "age", "payment.unsure", "how", "device.paper"}
	b, now, ended := Board{}, noon, map[string]int{}
	raised := 0
	for range 300 {
		now = now.Add(time.Duration(r.IntN(20)) * time.Second)
		if r.IntN(3) == 0 {
			raised++
			b = raise(t, b, fmt.Sprint("c", raised), reasons[r.IntN(len(reasons))], now)
		}
		b, _, _ = b.Tick(p, people, now)
		for _, c := range b.Queue() {
			if asked := p.Ask(c, people, now); c.State != Claimed && len(c.Passed) == 0 && len(asked.Agents) == 0 {
				t.Fatalf("seed %d: nobody is asked for %+v", seed, c)
			}
		}
		if len(b.Calls) == 0 {
			continue
		}
		c := b.Calls[r.IntN(len(b.Calls))]
		d := Deed{
			Call: c.ID, Version: c.Version - r.IntN(2), By: people[r.IntN(len(people))].ID, Reason: "ok", AtLane: r.IntN(2) == 0,
			Verb: []Verb{DoSee, DoClaim, DoClaim, DoRelease, DoSettle, DoSettle, DoUndo, DoCancel, DoEnd}[r.IntN(9)],
		}
		after, got, err := b.Apply(p, d, now)
		switch {
		case err != nil && (got.Version != c.Version || got.State != c.State):
			t.Fatalf("seed %d: refused %+v changed %+v to %+v", seed, d, c, got)
		case err == nil && c.State.Open() && !got.State.Open():
			ended[c.ID]++
		case err == nil && !c.State.Open() && got.State.Open():
			ended[c.ID]--
		}
		b = after
	}
	for _, c := range b.Calls {
		if c.State.Open() {
			ended[c.ID]++
		}
	}
	for i := range raised {
		if n := ended[fmt.Sprint("c", i+1)]; n != 1 {
			t.Fatalf("seed %d: call c%d was ended or left open %d times", seed, i+1, n)
		}
	}
}

func TestPolicyCheckNamesThePlace(t *testing.T) {
	p := Policy{
		Tiers: []Tier{{Name: "floor", After: time.Second}, {Name: "boss", After: time.Second}},
		Rules: map[Reason]Rule{"nonsense": {}, "age": {From: 2}},
	}
	err := p.Check()
	for _, want := range []string{"tier floor", "tier boss", `"nonsense"`, "reason age: from = 2"} {
		if err == nil || !contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	if err := DefaultPolicy().Check(); err != nil {
		t.Error(err)
	}
}

// What the store itself wants looked into stands before no shopper, makes no flood,
// and may take longer; somebody else is asked of it in time all the same.
func TestHouseIsNobodyWhoWaits(t *testing.T) {
	p := DefaultPolicy()
	b := Board{}
	for i := range 30 {
		var err error
		if b, _, err = b.Raise(p, Call{ID: fmt.Sprintf("hub:ticket:%d", i), Lane: "1", Reason: "after.twice", House: true, RaisedAt: noon}, noon); err != nil {
			t.Fatal(err)
		}
	}
	b, _, err := b.Raise(p, Call{ID: "1-1/1", Lane: "1", Reason: "age", RaisedAt: noon.Add(time.Second)}, noon.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	b, _, err = b.Raise(p, Call{ID: "1-1/2", Lane: "1", Reason: "after.receipt", RaisedAt: noon.Add(time.Second)}, noon.Add(time.Second))
	if q := b.Queue(); err != nil || q[0].ID != "1-1/1" || q[1].ID != "1-1/2" {
		t.Errorf("a person takes %s and %s first, %v", q[0].ID, q[1].ID, err)
	}
	if place, wait := b.Expect("1-1/1", 1, time.Minute); place != 1 || wait != time.Minute {
		t.Errorf("she is told place %d, %v", place, wait)
	}
	if groups, flood := p.Flooded(b.Calls, 1, noon.Add(2*time.Second)); flood {
		t.Errorf("a flood: %+v", groups)
	}
	b, c, err := b.Apply(p, Deed{Call: "hub:ticket:0", Version: 1, Verb: DoClaim, By: "amina"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if c.Back(p) != 10*p.Return {
		t.Errorf("it goes back after %v", c.Back(p))
	}
	for after, state := range map[time.Duration]State{5 * p.Return: Claimed, 10 * p.Return: Raised} {
		later, _, _ := b.Tick(p, nil, noon.Add(after))
		if now, _ := later.Call(c.ID); now.State != state {
			t.Errorf("after %v it is %s, want %s", after, now.State, state)
		}
	}
	later, _, _ := b.Tick(p, nil, noon.Add(p.Tiers[1].After))
	if now, _ := later.Call("hub:ticket:1"); now.Tier == 0 {
		t.Error("nobody else is asked")
	}
}
