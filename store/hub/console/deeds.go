package console

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"kassa/kiosk/help"
	"kassa/kiosk/words"
	"kassa/store/hub/desk"
	"kassa/store/wire"
)

// A tap is what a button posted.
type tap struct {
	Do      string // see, claim, release, settle, undo, judge, lane
	Call    string
	Version int
	Lane    string
	Boot    string
	Number  int64
	Deed    string
	Reason  string
	Line    int
	Value   string
	Text    string // free words
	Nonce   string
}

var errForm = errors.New("the form cannot be read")

func parseTap(r *http.Request) (t tap, err error) {
	number := func(name string) int64 {
		text := r.PostFormValue(name)
		if text == "" {
			return 0
		}
		n, bad := strconv.ParseInt(text, 10, 64)
		if bad != nil || n < 0 {
			err = errForm
		}
		return n
	}
	t = tap{
		Do: r.PostFormValue("do"), Call: r.PostFormValue("call"), Lane: r.PostFormValue("lane"), Boot: r.PostFormValue("boot"),
		Deed: r.PostFormValue("deed"), Reason: r.PostFormValue("reason"), Value: strings.TrimSpace(r.PostFormValue("value")), Text: r.PostFormValue("text"),
		Nonce: r.PostFormValue("nonce"), Version: int(number("version")), Number: number("number"), Line: int(number("line")),
	}
	for _, s := range []string{t.Call, t.Lane, t.Boot, t.Deed, t.Reason, t.Value} {
		if len(s) > 200 {
			err = errForm
		}
	}
	return t, err
}

