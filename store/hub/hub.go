package hub

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"kassa/kiosk/help"
	"kassa/store/hub/broker"
	"kassa/store/hub/desk"
	"kassa/store/hub/enrol"
	"kassa/store/hub/fleet"
	"kassa/store/hub/keeper"
	"kassa/store/hub/lessons"
	"kassa/store/hub/members"
	"kassa/store/hub/tickets"
	"kassa/store/journal"
	"kassa/store/roster"
	"kassa/store/wire"
)

// Options say what a hub is and where it listens.
type Options struct {
	Store  string
	Dir    string // what it keeps lies here
	Listen string // host:port of the pages; plain HTTP on loopback alone
	NATS   NATS
	TLS    TLS
	// Keeper says whose mark lets a lane forget: this hub's ("hub") or head
	// office's ("hq").
	Keeper string
	Policy help.Policy
	Exits  map[string]desk.Exit
	// Agent says what the policy knows of somebody on the staff list; nil: the
	// role alone.
	Agent func(id, name, role string) help.Agent
	// ShowNames says whether a shopper reads the first name of who comes.
	ShowNames bool
	// Signals sets up video calls; nil: there are none.
	Signals Signals
	// Pages makes the console and whatever else is served beside the hub's own
	// pages; nil: nothing. A handler that also has Run(ctx) error is run with the
	// hub.
	Pages func(*Hub) (http.Handler, error)
	// Metrics makes the page for monitors; nil: none.
	Metrics func(*Hub) http.Handler
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger
}

// NATS is the broker inside, or a cluster outside.
type NATS struct {
	Listen      string // the broker inside: host:port for lanes
	URL         string // or the cluster outside
	Credentials string // file, for the cluster
	CA          string // PEM file that its certificate goes back to; "": the system's
}

// TLS is how the hub shows who it is. Without files it is its own authority.
type TLS struct {
	Cert, Key string   // PEM files
	Names     []string // host names and addresses that lanes and phones use
	Loopback  bool     // also on loopback, where else it speaks plainly
}

// Hub is a store's hub.
type Hub struct {
	o    Options
	boot string       // random, of this run
	free func() error // of the folder

	identity  *identity
	authority *broker.Authority
	server    *broker.Server // nil with a cluster outside
	rows      *nats.Conn
	live      *nats.Conn

	book   *enrol.Book
	roster *roster.Roster
	keeper *keeper.Keeper
	member *members.List
	learnt *lessons.Book
	ticket *tickets.Book
	desk   *desk.Desk
	fleet  *fleet.Fleet
	door   *door

	marking sync.Mutex // marks go out in the order they are read
	hqMarks map[markOf]wire.Mark
	gaps    gaps
	staff   staff
	count   counters
	beat    atomic.Int64 // Unix ns, when the rows' loop last turned
	idle    atomic.Bool  // the stream has been read to its end
}

// counters are what monitors ask for.
type counters struct {
	rows, known, refused, strays, marks, resends, calls, commands, unanswered atomic.Int64
}

