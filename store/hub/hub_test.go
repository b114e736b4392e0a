package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"kassa/kiosk/help"
	"kassa/kiosk/staff"
	"kassa/store/hub"
	"kassa/store/hub/desk"
	"kassa/store/hub/keeper"
	"kassa/store/journal"
	"kassa/store/outbox"
	"kassa/store/uplink"
	"kassa/store/wire"
)

const storeName = "0421"

// site is a store with a hub that can be stopped and started again.
type site struct {
	t      *testing.T
	dir    string
	listen string
	nats   string
	tls    bool
	keeper string // "": the hub
	h      *hub.Hub
	stop   func()
}

func newSite(t *testing.T, tls bool) *site {
	t.Helper()
	s := &site{t: t, dir: filepath.Join(t.TempDir(), "hub"), listen: "127.0.0.1:0", nats: "127.0.0.1:0", tls: tls}
	s.start()
	return s
}

func logger(t *testing.T) *slog.Logger {
	t.Helper()
	if testing.Verbose() {
		return slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	return slog.New(slog.DiscardHandler)
}

func (s *site) start() {
	s.t.Helper()
	p := help.DefaultPolicy()
	h, err := hub.Open(s.t.Context(), hub.Options{
		Store: storeName, Dir: s.dir, Listen: s.listen, NATS: hub.NATS{Listen: s.nats}, TLS: hub.TLS{Loopback: s.tls}, Policy: p,
		Keeper: s.keeper, ShowNames: true, Log: logger(s.t),
	})
	must(s.t, err)
	s.nats = h.LaneAddr()
	s.serve(h)
}

// serve runs an open hub, with one attendant at a console.
func (s *site) serve(h *hub.Hub) {
	s.t.Helper()
	s.h = h
	s.listen = strings.TrimSuffix(strings.SplitN(h.Page(), "://", 2)[1], "/")
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-ended, h.Close()); err != nil {
			s.t.Error(err)
		}
	})
	s.t.Cleanup(func() { s.stop() })
	must(s.t, h.Desk().Crew(s.t.Context(), []help.Agent{{ID: "a1", Role: "attendant", Languages: []string{"en"}, OnDuty: true}}))
}

func (s *site) restart() {
	s.t.Helper()
	s.stop()
	s.start()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// till waits until something holds.
func till(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}

// register is a lane: a journal with an uplink, and calls that are kept over a
// restart as the real lane's journal would keep them.
type register struct {
	t       *testing.T
	id      string
	dir     string
	url     string
	journal *journal.Journal
	box     *outbox.Box
	grown   chan struct{}
	changed chan struct{}
	stop    func()

	mu     sync.Mutex
	boot   string
	calls  map[string]wire.CallUp // not answered yet
	open   []string
	downs  []wire.CallDown
	done   map[string]int // command id -> times done
	deeds  []string
	staff  wire.Staff
	linked bool
	learns school
	forgot wire.Forgot
}

// join enrols a lane and opens its journal.
func (s *site) join(id string) *register {
	s.t.Helper()
	r := &register{
		t: s.t, id: id, dir: filepath.Join(s.t.TempDir(), id), grown: make(chan struct{}, 1), changed: make(chan struct{}, 1),
		calls: map[string]wire.CallUp{}, done: map[string]int{},
	}
	must(s.t, os.MkdirAll(r.dir, 0o750))
	got, err := uplink.Enrol(s.t.Context(), s.h.Page(), s.code(id), id, r.creds())
	must(s.t, err)
	if got.Store != storeName || len(got.Pepper) != 32 {
		s.t.Fatalf("enrolled: %+v", got)
	}
	r.url = got.URL
	r.journal, err = journal.Open(s.t.Context(), r.dir, journal.Options{Store: storeName, Lane: id})
	must(s.t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- r.journal.Run(ctx) }()
	r.box, err = outbox.Open(s.t.Context(), r.dir)
	must(s.t, err)
	s.t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, r.journal.Close(), r.box.Close()); err != nil {
			s.t.Error(err)
		}
	})
	r.link()
	return r
}

// code is what `kassa-hub lane add` prints.
func (s *site) code(lane string) string {
	s.t.Helper()
	secret, err := s.h.Book().Add(s.t.Context(), lane)
	must(s.t, err)
	print, err := hub.Fingerprint(hub.Options{Store: storeName, Dir: s.dir, Listen: s.listen, NATS: hub.NATS{Listen: s.nats}}, time.Now())
	must(s.t, err)
	return secret + print
}

