package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"kassa/device/printer"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/receipt"
	"kassa/kiosk/words"
	"kassa/store/fiscal"
	"kassa/store/journal"
)

// dayCmd is `kassa day`.
type dayCmd struct {
	Close dayCloseCmd `cmd:"" help:"Close it: Z record, the terminal's end of day, totals printed.  kassa day close --config kassa.toml"`
	List  dayListCmd  `cmd:"" help:"The days that were closed.  kassa day list --config kassa.toml"`
	Print dayPrintCmd `cmd:"" help:"Print a closed day again.  kassa day print 12 --config kassa.toml"`
}

// dayCloseCmd is `kassa day close`.
type dayCloseCmd struct {
	Config string        `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Again  bool          `help:"Also when nothing was begun since the last time."`
	Wait   time.Duration `default:"30m" help:"For a sale on the screen to end, and for the terminal."`
	JSON   bool          `help:"One JSON object."`
}

// dayListCmd is `kassa day list`.
type dayListCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	JSON   bool   `help:"One JSON object a line, the newest first."`
	Prove  bool   `help:"Work every day out again from its transactions."`
}

// dayPrintCmd is `kassa day print`.
type dayPrintCmd struct {
	Number int64  `arg:"" help:"Of the Z record."`
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Paper  bool   `help:"On the running lane's printer."`
}

// A closedDay is what closing a day came to.
type closedDay struct {
	Z        fiscal.Z      `json:"z"`
	New      bool          `json:"new"` // false: it was closed before, and what was left of it was done
	Terminal *fiscal.Batch `json:"terminal,omitempty"`
	Paper    string        `json:"paper"` // printed, or why not
}

// Run closes the day.
func (c *dayCloseCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *dayCloseCmd) run(ctx context.Context, stdout io.Writer) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.Wait)
	defer cancel()
	if err := noDumps(); err != nil {
		return err
	}
	runs, err := journal.InUse(cfg.Data)
	if err != nil {
		return err
	}
	var day closedDay
	if runs {
		err = orderLane(ctx, cfg, "/day/close", dayOrder{By: who(), Again: c.Again}, &day)
	} else {
		day, err = closeAlone(ctx, cfg, who(), c.Again)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(stdout).Encode(day)
	}
	return showDay(stdout, cfg, day)
}

// A dayOrder is what the lane is asked for.
type dayOrder struct {
	By     string `json:"by"`
	Again  bool   `json:"again,omitempty"`
	Number int64  `json:"z,omitempty"` // to print
}

// orderLane gives the running lane an order and reads its answer.
func orderLane(ctx context.Context, cfg *config.Lane, path string, order, answer any) error {
	body, err := json.Marshal(order)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://lane"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	res, err := laneClient(cfg).Do(req)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("lane %s: not done in time: is a sale on its screen?", cfg.ID)
	case err != nil:
		return fmt.Errorf("lane %s has its data folder and does not answer (%s): it may be starting, try again", cfg.ID, controlSocket(cfg))
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(io.LimitReader(res.Body, 1000))
		return fmt.Errorf("lane %s: %s", cfg.ID, printable(string(bytes.TrimSpace(why))))
	}
	return json.NewDecoder(io.LimitReader(res.Body, 16<<20)).Decode(answer)
}

// closeAlone closes the day of a lane that does not run, holding its lock so that
// it cannot begin to meanwhile.
func closeAlone(ctx context.Context, cfg *config.Lane, by string, again bool) (day closedDay, err error) {
	if _, err := os.Stat(cfg.Data); err != nil {
		return day, fmt.Errorf("%s: lane.data: %w: the lane has not run yet", cfg.File, err)
	}
	log := slog.New(slog.DiscardHandler)
	book, err := bookOf(cfg)
	if err != nil {
		return day, err
	}
	d, err := newDevices(cfg, book, log)
	if err != nil {
		return day, err
	}
	j, err := journal.Open(ctx, cfg.Data, journal.Options{Store: cfg.Store, Lane: cfg.ID})
	if err != nil {
		return day, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	tail, err := j.Tail(ctx)
	if err != nil {
		return day, err
	}
	if tail.Lane.Sale != 0 {
		return day, fmt.Errorf("transaction %d: %w: start the lane, it takes the sale up again", tail.Lane.Sale, fiscal.ErrSale)
	}
	wctx, stop := context.WithCancel(ctx)
	ended, printed := make(chan error, 1), make(chan error, 1)
	go func() { ended <- j.Run(wctx) }()
	if d.printer != nil {
		go func() { printed <- d.printer.Run(wctx) }()
	} else {
		printed <- nil
	}
	defer func() {
		stop()
		<-printed //nolint:errcheck // being told to stop is all it can say
		err = errors.Join(err, <-ended)
	}()
	start := time.Now()
	c := newDayCloser(cfg, log, &j.Reader, d, book)
	c.between = func(ctx context.Context, fn func(context.Context, fiscal.Writing) error) error {
		now := time.Now()
		return fn(ctx, fiscal.Writing{
			Journal: j, At: now.In(cfg.Location).Round(0), Mono: now.Sub(start), Clock: string(flow.ClockUnsynced),
		})
	}
	return c.close(ctx, fiscal.Wish{By: by, Day: c.today()}, again)
}

func bookOf(cfg *config.Lane) (*words.Book, error) {
	return words.New(words.Settings{Currency: cfg.Currency, Decimals: cfg.Decimals, Digits: cfg.Digits})
}

// showDay prints a closed day as its paper, and what became of it.
func showDay(out io.Writer, cfg *config.Lane, day closedDay) error {
	book, err := bookOf(cfg)
	if err != nil {
		return err
	}
	text := printer.Plain(receipt.BuildDay(dayPaper(shopOf(cfg), day, 0), book.In("en")), 42)
	if !day.New {
		text = fmt.Sprintf("Nothing was begun since day %d was closed; with --again it is closed all the same.\n", day.Z.Number) + text
	}
	if t := day.Terminal; t != nil && t.Verdict != fiscal.Matched {
		for _, note := range t.Notes {
			text += note + "\n"
		}
	}
	_, err = fmt.Fprintf(out, "%s\npaper: %s\n", text, day.Paper)
	return err
}

// Run lists the days.
func (c *dayListCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *dayListCmd) run(ctx context.Context, stdout io.Writer) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	j, err := journal.OpenReader(ctx, cfg.Data)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // only read
	if c.Prove {
		if _, err := fiscal.Prove(ctx, j); err != nil {
			return err
		}
	}
	all, err := fiscal.All(ctx, j)
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(stdout)
		for _, z := range all {
			if err := enc.Encode(z); err != nil {
				return err
			}
		}
		return nil
	}
	book, err := bookOf(cfg)
	if err != nil {
		return err
	}
	w := book.In("en")
	var out bytes.Buffer
	fmt.Fprintf(&out, "%6s  %-10s  %-25s  %8s  %14s  %14s  %14s\n", "Z", "DAY", "CLOSED", "RECEIPTS", "SALES", "REFUNDS", "SINCE BEGINNING")
	for _, z := range all {
		fmt.Fprintf(&out, "%6d  %-10s  %-25s  %8d  %14s  %14s  %14s\n", z.Number, z.Day, z.At.Format(time.RFC3339), z.Totals.Receipts,
			w.Money(z.Totals.Sales), w.Money(z.Totals.Refunds), w.Money(z.After.Net))
	}
	_, err = stdout.Write(out.Bytes())
	return err
}

// Run prints a day again.
func (c *dayPrintCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *dayPrintCmd) run(ctx context.Context, stdout io.Writer) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	if c.Paper {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		var day closedDay
		return orderLane(ctx, cfg, "/day/print", dayOrder{By: who(), Number: c.Number}, &day)
	}
	j, err := journal.OpenReader(ctx, cfg.Data)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // only read
	day, err := dayOf(ctx, j, c.Number)
	if err != nil {
		return err
	}
	book, err := bookOf(cfg)
	if err != nil {
		return err
	}
	copies, err := fiscal.Copies(ctx, j, c.Number)
	if err != nil {
		return err
	}
	// What is read here is one more than the papers that were printed, and is not counted.
	_, err = io.WriteString(stdout, printer.Plain(receipt.BuildDay(dayPaper(shopOf(cfg), day, copies+1), book.In("en")), 42))
	return err
}

// dayOf reads a closed day, with what the terminal said.
func dayOf(ctx context.Context, j *journal.Reader, number int64) (day closedDay, err error) {
	all, err := fiscal.All(ctx, j)
	if err != nil {
		return day, err
	}
	for _, z := range all {
		if z.Number == number {
			day.Z = z
		}
	}
	if day.Z.Number == 0 {
		return day, fmt.Errorf("day %d: %w: kassa day list names those there are", number, fiscal.ErrNone)
	}
	batches, err := fiscal.Batches(ctx, j, time.Time{}, time.Time{})
	for i := range batches {
		if a := batches[i].Answer; a != nil && a.Z == number {
			day.Terminal = &batches[i]
		}
	}
	return day, err
}
