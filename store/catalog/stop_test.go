package catalog

import (
	"path/filepath"
	"testing"

	"kassa/kiosk/basket"
)

// TestStopByAnyCode: a sale stop reaches a basket that holds an older version
// also where the row names the article's codes in another order.
func TestStopByAnyCode(t *testing.T) {
	l := newLab(t)
	const columns = "gtin,plu,name,price_minor,per,tax,flags\n"
	l.take(t, Options{}, "a.csv", columns+"4006381333931 4006381333948,,Pen,129,each,,\n")
	if err := l.Hold(t.Context()); err != nil {
		t.Fatal(err)
	}
	other, err := Open(t.Context(), filepath.Join(l.dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	row := l.file(t, "b.csv", columns+"4006381333948 4006381333931,,Pen,129,each,,sale-stop\n")
	if _, err := other.Import(t.Context(), []string{row}, Options{Delta: true}, nil); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"04006381333931", "04006381333948"} {
		if a := l.get(t, code); !a.Flags.Has(basket.SaleStop) {
			t.Errorf("%s is sold on: flags %d", code, a.Flags)
		}
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
}
