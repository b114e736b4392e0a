package hub

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"kassa/store/hub/enrol"
	"kassa/store/wire"
)

// A door is the hub's pages over HTTP: its own, and the console's.
type door struct {
	listener net.Listener
	server   *http.Server
	pages    http.Handler // others'
	log      *slog.Logger
	secure   bool
}

// openDoor listens. Off loopback it speaks TLS alone.
func (h *Hub) openDoor(ctx context.Context) (*door, error) {
	pages := http.NotFoundHandler()
	if h.o.Pages != nil {
		var err error
		if pages, err = h.o.Pages(h); err != nil {
			return nil, err
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", h.o.Listen)
	if err != nil {
		return nil, fmt.Errorf("hub.listen: %w: choose a free port or stop what has it", err)
	}
	d := &door{listener: listener, pages: pages, log: h.o.Log, secure: !loopback(h.o.Listen) || h.o.TLS.Loopback}
	if d.secure {
		d.listener = tls.NewListener(listener, withHTTP(h.identity.server()))
	}
	d.server = &http.Server{
		Handler: h.routes(pages, d.secure), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(h.o.Log.Handler(), slog.LevelDebug),
	}
	return d, nil
}

// withHTTP lets browsers speak HTTP/2 on a listener that is wrapped in TLS.
func withHTTP(c *tls.Config) *tls.Config {
	c.NextProtos = []string{"h2", "http/1.1"}
	return c
}

// routes are all pages of the hub.
func (h *Hub) routes(pages http.Handler, secure bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.Handle("/enrol", &enrol.Page{Book: h.book, Sign: h.authority.Lane, Answer: h.enrolled, Now: h.o.Now, Log: h.o.Log})
	mux.HandleFunc("GET /healthz", h.healthz)
	mux.HandleFunc("GET /ca.pem", h.caPEM)
	if h.o.Metrics != nil {
		mux.Handle("GET /metrics", h.o.Metrics(h))
	}
	if !secure {
		return mux
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		mux.ServeHTTP(w, r)
	})
}

// enrolled is what a lane is told that reached the hub under host.
func (h *Hub) enrolled(host string) wire.Enrolled {
	return wire.Enrolled{Store: h.o.Store, URL: h.laneURL(host), CA: string(h.identity.pem()), Pepper: h.roster.Pepper()}
}

// caPEM serves the authority's certificate, which a phone must trust before it
// may use its camera here.
func (h *Hub) caPEM(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-x509-ca-cert")
	w.Header().Set("Content-Disposition", `attachment; filename="kassa-`+h.o.Store+`.pem"`)
	_, _ = w.Write(h.identity.pem()) // whoever is gone asks again
}

// health is how the hub is, for monitors.
type health struct {
	OK    bool       `json:"ok"`
	Store string     `json:"store"`
	Why   string     `json:"why,omitempty"`
	Lanes []laneLife `json:"lanes"`
}

type laneLife struct {
	Lane string `json:"lane"`
	Mode string `json:"mode"`
	Lost bool   `json:"lost"`
}

func (h *Hub) healthz(w http.ResponseWriter, r *http.Request) {
	out := health{OK: true, Store: h.o.Store, Lanes: []laneLife{}}
	if err := h.Alive(r.Context()); err != nil {
		out.OK, out.Why = false, err.Error()
	}
	for _, l := range h.fleet.Lanes() {
		out.Lanes = append(out.Lanes, laneLife{l.ID, l.State.Mode, l.Lost})
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !out.OK {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(out) // whoever is gone asks again
}

// rowsStill is how long the rows' loop may stand still.
const rowsStill = 2 * time.Minute

// Alive says why the hub does not do its work, nil if it does. A cluster outside
// that is away is not its fault, but nothing reaches it then.
func (h *Hub) Alive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, deskWait)
	defer cancel()
	if err := h.desk.Alive(ctx); err != nil {
		return fmt.Errorf("desk: %w", err)
	}
	if !h.live.IsConnected() {
		return errors.New("NATS is away")
	}
	if still := h.o.Now().Sub(time.Unix(0, h.beat.Load())); still > rowsStill {
		return fmt.Errorf("rows have not been read for %v", still.Round(time.Second))
	}
	return nil
}

// Turns reports whether the hub's loops turn: if not, only a new start helps. It
// does not count what is away outside.
func (h *Hub) Turns(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, deskWait)
	defer cancel()
	return h.desk.Alive(ctx) == nil
}

// Page is the address of the hub's pages.
func (h *Hub) Page() string {
	if h.door.secure {
		return "https://" + h.door.listener.Addr().String() + "/"
	}
	return "http://" + h.door.listener.Addr().String() + "/"
}

// LaneAddr is where lanes connect, "" with a cluster outside.
func (h *Hub) LaneAddr() string {
	if h.server == nil {
		return ""
	}
	return h.server.Addr()
}

func (d *door) run(ctx context.Context) error {
	d.server.BaseContext = func(net.Listener) context.Context { return ctx } // streams end with the hub
	stopped := make(chan struct{})
	halt := context.AfterFunc(ctx, func() {
		defer close(stopped)
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if d.server.Shutdown(late) != nil {
			_ = d.server.Close() // those who hang on are cut off
		}
	})
	err := d.server.Serve(d.listener)
	if halt() { // nobody told it to stop
		return fmt.Errorf("pages: %w", err)
	}
	<-stopped
	return nil
}

func (d *door) close() error {
	if err := d.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
