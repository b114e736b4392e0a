package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"kassa/device/printer"
	"kassa/device/terminal"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/receipt"
	"kassa/kiosk/words"
	"kassa/store/fiscal"
	"kassa/store/journal"
)

// A dayCloser closes business days, on order and by the clock. It goes through
// the steps that package fiscal names, so that whoever finds a day half closed
// can go on.
type dayCloser struct {
	cfg     *config.Lane
	log     *slog.Logger
	journal *journal.Reader
	card    dayTerminal // nil: there is none
	shelf   *dayShelf
	printer *printer.Printer
	shop    receipt.Shop
	words   *words.Book
	// between does something between two sales.
	between func(context.Context, func(context.Context, fiscal.Writing) error) error

	practice bool // the running lane practises

	mu sync.Mutex // held while a day is closed
}

// A dayTerminal closes its own day.
type dayTerminal interface {
	EndOfDay(ctx context.Context) (terminal.Totals, error)
	Totals(ctx context.Context) (terminal.Totals, error)
}

// How long the outside may take.
const (
	endOfDayWait = 3 * time.Minute // a terminal that sends its payments to a slow host
	dayPaperWait = 40 * time.Second
	dayLookEvery = 30 * time.Second
	owedEvery    = 10 * time.Minute
)

func newDayCloser(cfg *config.Lane, log *slog.Logger, j *journal.Reader, d *devices, book *words.Book) *dayCloser {
	c := &dayCloser{cfg: cfg, log: log, journal: j, printer: d.printer, shop: d.shop, words: book, shelf: d.shelf}
	if d.card != nil {
		c.card = d.card
	}
	return c
}

// newDayCloser is the running lane's.
func (l *lane) newDayCloser() *dayCloser {
	c := newDayCloser(l.cfg, l.log, &l.journal.Reader, l.devices, l.words)
	c.between, c.practice = l.station.Between, l.training
	return c
}

// today is the business day as it is now.
func (c *dayCloser) today() string {
	return fiscal.BusinessDay(time.Now().In(c.cfg.Location), c.cfg.DayEnds)
}

// close closes the day. When nothing was begun since the last one, and again is
// not set, no other is closed: what the last one left undone is done.
func (c *dayCloser) close(ctx context.Context, wish fiscal.Wish, again bool) (day closedDay, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.forced(ctx); err != nil {
		return day, fmt.Errorf("day close: %w", err)
	}
	training, err := c.training(ctx)
	if err != nil {
		return day, err
	}
	o := fiscal.Order{Wish: wish, Currency: c.cfg.Currency, Asks: c.card != nil, Training: training}
	err = c.between(ctx, func(ctx context.Context, w fiscal.Writing) error {
		last, err := fiscal.Last(ctx, c.journal)
		if err != nil && !errors.Is(err, fiscal.ErrNone) {
			return err
		}
		if err == nil && !again && !wish.Auto {
			idle, err := fiscal.Idle(ctx, c.journal, last)
			if err != nil {
				return err
			}
			if idle {
				day.Z = last
				return nil
			}
		}
		day.New = true
		day.Z, err = fiscal.Close(ctx, w, o)
		return err
	})
	if err != nil {
		return day, fmt.Errorf("day close: %w", err)
	}
	if day.New {
		c.log.InfoContext(ctx, "day closed", "z", day.Z.Number, "day", day.Z.Day, "receipts", day.Z.Totals.Receipts, "journal", day.Z.Seq)
	}
	asked, err := c.settle(ctx)
	if err != nil {
		return day, err
	}
	day.Terminal = asked
	if asked == nil && day.Z.Asks {
		if was, err := dayOf(ctx, c.journal, day.Z.Number); err == nil {
			day.Terminal = was.Terminal
		}
	}
	day.Paper = "not printed again"
	if day.New || asked != nil {
		day.Paper = c.paper(ctx, day, !day.New)
	}
	return day, nil
}

// settle lets the terminal close its day, if it owes that; nil: it does not.
func (c *dayCloser) settle(ctx context.Context) (*fiscal.Batch, error) {
	if c.card == nil {
		return nil, nil
	}
	if err := c.forced(ctx); err != nil {
		return nil, err
	}
	z, err := fiscal.Owed(ctx, c.journal)
	if errors.Is(err, fiscal.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var a fiscal.Answer
	if err := c.between(ctx, func(ctx context.Context, w fiscal.Writing) (err error) {
		a, err = fiscal.Ask(ctx, w, z.Number)
		return err
	}); err != nil {
		return nil, err
	}
	tctx, cancel := context.WithTimeout(ctx, endOfDayWait)
	totals, said := c.card.EndOfDay(tctx)
	cancel()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx) // it is asked again
	}
	heard(&a, totals, said)
	// The answer waits for the next gap: no record of ours stands inside a sale.
	if err := c.between(ctx, func(ctx context.Context, w fiscal.Writing) error { return fiscal.Answered(ctx, w, a) }); err != nil {
		return nil, err
	}
	b, err := fiscal.Compare(ctx, c.journal, a)
	if err != nil {
		return nil, err
	}
	c.log.InfoContext(ctx, "terminal's day", "z", z.Number, "outcome", a.Outcome, "verdict", string(b.Verdict), "why", a.Why)
	return &b, nil
}

