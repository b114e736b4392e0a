package hq

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kassa/store/wire"
)

// refill takes rows in after a fault as a stream would: until it goes well.
func refill(t *testing.T, h *HQ, all ...wire.Row) {
	t.Helper()
	var err error
	for range 5 { // connections that were cut are found out one by one
		if _, err = h.Take(t.Context(), all); err == nil {
			return
		}
	}
	t.Fatal(err)
}

// PostgreSQL has committed and the answer is lost: the same batch comes again, is
// known, and what follows it is kept, without a restart.
func TestLostAnswerToCommit(t *testing.T) {
	c, dsn := cabled(t, newDatabase(t))
	h := open(t, dsn)
	all := journalOf("1", "e", 30)
	take(t, h, all[:10]...)
	c.lose("commit\x00")
	if _, err := h.Take(t.Context(), all[10:20]); err == nil || c.lost.Load() != 1 {
		t.Fatalf("the answer was not lost: %v", err)
	}
	if got := rows(t, h, `SELECT count(*) FROM journal`); got != "20" {
		t.Fatalf("PostgreSQL has %s rows", got)
	}
	if got := take(t, h, all[10:20]...); got.Known != 10 || got.Kept != 0 {
		t.Errorf("the batch once more: %+v", got)
	}
	take(t, h, all[20:]...)
	if seqOf(h, "1") != 30 || findings(t, h) != nil {
		t.Errorf("mark %d, %v", seqOf(h, "1"), findings(t, h))
	}
}

