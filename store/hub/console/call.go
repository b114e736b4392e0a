package console

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"kassa/kiosk/help"
)

// A Caller sets up video and voice calls. The page's own script, which comes with
// it, does the talking.
type Caller interface {
	// Invite asks the shopper of a call for help that the agent has; the answer is
	// what the agent's browser needs, as JSON.
	Invite(agent, call string, video bool) (any, error)
	// Take takes a signal of the agent's page.
	Take(ctx context.Context, agent string, signal []byte) error
	// Watch sends the agent's pages their signals until leave is called.
	Watch(agent string) (signals <-chan json.RawMessage, leave func())
}

// maxSignal is more than a call's signal has, in bytes.
const maxSignal = 32 << 10

// withCall adds what a call needs: its scripts, and the way in.
func (c *Console) withCall(mux *http.ServeMux) {
	if c.o.Call == nil {
		return
	}
	mux.Handle("GET /call/", http.StripPrefix("/call/", http.FileServerFS(c.o.CallFiles)))
	mux.HandleFunc("POST /call", c.signed(c.serveCall))
}

// serveCall takes an invitation or a signal.
func (c *Console) serveCall(w http.ResponseWriter, r *http.Request, p *person) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, errForm.Error(), http.StatusBadRequest)
		return
	}
	var ask struct {
		Kind  string `json:"kind"`
		Call  string `json:"call"`
		Video bool   `json:"video"`
	}
	if json.Unmarshal(data, &ask) != nil {
		http.Error(w, errForm.Error(), http.StatusBadRequest)
		return
	}
	var answer any
	if ask.Kind == "invite" {
		answer, err = c.o.Call.Invite(p.ID, ask.Call, ask.Video)
	} else {
		err = c.o.Call.Take(r.Context(), p.ID, data)
	}
	switch {
	case errors.Is(err, help.ErrGone):
		http.Error(w, c.words(r).T("console.why.gone"), http.StatusConflict)
	case err != nil:
		c.o.Log.DebugContext(r.Context(), "signal not taken", "staff", p.ID, "err", err)
		http.Error(w, c.words(r).T("console.why.stale"), http.StatusConflict)
	case answer == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer) // whoever is gone asks again
	}
}

// callSignals are those of a page; nil, which sends nothing, without calls.
func (c *Console) callSignals(p *person) (signals <-chan json.RawMessage, leave func()) {
	if c.o.Call == nil {
		return nil, func() {}
	}
	return c.o.Call.Watch(p.ID)
}
