package desk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"kassa/kiosk/help"
	"kassa/kiosk/help/talk"
	"kassa/store/wire"
)

// talkTable keeps what shopper and agent said in each call, in its order. member
// is a shopper's handle, if she agreed to be known; text is free words.
const talkTable = `
CREATE TABLE talk (
	call   TEXT NOT NULL,
	n      INTEGER NOT NULL, -- in the call, from 1
	id     TEXT NOT NULL,
	lane   TEXT NOT NULL,
	number INTEGER NOT NULL, -- of the sale, 0: none
	member TEXT NOT NULL,
	"from" TEXT NOT NULL,    -- agent, shopper
	"by"   TEXT NOT NULL,    -- which agent
	phrase TEXT NOT NULL,
	text   TEXT NOT NULL,
	lang   TEXT NOT NULL,
	at     TEXT NOT NULL,
	PRIMARY KEY (call, n),
	UNIQUE (call, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX talk_sale ON talk (lane, number) WHERE number <> 0;
CREATE INDEX talk_member ON talk (member) WHERE member <> '';
`

// Bounds of a conversation, beside those of package talk.
const (
	burst        = 12 // sayings of one side
	burstIn      = 20 * time.Second
	earlierFor   = 12 * time.Hour // what was said before is shown for so long
	earlierShown = 30
)

// atFormat has as many digits for every moment, so that texts sort as times do.
const atFormat = "2006-01-02T15:04:05.000000000Z"

// ErrTooMuch says that somebody talks faster than anybody reads.
var ErrTooMuch = talk.ErrTooMuch

// Say has an agent say something in an open call: a phrase of the book or free
// words. The same id twice is said once. It is on the disk when Say returns, and
// reaches the lane in its place, at once or when the lane is heard again.
func (d *Desk) Say(ctx context.Context, t wire.Talk) (err error) {
	t.From, t.N, t.Signal = talk.FromAgent, 0, nil
	failed := d.do(ctx, func(ctx context.Context) {
		c, there := d.board.Call(t.Call)
		switch {
		case !there || !c.State.Open():
			err = fmt.Errorf("call %s: %w", t.Call, help.ErrGone)
		case c.By != "" && c.By != t.By:
			err = fmt.Errorf("call %s: %w: %s", t.Call, help.ErrTaken, c.By)
		default:
			err = d.say(ctx, c, t)
		}
	})
	return errors.Join(failed, err)
}

// Answered takes what a lane's shopper says. A lane says it until it comes back
// with its number.
func (d *Desk) Answered(ctx context.Context, lane string, t wire.Talk) (err error) {
	t.From, t.N, t.By, t.Name, t.Text, t.Signal = talk.FromShopper, 0, "", "", "", nil
	failed := d.do(ctx, func(ctx context.Context) {
		c, there := d.board.Call(t.Call)
		switch {
		case !there || !c.State.Open(): // it will hear so
		case c.Lane != lane:
			err = fmt.Errorf("call %s is not lane %s's", t.Call, lane)
		case t.Phrase == "":
			err = fmt.Errorf("call %s: %w", t.Call, talk.ErrPhrase)
		default:
			err = d.say(ctx, c, t)
		}
	})
	return errors.Join(failed, err)
}

// say gives a saying its number, keeps it, and tells the lane. It runs in the
// desk's goroutine.
func (d *Desk) say(ctx context.Context, c help.Call, t wire.Talk) error {
	if err := d.recall(ctx, c); err != nil {
		return err
	}
	said := d.talk[c.ID].said
	if i := slices.IndexFunc(said, func(s wire.Talk) bool { return s.ID == t.ID }); i >= 0 {
		d.pass(c.Lane, said[i])
		return nil
	}
	if err := fit(&t); err != nil {
		return fmt.Errorf("call %s: %w", c.ID, err)
	}
	t.At = d.o.Now()
	recent := 0
	for _, s := range said {
		if s.From == t.From && t.At.Sub(s.At) < burstIn {
			recent++
		}
	}
	if recent >= burst || len(said) >= talk.MaxSayings {
		return fmt.Errorf("call %s: %w", c.ID, ErrTooMuch)
	}
	t.N = len(said) + 1
	about := d.context[c.ID]
	if err := d.book.say(context.WithoutCancel(ctx), c.Lane, about.Number, about.Member, t); err != nil {
		d.fault = err
		return err
	}
	d.talk[c.ID].said = append(slices.Clip(said), t)
	if err := d.via(ctx, c.ID, help.ChannelChat); err != nil {
		return err
	}
	d.pass(c.Lane, t)
	d.show()
	return nil
}

// fit sees that a saying is one: an id, and a phrase of its side's book or words.
func fit(t *wire.Talk) error {
	if t.ID == "" || len(t.ID) > 64 || len(t.Lang) > 20 {
		return talk.ErrText
	}
	t.Args = nil
	if t.Phrase != "" && !talk.Known(t.From, t.Phrase) {
		return talk.ErrPhrase
	}
	if t.Phrase != "" && t.Text == "" {
		return nil
	}
	var err error
	t.Text, err = talk.Free(t.Text)
	return err
}

