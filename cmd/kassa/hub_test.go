package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/help"
	"kassa/kiosk/staff"
	"kassa/kiosk/web"
	"kassa/store/hub"
	"kassa/store/hub/desk"
)

// storeHub is a hub that can be killed and started again.
type storeHub struct {
	t            *testing.T
	dir          string
	listen, nats string
	h            *hub.Hub
	stop         func()
}

func newStoreHub(t *testing.T) *storeHub {
	t.Helper()
	s := &storeHub{t: t, dir: filepath.Join(t.TempDir(), "hub"), listen: "127.0.0.1:0", nats: "127.0.0.1:0"}
	s.start()
	return s
}

func (s *storeHub) options() hub.Options {
	return hub.Options{
		Store: "0421", Dir: s.dir, Listen: s.listen, NATS: hub.NATS{Listen: s.nats}, Policy: help.DefaultPolicy(), ShowNames: true,
		Log: slog.New(slog.DiscardHandler),
	}
}

func (s *storeHub) start() {
	s.t.Helper()
	h, err := hub.Open(s.t.Context(), s.options())
	if err != nil {
		s.t.Fatal(err)
	}
	s.h, s.nats = h, h.LaneAddr()
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
	if err := h.Desk().Crew(s.t.Context(), []help.Agent{{ID: "a1", Role: "supervisor", Languages: []string{"en"}, OnDuty: true}}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *storeHub) restart() { s.stop(); s.start() }

// call waits for a call on the desk.
func (s *storeHub) call(id string) (found help.Call) {
	s.t.Helper()
	shots, leave, err := s.h.Desk().Watch(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	defer leave()
	for deadline := time.After(20 * time.Second); ; {
		select {
		case shot := <-shots:
			for _, c := range shot.Calls {
				if c.ID == id {
					return c.Call
				}
			}
		case <-deadline:
			s.t.Fatalf("call %s is not on the desk", id)
		}
	}
}

// linkedLane is a lane with its uplink that can be killed and started again.
type linkedLane struct {
	t    *testing.T
	file string
	l    *lane
	stop func()
}

func (k *linkedLane) start() {
	k.t.Helper()
	cfg, err := config.Load(k.file)
	if err != nil {
		k.t.Fatal(err)
	}
	l, err := openLane(k.t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		k.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(k.t.Context()))
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return l.station.Run(ctx) })
	g.Go(func() error { return l.hub.run(ctx) })
	<-l.station.Ready()
	k.l = l
	k.stop = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(quiet(ctx, g.Wait()), l.close()); err != nil {
			k.t.Error(err)
		}
	})
	k.t.Cleanup(func() { k.stop() })
}

func (k *linkedLane) restart() { k.stop(); k.start() }

func (k *linkedLane) touch(act flow.Act, value string) {
	k.t.Helper()
	if err := k.l.touch(k.t.Context(), web.Touch{Act: act, Value: value}); err != nil {
		k.t.Fatalf("%s: %v", act, err)
	}
}

func (k *linkedLane) view() flow.View {
	v, _ := k.l.station.View()
	return v
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}

// enrolled is a lane that its store's hub knows.
func enrolled(t *testing.T, s *storeHub) *linkedLane {
	t.Helper()
	k := enrolledAs(t, s, "1")
	k.start()
	return k
}

