package export

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/store/journal"
)

// cents reads a decimal with two places back.
func cents(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(strings.Replace(text, ".", "", 1), 10, 64)
	if err != nil || !strings.Contains(text, ".") {
		t.Fatalf("%q is no amount: %v", text, err)
	}
	return n
}

// A POSLog adds up: lines that count + tax outside + rounding = total = tenders.
func TestPOSLogAddsUp(t *testing.T) {
	facts := []flow.Facts{sold(1, flow.SalePaid, "Yoghurt"), sold(2, flow.SaleVoided, "x")}
	facts[0].Lines = append(facts[0].Lines, flow.LineFacts{N: 2, PLU: "4011", Name: "Bananas", Qty: 1, WeightG: 734, Unit: 199, Amount: 146, Tax: "A"},
		flow.LineFacts{N: 3, GTIN: "1", Name: "gone", Qty: 1, Unit: 500, Amount: 500, Voided: true}, flow.LineFacts{N: 4, Of: 1, GTIN: "2", Name: "deposit", Qty: 3, Unit: 25, Amount: 75})
	facts[0].Txn.Total += 146 + 75
	facts[0].Tenders[0].Amount += 146 + 75
	back := sold(3, flow.SaleRefund, "Yoghurt")
	back.Lines[0].Qty, back.Lines[0].Amount, back.Lines[0].Discounts = -1, -129, nil
	back.Txn.Total, back.Tenders[0].Amount = -129, -129
	facts = append(facts, back)
	for i, name := range hostile {
		facts = append(facts, sold(int64(10+i), flow.SalePaid, name))
	}
	var out bytes.Buffer
	if err := POSLog(t.Context(), written(t, facts...), journal.Filter{}, &out); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		XMLName xml.Name         `xml:"http://www.nrf-arts.org/IXRetail/namespace/ POSLog"`
		All     []posTransaction `xml:"Transaction"`
	}
	if err := xml.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatalf("not well formed: %v\n%s", err, out.String())
	}
	if len(doc.All) != len(facts) {
		t.Fatalf("%d transactions, want %d", len(doc.All), len(facts))
	}
	for _, x := range doc.All {
		var lines, tenders int64
		for _, l := range x.Retail.Lines {
			switch {
			case l.Void:
			case l.Sale != nil:
				lines += cents(t, l.Sale.Extended)
			case l.Return != nil:
				lines -= cents(t, l.Return.Extended)
			case l.Tender != nil && l.Tender.Way == "Refund":
				tenders -= cents(t, l.Tender.Amount)
			case l.Tender != nil:
				tenders += cents(t, l.Tender.Amount)
			}
		}
		total := cents(t, x.Retail.Totals[0].Amount)
		if lines != total || !x.Cancel && tenders != total {
			t.Errorf("transaction %d: lines %d, total %d, tenders %d", x.Number, lines, total, tenders)
		}
		if x.Cancel != (x.Number == 2) {
			t.Errorf("transaction %d cancelled: %v", x.Number, x.Cancel)
		}
	}
	first := doc.All[0].Retail.Lines
	if q := first[1].Sale.Quantity; q.Unit != "KGM" || q.Value != "0.734" || first[3].Sale.Link == nil || first[3].Sale.Link.Line != 1 || first[0].Sale.Discount != "1.29" {
		t.Errorf("lines say otherwise:\n%s", out.String())
	}
}

func TestTaxOutsideIsCountedOnce(t *testing.T) {
	x := Transaction{
		Currency: "USD", TotalMinor: 1080, State: "paid",
		Lines: []Line{{N: 1, AmountMinor: 1000, Qty: 1}},
		Taxes: []Tax{{Tax: "A", RatePPM: 80000, NetMinor: 1000, TaxMinor: 80, GrossMinor: 1080}},
	}
	lines := posOf(&x).Retail.Lines
	if tax := lines[1].Tax; tax.Percent != "8.0000" || tax.Amount != "0.80" || *tax.Taxable != (posTaxable{false, "10.00"}) || *lines[0].Sale.TaxIn {
		t.Errorf("tax is %+v, in the price: %v", tax, *lines[0].Sale.TaxIn)
	}
	x.TotalMinor = 1000
	if lines := posOf(&x).Retail.Lines; !*lines[0].Sale.TaxIn {
		t.Error("tax is not in the price")
	}
}

// What stands in an element of a POSLog, in its order, as public documents of 2.1
// and 2.2 have it. What ends in ! must be there, * may be there more than once.
var posShape = map[string]string{
	"POSLog":              "Transaction*",
	"Transaction":         "RetailStoreID! WorkstationID! SequenceNumber! BusinessDayDate! BeginDateTime EndDateTime OperatorID CurrencyCode RetailTransaction!",
	"RetailTransaction":   "LineItem* Total*",
	"LineItem":            "SequenceNumber! Return Sale Tender Tax",
	"Sale":                posItemShape,
	"Return":              posItemShape,
	"POSIdentity":         "POSItemID! Qualifier",
	"RetailPriceModifier": "SequenceNumber! Amount! PromotionID PriceDerivationRule ReasonCode",
	"PriceDerivationRule": "PriceDerivationRuleID Description ReasonCode",
	"ItemLink":            "LineItemSequenceNumber!",
	"Tax":                 "TaxAuthority TaxableAmount Amount Percent TaxGroupID",
	"Tender":              "TenderID! Amount! Authorization CreditDebit",
	"Authorization":       "RequestedAmount! AuthorizationCode ReferenceNumber AuthorizationDateTime AuthorizingTermID",
	"CreditDebit":         "PrimaryAccountNumber",
}

