package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/cmd/app/records"
	"kassa/device/sim"
	"kassa/device/terminal"
	"kassa/kiosk/config"
	"kassa/store/fiscal"
	"kassa/store/journal"
)

// closeDay runs kassa day close and reads what it says.
func closeDay(t *testing.T, file string, again bool) closedDay {
	t.Helper()
	var out bytes.Buffer
	c := dayCloseCmd{Config: file, Again: again, Wait: 20 * time.Second, JSON: true}
	if err := c.run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	var day closedDay
	if err := json.Unmarshal(out.Bytes(), &day); err != nil {
		t.Fatalf("%s: %v", &out, err)
	}
	return day
}

// A lane that stands still is closed for the day, once; the next day goes on
// from there.
func TestDayCloseAlone(t *testing.T) {
	_, file := catalogLane(t)
	sell(t, file, func(s *seller) {
		s.sale("Milk")
		s.sale("Bread")
	})
	day := closeDay(t, file, false)
	if z := day.Z; !day.New || z.Number != 1 || z.Totals.Receipts != 2 || z.Totals.Sales != 258 || z.After.Net != 258 ||
		z.Day != "2026-11-22" || z.Transactions.Count() != 2 || len(z.Tenders) != 1 || z.Tenders[0].InMinor != 258 {
		t.Errorf("day = %+v", z)
	}
	if day.Terminal != nil || day.Paper != "this lane has no printer" {
		t.Errorf("terminal %+v, paper %q", day.Terminal, day.Paper)
	}
	if same := closeDay(t, file, false); same.New || same.Z.Number != 1 {
		t.Errorf("closed again = %+v", same.Z)
	}
	sell(t, file, func(s *seller) { s.sale("Soap") })
	if next := closeDay(t, file, false); next.Z.Number != 2 || next.Z.Totals.Sales != 129 || next.Z.After.Net != 387 ||
		next.Z.Documents.Receipts.First != 3 || next.Z.Before.Net != 258 {
		t.Errorf("second day = %+v", next.Z)
	}
	if empty := closeDay(t, file, true); empty.Z.Number != 3 || empty.Z.Totals.Receipts != 0 || empty.Z.Documents.Receipts.Count() != 0 {
		t.Errorf("empty day = %+v", empty.Z)
	}
	var out bytes.Buffer
	if err := (&dayListCmd{Config: file, Prove: true}).run(t.Context(), &out); err != nil || strings.Count(out.String(), "\n") != 4 {
		t.Errorf("list = %v\n%s", err, &out)
	}
	out.Reset()
	if err := (&dayPrintCmd{Config: file, Number: 2}).run(t.Context(), &out); err != nil || !strings.Contains(out.String(), "Day closed, Z 2") {
		t.Errorf("print = %v\n%s", err, &out)
	}
	if v, err := verifyLane(t, verifyCmd{Config: file}); err != nil || v.Days != 3 {
		t.Errorf("verify = %+v, %v, want 3 days proved", v, err)
	}
	if err := (&dayPrintCmd{Config: file, Number: 9}).run(t.Context(), &out); !errors.Is(err, fiscal.ErrNone) {
		t.Errorf("print 9 = %v", err)
	}
	sell(t, file, func(s *seller) { s.scan("Open") })
	if err := (&dayCloseCmd{Config: file, Wait: time.Second}).run(t.Context(), &out); !errors.Is(err, fiscal.ErrSale) {
		t.Errorf("close in a sale = %v, want ErrSale", err)
	}
}

// terminalLane is a lane whose only device is a simulated card terminal.
func terminalLane(t *testing.T, o sim.ZVTOptions) (file string, z *sim.ZVT) {
	t.Helper()
	z, err := sim.NewZVT("127.0.0.1:0", sim.NewClock(100), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = z.Close() })
	dir, file := catalogLane(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// A short path: a socket's is at most 108 bytes long.
	short, err := os.MkdirTemp("/tmp", "kassa")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	all := strings.Replace(string(text), `data = "data"`, `data = "`+short+`"`, 1) + "[screen]\nlisten = \"127.0.0.1:0\"\n" +
		"[terminal]\nprotocol = \"zvt\"\nport = \"tcp://" + z.Addr() + "\"\n"
	writeText(t, filepath.Join(dir, "kassa.toml"), all)
	return file, z
}

