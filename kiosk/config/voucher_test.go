package config

import (
	"strings"
	"testing"
)

func TestVoucher(t *testing.T) {
	l, err := Parse("k.toml", least)
	if err != nil || l.Voucher != nil {
		t.Fatalf("without [voucher]: %+v, %v", l.Voucher, err)
	}
	l, err = Parse("k.toml", least+"\n[voucher]\nlimit = 5000\nvalid_days = 730\n")
	if err != nil || *l.Voucher != (Voucher{Limit: 5000, ValidDays: 730}) {
		t.Errorf("voucher = %+v, %v", l.Voucher, err)
	}
	for text, want := range map[string]string{
		"limit = 0":       "voucher.limit is 0",
		"valid_days = 0":  "voucher.valid_days is 0",
		"valid_days = -1": "voucher.valid_days is -1",
		"key = 1":         "key",
	} {
		if _, err := Parse("k.toml", least+"\n[voucher]\n"+text+"\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
