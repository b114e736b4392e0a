package broker

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"kassa/store/wire"
)

// store starts a hub's server with a journal stream in dir.
func store(t *testing.T, dir string) (*Server, *Authority) {
	t.Helper()
	a, err := OpenAuthority(dir+"/keys", "0421")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Start(t.Context(), Options{Dir: dir, Listen: "127.0.0.1:0", Authority: a, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	nc, err := s.Connect("test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Journal(t.Context(), js, "0421"); err != nil {
		t.Fatal(err)
	}
	return s, a
}

// laneKey makes a lane's key pair, as the lane would.
func laneKey(t *testing.T) nkeys.KeyPair {
	t.Helper()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// lane connects as a lane. What the server refuses goes to refused.
func lane(t *testing.T, s *Server, a *Authority, name string, pair nkeys.KeyPair, refused chan string) (*nats.Conn, error) {
	t.Helper()
	user, err := a.Lane(name, public(pair), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect("nats://"+s.Addr(), nats.CustomInboxPrefix(wire.Inbox("0421", name)), nats.MaxReconnects(0),
		nats.UserJWT(func() (string, error) { return user, nil }, pair.Sign),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err.Error() }))
	if err == nil {
		t.Cleanup(nc.Close)
	}
	return nc, err
}

// A lane with its real credentials at the real server: it says and hears what
// is its own, and everything else is refused.
func TestLaneHasItsOwnSubjectsOnly(t *testing.T) {
	s, a := store(t, t.TempDir())
	refused := make(chan string, 100)
	nc, err := lane(t, s, a, "1", laneKey(t), refused)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := nc.RequestWithContext(ctx, wire.Up("0421", "1", wire.UpJournal), []byte("row")); err != nil {
		t.Errorf("its own journal: %v", err)
	}
	for _, subject := range []string{
		wire.Up("0421", "2", wire.UpJournal), wire.Up("0422", "1", wire.UpJournal), wire.Down("0421", "1", wire.DownCommand),
		"$JS.API.STREAM.LIST", "$JS.API.STREAM.MSG.GET.JOURNAL-0421", "$JS.API.STREAM.PURGE.JOURNAL-0421", "$SYS.REQ.SERVER.PING", "kassa", ">",
	} {
		if err := nc.Publish(subject, []byte("x")); err != nil {
			continue // refused here already
		}
		if got := <-refused; !strings.Contains(got, "Permissions Violation") && !strings.Contains(got, "permissions violation") {
			t.Errorf("publish %s: %s", subject, got)
		}
	}
	for _, subject := range []string{
		">", "kassa.>", wire.AllUp("0421", wire.UpJournal), wire.Down("0421", "2", wire.DownCommand), "_INBOX.>", wire.Inbox("0421", "2") + ".>",
	} {
		if _, err := nc.SubscribeSync(subject); err != nil {
			continue
		}
		if got := <-refused; !strings.Contains(strings.ToLower(got), "permissions violation") {
			t.Errorf("subscribe %s: %s", subject, got)
		}
	}
}

func TestRevokedLaneIsCutOff(t *testing.T) {
	s, a := store(t, t.TempDir())
	pair := laneKey(t)
	closed := make(chan string, 10)
	nc, err := lane(t, s, a, "1", pair, closed)
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	nc.SetClosedHandler(func(*nats.Conn) { close(gone) })
	if err := a.Revoke(public(pair), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := s.Renew(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Fatal("a revoked lane stays connected")
	}
	again, err := OpenAuthority(a.dir, "0421")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := again.revoked[public(pair)]; !ok {
		t.Error("a restart forgets who was revoked")
	}
}

func TestPlainTextIsRefusedOffLoopback(t *testing.T) {
	a, err := OpenAuthority(t.TempDir(), "0421")
	if err != nil {
		t.Fatal(err)
	}
	for _, listen := range []string{"0.0.0.0:0", "192.0.2.1:4222", "hub.store:4222", ":4222"} {
		_, err := Start(t.Context(), Options{Dir: t.TempDir(), Listen: listen, Authority: a, Log: slog.New(slog.DiscardHandler)})
		if err == nil || !strings.Contains(err.Error(), ErrPlain.Error()) {
			t.Errorf("%s: %v", listen, err)
		}
	}
}

func TestKeysStay(t *testing.T) {
	dir := t.TempDir()
	first, err := OpenAuthority(dir, "0421")
	if err != nil {
		t.Fatal(err)
	}
	second, err := OpenAuthority(dir, "0421")
	if err != nil {
		t.Fatal(err)
	}
	if public(first.account) != public(second.account) || public(first.operator) != public(second.operator) {
		t.Error("another key after a restart: no lane could connect")
	}
}

func TestStreamSettingsAreAsserted(t *testing.T) {
	good := journalConfig("0421")
	if err := keeps(good); err != nil {
		t.Fatal(err)
	}
	var whys []string
	for _, spoil := range []func(*jetstream.StreamConfig){
		func(c *jetstream.StreamConfig) { c.Storage = jetstream.MemoryStorage },
		func(c *jetstream.StreamConfig) { c.Discard = jetstream.DiscardOld },
		func(c *jetstream.StreamConfig) { c.NoAck = true },
		func(c *jetstream.StreamConfig) { c.PersistMode = jetstream.AsyncPersistMode },
		func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour },
	} {
		c := good
		spoil(&c)
		err := keeps(c)
		if err == nil {
			t.Errorf("%+v was taken", c)
			continue
		}
		whys = append(whys, err.Error())
	}
	if len(whys) != len(slices.Compact(whys)) {
		t.Errorf("the reasons are not told apart: %v", whys)
	}
}
