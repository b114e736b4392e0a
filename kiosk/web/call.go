package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"

	"kassa/kiosk/help/talk"
)

// A Call is a video or voice call with a colleague. The page's own script, which
// comes with it, does the talking; here is only what stands on the page and what
// passes through.
type Call interface {
	// View is the call as it stands, Watch tells of each change until ctx ends.
	View() talk.Media
	Watch(ctx context.Context) <-chan struct{}
	// Signals sends what the page's script must know until ctx ends.
	Signals(ctx context.Context) <-chan json.RawMessage
	// Way is how a browser gets through, as JSON.
	Way() any
	// Take takes what the page's script says.
	Take(signal []byte) error
}

// maxSignal is more than a call's signal has, in bytes.
const maxSignal = 32 << 10

// withCall adds what a call needs: its scripts, and the way in and out.
func (s *site) withCall(mux *http.ServeMux) {
	if s.Call == nil {
		return
	}
	mux.Handle("GET /call/", http.StripPrefix("/call/", http.FileServerFS(s.CallFiles)))
	mux.HandleFunc("GET /call", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(s.Call.Way()); err != nil {
			s.Log.DebugContext(r.Context(), "way not sent", "error", err)
		}
	})
	mux.HandleFunc("POST /call", func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err == nil {
			err = s.Call.Take(data)
		}
		if err != nil {
			s.Log.DebugContext(r.Context(), "signal not taken", "error", err)
			http.Error(w, ErrUnfit.Error(), http.StatusConflict)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

// callStream is what a connection hears of a call; nil channels without one.
func (s *site) callStream(ctx context.Context) (changed <-chan struct{}, signals <-chan json.RawMessage) {
	if s.Call == nil {
		return nil, nil
	}
	return s.Call.Watch(ctx), s.Call.Signals(ctx)
}

// parts are the pieces of this lane's page.
func (s *site) parts() []string {
	if s.Call == nil {
		return parts[:]
	}
	return append(slices.Clone(parts[:]), "call")
}

// Calls reports whether this lane can have a call at all.
func (p *page) Calls() bool { return p.Call != nil }

// Media is the call as it stands.
func (p *page) Media() talk.Media {
	if p.Call == nil {
		return talk.Media{}
	}
	return p.Call.View()
}

// calling tells the browser what a call changes on the page.
func (st *stream) calling() error {
	p := page{site: st.site, V: st.site.Now()}
	p.W = st.site.Words.In(p.V.Language)
	html, err := p.part("call")
	if err != nil || st.has["call"] == html {
		return err
	}
	st.has["call"] = html
	data, err := json.Marshal(update{Version: p.V.Version, Parts: map[string]string{"call": html}})
	if err != nil {
		return fmt.Errorf("web: call: %w", err)
	}
	return st.event("state", string(data))
}
