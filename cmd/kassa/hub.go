package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/station"
	"kassa/store/durable"
	"kassa/store/journal"
	"kassa/store/outbox"
	"kassa/store/roster"
	"kassa/store/uplink"
	"kassa/store/wire"
)

// enrolCmd is `kassa enrol`.
type enrolCmd struct {
	Config string `required:"" placeholder:"FILE" help:"kassa.toml"`
	Hub    string `arg:"" help:"The hub's address, https://hub.store:8443."`
	Code   string `arg:"" help:"The one-time code that kassa-hub lane add printed."`
}

// Run makes this lane known to its store's hub.
func (c *enrolCmd) Run(ctx context.Context) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	if cfg.HQ != nil {
		return enrolAtOffice(ctx, cfg, c.Hub, c.Code)
	}
	if cfg.Hub == nil || cfg.Hub.Credentials == "" {
		return fmt.Errorf("%s: hub.credentials: names the file that this command writes: add [hub] with url and credentials", cfg.File)
	}
	// The lane's own credentials stay until the new ones are known to be the store's.
	fresh := cfg.Hub.Credentials + ".new"
	got, err := uplink.Enrol(ctx, c.Hub, c.Code, cfg.ID, fresh)
	if err != nil {
		return err
	}
	if got.Store != cfg.Store {
		return errors.Join(fmt.Errorf("the hub is that of store %q, this lane stands in %q (%s: lane.store)", got.Store, cfg.Store, cfg.File),
			os.Remove(fresh))
	}
	changed, err := roster.TakePepper(cfg.Data, got.Pepper)
	if err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	if err := durable.Rename(fresh, cfg.Hub.Credentials); err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	fmt.Printf("lane %s of store %s is enrolled; credentials in %s\n", cfg.ID, cfg.Store, cfg.Hub.Credentials)
	if got.URL != "" && got.URL != cfg.Hub.URL {
		fmt.Printf("the hub says that it is reached at %s: kassa.toml has hub.url = %q\n", got.URL, cfg.Hub.URL)
	}
	if changed {
		fmt.Println("PINs set at this lane no longer count: the store's staff list comes from the hub when the lane has been started again")
	}
	return nil
}

// A hubLane is this lane as its uplink sees it: the station, and what a command
// of kassa keeps beside it.
type hubLane struct {
	*station.Station

	lane  *lane
	box   *outbox.Box
	talk  *laneTalk
	call  *laneCall
	say   chan uplink.Said
	grown chan struct{}
	up    atomic.Pointer[uplink.Uplink] // nil until it runs

	mu     sync.Mutex // guards what follows, held for no longer than a copy
	linked bool
	watch  time.Time // until then somebody looks at the screen
	woken  chan struct{}
	staff  int64 // version of the list taken last
	forgot wire.Forgot
}

// newHubLane opens what the uplink needs of the lane.
func newHubLane(ctx context.Context, l *lane) (*hubLane, error) {
	box, err := outbox.Open(ctx, l.cfg.Data)
	if err != nil {
		return nil, err
	}
	say := make(chan uplink.Said, 4)
	talks, err := newLaneCall(l.cfg.Call, say)
	if err != nil {
		return nil, errors.Join(err, box.Close())
	}
	return &hubLane{
		Station: l.station, lane: l, box: box, talk: newLaneTalk(say), call: talks, say: say, grown: make(chan struct{}, 1),
		woken: make(chan struct{}, 1),
	}, nil
}

