package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"kassa/device/printer"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/receipt"
	"kassa/kiosk/receipt/sheet"
	"kassa/kiosk/station"
	"kassa/kiosk/words"
	"kassa/store/journal"
	"kassa/store/roster"
)

// receiptCmd is `kassa receipt`.
type receiptCmd struct {
	Config   string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Txn      string `arg:"" help:"A transaction's number, or its id such as 0421-1-000123."`
	Out      string `short:"o" placeholder:"FILE" help:"A .pdf, .png or .txt; without it text goes to standard output."`
	Language string `placeholder:"TAG" help:"Instead of the shopper's own: en, fr, ar or id."`
	Copy     int    `placeholder:"N" help:"Marks it as the duplicate with that number."`
	Link     bool   `help:"Prints where a shopper finds it at the hub, and writes no file. Who has the address has the receipt."`
}

// Run writes a transaction's receipt into a file. It is no print: the printer is
// not touched, and no duplicate is counted.
func (c *receiptCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *receiptCmd) run(ctx context.Context, stdout io.Writer) error {
	lane, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	kind := strings.ToLower(filepath.Ext(c.Out))
	if c.Out != "" && c.Out != "-" && kind != ".pdf" && kind != ".png" && kind != ".txt" {
		return fmt.Errorf("%w: -o %s: name a file that ends in .pdf, .png or .txt", errUsage, printable(c.Out))
	}
	number, err := (&replayCmd{Txn: c.Txn}).number(lane)
	if err != nil {
		return err
	}
	if c.Link {
		return printLink(ctx, lane, number, stdout)
	}
	book, err := words.New(words.Settings{Currency: lane.Currency, Decimals: lane.Decimals, Digits: lane.Digits})
	if err != nil {
		return err
	}
	if c.Language != "" && !book.Has(c.Language) {
		return fmt.Errorf("%w: --language %s: want one of %s", errUsage, printable(c.Language), strings.Join(words.Languages(), ", "))
	}
	sale, err := saleOf(ctx, lane, number)
	if err != nil {
		return err
	}
	profile, err := profileOf(lane)
	if err != nil {
		return err
	}
	what := flow.DocReceipt
	if sale.State == flow.SaleParked {
		what = flow.DocTicket
	}
	lang := sale.Language
	if c.Language != "" {
		lang = c.Language
	}
	shop, err := shopWithLogo(lane, profile)
	if err != nil {
		return err
	}
	doc := receipt.FromSale(shop, sale, what, c.Copy)
	blocks := receipt.Build(doc, book.In(lang))
	text := func(w io.Writer) error {
		_, err := io.WriteString(w, printer.Plain(blocks, profile.Columns))
		return err
	}
	switch kind {
	case ".pdf":
		return writeFile(c.Out, func(w io.Writer) error {
			return sheet.PDF(w, profile, doc.ID, doc.At, blocks, printer.OnDemand())
		})
	case ".png":
		return writeFile(c.Out, func(w io.Writer) error { return sheet.PNG(w, profile, blocks, printer.OnDemand()) })
	case ".txt":
		return writeFile(c.Out, text)
	}
	return text(stdout)
}

// printLink prints the address of a transaction's e-receipt.
func printLink(ctx context.Context, lane *config.Lane, number int64, out io.Writer) error {
	j, err := journal.OpenReader(ctx, lane.Data)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // only read
	people, err := roster.Open(ctx, lane.Data)
	if err != nil {
		return err
	}
	defer func() { _ = people.Close() }() // only read
	link := receiptLinks(lane, people.Pepper(), j.Epoch())
	if link == nil {
		return fmt.Errorf("%s: hub.receipts: is missing: add receipts = \"https://...\", where shoppers reach the hub's e-receipts", lane.File)
	}
	_, err = fmt.Fprintln(out, link(number))
	return err
}

// saleOf returns a transaction as it stands in the journal. One that has not
// ended has no receipt yet.
func saleOf(ctx context.Context, lane *config.Lane, number int64) (*flow.Sale, error) {
	j, err := journal.OpenReader(ctx, lane.Data)
	if err != nil {
		return nil, err
	}
	defer func() { _ = j.Close() }() // only read
	rules, err := station.RulesFor(lane, nil)
	if err != nil {
		return nil, err
	}
	var records []flow.Record
	for rec, err := range j.Records(ctx, number) {
		if err != nil {
			return nil, err
		}
		r, err := station.FlowRecord(rec)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("transaction %d is not in the journal: kassa export --open lists all there are", number)
	}
	s := flow.Recover(rules, flow.LaneFacts{Mode: flow.LaneOpen, LastNumber: number, Sale: number}, nil, records)
	sale := s.Sale
	if sale == nil { // it has left the screen
		sale = flow.Recover(rules, flow.LaneFacts{}, records, nil).Last
	}
	switch {
	case sale == nil || sale.Number != number:
		return nil, fmt.Errorf("transaction %d cannot be read from the journal: kassa verify says whether it is whole", number)
	case sale.State == flow.SaleOpen || sale.State == flow.SaleInDoubt:
		return nil, fmt.Errorf("transaction %d is %s: it has no receipt yet", number, sale.State)
	}
	return sale, nil
}
