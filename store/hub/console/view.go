package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"kassa/kiosk/help"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
	"kassa/store/hub/desk"
	"kassa/store/hub/fleet"
)

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

// A query is what of the page somebody has open.
type query struct{ Call, Lane, Tab string }

func parseQuery(r *http.Request) query {
	q := query{Call: r.URL.Query().Get("call"), Lane: r.URL.Query().Get("lane"), Tab: r.URL.Query().Get("tab")}
	if q.Tab != "map" {
		q.Tab = "queue"
	}
	return q
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
		if back := w.Back(c.o.Policy); back > 0 {
			k.To = w.ClaimedAt.Add(back).UnixMilli()
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
