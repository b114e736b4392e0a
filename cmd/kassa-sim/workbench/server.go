package workbench

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"time"

	"kassa/cmd/kassa-sim/assortment"
)

//go:embed page
var assets embed.FS

// A line of a play script is short; more is a mistake.
const maxLine = 4096

// Pace of the page while something on a plate moves, and of the look whether
// something does.
const livePace = 100 * time.Millisecond

// A Server is the workbench's page and control API.
type Server struct {
	b     *Bench
	page  []byte
	lane  string // where the shopper's page is shown for the frame, "" for none
	inner http.Handler
}

// NewServer makes the handler. lanePage is the address of a [LanePage], "" for
// none.
func NewServer(b *Bench, lanePage string) (*Server, error) {
	s := &Server{b: b, lane: lanePage}
	t, err := template.ParseFS(assets, "page/page.html")
	if err != nil {
		return nil, fmt.Errorf("workbench page: %w", err)
	}
	var page bytes.Buffer
	if err := t.Execute(&page, s.pageData()); err != nil {
		return nil, fmt.Errorf("workbench page: %w", err)
	}
	s.page = page.Bytes()
	static, err := fs.Sub(assets, "page")
	if err != nil { // unreachable: it is embedded
		return nil, fmt.Errorf("workbench page: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.front)
	mux.HandleFunc("GET /art/{name}", s.art)
	mux.HandleFunc("GET /state", s.state)
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("GET /paper", s.paper)
	mux.HandleFunc("POST /do", s.do)
	mux.HandleFunc("POST /lane", s.startLane)
	files := http.FileServerFS(static)
	mux.Handle("GET /bench.css", files)
	mux.Handle("GET /bench.js", files)
	s.inner = http.NewCrossOriginProtection().Handler(mux)
	return s, nil
}

type pageData struct {
	LanePage string
	LaneURL  string
	Speed    int
	Shelves  []shelf
	Staff    []assortment.Person
	Vouchers []assortment.Voucher
	Cables   []cableData
}

type shelf struct {
	Name  string
	Goods []assortment.Article
}

type cableData struct{ Name, Label string }

func (s *Server) pageData() pageData {
	d := pageData{
		LanePage: s.lane, LaneURL: s.b.lane.state().URL, Speed: s.b.o.Speed, Staff: assortment.Staff(),
		Vouchers: assortment.Vouchers(),
	}
	d.Cables = []cableData{
		{"scanner", "Scanner"},
		{"scale", "Scale"},
		{"bagging", "Bagging scale"},
		{"terminal", "Card terminal"},
		{"cash", "Cash machine"},
		{"printer", "Printer"},
		{"panel", "Light and button"},
	}
	for _, part := range assortment.Shelves() {
		d.Shelves = append(d.Shelves, shelf{part.Name, part.Goods})
	}
	return d
}

// ServeHTTP answers with a policy that lets the page load nothing from
// elsewhere; only the shopper's page may stand in a frame.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if host, _, err := net.SplitHostPort(r.Host); err != nil || !loopback(host) {
		http.Error(w, "only from this machine", http.StatusMisdirectedRequest)
		return
	}
	frame := "'none'"
	if u, err := url.Parse(s.lane); err == nil && s.lane != "" {
		frame = u.Scheme + "://" + u.Host
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
		"frame-src "+frame+"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	s.inner.ServeHTTP(w, r)
}

// loopback keeps names that somebody else's DNS may point at us outside.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *Server) front(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	s.write(w, r, s.page)
}

func (s *Server) art(w http.ResponseWriter, r *http.Request) {
	svg, ok := assortment.Draw(r.PathValue("name"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "max-age=3600")
	s.write(w, r, []byte(svg))
}

func (s *Server) write(w io.Writer, r *http.Request, body []byte) {
	if _, err := w.Write(body); err != nil {
		s.b.o.Log.DebugContext(r.Context(), "page not sent", "err", err)
	}
}

func (s *Server) do(w http.ResponseWriter, r *http.Request) {
	line, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLine))
	if err != nil {
		http.Error(w, "the line is too long", http.StatusBadRequest)
		return
	}
	err = s.b.Do(string(line))
	switch {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case errors.Is(err, ErrUnknown):
		http.Error(w, err.Error(), http.StatusBadRequest)
	default:
		http.Error(w, err.Error(), http.StatusConflict)
	}
}

func (s *Server) startLane(w http.ResponseWriter, _ *http.Request) {
	s.b.lane.wakeUp()
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) state(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(s.b.State()); err != nil {
		s.b.o.Log.DebugContext(r.Context(), "state not sent", "err", err)
	}
}

// events sends the state now and after every change. A plate that moves
// changes by itself, so the state is looked at now and then.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	changed := s.b.changed.Watch(r.Context())
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	look := time.NewTicker(livePace)
	defer look.Stop()
	var last []byte
	for {
		now, err := json.Marshal(s.b.State())
		if err != nil { // unreachable: plain data
			return
		}
		if !bytes.Equal(now, last) {
			last = now
			if _, err := fmt.Fprintf(w, "data: %s\n\n", now); err != nil {
				return
			}
			if err := out.Flush(); err != nil {
				return
			}
		}
		select {
		case <-changed:
		case <-look.C:
		case <-r.Context().Done():
			return
		}
	}
}

// Serve serves h on ln until ctx ends, then ends what is being served.
func Serve(ctx context.Context, ln net.Listener, h http.Handler) error {
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second,
		BaseContext: func(net.Listener) context.Context { return base },
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve the workbench: %w", err)
	case <-ctx.Done():
	}
	stop() // event streams end by this
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := errors.Join(srv.Shutdown(last), stopped(<-done)); err != nil {
		return fmt.Errorf("end the workbench: %w", err)
	}
	return nil
}

// stopped takes the end that was asked for as no error.
func stopped(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
