package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"kassa/kiosk/help"
	"kassa/kiosk/staff"
	"kassa/kiosk/words"
	"kassa/store/hub/desk"
	"kassa/store/hub/fleet"
	"kassa/store/roster"
	"kassa/store/wire"
)

// clock is a wall clock that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// lanes is the far side.
type lanes struct {
	mu    sync.Mutex
	asked []wire.Command
	told  []wire.CallDown
	why   string
}

func (l *lanes) Command(_ context.Context, _ string, c wire.Command) (wire.Result, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, c)
	return wire.Result{ID: c.ID, OK: l.why == "", Why: l.why}, nil
}

func (l *lanes) Tell(_ string, c wire.CallDown) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, c)
}

func (l *lanes) Show(string, time.Duration) {}

func (l *lanes) commands() []wire.Command {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]wire.Command(nil), l.asked...)
}

// shop is a console on a real desk, fleet and staff list.
type shop struct {
	t       *testing.T
	clock   *clock
	lanes   *lanes
	desk    *desk.Desk
	fleet   *fleet.Fleet
	roster  *roster.Roster
	book    *Book
	console *Console
	server  *httptest.Server
}

const pin = "428197"

func open(t *testing.T) *shop {
	t.Helper()
	return openWith(t, help.DefaultPolicy())
}

func openWith(t *testing.T, policy help.Policy) *shop {
	t.Helper()
	dir := t.TempDir()
	s := &shop{t: t, clock: &clock{t: time.Now()}, lanes: &lanes{}}
	log := slog.New(slog.DiscardHandler)
	var err error
	s.desk, err = desk.Open(t.Context(), desk.Options{
		Dir: dir, Policy: policy, Lanes: s.lanes, Name: func(id string) string { return id }, Now: s.clock.now, Log: log,
	})
	s.must(err)
	s.roster, err = roster.Open(t.Context(), dir)
	s.must(err)
	for name, role := range map[string]staff.Role{"Amina Saleh": staff.Attendant, "Bert Roux": staff.Supervisor} {
		_, err := s.roster.Add(t.Context(), name, role, "", pin)
		s.must(err)
	}
	s.book, err = OpenBook(t.Context(), dir, s.clock.now)
	s.must(err)
	s.fleet = fleet.New(fleet.Options{
		Desk: s.desk, Anchor: func(context.Context, wire.LaneState) {}, Arrived: func(context.Context, wire.LaneState) {}, Now: s.clock.now, Log: log,
	})
	book, err := words.New(words.Settings{Currency: "EUR", Decimals: 2})
	s.must(err)
	s.console, err = New(Options{
		Desk: s.desk, Fleet: s.fleet, Lanes: s.lanes, Staff: s.roster, Book: s.book, Words: book, Decimals: 2,
		Shared: fstest.MapFS{"tokens.css": {Data: []byte(":root{}")}}, Policy: policy,
		Agent: func(id, _, role string) help.Agent { return help.Agent{ID: id, Role: role, Languages: []string{"en"}} },
		Now:   s.clock.now, Log: log, Beat: 50 * time.Millisecond,
	})
	s.must(err)
	s.server = httptest.NewServer(s.console)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var work sync.WaitGroup
	for _, run := range []func(context.Context) error{s.desk.Run, s.console.Run} {
		work.Go(func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() {
		s.server.CloseClientConnections()
		cancel()
		work.Wait()
		s.server.Close()
		s.must(errors.Join(s.desk.Close(), s.roster.Close(), s.book.Close()))
	})
	return s
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// A phone is one browser.
type phone struct {
	s *shop
	c *http.Client
}

func (s *shop) phone() *phone {
	jar, err := cookiejar.New(nil)
	s.must(err)
	return &phone{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (p *phone) do(r *http.Request) (int, string, http.Header) {
	p.s.t.Helper()
	resp, err := p.c.Do(r)
	p.s.must(err)
	defer resp.Body.Close() //nolint:errcheck // read whole
	body, err := io.ReadAll(resp.Body)
	p.s.must(err)
	return resp.StatusCode, string(body), resp.Header
}

func (p *phone) get(path string) (int, string) {
	r, err := http.NewRequest(http.MethodGet, p.s.server.URL+path, nil)
	p.s.must(err)
	status, body, _ := p.do(r)
	return status, body
}

func (p *phone) post(path string, pairs ...string) (int, string) {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, p.s.server.URL+path, strings.NewReader(v.Encode()))
	p.s.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	status, body, _ := p.do(r)
	return status, body
}

// enrol lets the phone in.
func (p *phone) enrol() *phone {
	p.s.t.Helper()
	code, err := p.s.book.Code(p.s.t.Context(), "")
	p.s.must(err)
	if status, body := p.post("/device", "code", strings.ToLower(code), "name", "phone"); status != http.StatusSeeOther {
		p.s.t.Fatalf("device: %d %s", status, body)
	}
	return p
}

func (s *shop) signedIn(name string) *phone {
	s.t.Helper()
	p := s.phone().enrol()
	if status, body := p.post("/login", "name", name, "pin", pin); status != http.StatusSeeOther {
		s.t.Fatalf("login: %d %s", status, body)
	}
	return p
}

var nonces = func() func() string {
	var mu sync.Mutex
	n := 0
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("nonce-%020d", n)
	}
}()

// tap posts a deed with a fresh nonce.
func (p *phone) tap(pairs ...string) (int, string) {
	p.s.t.Helper()
	return p.post("/deed", append(pairs, "nonce", nonces())...)
}

func (s *shop) raise(id, reason string) {
	s.t.Helper()
	lane, _, _ := strings.Cut(id, "-")
	_, err := s.desk.Heard(s.t.Context(), lane, wire.CallUp{
		ID: id, Verb: wire.CallRaise, Boot: "b1", Reason: reason, Language: "ar", RaisedAt: s.clock.now(),
		Context: wire.Context{
			Number: 7, Total: 1290, Currency: "EUR", ExpectedG: 812, SeenG: 1040, Curve: []int64{800, 812, 1040, 1041}, CurveStep: 100,
			Items: []wire.Item{{N: 1, Name: "<b>Milk</b>", Qty: 2, Amount: 258}},
		},
	})
	s.must(err)
	s.fleet.Heard(s.t.Context(), lane, wire.LaneState{Boot: "b1", Mode: "open", Screen: "check", Number: 7, Items: 2, Total: 1290, Calls: []string{id}})
}

func (s *shop) call(id string) (help.Call, bool) {
	s.t.Helper()
	c, _, ok, err := s.console.call(s.t.Context(), id)
	s.must(err)
	return c, ok
}

// until waits for something that another goroutine does.
func (s *shop) until(what string, is func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: not within 5 s", what)
		}
	}
}