const posItemShape = "POSIdentity ItemID! Description TaxIncludedInPriceFlag RegularSalesUnitPrice ActualSalesUnitPrice ExtendedAmount DiscountAmount " +
	"ExtendedDiscountAmount Quantity RetailPriceModifier* Tax* ItemLink"

// The values that have a meaning to everybody; another begins with our prefix.
var posValues = map[string]string{
	"TotalType":         "TransactionGrandAmount TransactionTaxAmount",
	"TenderType":        "Cash CreditDebit Voucher",
	"TypeCode":          "Sale Refund",
	"ItemType":          "Stock Deposit",
	"POSIDType":         "EAN PLU",
	"TaxType":           "VAT",
	"MethodCode":        "PriceRule",
	"Action":            "Subtract",
	"TransactionStatus": "Finished Suspended InProcess Failed",
	"Version":           "2.2",
}

// A POSLog has its elements in the order that a reader by the schema wants, with
// those that it must find, and no names that only we know.
func TestPOSLogHasItsShape(t *testing.T) {
	sale := sold(1, flow.SalePaid, "Yoghurt")
	sale.Lines = append(sale.Lines, flow.LineFacts{N: 2, PLU: "4011", Name: "Bananas", Qty: 1, WeightG: 734, Unit: 199, Amount: 146, Tax: "A"},
		flow.LineFacts{N: 3, Of: 1, GTIN: "2", Name: "deposit", Qty: 3, Unit: 25, Amount: 75}, flow.LineFacts{N: 4, Name: "by hand", Qty: 1, Unit: 1, Amount: 1, Voided: true})
	for _, kind := range []flow.TenderKind{flow.TenderCash, flow.TenderVoucher, flow.TenderTill, "shells"} {
		sale.Tenders = append(sale.Tenders, flow.TenderFacts{N: len(sale.Tenders) + 1, Kind: kind, Amount: 1, Result: "approved"})
	}
	back := sold(2, flow.SaleRefund, "Yoghurt")
	back.Lines[0].Qty, back.Lines[0].Amount, back.Tenders[0].Amount, back.Txn.Total = -3, -258, -258, -258
	var out bytes.Buffer
	if err := POSLog(t.Context(), written(t, sale, back, sold(3, flow.SaleParked, "x"), sold(4, flow.SaleVoided, "x"), sold(5, flow.SaleOpen, "x")), journal.Filter{}, &out); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var doc node
	if err := xml.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	doc.look(t, seen)
	for name := range posShape {
		if !seen[name] {
			t.Errorf("the test has no %s", name)
		}
	}
}

// A node is an element of any name.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	In      []node     `xml:",any"`
}

// look holds a node and all in it against their shapes.
func (n *node) look(t *testing.T, seen map[string]bool) {
	t.Helper()
	name := n.XMLName.Local
	seen[name] = true
	if n.XMLName.Space != posNamespace {
		t.Errorf("%s is of %q", name, n.XMLName.Space)
	}
	for _, a := range n.Attrs {
		if known, ok := posValues[a.Name.Local]; ok && !strings.HasPrefix(a.Value, "kassa:") && !slices.Contains(strings.Fields(known), a.Value) {
			t.Errorf("%s of %s is %q", a.Name.Local, name, a.Value)
		}
	}
	left := n.In
	for want := range strings.FieldsSeq(posShape[name]) {
		child := strings.TrimRight(want, "!*")
		had := 0
		for len(left) > 0 && left[0].XMLName.Local == child && (had == 0 || strings.HasSuffix(want, "*")) {
			left[0].look(t, seen)
			left, had = left[1:], had+1
		}
		if had == 0 && strings.HasSuffix(want, "!") {
			t.Errorf("%s has no %s", name, child)
		}
	}
	if len(left) > 0 {
		t.Errorf("%s has a %s where none stands", name, left[0].XMLName.Local)
	}
}

func TestEveryColumnIsDescribed(t *testing.T) {
	for _, tab := range tables() {
		for _, c := range tab.columns {
			if _, class, doc := describe(tab.name, c); doc == "" || class == "" {
				t.Errorf("%s.%s has no description or class", tab.name, c)
			}
		}
	}
}

