package desk

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"kassa/kiosk/help"
	"kassa/store/report/views"
	"kassa/store/sqlite"
	"kassa/store/wire"
)

// FileName is the desk's database in the hub's folder.
const FileName = "desk.db"

// schema keeps open calls whole, as JSON, and ended ones as contacts in columns
// that reports can count. Contacts hold handles, never names.
func schema() sqlite.Schema {
	v := views.Desk()
	return sqlite.Schema{Name: "desk", AppID: 0x6b734431 /* "ksD1" */, Views: []sqlite.View{{Name: v.Name, SQL: v.Create()}}, Migrations: []string{`
CREATE TABLE call (
	id      TEXT PRIMARY KEY,
	lane    TEXT NOT NULL,
	open    INTEGER NOT NULL,
	call    TEXT NOT NULL,      -- help.Call, JSON
	context TEXT NOT NULL       -- wire.Context, JSON
) STRICT, WITHOUT ROWID;
CREATE TABLE contact (
	id         TEXT PRIMARY KEY, -- of the call
	lane       TEXT NOT NULL,
	number     INTEGER NOT NULL, -- of the sale, 0: none
	area       TEXT NOT NULL,    -- first level of the reason
	reason     TEXT NOT NULL,    -- both levels
	phase      TEXT NOT NULL,    -- before, during, after the sale
	channel    TEXT NOT NULL,
	language   TEXT NOT NULL,
	priority   INTEGER NOT NULL,
	raised_at  TEXT NOT NULL,
	seen_ms    INTEGER,          -- from raised; null: never
	claim_ms   INTEGER,
	settle_ms  INTEGER,
	tiers      TEXT NOT NULL,    -- the way it went, JSON
	"by"       TEXT NOT NULL,
	remote     INTEGER NOT NULL,
	outcome    TEXT NOT NULL,
	state      TEXT NOT NULL,    -- done, cancelled
	before     INTEGER NOT NULL, -- calls before it in the same sale: it came back
	rating     INTEGER NOT NULL, -- of the shopper, 1 to 3, 0: none
	solved     INTEGER,          -- "did that solve it?", null: no answer
	verdict    TEXT NOT NULL,    -- "how was this call", by the attendant
	article    TEXT NOT NULL,    -- code of the article it was about
	device     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE reading (               -- self-help before a call, and searches without result
	id      INTEGER PRIMARY KEY,
	call    TEXT NOT NULL,
	lane    TEXT NOT NULL,
	article TEXT NOT NULL,
	search  TEXT NOT NULL,
	at      TEXT NOT NULL
) STRICT;
`, talkTable, memberColumn, noticeTable}}
}

// record is a call with what is known around it.
type record struct {
	Call    help.Call
	Context wire.Context
}

// book is the desk's database.
type book struct{ db *sqlite.DB }

func openBook(ctx context.Context, dir string) (*book, error) {
	db, err := sqlite.Open(ctx, filepath.Join(dir, FileName), schema())
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	return &book{db}, nil
}