func TestDeviceThenPIN(t *testing.T) {
	s := open(t)
	p := s.phone()
	if status, _ := p.get("/"); status != http.StatusSeeOther {
		t.Errorf("a stranger sees the queue: %d", status)
	}
	if status, _ := p.post("/login", "name", "Amina Saleh", "pin", pin); status != http.StatusSeeOther {
		t.Errorf("login without a device: %d", status)
	}
	if status, _ := p.get("/"); status != http.StatusSeeOther {
		t.Error("a device that is not enrolled was let in with a PIN")
	}
	if status, _ := p.post("/device", "code", "AAAAA-AAAAA", "name", "x"); status != http.StatusForbidden {
		t.Errorf("wrong code: %d", status)
	}
	code, err := s.book.Code(t.Context(), "")
	s.must(err)
	if status, _ := p.post("/device", "code", code, "name", "x"); status != http.StatusSeeOther {
		t.Errorf("right code: %d", status)
	}
	if status, _ := s.phone().post("/device", "code", code, "name", "y"); status != http.StatusForbidden {
		t.Errorf("a code was good twice: %d", status)
	}
	if status, _ := p.post("/login", "name", "Amina Saleh", "pin", "000000"); status != http.StatusForbidden {
		t.Errorf("wrong PIN: %d", status)
	}
	if status, _ := p.post("/login", "name", "nobody", "pin", pin); status != http.StatusForbidden {
		t.Errorf("unknown name: %d", status)
	}
	if status, _ := p.post("/login", "name", "amina saleh", "pin", pin); status != http.StatusSeeOther {
		t.Errorf("right PIN: %d", status)
	}
	if status, body := p.get("/"); status != http.StatusOK || !strings.Contains(body, "Amina Saleh") {
		t.Errorf("signed in: %d", status)
	}
	old, err := s.book.Code(t.Context(), "")
	s.must(err)
	s.clock.add(codeLife + time.Second)
	if status, _ := s.phone().post("/device", "code", old, "name", "z"); status != http.StatusForbidden {
		t.Errorf("an old code: %d", status)
	}
}