// charge lets the terminal take money behind the lane's back.
func charge(t *testing.T, file string, z *sim.ZVT) {
	t.Helper()
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	book, err := bookOf(cfg)
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDevices(cfg, book, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	evidence, err := d.card.Prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		for ctx.Err() == nil {
			if z.Tap() {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	r, err := d.card.Pay(t.Context(), terminal.Request{Key: "k", Amount: 129, Currency: currencyOf(cfg), Evidence: evidence},
		terminal.Hooks{Recorded: func(terminal.Result) error { return nil }})
	if err != nil || r.Outcome != terminal.Approved {
		t.Fatalf("charge: %+v, %v", r, err)
	}
}

// The terminal's own day is laid beside the journal's: they agree, or the
// difference is named.
func TestDayCloseTerminal(t *testing.T) {
	file, z := terminalLane(t, sim.ZVTOptions{})
	charge(t, file, z)
	sell(t, file, func(s *seller) { s.sale("Milk") })
	day := closeDay(t, file, false)
	if b := day.Terminal; b == nil || b.Verdict != fiscal.Matched || b.Answer.Count != 1 || b.Answer.Amount != 129 {
		t.Fatalf("terminal = %+v", day.Terminal)
	}
	charge(t, file, z)
	sell(t, file, func(s *seller) { s.sale("Milk"); s.sale("Bread") })
	day = closeDay(t, file, false)
	if b := day.Terminal; b == nil || b.Verdict != fiscal.Differs || b.Ours.Count != 2 || len(b.Notes) == 0 {
		t.Fatalf("terminal = %+v", day.Terminal)
	}
	if err := z.Unplug(); err != nil {
		t.Fatal(err)
	}
	sell(t, file, func(s *seller) { s.sale("Soap") })
	day = closeDay(t, file, false)
	if b := day.Terminal; day.Z.Number != 3 || b == nil || b.Verdict != fiscal.Waiting {
		t.Fatalf("without a terminal = %+v", day.Terminal)
	}
	var out bytes.Buffer
	if err := (&reportCmd{Name: "payments", Config: file, Form: records.Form{JSON: true}}).run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"matched", "differs", "not-compared"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, &out)
		}
	}
}

// A terminal that takes no payment before its day is closed closes it then: what it
// said is in the journal before anything else is asked of it, and both sides agree.
func TestDayForced(t *testing.T) {
	file, z := terminalLane(t, sim.ZVTOptions{})
	charge(t, file, z)
	sell(t, file, func(s *seller) { s.sale("Milk") })
	z.SetStatus(0xF0)
	charge(t, file, z) // closes the day of one payment, and makes another
	sell(t, file, func(s *seller) { s.sale("Bread") })
	day := closeDay(t, file, false)
	if b := day.Terminal; b == nil || b.Verdict != fiscal.Matched || b.Answer.Count != 1 || b.Ours.Count != 1 || b.Answer.Forced {
		t.Fatalf("terminal = %+v", day.Terminal)
	}
	var out bytes.Buffer
	if err := (&reportCmd{Name: "payments", Config: file, Form: records.Form{JSON: true}}).run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); strings.Count(s, `"verdict":"matched"`) < 2 || strings.Contains(s, "differs") || strings.Contains(s, "not-compared") {
		t.Errorf("the report:\n%s", s)
	}
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(cfg.Data, "*"+shelfFile+"*")); err != nil || len(left) > 0 {
		t.Errorf("left on the shelf: %v, %v", left, err)
	}
	all, err := fiscal.Batches(t.Context(), journalOf(t, cfg), time.Time{}, time.Time{})
	if err != nil || len(all) != 2 || !all[0].Answer.Forced || all[0].Answer.Z != 1 || all[0].Verdict != fiscal.Matched {
		t.Errorf("batches = %+v, %v", all, err)
	}
}

