package hq

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"kassa/store/hub/broker"
	"kassa/store/wire"
)

// rig is a store's server with head office behind it.
type rig struct {
	t      *testing.T
	dir    string
	dsn    string
	server *broker.Server
	nc     *nats.Conn
	js     jetstream.JetStream
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), dsn: newDatabase(t)}
	a, err := broker.OpenAuthority(r.dir+"/keys", "0421")
	if err != nil {
		t.Fatal(err)
	}
	if r.server, err = broker.Start(t.Context(), broker.Options{Dir: r.dir, Listen: "127.0.0.1:0", Authority: a, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.server.Stop)
	if r.nc, err = r.server.Connect("test"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.nc.Close)
	if r.js, err = jetstream.New(r.nc); err != nil {
		t.Fatal(err)
	}
	if _, err := broker.Journal(t.Context(), r.js, "0421"); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) send(rows ...wire.Row) {
	r.t.Helper()
	for _, row := range rows {
		data, err := wire.Encode(row)
		if err != nil {
			r.t.Fatal(err)
		}
		if _, err := r.js.Publish(r.t.Context(), wire.Up(row.Store, row.Lane, wire.UpJournal), data); err != nil {
			r.t.Fatal(err)
		}
	}
}

// serve runs head office as kassa-hq run does: what fails ends all of it.
func serve(ctx context.Context, h *HQ, c *Consumer) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.Run(ctx) })
	g.Go(func() error { return h.Guard(ctx) })
	return g.Wait()
}

// headOffice runs a consumer over a database.
func (r *rig) headOffice() (h *HQ, stop func()) {
	r.t.Helper()
	h, err := Open(r.t.Context(), r.dsn, slog.New(slog.DiscardHandler))
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.t.Context()))
	c := &Consumer{HQ: h, NC: r.nc, Log: slog.New(slog.DiscardHandler), Marks: true}
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, h, c) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Error(err)
		}
		_ = h.Close()
	})
	r.t.Cleanup(stop)
	return h, stop
}

// marks listens to what a lane is told.
func (r *rig) marks() chan wire.Mark {
	r.t.Helper()
	told := make(chan wire.Mark, 1000)
	if _, err := r.nc.Subscribe(wire.Down("0421", "1", wire.DownMark), func(m *nats.Msg) {
		var mark wire.Mark
		if wire.Decode(m.Data, &mark) == nil {
			told <- mark
		}
	}); err != nil {
		r.t.Fatal(err)
	}
	return told
}

func (r *rig) until(told chan wire.Mark, seq int64) {
	r.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case m := <-told:
			if m.Seq == seq && m.Keeper == "hq" {
				return
			}
		case <-deadline:
			r.t.Fatalf("no mark %d came", seq)
		}
	}
}

// Rows go through to PostgreSQL and the mark comes back, head office being
// stopped and started in between; what is no row holds up nothing.
func TestConsume(t *testing.T) {
	r := newRig(t)
	told := r.marks()
	all := journalOf("1", "e", 50)
	r.send(all[:20]...)
	_, stop := r.headOffice()
	r.until(told, 20)
	stop()
	if _, err := r.js.Publish(t.Context(), wire.Up("0421", "1", wire.UpJournal), []byte("nonsense\x00")); err != nil {
		t.Fatal(err)
	}
	r.send(all[20:40]...)
	foreign := journalOf("2", "f", 1)[0]
	data, err := wire.Encode(foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.js.Publish(t.Context(), wire.Up("0421", "1", wire.UpJournal), data); err != nil {
		t.Fatal(err)
	}
	r.send(all[40:]...)
	h, _ := r.headOffice()
	r.until(told, 50)
	if got := rows(t, h, `SELECT count(*) FROM quarantine`); got != "2" {
		t.Errorf("%s messages were put aside", got)
	}
	if bad := findings(t, h); bad != nil {
		t.Error(bad)
	}
}

// A database that was restored from an old dump says a lower mark, so that the
// lane sends again.
func TestRestoredDatabaseSaysSo(t *testing.T) {
	r := newRig(t)
	told := r.marks()
	all := journalOf("1", "e", 30)
	r.send(all...)
	_, stop := r.headOffice()
	r.until(told, 30)
	stop()
	r.dsn = newDatabase(t) // what an old dump would be
	h := open(t, r.dsn)
	take(t, h, all[:10]...)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	r.headOffice()
	r.until(told, 10)
	r.send(all[10:]...)
	r.until(told, 30)
}
