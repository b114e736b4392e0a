package basket

import (
	"slices"

	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// Per says what an article's price is for.
type Per uint8

// What a price can be for. The zero Per is Each.
const (
	Each Per = iota
	PerKilogram
	PerPound
	Per100Grams
)

// ByWeight reports whether the price needs a weight.
func (p Per) ByWeight() bool { return p != Each }

// An Article is one thing the store sells, as the catalogue had it when it was
// looked up. It travels on the event that brought it, so that the journal holds
// what was quoted.
type Article struct {
	GTIN    string            `json:"gtin,omitempty"` // 14 digits, or "" for a PLU article
	PLU     string            `json:"plu,omitempty"`
	Item    string            `json:"item,omitempty"`   // what all codes of one article share: its first GTIN, or "plu:4011"
	Name    string            `json:"name"`             // in the lane's first language
	Names   map[string]string `json:"names,omitempty"`  // by language tag; never changed in place
	Price   money.Amount      `json:"price"`            // for one piece, pack, kg, lb or 100 g
	Member  money.Amount      `json:"member,omitempty"` // the same for members; 0: no such price
	Per     Per               `json:"per,omitempty"`
	Pack    int64             `json:"pack,omitempty"` // pieces in a pack code (GTIN*6); 0 and 1: a single piece
	Tax     string            `json:"tax,omitempty"`  // tax class id
	Age     int               `json:"age,omitempty"`  // years; 0: no limit
	MeanMg  int64             `json:"mean_mg,omitempty"`
	SDMg    int64             `json:"sd_mg,omitempty"` // both in milligrams; 0: not known
	Tare    weight.Grams      `json:"tare,omitempty"`
	Deposit money.Amount      `json:"deposit,omitempty"` // for one piece, or all of a pack
	Group   string            `json:"group,omitempty"`
	Picture string            `json:"picture,omitempty"`
	Flags   Flags             `json:"flags,omitempty"`
}

// Flags are an article's restrictions and duties.
type Flags uint8

// The flags a catalogue file can set.
const (
	NoBag         Flags = 1 << iota // too big for the bagging area
	AttendantOnly                   // not sold at self-checkout
	AskQuantity                     // the shopper is asked how many
	SaleStop                        // not sold now
	RemoveTag                       // a security tag must come off
	GiftCard                        // its price is put on a voucher when it is paid
)

// Has reports whether all of want are set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// items are the names by which items of a rule can mean the article.
func (a Article) items() []string {
	items := []string{a.key()}
	if a.GTIN != "" {
		items = append(items, a.GTIN)
	}
	if a.PLU != "" {
		items = append(items, "plu:"+a.PLU)
	}
	if a.Group != "" {
		items = append(items, "group:"+a.Group)
	}
	return items
}

// Named reports whether one of items, in the form of [ItemOf], means the article.
func (a Article) Named(items []string) bool {
	own := a.items()
	return slices.ContainsFunc(items, func(item string) bool { return slices.Contains(own, item) })
}

// key says which pieces are of the same article, whichever of its codes was
// scanned.
func (a Article) key() string {
	switch {
	case a.Item != "":
		return a.Item
	case a.GTIN != "":
		return a.GTIN
	default:
		return "plu:" + a.PLU
	}
}
