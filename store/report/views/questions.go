package views

// questions are the views that every database has, in the words that SQLite and
// PostgreSQL share.
func questions() []View {
	return []View{
		{Name: "report_sales", Doc: "Paid sales and refunds by the hour of the store's day in which they ended. Refunds lower the total; a piece is a unit sold, or one weighing; deposits are no pieces.", Body: salesView},
		{Name: "report_articles", Doc: "Lines of paid sales and refunds that were not voided. voided_lines counts lines taken off in trips of any end.", Body: articlesView},
		{Name: "report_tenders", Doc: "Payments made or tried, in trips of any end. Money given back is negative.", Body: tendersView},
		{Name: "report_tax", Doc: "The tax table of paid sales and refunds, rate by rate, as the lane decided it.", Body: taxView},
		{Name: "report_payments", Doc: "Payments tried, by terminal. A try is over when it is approved, declined or aborted; asked and in-doubt are not.", Body: paymentsView},
		{Name: "report_trips", Doc: "A row for each trip that has ended, from the first touch or scan to its end.", Body: tripsView},
		{Name: "report_interventions", Doc: "A row for each time a lane waited for a person, or asked for one. settle_ms is NULL while open.", Body: interventionsView},
		{Name: "report_losses", Doc: "What may be a loss: voids, trips left behind, prices set by hand, refunds, bagging checks that were right. An amount is what was at stake, not what was lost.", Body: lossesView},
		{Name: "report_weights", Doc: "A row for each call of the bagging check. true: staff put something right or said that something unpaid lay there; false: staff accepted it as it was; shopper: settled before anybody came.", Body: weightsView},
		{Name: "report_help", Doc: "A row for each call for help as the lane saw it. again: the same reason was called before in the same trip; came_back: it was called again later.", Body: helpView},
		{Name: "report_funnel", Doc: "A row for each trip that has ended: 1 where it came to that step, whichever way.", Body: funnelView},
		{Name: "report_overrides", Doc: "What staff did beyond selling, by role: prices set by hand, sales and lines voided, limits lifted. amount_minor is by how much the price came down, or what a voided sale was worth.", Body: overridesView},
		{Name: "report_devices", Doc: "A row each time a device came or went. down_ms is how long it stayed away, NULL while it still is and for one that came.", Body: devicesView},
	}
}

const salesView = `SELECT t.store, t.lane, t.business_day, t.hour, t.currency,
	CAST(sum(CASE WHEN t.state = 'paid' THEN 1 ELSE 0 END) AS BIGINT) AS sales,
	CAST(sum(CASE WHEN t.state = 'refund' THEN 1 ELSE 0 END) AS BIGINT) AS refunds,
	CAST(sum(coalesce(l.pieces, 0)) AS BIGINT) AS pieces, CAST(sum(t.total_minor) AS BIGINT) AS total_minor
	FROM {txn} AS t LEFT JOIN (SELECT store, lane, epoch, number,
		sum(CASE WHEN voided OR "of" <> 0 THEN 0 WHEN weight_g > 0 THEN 1 WHEN weight_g < 0 THEN -1 ELSE qty END) AS pieces
		FROM {line} GROUP BY store, lane, epoch, number) AS l
	ON l.store = t.store AND l.lane = t.lane AND l.epoch = t.epoch AND l.number = t.number
	WHERE t.state IN ('paid', 'refund')
	GROUP BY t.store, t.lane, t.business_day, t.hour, t.currency`

const articlesView = `SELECT t.store, t.lane, t.business_day, l.gtin, l.plu, {last:l.name} AS name, t.currency,
	CAST(sum(CASE WHEN voided OR t.state NOT IN ('paid', 'refund') THEN 0 WHEN l.weight_g > 0 THEN 1 WHEN l.weight_g < 0 THEN -1 ELSE l.qty END) AS BIGINT) AS pieces,
	CAST(sum(CASE WHEN voided OR t.state NOT IN ('paid', 'refund') THEN 0 ELSE l.weight_g END) AS BIGINT) AS weight_g,
	CAST(sum(CASE WHEN voided OR t.state NOT IN ('paid', 'refund') THEN 0 ELSE l.amount_minor END) AS BIGINT) AS amount_minor,
	CAST(sum(CASE WHEN voided OR t.state NOT IN ('paid', 'refund') THEN 0 ELSE l.discount_minor END) AS BIGINT) AS discount_minor,
	CAST(sum(CASE WHEN voided THEN 1 ELSE 0 END) AS BIGINT) AS voided_lines
	FROM {txn} AS t JOIN {line} AS l ON l.store = t.store AND l.lane = t.lane AND l.epoch = t.epoch AND l.number = t.number
	WHERE t.state NOT IN ('open', 'in-doubt')
	GROUP BY t.store, t.lane, t.business_day, l.gtin, l.plu, t.currency`

