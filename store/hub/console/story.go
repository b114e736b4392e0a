package console

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/help"
	"kassa/kiosk/words"
	"kassa/store/hub/desk"
	"kassa/store/hub/fleet"
	"kassa/store/wire"
)

// The storybook shows every state of the page in every language and theme with
// made-up data, for eyes and for the browser tests. It is off in a shop.

// A story is one state of the page.
type story struct {
	name  string
	query query
	tmpl  string               // "": page
	form  func(*form)          // of login, device, shell
	menu  func(*menu)          // of menu
	set   func(*page)          // what no snapshot says
	calls func() []help.Reason // instead of all
}

func stories() []story {
	none := func() []help.Reason { return nil }
	return []story{
		{name: "queue", query: query{Tab: "queue"}},
		{name: "queue-empty", query: query{Tab: "queue"}, calls: none},
		{name: "queue-flood", query: query{Tab: "queue"}, set: func(p *page) { p.Flood = []group{{"1, 2, 4, 7, 8", "console.area.payment", 6}} }},
		{name: "map", query: query{Tab: "map"}},
		{name: "map-empty", query: query{Tab: "map"}, set: func(p *page) { p.Map = nil }},
		{name: "call-bagging", query: query{Call: "4-17/1", Tab: "queue"}},
		{name: "call-age", query: query{Call: "12-18/1", Tab: "queue"}},
		{name: "call-payment", query: query{Call: "2-19/1", Tab: "queue"}},
		{name: "call-taken", query: query{Call: "7-20/1", Tab: "queue"}},
		{name: "call-mine", query: query{Call: "3-21/1", Tab: "queue"}},
		{name: "call-held", query: query{Call: "3-21/1", Tab: "queue"}, set: func(p *page) { p.Detail.Card.Held = &heldDeed{} }},
		{name: "call-away", query: query{Call: "4-17/1", Tab: "queue"}, set: func(p *page) { p.Detail.Fault = "console.why.away" }},
		{name: "call-over", query: query{Call: "9-9/1", Tab: "queue"}},
		{name: "lane", query: query{Lane: "5", Tab: "map"}, calls: none},
		{name: "lane-closed", query: query{Lane: "10", Tab: "map"}, calls: none},
		{name: "lane-lost", query: query{Lane: "11", Tab: "map"}, calls: none},
		{name: "login", tmpl: "login"},
		{name: "login-no", tmpl: "login", form: func(f *form) { f.Fault, f.Name = "console.login.no", "Amina Saleh" }},
		{name: "login-wait", tmpl: "login", form: func(f *form) { f.Fault, f.Wait = "console.login.no", 120 }},
		{name: "device", tmpl: "device"},
		{name: "device-no", tmpl: "device", form: func(f *form) { f.Fault = "console.device.no" }},
		{name: "menu", tmpl: "menu"},
		{name: "menu-code", tmpl: "menu", menu: func(m *menu) { m.Code = "7KX2M-94TQA" }},
		{name: "shell", tmpl: "shell"},
		{name: "judge", tmpl: "judge-story"},
	}
}

// storyNow is the moment of all stories.
func storyNow() time.Time { return time.Date(2026, 11, 22, 17, 30, 0, 0, time.UTC) }

func (c *Console) stories(mux *http.ServeMux) {
	mux.HandleFunc("GET /storybook", func(w http.ResponseWriter, r *http.Request) {
		var names []string
		for _, s := range stories() {
			names = append(names, s.name)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{ // whoever is gone asks again
			"stories": names, "languages": append(words.Languages(), words.Pseudo, words.PseudoRTL), "themes": []string{"day", "night"},
		})
	})
	mux.HandleFunc("GET /storybook/{story}", c.serveStory)
}

// serveStory shows one story: /storybook/NAME?lang=ar&theme=night.
func (c *Console) serveStory(w http.ResponseWriter, r *http.Request) {
	all := stories()
	i := slices.IndexFunc(all, func(s story) bool { return s.name == r.PathValue("story") })
	if i < 0 {
		http.NotFound(w, r)
		return
	}
	st := all[i]
	b := c.base(r)
	b.Path, b.Story = "/", true
	if lang := r.URL.Query().Get("lang"); c.o.Words.Has(lang) {
		b.W, b.Look.Lang = c.o.Words.In(lang), lang
	}
	b.Look.Night = r.URL.Query().Get("theme") == "night"
	me := &person{ID: "a1", Name: "Amina Saleh", Role: "supervisor"}
	switch st.tmpl {
	case "":
		c.write(w, r, http.StatusOK, c.storyPage(r, b, me, st), "page")
	case "menu":
		m := menu{base: b, Me: me, MayCode: true, Reports: true, Devices: []Device{{1, "Phone, till 3", "", storyNow()}, {2, "Tablet at the information desk", "a2", storyNow()}}}
		if st.menu != nil {
			st.menu(&m)
		}
		c.write(w, r, http.StatusOK, m, "menu")
	case "judge-story":
		p := c.storyPage(r, b, me, st)
		p.Judge, p.Tab = "3-21/1", "queue"
		c.write(w, r, http.StatusOK, p, "page")
	default:
		f := form{base: b}
		if st.form != nil {
			st.form(&f)
		}
		c.write(w, r, http.StatusOK, f, st.tmpl)
	}
}

