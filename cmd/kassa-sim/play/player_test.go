package play

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A toy is a lane and its devices in a few lines, good enough to shop at: what
// it knew in the last 50 ms before a power cut is gone, and it needs 300 ms to
// start again.
type toy struct {
	mu      sync.Mutex
	now     toyState
	kept    []toyState // with times, oldest first
	back    time.Time  // dark until then
	bag     map[string]int
	scale   map[string]int
	charges int
	printed []string
	starts  int
	imports []string
	noticed time.Time // the last of them
	deaf    bool      // it never notices one
	lose    time.Duration
	rng     *rand.Rand
}

type toyState struct {
	at     time.Time
	screen string
	goods  map[string]int64
	txn    int64
	paid   bool
}

func newToy(seed uint64) *toy {
	return &toy{
		now: toyState{screen: "start", goods: map[string]int64{}}, bag: map[string]int{}, scale: map[string]int{},
		starts: 1, lose: 50 * time.Millisecond, rng: rand.New(rand.NewPCG(seed, 1)),
	}
}

// change makes a new state: the one before stays in the book.
func (l *toy) change(f func(*toyState)) {
	next := l.now
	next.goods = maps.Clone(l.now.goods)
	next.at = time.Now()
	f(&next)
	l.now = next
	l.kept = append(l.kept, next)
}

var errDark = &url.Error{Op: "Get", URL: "x", Err: errors.New("refused")}

func (l *toy) dark() bool { return time.Now().Before(l.back) }

func (l *toy) Do(_ context.Context, line string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := Words(line)
	switch w[0] {
	case "power":
		return l.cut()
	case "put":
		if w[1] == "bag" {
			l.bag[w[2]]++
			delete(l.scale, w[2])
		} else {
			l.scale[w[2]]++
			delete(l.bag, w[2])
		}
		l.weighed()
		return nil
	case "take":
		if w[2] == "all" {
			clear(l.bag)
			clear(l.scale)
		}
		delete(l.scale, w[2])
		return nil
	}
	if l.dark() {
		return ErrNotNow
	}
	switch {
	case w[0] == "scan" && (l.now.screen == "start" || l.now.screen == "basket"):
		l.change(func(s *toyState) {
			if s.screen == "start" {
				*s = toyState{at: s.at, screen: "basket", goods: map[string]int64{}, txn: s.txn + 1}
			}
			s.goods[w[1]]++
		})
	case w[0] == "card":
		if l.now.screen != "paying" {
			return ErrNotNow
		}
		l.charges++
		l.change(func(s *toyState) { s.screen, s.paid = "receipt", true })
		l.kept[len(l.kept)-1].at = time.Time{} // asked of the terminal: known for good
	}
	return nil
}

// weighed ends weighing when something new lies on the scale.
func (l *toy) weighed() {
	if l.now.screen == "weigh" && l.scale["4011"] > 0 && !l.dark() {
		l.change(func(s *toyState) { s.screen = "basket"; s.goods["4011"]++ })
	}
}

func (l *toy) cut() error {
	if l.dark() {
		return ErrNotNow
	}
	l.starts++
	l.back = time.Now().Add(300 * time.Millisecond)
	lost := time.Now().Add(-time.Duration(l.rng.Int64N(int64(l.lose) + 1)))
	for i, s := range slices.Backward(l.kept) {
		if s.at.Before(lost) {
			l.now = s
			l.kept = l.kept[:i+1]
			if s.screen == "weigh" {
				l.now.screen = "basket" // the page does not survive, the basket does
			}
			return nil
		}
	}
	l.now, l.kept = toyState{screen: "start", goods: map[string]int64{}}, nil
	return nil
}

func (l *toy) Touch(_ context.Context, act string, fields map[string]string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dark() {
		return errDark
	}
	from := map[string]string{"pay": "basket", "tender": "tender", "receipt": "receipt", "add": "basket", "void-line": "basket"}[act]
	if l.now.screen != from {
		return ErrNotNow
	}
	l.change(func(s *toyState) {
		switch act {
		case "pay":
			s.screen = "tender"
		case "tender":
			s.screen = "paying"
		case "add":
			s.screen = "weigh"
		case "void-line":
			delete(s.goods, fields["code"])
		case "receipt":
			s.screen = "start"
			l.printed = append(l.printed, fmt.Sprint("Total ", s.total()))
		}
	})
	return nil
}

