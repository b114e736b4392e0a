package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"kassa/kiosk/staff"
	"kassa/store/roster"
)

// Names of the cookies. Over TLS they begin with __Host-, which ties them to
// this very host; on loopback, where there is no TLS, browsers refuse that.
const (
	deviceCookie  = "kassa-device"
	sessionCookie = "kassa-session"
	lookCookie    = "kassa-look"
)

// person is who is signed in.
type person struct {
	ID      string
	Name    string
	Role    staff.Role
	session session
}

// first is what colleagues call them.
func first(name string) string {
	name, _, _ = strings.Cut(name, " ")
	return name
}

func cookieName(r *http.Request, name string) string {
	if r.TLS != nil {
		return "__Host-" + name
	}
	return name
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(cookieName(r, name))
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie hands the browser a value that no script reads and no other site
// sends. Zero life takes it back.
func setCookie(w http.ResponseWriter, r *http.Request, name, value string, life time.Duration) {
	age := int(life / time.Second)
	if age == 0 {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(r, name), Value: value, Path: "/", MaxAge: age, Secure: r.TLS != nil, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

// deviceLife is as long as browsers keep a cookie.
const deviceLife = 400 * 24 * time.Hour

// who returns who is signed in on the device that asks, or errOut.
func (c *Console) who(r *http.Request) (*person, error) {
	s, err := c.o.Book.session(r.Context(), cookie(r, sessionCookie), cookie(r, deviceCookie))
	if err != nil {
		return nil, err
	}
	return c.known(r.Context(), s)
}

// known looks the session's person up: who was disabled is out at once.
func (c *Console) known(ctx context.Context, s session) (*person, error) {
	m, err := c.member(ctx, func(m roster.Member) bool { return m.ID == s.staff })
	if err != nil {
		return nil, err
	}
	return &person{ID: m.ID, Name: m.Name, Role: m.Role, session: s}, nil
}

func (c *Console) member(ctx context.Context, is func(roster.Member) bool) (roster.Member, error) {
	all, err := c.o.Staff.List(ctx)
	if err != nil {
		return roster.Member{}, err
	}
	for _, m := range all {
		if m.Active && is(m) {
			return m, nil
		}
	}
	return roster.Member{}, errOut
}

// signed serves a page to whoever is signed in and sends others to sign in.
func (c *Console) signed(serve func(http.ResponseWriter, *http.Request, *person)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := c.who(r)
		switch {
		case err == nil:
			serve(w, r, p)
		case !errors.Is(err, errOut):
			c.o.Log.ErrorContext(r.Context(), "session not read", "err", err)
			http.Error(w, "", http.StatusServiceUnavailable)
		case r.Method == http.MethodGet && !slices.Contains([]string{"/events", "/here", "/judge"}, r.URL.Path):
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		default:
			http.Error(w, c.words(r).T("console.out"), http.StatusUnauthorized)
		}
	}
}

// serveLogin asks for name and PIN; a device that is not known, for its code.
func (c *Console) serveLogin(w http.ResponseWriter, r *http.Request) {
	device, err := c.o.Book.device(r.Context(), cookie(r, deviceCookie))
	if err != nil {
		c.broken(w, r, err)
		return
	}
	if device == 0 {
		http.Redirect(w, r, "/device", http.StatusSeeOther)
		return
	}
	c.write(w, r, http.StatusOK, c.form(r, ""), "login")
}

// takeLogin judges a name or badge with its PIN. Whether it was the one or the
// other that does not fit is not told.
func (c *Console) takeLogin(w http.ResponseWriter, r *http.Request) {
	device, err := c.o.Book.device(r.Context(), cookie(r, deviceCookie))
	if err != nil {
		c.broken(w, r, err)
		return
	}
	if device == 0 {
		http.Redirect(w, r, "/device", http.StatusSeeOther)
		return
	}
	name := strings.TrimSpace(r.PostFormValue("name"))
	id, wait, err := c.judge(r.Context(), device, name, r.PostFormValue("pin"))
	if err != nil && !errors.Is(err, errOut) {
		c.broken(w, r, err)
		return
	}
	if err != nil || wait > 0 {
		c.o.Log.WarnContext(r.Context(), "sign-in refused", "device", device, "wait_s", int(wait/time.Second))
		f := c.form(r, "console.login.no")
		f.Name = name
		if wait > 0 {
			f.Wait = int64((wait + time.Second - 1) / time.Second)
		}
		c.write(w, r, http.StatusForbidden, f, "login")
		return
	}
	secret, err := c.o.Book.signIn(r.Context(), device, id)
	if err != nil {
		c.broken(w, r, err)
		return
	}
	c.o.Log.InfoContext(r.Context(), "signed in", "staff", id, "device", device)
	setCookie(w, r, sessionCookie, secret, sessionLife)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// judge returns the id behind a name or badge if the PIN is right, errOut if
// not, and how long to wait before the next try. A try counts against the
// device and, in the roster, against the person, before it is judged.
func (c *Console) judge(ctx context.Context, device int64, name, pin string) (id string, wait time.Duration, err error) {
	if wait, err = c.o.Book.count(ctx, device); err != nil || wait > 0 {
		return "", wait, err
	}
	select {
	case c.judging <- struct{}{}: // a PIN costs 19 MiB to judge
		defer func() { <-c.judging }()
	case <-ctx.Done():
		return "", 0, ctx.Err()
	}
	m, err := c.member(ctx, func(m roster.Member) bool { return m.Badge == name || strings.EqualFold(m.Name, name) })
	if errors.Is(err, errOut) {
		staff.HashPIN(pin, make([]byte, 16), nil) // nobody of this name takes as long
		return "", 0, errOut
	}
	if err != nil {
		return "", 0, err
	}
	ok, wait, err := c.o.Staff.CheckPIN(ctx, m.ID, pin)
	if err != nil || wait > 0 {
		return "", wait, err
	}
	if !ok {
		return "", 0, errOut
	}
	return m.ID, 0, nil
}

func (c *Console) serveLogout(w http.ResponseWriter, r *http.Request, p *person) {
	if err := c.o.Book.signOut(r.Context(), p.session); err != nil {
		c.broken(w, r, err)
		return
	}
	c.crew.gone(p.ID)
	setCookie(w, r, sessionCookie, "", 0)
	w.Header().Set("Clear-Site-Data", `"cache"`)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

func (c *Console) serveDevice(w http.ResponseWriter, r *http.Request) {
	c.write(w, r, http.StatusOK, c.form(r, ""), "device")
}

// takeDevice lets a device in that has a code.
func (c *Console) takeDevice(w http.ResponseWriter, r *http.Request) {
	from := hostOf(r.RemoteAddr)
	if !c.knocks.may(from, c.o.Now()) {
		c.write(w, r, http.StatusTooManyRequests, c.form(r, "console.device.wait"), "device")
		return
	}
	secret, err := c.o.Book.admit(r.Context(), r.PostFormValue("code"), label(r.PostFormValue("name")))
	if errors.Is(err, errCode) {
		c.o.Log.WarnContext(r.Context(), "device refused", "from", from)
		c.write(w, r, http.StatusForbidden, c.form(r, "console.device.no"), "device")
		return
	}
	if err != nil {
		c.broken(w, r, err)
		return
	}
	c.knocks.in(from)
	c.o.Log.InfoContext(r.Context(), "device added", "from", from)
	setCookie(w, r, deviceCookie, secret, deviceLife)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// label makes a device's name fit to be printed.
func label(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.TrimSpace(name))
	if runes := []rune(name); len(runes) > 40 {
		name = string(runes[:40])
	}
	return name
}

func (c *Console) broken(w http.ResponseWriter, r *http.Request, err error) {
	c.o.Log.ErrorContext(r.Context(), "request not served", "path", r.URL.Path, "err", err)
	http.Error(w, "", http.StatusServiceUnavailable)
}

// knocks slows those down who try codes, by their address.
type knocks struct {
	mu   sync.Mutex
	from map[string]staff.Tries
}

// may counts a try, or says that it is too early.
func (k *knocks) may(from string, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.from == nil || len(k.from) > 1000 {
		k.from = map[string]staff.Tries{}
	}
	t := k.from[from].Settle(now)
	if t.Wait(now) > 0 {
		return false
	}
	k.from[from] = t.Fail(now)
	return true
}

func (k *knocks) in(from string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.from, from)
}