const tendersView = `SELECT t.store, t.lane, t.business_day, p.kind, t.currency,
	CAST(sum(CASE WHEN p.result = 'approved' AND p.amount_minor >= 0 THEN 1 ELSE 0 END) AS BIGINT) AS paid,
	CAST(sum(CASE WHEN p.result = 'approved' AND p.amount_minor > 0 THEN p.amount_minor ELSE 0 END) AS BIGINT) AS paid_minor,
	CAST(sum(CASE WHEN p.result = 'approved' AND p.amount_minor < 0 THEN 1 ELSE 0 END) AS BIGINT) AS back,
	CAST(sum(CASE WHEN p.result = 'approved' AND p.amount_minor < 0 THEN p.amount_minor ELSE 0 END) AS BIGINT) AS back_minor,
	CAST(sum(CASE WHEN p.result = 'approved' THEN p.amount_minor ELSE 0 END) AS BIGINT) AS net_minor
	FROM {txn} AS t JOIN {tender} AS p ON p.store = t.store AND p.lane = t.lane AND p.epoch = t.epoch AND p.number = t.number
	GROUP BY t.store, t.lane, t.business_day, p.kind, t.currency`

const taxView = `SELECT t.store, t.lane, t.business_day, x.tax, x.rate_ppm, t.currency, count(*) AS sales,
	CAST(sum(x.net_minor) AS BIGINT) AS net_minor, CAST(sum(x.tax_minor) AS BIGINT) AS tax_minor,
	CAST(sum(x.gross_minor) AS BIGINT) AS gross_minor
	FROM {txn} AS t JOIN {tax} AS x ON x.store = t.store AND x.lane = t.lane AND x.epoch = t.epoch AND x.number = t.number AND x.seq >= t.seq
	WHERE t.state IN ('paid', 'refund')
	GROUP BY t.store, t.lane, t.business_day, x.tax, x.rate_ppm, t.currency`

const paymentsView = `SELECT t.store, t.lane, t.business_day, p.kind, p.terminal, t.currency, count(*) AS tries,
	CAST(sum(CASE WHEN p.result = 'approved' THEN 1 ELSE 0 END) AS BIGINT) AS approved,
	CAST(sum(CASE WHEN p.result = 'declined' THEN 1 ELSE 0 END) AS BIGINT) AS declined,
	CAST(sum(CASE WHEN p.result = 'aborted' THEN 1 ELSE 0 END) AS BIGINT) AS aborted,
	CAST(sum(CASE WHEN p.result = 'in-doubt' THEN 1 ELSE 0 END) AS BIGINT) AS in_doubt,
	CAST(sum(CASE WHEN p.result = 'asked' THEN 1 ELSE 0 END) AS BIGINT) AS asked,
	CAST(sum(CASE WHEN p.result = 'approved' THEN p.amount_minor ELSE 0 END) AS BIGINT) AS net_minor
	FROM {txn} AS t JOIN {tender} AS p ON p.store = t.store AND p.lane = t.lane AND p.epoch = t.epoch AND p.number = t.number
	GROUP BY t.store, t.lane, t.business_day, p.kind, p.terminal, t.currency`

const tripsView = `SELECT t.store, t.lane, t.business_day, t.number, t.id, t.state, t.hour, t.language, t.currency, t.total_minor,
	CASE WHEN t.closed_ms > t.opened_ms THEN t.closed_ms - t.opened_ms ELSE 0 END AS trip_ms, t.rating,
	coalesce(l.lines, 0) AS lines, coalesce(c.calls, 0) AS calls, coalesce(i.interventions, 0) AS interventions, t.epoch
	FROM {txn} AS t
	LEFT JOIN (SELECT store, lane, epoch, number, count(*) AS lines FROM {line} WHERE "of" = 0 AND NOT voided
		GROUP BY store, lane, epoch, number) AS l ON l.store = t.store AND l.lane = t.lane AND l.epoch = t.epoch AND l.number = t.number
	LEFT JOIN (SELECT store, lane, epoch, number, count(*) AS calls FROM {contact}
		GROUP BY store, lane, epoch, number) AS c ON c.store = t.store AND c.lane = t.lane AND c.epoch = t.epoch AND c.number = t.number
	LEFT JOIN (SELECT store, lane, epoch, number, count(*) AS interventions FROM {intervention}
		GROUP BY store, lane, epoch, number) AS i ON i.store = t.store AND i.lane = t.lane AND i.epoch = t.epoch AND i.number = t.number
	WHERE t.state NOT IN ('open', 'in-doubt', 'refund')`

