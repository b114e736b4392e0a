package hub_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"kassa/store/hub/broker"
	"kassa/store/wire"
)

// What head office has said the hub repeats to a lane that missed it, also when
// it was started anew and head office is away.
func TestMarksOfHeadOfficeOutliveTheHub(t *testing.T) {
	s := newSite(t, false)
	s.keeper = "hq"
	s.restart()
	r := s.join("1")
	r.sell(5)
	a, err := broker.OpenAuthority(filepath.Join(s.dir, "keys"), storeName)
	must(t, err)
	creds, err := a.Service("hq")
	must(t, err)
	office, err := nats.Connect("nats://"+s.nats, nats.UserCredentialBytes(creds))
	must(t, err)
	said := wire.Mark{Epoch: r.journal.Epoch(), Seq: 3, Hash: "h", Keeper: "hq"}
	old := wire.Mark{Epoch: "of-before", Seq: 900, Keeper: "hq"}
	for _, m := range []wire.Mark{said, old} {
		data, err := wire.Encode(m)
		must(t, err)
		must(t, office.Publish(wire.Down(storeName, "1", wire.DownMark), data))
	}
	r.marked(3)
	office.Close()
	r.stop()
	must(t, r.box.Set(t.Context(), wire.Mark{Epoch: r.journal.Epoch(), Seq: 1, Keeper: "hq"}, time.Now()))
	s.restart()
	r.link()
	r.marked(3)
	marks, err := s.h.Keeper().HQMarks(t.Context())
	must(t, err)
	if len(marks) != 2 {
		t.Errorf("kept: %+v", marks)
	}
}