// enrolledAs is one of several, not started yet.
func enrolledAs(t *testing.T, s *storeHub, id string) *linkedLane {
	t.Helper()
	dir := t.TempDir()
	file := plainLane(t, dir, "[screen]", fmt.Sprintf("[hub]\nurl = \"nats://%s\"\ncredentials = \"lane.creds\"\n[screen]", s.nats))
	text, err := os.ReadFile(file) //nolint:gosec // the test's own
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, file, strings.Replace(string(text), `id = "1"`, fmt.Sprintf("id = %q", id), 1))
	secret, err := s.h.Book().Add(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	print, err := hub.Fingerprint(s.options(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := (&enrolCmd{Config: file, Hub: s.h.Page(), Code: secret + print}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &linkedLane{t: t, file: file}
}

// TestHelpFromAfarOverEveryRestart kills hub and lane between each two steps of a
// call: it is not lost, and it is settled once.
func TestHelpFromAfarOverEveryRestart(t *testing.T) {
	t.Parallel()
	s := newStoreHub(t)
	amina, err := s.h.Roster().Add(t.Context(), "Amina", staff.Supervisor, "11111111", "295817")
	if err != nil {
		t.Fatal(err)
	}
	k := enrolled(t, s)
	const id = "1-000001/1"
	both := func() { k.restart(); s.restart() }
	s.stop()
	k.touch(flow.ActStart, "")
	k.touch(flow.ActHelp, "")
	k.touch(flow.ActArticle, "scan")
	k.touch(flow.ActCall, "") // while the hub is away
	k.restart()
	s.start()
	c := s.call(id)
	if c.Reason != "help.button" || c.Lane != "1" {
		t.Fatalf("raised: %+v", c)
	}
	both()
	c = s.call(id)
	c, err = s.h.Desk().Do(t.Context(), help.Deed{Call: id, Version: c.Version, Verb: help.DoClaim, By: amina.ID})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "she sees that somebody comes", func() bool { v := k.view(); return v.Call != nil && v.Call.State == flow.CallComing })
	both()
	eventually(t, "she still sees it", func() bool { v := k.view(); return v.Call != nil && v.Call.State == flow.CallComing })

	settle := func() (help.Call, error) {
		return s.h.Desk().Settle(t.Context(), desk.Settlement{
			Call: id, Version: s.call(id).Version, By: amina.ID, Role: "supervisor", Reason: "explained", Deed: "settle",
			Boot: k.l.journal.RunID(),
		})
	}
	eventually(t, "settled", func() bool {
		c, err = settle()
		return !errors.Is(err, desk.ErrAway)
	})
	if err != nil || c.State != help.Settled {
		t.Fatalf("settled: %+v, %v", c, err)
	}
	if v := k.view(); v.Call != nil || v.Survey == nil {
		t.Errorf("she sees call %+v, survey %+v", v.Call, v.Survey)
	}
	k.touch(flow.ActSurvey, "yes")
	k.touch(flow.ActSurvey, "3")
	both()
	eventually(t, "the hub knows all", func() bool { return len(k.l.station.Calls()) == 0 && k.l.hub.health() == "up" })
	_, err = s.h.Desk().Settle(t.Context(), desk.Settlement{Call: id, Version: c.Version, By: amina.ID, Role: "supervisor", Deed: "settle", Boot: k.l.journal.RunID()})
	if !errors.Is(err, help.ErrGone) {
		t.Errorf("settled twice: %v", err)
	}
	calls := k.l.station.Sale().Calls
	if len(calls) != 1 || calls[0].By != amina.ID || calls[0].From != "console" || calls[0].Rating != 3 || len(calls[0].Reads) != 1 {
		t.Errorf("on the lane's record: %+v", calls)
	}
	if who, err := k.l.staff.ByBadge(t.Context(), "11111111"); err != nil || who == nil || who.ID != amina.ID {
		t.Errorf("the store's badge at the lane: %+v, %v", who, err)
	}
	head, err := k.l.journal.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "all rows are kept", func() bool { n, _ := k.l.hub.marked(t.Context()); return n >= head.Seq })
}

func TestEnrolRefusesAnotherStoresHub(t *testing.T) {
	t.Parallel()
	s := newStoreHub(t)
	dir := t.TempDir()
	file := plainLane(t, dir, `store = "0421"`, "store = \"0999\"")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	more := "[hub]\nurl = \"nats://127.0.0.1:4222\"\ncredentials = \"lane.creds\"\n"
	if err := os.WriteFile(file, append(text, more...), 0o600); err != nil {
		t.Fatal(err)
	}
	secret, err := s.h.Book().Add(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	print, err := hub.Fingerprint(s.options(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	err = (&enrolCmd{Config: file, Hub: s.h.Page(), Code: secret + print}).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "0421") {
		t.Errorf("enrolled with another store's hub: %v", err)
	}
	for _, name := range []string{"lane.creds", "lane.creds.new", "data/pepper"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}