// heard fills in what the terminal said.
func heard(a *fiscal.Answer, t terminal.Totals, err error) {
	a.Outcome, a.Terminal, a.Trace, a.Date, a.Time = t.Outcome.String(), t.TerminalID, t.Trace, t.Date, t.Time
	a.First, a.Last, a.Count, a.Amount = t.First, t.Last, t.Count, t.Amount
	if a.Outcome == "" {
		a.Outcome = terminal.Unknown.String()
	}
	if err != nil {
		a.Why = terminal.Scrub(printable(err.Error())).String()
	}
	a.Lines = reportLines(t.Lines)
	for _, s := range t.ByCard {
		a.ByCard = append(a.ByCard, fiscal.CardSum{Name: terminal.Scrub(s.Name).String(), Count: s.Count, Amount: s.Amount})
	}
}

// Bounds of a terminal's report in the journal.
const (
	maxReportLines = 300
	maxReportWidth = 120 // bytes
)

// reportLines are the lines of a terminal's report, with no card number in any of
// them or over the end of one.
func reportLines(printed []terminal.Line) []string {
	printed = slices.Clone(printed[:min(len(printed), maxReportLines)])
	terminal.ScrubLines(printed)
	lines := make([]string, 0, len(printed))
	for _, l := range printed {
		text := printable(l.Text.String())
		if len(text) > maxReportWidth {
			text = strings.ToValidUTF8(text[:maxReportWidth], "")
		}
		lines = append(lines, text)
	}
	return lines
}

// training is how many receipts the training journal has given out.
func (c *dayCloser) training(ctx context.Context) (n int64, err error) {
	file := filepath.Join(c.cfg.Data, trainingFile)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	r, err := journal.OpenFile(ctx, file)
	if err != nil {
		return 0, err
	}
	defer func() { _ = r.Close() }() // only read
	return fiscal.Papers(ctx, r)
}

// paper prints a day and says what became of that.
func (c *dayCloser) paper(ctx context.Context, day closedDay, again bool) string {
	if c.printer == nil {
		return "this lane has no printer"
	}
	pctx, cancel := context.WithTimeout(ctx, dayPaperWait)
	defer cancel()
	key := fmt.Sprintf("%s/z%d", day.Z.Epoch, day.Z.Number)
	if again {
		key += time.Now().Format("/150405.000")
	}
	copied := int64(0)
	if again {
		err := c.between(pctx, func(ctx context.Context, w fiscal.Writing) (err error) {
			copied, err = fiscal.Copy(ctx, w, day.Z.Number)
			return err
		})
		if err != nil {
			return fmt.Sprintf("not printed: %v", err)
		}
	}
	paper := dayPaper(c.shop, day, copied)
	outcome, err := c.printer.Print(pctx, key, receipt.BuildDay(paper, c.words.In(c.cfg.Languages[0])))
	if errors.Is(err, printer.ErrUnprintable) {
		outcome, err = c.printer.Print(pctx, key, receipt.BuildDay(paper, c.words.In("en")))
	}
	if err != nil {
		c.log.WarnContext(ctx, "day not printed", "z", day.Z.Number, "outcome", outcome.String(), "err", err)
		return fmt.Sprintf("%s: %v: kassa day print %d --paper prints it", outcome, err, day.Z.Number)
	}
	return "printed"
}

// order closes the day for whoever asks at the control socket.
func (c *dayCloser) order(w http.ResponseWriter, r *http.Request) {
	var o dayOrder
	err := json.NewDecoder(io.LimitReader(r.Body, 1000)).Decode(&o)
	var day closedDay
	if err == nil && c.practice {
		err = errors.New("the lane practises, and practice has no business day: end the practice first")
	}
	if err == nil {
		day, err = c.close(r.Context(), fiscal.Wish{By: o.By, Day: c.today()}, o.Again)
	}
	reply(w, day, err)
}

// orderPaper prints a closed day again.
func (c *dayCloser) orderPaper(w http.ResponseWriter, r *http.Request) {
	var o dayOrder
	err := json.NewDecoder(io.LimitReader(r.Body, 1000)).Decode(&o)
	var day closedDay
	if err == nil {
		day, err = dayOf(r.Context(), c.journal, o.Number)
	}
	if err == nil {
		if day.Paper = c.paper(r.Context(), day, true); day.Paper != "printed" {
			err = errors.New(day.Paper)
		}
	}
	reply(w, day, err)
}

