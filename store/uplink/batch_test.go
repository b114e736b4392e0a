package uplink

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"kassa/store/hub/broker"
	"kassa/store/journal"
)

// backlog writes rows that nobody waits for.
func (r *rig) backlog(n int) {
	r.t.Helper()
	var last *journal.Ticket
	for range n {
		var err error
		if last, err = r.journal.Append(r.t.Context(), journal.Entry{At: time.Now(), Clock: "synced", Kind: "ticked", Event: json.RawMessage(`{}`)}); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := last.Wait(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// messages is how many messages a stream has, those counted that came together.
func (r *rig) messages(s jetstream.Stream) (all, together int) {
	r.t.Helper()
	info, err := s.Info(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq; seq++ {
		m, err := s.GetMsg(r.t.Context(), seq)
		if err != nil {
			r.t.Fatal(err)
		}
		all++
		if m.Header.Get("Nats-Batch-Id") != "" {
			together++
		}
	}
	return all, together
}

// A backlog comes together, each row once; what comes after it, one by one.
func TestBacklogComesTogether(t *testing.T) {
	r := newRig(t)
	s := r.stream()
	r.backlog(atOnce + worthwhile + 10)
	stop := r.uplink()
	r.rows(s, atOnce+worthwhile+10)
	r.append(3)
	r.rows(s, atOnce+worthwhile+13)
	stop()
	if all, together := r.messages(s); all != atOnce+worthwhile+13 || together != all-3 {
		t.Errorf("%d messages, %d of them together", all, together)
	}
}

// What JetStream has already, since an acknowledgement was lost, does not hold
// up what it has not, and is there once.
func TestBacklogWithDoubles(t *testing.T) {
	r := newRig(t)
	s := r.stream()
	r.backlog(worthwhile + 20)
	stop := r.uplink()
	r.rows(s, worthwhile+20)
	stop()
	r.backlog(200)
	stop = r.uplink() // no keeper has confirmed anything: all goes again
	r.rows(s, worthwhile+220)
	stop()
	if all, _ := r.messages(s); all != worthwhile+220 {
		t.Errorf("%d messages", all)
	}
}

// A server that takes no batches gets the rows one by one.
func TestBacklogWithoutBatches(t *testing.T) {
	r := newRig(t)
	nc, err := r.server.Connect("test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	config := r.stream().CachedInfo().Config
	config.AllowAtomicPublish = false
	s, err := js.UpdateStream(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	r.backlog(300)
	stop := r.uplink()
	r.rows(s, 300)
	stop()
	if all, together := r.messages(s); all != 300 || together != 0 {
		t.Errorf("%d messages, %d of them together", all, together)
	}
	if s, err = broker.Journal(t.Context(), js, "0421"); err != nil || !s.CachedInfo().Config.AllowAtomicPublish {
		t.Errorf("a hub that starts does not let it take batches: %v", err)
	}
}

func TestAnswersToBatches(t *testing.T) {
	for answer, want := range map[string]string{
		`{"stream":"S","seq":9,"batch":"b-1","count":3}`:                          "",
		`{"stream":"S","seq":9}`:                                                  "batch refused: the server does not know batches (0)",
		`{"stream":"S","seq":9,"batch":"b-2","count":3}`:                          "batch refused: the server does not know batches (0)",
		`{"error":{"code":400,"err_code":10201,"description":"has a duplicate"}}`: "batch refused: has a duplicate (10201)",
		`garbage`: "batch refused: an answer that is none (0)",
	} {
		got := ""
		if err := accepted([]byte(answer), "b-1", 3); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", answer, got, want)
		}
	}
}
