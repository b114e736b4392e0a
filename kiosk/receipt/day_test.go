package receipt

import (
	"strings"
	"testing"

	"kassa/device/printer"
	"kassa/kiosk/words"
)

// The paper of a day has what a law asks for, in every language, and a difference
// to the terminal is said.
func TestDayPaper(t *testing.T) {
	book, err := words.New(words.Settings{Currency: "EUR", Decimals: 2, Digits: "latn"})
	if err != nil {
		t.Fatal(err)
	}
	d := Day{
		Shop: Shop{Name: "Corner", TaxNumber: "12/345", Lane: "3"}, Number: 17, Day: "2026-11-22", First: "2026-11-22",
		At: "2026-11-22T22:01:00+01:00", By: "it:root", Sales: 41, Refunds: 1, SalesSum: 61234, BackSum: -350,
		Receipts: Numbers{500, 540}, Reverts: Numbers{9, 9}, Training: Numbers{3, 2},
		Taxes:   []Tax{{Class: "A", RatePPM: 70000, Net: 56901, Tax: 3983, Gross: 60884}},
		Tenders: []DayTender{{Kind: "card", In: 40, InSum: 60000, Out: 1, OutSum: -350}, {Kind: "voucher", In: 1, InSum: 1234}},
		Seen:    DayCounts{Voided: 2, Drawer: 1, Discounts: 3, DiscountSum: -150},
		Before:  1000000, After: 1060884, AllSales: 1070000, AllBack: -9116,
		Terminal: &DayTerminal{Terminal: "29001006", Closed: true, There: 42, Here: 41, ThereSum: 60000, HereSum: 59650},
		Records:  Numbers{8000, 9000}, Hash: strings.Repeat("0123456789abcdef", 4),
	}
	for _, lang := range words.Languages() {
		w := book.In(lang)
		blocks := BuildDay(d, w)
		text := printer.Plain(blocks, 42)
		for _, want := range []string{"17", "500", "540", "8000", "9000", "0123456789abcdef", "29001006", "12/345", w.Money(350), w.Money(60884), w.Money(1060884)} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the paper does not say %q:\n%s", lang, want, text)
			}
		}
		if strings.Contains(text, "day.") || strings.Contains(text, w.T("day.practice", "First", "3", "Last", "2")) {
			t.Errorf("%s:\n%s", lang, text)
		}
		if _, ok := blocks[len(blocks)-1].(printer.Cut); !ok {
			t.Errorf("%s: it is not cut", lang)
		}
	}
	d.Copy, d.Terminal.Lines = 3, []string{"END OF DAY", "card 4111 1111 1111 1111"}
	if text := printer.Plain(BuildDay(d, book.In("en")), 42); !strings.Contains(text, book.In("en").T("paper.copy", "N", int64(3))) ||
		!strings.Contains(text, "END OF DAY") || strings.Contains(text, "4111 1111 1111") {
		t.Errorf("a third copy with the terminal's report:\n%s", text)
	}
	d.Copy = 0
	d.Terminal.There, d.Terminal.ThereSum = d.Terminal.Here, d.Terminal.HereSum
	if text := printer.Plain(BuildDay(d, book.In("en")), 42); !strings.Contains(text, "Both agree.") {
		t.Errorf("they agree:\n%s", text)
	}
	d.Terminal.Closed = false
	if text := printer.Plain(BuildDay(d, book.In("en")), 42); !strings.Contains(text, "has not closed its day") {
		t.Errorf("it did not answer:\n%s", text)
	}
}