// reply answers an order of the control socket.
func reply(w http.ResponseWriter, answer any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // who has gone needs no answer
}

// run closes days by the clock, where the lane is told to, and does what a day
// closed before has left undone.
func (c *dayCloser) run(ctx context.Context, ready <-chan struct{}) error {
	select {
	case <-ready:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	look := time.NewTicker(dayLookEvery)
	defer look.Stop()
	last, err := fiscal.Last(ctx, c.journal)
	if err != nil && !errors.Is(err, fiscal.ErrNone) {
		return err
	}
	owed := time.Time{}
	for {
		if last, err = c.byClock(ctx, last); err != nil && ctx.Err() == nil {
			c.log.WarnContext(ctx, "day not closed", "err", err)
		}
		if c.card != nil && time.Since(owed) >= owedEvery && c.mu.TryLock() {
			owed = time.Now()
			if _, err := c.settle(ctx); err != nil && ctx.Err() == nil {
				c.log.WarnContext(ctx, "terminal's day not closed", "err", err)
			}
			c.mu.Unlock()
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// byClock closes the day before today if it is due, and returns the newest.
func (c *dayCloser) byClock(ctx context.Context, last fiscal.Z) (fiscal.Z, error) {
	now := time.Now()
	if !c.cfg.DayAuto || now.Year() < 2026 { // a board without a clock battery waits for the time
		return last, nil
	}
	due, err := fiscal.Due(ctx, c.journal, last, c.today())
	if err != nil || !due {
		return last, err
	}
	newest, err := fiscal.Last(ctx, c.journal) // somebody may have closed it by hand
	if err == nil && newest.Number != last.Number {
		return newest, nil
	}
	yesterday := fiscal.BusinessDay(now.In(c.cfg.Location), c.cfg.DayEnds+24*time.Hour)
	day, err := c.close(ctx, fiscal.Wish{By: "lane", Auto: true, Day: yesterday}, false)
	if day.New && day.Z.Seq > 0 {
		last = day.Z
	}
	return last, err
}

// dayPaper is a closed day as its paper says it; copied is the copy's number, 0 for
// the original.
func dayPaper(shop receipt.Shop, day closedDay, copied int64) receipt.Day {
	z := day.Z
	d := receipt.Day{
		Shop: shop, Number: z.Number, Day: z.Day, First: z.First, At: z.At.Format(time.RFC3339), By: z.By, Copy: copied,
		Sales: z.Totals.Receipts, Refunds: z.Totals.Reverts, SalesSum: z.Totals.Sales, BackSum: z.Totals.Refunds,
		Rounding: z.Totals.Rounding, Receipts: receipt.Numbers(z.Documents.Receipts), Reverts: receipt.Numbers(z.Documents.Refunds),
		Training: receipt.Numbers(z.Documents.Training), Records: receipt.Numbers(z.Records), Hash: z.Hash,
		Before: z.Before.Net, After: z.After.Net, AllSales: z.After.Sales, AllBack: z.After.Refunds,
		Seen: receipt.DayCounts{
			Voided: z.Counts.Voided, Abandoned: z.Counts.Abandoned, Parked: z.Counts.Parked, LinesOff: z.Counts.LinesOff,
			Overrides: z.Counts.Overrides, Discounts: z.Counts.PriceCut, DiscountSum: z.Counts.CutMinor,
			Attention: z.Counts.Attention, Drawer: z.Counts.Drawer, Declined: z.Counts.Declined,
		},
	}
	for _, t := range z.Totals.Taxes {
		d.Taxes = append(d.Taxes, receipt.Tax{Class: t.Tax, RatePPM: t.RatePPM, Net: t.Net, Tax: t.TaxPart, Gross: t.Gross})
	}
	for _, t := range z.Tenders {
		d.Tenders = append(d.Tenders, receipt.DayTender{Kind: flow.TenderKind(t.Kind), In: t.In, Out: t.Out, InSum: t.InMinor, OutSum: t.OutMinor})
	}
	if b := day.Terminal; b != nil {
		d.Terminal = &receipt.DayTerminal{Here: int64(b.Ours.Count), HereSum: b.Ours.Amount}
		if a := b.Answer; a != nil && a.Outcome == terminal.Approved.String() {
			d.Terminal.Closed, d.Terminal.Terminal = true, a.Terminal
			d.Terminal.There, d.Terminal.ThereSum, d.Terminal.Lines = int64(a.Count), a.Amount, a.Lines
		}
	}
	return d
}
