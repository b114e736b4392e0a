package report

import (
	"context"
	"database/sql"

	"kassa/store/report/views"
)

// Desk returns the reports of a hub's help desk, which knows more of a call than
// the lane: who was asked, who took it when, and whether that solved it. They
// stand in for the common report of the same name.
func Desk(db *sql.DB) []Report {
	var all []Report
	for _, q := range []question{deskHelp(), ratings()} {
		r := q.Report
		r.Counts = views.Desk().Doc + " " + q.Counts
		statement, columns := "WITH "+views.Desk().Name+" AS ("+views.Desk().Body+")\n"+q.sum, len(r.Columns)
		r.Rows = func(ctx context.Context, query Query) ([][]any, error) {
			return ask(ctx, db, statement, columns, query)
		}
		all = append(all, r)
	}
	return all
}

func deskHelp() question {
	return question{
		Report{
			Name: "help", Title: "Calls for help, by reason, channel and tier",
			Columns: []Column{
				named("reason"), named("channel"), count("tier"), count("calls"), count("cancelled"), count("from_afar"), permille("first_contact_permille"),
				millis("claimed_median_ms"), millis("settled_median_ms"), millis("settled_ninth_tenth_ms"),
			},
			Plot:   Plot{Kind: Bars, X: "reason", With: []string{"channel", "tier"}, Y: []string{"claimed_median_ms", "settled_median_ms"}, XLabel: "reason, channel and tier", YLabel: "since the call was raised, s", Top: 12},
			Counts: "The tier is the highest that was asked, counted from 1. First contact: of the calls that were done, the first of their sale with no other call after them in it. Half were claimed or settled within the median.",
		},
		"",
		`SELECT reason, channel, tier, count(*), sum(state = 'cancelled'), sum(remote),
			sum(iif(state = 'done' AND before = 0 AND came_back = 0, 1000, 0)) / nullif(sum(state = 'done'), 0),
			max(claim_half), ` + quantile("settle_ms", 5) + `, ` + quantile("settle_ms", 9) + `
			FROM (` + spread(`(SELECT b.*, CASE WHEN rank = (ranked * 5 + 9) / 10 AND rank <= ranked THEN claim_ms END AS claim_half
				FROM (SELECT a.*, row_number() OVER (PARTITION BY reason, channel, tier ORDER BY claim_ms IS NULL, claim_ms) AS rank,
					count(claim_ms) OVER (PARTITION BY reason, channel, tier) AS ranked FROM report_calls AS a WHERE `+pickedDesk+`) AS b)`,
			"reason, channel, tier", "settle_ms", pickedDesk) + `) AS s GROUP BY reason, channel, tier ORDER BY count(*) DESC, reason, channel, tier`,
	}
}

func ratings() question {
	return question{
		Report{
			Name: "ratings", Title: "What shoppers and attendants said of calls",
			Columns: []Column{named("reason"), count("calls"), count("good"), count("fair"), count("poor"), count("solved"), count("not_solved"), count("could_be_avoided")},
			Plot:    Plot{Kind: Bars, X: "reason", Y: []string{"good", "fair", "poor"}, XLabel: "reason", YLabel: "ratings", Top: 12},
			Counts:  "Solved is the shopper's answer to whether it was; not all are asked. Could be avoided: the attendant gave the call a verdict.",
		},
		"",
		`SELECT reason, count(*), sum(rating = 3), sum(rating = 2), sum(rating = 1), coalesce(sum(solved = 1), 0), coalesce(sum(solved = 0), 0), sum(verdict <> '')
			FROM report_calls WHERE ` + pickedDesk + ` GROUP BY reason ORDER BY count(*) DESC, reason`,
	}
}
