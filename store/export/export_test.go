package export

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/store/journal"
)

var opened = time.Date(2026, 11, 22, 10, 0, 0, 0, time.FixedZone("", 3600))

// sold is a transaction's facts, as a lane decides them at its end.
func sold(number int64, state flow.SaleState, name string) flow.Facts {
	at := opened.Add(time.Duration(number) * time.Minute)
	f := flow.Facts{
		Txn: &flow.TxnFacts{
			ID: fmt.Sprintf("0421-1-%06d", number), Store: "0421", Lane: "1", Number: number, State: state, OpenedAt: at,
			ClosedAt: at.Add(30 * time.Second), Clock: flow.ClockSynced, BusinessDay: "2026-11-22", Currency: "EUR",
			Language: "fr", Total: 258,
		},
		Lines: []flow.LineFacts{{
			N: 1, GTIN: "04006381333931", Name: name, Qty: 3, Unit: 129, Amount: 258, Tax: "A", Code: "4006381333931",
			Discounts: []flow.DiscountFacts{{Rule: "3for2", Name: name, Amount: -129}},
		}},
		Taxes: []flow.TaxFacts{{Tax: "A", RatePPM: 70000, Net: 241, TaxPart: 17, Gross: 258}},
		Tenders: []flow.TenderFacts{{
			N: 1, Kind: flow.TenderCard, Amount: money.Amount(258), Result: "approved", Terminal: "29001006", Receipt: "0022",
			Trace: "000022", Card: "************5726",
		}},
		Interventions: []flow.InterventionFacts{{
			N: 1, Kind: flow.NeedAge, RaisedAt: at, SettledAt: at.Add(time.Second), By: "a17", Reason: "checked", From: "lane",
		}},
	}
	if state == flow.SaleOpen {
		f.Txn.ClosedAt = time.Time{}
	}
	return f
}

