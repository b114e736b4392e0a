package report

import "strings"

func count(name string) Column    { return Column{Name: name, Kind: Count} }
func named(name string) Column    { return Column{Name: name} }
func moment(name string) Column   { return Column{Name: name, Kind: Moment} }
func minor(name string) Column    { return Column{Name: name, Kind: Minor} }
func millis(name string) Column   { return Column{Name: name, Kind: Millis, Unit: "s"} }
func permille(name string) Column { return Column{Name: name, Kind: Permille, Unit: "%"} }

// questions are the common reports, in the order in which they are listed.
func questions() []question {
	all := []question{
		sales(), articles(), tenders(), taxes(), payments(), utilisation(), service(), interventions(), losses(), weights(), scales(),
		help(), funnel(), overrides(), devices(),
	}
	for i := range all {
		all[i].sum = strings.ReplaceAll(all[i].sum, "{in}", picked)
	}
	return all
}

func sales() question {
	return question{
		Report{
			Name: "sales", Title: "Sales by hour of the day",
			Columns: []Column{count("hour"), named("currency"), count("days"), count("sales"), count("refunds"), count("pieces"), minor("total_minor"), minor("average_minor")},
			Plot:    Plot{Kind: Bars, X: "hour", Y: []string{"total_minor"}, XLabel: "hour of the store's day", YLabel: "sold, {currency}"},
		},
		"report_sales",
		`SELECT hour, currency, count(DISTINCT business_day), CAST(sum(sales) AS BIGINT), CAST(sum(refunds) AS BIGINT), CAST(sum(pieces) AS BIGINT),
			CAST(sum(total_minor) AS BIGINT), ` + ratio("sum(total_minor)", "sum(sales)") + `
			FROM report_sales WHERE {in} GROUP BY hour, currency ORDER BY currency, hour`,
	}
}

func articles() question {
	return question{
		Report{
			Name: "articles", Title: "Articles by what they brought",
			Columns: []Column{named("gtin"), named("plu"), named("name"), named("currency"), count("pieces"), {Name: "weight_g", Kind: Count, Unit: "g"}, minor("amount_minor"), minor("discount_minor"), count("voided_lines")},
			Plot:    Plot{Kind: Bars, X: "name", Y: []string{"amount_minor"}, XLabel: "article", YLabel: "sold, {currency}", Top: 15},
		},
		"report_articles",
		`SELECT gtin, plu, max(name), currency, CAST(sum(pieces) AS BIGINT), CAST(sum(weight_g) AS BIGINT), CAST(sum(amount_minor) AS BIGINT),
			CAST(sum(discount_minor) AS BIGINT), CAST(sum(voided_lines) AS BIGINT)
			FROM report_articles WHERE {in} GROUP BY gtin, plu, currency ORDER BY sum(amount_minor) DESC, gtin, plu`,
	}
}

func tenders() question {
	return question{
		Report{
			Name: "tenders", Title: "What was paid with",
			Columns: []Column{named("tender"), named("currency"), count("paid"), minor("paid_minor"), count("back"), minor("back_minor"), minor("net_minor")},
			Plot:    Plot{Kind: Bars, X: "tender", Y: []string{"net_minor"}, XLabel: "tender", YLabel: "paid less given back, {currency}"},
		},
		"report_tenders",
		`SELECT kind, currency, CAST(sum(paid) AS BIGINT), CAST(sum(paid_minor) AS BIGINT), CAST(sum(back) AS BIGINT), CAST(sum(back_minor) AS BIGINT), CAST(sum(net_minor) AS BIGINT)
			FROM report_tenders WHERE {in} GROUP BY kind, currency ORDER BY sum(net_minor) DESC, kind`,
	}
}

func taxes() question {
	return question{
		Report{
			Name: "tax", Title: "Tax by rate",
			Columns: []Column{named("tax"), {Name: "rate_ppm", Kind: Count}, named("currency"), count("sales"), minor("net_minor"), minor("tax_minor"), minor("gross_minor")},
			Plot:    Plot{Kind: Bars, X: "tax", Y: []string{"net_minor", "tax_minor"}, XLabel: "tax class", YLabel: "amount, {currency}"},
		},
		"report_tax",
		`SELECT tax, rate_ppm, currency, CAST(sum(sales) AS BIGINT), CAST(sum(net_minor) AS BIGINT), CAST(sum(tax_minor) AS BIGINT), CAST(sum(gross_minor) AS BIGINT)
			FROM report_tax WHERE {in} GROUP BY tax, rate_ppm, currency ORDER BY tax, rate_ppm`,
	}
}

