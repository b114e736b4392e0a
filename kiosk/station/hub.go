package station

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/flow"
	"kassa/kiosk/help"
	"kassa/kiosk/staff"
	"kassa/store/journal"
	"kassa/store/wire"
)

// A hubLine is what the store's hub should know of the lane, and what it has
// answered. The loop writes it, the uplink reads it; neither waits for the other.
type hubLine struct {
	mu      sync.Mutex      // guards all below, held for no longer than a copy
	ticket  *journal.Ticket // of the newest row that the rest below says; nil: of none in this run
	sure    wire.LaneState  // as it was last known to be on the disk
	state   wire.LaneState
	calls   []hubCall // in the order they were raised
	changed chan struct{}
	doing   map[string]chan struct{} // commands that are not on the disk yet
}

// A hubCall is a request for a person, and how far the hub knows it.
type hubCall struct {
	up    wire.CallUp
	open  bool
	known wire.CallVerb // what was answered last, "" nothing
}

func newHubLine() *hubLine {
	return &hubLine{changed: make(chan struct{}, 1), doing: map[string]chan struct{}{}}
}

// HubChanged says that State or Calls are others than they were.
func (s *Station) HubChanged() <-chan struct{} { return s.hub.changed }

// noteHub tells the hub's line how the lane stands now. Only the loop calls it.
func (s *Station) noteHub(v flow.View) {
	st := s.laneState(v)
	asks := slices.Concat(flow.AsksLeft(s.rules, s.state.Last), flow.Asks(s.rules, s.state.Sale))
	ups := make([]hubCall, 0, len(asks))
	for _, a := range asks {
		ups = append(ups, hubCall{up: s.callUp(a), open: a.Open})
	}
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ticket = s.newest
	next := merge(h.calls, ups)
	for _, c := range next {
		if c.open {
			st.Calls = append(st.Calls, c.up.ID)
		}
	}
	if reflect.DeepEqual(st, h.state) && reflect.DeepEqual(next, h.calls) {
		return
	}
	h.state, h.calls = st, next
	h.poke()
}

// diskWait is how long the hub's line waits for the disk before it says nothing
// new: no word leaves the lane that a power cut could take back.
const diskWait = time.Second

// hold takes the lock when all that stands there is on the disk, and says whether
// it is.
func (h *hubLine) hold() bool {
	ctx, cancel := context.WithTimeout(context.Background(), diskWait) // the uplink hands in none
	defer cancel()
	for {
		h.mu.Lock()
		t := h.ticket
		if t == nil {
			return true
		}
		select {
		case <-t.Done():
			return t.Err() == nil
		default:
		}
		h.mu.Unlock()
		if t.Wait(ctx) != nil {
			h.mu.Lock()
			return false
		}
	}
}

