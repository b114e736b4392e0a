package hq

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"

	"kassa/store/wire"
)

// headRest is how long a lane's word on its head may be under way while newer
// rows of it arrive on another.
const headRest = time.Minute

// headEvery is how often a lane's head is kept, at most; headStale how old its
// word may have become here before it is worth nothing.
const (
	headEvery = time.Minute
	headStale = 10 * time.Second
)

// Anchor keeps a lane's head as the lane said it a moment ago: the newest row that
// its journal has, be it here or not yet. One that does not fit what is kept goes
// to quarantine, once, and raises an alarm. No hash: the lane said none.
func (h *HQ) Anchor(ctx context.Context, j wire.Journal, head int64, hash string) error {
	if !isHead(head, hash) {
		return nil
	}
	var alarms []Alarm
	err := h.write(ctx, func(b *batch) error {
		key, why, err := unlike(ctx, b.tx, j, head, hash)
		if err != nil {
			return err
		}
		if why == "" {
			_, err = b.tx.Exec(ctx, `INSERT INTO anchor (store, lane, epoch, seq, hash) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
				j.Store, j.Lane, j.Epoch, head, hash)
			return err
		}
		text, err := json.Marshal(wire.Posting{Store: j.Store, Lane: j.Lane, Epoch: j.Epoch, Head: head, HeadHash: hash})
		if err == nil {
			known := hash
			if key.Seq != head {
				known = "" // every head that falls short of the mark is the same news
			}
			alarms, err = b.quarantine(ctx, b.tx, key, known, why, string(text))
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("hq: head of lane %s: %w", j.Lane, err)
	}
	h.sound(ctx, alarms)
	return nil
}

// isHead reports whether that is a head at all: a lane may have none yet.
func isHead(seq int64, hash string) bool {
	b, err := hex.DecodeString(hash)
	return seq > 0 && err == nil && len(b) == 32
}

// unlike says why a lane's head does not fit what is kept, "" if it does, and
// under which number that is noted.
func unlike(ctx context.Context, tx pgx.Tx, j wire.Journal, head int64, hash string) (key wire.Key, why string, err error) {
	key = wire.Key{Store: j.Store, Lane: j.Lane, Epoch: j.Epoch, Seq: head}
	var mark int64
	var at time.Time
	var marked, kept string
	var now time.Time
	err = tx.QueryRow(ctx, `SELECT m.seq, m.hash, m.at, now(), coalesce(encode(j.hash, 'hex'), '') FROM mark AS m
		LEFT JOIN journal AS j ON (j.store, j.lane, j.epoch, j.seq) = (m.store, m.lane, m.epoch, $4)
		WHERE m.store = $1 AND m.lane = $2 AND m.epoch = $3`, j.Store, j.Lane, j.Epoch, head).Scan(&mark, &marked, &at, &now, &kept)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return key, "", nil
	case err != nil:
		return key, "", err
	case kept != "" && kept != hash:
		return key, "the lane's head has another hash than the row that is kept", nil
	case head == mark && hash != marked: // the row itself may have reached its age
		return key, "the lane's head has another hash than the row that was kept", nil
	case head < mark && now.Sub(at) >= headRest: // else it may just have been overtaken
		key.Seq = mark // one for all heads that fall short of it
		return key, fmt.Sprintf("the lane's journal ends before row %d, which it had sent: it was put back or cut", mark), nil
	}
	return key, "", nil
}

// A headGate lets one head of each lane through, once a minute.
type headGate struct {
	mu   sync.Mutex
	last map[[2]string]time.Time
}

func (g *headGate) due(store, lane string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	of := [2]string{store, lane}
	if now.Sub(g.last[of]) < headEvery {
		return false
	}
	if g.last == nil {
		g.last = map[[2]string]time.Time{}
	}
	g.last[of] = now
	return true
}

// A saidHead is a lane's head, and when it was heard.
type saidHead struct {
	wire.Journal
	seq  int64
	hash string
	at   time.Time
}

// heads keeps the heads that lanes behind a hub say, each lane's once a minute.
// What is not heard in time is said again.
func (c *Consumer) heads(ctx context.Context) error {
	said := make(chan saidHead, 1024)
	sub, err := c.NC.Subscribe(wire.AllUp("*", wire.UpState), func(m *nats.Msg) {
		var s wire.LaneState
		store, lane, _, _, ok := wire.Parse(m.Subject)
		if !ok || wire.Decode(m.Data, &s) != nil || s.Lane != lane || len(s.Epoch) == 0 || len(s.Epoch) > 64 || !isHead(s.Head, s.HeadHash) {
			return
		}
		select {
		case said <- saidHead{wire.Journal{Store: store, Lane: lane, Epoch: clean(s.Epoch)}, s.Head, s.HeadHash, time.Now()}:
		default:
		}
	})
	if err != nil {
		return fmt.Errorf("hq: heads: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }() // the connection may be closed
	var gate headGate
	for {
		var s saidHead
		select {
		case <-ctx.Done():
			return nil
		case s = <-said:
		}
		if now := time.Now(); now.Sub(s.at) > headStale || !gate.due(s.Store, s.Lane, now) {
			continue
		}
		if err := c.HQ.Anchor(ctx, s.Journal, s.seq, s.hash); errors.Is(err, ErrLost) {
			return err
		} else if err != nil && ctx.Err() == nil {
			c.Log.WarnContext(ctx, "a lane's head was not kept", "store", s.Store, "lane", s.Lane, "err", err)
		}
	}
}
