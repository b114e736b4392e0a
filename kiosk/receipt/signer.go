package receipt

import (
	"kassa/kiosk/receipt/zatca"
	"kassa/kiosk/words"
)

// A Signer adds to a receipt what a country's law wants beside the figures. When
// it cannot, the receipt says so and is printed all the same: the goods are sold.
//
// No certification is implied by any Signer here.
type Signer interface {
	// Stamp returns the text of a QR code that says what the receipt says.
	Stamp(r Receipt) (string, error)
}

// SignerFor returns the Signer of a country (ISO 3166), nil where there is none.
// Decimals are those of the currency's minor unit.
func SignerFor(country string, decimals int) Signer {
	if country == "SA" {
		return saudi{decimals}
	}
	return nil
}

// saudi is ZATCA's first phase, see package zatca.
type saudi struct{ decimals int }

func (s saudi) Stamp(r Receipt) (string, error) {
	inv := zatca.Invoice{Seller: r.Shop.Name, VATNumber: r.Shop.TaxNumber, At: r.At}
	var tax int64
	for _, t := range r.Taxes {
		tax += int64(t.Tax)
	}
	total := int64(r.Total)
	if r.Refund {
		total, tax = -abs(total), -abs(tax)
	}
	inv.Total, inv.VAT = words.Decimal(total, s.decimals), words.Decimal(tax, s.decimals)
	return zatca.Code(inv)
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
