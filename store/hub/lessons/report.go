package lessons

import (
	"context"

	"kassa/kiosk/bagging"
	"kassa/store/report"
)

// Report is what a store's lanes know of weights together.
func (b *Book) Report() report.Report {
	return report.Report{
		Name: "learned", Title: "What the lanes have learned of weights",
		Counts: "An article is known to a lane that has told the hub of it. Pieces, weight and spread are those of the lane that has learned from " +
			"most pieces among those that most lanes agree with; the second weight is that of another packaging, or of a lane that does not agree. " +
			"Days do not count: it is what is known now.",
		Columns: []report.Column{
			{Name: "article"},
			{Name: "lanes", Kind: report.Count},
			{Name: "pieces", Kind: report.Count},
			{Name: "mean", Kind: report.Decimal, Unit: "g"},
			{Name: "spread", Kind: report.Decimal, Unit: "g"},
			{Name: "second", Kind: report.Decimal, Unit: "g"},
			{Name: "odd", Kind: report.Count},
		},
		Rows: func(ctx context.Context, _ report.Query) ([][]any, error) {
			all, err := b.Articles(ctx)
			var rows [][]any
			for _, a := range all {
				rows = append(rows, row(a))
			}
			return rows, err
		},
	}
}

func row(a Article) []any {
	known := append([]bagging.Weight{}, a.Known...)
	if len(known) == 0 {
		known = append(known, bagging.Weight{})
	}
	w, second := known[0], any(nil)
	switch {
	case len(known) > 1 && known[1].MeanG > 0:
		second = known[1].MeanG
	case w.Second != nil:
		second = w.Second.MeanG
	}
	return []any{a.Key, a.Lanes, w.N, w.MeanG, w.SDG(), second, int64(len(w.Odd))}
}
