package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"kassa/store/wire"
)

const (
	staffEvery  = 2 * time.Second  // how often the list is looked at
	staffRepeat = 10 * time.Minute // how often lanes are sent it, changed or not
)

// staff is the list of who works here as lanes get it.
type staff struct {
	mu    sync.Mutex
	list  wire.Staff
	names map[string]string
}

// shareStaff sends the staff list to every lane when it changed, and now and
// then for one that missed it, until ctx ends.
func (h *Hub) shareStaff(ctx context.Context) error {
	t := time.NewTicker(staffEvery)
	defer t.Stop()
	sent := h.o.Now()
	for {
		changed, err := h.readStaff(ctx)
		if err != nil && ctx.Err() == nil {
			h.o.Log.ErrorContext(ctx, "staff list not read", "err", err)
		}
		if now := h.o.Now(); err == nil && (changed || now.Sub(sent) >= staffRepeat) {
			sent = now
			for _, l := range h.fleet.Lanes() {
				h.staff.send(h, l.ID)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// readStaff reads the list and reports whether it is another than before.
func (h *Hub) readStaff(ctx context.Context) (bool, error) {
	members, err := h.roster.Share(ctx)
	if err != nil {
		return false, err
	}
	text, err := json.Marshal(members)
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(text)
	version, err := h.book.Version(ctx, "staff", hex.EncodeToString(sum[:]))
	if err != nil {
		return false, err
	}
	h.staff.mu.Lock()
	defer h.staff.mu.Unlock()
	if version == h.staff.list.Version {
		return false, nil
	}
	h.staff.list = wire.Staff{Version: version, Members: members}
	h.staff.names = map[string]string{}
	for _, m := range members {
		first, _, _ := strings.Cut(m.Name, " ")
		h.staff.names[m.ID] = first
	}
	return true, nil
}

// send sends the list to one lane. An empty one too: a lane that has nobody of
// its own knows then that it was heard.
func (s *staff) send(h *Hub, lane string) {
	s.mu.Lock()
	list := s.list
	s.mu.Unlock()
	if list.Version > 0 {
		h.tell(lane, wire.DownStaff, list)
	}
}

// firstName is the name a shopper may read, "" for none.
func (h *Hub) firstName(agent string) string {
	if !h.o.ShowNames {
		return ""
	}
	h.staff.mu.Lock()
	defer h.staff.mu.Unlock()
	return h.staff.names[agent]
}