// open returns the calls that were open when the desk last wrote.
func (b *book) open(ctx context.Context) (all []record, err error) {
	rows, err := b.db.Reader().QueryContext(ctx, `SELECT call, context FROM call WHERE open ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("desk: calls: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var call, about string
		if err := rows.Scan(&call, &about); err != nil {
			return nil, fmt.Errorf("desk: calls: %w", err)
		}
		var r record
		if err := errors.Join(json.Unmarshal([]byte(call), &r.Call), json.Unmarshal([]byte(about), &r.Context)); err != nil {
			return nil, fmt.Errorf("desk: calls: %w", err)
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// known returns a call that ended, for a lane that says the same once more.
func (b *book) known(ctx context.Context, id string) (help.Call, bool, error) {
	var text string
	err := b.db.Reader().QueryRowContext(ctx, `SELECT call FROM call WHERE id = ?`, id).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return help.Call{}, false, nil
	}
	var c help.Call
	if err == nil {
		err = json.Unmarshal([]byte(text), &c)
	}
	if err != nil {
		return c, false, fmt.Errorf("desk: call %s: %w", id, err)
	}
	return c, true, nil
}

// write keeps a call as it is now with the exits to be told of it, and its
// contact once it has ended.
func (b *book) write(ctx context.Context, r record, now time.Time, exits []string) error {
	call, err := json.Marshal(r.Call)
	if err != nil {
		return fmt.Errorf("desk: call %s: %w", r.Call.ID, err)
	}
	about, err := json.Marshal(r.Context)
	if err != nil {
		return fmt.Errorf("desk: call %s: %w", r.Call.ID, err)
	}
	tx, err := b.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("desk: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo after the commit
	if _, err := tx.ExecContext(ctx, `INSERT INTO call (id, lane, open, call, context) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET open = excluded.open, call = excluded.call, context = excluded.context`,
		r.Call.ID, r.Call.Lane, r.Call.State.Open(), string(call), string(about)); err != nil {
		return fmt.Errorf("desk: call %s: %w", r.Call.ID, err)
	}
	if err := putNotices(ctx, tx, r.Call, exits, now); err != nil {
		return fmt.Errorf("desk: call %s: %w", r.Call.ID, err)
	}
	if r.Call.State.Open() { // an undone settlement was no contact yet
		_, err = tx.ExecContext(ctx, `DELETE FROM contact WHERE id = ?`, r.Call.ID)
	} else {
		err = putContact(ctx, tx, r)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return fmt.Errorf("desk: call %s: %w", r.Call.ID, err)
	}
	return nil
}

func putContact(ctx context.Context, tx *sql.Tx, r record) error {
	c := r.Call
	tiers, err := json.Marshal(c.Path)
	if err != nil {
		return err
	}
	article := ""
	if n := len(r.Context.Items); n > 0 {
		article = r.Context.Items[n-1].Code
	}
	device := ""
	if c.Reason.Area() == help.AreaDevice {
		device = string(c.Reason)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO contact (id, lane, number, area, reason, phase, channel, language, priority, raised_at,
		seen_ms, claim_ms, settle_ms, tiers, "by", remote, outcome, state, before, rating, solved, verdict, article, device, member)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, NULL, '', ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET claim_ms = excluded.claim_ms, settle_ms = excluded.settle_ms, tiers = excluded.tiers,
		"by" = excluded."by", remote = excluded.remote, outcome = excluded.outcome, state = excluded.state`,
		c.ID, c.Lane, r.Context.Number, string(c.Reason.Area()), string(c.Reason), string(c.Reason.Phase()), c.Channel, c.Language,
		int(c.Priority), c.RaisedAt.Format(time.RFC3339Nano), since(c, c.SeenAt), since(c, c.ClaimedAt), since(c, c.EndedAt),
		string(tiers), c.By, c.Remote, c.Outcome, string(c.State), c.Before, article, device, r.Context.Member)
	return err
}

// since is the time from raising to a moment in milliseconds, nil if there was none.
func since(c help.Call, at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.Sub(c.RaisedAt).Milliseconds()
}

// rate keeps what the shopper thought of it.
func (b *book) rate(ctx context.Context, id string, rating int, solved *bool) error {
	_, err := b.db.Writer().ExecContext(ctx, `UPDATE contact SET rating = CASE WHEN ?2 > 0 THEN ?2 ELSE rating END,
		solved = coalesce(?3, solved) WHERE id = ?1`, id, rating, solved)
	if err != nil {
		return fmt.Errorf("desk: call %s: %w", id, err)
	}
	return nil
}

// judge keeps how the attendant found the call.
func (b *book) judge(ctx context.Context, id, by, verdict string) error {
	_, err := b.db.Writer().ExecContext(ctx, `UPDATE contact SET verdict = ? WHERE id = ? AND "by" = ?`, verdict, id, by)
	if err != nil {
		return fmt.Errorf("desk: call %s: %w", id, err)
	}
	return nil
}

// read keeps which articles were looked at before the call, and what was
// searched for in vain.
func (b *book) read(ctx context.Context, call, lane string, all []wire.Read, at time.Time) error {
	for _, r := range all {
		if _, err := b.db.Writer().ExecContext(ctx, `INSERT INTO reading (call, lane, article, search, at) VALUES (?, ?, ?, ?, ?)`,
			call, lane, r.Article, r.Search, at.Format(time.RFC3339Nano)); err != nil {
			return fmt.Errorf("desk: reading: %w", err)
		}
	}
	return nil
}

func (b *book) close() error { return b.db.Close() }
