package help

import "slices"

// The channels by which a shopper and a person found each other, as they stand
// in contacts and reports. They must not change.
const (
	ChannelConsole = "console"
	ChannelWebhook = "webhook" // nobody at a console came first: another system was told
	ChannelPager   = "pager"
	ChannelChat    = "chat"
	ChannelVoice   = "voice"
	ChannelVideo   = "video"
	// ChannelReceipt is the page of an e-receipt: nobody stands at a lane.
	ChannelReceipt = "receipt-page"
)

// Stands reports whether somebody stands at a lane and waits. A call of one who
// does not comes after all others, stays with those who were asked first and is
// never taken from the one who has it: an answer is due in the store's hours.
func (c Call) Stands() bool { return c.Channel != ChannelReceipt }

// richer orders channels; a call's is the richest that was used.
func richer() []string {
	return []string{"", ChannelConsole, ChannelWebhook, ChannelPager, ChannelChat, ChannelVoice, ChannelVideo}
}

// Via notes that a channel was used for an open call. One that says less than
// what was used before changes nothing, nor does one that is not known. It is
// not a change that a deed could miss: the version stays.
func (b Board) Via(id, channel string) (Board, Call, bool) {
	i := b.find(id)
	if i < 0 || !b.Calls[i].State.Open() {
		return b, Call{}, false
	}
	c := b.Calls[i]
	order := richer()
	had := slices.Index(order, c.Channel)
	if had < 0 || slices.Index(order, channel) <= had {
		return b, c, false
	}
	c.Channel = channel
	b.Calls = slices.Clone(b.Calls)
	b.Calls[i] = c
	return b, c, true
}