// Wherever the power goes while what the terminal said gets from the shelf into the
// journal, and whether or not the last write was kept, each answer is there once.
func TestDayForcedCrash(t *testing.T) {
	outcomes := []string{"unknown", "aborted", "approved", "unknown"}
	for _, cut := range []string{"nowhere", "journal lost", "journal kept", "shelf lost", "shelf kept"} {
		for at := range outcomes {
			t.Run(fmt.Sprint(cut, " at ", at), func(t *testing.T) {
				_, file := catalogLane(t)
				sell(t, file, func(s *seller) { s.sale("Milk") })
				cfg, err := config.Load(file)
				if err != nil {
					t.Fatal(err)
				}
				shelf := &dayShelf{data: cfg.Data, log: slog.New(slog.DiscardHandler)}
				for _, outcome := range outcomes { // nothing stands in the journal between them
					if err := shelf.add(fiscal.Answer{Outcome: outcome}); err != nil {
						t.Fatal(err)
					}
				}
				if err := takeUntil(t, cfg, shelf, cut, at); (err == nil) != (cut == "nowhere") {
					t.Fatal(err)
				}
				if err := takeUntil(t, cfg, shelf, "nowhere", 0); err != nil {
					t.Fatal(err)
				}
				all, err := fiscal.Batches(t.Context(), journalOf(t, cfg), time.Time{}, time.Time{})
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, b := range all {
					if b.Answer != nil {
						got = append(got, b.Answer.Outcome)
					}
				}
				if !slices.Equal(got, outcomes) {
					t.Errorf("on record: %q, want %q", got, outcomes)
				}
				if _, err := os.Stat(filepath.Join(cfg.Data, shelfFile)); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("the shelf is not empty: %v", err)
				}
			})
		}
	}
}

// takeUntil empties the shelf into the journal until the power goes, at one answer.
func takeUntil(t *testing.T, cfg *config.Lane, shelf *dayShelf, cut string, at int) error {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	j, err := journal.Open(ctx, cfg.Data, journal.Options{Store: cfg.Store, Lane: cfg.ID})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	defer func() {
		stop()
		if err := errors.Join(<-ended, j.Close()); err != nil {
			t.Error(err)
		}
	}()
	n := -1
	name := filepath.Join(cfg.Data, shelfFile)
	var was []byte // the shelf before it was written last
	err = shelf.take(func(a fiscal.Answer) error {
		n++
		switch {
		case n == at+1 && cut == "shelf lost":
			return errors.Join(errDark, os.WriteFile(name, was, 0o600))
		case n == at+1 && cut == "shelf kept", n == at && cut == "journal lost":
			return errDark
		}
		if was, err = os.ReadFile(name); err != nil {
			return err
		}
		if err := fiscal.Forced(ctx, fiscal.Writing{Journal: j, At: time.Now(), Clock: "synced"}, a); err != nil {
			return err
		}
		if n == at && cut == "journal kept" {
			return errDark
		}
		return nil
	})
	if err == nil && n == at { // the last one: nothing was put after it
		switch cut {
		case "shelf lost":
			return errors.Join(errDark, os.WriteFile(name, was, 0o600))
		case "shelf kept":
			return errDark
		}
	}
	return err
}

// The terminal's own report is on the day's paper, with no card number, and on its
// copies; a damaged shelf leaves no day open.
func TestDayReport(t *testing.T) {
	file, z := terminalLane(t, sim.ZVTOptions{})
	charge(t, file, z)
	sell(t, file, func(s *seller) { s.sale("Milk") })
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, filepath.Join(cfg.Data, shelfFile), "{\n")
	day := closeDay(t, file, false)
	if text := strings.Join(day.Terminal.Answer.Lines, "|"); !strings.Contains(text, "END OF DAY|payments 1|total 1.29") {
		t.Errorf("the report is %q", text)
	}
	var out bytes.Buffer
	if err := (&dayPrintCmd{Config: file, Number: 1}).run(t.Context(), &out); err != nil || !strings.Contains(out.String(), "payments 1") {
		t.Errorf("print = %v\n%s", err, &out)
	}
	lines := reportLines([]terminal.Line{
		{Text: terminal.Scrub("4111 1111")}, {Text: terminal.Scrub("1111 1111")}, {Text: terminal.Scrub(strings.Repeat("ä", 200))},
	})
	if s := strings.Join(lines[:2], ""); strings.Contains(s, "41111111") || strings.Contains(s, "4111 1111") || len(lines[2]) > maxReportWidth {
		t.Errorf("lines = %q", lines)
	}
	if n := len(reportLines(make([]terminal.Line, 5000))); n != maxReportLines {
		t.Errorf("%d lines", n)
	}
}

// A running lane closes its day between two sales, through its control socket,
// and prints no second Z when asked again.
func TestDayCloseRunning(t *testing.T) {
	t.Run("a terminal that tells its sums", func(t *testing.T) {
		closeRunning(t, sim.ZVTOptions{}, `"verdict":"matched"`, `"terminal_count":1`, "the terminal's day is open")
	})
	t.Run("one that does not", func(t *testing.T) {
		closeRunning(t, sim.ZVTOptions{NoTotals: true}, `"verdict":"not-compared"`, "its sums are not known", "does not tell")
	})
}

