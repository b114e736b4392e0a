package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"kassa/kiosk/bagging"
	"kassa/kiosk/config"
	"kassa/kiosk/station"
	"kassa/store/catalog"
	"kassa/store/journal"
	"kassa/store/report"
)

// weightsReports are what the bagging check of a lane has learned, as reports:
// articles, those to weigh again, the scale, and what the threshold costs.
func weightsReports(lane *config.Lane, j *journal.Reader) []report.Report {
	w := weights{lane: lane, db: j.DB()}
	return []report.Report{w.articles(), w.again(), w.scale(), w.thresholds()}
}

// weights asks a lane's journal and what its check has learned.
type weights struct {
	lane *config.Lane
	db   *report.DB
}

// alarms are the calls about one article, by what people said.
type alarms struct{ all, right, wrong, shopper int64 }

func (a *alarms) add(b alarms) {
	a.all, a.right, a.wrong, a.shopper = a.all+b.all, a.right+b.right, a.wrong+b.wrong, a.shopper+b.shopper
}

// asItIs is what the record says where staff found all well without saying more.
const asItIs = "accepted as it is"

// count sorts a call by who settled it, and how.
func count(by, reason string) alarms {
	a := alarms{all: 1}
	kind, told := strings.CutPrefix(reason, "story ")
	switch {
	case by == "" || by == "lane":
	case by == "shopper":
		a.shopper = 1
	case told && bagging.StoryKind(kind).Honest(), reason == asItIs, reason == "checked":
		a.wrong = 1
	default:
		a.right = 1
	}
	return a
}

// calls are the calls of some business days by article; "" is those about none.
func (w weights) calls(ctx context.Context, q report.Query) (map[string]alarms, error) {
	rows, err := w.db.QueryContext(ctx, `SELECT coalesce(nullif(l.gtin, ''), l.plu, ''), coalesce(i."by", ''), coalesce(i.reason, '')
		FROM intervention AS i JOIN txn AS t ON t.id = i.id
		LEFT JOIN txn_line AS l ON l.id = i.id AND l.n = i.line
		WHERE i.kind = 'bagging' AND (? = '' OR t.business_day >= ?) AND (? = '' OR t.business_day <= ?)`,
		q.Since, q.Since, q.Until, q.Until)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // only read
	out := map[string]alarms{}
	for rows.Next() {
		var key, by, reason string
		if err := rows.Scan(&key, &by, &reason); err != nil {
			return nil, err
		}
		a := out[key]
		a.add(count(by, reason))
		out[key] = a
	}
	return out, rows.Err()
}

// learned is what the lane knows, and what that means.
func (w weights) learned() (bagging.Knowledge, bagging.Report, error) {
	k, err := station.ReadKnowledge(w.lane.Data)
	return k, k.Report(station.BaggingFor(w.lane)), err
}

// names finds what articles are called; one the catalogue has no more is "".
func (w weights) names(ctx context.Context, keys []string) (map[string]string, error) {
	cat, err := catalog.Open(ctx, w.lane.Data)
	if err != nil {
		return nil, err
	}
	defer func() { _ = cat.Close() }() // only read
	out := map[string]string{}
	for _, key := range keys {
		a, found, err := cat.Lookup(ctx, key)
		if err == nil && !found {
			a, _, err = cat.LookupPLU(ctx, key)
		}
		if err != nil {
			return nil, err
		}
		out[key] = a.Name
	}
	return out, nil
}

// article is a row of the report.
type article struct {
	bagging.ArticleReport
	alarms
}

