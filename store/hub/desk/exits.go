package desk

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"kassa/kiosk/help"
)

// An Exit is a webhook or a pager. Send tells it of a call, once more if it was
// not heard; call and tier name what is told, so that twice can be known for once.
type Exit interface {
	Send(ctx context.Context, c help.Call) error
}

// noticeTable keeps which exits must still be told of which calls. A notice is
// written together with the call that says so, and goes when the exit has it.
const noticeTable = `
CREATE TABLE notice (
	exit  TEXT NOT NULL,
	call  TEXT NOT NULL,
	tier  INTEGER NOT NULL,  -- that was asked when it was due
	tries INTEGER NOT NULL,  -- in vain
	at    TEXT NOT NULL,
	PRIMARY KEY (exit, call)
) STRICT, WITHOUT ROWID;
`

// An exit that does not take a notice is tried again after a pause that grows
// from exitFirst to exitMost, as long as the call is open.
const (
	exitFirst = 2 * time.Second
	exitMost  = time.Minute
)

// openExits lets go of what no exit needs to hear any more. What an exit must hear
// that this start does not know stays while its call is open: it may be back.
func (d *Desk) openExits(ctx context.Context) error {
	d.wake = map[string]chan struct{}{}
	for name := range d.o.Exits {
		d.wake[name] = make(chan struct{}, 1)
	}
	_, err := d.book.sweep(ctx, d.o.Now())
	return err
}

// there are the exits among those named that the hub has.
func (d *Desk) there(ctx context.Context, c help.Call, exits []string) []string {
	var some []string
	for _, name := range exits {
		if d.o.Exits[name] == nil {
			d.o.Log.WarnContext(ctx, "the policy names an exit that the hub does not have", "exit", name, "call", c.ID)
			continue
		}
		some = append(some, name)
	}
	return some
}

// poke has the exits of an open call look for what they have not been told.
func (d *Desk) poke(c help.Call) {
	if !c.State.Open() {
		return
	}
	for _, name := range c.Told {
		select {
		case d.wake[name] <- struct{}{}: // an exit that is not there has no channel
		default:
		}
	}
}

// runExits tells webhooks and pagers beside the work, each in a goroutine of its
// own: a slow one holds up nobody else. It returns what ends them and waits.
func (d *Desk) runExits(ctx context.Context) (leave func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for name, exit := range d.o.Exits {
		all.Go(func() { d.runExit(ctx, name, exit) })
	}
	return func() {
		cancel()
		all.Wait()
	}
}

// runExit tells one exit what it must still hear, also from before a restart. While
// it pauses, only what it was never told makes it try before the time.
func (d *Desk) runExit(ctx context.Context, name string, exit Exit) {
	pause := time.Duration(0)
	again := time.NewTimer(0)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.wake[name]:
			if pause > 0 && !d.fresh(ctx, name) {
				continue
			}
		case <-again.C:
		}
		told, left := d.tellExit(ctx, name, exit)
		switch {
		case !left:
			pause = 0
			again.Stop()
			if d.sweep(ctx) {
				again.Reset(d.o.Policy.Undo + time.Second)
			}
			continue
		case told > 0:
			pause = 0
		}
		pause = min(max(2*pause, exitFirst), exitMost)
		again.Reset(pause)
	}
}

// tellExit tells an exit of one call after the other until one is not taken, and
// returns how many were, and whether any is left. Those tried least come first:
// a notice that is never taken holds up no other.
func (d *Desk) tellExit(ctx context.Context, name string, exit Exit) (told int, left bool) {
	for ctx.Err() == nil {
		c, _, there, err := d.book.notice(ctx, name)
		if err == nil && !there {
			return told, false
		}
		if err == nil {
			if err = exit.Send(ctx, c); err == nil {
				err = d.book.told(context.WithoutCancel(ctx), name, c.ID)
			} else if ctx.Err() == nil {
				err = errors.Join(err, d.book.tried(ctx, name, c.ID))
			}
		}
		if err != nil {
			if ctx.Err() == nil {
				d.o.Log.WarnContext(ctx, "exit not told: it is told again", "exit", name, "call", c.ID, "err", err)
			}
			return told, true
		}
		told++
		d.used(ctx, exit, c.ID)
	}
	return told, true
}