// run carries the lane's journal and calls to the hub until ctx ends. What is
// wrong with the way there is said, and is no reason to stop selling.
func (h *hubLane) run(ctx context.Context) error {
	select {
	case <-h.lane.station.Ready():
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	up, err := uplink.New(uplink.Options{
		URL: h.lane.cfg.Hub.URL, Credentials: h.lane.cfg.Hub.Credentials, Journal: h.lane.journal, Box: h.box, Lane: h,
		Changed: h.HubChanged(), Grown: h.grown, Say: h.say, Lessons: h.lane.shared(), Forget: h.forget, Whose: h.whose, Log: h.lane.log,
	})
	if err != nil {
		h.lane.log.ErrorContext(ctx, "the lane stands alone", "err", err)
		<-ctx.Done()
		return context.Cause(ctx)
	}
	h.up.Store(up)
	watching, talking := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watching)
		h.show(ctx)
	}()
	go func() {
		defer close(talking)
		h.talk.run(ctx)
	}()
	err = up.Run(ctx)
	if ctx.Err() == nil && err != nil {
		h.lane.log.ErrorContext(ctx, "the lane stands alone", "err", err)
		<-ctx.Done()
	}
	<-watching
	<-talking
	return context.Cause(ctx)
}

// Grew says that the journal has grown.
func (h *hubLane) Grew() {
	select {
	case h.grown <- struct{}{}:
	default:
	}
}

// stateWait is how long the journal may take to say where it ends.
const stateWait = time.Second

// State is the lane as it is now.
func (h *hubLane) State() wire.LaneState {
	ctx, cancel := context.WithTimeout(context.Background(), stateWait) // the uplink hands in none
	defer cancel()
	st := h.HubState()
	st.Talk = h.talk.open(st.Calls)
	h.call.open(st.Calls)
	h.mu.Lock()
	st.Forgot = h.forgot
	h.mu.Unlock()
	if head, err := h.lane.journal.Head(ctx); err == nil {
		st.Head, st.HeadHash = head.Seq, head.Hex()
	}
	if mark, err := h.box.Mark(ctx, st.Epoch); err == nil {
		st.Marked = mark.Seq
	}
	return st
}

// Calls are the station's, each with the number of the member's card that it is
// about: the hub alone knows who agreed that staff are told, and keeps it not.
func (h *hubLane) Calls() []wire.CallUp {
	all := h.Station.Calls()
	ctx, cancel := context.WithTimeout(context.Background(), stateWait) // as above
	defer cancel()
	for i := range all {
		if handle := all[i].Context.Member; handle != "" {
			if class, number, err := h.lane.journal.Personal(ctx, handle); err == nil && class == memberClass {
				all[i].Context.MemberCode = number
			}
		}
	}
	return all
}

// Answered says that the hub knows a call as it stood.
func (h *hubLane) Answered(up wire.CallUp, down wire.CallDown) {
	up.Context.MemberCode = ""
	h.Station.Answered(up, down)
}

// Staff takes the store's staff list.
func (h *hubLane) Staff(ctx context.Context, s wire.Staff) error {
	h.mu.Lock()
	known := s.Version != 0 && s.Version == h.staff
	h.mu.Unlock()
	if known {
		return nil
	}
	if err := h.lane.staff.Take(ctx, s.Members); err != nil {
		return err
	}
	h.mu.Lock()
	h.staff = s.Version
	h.mu.Unlock()
	h.lane.log.InfoContext(ctx, "staff list taken", "version", s.Version, "members", len(s.Members))
	return nil
}

// forget erases what the lane knows of members who asked for that, also what it
// heard of them in practice: while it practises it hears nothing of the hub, and is
// told all of it when it is back.
func (h *hubLane) forget(ctx context.Context, f wire.Forget) error {
	n, err := forgetMembers(ctx, h.lane.cfg.Data, h.lane.journal, h.lane.training, func(number string) bool {
		return slices.ContainsFunc(f.Whom, func(w wire.Forgotten) bool { return w.Is(number) })
	})
	if err != nil {
		return err // the hub says it again
	}
	h.mu.Lock()
	h.forgot = f.Forgot
	h.mu.Unlock()
	if n > 0 {
		h.lane.log.InfoContext(ctx, "values of members erased", "values", n)
	}
	return nil
}