// written is a reader of a journal with these facts, one record each.
func written(t *testing.T, facts ...flow.Facts) *journal.Reader {
	t.Helper()
	dir := t.TempDir()
	j, err := journal.Open(t.Context(), dir, journal.Options{Store: "0421", Lane: "1"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	for _, f := range facts {
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Append(ctx, journal.Entry{At: opened, Kind: "charged", Txn: f.Txn.Number, Event: []byte(`{}`), Facts: text}); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := errors.Join(<-ended, j.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := journal.OpenReader(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func TestJSONLIsAsOutsidersKnowIt(t *testing.T) {
	r := written(t, sold(123, flow.SalePaid, "Yoghurt"))
	var out bytes.Buffer
	if err := JSONL(t.Context(), r, journal.Filter{}, &out); err != nil {
		t.Fatal(err)
	}
	head, err := r.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"v":1,"id":"0421-1-000123","store":"0421","lane":"1","epoch":"EPOCH","number":123,"state":"paid",` +
		`"opened_at":"2026-11-22T12:03:00+01:00","closed_at":"2026-11-22T12:03:30+01:00","clock":"synced",` +
		`"business_day":"2026-11-22","currency":"EUR","language":"fr",` +
		`"lines":[{"n":1,"gtin":"04006381333931","plu":"","name":"Yoghurt","qty":3,"weight_g":0,"unit_minor":129,"amount_minor":258,` +
		`"discounts":[{"rule":"3for2","name":"Yoghurt","amount_minor":-129}],"tax":"A","voided":false,"code":"4006381333931"}],` +
		`"taxes":[{"tax":"A","rate_ppm":70000,"net_minor":241,"tax_minor":17,"gross_minor":258}],` +
		`"rounding_minor":0,"total_minor":258,` +
		`"tenders":[{"kind":"card","amount_minor":258,"result":"approved","terminal":"29001006","receipt":"0022","trace":"000022",` +
		`"card":"************5726"}],` +
		`"interventions":[{"kind":"age","raised_at":"2026-11-22T12:03:00+01:00","settled_at":"2026-11-22T12:03:01+01:00",` +
		`"by":"a17","reason":"checked","from":"lane"}],"calls":[],"journal":{"first":1,"last":1,"hash":"HASH"}}` + "\n"
	want = strings.NewReplacer("EPOCH", r.Epoch(), "HASH", fmt.Sprintf("%x", head.Hash)).Replace(want)
	if got := out.String(); got != want {
		t.Errorf("export is\n%s want\n%s", got, want)
	}
}

func TestFilters(t *testing.T) {
	var facts []flow.Facts
	for n := range int64(250) { // more than two pages
		facts = append(facts, sold(n+1, flow.SalePaid, "x"))
	}
	facts = append(facts, sold(251, flow.SaleOpen, "x"))
	r := written(t, facts...)
	closed := func(n int) time.Time { return opened.Add(time.Duration(n)*time.Minute + 30*time.Second) }
	for _, tt := range []struct {
		name        string
		f           journal.Filter
		first, last int64
		n           int
	}{
		{"all that ended", journal.Filter{}, 1, 250, 250},
		{"open too", journal.Filter{Open: true}, 1, 251, 251},
		{"since is inclusive", journal.Filter{Since: closed(200)}, 200, 250, 51},
		{"until is exclusive", journal.Filter{Until: closed(200)}, 1, 199, 199},
		{"another zone", journal.Filter{Since: closed(200).UTC(), Until: closed(202).UTC()}, 200, 201, 2},
		{"after one", journal.Filter{After: 248}, 249, 250, 2},
		{"a range", journal.Filter{After: 99, To: 220}, 100, 220, 121},
		{"one", journal.Filter{Number: 7}, 7, 7, 1},
		{"one that is open", journal.Filter{Number: 251}, 251, 251, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := JSONL(t.Context(), r, tt.f, &out); err != nil {
				t.Fatal(err)
			}
			var all []Transaction
			for dec := json.NewDecoder(&out); dec.More(); {
				var x Transaction
				if err := dec.Decode(&x); err != nil {
					t.Fatal(err)
				}
				if len(x.Lines) != 1 || len(x.Tenders) != 1 {
					t.Fatalf("transaction %d has %d lines, %d tenders", x.Number, len(x.Lines), len(x.Tenders))
				}
				all = append(all, x)
			}
			if len(all) != tt.n || all[0].Number != tt.first || all[len(all)-1].Number != tt.last {
				t.Errorf("%d transactions, want %d: %d to %d", len(all), tt.n, tt.first, tt.last)
			}
		})
	}
}

// hostile are names a stranger might print on a label.
var hostile = []string{
	"=1+1", "+SUM(A1)", "-2", "@cmd", "\tx", "\rx", "'quoted", "a,b", `say "hi"`, "two\r\nlines", "\x1b[31mred", "<script>",
	"\u202eabc", "caf\xe9", "", "＝1", "شاي", "nul\x00",
}

func TestHostileNamesStayData(t *testing.T) {
	var facts []flow.Facts
	for i, name := range hostile {
		facts = append(facts, sold(int64(i+1), flow.SalePaid, name))
	}
	r := written(t, facts...)
	var out bytes.Buffer
	if err := JSONL(t.Context(), r, journal.Filter{}, &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != len(hostile) {
		t.Fatalf("%d lines, want %d", len(lines), len(hostile))
	}
	for i, line := range lines {
		var x Transaction
		want := strings.ToValidUTF8(hostile[i], "\uFFFD")
		if err := json.Unmarshal([]byte(line), &x); err != nil || x.Lines[0].Name != want {
			t.Errorf("name %q came back as %q, %v", hostile[i], x.Lines[0].Name, err)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' }) {
			t.Errorf("line %d holds a control character", i)
		}
	}
	dir := filepath.Join(t.TempDir(), "new", "csv")
	if err := CSV(t.Context(), r, journal.Filter{}, dir); err != nil {
		t.Fatal(err)
	}
	rows := readCSV(t, filepath.Join(dir, "txn_line.csv"))
	for i, row := range rows[1:] {
		name := row[4]
		if name != "" && strings.ContainsAny(name[:1], "=+-@\t\r") {
			t.Errorf("cell %q would be run as a formula", name)
		}
		// encoding/csv writes every line end as CR LF and reads it as LF.
		want := strings.ReplaceAll(strings.ToValidUTF8(hostile[i], "\uFFFD"), "\r", "")
		if got := strings.TrimPrefix(name, "'"); got != want {
			t.Errorf("name %q came back as %q", want, got)
		}
		if row[9] != "-129" {
			t.Errorf("a number was taken for text: %q", row[9])
		}
	}
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return rows
}

func TestCSVHasEveryTable(t *testing.T) {
	r := written(t, sold(1, flow.SalePaid, "x"), sold(2, flow.SalePaid, "y"))
	dir := t.TempDir()
	for range 2 { // the second replaces the first
		if err := CSV(t.Context(), r, journal.Filter{}, dir); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(Files()) {
		t.Errorf("%d files, want %d", len(entries), len(Files()))
	}
	for _, name := range Files() {
		want := 3
		switch name {
		case "contact.csv":
			want = 1
		case DictionaryFile:
			want = 1
			for _, tab := range tables() {
				want += len(tab.columns)
			}
		}
		if rows := readCSV(t, filepath.Join(dir, name)); len(rows) != want {
			t.Errorf("%s has %d rows, want %d", name, len(rows), want)
		}
	}
}

// fullDisk fails like a disk that is full.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAFailedExportSaysSo(t *testing.T) {
	r := written(t, sold(1, flow.SalePaid, "x"))
	if err := JSONL(t.Context(), r, journal.Filter{}, fullDisk{}); err == nil {
		t.Error("JSONL() to a full disk succeeds")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if err := CSV(ctx, r, journal.Filter{}, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("CSV() = %v, want it cancelled", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("a cancelled export leaves %d files", len(left))
	}
}