func (r *register) creds() string { return filepath.Join(r.dir, "lane.creds") }

// link starts the lane's uplink, as at the start of its process.
func (r *register) link() {
	r.t.Helper()
	r.mu.Lock()
	r.boot = fmt.Sprint(time.Now().UnixNano())
	r.mu.Unlock()
	u, err := uplink.New(uplink.Options{
		URL: r.url, Credentials: r.creds(), Journal: r.journal, Box: r.box, Lane: r, Changed: r.changed, Grown: r.grown, Log: logger(r.t),
		Lessons: &r.learns, LearnEvery: 20 * time.Millisecond, Forget: r.forget,
	})
	must(r.t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- u.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			r.t.Error(err)
		}
	})
	r.t.Cleanup(func() { r.stop() })
}

func (r *register) relink() {
	r.t.Helper()
	r.stop()
	r.link()
}

func (r *register) sell(n int) {
	r.t.Helper()
	for range n {
		ticket, err := r.journal.Append(r.t.Context(), journal.Entry{At: time.Now(), Clock: "synced", Kind: "ticked", Event: json.RawMessage(`{"a":"<&>"}`)})
		must(r.t, err)
		must(r.t, ticket.Wait(r.t.Context()))
	}
	poke(r.grown)
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (r *register) raise(id string) {
	r.mu.Lock()
	r.calls[id] = wire.CallUp{
		ID: id, Verb: wire.CallRaise, Boot: r.boot, Reason: "bagging.too-much", Language: "en", RaisedAt: time.Now(), Context: wire.Context{Number: 7},
	}
	r.open = append(r.open, id)
	r.mu.Unlock()
	poke(r.changed)
}

// What follows is uplink.Lane.

func (r *register) State() wire.LaneState {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, _ := r.box.Mark(context.Background(), r.journal.Epoch())
	return wire.LaneState{
		Lane: r.id, Epoch: r.journal.Epoch(), Boot: r.boot, At: time.Now(), Mode: "open", Calls: slices.Clone(r.open), Marked: m.Seq,
		Forgot: r.forgot,
	}
}

func (r *register) Calls() []wire.CallUp {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []wire.CallUp
	for _, up := range r.calls {
		all = append(all, up)
	}
	return all
}

func (r *register) Answered(up wire.CallUp, down wire.CallDown) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls[up.ID].Verb == up.Verb {
		delete(r.calls, up.ID)
	}
	r.downs = append(r.downs, down)
}

func (r *register) Heard(down wire.CallDown) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.downs = append(r.downs, down)
}

// Do does what settles a call, once an id.
func (r *register) Do(_ context.Context, c wire.Command) wire.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	result := wire.Result{ID: c.ID, Boot: r.boot}
	if c.Boot != r.boot && c.Boot != "" || c.Call != "" && !slices.Contains(r.open, c.Call) {
		result.Why = "stale"
		return result
	}
	r.done[c.ID]++
	r.deeds = append(r.deeds, c.Deed)
	if c.Call != "" {
		r.open = slices.DeleteFunc(r.open, func(id string) bool { return id == c.Call })
		r.calls[c.Call] = wire.CallUp{ID: c.Call, Verb: wire.CallEnd, Boot: r.boot, By: c.By, Outcome: c.Reason, RaisedAt: time.Now()}
	}
	result.OK = true
	return result
}

func (r *register) Staff(_ context.Context, s wire.Staff) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.staff = s
	return nil
}
func (r *register) Watch(wire.Watch) {}
func (r *register) Talk(wire.Talk)   {}

func (r *register) Linked(up bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.linked = up
	poke(r.changed)
}

func (r *register) last(id string) wire.CallDown {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range slices.Backward(r.downs) {
		if d.ID == id {
			return d
		}
	}
	return wire.CallDown{}
}

// marked waits until the lane knows that the keeper has n rows.
func (r *register) marked(n int64) {
	r.t.Helper()
	till(r.t, fmt.Sprintf("lane %s's mark at %d", r.id, n), func() bool {
		m, err := r.box.Mark(r.t.Context(), r.journal.Epoch())
		return err == nil && m.Seq == n
	})
}

