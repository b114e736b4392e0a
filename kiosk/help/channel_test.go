package help

import (
	"testing"
	"time"
)

func TestRichestChannelStays(t *testing.T) {
	b, _, err := Board{}.Raise(DefaultPolicy(), Call{ID: "1-1/1", Reason: AreaHelp, Channel: ChannelConsole}, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		use, want string
		changed   bool
	}{
		{ChannelConsole, ChannelConsole, false},
		{ChannelPager, ChannelPager, true},
		{ChannelWebhook, ChannelPager, false},
		{ChannelVideo, ChannelVideo, true},
		{ChannelVoice, ChannelVideo, false},
		{ChannelChat, ChannelVideo, false},
		{"smoke", ChannelVideo, false},
	} {
		next, c, changed := b.Via("1-1/1", step.use)
		if c.Channel != step.want || changed != step.changed || c.Version != 1 {
			t.Errorf("%s: %q, %v, version %d", step.use, c.Channel, changed, c.Version)
		}
		b = next
	}
	if _, _, changed := b.Via("2-2/2", ChannelChat); changed {
		t.Error("a call that is not there")
	}
	receipt, _, err := Board{}.Raise(DefaultPolicy(), Call{ID: "r", Reason: AreaAfter, Channel: "receipt-page"}, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if _, c, changed := receipt.Via("r", ChannelChat); changed || c.Channel != "receipt-page" {
		t.Errorf("a receipt's page became %q", c.Channel)
	}
}

// Who writes from a receipt's page stands nowhere: the call waits behind all
// others, goes up no tier, and nobody loses it.
func TestReceiptPageWaits(t *testing.T) {
	p := DefaultPolicy()
	b, c, err := Board{}.Raise(p, Call{ID: "hub:receipt:x/1", Lane: "1", Reason: "after.card", Channel: ChannelReceipt, RaisedAt: noon}, noon)
	if err != nil || c.Priority != House || c.Presence {
		t.Fatalf("%+v, %v", c, err)
	}
	b = raise(t, b, "1-7/1", "help", noon.Add(time.Minute))
	if q := b.Queue(); q[0].ID != "1-7/1" {
		t.Errorf("first in the queue: %s", q[0].ID)
	}
	b, c, err = b.Apply(p, Deed{Call: c.ID, Version: 1, Verb: DoClaim, By: "a1"}, noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	late := noon.Add(24 * time.Hour)
	b, _, _ = b.Tick(p, crew("attendant", "supervisor", "manager"), late)
	if got, _ := b.Call(c.ID); got.By != "a1" || got.Tier != 0 || got.Bumps != 0 || len(got.Told) != 0 {
		t.Errorf("a day later: %+v", got)
	}
	if asked := p.Ask(c, nil, late); len(asked.Exits) != 0 || asked.Next != 0 {
		t.Errorf("with nobody there: %+v", asked)
	}
}
