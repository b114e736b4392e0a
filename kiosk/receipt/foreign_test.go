package receipt

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kassa/device/printer"
	"kassa/device/sim"
	"kassa/kiosk/receipt/zatca"
)

// Programs of others that read or write the same bytes.
const (
	npmReceiptio = "receiptio@2.1.2"
	npmEncoder   = "@point-of-sale/receipt-printer-encoder@4.0.1"
	npmZatca     = "@axenda/zatca@1.0.4"
)

// TestForeign lets programs of others check our bytes.
func TestForeign(t *testing.T) {
	t.Parallel()
	dir := installed(t, npmReceiptio, npmEncoder, npmZatca)
	t.Run("zatca", func(t *testing.T) { foreignZatca(t, dir) })
	t.Run("encoder", func(t *testing.T) { foreignEncoder(t, dir) })
	t.Run("states", func(t *testing.T) { foreignStatus(t, dir) })
}

// installed installs npm packages, once, into a folder of the user's cache.
// Where there is no npm, or no registry, the test is skipped and says so.
func installed(t *testing.T, packages ...string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("installs npm packages")
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("npm is not here: nobody else checks the bytes")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	name := strings.NewReplacer("@", "-", "/", "-").Replace(strings.Join(packages, "+"))
	dir := filepath.Join(cache, "kassa-tests", name)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
		t.Fatal(err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(dir), "new-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(fresh) }() // it is moved away when it is whole
	cmd := exec.CommandContext(t.Context(), npm, append([]string{
		"install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--fetch-retries=0", "--fetch-timeout=20000",
	}, packages...)...)
	cmd.Dir, cmd.WaitDelay = fresh, time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("the npm registry does not give %v: nobody else checks the bytes: %v\n%s", packages, err, out)
	}
	if err := os.Rename(fresh, dir); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	return dir
}

// script runs JavaScript in the folder and returns what it writes.
func script(t *testing.T, dir, code string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", "-e", code)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	return string(out)
}

// Our ZATCA codes are those that somebody else's package makes.
func foreignZatca(t *testing.T, dir string) {
	for _, inv := range []zatca.Invoice{
		{Seller: "متجر النور", VATNumber: "310122393500003", At: time.Date(2026, 5, 13, 15, 30, 0, 0, time.UTC), Total: "115.00", VAT: "15.00"},
		{Seller: "Bobs Records", VATNumber: "310122393500003", At: time.Date(2022, 4, 25, 15, 30, 0, 0, time.UTC), Total: "1000.00", VAT: "150.00"},
		// The other package takes a length above 127 for a letter, so no longer one.
		{Seller: strings.Repeat("ش", 63), VATNumber: "399999999900003", At: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), Total: "0.01", VAT: "0.00"},
	} {
		want := strings.TrimSpace(script(t, dir, fmt.Sprintf(`const {Invoice} = require('@axenda/zatca');
console.log(new Invoice({sellerName: %q, vatRegistrationNumber: %q, invoiceTimestamp: %q, invoiceTotal: %q, invoiceVatTotal: %q}).toBase64());`,
			inv.Seller, inv.VATNumber, inv.At.Format("2006-01-02T15:04:05Z"), inv.Total, inv.VAT)))
		if got, err := zatca.Code(inv); err != nil || got != want {
			t.Errorf("Code() = %s, %v; @axenda/zatca has %s", got, err, want)
		}
	}
}

// Our QR command is byte for byte that of another encoder, and our printer
// understands what the other one writes.
func foreignEncoder(t *testing.T, dir string) {
	var theirs map[string]string
	err := json.Unmarshal([]byte(script(t, dir, `const Encoder = require('@point-of-sale/receipt-printer-encoder');
const make = () => new (Encoder.default || Encoder)({language: 'esc-pos', columns: 48});
const hex = (u) => Buffer.from(u).toString('hex');
console.log(JSON.stringify({
  qr: hex(make().qrcode('0421-1-000123', {model: 2, size: 6, errorlevel: 'm'}).encode()),
  all: hex(make().initialize().codepage('cp858').line('Crème 3,99 €').bold(true).line('Total').bold(false)
    .qrcode('0421-1-000123').barcode('4006381333931', 'ean13', {height: 80, width: 2, text: true}).pulse().cut('partial').encode()),
}));`)), &theirs)
	if err != nil {
		t.Fatal(err)
	}
	p, err := printer.LookUp("epson-80")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := printer.Encode(p, []printer.Block{printer.QR{Data: "0421-1-000123"}})
	if err != nil {
		t.Fatal(err)
	}
	want, err := hex.DecodeString(theirs["qr"])
	if want = bytes.TrimRight(want, "\n\r"); err != nil || len(want) < 30 || !bytes.Contains(ours, want) {
		t.Errorf("our QR code is % x, the other encoder's % x, %v", ours, want, err)
	}
	all, err := hex.DecodeString(theirs["all"])
	if err != nil {
		t.Fatal(err)
	}
	peer, addr := paperAt(t, "127.0.0.1:0")
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(all); err != nil {
		t.Fatal(err)
	}
	until(t, "it is cut", func() bool { return len(peer.Paper().Receipts()) == 1 })
	paper := peer.Paper()
	var kinds []string
	for _, l := range paper.Lines {
		if l.Kind != "text" || l.Text() != "" {
			kinds = append(kinds, l.Kind+" "+l.Text()+l.Data)
		}
	}
	if got := strings.Join(kinds, "|"); got != "text Crème 3,99 €|text Total|qr 0421-1-000123|barcode 4006381333931|cut " || paper.Pulses != 1 {
		t.Errorf("the printer made %s, %d pulses, %d commands it does not know", got, paper.Pulses, paper.Unknown)
	}
}

// Somebody else's printing program takes our simulated printer for a real one:
// its states, and a receipt. It wants port 9100, so the printer has a loopback
// address of its own.
func foreignStatus(t *testing.T, dir string) {
	pid := os.Getpid()
	peer, addr := paperAt(t, fmt.Sprintf("127.%d.%d.%d:9100", 64+pid>>16&0x3f, pid>>8&0xff, pid&0xff|1))
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "node", append([]string{"node_modules/receiptio/bin/cli.js", "-d", host, "-t", "10"}, args...)...)
		cmd.Dir = dir
		out, _ := cmd.CombinedOutput() // its exit code is the state, too
		return strings.TrimSpace(string(out))
	}
	for _, tt := range []struct {
		set  func()
		want string
	}{
		{func() {}, "online"},
		{func() { peer.Cover(true) }, "coveropen"},
		{func() { peer.Cover(false); peer.PaperOut() }, "paperempty"},
	} {
		tt.set()
		if got := ask("-q"); got != tt.want {
			t.Errorf("receiptio finds the printer %s, want %s", got, tt.want)
		}
	}
	peer.PaperIn()
	file := filepath.Join(t.TempDir(), "a.receipt")
	if err := os.WriteFile(file, []byte("^^^Shop\n\nMilk | 1.29\n-\n^Total | ^1.29\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := ask("-c", "42", "-l", "en", file); got != "success" {
		t.Errorf("receiptio prints with %s", got)
	}
	if text := peer.Paper().Text(); !strings.Contains(text, "Milk") || !strings.Contains(text, "Total") {
		t.Errorf("on the paper is %q", text)
	}
}

func paperAt(t *testing.T, addr string) (*sim.Printer, string) {
	t.Helper()
	p, err := sim.NewPrinter(addr, sim.NewClock(1000), sim.PrinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, p.Addr()
}

// until polls, as the far side has a goroutine of its own.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
