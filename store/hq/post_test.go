package hq

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nkeys"

	"kassa/store/hub/pki"
	"kassa/store/journal"
	"kassa/store/outbox"
	"kassa/store/retain/ages"
	"kassa/store/uplink"
	"kassa/store/wire"
)

// office is head office's door on a port, which can be shut and opened, and in
// front of it a wire that fails.
type office struct {
	t     *testing.T
	dsn   string
	url   string
	pki   *pki.Store
	posts atomic.Int64
	fail  atomic.Pointer[func(http.ResponseWriter, *http.Request, http.Handler)]

	mu   sync.RWMutex // whoever serves reads
	h    *HQ
	door http.Handler
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, dsn: newDatabase(t)}
	var err error
	o.pki, err = pki.Open(t.TempDir(), "hq", []string{"127.0.0.1"}, time.Now())
	ok(t, err)
	s := httptest.NewUnstartedServer(http.HandlerFunc(o.serve))
	s.TLS = o.pki.Server()
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	s.StartTLS()
	t.Cleanup(s.Close)
	o.url = s.URL
	o.open()
	t.Cleanup(o.shut)
	return o
}

func (o *office) open() {
	h, err := Open(context.WithoutCancel(o.t.Context()), o.dsn, slog.New(slog.DiscardHandler))
	ok(o.t, err)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.h = h
	o.door = (&Door{HQ: h, CA: o.pki.PEM(), Log: slog.New(slog.DiscardHandler)}).Handler()
}

func (o *office) shut() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.h != nil {
		_ = o.h.Close()
	}
	o.h, o.door = nil, nil
}

func (o *office) serve(w http.ResponseWriter, r *http.Request) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if r.URL.Path == wire.PostPath {
		o.posts.Add(1)
	}
	if o.door == nil {
		panic(http.ErrAbortHandler)
	}
	if f := o.fail.Load(); f != nil && r.URL.Path == wire.PostPath {
		(*f)(w, r, o.door)
		return
	}
	o.door.ServeHTTP(w, r)
}

// join enrols a lane as kassa enrol does, and gives it a journal.
func (o *office) join(id string) *till {
	o.t.Helper()
	l := &till{t: o.t, id: id, dir: o.t.TempDir(), grown: make(chan struct{}, 1)}
	code, err := o.h.Members().Add(o.t.Context(), "0421", id)
	ok(o.t, err)
	got, err := uplink.Enrol(o.t.Context(), o.url, code+o.pki.Fingerprint(), id, filepath.Join(l.dir, "creds"))
	ok(o.t, err)
	if got.Store != "0421" {
		o.t.Fatalf("enrolled at store %q", got.Store)
	}
	if _, err := uplink.Enrol(o.t.Context(), o.url, code+o.pki.Fingerprint(), id, filepath.Join(l.dir, "again")); !errors.Is(err, uplink.ErrCode) {
		o.t.Errorf("a code that was used: %v", err)
	}
	l.journal, err = journal.Open(o.t.Context(), l.dir, journal.Options{Store: "0421", Lane: id})
	ok(o.t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(o.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- l.journal.Run(ctx) }()
	l.box, err = outbox.Open(o.t.Context(), l.dir)
	ok(o.t, err)
	l.stop = func() {}
	o.t.Cleanup(func() {
		l.stop()
		cancel()
		if err := errors.Join(<-ended, l.journal.Close(), l.box.Close()); err != nil {
			o.t.Error(err)
		}
	})
	return l
}

// carry starts the lane's way to head office.
func (o *office) carry(l *till) {
	o.t.Helper()
	o.carryOf(l, l.journal)
}

func (o *office) carryOf(l *till, j uplink.PostJournal) {
	o.t.Helper()
	p, err := uplink.NewPoster(uplink.PostOptions{
		URL: o.url, Credentials: filepath.Join(l.dir, "creds"), Journal: j, Box: l.box, Grown: l.grown,
		Idle: 300 * time.Millisecond, Pause: 5 * time.Millisecond, Log: slog.New(slog.DiscardHandler),
	})
	ok(o.t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(o.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	l.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			l.t.Error(err)
		}
	})
}

