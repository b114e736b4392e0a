package report

import (
	"context"
	"database/sql"
)

// knowledge is what a store's self-help is worth: which articles solve, after
// which a person is called all the same, and what is searched for in vain. It
// reads the rows of the lanes' journals at a hub, of which an index finds those
// that matter.
func knowledge(db *sql.DB) Report {
	r := Report{
		Name: "knowledge", Title: "Self-help: what solves, what does not, what is not there",
		Columns: []Column{
			named("kind"), named("what"), named("language"), count("times"), count("solved"), count("then_called"), count("only_read"), permille("solved_permille"),
		},
		Plot: Plot{Kind: Bars, X: "what", With: []string{"kind"}, Y: []string{"solved", "then_called", "only_read"}, XLabel: "article, or a search without result", YLabel: "times", Top: 12},
		Counts: "Each article that a shopper opened and each search that found nothing, by the language of the page. Of a visit to self-help the last article " +
			"counts as what solved it, if she said so or did there and then what it says; then called: a person was asked afterwards. " +
			"A search that found nothing is a gap: an article that is missing, or a word that it lacks.",
	}
	r.Rows = func(ctx context.Context, q Query) ([][]any, error) {
		return ask(ctx, db, knowledgeSQL, len(r.Columns), q)
	}
	return r
}

// knowledgeSQL takes the last word on each contact, for a record brings it whole
// whenever it changes.
const knowledgeSQL = `WITH said AS (
	SELECT j.store, j.lane, coalesce(t.business_day, substr(c.value ->> 'raised_at', 1, 10)) AS business_day, c.value AS contact,
		row_number() OVER (PARTITION BY j.store, j.lane, j.epoch, j.txn, c.value ->> 'n' ORDER BY j.seq DESC) AS nth
	FROM journal AS j, json_each(j.facts, '$.contacts') AS c
	LEFT JOIN txn AS t ON t.store = j.store AND t.lane = j.lane AND t.epoch = j.epoch AND t.number = j.txn
	WHERE instr(j.facts, '"reads":') > 0 AND j.at >= coalesce(date($1, '-2 days'), '')),
looked AS (
	SELECT coalesce(contact ->> 'language', '') AS language, coalesce(contact ->> 'outcome', '') AS outcome,
		coalesce(r.value ->> 'article', '') AS article, coalesce(r.value ->> 'search', '') AS search,
		r.key = (SELECT max(x.key) FROM json_each(contact, '$.reads') AS x WHERE coalesce(x.value ->> 'article', '') <> '') AS last
	FROM said, json_each(contact, '$.reads') AS r WHERE nth = 1 AND ` + picked + `),
one AS (
	SELECT iif(article <> '', 'article', 'search') AS kind, iif(article <> '', article, lower(trim(search))) AS what, language,
		article <> '' AND last AND outcome = 'self-help' AS solved, outcome NOT IN ('self-help', 'read') AS called
	FROM looked WHERE article <> '' OR search <> '')
SELECT kind, what, language, count(*), sum(solved), sum(called), sum(NOT solved AND NOT called), 1000 * sum(solved) / count(*)
	FROM one GROUP BY kind, what, language ORDER BY kind DESC, count(*) DESC, what, language`
