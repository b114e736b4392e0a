package assortment

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"kassa/kiosk/barcode"
)

// A Voucher is a gift card of the demo store. Its number is public: it buys
// nothing anywhere.
type Voucher struct {
	Number  string
	Balance int64  // minor units, when the store opened
	Expires string // YYYY-MM-DD, "" never
}

// Code is what its barcode says.
func (v Voucher) Code() string { return barcode.VoucherCode(v.Number) }

// Vouchers returns the gift cards that lie about in the demo store: small ones
// that pay a part, large ones that leave a remainder, and one that is too old.
func Vouchers() []Voucher {
	return []Voucher{
		{"DEMO100A", 100, ""},
		{"DEMO100B", 100, ""},
		{"DEMO100C", 100, ""},
		{"DEMO100D", 100, ""},
		{"DEMO2500A", 2500, ""},
		{"DEMO2500B", 2500, ""},
		{"DEMO500OLD", 500, "2020-12-31"},
	}
}

// Worth is its balance as people read it.
func (v Voucher) Worth() string { return fmt.Sprintf("%d.%02d EUR", v.Balance/100, v.Balance%100) }

// WriteVouchers writes them as `kassa voucher import` takes them.
func WriteVouchers(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"number", "balance_minor", "expires"}}
	for _, v := range Vouchers() {
		rows = append(rows, []string{v.Number, strconv.FormatInt(v.Balance, 10), v.Expires})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write the vouchers: %w", err)
	}
	return nil
}