func payments() question {
	return question{
		Report{
			Name: "payments", Title: "Payments tried, by terminal",
			Columns: []Column{named("tender"), named("terminal"), count("tries"), count("approved"), count("declined"), count("aborted"), count("in_doubt"), count("asked"), permille("approved_permille")},
			Plot:    Plot{Kind: Bars, X: "tender", With: []string{"terminal"}, Y: []string{"approved", "declined", "aborted"}, XLabel: "tender and terminal", YLabel: "payments"},
			Counts:  "The share approved is of those that are over.",
		},
		"report_payments",
		`SELECT kind, terminal, CAST(sum(tries) AS BIGINT), CAST(sum(approved) AS BIGINT), CAST(sum(declined) AS BIGINT), CAST(sum(aborted) AS BIGINT),
			CAST(sum(in_doubt) AS BIGINT), CAST(sum(asked) AS BIGINT),
			` + ratio("sum(approved) * 1000", "sum(approved) + sum(declined) + sum(aborted)") + `
			FROM report_payments WHERE {in} GROUP BY kind, terminal ORDER BY kind, terminal`,
	}
}

func utilisation() question {
	return question{
		Report{
			Name: "utilisation", Title: "How busy the lanes were",
			Columns: []Column{count("hour"), count("lane_hours"), count("trips"), {Name: "trips_per_lane_hour", Kind: Decimal}, permille("busy_permille")},
			Plot:    Plot{Kind: Bars, X: "hour", Y: []string{"busy_permille"}, XLabel: "hour of the store's day", YLabel: "time with a shopper, %"},
			Counts:  "A trip counts in the hour in which it ended, with its whole length. Only hours in which a lane ended a trip are lane hours: an idle lane is not told from one that was off.",
		},
		"report_trips",
		`SELECT hour, count(*), CAST(sum(trips) AS BIGINT), CAST(sum(trips) AS DOUBLE PRECISION) / count(*),
			CASE WHEN sum(busy) > 3600000.0 * count(*) THEN 1000 ELSE ` + ratio("sum(busy)", "3600 * count(*)") + ` END
			FROM (SELECT store, lane, business_day, hour, count(*) AS trips, sum(trip_ms) AS busy FROM report_trips WHERE {in}
			GROUP BY store, lane, business_day, hour) AS h GROUP BY hour ORDER BY hour`,
	}
}

func service() question {
	return question{
		Report{
			Name: "service", Title: "How trips went, by language",
			Columns: []Column{named("language"), count("trips"), permille("paid_permille"), millis("median_ms"), millis("ninth_tenth_ms"), permille("alone_permille"), count("rated"), count("good"), count("fair"), count("poor")},
			Plot:    Plot{Kind: Bars, X: "language", Y: []string{"median_ms", "ninth_tenth_ms"}, XLabel: "language on the screen", YLabel: "length of a paid trip, s"},
			Counts:  "Lengths are of paid trips: half were not longer than the median, nine in ten not longer than the ninth tenth. Alone: paid without a call and without an intervention. Ratings are the shopper's: 3 good, 2 fair, 1 poor.",
		},
		"report_trips",
		`SELECT language, count(*), ` + ratio("sum(CASE WHEN state = 'paid' THEN 1000 ELSE 0 END)", "count(*)") + `,
			` + quantile("paid_ms", 5) + `, ` + quantile("paid_ms", 9) + `,
			` + ratio("sum(CASE WHEN state = 'paid' AND calls = 0 AND interventions = 0 THEN 1000 ELSE 0 END)", "count(*)") + `,
			CAST(sum(CASE WHEN rating > 0 THEN 1 ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN rating = 3 THEN 1 ELSE 0 END) AS BIGINT),
			CAST(sum(CASE WHEN rating = 2 THEN 1 ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN rating = 1 THEN 1 ELSE 0 END) AS BIGINT)
			FROM (` + spread("(SELECT t.*, CASE WHEN state = 'paid' THEN trip_ms END AS paid_ms FROM report_trips AS t)", "language", "paid_ms", "{in}") + `) AS s
			GROUP BY language ORDER BY count(*) DESC, language`,
	}
}

