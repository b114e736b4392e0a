package scale

import (
	"fmt"

	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

const (
	mostPrice = 99_999 // five digits, which all price dialogues have
	mostTare  = 9_999

	// firstPrice is what a price-computing scale shows before it is told: as
	// little as it takes.
	firstPrice = 1
)

// SetPrice tells a price-computing scale (dialog06) the unit price, in minor
// units for a kilogram or pound, and the tare in grams, from its next weighing
// on. It shows them to the shopper beside the weight, so it must be told as soon
// as the article is known. Other protocols take no notice. Any goroutine may
// call it.
func (s *Scale) SetPrice(unit money.Amount, tare weight.Grams) error {
	if unit < 1 || unit > mostPrice {
		return fmt.Errorf("scale: unit price is %d, want 1 to %d", unit, mostPrice)
	}
	if tare < 0 || tare > mostTare {
		return fmt.Errorf("scale: tare is %d g, want 0 to %d", tare, mostTare)
	}
	s.p.price.Store(packPrice(int64(unit), int64(tare)))
	return nil
}

func packPrice(price, tare int64) int64 { return price*(mostTare+1) + tare }

func unpackPrice(packed int64) (price, tare int64) {
	if packed == 0 {
		return firstPrice, 0
	}
	return packed / (mostTare + 1), packed % (mostTare + 1)
}
