package hq

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"

	"kassa/store/hub/broker"
	"kassa/store/hub/secret"
	"kassa/store/journal"
	"kassa/store/outbox"
	"kassa/store/uplink"
	"kassa/store/wire"
)

var (
	campaignSales = flag.Int("campaign", 5000, "transactions of the campaign")
	campaignLanes = flag.Int("campaign-lanes", 20, "lanes of the campaign")
	campaignSeed  = flag.Uint64("campaign-seed", 1, "seed of the campaign")
)

// quiet is a lane that says nothing but its rows.
type quiet struct {
	*till
}

func (q quiet) State() wire.LaneState {
	m, _ := q.box.Mark(context.Background(), q.journal.Epoch())
	head, _ := q.journal.Head(context.Background())
	return wire.LaneState{Lane: q.id, Epoch: q.journal.Epoch(), Boot: "b", At: time.Now(), Mode: "open", Marked: m.Seq, Head: head.Seq, HeadHash: head.Hex()}
}
func (quiet) Calls() []wire.CallUp                    { return nil }
func (quiet) Answered(wire.CallUp, wire.CallDown)     {}
func (quiet) Heard(wire.CallDown)                     {}
func (quiet) Staff(context.Context, wire.Staff) error { return nil }
func (quiet) Watch(wire.Watch)                        {}
func (quiet) Talk(wire.Talk)                          {}
func (quiet) Linked(bool)                             {}
func (quiet) Do(_ context.Context, c wire.Command) wire.Result {
	return wire.Result{ID: c.ID, Why: "unfit"}
}

// till is a lane of the campaign.
type till struct {
	t       *testing.T
	id, dir string
	journal *journal.Journal
	box     *outbox.Box
	grown   chan struct{}
	number  int64
	last    *journal.Ticket
	stop    func()
}

// campaign is lanes, hub and head office under one seed. Hub and head office are
// processes of their own, and everybody reaches the others by a cable that fails.
type campaign struct {
	t        *testing.T
	dir      string
	dsn      string
	r        *rand.Rand
	lanes    []*till
	addr     string // of the lanes' and head office's cable to the hub
	nats     *cable
	postgres *cable
	hub, hq  *kept
	turn     []int    // kinds of disturbance that are still to come
	done     []string // what has happened
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// join enrols a lane and opens its journal.
func (c *campaign) join(id string) {
	c.t.Helper()
	l := &till{t: c.t, id: id, dir: filepath.Join(c.dir, "lane"+id), grown: make(chan struct{}, 1)}
	ok(c.t, os.MkdirAll(l.dir, 0o750))
	c.enrol(id, filepath.Join(l.dir, "creds"))
	var err error
	l.journal, err = journal.Open(c.t.Context(), l.dir, journal.Options{Store: "0421", Lane: id})
	ok(c.t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- l.journal.Run(ctx) }()
	l.box, err = outbox.Open(c.t.Context(), l.dir)
	ok(c.t, err)
	c.t.Cleanup(func() {
		l.stop()
		cancel()
		if err := errors.Join(<-ended, l.journal.Close(), l.box.Close()); err != nil {
			c.t.Error(err)
		}
	})
	l.link(c.addr)
	c.lanes = append(c.lanes, l)
}

// enrol writes a lane's credentials as the hub signs them. So many at once the
// hub's page would refuse, for good reason.
func (c *campaign) enrol(id, path string) {
	c.t.Helper()
	a, err := broker.OpenAuthority(filepath.Join(c.dir, "hub", "keys"), "0421")
	ok(c.t, err)
	key, err := nkeys.CreateUser()
	ok(c.t, err)
	public, err := key.PublicKey()
	ok(c.t, err)
	seed, err := key.Seed()
	ok(c.t, err)
	user, err := a.Lane(id, public, time.Now())
	ok(c.t, err)
	text, err := jwt.FormatUserConfig(user, seed)
	ok(c.t, err)
	ok(c.t, secret.Write(path, text))
}

func (l *till) link(addr string) {
	l.t.Helper()
	u, err := uplink.New(uplink.Options{
		URL: "nats://" + addr, Credentials: filepath.Join(l.dir, "creds"), Journal: l.journal, Box: l.box, Lane: quiet{l}, Grown: l.grown,
		Log: slog.New(slog.DiscardHandler),
	})
	ok(l.t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(l.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- u.Run(ctx) }()
	l.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			l.t.Error(err)
		}
	})
}

