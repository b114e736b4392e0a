package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"kassa/device/printer"
	"kassa/kiosk/config/strict"
	"kassa/kiosk/help"
	"kassa/kiosk/help/talk"
	"kassa/kiosk/receipt"
	"kassa/kiosk/receipt/online"
	"kassa/kiosk/web"
	"kassa/kiosk/words"
	"kassa/store/catalog"
	"kassa/store/hub"
	"kassa/store/wire"
)

// rawReceipts is about e-receipts; without the section there are none.
type rawReceipts struct {
	Days      int64    `toml:"days"`
	Address   []string `toml:"address"`
	TaxNumber string   `toml:"tax_number"`
	Country   string   `toml:"country"`
	Prices    string   `toml:"prices"`
}

// receiptDays is how long a code leads to its receipt unless the store says.
const receiptDays = 90

// receiptPrefix is where e-receipts are, on the hub's page.
const receiptPrefix = "/r/"

func (s *settings) checkReceipts(f *strict.File, raw *rawReceipts) {
	if raw == nil {
		return
	}
	if !f.Has("receipts.days") {
		raw.Days = receiptDays
	}
	if raw.Days < 1 || raw.Days > 3650 {
		f.Bad("receipts.days", "is %d, want 1 to 3650: how long a code leads to its receipt", raw.Days)
	}
	if raw.Country != "" && (len(raw.Country) != 2 || strings.ToUpper(raw.Country) != raw.Country) {
		f.Bad("receipts.country", `is %q, want two letters as in "DE"`, strict.Short(raw.Country))
	}
	if !slices.Contains([]string{"", "inclusive", "exclusive"}, raw.Prices) {
		f.Bad("receipts.prices", "is %q, want inclusive or exclusive, the same as tax.prices of the lanes", strict.Short(raw.Prices))
	}
	s.receipts = raw
}

// receiptPages makes the pages of e-receipts; nil where the store has none.
func receiptPages(s *settings, h *hub.Hub, log *slog.Logger) (*online.Site, error) {
	if s.receipts == nil {
		return nil, nil
	}
	texts, err := words.New(words.Settings{Currency: s.shop.Currency, Decimals: s.decimals, Digits: "latn"})
	if err != nil {
		return nil, fmt.Errorf("e-receipts: %w", err)
	}
	shared, err := web.Shared()
	if err != nil {
		return nil, fmt.Errorf("e-receipts: %w", err)
	}
	library := help.NewLibrary(catalog.Terms)
	shelf, err := help.Shelf()
	if err != nil {
		return nil, err
	}
	for _, a := range shelf {
		library.Add(a)
	}
	profile, err := printer.LookUp("epson-80")
	if err != nil {
		return nil, fmt.Errorf("e-receipts: %w", err)
	}
	from := &receiptSales{
		h: h, key: wire.NewReceiptKey(h.Roster().Pepper()), zone: s.location, days: int(s.receipts.Days), now: time.Now,
		shop: receipt.Shop{
			Name: s.shop.Name, Address: s.receipts.Address, TaxNumber: s.receipts.TaxNumber, Currency: s.shop.Currency,
			TaxOnTop: s.receipts.Prices == "exclusive", Signer: receipt.SignerFor(s.receipts.Country, s.decimals),
		},
	}
	return online.New(online.Options{
		Prefix: receiptPrefix, Sales: from, Desk: from, Words: texts, Help: library, Shop: s.shop.Name, Hours: s.shop.Hours,
		Shared: shared, Profile: profile, Now: time.Now, Log: log,
	})
}

// receiptSales finds sales among the rows that the hub keeps, and takes what is
// said of them to its desk.
type receiptSales struct {
	h    *hub.Hub
	key  wire.ReceiptKey
	shop receipt.Shop
	zone *time.Location
	days int
	now  func() time.Time
}

// ref is the sale that a code stands for.
func (r *receiptSales) ref(code string) (wire.ReceiptRef, error) {
	ref, ok := r.key.Read(code)
	if !ok || ref.Store != r.h.Store() {
		return ref, online.ErrUnknown
	}
	return ref, nil
}

