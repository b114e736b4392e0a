package web

import (
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// answer returns the status of one request to a handler.
func answer(h http.Handler, path, host string) int {
	r := httptest.NewRequest(http.MethodGet, "http://"+host+path, nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

func TestHeadersOnEveryRoute(t *testing.T) {
	h, err := New(newLane().options(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/act", "/find", "/help", "/healthz", "/metrics", "/static/page.js", "/sound/scan.wav", "/storybook", "/nowhere"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080"+path, nil))
		csp := w.Header().Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "require-trusted-types-for 'script'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: policy %q lacks %q", path, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") || w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: headers %v", path, w.Header())
		}
	}
}

func TestHostsAndOrigins(t *testing.T) {
	o := newLane().options(t)
	o.Hosts = []string{"lane1.store"}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{
		"127.0.0.1:8080": 200, "localhost": 200, "[::1]:8080": 200, "lane1.store:8080": 200,
		"evil.example": 421, "127.0.0.1.evil.example": 421, "192.0.2.7": 421,
	} {
		if got := answer(h, "/healthz", host); got != want {
			t.Errorf("host %s answers %d, want %d", host, got, want)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/act", strings.NewReader("act=pay"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("a post from another site answers %d, want 403", w.Code)
	}
}

func TestHealth(t *testing.T) {
	l := newLane()
	h, err := New(l.options(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := answer(h, "/healthz", "localhost"); got != 200 {
		t.Errorf("healthy lane answers %d", got)
	}
	l.health = Health{Why: "closed"}
	if got := answer(h, "/healthz", "localhost"); got != 503 {
		t.Errorf("closed lane answers %d, want 503", got)
	}
}

// styles returns a style sheet without its comments.
func styles(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("static", name))
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(string(data), "")
}

func TestStylesAreLogicalAndWithoutColours(t *testing.T) {
	physical := regexp.MustCompile(`[\w-]*(left|right)[\w-]*\s*:|:\s*(left|right)\b|[\s;{](top|bottom|width|height|max-width|max-height|min-width|min-height)\s*:|(margin|padding|border)-(top|bottom)`)
	colour := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(`)
	css := styles(t, "page.css")
	css = regexp.MustCompile(`\[[^\]]*\]`).ReplaceAllString(css, "")                            // attribute selectors name where a terminal stands
	css = regexp.MustCompile(`\((max-|min-)?(height|width): [^)]*\)`).ReplaceAllString(css, "") // conditions
	if bad := physical.FindAllString(css, -1); bad != nil {
		t.Errorf("physical directions in the style sheet: %q", bad)
	}
	css = strings.ReplaceAll(strings.ReplaceAll(css, ".qr-light { fill: #ffffff; }", ""), ".qr-dark { fill: #000000; }", "")
	if bad := colour.FindAllString(css, -1); bad != nil {
		t.Errorf("colours outside tokens.css: %q", bad)
	}
}

func TestScriptsAreSmall(t *testing.T) {
	lines := 0
	files, err := filepath.Glob("static/*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines += strings.Count(string(data), "\n")
		if regexp.MustCompile(`eval\(|document\.write|new Function|https?://`).Match(data) {
			t.Errorf("%s: a script must not reach outside", name)
		}
	}
	if lines > 500 {
		t.Errorf("the page has %d lines of script, want at most 500", lines)
	}
}

// tokens returns the colours of a set; a set leaves out what it does not change.
func tokens(t *testing.T, selector string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, block := range regexp.MustCompile(`(?s)([^{}]+)\{([^}]*)\}`).FindAllStringSubmatch(styles(t, "tokens.css"), -1) {
		if name := strings.TrimSpace(block[1]); name != ":root" && name != selector {
			continue
		}
		for _, m := range regexp.MustCompile(`--([a-z-]+):\s*(#[0-9a-f]{6})`).FindAllStringSubmatch(block[2], -1) {
			all[m[1]] = m[2]
		}
	}
	return all
}

// luminance is WCAG 2.2's relative luminance of a colour.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		t.Fatalf("colour %q: %v", hex, err)
	}
	part := func(v uint64) float64 {
		c := float64(v&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(n>>16) + 0.7152*part(n>>8) + 0.0722*part(n)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrastOfEveryPairInUse(t *testing.T) {
	// Text on its background, and lines that carry meaning on theirs.
	text := [][2]string{
		{"ink", "paper"},
		{"ink", "card"},
		{"ink", "soft"},
		{"quiet", "paper"},
		{"quiet", "card"},
		{"quiet", "soft"},
		{"on-primary", "primary"},
		{"on-primary", "primary-pressed"},
		{"on-hint", "hint"},
		{"on-help", "help"},
		{"primary", "card"},
	}
	shapes := [][2]string{
		{"edge", "paper"},
		{"edge", "card"},
		{"focus", "paper"},
		{"focus", "card"},
		{"focus", "soft"},
		{"primary", "line"},
		{"pic-line", "paper"},
		{"pic-line", "card"},
		{"pic-line", "soft"},
		{"pic-line", "pic-fill"},
		{"pic-line", "pic-warm"},
		{"help", "paper"},
		{"primary", "paper"},
	}
	for selector, least := range map[string]float64{"": 4.5, ":root.dark": 7, ":root.light": 7} {
		c := tokens(t, selector)
		check := func(pairs [][2]string, least float64) {
			for _, p := range pairs {
				if got := contrast(t, c[p[0]], c[p[1]]); got < least {
					t.Errorf("%s %s on %s: contrast %.2f, want %.1f", selector, p[0], p[1], got, least)
				}
			}
		}
		check(text, least)
		check(shapes, 3)
	}
}

func TestEveryPictureIsThere(t *testing.T) {
	art, err := symbols()
	if err != nil {
		t.Fatal(err)
	}
	use := regexp.MustCompile(`\.Picture "([a-z0-9-]+)"|Picture: "([a-z0-9-]+)"|Picture = "([a-z0-9-]+)"|Picture, v\.Help = "([a-z-]+)"`)
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range use.FindAllStringSubmatch(string(data), -1) {
				if id := strings.Join(m[1:], ""); !art[id] {
					t.Errorf("%s: there is no picture %s", name, id)
				}
			}
		}
	}
	for _, id := range []string{"face-1", "face-2", "face-3", "lamp-free", "lamp-busy", "lamp-help", "lamp-closed", "box"} {
		if !art[id] {
			t.Errorf("there is no picture %s", id)
		}
	}
}

func TestSoundsAreWAVs(t *testing.T) {
	for name, data := range makeSounds() {
		long := float64(len(data)-44) / 2 / rate
		if string(data[:4]) != "RIFF" || string(data[8:16]) != "WAVEfmt " || long < 0.05 || long > 1 {
			t.Errorf("%s: %d bytes, %.2f s", name, len(data), long)
		}
	}
	if len(makeSounds()) != 8 {
		t.Errorf("%d sounds, want one for each cue", len(makeSounds()))
	}
}

func TestNoFileIsForgotten(t *testing.T) {
	err := fs.WalkDir(staticFiles, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !regexp.MustCompile(`\.(css|js|svg)$`).MatchString(path) {
			t.Errorf("%s is served and should not be", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
