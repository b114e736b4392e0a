package uplink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"kassa/store/hub/broker"
	"kassa/store/hub/secret"
	"kassa/store/journal"
	"kassa/store/outbox"
	"kassa/store/wire"
)

// deaf is a lane with nothing to say but its rows.
type deaf struct {
	mu    sync.Mutex
	calls []wire.CallUp
	done  []wire.Command
}

func (d *deaf) State() wire.LaneState { return wire.LaneState{Lane: "1"} }

func (d *deaf) Calls() []wire.CallUp {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

func (d *deaf) Answered(wire.CallUp, wire.CallDown) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = nil
}
func (d *deaf) Heard(wire.CallDown) {}

func (d *deaf) Do(_ context.Context, c wire.Command) wire.Result {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(d.done, c)
	return wire.Result{ID: c.ID, OK: true, Seq: 7}
}
func (d *deaf) Staff(context.Context, wire.Staff) error { return nil }
func (d *deaf) Watch(wire.Watch)                        {}
func (d *deaf) Talk(wire.Talk)                          {}
func (d *deaf) Linked(bool)                             {}

// rig is a hub's server and a lane with a journal and an uplink.
type rig struct {
	t       *testing.T
	dir     string
	listen  string
	server  *broker.Server
	journal *journal.Journal
	box     *outbox.Box
	lane    *deaf
	grown   chan struct{}
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), listen: "127.0.0.1:0", lane: &deaf{}, grown: make(chan struct{}, 1)}
	r.startHub()
	r.listen = r.server.Addr()
	r.enrol()
	err := os.Mkdir(filepath.Join(r.dir, "lane"), 0o750)
	if err != nil {
		t.Fatal(err)
	}
	if r.journal, err = journal.Open(t.Context(), filepath.Join(r.dir, "lane"), journal.Options{Store: "0421", Lane: "1"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- r.journal.Run(ctx) }()
	if r.box, err = outbox.Open(t.Context(), filepath.Join(r.dir, "lane")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, r.journal.Close(), r.box.Close()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) startHub() {
	r.t.Helper()
	a, err := broker.OpenAuthority(filepath.Join(r.dir, "hub", "keys"), "0421")
	if err != nil {
		r.t.Fatal(err)
	}
	r.server, err = broker.Start(r.t.Context(), broker.Options{
		Dir: filepath.Join(r.dir, "hub"), Listen: r.listen, Authority: a, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(r.server.Stop)
}

// enrol writes a lane's credentials, as the hub would sign them.
func (r *rig) enrol() {
	r.t.Helper()
	a, err := broker.OpenAuthority(filepath.Join(r.dir, "hub", "keys"), "0421")
	if err != nil {
		r.t.Fatal(err)
	}
	key, err := nkeys.CreateUser()
	if err != nil {
		r.t.Fatal(err)
	}
	public, _ := key.PublicKey()
	seed, _ := key.Seed()
	user, err := a.Lane("1", public, time.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	text, err := jwt.FormatUserConfig(user, seed)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := secret.Write(r.creds(), text); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) creds() string { return filepath.Join(r.dir, "lane.creds") }

// stream is the hub's stream of journals.
func (r *rig) stream() jetstream.Stream {
	r.t.Helper()
	nc, err := r.server.Connect("test")
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		r.t.Fatal(err)
	}
	s, err := broker.Journal(r.t.Context(), js, "0421")
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r *rig) append(n int) {
	r.t.Helper()
	for range n {
		ticket, err := r.journal.Append(r.t.Context(), journal.Entry{At: time.Now(), Clock: "synced", Kind: "ticked", Event: json.RawMessage(`{"a":"<&>"}`)})
		if err != nil {
			r.t.Fatal(err)
		}
		if err := ticket.Wait(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
	}
	select {
	case r.grown <- struct{}{}:
	default:
	}
}

func (r *rig) uplink() (stop func()) {
	r.t.Helper()
	u, err := New(Options{
		URL: "nats://" + r.listen, Credentials: r.creds(), Journal: r.journal, Box: r.box, Lane: r.lane, Grown: r.grown,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- u.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Error(err)
		}
	})
	r.t.Cleanup(stop)
	return stop
}

// rows waits until the stream holds n different rows, and checks each.
func (r *rig) rows(s jetstream.Stream, n int) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 20*time.Second)
	defer cancel()
	c, err := s.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{})
	if err != nil {
		r.t.Fatal(err)
	}
	it, err := c.Messages()
	if err != nil {
		r.t.Fatal(err)
	}
	defer it.Stop()
	context.AfterFunc(ctx, it.Stop)
	seen := map[int64]bool{}
	for len(seen) < n {
		m, err := it.Next()
		if err != nil {
			r.t.Fatalf("%d of %d rows: %v", len(seen), n, err)
		}
		var row wire.Row
		if err := wire.Decode(m.Data(), &row); err != nil || !row.Sound() {
			r.t.Fatalf("row %+v, %v", row, err)
		}
		seen[row.Seq] = true
	}
	for seq := int64(1); seq <= int64(n); seq++ {
		if !seen[seq] {
			r.t.Fatalf("row %d is not there", seq)
		}
	}
}

