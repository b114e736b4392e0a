package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"kassa/device/link"
	"kassa/device/printer"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/receipt"
	"kassa/kiosk/station"
	"kassa/kiosk/words"
	"kassa/store/wire"
)

func (d *devices) makePrinter() error {
	c := d.cfg.Printer
	if c == nil {
		return nil
	}
	profile, err := profileOf(d.cfg)
	if err != nil {
		return err
	}
	if d.shop, err = shopWithLogo(d.cfg, profile); err != nil {
		return err
	}
	d.printer, err = printer.New(printer.Config{
		Port: c.Port.String(), Line: c.Line.String(), Profile: profile,
		Raster: printer.OnDemand(),
		Link: link.Options{Report: func(s link.Status) {
			if !s.Up {
				d.tell(flow.DevicePrinter, false, fmt.Sprint(s.Err))
			}
		}},
		Status: func(s printer.Status) {
			why := "paper " + s.Paper.String()
			if err := s.Err(); err != nil {
				why = err.Error()
			}
			d.tell(flow.DevicePrinter, s.Err() == nil, why)
		},
		Log: d.logger(flow.DevicePrinter),
	})
	return err
}

// paper is the printer for the station; nil if there is none. Link is where an
// e-receipt is, nil: there are none.
func (d *devices) paper(link func(number int64) string) station.PaperPrinter {
	if d.printer == nil {
		return nil
	}
	return papers{printer: d.printer, shop: d.shop, words: d.words, link: link}
}

// papers puts the flow's documents on paper.
type papers struct {
	printer *printer.Printer
	shop    receipt.Shop
	words   *words.Book
	link    func(number int64) string // nil: there are no e-receipts
}

// Print prints in the shopper's language, or in English where the printer has
// neither the letters nor a font for them. What nobody knows of may be on paper.
func (p papers) Print(ctx context.Context, paper station.Paper) error {
	outcome, err := p.printer.Print(ctx, paper.Key, p.blocks(paper, paper.Sale.Language))
	if errors.Is(err, printer.ErrUnprintable) {
		outcome, err = p.printer.Print(ctx, paper.Key, p.blocks(paper, "en"))
	}
	switch outcome {
	case printer.Printed, printer.Sent:
		return nil
	case printer.Unknown:
		return fmt.Errorf("%w: %w", station.ErrPartly, err)
	case printer.NotPrinted:
	}
	return err
}

func (p papers) blocks(paper station.Paper, lang string) []printer.Block {
	doc := receipt.FromSale(p.shop, paper.Sale, paper.What, paper.Copy)
	doc.Training = paper.Training
	if p.link != nil && paper.What == flow.DocReceipt && !paper.Training {
		doc.Link = p.link(paper.Sale.Number)
	}
	if v := paper.Voucher; v != nil {
		doc.Voucher = &receipt.Voucher{Number: v.Number, Amount: v.Amount, Expires: v.Expires}
	}
	return receipt.Build(doc, p.words.In(lang))
}

func shopOf(cfg *config.Lane) receipt.Shop {
	return receipt.Shop{
		Name: cfg.Shop.Name, Address: cfg.Shop.Address, TaxNumber: cfg.Shop.TaxNumber, Store: cfg.Store, Lane: cfg.ID,
		Currency: cfg.Currency, TaxOnTop: cfg.Tax.Exclusive, Signer: receipt.SignerFor(cfg.Country, cfg.Decimals),
	}
}

// shopWithLogo is shopOf with the logo as the printer prints it, read once.
func shopWithLogo(cfg *config.Lane, profile printer.Profile) (receipt.Shop, error) {
	shop := shopOf(cfg)
	if cfg.Shop.Logo == "" {
		return shop, nil
	}
	f, err := os.Open(cfg.Shop.Logo)
	if err != nil {
		return shop, fmt.Errorf("shop.logo: %w", err)
	}
	defer f.Close()
	logo, err := printer.Logo(f, profile.Dots)
	if err != nil {
		return shop, fmt.Errorf("shop.logo: %s: %w", cfg.Shop.Logo, err)
	}
	shop.Logo = &logo
	return shop, nil
}

// profileOf is what the lane's printer can do; for a lane without one, what the
// first kind can.
func profileOf(cfg *config.Lane) (printer.Profile, error) {
	c := cfg.Printer
	if c == nil {
		return printer.LookUp(config.PrinterProfiles()[0])
	}
	own := ""
	if c.Profiles != "" {
		b, err := os.ReadFile(c.Profiles)
		if err != nil {
			return printer.Profile{}, fmt.Errorf("printer.profiles: %w", err)
		}
		own = string(b)
	}
	p, err := printer.LookUpIn(own, c.Profile)
	if err != nil {
		return printer.Profile{}, fmt.Errorf("printer.profile: %w", err)
	}
	return p, nil
}

// receiptLinks makes the addresses under which the hub shows receipts, nil where
// the lane has no such hub. They hold before the hub has the sale.
func receiptLinks(cfg *config.Lane, pepper []byte, epoch string) func(number int64) string {
	if cfg.Hub == nil || cfg.Hub.Receipts == "" {
		return nil
	}
	key := wire.NewReceiptKey(pepper)
	return func(number int64) string {
		return cfg.Hub.Receipts + "/r/" + key.Code(wire.ReceiptRef{Store: cfg.Store, Lane: cfg.ID, Number: number, Epoch: epoch})
	}
}

func (l *lane) receiptLinks() func(number int64) string {
	return receiptLinks(l.cfg, l.staff.Pepper(), l.journal.Epoch())
}

// receiptCode is the text of the code that stands for the receipt of the sale
// on the screen: what is needed to find it again.
func (l *lane) receiptCode(_ context.Context, id string) string {
	sale := l.station.Sale()
	if sale == nil || flow.SaleID(l.cfg.Store, l.cfg.ID, sale.Number) != id {
		return ""
	}
	what := flow.DocReceipt
	if sale.State == flow.SaleParked {
		what = flow.DocTicket
	}
	doc := receipt.FromSale(shopOf(l.cfg), sale, what, 0)
	if what == flow.DocTicket {
		return doc.Code
	}
	if link := l.receiptLinks(); link != nil && !l.training {
		return link(sale.Number)
	}
	return receipt.Code(receipt.Build(doc, l.words.In(sale.Language)))
}
