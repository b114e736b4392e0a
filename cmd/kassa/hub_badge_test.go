package main

import (
	"strings"
	"testing"

	"kassa/kiosk/barcode"
	"kassa/kiosk/flow"
	"kassa/kiosk/help"
	"kassa/kiosk/staff"
	"kassa/store/hub/desk"
	"kassa/store/wire"
)

func (k *linkedLane) scan(code string) {
	k.t.Helper()
	if err := k.l.station.Scan(k.t.Context(), []byte(code)); err != nil {
		k.t.Fatal(err)
	}
}

// Whoever comes with a badge has the call for all to see; a member who agreed is
// known by a handle of the hub's, and her number is written down nowhere there.
func TestBadgeClaimsAndMemberIsKnown(t *testing.T) {
	t.Parallel()
	s := newStoreHub(t)
	amina, err := s.h.Roster().Add(t.Context(), "Amina", staff.Supervisor, "11111111", "295817")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.h.Members().Import(t.Context(), strings.NewReader("number,since,consent\n4711,2019-05-01,yes\n")); err != nil {
		t.Fatal(err)
	}
	k := enrolled(t, s)
	const id = "1-000001/1"
	k.touch(flow.ActStart, "")
	k.scan(barcode.MemberCode("4711"))
	k.touch(flow.ActHelp, "")
	k.touch(flow.ActCall, "")
	s.call(id)
	about := s.waiting(id).Context
	m, err := s.h.Members().ByHandle(t.Context(), about.Member)
	if err != nil || !m.Consent || m.Since != "2019-05-01" || about.MemberCode != "" {
		t.Errorf("the hub knows %+v of %+v, %v", m, about, err)
	}
	eventually(t, "the hub's list is here", func() bool {
		who, err := k.l.staff.ByBadge(t.Context(), "11111111")
		return err == nil && who != nil
	})
	k.scan(barcode.StaffCode("11111111"))
	eventually(t, "the desk sees who came", func() bool { c := s.call(id); return c.State == help.Claimed && c.By == amina.ID })
	eventually(t, "nothing is said twice", func() bool { return len(k.l.station.Calls()) == 0 })
	claimed := s.call(id)
	k.restart()
	eventually(t, "the lane is back", func() bool { return k.l.hub.health() == "up" && len(k.l.station.Calls()) == 0 })
	if c := s.call(id); c.By != amina.ID || !c.ClaimedAt.Equal(claimed.ClaimedAt) {
		t.Errorf("after the restart: %+v", c)
	}
}

// An answer names the row that says what came of a command; the same command
// once more is no other deed.
func TestAnswerNamesItsRow(t *testing.T) {
	t.Parallel()
	k := enrolled(t, newStoreHub(t))
	k.touch(flow.ActStart, "")
	st := k.l.station.HubState()
	c := wire.Command{ID: "c1", Boot: st.Boot, Number: st.Number, Deed: "lock", By: "a1", Role: "supervisor"}
	r := k.l.hub.Do(t.Context(), c)
	if !r.OK || r.Seq == 0 || r.Again {
		t.Fatalf("%+v", r)
	}
	for rec, err := range k.l.journal.Since(t.Context(), r.Seq-1) {
		if err != nil || rec.Kind != "commanded" {
			t.Errorf("row %d is %s, %v", r.Seq, rec.Kind, err)
		}
		break
	}
	if st = k.l.station.HubState(); !st.Locked {
		t.Errorf("the hub would not see the lock: %+v", st)
	}
	if again := k.l.hub.Do(t.Context(), c); !again.OK || !again.Again {
		t.Errorf("said again: %+v", again)
	}
	if r = k.l.hub.Do(t.Context(), wire.Command{ID: "c2", Boot: st.Boot, Number: st.Number, Deed: "unlock", By: "a1", Role: "attendant"}); !r.OK {
		t.Errorf("unlock: %+v", r)
	}
}

// What a shopper says of the help in two touches reaches the desk whole.
func TestBothWordsOnHelpReachTheDesk(t *testing.T) {
	t.Parallel()
	s := newStoreHub(t)
	k := enrolled(t, s)
	k.touch(flow.ActStart, "")
	k.touch(flow.ActHelp, "")
	k.touch(flow.ActCall, "")
	k.touch(flow.ActCancelCall, "")
	k.touch(flow.ActCall, "") // she thought better of it
	s.call("1-000001/2")
	st := k.l.station.HubState()
	if r := k.l.hub.Do(t.Context(), wire.Command{
		ID: "c1", Boot: st.Boot, Number: st.Number, Call: "1-000001/2", Version: 1 << 20, Deed: "settle", By: "a1", Role: "supervisor",
	}); !r.OK {
		t.Fatal(r.Why)
	}
	k.touch(flow.ActSurvey, "yes")
	eventually(t, "the first word is known", func() bool { return len(k.l.station.Calls()) == 0 && k.view().Survey.Solved != nil })
	k.touch(flow.ActSurvey, "3")
	r, err := desk.OpenReader(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	var rating int
	var solved bool
	eventually(t, "the second is", func() bool {
		err := r.DB().QueryRowContext(t.Context(), `SELECT rating, solved FROM contact WHERE state = 'done'`).Scan(&rating, &solved)
		return err == nil && rating == 3 && solved
	})
}

// waiting is a call as consoles get it.
func (s *storeHub) waiting(id string) (found desk.Waiting) {
	s.t.Helper()
	shots, leave, err := s.h.Desk().Watch(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	defer leave()
	for _, w := range (<-shots).Calls {
		if w.ID == id {
			found = w
		}
	}
	return found
}