// Rows reach the stream in order and whole; a hub that went comes back and gets
// what was written meanwhile.
func TestRowsReachTheHub(t *testing.T) {
	r := newRig(t)
	r.append(100)
	s := r.stream()
	r.uplink()
	r.rows(s, 100)
	r.server.Stop()
	r.append(50)
	r.startHub()
	r.rows(r.stream(), 150)
}

// A lane that starts again sends what the keeper has not confirmed, and what it
// has confirmed no more.
func TestMarkIsWhereItBegins(t *testing.T) {
	r := newRig(t)
	r.append(20)
	if err := r.box.Set(t.Context(), wire.Mark{Epoch: r.journal.Epoch(), Seq: 12, Hash: "h", Keeper: "hub"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	s := r.stream()
	stop := r.uplink()
	defer stop()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := s.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Next(jetstream.FetchMaxWait(10 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	var row wire.Row
	if err := wire.Decode(m.Data(), &row); err != nil || row.Seq != 13 {
		t.Errorf("the first row sent is %d, %v", row.Seq, err)
	}
}

// The keeper lost what it had: it says so, and gets everything once more, though
// JetStream would take it for doubles.
func TestLowerMarkSendsAgain(t *testing.T) {
	r := newRig(t)
	r.append(30)
	s := r.stream()
	r.uplink()
	r.rows(s, 30)
	nc, err := r.server.Connect("keeper")
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	tell := func(topic wire.Topic, body any) {
		data, err := wire.Encode(body)
		if err != nil {
			t.Fatal(err)
		}
		if err := nc.Publish(wire.Down("0421", "1", topic), data); err != nil {
			t.Fatal(err)
		}
	}
	tell(wire.DownMark, wire.Mark{Epoch: r.journal.Epoch(), Seq: 30, Hash: "h"})
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	tell(wire.DownMark, wire.Mark{Epoch: r.journal.Epoch(), Seq: 0})
	r.rows(s, 30)
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	tell(wire.DownResend, wire.Resend{Epoch: r.journal.Epoch(), From: 1, To: 30})
	r.rows(s, 30)
}

func TestCommandIsDoneAndAnswered(t *testing.T) {
	r := newRig(t)
	r.uplink()
	nc, err := r.server.Connect("desk")
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	ask := func(c wire.Command) (wire.Result, error) {
		data, err := wire.Encode(c)
		if err != nil {
			t.Fatal(err)
		}
		var got wire.Result
		m, err := nc.Request(wire.Down("0421", "1", wire.DownCommand), data, 2*time.Second)
		if err != nil {
			return got, err
		}
		return got, wire.Decode(m.Data, &got)
	}
	var got wire.Result
	for deadline := time.Now().Add(10 * time.Second); ; { // until the lane has connected
		if got, err = ask(wire.Command{ID: "a", Deed: "park", Expires: time.Now().Add(time.Minute)}); err == nil || time.Now().After(deadline) {
			break
		}
	}
	if err != nil || !got.OK || got.Seq != 7 {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err = ask(wire.Command{ID: "b", Deed: "park", Expires: time.Now().Add(-time.Second)}); err != nil || got.OK || got.Why != "expired" {
		t.Errorf("a late command: %+v, %v", got, err)
	}
	if n := len(r.lane.done); n != 1 {
		t.Errorf("%d commands were done", n)
	}
}

func TestSplitCode(t *testing.T) {
	for _, code := range []string{"ABCDE-FGH1K-000000-111111", "abcde fgh1k 000000 111111", "ABCDEFGHIKoooooollllll"} {
		secret, print, err := SplitCode(code)
		if err != nil || secret != "ABCDEFGH1K" || print != "000000111111" {
			t.Errorf("%s: %s %s %v", code, secret, print, err)
		}
	}
	for _, code := range []string{"", "ABCDE", "ABCDE-FGHJK-000000-11111U", fmt.Sprintf("%030d", 1)} {
		if _, _, err := SplitCode(code); err == nil {
			t.Errorf("%q was taken", code)
		}
	}
}

func TestPlainTextIsRefused(t *testing.T) {
	r := newRig(t)
	u, err := New(Options{URL: "nats://192.0.2.1:4222", Credentials: r.creds(), Journal: r.journal, Box: r.box, Lane: r.lane, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Run(t.Context()); err == nil {
		t.Error("it would send in the clear")
	}
}