// whose is the number of a member's card that another lane asks for, with the basket
// that this one parked; "" where it has gone.
func (h *hubLane) whose(ctx context.Context, handle string) (string, error) {
	class, number, err := h.lane.journal.Personal(ctx, handle)
	if errors.Is(err, journal.ErrNoValue) || err == nil && class != memberClass {
		return "", nil
	}
	return number, err
}

// askWhose asks a lane for the member's number of a basket that it has parked.
func (l *lane) askWhose(ctx context.Context, w wire.Whose) (string, error) {
	if l.hub != nil && !l.training {
		if up := l.hub.up.Load(); up != nil {
			return up.Whose(ctx, w)
		}
	}
	return "", wire.ErrAway
}

// takeTicket asks the hub whose a parked basket is. A lane alone hears [wire.ErrAway].
func (l *lane) takeTicket(ctx context.Context, t wire.Take) (wire.Taken, error) {
	if l.hub != nil && !l.training {
		if up := l.hub.up.Load(); up != nil {
			return up.Take(ctx, t)
		}
	}
	return wire.Taken{}, wire.ErrAway
}

// Linked says whether the hub is heard.
func (h *hubLane) Linked(up bool) {
	h.mu.Lock()
	h.linked = up
	h.mu.Unlock()
	h.Station.Linked(up)
}

// Talk takes what was said in a call, or a signal of a video call.
func (h *hubLane) Talk(t wire.Talk) {
	if len(t.Signal) == 0 {
		h.talk.heard(t)
		return
	}
	if err := h.call.heard(t.Call, slices.Contains(h.HubState().Calls, t.Call), t.Signal); err != nil {
		h.lane.log.Info("signal not taken", "call", t.Call, "err", err)
	}
}

// maxWatch bounds how long one wish to see the screen counts.
const maxWatch = 5 * time.Minute

// Watch asks for the screen.
func (h *hubLane) Watch(w wire.Watch) {
	h.mu.Lock()
	h.watch = time.Now().Add(min(time.Duration(max(w.Seconds, 0))*time.Second, maxWatch))
	h.mu.Unlock()
	select {
	case h.woken <- struct{}{}:
	default:
	}
}

// show sends the screen while somebody looks at it.
func (h *hubLane) show(ctx context.Context) {
	views := h.Views(ctx)
	for {
		select {
		case _, open := <-views:
			if !open {
				return
			}
		case <-h.woken:
		case <-ctx.Done():
			return
		}
		h.mu.Lock()
		watched := time.Now().Before(h.watch)
		h.mu.Unlock()
		if v, ok := h.View(); ok && watched {
			h.send(screenOf(v))
		}
	}
}

// send says something of the moment; what cannot be said at once is old.
func (h *hubLane) send(v flow.View) {
	body, err := json.Marshal(v)
	if err != nil {
		return
	}
	select {
	case h.say <- uplink.Said{Topic: wire.UpView, Body: json.RawMessage(body)}:
	default:
	}
}

// screenOf is a view as somebody far away may see it: no page of staff.
func screenOf(v flow.View) flow.View {
	v.Staff = nil
	return v
}

// health is the hub as /healthz has it; "" at a lane that stands alone.
func (h *hubLane) health() string {
	if h == nil {
		return ""
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.linked {
		return "up"
	}
	return "away"
}

// marked is the newest row that the hub is known to have.
func (h *hubLane) marked(ctx context.Context) (int64, error) {
	mark, err := h.box.Mark(ctx, h.lane.journal.Epoch())
	return mark.Seq, err
}

// told hands on what the station has written.
type told struct{ lane *lane }

// Wrote counts it, and lets the uplink look.
func (t told) Wrote(ev flow.Event, decided flow.Facts) {
	t.lane.keeper.Wrote(ev, decided)
	if t.lane.hub != nil {
		t.lane.hub.Grew()
	}
	if t.lane.office != nil {
		t.lane.office.Grew()
	}
}