// rows puts what was learned and what people said together.
func (w weights) rows(ctx context.Context, q report.Query) ([]article, map[string]string, error) {
	calls, err := w.calls(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	k, learned, err := w.learned()
	if err != nil {
		return nil, nil, err
	}
	var all []article
	var keys []string
	for _, a := range learned.Articles {
		all = append(all, article{a, calls[a.Key]})
		keys = append(keys, a.Key)
		delete(calls, a.Key)
	}
	for key, a := range calls { // called about, and otherwise as it should be
		if key == "" {
			continue
		}
		known := k.Weights[key]
		all = append(all, article{bagging.ArticleReport{
			Key: key, Sold: known.N, MeanG: known.MeanG, SDG: known.SDG(), ListedG: known.ListedG,
		}, a})
		keys = append(keys, key)
	}
	slices.SortFunc(all, func(a, b article) int {
		return cmp.Or(cmp.Compare(b.wrong, a.wrong), cmp.Compare(b.all, a.all), cmp.Compare(a.Key, b.Key))
	})
	names, err := w.names(ctx, keys)
	return all, names, err
}

func (w weights) articles() report.Report {
	return report.Report{
		Name: "weights", Title: "Articles whose weight is worth a look at lane " + w.lane.ID,
		Counts: "Alarms are calls about the bagging area; true or false is what staff said at the lane, who settled it " +
			"themselves counts as neither. Weights are learned from what was bagged; an article drifted when its mean is 3 sd " +
			"and 2 % off the catalogue, and packaging changed when four different people brought a new weight.",
		Columns: []report.Column{
			{Name: "lane"},
			{Name: "key"},
			{Name: "name"},
			{Name: "alarms", Kind: report.Count},
			{Name: "true_alarms", Kind: report.Count},
			{Name: "false_alarms", Kind: report.Count},
			{Name: "by_shopper", Kind: report.Count},
			{Name: "pieces", Kind: report.Count},
			{Name: "listed_g", Kind: report.Decimal, Unit: "g"},
			{Name: "mean_g", Kind: report.Decimal, Unit: "g"},
			{Name: "sd_g", Kind: report.Decimal, Unit: "g"},
			{Name: "second_g", Kind: report.Decimal, Unit: "g"},
			{Name: "drifted", Kind: report.Flag},
			{Name: "packaging_changed", Kind: report.Flag},
			{Name: "weigh_again", Kind: report.Flag},
		},
		Rows: func(ctx context.Context, q report.Query) ([][]any, error) {
			all, names, err := w.rows(ctx, q)
			var out [][]any
			for _, a := range all {
				out = append(out, []any{
					w.lane.ID, a.Key, names[a.Key], a.all, a.right, a.wrong, a.shopper, a.Sold,
					grams(a.ListedG), grams(a.MeanG), grams(a.SDG), grams(a.SecondG), a.Drifted, a.Changed, a.WeighAgain,
				})
			}
			return out, err
		},
		Plot: report.Plot{
			Kind: report.Bars, X: "name", Y: []string{"true_alarms", "false_alarms"}, XLabel: "Article", YLabel: "Alarms",
		},
	}
}

// grams is a weight to a tenth, nil for none.
func grams(g float64) any {
	if g == 0 {
		return nil
	}
	return math.Round(10*g) / 10
}

func (w weights) again() report.Report {
	return report.Report{
		Name: "weigh-again", Title: "Articles to weigh again, for lane " + w.lane.ID,
		Counts: "Articles with three false alarms or more, with odd weights that agree with each other, with a new weight " +
			"that no staff have seen, or with a mean that has drifted from the catalogue. Weigh five pieces and put the mean into the articles file.",
		Columns: []report.Column{
			{Name: "lane"},
			{Name: "key"},
			{Name: "name"},
			{Name: "listed_g", Kind: report.Decimal, Unit: "g"},
			{Name: "mean_g", Kind: report.Decimal, Unit: "g"},
			{Name: "why"},
		},
		Rows: func(ctx context.Context, q report.Query) ([][]any, error) {
			all, names, err := w.rows(ctx, q)
			var out [][]any
			for _, a := range all {
				var why []string
				if a.Drifted {
					why = append(why, fmt.Sprintf("drifted by %+.0f g", a.MeanG-a.ListedG))
				}
				switch {
				case a.NextG > 0:
					why = append(why, fmt.Sprintf("many weighed %.0f g, which a dearer article does and no staff have seen", a.NextG))
				case a.WeighAgain:
					why = append(why, "false alarms or odd weights that agree")
				}
				if why != nil {
					out = append(out, []any{w.lane.ID, a.Key, names[a.Key], grams(a.ListedG), grams(a.MeanG), strings.Join(why, "; ")})
				}
			}
			return out, err
		},
	}
}

func (w weights) scale() report.Report {
	return report.Report{
		Name: "bagging-scale", Title: "The bagging scale of lane " + w.lane.ID,
		Counts: "Well-known articles of ordinary sales serve as test weights. Zero is needed when the empty scale shows more " +
			"than three of its steps; service when the span is off by 1 %, the spread is 1.6 times as wide as learned, " +
			"or the scale went away more than 20 times. Alarms are of the days asked for.",
		Columns: []report.Column{
			{Name: "lane"},
			{Name: "scale"},
			{Name: "alarms", Kind: report.Count},
			{Name: "true_alarms", Kind: report.Count},
			{Name: "false_alarms", Kind: report.Count},
			{Name: "by_shopper", Kind: report.Count},
			{Name: "trips", Kind: report.Count},
			{Name: "zero_g", Kind: report.Decimal, Unit: "g"},
			{Name: "span_percent", Kind: report.Decimal, Unit: "%"},
			{Name: "spread", Kind: report.Decimal},
			{Name: "lost", Kind: report.Count},
			{Name: "needs_zero", Kind: report.Flag},
			{Name: "needs_service", Kind: report.Flag},
		},
		Rows: func(ctx context.Context, q report.Query) ([][]any, error) {
			if w.lane.Bagging == nil {
				return nil, nil
			}
			calls, err := w.calls(ctx, q)
			if err != nil {
				return nil, err
			}
			var sum alarms
			for _, a := range calls {
				sum.add(a)
			}
			_, r, err := w.learned()
			s := r.Scale
			return [][]any{{
				w.lane.ID, w.lane.Bagging.Protocol, sum.all, sum.right, sum.wrong, sum.shopper, int64(math.Round(r.Trips)),
				math.Round(10*s.ZeroG) / 10, math.Round(1000*s.SpanPct) / 1000, math.Round(100*s.Spread) / 100,
				int64(math.Round(s.Lost)), s.NeedsZero, s.NeedsService,
			}}, err
		},
	}
}

func (w weights) thresholds() report.Report {
	return report.Report{
		Name: "bagging-thresholds", Title: "What calling at another probability would cost lane " + w.lane.ID + ", for 1,000 trips",
		Counts: "Reckoned from every change of the load that was in doubt, with the probability the check gave it. Cost is in " +
			"false alarms; a miss is as dear as call_at in kassa.toml says. What weight cannot tell is in none of the rows.",
		Columns: []report.Column{
			{Name: "lane"},
			{Name: "call_at", Kind: report.Decimal},
			{Name: "used", Kind: report.Flag},
			{Name: "calls", Kind: report.Decimal},
			{Name: "false_calls", Kind: report.Decimal},
			{Name: "caught", Kind: report.Decimal},
			{Name: "missed", Kind: report.Decimal},
			{Name: "cost", Kind: report.Decimal},
		},
		Rows: func(context.Context, report.Query) ([][]any, error) {
			_, r, err := w.learned()
			var out [][]any
			for _, t := range r.Thresholds {
				out = append(out, []any{
					w.lane.ID, math.Round(1e4*t.CallAt) / 1e4, t.Used, hundredths(t.Calls), hundredths(t.False),
					hundredths(t.Caught), hundredths(t.Missed), hundredths(t.Cost),
				})
			}
			return out, err
		},
		Plot: report.Plot{
			Kind: report.Lines, X: "call_at", Y: []string{"cost"}, XLabel: "Probability at which a person is called",
			YLabel: "Cost for 1,000 trips (false alarms)",
		},
	}
}

func hundredths(x float64) float64 { return math.Round(100*x) / 100 }
