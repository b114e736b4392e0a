package flow

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/help"
)

// boss may do all that can be done from afar.
func boss() Staff {
	s := Staff{ID: "a9", Role: "manager"}
	for _, d := range []StaffDeed{
		DeedMessage, DeedQuantity, DeedWaive, DeedLock, DeedUnlock, DeedSettle, DeedAgeOK, DeedAgeRefuse, DeedBagOK,
		DeedBagFixed, DeedHelpDone, DeedAllow, DeedPrice, DeedVoidSale, DeedVoidLine, DeedPark, DeedOpen, DeedClose,
		DeedPaid, DeedNotPaid, DeedReprint,
	} {
		s.May = append(s.May, Permit{Deed: d, PIN: true})
	}
	s.May = append(s.May, settling(
		NeedAge, NeedBagging, NeedPrice, NeedUnknown, NeedQuantity, NeedLimit, NeedTag, NeedRefund, NeedAudit, NeedPayment, NeedDevice, NeedHelp)...)
	return s
}

func settling(kinds ...InterventionKind) (may []Permit) {
	for _, k := range kinds {
		may = append(may, Permit{Deed: Settles(k)})
	}
	return may
}

// afar is a lane that hears commands.
type afar struct {
	*player
	t  *testing.T
	no int
}

func playAfar(t *testing.T, script string) *afar {
	t.Helper()
	a := &afar{player: &player{rules: testShop(t)}, t: t}
	a.acts("0s start", "0s up printer", "0s up bagging", "0s up terminal")
	for line := range strings.SplitSeq(strings.TrimSpace(script), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			a.acts(line)
		}
	}
	return a
}

func (a *afar) acts(lines ...string) {
	a.t.Helper()
	for _, line := range lines {
		if err := a.act(strings.Fields(line)); err != nil {
			a.t.Fatalf("%s: %v", line, err)
		}
		a.no++
		a.checkRecovery(a.t, a.no)
	}
}

func (a *afar) when() At {
	now := a.state.Now
	now.Mono += 100 * time.Millisecond
	now.Wall = now.Wall.Add(100 * time.Millisecond)
	return At{now}
}

// command gives a command of the sale on the screen and returns why it was not
// done.
func (a *afar) command(c Commanded) string {
	a.t.Helper()
	c.At = a.when()
	if c.Staff.ID == "" {
		c.Staff = boss()
	}
	if c.Boot == "" {
		c.Boot = a.state.Run
	}
	if c.Number == 0 && a.state.Sale != nil {
		c.Number = a.state.Sale.Number
	}
	a.no++
	if c.ID == "" {
		c.ID = fmt.Sprintf("c%d", a.no)
	}
	a.step(c, "")
	a.checkRecovery(a.t, a.no)
	d, ok := a.state.Answer(c.ID)
	if !ok {
		a.t.Fatalf("no answer to %+v", c)
	}
	return d.Why
}

func (a *afar) open() []Ask {
	var open []Ask
	for _, k := range Asks(a.rules, a.state.Sale) {
		if k.Open {
			open = append(open, k)
		}
	}
	return open
}

func (a *afar) bag(kind bagging.Kind) {
	d := bagging.Decision{T: a.state.Now.Mono, Verdict: bagging.Call, Kind: kind, Line: 1, ExpectedG: 1035, SeenG: 1500, PUnpaid: 0.9}
	a.step(Bagged{At: a.when(), Decision: d}, "")
}