func (s toyState) total() (sum int64) {
	for code, n := range s.goods {
		sum += n * int64(100+len(code))
	}
	return sum
}

func (l *toy) Page(context.Context) (Page, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dark() {
		return Page{}, errDark
	}
	p := Page{Screen: l.now.screen, Language: "en", Total: l.now.total(), HasTotal: l.now.screen != "start"}
	if l.now.screen == "start" {
		return p, nil
	}
	codes := slices.Collect(maps.Keys(l.now.goods))
	sort.Strings(codes)
	for i, code := range codes {
		n := l.now.goods[code]
		p.Lines = append(p.Lines, PageLine{i + 1, code, "", n, n * int64(100+len(code))})
	}
	return p, nil
}

func (l *toy) Bench(context.Context) (BenchState, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var s BenchState
	s.Lamp, s.Charges, s.Paper.Count = "green", l.charges, len(l.printed)
	s.Terminal.Waiting = l.now.screen == "paying"
	s.Lane.Ours, s.Lane.Running, s.Lane.Starts = true, !l.dark(), l.starts
	for code := range l.bag {
		s.Bag.Pieces = append(s.Bag.Pieces, struct {
			Code string `json:"code"`
		}{code})
	}
	for code := range l.scale {
		s.Scale.Pieces = append(s.Scale.Pieces, struct {
			Code string `json:"code"`
		}{code})
	}
	return s, nil
}

func (l *toy) Paper(_ context.Context, from int) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.printed[min(from, len(l.printed)):], nil
}

func (l *toy) Export(context.Context) ([]Txn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now.txn == 0 {
		return nil, nil
	}
	t := Txn{ID: "x", Number: l.now.txn, State: "open", Total: l.now.total()}
	t.Lines = append(t.Lines, struct {
		GTIN   string `json:"gtin"`
		PLU    string `json:"plu"`
		Qty    int64  `json:"qty"`
		Amount int64  `json:"amount_minor"`
		Voided bool   `json:"voided"`
	}{GTIN: "9", Qty: int64(len(l.now.goods)), Amount: t.Total})
	if l.now.paid {
		t.State = "paid"
		t.Tenders = append(t.Tenders, struct {
			Amount int64  `json:"amount_minor"`
			Result string `json:"result"`
		}{t.Total, "approved"})
	}
	return []Txn{t}, nil
}

func (l *toy) Import(_ context.Context, file string, delta bool) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if file == "away.csv" {
		return 0, errors.New("kassa catalog: exit status 1: away.csv: no such file")
	}
	l.imports = append(l.imports, fmt.Sprint(file, " ", delta))
	l.noticed = time.Now().Add(700 * time.Millisecond)
	return int64(len(l.imports)), nil
}

func (l *toy) Catalogue(context.Context) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.deaf || time.Now().Before(l.noticed) {
		return int64(len(l.imports)) - 1, nil
	}
	return int64(len(l.imports)), nil
}

func (l *toy) Verify(context.Context) error { return nil }

const trip1 = `scan 1001
expect 2s screen basket
put bag 1001
scan 1002
put bag 1002
scan 1001
put bag 1001
touch add code=4011
expect screen weigh
put scale 4011 734g
expect line 4011 qty 1
put bag 4011
touch void-line code=1002
expect no line 1002
take bag 1002
expect total 312
touch pay
expect screen tender
touch tender value=card
expect screen paying
card tap
expect 5s screen receipt
expect charges 1
touch receipt value=print
expect screen start
`

func player(t *testing.T, w World, text string) *Player {
	t.Helper()
	steps, err := Parse("trip.txt", text)
	if err != nil {
		t.Fatal(err)
	}
	return &Player{Name: "trip.txt", Steps: steps, World: w, Speed: 1}
}