// marked waits until the lane knows that head office has it all up to seq.
func (l *till) marked(seq int64) {
	l.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for ; ; <-tick.C {
		m, err := l.box.Mark(context.WithoutCancel(l.t.Context()), l.journal.Epoch())
		ok(l.t, err)
		if m.Seq == seq && m.Keeper == "hq" {
			return
		}
		if time.Now().After(deadline) {
			l.t.Fatalf("the lane knows of %+v, not of %d", m, seq)
		}
	}
}

// head is the newest row of a lane's journal.
func (l *till) head() int64 {
	l.t.Helper()
	l.flush()
	h, err := l.journal.Head(l.t.Context())
	ok(l.t, err)
	return h.Seq
}

// same compares what a lane has with what is kept, row by row.
func (o *office) same(l *till) {
	o.t.Helper()
	kept, err := readRows(o.t.Context(), o.h.pool, `WHERE lane = $1 ORDER BY seq`, l.id)
	ok(o.t, err)
	begin, err := l.journal.Begin(o.t.Context())
	ok(o.t, err)
	i := 0
	for r, err := range l.journal.Since(o.t.Context(), begin.Seq) {
		ok(o.t, err)
		if i >= len(kept) || kept[i].Seq != r.Seq || kept[i].Hash != hex.EncodeToString(r.Hash[:]) {
			o.t.Fatalf("lane %s: row %d is not the one that is kept", l.id, r.Seq)
		}
		i++
	}
	if i != len(kept) {
		o.t.Errorf("lane %s has %d rows, PostgreSQL %d", l.id, i, len(kept))
	}
	if bad := findings(o.t, o.h); bad != nil {
		o.t.Error(bad)
	}
}

func TestPost(t *testing.T) {
	o := newOffice(t)
	l, other := o.join("1"), o.join("2")
	for range 400 { // more than one post holds
		l.sell()
	}
	other.sell()
	n := l.head()
	o.carry(l)
	o.carry(other)
	l.marked(n)
	other.marked(other.head())
	l.sell()
	l.marked(l.head())
	o.same(l)
	o.same(other)
	list, err := o.h.Members().List(t.Context())
	ok(t, err)
	if len(list) != 2 || list[0].HeardAt == nil || list[0].EnrolledAt == nil {
		t.Errorf("%+v", list)
	}
	ok(t, o.h.Members().Remove(t.Context(), "0421", "1"))
	l.sell()
	l.flush()
	before := n + 3
	for deadline := time.Now().Add(time.Second); time.Now().Before(deadline); { // a lane that is shut out gets nothing in
		m, _, err := o.h.MarkOf(t.Context(), wire.Journal{Store: "0421", Lane: "1", Epoch: l.journal.Epoch()})
		ok(t, err)
		if m.Seq > before {
			t.Fatalf("mark %d after the lane was shut out", m.Seq)
		}
	}
}

