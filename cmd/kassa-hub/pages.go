package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"kassa/kiosk/receipt/online"
	"kassa/kiosk/web"
	"kassa/kiosk/words"
	"kassa/store/hub"
	"kassa/store/hub/console"
	"kassa/store/hub/desk"
	"kassa/store/hub/reportpage"
	"kassa/store/report"
)

// pages makes what the hub serves beside its own: the attendants' console, and
// the reports behind it.
func pages(s *settings, p *policy, talks *calls, log *slog.Logger) func(*hub.Hub) (http.Handler, error) {
	return func(h *hub.Hub) (http.Handler, error) {
		book, err := console.OpenBook(context.Background(), s.data, time.Now)
		if err != nil {
			return nil, err
		}
		reports, reader, err := reportPages(s, h, log)
		if err != nil {
			return nil, errors.Join(err, book.Close())
		}
		c, err := newConsole(s, p, h, book, reports, talks, log)
		if err != nil {
			return nil, errors.Join(err, book.Close(), reader.Close())
		}
		receipts, err := receiptPages(s, h, log)
		if err != nil {
			return nil, errors.Join(err, book.Close(), reader.Close())
		}
		return &consolePages{c, receipts, book, reader}, nil
	}
}

// consolePages run with the hub and close what is theirs.
type consolePages struct {
	*console.Console

	receipts *online.Site // nil: none
	book     *console.Book
	reader   *desk.Reader
}

// ServeHTTP answers shoppers who bring a receipt's code, and else the console's
// people.
func (p *consolePages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.receipts != nil && strings.HasPrefix(r.URL.Path, receiptPrefix) {
		p.receipts.ServeHTTP(w, r)
		return
	}
	p.Console.ServeHTTP(w, r)
}

// Run serves until ctx ends.
func (p *consolePages) Run(ctx context.Context) error {
	err := p.Console.Run(ctx)
	return errors.Join(err, p.book.Close(), p.reader.Close())
}

func reportPages(s *settings, h *hub.Hub, log *slog.Logger) (http.Handler, *desk.Reader, error) {
	reader, err := desk.OpenReader(context.Background(), s.data)
	if err != nil {
		return nil, nil, err
	}
	page, err := reportpage.New("/reports", append(append(report.Hub(h.Keeper().DB()), report.Desk(reader.DB())...), h.Learned().Report(), report.Latest(h.Keeper().DB())), s.shop.Currency, log)
	if err != nil {
		return nil, nil, errors.Join(err, reader.Close())
	}
	page.Follow(h.Keeper(), 500*time.Millisecond)
	return page, reader, nil
}

func newConsole(s *settings, p *policy, h *hub.Hub, book *console.Book, reports http.Handler, talks *calls, log *slog.Logger) (*console.Console, error) {
	texts, err := words.New(words.Settings{Currency: s.shop.Currency, Decimals: s.decimals, Digits: "latn"})
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	shared, err := web.Shared()
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	o := console.Options{
		Desk: h.Desk(), Fleet: h.Fleet(), Lanes: h, Staff: h.Roster(), Book: book, Words: texts, Decimals: s.decimals, Shared: shared,
		Policy: p.Policy, Agent: h.Agent, Layout: s.shop.Layout, AtLane: s.shop.AtLane, Reports: reports, Hosts: s.hosts(),
		Store:  console.Store{Name: s.shop.Name, Hours: s.shop.Hours, Holidays: s.shop.Holidays, Notes: s.shop.Notes},
		Member: memberOf(h), Talk: h.Desk(), Zone: s.location, Log: log,
	}
	talks.attach(h)
	talks.offer(&o)
	return console.New(o)
}

// memberOf tells what a member who agreed lets attendants know.
func memberOf(h *hub.Hub) func(context.Context, string) (console.Member, bool) {
	return func(ctx context.Context, handle string) (console.Member, bool) {
		m, err := h.Members().ByHandle(ctx, handle)
		if err != nil || !m.Consent {
			return console.Member{}, false
		}
		now := time.Now()
		calls, err := h.Members().Calls(ctx, handle, time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location()))
		if err != nil {
			calls = 0
		}
		since, err := time.Parse(time.DateOnly, m.Since)
		if err != nil {
			since = time.Time{} // not known
		}
		return console.Member{Since: since, Tier: m.Tier, Calls: calls}, true
	}
}

// hosts are the names the console may be asked by, beside loopback's.
func (s *settings) hosts() []string {
	all := append([]string(nil), s.tls.Names...)
	if host, _, err := net.SplitHostPort(s.listen); err == nil && host != "" {
		all = append(all, host)
	}
	return all
}
