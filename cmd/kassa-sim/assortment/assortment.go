// Package assortment is the shelf of the workbench: articles of our own
// invention with prices, weights and drawings, the promotions among them, and
// the staff of the demo store. It writes the files a lane imports and knows
// nothing of devices or pages.
//
// Its one rule: nothing in it exists. GTINs are in GS1's range for examples
// (952), people are made up, and the files it writes are for a lane that sells
// to nobody.
package assortment

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kassa/kiosk/barcode"
)

// prefix is an example company prefix: GS1 keeps 952 for demonstrations.
const prefix = "9521234"

// An Article is one thing on the shelf.
type Article struct {
	Item             int    // item number below the company prefix; 0: produce with a PLU
	GTIN             string // 13 digits, "" with a PLU
	PLU              string
	Name, FR, AR, ID string
	Price            int64  // minor units
	Per              string // each, kg
	Tax              string
	Age              int     // years
	WeightG          float64 // of one piece; where sold by weight, of a handful
	SDG              float64 // spread of one piece's weight; not known to the lane by weight
	Deposit          int64
	Group            string
	Flags            string
	Synonyms         string
	Art              Art
}

// Art is how an article is drawn on the shelf: a shape in two tones.
type Art struct {
	Shape      string
	Main, Tone string
}

// Code returns what a scanner reads from it or what is keyed for it.
func (a Article) Code() string {
	if a.GTIN != "" {
		return a.GTIN
	}
	return a.PLU
}

// ByWeight reports whether it is sold by weight.
func (a Article) ByWeight() bool { return a.Per == "kg" }

// gtin makes a GTIN-13 of an item number, 0 to 99999.
func gtin(item int) string {
	body := fmt.Sprintf("%s%05d", prefix, item)
	sum := 0
	for i, c := range body {
		digit := int(c - '0')
		if i%2 == 1 {
			digit *= 3
		}
		sum += digit
	}
	return body + strconv.Itoa((10-sum%10)%10)
}

// WriteCatalogue writes the articles as a catalogue file.
func WriteCatalogue(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{strings.Split("gtin,plu,name,name_fr,name_ar,name_id,price_minor,per,tax,age,weight_g,weight_sd_g,tare_g,deposit_minor,group,flags,picture,synonyms", ",")}
	for _, a := range Articles() {
		weight, sd := decimal(a.WeightG), decimal(a.SDG)
		if a.ByWeight() {
			weight, sd = "", "" // each handful weighs what the scale says
		}
		rows = append(rows, []string{
			a.GTIN, a.PLU, a.Name, a.FR, a.AR, a.ID, strconv.FormatInt(a.Price, 10), a.Per, a.Tax, some(int64(a.Age)),
			weight, sd, "", some(a.Deposit), a.Group, a.Flags, picture(a), a.Synonyms,
		})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write the catalogue: %w", err)
	}
	return nil
}

func decimal(f float64) string {
	if f == 0 {
		return ""
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func some(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// picture names the lane's own drawing of an article: one for each produce, and
// one for each kind of packaged goods.
func picture(a Article) string {
	byPLU := map[string]string{
		"4011": "banana", "4128": "apple", "4012": "orange", "4053": "lemon", "4022": "grapes", "4065": "pepper", "4064": "tomato",
		"4562": "carrot", "4072": "potato", "4093": "onion", "4062": "cucumber", "4612": "ginger", "701": "roll",
	}
	byGroup := map[string]string{
		"bakery": "bread", "tins": "can", "spreads": "jar", "snacks": "crisps", "soft-drinks": "cola", "cleaning": "cleaner",
		"care": "toothpaste", "cards": "newspaper", "spirits": "spirit", "yoghurt-large": "yoghurt",
	}
	if name := byPLU[a.PLU]; name != "" {
		return name
	}
	if name := byGroup[a.Group]; name != "" {
		return name
	}
	return a.Group
}

// Promotions is the promotions file of the demo store.
const Promotions = `# Three yoghurts for the price of two, any kinds.
[[rule]]
id = "yoghurt-3for2"
name = "Yoghurt: 3 for 2"
name_fr = "Yaourts : 3 pour 2"
name_ar = "زبادي: ٣ بسعر ٢"
name_id = "Yoghurt: 3 bayar 2"
kind = "mix"
items = ["group:yoghurt"]
buy = 3
pay = 2

# Two bars of chocolate for 2.50, any kinds.
[[rule]]
id = "chocolate-2"
name = "Two chocolates 2.50"
name_fr = "Deux tablettes 2,50"
name_ar = "لوحا شوكولاتة ٢٫٥٠"
name_id = "Dua cokelat 2,50"
kind = "mix"
items = ["group:chocolate"]
buy = 2
price_minor = 250
`

// A Person is a member of the demo store's staff. PIN and badge are public: it
// is a store that sells to nobody.
type Person struct {
	Name  string `json:"name"`
	Role  string `json:"role"`
	Badge string `json:"badge"`
	PIN   string `json:"pin"`
}

// Staff returns the people of the demo store.
func Staff() []Person {
	return []Person{
		{"Amina", "attendant", barcode.StaffCode("70411"), "284915"},
		{"Bertrand", "supervisor", barcode.StaffCode("70422"), "517362"},
		{"Citra", "manager", barcode.StaffCode("70433"), "936174"},
	}
}