func TestSessionsEnd(t *testing.T) {
	for name, end := range map[string]func(s *shop, p *phone){
		"idle":     func(s *shop, _ *phone) { s.clock.add(idleLife + time.Second) },
		"sign out": func(_ *shop, p *phone) { p.post("/logout") },
		"disabled": func(s *shop, _ *phone) { s.must(s.roster.Disable(s.t.Context(), "Amina Saleh")) },
		"device":   func(s *shop, _ *phone) { s.must(s.book.RemoveDevice(s.t.Context(), 1)) },
		"absolute": func(s *shop, p *phone) {
			for range 73 { // somebody is there all the time
				s.clock.add(10 * time.Minute)
				p.post("/here")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			p := s.signedIn("Amina Saleh")
			s.clock.add(14 * time.Minute)
			if status, _ := p.post("/here"); status != http.StatusNoContent {
				t.Fatalf("after 14 minutes: %d", status)
			}
			end(s, p)
			if status, _ := p.get("/"); status != http.StatusSeeOther {
				t.Errorf("page: %d", status)
			}
			if status, _ := p.tap("do", "claim", "call", "x", "version", "1"); status != http.StatusUnauthorized {
				t.Errorf("deed: %d", status)
			}
		})
	}
}

// A guesser on a device waits, whoever's name is tried, and the right PIN is not
// judged meanwhile.
func TestGuessersWait(t *testing.T) {
	s := open(t)
	p := s.phone().enrol()
	for i := range 5 {
		if status, _ := p.post("/login", "name", fmt.Sprintf("nobody %d", i), "pin", "111111"); status != http.StatusForbidden {
			t.Fatalf("try %d: %d", i, status)
		}
	}
	if status, body := p.post("/login", "name", "Amina Saleh", "pin", pin); status != http.StatusForbidden || !strings.Contains(body, "30") {
		t.Errorf("after five: %d", status)
	}
	s.clock.add(31 * time.Second)
	if status, _ := p.post("/login", "name", "Amina Saleh", "pin", pin); status != http.StatusSeeOther {
		t.Errorf("after the wait: %d", status)
	}
}

func TestCookiesOverTLS(t *testing.T) {
	s := open(t)
	code, err := s.book.Code(t.Context(), "")
	s.must(err)
	server := httptest.NewTLSServer(s.console)
	defer server.Close()
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.PostForm(server.URL+"/device", url.Values{"code": {code}, "name": {"tablet"}})
	s.must(err)
	defer resp.Body.Close() //nolint:errcheck // nothing in it
	c := resp.Cookies()
	if len(c) != 1 || c[0].Name != "__Host-kassa-device" || !c[0].Secure || !c[0].HttpOnly || c[0].SameSite != http.SameSiteStrictMode || c[0].Path != "/" || c[0].Domain != "" {
		t.Errorf("cookies %+v", c)
	}
}

func TestHeadersHostsAndOrigins(t *testing.T) {
	s := open(t)
	p := s.signedIn("Amina Saleh")
	for _, path := range []string{"/", "/login", "/device", "/shell", "/menu", "/sw.js", "/manifest.webmanifest", "/icon/192.png", "/static/console.js", "/shared/tokens.css", "/nowhere", "/storybook"} {
		r, err := http.NewRequest(http.MethodGet, s.server.URL+path, nil)
		s.must(err)
		status, body, h := p.do(r)
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: policy lacks %q", path, want)
			}
		}
		if strings.Contains(csp, "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, h)
		}
		if path == "/storybook" && status != http.StatusNotFound {
			t.Errorf("the storybook is open: %d", status)
		}
		if regexp.MustCompile(`<script[^>]*>[^<]|\son\w+=|\sstyle=`).MatchString(body) && strings.Contains(h.Get("Content-Type"), "html") {
			t.Errorf("%s has inline script or style", path)
		}
	}
	for host, want := range map[string]int{"evil.example": 421, "127.0.0.1.evil.example": 421, "localhost": 200, "127.0.0.1:1": 200, "[::1]:1": 200} {
		r := httptest.NewRequest(http.MethodGet, "http://"+host+"/shell", nil)
		r.RemoteAddr = "127.0.0.1:1"
		w := httptest.NewRecorder()
		s.console.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("host %s: %d, want %d", host, w.Code, want)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "http://localhost/login", nil)
	r.RemoteAddr = "192.0.2.1:1"
	w := httptest.NewRecorder()
	if s.console.ServeHTTP(w, r); w.Code != http.StatusForbidden {
		t.Errorf("plain HTTP from another machine: %d", w.Code)
	}
	s.raise("1-7/1", "bagging")
	for _, site := range []string{"cross-site", "same-site"} {
		r, err := http.NewRequest(http.MethodPost, s.server.URL+"/deed", strings.NewReader("do=claim&call=1-7/1&version=1&nonce="+nonces()))
		s.must(err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", site)
		if status, _, _ := p.do(r); status != http.StatusForbidden {
			t.Errorf("a post from %s: %d", site, status)
		}
	}
	if c, _ := s.call("1-7/1"); c.State == help.Claimed {
		t.Error("another site claimed a call")
	}
}

