package web

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// get returns a page's status and text.
func get(h http.Handler, path string) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil))
	return w.Code, w.Body.String()
}

var (
	rawID    = regexp.MustCompile(`>[a-z-]+\.[a-z.-]+<`)
	unfilled = regexp.MustCompile(`<no value>|%!|\{\{|&lt;no value`)
	screen   = regexp.MustCompile(`<main class="main" id="main" data-screen="([a-z-]+)">`)
)

func TestEveryStoryRenders(t *testing.T) {
	h, err := New(newLane().options(t))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, st := range stories() {
		for _, lang := range storyLanguages() {
			for _, mode := range storyModes() {
				if lang != "en" && mode.Name != "default" {
					continue // a mode changes the style only
				}
				status, body := get(h, "/storybook/"+st.name+"?lang="+lang+"&mode="+mode.Name)
				where := st.name + ", " + lang + ", " + mode.Name
				m := screen.FindStringSubmatch(body)
				if status != 200 || m == nil {
					t.Fatalf("%s: status %d, screen %v", where, status, m)
				}
				seen[m[1]] = true
				if bad := rawID.FindString(body) + unfilled.FindString(body); bad != "" {
					t.Errorf("%s: shows %q", where, bad)
				}
				if n := strings.Count(body, `class="primary"`); n > 1 {
					t.Errorf("%s: %d primary buttons in the bar", where, n)
				}
			}
		}
	}
	for _, want := range strings.Fields("start language bags basket find weigh quantity check age member help tender paying " +
		"unsure receipt thanks more-time staff closed out-of-order") {
		if !seen[want] {
			t.Errorf("no story shows %s", want)
		}
	}
}

func TestStorybookIsOffInAShop(t *testing.T) {
	l := newLane()
	o := l.options(t)
	o.Storybook = false
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/storybook", "/storybook/basket"} {
		if status := answer(h, http.MethodGet, path, "127.0.0.1"); status != http.StatusNotFound {
			t.Errorf("%s answers %d, want 404", path, status)
		}
	}
}
