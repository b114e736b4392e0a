package web

import (
	"context"
	"io"
	"math/rand/v2"
	"testing"

	"kassa/kiosk/flow"
)

// TestAConnectionShowsWhatAWholePageShows walks from story to story on one
// connection: what it remembers must never show.
func TestAConnectionShowsWhatAWholePageShows(t *testing.T) {
	s, err := newSite(newLane().options(t))
	if err != nil {
		t.Fatal(err)
	}
	st := &stream{site: s, out: io.Discard, has: map[string]string{}, live: map[string]string{}, memo: newMemo()}
	rng := rand.New(rand.NewPCG(7, 7))
	all, languages := stories(), []string{"en", "en", "en", "ar"}
	for range 400 {
		v := all[rng.IntN(len(all))].view
		v.Language, v.Languages = languages[rng.IntN(len(languages))], storyLanguages()
		if v.Sale != nil { // lines come, go and change
			sale := *v.Sale
			sale.Lines = append([]flow.ViewLine(nil), sale.Lines[:rng.IntN(len(sale.Lines)+1)]...)
			for i := range sale.Lines {
				sale.Lines[i].Qty += int64(rng.IntN(2))
				sale.Lines[i].Newest = i == 0 && rng.IntN(2) == 0
			}
			v.Sale = &sale
		}
		if err := st.show(context.Background(), v); err != nil {
			t.Fatal(err)
		}
		whole := s.page(context.Background(), st.still, query{})
		for _, name := range parts {
			want, err := whole.part(name)
			if err != nil {
				t.Fatal(err)
			}
			if st.has[name] != want {
				t.Fatalf("%s of %s shows\n%s\nwant\n%s", name, v.Screen, st.has[name], want)
			}
		}
	}
}

// BenchmarkScan is what one more line costs a page of fifteen.
func BenchmarkScan(b *testing.B) {
	s, err := newSite(newLane().options(&testing.T{}))
	if err != nil {
		b.Fatal(err)
	}
	v := newLane().now
	first := v.Sale.Lines[0]
	basket := *v.Sale
	basket.Lines = nil
	for n := range 15 {
		l := first
		l.N, l.Newest = 100-n, n == 0
		basket.Lines = append(basket.Lines, l)
	}
	v.Sale = &basket
	st := &stream{site: s, out: io.Discard, has: map[string]string{}, live: map[string]string{}, memo: newMemo()}
	for i := 0; b.Loop(); i++ {
		next := *v.Sale
		next.Lines = append([]flow.ViewLine(nil), next.Lines...)
		next.Lines[0].N, next.Lines[0].Newest = 1000+i, true
		next.Total++
		v.Sale = &next
		if err := st.show(context.Background(), v); err != nil {
			b.Fatal(err)
		}
	}
}
