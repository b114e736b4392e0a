package zatca

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestCode(t *testing.T) {
	tests := []struct {
		name string
		inv  Invoice
		want string // base64, or the bytes
	}{
		{
			"Arabic",
			Invoice{"متجر النور", "310122393500003", time.Date(2026, 5, 13, 15, 30, 0, 0, time.UTC), "115.00", "15.00"},
			"ARPZhdiq2KzYsSDYp9mE2YbZiNixAg8zMTAxMjIzOTM1MDAwMDMDFDIwMjYtMDUtMTNUMTU6MzA6MDBaBAYxMTUuMDAFBTE1LjAw",
		},
		{
			"Latin, another zone",
			Invoice{"Bobs Records", "310122393500003", time.Date(2022, 4, 25, 18, 30, 0, 0, time.FixedZone("", 3*3600)), "1000.00", "150.00"},
			base64.StdEncoding.EncodeToString([]byte("\x01\x0cBobs Records\x02\x0f310122393500003\x03\x142022-04-25T15:30:00Z\x04\x071000.00\x05\x06150.00")),
		},
	}
	for _, tt := range tests {
		if got, err := Code(tt.inv); err != nil || got != tt.want {
			t.Errorf("%s: Code() = %s, %v, want %s", tt.name, got, err, tt.want)
		}
	}
}

func TestCodeRefuses(t *testing.T) {
	good := Invoice{"Shop", "310122393500003", time.Unix(1e9, 0), "1.00", "0.15"}
	for name, spoil := range map[string]func(*Invoice){
		"no seller":       func(i *Invoice) { i.Seller = " " },
		"seller not text": func(i *Invoice) { i.Seller = "\xff" },
		"long seller":     func(i *Invoice) { i.Seller = strings.Repeat("م", 128) },
		"VAT number":      func(i *Invoice) { i.VATNumber = "DE123456789" },
		"its ends":        func(i *Invoice) { i.VATNumber = "110122393500003" },
		"no time":         func(i *Invoice) { i.At = time.Time{} },
		"Arabic figures":  func(i *Invoice) { i.Total = "١٫٠٠" },
		"no figures":      func(i *Invoice) { i.VAT = "." },
	} {
		inv := good
		spoil(&inv)
		if got, err := Code(inv); !errors.Is(err, ErrInvoice) {
			t.Errorf("%s: Code() = %q, %v, want ErrInvoice", name, got, err)
		}
	}
	good.Seller = strings.Repeat("m", 255)
	if code, err := Code(good); err != nil || len(code) > maxCode {
		t.Errorf("the longest code has %d letters, %v", len(code), err)
	}
}
