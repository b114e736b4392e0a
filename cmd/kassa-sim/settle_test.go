package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kassa/cmd/kassa-sim/play"
	"kassa/cmd/kassa-sim/workbench"
	"kassa/kiosk/flow"
	helpdesk "kassa/store/hub/desk"
	"kassa/store/journal"
)

var strokesRun = flag.Int("strokes", 4, "at how many boundaries of settling a call to kill, chosen by -boundary-seed; 0: at all")

// A shop is a desk whose lane stands in a store with the real hub.
type shop struct {
	*desk

	hub     string // address of the hub's pages
	browser *http.Client
}

// newShop builds lane and hub and has an attendant sign in to the console.
func newShop(t *testing.T) *shop {
	t.Helper()
	dir, err := os.MkdirTemp("", "kassa") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	bin := filepath.Join(dir, "bin") + "/"
	if out, err := exec.Command("go", "build", "-o", bin, "kassa/cmd/kassa", "kassa/cmd/kassa-hub").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	screen := ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	s := &shop{desk: &desk{t: t, dir: dir, kassa: bin + "kassa", url: "http://" + screen}}
	s.bench, err = workbench.New(workbench.Options{
		Dir: dir, Speed: 1, Screen: screen, Kassa: s.kassa, Seed: 1, Log: slog.New(slog.DiscardHandler), Hub: bin + "kassa-hub", HubListen: "127.0.0.1:0",
	})
	if err != nil {
		t.Fatal(err)
	}
	server, err := workbench.NewServer(s.bench, s.url+"/")
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- s.bench.RunHub(ctx) }()
	go func() { ended <- s.bench.RunLane(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, <-ended, s.bench.Close()); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		web.CloseClientConnections()
		web.Close()
	})
	s.world = &play.Real{BenchURL: web.URL, LaneURL: s.url, Kassa: s.kassa, Config: filepath.Join(dir, "kassa.toml"), Client: &http.Client{}}
	s.hub = strings.TrimSuffix(s.bench.HubPage(), "/")
	s.signIn()
	return s
}