func TestAShoppersCallIsSettledFromAfar(t *testing.T) {
	a := playAfar(t, "1s scan milk\n2s touch call")
	asks := a.open()
	if len(asks) != 1 || asks[0].Reason != "help.button" || asks[0].ID != "1-000001/1" {
		t.Fatalf("asked: %+v", asks)
	}
	id := asks[0].ID
	a.step(CallHeard{At: a.when(), ID: id, State: help.Raised, Version: 1, Place: 2, Wait: time.Minute}, "")
	if v := Look(a.rules, a.state); v.Call == nil || v.Call.Place != 2 || v.Call.Wait != time.Minute || v.Call.State != CallCalled {
		t.Errorf("she sees %+v", v.Call)
	}
	a.step(CallHeard{At: a.when(), ID: id, State: help.Claimed, Version: 3, Name: "Amina"}, "")
	a.step(CallHeard{At: a.when(), ID: id, State: help.Raised, Version: 2}, "") // late
	if v := Look(a.rules, a.state); v.Call.State != CallComing || v.Call.Who != "Amina" {
		t.Errorf("she sees %+v", v.Call)
	}
	a.acts("8s scan pens") // she goes on meanwhile
	if why := a.command(Commanded{Deed: DeedSettle, Call: id, Version: 2, Reason: "explained"}); why != WhyStale {
		t.Errorf("a tap on an older version: %q", why)
	}
	first := Commanded{ID: "x", Deed: DeedSettle, Call: id, Version: 3, Reason: "explained"}
	if why := a.command(first); why != "" {
		t.Fatalf("not settled: %s", why)
	}
	written := len(a.all)
	if why := a.command(first); why != "" || len(a.all) != written {
		t.Errorf("the same command again: %q, %d records more", why, len(a.all)-written)
	}
	if why := a.command(Commanded{ID: "y", Deed: DeedSettle, Call: id, Version: 3}); why != WhyStale {
		t.Errorf("another command for a call that is over: %q", why)
	}
	c := a.state.Sale.Calls[0]
	if c.State != CallDone || c.By != "a9" || c.Outcome != "explained" || c.From != "console" {
		t.Errorf("the call is %+v", c)
	}
	if n := a.state.Sale.Needs[0]; !n.Settled || n.From != "console" {
		t.Errorf("the intervention is %+v", n)
	}
	if v := Look(a.rules, a.state); v.Survey == nil || !v.Acts[ActSurvey] {
		t.Fatal("she is not asked how it was")
	}
	a.acts("9s touch survey value=no", "10s touch survey value=2")
	k := Asks(a.rules, a.state.Sale)[0]
	if k.Rating != 2 || k.Solved == nil || *k.Solved {
		t.Errorf("what she said: %+v", k)
	}
	if v := Look(a.rules, a.state); v.Survey != nil {
		t.Error("she is asked again")
	}
}

func TestCommandsThatNoLongerFit(t *testing.T) {
	attendant := Staff{ID: "a17", Role: "attendant", May: permits(false)}
	for _, c := range []struct {
		name string
		cmd  Commanded
		want string
	}{
		{"of another run", Commanded{Deed: DeedVoidLine, Line: 1, Boot: "before"}, WhyStale},
		{"of another sale", Commanded{Deed: DeedVoidLine, Line: 1, Number: 7}, WhyStale},
		{"a line that is not there", Commanded{Deed: DeedVoidLine, Line: 9}, WhyUnfit},
		{"nothing held back", Commanded{Deed: DeedAllow}, WhyUnfit},
		{"no price", Commanded{Deed: DeedPrice, Line: 1, Value: "cheap"}, WhyUnfit},
		{"a supervisor's deed", Commanded{Deed: DeedPrice, Line: 1, Value: "100", Staff: attendant}, WhyNotPermitted},
		{"needs eyes", Commanded{Deed: DeedAgeOK}, WhyPresence},
		{"needs hands", Commanded{Deed: DeedReprint}, WhyPresence},
		{"of a newer console", Commanded{Deed: "dance"}, WhyUnknown},
		{"an empty message", Commanded{Deed: DeedMessage, Value: "  "}, WhyUnfit},
		{"no such call", Commanded{Deed: DeedSettle, Call: "1-000001/9"}, WhyStale},
		{"no pieces", Commanded{Deed: DeedQuantity, Line: 1, Value: "0"}, WhyUnfit},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := playAfar(t, "1s scan wine")
			was := a.state.Sale.Basket.Total
			if why := a.command(c.cmd); why != c.want {
				t.Errorf("answered %q, want %q", why, c.want)
			}
			if a.state.Sale == nil || a.state.Sale.Basket.Total != was {
				t.Error("it was done all the same")
			}
		})
	}
}

