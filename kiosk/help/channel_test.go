package help

import (
	"testing"
	"time"
)

func TestRichestChannelStays(t *testing.T) {
	b, _, err := Board{}.Raise(DefaultPolicy(), Call{ID: "1-1/1", Reason: AreaHelp, Channel: ChannelConsole}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		use, want string
		changed   bool
	}{
		{ChannelConsole, ChannelConsole, false}, {ChannelPager, ChannelPager, true}, {ChannelWebhook, ChannelPager, false}, {ChannelVideo, ChannelVideo, true},
		{ChannelVoice, ChannelVideo, false}, {ChannelChat, ChannelVideo, false}, {"smoke", ChannelVideo, false},
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
	receipt, _, err := Board{}.Raise(DefaultPolicy(), Call{ID: "r", Reason: AreaAfter, Channel: "receipt-page"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, c, changed := receipt.Via("r", ChannelChat); changed || c.Channel != "receipt-page" {
		t.Errorf("a receipt's page became %q", c.Channel)
	}
}