// poke wakes the uplink. The caller holds the lock.
func (h *hubLine) poke() {
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

// merge puts what the lane asks for now over what was known. A call that is open
// no more and never heard of stays until the hub has answered.
func merge(old, now []hubCall) []hubCall {
	next := slices.Clone(now)
	for i := range next {
		if k := find(old, next[i].up.ID); k >= 0 {
			was := old[k]
			next[i].known = was.known
			if next[i].open && was.open && !sameCall(was.up, next[i].up) {
				next[i].known = "" // more is known around it
			}
			if was.known == wire.CallRate && !sameCall(was.up, next[i].up) {
				next[i].known = next[i].up.Verb // she said more of it
			}
		}
	}
	for _, was := range old {
		if find(next, was.up.ID) >= 0 {
			continue
		}
		if was.open { // its sale is long gone
			was.open, was.up.Verb, was.up.By, was.up.Outcome = false, wire.CallEnd, "lane", "over"
		}
		if was.known != wire.CallEnd && was.known != wire.CallCancel && was.known != wire.CallRate {
			next = append(next, was)
		}
	}
	slices.SortStableFunc(next, func(a, b hubCall) int { return a.up.RaisedAt.Compare(b.up.RaisedAt) })
	return next
}

func find(all []hubCall, id string) int {
	return slices.IndexFunc(all, func(c hubCall) bool { return c.up.ID == id })
}

// sameCall reports whether the hub need not hear of a call again: what only
// counts seconds is no news.
func sameCall(a, b wire.CallUp) bool {
	a.Context.SaleFor, b.Context.SaleFor = 0, 0
	return reflect.DeepEqual(a, b)
}

// laneState is the lane as the store sees it.
func (s *Station) laneState(v flow.View) wire.LaneState {
	st := wire.LaneState{
		Lane: s.o.Journal.Lane(), Epoch: s.o.Journal.Epoch(), Boot: s.o.Journal.RunID(), Version: s.o.Version,
		Mode: string(s.state.Mode), Screen: string(v.Screen), Language: v.Language, Currency: s.rules.Currency,
		Devices: map[string]string{},
	}
	for _, d := range s.rules.Devices {
		if state := s.state.Devices[d]; d != flow.DeviceHub {
			st.Devices[string(d)] = why(state)
		}
	}
	if sale := s.state.Sale; sale != nil {
		st.Number, st.Items, st.Total, st.Locked = sale.Number, sale.Basket.Count(), int64(sale.Basket.Total), sale.Locked
	}
	return st
}

func why(d flow.DeviceState) string {
	switch {
	case d.Up:
		return ""
	case d.Why != "":
		return d.Why
	default:
		return "not heard of yet"
	}
}

// callUp is a request for a person as the hub hears of it.
func (s *Station) callUp(a flow.Ask) wire.CallUp {
	up := wire.CallUp{
		ID: a.ID, Verb: wire.CallRaise, Boot: s.o.Journal.RunID(), Reason: string(a.Reason), Channel: "console",
		RaisedAt: a.RaisedAt, Rating: a.Rating, Solved: a.Solved,
	}
	switch {
	case a.Cancelled:
		up.Verb = wire.CallCancel
	case !a.Open:
		up.Verb = wire.CallEnd
	case a.By == "" && s.state.Staff != nil:
		a.By = s.state.Staff.ID // who stands here sees to all that waits
	}
	if up.By = a.By; !a.Open {
		up.Outcome = a.Outcome
	} else if a.By != "" {
		up.Verb = wire.CallClaim
	}
	for _, sale := range []*flow.Sale{s.state.Sale, s.state.Last} {
		if sale != nil && slices.ContainsFunc(flow.Asks(s.rules, sale), func(b flow.Ask) bool { return b.ID == a.ID }) {
			up.Language, up.Context = sale.Language, s.about(a, sale)
			break
		}
	}
	return up
}

// lastItems is how many lines somebody far away sees with a call.
const lastItems = 5

// about is what who comes should know before saying hello.
func (s *Station) about(a flow.Ask, sale *flow.Sale) wire.Context {
	c := wire.Context{
		Number: sale.Number, Total: int64(sale.Basket.Total), Currency: s.rules.Currency, Member: sale.Member,
		SaleFor: int64((s.state.Now.Mono - sale.OpenedAt.Mono) / time.Second), Items: []wire.Item{},
	}
	if sale == s.state.Sale {
		c.Screen = string(sale.Page)
	}
	c.SaleFor = max(0, c.SaleFor) // the sale may be of another run
	for _, l := range slices.Backward(sale.Basket.Lines) {
		if l.Voided || l.Of != 0 || len(c.Items) == lastItems {
			continue
		}
		code := l.Article.GTIN
		if code == "" {
			code = l.Article.PLU
		}
		item := wire.Item{N: l.N, Name: l.Article.Name, Code: code, Qty: l.Qty, Amount: int64(l.Amount)}
		if l.Weight.Unit != 0 {
			item.Grams = int64(l.Weight.Grams())
		}
		c.Items = append(c.Items, item)
	}
	for _, b := range flow.Asks(s.rules, sale) {
		if b.RaisedAt.Before(a.RaisedAt) {
			c.Calls++
		}
	}
	for _, r := range a.Reads {
		c.Articles = append(c.Articles, wire.Read{Article: r.Article, Search: r.Search})
	}
	if a.Need != 0 && a.Kind == flow.NeedPayment {
		c.Evidence = sale.Needs[a.Need-1].Detail
	}
	if sale.Bag.Since != 0 {
		s.aboutBag(&c, sale.Bag)
	}
	return c
}

// aboutBag adds what the bagging check asks: the weights, the picture of the
// curve and what may have happened.
func (s *Station) aboutBag(c *wire.Context, bag flow.BagView) {
	c.ExpectedG, c.SeenG = int64(bag.Decision.ExpectedG), int64(bag.Decision.SeenG)
	q := bag.Question
	if q == nil {
		return
	}
	for _, st := range q.Stories {
		c.Stories = append(c.Stories, wire.Story{
			Kind: string(st.Kind), Codes: st.Keys, Mille: int(st.P*1000 + 0.5), Teach: fmt.Sprintf("%d-%s", q.Event, st.Kind),
		})
	}
	if s.asked.event == q.Event {
		c.Curve, c.CurveStep = drawCurve(s.asked.curve)
	}
}

// The picture of a curve: so many points, so far apart.
const (
	curveStep = 200 * time.Millisecond
	curveMax  = 64
)

// drawCurve puts a curve on even steps, the newest last, as the scale held it.
func drawCurve(points []bagging.Point) (grams []int64, step int64) {
	if len(points) == 0 {
		return nil, 0
	}
	last := points[len(points)-1].T
	at := max(points[0].T, last-(curveMax-1)*curveStep)
	i := 0
	for ; at <= last; at += curveStep {
		for i+1 < len(points) && points[i+1].T <= at {
			i++
		}
		grams = append(grams, int64(points[i].Grams))
	}
	return grams, curveStep.Milliseconds()
}

// HubState is the lane as the store sees it, without what the journal and the
// outbox say: the caller adds it.
func (s *Station) HubState() wire.LaneState {
	sure := s.hub.hold()
	defer s.hub.mu.Unlock()
	if sure {
		s.hub.sure = s.hub.state
	}
	st := s.hub.sure
	st.Devices, st.Calls = maps.Clone(st.Devices), slices.Clone(st.Calls)
	st.At = time.Now()
	return st
}

// Calls are those that the hub has not answered as they now stand.
func (s *Station) Calls() []wire.CallUp {
	sure := s.hub.hold()
	defer s.hub.mu.Unlock()
	if !sure {
		return nil
	}
	var all []wire.CallUp
	for _, c := range s.hub.calls {
		ended := c.known == wire.CallEnd || c.known == wire.CallCancel
		switch {
		case !c.open && ended && (c.up.Rating != 0 || c.up.Solved != nil):
			c.up.Verb = wire.CallRate
			all = append(all, c.up)
		case c.known != wire.CallRate && c.known != c.up.Verb:
			all = append(all, c.up)
		}
	}
	return all
}

// Answered says that the hub knows a call as it stood.
func (s *Station) Answered(up wire.CallUp, down wire.CallDown) {
	s.hub.mu.Lock()
	if i := find(s.hub.calls, up.ID); i >= 0 {
		c := &s.hub.calls[i]
		asWas := c.up
		asWas.Verb = up.Verb
		if sameCall(asWas, up) && (c.up.Verb == up.Verb || up.Verb == wire.CallRate) {
			c.known = up.Verb
		}
	}
	s.hub.mu.Unlock()
	if up.Verb == wire.CallRaise || up.Verb == wire.CallClaim {
		s.Heard(down)
	}
}

// hearWait is how long the loop may take to take in what the hub says.
const hearWait = 2 * time.Second

// Heard tells what became of a call.
func (s *Station) Heard(down wire.CallDown) {
	ctx, cancel := context.WithTimeout(context.Background(), hearWait) // the uplink hands in none
	defer cancel()
	wait := (time.Duration(down.WaitS)*time.Second + time.Minute - 1).Truncate(time.Minute) // seconds would be no promise
	err := s.say(ctx, func(at flow.At) flow.Event {
		return flow.CallHeard{
			At: at, ID: down.ID, State: help.State(down.State), Version: down.Version, Name: down.Name, Place: down.Place,
			Wait: wait, Outcome: down.Outcome,
		}
	})
	if err != nil {
		s.o.Log.WarnContext(ctx, "word of the hub not taken", "call", down.ID, "err", err)
	}
}

// Linked says whether the hub is heard. When it comes back it hears of every
// open call again: it may be another than it was.
func (s *Station) Linked(up bool) {
	s.hub.mu.Lock()
	for i := range s.hub.calls {
		if up && s.hub.calls[i].open {
			s.hub.calls[i].known = ""
		}
	}
	s.hub.poke()
	s.hub.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), hearWait)
	defer cancel()
	err := s.say(ctx, func(at flow.At) flow.Event {
		return flow.DeviceChanged{At: at, Device: flow.DeviceHub, Up: up}
	})
	if err != nil {
		s.o.Log.WarnContext(ctx, "hub's coming or going not taken", "up", up, "err", err)
	}
}