const interventionsView = `SELECT i.store, i.lane, coalesce(t.business_day, substr(i.raised_at, 1, 10)) AS business_day, i.number, i.n, i.kind, i.raised_at,
	CASE WHEN i.settle_ms < 0 THEN NULL ELSE i.settle_ms END AS settle_ms,
	CASE WHEN i.settle_ms < 0 THEN 'open' WHEN i."by" = 'shopper' THEN 'shopper' WHEN i."by" = 'lane' THEN 'lane'
		WHEN i."from" = 'console' THEN 'console' ELSE 'staff' END AS settled,
	i.reason, i.line, i.detail, i.epoch
	FROM {intervention} AS i LEFT JOIN {txn} AS t
	ON t.store = i.store AND t.lane = i.lane AND t.epoch = i.epoch AND t.number = i.number`

const lossesView = `SELECT store, lane, business_day, kind, CAST(sum(cases) AS BIGINT) AS cases, CAST(sum(amount_minor) AS BIGINT) AS amount_minor, currency FROM (
	SELECT t.store, t.lane, t.business_day, 'line-voided' AS kind, t.currency, 1 AS cases, l.amount_minor
		FROM {txn} AS t JOIN {line} AS l ON l.store = t.store AND l.lane = t.lane AND l.epoch = t.epoch AND l.number = t.number
		WHERE l.voided AND l."of" = 0 AND t.state IN ('paid', 'parked')
	UNION ALL SELECT store, lane, business_day, 'sale-' || state, currency, 1, total_minor FROM {txn} WHERE state IN ('voided', 'abandoned')
	UNION ALL SELECT store, lane, business_day, 'refund', currency, 1, -total_minor FROM {txn} WHERE state = 'refund'
	UNION ALL SELECT t.store, t.lane, t.business_day, 'price-set', t.currency, 1,
		CASE WHEN l.weight_g <> 0 THEN l.was_minor - l.unit_minor ELSE (l.was_minor - l.unit_minor) * l.qty END
		FROM {txn} AS t JOIN {line} AS l ON l.store = t.store AND l.lane = t.lane AND l.epoch = t.epoch AND l.number = t.number
		WHERE l.set_by <> '' AND NOT l.voided AND t.state = 'paid'
	UNION ALL SELECT t.store, t.lane, t.business_day, 'bag-put-right', t.currency, 1, 0
		FROM {txn} AS t JOIN {intervention} AS i ON i.store = t.store AND i.lane = t.lane AND i.epoch = t.epoch AND i.number = t.number
		WHERE i.kind = 'bagging' AND i.reason = 'put right' AND i."by" <> 'shopper'
	UNION ALL SELECT t.store, t.lane, t.business_day, 'payment-in-doubt', t.currency, 1, p.amount_minor
		FROM {txn} AS t JOIN {tender} AS p ON p.store = t.store AND p.lane = t.lane AND p.epoch = t.epoch AND p.number = t.number
		WHERE p.result = 'in-doubt') AS x
	GROUP BY store, lane, business_day, kind, currency`

const weightsView = `SELECT i.store, i.lane, coalesce(t.business_day, substr(i.raised_at, 1, 10)) AS business_day, i.number, i.n,
	coalesce(l.gtin, '') AS gtin, coalesce(l.plu, '') AS plu, coalesce(l.name, '') AS name, {head:i.detail} AS what, i.detail,
	CASE WHEN i.settle_ms < 0 THEN 'open' WHEN i."by" = 'shopper' THEN 'shopper' WHEN i.reason IN ('put right', 'story extra', 'story swap', 'story double', 'story hidden',
			'story loaded-bag', 'story void-kept') THEN 'true'
		WHEN i.reason = 'accepted as it is' OR i.reason LIKE 'story %' THEN 'false' ELSE 'other' END AS outcome,
	CASE WHEN i.settle_ms < 0 THEN NULL ELSE i.settle_ms END AS settle_ms, i.epoch
	FROM {intervention} AS i
	LEFT JOIN {txn} AS t ON t.store = i.store AND t.lane = i.lane AND t.epoch = i.epoch AND t.number = i.number
	LEFT JOIN {line} AS l ON l.store = i.store AND l.lane = i.lane AND l.epoch = i.epoch AND l.number = i.number AND l.n = i.line
	WHERE i.kind = 'bagging' AND i.detail <> ''`