func (c *Console) storyPage(r *http.Request, b base, me *person, st story) *page {
	staged := &Console{o: c.o, tmpl: c.tmpl, build: c.build}
	staged.crew.init()
	staged.held.init()
	staged.o.Layout = [][]string{{"1", "2", "3", "4", "5", "6"}, {"7", "8", "", "9", "10", "11", "12"}}
	staged.o.Now = storyNow
	staged.o.Talk = storyTalker{}
	staged.o.Store = Store{Name: "Harbour Street", Hours: "mon-sat 07:00-22:00", Holidays: []string{"25/12", "26/12"}, Notes: []string{"Bags are at the information desk."}}
	staged.o.Member = func(context.Context, string) (Member, bool) {
		return Member{Since: storyNow().AddDate(-3, 0, 0), Tier: "gold", Calls: 3}, true
	}
	s := storyCalls()
	if st.calls != nil {
		s.Calls = nil
	}
	p := staged.page(r.Context(), b, me, st.query, s, storyLanes())
	p.Now = storyNow().UnixMilli()
	if st.set != nil {
		st.set(p)
	}
	return p
}

func storyCalls() desk.Snapshot {
	now := storyNow()
	at := func(seconds int) time.Time { return now.Add(-time.Duration(seconds) * time.Second) }
	me, others := help.Asked{Agents: []string{"a1"}, Next: 15 * time.Second}, help.Asked{Agents: []string{"a2"}, Next: 40 * time.Second}
	about := wire.Context{
		Screen: "check", Number: 17, Total: 4236, Currency: "EUR", SaleFor: 312, Calls: 2, ExpectedG: 812, SeenG: 1040,
		Curve:     []int64{0, 0, 420, 818, 805, 812, 812, 812, 1190, 1062, 1031, 1041, 1040, 1040},
		CurveStep: 700, Member: "m1",
		Stories: []wire.Story{
			{Kind: "double", Codes: []string{"04006381333931"}, Mille: 620, Teach: "3-double"},
			{Kind: "own-bag", Mille: 290, Teach: "3-own-bag"},
			{Kind: "hand", Mille: 20, Teach: "3-hand"},
		},
		Items: []wire.Item{
			{N: 1, Name: "Milk 1 l", Code: "04006381333931", Qty: 2, Amount: 258},
			{N: 2, Name: "Wholemeal bread with sunflower seeds, sliced, 750 g", Code: "04006381333948", Qty: 1, Amount: 289},
			{N: 3, Name: "Bananas", Code: "4011", Qty: 1, Amount: 147, Grams: 734},
		},
		Articles: []wire.Read{{Article: "bagging"}, {Search: "refill"}},
	}
	pay := about
	pay.Curve, pay.Evidence, pay.Member = nil, "0022 / 000022", ""
	call := func(id, lane string, r help.Reason, p help.Priority, seconds int) help.Call {
		return help.Call{
			ID: id, Lane: lane, Reason: r, Priority: p, Language: "id", RaisedAt: at(seconds), State: help.Raised, Version: 1,
			Path: []help.Stop{{Tier: 0, At: at(seconds)}},
		}
	}
	payment := call("2-19/1", "2", "payment", help.Urgent, 20)
	payment.Presence = true
	bagging := call("4-17/1", "4", "bagging.too-much", help.Blocked, 75)
	taken := call("7-20/1", "7", "article", help.Blocked, 60)
	taken.State, taken.By, taken.ClaimedAt = help.Claimed, "Bert", at(30)
	mine := call("3-21/1", "3", "how", help.Blocked, 50)
	mine.State, mine.By, mine.ClaimedAt = help.Claimed, "a1", at(10)
	age := call("12-18/1", "12", "age", help.Waiting, 12)
	age.Presence = true
	paper := call("5-30/1", "9", "device.paper", help.House, 400)
	return desk.Snapshot{
		At: now, Crew: []help.Agent{{ID: "a1"}, {ID: "a2"}},
		Calls: []desk.Waiting{
			{Call: payment, Context: pay, Asked: me},
			{Call: bagging, Context: about, Asked: me},
			{Call: taken, Context: about, Asked: others},
			{Call: mine, Context: about, Asked: me, Talk: storyTalk("3-21/1"), Earlier: storyTalk("7-20/1")[1:2]},
			{Call: age, Context: wire.Context{Number: 18, Total: 1899, Items: about.Items[:1]}, Asked: me},
			{Call: paper, Context: wire.Context{}, Asked: others},
		},
	}
}

func storyLanes() []fleet.Lane {
	now := storyNow()
	lane := func(id, mode, screen string, number int64) fleet.Lane {
		return fleet.Lane{ID: id, HeardAt: now, State: wire.LaneState{
			Lane: id, Boot: "b1", At: now, Mode: mode, Screen: screen, Language: "fr", Number: number, Items: number % 9, Total: number * 131, Currency: "EUR",
		}}
	}
	five := lane("5", "open", "basket", 23)
	five.ViewAt = now
	five.View, _ = json.Marshal(flow.View{ //nolint:errchkjson // made of plain values
		Screen: flow.ScreenBasket, Language: "fr", Sale: &flow.ViewSale{ID: "0421-5-23", Total: 836, Lines: []flow.ViewLine{
			{N: 2, Name: "Wholemeal bread with sunflower seeds, sliced, 750 g", Qty: 1, Net: 578},
			{N: 1, Name: "Milk 1 l", Qty: 2, Net: 258},
		}},
	})
	ten := lane("10", "closed", "closed", 0)
	ten.State.Devices = map[string]string{"printer": "paper", "scanner": ""}
	eleven := lane("11", "open", "basket", 4)
	eleven.Lost = true
	return []fleet.Lane{
		lane("1", "open", "start", 0), lane("2", "open", "unsure", 19), lane("3", "open", "help", 21), lane("4", "open", "check", 17), five,
		lane("6", "open", "start", 0), lane("7", "open", "find", 20), lane("8", "open", "tender", 31), lane("9", "open", "start", 0), ten, eleven,
		lane("12", "open", "basket", 18),
	}
}