// Do does a command and returns when what came of it is on the lane's disk.
func (s *Station) Do(ctx context.Context, c wire.Command) wire.Result {
	who := flow.Staff{ID: c.By, Role: c.Role}
	for _, p := range staff.Permits(staff.Role(c.Role)) {
		who.May = append(who.May, flow.Permit{Deed: flow.StaffDeed(p.Deed)}) // the console has asked for the PIN
	}
	for _, kind := range staff.Settles(staff.Role(c.Role)) {
		who.May = append(who.May, flow.Permit{Deed: flow.Settles(flow.InterventionKind(kind))})
	}
	result := wire.Result{ID: c.ID, Boot: s.o.Journal.RunID()}
	if c.ID == "" || len(c.ID) > 64 || len(c.By) > 64 || len(c.Deed) > 32 {
		result.Why = flow.WhyUnfit
		return result
	}
	leave, err := s.hub.enter(ctx, c.ID)
	if err != nil {
		result.Why = "stopping"
		return result
	}
	defer leave()
	answer, done := make(chan error, 1), make(chan wire.Result, 1)
	err = s.post(ctx, input{run: func(ctx context.Context) error {
		_, result.Again = s.state.Answer(c.ID)
		before := s.newest
		err := s.handle(ctx, flow.Commanded{
			At: s.at(), ID: c.ID, Staff: who, Deed: deedOf(c.Deed), Boot: c.Boot, Number: c.Number, Call: c.Call,
			Version: c.Version, Line: c.Line, Value: c.Value, Reason: c.Reason,
		}, answer)
		d, known := s.state.Answer(c.ID)
		result.OK, result.Why = known && d.Why == "", d.Why
		switch {
		case s.newest == before:
		case before == nil:
			result.Seq = s.newest.Seq
		default:
			result.Seq = before.Seq + 1 // what waited may have written more behind it
		}
		done <- result
		return err
	}})
	if err == nil {
		err = await(ctx, answer)
	}
	if err != nil {
		s.o.Log.WarnContext(ctx, "command not done", "deed", c.Deed, "err", err)
		return wire.Result{ID: c.ID, Boot: s.o.Journal.RunID(), Why: "stopping"}
	}
	return <-done
}

// enter waits until the same command is not being done, so that its second
// answer waits for the disk like the first.
func (h *hubLine) enter(ctx context.Context, id string) (leave func(), err error) {
	for {
		h.mu.Lock()
		before := h.doing[id]
		if before == nil {
			mine := make(chan struct{})
			h.doing[id] = mine
			h.mu.Unlock()
			return func() {
				h.mu.Lock()
				delete(h.doing, id)
				h.mu.Unlock()
				close(mine)
			}, nil
		}
		h.mu.Unlock()
		select {
		case <-before:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// deedOf is a deed by the name a command gives it.
func deedOf(name string) flow.StaffDeed {
	switch name {
	case "open":
		return flow.DeedOpen
	case "close":
		return flow.DeedClose
	default:
		return flow.StaffDeed(name)
	}
}