func TestDeedsFromAfar(t *testing.T) {
	a := playAfar(t, "1s scan milk\n2s scan pens")
	for _, c := range []struct {
		cmd   Commanded
		total int64
	}{
		{Commanded{Deed: DeedQuantity, Line: 2, Value: "3"}, 119 + 258},
		{Commanded{Deed: DeedPrice, Line: 1, Value: "100", Reason: "damaged"}, 100 + 258},
		{Commanded{Deed: DeedVoidLine, Line: 2}, 100},
		{Commanded{Deed: DeedMessage, Value: "A colleague comes at once."}, 100},
		{Commanded{Deed: DeedWaive, Line: 1}, 100},
		{Commanded{Deed: DeedLock}, 100},
	} {
		if why := a.command(c.cmd); why != "" {
			t.Fatalf("%s: %s", c.cmd.Deed, why)
		}
		if got := int64(a.state.Sale.Basket.Total); got != c.total {
			t.Errorf("after %s the total is %d, want %d", c.cmd.Deed, got, c.total)
		}
	}
	v := Look(a.rules, a.state)
	if v.Screen != ScreenCheck || v.Acts[ActPay] || !v.Acts[ActCall] || v.Message == "" {
		t.Errorf("a locked lane shows %s, message %q, acts %v", v.Screen, v.Message, v.Acts)
	}
	a.acts("20s scan milk")
	if a.state.Sale.Basket.Total != 100 {
		t.Error("a locked lane takes articles")
	}
	if why := a.command(Commanded{Deed: DeedUnlock}); why != "" {
		t.Fatal(why)
	}
	a.acts("21s touch told", "22s scan milk")
	if a.state.Sale.Basket.Total != 219 || a.state.Sale.Message != nil {
		t.Errorf("unlocked: total %d, message %v", a.state.Sale.Basket.Total, a.state.Sale.Message)
	}
	a.acts("22s badge anna") // somebody stands there; their page stays
	if why := a.command(Commanded{Deed: DeedPark}); why != "" || a.state.Sale.State != SaleParked {
		t.Errorf("parked: %q, %s", why, a.state.Sale.State)
	}
	if a.state.Staff == nil || a.state.Staff.ID != "a17" {
		t.Error("the page of who stands at the lane is gone")
	}
}

func TestABaggingQuestionIsSettledFromAfarOnce(t *testing.T) {
	a := playAfar(t, "1s scan milk")
	a.bag(bagging.Unexpected)
	asks := a.open()
	if len(asks) != 1 || asks[0].Reason != "bagging.too-much" {
		t.Fatalf("asked: %+v", asks)
	}
	a.acts("2s badge anna", "3s touch staff value=bagging-ok") // somebody was quicker
	if why := a.command(Commanded{Deed: DeedSettle, Call: asks[0].ID, Version: 1}); why != WhyStale {
		t.Errorf("settled twice: %q", why)
	}
	k := Asks(a.rules, a.state.Sale)[0]
	if k.Open || k.By != "a17" || a.state.Sale.Needs[0].From != "" {
		t.Errorf("the ask is %+v", k)
	}
}

func TestAgeIsAskedForOnlyWhenPaymentWaits(t *testing.T) {
	a := playAfar(t, "1s scan wine")
	if asks := a.open(); len(asks) != 0 {
		t.Fatalf("asked before she wants to pay: %+v", asks)
	}
	a.acts("2s touch pay")
	asks := a.open()
	if len(asks) != 1 || asks[0].Reason != "age" {
		t.Fatalf("asked: %+v", asks)
	}
	if why := a.command(Commanded{Deed: DeedSettle, Call: asks[0].ID}); why != WhyPresence {
		t.Errorf("age looked at from afar: %q", why)
	}
	a.rules.AtLane = []InterventionKind{NeedPayment}
	if why := a.command(Commanded{Deed: DeedSettle, Call: asks[0].ID}); why != "" {
		t.Errorf("the store allows it: %q", why)
	}
	if v := Look(a.rules, a.state); v.Screen != ScreenTender {
		t.Errorf("she goes on at %s", v.Screen)
	}
}

func TestACallThatTheStoreEndsIsOver(t *testing.T) {
	a := playAfar(t, "1s scan milk\n2s touch call")
	a.step(CallHeard{At: a.when(), ID: "1-000001/1", State: help.Settled, Version: 4, Outcome: "lane restarted"}, "")
	if a.state.Sale.call() != nil {
		t.Error("she waits for nobody")
	}
	a.acts("4s touch call")
	if asks := a.open(); len(asks) != 1 || asks[0].ID != "1-000001/2" {
		t.Errorf("she cannot call again: %+v", asks)
	}
}

