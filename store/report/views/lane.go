package views

// lane gives a lane's journal the tables of the ledger, as views. What the
// derived tables do not hold is taken from the records.
func lane() []View {
	return []View{
		{Name: "ledger_txn", Doc: "a transaction, as at the hub", Body: `SELECT store, lane, (SELECT epoch FROM identity) AS epoch, number, id, state, opened_at, closed_at,
	opened_ms, closed_ms, clock, business_day, CAST(substr(iif(closed_at = '', opened_at, closed_at), 12, 2) AS INTEGER) AS hour,
	currency, language, rounding_minor, total_minor, rating, last AS seq
	FROM derived_txn`},
		{Name: "ledger_line", Doc: "a line of a transaction, as at the hub", Body: `SELECT i.store, i.lane, i.epoch, l.number, l.n, l.gtin, l.plu, l.name, l.qty, l.weight_g, l.unit_minor, l.amount_minor,
	coalesce((SELECT sum(d.value ->> 'amount_minor') FROM json_each(l.discounts) AS d), 0) AS discount_minor, l.discounts, l.tax,
	l.voided, l.code, l."of", coalesce(s.set_by, '') AS set_by, coalesce(s.set_reason, '') AS set_reason, coalesce(s.was_minor, 0) AS was_minor
	FROM derived_line AS l CROSS JOIN identity AS i
	LEFT JOIN (SELECT r.txn AS number, x.value ->> 'n' AS n, max(r.seq) AS seq, x.value ->> '$.set.by' AS set_by,
		x.value ->> '$.set.reason' AS set_reason, x.value ->> '$.set.was_minor' AS was_minor
		FROM record AS r, json_each(r.facts, '$.lines') AS x
		WHERE r.facts LIKE '%"set":{%' AND x.value ->> '$.set.by' IS NOT NULL GROUP BY 1, 2) AS s ON s.number = l.number AND s.n = l.n`},
		{Name: "ledger_tax", Doc: "a rate's share of a transaction, as at the hub", Body: `SELECT t.store, t.lane, (SELECT epoch FROM identity) AS epoch, t.number, x.value ->> 'tax' AS tax, x.value ->> 'rate_ppm' AS rate_ppm,
	x.value ->> 'net_minor' AS net_minor, x.value ->> 'tax_minor' AS tax_minor, x.value ->> 'gross_minor' AS gross_minor, t.last AS seq
	FROM derived_txn AS t, json_each(t.taxes) AS x`},
		{Name: "ledger_tender", Doc: "a payment made or tried, as at the hub", Body: `SELECT i.store, i.lane, i.epoch, p.number, p.n, p.kind, p.amount_minor, p.result, p.terminal, p.receipt, p.trace, p.card, p.key
	FROM derived_tender AS p CROSS JOIN identity AS i`},
		{Name: "ledger_intervention", Doc: "a time the lane needed a person, as at the hub", Body: `SELECT i.store, i.lane, i.epoch, x.number, x.n, x.kind, x.raised_at, x.settled_at,
	CASE WHEN x.settled_at = '' THEN -1 ELSE CAST(round((julianday(x.settled_at) - julianday(x.raised_at)) * 86400000.0) AS INTEGER) END AS settle_ms,
	x."by", x.reason, x."from", x.line, x.detail
	FROM derived_intervention AS x CROSS JOIN identity AS i`},
		{Name: "ledger_contact", Doc: "a call for help, as at the hub", Body: `SELECT i.store, i.lane, i.epoch, c.number, c.n, c.reason, c.channel, c.state, c.raised_at, c.seen_at, c.ended_at,
	c."by", c.outcome, c.language
	FROM derived_contact AS c CROSS JOIN identity AS i`},
		{Name: "ledger_step", Doc: "the steps that trips came to, as at the hub, without times", Body: `SELECT i.store, i.lane, i.epoch, s.number, s.step FROM identity AS i CROSS JOIN (
	SELECT number, 'start' AS step FROM derived_txn
	UNION ALL SELECT DISTINCT number, 'item' FROM derived_line
	UNION ALL SELECT DISTINCT txn, 'pay' FROM record WHERE kind = 'touched' AND txn <> 0 AND event ->> 'act' = 'pay'
	UNION ALL SELECT DISTINCT number, 'tender' FROM derived_tender
	UNION ALL SELECT number, 'paid' FROM derived_txn WHERE state = 'paid') AS s`},
		{Name: "ledger_device", Doc: "a device that came or went, as at the hub", Body: `SELECT i.store, i.lane, i.epoch, r.seq AS of_seq, r.event ->> 'device' AS device, coalesce(r.event ->> 'up', 0) AS up,
	coalesce(r.event ->> 'why', '') AS why, r.at
	FROM record AS r CROSS JOIN identity AS i WHERE r.kind = 'device'`},
	}
}
