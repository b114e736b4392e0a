package journal

import (
	"kassa/store/report/views"
	"kassa/store/sqlite"
)

// FileName is the journal's database inside the lane's data folder.
const FileName = "journal.db"

// derivedVersion changes when deriving the tables changes; an older file's
// tables are then made anew from its records at the next start.
const derivedVersion = 2

// Each page a commit touches is written twice, to SQLite's log and to the file,
// and a memory card wears with each: so a scan is made to touch three. That is
// why no table has a second index, taxes lie in their transaction's row, and
// the head moves only when the lane does.

// schema is the journal's. Times are RFC 3339 text with the offset of the store,
// amounts whole minor units. Released steps never change; the views' columns
// are the export's names and only grow.
func schema() sqlite.Schema {
	s := sqlite.Schema{Name: "journal", AppID: 0x6b734a31 /* "ksJ1" */, Migrations: []string{chainV1 + derivedV1 + viewsV1, moneyV2}}
	for _, v := range views.All(views.Journal) {
		s.Views = append(s.Views, sqlite.View{Name: v.Name, SQL: v.Create()})
	}
	return s
}

const chainV1 = `
CREATE TABLE identity (            -- one row: whose journal this is
	one        INTEGER PRIMARY KEY CHECK (one = 1),
	epoch      TEXT NOT NULL,      -- random, made with the file
	store      TEXT NOT NULL,
	lane       TEXT NOT NULL,
	created_at TEXT NOT NULL,
	derived    INTEGER NOT NULL    -- version of the derived tables
) STRICT;
CREATE TABLE anchor (              -- one row: what the first record's prev must be
	one  INTEGER PRIMARY KEY CHECK (one = 1),
	seq  INTEGER NOT NULL,         -- the records after it are in the file
	hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TABLE record (
	seq   INTEGER PRIMARY KEY,     -- from 1, without holes
	run   TEXT NOT NULL,           -- of the station
	at    TEXT NOT NULL,           -- wall time, a label
	mono  INTEGER NOT NULL,        -- nanoseconds since the run began
	clock TEXT NOT NULL,           -- quality of the wall time
	txn   INTEGER NOT NULL,        -- transaction number, 0: none
	kind  TEXT NOT NULL,
	event TEXT NOT NULL,           -- JSON
	facts TEXT NOT NULL,           -- JSON, '' when nothing was decided
	prev  BLOB NOT NULL CHECK (length(prev) = 32),
	hash  BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TABLE head (                -- one row, outside the chain: tells a cut tail
	one  INTEGER PRIMARY KEY CHECK (one = 1),
	seq  INTEGER NOT NULL,         -- of the record that last decided about the lane
	hash BLOB NOT NULL CHECK (length(hash) = 32),
	lane TEXT NOT NULL             -- what it decided, JSON
) STRICT;
CREATE TABLE personal (            -- beside the chain, so that it can be erased
	handle TEXT PRIMARY KEY,
	class  TEXT NOT NULL,
	value  TEXT NOT NULL,
	at     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`

const derivedV1 = `
CREATE TABLE derived_txn (
	number         INTEGER PRIMARY KEY,
	id             TEXT NOT NULL,
	store          TEXT NOT NULL,
	lane           TEXT NOT NULL,
	state          TEXT NOT NULL,
	opened_at      TEXT NOT NULL,
	closed_at      TEXT NOT NULL,  -- '' while open
	opened_ms      INTEGER NOT NULL,
	closed_ms      INTEGER NOT NULL,
	clock          TEXT NOT NULL,
	business_day   TEXT NOT NULL,
	currency       TEXT NOT NULL,
	language       TEXT NOT NULL,
	rounding_minor INTEGER NOT NULL,
	total_minor    INTEGER NOT NULL,
	rating         INTEGER NOT NULL,
	taxes          TEXT NOT NULL,  -- JSON array
	first          INTEGER NOT NULL, -- its first record
	last           INTEGER NOT NULL  -- its newest
) STRICT;
CREATE TABLE derived_line (
	number       INTEGER NOT NULL,
	n            INTEGER NOT NULL,
	gtin         TEXT NOT NULL,
	plu          TEXT NOT NULL,
	name         TEXT NOT NULL,
	qty          INTEGER NOT NULL,
	weight_g     INTEGER NOT NULL,
	unit_minor   INTEGER NOT NULL,
	amount_minor INTEGER NOT NULL,
	discounts    TEXT NOT NULL,    -- JSON array
	tax          TEXT NOT NULL,
	voided       INTEGER NOT NULL,
	code         TEXT NOT NULL,
	"of"         INTEGER NOT NULL,
	weight       TEXT NOT NULL,
	tare_g       INTEGER NOT NULL,
	per          INTEGER NOT NULL,
	PRIMARY KEY (number, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE derived_tender (
	number       INTEGER NOT NULL,
	n            INTEGER NOT NULL,
	kind         TEXT NOT NULL,
	amount_minor INTEGER NOT NULL,
	result       TEXT NOT NULL,
	terminal     TEXT NOT NULL,
	receipt      TEXT NOT NULL,
	trace        TEXT NOT NULL,
	card         TEXT NOT NULL,
	key          TEXT NOT NULL,
	PRIMARY KEY (number, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE derived_intervention (
	number     INTEGER NOT NULL,
	n          INTEGER NOT NULL,
	kind       TEXT NOT NULL,
	raised_at  TEXT NOT NULL,
	settled_at TEXT NOT NULL,
	"by"       TEXT NOT NULL,
	reason     TEXT NOT NULL,
	"from"     TEXT NOT NULL,
	line       INTEGER NOT NULL,
	detail     TEXT NOT NULL,
	PRIMARY KEY (number, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE derived_contact (
	number    INTEGER NOT NULL,
	n         INTEGER NOT NULL,
	reason    TEXT NOT NULL,
	channel   TEXT NOT NULL,
	state     TEXT NOT NULL,
	raised_at TEXT NOT NULL,
	seen_at   TEXT NOT NULL,
	ended_at  TEXT NOT NULL,
	"by"      TEXT NOT NULL,
	outcome   TEXT NOT NULL,
	language  TEXT NOT NULL,
	PRIMARY KEY (number, n)
) STRICT, WITHOUT ROWID;
`

