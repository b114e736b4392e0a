package console

import (
	"context"
	"errors"
	"sync"
	"time"

	"kassa/kiosk/help"
	"kassa/store/hub/desk"
)

// A settlement that releases nothing waits until it can no longer be undone, and
// only then goes out. A hub that dies meanwhile settles nothing.
type held struct {
	mu      sync.Mutex
	waits   map[string]heldDeed // by call
	fell    map[string]string   // by call: why it was not done, a message id
	changed map[chan struct{}]bool
}

type heldDeed struct {
	desk.Settlement
	due     time.Time
	sent    bool   // on its way to the lane: it can no longer be undone
	verdict string // of whoever settled it, said before it was done
}

func (h *held) init() {
	h.waits, h.fell, h.changed = map[string]heldDeed{}, map[string]string{}, map[chan struct{}]bool{}
}

// put holds a settlement, unless somebody's is held already.
func (h *held) put(s desk.Settlement, due time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch w, ok := h.waits[s.Call]; {
	case ok && w.By != s.By:
		return errTaken(w.By)
	case ok && w.sent:
		return help.ErrStale
	}
	h.waits[s.Call] = heldDeed{Settlement: s, due: due}
	h.tell()
	return nil
}

// free returns nil if nobody else has settled a call, for the moment.
func (h *held) free(call, by string) error {
	if w, ok := h.get(call); ok && w.By != by {
		return errTaken(w.By)
	}
	return nil
}

// take takes back what somebody settled.
func (h *held) take(call, by string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	w, ok := h.waits[call]
	if !ok || w.By != by || w.sent {
		return false
	}
	delete(h.waits, call)
	h.tell()
	return true
}

// judge keeps what somebody said of a call whose settlement is not done yet.
func (h *held) judge(call, by, verdict string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	w, ok := h.waits[call]
	if !ok || w.By != by {
		return false
	}
	w.verdict = verdict
	h.waits[call] = w
	return true
}

func (h *held) get(call string) (heldDeed, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w, ok := h.waits[call]
	return w, ok
}

// due returns what can no longer be undone, each once. It stays held until it is
// done.
func (h *held) due(now time.Time) []heldDeed {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []heldDeed
	for id, w := range h.waits {
		if !w.sent && !now.Before(w.due) {
			w.sent = true
			h.waits[id] = w
			out = append(out, w)
		}
	}
	return out
}

// done lets go of a settlement that was sent, and returns how whoever made it
// found the call, "" if they did not say.
func (h *held) done(call string) (verdict string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	verdict = h.waits[call].verdict
	delete(h.waits, call)
	h.tell()
	return verdict
}

// fall notes why a settlement was not done, for whoever made it.
func (h *held) fall(call, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.fell) > 100 {
		clear(h.fell)
	}
	h.fell[call] = why
	h.tell()
}

func (h *held) fault(call string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fell[call]
}

// forgive forgets a fault once the call is touched anew.
func (h *held) forgive(call string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.fell, call)
}

func (h *held) tell() {
	for c := range h.changed {
		select {
		case c <- struct{}{}:
		default: // it is known already
		}
	}
}

func (h *held) watch() (changed <-chan struct{}, leave func()) {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changed[c] = true
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.changed, c)
	}
}

// settleHeld has a settlement done, or says why not to whoever made it.
func (c *Console) settleHeld(ctx context.Context, s heldDeed) {
	call, err := c.o.Desk.Settle(ctx, s.Settlement)
	if errors.Is(err, help.ErrStale) && call.State.Open() && (call.By == "" || call.By == s.By) {
		s.Version = call.Version // another tier was asked meanwhile: it is the same call, and nobody else's
		_, err = c.o.Desk.Settle(ctx, s.Settlement)
	}
	verdict := c.held.done(s.Call)
	if err == nil && verdict != "" {
		err = c.o.Desk.Judge(ctx, s.Call, s.By, verdict)
	}
	if err == nil || errors.Is(err, help.ErrGone) {
		return
	}
	c.o.Log.WarnContext(ctx, "settlement not done", "call", s.Call, "staff", s.By, "err", err)
	c.held.fall(s.Call, sentence(err))
}