// Everything fails, at every step: the wire before and after head office has
// kept a batch, answers that break off, refusals, head office killed and started,
// the lane killed and started. In the end each row is there once.
func TestPostFailsAtEveryStep(t *testing.T) {
	o := newOffice(t)
	l := o.join("1")
	r := rand.New(rand.NewPCG(7, 7))
	var mu sync.Mutex
	seen := map[int]int{}
	cut := func(w http.ResponseWriter, req *http.Request, door http.Handler) {
		mu.Lock()
		what := r.IntN(16)
		seen[what]++
		mu.Unlock()
		rec := httptest.NewRecorder()
		switch what {
		case 0: // lost on its way
			panic(http.ErrAbortHandler)
		case 1: // half of it came
			_, _ = io.CopyN(io.Discard, req.Body, 20)
			panic(http.ErrAbortHandler)
		case 2: // kept, and nobody told
			door.ServeHTTP(rec, req)
			panic(http.ErrAbortHandler)
		case 3: // kept, and half an answer
			door.ServeHTTP(rec, req)
			w.Header().Set("Content-Length", fmt.Sprint(rec.Body.Len()))
			_, _ = w.Write(rec.Body.Bytes()[:rec.Body.Len()/2])
			panic(http.ErrAbortHandler)
		case 4:
			http.Error(w, "come again", http.StatusServiceUnavailable)
		case 5:
			http.Error(w, "too much", http.StatusRequestEntityTooLarge)
		case 6: // a stranger's page
			_, _ = io.WriteString(w, "<html>log in to the guests' network</html>")
		case 7: // a redirect is not followed
			http.Redirect(w, req, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
		default:
			door.ServeHTTP(w, req)
		}
	}
	o.fail.Store(&cut)
	o.carry(l)
	for i := range 40 {
		for range 5 {
			l.sell()
		}
		l.flush()
		switch i % 8 {
		case 3:
			o.shut()
			o.open()
		case 5:
			l.stop()
			o.carry(l)
		}
		if i%2 == 1 {
			l.marked(l.head())
		}
	}
	l.marked(l.head())
	o.same(l)
	if got := rows(t, o.h, `SELECT count(*) FROM quarantine`); got != "0" {
		t.Errorf("%s rows are in quarantine", got)
	}
	mu.Lock()
	defer mu.Unlock()
	t.Log("answers:", seen)
}

// Head office comes back from an old backup: it is filled again.
func TestPostFillsARestoredHeadOffice(t *testing.T) {
	o := newOffice(t)
	l := o.join("1")
	for range 50 {
		l.sell()
	}
	n := l.head()
	o.carry(l)
	l.marked(n)
	var old []wire.Row
	for _, r := range mustRows(t, o.h) {
		if r.Seq <= 40 {
			old = append(old, r)
		}
	}
	members, err := o.h.Members().List(t.Context())
	ok(t, err)
	o.shut()
	o.dsn = newDatabase(t) // what an old dump would be
	h := open(t, o.dsn)
	take(t, h, old...)
	_, err = h.pool.Exec(t.Context(), `INSERT INTO member (store, lane, key) VALUES ('0421', '1', $1)`, members[0].Key)
	ok(t, err)
	ok(t, h.Close())
	o.open()
	for range 5 {
		l.sell()
	}
	l.marked(l.head())
	o.same(l)
}

func mustRows(t *testing.T, h *HQ) []wire.Row {
	t.Helper()
	all, err := readRows(t.Context(), h.pool, `ORDER BY store, lane, epoch, seq`)
	ok(t, err)
	return all
}

// A lane that had a hub changes to head office: what the hub confirmed head office
// has not, and gets; of what the lane has let go meanwhile it is told.
func TestPostAfterAHub(t *testing.T) {
	for _, pruned := range []bool{false, true} {
		o := newOffice(t)
		l := o.join("1")
		for range 30 {
			l.sell()
		}
		n := l.head()
		ok(t, l.box.Set(t.Context(), wire.Mark{Epoch: l.journal.Epoch(), Seq: n, Hash: "h", Keeper: "hub"}, time.Now()))
		if pruned {
			closeDay(t, l)
			done, err := l.journal.Prune(t.Context(), journal.Pruning{Policy: ages.Lane(), Confirmed: 45, Now: time.Now().AddDate(0, 0, 60)})
			ok(t, err)
			if done.To != 45 {
				t.Fatalf("%+v", done)
			}
		}
		o.carry(l)
		l.marked(l.head())
		o.same(l)
		missing, err := o.h.Missing(t.Context())
		ok(t, err)
		if pruned != (len(missing) == 1) || pruned && missing[0].To != 45 {
			t.Errorf("pruned %v: missing %+v", pruned, missing)
		}
	}
}

// closeDay writes what lets the rows before it go.
func closeDay(t *testing.T, l *till) {
	t.Helper()
	ticket, err := l.journal.Append(t.Context(), journal.Entry{At: time.Now(), Clock: "synced", Kind: "day-z", Event: []byte(`{}`)})
	ok(t, err)
	ok(t, ticket.Wait(t.Context()))
}

// bent is a journal whose row 100 was changed on the lane's disk.
type bent struct{ *journal.Journal }

func (b bent) Since(ctx context.Context, seq int64) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		for r, err := range b.Journal.Since(ctx, seq) {
			if r.Seq == 100 {
				r.Event = []byte(`{"code":"cheaper"}`)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// A row that was changed on the lane's disk is put aside; those behind it are
// kept, and the wire is not kept busy with it.
func TestPostOneBadRow(t *testing.T) {
	o := newOffice(t)
	l := o.join("1")
	for range 300 {
		l.sell()
	}
	n := l.head()
	o.carryOf(l, bent{l.journal})
	l.marked(99)
	deadline := time.Now().Add(20 * time.Second)
	for rows(t, o.h, `SELECT count(*) FROM journal`) != fmt.Sprint(n-1) {
		if time.Now().After(deadline) {
			t.Fatalf("%s rows are kept", rows(t, o.h, `SELECT count(*) FROM journal`))
		}
	}
	if got := rows(t, o.h, `SELECT seq, why FROM quarantine`); !strings.HasPrefix(got, "100 its hash") {
		t.Errorf("quarantine: %s", got)
	}
	before := o.posts.Load()
	<-time.After(time.Second)
	if after := o.posts.Load(); after-before > 12 { // asked about each 0.3 s here, and the row ever more seldom
		t.Errorf("%d posts in a second", after-before)
	}
}

// signed is a post as a lane's program would make it.
func signed(t *testing.T, o *office, key nkeys.KeyPair, body []byte) (status int, answer []byte) {
	t.Helper()
	sum := sha256.Sum256(body)
	sig, err := key.Sign(wire.SignedPost(hex.EncodeToString(sum[:])))
	ok(t, err)
	public, err := key.PublicKey()
	ok(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.url+wire.PostPath, bytes.NewReader(body))
	ok(t, err)
	req.Header.Set("Authorization", "Kassa "+public+" "+base64.StdEncoding.EncodeToString(sig))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: pki.Client(o.pki.Fingerprint())}}
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	ok(t, err)
	defer func() { _ = res.Body.Close() }()
	answer, _ = io.ReadAll(res.Body)
	return res.StatusCode, answer
}

func packed(lines ...string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, strings.Join(lines, "\n"))
	_ = z.Close()
	return b.Bytes()
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	data, err := wire.Encode(v)
	ok(t, err)
	return string(data)
}

