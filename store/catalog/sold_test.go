package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/basket"
)

// sell counts pieces of articles by their codes.
func (l *lab) sell(t *testing.T, pieces map[string]int64) {
	t.Helper()
	var sold []Sold
	for code, n := range pieces {
		a, found, err := l.Lookup(t.Context(), code)
		if !found && err == nil {
			a, found, err = l.LookupPLU(t.Context(), code)
		}
		if err != nil || !found {
			t.Fatalf("%s: %v, %v", code, found, err)
		}
		sold = append(sold, Sold{a, n})
	}
	if err := l.Count(t.Context(), sold); err != nil {
		t.Fatal(err)
	}
}

func (l *lab) grid(t *testing.T, group string, want ...string) {
	t.Helper()
	find := func() ([]basket.Article, error) { return l.Browse(t.Context(), group, len(want)) }
	if group == "" {
		find = func() ([]basket.Article, error) { return l.Produce(t.Context(), len(want)) }
	}
	if found, err := find(); err != nil || !slices.Equal(names(found), want) {
		t.Errorf("group %q is %v, %v, want %v", group, names(found), err, want)
	}
}

func TestBestSellersFirst(t *testing.T) {
	l := newLab(t)
	l.take(t, Options{}, "a.csv", assortment)
	l.grid(t, "", "Apples", "Bananas", "Beer", "Crème brûlée", "Felt pen")
	l.sell(t, map[string]int64{"4011": 3, "3000": 1, pen: 2, "05000000000036": 9}) // the last under a sale stop
	l.grid(t, "", "Bananas", "Apples", "Felt pen", "Beer", "Crème brûlée")
	l.grid(t, "fruit", "Bananas", "Apples")
	l.grid(t, "", "Bananas")
	l.grid(t, "", "Bananas", "Apples", "Felt pen")
	found, err := l.Search(t.Context(), "en", "p", 10) // a name with p comes before pisang and pommes
	if want := []string{"Felt pen", "Bananas", "Apples", "Beer"}; err != nil || !slices.Equal(names(found), want) {
		t.Errorf("p finds %v, %v, want %v", names(found), err, want)
	}
	l.sell(t, map[string]int64{"3000": 5})
	l.grid(t, "fruit", "Apples", "Bananas")
	if groups, err := l.Groups(t.Context()); err != nil || !slices.Equal(groups, []string{"dairy", "fruit", "office", "care", "dessert", "drinks"}) {
		t.Errorf("groups are %v, %v", groups, err)
	}
	// An import leaves the counts alone, and what is gone is not shown.
	l.take(t, Options{}, "a.csv", strings.Replace(assortment, "Felt pen", "Fountain pen", 1))
	l.grid(t, "", "Apples", "Bananas", "Fountain pen", "Beer")
	if v, err := l.Version(t.Context()); err != nil || v != 2 {
		t.Errorf("counting made version %d, %v", v, err)
	}
}

// What was sold weeks ago counts less than what is sold now, and nothing in the end.
func TestCountsAge(t *testing.T) {
	l := newLab(t)
	l.take(t, Options{}, "a.csv", assortment)
	l.sell(t, map[string]int64{"3000": 10})
	l.at = l.at.Add(22 * 24 * time.Hour)
	l.sell(t, map[string]int64{"4011": 6})
	l.grid(t, "fruit", "Bananas", "Apples")
	l.at = l.at.Add(-40 * 24 * time.Hour) // a clock that was set back takes nothing off
	l.sell(t, map[string]int64{"3000": 6})
	l.grid(t, "fruit", "Apples", "Bananas")
	l.at = l.at.Add(3 * 365 * 24 * time.Hour)
	l.sell(t, map[string]int64{"3000": 1})
	var n, rows int64
	if err := l.db.Reader().QueryRowContext(t.Context(), `SELECT sum(n), count(*) FROM sold`).Scan(&n, &rows); err != nil || n != soldUnit || rows != 1 {
		t.Errorf("after years the counts are %d in %d rows, %v", n, rows, err)
	}
}

// A search that finds more than it can rank still finds the best sellers.
func TestBestSellersAmongMany(t *testing.T) {
	l := newLab(t)
	var text strings.Builder
	text.WriteString(header)
	for i := range 3 * maxCandidates {
		fmt.Fprintf(&text, "%s,,Soap %05d,,,,100,each,A,,,,,,care,,,\n", gtinOf(i), i)
	}
	l.take(t, Options{}, "a.csv", text.String())
	last := "0" + gtinOf(3*maxCandidates-1)
	l.sell(t, map[string]int64{last: 2})
	found, err := l.Search(t.Context(), "en", "so", 3)
	if err != nil || len(found) != 3 || found[0].Item != last {
		t.Errorf("so finds %v, %v", names(found), err)
	}
}

// Counting waits for an import, but not for ever, and never spoils it.
func TestCountBesideImport(t *testing.T) {
	l := newLab(t)
	l.take(t, Options{}, "a.csv", assortment)
	tx, err := l.db.Writer().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := l.Count(ctx, []Sold{{basket.Article{Item: pen}, 1}}); err == nil {
		t.Error("counted while another writes")
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := l.Count(t.Context(), []Sold{{basket.Article{Item: pen}, 1}, {basket.Article{}, 1}, {basket.Article{Item: pen}, -1}}); err != nil {
		t.Error(err)
	}
}
