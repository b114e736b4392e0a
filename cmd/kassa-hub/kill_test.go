package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kassa/store/hub/keeper"
	"kassa/store/journal"
	"kassa/store/outbox"
	"kassa/store/uplink"
	"kassa/store/wire"
)

// freeAddr is an address that nobody has at the moment.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// process is the hub as a program of its own, that can be killed.
type process struct {
	t      *testing.T
	config string
	page   string
	cmd    *exec.Cmd
	log    *bytes.Buffer
}

func newProcess(t *testing.T) *process {
	t.Helper()
	p := &process{t: t, page: freeAddr(t)}
	p.config = write(t, filepath.Join(t.TempDir(), "kassa-hub.toml"), fmt.Sprintf(
		"[hub]\nstore = \"0421\"\ndata = \"data\"\nlisten = %q\ntimezone = \"Europe/Berlin\"\n[nats]\nlisten = %q\n", p.page, freeAddr(t)))
	p.start()
	t.Cleanup(func() { _ = p.end(syscall.SIGKILL) })
	return p
}

func (p *process) data(name string) string {
	return filepath.Join(filepath.Dir(p.config), "data", name)
}

// start starts the hub and waits until it says that it is ready.
func (p *process) start() {
	p.t.Helper()
	ready, said, err := os.Pipe()
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd = exec.Command(os.Args[0], "run", "--config", p.config) //nolint:gosec // this very test
	p.cmd.Env = append(os.Environ(), "KASSA_HUB_TEST_CHILD=1")
	p.cmd.Stderr = said
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	_ = said.Close()
	p.log = &bytes.Buffer{}
	up := make(chan struct{})
	go func() {
		var once sync.Once
		dec := json.NewDecoder(io.TeeReader(ready, p.log))
		for {
			var line struct{ Msg string }
			if dec.Decode(&line) != nil {
				return // it has ended
			}
			if line.Msg == "ready" {
				once.Do(func() { close(up) })
			}
		}
	}()
	select {
	case <-up:
	case <-time.After(20 * time.Second):
		p.t.Fatalf("the hub is not ready:\n%s", p.log)
	}
}

// end ends the hub by a signal and returns how it ended.
func (p *process) end(sig syscall.Signal) error {
	_ = p.cmd.Process.Signal(sig) // it may have ended
	return p.cmd.Wait()
}

// till is a lane with an uplink that writes rows.
type till struct {
	t       *testing.T
	id      string
	journal *journal.Journal
	box     *outbox.Box
	grown   chan struct{}

	sold atomic.Int64

	mu    sync.Mutex
	said  []wire.CallUp // not answered yet
	calls []string
}

func (p *process) join(id string) *till {
	p.t.Helper()
	var code bytes.Buffer
	if err := (&laneAddCmd{Config: p.config, ID: id}).run(p.t.Context(), &code, io.Discard); err != nil {
		p.t.Fatal(err)
	}
	dir := filepath.Join(p.t.TempDir(), id)
	creds := filepath.Join(dir, "lane.creds")
	got, err := uplink.Enrol(p.t.Context(), "http://"+p.page, strings.TrimSpace(code.String()), id, creds)
	if err != nil {
		p.t.Fatal(err)
	}
	l := &till{t: p.t, id: id, grown: make(chan struct{}, 1)}
	if l.journal, err = journal.Open(p.t.Context(), dir, journal.Options{Store: "0421", Lane: id}); err != nil {
		p.t.Fatal(err)
	}
	if l.box, err = outbox.Open(p.t.Context(), dir); err != nil {
		p.t.Fatal(err)
	}
	u, err := uplink.New(uplink.Options{
		URL: got.URL, Credentials: creds, Journal: l.journal, Box: l.box, Lane: l, Grown: l.grown, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(p.t.Context()))
	ended := make(chan error, 2)
	go func() { ended <- l.journal.Run(ctx) }()
	go func() { ended <- u.Run(ctx) }()
	p.t.Cleanup(func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
				p.t.Error(err)
			}
		}
		if err := errors.Join(l.journal.Close(), l.box.Close()); err != nil {
			p.t.Error(err)
		}
	})
	return l
}

func (l *till) sell(ctx context.Context) error {
	ticket, err := l.journal.Append(ctx, journal.Entry{At: time.Now(), Clock: "synced", Kind: "ticked", Event: json.RawMessage(`{"a":1}`)})
	if err == nil {
		err = ticket.Wait(ctx)
	}
	l.sold.Add(1)
	select {
	case l.grown <- struct{}{}:
	default:
	}
	return err
}

// raise raises a call, once.
func (l *till) raise(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := fmt.Sprintf("%s-%d/1", l.id, n)
	l.said = append(l.said, wire.CallUp{ID: id, Verb: wire.CallRaise, Reason: "bagging", Language: "en", RaisedAt: time.Now()})
	l.calls = append(l.calls, id)
}

