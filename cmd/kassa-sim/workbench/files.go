package workbench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kassa/cmd/kassa-sim/assortment"
)

func (b *Bench) configPath() string { return filepath.Join(b.o.Dir, "kassa.toml") }

// writeFiles writes kassa.toml, catalogue.csv, promotions.toml and vouchers.csv.
func (b *Bench) writeFiles() error {
	var catalogue strings.Builder
	if err := assortment.WriteCatalogue(&catalogue); err != nil {
		return err
	}
	var vouchers strings.Builder
	if err := assortment.WriteVouchers(&vouchers); err != nil {
		return err
	}
	files := map[string]string{
		"kassa.toml":      b.config(),
		"catalogue.csv":   catalogue.String(),
		"promotions.toml": assortment.Promotions,
		"vouchers.csv":    vouchers.String(),
	}
	if b.hub != nil {
		dir, err := filepath.Abs(b.o.Dir)
		if err != nil {
			return fmt.Errorf("workbench: %w", err)
		}
		files["kassa-hub.toml"] = b.hub.config(dir)
		files["kassa.toml"] += b.hub.laneConfig(dir)
	}
	for name, text := range files {
		if err := replace(filepath.Join(b.o.Dir, name), text); err != nil {
			return err
		}
	}
	return nil
}

// replace writes a file so that a reader sees the old or the new one, whole.
func replace(path, text string) error {
	if err := os.WriteFile(path+".new", []byte(text), 0o640); err != nil { //nolint:gosec // read by a lane under another user
		return fmt.Errorf("workbench: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("workbench: %w", err)
	}
	return nil
}

// config returns the kassa.toml of a lane at this workbench.
func (b *Bench) config() string {
	dir, err := filepath.Abs(b.o.Dir)
	if err != nil { // unreachable: only without a working directory
		dir = b.o.Dir
	}
	dev := func(name string) string { return fmt.Sprintf("%q", filepath.Join(dir, "dev", name)) }
	return fmt.Sprintf(configText,
		filepath.Join(dir, "data"), b.o.Screen,
		dev("scanner"), dev("scale"), dev("bagging"), b.terminalConfig(dir)+b.cashConfig(dir), b.printer.Addr(), dev("panel"),
		b.timing())
}

// configText is a lane in the demo store.
const configText = `# Written by kassa-sim at every start; change nothing here.
[lane]
id = "1"
store = "0421"
country = "DE"
timezone = "Europe/Berlin"
day_ends = "04:00"
currency = "EUR"
languages = ["en", "fr", "ar", "id"]
digits = "latn"
data = %[1]q

[shop]
name = "Corner Shop (demo)"
address = ["1 Example Street", "12345 Nowhere"]
tax_number = "DE 000 000 000"
receipt = "ask"

[tax]
prices = "inclusive"
round = "line"
[[tax.class]]
id = "A"
name = "7 %%"
rates_ppm = [70000]
[[tax.class]]
id = "B"
name = "19 %%"
rates_ppm = [190000]

[codes]
country = "DE"

[screen]
listen = %[2]q
storybook = true
terminal_at = "right"

[[scanner]]
port = %[3]s
protocol = "lines"
line = "9600 8N1"

[scale]
port = %[4]s
protocol = "toledo8217"
line = "9600 7E1"
unit = "kg"
division = "0.005"
max = "15"

[bagging]
port = %[5]s
protocol = "toledo8217"
line = "9600 7E1"
unit = "kg"
division = "0.002"
max = "30"
mode = "check"
call_at = 0.1

%[6]s
[printer]
port = "tcp://%[7]s"
protocol = "escpos"
profile = "epson-80"

[panel]
protocol = "lines"
port = %[8]s

[bags]
ask = true
own = true
name = "Carrier bag"
name_fr = "Sac de caisse"
name_ar = "كيس تسوق"
name_id = "Tas belanja"
price_minor = 25
tax = "B"
plu = "99001"
weight_g = 22

[voucher]
valid_days = 1095

[staff]
void_sale = "staff"

[disk]
reserve_mb = 64

%[9]s`

// timing returns the [timing] section at the bench's speed. What depends on a
// real wire, poll by poll, or on an eye has a least time.
func (b *Bench) timing() string {
	if b.o.Speed == 1 {
		return ""
	}
	rows := []struct {
		key            string
		usual, atLeast time.Duration
	}{
		{"bag_settle", 300 * time.Millisecond, 100 * time.Millisecond},
		{"bag_hint", 3 * time.Second, 500 * time.Millisecond},
		{"bag_say", 6 * time.Second, 900 * time.Millisecond},
		{"bag_check", 12 * time.Second, 1200 * time.Millisecond},
		{"bag_call", 20 * time.Second, 3 * time.Second},
		{"idle_ask", time.Minute, 12 * time.Second},
		{"idle_grace", 20 * time.Second, 6 * time.Second},
		{"idle_empty", 30 * time.Second, 3 * time.Second},
		{"undo", 5 * time.Second, time.Second},
		{"receipt", 30 * time.Second, 3 * time.Second},
		{"thanks", 15 * time.Second, time.Second},
		{"staff_page", 30 * time.Second, 3 * time.Second},
		{"unsure_call", 30 * time.Second, 5 * time.Second},
	}
	var text strings.Builder
	fmt.Fprintf(&text, "[timing] # %d times as fast\n", b.o.Speed)
	for _, r := range rows {
		fmt.Fprintf(&text, "%s = %q\n", r.key, max(r.usual/time.Duration(b.o.Speed), r.atLeast))
	}
	return text.String()
}
