package console

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"kassa/kiosk/help"
	"kassa/kiosk/words"
	"kassa/store/hub/desk"
	"kassa/store/hub/fleet"
	"kassa/store/roster"
	"kassa/store/wire"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// A Desk is the store's help desk.
type Desk interface {
	// Do sees, claims, releases or undoes.
	Do(ctx context.Context, d help.Deed) (help.Call, error)
	// Settle has the lane do what was decided and takes the call off the board.
	Settle(ctx context.Context, s desk.Settlement) (help.Call, error)
	// Judge keeps how somebody found a call they settled.
	Judge(ctx context.Context, id, by, verdict string) error
	// Crew says who has a console open.
	Crew(ctx context.Context, crew []help.Agent) error
	// Watch returns snapshots until leave is called or the desk ends.
	Watch(ctx context.Context) (snapshots <-chan desk.Snapshot, leave func(), err error)
}

// A Fleet is the lanes as they stand.
type Fleet interface {
	Lanes() []fleet.Lane
	Watch() (changed <-chan struct{}, leave func())
}

// Lanes is how a deed that belongs to no call reaches a lane.
type Lanes interface {
	Command(ctx context.Context, lane string, c wire.Command) (wire.Result, error)
	// Show asks a lane to send its screen for a while.
	Show(lane string, d time.Duration)
}

// Staff is who works here.
type Staff interface {
	List(ctx context.Context) ([]roster.Member, error)
	// CheckPIN judges a PIN, or says how long to wait before the next try.
	CheckPIN(ctx context.Context, id, pin string) (ok bool, wait time.Duration, err error)
}

// A Member is what a shopper who agreed lets attendants know.
type Member struct {
	Since time.Time
	Tier  string
	Calls int // this month, with this one
}

// Store is what an attendant, perhaps far away, should know of the store.
type Store struct {
	Name     string
	Hours    string // "mon-sat 07:00-22:00", "" for always
	Holidays []string
	Notes    []string
}

// Options are what a console needs. All but Layout, Store, Hosts, AtLane and
// Member must be set.
type Options struct {
	Desk  Desk
	Fleet Fleet
	Lanes Lanes
	Staff Staff
	Book  *Book
	Words *words.Book
	// Decimals are those of the currency's minor unit, for prices that are keyed.
	Decimals int
	// Shared are the files this page has in common with the shopper's.
	Shared fs.FS
	Policy help.Policy
	// Agent says what the policy knows of somebody.
	Agent func(id, name, role string) help.Agent
	// Layout is where the lanes stand, row by row; "" is a gap. Lanes that it
	// does not name come last.
	Layout [][]string
	Store  Store
	// Hosts are the names and addresses, without port, that the console may be
	// asked by, beside the loopback ones.
	Hosts []string
	// AtLane are deeds that only somebody at the lane may do; nil: checks of age
	// and payments in doubt.
	AtLane []string
	// Member looks up a shopper's handle; nil: nothing is known of anybody.
	Member func(ctx context.Context, handle string) (Member, bool)
	// Talk carries what agents say to shoppers; nil: nobody talks.
	Talk Talker
	// Call sets up video and voice calls, CallFiles are its scripts; nil: none is
	// possible, and the page may use neither camera nor microphone.
	Call      Caller
	CallFiles fs.FS
	// Zone is the store's; nil: UTC.
	Zone *time.Location
	// Reports are pages that everybody signed in may read, under /reports; nil: none.
	Reports http.Handler
	// Storybook shows every state of the page with made-up data, for tests.
	Storybook bool
	Now       func() time.Time // nil: time.Now
	Log       *slog.Logger
	Beat      time.Duration // between two signs of life; 0: two seconds
}

// A Console serves the attendants' page. Its Run must be running.
type Console struct {
	o       Options
	tmpl    *template.Template
	handler http.Handler
	build   string
	judging chan struct{} // bounds how many PINs are judged at once
	crew    crew
	held    held
	knocks  knocks
	icons   func() map[string][]byte
}

// New makes a console.
func New(o Options) (*Console, error) {
	if o.Desk == nil || o.Fleet == nil || o.Lanes == nil || o.Staff == nil || o.Book == nil || o.Words == nil || o.Shared == nil || o.Agent == nil || o.Log == nil {
		return nil, errors.New("console: an option that must be set is not")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Beat == 0 {
		o.Beat = 2 * time.Second
	}
	if o.AtLane == nil {
		o.AtLane = []string{"age-ok", "age-refuse", "payment-paid", "payment-not-paid"}
	}
	tmpl, err := template.New("").Funcs(template.FuncMap{"long": func(n int) int64 { return int64(n) }}).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("console: templates: %w", err)
	}
	c := &Console{o: o, tmpl: tmpl, judging: make(chan struct{}, 2), icons: sync.OnceValue(makeIcons)}
	c.crew.init()
	c.held.init()
	if c.build, err = fingerprint(templateFiles, staticFiles, o.Shared); err != nil {
		return nil, fmt.Errorf("console: fingerprint: %w", err)
	}
	c.handler, err = c.routes()
	return c, err
}

