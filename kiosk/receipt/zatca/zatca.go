// Package zatca makes the QR code that Saudi Arabia asks for on simplified tax
// invoices, in its first phase ("generation"): seller, VAT number, time, total and
// VAT as tag, length and value, in base64. It is not the second phase: it signs
// nothing, chains nothing and sends nothing.
//
// Nothing here is certified, by ZATCA or by anybody; whether a shop may use it is
// for the shop and its adviser to find out.
//
// Its one rule: the code says what the receipt says, in the same figures, or there
// is none.
//
// Source: ZATCA, "Guide to develop a fatoora compliant QR code".
package zatca

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// An Invoice is what the code says. Amounts are decimal, as "115.00".
type Invoice struct {
	Seller    string
	VATNumber string // 15 figures, a 3 at either end
	At        time.Time
	Total     string // with VAT
	VAT       string
}

// The tags, in their order.
const (
	tagSeller = iota + 1
	tagVATNumber
	tagTime
	tagTotal
	tagVAT
)

// Lengths of a value, which has one byte for it, and of the whole code.
const (
	maxValue = 255
	maxCode  = 700
)

// ErrInvoice says that the code cannot be made of an invoice.
var ErrInvoice = errors.New("no ZATCA code")

// Code returns the text of the QR code: base64 of the five values. The time is
// given in UTC, to the second.
func Code(inv Invoice) (string, error) {
	switch {
	case strings.TrimSpace(inv.Seller) == "" || !utf8.ValidString(inv.Seller):
		return "", fmt.Errorf("%w: the seller has no name", ErrInvoice)
	case !vatNumber(inv.VATNumber):
		return "", fmt.Errorf("%w: VAT number %q: want 15 figures that begin and end with 3", ErrInvoice, inv.VATNumber)
	case inv.At.IsZero():
		return "", fmt.Errorf("%w: no time", ErrInvoice)
	case !decimal(inv.Total) || !decimal(inv.VAT):
		return "", fmt.Errorf("%w: total %q, VAT %q: want figures and a point", ErrInvoice, inv.Total, inv.VAT)
	}
	var b []byte
	for _, f := range []struct {
		tag   byte
		value string
	}{
		{tagSeller, inv.Seller},
		{tagVATNumber, inv.VATNumber},
		{tagTime, inv.At.UTC().Format("2006-01-02T15:04:05Z")},
		{tagTotal, inv.Total},
		{tagVAT, inv.VAT},
	} {
		if len(f.value) > maxValue {
			return "", fmt.Errorf("%w: value %d has %d bytes, want at most %d", ErrInvoice, f.tag, len(f.value), maxValue)
		}
		b = append(append(b, f.tag, byte(len(f.value))), f.value...)
	}
	code := base64.StdEncoding.EncodeToString(b)
	if len(code) > maxCode { // unreachable with the lengths above, but the guide asks
		return "", fmt.Errorf("%w: %d letters, want at most %d", ErrInvoice, len(code), maxCode)
	}
	return code, nil
}

// vatNumber reports whether s has the form of a Saudi VAT number.
func vatNumber(s string) bool {
	return len(s) == 15 && strings.Trim(s, "0123456789") == "" && s[0] == '3' && s[14] == '3'
}

func decimal(s string) bool {
	whole, part, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	return whole != "" && strings.Trim(whole+part, "0123456789") == "" && (!point || part != "")
}