// sell writes one transaction: three rows, as a lane would.
func (l *till) sell() {
	l.t.Helper()
	l.number++
	at := time.Now()
	head := fmt.Sprintf(`"id":"0421-%s-%d","store":"0421","lane":"%s","number":%d,"opened_at":"%s","currency":"EUR"`, l.id, l.number, l.id, l.number, at.Format(time.RFC3339))
	for _, facts := range []string{
		`{"txn":{` + head + `,"state":"open"},"lines":[{"n":1,"gtin":"04006381333931","qty":1,"amount_minor":129}]}`,
		`{"tenders":[{"n":1,"kind":"card","amount_minor":129,"result":"asked"}]}`,
		`{"txn":{` + head + `,"state":"paid","closed_at":"` + at.Format(time.RFC3339) + `","total_minor":129},"tenders":[{"n":1,"kind":"card","amount_minor":129,"result":"approved"}]}`,
	} {
		var err error
		l.last, err = l.journal.Append(l.t.Context(), journal.Entry{At: at, Clock: "synced", Txn: l.number, Kind: "ticked", Event: json.RawMessage(`{}`), Facts: json.RawMessage(facts)})
		ok(l.t, err)
	}
	if l.number%8 == 0 { // commits are grouped, as at a busy lane
		ok(l.t, l.last.Wait(l.t.Context()))
	}
	select {
	case l.grown <- struct{}{}:
	default:
	}
}

// flush waits until everything the lane has sold is on its disk.
func (l *till) flush() {
	l.t.Helper()
	if l.last != nil {
		ok(l.t, l.last.Wait(l.t.Context()))
	}
	select {
	case l.grown <- struct{}{}:
	default:
	}
}

// lose takes a folder away. A broker that was stopped may still tidy up in it.
func (c *campaign) lose(dir string) {
	c.t.Helper()
	err := os.RemoveAll(dir)
	for deadline := time.Now().Add(10 * time.Second); err != nil && time.Now().Before(deadline); {
		err = os.RemoveAll(dir)
	}
	ok(c.t, err)
}

// disturb does the next thing that happens: each kind comes in turn, in an order
// of the seed's.
func (c *campaign) disturb() string {
	kinds := c.kinds()
	if len(c.turn) == 0 {
		c.turn = c.r.Perm(len(kinds))
	}
	k := kinds[c.turn[0]]
	c.turn = c.turn[1:]
	k.do()
	c.done = append(c.done, k.name)
	return k.name
}

// What is lost next time it is said, so that the campaign must look whether it was.
const (
	ackLost    = "an acknowledgement lost"
	commitLost = "the answer to a commit lost"
)

// lost looks whether what was to be lost really was.
func (c *campaign) lost() {
	c.t.Helper()
	for name, n := range map[string]int64{ackLost: c.nats.lost.Load(), commitLost: c.postgres.lost.Load()} {
		if slices.Contains(c.done, name) && n == 0 {
			c.t.Errorf("%s: never", name)
		}
		c.t.Logf("%s: %d times", name, n)
	}
}

type kind struct {
	name string
	do   func()
}

func (c *campaign) kinds() []kind {
	return []kind{
		{"hub killed", c.hub.kill},
		{"hub stopped and started", func() { c.hub.stop(); c.hub.start() }},
		{"hub stands still", func() { c.hub.pause(time.Second) }},
		{"JetStream's folder lost", func() {
			c.hub.kill()
			c.hub.stop()
			c.lose(filepath.Join(c.dir, "hub", "jetstream"))
			c.hub.start()
		}},
		{"head office killed", c.hq.kill},
		{"head office stands still", func() { c.hq.pause(time.Second) }},
		{"cable to the hub cut", c.nats.cut},
		{"cable to the hub silent", func() { c.nats.stall(time.Second) }},
		{ackLost, func() { c.nats.lose(".journal ") }},
		{"cable to PostgreSQL cut", c.postgres.cut},
		{commitLost, func() { c.postgres.lose("commit\x00") }},
		{"PostgreSQL's connections ended", c.terminate},
		{"a lane restarted", func() {
			l := c.lanes[c.r.IntN(len(c.lanes))]
			l.stop()
			l.link(c.addr)
		}},
	}
}