func TestDoor(t *testing.T) {
	o := newOffice(t)
	l := o.join("1")
	text, err := os.ReadFile(filepath.Join(l.dir, "creds"))
	ok(t, err)
	key, err := nkeys.ParseDecoratedUserNKey(text)
	ok(t, err)
	stranger, err := nkeys.CreateUser()
	ok(t, err)
	mine := encoded(t, wire.Posting{Store: "0421", Lane: "1", Epoch: "e"})
	all := journalOf("1", "e", 3)
	foreign := journalOf("2", "e", 1)[0]
	for name, tt := range map[string]struct {
		key  nkeys.KeyPair
		body []byte
		want int
	}{
		"a stranger":       {stranger, packed(mine), 403},
		"another's rows":   {key, packed(encoded(t, wire.Posting{Store: "0421", Lane: "2", Epoch: "e"})), 403},
		"no gzip":          {key, []byte(mine), 400},
		"broken gzip":      {key, packed(mine)[:20], 400},
		"nothing":          {key, packed(""), 400},
		"no posting":       {key, packed("nonsense"), 400},
		"a bomb":           {key, packed(mine, strings.Repeat(" ", wire.MaxPostPlain)), 413},
		"too large":        {key, make([]byte, wire.MaxPost+1), 413},
		"nonsense between": {key, packed(mine, encoded(t, all[0]), "nonsense\x00", encoded(t, foreign), strings.Repeat("x", wire.MaxSize+1), encoded(t, all[1])), 200},
	} {
		status, answer := signed(t, o, tt.key, tt.body)
		if status != tt.want {
			t.Errorf("%s: %d, %s, want %d", name, status, answer, tt.want)
		}
		if tt.want == 200 {
			var got wire.Posted
			ok(t, wire.Decode(answer, &got))
			if got.Kept != 2 || got.Refused != 3 || got.Mark.Seq != 2 {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.url+wire.PostPath, bytes.NewReader(packed(mine)))
	ok(t, err)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: pki.Client(o.pki.Fingerprint())}}
	res, err := client.Do(req)
	ok(t, err)
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("unsigned: %s", res.Status)
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(packed("a", "b"))
	f.Add(packed(""))
	f.Add([]byte("nonsense"))
	f.Fuzz(func(t *testing.T, body []byte) {
		lines, err := unpack(body)
		var no *refusal
		if err != nil && !errors.As(err, &no) {
			t.Errorf("%v is no refusal", err)
		}
		if err == nil && len(lines) == 0 {
			t.Error("no lines and no refusal")
		}
	})
}