func interventions() question {
	return question{
		Report{
			Name: "interventions", Title: "Times a lane needed a person",
			Columns: []Column{named("kind"), count("raised"), permille("of_trips_permille"), count("by_shopper"), count("by_staff"), count("by_console"), count("open"), millis("median_ms"), millis("ninth_tenth_ms")},
			Plot:    Plot{Kind: Bars, X: "kind", Y: []string{"by_shopper", "by_staff", "by_console"}, XLabel: "kind", YLabel: "interventions, by who settled them"},
			Counts:  "Times are from raised to settled. The share is of all trips that ended, and may pass 100 % where a trip has several.",
		},
		"report_interventions",
		`SELECT kind, count(*), ` + ratio("count(*) * 1000", "(SELECT count(*) FROM report_trips WHERE {in})") + `,
			CAST(sum(CASE WHEN settled = 'shopper' THEN 1 ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN settled = 'staff' THEN 1 ELSE 0 END) AS BIGINT),
			CAST(sum(CASE WHEN settled = 'console' THEN 1 ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN settled = 'open' THEN 1 ELSE 0 END) AS BIGINT),
			` + quantile("settle_ms", 5) + `, ` + quantile("settle_ms", 9) + `
			FROM (` + spread("report_interventions", "kind", "settle_ms", "{in}") + `) AS s GROUP BY kind ORDER BY count(*) DESC, kind`,
	}
}

func losses() question {
	return question{
		Report{
			Name: "losses", Title: "What may have been lost",
			Columns: []Column{named("kind"), named("currency"), count("cases"), minor("amount_minor")},
			Plot:    Plot{Kind: Bars, X: "kind", Y: []string{"amount_minor"}, XLabel: "kind", YLabel: "at stake, {currency}"},
		},
		"report_losses",
		`SELECT kind, currency, CAST(sum(cases) AS BIGINT), CAST(sum(amount_minor) AS BIGINT) FROM report_losses WHERE {in} GROUP BY kind, currency ORDER BY kind, currency`,
	}
}

func weights() question {
	return question{
		Report{
			Name: "weights", Title: "Calls of the bagging check, by article",
			Columns: []Column{named("gtin"), named("plu"), named("name"), count("calls"), count("true"), count("false"), count("by_shopper"), count("other"), permille("false_permille"), count("lanes")},
			Plot:    Plot{Kind: Bars, X: "name", Y: []string{"true", "false"}, XLabel: "article", YLabel: "calls", Top: 15},
			Counts:  "The share false is of those that staff judged. An article without a name: the check knew of none.",
		},
		"report_weights",
		`SELECT gtin, plu, max(name), count(*), ` + judged() + `,
			count(DISTINCT lane) FROM report_weights WHERE {in} GROUP BY gtin, plu
			ORDER BY sum(CASE WHEN outcome = 'false' THEN 1 ELSE 0 END) DESC, count(*) DESC, gtin, plu`,
	}
}

// judged sums the outcomes of the bagging check's calls.
func judged() string {
	var all []string
	for _, in := range []string{"'true'", "'false'", "'shopper'", "'other', 'open'"} {
		all = append(all, "CAST(sum(CASE WHEN outcome IN ("+in+") THEN 1 ELSE 0 END) AS BIGINT)")
	}
	return strings.Join(all, ", ") + ", " + ratio("sum(CASE WHEN outcome = 'false' THEN 1000 ELSE 0 END)", "sum(CASE WHEN outcome IN ('true', 'false') THEN 1 ELSE 0 END)")
}

func scales() question {
	return question{
		Report{
			Name: "weights-lanes", Title: "Calls of the bagging check, by lane and its scale",
			Columns: []Column{named("store"), named("lane"), named("what"), count("calls"), count("true"), count("false"), count("by_shopper"), count("other"), permille("false_permille"), permille("of_trips_permille"), millis("median_ms")},
			Plot:    Plot{Kind: Bars, X: "lane", With: []string{"what"}, Y: []string{"true", "false"}, XLabel: "lane, and what was seen", YLabel: "calls"},
			Counts:  "A lane has one bagging scale: one that calls more often, or more often falsely, than its neighbours wants a look. What: unexpected, missing, wrong, removed, or the scale itself. The share is of the trips of the lane that ended; times are from raised to settled.",
		},
		"report_weights",
		`SELECT store, lane, what, count(*), ` + judged() + `,
			` + ratio("count(*) * 1000", "(SELECT count(*) FROM report_trips AS t WHERE t.store = s.store AND t.lane = s.lane AND t.business_day BETWEEN $1 AND $2)") + `,
			` + quantile("settle_ms", 5) + `
			FROM (` + spread("report_weights", "store, lane, what", "settle_ms", "{in}") + `) AS s
			GROUP BY store, lane, what ORDER BY store, lane, count(*) DESC, what`,
	}
}

