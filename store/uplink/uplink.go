package uplink

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"kassa/store/outbox"
	"kassa/store/wire"
)

// A Lane is what the uplink tells of and hands things to. Its methods are called
// from goroutines of the uplink and must not wait for a person.
type Lane interface {
	// State is the lane as it is now; Calls in it are the open ones.
	State() wire.LaneState
	// Calls are the calls that the hub should know of as they now stand, the
	// ended ones until they were answered.
	Calls() []wire.CallUp
	// Answered says that the hub knows a call as it stood.
	Answered(up wire.CallUp, down wire.CallDown)
	// Heard tells what became of a call.
	Heard(down wire.CallDown)
	// Do does a command and returns when it is on the lane's disk, or why not.
	Do(ctx context.Context, c wire.Command) wire.Result
	// Staff takes the store's staff list.
	Staff(ctx context.Context, s wire.Staff) error
	// Watch asks for the screen; Talk hands on what an agent said.
	Watch(w wire.Watch)
	Talk(t wire.Talk)
	// Linked says whether the hub is heard.
	Linked(up bool)
}

// Options are what an uplink needs.
type Options struct {
	URL         string // nats://127.0.0.1:4222 on loopback, else tls://host:port
	Credentials string // path
	Journal     Journal
	Box         *outbox.Box
	Lane        Lane
	Changed     <-chan struct{} // something of the lane's state or calls changed
	Grown       <-chan struct{} // the journal has grown
	Say         <-chan Said     // what is to be said as it comes: screens and talk
	Lessons     Lessons         // nil: what it learns stays at the lane
	LearnEvery  time.Duration   // how often lessons are carried; 0: each minute
	// Forget erases what the lane keeps of people who asked for that; nil: it
	// keeps nothing of anybody.
	Forget func(ctx context.Context, f wire.Forget) error
	// Whose returns the member's number behind a handle of this lane, "" where there
	// is none any more; nil: it keeps nothing of anybody.
	Whose func(ctx context.Context, handle string) (number string, err error)
	Log   *slog.Logger
}

// Said is a message of the moment.
type Said struct {
	Topic wire.Topic
	Body  any
}

// Uplink is a lane's end of the wire.
type Uplink struct {
	o     Options
	creds *Credentials
	rows  *nats.Conn
	live  *nats.Conn

	talking atomic.Pointer[nats.Conn] // live, for those who are not part of Run
	marks   chan wire.Mark
	resend  chan wire.Resend
	heard   chan struct{} // the hub is heard again
}

// New prepares an uplink. It does not need the hub to be there.
func New(o Options) (*Uplink, error) {
	if !wire.Token(o.Journal.Store()) || !wire.Token(o.Journal.Lane()) {
		return nil, fmt.Errorf("hub: store %q and lane %q: with a hub both are 1 to 32 of a-z, 0-9 and -", o.Journal.Store(), o.Journal.Lane())
	}
	creds, err := Load(o.Credentials)
	if err != nil {
		return nil, err
	}
	return &Uplink{o: o, creds: creds, marks: make(chan wire.Mark, 16), resend: make(chan wire.Resend, 16), heard: make(chan struct{}, 1)}, nil
}

// Run carries until ctx ends, or until its own disk fails. A hub that is away
// is no reason to return.
func (u *Uplink) Run(ctx context.Context) error {
	var err error
	if u.rows, err = u.connect(ctx, "rows"); err != nil {
		return err
	}
	defer u.rows.Close()
	if u.live, err = u.connect(ctx, "live"); err != nil {
		return err
	}
	defer u.live.Close()
	u.talking.Store(u.live)
	js, err := jetstream.New(u.rows, jetstream.WithPublishAsyncMaxPending(2*window))
	if err != nil {
		return fmt.Errorf("hub: %w", err)
	}
	s := &sender{
		js: js, journal: u.o.Journal, box: u.o.Box, log: u.o.Log, now: time.Now, more: u.o.Grown, marks: u.marks, resend: u.resend, start: rand.Text(),
	}
	g, ctx := errgroup.WithContext(ctx)
	if err := u.subscribe(ctx); err != nil {
		return err
	}
	g.Go(func() error { return s.run(ctx) })
	g.Go(func() error { return u.say(ctx) })
	g.Go(func() error { return u.learn(ctx) })
	return g.Wait()
}

// connect makes a connection that comes back by itself for good. The first try
// may fail like any later one.
func (u *Uplink) connect(ctx context.Context, what string) (*nats.Conn, error) {
	store, lane := u.o.Journal.Store(), u.o.Journal.Lane()
	if !strings.HasPrefix(u.o.URL, "tls://") && !loopback(u.o.URL) {
		return nil, fmt.Errorf("hub.url: %q would send in the clear: want tls://", u.o.URL)
	}
	opts := []nats.Option{
		nats.Name(store + "/" + lane + "/" + what), nats.CustomInboxPrefix(wire.Inbox(store, lane)),
		nats.UserJWT(func() (string, error) { return u.creds.User(), nil }, u.creds.key.Sign),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(500 * time.Millisecond),
		nats.ReconnectJitter(time.Second, 2*time.Second), nats.PingInterval(5 * time.Second), nats.MaxPingsOutstanding(2),
		nats.ReconnectBufSize(-1), // what cannot be said now is said anew, not later
		nats.IgnoreAuthErrorAbort(),
		nats.ConnectHandler(func(*nats.Conn) { u.linked(ctx, what, nil) }),
		nats.ReconnectHandler(func(*nats.Conn) { u.linked(ctx, what, nil) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { u.unlinked(ctx, what, err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			u.o.Log.WarnContext(ctx, "hub", "what", what, "err", err)
		}),
	}
	if strings.HasPrefix(u.o.URL, "tls://") {
		opts = append(opts, nats.Secure(u.creds.tls()))
	}
	nc, err := nats.Connect(u.o.URL, opts...)
	if err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}
	return nc, nil
}

func loopback(url string) bool {
	host, _ := strings.CutPrefix(url, "nats://")
	return strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "localhost:") || strings.HasPrefix(host, "[::1]:")
}

func (u *Uplink) linked(ctx context.Context, what string, _ error) {
	u.o.Log.InfoContext(ctx, "hub is heard", "what", what)
	if what == "live" {
		u.o.Lane.Linked(true)
		select {
		case u.heard <- struct{}{}:
		default:
		}
	}
}

func (u *Uplink) unlinked(ctx context.Context, what string, err error) {
	u.o.Log.InfoContext(ctx, "hub is not heard", "what", what, "err", err)
	if what == "live" {
		u.o.Lane.Linked(false)
	}
}
