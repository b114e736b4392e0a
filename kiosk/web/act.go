package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"kassa/kiosk/flow"
)

// serveAct takes a touch. Scripts get 204 or 409; a browser without scripts is
// sent back to the page either way.
func (s *site) serveAct(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	form := r.PostForm
	if form.Get("act") == "" {
		// A button outside a form of its own has one field only: all of it.
		var err error
		if form, err = url.ParseQuery(form.Get("do")); err != nil {
			http.Error(w, "the field do cannot be read", http.StatusBadRequest)
			return
		}
	}
	t, ok := parseTouch(form)
	if !ok {
		http.Error(w, "act is missing, or line is not a number", http.StatusBadRequest)
		return
	}
	var err error
	switch {
	case t.Act == flow.ActPIN:
		err = s.PIN(r.Context(), t.Value)
	case t.Act == actAnswer && s.Talk != nil:
		err = s.Talk.Answer(r.Context(), t.Value)
	default:
		err = s.Post(r.Context(), t)
	}
	s.answer(w, r, t, err)
}

func (s *site) answer(w http.ResponseWriter, r *http.Request, t Touch, err error) {
	if err != nil && !errors.Is(err, ErrUnfit) {
		s.Log.WarnContext(r.Context(), "touch not taken", "act", string(t.Act), "error", err)
	}
	switch {
	case r.Header.Get("Sec-Fetch-Mode") == "navigate":
		http.Redirect(w, r, "/", http.StatusSeeOther)
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case errors.Is(err, ErrUnfit):
		http.Error(w, ErrUnfit.Error(), http.StatusConflict)
	default:
		http.Error(w, "the lane cannot take this just now", http.StatusServiceUnavailable)
	}
}

// parseTouch reads the fields of a touch.
func parseTouch(form url.Values) (Touch, bool) {
	t := Touch{Act: flow.Act(form.Get("act")), Code: form.Get("code"), Value: form.Get("value")}
	if line := form.Get("line"); line != "" {
		n, err := strconv.Atoi(line)
		if err != nil || n < 0 {
			return Touch{}, false
		}
		t.Line = n
	}
	return t, t.Act != "" && len(t.Act) <= 32
}

// serveHealth answers 200 when a shopper can start, else 503.
func (s *site) serveHealth(w http.ResponseWriter, r *http.Request) {
	h := s.Health()
	if h.Devices == nil {
		h.Devices = []DeviceHealth{}
	}
	w.Header().Set("Content-Type", "application/json")
	if !h.OK {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	if err := json.NewEncoder(w).Encode(h); err != nil {
		s.Log.DebugContext(r.Context(), "health answer not sent", "error", err)
	}
}
