package workbench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kassa/cmd/kassa-sim/assortment"
	"kassa/kiosk/config"
)

const milk, yoghurt = "9521234001010", "9521234001034"

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newBench(t *testing.T, o Options) *Bench {
	t.Helper()
	o.Log, o.Screen = quiet(), "127.0.0.1:1"
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	b, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// eventually looks until ok, at most for five seconds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// The terminal on the desk can speak nexo too; a lane finds its files.
func TestNexoTerminal(t *testing.T) {
	b := newBench(t, Options{Terminal: "nexo"})
	l, err := config.Load(b.configPath())
	if err != nil {
		t.Fatal(err)
	}
	n := l.Terminal.Nexo
	if n == nil || l.Terminal.Port.Addr != b.card.Addr() {
		t.Fatalf("terminal = %+v", l.Terminal)
	}
	for _, file := range []string{n.CAFile, n.PassphraseFile} {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
	if s := b.State(); s.Charges != 0 || s.Terminal.Display != "Ready" {
		t.Errorf("state = %+v", s.Terminal)
	}
}

// What the workbench writes, a lane can read, at any speed.
func TestConfigIsSound(t *testing.T) {
	for _, speed := range []int{1, 7, 20, 100} {
		b := newBench(t, Options{Speed: speed})
		l, err := config.Load(b.configPath())
		if err != nil {
			t.Errorf("speed %d: %v", speed, err)
			continue
		}
		if l.Terminal.Port.Addr != b.card.Addr() || l.Printer.Port.Addr != b.printer.Addr() || l.Bagging == nil || l.Scale == nil || l.Panel == nil {
			t.Errorf("speed %d: devices are not where the file says: %+v", speed, l)
		}
		if want := max(time.Minute/time.Duration(speed), 12*time.Second); l.Timing.IdleAsk != want {
			t.Errorf("speed %d: idle is %v, want %v", speed, l.Timing.IdleAsk, want)
		}
		if _, err := os.Stat(l.Scanners[0].Port.Addr); err != nil {
			t.Error(err)
		}
	}
}

func TestPutTakeMove(t *testing.T) {
	b := newBench(t, Options{Speed: 20})
	do := func(line string) {
		t.Helper()
		if err := b.Do(line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	do("put scale 4011 734g")
	eventually(t, "the scale shows 735 g", func() bool { s := b.State().Scale; return s.Stable && s.Grams == 735 })
	do("put bag 4011") // the same bananas
	do("put bag " + milk)
	s := b.State()
	if len(s.Scale.Pieces) != 0 || len(s.Bag.Pieces) != 2 || s.Bag.Pieces[0].Grams != 734 || s.Bag.Pieces[0].Name != "Bananas" {
		t.Errorf("after bagging: %+v, %+v", s.Scale, s.Bag)
	}
	if g := s.Bag.Pieces[1].Grams; g < 1052-19 || g > 1052+19 {
		t.Errorf("a litre of milk weighs %d g", g)
	}
	do("put bag own-bag 86g")
	do("take bag " + milk)
	if err := b.Do("take bag " + milk); !errors.Is(err, ErrNotNow) {
		t.Errorf("took the milk twice: %v", err)
	}
	do("take bag all")
	eventually(t, "the bag is empty", func() bool { s := b.State().Bag; return len(s.Pieces) == 0 && s.Grams == 0 && s.Stable })
}

func TestDoRefuses(t *testing.T) {
	b := newBench(t, Options{})
	for line, want := range map[string]error{
		"":                      ErrUnknown,
		"dance":                 ErrUnknown,
		"touch pay":             ErrUnknown,
		"expect screen start":   ErrUnknown,
		"put bag nothing":       ErrUnknown,
		"card tap":              ErrNotNow,
		"card cut after dinner": ErrUnknown,
		"scan 1":                ErrNotNow, // no lane listens
		"button call":           ErrNotNow,
		"power cut":             ErrNotNow,
		"take scale 4011":       ErrNotNow,
	} {
		if err := b.Do(line); !errors.Is(err, want) {
			t.Errorf("Do(%q) = %v, want %v", line, err, want)
		}
	}
}

// What is scanned comes out of the link in dev/, byte for byte.
func TestScanOnTheWire(t *testing.T) {
	b := newBench(t, Options{})
	port, err := os.OpenFile(filepath.Join(b.o.Dir, "dev", "scanner"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	eventually(t, "the scanner sees the lane", func() bool { return b.Do("scan ]d201095<GS>10AB") == nil })
	line, err := bufio.NewReader(port).ReadString('\r')
	if err != nil || strings.TrimSpace(line) != "]d201095\x1d10AB" {
		t.Errorf("read %q, %v", line, err)
	}
	if err := b.Do("unplug scanner"); err != nil {
		t.Fatal(err)
	}
	if err := b.Do("scan 1"); err != nil {
		t.Errorf("a scan with the cable out: %v, want nothing", err)
	}
	if s := b.State().Devices[0]; s.Name != "scanner" || s.Plugged {
		t.Errorf("device is %+v", s)
	}
}

func TestControlAPI(t *testing.T) {
	b := newBench(t, Options{})
	h, err := NewServer(b, "http://127.0.0.1:9/")
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	call := func(method, path, body string) (int, string, http.Header) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close() //nolint:errcheck // it was read
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(text), res.Header
	}
	for _, tt := range []struct {
		method, path, body string
		code               int
		says               string
	}{
		{"POST", "/do", "put bag " + milk, 204, ""},
		{"POST", "/do", "put", 400, "want put bag|scale"},
		{"POST", "/do", "card tap", 409, "does not wait for a card"},
		{"POST", "/do", strings.Repeat("x", maxLine+1), 400, "too long"},
		{"GET", "/do", "", 405, ""},
		{"GET", "/state", "", 200, `"name":"Hillside milk 1 l"`},
		{"GET", "/paper?from=0", "", 200, `"paper":"ok"`},
		{"GET", "/", "", 200, "9521234001034"},
		{"GET", "/bench.js", "", 200, "EventSource"},
		{"GET", "/bench.css", "", 200, "--primary"},
		{"GET", "/page.html", "", 404, ""},
		{"GET", "/art/4011.svg", "", 200, "<svg"},
		{"GET", "/art/1.svg", "", 404, ""},
	} {
		code, text, head := call(tt.method, tt.path, tt.body)
		if code != tt.code || !strings.Contains(text, tt.says) {
			t.Errorf("%s %s %q: %d %q, want %d with %q", tt.method, tt.path, tt.body, code, text, tt.code, tt.says)
		}
		if csp := head.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-src http://127.0.0.1:9;") {
			t.Errorf("%s: policy %q", tt.path, csp)
		}
	}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/state", nil)
	req.Host = "elsewhere.example:80"
	rec := httptest.NewRecorder()
	if h.ServeHTTP(rec, req); rec.Code != http.StatusMisdirectedRequest {
		t.Errorf("a strange host got %d", rec.Code)
	}
	req = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/do", strings.NewReader("take bag all"))
	req.Host = "127.0.0.1:80"
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	rec = httptest.NewRecorder()
	if h.ServeHTTP(rec, req); rec.Code != http.StatusForbidden {
		t.Errorf("another site's post got %d", rec.Code)
	}
}

// The stream tells of a change without being asked again.
func TestEvents(t *testing.T) {
	b := newBench(t, Options{})
	h, err := NewServer(b, "")
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it was read
	lines := bufio.NewScanner(res.Body)
	next := func() State {
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var s State
				if err := json.Unmarshal([]byte(text), &s); err != nil {
					t.Fatal(err)
				}
				return s
			}
		}
		t.Fatal("the stream ended: ", lines.Err())
		return State{}
	}
	if s := next(); s.Paper.Paper != "ok" {
		t.Errorf("first state: %+v", s.Paper)
	}
	if err := b.Do("paper near"); err != nil {
		t.Fatal(err)
	}
	for next().Paper.Paper != "near" {
	}
}

func TestLanePage(t *testing.T) {
	lane := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		w.Header().Set("X-Frame-Options", "DENY")
		_, _ = io.WriteString(w, "host "+r.Host+" origin "+r.Header.Get("Origin"))
	}))
	addr := strings.TrimPrefix(lane.URL, "http://")
	h := NewLanePage(addr, "http://127.0.0.1:8090", quiet())
	ask := func(path string) *httptest.ResponseRecorder {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		req.Header.Set("Origin", "http://127.0.0.1:5")
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		return rec
	}
	rec := ask("/")
	if want := "host " + addr + " origin http://" + addr; rec.Body.String() != want {
		t.Errorf("the lane saw %q, want %q", rec.Body, want)
	}
	if csp := rec.Header().Get("Content-Security-Policy"); csp != "default-src 'none'; frame-ancestors 'self' http://127.0.0.1:8090" || rec.Header().Get("X-Frame-Options") != "" {
		t.Errorf("policy %q", csp)
	}
	lane.Close()
	if rec := ask("/"); !strings.Contains(rec.Body.String(), "the lane is not running") || rec.Code != http.StatusOK {
		t.Errorf("without power: %d %q", rec.Code, rec.Body)
	}
	if rec := ask("/events"); rec.Code != http.StatusBadGateway {
		t.Errorf("events without power: %d", rec.Code)
	}
}

