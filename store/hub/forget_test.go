package hub_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"kassa/store/hub/members"
	"kassa/store/journal"
	"kassa/store/wire"
)

func (r *register) forget(ctx context.Context, f wire.Forget) error {
	_, err := r.journal.ForgetPersonal(ctx, "member", func(number string) bool {
		return slices.ContainsFunc(f.Whom, func(w wire.Forgotten) bool { return w.Is(number) })
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.forgot = f.Forgot
	}
	return err
}

// knows reports whether the lane still has a value.
func (r *register) knows(handle string) bool {
	_, _, err := r.journal.Personal(r.t.Context(), handle)
	if err != nil && !errors.Is(err, journal.ErrNoValue) {
		r.t.Error(err)
	}
	return err == nil
}

// A member who asks is forgotten at every lane: at one that is there, at one that
// comes back later, and after the hub began anew; nobody else is.
func TestLanesForgetAMember(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	lanes := []*register{s.join("1"), s.join("2")}
	var hers, his []string
	for _, r := range lanes {
		for number, to := range map[string]*[]string{"9501101020917": &hers, "42": &his} {
			handle, err := r.journal.PutPersonal(t.Context(), "member", number)
			must(t, err)
			*to = append(*to, handle)
		}
	}
	till(t, "both lanes", func() bool { return len(s.h.Fleet().Lanes()) == 2 })
	lanes[1].stop()
	if err := s.h.Members().Erase(t.Context(), "9501101020917"); !errors.Is(err, members.ErrUnknown) {
		t.Fatal(err) // she was never in the list, and had her card read
	}
	till(t, "the first lane forgets", func() bool { return !lanes[0].knows(hers[0]) })
	s.restart()
	lanes[1].link()
	till(t, "the second lane forgets", func() bool { return !lanes[1].knows(hers[1]) })
	for i, r := range lanes {
		if !r.knows(his[i]) {
			t.Errorf("lane %s forgot somebody else", r.id)
		}
	}
}