// Via notes that a channel was used for an open call.
func (d *Desk) Via(ctx context.Context, call, channel string) (err error) {
	failed := d.do(ctx, func(ctx context.Context) { err = d.via(ctx, call, channel) })
	return errors.Join(failed, err)
}

func (d *Desk) via(ctx context.Context, call, channel string) error {
	board, c, changed := d.board.Via(call, channel)
	if changed && !d.keep(ctx, c) {
		return d.fault
	}
	d.board = board
	return nil
}

// pass tells a lane what was said; which agent it was stays here.
func (d *Desk) pass(lane string, t wire.Talk) {
	if d.o.Talk == nil {
		return
	}
	if t.From == talk.FromAgent {
		t.Name = d.o.Name(t.By)
	}
	t.By = ""
	d.o.Talk(lane, t)
}

// resendMost is how much a lane is told again at once.
const resendMost = 40

// Retell tells a lane what it does not have of its open calls: have says, for
// each, up to which number it has all.
func (d *Desk) Retell(ctx context.Context, lane string, have map[string]int) error {
	return d.do(ctx, func(context.Context) {
		left := resendMost
		for _, c := range d.board.Calls {
			has, listed := have[c.ID]
			if c.Lane != lane || !c.State.Open() || !listed {
				continue
			}
			var said []wire.Talk
			if h := d.talk[c.ID]; h != nil {
				said = h.said
			}
			for n := max(has, 0); n < len(said) && left > 0; n++ {
				d.pass(lane, said[n])
				left--
			}
		}
	})
}

// A talked is what is known of an open call's talk.
type talked struct {
	said    []wire.Talk
	earlier []wire.Talk
	number  int64 // of the sale and the member that earlier was asked for
	member  string
}

// recall loads what was said in a call that is open, and before it: in the same
// sale, or to a member who agreed to be known, at whatever lane. It asks the disk
// once, and again when more is known of her.
func (d *Desk) recall(ctx context.Context, c help.Call) error {
	about := d.context[c.ID]
	if have := d.talk[c.ID]; !c.State.Open() || have != nil && have.number == about.Number && have.member == about.Member {
		return nil
	}
	said, err := d.book.said(ctx, `call = ?`, c.ID)
	if err != nil {
		return err
	}
	since := d.o.Now().Add(-earlierFor).UTC().Format(atFormat)
	earlier, err := d.book.said(ctx, `call <> ? AND at >= ? AND (lane = ? AND number = ? AND number <> 0 OR member = ? AND member <> '')`,
		c.ID, since, c.Lane, about.Number, about.Member)
	if err != nil {
		return err
	}
	d.talk[c.ID] = &talked{said, earlier[max(0, len(earlier)-earlierShown):], about.Number, about.Member}
	return nil
}

// said returns what was said in a call and before it, for consoles.
func (d *Desk) said(id string) (now, earlier []wire.Talk) {
	if h := d.talk[id]; h != nil {
		return h.said, h.earlier
	}
	return nil, nil
}

// say writes one saying down.
func (b *book) say(ctx context.Context, lane string, number int64, member string, t wire.Talk) error {
	_, err := b.db.Writer().ExecContext(ctx, `INSERT INTO talk (call, n, id, lane, number, member, "from", "by", phrase, text, lang, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.Call, t.N, t.ID, lane, number, member, t.From, t.By, t.Phrase, t.Text, t.Lang, t.At.UTC().Format(atFormat))
	if err != nil {
		return fmt.Errorf("desk: talk in call %s: %w", t.Call, err)
	}
	return nil
}

// said returns sayings in the order they were said.
func (b *book) said(ctx context.Context, where string, args ...any) (all []wire.Talk, err error) {
	rows, err := b.db.Reader().QueryContext(ctx, //nolint:gosec // the conditions are this file's own
		`SELECT call, n, id, "from", "by", phrase, text, lang, at FROM talk WHERE `+where+` ORDER BY at, n`, args...)
	if err != nil {
		return nil, fmt.Errorf("desk: talk: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var t wire.Talk
		var at string
		if err := rows.Scan(&t.Call, &t.N, &t.ID, &t.From, &t.By, &t.Phrase, &t.Text, &t.Lang, &at); err != nil {
			return nil, fmt.Errorf("desk: talk: %w", err)
		}
		if t.At, err = time.Parse(atFormat, at); err != nil {
			return nil, fmt.Errorf("desk: talk: %w", err)
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// EraseTalk erases the free words and the handle of a member in all that was
// said with them, as they may ask: what is left is phrases of the book.
func EraseTalk(ctx context.Context, db *sql.DB, member string) (int64, error) {
	if member == "" {
		return 0, nil
	}
	done, err := db.ExecContext(ctx, `UPDATE talk SET member = '', text = '' WHERE member = ?`, member)
	if err != nil {
		return 0, fmt.Errorf("desk: talk of a member: %w", err)
	}
	return done.RowsAffected()
}
