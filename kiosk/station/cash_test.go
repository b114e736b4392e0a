package station_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kassa/kiosk/basket"
	"kassa/kiosk/config"
	"kassa/kiosk/money"
	"kassa/kiosk/station"
)

// From kassa.toml down to the basket: what a total is when it is paid in coins.
func TestCashStep(t *testing.T) {
	tests := []struct {
		currency, line string
		total, coins   money.Amount
	}{
		{"EUR", "", 1233, 1233}, // coins of a cent
		{"EUR", "cash_step = 5", 1232, 1230},
		{"EUR", "cash_step = 5", 1233, 1235},
		{"CHF", "", 1232, 1230},
		{"CHF", "", 1233, 1235},
		{"CHF", "cash_step = 1", 1233, 1233},
		{"SEK", "", 1249, 1200},
		{"SEK", "", 1250, 1300}, // a half goes up
		{"DKK", "", 1224, 1200},
		{"DKK", "", 1225, 1250},
		{"NZD", "", 1234, 1230},
		{"HUF", "", 123_400, 123_500},
		{"JPY", "", 123, 123},
		{"KWD", "cash_step = 5", 1233, 1235}, // three decimals
		{"IDR", "cash_step = 10000", 1_234_500, 1_230_000},
	}
	for _, tt := range tests {
		file := filepath.Join(t.TempDir(), "kassa.toml")
		text := fmt.Sprintf("[lane]\nid = \"1\"\nstore = \"1\"\ncountry = \"DE\"\ntimezone = \"Europe/Berlin\"\ncurrency = %q\ndata = \"d\"\n[tax]\n%s\n",
			tt.currency, tt.line)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		rules, err := station.RulesFor(cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, _, err := basket.Basket{}.Add(rules.Basket, basket.NewLine{Article: basket.Article{Name: "Pens", Price: tt.total}})
		if err != nil {
			t.Fatal(err)
		}
		if b.Total != tt.total {
			t.Errorf("%s: by card the total is %d, want %d", tt.currency, b.Total, tt.total)
		}
		if b, err = b.SetCash(rules.Basket, true); err != nil {
			t.Fatal(err)
		}
		if b.Total != tt.coins || b.Rounding != tt.coins-tt.total {
			t.Errorf("%s %s: in coins %d is %d with %d rounding, want %d", tt.currency, tt.line, tt.total, b.Total, b.Rounding, tt.coins)
		}
	}
}

// A step that is none is named, with its line.
func TestCashStepRefused(t *testing.T) {
	for _, step := range []string{"0", "-5", "9999999", "\"5\""} {
		file := filepath.Join(t.TempDir(), "kassa.toml")
		text := "[lane]\nid = \"1\"\nstore = \"1\"\ncountry = \"DE\"\ntimezone = \"Europe/Berlin\"\ncurrency = \"EUR\"\ndata = \"d\"\n[tax]\ncash_step = " + step + "\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(file); err == nil || !strings.Contains(err.Error(), file+":9: tax.cash_step") {
			t.Errorf("cash_step = %s: %v", step, err)
		}
	}
}
