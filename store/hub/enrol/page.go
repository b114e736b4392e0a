package enrol

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/nats-io/nkeys"

	"kassa/store/wire"
)

// A Page answers a lane that brings a code: POST with a [wire.Enrol], 200 with a
// [wire.Enrolled], 403 for a code that is not known, 429 when tries come too fast.
type Page struct {
	Book *Book
	// Redeem uses a code up where lanes are listed elsewhere than in Book, and says
	// whose store the lane stands in.
	Redeem func(ctx context.Context, e wire.Enrol) (store string, err error)
	// Sign makes a user for a lane's public key.
	Sign func(lane, key string, now time.Time) (user string, err error)
	// Answer is what every lane is told, with the address for one that reached
	// the hub under host.
	Answer func(host string) wire.Enrolled
	Now    func() time.Time
	Log    *slog.Logger

	tries tries
}

// maxBody bounds what is read of a request, in bytes.
const maxBody = 4 << 10

// ServeHTTP answers one lane.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	if !p.tries.may(hostOf(r.RemoteAddr), p.Now()) {
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many tries", http.StatusTooManyRequests)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var e wire.Enrol
	if err == nil {
		err = wire.Decode(body, &e)
	}
	if err != nil || !wire.Token(e.Lane) || !nkeys.IsValidPublicUserKey(e.Key) {
		http.Error(w, "not a request of a lane", http.StatusBadRequest)
		return
	}
	user, store, err := p.let(r, e)
	if errors.Is(err, ErrCode) {
		p.Log.WarnContext(r.Context(), "a lane's code was not taken", "lane", e.Lane, "from", r.RemoteAddr)
		http.Error(w, "no such code", http.StatusForbidden)
		return
	}
	answer := p.Answer(r.Host)
	answer.User = user
	if store != "" {
		answer.Store = store
	}
	var data []byte
	if err == nil {
		data, err = wire.Encode(answer)
	}
	if err != nil {
		p.Log.ErrorContext(r.Context(), "lane not enrolled", "lane", e.Lane, "err", err)
		http.Error(w, "the hub could not", http.StatusInternalServerError)
		return
	}
	p.Log.InfoContext(r.Context(), "lane enrolled", "lane", e.Lane, "from", r.RemoteAddr)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(data) // a lane that is gone asks for another code
}

// let uses up the code and signs the lane's user. It signs first: a code that
// was used up for nothing would need another walk to the hub.
func (p *Page) let(r *http.Request, e wire.Enrol) (user, store string, err error) {
	if user, err = p.Sign(e.Lane, e.Key, p.Now()); err != nil {
		return "", "", err
	}
	if p.Redeem != nil {
		store, err = p.Redeem(r.Context(), e)
		return user, store, err
	}
	return user, "", p.Book.Redeem(r.Context(), e)
}

func hostOf(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return host
}

// How many tries there may be: of one address, and of all together. With 50 bits
// in a code and ten minutes of life, guessing has less than one chance in a
// hundred thousand million.
const (
	triesEach = 5
	triesAll  = 100
	triesSpan = time.Minute
)

// tries counts tries in the running minute.
type tries struct {
	mu    sync.Mutex
	from  time.Time
	all   int
	hosts map[string]int
}

func (t *tries) may(host string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hosts == nil || now.Sub(t.from) >= triesSpan || now.Before(t.from) {
		t.from, t.all, t.hosts = now, 0, map[string]int{}
	}
	if t.all >= triesAll || t.hosts[host] >= triesEach {
		return false
	}
	t.all++
	t.hosts[host]++
	return true
}
