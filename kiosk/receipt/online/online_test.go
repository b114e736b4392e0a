package online

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"kassa/device/printer"
	"kassa/kiosk/flow"
	"kassa/kiosk/help"
	"kassa/kiosk/receipt"
	"kassa/kiosk/words"
)

// shop is what stands behind the page: one sale that is there, one on its way.
type shop struct {
	mu       sync.Mutex
	contacts []Contact
	down     bool
}

const code, coming = "0421.1.7.9f3a01bc.secret", "0421.1.8.9f3a01bc.secret"

func (s *shop) Sale(_ context.Context, c string) (Sale, error) {
	switch {
	case s.down:
		return Sale{}, errors.New("disk")
	case c == code:
		return Sale{Language: "ar", Until: noon.AddDate(0, 0, 90), Receipt: &receipt.Receipt{
			ID: "0421-1-000007", At: noon, What: flow.DocReceipt, Code: "0421-1-000007", Total: 404,
			Shop: receipt.Shop{Name: "Corner <Shop>", Currency: "EUR", Lane: "1", Store: "0421"},
			Lines: []receipt.Line{
				{N: 1, Name: "Milk <b>", Names: map[string]string{"fr": "Lait"}, Qty: 1, Unit: 119, Gross: 119, Tax: "A"},
				{N: 3, Name: "Deposit", Qty: 1, Unit: 25, Gross: 25, Of: 1},
				{N: 4, Name: "Pens", Qty: 2, Unit: 130, Gross: 260, Tax: "A"},
			},
			Taxes: []receipt.Tax{{Class: "A", RatePPM: 70000, Net: 378, Tax: 26, Gross: 404}},
		}}, nil
	case c == coming:
		return Sale{}, nil
	}
	return Sale{}, ErrUnknown
}

func (s *shop) Contacts(context.Context, string) ([]Contact, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Contact(nil), s.contacts...), nil
}

func (s *shop) Raise(_ context.Context, _ string, m Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.contacts) > 0 {
		return ErrFull
	}
	s.contacts = append(s.contacts, Contact{N: 1, Reason: m.Reason, Note: m.Text, At: noon, State: help.Raised})
	return nil
}