func (l *till) State() wire.LaneState {
	l.mu.Lock()
	defer l.mu.Unlock()
	m, _ := l.box.Mark(context.Background(), l.journal.Epoch())
	return wire.LaneState{
		Epoch: l.journal.Epoch(), Boot: "b", Mode: "open", Calls: append([]string{}, l.calls...), Marked: m.Seq, Head: l.sold.Load(),
	}
}

func (l *till) Calls() []wire.CallUp {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.said)
}

func (l *till) Answered(up wire.CallUp, _ wire.CallDown) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = slices.DeleteFunc(l.said, func(c wire.CallUp) bool { return c.ID == up.ID })
}
func (l *till) Heard(wire.CallDown) {}
func (l *till) Do(_ context.Context, c wire.Command) wire.Result {
	return wire.Result{ID: c.ID, OK: true}
}
func (l *till) Staff(context.Context, wire.Staff) error { return nil }
func (l *till) Watch(wire.Watch)                        {}
func (l *till) Talk(wire.Talk)                          {}
func (l *till) Linked(bool)                             {}

// Lanes sell while the hub is killed at moments from a seed, once with its
// stream's folder gone: in the end it has every row of every lane once, with the
// lanes' own hashes, and every call that was raised.
func TestKilledAtAnyMoment(t *testing.T) {
	const lanes, rows, kills, seed = 3, 60, 5, 7
	p := newProcess(t)
	r := rand.New(rand.NewPCG(seed, 1))
	var all []*till
	for i := range lanes {
		all = append(all, p.join(fmt.Sprint(i+1)))
	}
	var selling sync.WaitGroup
	for _, l := range all {
		selling.Go(func() {
			for range rows {
				if err := l.sell(t.Context()); err != nil {
					t.Error(err)
				}
				time.Sleep(20 * time.Millisecond) // a pace, not a wait
			}
		})
	}
	for n := range kills {
		all[n%lanes].raise(n + 1)
		time.Sleep(time.Duration(100+r.IntN(500)) * time.Millisecond) // the moment to kill at
		_ = p.end(syscall.SIGKILL)
		if n == 2 {
			if err := os.RemoveAll(p.data("jetstream")); err != nil {
				t.Fatal(err)
			}
		}
		p.start()
	}
	selling.Wait()
	for _, l := range all {
		l.confirmed(rows)
	}
	if err := p.end(syscall.SIGTERM); err != nil {
		t.Errorf("told to stop: %v\n%s", err, p.log)
	}
	p.compare(all, rows)
}

// confirmed waits until the lane knows that its rows are kept and its call heard.
func (l *till) confirmed(n int64) {
	l.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		m, err := l.box.Mark(l.t.Context(), l.journal.Epoch())
		if err == nil && m.Seq == n && len(l.Calls()) == 0 {
			return
		}
		if time.Now().After(deadline) {
			l.t.Fatalf("lane %s: mark %+v, calls %v, %v", l.id, m, l.Calls(), err)
		}
	}
}

// compare holds what the hub has against what the lanes wrote.
func (p *process) compare(all []*till, rows int64) {
	p.t.Helper()
	k, err := keeper.OpenReader(p.t.Context(), p.data(""))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = k.Close() }()
	var kept int64
	if err := k.DB().QueryRow(`SELECT count(*) FROM journal`).Scan(&kept); err != nil || kept != rows*int64(len(all)) {
		p.t.Errorf("%d rows, %v", kept, err)
	}
	for _, l := range all {
		for rec, err := range l.journal.Since(p.t.Context(), 0) {
			if err != nil {
				p.t.Fatal(err)
			}
			var hash string
			if err := k.DB().QueryRow(`SELECT hash FROM journal WHERE lane = ? AND epoch = ? AND seq = ?`, l.id, l.journal.Epoch(), rec.Seq).
				Scan(&hash); err != nil || hash != hex.EncodeToString(rec.Hash[:]) {
				p.t.Errorf("lane %s, row %d: %q, %v", l.id, rec.Seq, hash, err)
			}
		}
	}
	var out bytes.Buffer
	if err := (&verifyCmd{Config: p.config}).run(p.t.Context(), &out); err != nil || !strings.Contains(out.String(), `"journals":"whole"`) {
		p.t.Errorf("verify: %v\n%s", err, out.String())
	}
	p.callsAre(all)
}

// callsAre starts the hub once more and counts the calls on its board.
func (p *process) callsAre(all []*till) {
	p.t.Helper()
	want := 0
	for _, l := range all {
		want += len(l.calls)
	}
	p.start()
	var text string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		text = get(p.t, "http://"+p.page+"/metrics")
		if strings.Contains(text, fmt.Sprintf("kassa_hub_calls_open %d\n", want)) {
			return
		}
	}
	_, text, _ = strings.Cut(text, "TYPE kassa_hub_calls_open")
	p.t.Errorf("want %d calls open: %.60s", want, text)
}

func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return string(body)
}
