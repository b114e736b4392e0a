package console

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/store/hub/desk"
	"kassa/store/hub/fleet"
	"kassa/store/wire"
)

// A detail is what is known around a call or of a lane.
type detail struct {
	Card   *card
	Lane   string
	State  *wire.LaneState
	Tile   tile
	Live   bool // the lane is heard
	About  *wire.Context
	Items  []wire.Item
	Total  string
	Screen *flow.View
	Curve  *curve
	Ways   []choice
	Told   []bagStory
	Orders []choice
	Lines  []line
	Phrase []string
	Member *member
	Store  *Store
	Fault  string // message id
	NoWay  string // message id: why it cannot be settled from here
	Down   []string
	Chat   *chat
}

// A choice is a button with what it does.
type choice struct {
	Reason, Deed string
	Why          string // message id: why it cannot be done from here
}

// A line is one of the basket with what can be done to it.
type line struct {
	N      int
	Name   string
	Qty    int64
	Amount string
	Weight string
}

type member struct {
	Since string
	Tier  string
	Calls int
}

// staleView is how old a screen may be that is shown as the lane's.
const staleView = 6 * time.Second

func (c *Console) detail(ctx context.Context, b base, p *person, lane string, lanes []fleet.Lane, k *card, w *desk.Waiting) *detail {
	d := &detail{Card: k, Lane: lane, Phrase: phrases()}
	if i := slices.IndexFunc(lanes, func(l fleet.Lane) bool { return l.ID == lane }); i >= 0 {
		l := lanes[i]
		d.State, d.Live = &l.State, !l.Lost && !l.HeardAt.IsZero()
		d.Tile = tileOf(l, nil, "")
		for name, why := range l.State.Devices {
			if why != "" {
				d.Down = append(d.Down, name)
			}
		}
		slices.Sort(d.Down)
		var v flow.View
		if c.o.Now().Sub(l.ViewAt) < staleView && json.Unmarshal(l.View, &v) == nil && v.Screen != "" {
			d.Screen = &v
		}
		if l.State.Number != 0 {
			d.Total = b.W.Money(money.Amount(l.State.Total))
		}
	}
	if c.o.Store.Hours != "" || len(c.o.Store.Holidays)+len(c.o.Store.Notes) > 0 {
		d.Store = &c.o.Store
	}
	d.basket(b)
	if w != nil {
		c.around(ctx, b, p, d, w)
	}
	for _, deed := range []string{"waive", "allow", "park", "void-sale", "lock", "unlock", "open-lane", "close-lane"} {
		if d.fits(deed) {
			d.Orders = append(d.Orders, choice{Deed: deed, Why: c.may(p.Role, deed)})
		}
	}
	return d
}

// fits reports whether an order makes sense as the lane stands; the lane has the
// last word.
func (d *detail) fits(deed string) bool {
	if !d.Live || d.State == nil {
		return false
	}
	switch deed {
	case "open-lane":
		return d.State.Mode != "open"
	case "close-lane":
		return d.State.Mode == "open"
	case "lock":
		return d.State.Number != 0 && !d.State.Locked
	case "unlock":
		return d.State.Number != 0 && d.State.Locked
	default:
		return d.State.Number != 0
	}
}

// bar says which orders wait for somebody at the lane.
func (d *detail) bar(calls []desk.Waiting) {
	for i := range d.Orders {
		if o := &d.Orders[i]; o.Why == "" && awaited(calls, d.Lane, o.Deed) {
			o.Why = "console.why.presence"
		}
	}
}

// basket is the lane's as it is on its screen.
func (d *detail) basket(b base) {
	if d.Screen == nil || d.Screen.Sale == nil {
		return
	}
	for _, l := range d.Screen.Sale.Lines {
		x := line{N: l.N, Name: b.W.Name(l.Name, l.Names), Qty: l.Qty, Amount: b.W.Money(l.Net)}
		d.Lines = append(d.Lines, x)
	}
	d.Total = b.W.Money(d.Screen.Sale.Total)
}

// around is what is known around a call.
func (c *Console) around(ctx context.Context, b base, p *person, d *detail, w *desk.Waiting) {
	d.About = &w.Context
	if d.Lines == nil {
		d.Items = w.Context.Items
	}
	if d.Total == "" && w.Context.Number != 0 {
		d.Total = b.W.Money(money.Amount(w.Context.Total))
	}
	d.Curve = newCurve(b, w.Context)
	d.Fault = c.held.fault(w.ID)
	d.Chat = c.chat(ctx, b, d.Card, w.Talk, w.Earlier)
	area := w.Reason.Area()
	if w.Presence {
		d.NoWay = "console.why.presence"
	} else {
		for _, x := range waysOf(area, c.crew.usual(p.ID, area)) {
			d.Ways = append(d.Ways, choice{x.Reason, x.Deed, c.maySettle(p.Role, w.Call, x.Deed)})
		}
		d.Told = c.bagStories(b, p, w.Context)
	}
	if w.Context.Member != "" && c.o.Member != nil {
		if m, ok := c.o.Member(ctx, w.Context.Member); ok {
			d.Member = &member{b.W.Date(m.Since), m.Tier, m.Calls}
		}
	}
}