func (s *shop) Rate(_ context.Context, _ string, n, rating int, solved *bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.contacts[n-1].Rating, s.contacts[n-1].Solved = rating, solved
	return nil
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func site(t *testing.T) (*Site, *shop) {
	t.Helper()
	book, err := words.New(words.Settings{Currency: "EUR", Decimals: 2, Digits: "latn"})
	if err != nil {
		t.Fatal(err)
	}
	library := help.NewLibrary(func(s string) []string { return strings.Fields(strings.ToLower(s)) })
	shelf, err := help.Shelf()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range shelf {
		library.Add(a)
	}
	profile, err := printer.LookUp("epson-80")
	if err != nil {
		t.Fatal(err)
	}
	there := &shop{}
	s, err := New(Options{
		Prefix: "/r/", Sales: there, Desk: there, Words: book, Help: library, Shop: "Corner <Shop>", Hours: "mon-sat 07:00-22:00", Profile: profile,
		Shared: fstest.MapFS{"tokens.css": {Data: []byte(":root{}")}, "pictures.svg": {Data: []byte("<svg/>")}},
		Now:    func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, there
}

// An answer is what came back.
type answer struct {
	StatusCode int
	Header     http.Header
	body       string
}

func ask(s *Site, method, path string, form url.Values) answer {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

func TestReceiptInEachLanguage(t *testing.T) {
	s, _ := site(t)
	for lang, wants := range map[string][]string{
		"en": {`<html lang="en" dir="ltr">`, "Milk &lt;b&gt;", "4.04", "Save as PDF"},
		"fr": {`<html lang="fr" dir="ltr">`, "Lait", "4,04"},
		"ar": {`<html lang="ar" dir="rtl">`, "إيصالك"},
		"id": {`<html lang="id" dir="ltr">`, "4,04"},
		"":   {`<html lang="ar" dir="rtl">`}, // that of the sale
	} {
		res := ask(s, http.MethodGet, "/r/"+code+"?lang="+lang, nil)
		body := res.body
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%q: no %q on the page", lang, want)
			}
		}
		if res.StatusCode != http.StatusOK || strings.Contains(body, "Milk <b>") || strings.Contains(body, "<script") || strings.Contains(body, "style=") {
			t.Errorf("%q: %d, or what should not be there", lang, res.StatusCode)
		}
		for name, want := range map[string]string{
			"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'",
		} {
			if got := res.Header.Get(name); !strings.Contains(got, want) {
				t.Errorf("%s is %q, want %q in it", name, got, want)
			}
		}
		if res.Header.Get("Set-Cookie") != "" {
			t.Error("the page sets a cookie")
		}
	}
}

func TestPDF(t *testing.T) {
	s, _ := site(t)
	res := ask(s, http.MethodGet, "/r/"+code+"/receipt.pdf?lang=en", nil)
	if body := res.body; res.StatusCode != http.StatusOK || !strings.HasPrefix(body, "%PDF-") ||
		!strings.Contains(res.Header.Get("Content-Disposition"), "receipt-0421-1-000007.pdf") {
		t.Errorf("%d %v %.20q", res.StatusCode, res.Header, body)
	}
	if res := ask(s, http.MethodGet, "/r/"+coming+"/receipt.pdf", nil); res.StatusCode != http.StatusSeeOther {
		t.Errorf("before it has come: %d", res.StatusCode)
	}
}

func TestBeforeTheRowHasCome(t *testing.T) {
	s, there := site(t)
	res := ask(s, http.MethodGet, "/r/"+coming+"?lang=en", nil)
	if body := res.body; res.StatusCode != http.StatusOK || !strings.Contains(body, "still on its way") || res.Header.Get("Refresh") == "" || strings.Contains(body, "<textarea") {
		t.Errorf("%d, refresh %q\n%s", res.StatusCode, res.Header.Get("Refresh"), body)
	}
	if res := ask(s, http.MethodPost, "/r/"+coming+"/message", url.Values{"reason": {"after.card"}}); res.StatusCode != http.StatusBadRequest || len(there.contacts) != 0 {
		t.Errorf("a message about it: %d, %d contacts", res.StatusCode, len(there.contacts))
	}
}

// What was never made and what is no code get the very same answer, and who
// goes on guessing is made to wait.
func TestGuessing(t *testing.T) {
	s, _ := site(t)
	first := ""
	for i, guess := range []string{"x", "0421.1.7.9f3a01bc.other", strings.Repeat("a", 300), "%00", "static/other", ""} {
		res := ask(s, http.MethodGet, "/r/"+guess, nil)
		body := res.body
		if i == 0 {
			first = body
		}
		if res.StatusCode != http.StatusNotFound || body != first {
			t.Errorf("%q is answered %d, or differently", guess, res.StatusCode)
		}
	}
	last := 0
	for range missBurst {
		last = ask(s, http.MethodGet, "/r/guess", nil).StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the %dth guess is answered %d", missBurst+6, last)
	}
	if res := ask(s, http.MethodGet, "/r/"+code, nil); res.StatusCode != http.StatusOK {
		t.Errorf("who has a code is answered %d meanwhile", res.StatusCode)
	}
	for range burst {
		last = ask(s, http.MethodGet, "/r/"+code, nil).StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("one who asks without a pause is answered %d", last)
	}
}

func TestMessageAnswerRating(t *testing.T) {
	s, there := site(t)
	for _, form := range []url.Values{{}, {"reason": {"safety"}}, {"reason": {"after.card\n"}}} {
		if res := ask(s, http.MethodPost, "/r/"+code+"/message", form); res.StatusCode != http.StatusBadRequest {
			t.Errorf("%v is answered %d", form, res.StatusCode)
		}
	}
	long := "The price\x00 \u202e of <b>milk</b>\r\n" + strings.Repeat("é", 600)
	form := url.Values{"reason": {"after.price"}, "line": {"1", "1", "99", "x"}, "text": {long}}
	for range 2 {
		if res := ask(s, http.MethodPost, "/r/"+code+"/message?lang=en", form); res.StatusCode != http.StatusSeeOther || !strings.HasSuffix(res.Header.Get("Location"), "?lang=en#messages") {
			t.Fatalf("%d %v", res.StatusCode, res.Header)
		}
	}
	if len(there.contacts) != 1 || len([]rune(there.contacts[0].Note)) != maxText || !strings.HasPrefix(there.contacts[0].Note, "The price of <b>milk</b> é") {
		t.Fatalf("%+v", there.contacts)
	}
	body := ask(s, http.MethodGet, "/r/"+code+"?lang=en", nil).body
	if !strings.Contains(body, "&lt;b&gt;milk") || !strings.Contains(body, "Your message is with us.") || strings.Contains(body, "<textarea") {
		t.Error("an open message is not shown, or another is asked for")
	}
	there.contacts[0].State, there.contacts[0].Outcome = help.Settled, "refund"
	there.contacts[0].Said = []Said{{Phrase: "talk.thanks"}, {Text: "Désolés <i>", Lang: "fr"}}
	body = ask(s, http.MethodGet, "/r/"+code+"?lang=en", nil).body
	for _, want := range []string{"You get your money back", "Désolés &lt;i&gt;", `lang="fr"`, "Did that solve it?", "<textarea"} {
		if !strings.Contains(body, want) {
			t.Errorf("a message that is settled: no %q on the page", want)
		}
	}
	for _, form := range []url.Values{{"n": {"0"}}, {"n": {"1"}, "rating": {"4"}}, {"n": {"1"}, "rating": {"-1"}}} {
		if res := ask(s, http.MethodPost, "/r/"+code+"/rate", form); res.StatusCode != http.StatusBadRequest {
			t.Errorf("%v is answered %d", form, res.StatusCode)
		}
	}
	if res := ask(s, http.MethodPost, "/r/"+code+"/rate", url.Values{"n": {"1"}, "rating": {"3"}, "solved": {"no"}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("rating is answered %d", res.StatusCode)
	}
	if c := there.contacts[0]; c.Rating != 3 || c.Solved == nil || *c.Solved {
		t.Errorf("rated %+v", c)
	}
}

func TestArticles(t *testing.T) {
	s, _ := site(t)
	for query, want := range map[string]string{
		"lang=en": "topic=receipt", "lang=en&topic=card": "<ol>", "lang=en&q=zebra": "We have no answer to that yet.", "lang=fr&q=carte": "topic=card",
	} {
		if body := ask(s, http.MethodGet, "/r/"+code+"?"+query, nil).body; !strings.Contains(body, want) {
			t.Errorf("%s: no %q on the page", query, want)
		}
	}
}

func TestWhenTheStoreIsAway(t *testing.T) {
	s, there := site(t)
	there.down = true
	if res := ask(s, http.MethodGet, "/r/"+code, nil); res.StatusCode != http.StatusServiceUnavailable || strings.Contains(res.body, "disk") {
		t.Errorf("%d", res.StatusCode)
	}
}

func TestWho(t *testing.T) {
	for _, c := range []struct{ remote, forwarded, want string }{
		{"192.0.2.7:1", "198.51.100.1", "192.0.2.7"}, // nobody else may name another
		{"127.0.0.1:1", "203.0.113.5, 198.51.100.1", "198.51.100.1"},
		{"127.0.0.1:1", "odd", "127.0.0.1"},
		{"[2001:db8:1:2:3::4]:1", "", "2001:db8:1:2::"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-For", c.forwarded)
		if got := who(r); got != c.want {
			t.Errorf("%s for %q is %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}