func TestPlay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if err := player(t, newToy(1), trip1+"expect paper \"Total 312\"\nexpect txn paid\nexpect lamp green\n").Play(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A sale that was open before the script is the script's; one that was over is
// not.
func TestNewestSale(t *testing.T) {
	for _, tt := range []struct {
		before, now []Txn
		want        string
	}{
		{nil, nil, ""},
		{[]Txn{{Number: 1, State: "paid"}}, []Txn{{Number: 1, State: "paid"}}, ""},
		{[]Txn{{Number: 1, State: "paid"}, {Number: 2, State: "open"}}, []Txn{{Number: 1, State: "paid"}, {Number: 2, State: "voided"}}, "voided"},
		{[]Txn{{Number: 2, State: "in-doubt"}}, []Txn{{Number: 2, State: "paid"}}, "paid"},
		{[]Txn{{Number: 2, State: "open"}}, []Txn{{Number: 2, State: "voided"}, {Number: 3, State: "open"}}, "open"},
	} {
		got, _ := baseline{txn: newestOver(tt.before)}.newest(tt.now)
		if got.State != tt.want {
			t.Errorf("from %+v to %+v: %q, want %q", tt.before, tt.now, got.State, tt.want)
		}
	}
}

// An import is over when the lane knows of it.
func TestImport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lane, begin := newToy(1), time.Now()
		p := player(t, lane, "import a.csv delta\nimport \"/b c.csv\"\n")
		p.Name = "dir/trip.txt"
		if err := p.Play(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := []string{"dir/a.csv true", "/b c.csv false"}; !slices.Equal(lane.imports, want) {
			t.Errorf("imported %q, want %q", lane.imports, want)
		}
		if took := time.Since(begin); took < 1400*time.Millisecond {
			t.Errorf("it waited %v for the lane, which needs 1.4 s", took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		err := player(t, newToy(1), "wait 1s\nimport away.csv").Play(t.Context())
		if err == nil || !strings.HasPrefix(err.Error(), "trip.txt:2: import away.csv: ") {
			t.Errorf("got %v, want the line", err)
		}
		lane := newToy(1)
		lane.deaf = true
		err = player(t, lane, "import a.csv").Play(t.Context())
		if err == nil || !strings.Contains(err.Error(), "has not seen version 1") {
			t.Errorf("got %v, want that the lane has not seen it", err)
		}
	})
}

func TestPlaySaysWhatItSaw(t *testing.T) {
	tests := []struct{ text, want string }{
		{"scan 1\nexpect 1s screen paying", "trip.txt:2: expected screen paying, saw screen basket"},
		{"scan 1\n\nexpect line 2 qty 1", "trip.txt:3: expected line 2 qty 1, saw line 1 qty 1 amount 101"},
		{"expect line 2", "trip.txt:1: expected line 2, saw no line on screen start"},
		{"scan 1\nexpect total 5", "trip.txt:2: expected total 5, saw total 101"},
		{"expect lamp red", "trip.txt:1: expected lamp red, saw lamp green"},
		{`expect paper "x y"`, `trip.txt:1: expected paper "x y", saw no paper`},
		{"expect txn paid", "trip.txt:1: expected txn paid, saw no transaction"},
		{"scan 1\nexpect txn paid", "trip.txt:2: expected txn paid, saw txn open"},
		{"scan 1\nexpect call bagging", "trip.txt:2: expected call bagging, saw no open call"},
		{"expect charges 1", "trip.txt:1: expected charges 1, saw charges 0"},
		{"scan 1\nexpect no line 1", "trip.txt:2: expected no line 1, saw line 1 qty 1 amount 101"},
		{"touch pay", "trip.txt:1: touch pay: not now"},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			if err := player(t, newToy(1), tt.text).Play(t.Context()); err == nil || err.Error() != tt.want {
				t.Errorf("%q: %v, want %s", tt.text, err, tt.want)
			}
		})
	}
}

// A script goes on after a power cut of its own, as soon as the page is back.
func TestPlayPowerCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lane := newToy(1)
		if err := player(t, lane, "scan 1\nwait 1s\npower cut\nscan 2\nexpect line 2\nexpect line 1\n").Play(t.Context()); err != nil {
			t.Error(err)
		}
		if lane.starts != 2 {
			t.Errorf("%d starts, want 2", lane.starts)
		}
	})
}

// Whatever the moments, every trip ends as the undisturbed one.
func TestCampaign(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			p := player(t, newToy(seed), trip1)
			p.Speed = 20
			c := Campaign{Player: p, Seed: seed, Cuts: 20, Log: slog.New(slog.DiscardHandler)}
			if err := c.Run(t.Context()); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		})
	}
}

