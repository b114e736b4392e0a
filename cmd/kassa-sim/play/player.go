package play

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// How patient a player is, in real time: the lane's own times do not shrink as
// a script's do, and a slow machine is not a wrong one.
const (
	patience   = 8 * time.Second        // until an act fits
	expectWait = 3 * time.Second        // when a line says no time
	powerWait  = 30 * time.Second       // until a lane without power is back
	importWait = 10 * time.Second       // until a lane has seen an import
	lookPace   = 40 * time.Millisecond  // between two looks at a page
	exportPace = 150 * time.Millisecond // between two exports
	actPace    = 400 * time.Millisecond // after each act, at speed 1
)

// A Player plays one script. Its fields are set before Play and left alone.
type Player struct {
	Name  string // of the script, for messages
	Steps []Step
	World World
	Speed int        // divides waits and pauses; below 1 counts as 1
	Say   func(Step) // told each step before it is played; nil: nobody

	base    baseline
	hurried func() bool // true: stop waiting, the world has changed; nil: never
}

// baseline is what was there before the script.
type baseline struct {
	charges int
	kept    int64 // by the cash machine
	paper   int   // number of the next line to be printed
	txn     int64 // number of the newest transaction that was over
}

// A MissedError is an expectation that did not hold.
type MissedError struct {
	File          string
	Line          int
	Expected, Saw string
}

// Error returns FILE:LINE: expected ..., saw ...
func (m *MissedError) Error() string {
	return fmt.Sprintf("%s:%d: expected %s, saw %s", m.File, m.Line, m.Expected, m.Saw)
}

// Play plays the script to its end or its first fault: a *[MissedError], or an error
// that begins with FILE:LINE.
func (p *Player) Play(ctx context.Context) error {
	if err := p.begin(ctx); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	for _, s := range p.Steps {
		if err := p.play(ctx, s); err != nil {
			return p.at(s, err)
		}
	}
	return nil
}

// at puts file and line before an error that lacks them.
func (p *Player) at(s Step, err error) error {
	if _, ok := errors.AsType[*MissedError](err); ok {
		return err
	}
	return fmt.Errorf("%s:%d: %s: %w", p.Name, s.Line, s.Text, err)
}

// begin waits for the lane's page and notes what is there already.
func (p *Player) begin(ctx context.Context) error {
	p.Speed = max(1, p.Speed)
	if err := p.awaitPage(ctx); err != nil {
		return err
	}
	bench, err := p.World.Bench(ctx)
	if err != nil {
		return fmt.Errorf("workbench: %w", err)
	}
	p.base.charges, p.base.kept = bench.Charges, bench.Cash.Kept
	p.base.paper = bench.Paper.Count
	if !p.exports() {
		return nil
	}
	all, err := p.World.Export(ctx)
	if err != nil {
		return err
	}
	p.base.txn = newestOver(all)
	return nil
}

// newestOver returns the number of the newest transaction that is over: one that
// is still going on belongs to the script that finds it.
func newestOver(all []Txn) int64 {
	var n int64
	for _, t := range all {
		if t.State != "open" && t.State != "in-doubt" {
			n = max(n, t.Number)
		}
	}
	return n
}

// exports reports whether the script asks for what only the export tells.
func (p *Player) exports() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool {
		e, ok := s.Do.(Expect)
		return ok && (e.What == "txn" || e.What == "call")
	})
}

// awaitPage waits until the shopper's page answers.
func (p *Player) awaitPage(ctx context.Context) error {
	return p.until(ctx, powerWait, lookPace, func() (bool, error) {
		_, err := p.World.Page(ctx)
		if err != nil {
			return false, fmt.Errorf("shopper's page: %w", err)
		}
		return true, nil
	})
}

// until tries until try says true, at most for a time; the error is try's last.
// A power cut ends it too.
func (p *Player) until(ctx context.Context, within, pace time.Duration, try func() (bool, error)) error {
	hurried := p.hurried
	if hurried == nil {
		hurried = func() bool { return false }
	}
	return tryUntil(ctx, within, pace, try, hurried)
}