func TestClaimSettleJudge(t *testing.T) {
	s := open(t)
	p := s.signedIn("Amina Saleh")
	s.raise("1-7/1", "bagging.too-much")
	_, body := p.get("/?call=1-7/1")
	for _, want := range []string{`data-do="claim"`, "Lets the shopper go on", "&lt;b&gt;Milk&lt;/b&gt;", "<polyline", "العربية", "12.90"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if status, body := p.tap("do", "claim", "call", "1-7/1", "version", "1"); status != http.StatusNoContent {
		t.Fatalf("claim: %d %s", status, body)
	}
	if status, body := p.tap("do", "settle", "call", "1-7/1", "version", "2", "boot", "b1", "reason", "own-bag", "deed", "bagging-ok"); status != http.StatusNoContent {
		t.Fatalf("settle: %d %s", status, body)
	}
	c := s.lanes.commands()
	if len(c) != 1 || c[0].Deed != "bagging-ok" || c[0].Reason != "own-bag" || c[0].Number != 7 || c[0].Boot != "b1" || c[0].Role != "attendant" {
		t.Errorf("the lane was asked %+v", c)
	}
	if _, open := s.call("1-7/1"); open {
		t.Error("the call is still open")
	}
	if status, _ := p.tap("do", "judge", "call", "1-7/1", "value", "good"); status != http.StatusNoContent {
		t.Errorf("judge: %d", status)
	}
	s.raise("1-8/1", "bagging.too-much")
	_, body = p.get("/?call=1-8/1")
	if a, b := strings.Index(body, `data-reason="own-bag"`), strings.Index(body, `data-reason="looked"`); a < 0 || a > b {
		t.Error("the reason last used is not the first")
	}
}

func TestTwoAtOnce(t *testing.T) {
	s := open(t)
	a, b := s.signedIn("Amina Saleh"), s.signedIn("Bert Roux")
	s.raise("1-7/1", "bagging")
	type answer struct {
		status int
		body   string
	}
	answers := make(chan answer, 2)
	for _, p := range []*phone{a, b} {
		go func() {
			status, body := p.tap("do", "claim", "call", "1-7/1", "version", "1")
			answers <- answer{status, body}
		}()
	}
	won, lost := <-answers, <-answers
	if won.status != http.StatusNoContent {
		won, lost = lost, won
	}
	if won.status != http.StatusNoContent || lost.status != http.StatusConflict || !regexp.MustCompile(`colleague has it: (Amina|Bert)`).MatchString(lost.body) {
		t.Errorf("claims: %+v and %+v", won, lost)
	}
	c, _ := s.call("1-7/1")
	loser := a
	if s.console.nameOf(t.Context(), c.By) == "Amina" {
		loser = b
	}
	if status, _ := loser.tap("do", "settle", "call", "1-7/1", "version", "2", "boot", "b1", "reason", "looked", "deed", "bagging-ok"); status != http.StatusConflict {
		t.Errorf("the second settled a colleague's call: %d", status)
	}
	if len(s.lanes.commands()) != 0 {
		t.Error("the lane was asked for something")
	}
}

func TestStaleAndReplayedTaps(t *testing.T) {
	s := open(t)
	p := s.signedIn("Amina Saleh")
	s.raise("1-7/1", "bagging")
	nonce := nonces()
	if status, _ := p.post("/deed", "do", "claim", "call", "1-7/1", "version", "1", "nonce", nonce); status != http.StatusNoContent {
		t.Fatalf("claim: %d", status)
	}
	if status, _ := p.tap("do", "settle", "call", "1-7/1", "version", "1", "boot", "b1", "reason", "looked", "deed", "bagging-ok"); status != http.StatusConflict {
		t.Errorf("a stale settlement: %d", status)
	}
	if status, _ := p.tap("do", "release", "call", "1-7/1", "version", "2"); status != http.StatusNoContent {
		t.Errorf("release: %d", status)
	}
	if status, _ := p.post("/deed", "do", "claim", "call", "1-7/1", "version", "3", "nonce", nonce); status != http.StatusConflict {
		t.Errorf("a nonce was taken twice: %d", status)
	}
	if status, _ := p.post("/deed", "do", "claim", "call", "1-7/1", "version", "3"); status != http.StatusConflict {
		t.Errorf("a deed without a nonce: %d", status)
	}
	for _, order := range [][]string{
		{"boot", "b0", "number", "7"}, {"boot", "b1", "number", "8"}, {"boot", "", "number", "7"},
	} {
		if status, _ := p.tap(append(order, "do", "lane", "lane", "1", "deed", "park")...); status != http.StatusConflict {
			t.Errorf("an order for %v: %d", order, status)
		}
	}
	if c := s.lanes.commands(); len(c) != 0 {
		t.Errorf("the lane was asked %+v", c)
	}
}

func TestWhatMayNotBeDoneFromAfar(t *testing.T) {
	s := open(t)
	amina, bert := s.signedIn("Amina Saleh"), s.signedIn("Bert Roux")
	s.raise("1-7/1", "age")
	if status, body := amina.tap("do", "settle", "call", "1-7/1", "version", "1", "boot", "b1", "reason", "document", "deed", "age-ok"); status != http.StatusForbidden || !strings.Contains(body, "badge") {
		t.Errorf("an age check from afar: %d %s", status, body)
	}
	if status, _ := amina.tap("do", "lane", "lane", "1", "boot", "b1", "number", "7", "deed", "age-ok"); status != http.StatusForbidden {
		t.Errorf("the same as an order: %d", status)
	}
	price := []string{"do", "lane", "lane", "1", "boot", "b1", "number", "7", "deed", "price", "line", "1", "value", "1,29", "reason", "label"}
	if status, _ := amina.tap(price...); status != http.StatusForbidden {
		t.Errorf("an attendant sets a price: %d", status)
	}
	if status, body := bert.tap(price...); status != http.StatusNoContent {
		t.Errorf("a supervisor sets a price: %d %s", status, body)
	}
	if c := s.lanes.commands(); len(c) != 1 || c[0].Value != "129" || c[0].Line != 1 || c[0].By == "" {
		t.Errorf("the lane was asked %+v", c)
	}
	for _, odd := range [][]string{{"deed", "drawer"}, {"deed", "message", "value", "free words"}, {"deed", "price", "value", "-1", "reason", "x"}, {"deed", "price", "value", "1.234", "reason", "x"}} {
		if status, _ := bert.tap(append(odd, "do", "lane", "lane", "1", "boot", "b1", "number", "7")...); status != http.StatusBadRequest {
			t.Errorf("%v: %d", odd, status)
		}
	}
	s.raise("1-8/1", "bagging")
	if status, _ := amina.tap("do", "settle", "call", "1-8/1", "version", "1", "boot", "b1", "reason", "looked", "deed", "payment-paid"); status != http.StatusBadRequest {
		t.Errorf("a deed that was not offered: %d", status)
	}
	s.lanes.mu.Lock()
	s.lanes.why = "stale"
	s.lanes.mu.Unlock()
	if status, body := amina.tap("do", "settle", "call", "1-8/1", "version", "1", "boot", "b1", "reason", "looked", "deed", "bagging-ok"); status != http.StatusConflict || !strings.Contains(body, "changed") {
		t.Errorf("the lane says stale: %d %s", status, body)
	}
	if _, open := s.call("1-8/1"); !open {
		t.Error("a call was settled that the lane did not settle")
	}
}

// What releases nothing goes out after a while, unless it is taken back.
func TestUndo(t *testing.T) {
	s := open(t)
	p := s.signedIn("Amina Saleh")
	s.raise("1-7/1", "how")
	settle := []string{"do", "settle", "call", "1-7/1", "version", "1", "boot", "b1", "reason", "explained", "deed", "help-done"}
	if status, _ := p.tap(settle...); status != http.StatusNoContent {
		t.Fatalf("settle: %d", status)
	}
	if _, body := p.get("/?call=1-7/1"); !strings.Contains(body, `data-do="undo"`) {
		t.Error("no undo is offered")
	}
	if status, _ := p.tap("do", "undo", "call", "1-7/1"); status != http.StatusNoContent {
		t.Fatalf("undo: %d", status)
	}
	s.clock.add(6 * time.Second)
	if status, _ := p.tap("do", "undo", "call", "1-7/1"); status != http.StatusConflict {
		t.Errorf("undo of nothing: %d", status)
	}
	if status, _ := p.tap(settle...); status != http.StatusNoContent {
		t.Fatalf("settle again: %d", status)
	}
	if len(s.lanes.commands()) != 0 {
		t.Error("it went out before its time, or though it was undone")
	}
	if status, _ := p.tap("do", "judge", "call", "1-7/1", "value", "hard"); status != http.StatusNoContent {
		t.Error("it could not be judged")
	}
	s.clock.add(6 * time.Second)
	s.until("settled", func() bool { _, open := s.call("1-7/1"); return !open })
}

// events opens the page's stream and returns what it says.
func (p *phone) events(ctx context.Context, query string) <-chan string {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.s.server.URL+"/events"+query, nil)
	p.s.must(err)
	resp, err := p.c.Do(r) //nolint:bodyclose // the goroutine closes it
	p.s.must(err)
	if resp.StatusCode != http.StatusOK {
		p.s.t.Fatalf("events: %d", resp.StatusCode)
	}
	out := make(chan string, 1000)
	go func() {
		defer close(out)
		defer resp.Body.Close() //nolint:errcheck // it ends with ctx
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			out <- lines.Text()
		}
	}()
	return out
}