// Open opens what the hub keeps, starts the broker and the listeners. Run does
// the work; Close must follow.
func Open(ctx context.Context, o Options) (*Hub, error) {
	if !wire.Token(o.Store) {
		return nil, fmt.Errorf("store %q: a store's name is 1 to 32 of a-z, 0-9 and -", o.Store)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Keeper = cmp.Or(o.Keeper, "hub")
	h := &Hub{o: o, boot: rand.Text(), hqMarks: map[markOf]wire.Mark{}, gaps: gaps{}}
	if err := h.open(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *Hub) open(ctx context.Context) (err error) {
	if err := os.MkdirAll(h.o.Dir, 0o750); err != nil {
		return fmt.Errorf("hub: %w", err)
	}
	if h.free, err = journal.LockFolder(h.o.Dir); err != nil {
		return err
	}
	if h.identity, err = openIdentity(h.o, h.o.Now()); err != nil {
		return err
	}
	if h.book, err = enrol.Open(ctx, h.o.Dir, h.o.Now); err != nil {
		return err
	}
	if h.roster, err = roster.Open(ctx, h.o.Dir); err != nil {
		return err
	}
	if h.member, err = members.Open(ctx, h.o.Dir); err != nil {
		return err
	}
	if h.learnt, err = lessons.Open(ctx, h.o.Dir); err != nil {
		return err
	}
	if h.keeper, err = keeper.Open(ctx, h.o.Dir, h.o.Now); err != nil {
		return err
	}
	if h.ticket, err = tickets.Open(ctx, h.o.Dir, h.o.Store, h.keeper, h.o.Now); err != nil {
		return err
	}
	if err := h.recall(ctx); err != nil {
		return err
	}
	if err := h.connect(ctx); err != nil {
		return err
	}
	h.desk, err = desk.Open(ctx, desk.Options{
		Dir: h.o.Dir, Policy: h.o.Policy, Lanes: (*lanes)(h), Exits: h.o.Exits, Name: h.firstName, Talk: h.Talk, Now: h.o.Now, Log: h.o.Log,
	})
	if err != nil {
		return err
	}
	h.fleet = fleet.New(fleet.Options{Desk: h.desk, Anchor: h.anchor, Arrived: h.arrived, Now: h.o.Now, Log: h.o.Log})
	if err := h.remember(ctx); err != nil {
		return err
	}
	h.door, err = h.openDoor(ctx)
	return err
}

// remember tells the fleet which lanes served when the hub was last there.
func (h *Hub) remember(ctx context.Context) error {
	all, err := h.book.List(ctx)
	if err != nil {
		return err
	}
	for _, l := range all {
		if l.RemovedAt.IsZero() && !l.HeardAt.IsZero() && l.Mode != "closed" && h.o.Now().Sub(l.HeardAt) < 24*time.Hour {
			h.fleet.Expect(l.ID, l.Mode, h.o.Now()) // it gets as long as any to say something
		}
	}
	return nil
}

// A runner is a page that has work of its own.
type runner interface {
	Run(ctx context.Context) error
}

// Run works until ctx ends or the hub's own disk fails.
func (h *Hub) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	h.beat.Store(h.o.Now().UnixNano())
	unsubscribe, err := h.subscribe(ctx)
	if err != nil {
		return err
	}
	defer unsubscribe()
	parts := []func(context.Context) error{
		h.desk.Run, h.fleet.Run, h.openCalls, h.takeRows, h.sound, h.askForGaps, h.keepMarks, h.shareStaff, h.shareForgotten, h.revoke, h.keepShown, h.door.run,
	}
	if r, ok := h.door.pages.(runner); ok {
		parts = append(parts, r.Run)
	}
	for _, part := range parts {
		g.Go(func() error { return part(ctx) })
	}
	return g.Wait()
}

// openCalls tells the fleet which calls are open at the desk.
func (h *Hub) openCalls(ctx context.Context) error {
	snapshots, leave, err := h.desk.Watch(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	defer leave()
	for {
		select {
		case <-ctx.Done():
			return nil
		case s, ok := <-snapshots:
			if !ok {
				return nil // the desk says why
			}
			open := make([]help.Call, 0, len(s.Calls))
			for _, w := range s.Calls {
				open = append(open, w.Call)
			}
			h.fleet.Calls(open)
		}
	}
}

// Close closes all that Open opened, after Run has returned.
func (h *Hub) Close() error {
	var errs []error
	if h.door != nil {
		errs = append(errs, h.door.close())
	}
	for _, nc := range []*nats.Conn{h.live, h.rows} {
		if nc != nil {
			nc.Close()
		}
	}
	if h.server != nil {
		h.server.Stop()
	}
	if h.desk != nil {
		errs = append(errs, h.desk.Close())
	}
	if h.keeper != nil {
		errs = append(errs, h.keeper.Close())
	}
	if h.member != nil {
		errs = append(errs, h.member.Close())
	}
	if h.ticket != nil {
		errs = append(errs, h.ticket.Close())
	}
	if h.learnt != nil {
		errs = append(errs, h.learnt.Close())
	}
	if h.roster != nil {
		errs = append(errs, h.roster.Close())
	}
	if h.book != nil {
		errs = append(errs, h.book.Close())
	}
	if h.free != nil {
		errs = append(errs, h.free())
	}
	return errors.Join(errs...)
}

// Desk is the help desk.
func (h *Hub) Desk() *desk.Desk { return h.desk }

// Fleet is the lanes as they stand.
func (h *Hub) Fleet() *fleet.Fleet { return h.fleet }

// Roster is who works here.
func (h *Hub) Roster() *roster.Roster { return h.roster }

// Keeper is the copy of the lanes' journals.
func (h *Hub) Keeper() *keeper.Keeper { return h.keeper }

// Members are the shop's members.
func (h *Hub) Members() *members.List { return h.member }

// Learned is what the lanes have learned of weights.
func (h *Hub) Learned() *lessons.Book { return h.learnt }

// Book is the list of lanes.
func (h *Hub) Book() *enrol.Book { return h.book }

// Agent is somebody of the staff list as the policy knows them.
func (h *Hub) Agent(id, name, role string) help.Agent {
	if h.o.Agent == nil {
		return help.Agent{ID: id, Role: role}
	}
	return h.o.Agent(id, name, role)
}

// Store is the store's name.
func (h *Hub) Store() string { return h.o.Store }

// Policy is what the store decided about help.
func (h *Hub) Policy() help.Policy { return h.o.Policy }