// steadily is until, whatever happens to the power.
func (p *Player) steadily(ctx context.Context, within, pace time.Duration, try func() (bool, error)) error {
	return tryUntil(ctx, within, pace, try, func() bool { return false })
}

func tryUntil(ctx context.Context, within, pace time.Duration, try func() (bool, error), hurried func() bool) error {
	deadline := time.Now().Add(within)
	for {
		ok, err := try()
		if ok {
			return nil
		}
		if time.Now().After(deadline) || hurried() {
			return err
		}
		if err := sleep(ctx, pace); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// play does one step.
func (p *Player) play(ctx context.Context, s Step) error {
	if p.Say != nil {
		p.Say(s)
	}
	switch act := s.Do.(type) {
	case Wait:
		return sleep(ctx, act.For/time.Duration(p.Speed))
	case Expect:
		return p.expect(ctx, s, act)
	case Touch:
		if err := p.patiently(ctx, patience, func() error { return p.World.Touch(ctx, act.Act, act.Fields) }); err != nil {
			return err
		}
	case Bench:
		if err := p.patiently(ctx, patience, func() error { return p.World.Do(ctx, s.Text) }); err != nil {
			return err
		}
		if act.Verb == "power" {
			return p.awaitPower(ctx)
		}
	case Import:
		return p.importFile(ctx, act)
	default: // unreachable: Act is closed
		return fmt.Errorf("no way to play %T", act)
	}
	return sleep(ctx, actPace/time.Duration(p.Speed))
}

// importFile takes a file in and waits until the lane knows: then it sells by
// it, or will as soon as the basket that is being filled has ended.
func (p *Player) importFile(ctx context.Context, act Import) error {
	file := act.File
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(p.Name), file)
	}
	version, err := p.World.Import(ctx, file, act.Delta)
	if err != nil {
		return err
	}
	return p.until(ctx, importWait, lookPace, func() (bool, error) {
		known, err := p.World.Catalogue(ctx)
		if err == nil && known < version {
			err = fmt.Errorf("the lane has not seen version %d of the catalogue: it knows %d", version, known)
		}
		return err == nil, err
	})
}

// patiently does what may not fit yet, as a shopper waits for a button.
func (p *Player) patiently(ctx context.Context, within time.Duration, do func() error) error {
	var hard error
	err := p.until(ctx, within, lookPace, func() (bool, error) {
		err := do()
		if err != nil && !errors.Is(err, ErrNotNow) && !noAnswer(err) {
			hard = err
			return true, nil
		}
		return err == nil, err
	})
	return errors.Join(hard, err)
}

// awaitPower waits until the lane, cut off just now, shows its page again.
func (p *Player) awaitPower(ctx context.Context) error {
	if err := sleep(ctx, lookPace); err != nil { // the old process may still answer
		return err
	}
	return p.awaitPage(ctx)
}

// expect looks until what is expected is seen, or its time is over.
func (p *Player) expect(ctx context.Context, s Step, e Expect) error {
	within := e.Within
	if within == 0 {
		within = expectWait
	}
	pace := lookPace
	if e.What == "txn" || e.What == "call" {
		pace = exportPace
	}
	return p.until(ctx, within, pace, func() (bool, error) {
		ok, saw, err := p.see(ctx, e)
		if err != nil {
			saw = "nothing: " + err.Error()
		} else if ok != e.Not {
			return true, nil
		}
		return false, &MissedError{p.Name, s.Line, expected(s), saw}
	})
}

// expected is what a step expects, without the time.
func expected(s Step) string {
	words, err := split(s.Text)
	if err != nil || len(words) < 2 { // unreachable: it was parsed
		return s.Text
	}
	words = words[1:]
	if isTime(words[0]) {
		words = words[1:]
	}
	return strings.Join(quoted(words), " ")
}

