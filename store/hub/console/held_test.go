package console

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"kassa/store/hub/desk"
)

// What somebody settled a moment ago is theirs: a colleague hears so, sees so and
// nothing sounds for them any more.
func TestAHeldSettlementIsNotOverwritten(t *testing.T) {
	s := open(t)
	a, b := s.signedIn("Amina Saleh"), s.signedIn("Bert Roux")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.waitFor(a.events(ctx, ""), "event: alive")
	lines := b.events(ctx, "?call=1-7/1")
	s.waitFor(lines, "event: alive")
	s.raise("1-7/1", "how")
	s.waitFor(lines, `"of":"1-7/1"`)
	settle := []string{"do", "settle", "call", "1-7/1", "version", "1", "boot", "b1", "reason", "explained", "deed", "help-done"}
	if status, _ := a.tap(settle...); status != http.StatusNoContent {
		t.Fatalf("settle: %d", status)
	}
	s.waitFor(lines, `"alarm":0`)
	for _, pairs := range [][]string{
		settle,
		{"do", "settle", "call", "1-7/1", "version", "1", "boot", "b1", "reason", "checked", "deed", "settle"},
		{"do", "claim", "call", "1-7/1", "version", "1"},
		{"do", "release", "call", "1-7/1", "version", "1"},
	} {
		if status, body := b.tap(pairs...); status != http.StatusConflict || !strings.Contains(body, "Amina") {
			t.Errorf("%v: %d %s", pairs, status, body)
		}
	}
	_, body := b.get("/?call=1-7/1")
	if !strings.Contains(body, "Amina</span> has it") && !strings.Contains(body, "Amina has it") || strings.Contains(body, `data-do="claim"`) || strings.Contains(body, `data-do="settle"`) {
		t.Errorf("the colleague sees %s", body)
	}
	if status, _ := a.tap("do", "undo", "call", "1-7/1"); status != http.StatusNoContent {
		t.Fatalf("undo: %d", status)
	}
	s.waitFor(lines, `"of":"1-7/1"`)
	if status, _ := b.tap(settle...); status != http.StatusNoContent {
		t.Fatalf("settle: %d", status)
	}
	s.clock.add(6 * time.Second)
	s.until("settled", func() bool { _, open := s.call("1-7/1"); return !open })
	if c := s.lanes.commands(); len(c) != 1 || s.console.nameOf(t.Context(), c[0].By) != "Bert" {
		t.Errorf("the lane was asked %+v", c)
	}
}

func TestASettlementOnItsWayIsStillSomebodys(t *testing.T) {
	var h held
	h.init()
	now := time.Now()
	mine, yours := settlementOf("1-7/1", "a"), settlementOf("1-7/1", "b")
	if err := h.put(mine, now); err != nil {
		t.Fatal(err)
	}
	if due := h.due(now); len(due) != 1 || len(h.due(now)) != 0 {
		t.Fatal("not sent once")
	}
	if h.put(yours, now) == nil || h.put(mine, now) == nil || h.free("1-7/1", "b") == nil || h.take("1-7/1", "a") {
		t.Error("changed on its way")
	}
	if !h.judge("1-7/1", "a", "good") || h.done("1-7/1") != "good" {
		t.Error("what was said meanwhile is lost")
	}
	if h.free("1-7/1", "b") != nil || h.put(yours, now) != nil {
		t.Error("held for good")
	}
}

func settlementOf(call, by string) desk.Settlement { return desk.Settlement{Call: call, By: by} }

// A settlement that is held while the next tier is asked is done all the same: it
// is the same call, and nobody else has it.
func TestAHeldSettlementOutlivesATier(t *testing.T) {
	s := open(t)
	a := s.signedIn("Amina Saleh")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	lines := a.events(ctx, "")
	s.waitFor(lines, "event: alive")
	s.raise("1-7/1", "how")
	s.waitFor(lines, "1-7/1")
	s.clock.add(27 * time.Second)
	if status, _ := a.tap("do", "settle", "call", "1-7/1", "version", "1", "boot", "b1", "reason", "explained", "deed", "help-done"); status != http.StatusNoContent {
		t.Fatalf("settle: %d", status)
	}
	s.clock.add(4 * time.Second)
	s.raise("1-8/1", "how") // the desk looks at its clock
	s.until("another tier", func() bool { c, open := s.call("1-7/1"); return open && c.Version > 1 })
	s.clock.add(2 * time.Second)
	s.until("settled", func() bool { _, open := s.call("1-7/1"); return !open })
	if c := s.lanes.commands(); len(c) != 1 {
		t.Errorf("the lane was asked %+v", c)
	}
}