// A lane that forgets more than it may is found out.
func TestCampaignFindsLostScans(t *testing.T) {
	found := 0
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			lane := newToy(seed)
			lane.lose = 900 * time.Millisecond
			p := player(t, lane, trip1)
			c := Campaign{Player: p, Seed: seed, Cuts: 10, Log: slog.New(slog.DiscardHandler)}
			if err := c.Run(t.Context()); err != nil && strings.Contains(err.Error(), "is gone") {
				found++
			}
		})
	}
	if found < 5 {
		t.Errorf("%d of 10 campaigns found that scans were lost", found)
	}
}

func TestResume(t *testing.T) {
	steps := player(t, nil, "scan 1\nput bag 1\nscan 2\nput bag 2\ntouch pay\nexpect screen tender\ntouch tender value=card\n").Steps
	look := func(screen string, codes ...string) *Look {
		var p Page
		p.Screen = screen
		for i, c := range codes {
			p.Lines = append(p.Lines, PageLine{N: i + 1, GTIN: c, Qty: 1})
		}
		l := LookAt(p)
		return &l
	}
	m := Memory{steps, []*Look{
		look("start"), look("basket", "1"), look("basket", "1"), look("basket", "1", "2"), look("basket", "1", "2"), nil, nil,
	}}
	tests := []struct {
		name string
		k    int
		now  *Look
		want int
	}{
		{"nothing was lost", 3, look("basket", "1", "2"), 3},
		{"the scan was lost", 3, look("basket", "1"), 2},
		{"both scans were lost", 3, look("start"), 0},
		{"the scan arrived as the power went", 2, look("basket", "1", "2"), 3},
		{"the scan did not", 2, look("basket", "1"), 2},
		{"the touch arrived", 4, look("tender", "1", "2"), 5},
		{"the touch did not", 4, look("basket", "1", "2"), 4},
		{"another screen, the same goods", 4, look("check", "1", "2"), 4},
		{"a screen not seen before", 6, look("paying"), 7},
	}
	for _, tt := range tests {
		if got := m.Resume(tt.k, *tt.now); got != tt.want {
			t.Errorf("%s: Resume(%d) = %d, want %d", tt.name, tt.k, got, tt.want)
		}
	}
}

// Who comes back to the weighing page with a loaded scale lifts and puts again.
func TestResumeWeighing(t *testing.T) {
	steps := player(t, nil, "scan 1\ntouch add code=4011\nexpect screen weigh\nput scale 4011 7g\nexpect line 4011\nput bag 4011\nscan 2\n").Steps
	m := Memory{steps, make([]*Look, len(steps))}
	weigh, basket := LookAt(Page{Screen: "weigh"}), LookAt(Page{Screen: "basket", Lines: []PageLine{{1, "1", "", 1, 1}}})
	m.Looks[4], m.Looks[1] = &weigh, &basket
	if got := m.Resume(4, weigh); got != 3 {
		t.Errorf("Resume(4) on the weighing page = %d, want 3", got)
	}
	if got := m.Resume(2, weigh); got != 3 {
		t.Errorf("Resume(2) on the weighing page = %d, want 3: it was asked for", got)
	}
	if got := m.Resume(4, basket); got != 1 {
		t.Errorf("Resume(4) in the basket = %d, want 1", got)
	}
}

func TestReplayed(t *testing.T) {
	yes, no := func(string) bool { return true }, func(string) bool { return false }
	tests := []struct {
		line           string
		onScale, inBag func(string) bool
		want           string
	}{
		{"put bag 1", no, yes, ""},
		{"put bag 1", no, no, "put bag 1"},
		{"put scale 4011 734g", yes, no, "take scale 4011,put scale 4011 734g"},
		{"put scale 4011 734g", no, yes, "put scale 4011"},
		{"put scale 4011 734g", no, no, "put scale 4011 734g"},
		{"scan 1", no, yes, "scan 1"},
		{"take bag 1", no, no, ""},
		{"unplug printer", no, no, ""},
		{"touch pay", no, no, "touch pay"},
	}
	for _, tt := range tests {
		act, err := ParseLine(tt.line)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(Replayed(Step{Text: tt.line, Do: act}, tt.onScale, tt.inBag), ","); got != tt.want {
			t.Errorf("Replayed(%q) = %q, want %q", tt.line, got, tt.want)
		}
	}
}
