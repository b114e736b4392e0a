package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"kassa/cmd/app"
	"kassa/kiosk/barcode"
	"kassa/kiosk/flow"
	"kassa/store/export"
	"kassa/store/hub/keeper"
	"kassa/store/hub/tickets"
	"kassa/store/journal"
)

// parkedCmd is `kassa-hub parked`.
type parkedCmd struct {
	List parkedListCmd `cmd:"" help:"List the baskets that wait for somebody with their ticket."`
	Show parkedShowCmd `cmd:"" help:"Print a parked basket as JSON, for a till or whoever was asked: its lines, and which lane has it."`
}

// A parkedLine is what is printed of a parked basket.
type parkedLine struct {
	Ticket     string `json:"ticket"`
	Lane       string `json:"lane"` // that parked it
	ParkedAt   string `json:"parked_at"`
	TotalMinor int64  `json:"total_minor"`
	Currency   string `json:"currency"`
	TakenBy    string `json:"taken_by,omitempty"` // the lane that took it up
	TakenAt    string `json:"taken_at,omitempty"`
}

// parkedBooks are what says which baskets there are, and who has them.
type parkedBooks struct {
	*settings

	sales *keeper.Keeper
	taken map[tickets.Basket]tickets.Holder
}

func openParked(ctx context.Context, file string) (*parkedBooks, error) {
	s, err := loadSettings(file)
	if err != nil {
		return nil, err
	}
	k, err := keeper.OpenReader(ctx, s.data)
	if err != nil {
		return nil, err
	}
	b := &parkedBooks{settings: s, sales: k}
	book, err := tickets.OpenReader(ctx, s.data)
	switch {
	case errors.Is(err, fs.ErrNotExist): // no hub that gives baskets has run yet
	case err == nil:
		b.taken, err = book.Taken(ctx)
		err = errors.Join(err, book.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, k.Close())
	}
	return b, nil
}

// line says who has a basket.
func (b *parkedBooks) line(p keeper.ParkedSale) parkedLine {
	l := parkedLine{
		Ticket: p.ID, Lane: p.Lane, ParkedAt: p.At.In(b.location).Format(time.RFC3339), TotalMinor: p.Total, Currency: p.Currency,
	}
	if h, ok := b.taken[tickets.Basket{Lane: p.Lane, Epoch: p.Epoch, Number: p.Number}]; ok {
		l.TakenBy, l.TakenAt = h.Lane, h.At.In(b.location).Format(time.RFC3339)
	}
	return l
}

// parkedListCmd is `kassa-hub parked list`.
type parkedListCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	All    bool   `help:"Those that were taken up, too."`
	JSON   bool   `help:"One JSON object a line."`
}

// Run lists the parked baskets whose ticket is still good; the hub may run.
func (c *parkedListCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *parkedListCmd) run(ctx context.Context, out io.Writer) (err error) {
	b, err := openParked(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.sales.Close()) }()
	sales, err := b.sales.ParkedSince(ctx, b.store, time.Now().Add(-tickets.Kept))
	if err != nil {
		return err
	}
	var lines []parkedLine
	for _, p := range sales {
		if l := b.line(p); c.All || l.TakenBy == "" {
			lines = append(lines, l)
		}
	}
	return app.Table(out, c.JSON, lines, "TICKET\tPARKED AT\tLANE\tTOTAL, MINOR\tTAKEN BY", func(l parkedLine) []string {
		return []string{l.Ticket, l.ParkedAt, l.Lane, fmt.Sprint(l.TotalMinor, " ", l.Currency), l.TakenBy}
	})
}

// parkedShowCmd is `kassa-hub parked show`.
type parkedShowCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	Ticket string `arg:"" help:"The ticket's number, 0421-1-000123, or its code as a scanner reads it."`
}

// A parkedBasket is all of it, with the names of the export.
type parkedBasket struct {
	parkedLine

	Transaction export.Transaction `json:"transaction"`
}

// Run prints one parked basket, however old; the hub may run.
func (c *parkedShowCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *parkedShowCmd) run(ctx context.Context, out io.Writer) (err error) {
	b, err := openParked(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.sales.Close()) }()
	id := c.Ticket
	if m := barcode.Parse([]byte(id), &barcode.Options{}); m.Kind == barcode.Ticket {
		id = m.Number
	}
	lane, number, ok := tickets.SaleOf(b.store, id)
	if !ok {
		return fmt.Errorf("%w: %.60q is no ticket of store %s: want %s-LANE-NUMBER", errUsage, c.Ticket, b.store, b.store)
	}
	t, err := b.newest(ctx, lane, number)
	if err != nil {
		return err
	}
	if t == nil || t.State != flow.SaleParked {
		return fmt.Errorf("no basket of ticket %s is kept here: its rows have not come yet, or it was not parked", id)
	}
	l := b.line(keeper.ParkedSale{
		ID: t.ID, Lane: lane, Epoch: t.Epoch, Number: number, At: t.ClosedAt, Currency: t.Currency, Total: int64(t.Total),
	})
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(parkedBasket{l, export.Of(t)})
}

// newest returns the last transaction of a lane with a number, which begins anew
// with a new journal; nil: none.
func (b *parkedBooks) newest(ctx context.Context, lane string, number int64) (last *journal.Transaction, err error) {
	sales := keeper.Choice{Keeper: b.sales, Lane: lane}
	for t, err := range sales.Transactions(ctx, journal.Filter{Number: number}) {
		if err != nil {
			return nil, err
		}
		if last == nil || t.OpenedAt.After(last.OpenedAt) {
			last = t
		}
	}
	return last, nil
}