// PostgreSQL ends the writer's connection in the middle of a batch: nothing of it
// is kept, and the same batch is kept when it comes again.
func TestKilledInABatch(t *testing.T) {
	dsn := newDatabase(t)
	h := open(t, dsn)
	all := journalOf("1", "e", 30)
	take(t, h, all[:10]...)
	other, err := pgx.Connect(t.Context(), dsn)
	ok(t, err)
	defer func() { _ = other.Close(t.Context()) }()
	hold, err := other.Begin(t.Context())
	ok(t, err)
	_, err = hold.Exec(t.Context(), `LOCK TABLE kassa.mark IN ACCESS SHARE MODE; SELECT * FROM kassa.position FOR UPDATE`)
	ok(t, err)
	ended := make(chan error, 1)
	go func() {
		_, err := h.Take(t.Context(), all[10:20])
		ended <- err
	}()
	killer, err := pgx.Connect(t.Context(), dsn)
	ok(t, err)
	defer func() { _ = killer.Close(t.Context()) }()
	for deadline := time.Now().Add(10 * time.Second); ; {
		tag, err := killer.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'kassa-hq' AND wait_event_type = 'Lock'`)
		ok(t, err)
		if tag.RowsAffected() > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the batch never waited")
		}
	}
	if err := <-ended; err == nil {
		t.Fatal("the batch went well")
	}
	ok(t, hold.Rollback(t.Context()))
	refill(t, h, all[10:]...)
	if seqOf(h, "1") != 30 || findings(t, h) != nil {
		t.Errorf("mark %d, %v", seqOf(h, "1"), findings(t, h))
	}
}

// A batch that makes a month's table is rolled back: the table is made by the next.
func TestNewMonthRolledBack(t *testing.T) {
	h := open(t, newDatabase(t))
	all := journalOf("1", "e", 20) // each row in a month of its own
	take(t, h, all[0])
	_, err := h.pool.Exec(t.Context(), `CREATE FUNCTION kassa.no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''disk full''; END';
		CREATE TRIGGER no BEFORE INSERT OR UPDATE ON kassa.mark FOR EACH ROW EXECUTE FUNCTION kassa.no()`)
	ok(t, err)
	if _, err := h.Take(t.Context(), all[1:]); err == nil {
		t.Fatal("the batch went well")
	}
	_, err = h.pool.Exec(t.Context(), `DROP TRIGGER no ON kassa.mark`)
	ok(t, err)
	take(t, h, all[1:]...)
	if seqOf(h, "1") != 20 || findings(t, h) != nil {
		t.Errorf("mark %d, %v", seqOf(h, "1"), findings(t, h))
	}
}

// The tables are put back from an old dump under the running process: no mark
// above what is there is told, nothing is taken, and the process ends by name.
func TestPutBackUnderTheRunningProcess(t *testing.T) {
	dsn := newDatabase(t)
	h := open(t, dsn)
	all := journalOf("1", "e", 30)
	take(t, h, all[:10]...)
	admin, err := pgx.Connect(t.Context(), dsn)
	ok(t, err)
	defer func() { _ = admin.Close(t.Context()) }()
	_, err = admin.Exec(t.Context(), `CREATE TABLE public.old AS SELECT * FROM kassa.mark`)
	ok(t, err)
	take(t, h, all[10:]...)
	_, err = admin.Exec(t.Context(), `BEGIN; DROP TABLE kassa.mark; CREATE TABLE kassa.mark AS SELECT * FROM public.old; DELETE FROM kassa.journal WHERE seq > 10; COMMIT`)
	ok(t, err)
	gone(t, h, all)
}

// The lock's connection ends, as it does when PostgreSQL restarts or fails over.
func TestLockIsLost(t *testing.T) {
	dsn := newDatabase(t)
	h := open(t, dsn)
	all := journalOf("1", "e", 30)
	take(t, h, all...)
	admin, err := pgx.Connect(t.Context(), dsn)
	ok(t, err)
	defer func() { _ = admin.Close(t.Context()) }()
	_, err = admin.Exec(t.Context(), `SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`, int64(writerLock))
	ok(t, err)
	second, err := Open(t.Context(), dsn, slog.New(slog.DiscardHandler))
	ok(t, err)
	defer func() { _ = second.Close() }()
	gone(t, h, all)
	if seqOf(second, "1") != 30 {
		t.Errorf("the second says %+v", told(second))
	}
}

// gone wants a process that tells and takes nothing any more, and ends.
func gone(t *testing.T, h *HQ, all []wire.Row) {
	t.Helper()
	if m, err := h.Marks(t.Context()); !errors.Is(err, ErrLost) || m != nil {
		t.Errorf("marks %v, %v", m, err)
	}
	if m, _, err := h.MarkOf(t.Context(), all[0].Journal()); !errors.Is(err, ErrLost) || m.Seq != 0 {
		t.Errorf("mark %+v, %v", m, err)
	}
	if _, err := h.Take(t.Context(), all[10:]); !errors.Is(err, ErrLost) {
		t.Errorf("a batch: %v", err)
	}
	if _, err := h.Begins(t.Context(), all[0].Journal(), 40, all[29].Hash); !errors.Is(err, ErrLost) {
		t.Errorf("a beginning: %v", err)
	}
	if err := h.Guard(t.Context()); !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "lock") {
		t.Errorf("the guard: %v", err)
	}
}

// What cannot be put aside is not acknowledged: it comes again.
func TestStrayThatIsNotKeptComesAgain(t *testing.T) {
	r := newRig(t)
	told := r.marks()
	h, stop := r.headOffice()
	_, err := h.pool.Exec(t.Context(), `ALTER TABLE kassa.quarantine RENAME TO away`)
	ok(t, err)
	_, err = r.js.Publish(t.Context(), wire.Up("0421", "1", wire.UpJournal), []byte("nonsense"))
	ok(t, err)
	r.send(journalOf("1", "e", 5)...)
	c, err := r.js.Consumer(t.Context(), StreamPrefix+"0421", durable)
	for deadline := time.Now().Add(10 * time.Second); err != nil && time.Now().Before(deadline); {
		c, err = r.js.Consumer(t.Context(), StreamPrefix+"0421", durable)
	}
	ok(t, err)
	for deadline := time.Now().Add(10 * time.Second); ; { // it was given out
		info, err := c.Info(t.Context())
		ok(t, err)
		if info.Delivered.Stream > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing was given out")
		}
	}
	_, err = h.pool.Exec(t.Context(), `ALTER TABLE kassa.away RENAME TO quarantine`)
	ok(t, err)
	r.until(told, 5)
	stop()
	h = open(t, r.dsn)
	if got := rows(t, h, `SELECT row FROM quarantine`); got != "nonsense" {
		t.Errorf("put aside: %q", got)
	}
}

// A full quarantine is not silent, and the count of what lies in it is told.
func TestFullQuarantineIsAnAlarm(t *testing.T) {
	h := open(t, newDatabase(t))
	h.room = 2
	alarms := 0
	for _, r := range journalOf("1", "e", 5) {
		r.Event = `{"code":"bent"}`
		alarms += len(take(t, h, r).Alarms)
	}
	if alarms != 3 { // two rows, and that it is full
		t.Errorf("%d alarms", alarms)
	}
	if got := rows(t, h, `SELECT why FROM quarantine ORDER BY why DESC LIMIT 1`); !strings.HasPrefix(got, "its quarantine is full at 2") {
		t.Errorf("the note: %q", got)
	}
	s, err := h.Health(t.Context())
	n, err2 := h.Quarantined(t.Context())
	if err != nil || err2 != nil || s.Quarantine != 3 || n != 3 {
		t.Errorf("%+v, %d, %v, %v", s, n, err, err2)
	}
}

// An end that is cut together with its mark is found by what the lane said.
func TestTailAndMarkCutTogether(t *testing.T) {
	h := open(t, newDatabase(t))
	all := journalOf("1", "e", 10)
	take(t, h, all...)
	ok(t, h.Anchor(t.Context(), all[0].Journal(), 10, all[9].Hash))
	if bad := findings(t, h); bad != nil {
		t.Fatal(bad)
	}
	_, err := h.pool.Exec(t.Context(), `DELETE FROM journal WHERE seq > 6; UPDATE mark SET seq = 6, ahead = 6, hash = (SELECT encode(hash, 'hex') FROM journal WHERE seq = 6)`)
	ok(t, err)
	if bad := findings(t, h); bad != nil { // it may be under way yet
		t.Errorf("within the hour: %v", bad)
	}
	_, err = h.pool.Exec(t.Context(), `UPDATE anchor SET at = at - interval '61 minutes'`)
	ok(t, err)
	if bad := findings(t, h); len(bad) != 1 || !strings.HasPrefix(bad[0], "10: it is not here") {
		t.Errorf("after it: %v", bad)
	}
}