func TestWhatWasReadStandsOnRecord(t *testing.T) {
	a := playAfar(t, `1s scan milk
		2s touch help
		3s touch search value=fla
		4s touch search value=flamingo
		5s touch search value=flam
		6s touch article value=scan
		7s touch find
		8s touch back`)
	if a.state.Sale.Page != PageBasket {
		t.Fatalf("page %s", a.state.Sale.Page)
	}
	a.acts("9s touch call value=price")
	c := a.state.Sale.Calls[0]
	want := []Read{{Search: "flamingo"}, {Article: "scan", Did: "find"}}
	if fmt.Sprint(c.Reads) != fmt.Sprint(want) {
		t.Errorf("read before: %+v, want %+v", c.Reads, want)
	}
	facts := callFacts(a.state.Sale)
	if len(facts) != 1 || len(facts[0].Reads) != 2 {
		t.Errorf("on record: %+v", facts)
	}
}

func TestReadingAloneIsAContactThatCallsNobody(t *testing.T) {
	a := playAfar(t, "1s scan milk\n2s touch help\n3s touch article value=card\n4s touch back\n5s badge sam\n6s touch staff value=park\n7s touch start")
	s := a.state.Last
	if s == nil || len(s.Calls) != 1 || s.Calls[0].Reason != "how.card" || s.Calls[0].Outcome != "read" {
		t.Fatalf("the contact: %+v", s)
	}
	if asks := Asks(a.rules, s); len(asks) != 0 {
		t.Errorf("somebody is asked: %+v", asks)
	}
}

func TestUrgentReasonsSkipTheArticles(t *testing.T) {
	a := playAfar(t, "1s scan wine\n2s touch pay\n3s touch help")
	if a.state.Sale.Page == PageHelp || a.state.Sale.call() == nil {
		t.Errorf("page %s, call %v", a.state.Sale.Page, a.state.Sale.call())
	}
}

// TestRandomCommands gives a lane commands of any run, sale and call, some of
// them twice, while she shops: one id is done once, and the lane comes back from
// its journal as it stood.
func TestRandomCommands(t *testing.T) {
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		a := playAfar(t, "1s scan milk\n2s scan wine")
		scripts := []string{
			"scan pens", "scan milk", "touch call", "touch pay", "touch back", "touch cancel-call", "touch help", "badge sam", "touch survey value=yes",
		}
		deeds := boss().May
		given := map[string]string{}
		for i := range 60 {
			at := (a.state.Now.Mono + 700*time.Millisecond).String() + " "
			if rnd.IntN(2) == 0 {
				a.acts(at + scripts[rnd.IntN(len(scripts))])
				continue
			}
			c := Commanded{ID: fmt.Sprint(rnd.IntN(i + 1)), Deed: deeds[rnd.IntN(len(deeds))].Deed, Line: rnd.IntN(4), Value: fmt.Sprint(rnd.IntN(3))}
			if rnd.IntN(4) == 0 {
				c.Boot = "before"
			}
			if rnd.IntN(4) == 0 {
				c.Number = int64(rnd.IntN(3))
			}
			if open := a.open(); len(open) > 0 {
				c.Call, c.Version = open[rnd.IntN(len(open))].ID, rnd.IntN(3)
			}
			_, twice := given[c.ID]
			before, records := a.state, len(a.all)
			why := a.command(c)
			if twice && (why != given[c.ID] || len(a.all) != records) {
				t.Fatalf("seed %d: command %s again: %q after %q", seed, c.ID, why, given[c.ID])
			}
			if !twice && c.Boot == "before" && why == "" {
				t.Fatalf("seed %d: a command of another run was done", seed)
			}
			if why != "" && before.Sale != nil && (a.state.Sale == nil || a.state.Sale.Basket.Total != before.Sale.Basket.Total) {
				t.Fatalf("seed %d: %s was refused as %s and done", seed, c.Deed, why)
			}
			given[c.ID] = why
		}
	}
}
