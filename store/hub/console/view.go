package console

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/help"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
	"kassa/kiosk/words"
	"kassa/store/hub/desk"
	"kassa/store/hub/fleet"
	"kassa/store/roster"
	"kassa/store/wire"
)

// A base is what every page of ours has.
type base struct {
	book  *words.Book
	W     words.Words
	Look  look
	Build string
	Store string
	Path  string
	Story bool
}

func (c *Console) base(r *http.Request) base {
	l := c.look(r)
	return base{book: c.o.Words, W: c.o.Words.In(l.Lang), Look: l, Build: c.build, Store: c.o.Store.Name, Path: r.URL.Path, Story: strings.HasPrefix(r.URL.Path, "/storybook")}
}

// T returns a message.
func (b base) T(id string, args ...any) string { return b.W.T(id, args...) }

// N returns a message for a number of things.
func (b base) N(id string, n int, args ...any) string { return b.W.N(id, int64(n), args...) }

// Languages are those the page can be read in.
func (b base) Languages() []string { return words.Languages() }

// LanguageName is a language by its own name.
func (b base) LanguageName(tag string) string {
	if tag == "" {
		return ""
	}
	return b.book.In(tag).T("lang.name")
}

// Exact makes a text an argument whose figures stay as they are.
func (b base) Exact(s string) words.Code { return words.Code(s) }

// Figures are the ten digits as the page shows them, for its clocks.
func (b base) Figures() string { return b.W.Digits("0123456789") }

// Picture draws one of the shared signs.
func (b base) Picture(name string) template.HTML {
	return template.HTML(fmt.Sprintf( //nolint:gosec // names are the template's own
		`<svg class="pic" aria-hidden="true" focusable="false"><use href="/shared/pictures.svg?v=%s#%s"/></svg>`, b.Build, template.HTMLEscapeString(name)))
}

// A page is the attendants' page as one person sees it at one moment.
type page struct {
	base
	Me      *person
	Open    string // a call's id, or "lane:ID"; "": none
	Tab     string // queue or map
	Cards   []card
	Map     [][]tile
	Detail  *detail
	Flood   []group
	Alarm   int    // priority of what sounds: 0 none
	AlarmOf string // the calls that sound; of many with one cause, one name
	Crew    []string
	Judge   string // id of a call that was settled: how was it?
	Calls   bool   // video and voice calls are possible
	Now     int64  // Unix ms, where the page's clock stands still
}

// Judgement asks how a call was.
func (p *page) Judgement() judgement { return judgement{p.base, p.Judge} }

// A card is a call in the queue.
type card struct {
	ID       string
	Version  int
	Lane     string
	Area     string // message id
	Priority int
	State    string
	By       string // first name of who has it
	Mine     bool
	ForMe    bool // this person is asked
	Presence bool
	Language string
	From, To int64 // Unix ms: the ring fills from the one to the other; To 0: nobody else is left to ask
	Raised   int64
	Tier     int
	Open     bool
	Held     *heldDeed // settled, for a moment not yet sent
	Seen     bool
}

// A group is many calls with one cause.
type group struct {
	Lanes string
	Area  string
	N     int
}

// A tile is a lane on the map; with an empty ID it is a gap.
type tile struct {
	ID    string
	State string // message id's last part and class
	Call  string
	Open  bool
	Items int64
	Down  int
}

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

// A query is what of the page somebody has open.
type query struct{ Call, Lane, Tab string }

func parseQuery(r *http.Request) query {
	q := query{Call: r.URL.Query().Get("call"), Lane: r.URL.Query().Get("lane"), Tab: r.URL.Query().Get("tab")}
	if q.Tab != "map" {
		q.Tab = "queue"
	}
	return q
}

// snapshot is the desk as it is now.
func (c *Console) snapshot(ctx context.Context) (desk.Snapshot, error) {
	snaps, leave, err := c.o.Desk.Watch(ctx)
	if err != nil {
		return desk.Snapshot{}, fmt.Errorf("console: desk: %w", err)
	}
	defer leave()
	select {
	case s, ok := <-snaps:
		if !ok {
			return s, fmt.Errorf("console: the desk is closed")
		}
		return s, nil
	case <-ctx.Done():
		return desk.Snapshot{}, ctx.Err()
	}
}

// call returns an open call and what is known around it.
func (c *Console) call(ctx context.Context, id string) (help.Call, wire.Context, bool, error) {
	s, err := c.snapshot(ctx)
	if err != nil {
		return help.Call{}, wire.Context{}, false, err
	}
	for _, w := range s.Calls {
		if w.ID == id {
			return w.Call, w.Context, true, nil
		}
	}
	return help.Call{}, wire.Context{}, false, nil
}

func (c *Console) lane(id string) (fleet.Lane, bool) {
	for _, l := range c.o.Fleet.Lanes() {
		if l.ID == id {
			return l, true
		}
	}
	return fleet.Lane{}, false
}

func errTaken(by string) error { return fmt.Errorf("%w: %s", help.ErrTaken, by) }

// nameOf is what colleagues call somebody.
func (c *Console) nameOf(ctx context.Context, id string) string {
	all, err := c.o.Staff.List(ctx)
	if err == nil {
		if i := slices.IndexFunc(all, func(m roster.Member) bool { return m.ID == id }); i >= 0 {
			return first(all[i].Name)
		}
	}
	return id
}

