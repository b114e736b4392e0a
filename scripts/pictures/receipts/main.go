// Command receipts makes the README's pictures of receipts:
//
//	go run ./scripts/pictures/receipts FOLDER
//
// A receipt in each language goes through the lane's own driver to the simulated
// printer over TCP, and what the printer makes of the bytes is drawn.
package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/image/draw"

	"kassa/device/link"
	"kassa/device/printer"
	"kassa/device/sim"
	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/receipt"
	"kassa/kiosk/weight"
	"kassa/kiosk/words"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: receipts FOLDER")
		os.Exit(2)
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	err := run(ctx, os.Args[1])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "receipts:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, folder string) error {
	profile, err := printer.LookUp("epson-80")
	if err != nil {
		return err
	}
	paper, err := sim.NewPrinter("127.0.0.1:0", sim.NewClock(1000), sim.PrinterOptions{})
	if err != nil {
		return err
	}
	defer func() { _ = paper.Close() }() // at the end
	up := make(chan struct{}, 1)
	p, err := printer.New(printer.Config{
		Port: "tcp://" + paper.Addr(), Profile: profile, Raster: printer.OnDemand(), Link: link.Options{},
		Status: func(s printer.Status) {
			if s.Known {
				select {
				case up <- struct{}{}:
				default:
				}
			}
		},
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { _ = p.Run(ctx) }) // ends with ctx, and its status said the rest
	defer work.Wait()
	defer cancel()
	select {
	case <-up:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for i, lang := range words.Languages() {
		if err := one(ctx, p, paper, lang, i, profile.Dots, folder); err != nil {
			return fmt.Errorf("%s: %w", lang, err)
		}
	}
	return nil
}

// one prints and draws the receipt of a language, the i-th on the paper.
func one(ctx context.Context, p *printer.Printer, paper *sim.Printer, lang string, i, dots int, folder string) error {
	digits := "latn"
	if lang == "ar" {
		digits = "arab"
	}
	book, err := words.New(words.Settings{Currency: "EUR", Decimals: 2, Digits: digits})
	if err != nil {
		return err
	}
	got, err := p.Print(ctx, lang, receipt.Build(shopping(dots), book.In(lang)))
	if err != nil {
		return err
	}
	receipts := paper.Paper().Receipts()
	if got != printer.Printed || len(receipts) != i+1 {
		return errors.New("the receipt is not on the paper")
	}
	img, err := sim.DrawPaper(receipts[i], dots)
	if err != nil {
		return err
	}
	// Half the size in 16 greys: small in the repository, and easy to read.
	half := image.NewGray(image.Rect(0, 0, img.Rect.Dx()/2, img.Rect.Dy()/2))
	draw.ApproxBiLinear.Scale(half, half.Rect, img, img.Rect, draw.Src, nil)
	var greys color.Palette
	for g := range 16 {
		greys = append(greys, color.Gray{Y: uint8(g * 17)})
	}
	small := image.NewPaletted(half.Rect, greys)
	draw.Draw(small, small.Rect, half, image.Point{}, draw.Src)
	out, err := os.Create(filepath.Join(folder, "receipt-"+lang+".png"))
	if err != nil {
		return err
	}
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	return errors.Join(enc.Encode(out, small), out.Close())
}

// shopping is a receipt with a bit of everything.
func shopping(dots int) receipt.Receipt {
	logo, err := printer.Logo(strings.NewReader(mark()), dots)
	if err != nil {
		panic(err) // unreachable: our own picture
	}
	name := func(en, fr, ar, id string) map[string]string {
		return map[string]string{"en": en, "fr": fr, "ar": ar, "id": id}
	}
	return receipt.Receipt{
		Shop: receipt.Shop{
			Name: "Kassa Market", Address: []string{"12 Rue du Port", "69002 Lyon"}, TaxNumber: "FR40303265045", Store: "0421", Lane: "1",
			Currency: "EUR", Logo: &logo,
		},
		What: flow.DocReceipt, ID: "0421-1-000123", Number: 123, Code: "0421-1-000123",
		At:    time.Date(2026, 11, 22, 14, 5, 9, 0, time.FixedZone("", 3600)),
		Clock: flow.ClockSynced,
		Lines: []receipt.Line{
			{Names: name("Whole milk 1 l", "Lait entier 1 l", "حليب كامل الدسم 1 لتر", "Susu murni 1 l"), Tax: "A", Qty: 2, Unit: 129, Gross: 258},
			{
				Names: name("Bananas", "Bananes", "موز", "Pisang"), Tax: "A", Qty: 1,
				Weight: weight.Shown{Digits: 734, Decimals: 3, Unit: weight.Kilogram}, Tare: 5, Unit: 199, Per: basket.PerKilogram, Gross: 146,
			},
			{
				Names: name("Cola 1.5 l", "Cola 1,5 l", "كولا 1.5 لتر", "Kola 1,5 l"), Tax: "B", Qty: 3, Unit: 129, Gross: 387,
				Discounts: []basket.Discount{{Rule: "3for2", Names: name("3 for 2", "3 pour 2", "3 بسعر 2", "3 harga 2"), Amount: -129}},
			},
			{Tax: "B", Qty: 3, Unit: 25, Gross: 75, Of: 3},
			{
				Names: name("Olive bread", "Pain aux olives", "خبز بالزيتون", "Roti zaitun"), Tax: "A", Qty: 1, Unit: 320, Gross: 320,
				Discounts: []basket.Discount{{Rule: basket.SetRule, Amount: -100}},
				Set:       &basket.Set{Price: 220, By: "a17", Reason: "damaged"},
			},
		},
		Savings: 229, Total: 957,
		Taxes: []receipt.Tax{
			{Class: "A", RatePPM: 55000, Net: 591, Tax: 33, Gross: 624},
			{Class: "B", RatePPM: 200000, Net: 278, Tax: 55, Gross: 333},
		},
		Tenders: []receipt.Tender{
			{Kind: "voucher", Amount: 500, Number: "V-2231-7", HasRest: true},
			{Kind: flow.TenderCard, Amount: 457, Name: "girocard", Card: "************5726", Terminal: "29001006", Receipt: "0022", Trace: "000022"},
		},
		Deeds: []receipt.Deed{{Kind: receipt.DeedAge, By: "a17"}},
	}
}

// mark is the shop's logo: a disc that fades.
func mark() string {
	const side = 140
	img := image.NewGray(image.Rect(0, 0, 2*side, side))
	for y := range side {
		for x := range 2 * side {
			img.SetGray(x, y, color.Gray{Y: 255})
			for _, at := range []int{side / 2, side, side * 3 / 2} {
				dx, dy := x-at, y-side/2
				if dx*dx+dy*dy < side*side/5 {
					img.SetGray(x, y, color.Gray{Y: uint8(20 + x*200/(2*side))})
				}
			}
		}
	}
	var b strings.Builder
	if err := png.Encode(&b, img); err != nil {
		panic(err) // unreachable: a Builder takes all
	}
	return b.String()
}
