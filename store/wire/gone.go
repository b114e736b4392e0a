package wire

import "fmt"

// Gone says that rows From to To of a journal are kept no longer, or were never
// sent: their age was reached, or their lane had let them go before. Hash is that
// of row To, so that the row after it still shows what it follows.
type Gone struct {
	From int64  `json:"from"`
	To   int64  `json:"to"`
	Hash string `json:"hash"`
}

// Covers reports whether all rows from up to to are among those that are gone.
func (g Gone) Covers(from, to int64) bool { return g.From <= from && to <= g.To }

// A Journal names one lane's database.
type Journal struct{ Store, Lane, Epoch string }

// Journal returns the journal that a row is of.
func (r Row) Journal() Journal { return Journal{r.Store, r.Lane, r.Epoch} }

// A Follower checks rows that come by store, lane, epoch and number, as they are
// kept. What is gone is known by journal; its beginning hangs on the hash that
// stands there.
type Follower struct {
	Gone map[Journal][]Gone
	last Row
}

// Next says what is wrong with the row that comes next, "" for nothing.
func (f *Follower) Next(r Row) string {
	last := f.last
	f.last = r
	why := r.Follows(last)
	if why == "" || !r.Sound() {
		return why
	}
	from := int64(1)
	if last.Journal() == r.Journal() {
		from = last.Seq + 1
	}
	g, ok := f.gone(from, r)
	for next := ok; next; { // what an earlier keeper had, and what reached its age here
		var more Gone
		if more, next = f.gone(g.To+1, r); next {
			g = more
		}
	}
	switch {
	case !ok:
		return why
	case g.To < r.Seq-1:
		return fmt.Sprintf("rows %d to %d are missing before it", g.To+1, r.Seq-1)
	case g.To == r.Seq-1 && g.Hash != r.Prev:
		return fmt.Sprintf("it does not follow row %d, the last of those that are gone", g.To)
	}
	return ""
}

// gone finds what explains, if only in part, that r comes where row from was due.
func (f *Follower) gone(from int64, r Row) (Gone, bool) {
	for _, g := range f.Gone[r.Journal()] {
		if from < r.Seq && g.Covers(from, from) {
			return g, true
		}
	}
	return Gone{}, false
}
