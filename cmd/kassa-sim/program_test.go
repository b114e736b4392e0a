package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/cmd/kassa-sim/play"
	"kassa/cmd/kassa-sim/workbench"
	"kassa/device/sim"
	"kassa/store/journal"
)

var (
	boundaries = flag.Int("boundaries", 2, "at how many boundaries of a payment to cut or kill; 0: at all")
	seed       = flag.Uint64("boundary-seed", 1, "which ones")
)

// A desk is a workbench with the real program as its lane.
type desk struct {
	t     *testing.T
	dir   string
	kassa string
	bench *workbench.Bench
	world *play.Real
	url   string
}

func newDesk(t *testing.T, card string) *desk {
	t.Helper()
	dir, err := os.MkdirTemp("", "kassa") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	d := &desk{t: t, dir: dir, kassa: filepath.Join(dir, "bin", "kassa")}
	if out, err := exec.Command("go", "build", "-o", d.kassa, "kassa/cmd/kassa").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	screen := ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	d.bench, err = workbench.New(workbench.Options{
		Dir: dir, Speed: 20, Screen: screen, Kassa: d.kassa, Seed: 1, Log: slog.New(slog.DiscardHandler), Card: card,
	})
	if err != nil {
		t.Fatal(err)
	}
	server, err := workbench.NewServer(d.bench, "http://"+screen+"/")
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.bench.RunLane(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, d.bench.Close()); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		web.CloseClientConnections()
		web.Close()
	})
	d.url = "http://" + screen
	d.world = &play.Real{BenchURL: web.URL, LaneURL: d.url, Kassa: d.kassa, Config: filepath.Join(dir, "kassa.toml"), Client: &http.Client{}}
	return d
}

// play plays a script.
func (d *desk) play(script string) error {
	steps, err := play.Parse("script", script)
	if err != nil {
		return err
	}
	p := &play.Player{Name: "script", Steps: steps, World: d.world, Speed: 20}
	return p.Play(d.t.Context())
}

// run runs one of IT's commands.
func (d *desk) run(args ...string) (string, error) {
	cmd := exec.Command(d.kassa, append(args, "--config", d.world.Config)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String() + errs.String(), fmt.Errorf("kassa %s: %w: %s", strings.Join(args, " "), err, &errs)
	}
	return out.String() + errs.String(), nil
}

// await looks until ok, at most for a minute.
func (d *desk) await(what string, ok func() bool) error {
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			page, err := d.world.Page(d.t.Context())
			return fmt.Errorf("never: %s; the page is %q: %w", what, page.Screen, err)
		}
	}
	return nil
}

// screen is what the page shows, "" when there is none.
func (d *desk) screen() string {
	page, err := d.world.Page(d.t.Context())
	if err != nil {
		return ""
	}
	return page.Screen
}

const trip = `expect 60s screen start
scan 9521234001010
expect 5s line 9521234001010 qty 1 amount 129
put bag 9521234001010
expect 5s total 129
touch pay
expect 5s screen tender
`

// cardNumber passes the check that every card's number does.
const cardNumber = "5413330089010418"

// digitRuns finds what could be a card's number, also where it is set in groups.
func digitRuns(text []byte) [][]byte {
	return regexp.MustCompile(`[0-9](?:[ .-]?[0-9]){12,18}`).FindAll(text, -1)
}

