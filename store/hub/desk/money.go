package desk

import (
	"context"
	"slices"
	"strings"

	"kassa/kiosk/help"
	"kassa/store/wire"
)

// moneyCalls begins the ids of calls that the desk keeps in place of a lane's.
const moneyCalls = "hub:payment:"

// ofHouse reports whether the store itself raised a call, about money, a ticket or a
// journal: nobody stands at the lane and waits for that. At a lane that is not heard
// of somebody may.
func ofHouse(id string) bool {
	return slices.ContainsFunc([]string{moneyCalls, "hub:ticket:", "hub:journal:"}, func(p string) bool { return strings.HasPrefix(id, p) })
}

// keepMoney keeps what a lane wanted looked into about money that had moved, when
// its sale left the lane before anybody did: as a call of the house, which nobody
// has to go to the lane for, and whose tiers count from now. The same ending twice keeps one.
func (d *Desk) keepMoney(ctx context.Context, lane string, c help.Call, end wire.CallUp) error {
	if !leftOpen(c, end) {
		return nil
	}
	about, there := d.context[c.ID]
	if !there {
		about = end.Context
	}
	_, err := d.heard(ctx, lane, wire.CallUp{
		ID: moneyCalls + c.ID, Verb: wire.CallRaise, Reason: string(help.AreaAfter) + ".card", Language: c.Language,
		Channel: help.ChannelConsole, RaisedAt: d.o.Now(), Context: about,
	})
	return err
}

// leftOpen reports whether a lane's intervention about money ends without anybody
// having settled it: the lane itself, or its silence, says that it is over.
func leftOpen(c help.Call, end wire.CallUp) bool {
	_, n, _ := strings.Cut(c.ID, "/")
	if end.Verb != wire.CallEnd || c.Reason.Area() != help.AreaPayment || !strings.HasPrefix(n, "n") {
		return false
	}
	return (end.By == "" || end.By == "lane") && (end.Outcome == "" || end.Outcome == "over" || end.Outcome == "lane-says-over")
}
