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
				if mode.Name != "default" && (lang != "en" || mode.Name != "large-reach") {
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
	for want := range strings.FieldsSeq("start language bags basket find weigh quantity check age member help tender paying " +
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
		if status := answer(h, path, "127.0.0.1"); status != http.StatusNotFound {
			t.Errorf("%s answers %d, want 404", path, status)
		}
	}
}

func TestFindFragments(t *testing.T) {
	l := newLane()
	o := l.options(t)
	o.Finder = stageFinder{}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ path, has, lacks string }{
		{"/find?lang=en", `data-code="4011"`, "keyrow"},
		{"/find?lang=en", "Fruit", "Soft drinks"},
		{"/find?lang=en&row=1", "Soft drinks", "Fruit"},
		{"/find?lang=en&row=99", "Soft drinks", "Fruit"},
		{"/find?lang=fr", "Bananes", "Bananas"},
		{"/find?lang=ar&typing=1", "ض", "qwe"},
		{"/find?lang=en&q=%3Cb%3E&typing=1", `value="&lt;b&gt;"`, "<b>"},
		{"/find?lang=en&q=" + strings.Repeat("x", 900), strings.Repeat("x", maxText), strings.Repeat("x", maxText+1)},
		{"/find?lang=en&page=-3&group=%00", `data-code="4011"`, "keyrow"},
		{"/find?lang=en&page=1", "Page 2 of 2", "Broccoli"},
		{"/find?lang=en&q=xyz", "nothing by that name", "data-code"},
		{"/help?lang=en&topic=scan", "Smooth out the barcode", "data-value=\"price\""},
		{"/help?lang=en&topic=../x", "another price", "Smooth out"},
	}
	for _, tt := range tests {
		status, body := get(h, tt.path)
		if status != 200 || !strings.Contains(body, tt.has) || strings.Contains(body, tt.lacks) {
			t.Errorf("%.60s: status %d, wants %q and not %q:\n%.600s", tt.path, status, tt.has, tt.lacks, body)
		}
	}
}

func TestALaneThatStartsShowsAPage(t *testing.T) {
	l := newLane()
	l.now.Screen, l.now.Language, l.now.Sale, l.now.Acts = "", "", nil, nil
	h, err := New(l.options(t))
	if err != nil {
		t.Fatal(err)
	}
	if status, body := get(h, "/"); status != 200 || !strings.Contains(body, `data-screen="out-of-order"`) {
		t.Errorf("status %d:\n%.300s", status, body)
	}
}