func luhn(digits string) bool {
	sum, double := 0, false
	for i := len(digits) - 1; i >= 0; i-- {
		n := int(digits[i] - '0')
		if double {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum, double = sum+n, !double
	}
	return sum%10 == 0
}

// A terminal that sends the card's whole number in every field with room for it
// leaves no trace of it in anything that the program writes, shows or prints.
func TestNoCardNumberEver(t *testing.T) {
	if !luhn(cardNumber) {
		t.Fatal("the number of the test would not be found out")
	}
	d := newDesk(t, cardNumber)
	shown := &bytes.Buffer{}
	look := func(paths ...string) {
		for _, path := range paths {
			res, err := http.Get(d.url + path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := shown.ReadFrom(res.Body); err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
		}
	}
	for _, part := range []string{
		trip + "touch tender value=card\nexpect 5s screen paying\ncard decline\nexpect 15s screen tender\n" +
			"touch tender value=card\nexpect 5s screen paying\ncard cut after print-ack\ncard tap\nexpect 60s screen receipt\n",
		"touch receipt value=print\nexpect 15s paper \"1.29\"\nexpect 10s screen thanks\ntake bag all\nexpect 30s screen start\n",
	} {
		if err := d.play(part); err != nil {
			t.Fatal(err)
		}
		look("/", "/metrics", "/healthz")
	}
	for _, args := range [][]string{
		{"export", "--format", "jsonl", "-o", filepath.Join(d.dir, "out.jsonl"), "--open"},
		{"export", "--format", "csv", "-o", filepath.Join(d.dir, "csv")},
		{"day", "close", "--json"},
		{"day", "list", "--json"},
		{"report", "payments", "--json"},
		{"receipt", "1"},
		{"replay", "1"},
		{"verify"},
	} {
		out, err := d.run(args...)
		if err != nil {
			t.Error(err)
		}
		shown.WriteString(out)
	}
	paper, err := d.world.Paper(t.Context(), 0)
	if err != nil || len(paper) == 0 {
		t.Fatalf("paper: %q, %v", paper, err)
	}
	shown.WriteString(strings.Join(paper, "\n"))
	written := searchFiles(t, d.dir)
	search(t, "shown", shown.Bytes())
	if !strings.Contains(shown.String(), cardNumber[12:]) {
		t.Error("not even the last four figures are there: was the card read at all?")
	}
	if shown.Len() < 10_000 || written < 100_000 {
		t.Errorf("only %d bytes shown and %d written were searched", shown.Len(), written)
	}
}

// searchFiles searches all that lies in the desk's folder, databases with their
// logs as they stand, and returns how many bytes that was.
func searchFiles(t *testing.T, dir string) (size int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || e.IsDir() || filepath.Base(filepath.Dir(path)) == "bin" {
			return err
		}
		data, err := os.ReadFile(path)
		size += len(data)
		search(t, path, data)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return size
}

// search looks for the card's number, in whichever form, in full or but for its
// last figure.
func search(t *testing.T, where string, data []byte) {
	t.Helper()
	packed := make([]byte, 0, 8)
	for i := 0; i < len(cardNumber); i += 2 {
		packed = append(packed, (cardNumber[i]-'0')<<4|cardNumber[i+1]-'0')
	}
	if bytes.Contains(data, packed) {
		t.Errorf("%s has the card's number in packed figures", where)
	}
	for _, half := range []string{cardNumber[:10], cardNumber[4:8] + " " + cardNumber[8:10]} { // of a number on two lines
		if bytes.Contains(data, []byte(half)) {
			t.Errorf("%s has %q, half a number", where, half)
		}
	}
	for _, run := range digitRuns(data) {
		digits := regexp.MustCompile(`[^0-9]`).ReplaceAll(run, nil)
		for n := 13; n <= len(digits); n++ {
			for at := 0; at+n <= len(digits); at++ {
				one := string(digits[at : at+n])
				if strings.Contains(cardNumber, one) {
					t.Errorf("%s has %q", where, run)
					return
				}
			}
		}
	}
}

// A boundary is a moment of a payment, and what goes wrong then.
type boundary struct {
	what  string // "wire" or "kill"
	when  string
	fault string // for the terminal
	tap   bool   // the card is held to it before this happens
	kind  string // kill when the journal has such a record of this sale
}

// boundaryTable is every one: before and after each message on the wire, and
// after each record on the disk, which is before the next message.
func boundaryTable() (all []boundary) {
	for i, m := range sim.ZVTMessages() {
		tap := i >= slices.Index(sim.ZVTMessages(), "status")
		all = append(all, boundary{what: "wire", when: "after " + m, fault: "cut after " + m, tap: tap})
		if strings.HasSuffix(m, "-ack") || m == "registration" || m == "authorisation" {
			continue // the lane's own
		}
		all = append(all, boundary{what: "wire", when: "before " + m, fault: "cut before " + m, tap: tap},
			boundary{what: "kill", when: "before " + m, fault: "silent at " + m, tap: tap})
	}
	for _, kind := range []string{"touched", "charge-prepared", "charge-seen", "charged", "printed"} {
		all = append(all, boundary{what: "kill", when: "after the record " + kind, kind: kind, tap: kind != "touched" && kind != "charge-prepared"})
	}
	return all
}

// At every boundary of a payment the line is cut or the program killed. After
// that there is one charge or none, the journal says the same as the terminal,
// the shopper pays once, and at the end of the day both come to the same sum.
//
//	go test ./cmd/kassa-sim -run Boundaries -v -boundaries 0
func TestBoundaries(t *testing.T) {
	all := boundaryTable()
	if *boundaries > 0 && *boundaries < len(all) {
		rng := rand.New(rand.NewPCG(*seed, 1))
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:*boundaries]
	}
	d := newDesk(t, "")
	t.Logf("%-5s %-28s %-10s %-9s %-9s %s", "", "when", "came to", "terminal", "journal", "at the end")
	for _, b := range all {
		came, there, here, err := d.cross(b)
		end := "paid once"
		if err != nil {
			end = err.Error()
			t.Errorf("%s %s: %v", b.what, b.when, err)
		}
		t.Logf("%-5s %-28s %-10s %-9d %-9d %s", b.what, b.when, came, there, here, end)
		if err != nil {
			return
		}
	}
	d.endDay()
}

// endDay closes the day: the journal is whole, and the terminal's sum is its own.
func (d *desk) endDay() {
	d.t.Helper()
	if out, err := d.run("verify"); err != nil {
		d.t.Errorf("%v: %s", err, out)
	}
	out, err := d.run("day", "close", "--json")
	if err != nil {
		d.t.Fatal(err)
	}
	var day struct {
		Terminal struct {
			Verdict string   `json:"verdict"`
			Notes   []string `json:"notes"`
		} `json:"terminal"`
	}
	if err := json.Unmarshal([]byte(out), &day); err != nil || day.Terminal.Verdict != "matched" {
		d.t.Errorf("end of day: %+v, %v", day, err)
	}
	d.t.Logf("end of day: journal and terminal %s", day.Terminal.Verdict)
}

// cross pays one sale over a boundary. It returns where the payment came to by
// itself, and how many charges of it stood then on either side.
func (d *desk) cross(b boundary) (came string, there, here int, err error) {
	before := d.bench.State().Charges
	if err := d.play(trip); err != nil {
		return "", 0, 0, err
	}
	seq, err := d.head()
	if err != nil {
		return "", 0, 0, err
	}
	starts := d.bench.State().Lane.Starts
	if err := d.breaks(b, seq, func() error {
		return d.world.Touch(d.t.Context(), "tender", map[string]string{"value": "card"})
	}); err != nil {
		return "", 0, 0, err
	}
	if err := d.settle(b, starts); err != nil {
		return "", 0, 0, err
	}
	came = d.screen()
	there = d.bench.State().Charges - before
	if here, err = d.approved(); err != nil {
		return came, there, here, err
	}
	if there < 0 || there > 1 || there != here {
		return came, there, here, fmt.Errorf("the terminal has %d charges, the journal %d", there, here)
	}
	if err := d.finish(); err != nil {
		return came, there, here, err
	}
	if n := d.bench.State().Charges - before; n != 1 {
		return came, there, here, fmt.Errorf("%d charges in the end", n)
	}
	if n, err := d.approved(); n != 1 || err != nil {
		return came, there, here, fmt.Errorf("%d payments in the journal in the end, %w", n, err)
	}
	return came, there, here, nil
}

// breaks has the money move, as pay begins it, and lets b happen. seq is the last
// record before.
func (d *desk) breaks(b boundary, seq int64, pay func() error) error {
	goWrong := func() error {
		if b.fault == "" {
			return nil
		}
		return d.bench.Do("card " + b.fault)
	}
	if !b.tap {
		if err := goWrong(); err != nil {
			return err
		}
	}
	if err := pay(); err != nil {
		return err
	}
	if b.tap {
		if err := d.await("the terminal waits for a card", func() bool { return d.bench.State().Terminal.Waiting }); err != nil {
			return err
		}
		// Not before: what ends a registration has the same name as what ends a payment.
		if err := errors.Join(goWrong(), d.bench.Do("card tap")); err != nil {
			return err
		}
	}
	if b.kind == "printed" {
		if err := d.await("the receipt is offered", func() bool { return d.screen() == "receipt" }); err != nil {
			return err
		}
		if err := d.world.Touch(d.t.Context(), "receipt", map[string]string{"value": "print"}); err != nil {
			return err
		}
	}
	switch {
	case b.kind != "":
		if err := d.await("a record "+b.kind, func() bool { return d.has(b.kind, seq) }); err != nil {
			return err
		}
	case b.what == "kill": // until the lane is gone nothing moves then
		if err := d.await("the terminal hangs", func() bool { return d.bench.State().Terminal.Hanging != "" }); err != nil {
			return err
		}
	}
	if b.what == "kill" {
		return d.bench.Do("power cut")
	}
	return nil
}

// settle waits until the lane knows what became of the payment.
func (d *desk) settle(b boundary, starts int) error {
	if b.what == "kill" {
		if err := d.await("the lane is back", func() bool {
			s := d.bench.State().Lane
			return s.Running && s.Starts > starts && d.screen() != ""
		}); err != nil {
			return err
		}
	}
	if !b.tap && b.what == "wire" {
		// A line that breaks before the card was asked for may not stop anything.
		if err := d.await("it goes on or back", func() bool {
			return d.bench.State().Terminal.Waiting || d.screen() == "tender"
		}); err != nil {
			return err
		}
		if d.bench.State().Terminal.Waiting && d.screen() == "paying" {
			_ = d.bench.Do("card tap") // it may have stopped waiting just now
		}
	}
	return d.await("the payment is sure", func() bool {
		switch d.screen() {
		case "receipt", "thanks", "start", "tender", "basket":
			return true
		}
		return false
	})
}

// finish pays what is not paid and goes home.
func (d *desk) finish() error {
	for range 3 {
		switch d.screen() {
		case "basket":
			if err := d.play("touch pay\nexpect 5s screen tender\n"); err != nil {
				return err
			}
			fallthrough
		case "tender":
			if err := d.play("touch tender value=card\nexpect 10s screen paying\ncard tap\nexpect 60s screen receipt\n"); err != nil {
				return err
			}
			fallthrough
		case "receipt":
			if err := d.play("touch receipt value=none\n"); err != nil {
				return err
			}
		}
		if d.screen() == "thanks" || d.screen() == "start" {
			break
		}
	}
	return d.play("take bag all\nexpect 60s screen start\n")
}

// approved counts the payments of the newest sale that the journal has as made.
func (d *desk) approved() (n int, err error) {
	all, err := d.world.Export(d.t.Context())
	if err != nil || len(all) == 0 {
		return 0, err
	}
	for _, t := range all[len(all)-1].Tenders {
		if t.Result == "approved" {
			n++
		}
	}
	return n, nil
}

func (d *desk) reader() (*journal.Reader, error) {
	return journal.OpenReader(d.t.Context(), filepath.Join(d.dir, "data"))
}

func (d *desk) head() (int64, error) {
	r, err := d.reader()
	if err != nil {
		return 0, err
	}
	defer func() { _ = r.Close() }() // only read
	h, err := r.Head(d.t.Context())
	return h.Seq, err
}

// has reports whether the journal has a record of a kind after seq.
func (d *desk) has(kind string, seq int64) bool {
	r, err := d.reader()
	if err != nil {
		return false
	}
	defer func() { _ = r.Close() }() // only read
	for rec, err := range r.Since(d.t.Context(), seq) {
		if err == nil && rec.Kind == kind {
			return true
		}
	}
	return false
}
