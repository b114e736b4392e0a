package flow

import (
	"fmt"
	"reflect"
	"testing"

	"kassa/kiosk/bagging"
)

// asking are lanes that ask for a person: scripts after which the last ask is the
// one that is meant.
func asking() map[string]func(*testing.T) *afar {
	doubt := "1s scan milk\n3s touch pay\n4s touch tender value=card\n5s prepared 0421-1-000001/1\n6s charged 0421-1-000001/1 unknown\n40s badge sam"
	alert := doubt + "\n41s touch staff value=payment-not-paid\n42s pin sam right\n43s charged 0421-1-000001/1 approved 119"
	play := func(script string) func(*testing.T) *afar {
		return func(t *testing.T) *afar { return playAfar(t, script) }
	}
	bag := func(kind bagging.Kind, script string) func(*testing.T) *afar {
		return func(t *testing.T) *afar {
			a := playAfar(t, script)
			a.bag(kind)
			return a
		}
	}
	return map[string]func(*testing.T) *afar{
		"call":               play("1s scan milk\n2s touch call"),
		"call about bagging": bag(bagging.Missing, "1s scan milk\n2s touch call value=bagging"),
		"call about price":   play("1s scan milk\n2s touch call value=price"),
		"call about payment": play("1s scan milk\n2s touch call value=payment"),
		"bagging too much":   bag(bagging.Unexpected, "1s scan milk"),
		"bagging wrong":      bag(bagging.Wrong, "1s scan milk"),
		"age":                play("1s scan wine\n2s touch pay"),
		"limit":              play("1s scan pills\n2s scan pills\n3s scan pills"),
		"limit after recall": play("1s scan milk\n2s withdraw 1=recalled\n3s scan pills\n4s scan pills\n5s scan pills"),
		"recall after limit": play("1s scan milk\n3s scan pills\n4s scan pills\n5s scan pills\n6s withdraw 1=recalled"),
		"tag":                play("1s scan jeans\n2s touch pay"),
		"payment in doubt":   play(doubt),
		"alert about money":  play(alert),
		"alert and a doubt": play(alert + "\n44s touch tender value=card\n45s prepared 0421-1-000001/2\n46s charged 0421-1-000001/2 unknown" +
			"\n80s badge anna\n81s touch staff value=leave"),
		"alert after the sale": play(alert + "\n44s touch tender value=card\n45s prepared 0421-1-000001/2\n46s charged 0421-1-000001/2 approved 119"),
	}
}

// TestADeedAndItsCallEndTogether gives every deed that a console can settle a call with to every kind
// of call, alone and beside a shopper's call: it says done exactly when the call
// is over, and what it refuses leaves all as it was.
func TestADeedAndItsCallEndTogether(t *testing.T) {
	deeds := []StaffDeed{
		DeedSettle, DeedHelpDone, DeedWaive, DeedBagOK, DeedBagFixed, DeedBagStory, DeedAgeOK, DeedAgeRefuse, DeedPaid, DeedNotPaid,
		DeedAllow, DeedMessage, DeedLock, DeedQuantity, DeedVoidLine, DeedVoidSale, DeedPark, DeedClose,
	}
	for name, lane := range asking() {
		for _, deed := range deeds {
			for _, calls := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/%t", name, deed, calls), func(t *testing.T) {
					a := lane(t)
					a.rules.AtLane = []InterventionKind{} // the store lets all be settled from afar
					open := a.open()
					if len(open) == 0 {
						t.Fatal("nothing is asked")
					}
					k := open[0]
					if calls {
						a.acts((a.state.Now.Mono + 1e9).String() + " touch call")
					}
					was := a.state
					why := a.command(Commanded{Deed: deed, Call: k.ID, Line: 1, Value: "2", Reason: "explained"})
					after, _ := findAsk(a.rules, a.state.Sale, k.ID)
					if done := why == ""; done == after.Open && a.state.Sale != nil {
						t.Errorf("answered %q, and the call is open: %t", why, after.Open)
					}
					was.Commands, was.Now = a.state.Commands, a.state.Now
					if why != "" && !reflect.DeepEqual(was, a.state) {
						t.Errorf("refused as %q, and done", why)
					}
				})
			}
		}
	}
}

func TestEveryCallHasAWayToEndFromAfar(t *testing.T) {
	for name, lane := range asking() {
		t.Run(name, func(t *testing.T) {
			a := lane(t)
			a.rules.AtLane = []InterventionKind{}
			k := a.open()[0]
			value := ""
			if name == "payment in doubt" {
				value = "paid"
			}
			if why := a.command(Commanded{Deed: DeedSettle, Call: k.ID, Value: value, Reason: "looked"}); why != "" {
				t.Errorf("settle: %q", why)
			}
		})
	}
}

func TestAnExplanationSettlesWhatItWasGivenFor(t *testing.T) {
	a := playAfar(t, "1s scan milk\n2s touch call")
	a.bag(bagging.Wrong)
	asks := a.open()
	if len(asks) != 2 || asks[1].Kind != NeedBagging {
		t.Fatalf("asked: %+v", asks)
	}
	if why := a.command(Commanded{Deed: DeedHelpDone, Call: asks[1].ID, Reason: "explained"}); why != "" {
		t.Fatal(why)
	}
	if left := a.open(); len(left) != 1 || left[0].ID != asks[0].ID || a.state.Sale.Bag.Since != 0 {
		t.Errorf("she waits for %+v", left)
	}
}

func TestWhatSomebodyMaySettleFromAfar(t *testing.T) {
	attendant := Staff{ID: "a17", Role: "attendant", May: permits(false)}
	attendant.May = append(attendant.May, settling(NeedAge, NeedBagging, NeedUnknown, NeedHelp)...)
	for name, want := range map[string]string{
		"call": "", "bagging wrong": "", "age": "", "limit": WhyNotPermitted, "alert about money": WhyNotPermitted, "payment in doubt": WhyNotPermitted,
	} {
		for _, deed := range []StaffDeed{DeedSettle, DeedHelpDone} {
			t.Run(name+"/"+string(deed), func(t *testing.T) {
				a := asking()[name](t)
				a.rules.AtLane = []InterventionKind{}
				if why := a.command(Commanded{Deed: deed, Call: a.open()[0].ID, Staff: attendant, Value: "paid"}); why != want {
					t.Errorf("answered %q, want %q", why, want)
				}
			})
		}
	}
}

// TestACommandInAnOldJournal is replayed as it was done: the shopper's own call
// ended with an explanation that was given for another.
func TestACommandInAnOldJournal(t *testing.T) {
	a := playAfar(t, "1s scan milk\n2s touch call")
	a.bag(bagging.Wrong)
	a.state.Rev = revHold
	n := a.open()[1]
	s, _ := Step(a.rules, a.state, Commanded{
		At: a.when(), ID: "c", Staff: boss(), Deed: DeedHelpDone, Boot: a.state.Run, Number: 1, Call: n.ID,
	})
	if ask, _ := findAsk(a.rules, s.Sale, n.ID); !ask.Open || s.Sale.call() != nil {
		t.Errorf("replayed otherwise: %+v, call %v", ask, s.Sale.call())
	}
}