// whole checks that the keeper has n rows of a lane, each once, and that its
// chain holds.
func (s *site) whole(want map[string]int64) {
	s.t.Helper()
	for lane, n := range want {
		var rows, top int64
		must(s.t, s.h.Keeper().DB().QueryRow(`SELECT count(*), max(seq) FROM journal WHERE lane = ?`, lane).Scan(&rows, &top))
		if rows != n || top != n {
			s.t.Errorf("lane %s: %d rows up to %d, want %d", lane, rows, top, n)
		}
	}
	if _, err := s.h.Keeper().Verify(s.t.Context(), func(f keeper.Finding) { s.t.Errorf("%+v", f) }, nil); err != nil {
		s.t.Error(err)
	}
}

// Lanes enrol over TLS, their rows arrive, and the hub may go and come at any
// moment.
func TestRowsArriveOverTLS(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	one, two := s.join("1"), s.join("2")
	if !strings.HasPrefix(one.url, "tls://") {
		t.Errorf("lanes are told %q", one.url)
	}
	one.sell(200)
	two.sell(30)
	s.restart()
	one.sell(50)
	one.marked(250)
	two.marked(30)
	s.restart()
	two.sell(5)
	two.marked(35)
	s.whole(map[string]int64{"1": 250, "2": 35})
}

func TestCodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	code := s.code("1")
	creds := filepath.Join(t.TempDir(), "c")
	if _, err := uplink.Enrol(t.Context(), s.h.Page(), code, "2", creds); !errors.Is(err, uplink.ErrCode) {
		t.Errorf("another lane's code: %v", err)
	}
	if _, err := uplink.Enrol(t.Context(), s.h.Page(), code, "1", creds); err != nil {
		t.Fatal(err)
	}
	if _, err := uplink.Enrol(t.Context(), s.h.Page(), code, "1", creds); !errors.Is(err, uplink.ErrCode) {
		t.Errorf("used code: %v", err)
	}
	if _, err := uplink.Enrol(t.Context(), s.h.Page(), code[:10]+"000000000000", "1", creds); err == nil || !strings.Contains(err.Error(), "right hub") {
		t.Errorf("another hub's code: %v", err)
	}
	var last error
	for range 5 { // guessing is slow
		_, last = uplink.Enrol(t.Context(), s.h.Page(), code, "1", creds)
	}
	if last == nil || !strings.Contains(last.Error(), "429") {
		t.Errorf("the ninth try: %v", last)
	}
}

// The lane is removed: it is cut off at once and does not come in again; with a
// new code it does.
func TestRemovedLaneIsCutOff(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	r := s.join("1")
	r.sell(3)
	r.marked(3)
	must(t, s.h.Book().Remove(t.Context(), "1"))
	till(t, "lane 1 is cut off", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return !r.linked })
	r.sell(2)
	s.restart() // a hub that starts anew has not forgotten
	time.Sleep(300 * time.Millisecond)
	r.mu.Lock()
	back := r.linked
	r.mu.Unlock()
	if back {
		t.Error("a removed lane came in again")
	}
	r.stop()
	_, err := uplink.Enrol(t.Context(), s.h.Page(), s.code("1"), "1", r.creds())
	must(t, err)
	r.link()
	r.marked(5)
}

// JetStream's folder is deleted: rows come again from the lanes, none twice.
func TestDeletedStream(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	r := s.join("1")
	r.sell(100)
	r.marked(100)
	s.stop()
	must(t, os.RemoveAll(filepath.Join(s.dir, "jetstream")))
	r.sell(20)
	s.start()
	r.marked(120)
	s.whole(map[string]int64{"1": 120})
}

// The keeper is put back from a backup: it says a lower mark, and is filled from
// the stream, or from the lane when the stream is gone, too.
func TestRestoredKeeper(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]bool{"stream there": false, "stream gone": true} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, false)
			r := s.join("1")
			r.sell(40)
			r.marked(40)
			backup := filepath.Join(t.TempDir(), "keeper.db")
			must(t, s.h.Keeper().Backup(t.Context(), backup))
			r.sell(60)
			r.marked(100)
			s.stop()
			for _, suffix := range []string{"", "-wal", "-shm"} {
				_ = os.Remove(filepath.Join(s.dir, keeper.FileName+suffix))
			}
			must(t, os.Rename(backup, filepath.Join(s.dir, keeper.FileName)))
			if gone {
				must(t, os.RemoveAll(filepath.Join(s.dir, "jetstream")))
			}
			s.start()
			till(t, "100 rows", func() bool {
				m, err := s.h.Keeper().Mark(t.Context(), storeName, "1", r.journal.Epoch())
				return err == nil && m.Seq == 100
			})
			r.marked(100)
			s.whole(map[string]int64{"1": 100})
		})
	}
}