// Sale returns the sale behind a code. One whose end has not come yet is on its
// way.
func (r *receiptSales) Sale(ctx context.Context, code string) (online.Sale, error) {
	ref, err := r.ref(code)
	if err != nil {
		return online.Sale{}, err
	}
	rows, err := r.h.Keeper().Sale(ctx, ref.Store, ref.Lane, ref.Epoch, ref.Number)
	if err != nil {
		return online.Sale{}, err
	}
	records := make([]receipt.Written, len(rows))
	for i, row := range rows {
		records[i] = receipt.Written{Event: row.Event, Facts: row.Facts}
	}
	doc, lang, err := receipt.FromRecords(r.shop, records, r.zone)
	if err != nil || doc == nil {
		return online.Sale{}, err
	}
	until := doc.At.AddDate(0, 0, r.days)
	if r.now().After(until) {
		return online.Sale{}, online.ErrUnknown
	}
	return online.Sale{Receipt: doc, Language: lang, Until: until}, nil
}

// maxMessages is how many contacts one receipt may have.
const maxMessages = 3

func callOf(ref wire.ReceiptRef, n int) string {
	return hub.OwnCall("receipt:" + strings.Join([]string{ref.Store, ref.Lane, strconv.FormatInt(ref.Number, 10), ref.Epoch}, ".") + "/" + strconv.Itoa(n))
}

// Contacts are those of a sale, with what colleagues answered.
func (r *receiptSales) Contacts(ctx context.Context, code string) (all []online.Contact, err error) {
	ref, err := r.ref(code)
	if err != nil {
		return nil, err
	}
	for n := 1; n <= maxMessages; n++ {
		s, there, err := r.h.Desk().Story(ctx, callOf(ref, n))
		if err != nil {
			return nil, err
		}
		if !there {
			break
		}
		c := online.Contact{
			N: n, Reason: s.Call.Reason, Note: s.Note, At: s.Call.RaisedAt.In(r.zone), State: s.Call.State, Outcome: s.Call.Outcome,
			Rating: s.Rating, Solved: s.Solved,
		}
		for _, t := range s.Talk {
			if t.From == talk.FromAgent {
				c.Said = append(c.Said, online.Said{Phrase: t.Phrase, Text: t.Text, Lang: t.Lang, At: t.At})
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// Raise takes a message to the desk.
func (r *receiptSales) Raise(ctx context.Context, code string, m online.Message) error {
	all, err := r.Contacts(ctx, code)
	if err != nil {
		return err
	}
	if len(all) >= maxMessages || slices.ContainsFunc(all, func(c online.Contact) bool { return c.State.Open() }) {
		return online.ErrFull
	}
	sale, err := r.Sale(ctx, code)
	if err != nil {
		return err
	}
	ref, err := r.ref(code)
	if err != nil || sale.Receipt == nil {
		return err
	}
	doc := sale.Receipt
	about := wire.Context{
		Screen: help.ChannelReceipt, Number: ref.Number, Total: int64(doc.Total), Currency: doc.Shop.Currency, Note: m.Text,
		SaleFor: int64(r.now().Sub(doc.At) / time.Second), Items: []wire.Item{},
	}
	for _, l := range doc.Lines {
		if slices.Contains(m.Lines, l.N) {
			about.Items = append(about.Items, wire.Item{N: l.N, Name: l.Name, Code: l.Number, Qty: l.Qty, Amount: int64(l.Gross), Grams: int64(l.Weight.Grams())})
		}
	}
	return r.h.Desk().AfterSale(ctx, ref.Lane, wire.CallUp{
		ID: callOf(ref, len(all)+1), Reason: string(m.Reason), Language: m.Language, RaisedAt: r.now(), Context: about,
	})
}

// Rate keeps what the shopper thinks of an answer.
func (r *receiptSales) Rate(ctx context.Context, code string, n, rating int, solved *bool) error {
	ref, err := r.ref(code)
	if err != nil {
		return err
	}
	return r.h.Desk().Rate(ctx, callOf(ref, n), rating, solved)
}
