package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kassa/store/hub/desk"
)

// parts are the pieces of the page that are replaced by themselves.
var parts = [...]string{"top", "queue", "map", "detail"} //nolint:gochecknoglobals // a constant list

const (
	gather    = 250 * time.Millisecond // lanes that change close to each other are drawn at once
	watchFor  = 6 * time.Second        // how long a lane shows its screen for each asking
	warnAhead = time.Minute            // before a session that nobody touches ends
)

// An update is what a browser is told. Fields that did not change are left out.
type update struct {
	Build string            `json:"build,omitempty"`
	Root  *root             `json:"root,omitempty"`
	Parts map[string]string `json:"parts,omitempty"`
}

// root is what stands on the page as a whole.
type root struct {
	Lang    string `json:"lang"`
	Dir     string `json:"dir"`
	Class   string `json:"class"`
	Tab     string `json:"tab"`
	Open    string `json:"open"`
	Alarm   int    `json:"alarm"`
	AlarmOf string `json:"of"`
	Title   string `json:"title"`
}

func (p *page) Root() root {
	r := root{Lang: p.W.Tag(), Dir: p.W.Dir(), Tab: p.Tab, Open: p.Open, Alarm: p.Alarm, AlarmOf: p.AlarmOf, Title: p.Title()}
	if p.Look.Night {
		r.Class = "dark"
	}
	return r
}

// Title is the name of the page: how many wait stands first, where a narrow tab
// shows it.
func (p *page) Title() string {
	waiting := 0
	for _, k := range p.Cards {
		if k.State != "coming" {
			waiting++
		}
	}
	if waiting == 0 {
		return p.T("console.title")
	}
	return "(" + p.W.Number(int64(waiting)) + ") " + p.T("console.title")
}

func (c *Console) servePage(w http.ResponseWriter, r *http.Request, p *person) {
	s, err := c.snapshot(r.Context())
	if err != nil {
		c.broken(w, r, err)
		return
	}
	c.write(w, r, http.StatusOK, c.page(r.Context(), c.base(r), p, parseQuery(r), s, c.o.Fleet.Lanes()), "page")
}

// write renders a template as the whole answer.
func (c *Console) write(w http.ResponseWriter, r *http.Request, status int, data any, name string) {
	var b bytes.Buffer
	if err := c.tmpl.ExecuteTemplate(&b, name, data); err != nil {
		c.broken(w, r, fmt.Errorf("template %s: %w", name, err))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // whoever is gone asks again
}

// A stream is one open page.
type stream struct {
	c       *Console
	w       http.ResponseWriter
	control *http.ResponseController
	base    base
	me      *person
	query   query
	desk    desk.Snapshot
	has     map[string]string
	root    root
	warned  bool
}

var errSignedOut = errors.New("signed out")

// serveEvents sends the page's parts, then what changes, until the browser goes
// or the session ends.
func (c *Console) serveEvents(w http.ResponseWriter, r *http.Request, p *person) {
	ctx := r.Context()
	snapshots, leave, err := c.o.Desk.Watch(ctx)
	if err != nil {
		c.broken(w, r, err)
		return
	}
	defer leave()
	c.crew.arrive(c.o.Agent(p.ID, p.Name, string(p.Role)))
	defer func() { c.crew.leave(p.ID, c.o.Now()) }()
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	st := &stream{c: c, w: w, control: http.NewResponseController(w), base: c.base(r), me: p, query: parseQuery(r), has: map[string]string{}}
	st.base.Path = "/"
	if err := st.run(ctx, snapshots); err != nil && ctx.Err() == nil && !errors.Is(err, errSignedOut) {
		c.o.Log.DebugContext(ctx, "console page ended", "err", err)
	}
}

func (st *stream) run(ctx context.Context, snapshots <-chan desk.Snapshot) error {
	lanes, leave := st.c.o.Fleet.Watch()
	defer leave()
	held, unwatch := st.c.held.watch()
	defer unwatch()
	signals, deaf := st.c.callSignals(st.me)
	defer deaf()
	beat := time.NewTicker(st.c.o.Beat)
	defer beat.Stop()
	var soon <-chan time.Time
	if err := st.alive(ctx); err != nil {
		return err
	}
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case s, ok := <-snapshots:
			if !ok {
				return errors.New("the desk is closed")
			}
			st.desk, soon = s, nil
			err = st.show(ctx)
		case <-held:
			err = st.show(ctx)
		case <-lanes:
			if soon == nil {
				soon = time.After(gather)
			}
		case <-soon:
			soon = nil
			if !st.desk.At.IsZero() {
				err = st.show(ctx)
			}
		case signal := <-signals:
			err = st.event("signal", string(signal))
		case <-beat.C:
			err = st.alive(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// alive gives a sign of life, asks the lane that is looked at for its screen and
// sees whether the session still is good.
func (st *stream) alive(ctx context.Context) error {
	s, err := st.c.o.Book.again(ctx, st.me.session)
	if err == nil {
		_, err = st.c.known(ctx, s)
	}
	if errors.Is(err, errOut) {
		st.c.crew.gone(st.me.ID)
		return errors.Join(st.event("out", ""), errSignedOut)
	}
	if err != nil {
		return err
	}
	if lane := st.lane(); lane != "" {
		st.c.o.Lanes.Show(lane, watchFor)
	}
	now := st.c.o.Now()
	left := idleLife - now.Sub(s.seen)
	if warn := left < warnAhead; warn != st.warned {
		st.warned = warn
		if err := st.event("idle", strconv.FormatBool(warn)); err != nil {
			return err
		}
	}
	return st.event("alive", strconv.FormatInt(now.UnixMilli(), 10))
}

// lane is the one that is looked at.
func (st *stream) lane() string {
	for _, w := range st.desk.Calls {
		if w.ID == st.query.Call {
			return w.Lane
		}
	}
	return st.query.Lane
}

// show sends what changed.
func (st *stream) show(ctx context.Context) error {
	p := st.c.page(ctx, st.base, st.me, st.query, st.desk, st.c.o.Fleet.Lanes())
	u := update{Parts: map[string]string{}}
	if len(st.has) == 0 {
		u.Build = st.c.build
	}
	for _, name := range parts {
		var b strings.Builder
		if err := st.c.tmpl.ExecuteTemplate(&b, name, p); err != nil {
			return fmt.Errorf("console: %s: %w", name, err)
		}
		if html := b.String(); st.has[name] != html {
			st.has[name], u.Parts[name] = html, html
		}
	}
	if now := p.Root(); st.root != now {
		st.root, u.Root = now, &now
	}
	if u.Build == "" && u.Root == nil && len(u.Parts) == 0 {
		return nil
	}
	var data strings.Builder
	enc := json.NewEncoder(&data)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(u); err != nil {
		return err
	}
	return st.event("state", strings.TrimSuffix(data.String(), "\n"))
}

// event sends one event. A browser that takes nothing is found by the deadline.
func (st *stream) event(name, data string) error {
	_ = st.control.SetWriteDeadline(time.Now().Add(5 * st.c.o.Beat)) // not all writers can
	if _, err := fmt.Fprintf(st.w, "event: %s\ndata: %s\n\n", name, data); err != nil {
		return err
	}
	return st.control.Flush()
}
