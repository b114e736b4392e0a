package keeper

import (
	"fmt"
	"slices"
	"testing"

	lane "kassa/store/journal"
	"kassa/store/wire"
	"kassa/store/wire/wiretest"
)

// sales is a journal of n sales of four rows each: two articles, paid, and what
// came of the paper.
func sales(n int) []wire.Row {
	rows := journalOf("1", "e", 4*n)
	for i := range rows {
		r, number := &rows[i], int64(i/4+1)
		state := "open"
		if i%4 >= 2 {
			state = "paid"
		}
		r.Txn = number
		r.Facts = fmt.Sprintf(`{"txn":{"id":"0421-1-%06d","store":"0421","lane":"1","number":%d,"state":%q,"opened_at":"2026-11-21T08:00:00Z",`+
			`"clock":"synced","business_day":"2026-11-21","currency":"EUR"},"lines":[{"n":%d,"qty":1,"amount_minor":100}]}`, number, number, state, i%4+1)
	}
	wiretest.Chain(rows)
	return rows
}

// given goes on where after ends, and returns which sales came with how many lines.
func given(t *testing.T, k *Keeper, after map[wire.Journal]int64) (all []string) {
	t.Helper()
	c := &Choice{Keeper: k, After: after, Given: func(j wire.Journal, number int64, _, _ int) { after[j] = max(after[j], number) }}
	for x, err := range c.Transactions(t.Context(), lane.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%d:%d", x.Number, len(x.Lines)))
	}
	return all
}

// A hole may lie in a sale, at its end, over whole sales and between two: what is
// behind it waits, and comes once and whole when it is filled.
func TestResumeWaitsAtAHole(t *testing.T) {
	for name, tt := range map[string]struct {
		from, to int // rows that are missing, from 1
		first    []string
	}{
		"in a sale":       {10, 10, []string{"1:4", "2:4"}},
		"its paper":       {12, 12, []string{"1:4", "2:4"}},
		"whole sales":     {5, 12, nil},
		"its beginning":   {9, 9, []string{"1:4"}},
		"the very first":  {1, 1, nil},
		"over two":        {7, 10, []string{"1:4"}},
		"its last but it": {11, 11, []string{"1:4", "2:4"}},
	} {
		t.Run(name, func(t *testing.T) {
			k := open(t, t.TempDir())
			rows := sales(6)
			take(t, k, slices.Concat(rows[:tt.from-1], rows[tt.to:])...)
			after := map[wire.Journal]int64{}
			got := given(t, k, after)
			if !slices.Equal(got, tt.first) {
				t.Errorf("with the hole: %v, want %v", got, tt.first)
			}
			take(t, k, rows[tt.from-1:tt.to]...)
			got = append(got, given(t, k, after)...)
			if len(got) != 6 {
				t.Errorf("in all: %v", got)
			}
			for i, s := range got {
				if s != fmt.Sprintf("%d:4", i+1) {
					t.Errorf("sale %d came as %s", i+1, s)
				}
			}
		})
	}
}

// A hole that somebody takes as it is holds up nothing: what is whole comes once,
// what was in it in part never does, and is named. The next hole is another.
func TestResumeWithoutAHole(t *testing.T) {
	for name, tt := range map[string]struct {
		from, to int // rows that are missing, from 1
		given    []string
		torn     []int64
	}{
		"in a sale":      {10, 10, []string{"1:4", "2:4", "4:4", "5:4"}, []int64{3}},
		"its paper":      {12, 12, []string{"1:4", "2:4", "3:3", "5:4"}, []int64{4}},
		"whole sales":    {5, 12, []string{"1:4", "5:4"}, []int64{4}},
		"its beginning":  {9, 9, []string{"1:4", "2:4", "4:4", "5:4"}, []int64{3}},
		"the very first": {1, 1, []string{"2:4", "3:4", "4:4", "5:4"}, []int64{1}},
		"over two":       {7, 10, []string{"1:4", "4:4", "5:4"}, []int64{2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			k := open(t, t.TempDir())
			rows := sales(6)
			take(t, k, slices.Concat(rows[:tt.from-1], rows[tt.to:21], rows[22:])...) // another hole in the last
			j := rows[0].Journal()
			c := &Choice{Keeper: k, After: map[wire.Journal]int64{}}
			var torn []int64
			var waits []Hole
			c.Given = func(j wire.Journal, number int64, _, _ int) { c.After[j] = max(c.After[j], number) }
			c.Torn = func(_ Hole, number int64) { torn = append(torn, number) }
			c.Waits = func(h Hole) { waits = append(waits, h) }
			var got []string
			for i := range 3 {
				for x, err := range c.Transactions(t.Context(), lane.Filter{}) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, fmt.Sprintf("%d:%d", x.Number, len(x.Lines)))
				}
				if i == 0 {
					if len(waits) != 1 || waits[0].From != int64(tt.from) || waits[0].To != int64(tt.to) || waits[0].Since.IsZero() {
						t.Fatalf("waits for %v", waits)
					}
					c.Without = []Hole{{Journal: j, From: int64(tt.from), To: int64(tt.to)}}
				}
			}
			if !slices.Equal(got, tt.given) || !slices.Equal(torn, tt.torn) {
				t.Errorf("given %v, want %v; torn %v, want %v", got, tt.given, torn, tt.torn)
			}
			if last := waits[len(waits)-1]; last.String() != "1/e/22-22" {
				t.Errorf("then it waits for %s", last)
			}
		})
	}
}
