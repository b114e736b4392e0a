package hub_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/help"
	"kassa/store/hub/desk"
	"kassa/store/hub/keeper"
	"kassa/store/wire"
)

// nonsense is what a lane never sends; each is another row in quarantine.
func nonsense(t *testing.T, k *keeper.Keeper, what string) {
	t.Helper()
	_, err := k.TakeLoad(t.Context(), keeper.Load{Strays: []keeper.Stray{{Store: storeName, Lane: "1", Why: what, Data: []byte(what)}}})
	must(t, err)
}

// journalCalls are the open calls of a lane's journal, by id.
func (s *site) journalCalls() map[string]desk.Waiting {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	snapshots, leave, err := s.h.Desk().Watch(ctx)
	must(s.t, err)
	defer leave()
	all := map[string]desk.Waiting{}
	for _, w := range (<-snapshots).Calls {
		if strings.HasPrefix(w.ID, "hub:journal:1/") {
			all[w.ID] = w
		}
	}
	return all
}

// Each row in quarantine is told of: in the call that nobody has yet, or in one
// of its own on the same day.
func TestEachRowInQuarantineIsTold(t *testing.T) {
	s := newSite(t, false)
	nonsense(t, s.h.Keeper(), "one")
	var first desk.Waiting
	till(t, "a call", func() bool {
		for _, first = range s.journalCalls() {
		}
		return strings.Contains(first.Context.Evidence, "one")
	})
	nonsense(t, s.h.Keeper(), "two")
	till(t, "the call grows", func() bool {
		all := s.journalCalls()
		return len(all) == 1 && strings.Contains(all[first.ID].Context.Evidence, "2 rows in quarantine, the newest is row 0: two")
	})
	_, err := s.h.Desk().Do(t.Context(), help.Deed{Call: first.ID, Version: first.Version, Verb: help.DoClaim, By: "a1"})
	must(t, err)
	nonsense(t, s.h.Keeper(), "three")
	till(t, "a second call", func() bool { return len(s.journalCalls()) == 2 })
}

// A hub that was killed when the row was kept and nobody had heard of it yet
// raises the call when it is back, once.
func TestAlarmOutlivesTheHub(t *testing.T) {
	s := newSite(t, false)
	s.stop()
	k, err := keeper.Open(t.Context(), s.dir, time.Now)
	must(t, err)
	nonsense(t, k, "before the power went")
	must(t, k.Close())
	s.start()
	till(t, "a call", func() bool { return len(s.journalCalls()) == 1 })
	till(t, "it is noted", func() bool {
		all, err := s.h.Keeper().Untold(t.Context())
		return err == nil && len(all) == 0
	})
	for id := range s.journalCalls() {
		_, err = s.h.Desk().Heard(t.Context(), "1", wire.CallUp{ID: id, Verb: wire.CallEnd, By: "a1", Outcome: "looked"})
		must(t, err)
	}
	s.restart()
	nonsense(t, s.h.Keeper(), "another")
	till(t, "a call of its own", func() bool { return len(s.journalCalls()) == 1 })
}
