package journal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kassa/kiosk/flow"
	"kassa/store/sqlite"
)

// A file of the first version is brought up to what the views now tell, from the
// records alone.
func TestFirstVersionIsBroughtUp(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"new", "old"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	j, err := Open(t.Context(), filepath.Join(dir, "new"), lane1)
	if err != nil {
		t.Fatal(err)
	}
	stop := running(t, j)
	paid := flow.TenderFacts{N: 2, Kind: flow.TenderVoucher, Amount: -81, Result: "approved", Way: "credit", Of: 1, Asked: 90, Voucher: "h1", Left: 200}
	f := flow.Facts{Txn: header(7, flow.SaleRefund, -81), Lines: []flow.LineFacts{line(1, -81)}, Tenders: []flow.TenderFacts{paid}}
	f.Txn.Of, f.Txn.Document, f.Txn.Recalled = "0421-1-000001", 3, "0421-1-000002"
	f.Lines[0].Frame, f.Lines[0].Returns = "S 0.734 kg", 4
	put(t, j, entry(7, "Charged", f))
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	old := schema()
	old.Migrations, old.Views = old.Migrations[:1], nil
	path := filepath.Join(dir, "old", FileName)
	db, err := sqlite.Open(t.Context(), path, old)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		`ATTACH '` + filepath.Join(dir, "new", FileName) + `' AS new`,
		`INSERT INTO identity SELECT one, epoch, store, lane, created_at, 1 FROM new.identity`,
		`INSERT INTO anchor SELECT * FROM new.anchor`, `INSERT INTO record SELECT * FROM new.record`, `INSERT INTO head SELECT * FROM new.head`,
	} {
		if _, err := db.Writer().ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	check(t, filepath.Dir(path), 1)
	r, err := OpenReader(t.Context(), filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	txn, err := r.Transaction(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	if txn.Of != f.Txn.Of || txn.Document != 3 || txn.Recalled != f.Txn.Recalled || len(txn.Tenders) != 1 || txn.Tenders[0] != paid ||
		len(txn.Lines) != 1 || txn.Lines[0].Frame != "S 0.734 kg" || txn.Lines[0].Returns != 4 {
		t.Errorf("it became %+v", txn)
	}
	var row strings.Builder
	for _, q := range []string{
		`SELECT recalled || ' ' || "of" || ' ' || document FROM txn`, `SELECT frame || ' ' || returns FROM txn_line`,
		`SELECT way || ' ' || "of" || ' ' || asked_minor || ' ' || voucher || ' ' || left_minor FROM txn_tender`,
	} {
		var one string
		if err := r.DB().QueryRowContext(t.Context(), q).Scan(&one); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		row.WriteString(one + "\n")
	}
	want := "0421-1-000002 0421-1-000001 3\nS 0.734 kg 4\ncredit 1 90 h1 200\n"
	if row.String() != want {
		t.Errorf("the views say\n%swant\n%s", row.String(), want)
	}
}
