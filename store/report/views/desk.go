package views

// Desk is the view of a hub's desk.db: its calls for help that have ended.
func Desk() View {
	return View{
		Name: "report_calls", Doc: "Calls of the store's desk that have ended, by the calendar day on which they were raised.",
		Columns: deskColumns(),
		Body: `SELECT c.lane, substr(c.raised_at, 1, 10) AS business_day, c.id, c.number, c.area, c.reason, c.phase, c.channel, c.language, c.priority,
	c.raised_at, c.seen_ms, c.claim_ms, c.settle_ms,
	1 + coalesce((SELECT max(coalesce(p.value ->> 'tier', p.value ->> 'Tier')) FROM json_each(c.tiers) AS p), 0) AS tier,
	c.remote, c.outcome, c.state, c.before, c.rating, c.solved, c.verdict, c.article, c.device,
	(c.number <> 0 AND EXISTS (SELECT 1 FROM contact AS d WHERE d.lane = c.lane AND d.number = c.number AND d.before > c.before
		AND julianday(d.raised_at) <= julianday(c.raised_at) + 7)
	OR c.member <> '' AND EXISTS (SELECT 1 FROM contact AS d WHERE d.member = c.member AND d.area = c.area
		AND julianday(d.raised_at) > julianday(c.raised_at) AND julianday(d.raised_at) <= julianday(c.raised_at) + 7)) AS came_back
	FROM contact AS c`,
	}
}
