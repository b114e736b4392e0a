package voucher

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/kiosk/money"
)

func open(t *testing.T) (*Ledger, string) {
	t.Helper()
	dir := t.TempDir()
	l, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	l.now = func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
	return l, dir
}

func TestRedeemOnceByKey(t *testing.T) {
	l, dir := open(t)
	if n, err := l.Import(t.Context(), strings.NewReader("number,balance_minor,expires\nKS12345678,1000,2026-11-22\n")); n != 1 || err != nil {
		t.Fatalf("Import() = %d, %v", n, err)
	}
	v, err := l.Find(t.Context(), "KS12345678")
	if err != nil || v.Balance != 1000 || v.Why != "" || v.Tail != "5678" {
		t.Fatalf("Find() = %+v, %v", v, err)
	}
	ask := func(key string, amount money.Amount, back bool) Moved {
		t.Helper()
		m, err := l.Redeem(t.Context(), Move{Key: key, Handle: v.Handle, Amount: amount, Back: back})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for range 2 { // twice is once
		if m := ask("1/1", 300, false); m.Amount != 300 || m.Left != 700 {
			t.Errorf("redeem 300 = %+v", m)
		}
	}
	if m := ask("1/2", 5000, false); m.Amount != 700 || m.Left != 0 {
		t.Errorf("redeem all there is = %+v", m)
	}
	if m := ask("1/3", 1, false); m.Amount != 0 || m.Why != WhyEmpty {
		t.Errorf("redeem of nothing = %+v", m)
	}
	for range 2 {
		if m := ask("1/4", 700, true); m.Amount != 700 || m.Left != 700 {
			t.Errorf("back = %+v", m)
		}
	}
	if m := ask("1/4", 700, false); m.Why != WhyKey || m.Amount != 0 {
		t.Errorf("a key used for something else = %+v", m)
	}
	if h, err := l.Show(t.Context(), "KS12345678"); err != nil || h.Balance != 700 || len(h.Moves) != 4 {
		t.Errorf("Show() = %+v, %v", h, err)
	}
	l.now = func() time.Time { return time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC) }
	if m := ask("1/5", 1, false); m.Why != WhyExpired {
		t.Errorf("redeem the day after = %+v", m)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if b, err := os.ReadFile(f); err != nil || bytes.Contains(b, []byte("KS12345678")) {
			t.Errorf("%s holds the number, %v", f, err)
		}
	}
}

func TestIssueOnceByKey(t *testing.T) {
	l, _ := open(t)
	v, err := l.Issue(t.Context(), "7/g1", 2500, "")
	if err != nil || v.Balance != 2500 {
		t.Fatalf("Issue() = %+v, %v", v, err)
	}
	again, err := l.Issue(t.Context(), "7/g1", 2500, "")
	if err != nil || again.Handle != v.Handle {
		t.Errorf("Issue() again = %+v, %v", again, err)
	}
	number, err := l.Number(t.Context(), "7/g1")
	if err != nil || len(number) != 16 {
		t.Fatalf("Number() = %q, %v", number, err)
	}
	if found, err := l.Find(t.Context(), number); err != nil || found.Handle != v.Handle {
		t.Errorf("Find(number) = %+v, %v", found, err)
	}
	if err := l.Forget(t.Context(), "7/g1"); err != nil {
		t.Fatal(err)
	}
	if number, err := l.Number(t.Context(), "7/g1"); err != nil || number != "" {
		t.Errorf("Number() after Forget() = %q, %v", number, err)
	}
	if found, err := l.Find(t.Context(), "nobody's"); err != nil || found.Why != WhyUnknown {
		t.Errorf("Find(unknown) = %+v, %v", found, err)
	}
}

// TestRedeemAtOnce takes from one voucher from many sides: what is taken is what
// was on it.
func TestRedeemAtOnce(t *testing.T) {
	l, _ := open(t)
	v, err := l.Issue(t.Context(), "i", 500, "")
	if err != nil {
		t.Fatal(err)
	}
	got := make([]money.Amount, 12)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			m, err := l.Redeem(t.Context(), Move{Key: string(rune('a' + i/2)), Handle: v.Handle, Amount: 90})
			if err != nil {
				t.Error(err)
			}
			got[i] = m.Amount
		})
	}
	all.Wait()
	var sum money.Amount
	for i := range got {
		if i%2 == 0 {
			sum += got[i]
		}
	}
	if sum != 500 {
		t.Errorf("took %d of 500: %v", sum, got)
	}
}

func TestImportIsWholeOrNothing(t *testing.T) {
	l, _ := open(t)
	for _, text := range []string{
		"", "number\nA\n", "number,balance_minor,colour\nA,1,red\n", "number,balance_minor\nAAAAAAAA,10\nBBBBBBBB,0\n",
		"number,balance_minor\nAAAAAAAA,10\nAAAAAAAA,10\n", "number,balance_minor,expires\nAAAAAAAA,10,tomorrow\n",
		"number,balance_minor,issued_minor\nAAAAAAAA,10,9\n", "number,balance_minor\nA B,10\n", "number,balance_minor\nA,1,2\n",
	} {
		if n, err := l.Import(t.Context(), strings.NewReader(text)); err == nil {
			t.Errorf("Import(%q) = %d", text, n)
		}
	}
	if _, err := l.Show(t.Context(), "AAAAAAAA"); !errors.Is(err, ErrUnknown) {
		t.Errorf("a refused file left something: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("number,balance_minor,issued_minor,expires\nABCD1234,10,20,2026-11-22\n")
	f.Add("\ufeffnumber,balance_minor\n\"A\",1\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := read(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, e := range all {
			if e.number == "" || e.balance <= 0 || e.issued < e.balance {
				t.Errorf("read(%q) lets %+v in", text, e)
			}
		}
	})
}