const helpView = `SELECT c.store, c.lane, coalesce(t.business_day, substr(c.raised_at, 1, 10)) AS business_day, c.number, c.n, c.reason, c.channel,
	c.state, c.outcome, c.language, c.raised_at, {ms:c.seen_at} - {ms:c.raised_at} AS seen_ms, {ms:c.ended_at} - {ms:c.raised_at} AS settle_ms,
	CASE WHEN EXISTS (SELECT 1 FROM {contact} AS b WHERE b.store = c.store AND b.lane = c.lane AND b.epoch = c.epoch AND b.number = c.number
		AND c.number <> 0 AND b.reason = c.reason AND b.n < c.n) THEN 1 ELSE 0 END AS again,
	CASE WHEN EXISTS (SELECT 1 FROM {contact} AS b WHERE b.store = c.store AND b.lane = c.lane AND b.epoch = c.epoch AND b.number = c.number
		AND c.number <> 0 AND b.reason = c.reason AND b.n > c.n) THEN 1 ELSE 0 END AS came_back, c.epoch
	FROM {contact} AS c LEFT JOIN {txn} AS t
	ON t.store = c.store AND t.lane = c.lane AND t.epoch = c.epoch AND t.number = c.number`

const funnelView = `SELECT t.store, t.lane, t.business_day, t.number, t.state,
	1 AS start, max(CASE WHEN s.step = 'item' THEN 1 ELSE 0 END) AS item,
	max(CASE WHEN s.step = 'pay' THEN 1 ELSE 0 END) AS pay,
	max(CASE WHEN s.step = 'tender' THEN 1 ELSE 0 END) AS tender,
	max(CASE WHEN s.step = 'paid' THEN 1 ELSE 0 END) AS paid, t.epoch
	FROM {txn} AS t LEFT JOIN {step} AS s ON s.store = t.store AND s.lane = t.lane AND s.epoch = t.epoch AND s.number = t.number
	WHERE t.state NOT IN ('open', 'in-doubt', 'refund')
	GROUP BY t.store, t.lane, t.business_day, t.number, t.state, t.epoch`

const overridesView = `SELECT x.store, x.lane, x.business_day, x.kind,
	coalesce(w.role, CASE WHEN x.source = 'console' THEN 'console' WHEN x.who IN ('shopper', 'lane') THEN x.who ELSE 'unknown' END) AS role,
	x.reason, count(*) AS cases, CAST(sum(x.amount_minor) AS BIGINT) AS amount_minor, x.currency FROM (
	SELECT t.store, t.lane, t.business_day, 'price' AS kind, l.set_by AS who, l.set_reason AS reason, '' AS source, t.currency,
		CASE WHEN l.weight_g <> 0 THEN l.was_minor - l.unit_minor ELSE (l.was_minor - l.unit_minor) * l.qty END AS amount_minor
		FROM {txn} AS t JOIN {line} AS l ON l.store = t.store AND l.lane = t.lane AND l.epoch = t.epoch AND l.number = t.number
		WHERE l.set_by <> ''
	UNION ALL SELECT t.store, t.lane, t.business_day,
		CASE WHEN i.reason = 'sale voided' THEN 'void-sale' WHEN i.reason = 'line removed' THEN 'void-line' WHEN i.reason = 'parked' THEN 'park' ELSE i.kind END,
		i."by", i.reason, i."from", t.currency,
		CASE WHEN i.reason = 'sale voided' THEN t.total_minor WHEN i.reason = 'line removed' THEN coalesce(l.amount_minor, 0)
			WHEN i.kind = 'refund' THEN -t.total_minor ELSE 0 END
		FROM {txn} AS t JOIN {intervention} AS i ON i.store = t.store AND i.lane = t.lane AND i.epoch = t.epoch AND i.number = t.number
		LEFT JOIN {line} AS l ON l.store = i.store AND l.lane = i.lane AND l.epoch = i.epoch AND l.number = i.number AND l.n = i.line
		WHERE (i.kind IN ('audit', 'limit', 'refund') OR i.reason = 'line removed') AND i."by" NOT IN ('', 'shopper', 'lane')) AS x
	LEFT JOIN {staff} AS w ON w.store = x.store AND w.who = x.who
	GROUP BY x.store, x.lane, x.business_day, x.kind, coalesce(w.role, CASE WHEN x.source = 'console' THEN 'console' WHEN x.who IN ('shopper', 'lane') THEN x.who ELSE 'unknown' END),
		x.reason, x.currency`

const devicesView = `SELECT store, lane, substr(at, 1, 10) AS business_day, device, at, CASE WHEN up THEN 1 ELSE 0 END AS up, why,
	CASE WHEN up THEN NULL ELSE lead({ms:at}) OVER (PARTITION BY store, lane, epoch, device ORDER BY of_seq) - {ms:at} END AS down_ms, epoch, of_seq
	FROM {device}`