func help() question {
	return question{
		Report{
			Name: "help", Title: "Calls for help, by reason and channel",
			Columns: []Column{named("reason"), named("channel"), count("calls"), count("done"), count("cancelled"), permille("first_contact_permille"), millis("seen_median_ms"), millis("settled_median_ms"), millis("settled_ninth_tenth_ms")},
			Plot:    Plot{Kind: Bars, X: "reason", With: []string{"channel"}, Y: []string{"settled_median_ms", "settled_ninth_tenth_ms"}, XLabel: "reason and channel", YLabel: "from call to settled, s", Top: 12},
			Counts:  "First contact: of the calls that were done, those after which nobody called again for the same reason in the same trip.",
		},
		"report_help",
		`SELECT reason, channel, count(*), CAST(sum(CASE WHEN state = 'done' THEN 1 ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN state = 'cancelled' THEN 1 ELSE 0 END) AS BIGINT),
			` + ratio("sum(CASE WHEN state = 'done' AND came_back = 0 THEN 1000 ELSE 0 END)", "sum(CASE WHEN state = 'done' THEN 1 ELSE 0 END)") + `,
			max(seen_half), ` + quantile("settle_ms", 5) + `, ` + quantile("settle_ms", 9) + `
			FROM (` + spread(`(SELECT b.*, CASE WHEN rank = (ranked * 5 + 9) / 10 AND rank <= ranked THEN seen_ms END AS seen_half
				FROM (SELECT a.*, row_number() OVER (PARTITION BY reason, channel ORDER BY CASE WHEN seen_ms IS NULL THEN 1 ELSE 0 END, seen_ms) AS rank,
					count(seen_ms) OVER (PARTITION BY reason, channel) AS ranked FROM report_help AS a WHERE {in}) AS b)`,
			"reason, channel", "settle_ms", "{in}") + `) AS s GROUP BY reason, channel ORDER BY count(*) DESC, reason, channel`,
	}
}

func funnel() question {
	step := func(n, name, next string) string {
		return `SELECT ` + n + ` AS place, '` + name + `' AS step, CAST(coalesce(sum(` + name + `), 0) AS BIGINT) AS reached,
			` + ratio("sum("+name+") * 1000", "count(*)") + ` AS share,
			CAST(coalesce(sum(CASE WHEN ` + name + ` = 1 AND ` + next + ` = 0 AND paid = 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS gone FROM report_funnel WHERE {in}`
	}
	return question{
		Report{
			Name: "funnel", Title: "How far shopping trips came",
			Columns: []Column{named("step"), count("reached"), permille("reached_permille"), count("gave_up")},
			Plot:    Plot{Kind: Bars, X: "step", Y: []string{"reached", "gave_up"}, XLabel: "step of the trip", YLabel: "trips"},
			Counts:  "Gave up: came to this step and not to the next, and the trip ended unpaid, parked for the till included.",
		},
		"report_funnel",
		`SELECT step, reached, share, gone FROM (` + strings.Join([]string{
			step("1", "start", "item"), step("2", "item", "pay"), step("3", "pay", "tender"), step("4", "tender", "paid"), step("5", "paid", "paid"),
		}, " UNION ALL ") + `) AS f ORDER BY place`,
	}
}

func overrides() question {
	return question{
		Report{
			Name: "overrides", Title: "What staff changed, by role",
			Columns: []Column{named("kind"), named("role"), named("reason"), named("currency"), count("cases"), minor("amount_minor")},
			Plot:    Plot{Kind: Bars, X: "kind", With: []string{"role"}, Y: []string{"cases"}, XLabel: "kind and role", YLabel: "cases"},
			Counts:  "Roles, never persons: who did it stands in the log, for those who may ask.",
		},
		"report_overrides",
		`SELECT kind, role, reason, currency, CAST(sum(cases) AS BIGINT), CAST(sum(amount_minor) AS BIGINT) FROM report_overrides WHERE {in}
			GROUP BY kind, role, reason, currency ORDER BY kind, role, reason`,
	}
}

func devices() question {
	return question{
		Report{
			Name: "devices", Title: "How long devices were away",
			Columns: []Column{named("store"), named("lane"), named("device"), count("went"), millis("away_ms"), millis("longest_ms"), {Name: "up", Kind: Flag}, moment("last_at")},
			Plot:    Plot{Kind: Bars, X: "device", With: []string{"lane"}, Y: []string{"away_ms"}, XLabel: "device and lane", YLabel: "away, s"},
			Counts:  "Days are calendar days of the lane's clock. One that is still away counts as gone without a length; a lane that is off counts its devices as they were.",
		},
		"report_devices",
		`SELECT store, lane, device, CAST(sum(1 - up) AS BIGINT), CAST(coalesce(sum(down_ms), 0) AS BIGINT), CAST(coalesce(max(down_ms), 0) AS BIGINT),
			max(CASE WHEN of_seq = newest THEN up END), max(at)
			FROM (SELECT d.*, max(of_seq) OVER (PARTITION BY store, lane, epoch, device) AS newest FROM report_devices AS d WHERE {in}) AS n
			GROUP BY store, lane, device ORDER BY sum(down_ms) DESC, lane, device`,
	}
}
