package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/weight"
	"kassa/kiosk/words"
)

// lane is the least a page needs behind it.
type lane struct {
	views   chan flow.View
	now     flow.View
	touched chan Touch
	pins    chan string
	err     error
	health  Health
}

func newLane() *lane {
	return &lane{
		views: make(chan flow.View), touched: make(chan Touch, 9), pins: make(chan string, 9),
		now:    flow.View{Version: 1, Screen: flow.ScreenBasket, Language: "en", Languages: words.Languages(), Sale: sale(), Acts: selling()},
		health: Health{OK: true},
	}
}

func (l *lane) options(t *testing.T) Options {
	t.Helper()
	book, err := words.New(words.Settings{Currency: "EUR", Decimals: 2, Digits: "latn"})
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Views: func(context.Context) <-chan flow.View { return l.views },
		Now:   func() flow.View { return l.now },
		Post: func(_ context.Context, t Touch) error {
			l.touched <- t
			return l.err
		},
		PIN:       func(_ context.Context, digits string) error { l.pins <- digits; return l.err },
		Health:    func() Health { return l.health },
		Words:     book,
		Storybook: true,
		Beat:      20 * time.Millisecond,
	}
}

func serve(t *testing.T, l *lane) *httptest.Server {
	t.Helper()
	h, err := New(l.options(t))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func TestActAnswers(t *testing.T) {
	tests := []struct {
		name, body string
		err        error
		status     int
		want       Touch
	}{
		{"fields", "act=quantity&line=3&value=2", nil, 204, Touch{Act: "quantity", Line: 3, Value: "2"}},
		{"one field", "do=" + url.QueryEscape("act=add&code=4011"), nil, 204, Touch{Act: "add", Code: "4011"}},
		{"unfit", "act=pay", ErrUnfit, 409, Touch{Act: "pay"}},
		{"lane away", "act=pay", errors.New("stopping"), 503, Touch{Act: "pay"}},
		{"no act", "value=2", nil, 400, Touch{}},
		{"line is no number", "act=keep&line=x", nil, 400, Touch{}},
		{"line is negative", "act=keep&line=-1", nil, 400, Touch{}},
		{"too long", "act=pay&value=" + strings.Repeat("x", 5000), nil, 400, Touch{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLane()
			l.err = tt.err
			s := serve(t, l)
			resp, err := http.Post(s.URL+"/act", "application/x-www-form-urlencoded", strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close() //nolint:errcheck // a test
			if resp.StatusCode != tt.status {
				t.Errorf("status = %d, want %d", resp.StatusCode, tt.status)
			}
			if tt.status == 400 {
				return
			}
			if got := <-l.touched; got != tt.want {
				t.Errorf("touch = %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestPINGoesItsOwnWay(t *testing.T) {
	l := newLane()
	s := serve(t, l)
	resp, err := http.PostForm(s.URL+"/act", url.Values{"act": {"pin"}, "value": {"271828"}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // a test
	if got := <-l.pins; got != "271828" || len(l.touched) != 0 {
		t.Errorf("pin = %q and %d touches, want the digits and no touch", got, len(l.touched))
	}
}

// event reads the next server-sent event that is not a sign of life.
func event(t *testing.T, r *bufio.Scanner) (u update) {
	t.Helper()
	name := ""
	for r.Scan() {
		line := r.Text()
		if v, ok := strings.CutPrefix(line, "event: "); ok {
			name = v
		}
		if v, ok := strings.CutPrefix(line, "data: "); ok && name != "alive" {
			if name == "state" {
				if err := json.Unmarshal([]byte(v), &u); err != nil {
					t.Fatal(err)
				}
			}
			return u
		}
	}
	t.Fatalf("events ended: %v", r.Err())
	return u
}

func TestEventsSendAllThenChanges(t *testing.T) {
	l := newLane()
	s := serve(t, l)
	resp, err := http.Get(s.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // a test
	r := bufio.NewScanner(resp.Body)
	r.Buffer(nil, 1<<20)
	u := event(t, r)
	if len(u.Parts) != len(parts) || u.Build == "" || u.Root == nil || !strings.Contains(u.Parts["main"], `data-screen="basket"`) {
		t.Fatalf("first event has parts %d, build %q, root %v, want all", len(u.Parts), u.Build, u.Root)
	}
	next := l.now
	next.Version = 2
	next.Hint = &flow.ViewHint{Kind: flow.HintScale}
	l.views <- next
	u = event(t, r)
	if len(u.Parts) != 1 || !strings.Contains(u.Parts["main"], `data-hint="scale"`) || u.Version != 2 {
		t.Errorf("second event = %v, want the main part only", u)
	}
}

func TestLiveWeightRedrawsNothing(t *testing.T) {
	l := newLane()
	all := stories()
	i := slices.IndexFunc(all, func(s story) bool { return s.name == "weigh-moving" })
	l.now = all[i].view
	l.now.Language = "en"
	s := serve(t, l)
	resp, err := http.Get(s.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // a test
	r := bufio.NewScanner(resp.Body)
	r.Buffer(nil, 1<<20)
	if u := event(t, r); u.Live["weight"] != "0.731\u00a0kg" || strings.Contains(u.Parts["main"], "0.731") {
		t.Fatalf("first event: live %q, want the weight there and not in the part", u.Live)
	}
	next := l.now
	next.Version, next.Live.Weight, next.Live.Settled = 2, &weight.Shown{Digits: 734, Decimals: 3, Unit: weight.Kilogram}, true
	l.views <- next
	if u := event(t, r); len(u.Parts) != 0 || u.Live["weight"] != "0.734\u00a0kg" || !u.Settled {
		t.Errorf("second event = %+v, want the live weight only", u)
	}
}