// closeRunning closes the day of a running lane; says is what the report of the
// open day must say before.
func closeRunning(t *testing.T, o sim.ZVTOptions, says ...string) {
	file, z := terminalLane(t, o)
	charge(t, file, z)
	sell(t, file, func(s *seller) { s.sale("Milk") })
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- runLane(ctx, cfg, slog.New(slog.DiscardHandler)) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if c, err := net.Dial("unix", controlSocket(cfg)); err == nil {
			_ = c.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the lane does not run")
		}
	}
	for _, want := range says {
		var out bytes.Buffer // asked for its sums, it closes nothing
		if err := (&reportCmd{Name: "payments", Config: file, Form: records.Form{JSON: true}}).run(t.Context(), &out); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("report of the open day = %v, without %s:\n%s", err, want, &out)
		}
	}
	day := closeDay(t, file, false)
	if day.Z.Number != 1 || !day.New || day.Terminal == nil || day.Terminal.Verdict != fiscal.Matched || !strings.HasPrefix(day.Z.By, "it") {
		t.Errorf("day = %+v, %+v", day.Z, day.Terminal)
	}
	if again := closeDay(t, file, false); again.New || again.Z.Number != 1 || again.Terminal == nil {
		t.Errorf("again = %+v", again)
	}
}

// However far closing came before the power went, there is one Z or none, and
// the next time goes on from there.
func TestDayCloseCrash(t *testing.T) {
	for _, step := range []string{fiscal.KindClosing, fiscal.KindZ, fiscal.KindAsked, fiscal.KindTerminal} {
		t.Run(step, func(t *testing.T) {
			file, z := terminalLane(t, sim.ZVTOptions{})
			charge(t, file, z)
			sell(t, file, func(s *seller) { s.sale("Milk") })
			cfg, err := config.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			closeUntil(t, cfg, step)
			if _, err := journalOf(t, cfg).Verify(t.Context(), nil); err != nil {
				t.Error(err)
			}
			day := closeDay(t, file, false)
			want := fiscal.Matched
			if step == fiscal.KindAsked {
				want = fiscal.Differs // it closed its day, and nobody heard the sums: that is said
			}
			if day.Z.Number != 1 || day.Terminal == nil || day.Terminal.Verdict != want || day.New != (step == fiscal.KindClosing) {
				t.Errorf("day = %+v, new %v, terminal %+v", day.Z, day.New, day.Terminal)
			}
			all, err := fiscal.All(t.Context(), journalOf(t, cfg))
			if err != nil || len(all) != 1 {
				t.Errorf("%d days, %v, want 1", len(all), err)
			}
		})
	}
}

func journalOf(t *testing.T, cfg *config.Lane) *journal.Reader {
	t.Helper()
	r, err := journal.OpenReader(t.Context(), cfg.Data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

var errDark = errors.New("the power went")

// closeUntil closes the day until the record of a step is on the disk, and no
// further: what is after it does not happen.
func closeUntil(t *testing.T, cfg *config.Lane, step string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	j, err := journal.Open(ctx, cfg.Data, journal.Options{Store: cfg.Store, Lane: cfg.ID})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	defer func() {
		stop()
		if err := errors.Join(<-ended, j.Close()); err != nil {
			t.Error(err)
		}
	}()
	book, err := bookOf(cfg)
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDevices(cfg, book, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c := newDayCloser(cfg, slog.New(slog.DiscardHandler), &j.Reader, d, book)
	left := map[string]int{fiscal.KindZ: 1, fiscal.KindAsked: 2, fiscal.KindTerminal: 3}[step]
	if step == fiscal.KindClosing {
		at := time.Now()
		ticket, err := j.Append(ctx, journal.Entry{At: at, Clock: "synced", Kind: step, Event: []byte(`{"by":"it"}`)})
		if err == nil {
			err = ticket.Wait(ctx)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	c.between = func(ctx context.Context, fn func(context.Context, fiscal.Writing) error) error {
		if left == 0 {
			return errDark
		}
		left--
		return fn(ctx, fiscal.Writing{Journal: j, At: time.Now(), Clock: "synced"})
	}
	if _, err := c.close(ctx, fiscal.Wish{By: "it", Day: c.today()}, false); err != nil && !errors.Is(err, errDark) {
		t.Fatal(err)
	}
}