func (c *Console) routes() (http.Handler, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", c.signed(c.servePage))
	mux.HandleFunc("GET /events", c.signed(c.serveEvents))
	mux.HandleFunc("POST /deed", c.signed(c.serveDeed))
	mux.HandleFunc("GET /here", c.signed(func(w http.ResponseWriter, _ *http.Request, _ *person) { w.WriteHeader(http.StatusNoContent) }))
	mux.HandleFunc("POST /here", c.signed(c.serveHere))
	mux.HandleFunc("GET /judge", c.signed(c.serveJudge))
	mux.HandleFunc("GET /menu", c.signed(c.serveMenu))
	mux.HandleFunc("POST /menu/device", c.signed(c.serveCode))
	mux.HandleFunc("POST /logout", c.signed(c.serveLogout))
	mux.HandleFunc("GET /login", c.serveLogin)
	mux.HandleFunc("POST /login", c.takeLogin)
	mux.HandleFunc("GET /device", c.serveDevice)
	mux.HandleFunc("POST /device", c.takeDevice)
	mux.HandleFunc("POST /look", c.serveLook)
	mux.HandleFunc("GET /shell", c.serveShell)
	mux.HandleFunc("GET /manifest.webmanifest", c.serveManifest)
	mux.HandleFunc("GET /sw.js", c.serveWorker)
	mux.HandleFunc("GET /icon/{name}", c.serveIcon)
	c.withCall(mux)
	files, err := fs.Sub(staticFiles, "static")
	if err != nil {
		return nil, fmt.Errorf("console: static files: %w", err)
	}
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(files)))
	mux.Handle("GET /shared/", http.StripPrefix("/shared/", http.FileServerFS(c.o.Shared)))
	if c.o.Reports != nil {
		read := c.signed(func(w http.ResponseWriter, r *http.Request, _ *person) { c.o.Reports.ServeHTTP(w, r) })
		mux.HandleFunc("GET /reports", read)
		mux.HandleFunc("GET /reports/", read)
	}
	if c.o.Storybook {
		c.stories(mux)
	}
	return c.guard(http.NewCrossOriginProtection().Handler(mux)), nil
}

// ServeHTTP serves the console's pages.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }

// policy lets the page load its own files and nothing else. Scripts put text
// into the page as HTML through one named policy, and name their worker by
// another.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"worker-src 'self'; manifest-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; " +
	"require-trusted-types-for 'script'; trusted-types kassa kassa-worker"

// maxBody is more than any form needs.
const maxBody = 4 << 10

// guard sets the headers of every answer, refuses names that are not ours (a
// page elsewhere whose name points here gets nothing) and plain HTTP from
// another machine.
func (c *Console) guard(next http.Handler) http.Handler {
	eyes := "()"
	if c.o.Call != nil {
		eyes = "(self)"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera="+eyes+", microphone="+eyes+", geolocation=(), payment=(), usb=(), serial=(), screen-wake-lock=(self)")
		h.Set("Cache-Control", "no-store")
		if r.URL.Query().Get("v") == c.build && (strings.HasPrefix(r.URL.Path, "/static/") || strings.HasPrefix(r.URL.Path, "/shared/")) {
			h.Set("Cache-Control", "max-age=31536000, immutable")
		}
		switch {
		case !c.ours(r.Host):
			http.Error(w, "this host name is not served here", http.StatusMisdirectedRequest)
			return
		case r.TLS == nil && !loopback(r.RemoteAddr):
			http.Error(w, "use https", http.StatusForbidden)
			return
		}
		most := int64(maxBody)
		if c.o.Call != nil && r.URL.Path == "/call" {
			most = maxSignal
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		next.ServeHTTP(w, r)
	})
}

// ours reports whether a Host header names this hub.
func (c *Console) ours(host string) bool {
	name := hostOf(host)
	return name == "localhost" || slices.Contains(c.o.Hosts, name) || loopback(host)
}

func hostOf(hostport string) string {
	name, _, err := net.SplitHostPort(hostport)
	if err != nil {
		name = strings.Trim(hostport, "[]")
	}
	return name
}

func loopback(hostport string) bool {
	ip := net.ParseIP(hostOf(hostport))
	return ip != nil && ip.IsLoopback()
}

// fingerprint names this build of the page, so that a browser that has an older
// one loads anew.
func fingerprint(all ...fs.FS) (string, error) {
	sum := sha256.New()
	for _, files := range all {
		err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(files, path)
			sum.Write([]byte(path))
			sum.Write(data)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:6]), nil
}