// serveDeed takes a tap: 204 done, 409 with a sentence if what it was decided
// upon has changed, 403 if it is not this person's to do.
func (c *Console) serveDeed(w http.ResponseWriter, r *http.Request, p *person) {
	t, err := parseTap(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if t.Do != "see" { // a page looks by itself, a person taps
		if err := c.o.Book.touch(r.Context(), p.session); err != nil {
			c.broken(w, r, err)
			return
		}
		if err := c.o.Book.once(r.Context(), t.Nonce); err != nil {
			c.answer(w, r, p, t, err)
			return
		}
	}
	c.answer(w, r, p, t, c.deed(r, p, t))
}

// A notAllowedError is a deed that is not this person's to do from here: a message id.
type notAllowedError string

func (e notAllowedError) Error() string { return string(e) }

func (c *Console) answer(w http.ResponseWriter, r *http.Request, p *person, t tap, err error) {
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if errors.Is(err, errForm) {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	say := c.words(r)
	if no, ok := errors.AsType[notAllowedError](err); ok {
		http.Error(w, say.T(string(no)), http.StatusForbidden)
		return
	}
	c.o.Log.InfoContext(r.Context(), "deed not done", "do", t.Do, "deed", t.Deed, "call", t.Call, "lane", t.Lane, "staff", p.ID, "err", err)
	id := sentence(err)
	if id == "console.why.taken" {
		if _, by, ok := strings.Cut(err.Error(), help.ErrTaken.Error()+": "); ok {
			http.Error(w, say.T(id, "Name", words.Code(c.nameOf(r.Context(), by))), http.StatusConflict)
			return
		}
	}
	http.Error(w, say.T(id, "Name", ""), http.StatusConflict)
}

// deed does what was tapped.
func (c *Console) deed(r *http.Request, p *person, t tap) error {
	ctx := r.Context()
	switch t.Do {
	case "see":
		_, err := c.o.Desk.Do(ctx, help.Deed{Call: t.Call, Verb: help.DoSee, By: p.ID})
		return err
	case "claim", "release":
		if err := c.held.free(t.Call, p.ID); err != nil {
			return err
		}
		c.held.forgive(t.Call)
		_, err := c.o.Desk.Do(ctx, help.Deed{Call: t.Call, Version: t.Version, Verb: help.Verb(t.Do), By: p.ID})
		return err
	case "settle":
		return c.settle(r, p, t)
	case "undo":
		if !c.held.take(t.Call, p.ID) {
			return help.ErrTooLate
		}
		return nil
	case "judge":
		if !slices.Contains([]string{"good", "fair", "hard"}, t.Value) {
			return errForm
		}
		if c.held.judge(t.Call, p.ID, t.Value) {
			return nil
		}
		return c.o.Desk.Judge(ctx, t.Call, p.ID, t.Value)
	case "talk":
		return c.say(r, p, t)
	case "lane":
		return c.order(r, p, t)
	default:
		return errForm
	}
}

// settle settles a call in one of the ways that were offered for it.
func (c *Console) settle(r *http.Request, p *person, t tap) error {
	ctx := r.Context()
	call, about, ok, err := c.call(ctx, t.Call)
	switch {
	case err != nil:
		return err
	case !ok:
		return help.ErrGone
	case call.By != "" && call.By != p.ID:
		return errTaken(call.By)
	case call.Version != t.Version:
		return help.ErrStale
	case call.Presence:
		return notAllowedError("console.why.presence")
	}
	if err := c.held.free(t.Call, p.ID); err != nil {
		return err
	}
	if !offered(call.Reason.Area(), about, t) {
		return errForm
	}
	if why := c.maySettle(p.Role, call, t.Deed); why != "" {
		return notAllowedError(why)
	}
	c.held.forgive(t.Call)
	c.crew.used(p.ID, call.Reason.Area(), t.Reason)
	s := desk.Settlement{
		Call: t.Call, Version: t.Version, By: p.ID, Role: string(p.Role), Reason: t.Reason, Deed: t.Deed, Line: t.Line, Value: t.Value, Boot: t.Boot,
	}
	if !releases(t.Deed) && about.Number >= 0 {
		return c.held.put(s, c.o.Now().Add(c.o.Policy.Undo))
	}
	_, err = c.o.Desk.Settle(ctx, s)
	return err
}

// orderLife is how long an order to a lane may travel.
const orderLife = 5 * time.Second

// order has a lane do something that belongs to no call.
func (c *Console) order(r *http.Request, p *person, t tap) error {
	if !slices.Contains(orders(), t.Deed) || t.Deed == "message" && !slices.Contains(phrases(), t.Value) {
		return errForm
	}
	if why := c.may(p.Role, t.Deed); why != "" {
		return notAllowedError(why)
	}
	l, ok := c.lane(t.Lane)
	if !ok || t.Boot == "" || l.State.Boot != t.Boot || l.State.Number != t.Number {
		return help.ErrStale // it started anew, or the next shopper stands there
	}
	now, err := c.snapshot(r.Context())
	if err != nil {
		return err
	}
	if awaited(now.Calls, t.Lane, t.Deed) {
		return notAllowedError("console.why.presence")
	}
	if t.Deed == "message" { // said in the shopper's language, whatever the attendant's is
		t.Value = c.o.Words.In(l.State.Language).T(t.Value)
	}
	if t.Deed == "price" {
		minor, ok := c.minor(t.Value)
		if !ok || t.Reason == "" {
			return errForm
		}
		t.Value = strconv.FormatInt(minor, 10)
	}
	result, err := c.o.Lanes.Command(r.Context(), t.Lane, wire.Command{
		ID: rand.Text(), Boot: t.Boot, Number: t.Number, Deed: t.Deed, By: p.ID, Role: string(p.Role), Reason: t.Reason,
		Line: t.Line, Value: t.Value, Expires: c.o.Now().Add(orderLife),
	})
	if err != nil {
		return errors.Join(desk.ErrAway, err)
	}
	if !result.OK {
		return desk.RefusedError(result.Why)
	}
	c.o.Log.InfoContext(r.Context(), "order done", "lane", t.Lane, "deed", t.Deed, "staff", p.ID)
	return nil
}

// orders are the deeds that can be done to a lane without a call.
func orders() []string {
	return []string{
		"message", "void-line", "quantity", "price", "waive", "bagging-ok", "allow", "age-ok", "park", "void-sale",
		"open-lane", "close-lane", "lock", "unlock",
	}
}

// minor reads an amount as people type it, with a point or a comma, in the
// currency's decimals.
func (c *Console) minor(text string) (int64, bool) {
	whole, part, _ := strings.Cut(strings.ReplaceAll(text, ",", "."), ".")
	places := c.o.Decimals
	if len(part) > places || whole == "" || len(whole) > 9 || strings.Trim(whole+part, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", places-len(part)), 10, 64)
	return n, err == nil
}

// judgement asks how a call was.
type judgement struct {
	base
	Call string
}

func (c *Console) serveJudge(w http.ResponseWriter, r *http.Request, _ *person) {
	c.write(w, r, http.StatusOK, judgement{c.base(r), r.URL.Query().Get("call")}, "judge")
}

// serveHere notes that somebody is still there.
func (c *Console) serveHere(w http.ResponseWriter, r *http.Request, p *person) {
	if err := c.o.Book.touch(r.Context(), p.session); err != nil {
		c.broken(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