func (s *shop) signIn() {
	s.t.Helper()
	if err := s.await("lane and hub hear each other", s.linked); err != nil {
		s.t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.browser = &http.Client{Jar: jar, Timeout: 10 * time.Second}
	code, err := s.bench.DeviceCode(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	s.post("/device", url.Values{"code": {code}, "name": {"phone"}})
	s.post("/login", url.Values{"name": {"Amina"}, "pin": {"284915"}})
	if page := s.page("/"); !strings.Contains(page, `id="queue"`) {
		s.t.Fatalf("not signed in:\n%s", page)
	}
}

func (s *shop) post(path string, form url.Values) int {
	s.t.Helper()
	res, err := s.browser.PostForm(s.hub+path, form)
	if err != nil {
		return 0 // it was killed
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

func (s *shop) page(path string) string {
	res, err := s.browser.Get(s.hub + path)
	if err != nil {
		return ""
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body) // half a page has no button to tap
	return string(text)
}

// linked reports whether lane and hub hear each other.
func (s *shop) linked() bool {
	var lane struct{ Hub string }
	var hub struct {
		OK    bool
		Lanes []struct{ Lane string }
	}
	for url, into := range map[string]any{s.url + "/healthz": &lane, s.hub + "/healthz": &hub} {
		res, err := http.Get(url) //nolint:gosec // loopback
		if err != nil {
			return false
		}
		err = json.NewDecoder(res.Body).Decode(into)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			return false
		}
	}
	return lane.Hub == "up" && hub.OK && len(hub.Lanes) == 1
}

var (
	versionOf = regexp.MustCompile(`data-reason="checked" data-deed="settle" data-boot="([^"]*)"`)
	claimOf   = regexp.MustCompile(`data-do="(claim|settle)" data-call="[^"]*" data-version="(\d+)"`)
)

// tap claims or settles a call as the console's button does, and returns what
// the hub answered, 0 if it was not there to.
func (s *shop) tap(do, call string, n int) int {
	page := s.page("/?call=" + url.QueryEscape(call))
	button, boot := claimOf.FindStringSubmatch(page), versionOf.FindStringSubmatch(page)
	if button == nil || boot == nil {
		return -1
	}
	return s.post("/deed", url.Values{
		"do": {do}, "call": {call}, "version": {button[2]}, "boot": {boot[1]}, "reason": {"checked"}, "deed": {"settle"},
		"nonce": {fmt.Sprintf("nonce-of-the-tap-%s-%d-%d", do, n, time.Now().UnixNano())},
	})
}

// hold keeps everybody else from writing a database until the returned function
// is called: what waits for the disk waits there.
func (s *shop) hold(file string) (release func()) {
	s.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(s.dir, file)+"?_txlock=immediate&_busy_timeout=5000")
	if err != nil {
		s.t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		s.t.Fatal(err)
	}
	return func() {
		if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
			s.t.Error(err)
		}
	}
}

const (
	laneFile = "data/journal.db"
	deskFile = "hub/desk.db"
)

// done counts the commands in the lane's journal that ended a call.
func (s *shop) done(call string) (n int) {
	r, err := journal.OpenReader(s.t.Context(), filepath.Join(s.dir, "data"))
	if err != nil {
		return 0
	}
	defer func() { _ = r.Close() }()
	for rec, err := range r.Since(s.t.Context(), 0) {
		if err != nil {
			s.t.Fatal(err)
		}
		if rec.Kind != "commanded" {
			continue
		}
		var facts flow.Facts
		ev, err := flow.Decode(rec.Kind, rec.Event)
		if err := errors.Join(err, json.Unmarshal(rec.Facts, &facts)); err != nil {
			s.t.Fatal(err)
		}
		if c := ev.(flow.Commanded); c.Call == call && facts.Lane != nil { //nolint:forcetypeassert // of that kind
			for _, d := range facts.Lane.Commands {
				if d.ID == c.ID && d.Why == "" {
					n++
				}
			}
		}
	}
	return n
}

// state is what the desk has written of a call: "" nothing, "coming", "done".
func (s *shop) state(call string) (state, outcome string) {
	r, err := helpdesk.OpenReader(s.t.Context(), filepath.Join(s.dir, "hub"))
	if err != nil {
		return "", ""
	}
	defer func() { _ = r.Close() }()
	row := r.DB().QueryRowContext(s.t.Context(), `SELECT call ->> 'State', call ->> 'Outcome' FROM call WHERE id = ?`, call)
	if err := row.Scan(&state, &outcome); err != nil {
		return "", ""
	}
	return state, outcome
}

// cut kills hub or lane as it stands.
func (s *shop) cut(who string) {
	s.t.Helper()
	line := map[string]string{"hub": "power cut hub", "lane": "power cut"}[who]
	if err := s.await(who+" can be cut", func() bool { return s.bench.Do(line) == nil }); err != nil {
		s.t.Fatal(err)
	}
}

// A stroke is one boundary of settling a call, and who is killed there.
type stroke struct {
	when string
	who  []string
	// at has the tap made and returns when the boundary is reached; it may hold
	// a disk until release.
	at func(s *shop, call string) (release func())
}

func nothing() {}

// behind taps without waiting for the answer.
func (s *shop) behind(do, call string) { go s.tap(do, call, 0) }

func (s *shop) reach(what string, holds func() bool) {
	s.t.Helper()
	if err := s.await(what, holds); err != nil {
		s.t.Fatal(err)
	}
}

var commandsOf = regexp.MustCompile(`(?m)^kassa_events_total\{kind="commanded"\} (\d+)$`)

// commands is how many commands the lane has decided about since it started; what
// it counts is handed to its disk, and may not be on it yet.
func (s *shop) commands() string {
	res, err := http.Get(s.url + "/metrics")
	if err != nil {
		return ""
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body) // half a page has no such line, or is read again
	if n := commandsOf.FindSubmatch(text); n != nil {
		return string(n[1])
	}
	return "0"
}

// stands reports whether the desk says of itself that it does not turn: it waits
// for its disk.
func (s *shop) stands() bool {
	var hub struct{ Why string }
	res, err := http.Get(s.hub + "/healthz")
	if err != nil {
		return false
	}
	err = json.NewDecoder(res.Body).Decode(&hub)
	return errors.Join(err, res.Body.Close()) == nil && strings.HasPrefix(hub.Why, "desk: ")
}

func strokes() []stroke {
	atLane := func(s *shop, call string) func() { // the lane has the command, its disk has not
		var had string
		s.reach("the lane counts its commands", func() bool { had = s.commands(); return had != "" })
		release := s.hold(laneFile)
		s.behind("settle", call)
		s.reach("the lane has the command", func() bool { n := s.commands(); return n != "" && n != had })
		if n := s.done(call); n != 0 {
			s.t.Errorf("%s: it is in the journal %d times though nobody can write there", call, n)
		}
		return release
	}
	atDesk := func(s *shop, call string) func() { // the lane has done it, the desk's disk does not know
		release := s.hold(deskFile)
		s.behind("settle", call)
		s.reach("the lane has done it", func() bool { return s.done(call) == 1 })
		return release
	}
	claiming := func(s *shop, call string) func() {
		release := s.hold(deskFile)
		s.behind("claim", call)
		s.reach("the desk waits for its disk", s.stands)
		if state, _ := s.state(call); state == "coming" {
			s.t.Errorf("%s: the desk has written the claim though nobody can write there", call)
		}
		return release
	}
	claimed := func(s *shop, call string) func() {
		s.tap("claim", call, 0)
		s.reach("claimed", func() bool { state, _ := s.state(call); return state == "coming" })
		return nothing
	}
	settled := func(s *shop, call string) func() {
		s.behind("settle", call)
		s.reach("settled", func() bool { state, _ := s.state(call); return state == "done" })
		return nothing
	}
	before := func(*shop, string) func() { return nothing }
	var all []stroke
	for _, who := range [][]string{{"hub"}, {"lane"}, {"hub", "lane"}} {
		all = append(all,
			stroke{"raised, before any tap", who, before}, stroke{"claim tapped, before the desk's write", who, claiming},
			stroke{"claim written", who, claimed}, stroke{"command sent, before the lane's journal write", who, atLane},
			stroke{"journal written, before the desk's write", who, atDesk}, stroke{"desk written, before the next word", who, settled})
	}
	return all
}

// A call is settled while hub, lane or both are killed with SIGKILL at each
// boundary between the tap and the last write. Whoever was interrupted taps
// again, as a person would. In the end the lane has done it once, and both say
// that it is over.
func TestSettleKilledAtEveryBoundary(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if err := s.play("expect 60s screen start\nscan 9521234001010\nput bag 9521234001010\nexpect 5s total 129\n"); err != nil {
		t.Fatal(err)
	}
	table := fmt.Sprintf("%-46s %-9s %-12s %-10s %s\n", "killed", "who", "taps in all", "lane did", "desk says")
	chosen := strokes()
	if *strokesRun > 0 {
		rand.New(rand.NewPCG(*seed, 7)).Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] }) //nolint:gosec // a choice, no secret
		chosen = chosen[:min(*strokesRun, len(chosen))]
	}
	for i, b := range chosen {
		call := fmt.Sprintf("1-000001/%d", i+1)
		if err := s.play("touch help\ntouch call value=asked\n"); err != nil {
			t.Fatalf("%s: %v", b.when, err)
		}
		s.reach("the desk has the call", func() bool { state, _ := s.state(call); return state != "" })
		release := b.at(s, call)
		for _, who := range b.who {
			s.cut(who)
		}
		release()
		taps := s.over(call)
		_, outcome := s.state(call)
		table += fmt.Sprintf("%-46s %-9s %-12d %-10d %s\n", b.when, strings.Join(b.who, "+"), taps, s.done(call), outcome)
		if n := s.done(call); n != 1 {
			t.Errorf("%s, %v: the lane settled it %d times", b.when, b.who, n)
		}
		if state, outcome := s.state(call); state != "done" || outcome != "checked" {
			t.Errorf("%s, %v: the desk has %q, %q", b.when, b.who, state, outcome)
		}
	}
	t.Log("\n" + table)
}

// over goes on tapping until lane and desk agree that a call is over, and
// returns how many taps that took beyond the first.
func (s *shop) over(call string) (taps int) {
	s.t.Helper()
	s.reach("both are back", s.linked)
	next := time.Now()
	s.reach("the call is over", func() bool {
		state, _ := s.state(call)
		if state == "done" && s.done(call) == 1 {
			return true
		}
		if state != "done" && time.Now().After(next) {
			if s.tap("settle", call, taps) >= http.StatusOK {
				taps++
			}
			next = time.Now().Add(500 * time.Millisecond)
		}
		return false
	})
	return taps
}
