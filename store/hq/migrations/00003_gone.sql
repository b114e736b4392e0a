-- +goose Up
CREATE TABLE kassa.gone ( -- rows that reached their age, or that a lane had let go: the next one hangs on hash
	store  text   NOT NULL,
	lane   text   NOT NULL,
	epoch  text   NOT NULL,
	"from" bigint NOT NULL,
	"to"   bigint NOT NULL,
	hash   text   NOT NULL,           -- of row "to"
	why    text   NOT NULL,           -- age, or lane: it had let them go before they came here
	at     timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (store, lane, epoch, "from")
);

CREATE TABLE kassa.member ( -- lanes that send their rows themselves, without a hub
	store       text NOT NULL,
	lane        text NOT NULL,
	key         text NOT NULL DEFAULT '', -- public half of the lane's own key, '': not enrolled
	code        text NOT NULL DEFAULT '', -- hash of its one-time code
	expires     timestamptz,              -- of the code
	added_at    timestamptz NOT NULL DEFAULT now(),
	enrolled_at timestamptz,
	removed_at  timestamptz,
	heard_at    timestamptz,              -- last time it sent something, to the minute
	PRIMARY KEY (store, lane)
);
CREATE UNIQUE INDEX member_key ON kassa.member (key) WHERE key <> '';

-- +goose Down
DROP TABLE kassa.member;
DROP TABLE kassa.gone;