func (s *shop) waitFor(lines <-chan string, part string) string {
	s.t.Helper()
	late := time.After(5 * time.Second)
	for {
		select {
		case l, ok := <-lines:
			if !ok {
				s.t.Fatalf("the stream ended before %q", part)
			}
			if strings.Contains(l, part) {
				return l
			}
		case <-late:
			s.t.Fatalf("no %q within 5 s", part)
		}
	}
}

func TestStreamShowsCallsAndPresenceLingers(t *testing.T) {
	s := open(t)
	p := s.signedIn("Amina Saleh")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	lines := p.events(ctx, "")
	s.waitFor(lines, "event: alive")
	s.waitFor(lines, `"build"`)
	crew := func(n int) func() bool {
		return func() bool { snap, err := s.console.snapshot(t.Context()); return err == nil && len(snap.Crew) == n }
	}
	s.until("she is there", crew(1))
	s.raise("1-7/1", "payment")
	if l := s.waitFor(lines, `"alarm":1`); !strings.Contains(l, `"of":"1-7/1"`) {
		t.Errorf("root: %.300s", l)
	}
	if status, _ := p.tap("do", "claim", "call", "1-7/1", "version", "1"); status != http.StatusNoContent {
		t.Errorf("claim: %d", status)
	}
	s.waitFor(lines, `"alarm":0`)
	cancel()
	for range lines {
	}
	s.clock.add(20 * time.Second)
	if !crew(1)() {
		t.Error("who lost the line for 20 s counts as gone")
	}
	s.until("she is gone", func() bool { s.clock.add(time.Second); return crew(0)() })
}

func TestStreamEndsWithTheSession(t *testing.T) {
	s := open(t)
	p := s.signedIn("Amina Saleh")
	lines := p.events(t.Context(), "")
	s.waitFor(lines, "event: alive")
	s.clock.add(14*time.Minute + time.Second)
	s.waitFor(lines, "event: idle")
	s.waitFor(lines, "data: true")
	s.must(s.roster.Disable(t.Context(), "Amina Saleh"))
	s.waitFor(lines, "event: out")
}