const viewsV1 = `
CREATE VIEW txn AS SELECT t.id, t.store, t.lane, (SELECT epoch FROM identity) AS epoch, t.number, t.state,
	t.opened_at, t.closed_at, t.clock, t.business_day, t.currency, t.language, t.rounding_minor, t.total_minor, t.rating,
	t.first AS journal_first, t.last AS journal_last,
	(SELECT lower(hex(hash)) FROM record WHERE seq = t.last) AS journal_hash
	FROM derived_txn AS t;
CREATE VIEW txn_line AS SELECT t.id, l.number, l.n, l.gtin, l.plu, l.name, l.qty, l.weight_g, l.unit_minor,
	l.amount_minor, l.discounts, l.tax, l.voided, l.code, l."of", l.weight, l.tare_g
	FROM derived_line AS l JOIN derived_txn AS t USING (number);
CREATE VIEW txn_tax AS SELECT t.id, t.number, x.value ->> 'tax' AS tax, x.value ->> 'rate_ppm' AS rate_ppm,
	x.value ->> 'net_minor' AS net_minor, x.value ->> 'tax_minor' AS tax_minor, x.value ->> 'gross_minor' AS gross_minor
	FROM derived_txn AS t, json_each(t.taxes) AS x;
CREATE VIEW txn_tender AS SELECT t.id, p.number, p.n, p.kind, p.amount_minor, p.result, p.terminal, p.receipt,
	p.trace, p.card, p.key
	FROM derived_tender AS p JOIN derived_txn AS t USING (number);
CREATE VIEW intervention AS SELECT coalesce(t.id, '') AS id, i.number, i.n, i.kind, i.raised_at, i.settled_at, i."by",
	i.reason, i."from", i.line, i.detail
	FROM derived_intervention AS i LEFT JOIN derived_txn AS t USING (number);
CREATE VIEW contact AS SELECT coalesce(t.id, '') AS id, c.number, c.n, c.reason, c.channel, c.state, c.raised_at,
	c.seen_at, c.ended_at, c."by", c.outcome, c.language
	FROM derived_contact AS c LEFT JOIN derived_txn AS t USING (number);
CREATE VIEW event AS SELECT seq, run, at, mono, clock, txn AS number, kind, event, facts,
	lower(hex(prev)) AS prev, lower(hex(hash)) AS hash FROM record;
`

// moneyV2 says of a transaction what it is of, of a tender where its money went,
// and of a weight what proves it.
const moneyV2 = `
ALTER TABLE derived_txn ADD COLUMN recalled TEXT NOT NULL DEFAULT '';         -- id of the parked transaction it took up
ALTER TABLE derived_txn ADD COLUMN "of" TEXT NOT NULL DEFAULT '';             -- id of the one that a refund gives back from
ALTER TABLE derived_txn ADD COLUMN document INTEGER NOT NULL DEFAULT 0;       -- number among the refunds
ALTER TABLE derived_line ADD COLUMN frame TEXT NOT NULL DEFAULT '';           -- the scale's answer as it came
ALTER TABLE derived_line ADD COLUMN returns INTEGER NOT NULL DEFAULT 0;       -- line of the refunded transaction
ALTER TABLE derived_tender ADD COLUMN way TEXT NOT NULL DEFAULT '';           -- reverse, refund, credit, issue
ALTER TABLE derived_tender ADD COLUMN "of" INTEGER NOT NULL DEFAULT 0;        -- tender that goes back
ALTER TABLE derived_tender ADD COLUMN asked_minor INTEGER NOT NULL DEFAULT 0; -- where less was approved
ALTER TABLE derived_tender ADD COLUMN voucher TEXT NOT NULL DEFAULT '';       -- handle
ALTER TABLE derived_tender ADD COLUMN left_minor INTEGER NOT NULL DEFAULT 0;  -- on the voucher
DROP VIEW txn;
CREATE VIEW txn AS SELECT t.id, t.store, t.lane, (SELECT epoch FROM identity) AS epoch, t.number, t.state,
	t.opened_at, t.closed_at, t.clock, t.business_day, t.currency, t.language, t.rounding_minor, t.total_minor, t.rating,
	t.first AS journal_first, t.last AS journal_last,
	(SELECT lower(hex(hash)) FROM record WHERE seq = t.last) AS journal_hash, t.recalled, t."of", t.document
	FROM derived_txn AS t;
DROP VIEW txn_line;
CREATE VIEW txn_line AS SELECT t.id, l.number, l.n, l.gtin, l.plu, l.name, l.qty, l.weight_g, l.unit_minor,
	l.amount_minor, l.discounts, l.tax, l.voided, l.code, l."of", l.weight, l.tare_g, l.frame, l.returns
	FROM derived_line AS l JOIN derived_txn AS t USING (number);
DROP VIEW txn_tender;
CREATE VIEW txn_tender AS SELECT t.id, p.number, p.n, p.kind, p.amount_minor, p.result, p.terminal, p.receipt,
	p.trace, p.card, p.key, p.way, p."of", p.asked_minor, p.voucher, p.left_minor
	FROM derived_tender AS p JOIN derived_txn AS t USING (number);
`