// see looks once: whether it is there, and what is there instead.
func (p *Player) see(ctx context.Context, e Expect) (ok bool, saw string, err error) {
	switch e.What {
	case "screen", "hint", "line", "total":
		page, err := p.World.Page(ctx)
		if err != nil {
			return false, "", err
		}
		ok, saw = page.sees(e)
		return ok, saw, nil
	case "paper":
		lines, err := p.World.Paper(ctx, p.base.paper)
		if err != nil {
			return false, "", err
		}
		ok, saw = seesPaper(e, lines)
		return ok, saw, nil
	case "lamp", "charges", "kept":
		bench, err := p.World.Bench(ctx)
		if err != nil {
			return false, "", err
		}
		ok, saw = p.base.sees(e, bench)
		return ok, saw, nil
	default: // txn, call
		all, err := p.World.Export(ctx)
		if err != nil {
			return false, "", err
		}
		ok, saw = p.base.seesTxn(e, all)
		return ok, saw, nil
	}
}

// sees tells what the page shows of what is expected.
func (g Page) sees(e Expect) (ok bool, saw string) {
	switch e.What {
	case "screen":
		return g.Screen == e.Name, "screen " + g.Screen
	case "hint":
		if len(g.Hints) == 0 {
			return false, "no hint on screen " + g.Screen
		}
		return slices.Contains(g.Hints, e.Name), "hint " + strings.Join(g.Hints, ", ")
	case "total":
		if !g.HasTotal {
			return false, "no total on screen " + g.Screen
		}
		return g.Total == e.Count, fmt.Sprintf("total %d", g.Total)
	}
	var shown []string
	for _, l := range g.Lines {
		text := fmt.Sprintf("line %s qty %d amount %d", short(l), l.Qty, l.Amount)
		shown = append(shown, text)
		if l.Is(e.Name) && (e.Qty < 0 || l.Qty == e.Qty) && (e.Amount == NoAmount || l.Amount == e.Amount) {
			return true, text
		}
	}
	if len(shown) == 0 {
		return false, "no line on screen " + g.Screen
	}
	return false, strings.Join(shown, "; ")
}

// short is the code a person would say for a line.
func short(l PageLine) string {
	if strings.TrimLeft(l.GTIN, "0") == "" {
		return l.PLU
	}
	return strings.TrimLeft(l.GTIN, "0")
}

// sees tells what is new at the workbench of what is expected.
func (b baseline) sees(e Expect, now BenchState) (ok bool, saw string) {
	if e.What == "lamp" {
		return now.Lamp == e.Name, "lamp " + now.Lamp
	}
	if e.What == "kept" {
		n := now.Cash.Kept - b.kept
		return n == e.Count, fmt.Sprintf("kept %d", n)
	}
	n := int64(now.Charges - b.charges)
	return n == e.Count, fmt.Sprintf("charges %d", n)
}

// seesPaper tells what the paper reads of what is expected.
func seesPaper(e Expect, lines []string) (ok bool, saw string) {
	var last string
	for _, line := range lines {
		if strings.Contains(line, e.Name) {
			return true, fmt.Sprintf("paper %q", line)
		}
		if strings.TrimSpace(line) != "" {
			last = line
		}
	}
	if last == "" {
		return false, "no paper"
	}
	return false, fmt.Sprintf("paper that ends with %q", last)
}

// newest returns the newest transaction since the script began, or that was going
// on then.
func (b baseline) newest(all []Txn) (Txn, bool) {
	var t Txn
	for _, one := range all {
		if one.Number > b.txn && one.Number >= t.Number {
			t = one
		}
	}
	return t, t.Number > 0
}

// seesTxn tells what the export says of the newest transaction.
func (b baseline) seesTxn(e Expect, all []Txn) (ok bool, saw string) {
	t, found := b.newest(all)
	if !found {
		return false, "no transaction"
	}
	if e.What == "txn" {
		return t.State == e.Name, "txn " + t.State
	}
	var open []string
	for _, i := range t.Interventions {
		if i.SettledAt == "" {
			open = append(open, i.Kind)
		}
	}
	for _, c := range t.Calls {
		if c.EndedAt == "" {
			open = append(open, c.Reason)
		}
	}
	if len(open) == 0 {
		return false, "no open call"
	}
	return slices.Contains(open, e.Name), "call " + strings.Join(open, ", ")
}
