-- +goose Up
CREATE SCHEMA IF NOT EXISTS kassa;

-- Rows as the lanes wrote them. Text stays text, to the byte: the hashes are made
-- of it. Partitioned by the month in which a row was written (month, from its own
-- time), since old months are what retention takes away.
CREATE TABLE kassa.journal (
	month   date   NOT NULL,
	store   text   NOT NULL,
	lane    text   NOT NULL,
	epoch   text   NOT NULL,
	seq     bigint NOT NULL,
	run     text   NOT NULL,
	at      text   NOT NULL,
	mono    bigint NOT NULL,
	clock   text   NOT NULL,
	txn     bigint NOT NULL,
	kind    text   NOT NULL,
	event   text   NOT NULL,
	facts   text   NOT NULL,
	prev    bytea  NOT NULL,
	hash    bytea  NOT NULL,
	arrived bigint NOT NULL, -- counts rows in the order they were kept
	PRIMARY KEY (store, lane, epoch, seq, month)
) PARTITION BY RANGE (month);
CREATE INDEX journal_arrived ON kassa.journal USING brin (arrived);

CREATE TABLE kassa.mark ( -- how far each journal is here without a hole
	store   text   NOT NULL,
	lane    text   NOT NULL,
	epoch   text   NOT NULL,
	seq     bigint NOT NULL,
	hash    text   NOT NULL,
	number  bigint NOT NULL,          -- highest transaction number seen
	ahead   bigint NOT NULL,          -- highest row that is here, after a hole perhaps
	at      timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (store, lane, epoch)
);

CREATE TABLE kassa.quarantine (
	id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	store text   NOT NULL,
	lane  text   NOT NULL,
	epoch text   NOT NULL,
	seq   bigint NOT NULL,
	hash  text   NOT NULL,
	why   text   NOT NULL,
	at    timestamptz NOT NULL DEFAULT now(),
	row   text   NOT NULL,            -- JSON, as it came
	UNIQUE (store, lane, epoch, seq, hash, why)
);

CREATE TABLE kassa.anchor ( -- a lane's head as it said it
	store text   NOT NULL,
	lane  text   NOT NULL,
	epoch text   NOT NULL,
	seq   bigint NOT NULL,
	hash  text   NOT NULL,
	at    timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (store, lane, epoch, seq)
);

CREATE TABLE kassa.position ( -- one row: where counting and the ledger stand
	one     integer PRIMARY KEY CHECK (one = 1),
	arrived bigint NOT NULL, -- last number given to a row
	ledger  bigint NOT NULL  -- rows up to it are in the ledger's tables
);
INSERT INTO kassa.position VALUES (1, 0, 0);

-- +goose Down
DROP SCHEMA kassa CASCADE;
