package hub_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"kassa/store/wire"
)

// saysCall says something of a call with the lane's real credentials, and waits for
// the answer; false: there is none.
func saysCall(t *testing.T, nc *nats.Conn, lane string, up wire.CallUp) (answered bool) {
	t.Helper()
	data, err := wire.Encode(up)
	must(t, err)
	_, err = nc.Request(wire.Up(storeName, lane, wire.UpCall), data, 5*time.Second)
	return err == nil
}

// Lanes whose names begin alike raise calls, and none can raise, end or rate
// another's.
func TestNoLaneSpeaksOfAnothersCall(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	one, other := s.join("7"), s.join("7-1")
	for r, ids := range map[*register][]string{one: {"7-000001/1", "7-000001/n2"}, other: {"7-1-000001/1"}} {
		for _, id := range ids {
			r.raise(id)
			if c := s.call(id); c.Lane != r.id {
				t.Fatalf("%s is of lane %s", id, c.Lane)
			}
		}
	}
	seven, next := one.raw(), other.raw()
	inbox := wire.Inbox(storeName, "7") + ".strays"
	strays, err := seven.SubscribeSync(inbox)
	must(t, err)
	say := func(nc *nats.Conn, lane, id string, verb wire.CallVerb) {
		data, err := wire.Encode(wire.CallUp{ID: id, Verb: verb, Reason: "bagging", RaisedAt: time.Now(), By: "a9"})
		must(t, err)
		must(t, nc.PublishRequest(wire.Up(storeName, lane, wire.UpCall), wire.Inbox(storeName, lane)+".strays", data))
	}
	for _, verb := range []wire.CallVerb{wire.CallRaise, wire.CallClaim, wire.CallEnd, wire.CallCancel, wire.CallRate} {
		for _, id := range []string{"7-1-000001/1", "7-1-000009/1", "8-000001/1", "hub:lane:7", "7-/1", "7-1", "7-1/", "7-1/n", "7-1/nn1", "7-1/1 ", ""} {
			say(seven, "7", id, verb)
		}
		say(next, "7-1", "7-000001/1", verb)
	}
	// The hub takes what lanes say in its order: behind these answers come none of those.
	for lane, nc := range map[string]*nats.Conn{"7": seven, "7-1": next} {
		if ok := saysCall(t, nc, lane, wire.CallUp{ID: lane + "-2/1", Verb: wire.CallRaise, Reason: "bagging", RaisedAt: time.Now()}); !ok {
			t.Fatalf("lane %s is not answered", lane)
		}
	}
	if m, err := strays.NextMsg(time.Millisecond); err == nil {
		t.Errorf("lane 7 is answered %s", m.Data)
	}
	for id, lane := range map[string]string{"7-000001/1": "7", "7-000001/n2": "7", "7-1-000001/1": "7-1"} {
		if c := s.call(id); c.Lane != lane || c.By != "" {
			t.Errorf("%s is %+v", id, c)
		}
	}
}

// A lane that names another's subject for its answer gets none, and the other
// hears nothing.
func TestTheHubAnswersOnlyWhoAsked(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	one, two := s.join("1").raw(), s.join("2").raw()
	heard := make(chan *nats.Msg, 16)
	for _, subject := range []string{wire.Down(storeName, "2", wire.DownCommand), wire.Inbox(storeName, "2") + ".x"} {
		_, err := two.ChanSubscribe(subject, heard)
		must(t, err)
	}
	must(t, two.Flush())
	data, err := wire.Encode(wire.CallUp{ID: "1-1/1", Verb: wire.CallRaise, Reason: "bagging", RaisedAt: time.Now()})
	must(t, err)
	for _, to := range []string{wire.Down(storeName, "2", wire.DownCommand), wire.Inbox(storeName, "2") + ".x"} {
		must(t, one.PublishRequest(wire.Up(storeName, "1", wire.UpCall), to, data))
		must(t, one.PublishRequest(wire.Up(storeName, "1", wire.UpRenew), to, []byte(`{}`)))
	}
	// The hub takes a lane's words in their order: behind this answer come none of those.
	if ok := saysCall(t, one, "1", wire.CallUp{ID: "1-1/2", Verb: wire.CallRaise, Reason: "bagging", RaisedAt: time.Now()}); !ok {
		t.Fatal("lane 1 is not answered")
	}
	till(t, "renewals", func() bool {
		_, err := one.Request(wire.Up(storeName, "1", wire.UpRenew), []byte(`{}`), time.Second)
		return err == nil
	})
	must(t, two.Flush())
	select {
	case m := <-heard:
		t.Errorf("lane 2 heard %s: %s", m.Subject, m.Data)
	default:
	}
}
