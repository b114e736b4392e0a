package desk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"kassa/kiosk/help"
	"kassa/store/sqlite"
	"kassa/store/wire"
)

// memberColumn lets a contact that follows another be known for what it is.
// member is the handle of one who agreed to be known.
const memberColumn = `
ALTER TABLE contact ADD COLUMN member TEXT NOT NULL DEFAULT '';
CREATE INDEX contact_sale ON contact (lane, number) WHERE number <> 0;
CREATE INDEX contact_member ON contact (member) WHERE member <> '';
`

// AfterSale raises a call of somebody who has left: from the page of the receipt.
// The same id twice is one call. How many calls the sale had before, the desk
// knows itself.
func (d *Desk) AfterSale(ctx context.Context, lane string, up wire.CallUp) (err error) {
	up.Verb, up.Channel = wire.CallRaise, help.ChannelReceipt
	failed := d.do(ctx, func(ctx context.Context) {
		if up.Context.Calls, err = d.book.before(ctx, lane, up.Context.Number, up.ID); err == nil {
			_, err = d.heard(ctx, lane, up)
		}
	})
	return errors.Join(failed, err)
}

// Rate keeps what a shopper thought of a call that ended: 1 to 3, 0 for nothing;
// solved is "did that solve it?", nil for no answer.
func (d *Desk) Rate(ctx context.Context, id string, rating int, solved *bool) error {
	if rating < 0 || rating > 3 {
		return fmt.Errorf("call %s: rating %d", id, rating)
	}
	return d.book.rate(ctx, id, rating, solved)
}

// A Story is a call as the one who raised it may see it.
type Story struct {
	Call   help.Call
	Note   string
	Talk   []wire.Talk
	Rating int
	Solved *bool
}

// Story returns a call, open or over, with what was said; false: there is none.
func (d *Desk) Story(ctx context.Context, id string) (Story, bool, error) {
	var s Story
	var there bool
	var err error
	if s.Call, s.Note, there, err = d.book.whole(ctx, id); err != nil || !there {
		return s, false, err
	}
	if s.Talk, err = d.book.said(ctx, `call = ?`, id); err != nil {
		return s, false, err
	}
	s.Rating, s.Solved, err = d.book.rated(ctx, id)
	return s, err == nil, err
}

// before counts the calls of a sale, but for the one named.
func (b *book) before(ctx context.Context, lane string, number int64, but string) (n int, err error) {
	err = b.db.Reader().QueryRowContext(ctx, `SELECT count(*) FROM contact WHERE lane = ? AND number = ? AND number <> 0 AND id <> ?`,
		lane, number, but).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("desk: calls of a sale: %w", err)
	}
	return n, nil
}

// whole returns a call as it was last written, and what the shopper wrote.
func (b *book) whole(ctx context.Context, id string) (c help.Call, note string, there bool, err error) {
	c, there, err = b.known(ctx, id)
	if err != nil || !there {
		return c, "", there, err
	}
	err = b.db.Reader().QueryRowContext(ctx, `SELECT coalesce(context ->> 'note', '') FROM call WHERE id = ?`, id).Scan(&note)
	if err != nil {
		return c, "", false, fmt.Errorf("desk: call %s: %w", id, err)
	}
	return c, note, true, nil
}

// rated returns what a shopper thought of a call.
func (b *book) rated(ctx context.Context, id string) (rating int, solved *bool, err error) {
	err = b.db.Reader().QueryRowContext(ctx, `SELECT rating, solved FROM contact WHERE id = ?`, id).Scan(&rating, &solved)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, fmt.Errorf("desk: call %s: %w", id, err)
	}
	return rating, solved, nil
}

// Known is what the desk keeps of a member who agreed to be known.
type Known struct {
	Contacts []Contact `json:"contacts"`
	Talk     []Said    `json:"talk"`
}

// A Contact is one call of a member, as they may ask to see it.
type Contact struct {
	ID       string `json:"id"`
	Lane     string `json:"lane"`
	Number   int64  `json:"number"`
	Reason   string `json:"reason"`
	Channel  string `json:"channel"`
	Language string `json:"language"`
	RaisedAt string `json:"raised_at"`
	Outcome  string `json:"outcome"`
	Rating   int    `json:"rating"`
	Article  string `json:"article"`
}

// Said is one thing said with a member.
type Said struct {
	Call   string    `json:"call"`
	From   string    `json:"from"`
	Phrase string    `json:"phrase,omitempty"`
	Text   string    `json:"text,omitempty"`
	At     time.Time `json:"at"`
}

// Member returns what the desk keeps under a member's handle.
func (r *Reader) Member(ctx context.Context, handle string) (k Known, err error) {
	rows, err := r.DB().QueryContext(ctx, `SELECT id, lane, number, reason, channel, language, raised_at, outcome, rating, article
		FROM contact WHERE member = ? AND member <> '' ORDER BY raised_at`, handle)
	if err != nil {
		return k, fmt.Errorf("desk: contacts of a member: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var c Contact
		if err := rows.Scan(&c.ID, &c.Lane, &c.Number, &c.Reason, &c.Channel, &c.Language, &c.RaisedAt, &c.Outcome, &c.Rating, &c.Article); err != nil {
			return k, fmt.Errorf("desk: contacts of a member: %w", err)
		}
		k.Contacts = append(k.Contacts, c)
	}
	if err := rows.Err(); err != nil {
		return k, fmt.Errorf("desk: contacts of a member: %w", err)
	}
	said, err := (&book{r.db}).said(ctx, `member = ? AND member <> ''`, handle)
	for _, t := range said {
		k.Talk = append(k.Talk, Said{t.Call, t.From, t.Phrase, t.Text, t.At})
	}
	return k, err
}

// Erase takes a member's handle and free words out of the desk in a folder, also
// while the hub runs. What is left counts in reports and leads to nobody: a call
// that is open meanwhile may still bear the handle, which nobody has any more.
func Erase(ctx context.Context, dir, handle string) error {
	if handle == "" {
		return nil
	}
	db, err := sqlite.Open(ctx, filepath.Join(dir, FileName), schema())
	if err != nil {
		return fmt.Errorf("desk: %w", err)
	}
	_, err = EraseTalk(ctx, db.Writer(), handle)
	for _, q := range []string{
		`UPDATE call SET context = json_remove(context, '$.member', '$.note') WHERE context ->> 'member' = ?`,
		`UPDATE contact SET member = '' WHERE member = ?`,
	} {
		if err == nil {
			_, err = db.Writer().ExecContext(ctx, q, handle)
		}
	}
	if err != nil {
		err = fmt.Errorf("desk: erase: %w", err)
	}
	return errors.Join(err, db.Close())
}