// A lane that speaks for another, or nonsense, ends in quarantine; the rows
// behind are kept, and people are told once.
func TestLaneSpeaksForItselfAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	one, two := s.join("1"), s.join("2")
	two.sell(1)
	two.marked(1)
	nc := one.raw()
	var foreign wire.Row
	for rec, err := range two.journal.Since(t.Context(), 0) {
		must(t, err)
		foreign = uplink.Row(two.journal, rec)
	}
	data, err := wire.Encode(foreign)
	must(t, err)
	must(t, nc.Publish(wire.Up(storeName, "1", wire.UpJournal), data))
	must(t, nc.Publish(wire.Up(storeName, "1", wire.UpJournal), []byte("\x00garbage")))
	must(t, nc.Publish(wire.Up(storeName, "2", wire.UpJournal), data)) // refused by the broker
	must(t, nc.Flush())
	one.sell(2)
	one.marked(2)
	if st := s.h.Stats(); st.Strays != 2 || st.Known != 0 || st.Quarantine != 2 {
		t.Errorf("%+v", st)
	}
	till(t, "a call of the house", func() bool { open, _ := s.h.Fleet().Open(); return open == 1 })
	s.whole(map[string]int64{"1": 2, "2": 1})
}

// A call is raised, claimed and settled while the hub goes and comes at every
// step: it is never lost and never settled twice.
func TestCallOutlivesTheHub(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	r := s.join("1")
	s.stop()
	r.raise("1-7/1") // while the hub is away
	s.start()
	till(t, "called", func() bool { return r.last("1-7/1").State == "called" })
	s.restart()
	r.relink()
	c := s.call("1-7/1")
	c, err := s.h.Desk().Do(t.Context(), help.Deed{Call: c.ID, Version: c.Version, Verb: help.DoClaim, By: "a1"})
	must(t, err)
	till(t, "coming", func() bool { return r.last("1-7/1").State == "coming" })
	s.restart()
	c = s.call("1-7/1")
	if c.State != help.Claimed || c.By != "a1" {
		t.Fatalf("after the restart: %+v", c)
	}
	var settled help.Call
	till(t, "settled", func() bool {
		settled, err = s.h.Desk().Settle(t.Context(), desk.Settlement{Call: c.ID, Version: c.Version, By: "a1", Role: "attendant", Reason: "looked", Deed: "bagging-ok"})
		return !errors.Is(err, desk.ErrAway)
	})
	must(t, err)
	if settled.State != help.Settled {
		t.Fatalf("%+v", settled)
	}
	s.restart()
	till(t, "the lane's own word is heard", func() bool { return len(r.Calls()) == 0 })
	if _, err := s.h.Desk().Settle(t.Context(), desk.Settlement{Call: c.ID, Version: c.Version, By: "a1", Deed: "bagging-ok"}); !errors.Is(err, help.ErrGone) {
		t.Errorf("settled twice: %v", err)
	}
	if len(r.deeds) != 1 || len(r.done) != 1 {
		t.Errorf("the lane did %v", r.deeds)
	}
	if open, _ := s.h.Fleet().Open(); open != 0 {
		t.Errorf("%d calls are open", open)
	}
}

// call waits for a call on the desk.
func (s *site) call(id string) (c help.Call) {
	s.t.Helper()
	snapshots, leave, err := s.h.Desk().Watch(s.t.Context())
	must(s.t, err)
	defer leave()
	for {
		select {
		case snap := <-snapshots:
			for _, w := range snap.Calls {
				if w.ID == id {
					return w.Call
				}
			}
		case <-time.After(10 * time.Second):
			s.t.Fatalf("call %s is not on the desk", id)
		}
	}
}

// An answer that was lost is asked for once more, under the same id.
func TestCommandIsAskedTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	r := s.join("1")
	r.stop()
	var asked []string
	sub, err := r.raw().Subscribe(wire.Down(storeName, "1", wire.DownCommand), func(m *nats.Msg) {
		var c wire.Command
		if err := wire.Decode(m.Data, &c); err != nil {
			t.Error(err)
		}
		if asked = append(asked, c.ID); len(asked) == 1 {
			return // the answer is lost
		}
		data, err := wire.Encode(wire.Result{ID: c.ID, OK: true})
		if err == nil {
			err = m.Respond(data)
		}
		if err != nil {
			t.Error(err)
		}
	})
	must(t, err)
	till(t, "asked twice", func() bool {
		result, err := s.h.Command(t.Context(), "1", wire.Command{ID: "x", Deed: "close", Expires: time.Now().Add(5 * time.Second)})
		return err == nil && result.OK
	})
	must(t, sub.Unsubscribe())
	if !slices.Equal(asked, []string{"x", "x"}) {
		t.Errorf("asked %v", asked)
	}
}

func TestCommandIsDoneOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	r := s.join("1")
	till(t, "heard", func() bool { _, ok := s.h.Fleet().Lane("1"); return ok })
	result, err := s.h.Command(t.Context(), "1", wire.Command{ID: "x", Deed: "close", Expires: time.Now().Add(5 * time.Second)})
	must(t, err)
	if !result.OK || r.done["x"] != 1 {
		t.Errorf("%+v, %v", result, r.done)
	}
	if _, err := s.h.Command(t.Context(), "9", wire.Command{ID: "y", Expires: time.Now().Add(5 * time.Second)}); err == nil {
		t.Error("a lane that is not there answered")
	}
	if st := s.h.Stats(); st.Commands != 2 || st.Unanswered != 1 {
		t.Errorf("%+v", st)
	}
}

func TestStaffListReachesLanes(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	r := s.join("1")
	m, err := s.h.Roster().Add(t.Context(), "Amina Diallo", staff.Attendant, "", "482915")
	must(t, err)
	has := func(active bool) func() bool {
		return func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			return len(r.staff.Members) == 1 && r.staff.Members[0].ID == m.ID && r.staff.Members[0].Active == active
		}
	}
	till(t, "the list", has(true))
	version := r.staff.Version
	if !staff.MatchPIN("482915", r.staff.Members[0].Hash, r.staff.Members[0].Salt, s.h.Roster().Pepper()) {
		t.Error("the lane could not check the PIN")
	}
	must(t, s.h.Roster().Disable(t.Context(), "Amina Diallo"))
	till(t, "she is off duty", has(false))
	if r.staff.Version <= version {
		t.Errorf("version %d after %d", r.staff.Version, version)
	}
}

func TestHealthAndAuthority(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.join("1")
	till(t, "heard", func() bool { l, ok := s.h.Fleet().Lane("1"); return ok && l.State.Mode == "open" })
	for path, want := range map[string]string{"healthz": `"lane":"1","mode":"open"`, "ca.pem": "BEGIN CERTIFICATE"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.h.Page()+path, nil)
		must(t, err)
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		body, err := io.ReadAll(res.Body)
		must(t, errors.Join(err, res.Body.Close()))
		if res.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %s %s", path, res.Status, body)
		}
	}
}

// A member's number is not kept; a call names the handle, and only of one who agreed.
func TestMemberIsAHandle(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	if _, err := s.h.Members().Import(t.Context(), strings.NewReader("number,consent\n9501101020917,yes\n42,no\n")); err != nil {
		t.Fatal(err)
	}
	nc := s.join("1").raw()
	for _, number := range []string{"9501101020917", "42"} {
		data, err := wire.Encode(wire.CallUp{ID: "1-" + number + "/1", Verb: wire.CallRaise, Reason: "help", RaisedAt: time.Now(), Context: wire.Context{MemberCode: number}})
		must(t, err)
		m, err := nc.Request(wire.Up(storeName, "1", wire.UpCall), data, 5*time.Second)
		must(t, err)
		var down wire.CallDown
		if err := wire.Decode(m.Data, &down); err != nil || down.State != "called" {
			t.Errorf("%+v, %v", down, err)
		}
	}
	snapshots, leave, err := s.h.Desk().Watch(t.Context())
	must(t, err)
	defer leave()
	for _, w := range (<-snapshots).Calls {
		known := strings.Contains(w.ID, "9501101020917")
		if w.Context.MemberCode != "" || (w.Context.Member != "") != known {
			t.Errorf("%s: %+v", w.ID, w.Context)
		}
		if n, err := s.h.Members().Calls(t.Context(), w.Context.Member, time.Unix(0, 0)); err != nil || known && n != 1 {
			t.Errorf("%d calls, %v", n, err)
		}
	}
}

func TestSecondHubIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	_, err := hub.Open(t.Context(), hub.Options{Store: storeName, Dir: s.dir, Listen: "127.0.0.1:0", NATS: hub.NATS{Listen: "127.0.0.1:0"}, Policy: help.DefaultPolicy(), Log: logger(t)})
	if !errors.Is(err, journal.ErrInUse) {
		t.Errorf("%v", err)
	}
}
