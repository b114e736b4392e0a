package catalog

// appID marks a catalogue among SQLite files: "kaCT".
const appID = 0x6b614354

// migrations are the steps of the schema; released steps never change.
//
// An article's names stand in it as JSON, since they are only ever read with
// it. code holds GTINs of 14 digits and "plu:4011". Prices and recalls refer to
// articles by text, so that a full import of articles leaves them alone. The
// table of words is made by Open, since which it can be depends on the build.
func migrations() []string {
	return []string{version1, version2, version3, version4, version5, version6}
}

// version6 lets a pack have a deposit of its own: the crate's beside the bottles'.
const version6 = `ALTER TABLE code ADD COLUMN crate INTEGER NOT NULL DEFAULT 0; -- minor units`

// version5 keeps the promotions of past versions for a lane that starts again in
// the middle of a basket.
const version5 = `
CREATE TABLE promotion_past (
	version INTEGER PRIMARY KEY, -- the last that had them
	rules   TEXT NOT NULL        -- as Promotions returned them, JSON
) STRICT;
`

// version4 leaves finding by words to SQLite's full text search.
const version4 = `
DROP TABLE term;
CREATE TABLE finding (
	words   TEXT NOT NULL,   -- the table to look into, '' before it is made
	folding INTEGER NOT NULL -- the version of our folding that its words have
) STRICT;
INSERT INTO finding VALUES ('', 0);
`

// version3 turns terms round: an import comes article by article, so that the
// table grows at its end and only the index is sorted.
const version3 = `
CREATE TABLE word (
	article INTEGER NOT NULL,
	term    TEXT NOT NULL,
	PRIMARY KEY (article, term)
) STRICT, WITHOUT ROWID;
INSERT INTO word SELECT article, term FROM term ORDER BY article, term;
DROP TABLE term;
ALTER TABLE word RENAME TO term;
CREATE INDEX term_by_term ON term (term, article);
`

// version2 counts what is sold. What the counts are looked up by stands beside
// them, as it was when last sold.
const version2 = `
CREATE TABLE sold (
	item  TEXT PRIMARY KEY,
	n     INTEGER NOT NULL,
	loose INTEGER NOT NULL, -- has a PLU
	grp   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sold_by_n ON sold (loose, n DESC);
CREATE INDEX sold_by_group ON sold (grp, loose, n DESC);

CREATE TABLE season (sold_day INTEGER NOT NULL) STRICT; -- up to which the counts have aged
INSERT INTO season VALUES (0);
`

const version1 = `
CREATE TABLE meta (version INTEGER NOT NULL) STRICT;
INSERT INTO meta VALUES (0);

CREATE TABLE article (
	id       INTEGER PRIMARY KEY,
	item     TEXT NOT NULL UNIQUE, -- first GTIN, or plu:4011
	plu      TEXT NOT NULL,
	name     TEXT NOT NULL,
	names    TEXT NOT NULL,        -- {"fr": ...} or ''
	sort     TEXT NOT NULL,        -- folded name
	price    INTEGER NOT NULL,
	per      INTEGER NOT NULL,
	tax      TEXT NOT NULL,
	age      INTEGER NOT NULL,
	mean_mg  INTEGER NOT NULL,
	sd_mg    INTEGER NOT NULL,
	tare_g   INTEGER NOT NULL,
	deposit  INTEGER NOT NULL,
	grp      TEXT NOT NULL,
	flags    INTEGER NOT NULL,
	picture  TEXT NOT NULL,
	synonyms TEXT NOT NULL,
	codes    TEXT NOT NULL,        -- the file's gtin column
	version  INTEGER NOT NULL,     -- that brought it
	source   INTEGER NOT NULL,     -- which of that import's files
	line     INTEGER NOT NULL      -- of that file
) STRICT;
CREATE INDEX article_by_grid ON article (plu = '', sort, id);
CREATE INDEX article_by_group ON article (grp, plu = '', sort, id);
CREATE INDEX article_by_tax ON article (tax);

CREATE TABLE code (
	code    TEXT PRIMARY KEY,
	article INTEGER NOT NULL,
	pack    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX code_by_article ON code (article);

CREATE TABLE term (
	term    TEXT NOT NULL,
	article INTEGER NOT NULL,
	PRIMARY KEY (term, article)
) STRICT, WITHOUT ROWID;
CREATE INDEX term_by_article ON term (article, term); -- for all but the first word of a search

CREATE TABLE price (
	id          INTEGER PRIMARY KEY, -- in the order of the file
	item        TEXT NOT NULL,
	price       INTEGER NOT NULL,
	per         INTEGER,             -- NULL: the article's own
	valid_from  INTEGER NOT NULL,    -- Unix seconds; first
	valid_until INTEGER NOT NULL,    -- first second after
	members     INTEGER NOT NULL
) STRICT;
CREATE INDEX price_by_item ON price (item);

CREATE TABLE recall (
	id          INTEGER PRIMARY KEY,
	code        TEXT NOT NULL,
	lot         TEXT NOT NULL, -- '': all
	serial      TEXT NOT NULL, -- '': all
	valid_from  INTEGER NOT NULL,
	valid_until INTEGER NOT NULL,
	text        TEXT NOT NULL,
	texts       TEXT NOT NULL -- {"fr": ...} or ''
) STRICT;
CREATE INDEX recall_by_code ON recall (code);

CREATE TABLE promotion (
	id   TEXT PRIMARY KEY,
	rule TEXT NOT NULL -- basket.Promotion as JSON
) STRICT, WITHOUT ROWID;
`