// terminate ends head office's connections at the server, the lock's among them.
func (c *campaign) terminate() {
	c.t.Helper()
	conn, err := pgx.Connect(c.t.Context(), c.dsn)
	ok(c.t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	_, err = conn.Exec(c.t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
		AND application_name = 'kassa-hq'`)
	ok(c.t, err)
}

// Sales of many lanes go through hub and head office while both are killed, stand
// still, lose each other, PostgreSQL and what was said, and JetStream its folder:
// in the end PostgreSQL has what the lanes have, each row once, with the same
// hashes.
func TestCampaign(t *testing.T) {
	c := &campaign{t: t, dir: t.TempDir(), dsn: newDatabase(t), r: rand.New(rand.NewPCG(*campaignSeed, 5))}
	port := free(t)
	c.nats = newCable(t, "tcp", port)
	c.addr = c.nats.listener.Addr().String()
	var dsn string
	c.postgres, dsn = cabled(t, c.dsn)
	hubDir := filepath.Join(c.dir, "hub")
	c.hub = keep(t, "hub", hubDir, port)
	t.Cleanup(func() { c.hub.stop() })
	c.hq = keep(t, "hq", hubDir, c.addr, dsn)
	t.Cleanup(func() { c.hq.stop() })
	for i := range *campaignLanes {
		c.join(fmt.Sprint(i + 1))
	}
	every := max(min(*campaignSales/8, 1000), 1)
	for n := range *campaignSales {
		c.lanes[c.r.IntN(len(c.lanes))].sell()
		if n%every == every-1 {
			t.Logf("after %d sales: %s, %s", n+1, c.disturb(), c.disturb())
		}
	}
	c.arrived()
	c.lost()
	t.Logf("hub and head office were started %d and %d times", c.hub.starts.Load(), c.hq.starts.Load())
	c.same()
}

// arrived waits until every lane has been told that head office has all of it.
func (c *campaign) arrived() {
	c.t.Helper()
	deadline := time.Now().Add(3*time.Minute + time.Duration(*campaignSales)*10*time.Millisecond)
	for _, l := range c.lanes {
		l.flush()
		head, err := l.journal.Head(c.t.Context())
		ok(c.t, err)
		tick := time.NewTicker(50 * time.Millisecond)
		for {
			m, err := l.box.Mark(c.t.Context(), l.journal.Epoch())
			ok(c.t, err)
			if m.Seq == head.Seq {
				break
			}
			if time.Now().After(deadline) {
				c.t.Fatalf("lane %s has %d rows, head office says %d", l.id, head.Seq, m.Seq)
			}
			<-tick.C
		}
		tick.Stop()
	}
}

// same compares the set on the lanes with the set in PostgreSQL.
func (c *campaign) same() {
	c.t.Helper()
	c.hq.stop()
	h := open(c.t, c.dsn)
	total := 0
	for _, l := range c.lanes {
		kept, err := readRows(c.t.Context(), h.pool, `WHERE lane = $1 ORDER BY epoch, seq`, l.id)
		ok(c.t, err)
		i := 0
		for r, err := range l.journal.Since(c.t.Context(), 0) {
			ok(c.t, err)
			if i >= len(kept) || kept[i].Seq != r.Seq || kept[i].Hash != hex.EncodeToString(r.Hash[:]) {
				c.t.Fatalf("lane %s: row %d is not the one that is kept", l.id, r.Seq)
			}
			i++
		}
		if i != len(kept) {
			c.t.Errorf("lane %s has %d rows, PostgreSQL %d", l.id, i, len(kept))
		}
		total += i
	}
	if _, err := h.Follow(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	if bad := findings(c.t, h); bad != nil {
		c.t.Error(bad)
	}
	want := fmt.Sprintf("%d %d", *campaignSales, *campaignSales*129)
	if got := rows(c.t, h, `SELECT count(*), sum(total_minor)::bigint FROM public.txn WHERE state = 'paid'`); got != want {
		c.t.Errorf("transactions %q, want %q", got, want)
	}
	if got := rows(c.t, h, `SELECT count(*) FROM quarantine`); strings.TrimSpace(got) != "0" {
		c.t.Errorf("%s rows are in quarantine", got)
	}
	if got := rows(c.t, h, `SELECT count(*) > 0 FROM anchor`); got != "true" {
		c.t.Error("no head was kept")
	}
	c.t.Logf("%d rows of %d sales on %d lanes are the same in PostgreSQL, seed %d", total, *campaignSales, len(c.lanes), *campaignSeed)
}
