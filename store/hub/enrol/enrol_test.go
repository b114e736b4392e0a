package enrol

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nkeys"

	"kassa/store/wire"
)

// clock is one that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func open(t testing.TB) (*Book, *clock) {
	t.Helper()
	c := &clock{time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	b, err := Open(t.Context(), t.TempDir(), c.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b, c
}

func key(t testing.TB) string {
	t.Helper()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return public
}

func TestCodeGrowsOld(t *testing.T) {
	b, c := open(t)
	add := func() string {
		code, err := b.Add(t.Context(), "7")
		if err != nil || len(code) != codeLength || strings.Trim(code, alphabet) != "" {
			t.Fatalf("%q, %v", code, err)
		}
		return code
	}
	first, second := add(), add()
	for _, code := range []string{first, "", strings.ToLower(second)} { // only the newest counts
		if err := b.Redeem(t.Context(), wire.Enrol{Code: code, Lane: "7", Key: key(t)}); !errors.Is(err, ErrCode) {
			t.Errorf("%q: %v", code, err)
		}
	}
	c.at = c.at.Add(CodeLife + time.Millisecond)
	if err := b.Redeem(t.Context(), wire.Enrol{Code: second, Lane: "7", Key: key(t)}); !errors.Is(err, ErrCode) {
		t.Errorf("too old: %v", err)
	}
	third := add()
	c.at = c.at.Add(CodeLife)
	if err := b.Redeem(t.Context(), wire.Enrol{Code: third, Lane: "7", Key: key(t)}); err != nil {
		t.Error(err)
	}
}

// A new key shuts the old one out; a removed lane has none.
func TestOldKeysAreRevoked(t *testing.T) {
	b, _ := open(t)
	var keys []string
	for range 2 {
		code, err := b.Add(t.Context(), "7")
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key(t))
		if err := b.Redeem(t.Context(), wire.Enrol{Code: code, Lane: "7", Key: keys[len(keys)-1]}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := b.Key(t.Context(), "7"); err != nil || got != keys[1] {
		t.Errorf("%s, %v", got, err)
	}
	var shut []string
	take := func(key string, _ time.Time) error {
		shut = append(shut, key)
		return nil
	}
	if _, err := b.Revoke(t.Context(), func(string, time.Time) error { return errors.New("disk") }); err == nil {
		t.Error("what was not taken counts as taken")
	}
	if n, err := b.Revoke(t.Context(), take); n != 1 || err != nil || shut[0] != keys[0] {
		t.Errorf("%d, %v, %v", n, err, shut)
	}
	if err := b.Remove(t.Context(), "7"); err != nil {
		t.Fatal(err)
	}
	if n, err := b.Revoke(t.Context(), take); n != 1 || err != nil || shut[1] != keys[1] {
		t.Errorf("%d, %v, %v", n, err, shut)
	}
	if _, err := b.Key(t.Context(), "7"); !errors.Is(err, ErrUnknown) {
		t.Errorf("a removed lane's key: %v", err)
	}
	if err := b.Remove(t.Context(), "7"); !errors.Is(err, ErrUnknown) {
		t.Errorf("removed twice: %v", err)
	}
}

func TestVersionCountsChanges(t *testing.T) {
	b, _ := open(t)
	for i, tt := range []struct {
		sum  string
		want int64
	}{{"a", 1}, {"a", 1}, {"b", 2}, {"a", 3}} {
		if got, err := b.Version(t.Context(), "staff", tt.sum); err != nil || got != tt.want {
			t.Errorf("%d: %d, %v, want %d", i, got, err, tt.want)
		}
	}
}

func page(t testing.TB) *Page {
	t.Helper()
	b, c := open(t)
	return &Page{
		Book: b, Now: c.now, Log: slog.New(slog.DiscardHandler),
		Sign:   func(lane, _ string, _ time.Time) (string, error) { return "user of " + lane, nil },
		Answer: func(host string) wire.Enrolled { return wire.Enrolled{URL: "tls://" + host} },
	}
}

func post(p *Page, method, body, from string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/enrol", strings.NewReader(body))
	r.RemoteAddr = from
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

func TestPageIsSlowToGuess(t *testing.T) {
	p := page(t)
	if w := post(p, http.MethodGet, "", "192.0.2.1:1"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", w.Code)
	}
	data, err := wire.Encode(wire.Enrol{Code: "0000000000", Lane: "7", Key: key(t)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range triesEach {
		if w := post(p, http.MethodPost, string(data), "192.0.2.1:1"); w.Code != http.StatusForbidden {
			t.Errorf("try %d: %d", i, w.Code)
		}
	}
	if w := post(p, http.MethodPost, string(data), "192.0.2.1:2"); w.Code != http.StatusTooManyRequests {
		t.Errorf("too many tries: %d", w.Code)
	}
	if w := post(p, http.MethodPost, string(data), "192.0.2.9:1"); w.Code != http.StatusForbidden {
		t.Errorf("another address: %d", w.Code)
	}
}

func FuzzPage(f *testing.F) {
	p := page(f)
	f.Add(`{"v":1,"body":{"code":"x","lane":"7","key":"U"}}`)
	f.Add(`{"v":1`)
	f.Fuzz(func(t *testing.T, body string) {
		p.tries.from = time.Time{}
		if w := post(p, http.MethodPost, body, "192.0.2.1:1"); w.Code == http.StatusOK {
			t.Errorf("%q opened the door", body)
		}
	})
}