// names are what colleagues call everybody, by id.
func (c *Console) names(ctx context.Context) func(string) string {
	all, err := c.o.Staff.List(ctx)
	if err != nil {
		all = nil
	}
	return func(id string) string {
		if i := slices.IndexFunc(all, func(m roster.Member) bool { return m.ID == id }); i >= 0 {
			return first(all[i].Name)
		}
		return id
	}
}

// page draws up what somebody sees.
func (c *Console) page(ctx context.Context, b base, p *person, q query, s desk.Snapshot, lanes []fleet.Lane) *page {
	pg := &page{base: b, Me: p, Tab: q.Tab, Calls: c.o.Call != nil}
	name := c.names(ctx)
	var sounding []string
	calls := map[string]help.Call{}
	var open *desk.Waiting
	for _, w := range s.Calls {
		k := c.card(w, s.At, p.ID, name)
		if old, ok := calls[w.Lane]; w.Stands() && (!ok || w.Priority < old.Priority) {
			calls[w.Lane] = w.Call
		}
		if w.ID == q.Call || q.Call == "" && q.Lane != "" && w.Lane == q.Lane && open == nil {
			k.Open, open = true, &w
		}
		if k.ForMe && k.State != string(help.Claimed) && k.Held == nil {
			if ear := heardAs(w, s.Flood); !slices.Contains(sounding, ear) {
				sounding = append(sounding, ear)
			}
			if pg.Alarm == 0 || k.Priority < pg.Alarm {
				pg.Alarm = k.Priority
			}
		}
		pg.Cards = append(pg.Cards, k)
	}
	pg.AlarmOf = strings.Join(sounding, " ")
	for _, f := range s.Flood {
		pg.Flood = append(pg.Flood, group{strings.Join(f.Lanes, ", "), "console.area." + string(f.Reason.Area()), len(f.Calls)})
	}
	for _, a := range s.Crew {
		pg.Crew = append(pg.Crew, name(a.ID))
	}
	lane := q.Lane
	if open != nil {
		lane = open.Lane
	}
	pg.Map = c.rows(lanes, calls, lane)
	switch {
	case open != nil:
		pg.Open = open.ID
		i := slices.IndexFunc(pg.Cards, func(k card) bool { return k.ID == open.ID })
		pg.Detail = c.detail(ctx, b, p, lane, lanes, &pg.Cards[i], open)
	case q.Lane != "" && slices.ContainsFunc(lanes, func(l fleet.Lane) bool { return l.ID == q.Lane }):
		pg.Open = "lane:" + q.Lane
		pg.Detail = c.detail(ctx, b, p, lane, lanes, nil, nil)
	case q.Call != "":
		pg.Open = "over" // it is off the board: say so
		pg.Detail = &detail{Fault: "console.over"}
	}
	if pg.Detail != nil {
		pg.Detail.bar(s.Calls)
	}
	return pg
}

// heardAs is the name by which a call sounds: of many with one cause, one does.
func heardAs(w desk.Waiting, flood []help.Cluster) string {
	if w.Flood || slices.ContainsFunc(flood, func(f help.Cluster) bool { return slices.Contains(f.Calls, w.ID) }) {
		return "flood:" + string(w.Reason)
	}
	return w.ID
}

func (c *Console) card(w desk.Waiting, at time.Time, me string, name func(string) string) card {
	k := card{
		ID: w.ID, Version: w.Version, Lane: w.Lane, Area: "console.area." + string(w.Reason.Area()), Priority: int(w.Priority),
		State: string(w.State), Mine: w.By == me, ForMe: slices.Contains(w.Asked.Agents, me), Presence: w.Presence,
		Language: w.Language, Raised: w.RaisedAt.UnixMilli(), From: w.RaisedAt.UnixMilli(), Tier: w.Tier, Seen: w.State != help.Raised,
	}
	if n := len(w.Path); n > 0 {
		k.From = w.Path[n-1].At.UnixMilli()
	}
	if w.Asked.Next > 0 {
		k.To = at.Add(w.Asked.Next).Round(100 * time.Millisecond).UnixMilli()
	}
	if w.By != "" {
		k.By = name(w.By)
	}
	if w.State == help.Claimed {
		k.From, k.To = w.ClaimedAt.UnixMilli(), 0
		if c.o.Policy.Return > 0 {
			k.To = w.ClaimedAt.Add(c.o.Policy.Return).UnixMilli()
		}
	}
	switch h, ok := c.held.get(w.ID); {
	case ok && h.By == me:
		k.Held = &h
	case ok: // a colleague settled it a moment ago: nobody need come
		k.State, k.By, k.Mine = string(help.Claimed), name(h.By), false
		k.From, k.To = h.due.Add(-c.o.Policy.Undo).UnixMilli(), h.due.UnixMilli()
	}
	return k
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

// Money prints an amount.
func (p *page) Money(a int64) string { return p.W.Money(money.Amount(a)) }

// Grams prints whole grams.
func (p *page) Grams(g int64) string { return p.W.Grams(weight.Grams(g)) }

// Minutes prints a span.
func (p *page) Minutes(seconds int64) string {
	return p.N("console.minutes", int(max(1, (seconds+30)/60)))
}

// ScreenName says in words what a shopper sees.
func (p *page) ScreenName(s any) string {
	return p.W.Either("console.screen."+fmt.Sprint(s), "console.screen.other")
}
