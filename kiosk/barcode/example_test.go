package barcode_test

import (
	"fmt"

	"kassa/kiosk/barcode"
)

func ExampleParse() {
	de, err := barcode.Country("DE")
	if err != nil {
		fmt.Println(err)
		return
	}
	lane := &barcode.Options{Today: barcode.Date{Year: 2026, Month: 11, Day: 22}, Patterns: de, Currency: "EUR"}
	for _, code := range []string{
		"4006381333931",
		"2810276146856",
		"]d201095060001343521726113010AB-12",
		barcode.TicketCode("0421-1-000123"),
		"https://example.com/menu",
	} {
		m := barcode.Parse([]byte(code), lane)
		fmt.Printf("%s %s, %d g, lot %q, %q, number %q\n", m.Kind, m.GTIN, m.NetWeightG, m.Lot, m.Expires, m.Number)
	}
	// Output:
	// article 04006381333931, 0 g, lot "", "", number ""
	// article 02810270000000, 14685 g, lot "", "", number ""
	// article 09506000134352, 0 g, lot "AB-12", "2026-11-30", number ""
	// ticket , 0 g, lot "", "", number "0421-1-000123"
	// invalid , 0 g, lot "", "", number ""
}

func ExampleParsePatterns() {
	codes, err := barcode.ParsePatterns(`
country = "DE"

[[pattern]]             # our own scale: item, verifier, price
match = "21IIIIVPPPPPC"
decimals = 2
currency = "EUR"

[[prefix]]              # member cards, an EAN-13
match = "2999"
kind = "member"

[[prefix]]              # slips of the bottle machine, text in a Code 128
match = "PFAND-"
kind = "voucher"
number = "rest"
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, code := range []string{"2112342001992", "2999000000012", "PFAND-8841"} {
		m := barcode.Parse([]byte(code), &barcode.Options{Patterns: codes})
		fmt.Printf("%s %q, %d %s, number %q\n", m.Kind, m.GTIN, m.PriceMinor, m.Currency, m.Number)
	}
	// Output:
	// article "02112340000003", 199 EUR, number ""
	// member "02999000000012", 0 , number "2999000000012"
	// voucher "", 0 , number "8841"
}