// fakeKassa is a kassa that does as a lane's commands do: it writes down how it
// was called, and run goes on until it is ended.
const fakeKassa = `#!/bin/sh
echo "$*" >>"$(dirname "$0")/calls"
case "$1 $2" in
"staff list") cat "$(dirname "$0")/staff" 2>/dev/null; exit 0 ;;
"staff add") read -r pin; echo "$3 $pin" >>"$(dirname "$0")/staff"; exit 0 ;;
"run --config")
	if [ -e "$(dirname "$0")/broken" ]; then echo "kassa.toml:1: it is broken" >&2; exit 1; fi
	trap 'exit 0' TERM
	while :; do sleep 0.05; done ;;
esac
`

func TestRunLane(t *testing.T) {
	dir := t.TempDir()
	kassa := filepath.Join(dir, "kassa")
	if err := os.WriteFile(kassa, []byte(fakeKassa), 0o700); err != nil { //nolint:gosec // it must run
		t.Fatal(err)
	}
	b := newBench(t, Options{Kassa: kassa})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.RunLane(ctx) }()
	lane := func() StateLane { return b.State().Lane }
	eventually(t, "the lane runs", func() bool { return lane().Running })
	if err := b.Do("power cut"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lane runs again", func() bool { return lane().Running && lane().Starts == 2 })

	if err := os.WriteFile(filepath.Join(dir, "broken"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.Do("power cut"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it says why it stopped", func() bool { return strings.Contains(lane().Note, "kassa.toml:1: it is broken") })
	if err := os.Remove(filepath.Join(dir, "broken")); err != nil {
		t.Fatal(err)
	}
	b.lane.wakeUp()
	eventually(t, "it was started by hand", func() bool { return lane().Running })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	calls, err := os.ReadFile(filepath.Join(dir, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`^catalog import --config \S+ \S+catalogue.csv \S+promotions.toml\nvoucher show \S+ --config \S+\nstaff list`, `staff add Amina --role attendant --badge KS-STAFF-`} {
		if !regexp.MustCompile(want).Match(calls) {
			t.Errorf("calls are\n%s, want %s", calls, want)
		}
	}
	staff, err := os.ReadFile(filepath.Join(dir, "staff"))
	if err != nil || len(strings.Fields(string(staff))) != 2*len(assortment.Staff()) {
		t.Errorf("staff is %q, %v", staff, err)
	}
}

func TestRunLaneRefused(t *testing.T) {
	dir := t.TempDir()
	kassa := filepath.Join(dir, "kassa")
	if err := os.WriteFile(kassa, []byte("#!/bin/sh\necho 'catalogue.csv:3: price is missing' >&2\nexit 1\n"), 0o700); err != nil { //nolint:gosec // it must run
		t.Fatal(err)
	}
	b := newBench(t, Options{Kassa: kassa})
	err := b.RunLane(t.Context())
	if err == nil || err.Error() != "kassa catalog import: exit status 1: catalogue.csv:3: price is missing" {
		t.Errorf("RunLane = %v", err)
	}
}
