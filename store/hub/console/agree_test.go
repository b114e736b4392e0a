package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/help"
	"kassa/kiosk/staff"
	"kassa/store/hub/desk"
	"kassa/store/wire"
)

// till is a lane's own rules behind a desk: what the desk commands, it does.
type till struct {
	rules *flow.Rules
	state flow.State
	t     time.Duration
}

func (l *till) at() flow.At {
	l.t += time.Second
	return flow.At{At: flow.Instant{Mono: l.t, Wall: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).Add(l.t), Clock: flow.ClockSynced}}
}

func (l *till) step(ev flow.Event) { l.state, _ = flow.Step(l.rules, l.state, ev) }

func (l *till) Command(_ context.Context, _ string, c wire.Command) (wire.Result, error) {
	who := flow.Staff{ID: c.By, Role: c.Role}
	for _, p := range staff.Permits(staff.Role(c.Role)) {
		who.May = append(who.May, flow.Permit{Deed: flow.StaffDeed(p.Deed)})
	}
	for _, k := range staff.Settles(staff.Role(c.Role)) {
		who.May = append(who.May, flow.Permit{Deed: flow.Settles(flow.InterventionKind(k))})
	}
	l.step(flow.Commanded{
		At: l.at(), ID: c.ID, Staff: who, Deed: flow.StaffDeed(c.Deed), Boot: c.Boot, Number: c.Number, Call: c.Call, Version: c.Version,
		Line: c.Line, Value: c.Value, Reason: c.Reason,
	})
	d, known := l.state.Answer(c.ID)
	return wire.Result{ID: c.ID, OK: known && d.Why == "", Why: d.Why}, nil
}

func (l *till) Tell(string, wire.CallDown) {}
func (l *till) Show(string, time.Duration) {}

// asks opens a sale with a shopper's call for a reason, or a question of the
// bagging check and her call beside it.
func asks(t *testing.T, reason string, kind bagging.Kind) (*till, flow.Ask) {
	t.Helper()
	br, err := basket.NewRules(basket.Rules{Tax: basket.Tax{Inclusive: true, Classes: []basket.Class{{ID: "A", Name: "7 %", RatesPPM: []int64{70000}}}}})
	if err != nil {
		t.Fatal(err)
	}
	l := &till{rules: &flow.Rules{
		Store: "0421", Lane: "1", Currency: "EUR", Languages: []string{"en"}, Basket: br, Bagging: flow.BagCheck, Receipt: "ask",
		AtLane: []flow.InterventionKind{}, Timing: flow.Timing{Idle: time.Hour, Empty: time.Hour, Grace: time.Hour, Check: time.Hour},
	}}
	l.step(flow.Started{At: l.at(), Run: "b1", Rev: flow.Rev})
	l.step(flow.Touched{At: l.at(), Act: flow.ActCall, Value: reason})
	if kind != "" {
		l.step(flow.Bagged{At: l.at(), Decision: bagging.Decision{T: l.t, Verdict: bagging.Call, Kind: kind, Line: 1, ExpectedG: 10, SeenG: 20}})
	}
	all := flow.Asks(l.rules, l.state.Sale)
	if len(all) == 0 {
		t.Fatal("nothing is asked")
	}
	return l, all[len(all)-1]
}

// Every way that the page offers for a call is given to the lane's own rules: the
// desk takes the call for settled exactly when the lane does.
func TestDeskAndLaneAgreeAfterEveryWay(t *testing.T) {
	policy, far := help.DefaultPolicy(), false
	policy.Rules = map[help.Reason]help.Rule{}
	for _, area := range []help.Reason{help.AreaAge, help.AreaPayment, help.AreaSafety, help.AreaDevice} {
		policy.Rules[area] = help.Rule{Presence: &far}
	}
	type asked struct {
		reason string
		kind   bagging.Kind
	}
	var all []asked
	for _, r := range []string{"", "bagging", "age", "payment", "price", "article.scan", "device", "how.card", "buy.want", "safety"} {
		all = append(all, asked{reason: r})
	}
	for _, k := range []bagging.Kind{bagging.Unexpected, bagging.Wrong, bagging.Missing} {
		all = append(all, asked{kind: k})
	}
	for _, a := range all {
		done := 0
		for i := range ways(reasonOf(t, a.reason, a.kind)) {
			l, ask := asks(t, a.reason, a.kind)
			w := ways(ask.Reason.Area())[i]
			t.Run(fmt.Sprintf("%s%s/%s", ask.Reason, a.kind, w.Reason), func(t *testing.T) {
				done += settles(t, policy, l, ask, w)
			})
		}
		if done == 0 {
			t.Errorf("no way settles %+v", a)
		}
	}
}

func reasonOf(t *testing.T, reason string, kind bagging.Kind) help.Reason {
	t.Helper()
	_, ask := asks(t, reason, kind)
	return ask.Reason.Area()
}

// settles settles a lane's call in one way and returns 1 if it was done.
func settles(t *testing.T, policy help.Policy, l *till, ask flow.Ask, w way) int {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	began := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).Add(l.t)
	now := func() time.Time { return began }
	d, err := desk.Open(ctx, desk.Options{Dir: t.TempDir(), Policy: policy, Lanes: l, Name: func(id string) string { return id }, Now: now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	defer func() {
		cancel()
		if err := errors.Join(<-ended, d.Close()); err != nil {
			t.Error(err)
		}
	}()
	down, err := d.Heard(ctx, "1", wire.CallUp{
		ID: ask.ID, Verb: wire.CallRaise, Boot: "b1", Reason: string(ask.Reason), RaisedAt: ask.RaisedAt, Context: wire.Context{Number: l.state.Sale.Number},
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.Settle(ctx, desk.Settlement{
		Call: ask.ID, Version: down.Version, By: "a9", Role: string(staff.Manager), Reason: w.Reason, Deed: w.Deed, Boot: "b1",
	})
	open := false
	for _, a := range flow.Asks(l.rules, l.state.Sale) {
		open = open || a.ID == ask.ID && a.Open
	}
	if _, refused := errors.AsType[desk.RefusedError](err); err != nil && !refused {
		t.Fatal(err)
	}
	if (err != nil) != open || err == nil && c.State.Open() {
		t.Errorf("%s: the desk says %s (%v), the lane has it open: %t", w.Deed, c.State, err, open)
	}
	if err == nil {
		return 1
	}
	return 0
}