// sweep lets go of notices of calls that are over, and reports whether some could
// not go yet.
func (d *Desk) sweep(ctx context.Context) (more bool) {
	more, err := d.book.sweep(ctx, d.o.Now().Add(-d.o.Policy.Undo))
	if err != nil && ctx.Err() == nil {
		d.o.Log.WarnContext(ctx, "notices of calls that are over stay for now", "err", err)
	}
	return more
}

// fresh reports whether an exit was never told of a call that waits for it.
func (d *Desk) fresh(ctx context.Context, name string) bool {
	_, tries, there, err := d.book.notice(ctx, name)
	return err == nil && there && tries == 0
}

// used notes in a call that an exit was told. If the desk ends just now, the
// contact does not say so.
func (d *Desk) used(ctx context.Context, exit Exit, id string) {
	by, ok := exit.(interface{ Channel() string })
	if !ok {
		return
	}
	_ = d.do(ctx, func(ctx context.Context) { // a fault of the disk ends the desk
		if board, c, changed := d.board.Via(id, by.Channel()); changed && d.keep(ctx, c) {
			d.board = board
			d.show()
		}
	})
}

// notice is the call that an exit is to be told next: open, as it is now, with
// the tier that it was due for, and how often that was tried.
func (b *book) notice(ctx context.Context, exit string) (c help.Call, tries int, there bool, err error) {
	var text string
	var tier int
	err = b.db.Reader().QueryRowContext(ctx, `SELECT c.call, n.tier, n.tries FROM notice AS n JOIN call AS c ON c.id = n.call
		WHERE n.exit = ? AND c.open ORDER BY n.tries, n.at, n.call LIMIT 1`, exit).Scan(&text, &tier, &tries)
	if errors.Is(err, sql.ErrNoRows) {
		return c, 0, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &c)
	}
	if err != nil {
		return c, 0, false, fmt.Errorf("desk: notices of exit %s: %w", exit, err)
	}
	c.Tier = tier
	return c, tries, true, nil
}

// sweep lets go of notices of calls that were over by then, and reports whether
// there are some of calls that ended since. One that has just been settled may be
// taken back, and its exit must hear of it then.
func (b *book) sweep(ctx context.Context, by time.Time) (more bool, err error) {
	_, err = b.db.Writer().ExecContext(ctx, `DELETE FROM notice WHERE call NOT IN (SELECT id FROM call
		WHERE open OR unixepoch(call ->> 'EndedAt', 'subsec') > ?)`, float64(by.UnixMilli())/1000)
	if err == nil {
		err = b.db.Reader().QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM notice JOIN call ON call.id = notice.call WHERE NOT open)`).Scan(&more)
	}
	if err != nil {
		return false, fmt.Errorf("desk: notices: %w", err)
	}
	return more, nil
}

// told lets go of a notice that was taken.
func (b *book) told(ctx context.Context, exit, call string) error {
	if _, err := b.db.Writer().ExecContext(ctx, `DELETE FROM notice WHERE exit = ? AND call = ?`, exit, call); err != nil {
		return fmt.Errorf("desk: notice of call %s: %w", call, err)
	}
	return nil
}

// tried puts a notice behind those that were tried less.
func (b *book) tried(ctx context.Context, exit, call string) error {
	if _, err := b.db.Writer().ExecContext(ctx, `UPDATE notice SET tries = tries + 1 WHERE exit = ? AND call = ?`, exit, call); err != nil {
		return fmt.Errorf("desk: notice of call %s: %w", call, err)
	}
	return nil
}

// putNotices writes down which exits must be told of a call.
func putNotices(ctx context.Context, tx *sql.Tx, c help.Call, exits []string, at time.Time) error {
	for _, exit := range exits {
		if _, err := tx.ExecContext(ctx, `INSERT INTO notice (exit, call, tier, tries, at) VALUES (?, ?, ?, 0, ?) ON CONFLICT DO NOTHING`,
			exit, c.ID, c.Tier, at.UTC().Format(atFormat)); err != nil {
			return err
		}
	}
	return nil
}
