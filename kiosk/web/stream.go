package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"kassa/kiosk/flow"
)

// parts are the pieces of a page that are replaced by themselves.
var parts = [...]string{"top", "main", "basket", "bar", "lost"} //nolint:gochecknoglobals // a constant list

// An update is what a browser is told. Fields that did not change are left out.
type update struct {
	Version int64             `json:"v"`
	Build   string            `json:"build,omitempty"`
	Root    *root             `json:"root,omitempty"`
	Parts   map[string]string `json:"parts,omitempty"`
	Live    map[string]string `json:"live,omitempty"` // texts of what streams past
	Settled bool              `json:"settled,omitempty"`
	Say     string            `json:"say,omitempty"` // for a screen reader
}

// root is what stands on the page as a whole.
type root struct {
	Lang    string `json:"lang"`
	Dir     string `json:"dir"`
	Classes string `json:"class"`
	Layout  string `json:"layout"`
	Title   string `json:"title"`
}

// A stream is one browser's connection: what it has been told already.
type stream struct {
	site  *site
	out   io.Writer
	has   map[string]string
	still flow.View // what has was drawn from
	root  root
	live  map[string]string
	say   string
	memo  *memo

	chat    *chat  // what has was drawn with
	heardIn string // the call in which a colleague's newest word had number heard
	heard   int
}

// serveEvents sends the whole page, then what changes, until the browser goes.
func (s *site) serveEvents(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	control := http.NewResponseController(w)
	// The connection lives as long as the page; a stuck browser is found by the
	// deadline of each write instead.
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	st := &stream{site: s, out: w, has: map[string]string{}, live: map[string]string{}, memo: newMemo()}
	send := func(tell func() error) error {
		_ = control.SetWriteDeadline(time.Now().Add(5 * s.Beat)) // not all writers can
		if err := tell(); err != nil {
			return err
		}
		return control.Flush()
	}
	views, talked := s.Views(ctx), s.watchTalk(ctx)
	calling, signals := s.callStream(ctx)
	var sounds <-chan flow.Sound
	if s.Sounds != nil {
		sounds = s.Sounds(ctx)
	}
	beat := time.NewTicker(s.Beat)
	defer beat.Stop()
	err := send(func() error { return st.show(ctx, s.Now()) })
	for err == nil {
		select {
		case <-ctx.Done():
			return
		case v, open := <-views:
			if !open {
				return // the lane is stopping; the page will ask again
			}
			err = send(func() error { return st.show(ctx, v) })
		case sound, open := <-sounds:
			if !open {
				sounds = nil
				continue
			}
			err = send(func() error { return st.event("sound", string(sound)) })
		case _, open := <-talked:
			if !open {
				talked = nil
				continue
			}
			err = send(func() error { return st.talked(ctx) })
		case <-calling:
			err = send(st.calling)
		case signal := <-signals:
			err = send(func() error { return st.event("signal", string(signal)) })
		case <-beat.C:
			err = send(func() error { return st.event("alive", "") })
		}
	}
	s.Log.DebugContext(ctx, "page connection ended", "error", err)
}

// event writes one server-sent event. data must have no line ends.
func (st *stream) event(name, data string) error {
	_, err := fmt.Fprintf(st.out, "event: %s\ndata: %s\n\n", name, data)
	return err
}

// redraw fills u with the parts of the page that v changes. What streams is left
// out and told apart: a scale that trembles redraws nothing.
func (st *stream) redraw(ctx context.Context, v flow.View, u *update) error {
	v.Live, v.Version = flow.Live{}, 0
	chat := st.site.chat(&page{site: st.site, V: v, W: st.site.Words.In(v.Language)})
	if len(st.has) > 0 && reflect.DeepEqual(v, st.still) && reflect.DeepEqual(chat, st.chat) {
		return nil
	}
	st.still, st.chat = v, chat
	p := st.site.page(ctx, v, query{})
	p.memo = st.memo
	p.memo.turn(p)
	for _, name := range st.site.parts() {
		html, err := p.drawn(name)
		if err != nil {
			return err
		}
		if st.has[name] != html {
			st.has[name], u.Parts[name] = html, html
		}
	}
	if now := p.root(); st.root != now {
		st.root, u.Root = now, &now
	}
	if say := p.Say(); say != st.say {
		st.say, u.Say = say, say
	}
	return nil
}

// show tells the browser what v changes.
func (st *stream) show(ctx context.Context, v flow.View) error {
	u := update{Version: v.Version, Parts: map[string]string{}, Live: map[string]string{}}
	if len(st.has) == 0 {
		u.Build = st.site.build
	}
	if err := st.redraw(ctx, v, &u); err != nil {
		return err
	}
	live := page{site: st.site, V: v, W: st.site.Words.In(v.Language)}
	for name, text := range live.liveTexts() {
		if st.live[name] != text || u.Parts["main"] != "" {
			st.live[name], u.Live[name] = text, text
		}
	}
	u.Settled = v.Live.Settled
	if u.Build == "" && u.Root == nil && u.Say == "" && len(u.Parts)+len(u.Live) == 0 {
		return nil
	}
	// The page reads the texts from JSON: its signs need no second escaping,
	// which would make them half as long again.
	var data strings.Builder
	enc := json.NewEncoder(&data)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(u); err != nil {
		return err
	}
	return st.event("state", strings.TrimSuffix(data.String(), "\n"))
}
