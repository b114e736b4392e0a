// Package journal keeps what happened on one lane, in order, for good.
//
// Every event that changed the lane's state is a record, chained to the one
// before by its hash (package chain). The tables that IT reads are derived from the
// records' decided part, [flow.Facts], in the same transaction (derive.go), and
// can be made anew from it at any time. Personal data lies beside the chain
// (personal.go). Raw scale samples and a terminal's progress never enter.
//
// It is not for deciding anything: it never works out a price or a total.
//
// Its one rule: what was acknowledged is there after a power cut, once, in the
// order of the calls. Commits are grouped: one goroutine at a time, the first that
// waits for a record ([Ticket.Wait]) or else [Journal.Run], writes all that waits
// in one transaction, flushes once, and only then acknowledges.
//
// What a crash leaves:
//
//	before the commit      none of the batch: nobody was told otherwise
//	in the commit          all of the batch or none of it
//	before the tickets     all of it; nobody acted on it yet, so the next start
//	                       finds the records and decides anew what to do
//	in a rebuild           the tables as they were; the next start begins again
//
// An error of the disk ends the journal: whoever waits gets it, and Append
// refuses from then on, since nobody can know whether the batch is there. The
// next Open reads what is.
//
// # For IT
//
// DIR/journal.db may be read with any SQLite while the lane runs (open it with
// mode=ro; a read transaction left open for hours lets the log grow). The views
// below are stable: columns are named as in the JSON export, and are only ever
// added. The tables behind them are not.
//
//	txn           a transaction: id, store, lane, epoch, number, state, opened_at,
//	              closed_at, clock, business_day, currency, language,
//	              rounding_minor, total_minor, rating, journal_first,
//	              journal_last, journal_hash
//	txn_line      a line: id and number of the transaction, n, gtin, plu, name,
//	              qty, weight_g, unit_minor, amount_minor, discounts (JSON),
//	              tax, voided (0, 1), code, of, weight, tare_g
//	txn_tax       a rate: id, number, tax, rate_ppm, net_minor, tax_minor,
//	              gross_minor
//	txn_tender    a payment made or tried: id, number, n, kind, amount_minor,
//	              result, terminal, receipt, trace, card, key
//	intervention  a time the lane needed a person: id, number, n, kind,
//	              raised_at, settled_at, by, reason, from, line, detail
//	contact       a call for help: id, number, n, reason, channel, state,
//	              raised_at, seen_at, ended_at, by, outcome, language
//	event         a record: seq, run, at, mono (ns), clock, number, kind, event
//	              (JSON), facts (JSON), prev, hash
//
// Times are RFC 3339 with offset, "" for none; money is whole minor units. How
// to verify the chain with other tools stands in package chain.
package journal