func TestSignedExport(t *testing.T) {
	r, keys := written(t, sold(1, flow.SalePaid, "x")), t.TempDir()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		spoil func(path string) error
		says  string
	}{
		{"as it was", func(string) error { return nil }, ""},
		{"changed", func(p string) error { return os.WriteFile(filepath.Join(p, "txn.csv"), []byte("x"), 0o600) }, "txn.csv was changed"},
		{"taken away", func(p string) error { return os.Remove(filepath.Join(p, "txn.csv")) }, "txn.csv is missing"},
		{"added", func(p string) error { return os.WriteFile(filepath.Join(p, "more.csv"), nil, 0o600) }, "files"},
		{"signature changed", func(p string) error { return edit(p+".sig", `"0421"`, `"0422"`) }, "does not fit"},
		{"no signature", func(p string) error { return os.WriteFile(p+".sig", []byte("x"), 0o600) }, "cannot be read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "set")
			if err := CSV(t.Context(), r, journal.Filter{}, dir); err != nil {
				t.Fatal(err)
			}
			if err := Sign(dir, keys, "0421", "1", at); err != nil {
				t.Fatal(err)
			}
			if err := tt.spoil(dir); err != nil {
				t.Fatal(err)
			}
			key, err := PublicKey(keys)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Check(dir, key)
			if tt.says == "" {
				if err != nil || s.Store != "0421" || len(s.Files) != len(Files()) {
					t.Errorf("Check() = %+v, %v", s, err)
				}
			} else if !errors.Is(err, ErrSignature) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Check() = %v, want %q", err, tt.says)
			}
			if _, err := Check(dir, "another"); !errors.Is(err, ErrSignature) {
				t.Errorf("another key: %v", err)
			}
		})
	}
	if info, err := os.Stat(filepath.Join(keys, KeyFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key is %v, %v", info, err)
	}
}

func edit(path, from, to string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, bytes.Replace(text, []byte(from), []byte(to), 1), 0o600)
}

func TestStick(t *testing.T) {
	mounts := filepath.Join(t.TempDir(), "mountinfo")
	text := "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n40 22 8:17 /sub /elsewhere rw - vfat /dev/sdb1 rw\n41 22 8:17 / /media/my\\040stick rw shared:1 - vfat /dev/sdb1 rw\n"
	if err := os.WriteFile(mounts, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		device string
		err    error
		at     string
	}{
		{"8:17", nil, "/media/my stick"}, {"8:33", nil, ""}, {"", fs.ErrNotExist, ""},
	} {
		at, err := stick(mounts, "label", func(string) (string, error) { return tt.device, tt.err })
		if at != tt.at || tt.at == "" && !errors.Is(err, ErrNoStick) {
			t.Errorf("stick %q is at %q, %v", tt.device, at, err)
		}
	}
}

func TestDropShowsWholeFilesOnly(t *testing.T) {
	dir := t.TempDir()
	stop := errors.New("stop")
	if err := Drop(dir, "a", func(w io.Writer) error { _, _ = w.Write([]byte("half")); return stop }); !errors.Is(err, stop) {
		t.Errorf("Drop() = %v", err)
	}
	if err := DropFolder(dir, "b", func(string) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("DropFolder() = %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%v is left", left)
	}
	whole := func(d string) error { return os.WriteFile(filepath.Join(d, "x"), nil, 0o600) }
	if err := DropFolder(dir, "b", whole); err != nil {
		t.Fatal(err)
	}
	if err := DropFolder(dir, "b", whole); err == nil {
		t.Error("a folder that is there is written over")
	}
}

// Who drops under a name that is taken, be it by one who is still at it, gets
// another name, and what is there stays as it is.
func TestDropNewKeepsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	put := func(text string, then func()) func(io.Writer) error {
		return func(w io.Writer) error {
			then()
			_, err := io.WriteString(w, text)
			return err
		}
	}
	drop := func(want, text string, then func()) {
		t.Helper()
		path, err := DropNew(dir, "a", ".jsonl", put(text, then))
		if err != nil || path != filepath.Join(dir, want) {
			t.Errorf("it lies at %s, %v, want %s", path, err, want)
		}
	}
	nothing := func() {}
	drop("a.jsonl", "first", func() { drop("a-2.jsonl", "meanwhile", nothing) })
	drop("a-3.jsonl", "then", nothing)
	for name, want := range map[string]string{"a.jsonl": "first", "a-2.jsonl": "meanwhile", "a-3.jsonl": "then"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s has %q, %v", name, got, err)
		}
	}
	for _, want := range []string{"b", "b-2"} {
		path, err := DropNewFolder(dir, "b", func(d string) error { return os.WriteFile(filepath.Join(d, "x"), nil, 0o600) })
		if err != nil || path != filepath.Join(dir, want) {
			t.Errorf("the folder lies at %s, %v, want %s", path, err, want)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := DropNew(filepath.Join(dir, "none"), "a", ".jsonl", put("", nothing)); err == nil {
		t.Error("into a folder that is not there")
	}
}

func FuzzMountOf(f *testing.F) {
	f.Add("41 22 8:17 / /media/my\\040stick rw - vfat /dev/sdb1 rw")
	f.Add("1 2 3:4 / \\")
	f.Add("1 2 3:4 / /a\\9 x")
	f.Fuzz(func(t *testing.T, line string) {
		if device, at, ok := mountOf(line); ok && (device == "" || at == "") {
			t.Errorf("%q is mounted nowhere", line)
		}
	})
}
